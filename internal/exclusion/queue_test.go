package exclusion_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

// TestGathering follows the callers of one list through its batches, each of which takes the server 100 ms. All times are
// milliseconds since the first caller came.
func TestGathering(t *testing.T) {
	t.Parallel()
	type caller struct{ arrives, done int }
	for _, test := range []struct {
		name    string
		callers []caller
	}{
		{"an idle list sends at once, a busy one gathers until nobody has come for 250 ms", []caller{
			{0, 100},
			{10, 450}, {10, 450}, {20, 450},
		}},
		{"as many as before are not waited for any longer", []caller{
			{0, 100},
			{10, 450}, {10, 450}, {10, 450},
			{451, 571}, {461, 571}, {471, 571},
		}},
		{"who comes late is waited for, and counts no more the next time", []caller{
			{0, 100},
			{10, 450}, {10, 450}, {10, 450},
			{451, 811}, {461, 811},
			{812, 922}, {822, 922},
		}},
		{"who comes while a batch is in flight counts as well", []caller{
			{0, 100},
			{10, 450}, {10, 450},
			{451, 561}, {461, 561},
			{500, 911}, {510, 911},
		}},
		{"a list that was idle for more than two seconds waits for nobody", []caller{
			{0, 100},
			{10, 450}, {10, 450},
			{2451, 2551},
		}},
		{"two seconds are not more", []caller{
			{0, 100},
			{10, 450}, {10, 450},
			{2450, 2800},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				list, began := startGathering(t)
				var group sync.WaitGroup
				for i, caller := range test.callers {
					group.Go(func() {
						time.Sleep(time.Duration(caller.arrives) * time.Millisecond)
						if _, err := list.Add(t.Context(), of(fields{ExternalID: fmt.Sprint(i)})); err != nil {
							t.Error(err)
						}
						if done := time.Since(began).Milliseconds(); done != int64(caller.done) {
							t.Errorf("caller %d, who came at %d, was done at %d, want %d", i, caller.arrives, done, caller.done)
						}
					})
				}
				group.Wait()
			})
		})
	}
}

// startGathering returns a list that has been read and is idle, and whose server takes 100 ms from now on.
func startGathering(t *testing.T) (*exclusion.List, time.Time) {
	t.Helper()
	api := &fakeAPI{}
	list := newTestList(api)
	if _, err := list.Entries(t.Context()); err != nil {
		t.Fatal(err)
	}
	api.latency = 100 * time.Millisecond
	return list, time.Now()
}

// However many keep coming, the first of them waits for 5 s at most.
func TestGatheringEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		list, began := startGathering(t)
		var group sync.WaitGroup
		for i := range 40 {
			group.Go(func() {
				time.Sleep(time.Duration(i) * 200 * time.Millisecond)
				if _, err := list.Add(t.Context(), of(fields{ExternalID: fmt.Sprint(i)})); err != nil {
					t.Error(err)
				}
				if i == 1 && time.Since(began) > 5400*time.Millisecond {
					t.Errorf("the second of 40 was done after %s", time.Since(began))
				}
			})
		}
		group.Wait()
	})
}
