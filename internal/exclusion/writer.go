package exclusion

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// Writes of single entries are sent by group commit: an idle list sends at once, a busy one gathers. That
// alone makes batches only as large as the server is slow, while Terraform hands out ten resources
// at a time and the next ten trickle in as soon as a batch is answered. So for a moment after a batch the
// list waits for as many callers as there were before, and no longer than these say.
const (
	// gatherIdle is how long the list waits for one more caller. Terraform on a busy machine takes 150 ms to hand
	// out the next resource, and a request weighs more than a moment (of 100 an hour, 36 s).
	gatherIdle = 250 * time.Millisecond
	// gatherMost bounds the waiting of the first caller.
	gatherMost = 5 * time.Second
	// gatherMemory is how long after a batch the next caller is taken for one of many.
	gatherMemory = 2 * time.Second
)

// writeQueue holds the writes that wait for the one in flight. All access is under List.mu.
type writeQueue struct {
	waiting []*write
	// running says that a goroutine serves the queue.
	running bool
	// arrived wakes a goroutine that gathers.
	arrived     chan struct{}
	lastArrival time.Time
	lastDone    time.Time
	// expected is how many callers are to be waited for; 0 while that is not known.
	expected int
	// gathered says that the batch in flight was waited for, so that its size says how many callers there are.
	gathered bool
}

// write is one caller's addition or removal.
type write struct {
	// ctx gives the request its values, such as the log's; its end is the caller's affair.
	ctx context.Context
	// add is nil for a removal.
	add   *addition
	owner string
	entry openprospect.Entry
	// taken says that it left the queue; abandoned that nobody waits for it any more. Both under List.mu.
	taken     bool
	abandoned bool
	// forgotten and err are the outcome, set before done is closed.
	forgotten bool
	err       error
	done      chan struct{}
}

// submit queues a write and waits for its outcome. A caller whose ctx ends before its write was sent takes it back.
func (l *List) submit(ctx context.Context, w *write) error {
	w.ctx, w.done = ctx, make(chan struct{})
	l.mu.Lock()
	l.queue.waiting = append(l.queue.waiting, w)
	l.queue.lastArrival = time.Now()
	if !l.queue.running {
		l.queue.running = true
		go l.serveWrites() //nolint:contextcheck // Each batch takes the values of its first caller's context, and nobody's end.
	}
	select {
	case l.queue.arrived <- struct{}{}:
	default:
	}
	l.mu.Unlock()

	select {
	case <-w.done:
		return w.err
	case <-ctx.Done():
		return l.abandon(ctx, w)
	}
}

func (l *List) abandon(ctx context.Context, w *write) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-w.done:
		return w.err
	default:
	}
	w.abandoned = true
	if w.taken {
		return fmt.Errorf("the request was sent and its outcome is not known: %w", context.Cause(ctx))
	}
	l.queue.waiting = slices.DeleteFunc(l.queue.waiting, func(other *write) bool { return other == w })
	l.unreserve(w)
	return context.Cause(ctx)
}

// serveWrites sends batches until the queue is empty.
func (l *List) serveWrites() {
	for {
		l.gather()
		l.token <- struct{}{}
		batch := l.takeBatch()
		switch {
		case len(batch) == 0:
		case batch[0].add != nil:
			l.carryOutAdditions(batch)
		default:
			l.carryOutRemovals(batch)
		}
		l.finish(batch)
		<-l.token

		l.mu.Lock()
		if len(l.queue.waiting) == 0 {
			l.queue.running = false
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
	}
}

// gather waits for the callers who can be expected.
func (l *List) gather() {
	began := time.Now()
	for {
		l.mu.Lock()
		wait := l.gatherWait(began)
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

// gatherWait is how much longer to wait for another caller. An addition to a list that was idle goes at once; a removal
// never hurries: a resource that takes the entry over may still claim it. Called under the lock.
func (l *List) gatherWait(began time.Time) time.Duration {
	q := &l.queue
	if len(q.waiting) == 0 {
		return 0
	}
	cold := began.Sub(q.lastDone) > gatherMemory
	if cold {
		q.expected = 0
	}
	waited := time.Since(began)
	wait := min(gatherIdle-min(time.Since(q.lastArrival), waited), gatherMost-waited)
	if q.expected > 0 && len(q.waiting) >= q.expected {
		wait = 0
	}
	additions := slices.ContainsFunc(q.waiting, func(w *write) bool { return w.add != nil })
	q.gathered = !cold || !additions
	if additions {
		if cold {
			return 0
		}
		return wait
	}
	quiet := time.Since(l.claims.last)
	if cold {
		quiet = min(quiet, waited)
	}
	return max(wait, min(claimsIdle-quiet, claimsMost-waited))
}

// takeBatch takes the additions off the queue, or else the removals: what is to be on the list goes first.
func (l *List) takeBatch() []*write {
	l.mu.Lock()
	defer l.mu.Unlock()
	isAddition := func(w *write) bool { return w.add != nil }
	additions := slices.ContainsFunc(l.queue.waiting, isAddition)
	most := openprospect.MaxEntriesPerRemove
	if additions {
		most = openprospect.MaxEntriesPerAdd
	}
	var batch, rest []*write
	for _, w := range l.queue.waiting {
		if isAddition(w) == additions && len(batch) < most {
			w.taken = true
			batch = append(batch, w)
		} else {
			rest = append(rest, w)
		}
	}
	l.queue.waiting = rest
	return batch
}

// finish tells each caller its outcome.
func (l *List) finish(batch []*write) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue.lastDone = time.Now()
	if l.queue.gathered {
		// One less than before at most: a caller who is late once will come again.
		l.queue.expected = max(len(batch)+len(l.queue.waiting), l.queue.expected-1)
	}
	for _, w := range batch {
		if w.add != nil {
			w.err = w.add.err
			l.settleReservation(w)
		}
		close(w.done)
	}
}

// carryOutAdditions adds the batch: entries that are on the list already are adopted or refused, the others go out as one request.
func (l *List) carryOutAdditions(batch []*write) {
	ctx := context.WithoutCancel(batch[0].ctx)
	additions := make([]*addition, len(batch))
	for i, w := range batch {
		additions[i] = w.add
	}
	err := l.view(ctx, 0, func(s *snapshot) {
		for _, a := range additions {
			l.lookUp(s, a)
		}
	})
	if err != nil {
		for _, a := range additions {
			a.fail(err)
		}
		return
	}
	sender := adder{list: l, refusals: len(additions) * 2}
	sender.send(ctx, additions)
}

// lookUp settles an addition whose company is on the list already. Called under the lock.
func (l *List) lookUp(s *snapshot, a *addition) {
	for _, row := range s.withKey(a.id) {
		if !a.isReplaced(row) {
			a.succeed(row)
			a.alreadyThere = true
			l.takeOver(row.ID)
			return
		}
	}
	for _, row := range s.withTier(a.id.company()) {
		if !a.isReplaced(row) {
			a.fail(&ExistsError{BlacklistID: l.id, Entry: row})
			return
		}
	}
}

// takeOver turns queued removals of an entry into forgetting it, because an addition has just adopted it. Called under the lock.
func (l *List) takeOver(id string) {
	l.queue.waiting = slices.DeleteFunc(l.queue.waiting, func(w *write) bool {
		if w.add != nil || w.entry.ID != id {
			return false
		}
		w.forgotten = true
		close(w.done)
		return true
	})
}

// carryOutRemovals removes the batch, but for entries that another owner claims.
func (l *List) carryOutRemovals(batch []*write) {
	var ids []string
	l.mu.Lock()
	for _, w := range batch {
		if w.forgotten = l.claimedByOther(w.owner, w.entry); !w.forgotten {
			ids = append(ids, w.entry.ID)
		}
	}
	l.mu.Unlock()
	failed := l.sendRemovals(context.WithoutCancel(batch[0].ctx), ids, nil, patience{})
	for _, w := range batch {
		if !w.forgotten {
			w.err = failed[w.entry.ID]
		}
	}
}

// AddResult is how an addition or a replacement ended.
type AddResult struct {
	// Entry is the row on the list that now stands for the company.
	Entry openprospect.Entry
	// AlreadyThere says that it was on the list before, with the same Key: it was adopted.
	AlreadyThere bool
}

// Add puts one entry on the list, together with whatever else is waiting to be added, and gives it
// with its id. An entry that is there already with the same Key is adopted; one for the same company
// (CompanyKey) with other fields, or one that this process itself has added, is an *ExistsError.
//
// The end of ctx ends the waiting, not the write: an entry that was sent may be on the list then, and the next Add adopts it.
func (l *List) Add(ctx context.Context, fields openprospect.EntryFields) (AddResult, error) {
	return l.add(ctx, newAddition(fields))
}

func (l *List) add(ctx context.Context, a *addition) (AddResult, error) {
	if a.id.company().method == "" {
		return AddResult{}, fmt.Errorf("nothing in the entry names a company: it needs an external id, a website with a domain, or a company name")
	}
	// Whoever needs the list for the first time waits for it here, where the end of its own ctx counts.
	if err := l.view(ctx, 0, func(*snapshot) {}); err != nil {
		return AddResult{}, err
	}
	w := &write{add: a}
	if err := l.reserve(w); err != nil {
		return AddResult{}, err
	}
	if err := l.submit(ctx, w); err != nil {
		return AddResult{}, err
	}
	return AddResult{Entry: a.entry, AlreadyThere: a.alreadyThere}, nil
}

// Remove takes one entry off the list, together with whatever else is waiting to be removed. One that is gone already is no error.
// Forgotten reports that it was left on the list, because another owner claims it or an Add adopted it meanwhile.
// Claims are compared by the entry's id and its Key.
func (l *List) Remove(ctx context.Context, owner string, entry openprospect.Entry) (forgotten bool, err error) {
	if entry.ID == "" {
		return false, fmt.Errorf("an entry cannot be removed without its id: %s", Describe(entry.EntryFields))
	}
	w := &write{owner: owner, entry: entry}
	if err := l.submit(ctx, w); err != nil {
		return false, err
	}
	return w.forgotten, nil
}

// reserve keeps two resources of one process from adding the same company, or refuses the second.
func (l *List) reserve(w *write) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	tier := w.add.id.company()
	holder, taken := l.reserved[tier]
	if taken && (holder.ID == "" || !w.add.replaces[holder.ID]) {
		return &ExistsError{BlacklistID: l.id, Entry: holder, SameRun: true}
	}
	w.entry = holder
	l.reserved[tier] = openprospect.Entry{EntryFields: w.add.fields}
	return nil
}

// settleReservation keeps the company of an addition that succeeded, and gives it back otherwise. Called under the lock.
func (l *List) settleReservation(w *write) {
	if w.err != nil || w.abandoned {
		l.unreserve(w)
		return
	}
	tier := w.add.id.company()
	l.reserved[tier] = w.add.entry
	l.holders[w.add.entry.ID] = tier
}

// unreserve gives the company of an addition back to whoever had it before. Called under the lock.
func (l *List) unreserve(w *write) {
	if w.add == nil {
		return
	}
	tier := w.add.id.company()
	delete(l.reserved, tier)
	if w.entry.ID != "" && l.holders[w.entry.ID] == tier {
		l.reserved[tier] = w.entry
	}
}

// dropReservation lets another resource have the company of this entry. Called under the lock.
func (l *List) dropReservation(id string) {
	if tier, found := l.holders[id]; found {
		delete(l.holders, id)
		if l.reserved[tier].ID == id {
			delete(l.reserved, tier)
		}
	}
}
