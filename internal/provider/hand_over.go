package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// handedOverKey is where the planned private state of a resource that is to be destroyed holds the ids of entries that
// another resource takes over. Only the plan sees both: at apply, Terraform may destroy the one before it comes to the
// other. An update is planned once more at apply, without a trace of the first plan, and can only wait.
const handedOverKey = "handed_over"

// planClaimed claims what a resource is to have, and says what it may get too late. Who gives up an entry that is gone already
// stands in nobody's way.
func (d *providerData) planClaimed(ctx context.Context, owner, blacklistID, noun string, claim func(*exclusion.List) error, diags *diag.Diagnostics) {
	list := d.lists.List(blacklistID)
	err := claim(list)
	for list.ForgetGone(ctx, err) {
		err = claim(list)
	}
	if err != nil {
		addAPIError(diags, "plan", noun, err)
		return
	}
	d.warnAtRisk(diags, blacklistID, list.AtRisk(owner))
}

// planDestroyed tells the list what a resource gives up that is to be destroyed, and notes in the planned private state what is to stay.
func (d *providerData) planDestroyed(ctx context.Context, owner, blacklistID string, entries []openprospect.Entry, alone bool, private privateStateWriter, diags *diag.Diagnostics) {
	var kept []string
	if d.known() {
		kept = d.planLeaving(ctx, owner, blacklistID, exclusion.Departure{Entries: entries, Alone: alone, Destroyed: true}, diags)
	}
	if len(kept) == 0 {
		// Nor what an earlier plan has left, if its apply failed.
		diags.Append(private.SetKey(ctx, handedOverKey, nil)...)
		return
	}
	value, err := json.Marshal(kept)
	if err != nil {
		diags.AddError("Unable to note what is handed over", err.Error()+". This is a bug of the provider; please report it: "+issuesURL)
		return
	}
	diags.Append(private.SetKey(ctx, handedOverKey, value)...)
}

// planUpdated tells the list what a resource gives up that lives on.
func (d *providerData) planUpdated(ctx context.Context, owner, blacklistID string, entries []openprospect.Entry, alone bool, diags *diag.Diagnostics) {
	kept := d.planLeaving(ctx, owner, blacklistID, exclusion.Departure{Entries: entries, Alone: alone}, diags)
	taken := make(map[string]bool, len(kept))
	for _, id := range kept {
		taken[id] = true
	}
	d.warnAtRisk(diags, blacklistID, slices.DeleteFunc(slices.Clone(entries), func(entry openprospect.Entry) bool { return !taken[entry.ID] }))
}

func (d *providerData) planLeaving(ctx context.Context, owner, blacklistID string, planned exclusion.Departure, diags *diag.Diagnostics) []string {
	kept, err := d.lists.List(blacklistID).Leave(ctx, owner, planned)
	if err != nil {
		noun := "blacklist entries"
		if planned.Alone {
			noun = "blacklist entry"
		}
		addAPIError(diags, "plan", noun, err)
	}
	return kept
}

// keepHandedOver leaves on the list what the plan of a destruction has found to be taken over.
func keepHandedOver(ctx context.Context, list *exclusion.List, private privateState, diags *diag.Diagnostics) {
	value, getDiags := private.GetKey(ctx, handedOverKey)
	diags.Append(getDiags...)
	if value == nil {
		return
	}
	var ids []string
	if err := json.Unmarshal(value, &ids); err != nil {
		addPrivateStateError(diags, "resource", err)
		return
	}
	list.Keep(ids)
}

// warnAtRisk is for entries that change hands without the plan being able to say so to the one that gives them up. At
// apply, where resources are planned once more, there is nothing to be done about it.
func (d *providerData) warnAtRisk(diags *diag.Diagnostics, blacklistID string, atRisk []openprospect.Entry) {
	if len(atRisk) == 0 || !d.refreshed.Load() {
		return
	}
	diags.AddWarning("Company changes hands",
		fmt.Sprintf("In this plan, one resource gives up and another one takes over %s on the blacklist %s:\n%s\n\n"+
			"Terraform does not say which of the two it runs first. The one that gives up waits a moment for the other; if Terraform comes to that one much later, the company is off the list in between.\n\n"+
			"To rule that out, use a moved block where only the name of the resource changes, or a removed block with lifecycle { destroy = false } for one that goes; one that stays, such as a list, gets depends_on with the one that takes over.",
			companies(len(atRisk)), blacklistID, companyLines(fieldsOf(atRisk))))
}
