package provider_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// idPattern finds the ids in the simulator's answers.
var idPattern = regexp.MustCompile(`"(id|order_id)":"[^"]*"`)

// hostileAnswers are what no API should answer. Each is an error; none may cost state.
func hostileAnswers() map[string]simulator.Fault {
	rewrite := func(change func(string) string) simulator.Fault {
		return simulator.Fault{Rewrite: func(body []byte) []byte { return []byte(change(string(body))) }}
	}
	bomb := func(opening, closing string) simulator.Fault {
		const levels = 100_000
		return simulator.Fault{Body: strings.Repeat(opening, levels) + strings.Repeat(closing, levels)}
	}
	everyValue := regexp.MustCompile(`:("[^"]*"|-?[0-9.]+|true|false|\[[^][]*\])`)
	return map[string]simulator.Fault{
		"a page":                     {ContentType: "text/html", Body: "<!doctype html><p>Maintenance"},
		"a page said to be JSON":     {Body: "<html>Maintenance</html>"},
		"text":                       {ContentType: "text/plain", Body: "ok"},
		"nothing":                    {Rewrite: func([]byte) []byte { return nil }},
		"no content":                 {Status: 204, Rewrite: func([]byte) []byte { return nil }},
		"cut in half":                {Truncate: true, Work: true},
		"half of it, said to be all": {Rewrite: func(body []byte) []byte { return body[:len(body)/2] }},
		"10 MB of an error":          {Status: 500, BodySize: 10 << 20},
		"10 MB of a refusal":         {Status: 404, BodySize: 10 << 20},
		"1 GB":                       {BodySize: 1 << 30},
		"objects 100,000 deep":       bomb(`{"data":`, "}"),
		"lists 100,000 deep":         bomb("[", "]"),
		"items 100,000 deep":         bomb(`{"items":[`, "]}"),
		"binary":                     {Body: "\x00\xff\xfe\x1f"},
		"null":                       {Body: "null"},
		"a number":                   {Body: "7"},
		"an empty object":            {Body: "{}"},
		"nulls everywhere":           rewrite(func(body string) string { return everyValue.ReplaceAllString(body, ":null") }),
		"objects for every value":    rewrite(func(body string) string { return everyValue.ReplaceAllString(body, ":{}") }),
		"ids of other objects":       rewrite(func(body string) string { return idPattern.ReplaceAllString(body, `"$1":"../../orders/x"`) }),
		"objects for ids":            rewrite(func(body string) string { return idPattern.ReplaceAllString(body, `"$1":{"a":1}`) }),
		"a redirect to another host": {Status: 307, Header: map[string]string{"Location": "https://evil.example/api/v1/orders"}},
		"a redirect in a circle":     {Status: 308, Header: map[string]string{"Location": "/api/v1/blacklists"}},
		"a redirect that is a page": {
			Status:      302,
			ContentType: "text/html",
			Body:        "<p>Log in",
			Header:      map[string]string{"Location": "/login"},
		},
		"a 404 of a gateway":             {Status: 404, ContentType: "text/html", Body: "<h1>404 BLACKLIST_NOT_FOUND</h1>"},
		"a 404 of a router":              {Status: 404, Body: `{"detail":"Not Found"}`},
		"a 404 about the organisation":   {Status: 404, Body: `{"code":"ORGANIZATION_NOT_FOUND","message":"not found"}`},
		"a 404 about the tenant":         {Status: 404, Body: `{"code":"TENANT_NOT_FOUND","message":"not found"}`},
		"a 404 about the key":            {Status: 404, Body: `{"code":"API_KEY_NOT_FOUND","message":"not found"}`},
		"a 404 about the method":         {Status: 404, Body: `{"code":"METHOD_NOT_FOUND","message":"not found"}`},
		"a 404 that is a success inside": {Status: 404, Body: `{"id":"x","name":"n","status":"RECEIVED"}`},
		"a success that is a 404 inside": {Body: `{"code":"ORDER_NOT_FOUND","message":"Order not found"}`},
	}
}

// onlyLists are hostile answers to a list.
func onlyLists() map[string]simulator.Fault {
	page := func(body string) simulator.Fault { return simulator.Fault{Body: body} }
	return map[string]simulator.Fault{
		"a page again and again": page(`{"items":[{"id":"e1","name":"n","order_type":"DISCOVERY","status":"RECEIVED"}],"has_more":true}`),
		"a total beyond reason": page(
			`{"items":[{"id":"e1","name":"n","order_type":"DISCOVERY","status":"RECEIVED"}],"total":9000000000000000}`,
		),
		"one id twice":                  page(`{"items":[{"id":"e1","name":"n","status":"X"},{"id":"e1","name":"n","status":"X"}],"total":2}`),
		"fewer rows than it says":       page(`{"items":[],"total":3}`),
		"rows without ids":              page(`{"items":[{"name":"n","status":"X"}],"total":1}`),
		"rows of the wrong type":        page(`{"items":["a",1,null],"total":3}`),
		"a list that is an object":      page(`{"items":{"0":{"id":"e1"}}}`),
		"a list under a key of another": page(`{"companies_":[{"id":"e1"}]}`),
	}
}

// hostileServer has one of each resource under management.
func hostileServer(t *testing.T) (*simulator.Server, func() tfprotov6.ProviderServer, []*protocolResource) {
	t.Helper()
	sim := startSimulator(t, simulator.Options{})
	// A new process for each answer, since listings are kept.
	server := func() tfprotov6.ProviderServer {
		server := protocolServer(t)
		expectNoErrors(t, configureProvider(t, server, map[string]tftypes.Value{
			"api_key": text(sim.APIKey()), "base_url": text(sim.URL()), "max_retries": number(0), "poll_interval": text("1ms"),
		}))
		return server
	}
	first := server()
	blacklist := &protocolResource{name: "openprospect_blacklist"}
	blacklist.apply(t, first, map[string]tftypes.Value{"name": text("Customers"), "force_destroy": tftypes.NewValue(tftypes.Bool, false)})
	other := sim.AddBlacklist("Competitors", "")
	entry := &protocolResource{name: "openprospect_blacklist_entry"}
	entry.apply(t, first, map[string]tftypes.Value{"blacklist_id": text(blacklist.attribute(t, "id")), "website_url": text("acme.com")})
	entries := &protocolResource{name: "openprospect_blacklist_entries"}
	entries.apply(
		t,
		first,
		map[string]tftypes.Value{
			"blacklist_id": text(other),
			"entries":      text(`{"hooli":{"company_name":"Hooli"}}`),
			"mode":         text("authoritative"),
		},
	)
	order := &protocolResource{name: orderType}
	order.apply(t, first, orderConfig(nil))
	return sim, server, []*protocolResource{blacklist, entry, entries, order}
}

// TestHostileAnswersCostNoState refreshes each resource while the server answers every request in such a way.
func TestHostileAnswersCostNoState(t *testing.T) {
	t.Parallel()
	sim, server, resources := hostileServer(t)
	for _, r := range resources {
		faults := hostileAnswers()
		if strings.HasPrefix(r.name, "openprospect_blacklist_entr") {
			maps.Copy(faults, onlyLists())
			delete(faults, "ids of other objects") // that is what a list of other rows looks like
			delete(faults, "null")                 // that is an empty list (U40)
		}
		for _, name := range slices.Sorted(maps.Keys(faults)) {
			fault := faults[name]
			fault.Name, fault.Method, fault.Times = name, http.MethodGet, -1
			sim.Inject(fault)
			resp, err := server().ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
				TypeName: r.name, CurrentState: r.state, Private: r.private, CurrentIdentity: r.identity,
			})
			sim.ClearFaults()
			if err != nil {
				t.Fatal(err)
			}
			expectClearError(t, r.name+", "+name, resp.Diagnostics)
			schema := providerSchema(t).ResourceSchemas[r.name]
			expectSame(
				t,
				r.name+", "+name+": state",
				fmt.Sprint(attributesOf(t, schema, r.state)),
				fmt.Sprint(attributesOf(t, schema, resp.NewState)),
			)
			if !bytes.Equal(resp.Private, r.private) {
				t.Errorf("%s, %s: private state was %s and is %s", r.name, name, r.private, resp.Private)
			}
		}
		// Nothing of it stays behind: the next run reads what is there.
		if !r.read(t, server()) {
			t.Errorf("%s is gone after a read without a fault", r.name)
		}
	}
}

// TestBlacklistNotFoundIsConfirmed has entries whose blacklist is not found and still listed: a lagging server, or a faulty one.
func TestBlacklistNotFoundIsConfirmed(t *testing.T) {
	t.Parallel()
	sim, server, resources := hostileServer(t)
	sim.Inject(
		simulator.Fault{
			Method:  http.MethodGet,
			Pattern: "/blacklists/*/entries",
			Times:   -1,
			Status:  404,
			Body:    `{"code":"BLACKLIST_NOT_FOUND","message":"no such blacklist"}`,
		},
	)
	sim.ResetJournal()
	configured := server()
	for _, r := range resources[1:3] {
		resp, err := configured.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
			TypeName: r.name, CurrentState: r.state, Private: r.private, CurrentIdentity: r.identity,
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(resp.Diagnostics) != 1 || !strings.Contains(resp.Diagnostics[0].Detail, "but still lists it") {
			t.Errorf("%s: %v, want one error about the contradiction", r.name, resp.Diagnostics)
		}
		if attributesOf(t, providerSchema(t).ResourceSchemas[r.name], resp.NewState) == nil {
			t.Errorf("%s was dropped from state", r.name)
		}
	}
	if got := sim.Count("GET", "/blacklists"); got != 1 {
		t.Errorf("the blacklists were listed %d times, want once", got)
	}
}

// TestAnotherAccountsKey refreshes everything on a blacklist with the key of an account that has none.
func TestAnotherAccountsKey(t *testing.T) {
	t.Parallel()
	_, _, resources := hostileServer(t)
	other := startSimulator(t, simulator.Options{})
	server := configuredServer(t, other)
	for _, r := range resources[:2] {
		r.wantNotFound(t, server)
	}
	// Asked once for the blacklist and its entries.
	if got := other.Count("GET", "/blacklists"); got != 1 {
		t.Errorf("the blacklists were listed %d times, want once", got)
	}
	resources[2].wantNotFound(t, server)
	// Only the list of entries was looked for: of the single one it is known by then.
	if got := other.Count("GET", entriesPattern); got != 1 {
		t.Errorf("entries were listed %d times, want once", got)
	}
}

// wantNotFound wants the resource to leave state with a warning that gives both reasons.
func (r *protocolResource) wantNotFound(t *testing.T, server tfprotov6.ProviderServer) {
	t.Helper()
	if r.read(t, server) {
		t.Errorf("%s is still in state", r.name)
	}
	r.wantWarning(t, "was removed outside Terraform")
	r.wantWarning(t, "or it belongs to an account that this API key cannot see. Check api_key and base_url before you apply")
}

// TestHostileAnswersToDataSources reads each data source likewise.
func TestHostileAnswersToDataSources(t *testing.T) {
	t.Parallel()
	sim, server, resources := hostileServer(t)
	blacklist, order := resources[0].attribute(t, "id"), completedOrder(sim)
	for name, arguments := range map[string]map[string]tftypes.Value{
		"openprospect_blacklist":               {"id": text(blacklist)},
		"openprospect_blacklists":              nil,
		"openprospect_blacklist_entries":       {"blacklist_id": text(blacklist)},
		"openprospect_discovery_order":         {"id": text(order)},
		"openprospect_discovery_orders":        nil,
		"openprospect_discovery_order_results": {"order_id": text(order)},
	} {
		faults := hostileAnswers()
		if arguments == nil || name == "openprospect_blacklist_entries" {
			maps.Copy(faults, onlyLists())
			delete(faults, "ids of other objects")
			delete(faults, "null")
		}
		for _, what := range slices.Sorted(maps.Keys(faults)) {
			fault := faults[what]
			fault.Name, fault.Method, fault.Times = what, http.MethodGet, -1
			sim.Inject(fault)
			_, diagnostics := readDataSource(t, server(), name, arguments)
			sim.ClearFaults()
			expectClearError(t, name+", "+what, diagnostics)
		}
	}
}

// expectClearError wants at least one error, each naming the request and of a size that a person reads.
func expectClearError(t *testing.T, what string, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	if len(diagnostics) == 0 {
		t.Errorf("%s: no error", what)
	}
	for _, d := range diagnostics {
		if d.Severity != tfprotov6.DiagnosticSeverityError || !strings.Contains(d.Detail, "GET /api/v1/") || len(d.Detail) > 2000 {
			t.Errorf("%s: %s: %s: %.3000s", what, d.Severity, d.Summary, d.Detail)
		}
	}
}
