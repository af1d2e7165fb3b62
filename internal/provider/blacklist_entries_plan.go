package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
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
	owner := ensureOwner(ctx, resp.Private, &resp.Diagnostics)
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

	plan.ID = plan.BlacklistID
	switch {
	case plan.Entries.IsUnknown():
		if r.data.known() && !plan.BlacklistID.IsUnknown() {
			r.data.planExpected(owner, plan.BlacklistID.ValueString(), nil, &resp.Diagnostics)
		}
		if state != nil {
			refuseUnknown(ctx, plan, *state, resp)
		}
	case state == nil:
		r.planCreate(ctx, owner, plan, resp)
	default:
		r.planUpdate(ctx, owner, &plan, *state, resp)
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	}
}

func (r *blacklistEntriesResource) planCreate(ctx context.Context, owner string, plan blacklistEntriesModel, resp *resource.ModifyPlanResponse) {
	diags := &resp.Diagnostics
	document, err := exclusion.Parse(plan.Entries.ValueString())
	if err != nil {
		addDocumentError(diags, err)
		return
	}
	r.claim(ctx, owner, plan, document, nil, diags)
	if diags.HasError() || !r.data.known() || plan.BlacklistID.IsUnknown() || plan.Mode.IsUnknown() {
		return
	}
	if plan.authoritative() {
		r.refuseUnnamed(ctx, plan, document, diags)
	}
	if ids := rowsThatStay(ctx, resp.Private, document, diags); len(ids) > 0 {
		writeHandedOver(ctx, ids, resp.Private, diags)
	}
}

// refuseUnknown refuses a plan that may remove companies without showing them. At apply nobody can tell any more what
// the plan has shown: Terraform has the provider plan once more, with the document known.
func refuseUnknown(ctx context.Context, plan, state blacklistEntriesModel, resp *resource.ModifyPlanResponse) {
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
		addEntriesUnknown(&resp.Diagnostics, state.BlacklistID.ValueString())
	}
}

// refuseUnnamed asks for consent, in the form of an import, before a list is managed that holds other companies.
func (r *blacklistEntriesResource) refuseUnnamed(ctx context.Context, plan blacklistEntriesModel, document *exclusion.Document, diags *diag.Diagnostics) {
	blacklistID := plan.BlacklistID.ValueString()
	unnamed, err := r.data.lists.List(blacklistID).Unnamed(ctx, document)
	if err != nil {
		addAPIError(diags, "read", "blacklist entries", err)
		return
	}
	if len(unnamed) > 0 {
		addEntriesUnnamed(diags, blacklistID, unnamed, document.Len())
	}
}

func (r *blacklistEntriesResource) planUpdate(ctx context.Context, owner string, plan *blacklistEntriesModel, state blacklistEntriesModel, resp *resource.ModifyPlanResponse) {
	diags := &resp.Diagnostics
	prior, planned, err := parsePlanned(state, *plan)
	if err != nil {
		addDocumentError(diags, err)
		return
	}
	rows := readRows(ctx, resp.Private, prior, diags)
	configured := planned
	if plan.Entries.Equal(state.Entries) {
		configured = nil
	}
	if planned.Equal(prior) {
		plan.Entries = state.Entries
		planned = prior
	}
	if planned.Len() == 0 && prior.Len() > 0 && !lastAppliedEmpty(ctx, resp.Private, diags) {
		addEntriesEmptied(diags, state.BlacklistID.ValueString(), prior.Len())
		return
	}
	change := exclusion.Diff(prior, planned)
	after := rowsAfter(change, planned, rows)
	r.claim(ctx, owner, *plan, planned, after, diags)
	if diags.HasError() {
		return
	}
	noteRowsThatStay(ctx, *plan, state, configured, after, resp)
	if !plan.BlacklistID.Equal(state.BlacklistID) {
		leaving := r.planAllLeaving(ctx, owner, state, prior, rows, resp)
		if plan.BlacklistID.IsUnknown() {
			warnUnknownList(diags, state.BlacklistID.ValueString(), leaving)
		}
		return
	}
	removed := removals(*plan, change, rows)
	if r.data.known() {
		given := slices.Concat(removed, companiesChanged(*plan, change, rows))
		r.data.planUpdated(ctx, owner, state.BlacklistID.ValueString(), rowEntries(given, rows), false, diags)
	}
	if len(change.Relabelled) > 0 || len(removed) > 0 && neverApplied(ctx, resp.Private, diags) {
		warnRelabelled(diags, state.BlacklistID.ValueString(), change, removed)
	}
	if plan.authoritative() && !state.authoritative() {
		r.warnUnnamed(ctx, *plan, planned, diags)
	}
}

// planDestroy tells the list that everything is given up.
func (r *blacklistEntriesResource) planDestroy(ctx context.Context, owner string, state blacklistEntriesModel, resp *resource.ModifyPlanResponse) {
	prior, err := exclusion.Parse(state.Entries.ValueString())
	if err != nil {
		addDocumentError(&resp.Diagnostics, err)
		return
	}
	r.data.noteDestroyed(owner)
	r.planAllLeaving(ctx, owner, state, prior, readRows(ctx, resp.Private, prior, &resp.Diagnostics), resp)
}

// noteRowsThatStay notes for the second plan of a replacement, which sees no state but the configuration's own text, what
// the list holds and is to hold. Where that text is the state's (configured is nil), private state has its rows already.
func noteRowsThatStay(ctx context.Context, plan, state blacklistEntriesModel, configured *exclusion.Document, rows map[string]exclusion.Row, resp *resource.ModifyPlanResponse) {
	if !plan.BlacklistID.Equal(state.BlacklistID) {
		noteStays(ctx, "", resp.Private, &resp.Diagnostics)
		return
	}
	// An earlier plan may have left something, if its apply failed.
	writeHandedOver(ctx, nil, resp.Private, &resp.Diagnostics)
	if configured == nil {
		noteStays(ctx, allRows, resp.Private, &resp.Diagnostics)
		return
	}
	writeRowsAs(ctx, staysKey, resp.Private, configured, rows, &resp.Diagnostics)
}

// rowsThatStay gives the ids of the rows that the first plan has noted.
func rowsThatStay(ctx context.Context, private privateState, document *exclusion.Document, diags *diag.Diagnostics) []string {
	value, getDiags := private.GetKey(ctx, staysKey)
	diags.Append(getDiags...)
	if value == nil {
		return nil
	}
	key := staysKey
	if string(value) == `"`+allRows+`"` {
		key = entryRowsKey
	}
	var ids []string
	for _, row := range readRowsAs(ctx, key, private, document, diags) {
		if row.ID != "" {
			ids = append(ids, row.ID)
		}
	}
	return ids
}

func (r *blacklistEntriesResource) planAllLeaving(ctx context.Context, owner string, state blacklistEntriesModel, prior *exclusion.Document, rows map[string]exclusion.Row, resp *resource.ModifyPlanResponse) []openprospect.Entry {
	all := rowEntries(removals(state, exclusion.Diff(prior, exclusion.Render(nil)), rows), rows)
	r.data.planDestroyed(ctx, owner, state.BlacklistID.ValueString(), all, false, resp.Private, &resp.Diagnostics)
	return all
}

// companiesChanged are the companies that an apply takes off the list because their key gets another one.
func companiesChanged(plan blacklistEntriesModel, change exclusion.Change, rows map[string]exclusion.Row) []exclusion.Item {
	var given []exclusion.Item
	for _, item := range change.Changed {
		if plan.mayRemove(rows[item.Key]) && exclusion.CompanyKey(item.Old) != exclusion.CompanyKey(item.New) {
			given = append(given, exclusion.Item{Key: item.Key, Fields: item.Old})
		}
	}
	return given
}

// rowEntries are the entries on the list that stand for the items, as far as their ids are known.
func rowEntries(items []exclusion.Item, rows map[string]exclusion.Row) []openprospect.Entry {
	return slices.DeleteFunc(itemEntries(items, rows), func(entry openprospect.Entry) bool { return entry.ID == "" })
}

// itemEntries are the entries that stand for the items. The ID of one may be "".
func itemEntries(items []exclusion.Item, rows map[string]exclusion.Row) []openprospect.Entry {
	entries := make([]openprospect.Entry, len(items))
	for i, item := range items {
		entries[i] = openprospect.Entry{ID: rows[item.Key].ID, EntryFields: item.Fields}
	}
	return entries
}

// addedRows are the ids of the rows that the resource has added.
func addedRows(rows map[string]exclusion.Row) []string {
	var ids []string
	for _, row := range rows {
		if row.Added && row.ID != "" {
			ids = append(ids, row.ID)
		}
	}
	return ids
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

// rowsAfter gives the rows by the planned keys, as far as entries stay.
func rowsAfter(change exclusion.Change, planned *exclusion.Document, rows map[string]exclusion.Row) map[string]exclusion.Row {
	if change.Empty() && len(change.Relabelled) == 0 {
		return rows
	}
	source := make(map[string]string)
	for _, item := range change.Added {
		source[item.Key] = ""
	}
	for _, item := range change.Changed {
		source[item.Key] = ""
	}
	for _, item := range change.Relabelled {
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
func removals(plan blacklistEntriesModel, change exclusion.Change, rows map[string]exclusion.Row) []exclusion.Item {
	var removed []exclusion.Item
	for _, item := range change.Removed {
		if plan.mayRemove(rows[item.Key]) {
			removed = append(removed, item)
		}
	}
	return removed
}

// warnUnnamed says what authoritative mode will want to remove. The refresh has read the list already.
func (r *blacklistEntriesResource) warnUnnamed(ctx context.Context, plan blacklistEntriesModel, planned *exclusion.Document, diags *diag.Diagnostics) {
	if !r.data.known() || plan.Mode.IsUnknown() {
		return
	}
	blacklistID := plan.BlacklistID.ValueString()
	unnamed, err := r.data.lists.List(blacklistID).Unnamed(ctx, planned)
	if err != nil {
		addAPIError(diags, "read", "blacklist entries", err)
		return
	}
	if len(unnamed) > 0 {
		warnUnnamedLater(diags, blacklistID, unnamed)
	}
}

// claim makes two resources that manage the same entry, or one list and a part of it, an error of the plan.
func (r *blacklistEntriesResource) claim(ctx context.Context, owner string, plan blacklistEntriesModel, document *exclusion.Document, rows map[string]exclusion.Row, diags *diag.Diagnostics) {
	if !r.data.known() || plan.BlacklistID.IsUnknown() {
		return
	}
	entries := make([]openprospect.Entry, 0, document.Len())
	for key, fields := range document.All() {
		entries = append(entries, openprospect.Entry{ID: rows[key].ID, EntryFields: fields})
	}
	r.data.planClaimed(ctx, owner, plan.BlacklistID.ValueString(), "blacklist entries", func(list *exclusion.List) error {
		if plan.authoritative() && !plan.Mode.IsUnknown() {
			return list.ClaimWhole(owner, entries)
		}
		return list.ClaimEntries(owner, entries)
	}, diags)
}
