package provider

import (
	"errors"
	"fmt"
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
			fmt.Sprintf("entries names companies that cannot be on the list as they stand:\n\n%s\n\n"+
				"Each key must name an object with some of company_name, website_url, city, country and external_id, all strings.", err))
		return
	}
	diags.AddAttributeError(entriesPath, "Invalid entries",
		fmt.Sprintf("entries must be a JSON object of companies, as jsonencode({ key = { company_name = \"...\" } }) makes it: %s.", err))
}

func addEntriesUnknown(diags *diag.Diagnostics, blacklistID string) {
	diags.AddAttributeError(entriesPath, "Entries not known at plan time",
		fmt.Sprintf("entries depends on something that is only known after apply, so this plan cannot show which companies it would take off the blacklist %s. "+
			"Nothing is removed that no plan has shown.\n\n"+
			"Apply what it depends on first (terraform apply -target=...), or make entries from values that are known at plan time.", blacklistID))
}

func addEntriesEmptied(diags *diag.Diagnostics, blacklistID string, count int) {
	diags.AddAttributeError(entriesPath, "Entries became empty",
		fmt.Sprintf("entries names no company any more, and state names %s on the blacklist %s: all would be taken off, and discovery would find them again. "+
			"A CSV export that holds only its header looks like this.\n\n"+
			"If nobody is to be excluded by this list any more, take the resource out of the configuration instead of emptying it.", companies(count), blacklistID))
}

func addEntriesUnnamed(diags *diag.Diagnostics, blacklistID string, unnamed []exclusion.Entry, named int) {
	diags.AddAttributeError(path.Root("blacklist_id"), "Blacklist holds companies that entries does not name",
		fmt.Sprintf("The blacklist %s holds %s that entries, with its %s, does not name. In authoritative mode they would be taken off, so they need your consent first:\n%s\n\n"+
			"Import the list; the next plan then shows what would be removed:\n\n%s\n\n"+
			"Or add them to entries, or set mode = \"additive\" to leave them alone. "+
			"If a list that is in state is to be replaced here, import helps only after terraform state rm; of a tainted one, terraform untaint makes an ordinary difference.",
			blacklistID, companies(len(unnamed)), companies(named), entryLines(unnamed),
			importCommands("openprospect_blacklist_entries.<name>", []string{blacklistID})))
}

// warnRelabelled tells the truth about a plan that shows companies as removed and added which only change their key.
func warnRelabelled(diags *diag.Diagnostics, blacklistID string, difference exclusion.Difference, removed []exclusion.Item) {
	gone := make([]exclusion.Company, len(removed))
	for i, item := range removed {
		gone[i] = item.Company
	}
	text := fmt.Sprintf("On the blacklist %s itself: %s under another key, which sends no request; %d added; %d changed; %d removed.",
		blacklistID, companies(len(difference.Relabelled)), len(difference.Added), len(difference.Changed), len(removed))
	if len(difference.Relabelled) > 0 {
		text = "The plan shows every entry whose key changes as removed and added. " + text
	}
	if len(removed) > 0 {
		text += " No longer excluded:\n" + companyLines(gone)
	}
	diags.AddAttributeWarning(entriesPath, "What this plan really changes", text)
}

func warnUnnamedLater(diags *diag.Diagnostics, blacklistID string, unnamed []exclusion.Entry) {
	diags.AddAttributeWarning(path.Root("mode"), "Blacklist holds companies that entries does not name",
		fmt.Sprintf("The blacklist %s holds %s that entries does not name. This plan leaves them alone; once mode is authoritative, the next one will show them as removed:\n%s",
			blacklistID, companies(len(unnamed)), entryLines(unnamed)))
}

func warnEntriesAdopted(diags *diag.Diagnostics, blacklistID string, count int) {
	diags.AddWarning("Companies were on the blacklist already",
		fmt.Sprintf("The blacklist %s held %s of entries before. In additive mode this resource removes only what it has added: "+
			"what it found stays on the list when it is taken out of entries or the resource is destroyed.", blacklistID, companies(count)))
}

func warnEntriesLeft(diags *diag.Diagnostics, blacklistID string, left []exclusion.Company) {
	diags.AddWarning("Companies stay on the blacklist",
		fmt.Sprintf("This resource is in additive mode and did not add %s, which therefore remain on the blacklist %s:\n%s\n\nTo have them removed, do so in the dashboard or set mode = \"authoritative\". A provider that was killed in the middle of a change no longer knows what it had added.",
			companies(len(left)), blacklistID, companyLines(left)))
}

// warnEntriesGone is for the companies, or the one, that were on a blacklist that is not found.
func warnEntriesGone(diags *diag.Diagnostics, blacklistID, who string) {
	diags.AddWarning("Blacklist not found",
		fmt.Sprintf("The blacklist %s was removed outside Terraform, and with it %s, or belongs to an account that this API key cannot see: check api_key and base_url before you apply. "+
			"If it was removed, nobody who was on it is excluded any more, until the next apply adds them to a blacklist that exists.",
			blacklistID, who))
}

// addEntriesError is for a change of the list that failed, wholly or in part.
func addEntriesError(diags *diag.Diagnostics, verb string, err error) {
	var exists *exclusion.ExistsError
	if errors.As(err, &exists) {
		diags.AddError(fmt.Sprintf("Unable to %s blacklist entries", verb),
			err.Error()+"\n\nThe API takes a company for one that is on the blacklist already, with other fields. Keep only one of the two, in entries or in the dashboard, and apply again.")
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

// companiesAre is companies as the subject of a sentence.
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
	var text strings.Builder
	for i, company := range companies {
		if i == shownCompanies {
			fmt.Fprintf(&text, "\n  and %d more", len(companies)-shownCompanies)
			break
		}
		text.WriteString("\n  " + company.String())
	}
	return text.String()
}
