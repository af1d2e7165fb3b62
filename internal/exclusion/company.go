// Package exclusion says what an exclusion is: which fields name the same company, by which of them the API matches,
// how two documents differ, and how a process reads and changes a list with as few requests as possible.
//
// It imports neither Terraform nor HTTP. Its words: a company is what an exclusion names; an entry is a row
// of a list, an id and a company; a list is the entries of one blacklist; a document is the JSON text that a user writes;
// a claim says which resource of this process manages which entry; a change is what is to be added, replaced and removed.
//
// Points such as U19 are what the documentation of the API leaves open: see internal/openprospect/UNKNOWNS.md.
package exclusion

import (
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// MatchMethod is the tier by which the API matches an entry with a company: external_id, then domain, then name and
// city, then name (the vendor's blacklist guide).
type MatchMethod string

// Match methods, strongest first.
const (
	MatchExternalID         MatchMethod = "external_id"
	MatchWebsiteURL         MatchMethod = "website_url"
	MatchCompanyNameAndCity MatchMethod = "company_name_and_city"
	MatchCompanyName        MatchMethod = "company_name"
)

// Company is what an exclusion names. It is made once, by NewCompany, where fields enter the process, and compared from
// then on. It is small to copy: what it says is in one place, however many documents, lists and claims hold it. The zero
// Company names nothing.
type Company struct {
	_ [0]func() // forbids ==, which would compare pointers
	*written
}

// written is what a Company says. It does not change.
type written struct {
	fields openprospect.EntryFields
	means  identity
}

// NewCompany makes the company that the fields name.
func NewCompany(fields openprospect.EntryFields) Company {
	return Company{written: &written{fields, identify(fields)}}
}

// Fields are as they were written.
func (c Company) Fields() openprospect.EntryFields {
	if c.written == nil {
		return openprospect.EntryFields{}
	}
	return c.fields
}

// identity is what the fields mean.
func (c Company) identity() identity {
	if c.written == nil {
		return identity{}
	}
	return c.means
}

// MatchMethod is the strongest tier that the fields allow; "" when nothing can match (U15): no external id, no website
// that has a domain, no name.
func (c Company) MatchMethod() MatchMethod { return c.identity().tier().method }

// SameFields reports whether two companies have the same fields, however they are spelled (U14): they make the same
// entry. Websites compare by Domain, texts without white space at the ends and without case, the external id exactly.
func (c Company) SameFields(other Company) bool { return c.identity() == other.identity() }

// Same reports whether the API matches two companies by the same value of the same tier.
func (c Company) Same(other Company) bool {
	tier := c.identity().tier()
	return tier.method != "" && tier == other.identity().tier()
}

// Domain is that of the website; "" if it has none.
func (c Company) Domain() string {
	if !c.identity().hasDomain {
		return ""
	}
	return c.identity().website
}

// String names the company for people: its name, website, city and external id, as far as it has them.
func (c Company) String() string {
	name, website := strings.TrimSpace(c.Fields().CompanyName), strings.TrimSpace(c.Fields().WebsiteURL)
	if c.identity().hasDomain {
		website = c.identity().website
	}
	var parts []string
	for _, part := range []string{name, website, strings.TrimSpace(c.Fields().City)} {
		if part != "" {
			parts = append(parts, shorten(part))
		}
	}
	if c.identity().externalID != "" {
		parts = append(parts, "external id "+shorten(c.identity().externalID))
	}
	if len(parts) == 0 {
		return "an entry without a name"
	}
	return strings.Join(parts, ", ")
}

// allFields names every field of the company for people.
func (c Company) allFields() string {
	var parts []string
	fields := c.Fields()
	for place, name := range documentFieldNames {
		if value := strings.TrimSpace(*documentField(&fields, place)); value != "" {
			parts = append(parts, name+" "+strconv.Quote(shorten(value)))
		}
	}
	return strings.Join(parts, ", ")
}

// Entry is a row of a list.
type Entry struct {
	// ID is the API's; "" while it is not known.
	ID string
	Company
}

func (e Entry) String() string {
	if e.ID == "" {
		return e.Company.String()
	}
	return e.Company.String() + " (entry " + e.ID + ")"
}

// identity is what the fields mean, whatever their spelling. It is comparable, so that it indexes maps.
type identity struct {
	externalID, website, name, city, country string
	// hasDomain is true if website is a domain and not just text.
	hasDomain bool
}

func identify(fields openprospect.EntryFields) identity {
	id := identity{
		externalID: strings.TrimSpace(fields.ExternalID),
		name:       fold(fields.CompanyName),
		city:       fold(fields.City),
		country:    fold(fields.Country),
	}
	if fields.WebsiteURL == "" {
		return id
	}
	if domain, err := Domain(fields.WebsiteURL); err == nil {
		id.website, id.hasDomain = domain, true
	} else {
		id.website = fold(fields.WebsiteURL)
	}
	return id
}

// tier is the strongest tier of an identity: what the API matches by. The zero tier matches nothing.
type tier struct {
	method      MatchMethod
	value, city string
}

func (id identity) tier() tier {
	switch {
	case id.externalID != "":
		return tier{MatchExternalID, id.externalID, ""}
	case id.hasDomain:
		return tier{MatchWebsiteURL, id.website, ""}
	case id.name != "" && id.city != "":
		return tier{MatchCompanyNameAndCity, id.name, id.city}
	case id.name != "":
		return tier{MatchCompanyName, id.name, ""}
	}
	return tier{}
}

// String says by what the API matches, as in "both have the website acme.com".
func (t tier) String() string {
	switch t.method {
	case MatchExternalID:
		return "external ID " + strconv.Quote(shorten(t.value))
	case MatchWebsiteURL:
		return "website " + t.value
	case MatchCompanyNameAndCity:
		return "name " + strconv.Quote(shorten(t.value)) + " in " + strconv.Quote(shorten(t.city))
	}
	return "name " + strconv.Quote(shorten(t.value)) + " and no stronger field"
}

// couldMatch reports whether the API may see one company in the two: the same external id, the same domain, or the same
// name, and city where both have one. That is wider than an equal tier: by which fields a server de-duplicates is not
// documented (U13).
func (id identity) couldMatch(other identity) bool {
	switch {
	case id.externalID != "" && id.externalID == other.externalID:
		return true
	case id.hasDomain && other.hasDomain && id.website == other.website:
		return true
	case id.name == "" || id.name != other.name:
		return false
	}
	return id.city == "" || other.city == "" || id.city == other.city
}

// fold takes white space at the ends and case out of a text (U14). It maps case one character at a time: a server that
// matches by name surely lowers case; whether it also treats ß as ss is not known.
func fold(text string) string {
	text = strings.TrimSpace(text)
	if isASCII(text) {
		return strings.ToLower(text)
	}
	text = norm.NFC.String(strings.ToLower(norm.NFD.String(text)))
	// İ becomes i in Go and i with a combining dot in Python and JavaScript.
	return strings.ReplaceAll(text, "i\u0307", "i")
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}
