package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// blacklistEntryModel is one company on a blacklist.
type blacklistEntryModel struct {
	ID          types.String `tfsdk:"id"`
	BlacklistID types.String `tfsdk:"blacklist_id"`
	CompanyName types.String `tfsdk:"company_name"`
	WebsiteURL  types.String `tfsdk:"website_url"`
	City        types.String `tfsdk:"city"`
	Country     types.String `tfsdk:"country"`
	ExternalID  types.String `tfsdk:"external_id"`
	MatchMethod types.String `tfsdk:"match_method"`
}

// blacklistEntryIdentityModel is what tells one entry from another.
type blacklistEntryIdentityModel struct {
	BlacklistID types.String `tfsdk:"blacklist_id"`
	ID          types.String `tfsdk:"id"`
}

// fromAPI takes over what the API says, in the user's spelling where it says the same.
func (m *blacklistEntryModel) fromAPI(entry openprospect.Entry) {
	m.ID = types.StringValue(entry.ID)
	m.CompanyName = keepSpelling(m.CompanyName, entry.CompanyName, sameField(func(s string) openprospect.EntryFields {
		return openprospect.EntryFields{CompanyName: s}
	}))
	m.WebsiteURL = keepSpelling(m.WebsiteURL, entry.WebsiteURL, sameField(func(s string) openprospect.EntryFields {
		return openprospect.EntryFields{WebsiteURL: s}
	}))
	m.City = keepSpelling(m.City, entry.City, sameField(func(s string) openprospect.EntryFields {
		return openprospect.EntryFields{City: s}
	}))
	m.Country = keepSpelling(m.Country, entry.Country, sameField(func(s string) openprospect.EntryFields {
		return openprospect.EntryFields{Country: s}
	}))
	m.ExternalID = keepSpelling(m.ExternalID, entry.ExternalID, sameField(func(s string) openprospect.EntryFields {
		return openprospect.EntryFields{ExternalID: s}
	}))
	m.MatchMethod = m.plannedMatchMethod()
}

// sameField compares two spellings of one field as package exclusion does.
func sameField(of func(string) openprospect.EntryFields) func(a, b string) bool {
	return func(a, b string) bool { return exclusion.Key(of(a)) == exclusion.Key(of(b)) }
}

// toAPI gives the fields that name the company.
func (m blacklistEntryModel) toAPI() openprospect.EntryFields {
	return openprospect.EntryFields{
		CompanyName: m.CompanyName.ValueString(),
		WebsiteURL:  m.WebsiteURL.ValueString(),
		City:        m.City.ValueString(),
		Country:     m.Country.ValueString(),
		ExternalID:  m.ExternalID.ValueString(),
	}
}

// entry is the row that stands for m; its ID is "" while that is unknown.
func (m blacklistEntryModel) entry() openprospect.Entry {
	return openprospect.Entry{ID: m.ID.ValueString(), EntryFields: m.toAPI()}
}

// plannedMatchMethod is the tier by which the API will match; unknown while a
// field of that tier or a stronger one is unknown.
func (m blacklistEntryModel) plannedMatchMethod() types.String {
	for _, tier := range [][]types.String{{m.ExternalID}, {m.WebsiteURL}, {m.CompanyName, m.City}} {
		for _, field := range tier {
			if field.IsUnknown() {
				return types.StringUnknown()
			}
		}
		if tier[0].ValueString() != "" {
			break
		}
	}
	return stringOrNull(string(exclusion.MethodOf(m.toAPI())))
}

// fieldsKnown reports whether toAPI tells everything.
func (m blacklistEntryModel) fieldsKnown() bool {
	for _, field := range []types.String{m.CompanyName, m.WebsiteURL, m.City, m.Country, m.ExternalID} {
		if field.IsUnknown() {
			return false
		}
	}
	return true
}

// sameRow reports whether prior is the row that m asks for, perhaps in another
// spelling: then the API need not be told.
func (m blacklistEntryModel) sameRow(prior blacklistEntryModel) bool {
	return m.fieldsKnown() && m.BlacklistID.Equal(prior.BlacklistID) && exclusion.Key(m.toAPI()) == exclusion.Key(prior.toAPI())
}

func (m blacklistEntryModel) identity() blacklistEntryIdentityModel {
	return blacklistEntryIdentityModel{BlacklistID: m.BlacklistID, ID: m.ID}
}

// entryImport says which entry to import: by its id, or by fields that only it has.
type entryImport struct {
	blacklistID string
	entryID     string
	fields      openprospect.EntryFields
}

// parseEntryImport reads <blacklist_id>/<entry_id>, or in place of the entry's
// id one of external_id=, website_url= and company_name= with a value.
func parseEntryImport(id string) (entryImport, error) {
	blacklistID, entry, found := strings.Cut(id, "/")
	if !found || blacklistID == "" || entry == "" {
		return entryImport{}, errors.New("the import id has the form <blacklist_id>/<entry_id>, or <blacklist_id>/website_url=acme.com (likewise external_id, company_name)")
	}
	parsed := entryImport{blacklistID: blacklistID}
	field, value, isField := strings.Cut(entry, "=")
	if !isField {
		parsed.entryID = entry
		return parsed, nil
	}
	switch field {
	case "external_id":
		parsed.fields.ExternalID = value
	case "website_url":
		parsed.fields.WebsiteURL = value
	case "company_name":
		parsed.fields.CompanyName = value
	default:
		// Ids are opaque (U4), so an equals sign may be part of one.
		parsed.entryID = entry
		return parsed, nil
	}
	if strings.TrimSpace(value) == "" {
		return entryImport{}, fmt.Errorf("the import id says %s= without a value", field)
	}
	return parsed, nil
}
