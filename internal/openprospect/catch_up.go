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
	return readAgain(ctx, catchUpPauses, read)
}

// CatchUpOnce is CatchUp for readings of many requests: two of them, six seconds apart.
func CatchUpOnce(ctx context.Context, read func() (done bool, err error)) error {
	var whole time.Duration
	for _, pause := range catchUpPauses {
		whole += pause
	}
	return readAgain(ctx, []time.Duration{whole}, read)
}

func readAgain(ctx context.Context, pauses []time.Duration, read func() (done bool, err error)) error {
	for {
		done, err := read()
		if done || err != nil || len(pauses) == 0 {
			return err
		}
		if err := sleep(ctx, pauses[0]); err != nil {
			return err
		}
		pauses = pauses[1:]
	}
}
