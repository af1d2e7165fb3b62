package openprospect_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// TestEveryLostAssignment spoils the answer to the assignment: it may be sent again, and ends as it should.
func TestEveryLostAssignment(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"dropped after the work":  {Work: true, Drop: true},
		"500 after the work":      {Work: true, Status: 500},
		"cut in half":             {Work: true, Truncate: true},
		"dropped before the work": {Drop: true},
		"503 before the work":     {Status: 503},
		"no body":                 {Work: true, Rewrite: func([]byte) []byte { return nil }},
		"not JSON":                {Work: true, Body: "OK", ContentType: "text/plain"},
	} {
		t.Run(name, func(t *testing.T) {
			server, client := newSimulator(t, simulator.Options{})
			before, after := server.AddBlacklist("Customers", ""), server.AddBlacklist("Competitors", "")
			search := server.AddProspectSearch("Spring", before)
			fault.Method = http.MethodPut
			server.Inject(fault)
			err := client.AssignBlacklists(t.Context(), search, []string{after})
			if got, _ := server.ProspectSearch(search); err != nil || !slices.Equal(got.BlacklistIDs, []string{after}) {
				t.Errorf("%v, assigned are %q", err, got.BlacklistIDs)
			}
		})
	}
}

// TestIgnoredAssignment is an API that accepts the request and does nothing.
func TestIgnoredAssignment(t *testing.T) {
	server, client := newSimulator(t, simulator.Options{})
	list := server.AddBlacklist("Customers", "")
	search := server.AddProspectSearch("Spring")
	for _, body := range []string{`{"success":true}`, `{"blacklist_ids":[]}`} {
		server.Inject(simulator.Fault{Method: http.MethodPut, Body: body})
		wantErrorHolding(t, client.AssignBlacklists(t.Context(), search, []string{list}), "PUT", "but shows others: none")
	}
	server.AssignBlacklists(search, list)
	server.SetBehavior(func(b *simulator.Behavior) { b.Assignment = "objects" })
	server.Inject(simulator.Fault{Method: http.MethodPut, Body: `{"success":true}`})
	wantErrorHolding(t, client.AssignBlacklists(t.Context(), search, nil), `but shows others: "Customers" (`+list+")")
}

// TestPagesOfAnAssignment asks for a page only when an answer shows that there is more (U42).
func TestPagesOfAnAssignment(t *testing.T) {
	for _, test := range []struct {
		pages   map[string]string
		queries []string
		want    string
	}{
		{map[string]string{"": `["b1","b2"]`}, []string{""}, "[b1 b2]"},
		{map[string]string{"": `{"items":["b1","b2"],"total":2}`}, []string{""}, "[b1 b2]"},
		{map[string]string{"": `{"items":["b1"],"has_more":true}`, "1": `{"items":["b2"]}`}, []string{"", "offset=1"}, "[b1 b2]"},
		{map[string]string{"": `{"items":["b1"],"total":2}`, "1": `{"items":["b2"],"total":2}`}, []string{"", "offset=1"}, "[b1 b2]"},
	} {
		a := newAPI(t, inTurnByOffset(test.pages))
		assigned, err := a.client.ListAssignedBlacklists(t.Context(), "s1")
		var queries []string
		for _, request := range a.sent() {
			queries = append(queries, request.query)
		}
		if err != nil || fmt.Sprint(assigned) != test.want || !slices.Equal(queries, test.queries) {
			t.Errorf("%v by queries %q, %v; want %s by %q", assigned, queries, err, test.want, test.queries)
		}
	}
}

func TestIsProspectSearchNotFound(t *testing.T) {
	for _, test := range []struct {
		body string
		want bool
	}{
		{`{"code":"PROSPECT_SEARCH_NOT_FOUND"}`, true},
		{`{"code":"ENTITY_NOT_FOUND","entity_type":"prospect_search"}`, true},
		{`{"code":"BLACKLIST_NOT_FOUND"}`, false},
		{`{"code":"ENTITY_NOT_FOUND","entity_type":"blacklist"}`, false},
		{`{"detail":"Not Found"}`, false},
		{`<html>search</html>`, false},
	} {
		a := newAPI(t, answers(404, test.body))
		_, err := a.client.ListAssignedBlacklists(t.Context(), "s1")
		if got := openprospect.IsProspectSearchNotFound(err); err == nil || got != test.want {
			t.Errorf("%s: %t, %v", test.body, got, err)
		}
	}
}
