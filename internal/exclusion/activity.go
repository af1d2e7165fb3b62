package exclusion

import (
	"context"
	"time"
)

// activity says whether somebody is changing a list, or reading it in order to do so. All access is under List.mu.
type activity struct {
	underWay int
	lastEnd  time.Time
	// changed is closed and replaced when a change begins or ends.
	changed chan struct{}
}

// beginActivity notes that a change is under way, its waiting for others and for the API included. The result ends it.
func (l *List) beginActivity() (end func()) {
	note := func(step int) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.activity.note(step)
	}
	note(1)
	return func() { note(-1) }
}

func (a *activity) note(step int) {
	a.underWay += step
	a.lastEnd = time.Now()
	close(a.changed)
	a.changed = make(chan struct{})
}

// AwaitQuiet waits until this process has neither changed nor read one of the lists for that long, counted from began at
// the earliest. What waits for others or for the API is under way. The error is that of ctx, if that ends first.
func (l *Lists) AwaitQuiet(ctx context.Context, blacklistIDs []string, began time.Time, quiet time.Duration) error {
	for {
		changed, wait := l.firstNotQuiet(blacklistIDs, began, quiet)
		if changed == nil {
			return nil
		}
		var timer <-chan time.Time
		if wait > 0 {
			timer = time.After(wait)
		}
		select {
		case <-changed:
		case <-timer:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// firstNotQuiet returns the signal of the first list that is not quiet, and how long that list still has to be quiet; 0
// while a change is under way. The signal is nil if all lists are quiet.
func (l *Lists) firstNotQuiet(blacklistIDs []string, began time.Time, quiet time.Duration) (changed <-chan struct{}, wait time.Duration) {
	for _, id := range blacklistIDs {
		list := l.List(id)
		list.mu.Lock()
		activity := list.activity
		list.mu.Unlock()
		since := began
		if activity.lastEnd.After(began) {
			since = activity.lastEnd
		}
		wait := quiet - time.Since(since)
		switch {
		case activity.underWay > 0:
			return activity.changed, 0
		case wait > 0:
			return activity.changed, wait
		}
	}
	return nil, 0
}
