package exclusion_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// asTerraform runs the tasks as Terraform does: so many at once, each after a moment of Terraform's own work.
func asTerraform(parallelism int, think time.Duration, tasks int, task func(i int) error) error {
	random := rand.New(rand.NewPCG(1, 2))
	var mu sync.Mutex
	pause := func() time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return time.Duration(random.Int64N(int64(think) + 1))
	}
	var group errgroup.Group
	group.SetLimit(parallelism)
	for i := range tasks {
		group.Go(func() error {
			time.Sleep(pause())
			return task(i)
		})
	}
	return group.Wait()
}

// The budget of 300 single entries at Terraform's default parallelism.
func TestThreeHundredSingleEntries(t *testing.T) {
	t.Parallel()
	for _, latency := range []time.Duration{0, time.Millisecond, 20 * time.Millisecond, 200 * time.Millisecond, 2 * time.Second} {
		for _, think := range []time.Duration{0, 5 * time.Millisecond, 40 * time.Millisecond} {
			for _, silent := range []bool{false, true} {
				t.Run(fmt.Sprintf("latency %v, think %v, silent %v", latency, think, silent), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { threeHundred(t, &fakeAPI{latency: latency, silent: silent}, think) })
				})
			}
		}
	}
}

func threeHundred(t *testing.T, api *fakeAPI, think time.Duration) {
	t.Helper()
	list := newTestList(api)
	all := numbered(300)
	added := make([]exclusion.Entry, len(all))
	err := asTerraform(10, think, len(all), func(i int) error {
		result, err := list.Add(t.Context(), of(all[i]))
		added[i] = result.Entry
		if err == nil && result.AlreadyThere {
			err = fmt.Errorf("%v was not there", all[i])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	checkRows(t, api, all)
	rows := api.current()
	for i, entry := range added {
		if entry.Fields() != all[i] || !holds(rows, entry) {
			t.Errorf("%+v got %+v, which is not on the list", all[i], entry)
		}
	}
	lists, posts, _ := api.requests()
	pages := 0
	if lists > 1 {
		// Each walk after the first shows some more of the 300: three pages at most.
		pages = 3 * (lists - 1)
	}
	most := 70
	if api.silent {
		most = 130
	}
	if posts > 60 || 1+posts+pages > most {
		t.Errorf("%d POSTs, %d walks, want at most 60 POSTs and %d requests", posts, lists, most)
	}

	err = asTerraform(10, think, len(all), func(i int) error {
		forgotten, err := list.Remove(t.Context(), fmt.Sprint(i), added[i])
		if forgotten {
			err = errors.New("nobody else wants it")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	checkRows(t, api, nil)
	if _, _, deletes := api.requests(); deletes > 60 {
		t.Errorf("%d DELETEs, want at most 60", deletes)
	}
	if api.overlaps > 0 {
		t.Errorf("%d writes began while another was in flight", api.overlaps)
	}
}

// checkRows compares the list with what ought to be on it, in any order.
func checkRows(t *testing.T, api *fakeAPI, want []fields) {
	t.Helper()
	var got, wanted []string
	for _, row := range api.current() {
		got = append(got, row.Company.String())
	}
	for _, row := range want {
		wanted = append(wanted, of(row).String())
	}
	slices.Sort(got)
	slices.Sort(wanted)
	if !slices.Equal(got, wanted) {
		t.Errorf("on the list: %v\nwant: %v", got, wanted)
	}
}

func TestIdleListAddsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if _, err := newTestList(&fakeAPI{}).Add(t.Context(), of(fields{WebsiteURL: "acme.com"})); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > 0 {
			t.Errorf("took %v", took)
		}
	})
}

func TestAddAdopts(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	id := api.put(fields{WebsiteURL: "acme.com", CompanyName: "Acme"})[0]
	list := newTestList(api)
	result, err := list.Add(t.Context(), of(fields{WebsiteURL: "https://www.acme.com/", CompanyName: "ACME"}))
	if err != nil || !result.AlreadyThere || result.Entry.ID != id {
		t.Errorf("got %+v, %v", result, err)
	}
	if _, posts, _ := api.requests(); posts != 0 {
		t.Errorf("%d POSTs", posts)
	}
}

func TestAddOfACompanyThatIsThereOtherwise(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	id := api.put(fields{WebsiteURL: "acme.com", CompanyName: "Acme"})[0]
	list := newTestList(api)
	var exists *exclusion.ExistsError
	_, err := list.Add(t.Context(), of(fields{WebsiteURL: "acme.com", CompanyName: "Acme Inc"}))
	if !errors.As(err, &exists) || exists.Entry.ID != id || exists.Claimed || !strings.Contains(err.Error(), id) {
		t.Errorf("got %v", err)
	}
	if _, err := list.Add(t.Context(), of(fields{ExternalID: "1", WebsiteURL: "acme.com"})); err != nil {
		t.Errorf("another tier is another entry: %v", err)
	}
	if _, err := list.Add(t.Context(), of(fields{City: "Berlin"})); err == nil {
		t.Error("an entry that names no company was added")
	}
}

func TestRemovedEntryCanBeAddedAgain(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	list := newTestList(api)
	for range 2 {
		result, err := list.Add(t.Context(), of(fields{WebsiteURL: "acme.com"}))
		if err != nil || result.AlreadyThere {
			t.Fatalf("%+v, %v", result, err)
		}
		if _, err := list.Remove(t.Context(), "a", result.Entry); err != nil {
			t.Fatal(err)
		}
	}
	checkRows(t, api, nil)
}

// addAll adds entries at once and returns their errors.
func addAll(ctx context.Context, list *exclusion.List, all []fields) ([]exclusion.AddResult, []error) {
	results, errs := make([]exclusion.AddResult, len(all)), make([]error, len(all))
	var group sync.WaitGroup
	for i := range all {
		group.Go(func() { results[i], errs[i] = list.Add(ctx, of(all[i])) })
	}
	group.Wait()
	return results, errs
}

func TestRefusedBatchLetsTheGoodOnesThrough(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, count := range []int{5, 100} {
			bad := func(f fields) bool { return f.CompanyName == "Company 3" }
			api := &fakeAPI{latency: time.Second, refuses: bad}
			all := numbered(count)
			_, errs := addAll(t.Context(), newTestList(api), all)
			for i, err := range errs {
				if bad(all[i]) != (err != nil) {
					t.Errorf("of %d: %v: %v", count, all[i], err)
				}
			}
			checkRows(t, api, slices.DeleteFunc(all, bad))
		}
	})
}

func TestRejectedEntryFailsAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, silent := range []bool{false, true} {
			bad := func(f fields) bool { return f.CompanyName == "Company 3" }
			api := &fakeAPI{latency: time.Second, rejects: bad, silent: silent}
			all := numbered(5)
			_, errs := addAll(t.Context(), newTestList(api), all)
			for i, err := range errs {
				if bad(all[i]) != (err != nil && strings.Contains(err.Error(), "no such country")) {
					t.Errorf("%v: %v", all[i], err)
				}
			}
			checkRows(t, api, slices.DeleteFunc(all, bad))
		}
	})
}

func TestErrorOfTheWholeListFailsEverybodyOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{latency: time.Second, addFaults: map[int]fault{1: faultForbidden, 2: faultForbidden}}
		_, errs := addAll(t.Context(), newTestList(api), numbered(10))
		for _, err := range errs {
			var apiError *openprospect.Error
			if !errors.As(err, &apiError) || apiError.StatusCode != 403 {
				t.Errorf("got %v", err)
			}
		}
		if _, posts, _ := api.requests(); posts > 2 {
			t.Errorf("%d POSTs, want no more than batches", posts)
		}
		checkRows(t, api, nil)
	})
}

func TestLostAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		faults map[int]fault
		lag    time.Duration
		posts  int
	}{
		{"nothing was done", map[int]fault{1: faultLostBefore}, 0, 2},
		{"it was done", map[int]fault{1: faultLostAfter}, 0, 1},
		{"it was done and reads lag", map[int]fault{1: faultLostAfter}, 3 * time.Second, 1},
		{"twice lost", map[int]fault{1: faultLostBefore, 2: faultLostAfter}, time.Second, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := &fakeAPI{latency: time.Millisecond, addFaults: test.faults, lag: test.lag}
				result, err := newTestList(api).Add(t.Context(), of(fields{WebsiteURL: "acme.com"}))
				if err != nil || result.Entry.ID != "id-1" {
					t.Errorf("%+v, %v", result, err)
				}
				checkRows(t, api, []fields{{WebsiteURL: "acme.com"}})
				if _, posts, _ := api.requests(); posts != test.posts {
					t.Errorf("%d POSTs, want %d", posts, test.posts)
				}
			})
		})
	}
}

func TestServerThatNeverAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{addFaults: map[int]fault{1: faultLostBefore, 2: faultLostBefore, 3: faultLostBefore}}
		list := newTestList(api)
		if _, err := list.Add(t.Context(), of(fields{WebsiteURL: "acme.com"})); !openprospect.OutcomeUnknown(err) {
			t.Errorf("got %v", err)
		}
		if _, posts, _ := api.requests(); posts != 3 {
			t.Errorf("%d POSTs, want 3", posts)
		}
		if result, err := list.Add(t.Context(), of(fields{WebsiteURL: "acme.com"})); err != nil || result.AlreadyThere {
			t.Errorf("the next try got %+v, %v", result, err)
		}
	})
}

func TestIDsAreFoundThoughReadsLag(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{latency: time.Millisecond, silent: true, lag: 3 * time.Second}
		all := numbered(10)
		results, errs := addAll(t.Context(), newTestList(api), all)
		for i := range all {
			if errs[i] != nil || results[i].Entry.Fields() != all[i] {
				t.Errorf("%v got %+v, %v", all[i], results[i], errs[i])
			}
		}
		checkRows(t, api, all)
	})
}

func TestSwallowedAdditionNamesWhatIsThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, api := range []*fakeAPI{{}, {silent: true}, {echoes: true}} {
			api.deduplicates = true
			id := api.put(fields{WebsiteURL: "acme.com", CompanyName: "Acme"})[0]
			var exists *exclusion.ExistsError
			_, err := newTestList(api).Add(t.Context(), of(fields{ExternalID: "1", WebsiteURL: "acme.com"}))
			if !errors.As(err, &exists) || exists.Entry.ID != id {
				t.Errorf("silent %v, echoes %v: got %v", api.silent, api.echoes, err)
			}
		}
	})
}

func TestCancelledBeforeItWasSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{latency: time.Second}
		list := newTestList(api)
		if _, err := list.Entries(t.Context()); err != nil {
			t.Fatal(err)
		}
		var group errgroup.Group
		group.Go(func() error {
			_, err := list.Add(t.Context(), of(numbered(1)[0]))
			return err
		})
		time.Sleep(time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		_, err := list.Add(ctx, of(fields{WebsiteURL: "cancelled.com"}))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		checkRows(t, api, numbered(1))
		if _, err := list.Add(t.Context(), of(fields{WebsiteURL: "cancelled.com"})); err != nil {
			t.Errorf("the company is still reserved: %v", err)
		}
	})
}

func TestCancelledWhileItWasSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{latency: time.Second}
		list := newTestList(api)
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		var group errgroup.Group
		group.Go(func() error {
			if _, err := list.Add(ctx, of(fields{WebsiteURL: "cancelled.com"})); !errors.Is(err, context.DeadlineExceeded) {
				return fmt.Errorf("the cancelled caller got %w", err)
			}
			return nil
		})
		group.Go(func() error {
			time.Sleep(1200 * time.Millisecond)
			_, err := list.Add(t.Context(), of(fields{WebsiteURL: "patient.com"}))
			return err
		})
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		checkRows(t, api, []fields{{WebsiteURL: "cancelled.com"}, {WebsiteURL: "patient.com"}})
		if result, err := list.Add(t.Context(), of(fields{WebsiteURL: "cancelled.com"})); err != nil || !result.AlreadyThere {
			t.Errorf("the next try got %+v, %v", result, err)
		}
	})
}

func TestRemoveFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		api    *fakeAPI
		failed bool
	}{
		{"lost before", &fakeAPI{removeFaults: map[int]fault{1: faultLostBefore}}, true},
		{"lost after", &fakeAPI{removeFaults: map[int]fault{1: faultLostAfter}}, false},
		{"lost after and reads lag", &fakeAPI{removeFaults: map[int]fault{1: faultLostAfter}, lag: time.Second}, false},
		{"forbidden", &fakeAPI{removeFaults: map[int]fault{1: faultForbidden}}, true},
		{"refused once", &fakeAPI{removeFaults: map[int]fault{1: faultRefused}}, false},
		{"one at a time", &fakeAPI{mostRemoved: 1}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				entries := companies(30)
				document, rows := created(t, test.api, entries)
				time.Sleep(test.api.lag)
				_, err := newTestList(test.api).Apply(t.Context(), exclusion.Update{
					Owner: "a", Prior: document, Planned: exclusion.Render(nil), Rows: rows,
				})
				if (err != nil) != test.failed {
					t.Errorf("got %v", err)
				}
				if test.failed {
					checkRows(t, test.api, slices.Collect(maps.Values(entries)))
				} else {
					checkRows(t, test.api, nil)
				}
			})
		})
	}
}

// A row that reads do not show yet does not count as gone when the answer to its removal is lost.
func TestLostRemovalOfAYoungEntry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{removeFaults: map[int]fault{1: faultLostBefore}, lag: 3 * time.Second}
		list := newTestList(api)
		result, err := list.Add(t.Context(), of(fields{WebsiteURL: "acme.com"}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := list.Remove(t.Context(), "a", result.Entry); !openprospect.OutcomeUnknown(err) {
			t.Errorf("got %v", err)
		}
		checkRows(t, api, []fields{{WebsiteURL: "acme.com"}})
	})
}

// Whoever writes to a list, one write is in flight.
func TestWritesTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{latency: time.Second}
		list := newTestList(api)
		var group errgroup.Group
		for i, row := range numbered(20) {
			group.Go(func() error {
				time.Sleep(time.Duration(i) * 300 * time.Millisecond)
				if i%5 > 0 {
					_, err := list.Add(t.Context(), of(row))
					return err
				}
				_, err := list.Apply(t.Context(), exclusion.Update{
					Owner: fmt.Sprint(i), Prior: exclusion.Render(nil), Planned: exclusion.Render(map[string]fields{"a": row}), Additive: true,
				})
				return err
			})
		}
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
		checkRows(t, api, numbered(20))
		if api.overlaps > 0 {
			t.Errorf("%d writes began while another was in flight", api.overlaps)
		}
	})
}

func TestRemoveWithoutID(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	if _, err := newTestList(api).Remove(t.Context(), "a", row("", fields{CompanyName: "Acme"})); err == nil {
		t.Error("an entry without an id was removed")
	}
	if _, _, deletes := api.requests(); deletes != 0 {
		t.Errorf("%d DELETEs", deletes)
	}
}

func TestRemovedEntryIsFoundNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{lag: 5 * time.Second}
		api.put(numbered(2)...)
		time.Sleep(5 * time.Second)
		list := newTestList(api)
		rows, err := list.Entries(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := list.Remove(t.Context(), "a", rows[0]); err != nil {
			t.Fatal(err)
		}
		// Reads still show it, and own writes are believed over reads that lag.
		list.Forget()
		if _, found, err := list.FindID(t.Context(), rows[0].ID); found || err != nil {
			t.Errorf("%v, %v", found, err)
		}
		if entries, err := list.Entries(t.Context()); len(entries) != 1 || err != nil {
			t.Errorf("%v, %v", entries, err)
		}
	})
}

func TestRemovalOfWhatAnotherResourceClaims(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		claimed exclusion.Entry
		kept    bool
	}{
		{"it will add the same", row("", fields{WebsiteURL: "https://acme.com", CompanyName: "Acme"}), true},
		{"it will add the company with other fields", row("", fields{WebsiteURL: "acme.com", CompanyName: "Acme Inc"}), false},
		{"it has the same row", row("id-1", fields{WebsiteURL: "acme.com", CompanyName: "Acme"}), true},
		{"it has another row of the company", row("id-2", fields{WebsiteURL: "acme.com", CompanyName: "Acme"}), false},
		{"it has another company", row("id-2", fields{WebsiteURL: "other.com"}), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			api := &fakeAPI{}
			acme := fields{WebsiteURL: "acme.com", CompanyName: "Acme"}
			api.put(acme)
			list, entry := newTestList(api), api.current()[0]
			if _, err := list.Claim("new", keeps(test.claimed)); err != nil {
				t.Fatal(err)
			}
			if kept, err := list.Remove(t.Context(), "old", entry); kept != test.kept || err != nil {
				t.Errorf("%v, %v", kept, err)
			}
			if !test.kept {
				checkRows(t, api, nil)
				return
			}
			checkRows(t, api, []fields{acme})
			if kept, err := list.Remove(t.Context(), "new", entry); kept || err != nil {
				t.Errorf("its own claim protects it: %v, %v", kept, err)
			}
			checkRows(t, api, nil)
		})
	}
}

// Between two requests of one removal, another resource may claim an entry.
func TestClaimBetweenRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{latency: time.Second}
		entries := companies(1500)
		document, rows := created(t, api, entries)
		list := newTestList(api)
		var last string
		for key := range document.All() {
			last = key
		}
		var group errgroup.Group
		group.Go(func() error {
			applied, err := list.Apply(t.Context(), exclusion.Update{Owner: "a", Prior: document, Planned: exclusion.Render(nil), Rows: rows})
			if err == nil && len(applied.Left) != 1 {
				err = fmt.Errorf("left %v", applied.Left)
			}
			return err
		})
		time.Sleep(time.Second / 2)
		if _, err := list.Claim("b", keeps(row("", entries[last]))); err != nil {
			t.Fatal(err)
		}
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
		checkRows(t, api, []fields{entries[last]})
	})
}

// A walk that began before a write whose effect it may not show is thrown away.
func TestWalkThatBeganBeforeAWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{silent: true, lag: 600 * time.Millisecond}
		list := newTestList(api)
		if _, err := list.Entries(t.Context()); err != nil {
			t.Fatal(err)
		}
		// The addition is done after one second; a walk from half a second on would not show it.
		api.latency = time.Second
		var group errgroup.Group
		group.Go(func() error {
			_, err := list.Add(t.Context(), of(fields{WebsiteURL: "acme.com"}))
			return err
		})
		group.Go(func() error {
			time.Sleep(time.Second / 2)
			list.Forget()
			entries, err := list.Entries(t.Context())
			if len(entries) != 1 {
				return fmt.Errorf("%d entries: %w", len(entries), err)
			}
			return err
		})
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
	})
}

// confusedAPI answers with the same id for all entries of a request: the first one's, or id.
type confusedAPI struct {
	*fakeAPI
	id string
}

func (c confusedAPI) AddEntries(ctx context.Context, id string, entries []fields) (openprospect.AddEntriesResult, error) {
	answer, err := c.fakeAPI.AddEntries(ctx, id, entries)
	for i := range answer.Entries {
		answer.Entries[i].ID = answer.Entries[0].ID
		if c.id != "" {
			answer.Entries[i].ID = c.id
		}
	}
	return answer, err
}

func TestNobodyGetsAnothersID(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]string{"of the same request": "", "that the resource has for another key": "id-1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := &fakeAPI{}
				all := companies(5)
				document, rows := created(t, api, map[string]fields{"key-00000": all["key-00000"]})
				// An update does not read the list first, so that nothing but the answer speaks of ids.
				applied, err := exclusion.NewLists(confusedAPI{api, id}).List("b1").Apply(t.Context(), exclusion.Update{
					Owner: "a", Prior: document, Planned: exclusion.Render(all), Rows: rows,
				})
				if err != nil {
					t.Error(err)
				}
				checkApplied(t, api, applied)
			})
		})
	}
}
