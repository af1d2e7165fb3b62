package provider

import (
	"reflect"
	"strings"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// FuzzParseEntryImport reads the import ids of entries: what is taken says all that was given.
func FuzzParseEntryImport(f *testing.F) {
	for _, id := range []string{
		"", "/", "b1", "b1/", "/e1", "b1/e1", "b1/e1/x", "b1/../orders", "b1/website_url=acme.com", "b1/website_url=https://acme.com/a?b=c",
		"b1/external_id=", "b1/company_name= \t", "b1/company_name=A=B", "b1/=x", "b1/city=Berlin", "b1/Website=acme.com", "b1/entry==",
		"b1/e=1", "\xff/\x00", "ä/ö=ü",
	} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		parsed, err := parseEntryImport(id)
		if err != nil {
			if !reflect.DeepEqual(parsed, entryImport{}) {
				t.Errorf("%q: %+v beside %v", id, parsed, err)
			}
			return
		}
		given := parsed.entryID
		for field, value := range map[string]string{
			"external_id": parsed.company.Fields().ExternalID, "website_url": parsed.company.Fields().WebsiteURL,
			"company_name": parsed.company.Fields().CompanyName,
		} {
			if value == "" {
				continue
			}
			if given != "" || strings.TrimSpace(value) == "" {
				t.Errorf("%q names more than one thing, or a blank: %+v", id, parsed)
			}
			given = field + "=" + value
		}
		if parsed.blacklistID == "" || strings.Contains(parsed.blacklistID, "/") || parsed.blacklistID+"/"+given != id {
			t.Errorf("%q becomes %+v", id, parsed)
		}
		if (parsed.entryID == "") == (parsed.company.Fields() == openprospect.EntryFields{}) {
			t.Errorf("%q names no entry, or two: %+v", id, parsed)
		}
	})
}
