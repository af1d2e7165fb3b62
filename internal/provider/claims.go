package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

// claim tells a list what a resource is to have on it and what it gives up, and reports what that means together with the
// plans of other resources. What is not known at plan time is claimed at apply, when Terraform plans once more.
func (d *providerData) claim(owner string, blacklistID types.String, noun string, plan exclusion.Plan, diags *diag.Diagnostics) {
	if !d.configured() || blacklistID.IsUnknown() {
		return
	}
	changesHands, err := d.lists.List(blacklistID.ValueString()).Claim(owner, plan)
	if err != nil {
		addAPIError(diags, "plan", noun, err)
		return
	}
	if len(changesHands) > 0 {
		warnChangesHands(diags, d.blacklistText(blacklistID), changesHands)
	}
}

func warnChangesHands(diags *diag.Diagnostics, blacklist string, entries []exclusion.Entry) {
	diags.AddWarning("Companies move between resources",
		fmt.Sprintf("One resource removes %s from the blacklist %s, and another resource adds the same again. Terraform usually "+
			"removes first. Each company below is off the blacklist until the apply has added it again. If the apply fails or is "+
			"stopped, it stays off:\n"+
			"%s\n\n"+
			"To keep all of them on the blacklist, add a moved block if only the address of the resource changes. Otherwise, "+
			"give the new resource another name, and add a removed block with lifecycle { destroy = false } for the old one. The "+
			"new resource then takes over what is on the blacklist.",
			companies(len(entries)), blacklist, entryLines(entries)))
}

// warnUnknownBlacklist is for a resource that is replaced because its blacklist is not known yet, but may be the same.
func warnUnknownBlacklist(diags *diag.Diagnostics, blacklist string, entries []exclusion.Entry) {
	if len(entries) == 0 {
		return
	}
	diags.AddWarning("Blacklist not known at plan time",
		fmt.Sprintf("The ID of the new blacklist is only known after apply, so the resource is replaced: %s removed from the "+
			"blacklist %s first. If the new blacklist is the same one, nothing excludes them until they are added again:\n"+
			"%s\n\n"+
			"To avoid that, make blacklist_id known at plan time: refer to the resource of the blacklist, or remove depends_on "+
			"from the data source. If this run replaces the blacklist itself, there is nothing to do.",
			companiesAre(len(entries)), blacklist, entryLines(entries)))
}
