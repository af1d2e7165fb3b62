package exclusion_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

func TestRemovedLately(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{}
		ids := api.put(openprospect.EntryFields{CompanyName: "Acme"}, openprospect.EntryFields{CompanyName: "Globex"})
		list := exclusion.NewLists(api).List("b1")
		if got := list.RemovedLately(); got != 0 {
			t.Errorf("%d removed before anything was, want 0", got)
		}
		for _, id := range ids {
			if _, err := list.Remove(t.Context(), "", openprospect.Entry{ID: id}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := list.Add(t.Context(), openprospect.EntryFields{CompanyName: "Initech"}); err != nil {
			t.Fatal(err)
		}
		if got := list.RemovedLately(); got != 2 {
			t.Errorf("%d removed, want 2", got)
		}
		time.Sleep(time.Minute)
		if got := list.RemovedLately(); got != 0 {
			t.Errorf("%d removed lately a minute later, want 0", got)
		}
	})
}
