package simulator_test

import (
	"reflect"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

func TestClone(t *testing.T) {
	original := start(t, simulator.Options{Review: simulator.Review{Reads: 1}, Behavior: simulator.Behavior{Newest: true}})
	list := original.AddBlacklist(
		"Customers",
		"first",
		simulator.Entry{CompanyName: "Acme", WebsiteURL: "acme.com"},
		simulator.Entry{CompanyName: "Globex"},
	)
	order := original.AddOrder(map[string]any{"blacklist_ids": []string{list}})

	search := original.AddProspectSearch("Spring", list)
	original.FailProfiles(1)
	original.send("POST", creations, profileBody(t, nil), "Idempotency-Key", "one")
	failing := original.ProfileCreations()

	clone, err := original.Clone()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(clone.Close)
	if clone.URL() == original.URL() {
		t.Errorf("both serve %s", clone.URL())
	}
	if len(clone.Events()) != 0 || len(clone.Journal()) != 0 {
		t.Errorf("the clone begins with events %v and requests %v", clone.Events(), clone.Journal())
	}
	if got, want := clone.Blacklists(), original.Blacklists(); !reflect.DeepEqual(got, want) {
		t.Errorf("blacklists %v, want %v", got, want)
	}
	if got, want := clone.Orders(), original.Orders(); !reflect.DeepEqual(got, want) {
		t.Errorf("orders %v, want %v", got, want)
	}

	if got := clone.ProfileCreations(); !reflect.DeepEqual(got, failing) {
		t.Errorf("profile creations %v, want %v", got, failing)
	}
	clone.AssignBlacklists(search)
	if got, _ := original.ProspectSearch(search); len(got.BlacklistIDs) != 1 {
		t.Errorf("a change of the clone's search changed the original's to %v", got)
	}

	before, orders := original.Blacklists(), original.Orders()
	entries := before[0].Entries
	clone.RemoveEntries(list, entries[0].ID)
	clone.UpdateBlacklist(list, "Customers", "second")
	clone.SetOrderStatus(order, "COMPLETED", "done")
	if got := clone.AddEntries(list, simulator.Entry{CompanyName: "Globex"}); got[0] != "" {
		t.Errorf("the clone took a row of its list for a new one: %v", got)
	}
	added := clone.AddEntries(list, simulator.Entry{CompanyName: "Initech"})
	for _, entry := range entries {
		if entry.ID == added[0] {
			t.Errorf("id %s was given twice", added[0])
		}
	}
	if got := original.Blacklists(); !reflect.DeepEqual(got, before) {
		t.Errorf("a change of the clone changed the original's blacklists to %v", got)
	}
	if got := original.Orders(); !reflect.DeepEqual(got, orders) {
		t.Errorf("a change of the clone changed the original's orders to %v", got)
	}
}
