package exclusion_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

func TestAwaitQuiet(t *testing.T) {
	t.Parallel()
	const quiet = 2 * time.Second
	add := func(list *exclusion.List, website string) {
		_, _ = list.Add(context.Background(), of(fields{WebsiteURL: website}))
	}
	for name, test := range map[string]struct {
		api *fakeAPI
		// work is what happens beside the waiting on the lists a and b.
		work  func(a, b *exclusion.List)
		limit time.Duration
		took  time.Duration
		err   error
	}{
		"nothing happens": {&fakeAPI{}, func(_, _ *exclusion.List) {}, time.Hour, quiet, nil},
		"what comes before it ends": {&fakeAPI{}, func(a, _ *exclusion.List) {
			time.Sleep(1500 * time.Millisecond)
			add(a, "acme.com")
		}, time.Hour, 1500*time.Millisecond + quiet, nil},
		"what comes too late": {&fakeAPI{}, func(a, _ *exclusion.List) {
			time.Sleep(2500 * time.Millisecond)
			add(a, "acme.com")
		}, time.Hour, quiet, nil},
		// The list is read, the entry is added.
		"what takes its time": {&fakeAPI{latency: time.Minute}, func(_, b *exclusion.List) {
			add(b, "acme.com")
		}, time.Hour, 2*time.Minute + quiet, nil},
		// The last one waits 250 ms for others, since the list was not idle.
		"one list after the other": {&fakeAPI{}, func(a, b *exclusion.List) {
			time.Sleep(time.Second)
			add(a, "acme.com")
			time.Sleep(time.Second)
			add(b, "acme.com")
			time.Sleep(time.Second)
			add(a, "beta.com")
		}, time.Hour, 3250*time.Millisecond + quiet, nil},
		"a reading": {&fakeAPI{latency: time.Minute}, func(a, _ *exclusion.List) {
			_, _ = a.Entries(context.Background())
		}, time.Hour, time.Minute + quiet, nil},
		"a removal": {&fakeAPI{latency: time.Second}, func(a, _ *exclusion.List) {
			_, _ = a.Remove(context.Background(), "x", row("id-1", fields{WebsiteURL: "acme.com"}))
		}, time.Hour, time.Second + quiet, nil},
		"a caller that gave up, its request in flight": {&fakeAPI{latency: 10 * time.Second}, func(a, _ *exclusion.List) {
			ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
			defer cancel()
			_, _ = a.Add(ctx, of(fields{WebsiteURL: "acme.com"}))
		}, time.Hour, 20*time.Second + quiet, nil},
		"a whole list": {&fakeAPI{latency: 10 * time.Second}, func(a, _ *exclusion.List) {
			_, _ = a.Apply(context.Background(), exclusion.Update{
				Prior: exclusion.Render(nil), Planned: exclusion.Render(companies(3)),
			})
		}, time.Hour, 20*time.Second + quiet, nil},
		"no end of it": {
			&fakeAPI{latency: time.Hour}, func(a, _ *exclusion.List) { add(a, "acme.com") }, time.Minute, time.Minute, context.DeadlineExceeded,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				lists := exclusion.NewLists(test.api)
				go test.work(lists.List("a"), lists.List("b"))
				ctx, cancel := context.WithTimeout(t.Context(), test.limit)
				defer cancel()
				began := time.Now()
				err := lists.AwaitQuiet(ctx, []string{"a", "b"}, began, quiet)
				if took := time.Since(began); took != test.took || !errors.Is(err, test.err) {
					t.Errorf("it took %v, want %v: %v", took, test.took, err)
				}
				time.Sleep(3 * time.Hour)
			})
		})
	}
}
