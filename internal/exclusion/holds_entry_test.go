package exclusion_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

// wantHolds asks the list, and compares the answer and the number of counts so far.
func wantHolds(t *testing.T, api *fakeAPI, list *exclusion.List, want bool, counts int) {
	t.Helper()
	if holds, err := list.HoldsEntry(t.Context()); err != nil || holds != want {
		t.Errorf("holds an entry: %t, %v, want %t", holds, err, want)
	}
	if api.counts != counts {
		t.Errorf("%d counts, want %d", api.counts, counts)
	}
}

func TestHoldsEntry(t *testing.T) {
	t.Parallel()
	acme := fields{WebsiteURL: "acme.com"}
	for name, test := range map[string]struct {
		api *fakeAPI
		do  func(t *testing.T, api *fakeAPI, list *exclusion.List)
	}{
		"asked once": {&fakeAPI{}, func(t *testing.T, api *fakeAPI, list *exclusion.List) {
			t.Helper()
			api.put(acme)
			wantHolds(t, api, list, true, 1)
			wantHolds(t, api, list, true, 1)
		}},
		"an empty list is asked again": {&fakeAPI{}, func(t *testing.T, api *fakeAPI, list *exclusion.List) {
			t.Helper()
			wantHolds(t, api, list, false, 1)
			wantHolds(t, api, list, false, 2)
			api.put(acme)
			wantHolds(t, api, list, true, 3)
			wantHolds(t, api, list, true, 3)
		}},
		"what was read says so": {&fakeAPI{}, func(t *testing.T, api *fakeAPI, list *exclusion.List) {
			t.Helper()
			api.put(acme)
			if _, err := list.Entries(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantHolds(t, api, list, true, 0)
		}},
		"what was read was empty": {&fakeAPI{}, func(t *testing.T, api *fakeAPI, list *exclusion.List) {
			t.Helper()
			if _, err := list.Entries(t.Context()); err != nil {
				t.Fatal(err)
			}
			api.put(acme)
			wantHolds(t, api, list, true, 1)
		}},
		"what was added says so": {&fakeAPI{lag: time.Hour}, func(t *testing.T, api *fakeAPI, list *exclusion.List) {
			t.Helper()
			if _, err := list.Add(t.Context(), of(acme)); err != nil {
				t.Fatal(err)
			}
			wantHolds(t, api, list, true, 0)
		}},
		"what was added to a list that was not read says so": {&fakeAPI{}, func(t *testing.T, api *fakeAPI, list *exclusion.List) {
			t.Helper()
			_, err := list.Apply(t.Context(), exclusion.Update{
				Prior:   exclusion.Render(map[string]fields{"a": acme}),
				Planned: exclusion.Render(map[string]fields{"a": acme, "b": {WebsiteURL: "other.com"}}),
				Rows:    map[string]exclusion.Row{"a": {ID: api.put(acme)[0]}},
			})
			if err != nil {
				t.Fatal(err)
			}
			if lists, _, _ := api.requests(); lists > 0 {
				t.Fatalf("%d walks, want none", lists)
			}
			wantHolds(t, api, list, true, 0)
		}},
		"the last entry is removed": {&fakeAPI{}, func(t *testing.T, api *fakeAPI, list *exclusion.List) {
			t.Helper()
			ids := api.put(acme)
			wantHolds(t, api, list, true, 1)
			if _, err := list.Remove(t.Context(), "", exclusion.Entry{ID: ids[0]}); err != nil {
				t.Fatal(err)
			}
			wantHolds(t, api, list, false, 2)
		}},
		"a removal was lost": {
			&fakeAPI{removeFaults: map[int]fault{1: faultLostAfter}, listFaults: map[int]fault{1: faultForbidden}},
			func(t *testing.T, api *fakeAPI, list *exclusion.List) {
				t.Helper()
				ids := api.put(acme)
				wantHolds(t, api, list, true, 1)
				if _, err := list.Remove(t.Context(), "", exclusion.Entry{ID: ids[0]}); err == nil {
					t.Fatal("no error")
				}
				wantHolds(t, api, list, false, 2)
			},
		},
		"an own addition whose removal was lost": {
			&fakeAPI{removeFaults: map[int]fault{1: faultLostAfter}, listFaults: map[int]fault{2: faultForbidden}},
			func(t *testing.T, api *fakeAPI, list *exclusion.List) {
				t.Helper()
				added, err := list.Add(t.Context(), of(acme))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := list.Remove(t.Context(), "", added.Entry); err == nil {
					t.Fatal("no error")
				}
				wantHolds(t, api, list, false, 1)
			},
		},
		"the list is to be read afresh": {&fakeAPI{}, func(t *testing.T, api *fakeAPI, list *exclusion.List) {
			t.Helper()
			ids := api.put(acme)
			wantHolds(t, api, list, true, 1)
			api.delete(ids...)
			list.Forget()
			wantHolds(t, api, list, false, 2)
		}},
		"a failed count is asked again": {
			&fakeAPI{countFaults: map[int]fault{1: faultForbidden}},
			func(t *testing.T, api *fakeAPI, list *exclusion.List) {
				t.Helper()
				api.put(acme)
				if holds, err := list.HoldsEntry(t.Context()); err == nil || holds {
					t.Errorf("%t, %v", holds, err)
				}
				wantHolds(t, api, list, true, 2)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test.do(t, test.api, newTestList(test.api)) })
		})
	}
}

// laggingCount is an API whose count shows an entry at the second reading only, as one that lags.
type laggingCount struct{ *fakeAPI }

func (laggingCount) CountEntriesUntil(_ context.Context, _ string, enough func(int64) bool) (int64, error) {
	for count := range int64(2) {
		if enough(count) {
			return count, nil
		}
	}
	return 0, nil
}

func TestHoldsEntryWaitsForOne(t *testing.T) {
	t.Parallel()
	if holds, err := exclusion.NewLists(laggingCount{&fakeAPI{}}).List("b1").HoldsEntry(t.Context()); err != nil || !holds {
		t.Errorf("holds an entry: %t, %v, want true", holds, err)
	}
}

func TestHoldsEntryAsksOnceForAll(t *testing.T) {
	t.Parallel()
	for _, parallelism := range []int{1, 3, 10, 30} {
		synctest.Test(t, func(t *testing.T) {
			api := &fakeAPI{latency: time.Second}
			api.put(fields{WebsiteURL: "acme.com"})
			list := newTestList(api)
			err := asTerraform(parallelism, time.Millisecond, 12, func(int) error {
				holds, err := list.HoldsEntry(t.Context())
				if !holds {
					t.Error("holds no entry")
				}
				return err
			})
			if err != nil || api.counts != 1 {
				t.Errorf("parallelism %d: %d counts, %v, want 1", parallelism, api.counts, err)
			}
		})
	}
}

// TestHoldsEntryWithoutTheOneWhoAsked interrupts the caller whose request the others wait for.
func TestHoldsEntryWithoutTheOneWhoAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{latency: time.Minute}
		api.put(fields{WebsiteURL: "acme.com"})
		list := newTestList(api)
		interrupted, interrupt := context.WithCancel(t.Context())
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var group errgroup.Group
		group.Go(func() error {
			if _, err := list.HoldsEntry(interrupted); !errors.Is(err, context.Canceled) {
				t.Errorf("the one who asked: %v", err)
			}
			return nil
		})
		synctest.Wait()
		group.Go(func() error {
			if _, err := list.HoldsEntry(impatient); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("one who waits for a second: %v", err)
			}
			return nil
		})
		for range 5 {
			group.Go(func() error {
				holds, err := list.HoldsEntry(t.Context())
				if !holds {
					t.Error("holds no entry")
				}
				return err
			})
		}
		time.Sleep(2 * time.Second)
		interrupt()
		if err := group.Wait(); err != nil || api.counts != 2 {
			t.Errorf("%v, %d counts, want 2", err, api.counts)
		}
	})
}

// TestHoldsEntryCountedBeforeARemoval removes the last entry while it is counted: the answer is old by then, and not kept.
func TestHoldsEntryCountedBeforeARemoval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{latency: time.Minute}
		ids := api.put(fields{WebsiteURL: "acme.com"})
		list := newTestList(api)
		var group errgroup.Group
		group.Go(func() error {
			_, err := list.HoldsEntry(t.Context())
			return err
		})
		synctest.Wait()
		api.latency = 0
		if _, err := list.Remove(t.Context(), "", exclusion.Entry{ID: ids[0]}); err != nil {
			t.Fatal(err)
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		wantHolds(t, api, list, false, 2)
	})
}
