package exclusion_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

func TestAwaitClaims(t *testing.T) {
	for name, test := range map[string]struct {
		// claims are made that long after one another.
		claims   int
		interval time.Duration
		want     time.Duration
	}{
		"nobody claims":          {0, 0, 250 * time.Millisecond},
		"claims trickle in":      {10, 200 * time.Millisecond, 2*time.Second + 250*time.Millisecond},
		"a claim comes too late": {1, 300 * time.Millisecond, 250 * time.Millisecond},
		"claims never end":       {100, 200 * time.Millisecond, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				list := exclusion.NewLists(nil).List("b1")
				var claiming sync.WaitGroup
				claiming.Go(func() {
					for i := range test.claims {
						time.Sleep(test.interval)
						entry := openprospect.Entry{EntryFields: openprospect.EntryFields{CompanyName: fmt.Sprint("Company ", i)}}
						if err := list.ClaimEntry(fmt.Sprint("owner ", i), entry); err != nil {
							t.Error(err)
						}
					}
				})
				began := time.Now()
				list.AwaitClaims(t.Context())
				if got := time.Since(began); got != test.want {
					t.Errorf("waited %s, want %s", got, test.want)
				}
				claiming.Wait()
			})
		})
	}
}

func TestAwaitClaimsEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		began := time.Now()
		exclusion.NewLists(nil).List("b1").AwaitClaims(ctx)
		if got := time.Since(began); got != time.Millisecond {
			t.Errorf("waited %s, want 1ms", got)
		}
	})
}
