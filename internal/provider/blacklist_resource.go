package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

var (
	_ resource.Resource                = (*blacklistResource)(nil)
	_ resource.ResourceWithConfigure   = (*blacklistResource)(nil)
	_ resource.ResourceWithIdentity    = (*blacklistResource)(nil)
	_ resource.ResourceWithImportState = (*blacklistResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*blacklistResource)(nil)
)

func newBlacklistResource() resource.Resource { return &blacklistResource{} }

type blacklistResource struct {
	data *providerData
}

type blacklistResourceModel struct {
	blacklistModel

	ForceDestroy types.Bool `tfsdk:"force_destroy"`
}

func (r *blacklistResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blacklist"
	resp.ResourceBehavior.ProviderDeferred = plannedWhenDeferred
}

func (r *blacklistResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages a blacklist: a named list of companies that discovery orders leave out. Add companies with " +
			"`openprospect_blacklist_entries` or `openprospect_blacklist_entry`.\n\n" +
			"In an order, refer to the `blacklist_id` of the entries and not to the `id` of the blacklist. Terraform then adds " +
			"the companies before it places the order.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "Name, as shown in the dashboard.",
				Required:            true,
				Validators:          []validator.String{notBlankValidator{required: true}},
			},
			"description": schema.StringAttribute{
				MarkdownDescription: "Description. To clear it, remove it from the configuration.",
				Optional:            true,
				Validators:          []validator.String{notBlankValidator{}},
			},
			"force_destroy": schema.BoolAttribute{
				MarkdownDescription: "Whether to destroy the blacklist even if it still contains entries that Terraform does not " +
					"manage. These companies are then no longer excluded. Defaults to `false`: destroying such a blacklist is an " +
					"error. Apply `force_destroy = true` before you destroy, because Terraform reads the value from state.",
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
			},
			"id": schema.StringAttribute{
				MarkdownDescription: "ID of the blacklist.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"created_at": schema.StringAttribute{
				MarkdownDescription: "Creation time (RFC 3339). Null if the API does not return it.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
		},
	}
}

func (r *blacklistResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{
				Description:       "ID of the blacklist.",
				RequiredForImport: true,
			},
		},
	}
}

func (r *blacklistResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = unwrapProviderData(req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan changes nothing, but a create asks whether the API key may do it. The framework puts a resource off, as
// plannedWhenDeferred asks, only after this call.
func (r *blacklistResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() {
		r.data.checkKey(ctx, &resp.Diagnostics, scopeBlacklistsRead, scopeBlacklistsWrite)
	}
}

func (r *blacklistResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var plan blacklistResourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}

	blacklist, err := r.data.client.CreateBlacklist(ctx, plan.toAPICreate())
	if err != nil {
		addAPIError(&resp.Diagnostics, "create", "blacklist", err, "name", "description")
		return
	}
	plan.setComputed(*blacklist)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

func (r *blacklistResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var state blacklistResourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// The framework wants an identity of a resource that is dropped as well.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)

	blacklist, err := r.data.client.GetBlacklist(ctx, state.ID.ValueString())
	if openprospect.IsNotFound(err) {
		if r.data.confirmGone(ctx, state.ID.ValueString(), err, &resp.Diagnostics) {
			warnBlacklistGone(&resp.Diagnostics, state.blacklistModel)
			resp.State.RemoveResource(ctx)
		}
		return
	}
	if err != nil {
		addAPIError(&resp.Diagnostics, "read", "blacklist", err)
		return
	}
	state.fromAPI(*blacklist)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
}

// goneBlacklists remembers what the list of blacklists said when one was not found, so that it is read once and not for each
// of them and of their entries.
type goneBlacklists struct {
	mu    sync.Mutex
	asked bool
	ids   map[string]bool
	err   error
	// confirmed are those that were not found, and are not listed either.
	confirmed map[string]bool
}

// isGone reports whether the blacklist is known to be gone.
func (g *goneBlacklists) isGone(id string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.confirmed[id]
}

// listed reports whether a blacklist that was not found is listed all the same. It asks once, unless the caller gives up.
func (g *goneBlacklists) listed(ctx context.Context, client *openprospect.Client, id string) (bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.asked {
		blacklists, err := client.ListBlacklists(ctx)
		g.err, g.asked, g.ids, g.confirmed = err, ctx.Err() == nil, make(map[string]bool), make(map[string]bool)
		for _, blacklist := range blacklists {
			g.ids[blacklist.ID] = true
		}
	}
	if g.err != nil {
		return false, g.err
	}
	g.confirmed[id] = !g.ids[id]
	return g.ids[id], nil
}

// confirmGone asks the list of blacklists whether a blacklist that was not
// found is really gone: one dropped from state by mistake is made a second
// time, empty, and orders would refer to that one.
func (d *providerData) confirmGone(ctx context.Context, id string, notFound error, diags *diag.Diagnostics) bool {
	listed, err := d.gone.listed(ctx, d.client, id)
	switch {
	case err != nil:
		addAPIError(diags, "read", "blacklists", err)
	case listed:
		addBlacklistContradiction(diags, id, notFound)
	default:
		return true
	}
	return false
}

func (r *blacklistResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var plan, state blacklistResourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}

	request := plan.toAPIUpdate(state.blacklistModel)
	if request != (openprospect.UpdateBlacklistRequest{}) {
		if _, err := r.data.client.UpdateBlacklist(ctx, state.ID.ValueString(), request); err != nil {
			addAPIError(&resp.Diagnostics, "update", "blacklist", err, "name", "description")
			return
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

func (r *blacklistResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var state blacklistResourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}

	id := state.ID.ValueString()
	if !state.ForceDestroy.ValueBool() {
		// Entries that this run has just removed may still be counted.
		count, err := r.data.client.CountEntriesUntil(ctx, id, func(count int64) bool {
			return count == 0 || count > r.data.lists.List(id).RecentlyRemoved()
		})
		if err != nil && !openprospect.IsNotFound(err) {
			addAPIError(&resp.Diagnostics, "delete", "blacklist", err)
			return
		}
		if count > 0 {
			addBlacklistNotEmpty(&resp.Diagnostics, state.blacklistModel, count)
			return
		}
	}
	if err := r.data.client.DeleteBlacklist(ctx, id); err != nil {
		addAPIError(&resp.Diagnostics, "delete", "blacklist", err)
	}
}

// ImportState takes an id, or name=... for the only blacklist of that name.
func (r *blacklistResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	// Not in the API: without it the first plan would show null becoming false.
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("force_destroy"), false)...)

	name, byName := strings.CutPrefix(req.ID, "name=")
	if !byName && (req.ID == "" || checkUUID(req.ID) == nil) {
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
		return
	}
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	if !byName {
		r.data.checkImportID(ctx, req.ID, "To import a blacklist by name:\n\n"+
			importCommands("openprospect_blacklist.<name>", []string{"name=" + req.ID}), &resp.Diagnostics)
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
		return
	}
	blacklist, err := findBlacklistByName(ctx, r.data.client, name)
	if err != nil {
		addAPIError(&resp.Diagnostics, "import", "blacklist", err)
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), blacklist.ID)...)
}

// checkImportID looks up the id of a blacklist that is no UUID, for it is probably a name. Terraform itself would only say that
// nothing exists.
func (d *providerData) checkImportID(ctx context.Context, id, advice string, diags *diag.Diagnostics) {
	_, err := d.client.GetBlacklist(ctx, id)
	switch {
	case err == nil:
	case openprospect.IsNotFound(err), openprospect.IsInvalid(err):
		diags.AddError("Invalid import ID", fmt.Sprintf("Not an ID: %q. %s", id, advice))
	default:
		addAPIError(diags, "import", "blacklist", err)
	}
}

// findBlacklistByName returns the only blacklist of that name; names need not be unique (U7).
func findBlacklistByName(ctx context.Context, client *openprospect.Client, name string) (*openprospect.Blacklist, error) {
	blacklists, err := client.ListBlacklists(ctx)
	if err != nil {
		return nil, err
	}
	named := slices.DeleteFunc(blacklists, func(b openprospect.Blacklist) bool { return !sameTrimmed(b.Name, name) })
	switch len(named) {
	case 0:
		return nil, fmt.Errorf("no blacklist is named %q. Names are case-sensitive. data.openprospect_blacklists lists them", name)
	case 1:
		return &named[0], nil
	}
	return nil, fmt.Errorf("%d blacklists are named %q. Use the ID of one of them: %s",
		len(named), name, strings.Join(blacklistIDs(named), ", "))
}

func blacklistIDs(blacklists []openprospect.Blacklist) []string {
	ids := make([]string, 0, len(blacklists))
	for _, blacklist := range blacklists {
		ids = append(ids, blacklist.ID)
	}
	return ids
}

// canonicalBlacklistID returns the id of a blacklist as the API spells it: in another spelling it would be another blacklist to
// Terraform, and what is on it would be replaced. Only a UUID with capitals is worth the request.
func (d *providerData) canonicalBlacklistID(ctx context.Context, id types.String, diags *diag.Diagnostics) types.String {
	given := id.ValueString()
	if checkUUID(given) != nil || strings.ToLower(given) == given || !d.ready(diags) {
		return id
	}
	blacklist, err := d.client.GetBlacklist(ctx, given)
	if err != nil {
		addAPIError(diags, "read", "blacklist", err)
		return id
	}
	return types.StringValue(blacklist.ID)
}

// blacklistText names a blacklist for people: with what it is called, if this process has seen that. It sends no request.
func (d *providerData) blacklistText(id types.String) string {
	if d.configured() {
		if name := d.client.BlacklistName(id.ValueString()); name != "" {
			return fmt.Sprintf("%q (%s)", name, id.ValueString())
		}
	}
	return id.ValueString()
}

// addBlacklistContradiction is for a blacklist that the API does not find and still lists.
func addBlacklistContradiction(diags *diag.Diagnostics, id string, notFound error) {
	diags.AddError("Unable to read blacklist",
		fmt.Sprintf("The API says that the blacklist %s does not exist, but still lists it. Nothing was removed from state.\n\n"+
			"%s\n\n"+
			"Try again in a minute. If the error stays, send this message to OpenProspect's support.", id, notFound))
}

func warnBlacklistGone(diags *diag.Diagnostics, blacklist blacklistModel) {
	diags.AddWarning("Blacklist not found",
		fmt.Sprintf("The blacklist %q (%s) was removed outside Terraform, or it belongs to an account that this API key cannot "+
			"see. Check api_key and base_url before you apply.\n\n"+
			"Terraform drops it from state, and the next apply creates a new one with a new ID. If it was removed, its companies "+
			"are no longer excluded.\n\n"+
			"Check the plan: discovery orders that name this blacklist are replaced, which places paid orders. To prevent that, "+
			"add lifecycle { ignore_changes = [blacklist_ids] } to them.", blacklist.Name.ValueString(), blacklist.ID.ValueString()))
}

func addBlacklistNotEmpty(diags *diag.Diagnostics, blacklist blacklistModel, count int64) {
	entries := fmt.Sprintf("%d entries", count)
	if count == 1 {
		entries = "1 entry"
	}
	diags.AddError("Blacklist is not empty",
		fmt.Sprintf("The blacklist %q (%s) still contains %s that this run does not remove. Without the blacklist, discovery "+
			"would find these companies again.\n\n"+
			"Remove the entries in the dashboard, and run the same command again. To delete them together with the blacklist, keep "+
			"its block, set force_destroy = true there, and run `terraform apply -target=<address of the blacklist>`. Then remove "+
			"the block and apply.\n\n"+
			"During `terraform destroy`, run the same apply, and then `terraform destroy -refresh=false`, which destroys everything "+
			"in this configuration. An apply without -target would create again what is destroyed already, and place its orders "+
			"again.",
			blacklist.Name.ValueString(), blacklist.ID.ValueString(), entries))
}
