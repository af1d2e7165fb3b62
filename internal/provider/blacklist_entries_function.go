package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

var _ function.Function = (*blacklistEntriesFunction)(nil)

func newBlacklistEntriesFunction() function.Function { return &blacklistEntriesFunction{} }

type blacklistEntriesFunction struct{}

func (f *blacklistEntriesFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "blacklist_entries"
}

func (f *blacklistEntriesFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The entries of a blacklist from a CRM's CSV export",
		MarkdownDescription: "Turns the CSV export of a CRM into the JSON document that the argument `entries` of " +
			"`openprospect_blacklist_entries` wants. Needs no request and no API key; only OpenTofu before 1.12 may want the key to be set " +
			"all the same.\n\n" +
			"Each row becomes an entry whose key is the strongest identity that the row has: the external id, else the domain of the " +
			"website, else name and city, else the name alone. " +
			"So the order of the rows does not matter, and a changed row shows in the plan as that company's change. " +
			"Rows that are the same but for spelling (`https://www.acme.com/` and `ACME.com`) become one entry.\n\n" +
			"~> The API matches discovered companies by external id only where it knows that id, else by domain, else by name. Export the " +
			"website whenever the CRM has it.\n\n" +
			"### Columns\n\n" +
			"The first row names the columns. Upper and lower case, spaces and punctuation in their names do not matter, and other columns " +
			"are ignored. " +
			"At least one column for `external_id`, `website_url` or `company_name` is needed.\n\n" +
			crmColumnsTable() + "\n" +
			"A column with exactly the field's name is preferred to all others; else names are preferred in the table's order. " +
			"Two columns of the same line of the table are an error: rename the one that is meant to the field's name. " +
			"Only for `website_url` does a row whose preferred column is empty take the next one.\n\n" +
			"### Format\n\n" +
			"- UTF-8, with or without byte order mark. For a UTF-16 file write `textdecodebase64(filebase64(\"customers.csv\"), " +
			"\"UTF-16LE\")`, for an older Windows file `\"windows-1252\"`.\n" +
			"- Separated by comma, semicolon or tab, whichever the header uses, or as Excel's first line `sep=;` says; quoted as in RFC " +
			"4180; lines end in LF or CRLF.\n" +
			"- White space and invisible characters around a cell are not part of it. A cell that holds only `-`, `--`, `---`, `–`, `—`, " +
			"`n/a`, `#N/A`, `n.a.`, `k.A.`, `http://` or `https://` is empty: as a city it would keep the name from matching. `None`, " +
			"`NA` and the like may be names and are taken as they stand.\n" +
			"- Blank rows are skipped. Only the header gives `{}`, which `openprospect_blacklist_entries` refuses to put in the place of a " +
			"list that names companies.\n\n" +
			"### Errors\n\n" +
			"Nothing is left out silently, because a company that falls off a blacklist gets contacted. It is an error, which names the " +
			"line, when a row has another number of fields than the header, " +
			"a website that has no domain, or neither external id, website nor name; and, naming both lines, when two rows are one company " +
			"to the API but differ in another field. Up to ten are told at once. " +
			"A link such as `linkedin.com/company/acme` is the website of LinkedIn: clear it in the CRM.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "csv_text",
				MarkdownDescription: "The text of the export, as `file(\"customers.csv\")` gives it.",
			},
		},
		Return: function.StringReturn{},
	}
}

func (f *blacklistEntriesFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	entries, err := exclusion.EntriesFromCRMExport(text)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, "the CRM export cannot be turned into entries:\n"+err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, entries)
}

// crmColumnsTable is a table of the columns that an export may have.
func crmColumnsTable() string {
	var table strings.Builder
	table.WriteString("| field | names, preferred first |\n|---|---|\n")
	for _, column := range exclusion.CRMColumns() {
		table.WriteString("| `" + column.Field + "` | `" + column.Field + "` |\n")
		for _, names := range column.Names {
			table.WriteString("| | " + strings.Join(names, "; ") + " |\n")
		}
	}
	return table.String()
}
