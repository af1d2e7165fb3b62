package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

var (
	_ resource.Resource                   = (*blacklistEntriesResource)(nil)
	_ resource.ResourceWithConfigure      = (*blacklistEntriesResource)(nil)
	_ resource.ResourceWithIdentity       = (*blacklistEntriesResource)(nil)
	_ resource.ResourceWithImportState    = (*blacklistEntriesResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*blacklistEntriesResource)(nil)
	_ resource.ResourceWithValidateConfig = (*blacklistEntriesResource)(nil)
)

func newBlacklistEntriesResource() resource.Resource { return &blacklistEntriesResource{} }

type blacklistEntriesResource struct {
	data *providerData
}

func (r *blacklistEntriesResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blacklist_entries"
	resp.ResourceBehavior.ProviderDeferred = plannedWhenDeferred
}

func (r *blacklistEntriesResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages many companies on a blacklist in one resource. Use it for lists that come from a CRM. One " +
			"resource takes up to 20 MB, about 100,000 companies. For more, use several blacklists.\n\n" +
			"The plan shows each company that is added, changed or removed under your own key. Nothing is removed that no plan " +
			"has shown.",
		Attributes: map[string]schema.Attribute{
			"blacklist_id": schema.StringAttribute{
				MarkdownDescription: "ID of the blacklist. Changing this replaces the resource: the companies are removed from " +
					"the old list and added to the new one.",
				Required:      true,
				Validators:    []validator.String{notBlankValidator{required: true}},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"entries": schema.StringAttribute{
				MarkdownDescription: "The companies, as a JSON object: from the function `blacklist_entries` for the export of a CRM, " +
					"otherwise from `jsonencode`. Each key is your own stable label for a company, such as its CRM ID. " +
					"Each value is an object with some of these fields: `company_name`, `website_url`, `city`, `country`, " +
					"`external_id`. Two keys for the same company are an error. At most 20 MB (20,000,000 bytes).\n\n" +
					"Each company needs an `external_id`, a `website_url` or a `company_name`, and the first of these that is set " +
					"identifies it. Discovery orders skip `external_id`, since the companies that they find have none. The API uses " +
					"`city` only together with `company_name`. Null and `\"\"` count as not set. A " +
					"`website_url` without a domain, such as `n/a`, never matches.\n\n" +
					"Formatting and the order of keys never show as a change. New companies are added before old ones are " +
					"removed. A new key for the same company sends no request. Once the resource exists, `entries` must not " +
					"become empty. In `authoritative` mode, it must also be known at plan time.",
				Required: true,
			},
			"mode": schema.StringAttribute{
				MarkdownDescription: "What happens to companies on the blacklist that are not in `entries`. With `authoritative` " +
					"(the default), the plan shows them and the apply removes them. Nothing else may then manage this blacklist, " +
					"and you must import it first if it contains other companies. With `additive`, they stay. Several resources " +
					"can then share the blacklist, and each removes only what it has added.",
				Optional:   true,
				Computed:   true,
				Default:    stringdefault.StaticString(modeAuthoritative),
				Validators: []validator.String{stringvalidator.OneOf(modeAuthoritative, modeAdditive)},
			},
			"drift_detection": schema.StringAttribute{
				MarkdownDescription: "How a refresh detects changes that others make to the blacklist. `full` (the default) " +
					"reads the whole list, at one request per 100 companies. `count` reads one page. It compares the number of " +
					"companies and the last 99 of them, and reads the whole list only if they differ. It misses a company that was " +
					"edited elsewhere on the list. If the API does not list new companies last, it also misses that somebody " +
					"replaced a company by another one. It requires `mode = \"authoritative\"`. `none` reads nothing and " +
					"detects no changes. After an import or a failed apply, the " +
					"next refresh reads the whole list in any case. A changed setting takes effect once it is applied.",
				Optional:   true,
				Computed:   true,
				Default:    stringdefault.StaticString(detectionFull),
				Validators: []validator.String{stringvalidator.OneOf(detectionFull, detectionCount, detectionNone)},
			},
			"max_removals": schema.Int64Attribute{
				MarkdownDescription: "Maximum number of companies that one change may remove from the blacklist. A plan that " +
					"removes more is an error. This protects the list from a truncated export. 0 allows no removal. If not set, " +
					"a plan that removes more than half of 20 or more companies shows a warning. The limit does not apply when " +
					"the resource is destroyed. Use `lifecycle { prevent_destroy = true }` for that.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(0)},
			},
			"id": schema.StringAttribute{
				MarkdownDescription: "Same as `blacklist_id`.",
				Computed:            true,
			},
			"entry_count": schema.Int64Attribute{
				MarkdownDescription: "Number of companies in `entries`. Known at plan time, so that the plan shows, for example, " +
					"`12000 -> 9`.",
				Computed: true,
			},
		},
	}
}

func (r *blacklistEntriesResource) IdentitySchema(
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
		},
	}
}

func (r *blacklistEntriesResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = unwrapProviderData(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig looks at the configuration alone, so that it reports what is wrong with it whatever else is not known yet.
func (r *blacklistEntriesResource) ValidateConfig(
	ctx context.Context,
	req resource.ValidateConfigRequest,
	resp *resource.ValidateConfigResponse,
) {
	var config blacklistEntriesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if config.Mode.ValueString() == modeAdditive && config.DriftDetection.ValueString() == detectionCount {
		addCountOfAdditive(&resp.Diagnostics)
	}
	if config.Entries.IsNull() || config.Entries.IsUnknown() {
		return
	}
	document, err := exclusion.Parse(config.Entries.ValueString())
	if err == nil {
		err = document.Check()
	}
	if err != nil {
		addDocumentError(&resp.Diagnostics, err)
	}
}

// Create leaves no state behind when it fails half way: what was added stays excluded, nothing that depends on the list
// runs against half of it, and the next create adopts what is there. With a state the resource would be tainted, and
// the next apply would first take everybody off the list.
func (r *blacklistEntriesResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var plan blacklistEntriesModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	defer func() { r.data.noteFailure(plan.BlacklistID.ValueString(), &resp.Diagnostics) }()
	owner := ensureOwner(ctx, resp.Private, nothingHeld, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	planned, err := exclusion.Parse(plan.Entries.ValueString())
	if err != nil {
		addDocumentError(&resp.Diagnostics, err)
		return
	}
	if plan.authoritative() {
		r.refuseUnnamed(ctx, plan, planned, &resp.Diagnostics)
		if resp.Diagnostics.HasError() {
			return
		}
	}

	blacklistID := plan.BlacklistID.ValueString()
	applied, err := r.data.lists.List(blacklistID).Apply(ctx, exclusion.Update{
		Owner:    owner,
		Prior:    exclusion.Render(nil),
		Planned:  planned,
		Additive: !plan.authoritative(),
	})
	if err != nil {
		addEntriesError(&resp.Diagnostics, "create", err)
		if applied.Document.Len() > 0 {
			resp.Diagnostics.AddError("Blacklist is incomplete", fmt.Sprintf(
				"Only %d of %s were added to the blacklist %s. They stay on it. Apply again to add the rest.",
				applied.Document.Len(), companies(planned.Len()), blacklistID))
		}
		return
	}
	r.data.warnAddedAfterOrder(&resp.Diagnostics, blacklistID, applied.Added)
	if !plan.authoritative() && len(applied.Adopted) > 0 {
		warnEntriesAdopted(&resp.Diagnostics, r.data.blacklistText(plan.BlacklistID), len(applied.Adopted))
	}
	plan.ID = plan.BlacklistID
	plan.EntryCount = types.Int64Value(int64(planned.Len()))
	writeRows(ctx, resp.Private, planned, applied.Rows, &resp.Diagnostics)
	writeLastApplied(ctx, resp.Private, planned, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// Read compares the document with the list. What it finds changed is changed in the document, whose other bytes stay as
// they are. After an import there is no document, and that of the whole list is made.
func (r *blacklistEntriesResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var state blacklistEntriesModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// The framework wants an identity of a resource that is dropped as well.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	owner := ensureOwner(ctx, resp.Private, state.held, &resp.Diagnostics)

	imported := state.Entries.IsNull()
	prior := exclusion.Render(nil)
	if !imported {
		var err error
		if prior, err = exclusion.Parse(state.Entries.ValueString()); err != nil {
			addDocumentError(&resp.Diagnostics, err)
			return
		}
	}
	if state.DriftDetection.IsNull() { // an import, or a state of an earlier version
		state.DriftDetection = types.StringValue(detectionFull)
	}
	rows := readRows(ctx, req.Private, prior, &resp.Diagnostics)
	walks := imported || hasMark(ctx, req.Private, markMustRead, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	blacklistID := state.BlacklistID.ValueString()
	list := r.data.lists.List(blacklistID)
	unchanged, err := false, error(nil)
	if !walks {
		unchanged, err = looksUnchanged(ctx, list, state.DriftDetection.ValueString(), prior, rows)
	}
	if unchanged {
		dropPrivate(ctx, resp.Private, othersKey, &resp.Diagnostics)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		return
	}
	var observed exclusion.Observed
	if err == nil {
		observed, err = list.Observe(ctx, prior, rows, imported || state.authoritative())
	}
	switch {
	case openprospect.IsNotFound(err):
		if !r.data.confirmGone(ctx, blacklistID, err, &resp.Diagnostics) {
			return
		}
		if !imported {
			warnEntriesGone(&resp.Diagnostics, blacklistID, companiesAre(prior.Len()))
		}
		r.data.lists.Discard(owner)
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		addAPIError(&resp.Diagnostics, "read", "blacklist entries", err)
		return
	}
	writeRows(ctx, resp.Private, observed.Document, observed.Rows, &resp.Diagnostics)
	writeOthers(ctx, resp.Private, observed.Others, &resp.Diagnostics)
	clearMark(ctx, resp.Private, markMustRead, &resp.Diagnostics)
	state.ID = state.BlacklistID
	state.setDocument(observed.Document)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// looksUnchanged reports whether a refresh need not read the whole list. A list that is known costs nothing to look at, and one
// of whose rows an id is not known must be read for it.
func looksUnchanged(
	ctx context.Context,
	list *exclusion.List,
	detection string,
	document *exclusion.Document,
	rows map[string]exclusion.Row,
) (bool, error) {
	switch {
	case detection == detectionFull || list.IsKnown() || !exclusion.HasAllIDs(document, rows):
		return false, nil
	case detection == detectionCount:
		return list.LooksLike(ctx, document, rows)
	}
	return true, nil
}

// Update that fails half way saves what is on the list, with the error.
func (r *blacklistEntriesResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var plan, state blacklistEntriesModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	defer func() { r.data.noteFailure(state.BlacklistID.ValueString(), &resp.Diagnostics) }()
	owner := ownerOf(ctx, req.Private, state.held, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	prior, planned, err := parsePlanned(state, plan)
	if err != nil {
		addDocumentError(&resp.Diagnostics, err)
		return
	}
	rows := readRows(ctx, req.Private, prior, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	applied, err := r.data.lists.List(state.BlacklistID.ValueString()).Apply(ctx, exclusion.Update{
		Owner:    owner,
		Prior:    prior,
		Planned:  planned,
		Rows:     rows,
		Additive: !plan.authoritative(),
		Others:   readOthers(ctx, req.Private, &resp.Diagnostics),
		Unread:   state.DriftDetection.ValueString() == detectionNone || hasMark(ctx, req.Private, markMustRead, &resp.Diagnostics),
	})
	plan.ID = plan.BlacklistID
	if err != nil {
		addEntriesError(&resp.Diagnostics, "update", err)
		setPrivate(ctx, resp.Private, markMustRead, true, &resp.Diagnostics)
		plan.Mode = state.Mode
		plan.setDocument(applied.Document)
	} else {
		plan.EntryCount = types.Int64Value(int64(planned.Len()))
		writeLastApplied(ctx, resp.Private, planned, &resp.Diagnostics)
		if plan.authoritative() && !state.authoritative() {
			// The companies of others, which it now manages as well, have to be shown.
			setPrivate(ctx, resp.Private, markMustRead, true, &resp.Diagnostics)
		}
	}
	r.data.warnAddedAfterOrder(&resp.Diagnostics, state.BlacklistID.ValueString(), applied.Added)
	r.warnLeft(&resp.Diagnostics, plan, applied, rows)
	writeRows(ctx, resp.Private, applied.Document, applied.Rows, &resp.Diagnostics)
	dropPrivate(ctx, resp.Private, othersKey, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// warnLeft names the companies that additive mode leaves on the list because the resource found them there.
func (r *blacklistEntriesResource) warnLeft(
	diags *diag.Diagnostics, plan blacklistEntriesModel, applied exclusion.Applied, rows map[string]exclusion.Row,
) {
	if plan.authoritative() {
		return
	}
	var left []exclusion.Company
	for _, item := range applied.Left {
		if !rows[item.Key].Added {
			left = append(left, item.Company)
		}
	}
	if len(left) > 0 {
		warnEntriesLeft(diags, r.data.blacklistText(plan.BlacklistID), left)
	}
}

// Delete takes off the list what state names; in additive mode only what the resource has added.
func (r *blacklistEntriesResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var state blacklistEntriesModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	owner := ownerOf(ctx, req.Private, state.held, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	prior, err := exclusion.Parse(state.Entries.ValueString())
	if err != nil {
		addDocumentError(&resp.Diagnostics, err)
		return
	}
	rows := readRows(ctx, req.Private, prior, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	applied, err := r.data.lists.List(state.BlacklistID.ValueString()).Apply(ctx, exclusion.Update{
		Owner:    owner,
		Prior:    prior,
		Planned:  exclusion.Render(nil),
		Rows:     rows,
		Additive: !state.authoritative(),
	})
	if err == nil || openprospect.IsNotFound(err) {
		r.warnLeft(&resp.Diagnostics, state, applied, rows)
		return
	}
	addEntriesError(&resp.Diagnostics, "delete", err)
	setPrivate(ctx, resp.Private, markMustRead, true, &resp.Diagnostics)
	state.setDocument(applied.Document)
	writeRows(ctx, resp.Private, applied.Document, applied.Rows, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// ImportState takes the id of the blacklist. Read makes the document.
func (r *blacklistEntriesResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if req.ID != "" && checkUUID(req.ID) != nil && r.data.ready(&resp.Diagnostics) {
		r.data.checkImportID(ctx, req.ID, "Use `data.openprospect_blacklist` to look up the ID of a blacklist.", &resp.Diagnostics)
	}
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("blacklist_id"), path.Root("blacklist_id"), req, resp)
	var blacklistID types.String
	resp.Diagnostics.Append(resp.State.GetAttribute(ctx, path.Root("blacklist_id"), &blacklistID)...)
	if resp.Diagnostics.HasError() {
		return
	}
	blacklistID = r.data.canonicalBlacklistID(ctx, blacklistID, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("blacklist_id"), blacklistID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("mode"), modeAuthoritative)...)
}
