package exclusion_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

type fields = openprospect.EntryFields

func numbered(count int) []fields {
	all := make([]fields, count)
	for i := range all {
		all[i] = fields{CompanyName: fmt.Sprintf("Company %d", i), WebsiteURL: fmt.Sprintf("company-%d.com", i)}
	}
	return all
}

// of is the company that the fields name.
func of(f fields) exclusion.Company { return exclusion.NewCompany(f) }

// equal reports whether two entries have the same id, and fields that are spelled the same.
func equal(a, b exclusion.Entry) bool { return a.ID == b.ID && a.Fields() == b.Fields() }

// holds reports whether the rows hold an equal entry.
func holds(rows []exclusion.Entry, entry exclusion.Entry) bool {
	return slices.ContainsFunc(rows, func(row exclusion.Entry) bool { return equal(row, entry) })
}

func newTestList(api *fakeAPI) *exclusion.List { return exclusion.NewLists(api).List("b1") }

func TestListsGivesOneListABlacklist(t *testing.T) {
	t.Parallel()
	lists := exclusion.NewLists(&fakeAPI{})
	first, again, other := lists.List("a"), lists.List("a"), lists.List("b")
	const id = "74f00d79-7e4a-4ba3-a30c-012de85d6d78"
	if lists.List(id) != lists.List(strings.ToUpper(id)) || lists.List("a") == lists.List("A") {
		t.Error("a UUID is the same in capitals, and nothing else is")
	}
	if first != again || first == other {
		t.Error("a blacklist must have one list of its own")
	}
}

func TestReadsShareOneWalk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{latency: time.Second}
		ids := api.put(numbered(300)...)
		list := newTestList(api)
		var group errgroup.Group
		for i, id := range ids {
			group.Go(func() error {
				entry, found, err := list.FindID(t.Context(), id)
				if err == nil && (!found || entry.ID != id || entry.Fields() != numbered(300)[i]) {
					return fmt.Errorf("entry %s: %+v, %v", id, entry, found)
				}
				return err
			})
		}
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
		entries, err := list.Entries(t.Context())
		if err != nil || len(entries) != 300 {
			t.Errorf("%d entries, %v", len(entries), err)
		}
		if lists, _, _ := api.requests(); lists != 1 {
			t.Errorf("%d walks, want 1", lists)
		}
	})
}

func TestMissesShareOneMoreWalk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{latency: time.Second}
		api.put(numbered(3)...)
		list := newTestList(api)
		misses := func() {
			var group errgroup.Group
			for i := range 300 {
				group.Go(func() error {
					_, found, err := list.FindID(t.Context(), fmt.Sprintf("gone-%d", i))
					if found {
						return errors.New("found what is not there")
					}
					return err
				})
			}
			if err := group.Wait(); err != nil {
				t.Error(err)
			}
		}
		misses()
		misses()
		if lists, _, _ := api.requests(); lists != 2 {
			t.Errorf("%d walks, want one and one to confirm", lists)
		}
		if _, found, err := list.FindID(t.Context(), "id-2"); !found || err != nil {
			t.Errorf("id-2: %v, %v", found, err)
		}
	})
}

func TestMissThatTheSecondWalkFinds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{lag: time.Minute}
		ids := api.put(numbered(2)...)
		time.Sleep(time.Minute)
		list := newTestList(api)
		late := api.put(fields{CompanyName: "Late"})[0]
		if _, err := list.Entries(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if _, found, err := list.FindID(t.Context(), late); !found || err != nil {
			t.Errorf("the second walk shows it: %v, %v", found, err)
		}
		api.delete(ids[0])
		time.Sleep(time.Minute)
		if _, found, err := list.FindID(t.Context(), "gone"); found || err != nil {
			t.Errorf("gone: %v, %v", found, err)
		}
	})
}

// An id that one walk shows and the next does not is only one miss, however many walks there were.
func TestVanishedIDIsConfirmed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{}
		ids := api.put(numbered(2)...)
		list := newTestList(api)
		if _, err := list.Entries(t.Context()); err != nil {
			t.Fatal(err)
		}
		api.delete(ids[0])
		for _, id := range []string{"never", ids[0], ids[0]} {
			if _, found, err := list.FindID(t.Context(), id); found || err != nil {
				t.Errorf("%s: %v, %v", id, found, err)
			}
		}
		if lists, _, _ := api.requests(); lists != 3 {
			t.Errorf("%d walks, want 3: one, one that confirms the first miss and shows the second, one that confirms that", lists)
		}
	})
}

func TestCallerThatGivesUpLeavesTheWalkToOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{latency: time.Second}
		list := newTestList(api)
		impatient, cancel := context.WithCancel(t.Context())
		var group errgroup.Group
		group.Go(func() error {
			_, err := list.Entries(impatient)
			if !errors.Is(err, context.Canceled) {
				return fmt.Errorf("the impatient caller got %w", err)
			}
			return nil
		})
		group.Go(func() error {
			time.Sleep(time.Millisecond)
			_, err := list.Entries(t.Context())
			return err
		})
		time.Sleep(time.Second / 2)
		cancel()
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
		if lists, _, _ := api.requests(); lists != 1 {
			t.Errorf("%d walks, want 1", lists)
		}
	})
}

func TestWalkThatNobodyWaitsForIsCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{latency: time.Hour}
		list := newTestList(api)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := list.Entries(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		if took := time.Since(start); took != time.Second || api.cancelled != 1 {
			t.Errorf("took %v, %d cancelled", took, api.cancelled)
		}
		api.latency = 0
		if _, err := list.Entries(t.Context()); err != nil {
			t.Errorf("the next caller got the cancelled walk: %v", err)
		}
	})
}

func TestWalkErrorIsNotRemembered(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{listFaults: map[int]fault{1: faultForbidden}}
	list := newTestList(api)
	var apiError *openprospect.Error
	if _, err := list.Entries(t.Context()); !errors.As(err, &apiError) || apiError.StatusCode != 403 {
		t.Errorf("got %v", err)
	}
	if _, err := list.Entries(t.Context()); err != nil {
		t.Errorf("the second call got %v", err)
	}
}

func TestForget(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	list := newTestList(api)
	for range 2 {
		if _, err := list.Entries(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	api.put(numbered(1)...)
	list.Forget()
	entries, err := list.Entries(t.Context())
	if err != nil || len(entries) != 1 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
}

func TestEntriesNotIn(t *testing.T) {
	t.Parallel()
	acme, globex, initech := fields{WebsiteURL: "acme.com"}, fields{WebsiteURL: "globex.com"}, fields{CompanyName: "Initech"}
	api := &fakeAPI{}
	list := newTestList(api)
	check := func(want ...fields) {
		t.Helper()
		document := exclusion.Render(map[string]fields{"a": {WebsiteURL: "https://www.globex.com"}, "b": {WebsiteURL: "unlisted.com"}})
		others, err := list.EntriesNotIn(t.Context(), document)
		var got []fields
		for _, entry := range others {
			got = append(got, entry.Fields())
		}
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v, %v, want %v", got, err, want)
		}
	}
	check()
	ids := api.put(acme, globex, initech)
	list.Forget()
	check(acme, initech)
	if _, err := list.Remove(t.Context(), "a", row(ids[0], acme)); err != nil {
		t.Fatal(err)
	}
	check(initech)
}

// Readings of a large list are many requests: one that lags is read only once more.
func TestLargeListsAreReadSparingly(t *testing.T) {
	t.Parallel()
	for count, readings := range map[int]int{1000: 5, 1001: 2} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := &fakeAPI{removeFaults: map[int]fault{1: faultLostBefore}}
				ids := api.put(numbered(count)...)
				began := time.Now()
				if _, err := newTestList(api).Remove(t.Context(), "a", row(ids[0], fields{})); !openprospect.OutcomeUnknown(err) {
					t.Errorf("got %v", err)
				}
				if lists, _, _ := api.requests(); lists != readings || time.Since(began) != 6*time.Second {
					t.Errorf("%d readings in %s, want %d in 6s", lists, time.Since(began), readings)
				}
			})
		})
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	ids := api.put(
		fields{WebsiteURL: "acme.com", CompanyName: "Acme"},
		fields{WebsiteURL: "https://www.ACME.com", CompanyName: "acme "},
		fields{CompanyName: "Acme", City: "Berlin"},
		fields{ExternalID: "7", CompanyName: "Other"},
	)
	list := newTestList(api)
	check := func(what string, got []exclusion.Entry, err error, want ...string) {
		t.Helper()
		var found []string
		for _, entry := range got {
			found = append(found, entry.ID)
		}
		if err != nil || fmt.Sprint(found) != fmt.Sprint(want) {
			t.Errorf("%s: %v, %v, want %v", what, found, err, want)
		}
	}
	got, err := list.FindFields(t.Context(), of(fields{WebsiteURL: "acme.com", CompanyName: "ACME"}))
	check("same Key", got, err, ids[0], ids[1])
	got, err = list.FindFields(t.Context(), of(fields{WebsiteURL: "acme.com"}))
	check("no such Key", got, err)
	got, err = list.FindCompany(t.Context(), of(fields{WebsiteURL: "http://acme.com"}))
	check("same domain", got, err, ids[0], ids[1])
	got, err = list.FindCompany(t.Context(), of(fields{CompanyName: "Acme", City: "Munich"}))
	check("another city", got, err, ids[0], ids[1])
	got, err = list.FindCompany(t.Context(), of(fields{CompanyName: "acme", City: "berlin"}))
	check("same name, same city or none", got, err, ids[0], ids[1], ids[2])
	got, err = list.FindCompany(t.Context(), of(fields{ExternalID: "7"}))
	check("same external id", got, err, ids[3])
}
