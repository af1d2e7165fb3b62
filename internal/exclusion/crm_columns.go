package exclusion

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// CRMColumn says under which names a CRM export may hold a field of an entry.
type CRMColumn struct {
	// Field is the API's name of the field. A column with exactly this name is preferred to all others.
	Field string
	// Names are the other names that are understood, the preferred ones first. Those within one group are
	// equal: an export that has two of them must say which one is meant.
	Names [][]string
	// All says that a row whose preferred column is empty takes the next one. Otherwise only the
	// preferred column is read: two kinds of ids, or of names, must not mix.
	All bool
}

// Indexes of the fields in crmColumns.
const (
	crmExternalID = iota
	crmWebsiteURL
	crmCompanyName
	crmCity
	crmCountry
	crmFields
)

// crmColumns are the column names of HubSpot, Salesforce, Pipedrive, Dynamics 365 and Zoho, in English
// as these name them, and what German exports call the same. Left out on purpose: a bare "ID", which in most
// spreadsheets numbers rows and would become the strongest identity; "URL", often a link into the CRM; shipping
// addresses, which need not be where the company is.
var crmColumns = [crmFields]CRMColumn{
	crmExternalID: {Field: "external_id", Names: [][]string{
		{"CRM ID"},
		// Salesforce's 15 characters differ by case alone; the 18 do not.
		{"Account ID 18", "18 Digit Account ID", "Account ID 18 Digit"},
		{
			"External ID",
			"Record ID",
			"Account ID",
			"Organization - ID",
			"(Do Not Modify) Account",
			"Company ID",
			"Customer ID",
			"Customer Number",
			"Kundennummer",
			"Kunden-Nr.",
			"Debitorennummer",
		},
	}},
	crmWebsiteURL: {Field: "website_url", All: true, Names: [][]string{
		// HubSpot checks its domain name, and tells companies apart by it; its website is free text.
		{"Company Domain Name", "Domain Name", "Domain"},
		{"Website URL", "Website", "Company Website", "Organization - Website", "Webseite", "Internetseite", "Homepage"},
	}},
	crmCompanyName: {Field: "company_name", Names: [][]string{
		{
			"Company Name",
			"Company",
			"Account Name",
			"Company / Account",
			"Organization - Name",
			"Organization Name",
			"Organization",
			"Customer Name",
			"Firma",
			"Firmenname",
			"Unternehmen",
			"Unternehmensname",
		},
		// Last, since in a list of contacts it is the person's.
		{"Name"},
	}},
	crmCity: {Field: "city", Names: [][]string{
		{"City", "Billing City", "Address 1: City", "Organization - City/town/village/locality of Address", "Ort", "Stadt"},
	}},
	crmCountry: {Field: "country", Names: [][]string{
		{"Country", "Country/Region", "Billing Country", "Address 1: Country/Region", "Organization - Country of Address", "Land"},
	}},
}

// CRMColumns returns the columns that EntriesFromCRMExport reads, the strongest identity first.
func CRMColumns() []CRMColumn {
	columns := slices.Clone(crmColumns[:])
	for i := range columns {
		columns[i].Names = slices.Clone(columns[i].Names)
		for j := range columns[i].Names {
			columns[i].Names[j] = slices.Clone(columns[i].Names[j])
		}
	}
	return columns
}

// crmName is what a column name stands for. Rank 0 is the API's own name.
type crmName struct{ field, rank int }

var crmNames = indexCRMNames()

func indexCRMNames() map[string]crmName {
	names := map[string]crmName{}
	for field, column := range crmColumns {
		for group, groupNames := range column.Names {
			for _, name := range groupNames {
				names[plainName(name)] = crmName{field, group + 1}
			}
		}
	}
	return names
}

// plainName takes case, white space and punctuation out of a column name.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

func lookUpCRMName(name string) (crmName, bool) {
	name = strings.TrimSpace(name)
	for field, column := range crmColumns {
		if name == column.Field {
			return crmName{field, 0}, true
		}
	}
	known, found := crmNames[plainName(name)]
	return known, found
}

// crmHeader says which columns hold which field, the preferred one first.
type crmHeader struct {
	columns [crmFields][]int
	width   int
}

// countCRMNames counts the columns that are understood.
func countCRMNames(header []string) int {
	count := 0
	for _, name := range header {
		if _, found := lookUpCRMName(name); found {
			count++
		}
	}
	return count
}

func readCRMHeader(header []string) (crmHeader, error) {
	type column struct{ rank, index int }
	var found [crmFields][]column
	for index, name := range header {
		if known, ok := lookUpCRMName(name); ok {
			found[known.field] = append(found[known.field], column{known.rank, index})
		}
	}
	result := crmHeader{width: len(header)}
	for field, columns := range found {
		slices.SortStableFunc(columns, func(a, b column) int { return a.rank - b.rank })
		if len(columns) > 1 && !crmColumns[field].All {
			columns = slices.DeleteFunc(columns, func(c column) bool { return c.rank != columns[0].rank })
		}
		for i, column := range columns {
			if i > 0 && column.rank == columns[i-1].rank {
				return crmHeader{}, ambiguousColumnsError(header, crmColumns[field].Field, columns[i-1].index, column.index)
			}
			result.columns[field] = append(result.columns[field], column.index)
		}
	}
	if len(result.columns[crmExternalID])+len(result.columns[crmWebsiteURL])+len(result.columns[crmCompanyName]) == 0 {
		return crmHeader{}, unknownHeaderError(header)
	}
	return result, nil
}

func ambiguousColumnsError(header []string, field string, a, b int) error {
	return fmt.Errorf("the columns %q (number %d) and %q (number %d) both match %s. Rename the right one to %s, or remove the "+
		"other one",
		shorten(header[a]), a+1, shorten(header[b]), b+1, field, field)
}

func unknownHeaderError(header []string) error {
	const most = 20
	has := fmt.Sprintf("Its %d fields are not shown, because they look like data", len(header))
	if !slices.ContainsFunc(header, looksLikeData) {
		var names []string
		for _, name := range header {
			names = append(names, fmt.Sprintf("%q", shorten(name)))
		}
		if len(names) > most {
			names = append(names[:most], fmt.Sprintf("and %d more", len(names)-most))
		}
		has = "It has " + strings.Join(names, ", ")
	}
	question := "Is the header row missing?"
	if len(header) == 1 {
		question = "Is the header row missing, or is the separator not a comma, semicolon or tab? For another separator, add a " +
			"line such as sep=| before the header."
	}
	message := fmt.Sprintf("the header has no column that identifies a company. %s. %s At least one of these names is needed "+
		"(case, spaces and punctuation do not matter):", has, question)
	for _, field := range []int{crmExternalID, crmWebsiteURL, crmCompanyName} {
		column := crmColumns[field]
		message += fmt.Sprintf("\n  for %s: %s, %s", column.Field, column.Field, strings.Join(slices.Concat(column.Names...), ", "))
	}
	return errors.New(message)
}

// looksLikeData reports whether a cell of the header may belong to a person or a company: an address, a phone number, an
// id or a website. Errors end up in the logs of pipelines.
func looksLikeData(cell string) bool {
	const longestNumber = 4 // as in "Revenue 2026"
	digits := 0
	for _, r := range cell {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	// A header such as Account.Name has the form of a domain, too.
	_, err := Domain(cell)
	website := err == nil && cell == strings.ToLower(cell)
	return digits > longestNumber || strings.Contains(cell, "@") || website
}
