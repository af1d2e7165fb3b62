package provider

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
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

// entryField is one of the fields that name the company.
type entryField struct {
	of    func(*blacklistEntryModel) *types.String
	inAPI func(*openprospect.EntryFields) *string
}

var entryFields = []entryField{
	{
		func(m *blacklistEntryModel) *types.String { return &m.CompanyName },
		func(f *openprospect.EntryFields) *string { return &f.CompanyName },
	},
	{func(m *blacklistEntryModel) *types.String { return &m.WebsiteURL }, func(f *openprospect.EntryFields) *string { return &f.WebsiteURL }},
	{func(m *blacklistEntryModel) *types.String { return &m.City }, func(f *openprospect.EntryFields) *string { return &f.City }},
	{func(m *blacklistEntryModel) *types.String { return &m.Country }, func(f *openprospect.EntryFields) *string { return &f.Country }},
	{func(m *blacklistEntryModel) *types.String { return &m.ExternalID }, func(f *openprospect.EntryFields) *string { return &f.ExternalID }},
}

// same compares two spellings of the field as package exclusion does.
func (f entryField) same(a, b string) bool {
	var one, other openprospect.EntryFields
	*f.inAPI(&one), *f.inAPI(&other) = a, b
	return exclusion.NewCompany(one).SameFields(exclusion.NewCompany(other))
}

// setEntry takes over what is on the list, in the user's spelling where it means the same.
func (m *blacklistEntryModel) setEntry(id string, fields openprospect.EntryFields) {
	m.ID = types.StringValue(id)
	for _, field := range entryFields {
		value := field.of(m)
		*value = keepSpelling(*value, *field.inAPI(&fields), field.same)
	}
	m.MatchMethod = m.plannedMatchMethod()
}

// keepSpellings takes the prior value of each field that differs from it by spelling alone, which Terraform accepts in
// place of the configured one. Field by field: the plan at apply, when all fields are known, must agree with the one that
// was shown, when some were not.
func (m *blacklistEntryModel) keepSpellings(prior blacklistEntryModel) {
	for _, field := range entryFields {
		value, before := field.of(m), *field.of(&prior)
		if value.ValueString() != "" && field.same(value.ValueString(), before.ValueString()) {
			*value = before
		}
	}
}

// company is what the fields name, as far as they are known.
func (m blacklistEntryModel) company() exclusion.Company {
	var fields openprospect.EntryFields
	for _, field := range entryFields {
		*field.inAPI(&fields) = field.of(&m).ValueString()
	}
	return exclusion.NewCompany(fields)
}

// entry is the row of the list; its ID is "" while that is unknown.
func (m blacklistEntryModel) entry() exclusion.Entry {
	return exclusion.Entry{ID: m.ID.ValueString(), Company: m.company()}
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
	return stringOrNull(string(m.company().MatchMethod()))
}

// fieldsKnown reports whether company has all fields.
func (m blacklistEntryModel) fieldsKnown() bool {
	return !slices.ContainsFunc(entryFields, func(field entryField) bool { return field.of(&m).IsUnknown() })
}

// sameRow reports whether prior is the row that m asks for, perhaps in another
// spelling: then the API need not be told.
func (m blacklistEntryModel) sameRow(prior blacklistEntryModel) bool {
	return m.fieldsKnown() && m.BlacklistID.Equal(prior.BlacklistID) && m.company().SameFields(prior.company())
}

// held is what only this resource has in its state; "" without a state.
func (m *blacklistEntryModel) held() string {
	if m == nil {
		return ""
	}
	return m.BlacklistID.ValueString() + "/" + m.ID.ValueString()
}

func (m blacklistEntryModel) identity() blacklistEntryIdentityModel {
	return blacklistEntryIdentityModel{BlacklistID: m.BlacklistID, ID: m.ID}
}

// entryImport says which entry to import: by its id, or by fields that only it has.
type entryImport struct {
	blacklistID string
	entryID     string
	company     exclusion.Company
}

// fieldName is what a field's name looks like.
var fieldName = regexp.MustCompile(`^[A-Za-z_]+$`)

// parseEntryImport reads <blacklist_id>/<entry_id>, or in place of the entry's
// id one of external_id=, website_url= and company_name= with a value.
func parseEntryImport(id string) (entryImport, error) {
	blacklistID, entry, found := strings.Cut(id, "/")
	if !found || blacklistID == "" || entry == "" {
		return entryImport{}, errors.New("use <blacklist_id>/<entry_id> or <blacklist_id>/website_url=acme.com (likewise " +
			"external_id, company_name)")
	}
	parsed := entryImport{blacklistID: blacklistID}
	field, value, isField := strings.Cut(entry, "=")
	if !isField {
		parsed.entryID = entry
		return parsed, nil
	}
	var fields openprospect.EntryFields
	switch field {
	case "external_id":
		fields.ExternalID = value
	case "website_url":
		fields.WebsiteURL = value
	case "company_name":
		fields.CompanyName = value
	default:
		// Ids are opaque (U4), so an equals sign may be part of one, as at the end of Base64.
		if fieldName.MatchString(field) && strings.Trim(value, "=") != "" {
			return entryImport{}, fmt.Errorf("%q is not a field to import by. Use external_id, website_url or company_name", field)
		}
		parsed.entryID = entry
		return parsed, nil
	}
	if strings.TrimSpace(value) == "" {
		return entryImport{}, fmt.Errorf("%s= has no value", field)
	}
	parsed.company = exclusion.NewCompany(fields)
	return parsed, nil
}
