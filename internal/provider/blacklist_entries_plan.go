package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

// ModifyPlan keeps the prior string where the content is the same, refuses what must not be applied, and claims the
// entries, so that two resources that manage the same ones are an error of the plan. What is not known yet is looked
// at again at apply, when Terraform plans once more.
func (r *blacklistEntriesResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state *blacklistEntriesModel
	if !req.State.Raw.IsNull() {
		state = new(blacklistEntriesModel)
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	owner := ensureOwner(ctx, resp.Private, state.held, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.planDestroy(ctx, owner, *state, resp)
		return
	}
	var plan blacklistEntriesModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}

	defer func() { r.data.noteFailure(plan.BlacklistID.ValueString(), &resp.Diagnostics) }()
	plan.ID, plan.EntryCount = plan.BlacklistID, types.Int64Unknown()
	switch {
	case plan.Entries.IsUnknown():
		if state != nil {
			r.refuseUnknown(ctx, plan, *state, resp)
		}
	case state == nil:
		r.planCreate(ctx, owner, &plan, resp)
	default:
		r.planUpdate(ctx, owner, &plan, *state, resp)
	}
	if state == nil && !resp.Diagnostics.HasError() {
		r.data.checkBlacklists(ctx, &resp.Diagnostics, "blacklist_id", plan.BlacklistID)
		r.data.checkKey(ctx, &resp.Diagnostics, scopeBlacklistsRead, scopeBlacklistsWrite)
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	}
}

func (r *blacklistEntriesResource) planCreate(
	ctx context.Context,
	owner string,
	plan *blacklistEntriesModel,
	resp *resource.ModifyPlanResponse,
) {
	diags := &resp.Diagnostics
	document, err := exclusion.Parse(plan.Entries.ValueString())
	if err != nil {
		addDocumentError(diags, err)
		return
	}
	plan.EntryCount = types.Int64Value(int64(document.Len()))
	warnWeakEntries(diags, document.All())
	if document.Len() == 0 {
		warnNobodyExcluded(diags)
	}
	r.claim(owner, plan.BlacklistID, plan.claimed(document, nil), diags)
	if diags.HasError() || !r.data.configured() || plan.BlacklistID.IsUnknown() || plan.Mode.IsUnknown() {
		return
	}
	if plan.authoritative() {
		r.refuseUnnamed(ctx, *plan, document, diags)
	}
}

// refuseUnknown refuses a plan that may remove companies without showing them. At apply nobody can tell any more what
// the plan has shown: Terraform has the provider plan once more, with the document known.
func (r *blacklistEntriesResource) refuseUnknown(
	ctx context.Context, plan, state blacklistEntriesModel, resp *resource.ModifyPlanResponse,
) {
	prior, err := exclusion.Parse(state.Entries.ValueString())
	if err != nil {
		addDocumentError(&resp.Diagnostics, err)
		return
	}
	removes := plan.authoritative() || state.authoritative()
	for _, row := range readRows(ctx, resp.Private, prior, &resp.Diagnostics) {
		removes = removes || row.Added
	}
	if removes {
		addEntriesUnknown(&resp.Diagnostics, r.data.blacklistText(state.BlacklistID))
	}
}

// refuseUnnamed asks for consent, in the form of an import, before a list is managed that holds other companies.
func (r *blacklistEntriesResource) refuseUnnamed(
	ctx context.Context,
	plan blacklistEntriesModel,
	document *exclusion.Document,
	diags *diag.Diagnostics,
) {
	blacklistID := plan.BlacklistID.ValueString()
	unnamed, err := r.data.lists.List(blacklistID).EntriesNotIn(ctx, document)
	if err != nil {
		addAPIError(diags, "read", "blacklist entries", err)
		return
	}
	if len(unnamed) > 0 {
		addEntriesUnnamed(diags, r.data.blacklistText(plan.BlacklistID), blacklistID, unnamed, document.Len())
	}
}

func (r *blacklistEntriesResource) planUpdate(
	ctx context.Context,
	owner string,
	plan *blacklistEntriesModel,
	state blacklistEntriesModel,
	resp *resource.ModifyPlanResponse,
) {
	diags := &resp.Diagnostics
	prior, planned, err := parsePlanned(state, *plan)
	if err != nil {
		addDocumentError(diags, err)
		return
	}
	rows := readRows(ctx, resp.Private, prior, diags)
	if planned.Equal(prior) {
		plan.Entries = state.Entries
		planned = prior
	}
	plan.EntryCount = types.Int64Value(int64(planned.Len()))
	if planned.Len() == 0 && prior.Len() > 0 && !lastAppliedEmpty(ctx, resp.Private, diags) {
		if there, _ := r.stillThere(ctx, state, prior, rows); there.Len() > 0 {
			addEntriesEmptied(diags, r.data.blacklistText(state.BlacklistID), there.Len())
			return
		}
	}
	if !plan.BlacklistID.Equal(state.BlacklistID) {
		r.planMove(ctx, owner, *plan, state, planned, prior, rows, diags)
		return
	}
	difference := exclusion.Diff(prior, planned)
	warnWeakEntries(diags, difference.Incoming())
	removed := removals(*plan, difference, rows)
	claimed := plan.claimed(planned, rowsAfter(difference, planned, rows))
	gone := slices.Concat(removed, companiesChanged(*plan, difference, rows))
	claimed.GivesUp = itemEntries(gone, rows)
	r.claim(owner, plan.BlacklistID, claimed, diags)
	if plan.removesTooMany(len(gone) + len(domainsLost(difference, planned))) {
		there, itsRows := r.stillThere(ctx, state, prior, rows)
		refuseRemovals(diags, *plan, r.data.blacklistText(state.BlacklistID), leaving(*plan, exclusion.Diff(there, planned), planned, itsRows))
	}
	if diags.HasError() {
		return
	}
	warnOfChange(diags, *plan, r.data.blacklistText(plan.BlacklistID), listChange{
		difference: difference,
		removed:    removed,
		gone:       len(claimed.GivesUp),
		before:     prior.Len(),
		imported:   neverApplied(ctx, resp.Private, diags),
	})
	if plan.authoritative() && !state.authoritative() {
		r.warnUnnamed(ctx, *plan, planned, diags)
	}
}

// stillThere returns what of the state is on the blacklist, before a plan is refused for what it takes off: a state that was not
// refreshed, as with -minimal-refresh, may name companies that are gone. After a refresh that has read the whole list, this sends
// no request.
func (r *blacklistEntriesResource) stillThere(
	ctx context.Context,
	state blacklistEntriesModel,
	prior *exclusion.Document,
	rows map[string]exclusion.Row,
) (*exclusion.Document, map[string]exclusion.Row) {
	if !r.data.configured() {
		return prior, rows
	}
	// Entries of others are not the state's, so the document is not for the whole list here.
	observed, err := r.data.lists.List(state.BlacklistID.ValueString()).Observe(ctx, prior, rows, false)
	if err != nil {
		return prior, rows
	}
	return observed.Document, observed.Rows
}

// planMove is for a list that is replaced on another blacklist, or on one that is not known yet.
func (r *blacklistEntriesResource) planMove(
	ctx context.Context,
	owner string,
	plan, state blacklistEntriesModel,
	planned, prior *exclusion.Document,
	rows map[string]exclusion.Row,
	diags *diag.Diagnostics,
) {
	gone := removals(state, exclusion.Diff(prior, exclusion.Render(nil)), rows)
	entries := itemEntries(gone, rows)
	warnWeakEntries(diags, planned.All())
	r.claim(owner, state.BlacklistID, exclusion.Plan{GivesUp: entries}, diags)
	r.claim(owner, plan.BlacklistID, plan.claimed(planned, nil), diags)
	if plan.removesTooMany(len(gone)) {
		there, itsRows := r.stillThere(ctx, state, prior, rows)
		removed := removals(state, exclusion.Diff(there, exclusion.Render(nil)), itsRows)
		refuseRemovals(diags, plan, r.data.blacklistText(state.BlacklistID), itemNames(removed))
	}
	if plan.BlacklistID.IsUnknown() {
		warnUnknownBlacklist(diags, r.data.blacklistText(state.BlacklistID), entries)
	}
}

func (r *blacklistEntriesResource) planDestroy(
	ctx context.Context,
	owner string,
	state blacklistEntriesModel,
	resp *resource.ModifyPlanResponse,
) {
	prior, err := exclusion.Parse(state.Entries.ValueString())
	if err != nil {
		addDocumentError(&resp.Diagnostics, err)
		return
	}
	rows := readRows(ctx, resp.Private, prior, &resp.Diagnostics)
	gone := removals(state, exclusion.Diff(prior, exclusion.Render(nil)), rows)
	r.claim(owner, state.BlacklistID, exclusion.Plan{GivesUp: itemEntries(gone, rows)}, &resp.Diagnostics)
}

func (r *blacklistEntriesResource) claim(owner string, blacklistID types.String, plan exclusion.Plan, diags *diag.Diagnostics) {
	r.data.claim(owner, blacklistID, "blacklist entries", plan, diags)
}

// claimed is what the resource is to have, with the ids of the rows that it has already.
func (m blacklistEntriesModel) claimed(document *exclusion.Document, rows map[string]exclusion.Row) exclusion.Plan {
	return exclusion.Plan{Keeps: document.Entries(rows), Whole: m.authoritative() && !m.Mode.IsUnknown()}
}

// companiesChanged are the companies that an apply takes off the list because their key gets another one.
func companiesChanged(plan blacklistEntriesModel, difference exclusion.Difference, rows map[string]exclusion.Row) []exclusion.Item {
	var gone []exclusion.Item
	for _, item := range difference.Changed {
		if plan.mayRemove(rows[item.Key]) && !item.Old.Same(item.New) {
			gone = append(gone, exclusion.Item{Key: item.Key, Company: item.Old})
		}
	}
	return gone
}

// leaving names the companies that an apply takes off the list, and the domains.
func leaving(
	plan blacklistEntriesModel, difference exclusion.Difference, planned *exclusion.Document, rows map[string]exclusion.Row,
) []string {
	gone := itemNames(slices.Concat(removals(plan, difference, rows), companiesChanged(plan, difference, rows)))
	return append(gone, domainsLost(difference, planned)...)
}

func itemNames(items []exclusion.Item) []string {
	names := make([]string, len(items))
	for i, item := range items {
		names[i] = item.String()
	}
	return names
}

// domainsLost are the domains of changed entries that no planned entry has. Where an external id stays the strongest
// field, the entry is the same one to the API; but discovery orders know no external ids and match by the domain.
func domainsLost(difference exclusion.Difference, planned *exclusion.Document) []string {
	lost := make(map[string]bool)
	for _, item := range difference.Changed {
		if domain := item.Old.Domain(); domain != "" && item.Old.Same(item.New) {
			lost[domain] = true
		}
	}
	if len(lost) == 0 {
		return nil
	}
	for _, company := range planned.All() {
		delete(lost, company.Domain())
	}
	return slices.Sorted(maps.Keys(lost))
}

// itemEntries are the entries of the items. The ID of one may be "".
func itemEntries(items []exclusion.Item, rows map[string]exclusion.Row) []exclusion.Entry {
	var entries []exclusion.Entry
	for _, item := range items {
		entries = append(entries, rows[item.Key].Entries(item.Company)...)
	}
	return entries
}

// parsePlanned reads both documents, once where they are the same text.
func parsePlanned(state, plan blacklistEntriesModel) (prior, planned *exclusion.Document, err error) {
	prior, err = exclusion.Parse(state.Entries.ValueString())
	if err != nil || plan.Entries.Equal(state.Entries) {
		return prior, prior, err
	}
	planned, err = exclusion.Parse(plan.Entries.ValueString())
	return prior, planned, err
}

// rowsAfter returns the rows by the planned keys, as far as entries stay.
func rowsAfter(difference exclusion.Difference, planned *exclusion.Document, rows map[string]exclusion.Row) map[string]exclusion.Row {
	if difference.Empty() && len(difference.Relabelled) == 0 {
		return rows
	}
	source := make(map[string]string)
	for key := range difference.Incoming() {
		source[key] = ""
	}
	for _, item := range difference.Relabelled {
		source[item.To] = item.From
	}
	after := make(map[string]exclusion.Row, planned.Len())
	for key := range planned.All() {
		from, moved := source[key]
		if !moved {
			from = key
		}
		if row, found := rows[from]; found {
			after[key] = row
		}
	}
	return after
}

// removals are the companies that an apply takes off the list.
func removals(plan blacklistEntriesModel, difference exclusion.Difference, rows map[string]exclusion.Row) []exclusion.Item {
	var removed []exclusion.Item
	for _, item := range difference.Removed {
		if plan.mayRemove(rows[item.Key]) {
			removed = append(removed, item)
		}
	}
	return removed
}

// warnUnnamed says what authoritative mode will want to remove, if the refresh has read the list. The next plan shows it in any case.
func (r *blacklistEntriesResource) warnUnnamed(
	ctx context.Context,
	plan blacklistEntriesModel,
	planned *exclusion.Document,
	diags *diag.Diagnostics,
) {
	if !r.data.configured() || plan.Mode.IsUnknown() {
		return
	}
	blacklistID := plan.BlacklistID.ValueString()
	list := r.data.lists.List(blacklistID)
	if !list.IsKnown() {
		return
	}
	unnamed, err := list.EntriesNotIn(ctx, planned)
	if err != nil {
		addAPIError(diags, "read", "blacklist entries", err)
		return
	}
	if len(unnamed) > 0 {
		warnUnnamedLater(diags, r.data.blacklistText(plan.BlacklistID), unnamed)
	}
}
