package exclusion

import (
	"context"
	"time"
)

// Terraform runs what gives a company up and what takes it over side by side, a few resources at a time, and the one
// that gives it up needs no preparation. It has to wait for the claims of the others.
const (
	// claimsIdle is how long nobody may have claimed anything.
	claimsIdle = 250 * time.Millisecond
	// claimsMost bounds the waiting.
	claimsMost = 10 * time.Second
)

// AwaitClaims waits until those who take entries over may be expected to have claimed them. Whoever is about to
// remove entries that others may claim calls it first.
func (l *List) AwaitClaims(ctx context.Context) { l.awaitQuiet(ctx, time.Now(), claimsMost) }

// awaitQuiet waits until nobody has claimed anything for claimsIdle since the given time, and no longer than most.
func (l *List) awaitQuiet(ctx context.Context, since time.Time, most time.Duration) {
	began := time.Now()
	for {
		l.mu.Lock()
		quietSince := l.claims.last
		l.mu.Unlock()
		if quietSince.Before(since) {
			quietSince = since
		}
		wait := min(claimsIdle-time.Since(quietSince), most-time.Since(began))
		if wait <= 0 || ctx.Err() != nil {
			return
		}
		patience{caller: ctx}.pause(wait)
	}
}
