package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

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
	d.warnAtRisk(diags, blacklistID, "takes over", list.AtRisk(owner))
}

// planExpected is for a resource of which not everything is known yet: wanted is the company, nil if it may be any.
func (d *providerData) planExpected(owner, blacklistID string, wanted *openprospect.EntryFields, diags *diag.Diagnostics) {
	d.warnAtRisk(diags, blacklistID, mayTakeOver, d.lists.List(blacklistID).Expect(owner, wanted))
}

const mayTakeOver = "may take over, since it is not all known yet,"

// warnUnknownList is for a resource that is replaced because its blacklist is not known yet, but may be the same.
func warnUnknownList(diags *diag.Diagnostics, blacklistID string, entries []openprospect.Entry) {
	if len(entries) == 0 {
		return
	}
	diags.AddWarning("Blacklist is not known yet",
		fmt.Sprintf("%s will be taken off the blacklist %s before the resource is made anew, on a blacklist of which the id is known only at apply. If it turns out to be the same one, they are off the list in between, and if that apply fails they stay off:\n%s\n\n"+
			"To rule that out, let blacklist_id be known when Terraform plans: refer to the blacklist's resource, or take depends_on out of the data source. If the blacklist itself is made anew in this run, there is nothing to do.",
			companies(len(entries)), blacklistID, companyLines(fieldsOf(entries))))
}

// planDestroyed tells the list what a resource gives up that is to be destroyed, and notes in the planned private state what is to stay.
func (d *providerData) planDestroyed(ctx context.Context, owner, blacklistID string, entries []openprospect.Entry, alone bool, private privateStateWriter, diags *diag.Diagnostics) {
	var kept []string
	if d.known() {
		kept = d.planLeaving(ctx, owner, blacklistID, exclusion.Departure{Entries: entries, Alone: alone, Destroyed: true}, diags)
	}
	// Nothing too: an earlier plan may have left something, if its apply failed.
	writeHandedOver(ctx, kept, private, diags)
}

func writeHandedOver(ctx context.Context, ids []string, private privateStateWriter, diags *diag.Diagnostics) {
	if len(ids) == 0 {
		dropPrivate(ctx, private, handedOverKey, diags)
		return
	}
	setPrivate(ctx, private, handedOverKey, ids, diags)
}

// allRows is kept under staysKey where all rows stay.
const allRows = "all"

// noteStays is for the first plan; nothing stays for "".
func noteStays(ctx context.Context, what string, private privateStateWriter, diags *diag.Diagnostics) {
	if what == "" {
		dropPrivate(ctx, private, staysKey, diags)
		return
	}
	setPrivate(ctx, private, staysKey, what, diags)
}

// stays is for the second plan.
func stays(ctx context.Context, private privateState, diags *diag.Diagnostics) string {
	what, _ := getPrivate[string](ctx, private, staysKey, diags)
	return what
}

// noteDestroyed is for leaveDeposed.
func (d *providerData) noteDestroyed(owner string) {
	if d != nil {
		d.planning.Store(true)
		d.destroyed.Store(owner, nil)
	}
}

// leaveDeposed leaves on the list what a deposed object holds, and reports whether it did. Terraform plans the destruction of
// such an object at apply, and if an earlier apply has made the new object, it does not come to that one: nobody claims
// what both hold. In the apply that makes the new object, its claims tell what stays.
func (d *providerData) leaveDeposed(owner, blacklistID string, entries []openprospect.Entry, diags *diag.Diagnostics) bool {
	if _, deposed := d.destroyed.Load(owner); !deposed {
		return false
	}
	list := d.lists.List(blacklistID)
	left := list.Unclaimed(owner, entries)
	if len(left) == 0 {
		return false
	}
	list.LeaveBehind(left)
	diags.AddWarning("Companies stay on the blacklist",
		fmt.Sprintf("Terraform has destroyed the old object of a resource with create_before_destroy, and the provider cannot see whether the new one holds the same. So it has left %s on the blacklist %s:\n%s\n\n"+
			"Run terraform plan: it shows what is on the list of a resource and not in its configuration. What no resource manages and is not to stay, remove in the dashboard.",
			companies(len(left)), blacklistID, companyLines(fieldsOf(left))))
	return true
}

// planUpdated tells the list what a resource gives up that lives on.
func (d *providerData) planUpdated(ctx context.Context, owner, blacklistID string, entries []openprospect.Entry, alone bool, diags *diag.Diagnostics) {
	kept := d.planLeaving(ctx, owner, blacklistID, exclusion.Departure{Entries: entries, Alone: alone}, diags)
	taken := make(map[string]bool, len(kept))
	for _, id := range kept {
		taken[id] = true
	}
	d.warnAtRisk(diags, blacklistID, "takes over", slices.DeleteFunc(slices.Clone(entries), func(entry openprospect.Entry) bool { return !taken[entry.ID] }))
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
	d.warnAtRisk(diags, blacklistID, mayTakeOver, d.lists.List(blacklistID).Expected(owner))
	return kept
}

// keepHandedOver leaves on the list what the plan of a destruction has found to be taken over.
func keepHandedOver(ctx context.Context, list *exclusion.List, private privateState, diags *diag.Diagnostics) {
	if ids, found := getPrivate[[]string](ctx, private, handedOverKey, diags); found {
		list.Keep(ids)
	}
}

// warnAtRisk is for entries that change hands without the plan being able to say so to the one that gives them up. At
// apply, where resources are planned once more, there is nothing to be done about it.
func (d *providerData) warnAtRisk(diags *diag.Diagnostics, blacklistID, takes string, atRisk []openprospect.Entry) {
	if len(atRisk) == 0 || !d.planning.Load() {
		return
	}
	diags.AddWarning("Company changes hands",
		fmt.Sprintf("In this plan, one resource gives up and another one %s %s on the blacklist %s:\n%s\n\n"+
			"Terraform does not say which of the two it runs first. The one that gives up waits a moment for the other; if Terraform comes to that one much later, the company is off the list in between.\n\n"+
			"To rule that out, use a moved block where only the name of the resource changes, or a removed block with lifecycle { destroy = false } for one that goes; one that stays, such as a list, gets depends_on with the one that takes over.",
			takes, companies(len(atRisk)), blacklistID, companyLines(fieldsOf(atRisk))))
}
