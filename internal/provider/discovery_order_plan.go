package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// replacedOrder is what the second plan of a replacement must know of the order.
type replacedOrder struct {
	ID             string `json:"id"`
	Title          string `json:"title"`
	Status         string `json:"status"`
	DeletionPolicy string `json:"deletion_policy"`
}

func replacedOrderFrom(state discoveryOrderResourceModel) replacedOrder {
	return replacedOrder{state.ID.ValueString(), state.Title.ValueString(), state.Status.ValueString(), state.DeletionPolicy.ValueString()}
}

// ModifyPlan decides whether an order is kept, replaced or waited for, and
// says so.
//
// Terraform plans a replacement in two calls. The first has the prior state;
// what it writes to private state is what the second, which has no prior state
// and looks like a create, gets. Terraform drops the second call's warnings
// but keeps its errors. With -replace only the second call can tell. A create,
// and the replacement of a tainted order, are one call without private state:
// see orderLedger.guessTainted.
func (r *discoveryOrderResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	switch {
	case req.Plan.Raw.IsNull():
		r.planDestroy(ctx, req, resp)
	case req.State.Raw.IsNull():
		r.planCreate(ctx, req, resp)
	default:
		r.planExisting(ctx, req, resp)
	}
}

// isImported reports whether the order's arguments still are to be adopted from
// a configuration. A provider that dies in the first update takes private
// state, and so the mark, with it; then an order that has neither a description nor
// the id of a profile tells: one of them is required, and the API shows neither (U28), so only an import leaves both null.
func isImported(ctx context.Context, private privateState, state discoveryOrderResourceModel, diags *diag.Diagnostics) bool {
	return hasMark(ctx, private, markImported, diags) || state.IdealCustomerProfile.IsNull() && state.ProfileID.IsNull()
}

func (r *discoveryOrderResource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state discoveryOrderResourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	imported := isImported(ctx, req.Private, state, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if state.DeletionPolicy.ValueString() == deletionPolicyPrevent {
		r.ledger().keep(state.ID.ValueString())
		addError(&resp.Diagnostics, preventedMessage(replacedOrderFrom(state), nil))
		return
	}
	refuseRenamed(&resp.Diagnostics, r.ledger().forget(heldOrder{state: state, imported: imported}))
	if !resp.Diagnostics.HasError() && !r.ledger().isApplying() {
		addWarning(&resp.Diagnostics, forgottenMessage(state.ID.ValueString(), state.Status.ValueString()))
	}
}

func (r *discoveryOrderResource) planCreate(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan discoveryOrderResourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	replaced, isReplacement := getPrivate[replacedOrder](ctx, req.Private, replacedKey, &resp.Diagnostics)
	notFound := hasMark(ctx, req.Private, markNotFound, &resp.Diagnostics)
	r.data.checkBlacklists(ctx, &resp.Diagnostics, "blacklist_ids", plan.BlacklistIDs.Elements()...)
	r.data.checkKey(ctx, &resp.Diagnostics, scopeOrdersRead, scopeOrdersWrite)
	if resp.Diagnostics.HasError() {
		return
	}
	if isReplacement {
		refuseReplacement(&resp.Diagnostics, replaced, nil, plan.DeletionPolicy, notFound && r.stillNotFound(ctx, replaced.ID))
		return
	}
	// What the new block says of deletion_policy does not count: the order of state may be one that is renamed, and is yet to be planned.
	for _, order := range r.ledger().guessTainted(&plan) {
		refuseReplacement(&resp.Diagnostics, replacedOrderFrom(order.state), nil, types.StringNull(), order.notFound)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	refuseRenamed(&resp.Diagnostics, r.ledger().place(plan))
	if !resp.Diagnostics.HasError() && !r.putOff(req) && !r.ledger().isApplying() {
		addWarning(&resp.Diagnostics, placingMessage(plan.Title))
		warnOfSlips(&resp.Diagnostics, plan)
	}
}

func (r *discoveryOrderResource) planExisting(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state discoveryOrderResourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	imported := isImported(ctx, req.Private, state, &resp.Diagnostics)
	notFound := hasMark(ctx, req.Private, markNotFound, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.data.configured() {
		r.data.orders.Remember(state.ID.ValueString())
	}
	existing := replacedOrderFrom(state)
	setPrivate(ctx, resp.Private, replacedKey, existing, &resp.Diagnostics)

	for _, argument := range respelledArguments(&state, &plan) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(argument.name), argument.value)...)
	}
	if replaced := replacedArguments(&state, &plan, imported); len(replaced) > 0 {
		for _, argument := range replaced {
			resp.RequiresReplace.Append(path.Root(argument.name))
		}
		notFound = notFound && r.stillNotFound(ctx, existing.ID)
		refuseReplacement(&resp.Diagnostics, existing, replaced, plan.DeletionPolicy, notFound)
		if resp.Diagnostics.HasError() {
			r.ledger().keep(existing.ID)
			return
		}
		refuseRenamed(&resp.Diagnostics, r.ledger().replace(heldOrder{state: state, imported: imported}, plan))
		if !resp.Diagnostics.HasError() && !r.putOff(req) {
			addWarning(&resp.Diagnostics, replacingMessage(plan.Title, existing.ID, existing.Status, replaced))
			warnOfSlips(&resp.Diagnostics, plan)
		}
		return
	}

	r.ledger().keep(existing.ID)
	if leftOut := leftOutArguments(&state, &plan); imported && len(leftOut) > 0 && !r.ledger().isApplying() {
		addWarning(&resp.Diagnostics, leftOutMessage(existing.ID, leftOut))
	}
	// The order stays, so what is computed of it does: except for its progress, where that is to be waited for.
	progress := state.orderProgressModel
	if mayWait(plan.WaitForCompletion) && !progress.terminal() && !notFound {
		progress.expectProgress()
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), state.ID)...)
	for name, value := range progress.attributes() {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(name), value)...)
	}
}

// stillNotFound looks for the order once more, before its replacement is refused: the mark is of an earlier run where Terraform has
// not refreshed the order yet, as with -minimal-refresh. What cannot be looked up stays as the mark says.
func (r *discoveryOrderResource) stillNotFound(ctx context.Context, id string) bool {
	if !r.data.configured() {
		return true
	}
	_, err := r.data.client.GetOrder(ctx, id)
	return err != nil
}

func (r *discoveryOrderResource) ledger() *orderLedger { return r.data.ledger() }

// refuseRenamed adds an error for each order that is forgotten and placed again.
func refuseRenamed(diags *diag.Diagnostics, renamed []renamedOrder) {
	for _, order := range renamed {
		addError(diags, renamedMessage(order))
	}
}

// putOff reports whether Terraform leaves the order to a later plan, which
// gives the warnings, because the provider's configuration is unknown.
func (r *discoveryOrderResource) putOff(req resource.ModifyPlanRequest) bool {
	return req.ClientCapabilities.DeferralAllowed && !r.data.configured()
}

// mayWait reports whether waiting is wanted, or not known not to be.
func mayWait(wait types.Bool) bool { return wait.IsUnknown() || wait.ValueBool() }

// refuseReplacement adds an error if the order must not be replaced. A policy
// protects from the moment it is configured until its end was applied.
// Changed is empty where it is not known what replaces it, or nothing of it changes.
func refuseReplacement(diags *diag.Diagnostics, order replacedOrder, changed []orderArgument, planned types.String, notFound bool) {
	if order.DeletionPolicy == deletionPolicyPrevent || planned.ValueString() == deletionPolicyPrevent {
		addError(diags, preventedMessage(order, changed))
		return
	}
	if notFound {
		addError(diags, irreplaceableMessage(order.ID, changed))
	}
}
