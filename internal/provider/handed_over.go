package provider

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// handedOverKey is where the planned private state of a resource that gives entries up holds the ids of those that
// another resource takes over. Only the plan sees both: at apply, Terraform may remove the one before it comes to the other.
const handedOverKey = "handed_over"

// planLeaving tells the list what the plan gives up, and notes in the planned private state what is to stay.
func (d *providerData) planLeaving(ctx context.Context, owner, blacklistID string, entries []openprospect.Entry, alone bool, noun string, private privateStateWriter, diags *diag.Diagnostics) {
	kept, err := d.lists.List(blacklistID).Leave(ctx, owner, entries, alone)
	if err != nil {
		addAPIError(diags, "plan", noun, err)
		return
	}
	writeHandedOver(ctx, private, kept, diags)
}

// keepHandedOver leaves on the list what the plan has found to be taken over by another resource.
func (d *providerData) keepHandedOver(ctx context.Context, list *exclusion.List, private privateState, diags *diag.Diagnostics) {
	value, getDiags := private.GetKey(ctx, handedOverKey)
	diags.Append(getDiags...)
	if value == nil {
		return
	}
	var ids []string
	if err := json.Unmarshal(value, &ids); err != nil {
		diags.AddError("Unreadable private state", "The private state of this resource was damaged: "+err.Error())
		return
	}
	list.Keep(ids)
}

// writeHandedOver holds for one plan and its apply; no ids take away what an earlier one has left.
func writeHandedOver(ctx context.Context, private privateStateWriter, ids []string, diags *diag.Diagnostics) {
	if len(ids) == 0 {
		diags.Append(private.SetKey(ctx, handedOverKey, nil)...)
		return
	}
	value, err := json.Marshal(ids)
	if err != nil {
		diags.AddError("Unwritable private state", err.Error())
		return
	}
	diags.Append(private.SetKey(ctx, handedOverKey, value)...)
}

// warnAtRisk is for entries that this resource takes over from others which were planned first, and so do not know of it.
func warnAtRisk(diags *diag.Diagnostics, blacklistID string, atRisk []openprospect.Entry) {
	if len(atRisk) == 0 {
		return
	}
	fields := make([]openprospect.EntryFields, len(atRisk))
	for i, entry := range atRisk {
		fields[i] = entry.EntryFields
	}
	diags.AddWarning("Company changes hands",
		fmt.Sprintf("In this plan, one resource gives up and another one takes over %s on the blacklist %s:\n%s\n\n"+
			"Terraform does not say which of the two it runs first. The one that gives up waits a moment for the other; if Terraform comes to that one much later, the company is off the list in between.\n\n"+
			"To rule that out, use a moved block where only the name of the resource changes, or a removed block with lifecycle { destroy = false } for the one that gives up.",
			companies(len(atRisk)), blacklistID, companyLines(fields)))
}
