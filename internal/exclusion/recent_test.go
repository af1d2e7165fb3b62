package exclusion_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

func TestRecentlyRemoved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{}
		ids := api.put(fields{CompanyName: "Acme"}, fields{CompanyName: "Globex"})
		list := exclusion.NewLists(api).List("b1")
		if got := list.RecentlyRemoved(); got != 0 {
			t.Errorf("%d removed before anything was, want 0", got)
		}
		for _, id := range ids {
			if _, err := list.Remove(t.Context(), "", exclusion.Entry{ID: id}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := list.Add(t.Context(), of(fields{CompanyName: "Initech"})); err != nil {
			t.Fatal(err)
		}
		if got := list.RecentlyRemoved(); got != 2 {
			t.Errorf("%d removed, want 2", got)
		}
		time.Sleep(time.Minute)
		if got := list.RecentlyRemoved(); got != 0 {
			t.Errorf("%d removed lately a minute later, want 0", got)
		}
	})
}

func TestRemovalIsRecentForFifteenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{}
		list := newTestList(api)
		if _, err := list.Remove(t.Context(), "a", exclusion.Entry{ID: api.put(fields{CompanyName: "Acme"})[0]}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(15 * time.Second)
		if got := list.RecentlyRemoved(); got != 1 {
			t.Errorf("%d removed after 15 seconds, want 1", got)
		}
		time.Sleep(time.Nanosecond)
		if got := list.RecentlyRemoved(); got != 0 {
			t.Errorf("%d removed after more than 15 seconds, want 0", got)
		}
	})
}
