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
		Summary: "Convert the CSV export of a CRM to blacklist entries",
		MarkdownDescription: "Converts the CSV export of a CRM to the JSON that the argument `entries` of " +
			"`openprospect_blacklist_entries` takes. The function sends no request and needs no API key. OpenTofu before 1.12 " +
			"may still ask for the key.\n\n" +
			"Each row becomes one entry. Its key is the external ID, else the domain of the website, else name and city, else " +
			"the name. So the order of the rows does not matter, and a changed row shows in the plan as a change of that " +
			"company. Rows that differ only in spelling (`https://www.acme.com/` and `ACME.com`) become one entry, without a " +
			"message. To see how many, compare `entry_count` of the resource with the number of rows.\n\n" +
			"~> Export the website whenever the CRM has it. Companies that a discovery order finds have no external ID, so the " +
			"API matches them by domain, else by name.\n\n" +
			"### Columns\n\n" +
			"The first row contains the names of the columns. Case, spaces and punctuation do not matter. Other columns are " +
			"ignored. The function needs at least one column for `external_id`, `website_url` or `company_name`.\n\n" +
			crmColumnsTable() + "\n" +
			"If several columns match a field, the first name in this table wins. Two columns from the same line are an error: " +
			"rename the right one to the name of the field. If the `website_url` of a row is empty, the next matching column is " +
			"used. This does not apply to other fields.\n\n" +
			"### Format\n\n" +
			"- The text is UTF-8, with or without byte order mark. For UTF-16, use " +
			"`textdecodebase64(filebase64(\"customers.csv\"), \"UTF-16LE\")`. For an older Windows file, use `\"windows-1252\"` " +
			"instead.\n" +
			"- The separator is comma, semicolon or tab. The function detects it from the header, or reads it from a first line " +
			"such as `sep=;`, which Excel understands.\n" +
			"- Quotes follow RFC 4180. Lines end in LF or CRLF.\n" +
			"- White space and invisible characters around a cell are ignored. Blank rows are skipped.\n" +
			"- Cells with only `-`, `--`, `---`, `–`, `—`, `n/a`, `#N/A`, `n.a.`, `k.A.`, `http://` or `https://` are empty. " +
			"`None` and `NA` are not, because they may be names.\n" +
			"- A file with only a header returns `{}`. `openprospect_blacklist_entries` does not accept this in place of a list " +
			"with companies.\n\n" +
			"### Errors\n\n" +
			"Apart from such duplicates and blank rows, no row is left out. The function fails and reports the line if\n\n" +
			"- a row has more or fewer fields than the header,\n" +
			"- a website has no domain,\n" +
			"- a row has neither external ID, website nor name,\n" +
			"- two rows are the same company but differ in another field.\n\n" +
			"It reports up to ten errors at once. A link such as `linkedin.com/company/acme` counts as the website of LinkedIn, " +
			"so clear it in the CRM.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "csv_text",
				MarkdownDescription: "Text of the export, such as `file(\"customers.csv\")`.",
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
		resp.Error = function.NewArgumentFuncError(0, "cannot convert the CRM export:\n"+err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, entries)
}

// crmColumnsTable is a table of the columns that an export may have.
func crmColumnsTable() string {
	var table strings.Builder
	table.WriteString("| Field | Names of the column, best first |\n|---|---|\n")
	for _, column := range exclusion.CRMColumns() {
		table.WriteString("| `" + column.Field + "` | `" + column.Field + "` |\n")
		for _, names := range column.Names {
			table.WriteString("| | " + strings.Join(names, "; ") + " |\n")
		}
	}
	return table.String()
}
