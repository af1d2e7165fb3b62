// Package exclusion says what an exclusion is: which fields name the same
// company, by which of them the API will match, how two lists differ, and how
// a process reads and changes a list with as few requests as possible.
//
// It knows nothing of Terraform and nothing of HTTP.
package exclusion

import (
	"context"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// API is what the package needs of the API client.
type API interface {
	ListEntries(ctx context.Context, blacklistID string) ([]openprospect.Entry, error)
	ListEntriesFrom(ctx context.Context, blacklistID string, offset int) ([]openprospect.Entry, error)
	AddEntries(ctx context.Context, blacklistID string, entries []openprospect.EntryFields) (openprospect.AddEntriesResult, error)
	RemoveEntries(ctx context.Context, blacklistID string, ids []string) error
}

// MatchMethod is the tier by which the API matches an entry with a company
// (facts.md 2: external_id, then domain, then name and city, then name).
type MatchMethod string

// Match methods, strongest first.
const (
	MatchExternalID         MatchMethod = "external_id"
	MatchWebsiteURL         MatchMethod = "website_url"
	MatchCompanyNameAndCity MatchMethod = "company_name_and_city"
	MatchCompanyName        MatchMethod = "company_name"
)

// MethodOf gives the strongest tier that the fields allow; "" when nothing can match (U15): no external
// id, no website that has a domain, no name.
func MethodOf(fields openprospect.EntryFields) MatchMethod {
	return companyOf(fields).method
}

// Key identifies an entry by all its fields, leniently (U14): two entries with the same Key are the
// same row to us, whatever the spelling. Websites compare by Domain, texts without
// surrounding white space and without case, the external id exactly: the API does (facts.md 2), and
// there are CRMs whose ids differ by case alone.
func Key(fields openprospect.EntryFields) string {
	id := identify(fields)
	return joinKey(id.externalID, id.website, id.name, id.city, id.country)
}

// CompanyKey identifies the company that the API would match, by the strongest tier; "" when nothing can match.
func CompanyKey(fields openprospect.EntryFields) string {
	company := companyOf(fields)
	if company.method == "" {
		return ""
	}
	return joinKey(string(company.method), company.value, company.city)
}

// joinKey joins texts so that no two different lists of texts give the same key.
func joinKey(texts ...string) string {
	size := 0
	for _, text := range texts {
		size += len(text) + 4
	}
	key := make([]byte, 0, size)
	for _, text := range texts {
		key = strconv.AppendInt(key, int64(len(text)), 10)
		key = append(key, ':')
		key = append(key, text...)
	}
	return string(key)
}

// Describe names an entry for people: its name, website, city and external id, as far as it has them.
func Describe(fields openprospect.EntryFields) string {
	name, website := strings.TrimSpace(fields.CompanyName), strings.TrimSpace(fields.WebsiteURL)
	if domain, err := Domain(website); err == nil {
		website = domain
	}
	var parts []string
	for _, part := range []string{name, website, strings.TrimSpace(fields.City)} {
		if part != "" {
			parts = append(parts, shorten(part))
		}
	}
	if id := strings.TrimSpace(fields.ExternalID); id != "" {
		parts = append(parts, "external id "+shorten(id))
	}
	if len(parts) == 0 {
		return "an entry without a name"
	}
	return strings.Join(parts, ", ")
}

// identity is what an entry's fields mean, whatever their spelling: comparable, so that it indexes maps.
type identity struct {
	externalID, website, name, city, country string
	// hasDomain says that website is a domain and not just text.
	hasDomain bool
}

// company is the strongest tier of an identity: what the API goes by.
type company struct {
	method      MatchMethod
	value, city string
}

// String says in a sentence by what the API matches, as in "both have the website acme.com".
func (c company) String() string {
	switch c.method {
	case MatchExternalID:
		return "external id " + strconv.Quote(shorten(c.value))
	case MatchWebsiteURL:
		return "website " + c.value
	case MatchCompanyNameAndCity:
		return "name " + strconv.Quote(shorten(c.value)) + " in " + strconv.Quote(shorten(c.city))
	}
	return "name " + strconv.Quote(shorten(c.value)) + " and nothing stronger"
}

// companyOf is identify(fields).company() without looking at the weaker tiers: of 100,000 entries that counts.
func companyOf(fields openprospect.EntryFields) company {
	if id := strings.TrimSpace(fields.ExternalID); id != "" {
		return company{MatchExternalID, id, ""}
	}
	if fields.WebsiteURL != "" {
		if domain, err := Domain(fields.WebsiteURL); err == nil {
			return company{MatchWebsiteURL, domain, ""}
		}
	}
	return identity{name: fold(fields.CompanyName), city: fold(fields.City)}.company()
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

func (id identity) company() company {
	switch {
	case id.externalID != "":
		return company{MatchExternalID, id.externalID, ""}
	case id.hasDomain:
		return company{MatchWebsiteURL, id.website, ""}
	case id.name != "" && id.city != "":
		return company{MatchCompanyNameAndCity, id.name, id.city}
	case id.name != "":
		return company{MatchCompanyName, id.name, ""}
	}
	return company{}
}

// mayBe reports whether the API may take the two for one company: the same external id, the same domain, or
// the same name, and city where both have one. Wider than equal CompanyKeys: it is nowhere said by which fields a server de-duplicates (U13).
func (id identity) mayBe(other identity) bool {
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

// fold takes white space at the ends and case out of a text (U14). Only simple case mapping: a
// server that matches by name surely lowers case, whether it takes ß for ss nobody knows.
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
