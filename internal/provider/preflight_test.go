package provider_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// planErrors plans a create and returns its errors.
func planErrors(t *testing.T, server tfprotov6.ProviderServer, name string, arguments map[string]tftypes.Value) []string {
	t.Helper()
	schema := providerSchema(t).ResourceSchemas[name]
	config := dynamicValue(t, schema, arguments)
	plan, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: name, PriorState: objectOrNull(t, schema, nil), ProposedNewState: config, Config: config,
	})
	if err != nil {
		t.Fatal(err)
	}
	var errors []string
	for _, diagnostic := range plan.Diagnostics {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			errors = append(errors, diagnostic.Summary+": "+diagnostic.Detail)
		}
	}
	return errors
}

// wantErrors wants one error with these words, or with none no error.
func wantErrors(t *testing.T, what string, errors []string, words ...string) {
	t.Helper()
	if len(words) == 0 && len(errors) == 0 {
		return
	}
	if len(words) == 0 || len(errors) != 1 {
		t.Errorf("%s: errors %q, want words %q", what, errors, words)
		return
	}
	for _, word := range words {
		if !strings.Contains(errors[0], word) {
			t.Errorf("%s: %q is missing from: %s", what, word, errors[0])
		}
	}
}

var plannedBlacklist = map[string]tftypes.Value{"name": text("Customers")}

// TestPreflightKey walks the answers to GET /auth/validate: only what the apply would surely fail of is an error, once.
func TestPreflightKey(t *testing.T) {
	t.Parallel()
	const scopes = `{"valid":true,"scopes":%s}`
	for name, test := range map[string]struct {
		fault simulator.Fault
		words []string
	}{
		"all scopes": {simulator.Fault{Body: fmt.Sprintf(scopes, `["blacklists:read","blacklists:write"]`)}, nil},
		"a scope is missing": {simulator.Fault{Body: fmt.Sprintf(scopes, `["blacklists:read","orders:read"]`)},
			[]string{"API key lacks a scope", "needs blacklists:write. It only has blacklists:read, " +
				"orders:read", "terraform destroy -refresh=false"}},
		"two are missing": {simulator.Fault{Body: fmt.Sprintf(scopes, `["orders:read"]`)}, []string{"needs blacklists:read and " +
			"blacklists:write"}},
		"a wildcard":              {simulator.Fault{Body: fmt.Sprintf(scopes, `["orders:read","*"]`)}, nil},
		"another form":            {simulator.Fault{Body: fmt.Sprintf(scopes, `["orders:read","admin"]`)}, nil},
		"names that nobody knows": {simulator.Fault{Body: fmt.Sprintf(scopes, `["lists:read","lists:write"]`)}, nil},
		"no scopes":               {simulator.Fault{Body: `{"valid":true}`}, nil},
		"an empty list of them":   {simulator.Fault{Body: fmt.Sprintf(scopes, `[]`)}, nil},
		"not valid":               {simulator.Fault{Body: `{"valid":false}`}, []string{"Invalid API key"}},
		"something else":          {simulator.Fault{Body: `[7]`}, nil},
		"401": {simulator.Fault{Status: 401, Body: `{"code":"UNAUTHORIZED","message":"expired"}`},
			[]string{"Unable to validate API key", "401", "expired", "does not accept the API key"}},
		"403":                 {simulator.Fault{Status: 403, Body: `{"code":"AUTHORIZATION_ERROR"}`}, nil},
		"an older deployment": {simulator.Fault{Status: 404, Body: `{"detail":"Not Found"}`}, nil},
		"429":                 {simulator.Fault{Status: 429, Body: `{}`, Header: map[string]string{"Retry-After": "0.01"}}, nil},
		"500":                 {simulator.Fault{Status: 500, Body: `{"code":"INTERNAL"}`}, nil},
		"503 without a body":  {simulator.Fault{Status: 503}, nil},
		"a page": {simulator.Fault{Status: 404, ContentType: "text/html", Body: "<h1>nginx</h1>"},
			[]string{"http://127.0.0.1:", "answered with a web page, not the OpenProspect API: nginx", "Check base_url"}},
		"a login page": {simulator.Fault{ContentType: "text/html", Body: "<h1>Sign in</h1>"}, []string{"answered with a login " +
			"page instead of API data"}},
		"a page of a gateway": {simulator.Fault{Status: 502, ContentType: "text/html", Body: "<h1>Bad Gateway</h1>"},
			[]string{"502", "not the OpenProspect API"}},
		"text":                     {simulator.Fault{ContentType: "text/plain", Body: "ok"}, []string{"the answer is not a JSON object"}},
		"a redirect to a login":    {simulator.Fault{Status: 302, Header: map[string]string{"Location": "/login"}, Body: "<p>"}, []string{"302"}},
		"a connection that breaks": {simulator.Fault{Drop: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			test.fault.Name, test.fault.Pattern, test.fault.Times = name, "/auth/validate", -1
			sim.Inject(test.fault)
			server := configuredServer(t, sim)
			wantErrors(t, name, planErrors(t, server, "openprospect_blacklist", plannedBlacklist), test.words...)
			wantErrors(t, "once more", planErrors(t, server, "openprospect_blacklist", plannedBlacklist))
			if got := len(sim.Journal()); got != 1 {
				t.Errorf("%d requests, want 1", got)
			}
		})
	}
}

// TestPreflightScopes has each resource ask for its own, and each missing scope reported once.
func TestPreflightScopes(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{Scopes: []string{"orders:read"}})
	server := configuredServer(t, sim)
	unknown := tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	wantErrors(t, "an order", planErrors(t, server, orderType, orderConfig(nil)), "needs orders:write.")
	wantErrors(t, "an entry", planErrors(t, server, "openprospect_blacklist_entry", map[string]tftypes.Value{"blacklist_id": unknown,
		"website_url": text("acme.com")}),
		"needs blacklists:read and blacklists:write.")
	wantErrors(t, "a list, which needs nothing else", planErrors(t, server, "openprospect_blacklist_entries",
		map[string]tftypes.Value{"blacklist_id": unknown, "entries": text(`{"a":{"website_url":"acme.com"}}`), "mode": text("authoritative")}))
	if got := len(sim.Journal()); got != 1 {
		t.Errorf("%d requests, want 1", got)
	}
}

func TestPreflightWithoutNetwork(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, test := range map[string]struct {
		skip  bool
		words []string
	}{"asked": {false, []string{"cannot connect to " + gone.URL, "Check the network, the proxy (HTTPS_PROXY) and " +
		"base_url."}}, "skipped": {true, nil}} {
		server := protocolServer(t)
		expectNoErrors(t, configureProvider(t, server, map[string]tftypes.Value{
			"api_key": text("key"), "base_url": text(gone.URL), "skip_credentials_validation": tftypes.NewValue(tftypes.Bool, test.skip),
		}))
		wantErrors(t, name, planErrors(t, server, "openprospect_blacklist", plannedBlacklist), test.words...)
	}
}

// TestPreflightBlacklists looks up ids that the process does not know: reads the first, and finds the others in one list. What it has
// found out already costs nothing.
func TestPreflightBlacklists(t *testing.T) {
	t.Parallel()
	const unknownID, name = "d33b69ce-7d7e-4f0a-8c35-1f5d2a8e9b10", "Existing customers"
	sim := startSimulator(t, simulator.Options{})
	first, second, third := sim.AddBlacklist("Customers", ""), sim.AddBlacklist("Competitors", ""), sim.AddBlacklist("Partners", "")
	server := configuredServer(t, sim)
	entryOn := func(id string) map[string]tftypes.Value {
		return map[string]tftypes.Value{"blacklist_id": text(id), "website_url": text("acme.com")}
	}
	orderOn := func(ids ...string) map[string]tftypes.Value {
		var values []tftypes.Value
		for _, id := range ids {
			values = append(values, text(id))
		}
		return orderConfig(map[string]tftypes.Value{"blacklist_ids": tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, values)})
	}
	for _, test := range []struct {
		what      string
		resource  string
		arguments map[string]tftypes.Value
		words     []string
		requests  int
	}{
		{"the first", "openprospect_blacklist_entry", entryOn(first), nil, 1},
		{"the first, again", orderType, orderOn(first), nil, 0},
		{"another one", "openprospect_blacklist_entry", entryOn(second), nil, 1},
		{"one that the list holds", "openprospect_blacklist_entry", entryOn(third), nil, 0},
		{"of an order", orderType, orderOn(first, second), nil, 0},
		{"one that does not exist", orderType, orderOn(first, unknownID), []string{`Blacklist not found: blacklist_ids: ` +
			`the API does not know the blacklist "` + unknownID + `". Check the ID and the API key`}, 1},
		{"the same again", "openprospect_blacklist_entry", entryOn(unknownID), []string{`blacklist_id: the API does not know the blacklist ` +
			`"` + unknownID + `"`}, 0},
		{"a name", "openprospect_blacklist_entry", entryOn(name), []string{`the API does not know the blacklist "` + name +
			`". This argument takes an ID, not a name. Use data.openprospect_blacklist to look up the ID.`}, 1},
		{"an additive list", "openprospect_blacklist_entries", map[string]tftypes.Value{
			"blacklist_id": text("other"), "entries": text(`{"a":{"website_url":"acme.com"}}`), "mode": text("additive"),
		}, []string{`the API does not know the blacklist "other"`}, 1},
	} {
		sim.ResetJournal()
		wantErrors(t, test.what, planErrors(t, server, test.resource, test.arguments), test.words...)
		if got := len(sim.Journal()); got != test.requests {
			t.Errorf("%s: %d requests, want %d", test.what, got, test.requests)
		}
	}
}

// TestPreflightBlacklistsUnread has blacklists that cannot be read: only what the apply would meet as well counts.
func TestPreflightBlacklistsUnread(t *testing.T) {
	t.Parallel()
	one, two := "d33b69ce-7d7e-4f0a-8c35-1f5d2a8e9b10", "d33b69ce-7d7e-4f0a-8c35-1f5d2a8e9b11"
	for status, test := range map[int]struct {
		words        []string
		reads, lists int
	}{
		403: {nil, 1, 1},
		401: {[]string{"Unable to read blacklist " + one, "401"}, 1, 0},
	} {
		sim := startSimulator(t, simulator.Options{})
		for _, pattern := range []string{"/blacklists", "/blacklists/*"} {
			sim.Inject(simulator.Fault{Method: "GET", Pattern: pattern, Times: -1, Status: status, Body: `{"code":"NO"}`})
		}
		server := configuredServer(t, sim)
		for _, id := range []string{one, one, two, two} {
			wantErrors(t, fmt.Sprint(status), planErrors(t, server, orderType, orderConfig(map[string]tftypes.Value{
				"blacklist_ids": tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, []tftypes.Value{text(id)}),
			})), test.words...)
			test.words = nil
		}
		if reads, lists := sim.Count("GET", "/blacklists/*"), sim.Count("GET", "/blacklists"); reads != test.reads || lists != test.lists {
			t.Errorf("%d: %d blacklists were read and %d lists, want %d and %d", status, reads, lists, test.reads, test.lists)
		}
	}
}

// TestAccPreflight shows what it costs: one request in the first plan, one in its apply, and nothing afterwards.
func TestAccPreflight(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{Scopes: []string{"blacklists:read", "blacklists:write"}})
	list := `resource "openprospect_blacklist" "customers" { name = "Customers" }
`
	entry := `resource "openprospect_blacklist_entry" "acme" {
  blacklist_id = openprospect_blacklist.customers.id
  website_url  = "acme.com"
}
`
	validations := func(want int) []statecheck.StateCheck {
		return []statecheck.StateCheck{expectCount(sim, "GET", "/auth/validate", want)}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: configure(sim, list), ConfigStateChecks: validations(2)},
			// The plan has refreshed the blacklist. Its apply begins with the plan of the entry, whose blacklist is looked up instead.
			{PreConfig: sim.ResetJournal, Config: configure(sim, list+entry),
				ConfigStateChecks: append(validations(0), expectCount(sim, "GET", "/blacklists", 0), expectCount(sim, "GET", "/blacklists/*", 2))},
			{PreConfig: sim.ResetJournal, Config: configure(sim, list+entry),
				ConfigStateChecks: append(validations(0), expectCount(sim, "GET", "/blacklists", 0))},
		},
	})
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: configure(sim, orderHCL(nil)), PlanOnly: true, ExpectError: expectError("To create what this plan contains, the API key " +
				"needs orders:read and orders:write."),
		}},
	})
}

// TestAccDestroyWithAKeyThatMayNotCreate destroys what exists beside something that does not, and that the key may not create.
func TestAccDestroyWithAKeyThatMayNotCreate(t *testing.T) {
	t.Parallel()
	cli := prepareCLI(t)
	w := newWorkspace(t, cli, simulator.Options{Scopes: []string{"blacklists:read", "blacklists:write", "orders:read"}})
	w.write("main.tf", requiredProvider+configure(w.sim, `
resource "openprospect_blacklist" "customers" {
  name = "Customers"
}
`+orderHCL(nil)))
	if output := w.refused("apply", "-auto-approve", "-target="+orderAddress); !strings.Contains(output, "API key lacks a scope") {
		t.Errorf("an order with this key:\n%s", output)
	}
	w.terraform("apply", "-auto-approve", "-target=openprospect_blacklist.customers")
	w.terraform("destroy", "-auto-approve", "-refresh=false")
	if left := len(w.sim.Blacklists()); left != 0 {
		t.Errorf("%d blacklists are left", left)
	}
}
