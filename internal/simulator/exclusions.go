package simulator

import (
	"fmt"
	"slices"
	"strings"
)

// Company is a company that searches find.
type Company struct {
	Name       string
	WebsiteURL string
	City       string
	Country    string
	// ExternalID is the source id of a company that the account has submitted for enrichment before; "" for any other. Results of
	// discovery orders never show it (guide).
	ExternalID string
}

// The tiers by which an entry matches a company, strongest first.
const (
	TierExternalID = "external_id"
	TierDomain     = "website_url"
	TierNameCity   = "company_name_and_city"
	TierName       = "company_name"
)

// Exclusion is a company that the search of an order found and a blacklist kept out of its results.
type Exclusion struct {
	Company       Company
	BlacklistID   string
	BlacklistName string
	Entry         Entry
	// Tier says what Entry and Company were matched by.
	Tier string
}

// compare matches an entry and a company by the strongest tier for which both have the values: an entry of another domain does not
// match by its name.
func compare(entry Entry, company Company) (tier string, matches bool) {
	domains := [2]string{bareDomain(entry.WebsiteURL), bareDomain(company.WebsiteURL)}
	names := [2]string{folded(entry.CompanyName), folded(company.Name)}
	cities := [2]string{folded(entry.City), folded(company.City)}
	both := func(values [2]string) bool { return values[0] != "" && values[1] != "" }
	switch {
	case both([2]string{entry.ExternalID, company.ExternalID}):
		return TierExternalID, entry.ExternalID == company.ExternalID
	case both(domains):
		return TierDomain, domains[0] == domains[1]
	case both(names) && both(cities):
		return TierNameCity, names[0] == names[1] && cities[0] == cities[1]
	case both(names):
		return TierName, names[0] == names[1]
	}
	return "", false
}

// folded is a text without case and superfluous white space.
func folded(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// listed is an entry and the blacklist that it is on.
type listed struct {
	list  *blacklist
	entry *Entry
}

// filter finds entries by what they could match by.
type filter map[string][]listed

func (s *Server) newFilter(blacklistIDs []string) filter {
	f := filter{}
	for _, id := range blacklistIDs {
		list := s.blacklistsByID[id]
		if list == nil {
			continue
		}
		for _, entry := range list.entries {
			for _, key := range matchKeys(entry.ExternalID, entry.WebsiteURL, entry.CompanyName) {
				f[key] = append(f[key], listed{list, entry})
			}
		}
	}
	return f
}

// matchKeys are what to match by: an entry and a company that match share at least one of them.
func matchKeys(externalID, website, name string) []string {
	var keys []string
	for _, value := range [][2]string{{"id ", externalID}, {"domain ", bareDomain(website)}, {"name ", folded(name)}} {
		if value[1] != "" {
			keys = append(keys, value[0]+value[1])
		}
	}
	return keys
}

// exclude returns what keeps a company out: the match of the strongest tier, and of those the first on the lists.
func (f filter) exclude(company Company) (Exclusion, bool) {
	strength := []string{TierName, TierNameCity, TierDomain, TierExternalID}
	var found Exclusion
	for _, key := range matchKeys(company.ExternalID, company.WebsiteURL, company.Name) {
		for _, one := range f[key] {
			tier, matches := compare(*one.entry, company)
			if matches && slices.Index(strength, tier) > slices.Index(strength, found.Tier) {
				found = Exclusion{
					Company: company, BlacklistID: one.list.id, BlacklistName: one.list.name, Entry: *one.entry, Tier: tier,
				}
			}
		}
	}
	return found, found.Tier != ""
}

// Excluded returns the companies that the search of a completed order found and blacklists kept out, in the order in which it found
// them.
func (s *Server) Excluded(orderID string) []Exclusion {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.ordersByID[orderID]; o != nil {
		return slices.Clone(o.excluded)
	}
	return nil
}

// MatchedBy says by what of the entry the company was matched, such as `website_url "acme.com"`.
func (e Exclusion) MatchedBy() string {
	switch e.Tier {
	case TierExternalID:
		return fmt.Sprintf("external_id %q", e.Entry.ExternalID)
	case TierDomain:
		return fmt.Sprintf("website_url %q", e.Entry.WebsiteURL)
	case TierNameCity:
		return fmt.Sprintf("company_name %q and city %q", e.Entry.CompanyName, e.Entry.City)
	}
	return fmt.Sprintf("company_name %q", e.Entry.CompanyName)
}
