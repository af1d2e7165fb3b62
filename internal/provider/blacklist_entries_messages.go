package provider

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

// shownCompanies is how many companies one message names.
const shownCompanies = 20

var entriesPath = path.Root("entries")

// addDocumentError is for a document that cannot be used.
func addDocumentError(diags *diag.Diagnostics, err error) {
	var problems *exclusion.DocumentError
	if errors.As(err, &problems) {
		diags.AddAttributeError(entriesPath, "Invalid entries",
			fmt.Sprintf("These companies in entries are not valid:\n\n"+
				"%s\n\n"+
				"Each key takes an object with some of company_name, website_url, city, country and external_id. The values are "+
				"strings.", err))
		return
	}
	diags.AddAttributeError(entriesPath, "Invalid entries",
		fmt.Sprintf("entries must be a JSON object of companies, such as jsonencode({ key = { company_name = \"...\" } }): %s. "+
			"For CSV, use provider::openprospect::blacklist_entries(file(\"...\")).", err))
}

func addEntriesUnknown(diags *diag.Diagnostics, blacklist string) {
	diags.AddAttributeError(entriesPath, "Entries not known at plan time",
		fmt.Sprintf("entries depends on a value that is only known after apply. So this plan cannot show which companies it "+
			"would remove from the blacklist %s. Nothing is removed that no plan has shown.\n\n"+
			"Apply what entries depends on first (terraform apply -target=...), or use values that are known at plan time.", blacklist))
}

func addEntriesEmptied(diags *diag.Diagnostics, blacklist string, count int) {
	diags.AddAttributeError(entriesPath, "Entries became empty",
		fmt.Sprintf("entries contains no companies any more, but state contains %s on the blacklist %s. The apply would remove "+
			"all of them, and discovery would find them again.\n\n"+
			"Check the source of entries: a CSV export with only a header looks like this. To exclude nobody any more, remove "+
			"this resource from the configuration instead.",
			companies(count), blacklist))
}

func addCountOfAdditive(diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root("drift_detection"), "drift_detection = \"count\" needs an authoritative list",
		"In additive mode, others may add companies to the blacklist too, so their number says nothing about this resource. Use "+
			"drift_detection = \"full\" or \"none\", or mode = \"authoritative\".")
}

func addEntriesUnnamed(diags *diag.Diagnostics, blacklist, blacklistID string, unnamed []exclusion.Entry, named int) {
	diags.AddAttributeError(path.Root("blacklist_id"), "Blacklist contains companies that are not in entries",
		fmt.Sprintf("The blacklist %s contains %s besides the %s in entries. In authoritative mode, the apply would remove these:\n"+
			"%s\n\n"+
			"Import the list. The next plan then shows what it would remove:\n\n"+
			"%s\n\n"+
			"Or add these companies to entries, or set mode = \"additive\" to keep them.\n\n"+
			"If this plan replaces a list that is in state, run `terraform state rm` on it before you import. If the list is "+
			"tainted, run `terraform untaint` instead.",
			blacklist, otherCompanies(len(unnamed)), companies(named), entryLines(unnamed),
			importCommands("openprospect_blacklist_entries.<name>", []string{blacklistID})))
}

// Changes of a list that are worth a word.
const (
	// summedUpFrom is how many rows a change has at least that is summed up: nobody reads a plan of that length.
	summedUpFrom = 20
	// halfOfFrom is how many companies a list has at least of which more than half may not go without a warning.
	halfOfFrom = 20
)

// listChange is what a plan does to a list.
type listChange struct {
	difference exclusion.Difference
	removed    []exclusion.Item
	// gone is how many companies go: those removed and those whose key gets another company.
	gone, before int
	// imported is true if no document was applied since the import.
	imported bool
}

func (c listChange) rows() int {
	return len(c.difference.Added) + len(c.difference.Changed) + len(c.removed)
}

// warnOfChange says at most once what a plan does to a list: what it really changes where the plan cannot show it, that
// most companies go, or the numbers of a long plan.
func warnOfChange(diags *diag.Diagnostics, plan blacklistEntriesModel, blacklist string, change listChange) {
	difference := change.difference
	numbers := fmt.Sprintf("Blacklist %s with %s: %d to add, %d to change, %d to remove.",
		blacklist, companies(change.before), len(difference.Added), len(difference.Changed), len(change.removed))
	noLonger := ""
	if len(change.removed) > 0 {
		noLonger = "\n\nNo longer excluded:\n" + firstLines(itemNames(change.removed))
	}
	relabelled := ""
	if count := len(difference.Relabelled); count > 0 {
		relabelled = fmt.Sprintf(
			"Only the key changes for %s. The plan shows this as removed and added, but the provider sends nothing for it. ",
			companies(count),
		)
	}
	most := plan.MaxRemovals.IsNull() && change.before >= halfOfFrom && 2*change.gone > change.before
	switch {
	case most:
		diags.AddAttributeWarning(entriesPath, "Most companies are removed from the blacklist",
			relabelled+numbers+" A truncated CRM export looks like this. Check the source of entries before you apply. To "+
				"make such a plan an error, set max_removals."+noLonger)
	case relabelled != "":
		diags.AddAttributeWarning(entriesPath, "Actual changes in this plan", relabelled+numbers+noLonger)
	case change.imported && len(change.removed) > 0:
		diags.AddAttributeWarning(entriesPath, "Companies are removed from the blacklist",
			"This is the first change since the import, and some companies on the blacklist are not in entries. "+numbers+noLonger)
	case change.rows() >= summedUpFrom:
		diags.AddAttributeWarning(entriesPath, "Summary of a long change", numbers)
	}
}

// refuseRemovals keeps a plan from removing more companies than max_removals allows.
func refuseRemovals(diags *diag.Diagnostics, plan blacklistEntriesModel, blacklist string, gone []string) {
	if !plan.removesTooMany(len(gone)) {
		return
	}
	diags.AddAttributeError(path.Root("max_removals"), "Too many companies would be removed",
		fmt.Sprintf("This plan removes %s from the blacklist %s, but max_removals allows only %d. Nothing was changed. It "+
			"would remove:\n"+
			"%s\n\n"+
			"Check the source of entries: a truncated CRM export looks like this. If the removal is intended, raise max_removals "+
			"for this change.",
			companies(len(gone)), blacklist, plan.MaxRemovals.ValueInt64(), firstLines(gone)))
}

func warnNobodyExcluded(diags *diag.Diagnostics) {
	diags.AddAttributeWarning(entriesPath, "No company is excluded",
		"entries is empty, so this resource excludes no company. Check the source of entries: a CSV export with only a header "+
			"looks like this.")
}

// weakMatch says what a weak company means (exclusion.Company.Weak).
const weakMatch = "A discovery order can match by name alone here, or not at all: it skips external_id, because the companies that it " +
	"finds have none."

// warnWeakEntries names the companies that a plan adds or changes and that will match the wrong company, or can match only by name or
// not at all. It is for ModifyPlan: Terraform validates twice in every plan.
func warnWeakEntries(diags *diag.Diagnostics, incoming iter.Seq2[string, exclusion.Company]) {
	var onPlatforms, weak []string
	for key, company := range incoming {
		if company.SharedPlatform() != "" {
			onPlatforms = append(onPlatforms, fmt.Sprintf("key %q (%s)", key, company))
		}
		if company.Weak() {
			weak = append(weak, fmt.Sprintf("key %q (%s)", key, company))
		}
	}
	if len(onPlatforms) > 0 {
		diags.AddAttributeWarning(entriesPath, "Websites belong to a platform",
			fmt.Sprintf("The website of %s is a page on a platform that many companies share. The API matches by domain, so it "+
				"excludes the platform and not the company:\n"+
				"%s\n\n"+
				"Use the company's own website. Or leave out website_url, and set company_name and city.",
				companies(len(onPlatforms)), firstLines(onPlatforms)))
	}
	if len(weak) > 0 {
		diags.AddAttributeWarning(entriesPath, "Companies can only be matched by name",
			fmt.Sprintf("This plan adds or changes %s with neither a website that has a domain nor a name with a city:\n"+
				"%s\n\n"+
				"%s Add website_url where you can, or else company_name and city.",
				companies(len(weak)), firstLines(weak), weakMatch))
	}
}

// warnWeakEntry is warnWeakEntries for a single entry. Terraform folds the warnings of one summary into one, so that many entries do
// not flood a plan.
func warnWeakEntry(diags *diag.Diagnostics, plan blacklistEntryModel) {
	company := plan.company()
	if platform := company.SharedPlatform(); platform != "" {
		diags.AddAttributeWarning(path.Root("website_url"), "Website belongs to a platform",
			fmt.Sprintf("The website of %s is on %s, a platform that many companies share. The API matches by domain, so this entry "+
				"excludes the platform and not the company. Use the company's own website. Or leave out website_url, and set "+
				"company_name and city.", company, platform))
	}
	known := !plan.CompanyName.IsUnknown() && !plan.WebsiteURL.IsUnknown() && !plan.City.IsUnknown()
	if known && company.Weak() {
		diags.AddWarning("Company can only be matched by name", fmt.Sprintf("The entry %s has neither a website nor a name with a city. "+
			"%s Add website_url, or else company_name and city.", company, weakMatch))
	}
}

func warnUnnamedLater(diags *diag.Diagnostics, blacklist string, unnamed []exclusion.Entry) {
	diags.AddAttributeWarning(path.Root("mode"), "Blacklist contains companies that are not in entries",
		fmt.Sprintf("The blacklist %s contains %s besides those in entries. This plan keeps them. Once mode is authoritative, "+
			"the next plan shows them as removed:\n"+
			"%s\n\n"+
			"To keep them, add them to entries.",
			blacklist, otherCompanies(len(unnamed)), entryLines(unnamed)))
}

func warnEntriesAdopted(diags *diag.Diagnostics, blacklist string, count int) {
	diags.AddWarning("Companies were already on the blacklist",
		fmt.Sprintf("%s already on the blacklist %s. In additive mode, this resource removes only what it has added. So these "+
			"companies stay on the blacklist when you remove them from entries or destroy the resource.", companiesWere(count), blacklist))
}

func warnEntriesLeft(diags *diag.Diagnostics, blacklist string, left []exclusion.Company) {
	diags.AddWarning("Companies stay on the blacklist",
		fmt.Sprintf("In additive mode, this resource removes only what it has added. It did not add these companies, so they "+
			"stay on the blacklist %s:\n"+
			"%s\n\n"+
			"To remove them, use the dashboard, or set mode = \"authoritative\". If an earlier run was killed, the provider does "+
			"not know what that run added.",
			blacklist, companyLines(left)))
}

// warnEntriesGone is for a blacklist that is not found. Who is what was on it, with its verb: "2 companies are".
func warnEntriesGone(diags *diag.Diagnostics, blacklistID, who string) {
	diags.AddWarning("Blacklist not found",
		fmt.Sprintf("The blacklist %s was removed outside Terraform, or it belongs to an account that this API key cannot see. "+
			"Check api_key and base_url before you apply.\n\n"+
			"If it was removed, %s no longer excluded. The next apply adds the entries to a blacklist that exists.",
			blacklistID, who))
}

// addEntriesError is for a change of the list that failed, wholly or in part.
func addEntriesError(diags *diag.Diagnostics, verb string, err error) {
	var exists *exclusion.ExistsError
	if errors.As(err, &exists) {
		diags.AddError(fmt.Sprintf("Unable to %s blacklist entries", verb),
			err.Error()+"\n\n"+
				"To the API, this company is already on the blacklist, with other fields. Keep only one of the two, in entries "+
				"or in the dashboard, and apply again.")
		return
	}
	addAPIError(diags, verb, "blacklist entries", err)
}

func companies(count int) string {
	if count == 1 {
		return "1 company"
	}
	return fmt.Sprintf("%d companies", count)
}

// otherCompanies are companies beside others that were named before.
func otherCompanies(count int) string {
	if count == 1 {
		return "1 other company"
	}
	return fmt.Sprintf("%d other companies", count)
}

// companiesWere and companiesAre are companies as the subject of a sentence.
func companiesWere(count int) string {
	if count == 1 {
		return "1 company was"
	}
	return companies(count) + " were"
}

func companiesAre(count int) string {
	if count == 1 {
		return "1 company is"
	}
	return companies(count) + " are"
}

// entryLines names the companies of the first entries, one a line.
func entryLines(entries []exclusion.Entry) string {
	named := make([]exclusion.Company, len(entries))
	for i, entry := range entries {
		named[i] = entry.Company
	}
	return companyLines(named)
}

// companyLines names the first companies, one a line.
func companyLines(companies []exclusion.Company) string {
	lines := make([]string, len(companies))
	for i, company := range companies {
		lines[i] = company.String()
	}
	return firstLines(lines)
}

func firstLines(lines []string) string {
	var text strings.Builder
	for i, line := range lines {
		if i == shownCompanies {
			fmt.Fprintf(&text, "\n  and %d more", len(lines)-shownCompanies)
			break
		}
		text.WriteString("\n  " + line)
	}
	return text.String()
}
