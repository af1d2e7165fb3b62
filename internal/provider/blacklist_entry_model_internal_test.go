package provider

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

func TestBlacklistEntryModelFromAPI(t *testing.T) {
	t.Parallel()

	prior := blacklistEntryModel{
		ID: types.StringValue("e1"), BlacklistID: types.StringValue("b1"),
		CompanyName: types.StringValue("Acme Corp"), WebsiteURL: types.StringValue("https://www.Acme.com/de/"),
		City: types.StringValue("Munich"),
	}
	for _, test := range []struct {
		reason string
		api    openprospect.EntryFields
		want   func(*blacklistEntryModel)
	}{
		{
			"the same fields in the server's spelling are no drift (U14)",
			openprospect.EntryFields{CompanyName: " ACME corp", WebsiteURL: "acme.com", City: "munich"},
			func(*blacklistEntryModel) {},
		},
		{
			"another city is drift, and the other fields keep their spelling",
			openprospect.EntryFields{CompanyName: "acme corp", WebsiteURL: "acme.com", City: "Berlin"},
			func(m *blacklistEntryModel) { m.City = types.StringValue("Berlin") },
		},
		{
			"another domain is drift",
			openprospect.EntryFields{CompanyName: "Acme Corp", WebsiteURL: "acme.de", City: "Munich"},
			func(m *blacklistEntryModel) { m.WebsiteURL = types.StringValue("acme.de") },
		},
		{
			"a field that vanished is drift",
			openprospect.EntryFields{CompanyName: "Acme Corp", WebsiteURL: "acme.com"},
			func(m *blacklistEntryModel) { m.City = types.StringNull() },
		},
		{
			"a field that came is drift, and may change the match method",
			openprospect.EntryFields{CompanyName: "Acme Corp", WebsiteURL: "acme.com", City: "Munich", ExternalID: "crm-1"},
			func(m *blacklistEntryModel) {
				m.ExternalID = types.StringValue("crm-1")
				m.MatchMethod = types.StringValue("external_id")
			},
		},
	} {
		t.Run(test.reason, func(t *testing.T) {
			t.Parallel()
			want := prior
			want.MatchMethod = types.StringValue("website_url")
			test.want(&want)
			got := prior
			got.setEntry("e1", test.api)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBlacklistEntryModelCompany(t *testing.T) {
	t.Parallel()

	model := blacklistEntryModel{
		ID: types.StringValue("e1"), BlacklistID: types.StringValue("b1"),
		CompanyName: types.StringValue("Acme Corp"), WebsiteURL: types.StringValue("acme.com"), City: types.StringValue("Munich"),
		Country: types.StringValue("Germany"), ExternalID: types.StringValue("crm-1"),
	}
	want := openprospect.EntryFields{CompanyName: "Acme Corp", WebsiteURL: "acme.com", City: "Munich", Country: "Germany", ExternalID: "crm-1"}
	if diff := cmp.Diff(want, model.company().Fields()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(openprospect.EntryFields{}, blacklistEntryModel{}.company().Fields()); diff != "" {
		t.Error(diff)
	}
}

func TestBlacklistEntryModelPlannedMatchMethod(t *testing.T) {
	t.Parallel()

	value, unknown := types.StringValue, types.StringUnknown()
	for _, test := range []struct {
		reason string
		model  blacklistEntryModel
		want   types.String
	}{
		{
			"external id beats all", blacklistEntryModel{ExternalID: value("crm-1"), WebsiteURL: value("acme.com"), CompanyName: value("Acme")},
			value("external_id"),
		},
		{
			"website beats name", blacklistEntryModel{WebsiteURL: value("acme.com"), CompanyName: value("Acme"), City: value("Munich")},
			value("website_url"),
		},
		{"name and city", blacklistEntryModel{CompanyName: value("Acme"), City: value("Munich")}, value("company_name_and_city")},
		{"name alone", blacklistEntryModel{CompanyName: value("Acme"), Country: value("Germany")}, value("company_name")},
		{"nothing to match by", blacklistEntryModel{City: value("Munich")}, types.StringNull()},
		{"an unknown stronger field leaves it open", blacklistEntryModel{ExternalID: unknown, WebsiteURL: value("acme.com")}, unknown},
		{"an unknown weaker field does not", blacklistEntryModel{ExternalID: value("crm-1"), WebsiteURL: unknown}, value("external_id")},
		{"an unknown city leaves a match by name open", blacklistEntryModel{CompanyName: value("Acme"), City: unknown}, unknown},
		{"the country never matters", blacklistEntryModel{CompanyName: value("Acme"), Country: unknown}, value("company_name")},
	} {
		t.Run(test.reason, func(t *testing.T) {
			t.Parallel()
			if got := test.model.plannedMatchMethod(); !got.Equal(test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestBlacklistEntryModelSameRow(t *testing.T) {
	t.Parallel()

	value := types.StringValue
	prior := blacklistEntryModel{BlacklistID: value("b1"), CompanyName: value("Acme"), WebsiteURL: value("acme.com")}
	for _, test := range []struct {
		reason string
		plan   blacklistEntryModel
		want   bool
	}{
		{"unchanged", prior, true},
		{
			"another spelling",
			blacklistEntryModel{BlacklistID: value("b1"), CompanyName: value("ACME"), WebsiteURL: value("https://www.acme.com/")}, true,
		},
		{"another name", blacklistEntryModel{BlacklistID: value("b1"), CompanyName: value("Acme Ltd"), WebsiteURL: value("acme.com")}, false},
		{
			"one field more",
			blacklistEntryModel{BlacklistID: value("b1"), CompanyName: value("Acme"), WebsiteURL: value("acme.com"), City: value("Munich")}, false,
		},
		{"another blacklist", blacklistEntryModel{BlacklistID: value("b2"), CompanyName: value("Acme"), WebsiteURL: value("acme.com")}, false},
		{
			"an unknown field",
			blacklistEntryModel{BlacklistID: value("b1"), CompanyName: value("Acme"), WebsiteURL: value("acme.com"), City: types.StringUnknown()},
			false,
		},
	} {
		t.Run(test.reason, func(t *testing.T) {
			t.Parallel()
			if got := test.plan.sameRow(prior); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}

func TestParseEntryImport(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		id      string
		want    entryImport
		wantErr string
	}{
		{id: "b1/e1", want: entryImport{blacklistID: "b1", entryID: "e1"}},
		{
			id:   "b1/website_url=https://acme.com/de?a=b",
			want: entryImport{blacklistID: "b1", company: exclusion.NewCompany(openprospect.EntryFields{WebsiteURL: "https://acme.com/de?a=b"})},
		},
		{
			id:   "b1/external_id=crm-1",
			want: entryImport{blacklistID: "b1", company: exclusion.NewCompany(openprospect.EntryFields{ExternalID: "crm-1"})},
		},
		{
			id:   "b1/company_name=Acme & Sons",
			want: entryImport{blacklistID: "b1", company: exclusion.NewCompany(openprospect.EntryFields{CompanyName: "Acme & Sons"})},
		},
		{id: "b1/ZW50cnk=", want: entryImport{blacklistID: "b1", entryID: "ZW50cnk="}},
		{id: "b1/entry==", want: entryImport{blacklistID: "b1", entryID: "entry=="}},
		{id: "b1/e1=x", want: entryImport{blacklistID: "b1", entryID: "e1=x"}},
		{id: "b1/website=sap.com", wantErr: `"website" is not a field to import by. Use external_id, website_url or company_name`},
		{id: "b1/city=Berlin", wantErr: `"city" is not a field to import by`},
		{id: "b1/Website_URL=sap.com", wantErr: `"Website_URL" is not a field to import by`},
		{id: "b1", wantErr: "<blacklist_id>/<entry_id>"},
		{id: "/e1", wantErr: "<blacklist_id>/<entry_id>"},
		{id: "b1/", wantErr: "<blacklist_id>/<entry_id>"},
		{id: "b1/website_url= ", wantErr: "website_url= has no value"},
	} {
		t.Run(test.id, func(t *testing.T) {
			t.Parallel()
			got, err := parseEntryImport(test.id)
			if test.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantErr) {
					t.Fatalf("got error %v, want one with %q", err, test.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			sameFields := cmp.Comparer(func(a, b exclusion.Company) bool { return a.Fields() == b.Fields() })
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(entryImport{}), sameFields); diff != "" {
				t.Error(diff)
			}
		})
	}
}
