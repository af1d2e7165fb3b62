package exclusion_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// rejectingAPI leaves the entries named Bad out of an addition, and says so in its own way.
type rejectingAPI struct {
	*fakeAPI
	says func(index int, left fields) openprospect.RejectedEntry
}

func isBad(f fields) bool { return f.CompanyName == "Bad" }

func (r rejectingAPI) AddEntries(ctx context.Context, id string, entries []fields) (openprospect.AddEntriesResult, error) {
	r.rejects = isBad
	answer, err := r.fakeAPI.AddEntries(ctx, id, entries)
	for i, rejected := range answer.Rejected {
		answer.Rejected[i] = r.says(rejected.Index, entries[rejected.Index])
	}
	return answer, err
}

// TestRejectionsAreAttributed is about what an answer says of an entry that it left out: its place, its fields, or neither.
func TestRejectionsAreAttributed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		says func(index int, left fields) openprospect.RejectedEntry
		// waits is whether the list is read again in case it lags: nobody knows which entry will never appear.
		waits bool
	}{
		"place": {func(index int, _ fields) openprospect.RejectedEntry {
			return openprospect.RejectedEntry{Index: index, Message: "no such country"}
		}, false},
		"fields": {func(_ int, left fields) openprospect.RejectedEntry {
			return openprospect.RejectedEntry{Index: -1, Fields: left, Message: "no such country"}
		}, false},
		"place that the request does not have": {func(_ int, left fields) openprospect.RejectedEntry {
			return openprospect.RejectedEntry{Index: 3, Fields: left, Message: "no such country"}
		}, false},
		"neither": {func(int, fields) openprospect.RejectedEntry {
			return openprospect.RejectedEntry{Index: -1, Message: "no such country"}
		}, true},
	} {
		for _, place := range []int{0, 2} {
			for _, silent := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, entry %d, silent %t", name, place, silent), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						api := &fakeAPI{silent: silent}
						wanted := companies(3)
						bad := fmt.Sprintf("key-%05d", place)
						wanted[bad] = fields{CompanyName: "Bad"}
						began := time.Now()
						_, err := exclusion.NewLists(rejectingAPI{api, test.says}).List("b1").Apply(t.Context(), exclusion.Update{
							Owner: "a", Prior: exclusion.Render(nil), Planned: exclusion.Render(wanted),
						})
						var failed *exclusion.UpdateError
						if !errors.As(err, &failed) || len(failed.Failures) != 1 || failed.Failures[0].Key != bad ||
							!strings.Contains(err.Error(), "no such country") {
							t.Errorf("got %v", err)
						}
						if waited := time.Since(began) > 0; waited != test.waits {
							t.Errorf("it took %s", time.Since(began))
						}
					})
				})
			}
		}
	}
}

// An API that has the company already may answer 409 (U13): then the list shows it.
func TestConflictOfOneIsLookedUp(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		there bool
	}{{"it is there", true}, {"it is not", false}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				acme := fields{WebsiteURL: "acme.com"}
				api := &fakeAPI{addFaults: map[int]fault{1: faultConflict}}
				if test.there {
					api.onAdd = func(int) { api.put(acme) } // somebody else was faster
				}
				result, err := newTestList(api).Add(t.Context(), of(acme))
				if test.there && (err != nil || !result.AlreadyThere || result.Entry.ID != "id-1") ||
					!test.there && !openprospect.IsConflict(err) {
					t.Errorf("got %+v, %v", result, err)
				}
				if lists, posts, _ := api.requests(); lists != 2 || posts != 1 {
					t.Errorf("%d walks, %d POSTs, want 2 and 1", lists, posts)
				}
			})
		})
	}
}

// forgetfulAPI answers with the ids of the first entries only.
type forgetfulAPI struct {
	*fakeAPI
	ids int
}

func (f forgetfulAPI) AddEntries(ctx context.Context, id string, entries []fields) (openprospect.AddEntriesResult, error) {
	answer, err := f.fakeAPI.AddEntries(ctx, id, entries)
	answer.Entries = answer.Entries[:min(f.ids, len(answer.Entries))]
	return answer, err
}

// What was added without an id in the answer is looked for on one page at the end of the list. After a lost answer it is
// not: the list may hold nothing new, and only all of it proves that.
func TestEndOfTheListIsReadFirst(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		count  int
		ids    int
		faults map[int]fault
		ends   int
		walks  int
	}{
		{"one", 1, 0, nil, 1, 0},
		{"a page", 100, 0, nil, 1, 0},
		{"a page, one with an id", 100, 1, nil, 1, 0},
		{"a page, half of them with ids", 100, 50, nil, 1, 0},
		{"all with ids", 100, 100, nil, 0, 0},
		{"more than a page", 101, 0, nil, 0, 1},
		{"a lost answer", 1, 0, map[int]fault{1: faultLostAfter}, 0, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := &fakeAPI{addFaults: test.faults}
				for i := range 300 {
					api.put(fields{ExternalID: fmt.Sprint(i)})
				}
				list := exclusion.NewLists(forgetfulAPI{api, test.ids}).List("b1")
				if _, err := list.Entries(t.Context()); err != nil {
					t.Fatal(err)
				}
				_, err := list.Apply(t.Context(), exclusion.Update{
					Owner: "a", Prior: exclusion.Render(nil), Planned: exclusion.Render(companies(test.count)),
				})
				if err != nil {
					t.Fatal(err)
				}
				if lists, _, _ := api.requests(); len(api.pages) != test.ends || lists-1-len(api.pages) != test.walks {
					t.Errorf("%d pages and %d walks, want %d and %d", len(api.pages), lists-1-len(api.pages), test.ends, test.walks)
				}
			})
		})
	}
}

// TestRefusedRequestsAreTakenApart counts the requests that it takes to find the entries at fault, since requests are scarce.
func TestRefusedRequestsAreTakenApart(t *testing.T) {
	t.Parallel()
	bad := func(numbers ...int) func(fields) bool {
		return func(f fields) bool {
			for _, number := range numbers {
				if f.ExternalID == fmt.Sprint(number) {
					return true
				}
			}
			return false
		}
	}
	all := func(fields) bool { return true }
	for _, test := range []struct {
		name   string
		api    *fakeAPI
		count  int
		posts  int
		failed int
	}{
		{"one by one up to 20", &fakeAPI{refuses: bad(7)}, 20, 1 + 20, 1},
		// 21; 11 and, one by one, 11; 10.
		{"by halves beyond", &fakeAPI{refuses: bad(7)}, 21, 1 + 1 + 11 + 1, 1},
		// 1 + 2 halves of 50; 2 quarters of 25; 13 and, one by one, 13; 12.
		{"one of many", &fakeAPI{refuses: bad(7)}, 100, 1 + 2 + 2 + 2 + 13, 1},
		// The 64th refusal is of 19 entries, which are not taken apart any more.
		{"all of 76", &fakeAPI{refuses: all}, 76, 64, 76},
		// After 64 refusals the 14 parts that are left are sent as they are.
		{"all of many", &fakeAPI{refuses: all}, 200, 64 + 14, 200},
		{"too large", &fakeAPI{mostAdded: 30}, 100, 1 + 1 + 4, 0},
		{"too large for odd halves", &fakeAPI{mostAdded: 26}, 101, 1 + 1 + 4, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wanted := make(map[string]fields, test.count)
			for i := range test.count {
				wanted[fmt.Sprintf("%03d", i)] = fields{ExternalID: fmt.Sprint(i)}
			}
			_, err := newTestList(test.api).Apply(t.Context(), exclusion.Update{
				Owner: "a", Prior: exclusion.Render(nil), Planned: exclusion.Render(wanted),
			})
			var failed *exclusion.UpdateError
			failures := 0
			if errors.As(err, &failed) {
				failures = len(failed.Failures)
			}
			if failures != test.failed {
				t.Errorf("%d failures, want %d", failures, test.failed)
			}
			if failures > 20 && !strings.Contains(err.Error(), fmt.Sprintf("and %d more", failures-20)) {
				t.Errorf("got %v", err)
			}
			if _, posts, _ := test.api.requests(); posts != test.posts {
				t.Errorf("%d POSTs, want %d", posts, test.posts)
			}
		})
	}
}

// A request that was refused although each of its entries is fine says nothing of the size that the next one may have.
func TestSmallRefusedRequestDoesNotShrinkTheNext(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{addFaults: map[int]fault{1: faultRefused}}
	list := newTestList(api)
	for _, step := range []struct{ from, to, posts int }{{0, 5, 1 + 5}, {5, 35, 1}} {
		wanted := make(map[string]fields)
		for i := step.from; i < step.to; i++ {
			wanted[fmt.Sprintf("%03d", i)] = fields{ExternalID: fmt.Sprint(i)}
		}
		_, before, _ := api.requests()
		_, err := list.Apply(t.Context(), exclusion.Update{
			Owner: "a", Prior: exclusion.Render(nil), Planned: exclusion.Render(wanted),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, posts, _ := api.requests(); posts-before != step.posts {
			t.Errorf("%d POSTs, want %d", posts-before, step.posts)
		}
	}
}
