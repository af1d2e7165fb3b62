package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

var (
	_ resource.Resource                     = (*blacklistEntryResource)(nil)
	_ resource.ResourceWithConfigure        = (*blacklistEntryResource)(nil)
	_ resource.ResourceWithConfigValidators = (*blacklistEntryResource)(nil)
	_ resource.ResourceWithIdentity         = (*blacklistEntryResource)(nil)
	_ resource.ResourceWithImportState      = (*blacklistEntryResource)(nil)
	_ resource.ResourceWithModifyPlan       = (*blacklistEntryResource)(nil)
)

// entryFieldNames are the attributes that a fault found by the API may be about.
var entryFieldNames = []string{"company_name", "website_url", "city", "country", "external_id"}

func newBlacklistEntryResource() resource.Resource { return &blacklistEntryResource{} }

type blacklistEntryResource struct {
	data *providerData
}

func (r *blacklistEntryResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blacklist_entry"
	resp.ResourceBehavior.ProviderDeferred = plannedWhenDeferred
	// An update adds a new row and removes the old one, and the row's id is part of the identity.
	resp.ResourceBehavior.MutableIdentity = true
}

func (r *blacklistEntryResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages one company on a blacklist. Set at least one of `external_id`, `website_url` and " +
			"`company_name`. Matching by `website_url` is the most reliable.\n\n" +
			"The API cannot change an entry. A change adds the new entry and then removes the old one, so the company stays " +
			"excluded and `id` changes. Changes in case, spaces, `https://`, `www.` or the path of the website are ignored.\n\n" +
			"If the blacklist already contains exactly this entry, the resource takes it over, with a warning. If it contains " +
			"the same company with other fields, creating the resource fails, and the error shows the import command.\n\n" +
			"The provider reads all entries of a blacklist together, at one request per 100 entries, and also writes them in " +
			"batches.",
		Attributes: map[string]schema.Attribute{
			"blacklist_id": schema.StringAttribute{
				MarkdownDescription: "ID of the blacklist. Changing this replaces the resource.",
				Required:            true,
				Validators:          []validator.String{notBlankValidator{required: true}},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"company_name": schema.StringAttribute{
				MarkdownDescription: "Name of the company. Without `external_id` and `website_url`, the API matches by name, and " +
					"by `city` if both sides have one. This is the weakest match.",
				Optional:   true,
				Validators: []validator.String{notBlankValidator{}},
			},
			"website_url": schema.StringAttribute{
				MarkdownDescription: "Website of the company, with or without `https://` and path. The API matches by its " +
					"domain. A value without a registrable domain, such as `localhost`, is an error.",
				Optional:   true,
				Validators: []validator.String{notBlankValidator{}, domainValidator{}},
			},
			"city": schema.StringAttribute{
				MarkdownDescription: "City of the company. Makes a match by name stronger.",
				Optional:            true,
				Validators:          []validator.String{notBlankValidator{}},
			},
			"country": schema.StringAttribute{
				MarkdownDescription: "Country of the company. Not used for matching.",
				Optional:            true,
				Validators:          []validator.String{notBlankValidator{}},
			},
			"external_id": schema.StringAttribute{
				MarkdownDescription: "ID of the company in your own system, compared exactly. Companies that a discovery order " +
					"finds have no such ID, so set `website_url` as well.",
				Optional:   true,
				Validators: []validator.String{notBlankValidator{}},
			},
			"id": schema.StringAttribute{
				MarkdownDescription: "ID of the entry. It changes when a field changes.",
				Computed:            true,
			},
			"match_method": schema.StringAttribute{
				MarkdownDescription: "How the API matches the entry, from strongest to weakest: `external_id`, `website_url`, " +
					"`company_name_and_city` or `company_name`. Known at plan time. Discovery orders skip `external_id` and use the " +
					"next field that is set.",
				Computed: true,
			},
		},
	}
}

func (r *blacklistEntryResource) IdentitySchema(
	_ context.Context,
	_ resource.IdentitySchemaRequest,
	resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"blacklist_id": identityschema.StringAttribute{
				Description:       "ID of the blacklist.",
				RequiredForImport: true,
			},
			"id": identityschema.StringAttribute{
				Description:       "ID of the entry.",
				RequiredForImport: true,
			},
		},
	}
}

func (r *blacklistEntryResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = unwrapProviderData(req.ProviderData, &resp.Diagnostics)
}

func (r *blacklistEntryResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{
		// Nothing else can match a company (U15).
		resourcevalidator.AtLeastOneOf(path.MatchRoot("external_id"), path.MatchRoot("website_url"), path.MatchRoot("company_name")),
	}
}

func (r *blacklistEntryResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state *blacklistEntryModel
	if !req.State.Raw.IsNull() {
		state = new(blacklistEntryModel)
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	owner := ensureOwner(ctx, resp.Private, state.held, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.claim(owner, state.BlacklistID, exclusion.Plan{GivesUp: []exclusion.Entry{state.entry()}}, &resp.Diagnostics)
		return
	}
	var plan blacklistEntryModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	defer func() { r.data.noteFailure(plan.BlacklistID.ValueString(), &resp.Diagnostics) }()
	if resp.Diagnostics.HasError() {
		return
	}
	if state != nil {
		plan.keepSpellings(*state)
	}
	if state != nil && plan.sameRow(*state) {
		plan = *state
	} else {
		warnWeakEntry(&resp.Diagnostics, plan)
	}
	plan.MatchMethod = plan.plannedMatchMethod()
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.claimPlanned(owner, plan, state, &resp.Diagnostics)
	if state == nil {
		r.data.checkBlacklists(ctx, &resp.Diagnostics, "blacklist_id", plan.BlacklistID)
		r.data.checkKey(ctx, &resp.Diagnostics, scopeBlacklistsRead, scopeBlacklistsWrite)
	}
}

// claimPlanned claims what the resource is to have, as far as that is known, and reports what it gives up. The rest is
// claimed at apply, when Terraform plans once more.
func (r *blacklistEntryResource) claimPlanned(owner string, plan blacklistEntryModel, state *blacklistEntryModel, diags *diag.Diagnostics) {
	var planned exclusion.Plan
	if plan.fieldsKnown() {
		planned.Keeps = []exclusion.Entry{plan.entry()}
	}
	if state != nil && !plan.BlacklistID.Equal(state.BlacklistID) {
		r.claim(owner, state.BlacklistID, exclusion.Plan{GivesUp: []exclusion.Entry{state.entry()}}, diags)
		if plan.BlacklistID.IsUnknown() {
			warnUnknownBlacklist(diags, r.data.blacklistText(state.BlacklistID), []exclusion.Entry{state.entry()})
		}
	} else if state != nil && (!plan.fieldsKnown() || !plan.company().Same(state.company())) {
		planned.GivesUp = []exclusion.Entry{state.entry()}
	}
	r.claim(owner, plan.BlacklistID, planned, diags)
}

func (r *blacklistEntryResource) claim(owner string, blacklistID types.String, plan exclusion.Plan, diags *diag.Diagnostics) {
	r.data.claim(owner, blacklistID, "blacklist entry", plan, diags)
}

func (r *blacklistEntryResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var plan blacklistEntryModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	defer func() { r.data.noteFailure(plan.BlacklistID.ValueString(), &resp.Diagnostics) }()
	if resp.Diagnostics.HasError() {
		return
	}

	added, err := r.data.lists.List(plan.BlacklistID.ValueString()).Add(ctx, plan.company())
	if err != nil {
		addAPIError(&resp.Diagnostics, "create", "blacklist entry", err, entryFieldNames...)
		return
	}
	ensureOwner(ctx, resp.Private, nothingHeld, &resp.Diagnostics)
	if added.AlreadyThere {
		warnEntryAdopted(&resp.Diagnostics, plan.BlacklistID.ValueString(), added.Entry)
	} else {
		r.data.warnAddedAfterOrder(&resp.Diagnostics, plan.BlacklistID.ValueString(), 1)
	}
	plan.ID = types.StringValue(added.Entry.ID)
	plan.MatchMethod = plan.plannedMatchMethod()
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

func (r *blacklistEntryResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var state blacklistEntryModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	owner := ownerOf(ctx, req.Private, state.held, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	// The framework wants an identity of a resource that is dropped as well.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)

	blacklistID := state.BlacklistID.ValueString()
	var entry exclusion.Entry
	var found bool
	var err error
	gone := r.data.gone.isGone(blacklistID)
	if !gone {
		entry, found, err = r.data.lists.List(blacklistID).FindID(ctx, state.ID.ValueString())
	}
	switch {
	case gone, openprospect.IsNotFound(err):
		if !gone && !r.data.confirmGone(ctx, blacklistID, err, &resp.Diagnostics) {
			return
		}
		if imported := state.MatchMethod.IsNull(); !imported {
			warnEntriesGone(&resp.Diagnostics, blacklistID, state.company().String()+" is")
		}
		r.data.lists.Discard(owner)
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		addAPIError(&resp.Diagnostics, "read", "blacklist entry", err)
		return
	case !found:
		r.data.lists.Discard(owner)
		resp.State.RemoveResource(ctx)
		return
	}
	state.setEntry(entry.ID, entry.Fields())
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

func (r *blacklistEntryResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var plan, state blacklistEntryModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	defer func() { r.data.noteFailure(state.BlacklistID.ValueString(), &resp.Diagnostics) }()
	if resp.Diagnostics.HasError() {
		return
	}

	plan.ID = state.ID
	plan.MatchMethod = plan.plannedMatchMethod()
	if !plan.sameRow(state) && !r.replaceRow(ctx, &plan, state, resp) {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// replaceRow puts the plan's row in the place of the state's and sets the plan's id.
func (r *blacklistEntryResource) replaceRow(
	ctx context.Context,
	plan *blacklistEntryModel,
	state blacklistEntryModel,
	resp *resource.UpdateResponse,
) bool {
	owner := ownerOf(ctx, resp.Private, state.held, &resp.Diagnostics)
	list := r.data.lists.List(state.BlacklistID.ValueString())
	replaced, err := list.Replace(ctx, owner, state.entry(), plan.company())
	if err != nil {
		addAPIError(&resp.Diagnostics, "update", "blacklist entry", err, entryFieldNames...)
		// Where the old fields had to be put back, they have another id. Otherwise
		// the state stays as it was, and the next apply tries again.
		if replaced.Entry.ID != "" {
			state.ID = types.StringValue(replaced.Entry.ID)
			resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
			resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
		}
		return false
	}
	if replaced.AlreadyThere {
		warnEntryAdopted(&resp.Diagnostics, plan.BlacklistID.ValueString(), replaced.Entry)
	} else {
		r.data.warnAddedAfterOrder(&resp.Diagnostics, plan.BlacklistID.ValueString(), 1)
	}
	plan.ID = types.StringValue(replaced.Entry.ID)
	return true
}

func (r *blacklistEntryResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var state blacklistEntryModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}

	// What another resource has claimed meanwhile stays on the list.
	owner := ownerOf(ctx, req.Private, state.held, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	_, err := r.data.lists.List(state.BlacklistID.ValueString()).Remove(ctx, owner, state.entry())
	if err != nil && !openprospect.IsNotFound(err) {
		addAPIError(&resp.Diagnostics, "delete", "blacklist entry", err)
	}
}

// ImportState takes <blacklist_id>/<entry_id>, or in place of the entry's id a field that only it has.
func (r *blacklistEntryResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var identity blacklistEntryIdentityModel
	if req.ID == "" {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
	} else {
		identity = r.resolveImport(ctx, req.ID, resp)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	ensureOwner(ctx, resp.Private, nothingHeld, &resp.Diagnostics)
	identity.BlacklistID = r.data.canonicalBlacklistID(ctx, identity.BlacklistID, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("blacklist_id"), identity.BlacklistID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), identity.ID)...)
}

func (r *blacklistEntryResource) resolveImport(
	ctx context.Context,
	id string,
	resp *resource.ImportStateResponse,
) blacklistEntryIdentityModel {
	wanted, err := parseEntryImport(id)
	if err != nil {
		resp.Diagnostics.AddError("Invalid import ID", fmt.Sprintf("Cannot import %q: %s.", id, err))
		return blacklistEntryIdentityModel{}
	}
	if wanted.entryID == "" {
		if !r.data.ready(&resp.Diagnostics) {
			return blacklistEntryIdentityModel{}
		}
		candidates, err := r.data.lists.List(wanted.blacklistID).FindCompany(ctx, wanted.company)
		if err == nil {
			wanted.entryID, err = onlyEntry(wanted.blacklistID, wanted.company, candidates)
		}
		if err != nil {
			addAPIError(&resp.Diagnostics, "import", "blacklist entry", err)
		}
	}
	return blacklistEntryIdentityModel{
		BlacklistID: types.StringValue(wanted.blacklistID),
		ID:          types.StringValue(wanted.entryID),
	}
}

// onlyEntry returns the id of the only candidate.
func onlyEntry(blacklistID string, company exclusion.Company, candidates []exclusion.Entry) (string, error) {
	switch len(candidates) {
	case 0:
		return "", fmt.Errorf("the blacklist %s has no entry for %s. "+
			"data.openprospect_blacklist_entries shows what is on it", blacklistID, company)
	case 1:
		return candidates[0].ID, nil
	}
	lines := make([]string, 0, len(candidates))
	for _, candidate := range candidates {
		lines = append(lines, fmt.Sprintf("  %s/%s  %s", blacklistID, candidate.ID, candidate.Company))
	}
	return "", fmt.Errorf("the blacklist %s has %d entries for %s. Import one by its ID:\n\n%s",
		blacklistID, len(candidates), company, strings.Join(lines, "\n"))
}

func warnEntryAdopted(diags *diag.Diagnostics, blacklistID string, entry exclusion.Entry) {
	diags.AddWarning("Blacklist entry taken over",
		fmt.Sprintf("The blacklist %s already contained exactly this entry: %s (%s). The resource now manages it, and destroying "+
			"the resource removes it. Usually an interrupted run left it behind. If somebody else added it on purpose, agree on "+
			"who manages it.",
			blacklistID, entry.Company, entry.ID))
}
