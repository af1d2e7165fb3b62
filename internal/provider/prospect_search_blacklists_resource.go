package provider

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

var (
	_ resource.Resource                = (*prospectSearchBlacklistsResource)(nil)
	_ resource.ResourceWithConfigure   = (*prospectSearchBlacklistsResource)(nil)
	_ resource.ResourceWithIdentity    = (*prospectSearchBlacklistsResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*prospectSearchBlacklistsResource)(nil)
	_ resource.ResourceWithImportState = (*prospectSearchBlacklistsResource)(nil)
)

func newProspectSearchBlacklistsResource() resource.Resource {
	return &prospectSearchBlacklistsResource{}
}

type prospectSearchBlacklistsResource struct{ data *providerData }

var prospectSearchIDPath = path.Root("prospect_search_id")

func (r *prospectSearchBlacklistsResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_prospect_search_blacklists"
	resp.ResourceBehavior.ProviderDeferred = plannedWhenDeferred
}

func (r *prospectSearchBlacklistsResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"prospect_search_id": identityschema.StringAttribute{
				Description:       "ID of the prospect search.",
				RequiredForImport: true,
			},
		},
	}
}

func (r *prospectSearchBlacklistsResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages all blacklists of a prospect search. The search then leaves out the companies on them. Use " +
			"this resource for searches that keep finding companies. Orders name their blacklists themselves.\n\n" +
			"Requires the scopes `blacklists:read` and `blacklists:write`.",
		Attributes: map[string]schema.Attribute{
			"prospect_search_id": schema.StringAttribute{
				MarkdownDescription: "ID of the prospect search, from `data.openprospect_prospect_searches` or from " +
					"`prospect_search_id` of an order. Only one resource can manage the blacklists of a search. Changing this " +
					"replaces the resource.",
				Required:      true,
				Validators:    []validator.String{notBlankValidator{required: true}},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"blacklist_ids": schema.SetAttribute{
				MarkdownDescription: "IDs (UUIDs) of all blacklists to assign. Can be empty. If somebody assigns another " +
					"blacklist in the dashboard, the next plan shows that it is removed. If the search already has other " +
					"blacklists, creating the resource is an error: import it first.",
				Required:    true,
				ElementType: types.StringType,
				Validators:  []validator.Set{elementsCheck{mayBeEmpty: true, element: checkBlacklistID}},
			},
			"id": schema.StringAttribute{
				MarkdownDescription: "Same as `prospect_search_id`.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
		},
	}
}

func (r *prospectSearchBlacklistsResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = unwrapProviderData(req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan finds two resources for one search, says what a destruction takes off, and refuses a creation that would take off what no
// plan has shown.
func (r *prospectSearchBlacklistsResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	var plan, state prospectSearchBlacklistsModel
	if !req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	}
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if !req.State.Raw.IsNull() && !state.ProspectSearchID.Equal(plan.ProspectSearchID) {
		r.warnOfSearchWithoutBlacklists(&resp.Diagnostics, state)
	}
	if req.Plan.Raw.IsNull() {
		return
	}
	owner := ensureOwner(ctx, resp.Private, state.ID.ValueString, &resp.Diagnostics)
	if !r.data.configured() {
		return
	}
	creates, known := req.State.Raw.IsNull(), !plan.ProspectSearchID.IsUnknown()
	if known && !r.data.searches.claim(plan.ProspectSearchID.ValueString(), owner) {
		resp.Diagnostics.AddAttributeError(prospectSearchIDPath, "Two resources for one prospect search",
			fmt.Sprintf("Another openprospect_prospect_search_blacklists resource already manages the blacklists of the prospect "+
				"search %s. Each of them assigns all blacklists, so they would undo each other's changes. Keep one resource, "+
				"with the blacklist_ids of both.",
				plan.ProspectSearchID.ValueString()))
		return
	}
	if creates && known && fullyKnown(plan.BlacklistIDs) {
		r.refuseUnnamed(ctx, plan, &resp.Diagnostics)
	}
	if creates {
		r.data.checkBlacklists(ctx, &resp.Diagnostics, "blacklist_ids", plan.BlacklistIDs.Elements()...)
		r.data.checkKey(ctx, &resp.Diagnostics, scopeBlacklistsRead, scopeBlacklistsWrite)
	}
}

// refuseUnnamed adds an error if blacklists are assigned that the configuration does not name, and returns what is assigned.
func (r *prospectSearchBlacklistsResource) refuseUnnamed(
	ctx context.Context, plan prospectSearchBlacklistsModel, diags *diag.Diagnostics,
) []openprospect.AssignedBlacklist {
	id := plan.ProspectSearchID.ValueString()
	assigned, err := r.data.client.ListAssignedBlacklists(ctx, id)
	switch {
	case openprospect.IsProspectSearchNotFound(err):
		addSearchNotFound(diags, id, err)
	case err != nil:
		addAPIError(diags, "read", "blacklists of the prospect search "+id, err)
	default:
		if unnamed := notAmong(assigned, trimmedElements(plan.BlacklistIDs)); len(unnamed) > 0 {
			addAssignedElsewhere(diags, id, unnamed)
		}
	}
	return assigned
}

func (r *prospectSearchBlacklistsResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var plan prospectSearchBlacklistsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	id := plan.ProspectSearchID.ValueString()
	defer r.data.searches.lock(id)()
	r.data.searches.hold(id, ensureOwner(ctx, resp.Private, nothingHeld, &resp.Diagnostics))
	if resp.Diagnostics.HasError() {
		return
	}
	assigned := r.refuseUnnamed(ctx, plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	// All that is assigned is named: as many are the same ones.
	if wanted := trimmedElements(plan.BlacklistIDs); len(assigned) != len(wanted) {
		if err := r.data.client.AssignBlacklists(ctx, id, wanted); err != nil {
			addAPIError(&resp.Diagnostics, "assign", "blacklists to the prospect search "+id, err, "blacklist_ids")
			return
		}
	}
	plan.ID = plan.ProspectSearchID
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

func (r *prospectSearchBlacklistsResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var state prospectSearchBlacklistsModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	owner := ensureOwner(ctx, resp.Private, state.ID.ValueString, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	// The framework wants an identity of a resource that is dropped as well.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	id := state.ProspectSearchID.ValueString()
	assigned, err := r.data.client.ListAssignedBlacklists(ctx, id)
	switch {
	case openprospect.IsProspectSearchNotFound(err) && state.ID.IsNull():
		// An import.
		addSearchNotFound(&resp.Diagnostics, id, err)
	case openprospect.IsProspectSearchNotFound(err):
		warnSearchGone(&resp.Diagnostics, id)
		r.data.searches.discard(owner)
		resp.State.RemoveResource(ctx)
	case err != nil:
		addAPIError(&resp.Diagnostics, "read", "blacklists of the prospect search "+id, err)
	default:
		state.fromAPI(assigned)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

func (r *prospectSearchBlacklistsResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var plan, state prospectSearchBlacklistsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id := plan.ProspectSearchID.ValueString()
	if err := r.reassign(ctx, id, trimmedElements(state.BlacklistIDs), trimmedElements(plan.BlacklistIDs), &resp.Diagnostics); err != nil {
		addAPIError(&resp.Diagnostics, "assign", "blacklists to the prospect search "+id, err, "blacklist_ids")
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// reassign puts the wanted blacklists in the place of those that the plan has shown. What somebody has assigned since then stays, with a
// warning: no plan has shown that it would be taken off.
func (r *prospectSearchBlacklistsResource) reassign(ctx context.Context, id string, shown, wanted []string, diags *diag.Diagnostics) error {
	assigned, err := r.data.client.ListAssignedBlacklists(ctx, id)
	if err != nil {
		return err
	}
	unseen := notAmong(notAmong(assigned, shown), wanted)
	for _, blacklist := range unseen {
		wanted = append(wanted, blacklist.ID)
	}
	if err := r.data.client.AssignBlacklists(ctx, id, wanted); err != nil {
		return err
	}
	if len(unseen) > 0 {
		diags.AddWarning("Blacklists were assigned after the plan",
			fmt.Sprintf("These blacklists were assigned to the prospect search %s after the plan. They stay assigned. The next "+
				"plan shows them:\n\n"+
				"%s",
				id, blacklistLines(unseen)))
	}
	return nil
}

// Delete takes off what state names, unless another resource of this run has assigned blacklists to the search.
func (r *prospectSearchBlacklistsResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var state prospectSearchBlacklistsModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	owner := ownerOf(ctx, req.Private, state.ID.ValueString, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	id, held := state.ProspectSearchID.ValueString(), trimmedElements(state.BlacklistIDs)
	defer r.data.searches.lock(id)()
	if r.data.searches.release(id, owner) || len(held) == 0 {
		return
	}
	if err := r.reassign(ctx, id, held, nil, &resp.Diagnostics); err != nil && !openprospect.IsProspectSearchNotFound(err) {
		addAPIError(&resp.Diagnostics, "remove", "blacklists from the prospect search "+id, err)
	}
}

// ImportState takes the id of the prospect search.
func (r *prospectSearchBlacklistsResource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	resource.ImportStatePassthroughWithIdentity(ctx, prospectSearchIDPath, prospectSearchIDPath, req, resp)
}

// searchClaims remembers, for each prospect search, which resource of this process manages its blacklists. It also keeps one resource
// from assigning them while another one takes them off: Terraform does both at the same time if a resource is renamed without a moved
// block.
type searchClaims struct {
	owners sync.Map

	mu       sync.Mutex
	changing map[string]*sync.Mutex
}

// lock waits until no other resource creates or destroys the assignment of the search.
func (c *searchClaims) lock(searchID string) (unlock func()) {
	searchID = strings.ToLower(searchID)
	c.mu.Lock()
	if c.changing == nil {
		c.changing = make(map[string]*sync.Mutex)
	}
	search, found := c.changing[searchID]
	if !found {
		search = new(sync.Mutex)
		c.changing[searchID] = search
	}
	c.mu.Unlock()
	search.Lock()
	return search.Unlock
}

// claim is false if another resource has the search.
func (c *searchClaims) claim(searchID, owner string) bool {
	holder, _ := c.owners.LoadOrStore(strings.ToLower(searchID), owner)
	return holder == owner
}

// hold is the claim of a resource that is created. Its plan has claimed the search under a token that does not reach the create.
func (c *searchClaims) hold(searchID, owner string) { c.owners.Store(strings.ToLower(searchID), owner) }

// discard drops what the owner has claimed in a plan before it was read, and found to be gone.
func (c *searchClaims) discard(owner string) {
	c.owners.Range(func(searchID, holder any) bool {
		if holder == owner {
			c.owners.CompareAndDelete(searchID, owner)
		}
		return true
	})
}

// release drops the claim of the owner, and reports whether another resource has the search.
func (c *searchClaims) release(searchID, owner string) bool {
	searchID = strings.ToLower(searchID)
	holder, held := c.owners.Load(searchID)
	c.owners.CompareAndDelete(searchID, owner)
	return held && holder != owner
}

func addSearchNotFound(diags *diag.Diagnostics, id string, err error) {
	diags.AddAttributeError(prospectSearchIDPath, "Prospect search not found",
		fmt.Sprintf("The prospect search %s does not exist, or this API key cannot see it. Look up its ID with "+
			"data.openprospect_prospect_searches, or in the dashboard.\n\n"+
			"%s", id, err))
}

func addAssignedElsewhere(diags *diag.Diagnostics, id string, unnamed []openprospect.AssignedBlacklist) {
	diags.AddAttributeError(path.Root("blacklist_ids"), "Prospect search has other blacklists",
		fmt.Sprintf("These blacklists are assigned to the prospect search %s, but are not in blacklist_ids:\n\n"+
			"%s\n\n"+
			"Creating this resource would remove them, and no plan has shown that. Nothing was changed. Add them to "+
			"blacklist_ids. Or import the resource, so that the next plan shows what it removes:\n\n"+
			"%s",
			id, blacklistLines(unnamed), importCommands("openprospect_prospect_search_blacklists.<name>", []string{id})))
}

// warnOfSearchWithoutBlacklists warns of a plan that gives up the blacklists of a search.
func (r *prospectSearchBlacklistsResource) warnOfSearchWithoutBlacklists(diags *diag.Diagnostics, state prospectSearchBlacklistsModel) {
	blacklists := canonicalElements(state.BlacklistIDs, func(id string) string {
		return r.data.blacklistText(types.StringValue(strings.TrimSpace(id)))
	})
	if len(blacklists) == 0 {
		return
	}
	diags.AddWarning("A prospect search will find excluded companies again",
		fmt.Sprintf("This plan removes these blacklists from the prospect search %s, unless another resource of this "+
			"configuration assigns them. The search then finds the companies on them again:\n\n"+
			"  %s", state.ProspectSearchID.ValueString(), strings.Join(blacklists, "\n  ")))
}

func warnSearchGone(diags *diag.Diagnostics, id string) {
	diags.AddWarning("Prospect search not found",
		fmt.Sprintf("The prospect search %s was removed, or it belongs to an account that this API key cannot see. Check api_key "+
			"and base_url before you apply. Terraform drops its blacklists from state. If the search was removed, remove this "+
			"resource from the configuration.", id))
}
