package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

var (
	_ resource.Resource                     = (*discoveryOrderResource)(nil)
	_ resource.ResourceWithConfigure        = (*discoveryOrderResource)(nil)
	_ resource.ResourceWithConfigValidators = (*discoveryOrderResource)(nil)
	_ resource.ResourceWithValidateConfig   = (*discoveryOrderResource)(nil)
	_ resource.ResourceWithModifyPlan       = (*discoveryOrderResource)(nil)
	_ resource.ResourceWithImportState      = (*discoveryOrderResource)(nil)
	_ resource.ResourceWithIdentity         = (*discoveryOrderResource)(nil)
)

// resumeByApply says what to do about a wait that was cut short.
const resumeByApply = "The order is in state. The next apply continues to wait and places no other order."

func newDiscoveryOrderResource() resource.Resource { return &discoveryOrderResource{} }

type discoveryOrderResource struct{ data *providerData }

func (r *discoveryOrderResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_discovery_order"
	resp.ResourceBehavior.ProviderDeferred = plannedWhenDeferred
}

func (r *discoveryOrderResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{
				Description:       "ID (UUID) of the order, as shown in the dashboard.",
				RequiredForImport: true,
			},
		},
	}
}

func (r *discoveryOrderResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const newOrder = " Changing this places a new order."
	const unlessProfile = " Required unless both `profile_id` and `briefing_quantity` are set."
	requiredText := func(description string, limit int) schema.StringAttribute {
		return schema.StringAttribute{
			MarkdownDescription: description + newOrder,
			Required:            true,
			Validators:          []validator.String{requiredText(limit)},
		}
	}
	optionalText := func(description string, checks ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description + newOrder, Optional: true, Validators: checks}
	}
	requiredSet := func(description string) schema.SetAttribute {
		return schema.SetAttribute{
			MarkdownDescription: description + " At least one." + newOrder,
			Required:            true,
			ElementType:         types.StringType,
			Validators:          []validator.Set{elementsCheck{required: true}},
		}
	}
	optionalSet := func(description string, element func(string) error) schema.SetAttribute {
		return schema.SetAttribute{
			MarkdownDescription: description + newOrder,
			Optional:            true,
			ElementType:         types.StringType,
			Validators:          []validator.Set{elementsCheck{element: element}},
		}
	}
	computedText := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	timeout := func(description string) schema.StringAttribute {
		return schema.StringAttribute{
			MarkdownDescription: description + " A Go duration such as `90m` or `48h`, at least `1ms`. Defaults to `60m`.",
			Optional:            true,
			Validators:          []validator.String{durationValidator{min: time.Millisecond}},
		}
	}
	option := func(description string) schema.BoolAttribute {
		return schema.BoolAttribute{
			MarkdownDescription: description + " Defaults to `false`. Updated in place.",
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(false),
		}
	}

	resp.Schema = schema.Schema{
		MarkdownDescription: "Places a discovery order: OpenProspect searches for companies that match an ideal customer " +
			"profile.\n\n" +
			"An order is **reviewed by people, costs money, and can be neither changed nor cancelled** through the API. Almost " +
			"every change places a new order beside the old one, and the plan warns about it. Destroying the resource only makes " +
			"Terraform forget the order.\n\n" +
			"Changes in leading or trailing white space, in line endings (LF, CRLF) or in the order of elements never place a " +
			"new order.",
		Attributes: map[string]schema.Attribute{
			"title": requiredText("Name of the order, at most 500 characters.", 500),
			"features": requiredSet("What to find out about each company: `COMPANY_DATA`, `CONTACTS`, `ANALYSIS`, " +
				"`TECHNOLOGIES`, `EMAIL_DISCOVERY`. Other values show a warning and are sent, because the API may add features."),
			"ideal_customer_profile": optionalText("Description of the ideal customer, at most 5,000 characters."+unlessProfile+
				" The API does not return it, so it cannot be imported, and changes outside Terraform are not detected.", orderText(5000)),
			"seller_offering": optionalText("What your company sells, at most 5,000 characters. Used to score matches."+unlessProfile,
				orderText(5000)),
			"target_countries": optionalSet("Countries to search in, as English names such as `Germany`. ISO codes such as `DE` "+
				"appear in newer API documentation. Other values show a warning and are sent."+unlessProfile, nil),

			"seller_industry":     optionalText("Your company's industry, at most 1,000 characters.", orderText(1000)),
			"target_cities":       optionalSet("Cities to focus on.", nil),
			"excluded_industries": optionalSet("Industries to leave out.", nil),
			"output_language":     optionalText("Language of the results, such as `en` or `de`, at most 10 characters.", orderText(10)),
			"blacklist_ids": optionalSet("IDs (UUIDs) of the blacklists whose companies to leave out. You can only set them when "+
				"the order is placed. The entries must exist by then: refer to "+
				"`openprospect_blacklist_entries.<name>.blacklist_id` and not to the blacklist. For single "+
				"`openprospect_blacklist_entry` resources, refer to the blacklist and add `depends_on` with the entries. Not "+
				"returned by the API.", checkBlacklistID),
			"priority": optionalText("`NORMAL` (the default of the API) or `EXPRESS`.",
				stringvalidator.OneOf(priorityNormal, "EXPRESS")),
			"webhook_url": schema.StringAttribute{
				MarkdownDescription: "`https` URL that OpenProspect calls when the status of the order changes. Sensitive, " +
					"because it may contain a token. State stores it in plain text." + newOrder,
				Optional:   true,
				Sensitive:  true,
				Validators: []validator.String{orderText(0), isHTTPSURL()},
			},
			"contact_roles": optionalSet("Roles of the people to find, such as `CEO`. Not returned by the API.", nil),
			"profile_name": optionalText("Name of the search profile that the order creates, at most 500 characters. The API "+
				"cannot delete this profile. Conflicts with `profile_id`. Not returned by the API.", orderText(500)),
			"profile_id": optionalText("ID (UUID) of an existing search profile. Conflicts with `profile_name`. Not returned by the API.", isUUID()),
			"briefing_quantity": schema.Int64Attribute{
				MarkdownDescription: "Number of qualified companies to find, at least 1. Older versions of the API do not " +
					"support it." + newOrder,
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
			"keepers": schema.MapAttribute{
				MarkdownDescription: "Arbitrary strings, such as `{ quarter = \"2026-Q1\" }`. Not sent to the API." + newOrder,
				Optional:            true,
				ElementType:         types.StringType,
			},

			"wait_for_completion": option("Whether to wait until the order is completed. People review orders, so this can take " +
				"days. The next apply resumes an interrupted wait. If the order ends in another status, a new order shows a " +
				"warning, and a resumed wait fails."),
			"timeouts": schema.SingleNestedAttribute{
				MarkdownDescription: "How long to wait for the blacklists of the order, and for the order if " +
					"`wait_for_completion` is `true`. Updated in place.",
				Optional:   true,
				CustomType: timeouts.Type{ObjectType: types.ObjectType{AttrTypes: orderTimeoutTypes}},
				Attributes: map[string]schema.Attribute{
					"create": timeout("How long to wait for a new order. After that, the order is in state, and the run ends " +
						"with a warning. Before it places the order, the provider waits at most this long for other resources " +
						"that change its blacklists. After that, the run fails, and no order is placed."),
					"update": timeout("How long to wait when an apply resumes a wait. After that, the run fails, and the order " +
						"stays in state."),
				},
			},
			"deletion_policy": schema.StringAttribute{
				MarkdownDescription: "What happens when a plan destroys or replaces the order. `ABANDON` (the default) makes " +
					"Terraform forget the order, with a warning. `PREVENT` makes the plan fail. To destroy or replace a " +
					"protected order, apply `ABANDON` first. Updated in place.",
				Optional:   true,
				Computed:   true,
				Default:    stringdefault.StaticString(deletionPolicyAbandon),
				Validators: []validator.String{stringvalidator.OneOf(deletionPolicyAbandon, deletionPolicyPrevent)},
			},
			"allow_duplicate": option("Whether to place the order even if one that looks the same was placed in the last 24 hours, " +
				"or if another resource of the plan forgets the same order. Otherwise both are errors: see " +
				"[Placed once](#placed-once) and [Renaming an order](#renaming-an-order)."),
			"allow_empty_blacklists": option("Whether to place the order even if one of its blacklists has no entries."),

			"id": computedText("ID of the order."),
			"status": computedText("Status of the order: `RECEIVED`, `ACCEPTED`, `IN_PROGRESS`, `COMPLETED`, `CANCELLED`, " +
				"`REJECTED` or `FAILED`. The API may add others."),
			"company_count": schema.Int64Attribute{
				MarkdownDescription: "Number of companies found. 0 at first.",
				Computed:            true,
			},
			"estimated_cost": schema.SingleNestedAttribute{
				MarkdownDescription: "Estimated cost of the order. Null until it is known.",
				Computed:            true,
				Attributes: map[string]schema.Attribute{
					"total":    schema.Float64Attribute{MarkdownDescription: "Amount.", Computed: true},
					"currency": schema.StringAttribute{MarkdownDescription: "Currency of the amount.", Computed: true},
				},
			},
			"prospect_search_id": computedText("ID of the prospect search that finds the companies. Null at first."),
			"admin_notes":        computedText("Notes from OpenProspect, such as why an order was rejected."),
			"message":            computedText("Message from the API when it accepted the order."),
			"created_at":         computedText("When the order was placed. Known after the first refresh."),
			"accepted_at":        computedText("When the order was accepted."),
			"completed_at":       computedText("When the order was completed."),
			"cancelled_at":       computedText("When the order was cancelled."),
		},
	}
}

func (r *discoveryOrderResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = unwrapProviderData(req.ProviderData, &resp.Diagnostics)
}

func (r *discoveryOrderResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{
		resourcevalidator.Conflicting(path.MatchRoot("profile_id"), path.MatchRoot("profile_name")),
	}
}

// ValidateConfig looks for what describes the ideal customer. Create looks again, when all is known.
func (r *discoveryOrderResource) ValidateConfig(
	ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse,
) {
	var config discoveryOrderResourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	config.requireDescription(&resp.Diagnostics)
}

// Create places the order. Once the API has accepted it nothing is an error
// any more: an error would taint the resource, and Terraform replaces what is
// tainted, which would place the order a second time.
func (r *discoveryOrderResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.ledger().startApplying()
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var plan discoveryOrderResourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	timeout, diags := plan.Timeouts.Create(ctx, defaultOrderTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(canBeSaved(ctx, plan, resp.State)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.requireDescription(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	request := plan.toAPICreate()
	wait := blacklistsWait{r.data, request.BlacklistIDs, time.Now(), timeout}
	if addNotPlaced(&resp.Diagnostics, wait.await(ctx)) {
		return
	}
	if !plan.AllowEmptyBlacklists.ValueBool() {
		r.refuseEmptyBlacklists(ctx, request.BlacklistIDs, &resp.Diagnostics)
		if resp.Diagnostics.HasError() {
			return
		}
	}

	r.data.orderReader.StopSharing()
	notPlaced := func() {}
	placement, err := r.data.orders.Place(ctx, request, openprospect.PlaceOptions{
		AllowDuplicate: plan.AllowDuplicate.ValueBool(),
		Ready: func(ctx context.Context) error {
			err := wait.await(ctx)
			if err == nil {
				notPlaced = r.data.placed.add(request.Title, request.BlacklistIDs)
			}
			return err
		},
	})
	if err != nil {
		notPlaced()
		if addNotPlaced(&resp.Diagnostics, err) {
			return
		}
		addAPIError(&resp.Diagnostics, "place", "discovery order", err, orderArgumentNames()...)
		return
	}

	order := &placement.Order
	plan.accepted(order)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), plan.ID)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	if placement.Recovered {
		addWarning(&resp.Diagnostics, recoveredMessage(order.ID))
	}
	if !plan.WaitForCompletion.ValueBool() {
		return
	}
	waited := orderWait{id: order.ID, order: order}
	if !order.Terminal() {
		waited = waitForOrder(ctx, r.data, order.ID, order.Status, timeout)
	}
	if waited.order != nil {
		plan.merge(waited.order)
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
	if problem, ok := waited.problem(resumeByApply); !ok {
		addWarning(&resp.Diagnostics, problem)
	}
	if openprospect.IsNotFound(waited.err) {
		setPrivate(ctx, resp.Private, markNotFound, true, &resp.Diagnostics)
	}
}

func (r *discoveryOrderResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var state discoveryOrderResourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	imported := isImported(ctx, req.Private, state, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	id := state.ID.ValueString()
	r.data.orders.Remember(id)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), state.ID)...)

	firstRead := imported && state.Status.IsNull()
	read := r.data.orderReader.Read
	if firstRead {
		// State adopts the arguments that this read shows. A row of the list may cut them, and then the next plan would place the order again.
		read = r.data.client.GetOrder
	}
	order, err := read(ctx, id)
	switch {
	case openprospect.IsNotFound(err) && !firstRead:
		// The order may only be invisible to this key (U20). Dropping it would plan to place it again.
		addWarning(&resp.Diagnostics, invisibleMessage(id, state.Status.ValueString()))
		setPrivate(ctx, resp.Private, markNotFound, true, &resp.Diagnostics)
		r.ledger().read(heldOrder{state, imported, true})
		return
	case err != nil:
		addAPIError(&resp.Diagnostics, "read", "discovery order "+id, err)
		return
	case !isDiscovery(order, &resp.Diagnostics):
		return
	}

	if order.Terminal() && order.Status != openprospect.StatusCompleted && !state.terminal() {
		addWarning(&resp.Diagnostics, endedMessage(order))
	}
	state.merge(order)
	if imported {
		state.adopt(order)
	}
	r.ledger().read(heldOrder{state, imported, false})
	clearMark(ctx, resp.Private, markNotFound, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// Update sends nothing: what can change in place is the provider's own. It
// waits for the order where the plan says so, and may fail, since Terraform
// does not taint what failed to update.
func (r *discoveryOrderResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.ledger().startApplying()
	var plan, state discoveryOrderResourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := plan.Timeouts.Update(ctx, defaultOrderTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	waiting := plan.Status.IsUnknown() && plan.WaitForCompletion.ValueBool()
	if waiting && !r.data.ready(&resp.Diagnostics) {
		return
	}

	plan.ID = state.ID
	plan.orderProgressModel = state.orderProgressModel
	clearMark(ctx, resp.Private, markImported, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), plan.ID)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	if !waiting || resp.Diagnostics.HasError() {
		return
	}

	r.data.orders.Remember(plan.ID.ValueString())
	waited := waitForOrder(ctx, r.data, plan.ID.ValueString(), plan.Status.ValueString(), timeout)
	if waited.order != nil {
		plan.merge(waited.order)
		if !state.CreatedAt.IsNull() {
			// The plan has promised it, see expectProgress.
			plan.CreatedAt = state.CreatedAt
		}
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
	if problem, ok := waited.problem(resumeByApply); !ok {
		addError(&resp.Diagnostics, problem)
	}
	if openprospect.IsNotFound(waited.err) {
		setPrivate(ctx, resp.Private, markNotFound, true, &resp.Diagnostics)
	}
}

// Delete forgets the order: the API can neither cancel nor delete one (U30).
func (r *discoveryOrderResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.ledger().startApplying()
	var state discoveryOrderResourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id, status := state.ID.ValueString(), state.Status.ValueString()
	if state.DeletionPolicy.ValueString() == deletionPolicyPrevent {
		// Plans are refused already, except for what is tainted and was not read, or changed as well.
		addError(&resp.Diagnostics, preventedMessage(replacedOrderFrom(state), nil))
		return
	}
	if r.data.configured() {
		r.data.orders.Remember(id)
	}
	addWarning(&resp.Diagnostics, forgottenMessage(id, status))
}

func (r *discoveryOrderResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id := types.StringValue(req.ID)
	if req.ID == "" && req.Identity != nil {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("id"), &id)...)
	}
	id = types.StringValue(trimmed(id))
	if checkUUID(id.ValueString()) != nil {
		resp.Diagnostics.AddError("Invalid import ID",
			fmt.Sprintf("Cannot import %q. Orders are imported by UUID. data.openprospect_discovery_orders lists them.", id.ValueString()))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), id)...)
	setPrivate(ctx, resp.Private, markImported, true, &resp.Diagnostics)
}

// canBeSaved tries out the state that is to be saved once the order is placed:
// afterwards nothing may fail.
func canBeSaved(ctx context.Context, plan discoveryOrderResourceModel, state tfsdk.State) diag.Diagnostics {
	plan.accepted(&openprospect.Order{})
	return state.Set(ctx, &plan)
}

// waitForOrder waits until the order ends, the time is over or the run is to stop.
func waitForOrder(ctx context.Context, data *providerData, id, status string, timeout time.Duration) orderWait {
	data.orderReader.StopSharing()
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	order, err := data.client.WaitForOrder(bounded, id, data.pollInterval, nil)
	return orderWait{id: id, status: status, order: order, err: err, timeout: timeout, interrupted: ctx.Err() != nil}
}
