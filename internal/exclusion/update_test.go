package exclusion_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// companies are so many entries by key.
func companies(count int) map[string]fields {
	entries := make(map[string]fields, count)
	for i, row := range numbered(count) {
		entries[fmt.Sprintf("key-%05d", i)] = row
	}
	return entries
}

// created is a resource that has just put these entries on the list.
func created(t *testing.T, api *fakeAPI, entries map[string]fields) (*exclusion.Document, map[string]exclusion.Row) {
	t.Helper()
	planned := exclusion.Render(entries)
	applied, err := newTestList(api).Apply(t.Context(), exclusion.Update{Owner: "a", Prior: exclusion.Render(nil), Planned: planned})
	if err != nil || applied.Added != len(entries) {
		t.Fatalf("%d of %d added, %v", applied.Added, len(entries), err)
	}
	return applied.Document, applied.Rows
}

// checkApplied tests that what a resource is said to have is what is on the list, and that it is all of it.
func checkApplied(t *testing.T, api *fakeAPI, applied exclusion.Applied) {
	t.Helper()
	byID := make(map[string]fields)
	for _, row := range api.current() {
		byID[row.ID] = row.Fields()
	}
	for key, row := range applied.Rows {
		want, _ := fieldsAt(applied.Document, key)
		for _, id := range append([]string{row.ID}, row.More...) {
			got, found := byID[id]
			if !found || !of(got).SameFields(of(want)) {
				t.Errorf("%s should be %+v, its row %s is %+v", key, want, id, got)
			}
			delete(byID, id)
		}
	}
	if len(applied.Rows) != applied.Document.Len() {
		t.Errorf("%d rows for %d entries", len(applied.Rows), applied.Document.Len())
	}
	if len(byID) > 0 {
		t.Errorf("nobody knows of %+v", byID)
	}
}

func TestCreateTenThousand(t *testing.T) {
	t.Parallel()
	for _, silent := range []bool{false, true} {
		api := &fakeAPI{silent: silent}
		document, rows := created(t, api, companies(10_000))
		checkApplied(t, api, exclusion.Applied{Document: document, Rows: rows})
		walks := 1
		if silent {
			walks = 2
		}
		if lists, posts, deletes := api.requests(); lists != walks || posts != 1 || deletes != 0 {
			t.Errorf("silent %v: %d walks, %d POSTs, %d DELETEs", silent, lists, posts, deletes)
		}
	}
}

func TestCreateAndDestroyInChunks(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	document, rows := created(t, api, companies(25_000))
	applied, err := newTestList(
		api,
	).Apply(
		t.Context(),
		exclusion.Update{Owner: "a", Prior: document, Planned: exclusion.Render(nil), Rows: rows},
	)
	if err != nil || applied.Document.Len() != 0 {
		t.Error(err)
	}
	checkApplied(t, api, applied)
	if lists, posts, deletes := api.requests(); lists != 1 || posts != 3 || deletes != 25 {
		t.Errorf("%d walks, %d POSTs, %d DELETEs, want 1, 3 and 25", lists, posts, deletes)
	}
}

func TestServerThatTakesLess(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{mostAdded: 1000, mostRemoved: 300}
	document, rows := created(t, api, companies(10_000))
	applied, err := newTestList(
		api,
	).Apply(
		t.Context(),
		exclusion.Update{Owner: "a", Prior: document, Planned: exclusion.Render(nil), Rows: rows},
	)
	if err != nil {
		t.Error(err)
	}
	checkApplied(t, api, applied)
	if _, posts, deletes := api.requests(); posts > 25 || deletes > 60 {
		t.Errorf("%d POSTs, %d DELETEs", posts, deletes)
	}
}

func TestChangeOneOfMany(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		api  *fakeAPI
		to   fields
		// walks are readings of the whole list, pages those of one page.
		walks, pages int
		posts        int
		off          bool
	}{
		{"another company", &fakeAPI{}, fields{WebsiteURL: "new.com"}, 0, 0, 1, false},
		{"another company, no ids", &fakeAPI{silent: true}, fields{WebsiteURL: "new.com"}, 0, 1, 1, false},
		{"another name", &fakeAPI{}, fields{CompanyName: "Renamed", WebsiteURL: "company-7.com"}, 0, 0, 1, false},
		{"another name, no ids", &fakeAPI{silent: true}, fields{CompanyName: "Renamed", WebsiteURL: "company-7.com"}, 0, 1, 1, false},
		{
			"another name, server de-duplicates",
			&fakeAPI{deduplicates: true},
			fields{CompanyName: "Renamed", WebsiteURL: "company-7.com"},
			5,
			1,
			2,
			true,
		},
		{
			"another name, server de-duplicates silently",
			&fakeAPI{deduplicates: true, silent: true},
			fields{CompanyName: "Renamed", WebsiteURL: "company-7.com"},
			6,
			1,
			2,
			true,
		},
		{
			"another name, server puts it into the old row",
			&fakeAPI{deduplicates: true, upserts: true},
			fields{CompanyName: "Renamed", WebsiteURL: "company-7.com"},
			0,
			1,
			1,
			false,
		},
		{
			"another name, server de-duplicates and echoes",
			&fakeAPI{deduplicates: true, echoes: true},
			fields{CompanyName: "Renamed", WebsiteURL: "company-7.com"},
			5,
			1,
			2,
			true,
		},
		{"another spelling", &fakeAPI{}, fields{CompanyName: "COMPANY 7", WebsiteURL: "http://company-7.com"}, 0, 0, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				entries := companies(100)
				document, rows := created(t, test.api, entries)
				lists, posts, _ := test.api.requests()
				old := entries["key-00007"]
				entries["key-00007"] = test.to
				planned := exclusion.Render(entries)
				applied, err := newTestList(test.api).Apply(t.Context(), exclusion.Update{Owner: "a", Prior: document, Planned: planned, Rows: rows})
				if err != nil || applied.Document != planned {
					t.Errorf("%v", err)
				}
				checkApplied(t, test.api, applied)
				walks, adds, _ := test.api.requests()
				pages := len(test.api.pages)
				if walks-lists-pages != test.walks || pages != test.pages || adds-posts != test.posts {
					t.Errorf("%d walks, %d pages, %d POSTs, want %d, %d and %d",
						walks-lists-pages, pages, adds-posts, test.walks, test.pages, test.posts)
				}
				if off := everOff(test.api, func(f fields) bool { return f == old || f == test.to }); off != test.off {
					t.Errorf("the company was off the list: %v", off)
				}
			})
		})
	}
}

// A swap of two companies' names is a case where every old entry stands in the way of a new one.
func TestNamesThatChangePlaces(t *testing.T) {
	t.Parallel()
	for _, deduplicates := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			api := &fakeAPI{deduplicates: deduplicates}
			document, rows := created(t, api, map[string]fields{
				"a": {WebsiteURL: "a.com", CompanyName: "A"}, "b": {WebsiteURL: "b.com", CompanyName: "B"},
			})
			planned := exclusion.Render(map[string]fields{
				"a": {WebsiteURL: "a.com", CompanyName: "B"}, "b": {WebsiteURL: "b.com", CompanyName: "A"},
			})
			applied, err := newTestList(api).Apply(t.Context(), exclusion.Update{Owner: "a", Prior: document, Planned: planned, Rows: rows})
			if err != nil || applied.Document != planned {
				t.Errorf("de-duplicates %v: %v", deduplicates, err)
			}
			checkApplied(t, api, applied)
		})
	}
}

func TestUpdateThatFailsHalfWay(t *testing.T) {
	t.Parallel()
	renamed := func(f fields) bool { return f.CompanyName == "Renamed" }
	lost := map[int]fault{2: faultLostBefore, 3: faultLostBefore, 4: faultLostBefore}
	tests := []struct {
		name string
		api  *fakeAPI
		// gone and come are the keys whose removal and addition went through.
		gone, come bool
		renamed    bool
	}{
		{"additions forbidden", &fakeAPI{addFaults: map[int]fault{2: faultForbidden}}, false, false, false},
		{"additions lost", &fakeAPI{addFaults: lost}, false, false, false},
		{"one addition refused", &fakeAPI{refuses: renamed}, false, true, false},
		{"one addition rejected", &fakeAPI{rejects: renamed}, false, true, false},
		{"removals forbidden", &fakeAPI{removeFaults: map[int]fault{1: faultForbidden}}, false, true, true},
		{"re-addition refused", &fakeAPI{deduplicates: true, addFaults: map[int]fault{3: faultRefused}}, false, true, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				entries := companies(5)
				document, rows := created(t, test.api, entries)
				wanted := maps.Clone(entries)
				delete(wanted, "key-00000")
				wanted["new"] = fields{WebsiteURL: "new.com"}
				wanted["key-00003"] = fields{CompanyName: "Renamed", WebsiteURL: "company-3.com"}
				planned := exclusion.Render(wanted)
				applied, err := newTestList(test.api).Apply(t.Context(), exclusion.Update{Owner: "a", Prior: document, Planned: planned, Rows: rows})
				var failed *exclusion.UpdateError
				if !errors.As(err, &failed) {
					t.Fatalf("got %v", err)
				}
				var apiError *openprospect.Error
				if !strings.Contains(err.Error(), "key-0000") && !strings.Contains(err.Error(), "new") ||
					test.api.rejects == nil && !errors.As(err, &apiError) {
					t.Errorf("the error does not say which and why: %v", err)
				}
				checkApplied(t, test.api, applied)
				_, there := fieldsAt(applied.Document, "key-00000")
				_, added := fieldsAt(applied.Document, "new")
				now, _ := fieldsAt(applied.Document, "key-00003")
				if there == test.gone || added != test.come || renamed(now) != test.renamed {
					t.Errorf("has %+v", allFields(applied.Document))
				}

				// The next run, with nothing broken any more, finishes the work.
				test.api.refuses, test.api.rejects, test.api.addFaults, test.api.removeFaults = nil, nil, nil, nil
				applied, err = newTestList(
					test.api,
				).Apply(
					t.Context(),
					exclusion.Update{Owner: "a", Prior: applied.Document, Planned: planned, Rows: applied.Rows},
				)
				if err != nil || applied.Document != planned {
					t.Errorf("the next run: %v", err)
				}
				checkApplied(t, test.api, applied)
			})
		})
	}
}

// An addition collides with two old entries, of which only one can be removed: that one is put back.
func TestSwapOfTwoThatFailsHalfWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{deduplicates: true, mostRemoved: 1, removeFaults: map[int]fault{3: faultRefused}}
		acme, globex := fields{WebsiteURL: "acme.com", CompanyName: "Acme"}, fields{WebsiteURL: "globex.com", CompanyName: "Globex"}
		document, rows := created(t, api, map[string]fields{"a": acme, "b": globex})
		planned := exclusion.Render(map[string]fields{"a": {WebsiteURL: "acme.com", CompanyName: "Globex"}})
		applied, err := newTestList(api).Apply(t.Context(), exclusion.Update{Owner: "a", Prior: document, Planned: planned, Rows: rows})
		if err == nil {
			t.Error("no error, although an old entry was not removed")
		}
		checkRows(t, api, []fields{acme, globex})
		checkApplied(t, api, applied)
	})
}

func TestCreateAdoptsWhatIsThere(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	entries := companies(5)
	api.put(entries["key-00002"])
	list := newTestList(api)
	applied, err := list.Apply(
		t.Context(),
		exclusion.Update{Owner: "a", Prior: exclusion.Render(nil), Planned: exclusion.Render(entries), Additive: true},
	)
	if err != nil || !slices.Equal(applied.Adopted, []string{"key-00002"}) {
		t.Errorf("%+v, %v", applied.Adopted, err)
	}
	checkApplied(t, api, applied)
	for key, row := range applied.Rows {
		if row.Added == (key == "key-00002") {
			t.Errorf("%s: %+v", key, row)
		}
	}
	// An additive destroy removes only what it added.
	applied, err = list.Apply(
		t.Context(),
		exclusion.Update{Owner: "a", Prior: applied.Document, Planned: exclusion.Render(nil), Rows: applied.Rows, Additive: true},
	)
	if err != nil || len(applied.Left) != 1 || applied.Document.Len() != 0 {
		t.Errorf("%+v, %v", applied, err)
	}
	checkRows(t, api, []fields{entries["key-00002"]})
}

func TestUpdateForgetsWhatAnotherResourceClaims(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	entries := companies(3)
	document, rows := created(t, api, entries)
	list := newTestList(api)
	if _, err := list.Claim("b", keeps(row("", entries["key-00001"]))); err != nil {
		t.Fatal(err)
	}
	applied, err := list.Apply(t.Context(), exclusion.Update{Owner: "a", Prior: document, Planned: exclusion.Render(nil), Rows: rows})
	if err != nil || len(applied.Left) != 1 || applied.Left[0].Key != "key-00001" {
		t.Errorf("%+v, %v", applied, err)
	}
	checkRows(t, api, []fields{entries["key-00001"]})
	if result, err := list.Add(t.Context(), of(entries["key-00001"])); err != nil || !result.AlreadyThere {
		t.Errorf("the other resource got %+v, %v", result, err)
	}
}

func TestRowsThatAreNotKnownAreLookedUp(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	entries := companies(3)
	document, _ := created(t, api, entries)
	api.put(entries["key-00001"])
	delete(entries, "key-00001")
	applied, err := newTestList(api).Apply(t.Context(), exclusion.Update{Owner: "a", Prior: document, Planned: exclusion.Render(entries)})
	if err != nil || applied.Document.Len() != 2 {
		t.Errorf("%+v, %v", applied, err)
	}
	checkRows(t, api, slices.Collect(maps.Values(entries)))
}

func TestUpdateStopsBetweenRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		api := &fakeAPI{latency: time.Second, onAdd: func(request int) {
			if request == 2 {
				cancel()
			}
		}}
		applied, err := newTestList(
			api,
		).Apply(
			ctx,
			exclusion.Update{Owner: "a", Prior: exclusion.Render(nil), Planned: exclusion.Render(companies(50_000))},
		)
		if !errors.Is(err, context.Canceled) || applied.Document.Len() != 20_000 {
			t.Errorf("%d entries, %v", applied.Document.Len(), err)
		}
		checkApplied(t, api, applied)
	})
}

func TestHopelessChunkIsNotTakenApart(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{refuses: func(fields) bool { return true }}
	applied, err := newTestList(
		api,
	).Apply(
		t.Context(),
		exclusion.Update{Owner: "a", Prior: exclusion.Render(nil), Planned: exclusion.Render(companies(1000))},
	)
	if err == nil || applied.Document.Len() != 0 {
		t.Errorf("%d entries, %v", applied.Document.Len(), err)
	}
	if _, posts, _ := api.requests(); posts > 100 {
		t.Errorf("%d POSTs for entries none of which is any good", posts)
	}
}

// Nobody should plan one company twice, but if somebody does, no two keys share a row.
func TestTwoKeysOfOneCompany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, silent := range []bool{false, true} {
			api := &fakeAPI{silent: silent}
			document, rows := created(t, api, map[string]fields{"a": {WebsiteURL: "acme.com"}, "b": {WebsiteURL: "ACME.com"}})
			checkApplied(t, api, exclusion.Applied{Document: document, Rows: rows})
		}
	})
}

func TestUpdateErrorCounts(t *testing.T) {
	t.Parallel()
	failure := exclusion.Failure{Item: exclusion.Item{Key: "a", Company: of(fields{WebsiteURL: "acme.com"})}, Err: errors.New("refused")}
	for want, failures := range map[string][]exclusion.Failure{
		"blacklist b1: 1 entry could not be added, changed or removed\n":   {failure},
		"blacklist b1: 2 entries could not be added, changed or removed\n": {failure, failure},
	} {
		if got := (&exclusion.UpdateError{BlacklistID: "b1", Failures: failures}).Error(); !strings.HasPrefix(got, want) {
			t.Errorf("%d failures: %q, want %q", len(failures), got, want)
		}
	}
}

// An external id that stays is enough for a server to see one company, whatever else changes.
func TestChangeUnderOneExternalID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{deduplicates: true}
		document, rows := created(t, api, map[string]fields{"a": {ExternalID: "7", WebsiteURL: "acme.com"}})
		planned := exclusion.Render(map[string]fields{"a": {ExternalID: "7", WebsiteURL: "globex.com"}})
		applied, err := newTestList(api).Apply(t.Context(), exclusion.Update{Owner: "a", Prior: document, Planned: planned, Rows: rows})
		if err != nil || applied.Document != planned {
			t.Error(err)
		}
		checkApplied(t, api, applied)
	})
}

// TestRemovalsHalfWay is about a list whose removal takes two requests.
func TestRemovalsHalfWay(t *testing.T) {
	t.Parallel()
	const count, inFirst = 1500, 1000
	for _, test := range []struct {
		name     string
		api      *fakeAPI
		left     int
		requests int
	}{
		{"second forbidden", &fakeAPI{removeFaults: map[int]fault{2: faultForbidden}}, count - inFirst, 2},
		{"first forbidden", &fakeAPI{removeFaults: map[int]fault{1: faultForbidden}}, count, 1},
		{"first lost", &fakeAPI{removeFaults: map[int]fault{1: faultLostBefore}}, inFirst, 2},
		// The first list is that of the creation.
		{"first lost, list unreadable", &fakeAPI{
			removeFaults: map[int]fault{1: faultLostBefore}, listFaults: map[int]fault{2: faultForbidden},
		}, count, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				document, rows := created(t, test.api, companies(count))
				applied, err := newTestList(test.api).Apply(t.Context(), exclusion.Update{
					Owner: "a", Prior: document, Planned: exclusion.Render(nil), Rows: rows,
				})
				var failed *exclusion.UpdateError
				if !errors.As(err, &failed) || len(failed.Failures) != test.left || applied.Document.Len() != test.left {
					t.Errorf("%d are left, want %d", applied.Document.Len(), test.left)
				}
				checkApplied(t, test.api, applied)
				if _, _, deletes := test.api.requests(); deletes != test.requests {
					t.Errorf("%d DELETEs, want %d", deletes, test.requests)
				}
			})
		})
	}
}

// A refused removal of an entry that is not on the list any more is a removal.
func TestRefusedRemovalOfWhatIsGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{removeFaults: map[int]fault{1: faultRefused, 2: faultRefused}}
		ids := api.put(numbered(2)...)
		api.delete(ids[0])
		list := newTestList(api)
		if _, err := list.Remove(t.Context(), "a", row(ids[0], numbered(2)[0])); err != nil {
			t.Error(err)
		}
		if _, err := list.Remove(t.Context(), "a", row(ids[1], numbered(2)[1])); !openprospect.IsRefused(err) {
			t.Errorf("got %v", err)
		}
	})
}

// What an additive resource only found on the list is left there, without a request, if it is still there.
func TestAdditiveDestroyOfWhatItFound(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	ids := api.put(numbered(1)...)
	there, gone := numbered(2)[0], numbered(2)[1]
	for _, test := range []struct {
		name  string
		entry fields
		id    string
		left  int
		walks int
	}{
		{"its id is known", there, ids[0], 1, 0},
		{"it is looked up", there, "", 1, 1},
		{"it is looked up, and gone", gone, "", 0, 1},
	} {
		before, _, _ := api.requests()
		applied, err := newTestList(api).Apply(t.Context(), exclusion.Update{
			Owner: "a", Prior: exclusion.Render(map[string]fields{"a": test.entry}), Planned: exclusion.Render(nil),
			Rows: map[string]exclusion.Row{"a": {ID: test.id}}, Additive: true,
		})
		lists, posts, deletes := api.requests()
		if err != nil || len(applied.Left) != test.left || lists-before != test.walks || posts+deletes != 0 {
			t.Errorf("%s: %v, left %v, %d walks, %d writes", test.name, err, applied.Left, lists-before, posts+deletes)
		}
	}
}
