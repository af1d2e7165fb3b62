package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// listed is one result of a list resource.
type listed struct {
	displayName string
	identity    map[string]string
	// attributes are the resource's; nil when Terraform did not ask for it.
	attributes map[string]tftypes.Value
	raw        *tfprotov6.ResourceIdentityData
}

// query lists resources as `terraform query` does. A limit of 0 is none; Terraform's own default is 100.
func query(
	t *testing.T,
	server tfprotov6.ProviderServer,
	name string,
	arguments map[string]tftypes.Value,
	includeResource bool,
	limit int64,
) ([]listed, []*tfprotov6.Diagnostic) {
	t.Helper()
	lister, ok := server.(tfprotov6.ListResourceServer)
	if !ok {
		t.Fatalf("%T lists no resources", server)
	}
	schemas := providerSchema(t)
	stream, err := lister.ListResource(t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: name, Config: dynamicValue(t, schemas.ListResourceSchemas[name], arguments), IncludeResource: includeResource, Limit: limit,
	})
	if err != nil {
		t.Fatal(err)
	}
	var found []listed
	var diagnostics []*tfprotov6.Diagnostic
	for result := range stream.Results {
		diagnostics = append(diagnostics, result.Diagnostics...)
		if result.Identity == nil {
			continue
		}
		one := &protocolResource{name: name, identity: result.Identity}
		found = append(found, listed{
			displayName: result.DisplayName,
			identity:    one.identityAttributes(t, server),
			attributes:  attributesOf(t, schemas.ResourceSchemas[name], result.Resource),
			raw:         result.Identity,
		})
	}
	return found, diagnostics
}

// queryAll lists resources and fails the test on any diagnostic.
func queryAll(
	t *testing.T,
	server tfprotov6.ProviderServer,
	name string,
	arguments map[string]tftypes.Value,
	includeResource bool,
	limit int64,
) []listed {
	t.Helper()
	found, diagnostics := query(t, server, name, arguments, includeResource, limit)
	for _, diagnostic := range diagnostics {
		t.Fatalf("%s: %s", diagnostic.Summary, diagnostic.Detail)
	}
	return found
}

func displayNames(found []listed) []string {
	names := make([]string, len(found))
	for i, one := range found {
		names[i] = one.displayName
	}
	return names
}

func identitiesOf(found []listed, attribute string) []string {
	values := make([]string, len(found))
	for i, one := range found {
		values[i] = one.identity[attribute]
	}
	return values
}

func expectSame[T any](t *testing.T, what string, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// expectImportable imports what was listed by its identity: the resource that
// the list shows is what the import puts into state, or the configuration that
// Terraform generates of it would plan changes.
func expectImportable(t *testing.T, server tfprotov6.ProviderServer, name string, found []listed) {
	t.Helper()
	schema := providerSchema(t).ResourceSchemas[name]
	for _, one := range found {
		imported := importByIdentity(t, server, name, one.raw)
		state := attributesOf(t, schema, imported.state)
		for _, attribute := range slices.Sorted(maps.Keys(state)) {
			if !state[attribute].Equal(one.attributes[attribute]) {
				t.Errorf(
					"%s %q: %s is %s in the list, and %s after the import",
					name,
					one.displayName,
					attribute,
					one.attributes[attribute],
					state[attribute],
				)
			}
		}
		expectSame(t, "identity after the import of "+one.displayName, one.identity, imported.identityAttributes(t, server))
	}
}

func TestListBlacklists(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	ids := []string{sim.AddBlacklist("Customers", "From the CRM"), sim.AddBlacklist("Competitors", ""), sim.AddBlacklist("Do not contact", "")}
	server := configuredServer(t, sim)

	found := queryAll(t, server, "openprospect_blacklist", nil, false, 0)
	expectSame(t, "display names", []string{"Customers", "Competitors", "Do not contact"}, displayNames(found))
	expectSame(t, "identities", ids, identitiesOf(found, "id"))
	for _, one := range found {
		if one.attributes != nil {
			t.Errorf("%s comes with its attributes, which nobody asked for", one.displayName)
		}
	}
	if got := len(sim.Journal()); got != 1 {
		t.Errorf("%d requests, want 1", got)
	}

	found = queryAll(t, server, "openprospect_blacklist", nil, true, 0)
	if got := stringOf(t, found[0].attributes["description"]); got != "From the CRM" {
		t.Errorf("the description of %s is %q", found[0].displayName, got)
	}
	expectImportable(t, server, "openprospect_blacklist", found)

	found = queryAll(t, server, "openprospect_blacklist", nil, false, 2)
	expectSame(t, "display names up to a limit", []string{"Customers", "Competitors"}, displayNames(found))
}

func TestListBlacklistEntries(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		reason         string
		limit          int64
		want, requests int
	}{
		{"all of them", 0, 250, 3},
		{"Terraform's own limit: what is beyond it costs no request", 100, 100, 1},
		{"a limit within the first page", 7, 7, 1},
		{"a limit within the second page", 101, 101, 2},
		{"a limit beyond the end", 1000, 250, 3},
		{"the largest limit that Terraform can send", 1<<63 - 1, 250, 3},
	} {
		t.Run(test.reason, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			sim.AddBlacklist("Competitors", "", simulator.Entry{CompanyName: "Rival Inc."})
			id := sim.AddBlacklist("Customers", "", manyCompanies(250)...)
			list, _ := sim.Blacklist(id)
			ids := make([]string, len(list.Entries))
			for i, entry := range list.Entries {
				ids[i] = entry.ID
			}
			found := queryAll(
				t,
				configuredServer(t, sim),
				"openprospect_blacklist_entry",
				map[string]tftypes.Value{"blacklist_id": text(id)},
				false,
				test.limit,
			)
			if len(found) != test.want {
				t.Fatalf("%d entries, want %d", len(found), test.want)
			}
			expectSame(t, "identities", ids[:test.want], identitiesOf(found, "id"))
			if got := found[test.want-1].identity["blacklist_id"]; got != id {
				t.Errorf("the identity names the blacklist %q, want %q", got, id)
			}
			if got := len(sim.Journal()); got != test.requests {
				t.Errorf("%d requests, want %d", got, test.requests)
			}
		})
	}
}

func TestListBlacklistEntriesOfEveryKind(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "",
		simulator.Entry{CompanyName: "Acme Corp", WebsiteURL: "https://www.acme-corp.com"},
		simulator.Entry{CompanyName: "Global Industries GmbH", City: "Munich", Country: "Germany"},
		simulator.Entry{ExternalID: "crm-4711"},
		simulator.Entry{CompanyName: "Initech"},
	)
	server := configuredServer(t, sim)

	found := queryAll(t, server, "openprospect_blacklist_entry", map[string]tftypes.Value{"blacklist_id": text(id)}, true, 100)
	expectSame(t, "display names", []string{
		"Acme Corp, acme-corp.com", "Global Industries GmbH, Munich", "external id crm-4711", "Initech",
	}, displayNames(found))
	methods := make([]string, len(found))
	for i, one := range found {
		methods[i] = stringOf(t, one.attributes["match_method"])
	}
	expectSame(t, "match methods", []string{"website_url", "company_name_and_city", "external_id", "company_name"}, methods)
	expectImportable(t, server, "openprospect_blacklist_entry", found)
}

// addListedOrders makes three discovery orders and one of another type, and returns the ids of the three.
func addListedOrders(sim *simulator.Server) []string {
	spring := sim.AddOrder(map[string]any{
		"title": "Spring", "target_cities": []string{"Berlin"}, "seller_industry": "Software", "output_language": "de",
		"excluded_industries": []string{"Government"}, "webhook_url": "https://example.com/hook", "priority": "EXPRESS",
		"contact_roles": []string{"CTO"}, "profile_name": "DACH",
	})
	sim.SetOrderStatus(spring, "COMPLETED", "Well done")
	summer := sim.AddOrder(map[string]any{"title": "Summer"})
	sim.SetOrderStatus(summer, "REJECTED", "Too vague")
	sim.AddOrder(map[string]any{"order_type": "ENRICHMENT", "title": "Enrichment"})
	autumn := sim.AddOrder(map[string]any{"title": "Autumn"})
	return []string{spring, summer, autumn}
}

func TestListDiscoveryOrders(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		reason string
		status string
		limit  int64
		// want are the titles, newest first as the API gives them.
		want  []string
		query string
	}{
		{"all discovery orders, and no enrichment order", "", 0, []string{"Autumn", "Summer", "Spring"}, "limit=100"},
		{"the completed one", "COMPLETED", 0, []string{"Spring"}, "limit=100&status=COMPLETED"},
		{"a status with white space around it", " REJECTED ", 0, []string{"Summer"}, "limit=100&status=REJECTED"},
		{"a status that none has", "IN_PROGRESS", 0, []string{}, "limit=100&status=IN_PROGRESS"},
		{"a limit", "", 2, []string{"Autumn", "Summer"}, "limit=100"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			addListedOrders(sim)
			var arguments map[string]tftypes.Value
			if test.status != "" {
				arguments = map[string]tftypes.Value{"status": text(test.status)}
			}
			found := queryAll(t, configuredServer(t, sim), "openprospect_discovery_order", arguments, false, test.limit)

			titles := make([]string, len(found))
			for i, one := range found {
				titles[i], _, _ = strings.Cut(one.displayName, " ")
				order, _ := sim.Order(one.identity["id"])
				if order.Request["title"] != titles[i] {
					t.Errorf("the identity of %q is of the order %v", one.displayName, order.Request["title"])
				}
				if !strings.Contains(one.displayName, order.Status) || !strings.Contains(one.displayName, order.CreatedAt.UTC().Format("2006-01-02")) {
					t.Errorf("%q tells neither the status %s nor the day", one.displayName, order.Status)
				}
			}
			expectSame(t, "titles", test.want, titles)
			journal := sim.Journal()
			if len(journal) != 1 || journal[0].Query != test.query {
				t.Errorf("%d requests, the first with %q; want one with %q", len(journal), journal[0].Query, test.query)
			}
		})
	}
}

func TestListDiscoveryOrdersWithResource(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		behavior simulator.Behavior
		// requests are one for the list, and one for each order whose row lacks what it asked for.
		requests int
	}{
		"rows that show everything":        {simulator.Behavior{}, 1},
		"rows that show little (U9)":       {simulator.Behavior{SparseOrderRows: true}, 4},
		"orders without null fields (U28)": {simulator.Behavior{SparseEcho: true}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{Behavior: test.behavior})
			ids := addListedOrders(sim)
			server := configuredServer(t, sim)

			found := queryAll(t, server, "openprospect_discovery_order", nil, true, 100)
			if got := len(sim.Journal()); got != test.requests {
				t.Errorf("%d requests, want %d", got, test.requests)
			}
			slices.Reverse(ids)
			expectSame(t, "identities", ids, identitiesOf(found, "id"))
			spring := found[len(found)-1]
			for attribute, want := range map[string]string{
				"title": "Spring", "status": "COMPLETED", "admin_notes": "Well done", "output_language": "de",
			} {
				if got := stringOf(t, spring.attributes[attribute]); got != want {
					t.Errorf("%s is %q, want %q", attribute, got, want)
				}
			}
			for _, unseen := range []string{"ideal_customer_profile", "blacklist_ids", "contact_roles", "profile_name"} {
				if !spring.attributes[unseen].IsNull() {
					t.Errorf("%s is %s, but the API does not show it", unseen, spring.attributes[unseen])
				}
			}
			expectImportable(t, server, "openprospect_discovery_order", found)
		})
	}
}

func TestListDiscoveryOrdersWithoutTitles(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{Behavior: simulator.Behavior{SparseOrderRows: true}})
	id := sim.AddOrder(nil)

	found := queryAll(t, configuredServer(t, sim), "openprospect_discovery_order", nil, false, 100)
	if len(found) != 1 || !strings.HasPrefix(found[0].displayName, id+" (RECEIVED, ") {
		t.Errorf("found %+v, want one order that is called by its id", displayNames(found))
	}
}

// listArguments are the list resources with arguments that they take.
var listArguments = map[string]map[string]tftypes.Value{
	"openprospect_blacklist":       nil,
	"openprospect_blacklist_entry": {"blacklist_id": text("d33b69ce-80ce-4ede-b4df-4b11427f8b55")},
	"openprospect_discovery_order": {"status": text("COMPLETED")},
}

func TestListErrors(t *testing.T) {
	t.Parallel()
	for name, arguments := range listArguments {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, test := range []struct {
				reason    string
				configure map[string]tftypes.Value
				words     string
			}{
				{"the provider is not configured", nil, "used before the provider was configured"},
				{
					"an argument of the provider is unknown",
					map[string]tftypes.Value{"api_key": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)},
					"provider argument api_key depends on a value",
				},
				{"the key is wrong", map[string]tftypes.Value{"api_key": text("lnc_test_wrong")}, "401"},
			} {
				sim := startSimulator(t, simulator.Options{})
				server := protocolServer(t)
				if test.configure != nil {
					test.configure["base_url"] = text(sim.URL())
					expectNoErrors(t, configureProvider(t, server, test.configure))
				}
				found, diagnostics := query(t, server, name, arguments, true, 100)
				if len(found) != 0 || len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Detail, test.words) {
					t.Errorf("%s: %d results and %+v, want one error that says %q", test.reason, len(found), diagnostics, test.words)
				}
			}
		})
	}
}

func TestListEntriesOfUnknownBlacklist(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})

	found, diagnostics := query(
		t,
		configuredServer(t, sim),
		"openprospect_blacklist_entry",
		listArguments["openprospect_blacklist_entry"],
		false,
		100,
	)
	if len(found) != 0 || len(diagnostics) != 1 || diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError ||
		!strings.Contains(diagnostics[0].Detail, "404") {
		t.Errorf("%d results and %+v, want one error about a 404", len(found), diagnostics)
	}
}

// TestListOrderThatCannotBeRead is an order that vanishes between the list and its reading: the others are still listed.
func TestListOrderThatCannotBeRead(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{Behavior: simulator.Behavior{SparseOrderRows: true}})
	ids := addListedOrders(sim)
	sim.Inject(simulator.Fault{
		Method: "GET", Pattern: "/orders/" + ids[1], Hook: func() { sim.HideOrder(ids[1], true) }, Work: true,
	})

	found, diagnostics := query(t, configuredServer(t, sim), "openprospect_discovery_order", nil, true, 100)
	if len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Summary, ids[1]) {
		t.Errorf("diagnostics are %+v, want one error that names the order %s", diagnostics, ids[1])
	}
	if got := identitiesOf(found, "id"); !slices.Contains(got, ids[0]) || !slices.Contains(got, ids[2]) {
		t.Errorf("listed are %v, want %s and %s among them", got, ids[0], ids[2])
	}
}

func TestListConfigValidation(t *testing.T) {
	t.Parallel()
	unknown := tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	for _, test := range []struct {
		name      string
		arguments map[string]tftypes.Value
		// words are in the only error; "" is no error.
		words string
	}{
		{"openprospect_blacklist", nil, ""},
		{"openprospect_blacklist_entry", map[string]tftypes.Value{"blacklist_id": text("b1")}, ""},
		{"openprospect_blacklist_entry", map[string]tftypes.Value{"blacklist_id": unknown}, ""},
		{"openprospect_blacklist_entry", map[string]tftypes.Value{"blacklist_id": text(" ")}, "blacklist_id must not be"},
		{"openprospect_discovery_order", nil, ""},
		{"openprospect_discovery_order", map[string]tftypes.Value{"status": text("COMPLETED")}, ""},
		{"openprospect_discovery_order", map[string]tftypes.Value{"status": unknown}, ""},
		{"openprospect_discovery_order", map[string]tftypes.Value{"status": text("")}, "status must not be"},
	} {
		t.Run(fmt.Sprintf("%s %v", test.name, test.arguments), func(t *testing.T) {
			t.Parallel()
			server, ok := protocolServer(t).(tfprotov6.ListResourceServer)
			if !ok {
				t.Fatal("the provider lists no resources")
			}
			resp, err := server.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
				TypeName: test.name, Config: dynamicValue(t, providerSchema(t).ListResourceSchemas[test.name], test.arguments),
			})
			if err != nil {
				t.Fatal(err)
			}
			if test.words == "" {
				expectNoErrors(t, resp.Diagnostics)
				return
			}
			if len(resp.Diagnostics) != 1 || !strings.Contains(resp.Diagnostics[0].Detail, test.words) {
				t.Errorf("got %+v, want one error that says %q", resp.Diagnostics, test.words)
			}
		})
	}
}

// TestAccQuery runs terraform query, which OpenTofu does not have.
func TestAccQuery(t *testing.T) {
	t.Parallel()
	requireFeature(t, listResources)
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "From the CRM", manyCompanies(250)...)
	sim.AddBlacklist("Competitors", "")
	orders := addListedOrders(sim)
	list, _ := sim.Blacklist(id)
	exact := knownvalue.StringExact

	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			// The provider's configuration; nothing is managed.
			{Config: configure(sim, "")},
			{
				PreConfig: sim.ResetJournal,
				Query:     true,
				Config: fmt.Sprintf(`
list "openprospect_blacklist" "all" {
  provider         = openprospect
  include_resource = true
}
list "openprospect_blacklist_entry" "customers" {
  provider = openprospect
  limit    = 1000

  config {
    blacklist_id = %q
  }
}
list "openprospect_discovery_order" "completed" {
  provider         = openprospect
  include_resource = true

  config {
    status = "COMPLETED"
  }
}
`, id),
				QueryResultChecks: []querycheck.QueryResultCheck{
					querycheck.ExpectLength("openprospect_blacklist.all", 2),
					querycheck.ExpectIdentity("openprospect_blacklist.all", map[string]knownvalue.Check{"id": exact(id)}),
					querycheck.ExpectResourceKnownValues(
						"openprospect_blacklist.all",
						queryfilter.ByDisplayName(exact("Customers")),
						[]querycheck.KnownValueCheck{
							{Path: tfjsonpath.New("description"), KnownValue: exact("From the CRM")},
						},
					),
					querycheck.ExpectLength("openprospect_blacklist_entry.customers", 250),
					querycheck.ExpectIdentity("openprospect_blacklist_entry.customers", map[string]knownvalue.Check{
						"blacklist_id": exact(id), "id": exact(list.Entries[249].ID),
					}),
					querycheck.ExpectLength("openprospect_discovery_order.completed", 1),
					querycheck.ExpectResourceKnownValues("openprospect_discovery_order.completed",
						queryfilter.ByResourceIdentity(map[string]knownvalue.Check{"id": exact(orders[0])}),
						[]querycheck.KnownValueCheck{{Path: tfjsonpath.New("title"), KnownValue: exact("Spring")}}),
				},
			},
		},
	})
}
