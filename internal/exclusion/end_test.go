package exclusion_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// cost is the requests to a list: the offsets of single pages, and how many readings of all of it, additions and removals.
type cost struct {
	pages                  []int
	walks, posts, removals int
}

// costOf returns what do sends.
func (f *fakeAPI) costOf(do func()) cost {
	lists, posts, removals := f.requests()
	first := len(f.pages)
	do()
	c := cost{pages: slices.Clone(f.pages[first:])}
	c.walks, c.posts, c.removals = f.requests()
	c.walks, c.posts, c.removals = c.walks-lists-len(c.pages), c.posts-posts, c.removals-removals
	return c
}

func (c cost) want(t *testing.T, what string, want cost) {
	t.Helper()
	if fmt.Sprint(c) != fmt.Sprint(want) {
		t.Errorf("%s: %+v, want %+v", what, c, want)
	}
}

// TestNewRowsAreLookedForAtTheEnds of a list whose answers hold no ids: at its end, then at its start, then everywhere.
// Where it grows is learnt once.
func TestNewRowsAreLookedForAtTheEnds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		api         *fakeAPI
		size        int
		first, next cost
	}{
		{"at the end", &fakeAPI{}, 300, cost{[]int{201}, 0, 1, 0}, cost{[]int{202}, 0, 1, 0}},
		{"at the start", &fakeAPI{newestFirst: true}, 300, cost{[]int{201, 0}, 0, 1, 0}, cost{[]int{0}, 0, 1, 0}},
		{"in between", &fakeAPI{byName: true}, 300, cost{[]int{201, 0}, 1, 1, 0}, cost{nil, 1, 1, 0}},
		{"on a small list", &fakeAPI{}, 99, cost{nil, 1, 1, 0}, cost{[]int{1}, 0, 1, 0}},
		{"on a list with small pages", &fakeAPI{clamp: 20}, 300, cost{[]int{201, 281}, 0, 1, 0}, cost{[]int{202, 282}, 0, 1, 0}},
		{"on a list with small pages and no size", &fakeAPI{clamp: 20, unsized: true}, 300, cost{[]int{201}, 1, 1, 0}, cost{[]int{202}, 1, 1, 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				document, rows := created(t, test.api, companies(test.size))
				test.api.silent = true
				list := newTestList(test.api)
				grow := func(key string) cost {
					all := allFields(document)
					all[key] = fields{CompanyName: "Company 2 and a half " + key}
					planned := exclusion.Render(all)
					return test.api.costOf(func() {
						applied, err := list.Apply(t.Context(), exclusion.Update{Owner: "a", Prior: document, Planned: planned, Rows: rows})
						if err != nil {
							t.Fatal(err)
						}
						checkApplied(t, test.api, applied)
						document, rows = applied.Document, applied.Rows
					})
				}
				grow("x").want(t, "the first", test.first)
				grow("y").want(t, "the next", test.next)
			})
		})
	}
}

// TestTheEndIsWhereAllNewRowsFit: what the answer named counts for where the end is, and what it did not name.
func TestTheEndIsWhereAllNewRowsFit(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	document, rows := created(t, api, companies(300))
	all := allFields(document)
	for _, name := range []string{"x", "y", "z"} {
		all[name] = fields{CompanyName: name}
	}
	api.costOf(func() {
		applied, err := exclusion.NewLists(forgetfulAPI{api, 2}).List("b1").Apply(t.Context(), exclusion.Update{
			Owner: "a", Prior: document, Planned: exclusion.Render(all), Rows: rows,
		})
		if err != nil {
			t.Fatal(err)
		}
		checkApplied(t, api, applied)
	}).want(t, "three more, two of them with an id in the answer", cost{[]int{203}, 0, 1, 0})
}

func TestLooksLike(t *testing.T) {
	t.Parallel()
	add := func(api *fakeAPI) { api.put(fields{CompanyName: "Another"}) }
	edit := func(place int) func(api *fakeAPI) {
		return func(api *fakeAPI) {
			api.rows = slices.Clone(api.rows)
			api.rows[place].CompanyName = "Edited"
			api.remember()
		}
	}
	swap := func(api *fakeAPI) {
		api.delete("id-1")
		add(api)
	}
	for _, test := range []struct {
		name    string
		api     *fakeAPI
		size    int
		behind  func(api *fakeAPI)
		same    bool
		offsets []int
	}{
		{"unchanged", &fakeAPI{}, 250, nil, true, []int{151}},
		{"unchanged, a page", &fakeAPI{}, 99, nil, true, []int{0}},
		{"unchanged, a page and one", &fakeAPI{}, 100, nil, true, []int{1}},
		{"unchanged, empty", &fakeAPI{}, 0, nil, true, []int{0}},
		{"unchanged, small pages", &fakeAPI{clamp: 20}, 250, nil, true, []int{151, 231}},
		{"unchanged, the last page tells the size", &fakeAPI{unsized: true}, 250, nil, true, []int{151}},
		{"unchanged, but no size", &fakeAPI{unsized: true, clamp: 20}, 250, nil, false, []int{151}},
		{"one more", &fakeAPI{}, 250, add, false, []int{151}},
		{"one more, newest first", &fakeAPI{newestFirst: true}, 250, add, false, []int{151}},
		{"one more, no size", &fakeAPI{unsized: true}, 250, add, false, []int{151}},
		{"one more, empty", &fakeAPI{}, 0, add, false, []int{0}},
		{"one less", &fakeAPI{}, 250, func(api *fakeAPI) { api.delete("id-7") }, false, []int{151}},
		{"none left", &fakeAPI{unsized: true}, 1, func(api *fakeAPI) { api.delete("id-1") }, false, []int{0}},
		{"another in its place", &fakeAPI{}, 250, swap, false, []int{151}},
		{"edited at the end", &fakeAPI{}, 250, edit(249), false, []int{151}},
		{"edited elsewhere", &fakeAPI{}, 250, edit(7), true, []int{151}},
		{"spelled otherwise", &fakeAPI{}, 250, func(api *fakeAPI) {
			api.rows = slices.Clone(api.rows)
			api.rows[249].CompanyName = " COMPANY 249"
			api.remember()
		}, true, []int{151}},
		{"another in its place, small pages", &fakeAPI{clamp: 20}, 250, swap, false, []int{151, 231}},
		{"another in its place, newest first", &fakeAPI{newestFirst: true}, 250, swap, true, []int{151}},
		{"another in its place, newest first, a page", &fakeAPI{newestFirst: true}, 99, swap, false, []int{0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			document, rows := created(t, test.api, companies(test.size))
			if test.behind != nil {
				test.behind(test.api)
			}
			var same bool
			var err error
			test.api.costOf(func() {
				same, err = newTestList(test.api).LooksLike(t.Context(), document, rows)
			}).want(t, "a look", cost{pages: test.offsets})
			if same != test.same || err != nil {
				t.Errorf("it looks the same: %v, %v; want %v", same, err, test.same)
			}
		})
	}
}

func TestLooksLikeNeedsAllIDs(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	document, rows := created(t, api, companies(3))
	if !exclusion.HasAllIDs(document, rows) {
		t.Error("all ids are known")
	}
	rows["key-00001"] = exclusion.Row{}
	api.costOf(func() {
		if same, err := newTestList(api).LooksLike(t.Context(), document, rows); same || err != nil || exclusion.HasAllIDs(document, rows) {
			t.Errorf("it looks the same: %v, %v", same, err)
		}
	}).want(t, "a row without an id", cost{})
}

// A list may hold a company more than once (U13).
func TestLooksLikeCountsDoubles(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	api.put(numbered(1)[0], numbered(1)[0])
	observed, err := newTestList(api).Observe(t.Context(), exclusion.Render(nil), nil, true)
	if err != nil || observed.Document.Len() != 1 {
		t.Fatalf("%+v, %v", observed, err)
	}
	if same, err := newTestList(api).LooksLike(t.Context(), observed.Document, observed.Rows); !same || err != nil {
		t.Errorf("it looks the same: %v, %v", same, err)
	}
	api.delete("id-2")
	if same, err := newTestList(api).LooksLike(t.Context(), observed.Document, observed.Rows); same || err != nil {
		t.Errorf("without the double it looks the same: %v, %v", same, err)
	}
}

// Some servers refuse an offset beyond the end: then the list is to be read. Other errors are errors.
func TestLooksLikeReportsErrors(t *testing.T) {
	t.Parallel()
	for broken, isError := range map[fault]bool{faultForbidden: true, faultLostBefore: true, faultRefused: false} {
		api := &fakeAPI{listFaults: map[int]fault{2: broken}}
		document, rows := created(t, api, companies(3))
		if same, err := newTestList(api).LooksLike(t.Context(), document, rows); same || (err != nil) != isError {
			t.Errorf("fault %d: it looks the same: %v, %v", broken, same, err)
		}
	}
}

// emptyPages is a server whose pages hold nothing, though they tell the size of the list.
type emptyPages struct{ *fakeAPI }

func (e emptyPages) ListEntriesFrom(ctx context.Context, id string, offset int) (openprospect.EntriesPage, error) {
	page, err := e.fakeAPI.ListEntriesFrom(ctx, id, offset)
	page.Entries = nil
	return page, err
}

func TestAnEmptyPageShowsNothing(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	document, rows := created(t, api, companies(250))
	api.costOf(func() {
		if same, err := exclusion.NewLists(emptyPages{api}).List("b1").LooksLike(t.Context(), document, rows); same || err != nil {
			t.Errorf("it looks the same: %v, %v", same, err)
		}
	}).want(t, "an empty page", cost{[]int{151}, 0, 0, 0})
}

func TestIsKnown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		list := newTestList(&fakeAPI{latency: time.Second})
		if list.IsKnown() {
			t.Error("nobody has read it")
		}
		done := make(chan error)
		go func() {
			_, err := list.Entries(t.Context())
			done <- err
		}()
		synctest.Wait()
		if !list.IsKnown() {
			t.Error("it is being read")
		}
		if err := <-done; err != nil || !list.IsKnown() {
			t.Errorf("it was read: %v", err)
		}
	})
}

// TestCountUnderSchedules compares a refresh that counts with one that reads everything, on random servers, after random
// changes behind its back. It reports nothing that the other does not, always finds a different number, and misses only
// companies that changed places on a list that grows elsewhere than at its end.
func TestCountUnderSchedules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		api := &fakeAPI{
			silent:      rapid.Bool().Draw(rt, "silent"),
			newestFirst: rapid.Bool().Draw(rt, "newestFirst"),
			clamp:       rapid.SampledFrom([]int{0, 0, 20, 50}).Draw(rt, "clamp"),
			unsized:     rapid.Bool().Draw(rt, "unsized"),
			lag:         rapid.SampledFrom([]time.Duration{0, 0, time.Second}).Draw(rt, "lag"),
			addFaults:   rapid.MapOfN(rapid.IntRange(1, 2), rapid.SampledFrom([]fault{faultLostBefore, faultLostAfter}), 0, 1).Draw(rt, "addFaults"),
		}
		size := rapid.SampledFrom([]int{0, 1, 3, 98, 99, 100, 101, 150}).Draw(rt, "size")
		removed := rapid.SliceOfNDistinct(rapid.IntRange(0, 160), 0, 3, rapid.ID).Draw(rt, "removed")
		// Often as many are added as are removed: these changes are the hard ones.
		added := rapid.SampledFrom([]int{0, 1, len(removed), len(removed), len(removed) + 1}).Draw(rt, "added")
		pause := rapid.SampledFrom([]time.Duration{0, 500 * time.Millisecond, 2 * time.Second}).Draw(rt, "pause")
		var problems []string
		problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
		synctest.Test(t, func(t *testing.T) {
			document, rows := created(t, api, companies(size))
			time.Sleep(time.Minute)
			for i := range added {
				api.put(fields{CompanyName: fmt.Sprintf("Foreign %d", i)})
			}
			for _, i := range removed {
				if current := api.current(); i < len(current) {
					api.delete(current[i].ID)
				}
			}
			time.Sleep(pause)
			full, err := newTestList(api).Observe(t.Context(), document, rows, true)
			if err != nil {
				problem("%v", err)
			}
			same, err := newTestList(api).LooksLike(t.Context(), document, rows)
			if err != nil {
				problem("%v", err)
			}
			differs := len(full.Missing)+len(full.Changed)+len(full.Foreign) > 0
			switch visible := len(api.visible()); {
			case same && visible != size:
				problem("%d instead of %d look the same", visible, size)
			case same && differs && !api.newestFirst:
				problem("a change went unseen on a list that grows at its end: missing %q, foreign %q", full.Missing, full.Foreign)
			case same && differs && size < orHundred(api.clamp):
				problem("a change went unseen on a list of one page")
			case !same && !differs && !api.unsized:
				problem("it does not look the same, and nothing has changed")
			}
		})
		if len(problems) > 0 {
			rt.Fatalf("%s", strings.Join(problems, "\n"))
		}
	})
}

// shared is a list that a resource shares with others: these have put size companies there, and it has one.
func shared(t *testing.T, api *fakeAPI, size int) (refreshed exclusion.Observed) {
	t.Helper()
	api.put(numbered(size)...)
	planned := exclusion.Render(map[string]fields{"own": {CompanyName: "Own"}})
	applied, err := newTestList(api).Apply(t.Context(), exclusion.Update{
		Owner: "a", Prior: exclusion.Render(nil), Planned: planned, Additive: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return refresh(t, api, applied)
}

// refresh is what another process sees of an additive list.
func refresh(t *testing.T, api *fakeAPI, applied exclusion.Applied) exclusion.Observed {
	t.Helper()
	observed, err := newTestList(api).Observe(t.Context(), applied.Document, applied.Rows, false)
	if err != nil || observed.Others == nil {
		t.Fatalf("%+v, %v", observed, err)
	}
	return observed
}

// change applies another document in another process.
func change(ctx context.Context, api *fakeAPI, from exclusion.Observed, to map[string]fields) (exclusion.Applied, error) {
	return newTestList(api).Apply(ctx, exclusion.Update{
		Owner: "a", Prior: from.Document, Planned: exclusion.Render(to), Rows: from.Rows, Additive: true, Others: from.Others,
	})
}

// TestAdditiveTrustsItsRefresh: an apply looks at the last page only, unless something on the list may be what it adds, or has
// changed since.
func TestAdditiveTrustsItsRefresh(t *testing.T) {
	t.Parallel()
	added := fields{CompanyName: "Added", WebsiteURL: "added.com"}
	for _, test := range []struct {
		name    string
		api     *fakeAPI
		added   fields
		before  func(api *fakeAPI, from *exclusion.Observed)
		adopted bool
		cost    cost
	}{
		{"nothing has changed", &fakeAPI{}, added, nil, false, cost{[]int{152, 152}, 0, 1, 0}},
		{"nothing has changed, small pages", &fakeAPI{clamp: 50}, added, nil, false, cost{[]int{152, 202, 152, 202}, 0, 1, 0}},
		{"nothing has changed, no ids", &fakeAPI{silent: true}, added, nil, false, cost{[]int{152, 152}, 0, 1, 0}},
		{
			"nothing has changed, no ids, newest first", &fakeAPI{silent: true, newestFirst: true}, added, nil, false,
			cost{[]int{152, 152, 0}, 0, 1, 0},
		},
		{"it is there already", &fakeAPI{}, numbered(250)[7], nil, true, cost{nil, 1, 0, 0}},
		{"its domain is there already", &fakeAPI{}, fields{WebsiteURL: "company-7.com"}, nil, false, cost{nil, 1, 1, 0}},
		{"its name is there already", &fakeAPI{}, fields{CompanyName: "COMPANY 7"}, nil, false, cost{nil, 1, 1, 0}},
		{
			"somebody has added it since", &fakeAPI{}, added,
			func(api *fakeAPI, _ *exclusion.Observed) { api.put(added) }, true, cost{[]int{152}, 1, 0, 0},
		},
		{
			"somebody has put it in the place of another one", &fakeAPI{}, added,
			func(api *fakeAPI, _ *exclusion.Observed) { api.delete("id-9"); api.put(added) }, true, cost{[]int{152}, 1, 0, 0},
		},
		{
			"there was no refresh", &fakeAPI{}, added,
			func(_ *fakeAPI, from *exclusion.Observed) { from.Others = nil }, false, cost{nil, 1, 1, 0},
		},
		{
			"the page cannot be read", &fakeAPI{listFaults: map[int]fault{3: faultForbidden}}, added, nil, false,
			cost{[]int{152}, 1, 1, 0},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			silent := test.api.silent
			test.api.silent = false
			from := shared(t, test.api, 250)
			test.api.silent = silent
			if test.before != nil {
				test.before(test.api, &from)
			}
			test.api.costOf(func() {
				applied, err := change(t.Context(), test.api, from, map[string]fields{"own": {CompanyName: "Own"}, "new": test.added})
				if err != nil {
					t.Fatal(err)
				}
				if row := applied.Rows["new"]; row.Added == test.adopted || slices.Contains(applied.Adopted, "new") != test.adopted {
					t.Errorf("%+v", row)
				}
			}).want(t, "one more company", test.cost)
		})
	}
}

// TestOthersAreSmall: what is kept of others is a hash of each id on the last page, and 20 bits for each value that they match by.
func TestOthersAreSmall(t *testing.T) {
	t.Parallel()
	for _, others := range []int{0, 1, 97, 98, 99, 250} {
		from := shared(t, &fakeAPI{}, others).Others
		if got, want := len(from.End), 4*min(others+1, 99); from.Size != others+1 || got != want {
			t.Errorf("%d others: a list of %d, and %d bytes for its end, want %d", others, from.Size, got, want)
		}
		if got, want := len(from.Fields), 3*others*20/8+1; got != want {
			t.Errorf("%d others: a filter of %d bytes, want %d", others, got, want)
		}
	}
}

// TestAdditiveSwaps gives up the only own company for another one: the list is as long as before, and its end where it was.
func TestAdditiveSwaps(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		fake      *fakeAPI
		refreshed bool
		cost      cost
	}{
		{"after a refresh", &fakeAPI{}, true, cost{[]int{152, 151}, 0, 1, 1}},
		{"without a refresh", &fakeAPI{}, false, cost{nil, 1, 1, 1}},
		{"in between, so that all is read", &fakeAPI{byName: true}, true, cost{[]int{152, 152, 0}, 1, 1, 1}},
	} {
		from := shared(t, test.fake, 250)
		test.fake.silent = test.fake.byName
		if !test.refreshed {
			from.Others = nil
		}
		test.fake.costOf(func() {
			applied, err := change(t.Context(), test.fake, from, map[string]fields{"new": {CompanyName: "Company 2 and a half"}})
			if row := applied.Rows["new"]; err != nil || !row.Added {
				t.Errorf("%s: %+v, %v", test.name, row, err)
			}
		}).want(t, test.name, test.cost)
	}
}

// TestAdditiveFindsWhatNothingMatchesBy: the same fields are the same entry, even if the API can match none of them (U15).
func TestAdditiveFindsWhatNothingMatchesBy(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	host := fields{WebsiteURL: "localhost"}
	api.put(host)
	applied, err := change(t.Context(), api, shared(t, api, 250), map[string]fields{"own": {CompanyName: "Own"}, "host": host})
	if err != nil || !slices.Equal(applied.Adopted, []string{"host"}) {
		t.Errorf("adopted %q, %v", applied.Adopted, err)
	}
}

// TestAdditiveDistrustsAnEmptyPage of a list that has rows.
func TestAdditiveDistrustsAnEmptyPage(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	from := shared(t, api, 250)
	api.costOf(func() {
		_, err := exclusion.NewLists(emptyPages{api}).List("b1").Apply(t.Context(), exclusion.Update{
			Owner: "a", Prior: from.Document, Rows: from.Rows, Additive: true, Others: from.Others,
			Planned: exclusion.Render(map[string]fields{"own": {CompanyName: "Own"}, "new": {CompanyName: "Added"}}),
		})
		if err != nil {
			t.Error(err)
		}
	}).want(t, "an empty page", cost{[]int{152}, 1, 1, 0})
}

// On a list that does not grow at its end, a swap of others goes unseen by its last page. Then it does not grow by the
// addition either, and what was added counts as theirs.
func TestAdditiveTakesNoCompanyThatOthersSwappedIn(t *testing.T) {
	t.Parallel()
	for _, silent := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			api := &fakeAPI{newestFirst: true}
			from := shared(t, api, 250)
			api.deduplicates, api.silent = true, silent
			added := fields{CompanyName: "Added", WebsiteURL: "added.com"}
			api.delete("id-200")
			theirs := api.put(added)[0]
			applied, err := change(t.Context(), api, from, map[string]fields{"own": {CompanyName: "Own"}, "new": added})
			if row := applied.Rows["new"]; err != nil || row.ID != theirs || row.Added {
				t.Errorf("silent %v: %+v, %v", silent, row, err)
			}
		})
	}
}

// Where reads lag, the list grows later.
func TestAdditiveWaitsUntilTheListHasGrown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{}
		from := shared(t, api, 250)
		api.lag = time.Second
		time.Sleep(time.Minute)
		applied, err := change(t.Context(), api, from, map[string]fields{"own": {CompanyName: "Own"}, "new": {CompanyName: "Added"}})
		if row := applied.Rows["new"]; err != nil || !row.Added {
			t.Errorf("%+v, %v", row, err)
		}
	})
}

// A server that de-duplicates may answer with the id of somebody else's row and the fields that were sent.
func TestAdditiveTakesNothingFromOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{}
		from := shared(t, api, 250)
		api.deduplicates, api.echoes = true, true
		applied, err := change(t.Context(), api, from, map[string]fields{
			"own": {CompanyName: "Own"}, "new": {CompanyName: "Company 7", City: "Rome"},
		})
		if row, found := applied.Rows["new"]; err == nil || found {
			t.Errorf("%+v, %v", row, err)
		}
	})
}

// TestAdditiveUnderSchedules: whatever others add and remove before or after a refresh, and whatever the server is like, a
// resource that gives up all that it has takes nothing of theirs off the list, and leaves nothing of its own.
func TestAdditiveUnderSchedules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.SampledFrom([]int{0, 3, 98, 99, 100, 150}).Draw(rt, "size")
		pick := rapid.SliceOfDistinct(rapid.IntRange(0, 7), rapid.ID)
		before, since, wanted := pick.Draw(rt, "before"), pick.Draw(rt, "since"), pick.Draw(rt, "wanted")
		leave := rapid.SliceOfDistinct(rapid.IntRange(0, 7), rapid.ID).Draw(rt, "leave")
		api := &fakeAPI{newestFirst: rapid.Bool().Draw(rt, "newestFirst")}
		silent, deduplicates := rapid.Bool().Draw(rt, "silent"), rapid.Bool().Draw(rt, "deduplicates")
		var problems []string
		synctest.Test(t, func(t *testing.T) {
			company := func(i int) fields { return fields{WebsiteURL: fmt.Sprintf("shared-%d.com", i)} }
			theirs := make(map[string]bool)
			put := func(numbers []int) {
				for _, i := range numbers {
					if there := slices.ContainsFunc(api.current(), func(e exclusion.Entry) bool { return e.Fields() == company(i) }); !there {
						theirs[api.put(company(i))[0]] = true
					}
				}
			}
			from := shared(t, api, size)
			api.silent, api.deduplicates = silent, deduplicates
			put(before)
			from = refresh(t, api, exclusion.Applied{Document: from.Document, Rows: from.Rows})
			for _, i := range leave {
				if i < size {
					api.delete(api.current()[0].ID)
				}
			}
			put(since)
			all := map[string]fields{"own": {CompanyName: "Own"}}
			for _, i := range wanted {
				all[fmt.Sprint(i)] = company(i)
			}
			applied, err := change(t.Context(), api, from, all)
			if err != nil {
				problems = append(problems, err.Error())
			}
			if _, err := change(t.Context(), api, refresh(t, api, applied), nil); err != nil {
				problems = append(problems, err.Error())
			}
			left := make(map[string]bool)
			for _, entry := range api.current() {
				left[entry.ID] = true
				if strings.HasPrefix(entry.Fields().WebsiteURL, "shared-") && !theirs[entry.ID] {
					problems = append(problems, fmt.Sprintf("it left %s", entry))
				}
			}
			for id := range theirs {
				if !left[id] {
					problems = append(problems, fmt.Sprintf("it removed %s, which somebody else had added", id))
				}
			}
		})
		if len(problems) > 0 {
			rt.Fatalf("%s", strings.Join(problems, "\n"))
		}
	})
}

// TestUnreadListIsLookedAt: where the plan has read nothing, an addition looks at the last page first.
func TestUnreadListIsLookedAt(t *testing.T) {
	t.Parallel()
	added := fields{CompanyName: "Added"}
	for name, test := range map[string]struct {
		behind  func(api *fakeAPI)
		planned func(all map[string]fields)
		cost    cost
	}{
		"as it was": {func(*fakeAPI) {}, func(all map[string]fields) { all["new"] = added }, cost{[]int{151}, 0, 1, 0}},
		"a killed run has added it": {
			func(api *fakeAPI) { api.put(added) }, func(all map[string]fields) { all["new"] = added }, cost{[]int{151}, 1, 0, 0},
		},
		"nothing to add": {
			func(api *fakeAPI) { api.put(added) }, func(all map[string]fields) { delete(all, "key-00003") }, cost{nil, 0, 0, 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := &fakeAPI{}
			document, rows := created(t, api, companies(250))
			test.behind(api)
			all := companies(250)
			test.planned(all)
			api.costOf(func() {
				_, err := newTestList(api).Apply(t.Context(), exclusion.Update{
					Owner: "a", Prior: document, Planned: exclusion.Render(all), Rows: rows, Unread: true,
				})
				if err != nil {
					t.Error(err)
				}
			}).want(t, "the change", test.cost)
		})
	}
}

// Where somebody reads the list at the same time, its reading is waited for.
func TestUnreadListThatIsBeingRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{}
		document, rows := created(t, api, companies(250))
		added := fields{CompanyName: "Added"}
		api.put(added) // by a killed run
		api.latency = time.Second
		list := newTestList(api)
		go func() { _, _ = list.Entries(t.Context()) }()
		synctest.Wait()
		all := companies(250)
		all["new"] = added
		applied, err := list.Apply(t.Context(), exclusion.Update{
			Owner: "a", Prior: document, Planned: exclusion.Render(all), Rows: rows, Unread: true,
		})
		if err != nil || len(applied.Adopted) != 1 || len(api.current()) != 251 {
			t.Errorf("adopted %q, %d rows on the list, %v", applied.Adopted, len(api.current()), err)
		}
	})
}
