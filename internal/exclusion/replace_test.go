package exclusion_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

func TestReplace(t *testing.T) {
	t.Parallel()
	acme := fields{WebsiteURL: "acme.com", CompanyName: "Acme"}
	renamed := fields{WebsiteURL: "acme.com", CompanyName: "Acme Inc"}
	other := fields{WebsiteURL: "other.com", CompanyName: "Other"}
	tests := []struct {
		name string
		api  *fakeAPI
		to   fields
		// off says that the server leaves no other way than to take the company off the list for a moment.
		off            bool
		posts, deletes int
	}{
		{"another company", &fakeAPI{}, other, false, 1, 1},
		{"another company, answers without ids", &fakeAPI{silent: true}, other, false, 1, 1},
		{"same company", &fakeAPI{}, renamed, false, 1, 1},
		{"same company, answers without ids", &fakeAPI{silent: true}, renamed, false, 1, 1},
		{"same company, server de-duplicates", &fakeAPI{deduplicates: true}, renamed, true, 2, 1},
		{"same company, server de-duplicates silently", &fakeAPI{deduplicates: true, silent: true}, renamed, true, 2, 1},
		{"same company, server de-duplicates and echoes", &fakeAPI{deduplicates: true, echoes: true}, renamed, true, 2, 1},
		{"same company, server puts it into the old row", &fakeAPI{deduplicates: true, upserts: true}, renamed, false, 1, 0},
		{
			"same company, server puts it into the old row silently",
			&fakeAPI{deduplicates: true, upserts: true, silent: true},
			renamed,
			false,
			1,
			0,
		},
		{"another company, server de-duplicates", &fakeAPI{deduplicates: true}, other, false, 1, 1},
		{"another spelling", &fakeAPI{}, fields{WebsiteURL: "https://www.acme.com", CompanyName: "ACME"}, false, 0, 0},
		{"answer to the addition lost", &fakeAPI{addFaults: map[int]fault{1: faultLostAfter}}, renamed, false, 1, 1},
		{"addition lost", &fakeAPI{addFaults: map[int]fault{1: faultLostBefore}}, renamed, false, 2, 1},
		{"answer to the removal lost", &fakeAPI{removeFaults: map[int]fault{1: faultLostAfter}}, renamed, false, 1, 1},
		{
			"second addition refused, server de-duplicates",
			&fakeAPI{deduplicates: true, addFaults: map[int]fault{2: faultLostBefore}},
			renamed,
			true,
			3,
			1,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := test.api
				api.put(acme, fields{WebsiteURL: "bystander.com"})
				list, old := newTestList(api), api.current()[0]
				result, err := list.Replace(t.Context(), "a", old, of(test.to))
				if err != nil {
					t.Fatal(err)
				}
				if !result.Entry.SameFields(of(test.to)) || !holds(api.current(), result.Entry) {
					t.Errorf("got %+v, on the list: %+v", result.Entry, api.current())
				}
				if rows := api.current(); len(rows) != 2 {
					t.Errorf("on the list: %+v", rows)
				}
				if _, posts, deletes := api.requests(); posts != test.posts || deletes != test.deletes {
					t.Errorf("%d POSTs and %d DELETEs, want %d and %d", posts, deletes, test.posts, test.deletes)
				}
				if off := everOff(api, func(f fields) bool { return f == acme || f == test.to || of(f).SameFields(of(test.to)) }); off != test.off {
					t.Errorf("the company was off the list: %v", off)
				}
			})
		})
	}
}

// An external id that stays is enough for a server to see one company, whatever else changes.
func TestReplaceUnderOneExternalID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{deduplicates: true}
		api.put(fields{ExternalID: "7", WebsiteURL: "acme.com"})
		moved := fields{ExternalID: "7", WebsiteURL: "globex.com"}
		if _, err := newTestList(api).Replace(t.Context(), "a", api.current()[0], of(moved)); err != nil {
			t.Error(err)
		}
		checkRows(t, api, []fields{moved})
	})
}

// everOff reports whether there was a moment, after the first, with none of the rows on the list.
func everOff(api *fakeAPI, is func(fields) bool) bool {
	seen := false
	for _, moment := range api.past {
		on := slices.ContainsFunc(moment.rows, func(row openprospect.Entry) bool { return is(row.EntryFields) })
		if seen && !on {
			return true
		}
		seen = seen || on
	}
	return false
}

func TestReplaceThatFails(t *testing.T) {
	t.Parallel()
	acme := fields{WebsiteURL: "acme.com", CompanyName: "Acme"}
	renamed := fields{WebsiteURL: "acme.com", CompanyName: "Acme Inc"}
	lost := map[int]fault{1: faultLostBefore, 2: faultLostBefore, 3: faultLostBefore}
	tests := []struct {
		name string
		api  *fakeAPI
		// want is on the list in the end; standing is what the result says of it.
		want     []fields
		standing fields
	}{
		{"addition refused", &fakeAPI{refuses: func(f fields) bool { return f == renamed }}, []fields{acme}, acme},
		{"addition forbidden", &fakeAPI{addFaults: map[int]fault{1: faultForbidden}}, []fields{acme}, acme},
		{"addition lost for good", &fakeAPI{addFaults: lost}, []fields{acme}, acme},
		{"removal forbidden", &fakeAPI{removeFaults: map[int]fault{1: faultForbidden}}, []fields{acme, renamed}, acme},
		{
			"removal forbidden, server de-duplicates",
			&fakeAPI{deduplicates: true, removeFaults: map[int]fault{1: faultForbidden}},
			[]fields{acme},
			acme,
		},
		{"re-addition refused, old one put back", &fakeAPI{deduplicates: true, addFaults: map[int]fault{2: faultRefused}}, []fields{acme}, acme},
		{
			"re-addition and putting back refused",
			&fakeAPI{deduplicates: true, addFaults: map[int]fault{2: faultRefused, 3: faultRefused}},
			nil,
			fields{},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				test.api.put(acme)
				list := newTestList(test.api)
				result, err := list.Replace(t.Context(), "a", test.api.current()[0], of(renamed))
				if err == nil || result.Entry.Fields() != test.standing {
					t.Errorf("got %+v, %v", result, err)
				}
				var off *exclusion.OffListError
				if errors.As(err, &off) != (test.want == nil) {
					t.Errorf("got %v", err)
				}
				checkRows(t, test.api, test.want)
				if test.want == nil {
					return
				}
				if !holds(test.api.current(), result.Entry) {
					t.Errorf("%+v is not on the list", result.Entry)
				}
				// What went wrong goes right the next time.
				test.api.refuses, test.api.addFaults, test.api.removeFaults = nil, nil, nil
				if result, err = list.Replace(t.Context(), "a", result.Entry, of(renamed)); err != nil || result.Entry.Fields() != renamed {
					t.Errorf("the next try got %+v, %v", result, err)
				}
				checkRows(t, test.api, []fields{renamed})
			})
		})
	}
}

func TestReplaceByACompanyThatIsThere(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	a, b := fields{WebsiteURL: "a.com", CompanyName: "A"}, fields{WebsiteURL: "b.com", CompanyName: "B"}
	api.put(a, b)
	list, rows := newTestList(api), api.current()
	var exists *exclusion.ExistsError
	if _, err := list.Replace(
		t.Context(),
		"x",
		rows[0],
		of(fields{WebsiteURL: "b.com", CompanyName: "Bee"}),
	); !errors.As(err, &exists) ||
		exists.Entry.ID != rows[1].ID {
		t.Errorf("got %v", err)
	}
	checkRows(t, api, []fields{a, b})
	result, err := list.Replace(t.Context(), "x", rows[0], of(b))
	if err != nil || !result.AlreadyThere || !equal(result.Entry, rows[1]) {
		t.Errorf("got %+v, %v", result, err)
	}
	checkRows(t, api, []fields{b})
}

// Two resources that swap their companies hand them over: nothing is added, nothing removed.
func TestSwapBetweenTwoResources(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{latency: time.Second}
		a, b := fields{WebsiteURL: "a.com"}, fields{WebsiteURL: "b.com"}
		api.put(a, b)
		list, rows := newTestList(api), api.current()
		var group errgroup.Group
		for i, wanted := range []fields{b, a} {
			owner := fmt.Sprint(i)
			if _, err := list.Claim(owner, keeps(row("", wanted))); err != nil {
				t.Fatal(err)
			}
			group.Go(func() error {
				result, err := list.Replace(t.Context(), owner, rows[i], of(wanted))
				if !equal(result.Entry, rows[1-i]) {
					return fmt.Errorf("got %+v: %w", result, err)
				}
				return err
			})
		}
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
		checkRows(t, api, []fields{a, b})
	})
}
