package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

var (
	_ resource.Resource               = (*searchProfileResource)(nil)
	_ resource.ResourceWithConfigure  = (*searchProfileResource)(nil)
	_ resource.ResourceWithModifyPlan = (*searchProfileResource)(nil)
)

func newSearchProfileResource() resource.Resource { return &searchProfileResource{} }

// searchProfileResource has neither import nor identity: creating a profile with the same arguments finds it, and nothing lists them.
type searchProfileResource struct{ data *providerData }

func (r *searchProfileResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_search_profile"
	resp.ResourceBehavior.ProviderDeferred = plannedWhenDeferred
}

func (r *searchProfileResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const another = " Changing this creates another profile."
	mustText := func(description string, limit int) schema.StringAttribute {
		return schema.StringAttribute{
			MarkdownDescription: description + another, Required: true, Validators: []validator.String{requiredText(limit)},
		}
	}
	mayText := func(description string, limit int) schema.StringAttribute {
		return schema.StringAttribute{
			MarkdownDescription: description + another, Optional: true, Validators: []validator.String{orderText(limit)},
		}
	}
	maySet := func(description string) schema.SetAttribute {
		return schema.SetAttribute{
			MarkdownDescription: description + another, Optional: true,
			ElementType: types.StringType, Validators: []validator.Set{elementsCheck{}},
		}
	}
	computed := func(description string) schema.StringAttribute {
		return schema.StringAttribute{
			MarkdownDescription: description, Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		}
	}

	resp.Schema = schema.Schema{
		MarkdownDescription: "Creates a search profile: the description of an ideal customer that discovery orders refer to. The " +
			"newest version of the API takes orders only from a search profile. An API that follows the Discovery Order Guide " +
			"has none.\n\n" +
			"The API can neither change nor delete a profile. Changing an argument creates another profile, and destroying the " +
			"resource only makes Terraform forget the profile. A new profile has a new `id`, so **orders that refer to it are " +
			"replaced, which places new paid orders**.\n\n" +
			"Changes in leading or trailing white space, in line endings (LF, CRLF) or in the order of elements never create " +
			"another profile.\n\n" +
			"Requires the scopes `orders:read` and `orders:write`.",
		Attributes: map[string]schema.Attribute{
			"name":                   mustText("Name of the profile, at most 500 characters.", 500),
			"ideal_customer_profile": mustText("Description of the ideal customer, at most 5,000 characters.", 5000),
			"seller_offering":        mustText("What your company sells, at most 5,000 characters. Used to score matches.", 5000),
			"target_countries": schema.SetAttribute{
				MarkdownDescription: "Countries to search in, at least one. The API documentation shows both English names " +
					"(`Germany`) and ISO codes (`DE`)." + another,
				Required:    true,
				ElementType: types.StringType,
				Validators:  []validator.Set{elementsCheck{required: true}},
			},

			"seller_industry":     mayText("Your company's industry, at most 1,000 characters.", 1000),
			"target_cities":       maySet("Cities to focus on."),
			"target_industries":   maySet("Industries to search in."),
			"excluded_industries": maySet("Industries to leave out."),
			"contact_roles":       maySet("Roles of the people to find, such as `CEO`."),
			"output_language":     mayText("Language of the results, such as `en` or `de`, at most 10 characters.", 10),
			"keepers": schema.MapAttribute{
				MarkdownDescription: "Arbitrary strings. Use them to create another profile with the same content, for example " +
					"after one that `FAILED`. Not sent to the API." + another,
				Optional:    true,
				ElementType: types.StringType,
			},
			"timeouts": schema.SingleNestedAttribute{
				MarkdownDescription: "How long to wait for the profile. Updated in place.",
				Optional:            true,
				CustomType:          timeouts.Type{ObjectType: types.ObjectType{AttrTypes: profileTimeoutTypes}},
				Attributes: map[string]schema.Attribute{
					"create": schema.StringAttribute{
						MarkdownDescription: "A Go duration such as `15m`, at least `1ms`. Defaults to `10m`. After that, the " +
							"run fails, and the next apply waits for the same profile.",
						Optional:   true,
						Validators: []validator.String{durationValidator{min: time.Millisecond}},
					},
				},
			},

			"id":          computed("ID of the profile, for `profile_id` of an order."),
			"creation_id": computed("ID of the request that created the profile."),
			"status":      computed("Status of that request. Always `SUCCEEDED`, because a profile is in state only after that."),
		},
	}
}

func (r *searchProfileResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = unwrapProviderData(req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan decides whether the profile is replaced: what is only spelled differently stays as state has it. The ledger of orders hears
// of each plan, since an order does not know the id of a profile that is yet to be created.
func (r *searchProfileResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state searchProfileModel
	if !req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	}
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	switch {
	case req.Plan.Raw.IsNull():
		refuseRenamed(&resp.Diagnostics, r.data.ledger().forgetProfile(state))
		return
	case req.State.Raw.IsNull():
		refuseRenamed(&resp.Diagnostics, r.data.ledger().createProfile(plan))
		r.data.checkKey(ctx, &resp.Diagnostics, scopeOrdersRead, scopeOrdersWrite)
		return
	}
	r.data.ledger().keepProfile(state.ID.ValueString())
	held := state.arguments()
	for i, planned := range plan.arguments() {
		switch prior := held[i].value; {
		case !sameArgument(planned.name, prior, planned.value):
			resp.RequiresReplace.Append(path.Root(planned.name))
		case !prior.IsNull() && !planned.value.IsNull():
			// Terraform lets a provider keep the prior value only where there is one on both sides.
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(planned.name), prior)...)
		}
	}
}

// Create leaves no state when it fails: the next one finds the same creation.
func (r *searchProfileResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.data.ledger().startApplying()
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var plan searchProfileModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	timeout, diags := plan.Timeouts.Create(ctx, defaultProfileTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	profile, err := r.data.client.EnsureSearchProfile(bounded, plan.toAPI(), r.data.pollInterval)
	if err != nil {
		addAPIError(&resp.Diagnostics, "create", "search profile", err, searchProfileArgumentNames()...)
		return
	}
	plan.made(profile)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Read asks nothing. A profile does not change, and one that the API does not show must not be dropped: a new one has a new id, which
// would order again.
func (r *searchProfileResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update sends nothing: only timeouts, and the spelling of arguments, change in place.
func (r *searchProfileResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.data.ledger().startApplying()
	var plan searchProfileModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Delete forgets the profile: the API cannot delete one.
func (r *searchProfileResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.data.ledger().startApplying()
	var state searchProfileModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.AddWarning("Search profile forgotten, not deleted",
		fmt.Sprintf("The search profile %s (%s) stays at OpenProspect, because the API cannot delete it. Terraform no longer "+
			"manages it. A resource with the same arguments and keepers finds it again instead of creating another.",
			knownText(state.Name), state.ID.ValueString()))
}

func adviceForFailedProfile(failed *openprospect.SearchProfileFailedError) string {
	if failed.Attempts > 0 {
		return "No profile is in state. Change the arguments. To try again with the same ones, add or change a value of keepers, " +
			"which starts a new creation."
	}
	return "No profile is in state. If the API says what is wrong with the arguments, correct them. Apply again, which starts a " +
		"new creation. If it fails again with the same message, add or change a value of keepers, or send the ID of the creation " +
		"to OpenProspect's support."
}

// Advice on the other errors of a profile creation.
const (
	adviceForProfileKey = "The API may have created this profile before and no longer know its arguments, or it rejects every " +
		"key that was used once. Add or change a value of keepers and apply again. That uses another key and creates another " +
		"profile. An unused profile does no harm."
	adviceForProfileNotReady = "Apply again. The provider then waits for the same creation and starts no other. timeouts.create " +
		"limits how long one apply waits."
	adviceForNoProfiles = "This API follows the Discovery Order Guide, in which each order describes the ideal customer itself. " +
		"Remove openprospect_search_profile. In openprospect_discovery_order, set ideal_customer_profile, seller_offering and " +
		"target_countries instead of profile_id. If this API is meant to have search profiles, check base_url."
	adviceForWantedProfile = "This API takes orders only from a search profile. No order was placed. Create an " +
		"openprospect_search_profile. In the order, set profile_id to its id and briefing_quantity to the number of companies " +
		"that you want. Leave out what the profile describes (ideal_customer_profile, seller_offering, target_countries and so " +
		"on). See the guide \"Ordering from a search profile\"."
)
