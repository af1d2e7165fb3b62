package main

import (
	"context"
	"slices"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// listed are companies that the simulated search finds and that are on a blacklist; its own are all invented.
var listed = []simulator.Company{
	{Name: "SAP Deutschland", WebsiteURL: "https://sap.com/germany", City: "Walldorf", Country: "Germany"},
	{Name: "Acme Corporation", WebsiteURL: "https://acme-corp.com", City: "Zurich", Country: "Switzerland"},
	{Name: "Global Industries GmbH", WebsiteURL: "https://global-industries.example", City: "Munich", Country: "Germany"},
}

// sameName has the name of a company on a blacklist, and is another one.
var sameName = simulator.Company{
	Name: "Global Industries GmbH", WebsiteURL: "https://www.gi-hamburg.example", City: "Hamburg", Country: "Germany",
}

// tiers says in words what an entry and a company were matched by.
var tiers = map[string]string{
	simulator.TierExternalID: "external id",
	simulator.TierDomain:     "domain",
	simulator.TierNameCity:   "name and city",
	simulator.TierName:       "name",
}

// keptOut shows which companies the search found and blacklists kept out of the results.
func (s *story) keptOut(context.Context) error {
	var rows, matches [][]string
	for _, exclusion := range s.api.Excluded(s.orderID) {
		company, entry := exclusion.Company, exclusion.Entry
		rows = append(rows, []string{company.Name, company.City, entry.CompanyName, exclusion.BlacklistName, tiers[exclusion.Tier]})
		matches = append(matches, []string{company.Name, entry.CompanyName, exclusion.BlacklistName, exclusion.Tier})
		if err := s.check(
			!slices.ContainsFunc(s.found, func(c foundCompany) bool { return c.WebsiteURL == company.WebsiteURL }),
			"%s is on a blacklist and among the results",
			company.Name,
		); err != nil {
			return err
		}
	}
	want := [][]string{
		{"SAP Deutschland", "SAP SE", customersName, simulator.TierDomain},
		{"Acme Corporation", "Acme Corp", doNotContactName, simulator.TierDomain},
		{"Global Industries GmbH", "Global Industries GmbH", doNotContactName, simulator.TierNameCity},
	}
	if err := s.check(slices.EqualFunc(matches, want, slices.Equal), "kept out are %q, not %q", matches, want); err != nil {
		return err
	}
	s.say("%sThe search found %d companies. %d are on a blacklist, so the results leave them out:\n",
		indent, companiesFound+len(rows), len(rows))
	if err := table(s.out, []string{"FOUND", "CITY", "KEPT OUT BY ENTRY", "OF BLACKLIST", "MATCHED BY"}, rows); err != nil {
		return err
	}
	if err := s.check(
		slices.ContainsFunc(s.found, func(c foundCompany) bool { return c.WebsiteURL == sameName.WebsiteURL }),
		"%s of %s is not among the results",
		sameName.Name,
		sameName.City,
	); err != nil {
		return err
	}
	s.say("\n%s%s of %s is another company: it stays in the results.", indent, sameName.Name, sameName.City)
	return nil
}
