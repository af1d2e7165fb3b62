package openprospect

import (
	"context"
	"time"
)

// catchUpPauses are the pauses between the readings of CatchUp: five readings in six seconds. Tests shorten them.
var catchUpPauses = []time.Duration{250 * time.Millisecond, 750 * time.Millisecond, 2 * time.Second, 3 * time.Second}

// CatchUp waits for reads to show a write that the API has accepted: they may lag behind it (U19). It calls read
// until that reports done or returns an error, at most five times within six seconds. It returns read's error, or
// the context's if that ends during a pause. Nil may also mean that the last reading was not done: only the caller
// knows what that says.
func CatchUp(ctx context.Context, read func() (done bool, err error)) error {
	return CatchUpSparingly(ctx, func() bool { return false }, read)
}

// CatchUpSparingly is CatchUp for readings that may be of many requests. Where the first one turns out to be costly,
// there is only one more, six seconds later.
func CatchUpSparingly(ctx context.Context, costly func() bool, read func() (done bool, err error)) error {
	pauses := catchUpPauses
	for i := 0; ; i++ {
		done, err := read()
		if done || err != nil || i == len(pauses) {
			return err
		}
		if i == 0 && costly() {
			pauses = []time.Duration{total(pauses)}
		}
		if err := sleep(ctx, pauses[i]); err != nil {
			return err
		}
	}
}

func total(pauses []time.Duration) time.Duration {
	var sum time.Duration
	for _, pause := range pauses {
		sum += pause
	}
	return sum
}
