package simulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

func TestProspectSearches(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Scopes: []string{"prospect_searches:read"}})
	id := a.AddProspectSearch("Spring")
	a.expect(a.get("/prospect-searches"), `200 {"items":[{"id":"`+id+`","name":"Spring","status":"ACTIVE"}],"total":1,"limit":50,"offset":0}`)
	if got := start(t, simulator.Options{}).get("/prospect-searches"); got.status != 403 {
		t.Errorf("without its scope: %s", got)
	}
}

// A PUT puts its blacklists in the place of all that were assigned.
func TestAssignment(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	first, second := a.AddBlacklist("Customers", ""), a.AddBlacklist("Competitors", "")
	search := a.AddProspectSearch("Spring", first)
	path := "/prospect-searches/" + search + "/blacklists"
	expect := func(want ...string) {
		t.Helper()
		got, _ := a.ProspectSearch(search)
		if !slices.Equal(got.BlacklistIDs, want) {
			t.Errorf("assigned: %q, want %q", got.BlacklistIDs, want)
		}
	}
	a.expect(a.get(path), `200 {"blacklist_ids":["`+first+`"]}`)
	a.expect(a.send("PUT", path, `{"blacklist_ids":["`+second+`"]}`), `200 {"blacklist_ids":["`+second+`"]}`)
	expect(second)
	a.AssignBlacklists(search, first, second)
	a.RemoveBlacklist(first)
	expect(second)
	a.expect(a.send("PUT", path, `{"blacklist_ids":[]}`), `200 {"blacklist_ids":[]}`)
	expect()
	for body, message := range map[string]string{
		`{}`: "blacklist_ids is required",
		`{"blacklist_ids":["` + unknownID + `"]}`:  "Blacklist not found: " + unknownID,
		`{"blacklist_ids":["x"]}`:                  "blacklist_ids must hold UUIDs",
		`{"blacklist_ids":[],"ids":[]}`:            "ids is not allowed",
		`{"blacklist_ids":"` + second + `","x":1}`: "x is not allowed",
	} {
		if got := a.send("PUT", path, body); got.status != 422 || !strings.Contains(got.body, `"message":"`+message+`"`) {
			t.Errorf("%s: got %s", body, got)
		}
	}
	a.RemoveProspectSearch(search)
	for _, got := range []reply{a.get(path), a.send("PUT", path, `{"blacklist_ids":[]}`)} {
		if got.status != 404 || !strings.HasPrefix(got.body, `{"code":"PROSPECT_SEARCH_NOT_FOUND"`) {
			t.Errorf("a search that is gone: %s", got)
		}
	}
	if got, still := a.ProspectSearch(search); still {
		t.Errorf("the search %+v is still there", got)
	}
}

// An order that is accepted starts a search that its blacklists are assigned to.
func TestSearchOfAnOrder(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Behavior: simulator.Behavior{DeleteInUseRefused: true}})
	list := a.AddBlacklist("Customers", "")
	id := a.AddOrder(map[string]any{"title": "Spring", "blacklist_ids": []string{list}})
	a.SetOrderStatus(id, "ACCEPTED", "")
	a.SetOrderStatus(id, "COMPLETED", "")
	search, found := a.ProspectSearch(or(a.order(id).Search, ""))
	if !found || fmt.Sprint(search.Name, search.BlacklistIDs) != fmt.Sprint("Spring", []string{list}) {
		t.Errorf("the search is %+v", search)
	}
	if got := a.send("DELETE", "/blacklists/"+list, ""); got.status != 409 || !strings.Contains(got.body, "in use by prospect search") {
		t.Errorf("removing an assigned blacklist: %s", got)
	}
}
