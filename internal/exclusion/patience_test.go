package exclusion_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

// Whoever waits for a list that lags behind its own additions or removals goes when the caller's context ends.
func TestPausesEndWithTheContext(t *testing.T) {
	t.Parallel()
	const end = 1500 * time.Millisecond
	for name, test := range map[string]struct {
		api    *fakeAPI
		update func(t *testing.T, api *fakeAPI) exclusion.Update
	}{
		"additions that are not seen": {
			&fakeAPI{silent: true, lag: time.Hour},
			func(*testing.T, *fakeAPI) exclusion.Update {
				return exclusion.Update{Owner: "a", Prior: exclusion.Render(nil), Planned: exclusion.Render(companies(3))}
			},
		},
		"removals whose answer is always lost": {
			&fakeAPI{removeFaults: map[int]fault{1: faultLostBefore, 2: faultLostBefore, 3: faultLostBefore, 4: faultLostBefore}},
			func(t *testing.T, api *fakeAPI) exclusion.Update {
				t.Helper()
				document, rows := created(t, api, companies(3))
				return exclusion.Update{Owner: "a", Prior: document, Planned: exclusion.Render(nil), Rows: rows}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				update := test.update(t, test.api)
				ctx, cancel := context.WithTimeout(t.Context(), end)
				defer cancel()
				began := time.Now()
				_, err := newTestList(test.api).Apply(ctx, update)
				if err == nil {
					t.Error("no error")
				}
				if got := time.Since(began); got != end {
					t.Errorf("it took %s, want %s: %v", got, end, err)
				}
			})
		})
	}
}

// Between the removal of an old entry and the addition of its successor the company is off the list: the end of the
// context stops neither, only the waiting afterwards.
func TestSwapIsFinished(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{latency: time.Second, deduplicates: true}
		api.put(fields{WebsiteURL: "acme.com", CompanyName: "Acme"})
		old := api.current()[0]
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			for {
				time.Sleep(100 * time.Millisecond)
				if _, _, removes := api.requests(); removes > 0 || t.Context().Err() != nil {
					cancel()
					return
				}
			}
		}()
		result, err := newTestList(api).Replace(ctx, "a", old, of(fields{WebsiteURL: "acme.com", CompanyName: "Acme GmbH"}))
		if ctx.Err() == nil {
			t.Fatal("the old entry was not removed")
		}
		if err != nil || result.Entry.ID == old.ID {
			t.Errorf("%+v, %v", result, err)
		}
		if errors.Is(err, context.Canceled) {
			t.Error("the swap was cut off")
		}
		checkRows(t, api, []fields{{WebsiteURL: "acme.com", CompanyName: "Acme GmbH"}})
	})
}
