package simulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// discovered completes an order and returns the names of the companies in its results.
func (a *api) discovered(orderID string) []string {
	a.t.Helper()
	a.SetOrderStatus(orderID, "COMPLETED", "")
	var names []string
	for _, company := range unmarshal[results](a.t, a.get("/orders/"+orderID+"/results")).Items {
		names = append(names, company.Name)
	}
	return names
}

// An entry and a company are compared by the strongest field that both have.
func TestExclusionTiers(t *testing.T) {
	t.Parallel()
	acme := simulator.Company{Name: "Acme GmbH", WebsiteURL: "https://www.acme.de/en", City: "Berlin", Country: "Germany"}
	submitted := acme
	submitted.ExternalID = "crm-7"
	nameOnly := simulator.Company{Name: "Acme GmbH"}
	for _, test := range []struct {
		reason  string
		company simulator.Company
		entry   simulator.Entry
		tier    string
	}{
		{"external id", submitted, simulator.Entry{ExternalID: "crm-7"}, "external_id"},
		{"external id, exact", submitted, simulator.Entry{ExternalID: "CRM-7"}, ""},
		{"external id, whatever the rest", submitted, simulator.Entry{ExternalID: "crm-7", WebsiteURL: "other.de"}, "external_id"},
		{"another external id on the same domain", submitted, simulator.Entry{ExternalID: "8", WebsiteURL: "acme.de"}, ""},
		{"external id: discovered companies have none", acme, simulator.Entry{ExternalID: "crm-7"}, ""},
		{"external id on a company that has none: the domain", acme, simulator.Entry{ExternalID: "8", WebsiteURL: "acme.de"}, "website_url"},
		{"domain, whatever the spelling", acme, simulator.Entry{WebsiteURL: "HTTP://Acme.de:443/imprint"}, "website_url"},
		{"domain, whatever the name", acme, simulator.Entry{WebsiteURL: "acme.de", CompanyName: "Other AG", City: "Bonn"}, "website_url"},
		{"another domain: the name is not looked at", acme, simulator.Entry{WebsiteURL: "other.de", CompanyName: "Acme GmbH"}, ""},
		{"a domain of which this one is a part", acme, simulator.Entry{WebsiteURL: "notacme.de"}, ""},
		{"name and city", acme, simulator.Entry{CompanyName: " acme  GMBH ", City: "berlin"}, "company_name_and_city"},
		{"name in another city", acme, simulator.Entry{CompanyName: "Acme GmbH", City: "Hamburg"}, ""},
		{"another name in the same city", acme, simulator.Entry{CompanyName: "Acme AG", City: "Berlin"}, ""},
		{"name, whatever the country", acme, simulator.Entry{CompanyName: "ACME GmbH", Country: "France"}, "company_name"},
		{"part of a name", acme, simulator.Entry{CompanyName: "Acme"}, ""},
		{"domain of a company without one: name", nameOnly, simulator.Entry{WebsiteURL: "acme.de", CompanyName: "Acme GmbH"}, "company_name"},
		{"city of a company without one: name", nameOnly, simulator.Entry{CompanyName: "Acme GmbH", City: "Berlin"}, "company_name"},
		{"domain alone, of a company without one", nameOnly, simulator.Entry{WebsiteURL: "acme.de"}, ""},
	} {
		a := start(t, simulator.Options{Companies: []simulator.Company{test.company}, Review: simulator.Review{Companies: 3}})
		list := a.AddBlacklist("Customers", "", simulator.Entry{WebsiteURL: "somebody.else"}, test.entry)
		order := a.AddOrder(map[string]any{"blacklist_ids": []string{list}})
		names, excluded := a.discovered(order), a.Excluded(order)
		if len(names) != 3 {
			t.Errorf("%s: found %q, not 3", test.reason, names)
		}
		if out := !slices.Contains(names, "Acme GmbH"); out != (test.tier != "") {
			t.Errorf("%s: found %q", test.reason, names)
		}
		if test.tier == "" {
			if len(excluded) > 0 {
				t.Errorf("%s: excluded %+v", test.reason, excluded)
			}
			continue
		}
		want := simulator.Exclusion{
			Company: test.company, BlacklistID: list, BlacklistName: "Customers", Tier: test.tier,
			Entry: entriesOf(a, list)[1],
		}
		if len(excluded) != 1 || excluded[0] != want {
			t.Errorf("%s: excluded %+v, want %+v", test.reason, excluded, want)
		}
	}
}

func entriesOf(a *api, blacklistID string) []simulator.Entry {
	list, _ := a.Blacklist(blacklistID)
	return list.Entries
}

// Of several entries that match, the strongest is named, and of equals the first.
func TestExclusionNamesTheStrongestMatch(t *testing.T) {
	t.Parallel()
	const name, domain = "CloudOps Technologies GmbH", "cloudops-tech.de"
	for range 20 { // a map's order would show
		a := start(t, simulator.Options{Review: simulator.Review{Companies: 1}})
		weak := a.AddBlacklist("Weak", "", simulator.Entry{CompanyName: name}, simulator.Entry{CompanyName: name, City: "Berlin"})
		strong := a.AddBlacklist("Strong", "", simulator.Entry{WebsiteURL: domain}, simulator.Entry{WebsiteURL: "www." + domain})
		order := a.AddOrder(map[string]any{"blacklist_ids": []string{weak, strong}})
		a.discovered(order)
		got := a.Excluded(order)
		if len(got) != 1 || got[0].Tier != "website_url" || got[0].Entry.WebsiteURL != domain || got[0].BlacklistName != "Strong" {
			t.Fatalf("excluded %+v", got)
		}
		a.RemoveBlacklist(strong)
		order = a.AddOrder(map[string]any{"blacklist_ids": []string{weak}})
		a.discovered(order)
		if got := a.Excluded(order); len(got) != 1 || got[0].Tier != "company_name_and_city" {
			t.Fatalf("excluded %+v", got)
		}
	}
}

// What is excluded is settled when the order completes.
func TestExclusionsOfACompletedOrderStay(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Review: simulator.Review{Companies: 5}})
	list := a.AddBlacklist("Customers", "", simulator.Entry{WebsiteURL: "cloudops-tech.de"})
	order := a.AddOrder(map[string]any{"blacklist_ids": []string{list}})
	a.SetOrderStatus(order, "ACCEPTED", "")
	if got := a.Excluded(order); got != nil {
		t.Errorf("before it is completed: %+v", got)
	}
	before := a.discovered(order)
	a.RemoveBlacklist(list)
	var after []string
	for _, company := range unmarshal[results](t, a.get("/orders/"+order+"/results")).Items {
		after = append(after, company.Name)
	}
	if !slices.Equal(before, after) || len(a.Excluded(order)) != 1 || a.order(order).CompanyCount != 5 {
		t.Errorf("before %q, after %q, excluded %+v", before, after, a.Excluded(order))
	}
	if got := a.Excluded(unknownID); got != nil {
		t.Errorf("of an unknown order: %+v", got)
	}
}

// The blacklists that are assigned to the search count, and they are the order's at first.
func TestExclusionsOfAReassignedSearch(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Review: simulator.Review{Companies: 3}, Companies: []simulator.Company{{Name: "Acme GmbH"}}})
	ordered := a.AddBlacklist("Ordered", "", simulator.Entry{CompanyName: "Acme GmbH"})
	assigned := a.AddBlacklist("Assigned", "", simulator.Entry{WebsiteURL: "cloudops-tech.de"})
	order := a.AddOrder(map[string]any{"blacklist_ids": []string{ordered}})
	a.SetOrderStatus(order, "ACCEPTED", "")
	search := or(a.order(order).Search, "")
	a.send("PUT", "/prospect-searches/"+search+"/blacklists", `{"blacklist_ids":["`+assigned+`"]}`)
	names := a.discovered(order)
	if !slices.Contains(names, "Acme GmbH") || slices.Contains(names, "CloudOps Technologies GmbH") {
		t.Errorf("found %q", names)
	}
}

// The journal says what a request did, and whom the results that it read do without.
func TestJournalNotes(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Review: simulator.Review{Companies: 2}, Scopes: []string{
		"orders:read", "orders:write", "blacklists:read", "blacklists:write",
	}})
	list := "/blacklists/" + firstBlacklist
	entry := `{"entries":[{"website_url":"cloudops-tech.de"}]}`
	a.send("POST", "/blacklists", `{"name":"Customers"}`)
	a.send("POST", list+"/entries", entry)
	a.send("POST", list+"/entries", strings.Replace(entry, "[", `[{"company_name":"A"},{"company_name":"B"},`, 1))
	a.get(list + "/entries")
	a.send("POST", "/orders", `{"order_type":"DISCOVERY","title":"Spring","features":["CONTACTS"],"ideal_customer_profile":"x",`+
		`"seller_offering":"y","target_countries":["Germany"],"blacklist_ids":["`+firstBlacklist+`"]}`)
	order := a.Orders()[0].ID
	a.SetOrderStatus(order, "COMPLETED", "")
	a.get("/orders/" + order)
	a.get("/orders/" + order + "/results?limit=1")
	a.get("/orders/" + order + "/results?limit=1&offset=1")
	a.get("/prospect-searches")
	a.send("DELETE", list+"/entries", fmt.Sprintf(`{"entry_ids":[%q]}`, entriesOf(a, firstBlacklist)[0].ID))
	a.send("PATCH", list, `{"name":"Clients"}`)
	a.send("PUT", "/prospect-searches/"+a.Orders()[0].SearchID+"/blacklists", `{"blacklist_ids":[]}`)
	a.send("DELETE", list, "")
	a.get(list)
	a.send("POST", "/blacklists", `{}`)
	a.get("/nothing")
	want := []string{
		`blacklist "Customers" created`,
		`1 company added to "Customers"`,
		`2 companies added to "Customers", 1 already there`,
		``,
		`order "Spring" placed`,
		`COMPLETED`,
		`2 companies found, 1 kept out`,
		`2 companies found, 1 kept out`,
		`Missing required scopes: prospect_searches:read`,
		`1 company removed from "Customers"`,
		`blacklist "Clients" updated`,
		`0 blacklists assigned to the search "Spring"`,
		`blacklist "Clients" removed`,
		`Blacklist not found`,
		`name is required`,
		`no such endpoint`,
	}
	journal := a.Journal()
	for i, request := range journal {
		if i < len(want) && request.Note != want[i] {
			t.Errorf("%s %s: noted %q, want %q", request.Method, request.Path, request.Note, want[i])
		}
		first := strings.HasSuffix(request.Path, "/results") && !strings.Contains(request.Query, "offset")
		if got := len(request.Excluded); got > 0 != first || first && request.Excluded[0].Tier != "website_url" {
			t.Errorf("%s %s?%s: excluded %+v", request.Method, request.Path, request.Query, request.Excluded)
		}
	}
	if len(journal) != len(want) {
		t.Errorf("%d requests, want %d", len(journal), len(want))
	}
}

// Whoever watches sees each request before its client has the answer.
func TestAnswering(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 2)
	a := start(t, simulator.Options{RequestsPerHour: 1, Answering: func(r simulator.Request) {
		seen <- fmt.Sprintf("%s %s %d %s", r.Method, r.Path, r.Status, r.Note)
	}})
	for _, want := range []string{"GET /auth/validate 200 ", "GET /auth/validate 429 rate limit: wait 3600 s"} {
		a.get("/auth/validate")
		select {
		case got := <-seen:
			if got != want {
				t.Errorf("saw %q, want %q", got, want)
			}
		default:
			t.Fatalf("did not see %q", want)
		}
	}
}
