package openprospect

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestFiveReadingsInSixSeconds checks the pauses that UNKNOWNS.md promises under U19.
func TestFiveReadingsInSixSeconds(t *testing.T) {
	t.Parallel()
	if len(shippedPauses) != 4 || total(shippedPauses) != 6*time.Second || slices.Min(shippedPauses) <= 0 {
		t.Errorf("the pauses are %v", shippedPauses)
	}
}

func TestCatchUp(t *testing.T) {
	failed := errors.New("failed")
	shortened := catchUpPauses
	catchUpPauses = []time.Duration{time.Second, 2 * time.Second}
	t.Cleanup(func() { catchUpPauses = shortened })
	for _, test := range []struct {
		name     string
		doneAt   int
		failAt   int
		endAfter time.Duration
		costly   bool
		readings int
		took     time.Duration
		err      error
	}{
		{"at once", 1, 0, time.Hour, false, 1, 0, nil},
		{"after a pause", 2, 0, time.Hour, false, 2, time.Second, nil},
		{"never", 0, 0, time.Hour, false, 3, 3 * time.Second, nil},
		{"never, and costly", 0, 0, time.Hour, true, 2, 3 * time.Second, nil},
		{"an error ends it", 0, 2, time.Hour, false, 2, time.Second, failed},
		{"the context ends in a pause", 0, 0, 2500 * time.Millisecond, false, 2, 2500 * time.Millisecond, context.DeadlineExceeded},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), test.endAfter)
				defer cancel()
				start, readings := time.Now(), 0
				err := CatchUpSparingly(ctx, func() bool { return test.costly }, func() (bool, error) {
					readings++
					if readings == test.failAt {
						return false, failed
					}
					return readings == test.doneAt, nil
				})
				if !errors.Is(err, test.err) || readings != test.readings || time.Since(start) != test.took {
					t.Errorf("%d readings in %v, error %v", readings, time.Since(start), err)
				}
			})
		})
	}
}
