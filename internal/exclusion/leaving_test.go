package exclusion_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

var (
	leavingAcme = openprospect.Entry{ID: "id-1", EntryFields: fields{WebsiteURL: "acme.com", CompanyName: "Acme"}}
	// takenAcme is the same in another spelling, by a resource that does not know the entry yet.
	takenAcme   = openprospect.Entry{EntryFields: fields{WebsiteURL: "https://www.acme.com/", CompanyName: "ACME"}}
	renamedAcme = openprospect.Entry{EntryFields: fields{WebsiteURL: "acme.com", CompanyName: "Acme GmbH"}}
	leavingBeta = openprospect.Entry{ID: "id-2", EntryFields: fields{WebsiteURL: "beta.com"}}
)

func claimed(t *testing.T, list *exclusion.List, owner string, entries ...openprospect.Entry) {
	t.Helper()
	if err := list.ClaimEntries(owner, entries); err != nil {
		t.Fatal(err)
	}
}

func left(t *testing.T, list *exclusion.List, owner string, entries ...openprospect.Entry) []string {
	t.Helper()
	kept, err := list.Leave(t.Context(), owner, exclusion.Departure{Entries: entries, Alone: true, Destroyed: true})
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

// What is claimed before or while its leaver is planned is kept; what is claimed later is at risk, and its new owner hears of it.
func TestLeave(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		claimAfter time.Duration
		claim      openprospect.Entry
		kept       []string
		atRisk     int
	}{
		"claimed before":       {-time.Second, takenAcme, []string{"id-1"}, 0},
		"claimed meanwhile":    {200 * time.Millisecond, takenAcme, []string{"id-1"}, 0},
		"claimed later":        {300 * time.Millisecond, takenAcme, nil, 1},
		"another one, before":  {-time.Second, openprospect.Entry{EntryFields: fields{WebsiteURL: "other.com"}}, nil, 0},
		"another one, later":   {300 * time.Millisecond, openprospect.Entry{EntryFields: fields{WebsiteURL: "other.com"}}, nil, 0},
		"another tier, before": {-time.Second, openprospect.Entry{EntryFields: fields{CompanyName: "Acme"}}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				list := newTestList(&fakeAPI{})
				if test.claimAfter < 0 {
					claimed(t, list, "taker", test.claim)
					time.Sleep(-test.claimAfter)
				}
				var taking sync.WaitGroup
				if test.claimAfter > 0 {
					taking.Go(func() {
						time.Sleep(test.claimAfter)
						claimed(t, list, "taker", test.claim)
					})
				}
				if kept := left(t, list, "leaver", leavingAcme, leavingBeta); !slices.Equal(kept, test.kept) {
					t.Errorf("kept %v, want %v", kept, test.kept)
				}
				taking.Wait()
				if atRisk := list.AtRisk("taker"); len(atRisk) != test.atRisk {
					t.Errorf("at risk: %v, want %d", atRisk, test.atRisk)
				}
				if atRisk := list.AtRisk("leaver"); len(atRisk) != 0 {
					t.Errorf("the leaver is told %v", atRisk)
				}
			})
		})
	}
}

// Who will have an entry that is not all known is told of what is given up, and who gives it up of that one.
func TestExpect(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		list := newTestList(&fakeAPI{})
		acme := fields{WebsiteURL: "https://acme.com", City: "Bonn"}
		if given := list.Expect("taker", &acme); len(given) > 0 {
			t.Errorf("nobody gives anything up: %v", given)
		}
		left(t, list, "leaver", leavingAcme, leavingBeta)
		if got := list.Expected("leaver"); len(got) != 1 || got[0].ID != "id-1" {
			t.Errorf("the leaver is told of %v", got)
		}
		if got := list.Expect("other", nil); len(got) != 2 {
			t.Errorf("who may have any company is told of %v", got)
		}
		if got := list.Expected("taker"); len(got) > 0 {
			t.Errorf("the taker gives nothing up: %v", got)
		}
		if got := list.Expect("leaver", nil); len(got) > 0 {
			t.Errorf("nobody takes over from itself: %v", got)
		}
		claimed(t, list, "taker", takenAcme)
		claimed(t, list, "other", openprospect.Entry{EntryFields: fields{WebsiteURL: "other.com"}})
		if got := list.Expected("leaver"); len(got) > 0 {
			t.Errorf("what is known by now is expected no more: %v", got)
		}
	})
}

// Hand-overs that cannot be relied on are refused, whichever of the two is planned first.
func TestLeaveRefuses(t *testing.T) {
	t.Parallel()
	held := takenAcme
	held.ID = leavingAcme.ID
	for name, test := range map[string]struct {
		taken  openprospect.Entry
		reason exclusion.HandOverReason
		words  []string
	}{
		"the other one holds it":     {held, exclusion.HandOverHeld, []string{"blacklist b1", "Acme, acme.com (entry id-1)", "keeps it"}},
		"the other one renames it":   {renamedAcme, exclusion.HandOverChanged, []string{"Acme, acme.com (entry id-1)", `company_name "Acme GmbH", website_url "acme.com"`}},
		"the id under another name":  {openprospect.Entry{ID: "id-1", EntryFields: fields{CompanyName: "Other"}}, exclusion.HandOverHeld, []string{"entry id-1"}},
		"the other one adds a field": {openprospect.Entry{EntryFields: fields{WebsiteURL: "acme.com", CompanyName: "Acme", City: "Bonn"}}, exclusion.HandOverChanged, []string{`city "Bonn"`}},
	} {
		for _, leaverFirst := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, leaver first %t", name, leaverFirst), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					api := &fakeAPI{}
					api.put(leavingAcme.EntryFields, leavingBeta.EntryFields)
					list := newTestList(api)
					leave := func() error {
						_, err := list.Leave(t.Context(), "leaver", exclusion.Departure{Entries: []openprospect.Entry{leavingBeta, leavingAcme}})
						return err
					}
					take := func() error { return list.ClaimEntry("taker", test.taken) }
					first, second := leave, take
					if !leaverFirst {
						first, second = take, leave
					}
					if err := first(); err != nil {
						t.Fatal(err)
					}
					err := second()
					var handOver *exclusion.HandOverError
					if !errors.As(err, &handOver) || handOver.Reason != test.reason {
						t.Fatalf("%v", err)
					}
					for _, words := range test.words {
						if !strings.Contains(err.Error(), words) {
							t.Errorf("%q does not hold %q", err, words)
						}
					}
				})
			})
		}
	}
}

// What a destroyed resource gives up may be held by the other one already, as long as it hears of that.
func TestLeaveWhatAnotherHolds(t *testing.T) {
	t.Parallel()
	held := takenAcme
	held.ID = leavingAcme.ID
	for name, test := range map[string]struct {
		claimAfter time.Duration
		refused    bool
	}{"held before": {0, false}, "held meanwhile": {200 * time.Millisecond, false}, "held later": {time.Second, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				list := newTestList(&fakeAPI{})
				var taking sync.WaitGroup
				taking.Go(func() {
					time.Sleep(test.claimAfter)
					err := list.ClaimEntry("taker", held)
					var handOver *exclusion.HandOverError
					if refused := errors.As(err, &handOver) && handOver.Reason == exclusion.HandOverHeld; refused != test.refused {
						t.Error(err)
					}
				})
				synctest.Wait()
				if kept := left(t, list, "leaver", leavingAcme); len(kept) == 0 != test.refused {
					t.Errorf("kept %v", kept)
				}
				taking.Wait()
			})
		})
	}
}

// A resource may give up and claim again what it likes of its own.
func TestLeaveOfTheOwnersOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		list := newTestList(&fakeAPI{})
		claimed(t, list, "a", leavingAcme)
		left(t, list, "a", leavingAcme)
		claimed(t, list, "a", renamedAcme)
		// Given up no longer, it concerns nobody.
		left(t, list, "a")
		list.Release("a")
		claimed(t, list, "b", renamedAcme)
	})
}

// Of resources of their own, only as many may wait for their takers as leave Terraform a place for these. The one too
// many is refused, once; a list gives up as many as it likes.
func TestLeaveOfMany(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		handOvers  int
		takerFirst bool
		alone      bool
		errs       int
	}{
		// Those whose plan sees the taker need not wait for it.
		{5, true, true, 0}, {20, true, true, 0},
		{5, false, true, 0}, {6, false, true, 1}, {20, false, true, 1},
		{20, true, false, 0}, {20, false, false, 0},
	} {
		t.Run(fmt.Sprintf("%+v", test), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				list := newTestList(&fakeAPI{})
				var leaving, taken []openprospect.Entry
				for i, company := range numbered(test.handOvers) {
					leaving = append(leaving, openprospect.Entry{ID: fmt.Sprint("id-", i), EntryFields: company})
					taken = append(taken, openprospect.Entry{EntryFields: company})
				}
				errs := 0
				note := func(err error) {
					var handOver *exclusion.HandOverError
					if err != nil && (!errors.As(err, &handOver) || handOver.Reason != exclusion.HandOverMany) {
						t.Error(err)
					}
					if err != nil {
						errs++
					}
				}
				if test.takerFirst {
					note(list.ClaimEntries("taker", taken))
				}
				for i, entry := range leaving {
					_, err := list.Leave(t.Context(), fmt.Sprint("leaver ", i), exclusion.Departure{Entries: []openprospect.Entry{entry}, Alone: test.alone, Destroyed: true})
					note(err)
				}
				if !test.takerFirst {
					note(list.ClaimEntries("taker", taken))
				}
				if errs != test.errs {
					t.Errorf("%d errors, want %d", errs, test.errs)
				}
			})
		})
	}
}

// Terraform's places are those of the whole run, whatever the blacklist.
func TestLeaveOfManyOnTwoLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lists := exclusion.NewLists(&fakeAPI{})
		errs := 0
		for i, company := range numbered(6) {
			list := lists.List(fmt.Sprint("b", i%2))
			// The same ids on both: they are the list's own.
			left(t, list, fmt.Sprint("leaver ", i), openprospect.Entry{ID: fmt.Sprint("id-", i/2), EntryFields: company})
			if err := list.ClaimEntry(fmt.Sprint("taker ", i), openprospect.Entry{EntryFields: company}); err != nil {
				errs++
			}
		}
		if errs != 1 {
			t.Errorf("%d errors, want the sixth hand-over refused", errs)
		}
	})
}

// The plans of many leavers wait together, not one after another; and no longer than two seconds while others are planned.
func TestLeaveWaitsOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		claims int
		want   time.Duration
	}{
		"nobody else is planned":   {0, 250 * time.Millisecond},
		"others are being planned": {100, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				list := newTestList(&fakeAPI{})
				var claiming sync.WaitGroup
				claiming.Go(func() {
					for i := range test.claims {
						claimed(t, list, fmt.Sprint("taker ", i), openprospect.Entry{EntryFields: fields{CompanyName: fmt.Sprint("Taken ", i)}})
						time.Sleep(100 * time.Millisecond)
					}
				})
				began := time.Now()
				for i, company := range numbered(50) {
					left(t, list, fmt.Sprint("leaver ", i), openprospect.Entry{ID: fmt.Sprint("id-", i), EntryFields: company})
				}
				if got := time.Since(began); got != test.want {
					t.Errorf("waited %s, want %s", got, test.want)
				}
				claiming.Wait()
			})
		})
	}
	t.Run("who gives up nothing does not begin it", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			list := newTestList(&fakeAPI{})
			left(t, list, "nothing")
			time.Sleep(time.Second)
			began := time.Now()
			left(t, list, "leaver", leavingAcme)
			if got := time.Since(began); got != 250*time.Millisecond {
				t.Errorf("waited %s, want 250ms", got)
			}
		})
	})
	t.Run("the context ends", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			began := time.Now()
			if _, err := newTestList(&fakeAPI{}).Leave(ctx, "leaver", exclusion.Departure{Entries: []openprospect.Entry{leavingAcme}}); err != nil {
				t.Error(err)
			}
			if got := time.Since(began); got != time.Millisecond {
				t.Errorf("waited %s, want 1ms", got)
			}
		})
	})
}

// A company may be on the list twice, under two resources: the one that goes takes nothing from the other.
func TestLeaveOfADoubledRow(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]openprospect.Entry{
		"the same fields": {ID: "id-9", EntryFields: takenAcme.EntryFields},
		"another name":    {ID: "id-9", EntryFields: renamedAcme.EntryFields},
	} {
		for _, leaverFirst := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, leaver first %t", name, leaverFirst), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					list := newTestList(&fakeAPI{})
					if !leaverFirst {
						claimed(t, list, "other", other)
					}
					if kept := left(t, list, "leaver", leavingAcme); len(kept) > 0 {
						t.Errorf("kept %v", kept)
					}
					if leaverFirst {
						claimed(t, list, "other", other)
					}
					if atRisk := list.AtRisk("other"); len(atRisk) > 0 {
						t.Errorf("at risk: %v", atRisk)
					}
				})
			})
		}
	}
}

// Terraform may plan the destruction of a resource before it finds out that its entry is gone: then nothing is given up.
func TestLeaveOfWhatIsGone(t *testing.T) {
	t.Parallel()
	for _, leaverFirst := range []bool{true, false} {
		api := &fakeAPI{}
		api.put(renamedAcme.EntryFields)
		list := newTestList(api)
		gone := leavingAcme
		gone.ID = "id-gone"
		if leaverFirst {
			left(t, list, "leaver", gone, leavingBeta)
			err := list.ClaimEntry("taker", renamedAcme)
			if err == nil || !list.ForgetGone(t.Context(), err) {
				t.Errorf("leaver first: %v is not seen to be about an entry that is gone", err)
			}
		}
		claimed(t, list, "taker", renamedAcme)
		if !leaverFirst {
			left(t, list, "leaver", gone, leavingBeta)
		}
	}
	if list := newTestList(&fakeAPI{}); list.ForgetGone(t.Context(), errors.New("another error")) || list.ForgetGone(t.Context(), nil) {
		t.Error("only refused hand-overs are about entries")
	}
}

// Who wants a company that has been removed by now is not refused for it: what was to be known at plan was not.
func TestTakeOverOfWhatIsGone(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	list := newTestList(api)
	added, err := list.Add(t.Context(), leavingAcme.EntryFields)
	if err != nil {
		t.Fatal(err)
	}
	left(t, list, "leaver", added.Entry)
	if err := list.ClaimEntry("taker", renamedAcme); err == nil {
		t.Fatal("the company is still on the list, and it is not refused")
	}
	if _, err := list.Remove(t.Context(), "leaver", added.Entry); err != nil {
		t.Fatal(err)
	}
	claimed(t, list, "taker", renamedAcme)
}

// What the plan says is kept needs no claim at apply.
func TestKeep(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	entries := companies(3)
	document, rows := created(t, api, entries)
	list := newTestList(api)
	list.Keep([]string{rows["key-00001"].ID})
	applied, err := list.Apply(t.Context(), exclusion.Update{Owner: "a", Prior: document, Planned: exclusion.Render(nil), Rows: rows})
	if err != nil || len(applied.Forgotten) != 1 || applied.Forgotten[0].Key != "key-00001" {
		t.Errorf("%+v, %v", applied, err)
	}
	checkRows(t, api, []fields{entries["key-00001"]})

	row := api.current()[0]
	if forgotten, err := list.Remove(t.Context(), "a", row); !forgotten || err != nil {
		t.Errorf("%v, %v", forgotten, err)
	}
	checkRows(t, api, []fields{entries["key-00001"]})
}

// A resource that claims a company while the list of it is being taken apart, a thousand a request, still gets it.
func TestClaimBetweenRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{}
		entries := companies(1500)
		document, rows := created(t, api, entries)
		api.latency = time.Second
		list := newTestList(api)
		last := entries["key-01499"]
		var claiming sync.WaitGroup
		claiming.Go(func() {
			time.Sleep(time.Second)
			claimed(t, list, "b", openprospect.Entry{EntryFields: last})
		})
		applied, err := list.Apply(t.Context(), exclusion.Update{Owner: "a", Prior: document, Planned: exclusion.Render(nil), Rows: rows})
		claiming.Wait()
		if err != nil || len(applied.Forgotten) != 1 || applied.Document.Len() != 0 {
			t.Errorf("%d forgotten, %v", len(applied.Forgotten), err)
		}
		checkRows(t, api, []fields{last})
	})
}
