package exclusion

import (
	"context"
	"time"
)

// patience is how long a caller waits for work that itself must not be cut off in the middle of a request: its context's
// end ends every pause. The zero patience has no end.
type patience struct {
	caller context.Context
	// finishes says that requests are sent after the end all the same: stopping would leave a company off the list.
	finishes bool
}

// stopped says why no more is to be sent.
func (p patience) stopped() error {
	if p.caller == nil || p.finishes {
		return nil
	}
	return context.Cause(p.caller)
}

// pause waits, no longer than the caller does.
func (p patience) pause(wait time.Duration) {
	var ended <-chan struct{}
	if p.caller != nil {
		ended = p.caller.Done()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ended:
	}
}
