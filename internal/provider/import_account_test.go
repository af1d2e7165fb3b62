package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// account is what somebody has made in the dashboard: 3 blacklists with 250 entries in all, and 4 orders.
type account struct {
	sim                              *simulator.Server
	customers, competitors, contacts simulator.Blacklist
	// orders are ids by the lower-case title.
	orders map[string]string
}

func newAccount(t *testing.T) *account {
	t.Helper()
	sim := startSimulator(t, simulator.Options{})
	companies := manyCompanies(247)
	blacklist := func(name, description string, entries ...simulator.Entry) simulator.Blacklist {
		list, _ := sim.Blacklist(sim.AddBlacklist(name, description, entries...))
		return list
	}
	a := &account{
		sim:         sim,
		orders:      map[string]string{},
		customers:   blacklist("Customers", "From the CRM", companies[:150]...),
		competitors: blacklist("Competitors", "", companies[150:]...),
		contacts: blacklist("Do not contact", "Opt-outs",
			simulator.Entry{CompanyName: "Acme Corp", WebsiteURL: "https://www.acme-corp.com/"},
			simulator.Entry{CompanyName: "Global Industries GmbH", City: "Munich", Country: "Germany"},
			simulator.Entry{CompanyName: "Initech", ExternalID: "crm-4711"},
		),
	}
	for _, order := range []struct {
		title, status string
		fields        map[string]any
	}{
		{"Spring", "COMPLETED", map[string]any{"blacklist_ids": []string{a.customers.ID, a.contacts.ID}}},
		{
			"Summer", "REJECTED",
			map[string]any{
				"contact_roles": []string{"CTO", "CEO"}, "target_cities": []string{"Berlin", "Vienna"},
				"features": []string{"COMPANY_DATA", "CONTACTS"},
			},
		},
		{
			"Autumn", "IN_PROGRESS",
			map[string]any{"profile_name": "DACH", "priority": "EXPRESS", "output_language": "de", "seller_industry": "Software"},
		},
		{
			"Winter", "RECEIVED",
			map[string]any{"excluded_industries": []string{"Government"}, "webhook_url": "https://example.com/hook", "briefing_quantity": 25},
		},
	} {
		order.fields["title"] = order.title
		id := sim.AddOrder(order.fields)
		sim.SetOrderStatus(id, order.status, "")
		a.orders[strings.ToLower(order.title)] = id
	}
	return a
}

// importBlock imports by id, or by identity if id is a map.
func importBlock(address string, id any) string {
	argument := fmt.Sprintf("id = %q", id)
	if identity, ok := id.(map[string]string); ok {
		var attributes strings.Builder
		for _, name := range slices.Sorted(maps.Keys(identity)) {
			fmt.Fprintf(&attributes, "    %s = %q\n", name, identity[name])
		}
		argument = "identity = {\n" + attributes.String() + "  }"
	}
	return fmt.Sprintf("import {\n  to = %s\n  %s\n}\n", address, argument)
}

// accountDocument is the entries of a list under keys of one's own.
func accountDocument(t *testing.T, entries []simulator.Entry) string {
	t.Helper()
	document := map[string]map[string]string{}
	for _, e := range entries {
		document["row "+e.ExternalID] = map[string]string{
			"company_name": e.CompanyName, "website_url": e.WebsiteURL, "city": e.City, "country": e.Country, "external_id": e.ExternalID,
		}
	}
	text, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// hcl is the configuration of the whole account, without the import blocks.
func (a *account) hcl(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	fmt.Fprintf(&all, `
resource "openprospect_blacklist" "customers" {
  name        = "Customers"
  description = "From the CRM"
}
resource "openprospect_blacklist" "competitors" {
  name = "Competitors"
}
resource "openprospect_blacklist" "do_not_contact" {
  name        = "Do not contact"
  description = "Opt-outs"
}
resource "openprospect_blacklist_entries" "customers" {
  blacklist_id = openprospect_blacklist.customers.id
  entries      = %q
}
resource "openprospect_blacklist_entries" "competitors" {
  blacklist_id = openprospect_blacklist.competitors.id
  entries      = %q
}
resource "openprospect_blacklist_entry" "acme" {
  blacklist_id = openprospect_blacklist.do_not_contact.id
  company_name = "Acme Corp"
  website_url  = "acme-corp.com"
}
resource "openprospect_blacklist_entry" "global_industries" {
  blacklist_id = openprospect_blacklist.do_not_contact.id
  company_name = "Global Industries GmbH"
  city         = "Munich"
  country      = "Germany"
}
resource "openprospect_blacklist_entry" "initech" {
  blacklist_id = openprospect_blacklist.do_not_contact.id
  company_name = "Initech"
  external_id  = "crm-4711"
}
`, accountDocument(t, a.customers.Entries), accountDocument(t, a.competitors.Entries))
	ordered := arguments{
		"features":               `["COMPANY_DATA"]`,
		"ideal_customer_profile": `"Mid-market SaaS companies"`,
		"seller_offering":        `"Consulting"`,
		"target_countries":       `["Germany"]`,
	}
	for name, changes := range map[string]arguments{
		"spring": {
			"title":         `"Spring"`,
			"blacklist_ids": `[openprospect_blacklist_entries.customers.blacklist_id, openprospect_blacklist.do_not_contact.id]`,
		},
		"summer": {
			"title": `"Summer"`, "contact_roles": `["CEO", "CTO"]`, "target_cities": `["Vienna", "Berlin"]`,
			"features": `["CONTACTS", "COMPANY_DATA"]`,
		},
		"autumn": {
			"title": `"Autumn"`, "profile_name": `"DACH"`, "priority": `"EXPRESS"`, "output_language": `"de"`, "seller_industry": `"Software"`,
		},
		"winter": {
			"title": `"Winter"`, "excluded_industries": `["Government"]`, "webhook_url": `"https://example.com/hook"`, "briefing_quantity": "25",
			"deletion_policy": `"ABANDON"`,
		},
	} {
		all.WriteString(namedOrderHCL(name, ordered.with(changes)))
	}
	return all.String()
}

// imports are the addresses in hcl and what to import there: ids, or identities.
func (a *account) imports(byIdentity bool) map[string]any {
	imports := map[string]any{}
	add := func(address, id string, identity map[string]string) {
		if imports[address] = id; byIdentity {
			imports[address] = identity
		}
	}
	for name, list := range map[string]simulator.Blacklist{
		"customers": a.customers, "competitors": a.competitors, "do_not_contact": a.contacts,
	} {
		add("openprospect_blacklist."+name, list.ID, map[string]string{"id": list.ID})
	}
	imports["openprospect_blacklist.competitors"] = "name=Competitors"
	if byIdentity {
		imports["openprospect_blacklist.competitors"] = map[string]string{"id": a.competitors.ID}
	}
	for name, list := range map[string]simulator.Blacklist{"customers": a.customers, "competitors": a.competitors} {
		add("openprospect_blacklist_entries."+name, list.ID, map[string]string{"blacklist_id": list.ID})
	}
	for i, entry := range []struct{ name, id string }{
		{"acme", "website_url=acme-corp.com"},
		{"global_industries", a.contacts.Entries[1].ID},
		{"initech", "external_id=crm-4711"},
	} {
		add("openprospect_blacklist_entry."+entry.name, a.contacts.ID+"/"+entry.id,
			map[string]string{"blacklist_id": a.contacts.ID, "id": a.contacts.Entries[i].ID})
	}
	for name, id := range a.orders {
		add("openprospect_discovery_order."+name, id, map[string]string{"id": id})
	}
	return imports
}

// onlyImports checks that a plan takes over what exists, everything that was named, and makes, replaces and removes nothing.
type onlyImports struct{ addresses []string }

func (want onlyImports) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	var imported []string
	for _, change := range req.Plan.ResourceChanges {
		if actions := change.Change.Actions; !actions.NoOp() && !actions.Update() {
			resp.Error = errors.Join(resp.Error, fmt.Errorf("%s: the plan is to %v", change.Address, actions))
		}
		if change.Change.Importing != nil {
			imported = append(imported, change.Address)
		}
	}
	if slices.Sort(imported); !slices.Equal(imported, want.addresses) {
		resp.Error = errors.Join(resp.Error, fmt.Errorf("imported are %q, want %q", imported, want.addresses))
	}
}

// TestAccImportAccount brings a whole account under management with import blocks alone.
func TestAccImportAccount(t *testing.T) {
	t.Parallel()
	for name, byIdentity := range map[string]bool{"by id": false, "by identity": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if byIdentity {
				requireFeature(t, resourceIdentity)
			}
			a := newAccount(t)
			imports := a.imports(byIdentity)
			addresses := slices.Sorted(maps.Keys(imports))
			hcl := a.hcl(t)
			var blocks strings.Builder
			for _, address := range addresses {
				blocks.WriteString(importBlock(address, imports[address]))
			}

			orderCase(t, a.sim, resource.TestCase{
				Steps: []resource.TestStep{
					{
						// The step fails unless the plan after the apply is empty.
						Config:            configure(a.sim, blocks.String()+hcl),
						ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{onlyImports{addresses}}},
						ConfigStateChecks: []statecheck.StateCheck{serverCheck(a.untouched)},
					},
					{
						// The import blocks have done their work and can go.
						Config:            configure(a.sim, hcl),
						ConfigPlanChecks:  expectEmptyPlan(),
						ConfigStateChecks: []statecheck.StateCheck{serverCheck(a.untouched)},
					},
				},
				CheckDestroy: expectOrders(a.sim, 4),
			})
		})
	}
}

// TestImportInAnotherCase imports from an API that takes UUIDs in either case and returns them in lower case. What is
// imported has the API's spelling: with another one than the blacklist has, the first plan would replace the list.
func TestImportInAnotherCase(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "", acme)
	customers, _ := sim.Blacklist(id)
	entry := customers.Entries[0].ID
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path, r.URL.RawPath = strings.ToLower(r.URL.Path), ""
		sim.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	for name, test := range map[string]struct{ resource, id, attribute string }{
		"blacklist":      {"openprospect_blacklist", strings.ToUpper(id), "id"},
		"list":           {entriesType, strings.ToUpper(id), "blacklist_id"},
		"entry":          {"openprospect_blacklist_entry", strings.ToUpper(id) + "/" + entry, "blacklist_id"},
		"entry by field": {"openprospect_blacklist_entry", strings.ToUpper(id) + "/website_url=acme-corp.com", "blacklist_id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := protocolServer(t)
			expectNoErrors(t, configureProvider(t, server, map[string]tftypes.Value{"api_key": text(sim.APIKey()), "base_url": text(front.URL)}))
			resp, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: test.resource, ID: test.id})
			if err != nil {
				t.Fatal(err)
			}
			imported := readImported(t, server, test.resource, resp)
			if got := imported.attribute(t, test.attribute); got != id {
				t.Errorf("%s is %s, want the API's %s", test.attribute, got, id)
			}
			if !imported.read(t, server) {
				t.Error("the next read does not find it")
			}
		})
	}
}

// untouched checks that nothing was written, and that the account is as it was.
func (a *account) untouched() error {
	if err := onlyReads(a.sim); err != nil {
		return err
	}
	entries := 0
	for _, list := range a.sim.Blacklists() {
		entries += len(list.Entries)
	}
	if lists, orders := len(a.sim.Blacklists()), len(a.sim.Orders()); lists != 3 || entries != 250 || orders != 4 {
		return fmt.Errorf("%d blacklists, %d entries and %d orders, want 3, 250 and 4", lists, entries, orders)
	}
	return nil
}

// TestAccImportAccountByQuery finds the account with terraform query, generates its configuration, and completes only
// what the API does not show.
func TestAccImportAccountByQuery(t *testing.T) {
	t.Parallel()
	cli := prepareCLI(t)
	requireFeature(t, listResources)
	a := newAccount(t)
	directory := t.TempDir()
	writeFile(t, filepath.Join(directory, "main.tf"), requiredProviders+configure(a.sim, ""))
	var queries strings.Builder
	queries.WriteString(
		"list \"openprospect_blacklist\" \"all\" {\n  provider = openprospect\n}\nlist \"openprospect_discovery_order\" \"all\" {\n  " +
			"provider = openprospect\n}\n",
	)
	for i, list := range a.sim.Blacklists() {
		fmt.Fprintf(
			&queries,
			"list \"openprospect_blacklist_entry\" \"list_%d\" {\n  provider = openprospect\n  limit = 1000\n  config {\n    blacklist_id "+
				"= %q\n  }\n}\n",
			i,
			list.ID,
		)
	}
	writeFile(t, filepath.Join(directory, "account.tfquery.hcl"), queries.String())
	run := func(arguments ...string) string {
		t.Helper()
		output, err := cli.Command(directory, cli.Environ(), append(arguments, "-no-color")...).CombinedOutput()
		if err != nil {
			t.Fatalf("terraform %v: %v\n%s", arguments, err, output)
		}
		return string(output)
	}

	run("query", "-generate-config-out=generated.tf")
	generated := readFile(t, filepath.Join(directory, "generated.tf"))
	if blocks := strings.Count(generated, "\nimport {"); blocks+1 < 257 {
		t.Errorf("%d import blocks were generated, want 257", blocks)
	}
	unseen := regexp.MustCompile(`(?m)^(\s*ideal_customer_profile\s*=).*$`)
	if got := len(unseen.FindAllString(generated, -1)); got != 4 {
		t.Errorf("%d orders have a place for the profile, want 4", got)
	}
	writeFile(t, filepath.Join(directory, "generated.tf"), unseen.ReplaceAllString(generated, `$1 "Mid-market SaaS companies"`))
	if err := os.Remove(filepath.Join(directory, "account.tfquery.hcl")); err != nil {
		t.Fatal(err)
	}

	if output := run(
		"apply",
		"-auto-approve",
	); !strings.Contains(output, "257 imported, 0 added,") ||
		!strings.Contains(output, " 0 destroyed") {
		t.Errorf("apply says\n%s", output)
	}
	if output := run("plan", "-detailed-exitcode"); !strings.Contains(output, "No changes.") {
		t.Errorf("plan says\n%s", output)
	}
	if err := a.untouched(); err != nil {
		t.Error(err)
	}
}

// TestAccImportDecomposed imports a list that holds a name as macOS spells it, an umlaut as two characters. Terraform makes
// one character of the two, in state and so in the key, by which the row is known.
func TestAccImportDecomposed(t *testing.T) {
	t.Parallel()
	const acmeHCL = `"acme-corp.com" = { company_name = "Acme Corp", website_url = "https://www.acme-corp.com" }`
	composed, decomposed := simulator.Entry{CompanyName: "M\u00fcller"}, simulator.Entry{CompanyName: "Mu\u0308ller"}
	for name, test := range map[string]struct {
		there   simulator.Entry
		entries string
		action  plancheck.ResourceActionType
		left    []simulator.Entry
	}{
		"decomposed, kept": {
			decomposed, acmeHCL + `, "M\u00fcller" = { company_name = "M\u00fcller" }`, plancheck.ResourceActionNoop,
			[]simulator.Entry{acme, decomposed},
		},
		"decomposed, removed": {decomposed, acmeHCL, plancheck.ResourceActionUpdate, []simulator.Entry{acme}},
		"composed, removed":   {composed, acmeHCL, plancheck.ResourceActionUpdate, []simulator.Entry{acme}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			id := sim.AddBlacklist("Customers", "", acme, test.there)
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config: configure(sim, importBlock(entriesAddress, id)+
						entriesBlock("customers", fmt.Sprintf("%q", id), "jsonencode({ "+test.entries+" })")),
					ConfigPlanChecks: expectResourceAction(entriesAddress, test.action),
					ConfigStateChecks: []statecheck.StateCheck{
						// The plan reads the list; the apply knows the rows.
						expectCount(sim, "GET", "", 1),
						expectEntries(sim, test.left...),
					},
				}},
			})
		})
	}
}
