package exclusion_test

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

type entries = map[string]openprospect.EntryFields

func TestEntriesFromCRMExport(t *testing.T) {
	t.Parallel()
	acme := entries{"acme.com": {CompanyName: "Acme", WebsiteURL: "acme.com"}}
	tests := []struct {
		reason, text string
		want         entries
	}{
		{"HubSpot", `"Record ID","Company name","Company Domain Name","Website URL","City","Country/Region","Company owner"
"9001","Acme GmbH","acme.com","https://acme.com/de","Berlin","Germany","Jo"
"9002","Beta AG","","https://beta.example","","",""
`, entries{
			"9001": {ExternalID: "9001", CompanyName: "Acme GmbH", WebsiteURL: "acme.com", City: "Berlin", Country: "Germany"},
			"9002": {ExternalID: "9002", CompanyName: "Beta AG", WebsiteURL: "https://beta.example"},
		}},
		{"Salesforce", `"Account ID","Account ID 18","Account Name","Website","Billing City","Billing Country"
"0015g00000aBcDe","0015g00000aBcDeAAB","Acme, Inc.","www.acme.com","Boston","United States"
`, entries{"0015g00000aBcDeAAB": {
			ExternalID: "0015g00000aBcDeAAB", CompanyName: "Acme, Inc.", WebsiteURL: "www.acme.com", City: "Boston", Country: "United States",
		}}},
		{
			"Pipedrive",
			`Organization - ID,Organization - Name,Organization - Website,Organization - City/town/village/locality of Address,Organization - Country of Address
7,Acme,acme.com,Wien,Austria
`,
			entries{"7": {ExternalID: "7", CompanyName: "Acme", WebsiteURL: "acme.com", City: "Wien", Country: "Austria"}},
		},
		{
			"Dynamics 365",
			"(Do Not Modify) Account\t(Do Not Modify) Row Checksum\tAccount Name\tWebsite\tAddress 1: City\tAddress 1: Country/Region\r\n" +
				"6f1e\tx==\tAcme\thttp://acme.com\tGraz\tAustria\r\n",
			entries{"6f1e": {ExternalID: "6f1e", CompanyName: "Acme", WebsiteURL: "http://acme.com", City: "Graz", Country: "Austria"}},
		},
		{"Zoho", "Record Id,Account Name,Website,Billing City,Billing Country\nzcrm_1,Acme,acme.com,Pune,India\n",
			entries{"zcrm_1": {ExternalID: "zcrm_1", CompanyName: "Acme", WebsiteURL: "acme.com", City: "Pune", Country: "India"}}},
		{
			"a German export from Excel",
			"\ufeffsep=;\r\nKundennummer;Firma;Webseite;Ort;Land\r\n007;Müller & Söhne;müller.example;Köln;Deutschland\r\n",
			entries{"007": {
				ExternalID: "007", CompanyName: "Müller & Söhne", WebsiteURL: "müller.example", City: "Köln", Country: "Deutschland",
			}},
		},
		{
			"our own names",
			"crm_id,company_name,website_url,city,country\nDAX-01,adidas AG,https://www.adidas-group.com,Herzogenaurach,Germany\n",
			entries{
				"DAX-01": {
					ExternalID:  "DAX-01",
					CompanyName: "adidas AG",
					WebsiteURL:  "https://www.adidas-group.com",
					City:        "Herzogenaurach",
					Country:     "Germany",
				},
			},
		},

		{
			"keyed by the strongest identity",
			"external_id,website_url,company_name,city\n1,acme.com,Acme,Berlin\n,WWW.Beta.example,Beta,Berlin\n" +
				",,Gamma,Berlin\n,,Delta,\n2,,,\n,epsilon.example,,\n",
			entries{
				"1":               {ExternalID: "1", WebsiteURL: "acme.com", CompanyName: "Acme", City: "Berlin"},
				"beta.example":    {WebsiteURL: "WWW.Beta.example", CompanyName: "Beta", City: "Berlin"},
				"Gamma, Berlin":   {CompanyName: "Gamma", City: "Berlin"},
				"Delta":           {CompanyName: "Delta"},
				"2":               {ExternalID: "2"},
				"epsilon.example": {WebsiteURL: "epsilon.example"},
			},
		},
		{"two identities that read the same", "external_id,website_url,company_name\nacme.com,,\n,acme.com,\n,,acme.com\n", entries{
			"acme.com":                {ExternalID: "acme.com"},
			"acme.com (website_url)":  {WebsiteURL: "acme.com"},
			"acme.com (company_name)": {CompanyName: "acme.com"},
		}},
		{"two accounts of a CRM with one website are two to the API", "external_id,website_url\n1,acme.com\n2,acme.com\n", entries{
			"1": {ExternalID: "1", WebsiteURL: "acme.com"},
			"2": {ExternalID: "2", WebsiteURL: "acme.com"},
		}},
		{"the same row twice", "website_url,company_name\nacme.com,Acme\nacme.com,Acme\n", acme},
		{"the same row in two spellings", "website_url,company_name\nhttps://www.ACME.com/, ACME\nacme.com,Acme\n",
			entries{"acme.com": {CompanyName: "Acme", WebsiteURL: "acme.com"}}},

		{"column names in capitals", "COMPANY NAME,WEBSITE\nAcme,acme.com\n", acme},
		{"column names with other punctuation", " Company-Name , web_site \nAcme,acme.com\n", acme},
		{"the API's own name before all others", "Firma,company_name,Company Name,website_url\nx,Acme,y,acme.com\n", acme},
		{"a company's name before a person's", "Name,Company Name,Domain\nJo,Acme,acme.com\n", acme},
		{"a name where there is no better one", "Name,Domain\nAcme,acme.com\n", acme},
		{"the domain before the website", "Website,Company Domain Name,Company\nlinkedin.com/acme,acme.com,Acme\n", acme},
		{"the website where the domain is empty", "Website,Company Domain Name,Company\nacme.com,,Acme\n", acme},
		{"an id of another kind is not taken instead", "external_id,Kundennummer,Company,Website\n,17,Acme,acme.com\n", acme},
		{"columns that nobody knows", "Owner,Company,,Website,\nJo,Acme,x,acme.com,y\n", acme},

		{"a header alone", "company_name,website_url\n", entries{}},
		{"a header alone without line end", "company_name", entries{}},
		{"one column", "Website\nacme.com\n", entries{"acme.com": {WebsiteURL: "acme.com"}}},
		{"a byte order mark before a quote", "\ufeff\"company_name\",website_url\nAcme,acme.com\n", acme},
		{"blank rows", "company_name,website_url\n\n,\n  \nAcme,acme.com\n \t ,  \n\n", acme},
		{"blank lines before the header", "\n\r\ncompany_name,website_url\nAcme,acme.com\n", acme},
		{"no line end at the end", "company_name,website_url\nAcme,acme.com", acme},
		{"a semicolon in a quoted column name", "\"Owner; team\",\"Region; zone\",company_name,website_url\nx,y,Acme,acme.com\n", acme},
		{
			"more commas than semicolons in the header",
			"\"Phone, mobile, fax\";Notes, old, new;company_name;website_url\n1;2;Acme;acme.com\n",
			acme,
		},
		{"separators, quotes and line ends in a cell", "company_name;city\n\"Acme; \"\"the\"\" one\nand only\";Berlin\n",
			entries{"Acme; \"the\" one\nand only, Berlin": {CompanyName: "Acme; \"the\" one\nand only", City: "Berlin"}}},
		{"Excel's first line, quoted", "\"sep=\t\"\ncompany_name\twebsite_url\nAcme\tacme.com\n", acme},
		{"Excel's first line with any separator", "SEP=|\r\ncompany_name|website_url\r\nAcme|acme.com\r\n", acme},
		{"a column that begins like Excel's first line", "sep=eration,company_name,website_url\nx,Acme,acme.com\n", acme},
		{"white space around cells", "company_name,website_url\n\u00a0Acme \t, acme.com \n", acme},
		{"placeholders", "external_id,company_name,website_url,city,country\n-,Acme,acme.com,n/a,#N/A\n", acme},
		{"a placeholder in the preferred website", "company_name,domain,website\nAcme,-,acme.com\n", acme},
		{"what a form was filled with", "company_name,website_url\nAcme,https://\n", entries{"Acme": {CompanyName: "Acme"}}},
		{
			"words that may be names",
			"company_name,city,country\nNone,Nan,NA\n",
			entries{"None, Nan": {CompanyName: "None", City: "Nan", Country: "NA"}},
		},
		{
			"nothing that can be seen",
			"company_name,website_url,city,country\n\ufeffAcme\u200b,\u200bacme.com,\u200b,\u00ad\n\u200b,\u2060 \u200e,\x1b,\n",
			acme,
		},
		{"carriage returns before CRLF", "company_name,website_url\r\r\nAcme,acme.com\r\r\n", acme},
		{"a carriage return in a column that does not matter", "company_name,website_url,notes\nAcme,acme.com,\"called\rtwice\"\n", acme},
		{"HTML", "company_name\n<b>&amp;</b>\n", entries{"<b>&amp;</b>": {CompanyName: "<b>&amp;</b>"}}},
	}
	for _, test := range tests {
		document, err := exclusion.EntriesFromCRMExport(test.text)
		if err != nil {
			t.Errorf("%s: %s", test.reason, err)
			continue
		}
		if diff := cmp.Diff(test.want, parseEntries(t, document)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.reason, diff)
		}
	}
}

func TestEntriesFromCRMExportErrors(t *testing.T) {
	t.Parallel()
	const (
		carriageReturns = `the lines end in a carriage return only. Save the export as "CSV UTF-8", not as "CSV (Macintosh)"`
		headerMissing   = `Is the header row missing? `
		oneColumn       = `Is the header row missing, or is the separator not a comma, semicolon or tab? For another separator, ` +
			`add a line such as sep=| before the header. `
		neededColumns = `At least one of these names is needed (case, spaces and punctuation do not matter):
  for external_id: external_id, CRM ID, Account ID 18, 18 Digit Account ID, Account ID 18 Digit, External ID, Record ID, Account ID, Organization - ID, (Do Not Modify) Account, Company ID, Customer ID, Customer Number, Kundennummer, Kunden-Nr., Debitorennummer
  for website_url: website_url, Company Domain Name, Domain Name, Domain, Website URL, Website, Company Website, Organization - Website, Webseite, Internetseite, Homepage
  for company_name: company_name, Company Name, Company, Account Name, Company / Account, Organization - Name, Organization Name, Organization, Customer Name, Firma, Firmenname, Unternehmen, Unternehmensname, Name`
	)
	masked := func(fields int, question string) string {
		return fmt.Sprintf(
			"the header has no column that identifies a company. Its %d fields are not shown, because they look like data. ",
			fields,
		) + question + neededColumns
	}
	tests := []struct{ reason, text, want string }{
		{"no text", "", "the text is empty. Its first line must contain the names of the columns"},
		{"only a byte order mark", "\ufeff", "the text is empty. Its first line must contain the names of the columns"},
		{"only Excel's line", "sep=;\n", "the text is empty. Its first line must contain the names of the columns"},
		{
			"UTF-16 with a byte order mark",
			"\xff\xfec\x00",
			`the text is UTF-16. Save the export as "CSV UTF-8", or read it with textdecodebase64(filebase64("customers.csv"), "UTF-16LE")`,
		},
		{
			"UTF-16 without",
			"c\x00o\x00",
			`the text is UTF-16. Save the export as "CSV UTF-8", or read it with textdecodebase64(filebase64("customers.csv"), "UTF-16LE")`,
		},
		{
			"Windows-1252",
			"Firma\nM\xfcller\n",
			`the text is not UTF-8. Save the export as "CSV UTF-8", or read it with textdecodebase64(filebase64("customers.csv"), "windows-1252")`,
		},
		{"carriage returns alone", "company_name\rAcme\r", carriageReturns},
		{"carriage returns alone but for the last line end", "name,website\rAcme,acme.com\rBeta,beta.com\r\n", carriageReturns},
		{"carriage returns alone before a blank row", "name,website\rAcme,acme.com\rBeta,beta.com\r\n,,,,\n", carriageReturns},
		{"carriage returns alone between quotes", "sep=;\n\"name\";\"website\"\r\"Acme\";\"acme.com\"\n", carriageReturns},
		{
			"a carriage return between two companies",
			"company_name\nAcme\rBeta\n",
			`line 2: the company_name "Acme\rBeta" contains a carriage return. Save the export as "CSV UTF-8", not as "CSV (Macintosh)", or ` +
				`correct the field`,
		},
		{
			"UTF-8 read as Windows-1252",
			"ï»¿company_name,website_url\nMÃ¼ller,mueller.example\n",
			`the text is UTF-8 that was read with another encoding, because it begins with "ï»¿". Read it with file("customers.csv"). ` +
				`If that fails, save the export as "CSV UTF-8" again`,
		},
		{"no header row", "Max Mustermann,max@acme.com,Berlin\n", masked(3, headerMissing)},
		{"no header row, and a number", "Max Mustermann;+49 30 1234567\n", masked(2, headerMissing)},
		{"no header row, and a domain", "Mustermann GmbH\tmustermann.de\tBerlin\n", masked(3, headerMissing)},
		{"no header row, in one column", "max@acme.com\n", masked(1, oneColumn)},
		{
			"another separator",
			"Firma|Ort\nAcme|Berlin\n",
			`the header has no column that identifies a company. It has "Firma|Ort". ` + oneColumn + neededColumns,
		},
		{
			"a list of contacts",
			"First Name,E-Mail\nJo,jo@acme.com\n",
			`the header has no column that identifies a company. It has "First Name", "E-Mail". ` + headerMissing + neededColumns,
		},
		{
			"a separator line without a separator",
			"sep=\ncompany_name\nAcme\n",
			`the header has no column that identifies a company. It has "sep=". ` + oneColumn + neededColumns,
		},
		{
			"a header that commas and semicolons divide alike",
			"a,b;c\nx\n",
			`the header has no column that identifies a company. It has "a", "b;c". ` + headerMissing + neededColumns,
		},
		{
			"a year is no phone number",
			"Revenue 2026,Note\n7,Jo\n",
			`the header has no column that identifies a company. It has "Revenue 2026", "Note". ` + headerMissing + neededColumns,
		},
		{
			"as many columns as are named",
			strings.Repeat("Note,", 19) + "Note\nJo\n",
			`the header has no column that identifies a company. It has ` + strings.Repeat(`"Note", `, 19) + `"Note". ` + headerMissing +
				neededColumns,
		},
		{
			"more columns than are named",
			strings.Repeat("Note,", 20) + "Note\nJo\n",
			`the header has no column that identifies a company. It has ` + strings.Repeat(`"Note", `, 20) + `and 1 more. ` + headerMissing +
				neededColumns,
		},
		{
			"two columns for one field",
			"Record ID,Company,Kundennummer\n",
			`the columns "Record ID" (number 1) and "Kundennummer" (number 3) both match external_id. Rename the right one to ` +
				`external_id, or remove the other one`,
		},
		{
			"one name twice",
			"website_url,website_url\n",
			`the columns "website_url" (number 1) and "website_url" (number 2) both match website_url. Rename the right one to ` +
				`website_url, or remove the other one`,
		},
		{
			"two websites, of which the second would fill in",
			"Domain,Website,Homepage\n",
			`the columns "Website" (number 2) and "Homepage" (number 3) both match website_url. Rename the right one to ` +
				`website_url, or remove the other one`,
		},

		{
			"too few fields",
			"company_name,city\nAcme\n",
			`line 2: the number of fields is 1, but the header has 2. If a field contains a separator, quote the field`,
		},
		{
			"too many fields",
			"company_name,city\nAcme, Inc.,Boston\n",
			`line 2: the number of fields is 3, but the header has 2. If a field contains a separator, quote the field`,
		},
		{
			"no identity",
			"company_name,city\n,Berlin\n",
			`line 2: no field identifies the company: external_id, website_url and company_name are all empty`,
		},
		{
			"a placeholder is no identity",
			"company_name,city\nN/A,Berlin\n",
			`line 2: no field identifies the company: external_id, website_url and company_name are all empty`,
		},
		{
			"no domain",
			"company_name,website_url\nAcme,localhost\n",
			`line 2: "localhost" is not a website: "localhost" is not a registrable domain. Correct it, or leave it empty to match the ` +
				`company by its other fields`,
		},
		{
			"no domain, although there is an id",
			"external_id,website_url\n1,none\n",
			`line 2: "none" is not a website: "none" is not a registrable domain. Correct it, or leave it empty to match the company by ` +
				`its other fields`,
		},
		{
			"lines are counted as an editor counts them",
			"sep=,\r\ncompany_name,city\r\n\"A\r\nB\",x\r\n\r\n,y\r\n",
			`line 6: no field identifies the company: external_id, website_url and company_name are all empty`,
		},

		{
			"one id, two companies",
			"external_id,company_name,website_url\n1,Acme,acme.com\n2,Beta,\n1,Gamma,gamma.example\n",
			`line 4: to the API, this is the same company as line 2: both have the external ID "1". But it has another website_url ("acme.com" ` +
				`there, "gamma.example" here), another company_name ("Acme" there, "Gamma" here). Correct or remove one of the two`,
		},
		{
			"one domain, two names",
			"company_name,website_url\nAcme GmbH,www.acme.com\nAcme AG,https://acme.com/ag\n",
			`line 3: to the API, this is the same company as line 2: both have the website acme.com. But it has another company_name ("Acme ` +
				`GmbH" there, "Acme AG" here). Correct or remove one of the two`,
		},
		{
			"two pages of one platform",
			"company_name,website_url\nAcme GmbH,linkedin.com/company/acme\nHooli,linkedin.com/company/hooli\n",
			`line 3: to the API, this is the same company as line 2: both have the website linkedin.com. But it has another company_name ` +
				`("Acme GmbH" there, "Hooli" here). linkedin.com is a platform that many companies share. Use the websites of the ` +
				`companies, or leave them out and fill in name and city`,
		},
		{
			"one name and city, two countries",
			"company_name,city,country\nAcme,Paris,France\nACME,paris,USA\n",
			`line 3: to the API, this is the same company as line 2: both have the name "acme" in "paris". But it has another country ("France" ` +
				`there, "USA" here). Correct or remove one of the two`,
		},
		{
			"one name, and a country only once",
			"company_name,country\nAcme,France\nAcme,\n",
			`line 3: to the API, this is the same company as line 2: both have the name "acme" and no stronger field. But it has another country ` +
				`("France" there, "" here). Correct or remove one of the two`,
		},

		{
			"a quote that does not end",
			"company_name,city\nBeta,x\n\"Acme,Berlin\nGamma,y\n",
			`lines 3 to 4: a quoted field has no end, or has text after its end. Write a quote inside a field as ""`,
		},
		{
			"a quote that does not end, after a separator line",
			"sep=,\ncompany_name,city\nBeta,x\n\"Acme,Berlin\nGamma,y\n",
			`lines 4 to 5: a quoted field has no end, or has text after its end. Write a quote inside a field as ""`,
		},
		{
			"a quote inside",
			"company_name,city\n\"Acme \"the\" one\",Berlin\n",
			`line 2: a quoted field has no end, or has text after its end. Write a quote inside a field as ""`,
		},
		{
			"a quote in a field without quotes",
			"sep=,\ncompany_name,city\nAcme \"the\" one,Berlin\n",
			`line 3: a field without quotes contains a quote. Quote the whole field, and write the quote as ""`,
		},
		{
			"a quote in the header",
			"Company \"Name,city\n",
			`line 1: a field without quotes contains a quote. Quote the whole field, and write the quote as ""`,
		},
		{"a separator that is none", "sep=\ufffd\ncompany_name\n", "line 1: '\ufffd' is not a valid separator"},
		{
			"what is found before a broken quote is told too",
			"company_name,city\n,x\n\"Acme\" ,y\n",
			`line 2: no field identifies the company: external_id, website_url and company_name are all empty
line 3: a quoted field has no end, or has text after its end. Write a quote inside a field as ""`,
		},
		{
			"several problems",
			"company_name,city\n,x\nAcme,a,b\n",
			`line 2: no field identifies the company: external_id, website_url and company_name are all empty
line 3: the number of fields is 3, but the header has 2. If a field contains a separator, quote the field`,
		},
		{"ten at most", "website_url\n" + strings.Repeat("x\n", 13), strings.Join(func() (lines []string) {
			for line := 2; line <= 11; line++ {
				lines = append(
					lines,
					fmt.Sprintf(
						`line %d: "x" is not a website: "x" is not a registrable domain. Correct it, or leave it empty to match the company by `+
							`its other fields`,
						line,
					),
				)
			}
			return append(lines, "and 3 more")
		}(), "\n")},
	}
	for _, test := range tests {
		document, err := exclusion.EntriesFromCRMExport(test.text)
		if err == nil || document != "" {
			t.Errorf("%s: error %v and document %q", test.reason, err, document)
			continue
		}
		if diff := cmp.Diff(test.want, err.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.reason, diff)
		}
		// Terraform puts a full stop behind it.
		if strings.ContainsAny(err.Error()[len(err.Error())-1:], ".?!") {
			t.Errorf("%s: %q ends with a mark", test.reason, err)
		}
	}
}

func TestEntriesFromCRMExportTooLarge(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("company_name\n")
	for i := range 2_000 {
		fmt.Fprintf(&text, "%d%s\n", i, strings.Repeat("x", 5_000))
	}
	document, err := exclusion.EntriesFromCRMExport(text.String())
	if want := "the 2000 companies take "; err == nil || document != "" || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %d bytes and the error %v, want %q", len(document), err, want)
	}
}

// TestCRMColumnsAreDistinct: a name that stood for two fields would silently stand for the last one.
func TestCRMColumnsAreDistinct(t *testing.T) {
	t.Parallel()
	for _, column := range exclusion.CRMColumns() {
		for _, names := range column.Names {
			for _, name := range names {
				document, err := exclusion.EntriesFromCRMExport("external_id,x," + name + "\n1,y,acme.com\n")
				if column.Field == "external_id" {
					document, err = exclusion.EntriesFromCRMExport("x," + name + "\ny,acme.com\n")
				}
				if err != nil {
					t.Errorf("%s: %s", name, err)
					continue
				}
				if want := fmt.Sprintf("%q:%q", column.Field, "acme.com"); !strings.Contains(document, want) {
					t.Errorf("the column %q gave %s, without %s", name, document, want)
				}
			}
		}
	}
}

// crmRows draws the rows of an export, of few companies, so that many are equal or contradictory.
func crmRows() *rapid.Generator[[]openprospect.EntryFields] {
	spelled := func(values ...string) *rapid.Generator[string] { return rapid.SampledFrom(append(values, "", "")) }
	row := rapid.Custom(func(t *rapid.T) openprospect.EntryFields {
		return openprospect.EntryFields{
			ExternalID:  spelled("1", "2", "acme.com", "Acme", "-").Draw(t, "external_id"),
			WebsiteURL:  spelled("acme.com", "https://www.Acme.com/x", "beta.example", "n/a").Draw(t, "website_url"),
			CompanyName: spelled("Acme", " ACME", "acme.com", "Acme, Berlin", "Bücher \"&\" <Söhne>;\n").Draw(t, "company_name"),
			City:        spelled("Berlin", "berlin", "Paris").Draw(t, "city"),
			Country:     spelled("Germany").Draw(t, "country"),
		}
	})
	return rapid.SliceOfN(row, 0, 6)
}

// crmExport writes rows as an export.
func crmExport(t interface{ Fatal(...any) }, rows []openprospect.EntryFields, separator rune, crlf bool) string {
	var text strings.Builder
	writer := csv.NewWriter(&text)
	writer.Comma, writer.UseCRLF = separator, crlf
	records := [][]string{{"company_name", "Website", "Ort", "Country/Region", "Record ID", "Owner"}}
	for _, row := range rows {
		records = append(records, []string{row.CompanyName, row.WebsiteURL, row.City, row.Country, row.ExternalID, "Jo"})
	}
	if err := writer.WriteAll(records); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestEntriesFromCRMExportProperties(t *testing.T) {
	t.Parallel()
	accepted := 0
	rapid.Check(t, func(t *rapid.T) {
		rows := crmRows().Draw(t, "rows")
		document, err := exclusion.EntriesFromCRMExport(crmExport(t, rows, ',', false))

		// The order, the separator and the line ends do not matter.
		shuffled := rapid.Permutation(rows).Draw(t, "shuffled")
		separator := rapid.SampledFrom([]rune{',', ';', '\t'}).Draw(t, "separator")
		other, otherErr := exclusion.EntriesFromCRMExport(crmExport(t, shuffled, separator, rapid.Bool().Draw(t, "crlf")))
		if document != other || (err == nil) != (otherErr == nil) {
			t.Fatalf("%s, %v\nin another order: %s, %v", document, err, other, otherErr)
		}
		if err != nil {
			return
		}
		accepted++

		// Each row is an entry, by all its fields, nothing else is, and no two are one company.
		got := parseEntries(t, document)
		matched := make(map[string]bool)
		for _, row := range rows {
			company := of(withoutPlaceholders(row))
			if company.MatchMethod() == "" {
				continue
			}
			key := ""
			for other, fields := range got {
				if company.SameFields(of(fields)) {
					key = other
				}
			}
			if key == "" {
				t.Fatalf("%s is missing in %s", company, document)
			}
			matched[key] = true
		}
		for one, fields := range got {
			if !matched[one] {
				t.Fatalf("%q is not in the export: %s", one, document)
			}
			for other, otherFields := range got {
				if one != other && of(fields).Same(of(otherFields)) {
					t.Fatalf("%q and %q are one company: %s", one, other, document)
				}
			}
		}
	})
	if accepted == 0 {
		t.Error("all exports were refused: nothing was checked")
	}
}

func withoutPlaceholders(row openprospect.EntryFields) openprospect.EntryFields {
	if row.ExternalID == "-" {
		row.ExternalID = ""
	}
	if row.WebsiteURL == "n/a" {
		row.WebsiteURL = ""
	}
	return row
}

func FuzzCRMExport(f *testing.F) {
	for _, seed := range []string{
		"",
		"company_name,website_url\nAcme,acme.com\n",
		"\ufeffsep=;\r\nFirma;Webseite\r\n\"A\r\n\"\"B\"\"\";acme.com\r\n",
		"Record ID\tName\n1\tA\n2\tA\n",
		"external_id,domain,name,city\nacme.com,,,\n,acme.com,,\n,,\"A, B\",C\n,,A,\"B, C\"\n",
		"domain,website\n-,bücher.example\n",
		"sep=\"\n\"",
		"sep=\ufffd\ncompany\ufffd\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		document, err := exclusion.EntriesFromCRMExport(text)
		if err != nil {
			if document != "" || err.Error() == "" {
				t.Errorf("an error %q with the document %q", err, document)
			}
			return
		}
		parseEntries(t, document)
	})
}

// parseEntries reads a document as the resource does.
func parseEntries(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string) entries {
	t.Helper()
	document, err := exclusion.Parse(text)
	if err != nil {
		t.Fatalf("%s is no document: %s", text, err)
	}
	if err := document.Check(); err != nil {
		t.Fatalf("%s cannot be a blacklist: %s", text, err)
	}
	keys := document.Keys()
	if !slices.IsSorted(keys) {
		t.Fatalf("the keys are not in order: %q", keys)
	}
	return allFields(document)
}

// largeCRMExport has rows like a CRM's: ids, umlauts, quotes, blank cells, columns that do not matter.
func largeCRMExport(rows int) string {
	var text strings.Builder
	text.WriteString("Record ID,Company name,Company Domain Name,Website URL,City,Country/Region,Company owner,Last activity\r\n")
	for i := range rows {
		fmt.Fprintf(
			&text,
			"\"%d\",\"Müller & Söhne %d GmbH, Niederlassung\",kunde-%d.example,https://www.kunde-%d.example/de/start,München,Germany,Jo "+
				"Doe,2026-01-%02d 10:00\r\n",
			9_000_000_000+i,
			i,
			i,
			i,
			i%28+1,
		)
	}
	return text.String()
}

func BenchmarkEntriesFromCRMExport(b *testing.B) {
	text := largeCRMExport(100_000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := exclusion.EntriesFromCRMExport(text); err != nil {
			b.Fatal(err)
		}
	}
}
