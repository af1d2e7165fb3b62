package exclusion

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Changes of single entries are sent by group commit: an idle list sends at once, a busy one gathers. That alone makes
// batches only as large as the server is slow, while Terraform hands out ten resources at a time and the next ten trickle
// in as soon as a batch is answered. So for a moment after a batch the list waits for as many callers as there were
// before, and no longer than these constants say.
const (
	// gatherIdle is how long the list waits for one more caller. Terraform on a busy machine takes 150 ms to hand out the
	// next resource, and a request weighs more than a moment (of 100 an hour, 36 s).
	gatherIdle = 250 * time.Millisecond
	// gatherMost bounds the waiting of the first caller.
	gatherMost = 5 * time.Second
	// gatherMemory is how long after a batch the next caller counts as one of many.
	gatherMemory = 2 * time.Second
)

// queue holds the changes of single entries that wait for the batch in flight. All access is under List.mu.
type queue struct {
	waiting []*queuedChange
	// running is true while a goroutine serves the queue.
	running bool
	// arrived wakes a goroutine that gathers.
	arrived     chan struct{}
	lastArrival time.Time
	lastDone    time.Time
	// expected is how many callers are to be waited for; 0 while that is not known.
	expected int
	// gathered is true if the batch in flight was waited for, so that its size says how many callers there are.
	gathered bool
}

// queuedChange is one caller's change.
type queuedChange struct {
	*change
	// taken is true when it has left the queue. Under List.mu.
	taken bool
	done  chan struct{}
}

// submit carries a change out together with others, and waits for its outcome. A caller whose ctx ends before its change
// was sent takes it back; one whose company is off the list for the moment waits until that is over.
func (l *List) submit(ctx context.Context, c *change) error {
	c.ctx = ctx
	q := &queuedChange{change: c, done: make(chan struct{})}
	l.mu.Lock()
	l.queue.waiting = append(l.queue.waiting, q)
	l.queue.lastArrival = time.Now()
	if !l.queue.running {
		l.queue.running = true
		go l.serveQueue()
	}
	select {
	case l.queue.arrived <- struct{}{}:
	default:
	}
	l.mu.Unlock()

	select {
	case <-q.done:
		return nil
	case <-ctx.Done():
		return l.abandon(ctx, q)
	}
}

func (l *List) abandon(ctx context.Context, q *queuedChange) error {
	l.mu.Lock()
	finishing := q.finishing
	q.abandoned = !finishing
	l.queue.waiting = slices.DeleteFunc(l.queue.waiting, func(other *queuedChange) bool { return other == q })
	taken := q.taken
	l.mu.Unlock()
	if finishing {
		<-q.done
		return nil
	}
	select {
	case <-q.done:
		return nil
	default:
	}
	if taken {
		return fmt.Errorf("the request was sent, and its outcome is unknown: %w", context.Cause(ctx))
	}
	return context.Cause(ctx)
}

// serveQueue carries out batches until the queue is empty.
func (l *List) serveQueue() {
	for {
		l.gather()
		l.writing <- struct{}{}
		batch := l.takeBatch()
		changes := make([]*change, len(batch))
		for i, q := range batch {
			changes[i] = q.change
		}
		l.carryOut(changes)
		last := l.finish(batch)
		<-l.writing
		if last {
			return
		}
	}
}

// gather waits for the callers who can be expected.
func (l *List) gather() {
	began := time.Now()
	for {
		l.mu.Lock()
		wait := l.queue.gatherWait(began)
		l.mu.Unlock()
		if wait <= 0 {
			return
		}
		timer := time.NewTimer(wait)
		select {
		case <-l.queue.arrived:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// gatherWait is how much longer to wait for another caller. A list that was idle waits for nobody.
func (q *queue) gatherWait(began time.Time) time.Duration {
	cold := began.Sub(q.lastDone) > gatherMemory
	q.gathered = !cold
	if cold {
		q.expected = 0
	}
	if cold || len(q.waiting) == 0 || q.expected > 0 && len(q.waiting) >= q.expected {
		return 0
	}
	waited := time.Since(began)
	return min(gatherIdle-min(time.Since(q.lastArrival), waited), gatherMost-waited)
}

// takeBatch takes all changes off the queue.
func (l *List) takeBatch() []*queuedChange {
	l.mu.Lock()
	defer l.mu.Unlock()
	batch := l.queue.waiting
	l.queue.waiting = nil
	for _, q := range batch {
		q.taken = true
	}
	return batch
}

// finish reports the outcome to each caller. It returns true if nobody else waits.
func (l *List) finish(batch []*queuedChange) (last bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue.lastDone = time.Now()
	if l.queue.gathered {
		// At most one less than before: a caller who is late once will come again.
		l.queue.expected = max(len(batch)+len(l.queue.waiting), l.queue.expected-1)
	}
	for _, q := range batch {
		close(q.done)
	}
	l.queue.running = len(l.queue.waiting) > 0
	return !l.queue.running
}
