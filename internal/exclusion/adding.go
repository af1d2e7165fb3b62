package exclusion

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

const (
	// sendAttempts is how often an addition or removal is sent whose outcome turns out to be "not done".
	sendAttempts = 3
	// fewEntries is the size from which a refused batch is sent one by one instead of by halves.
	fewEntries = 20
	// cheapRows is how many rows a list may have to be walked more than twice while it lags: ten requests.
	cheapRows = 1000
)

// addition is one entry on its way to the list.
type addition struct {
	fields openprospect.EntryFields
	id     identity
	// replaces are the ids of entries of the same company that this one is to replace: an answer that
	// names one of them proves nothing.
	replaces map[string]bool
	// before is what the replaced entry says. Further rows that say the same do not stand in the way (U13).
	before identity
	status additionStatus
	sent   int
	// cause is why the status is lost, or what the API said when it left the entry out.
	cause    error
	rejected bool

	entry        openprospect.Entry
	alreadyThere bool
	err          error
}

// errSwallowed says that the API took an addition without an effect: to it the entry seems to be one
// company with what it replaces.
var errSwallowed = errors.New("the API took it without adding it")

type additionStatus int

const (
	additionPending  additionStatus = iota
	additionAccepted                // sent, but the answer held no id
	additionLost                    // sent, and nobody knows what became of it
	additionDone
)

func newAddition(fields openprospect.EntryFields) *addition {
	return &addition{fields: fields, id: identify(fields)}
}

func (a *addition) succeed(entry openprospect.Entry) {
	a.status, a.entry, a.err = additionDone, entry, nil
}

func (a *addition) fail(err error) { a.status, a.err = additionDone, err }

// isReplaced reports whether a row is what the addition is to replace.
func (a *addition) isReplaced(row openprospect.Entry) bool {
	return a.replaces[row.ID] || a.before != identity{} && a.before == identify(row.EntryFields)
}

// open reports whether only the list can say what became of it.
func (a *addition) open() bool { return a.status == additionAccepted || a.status == additionLost }

// adder sends additions while its caller holds the list's token.
type adder struct {
	list *List
	// refusals is how many refused requests it may spend on finding out which entries are at fault.
	refusals int
	// known, if not nil, gives the fields of entries that are on the list as far as the caller knows; the list's own snapshot counts too.
	known func(id string) (openprospect.EntryFields, bool)
	patience
	used map[string]bool
}

// send gives each addition an entry or an error: one request for every MaxEntriesPerAdd, and a walk when an
// answer held no ids or was lost.
func (s *adder) send(ctx context.Context, additions []*addition) {
	s.used = make(map[string]bool)
	for {
		chunk := pending(additions, s.list.maxAdd)
		if len(chunk) == 0 {
			break
		}
		err := s.stopped()
		if err == nil {
			err = s.post(ctx, chunk)
		}
		if err != nil {
			for _, a := range pending(additions, len(additions)) {
				a.fail(err)
			}
		}
		if anyLost(chunk) {
			s.settle(ctx, additions)
		}
	}
	s.settle(ctx, additions)
}

func pending(additions []*addition, most int) []*addition {
	var chunk []*addition
	for _, a := range additions {
		if a.status == additionPending && len(chunk) < most {
			chunk = append(chunk, a)
		}
	}
	return chunk
}

func anyLost(additions []*addition) bool {
	for _, a := range additions {
		if a.status == additionLost {
			return true
		}
	}
	return false
}

// post sends one request, and smaller ones when the API refuses it for its content or size. An error
// concerns the whole list, not these entries.
func (s *adder) post(ctx context.Context, chunk []*addition) error {
	fields := make([]openprospect.EntryFields, len(chunk))
	for i, a := range chunk {
		fields[i] = a.fields
		a.sent++
	}
	answer, err := s.list.api.AddEntries(ctx, s.list.id, fields)
	switch {
	case err == nil:
		s.read(chunk, answer)
	case openprospect.OutcomeUnknown(err):
		for _, a := range chunk {
			a.status, a.cause = additionLost, err
		}
	case !concernsEntries(err):
		return err
	case len(chunk) == 1:
		s.refusals--
		chunk[0].reject(err, openprospect.IsConflict(err))
	case s.refusals <= 1:
		for _, a := range chunk {
			a.fail(err)
		}
	default:
		s.refusals--
		return s.split(ctx, chunk)
	}
	return nil
}

// reject records that the API left the entry out. That may be because it has it: then the list says so.
func (a *addition) reject(err error, look bool) {
	if !look {
		a.fail(err)
		return
	}
	a.status, a.cause, a.rejected = additionAccepted, err, true
}

// split sends a refused chunk by halves, a small one entry by entry, so that the good ones go through.
func (s *adder) split(ctx context.Context, chunk []*addition) error {
	size := (len(chunk) + 1) / 2
	if len(chunk) <= fewEntries {
		size = 1
	}
	refusals := s.refusals
	for rest := chunk; len(rest) > 0; {
		part := rest[:min(size, s.list.maxAdd, len(rest))]
		rest = rest[len(part):]
		for _, a := range part {
			a.sent--
		}
		if err := s.post(ctx, part); err != nil {
			return err
		}
		if anyLost(part) {
			return nil
		}
	}
	if s.refusals == refusals && size > 1 {
		// All of it was good: it was too large.
		s.list.maxAdd = min(s.list.maxAdd, size)
	}
	return nil
}

// Answers to a request that part of it may have no fault.
const (
	statusBadRequest    = 400
	statusConflict      = 409
	statusTooLarge      = 413
	statusUnprocessable = 422
)

// concernsEntries reports whether the API refused a request for what is in it, so that part of it may be accepted.
func concernsEntries(err error) bool {
	var apiError *openprospect.Error
	if !errors.As(err, &apiError) {
		return false
	}
	switch apiError.StatusCode {
	case statusBadRequest, statusConflict, statusTooLarge, statusUnprocessable:
		return true
	}
	return false
}

// read takes ids from an answer. It need not hold any (U12), and what it holds is taken only for an entry with the same Key.
func (s *adder) read(chunk []*addition, answer openprospect.AddEntriesResult) {
	sent := make(map[identity]*addition, len(chunk))
	for _, a := range chunk {
		a.status = additionAccepted
		if sent[a.id] == nil {
			sent[a.id] = a
		}
	}
	s.list.mu.Lock()
	defer s.list.mu.Unlock()
	for _, entry := range answer.Entries {
		a := sent[identify(entry.EntryFields)]
		if a == nil || a.status == additionDone || !s.trust(a, entry.ID) {
			continue
		}
		s.used[entry.ID] = true
		s.list.noteAdded(entry)
		a.succeed(entry)
	}
	for _, rejected := range answer.Rejected {
		err := fmt.Errorf("the API did not add it: %s", rejected.Message)
		a := sent[identify(rejected.Fields)]
		if i := rejected.Index; i >= 0 && i < len(chunk) {
			a = chunk[i]
		}
		if a != nil && a.status != additionDone {
			a.reject(err, true)
		} else if a == nil {
			blame(chunk, err)
		}
	}
}

// blame keeps a rejection that names no entry for those that turn out not to be on the list.
func blame(chunk []*addition, err error) {
	for _, a := range chunk {
		if a.status != additionDone && a.cause == nil {
			a.cause = err
		}
	}
}

// trust reports whether an id in the answer can be the addition's own: not that of an entry known to be another one, as
// a server may say that silently kept what it had. Called under the lock.
func (s *adder) trust(a *addition, id string) bool {
	if id == "" || s.used[id] || a.replaces[id] || s.list.unsure {
		return false
	}
	if s.known != nil {
		if fields, found := s.known(id); found && identify(fields) != a.id {
			return false
		}
	}
	if s.list.snap != nil {
		if row, found := s.list.snap.find(id); found && identify(row.EntryFields) != a.id {
			return false
		}
	}
	return true
}

// settle walks the list for additions whose id or outcome is not known. What was lost and is not there
// becomes pending again; what was accepted and never shows is an error.
func (s *adder) settle(ctx context.Context, additions []*addition) {
	open := openOnes(additions)
	if len(open) == 0 {
		return
	}
	if err := s.stopped(); err != nil {
		for _, a := range open {
			a.fail(errors.Join(err, a.cause))
		}
		return
	}
	s.readEnd(ctx, additions)
	if open = openOnes(open); len(open) == 0 {
		return
	}
	before := s.list.invalidate()
	waits := s.list.lagWaits
	for attempt := 0; ; attempt++ {
		rows := 0
		err := s.list.view(ctx, before, func(snap *snapshot) {
			rows = snap.live
			for _, a := range open {
				s.match(snap, a)
			}
		})
		if err != nil {
			for _, a := range open {
				a.fail(errors.Join(fmt.Errorf("it cannot be read whether the entry was added: %w", err), a.cause))
			}
			return
		}
		open = openOnes(open)
		if attempt == 0 && rows > cheapRows {
			waits = []time.Duration{total(waits)}
		}
		if !worthWaiting(open) || attempt >= len(waits) {
			break
		}
		s.pause(waits[attempt])
		before = s.list.currentSequence()
	}
	s.giveUp(open)
}

// fewAdded is how many additions are looked for at the end of the list, which is one page.
const fewAdded = 100

// readEnd finds additions where a list that grows at its end shows them: one request instead of a walk. What is
// not there, the walk tells.
func (s *adder) readEnd(ctx context.Context, additions []*addition) {
	open := openOnes(additions)
	if len(additions) > fewAdded || anyLost(open) || !worthWaiting(open) {
		return
	}
	l := s.list
	l.mu.Lock()
	known := l.snap != nil && !l.unsure && !l.growsElsewhere
	end := 0
	if known {
		// Those whose id the answer told are in the snapshot already.
		end = max(0, l.snap.live-(len(additions)-len(open)))
	}
	l.mu.Unlock()
	if !known {
		return
	}
	rows, err := l.api.ListEntriesFrom(ctx, l.id, end)
	if err != nil || len(rows) == 0 {
		return // a list that lags says nothing of where it grows
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	page := newSnapshot(0, slices.DeleteFunc(rows, func(row openprospect.Entry) bool { return l.knows(row.ID) }))
	for _, a := range open {
		s.match(page, a)
	}
	l.growsElsewhere = worthWaiting(openOnes(open))
}

// knows reports whether a row was seen before: where reads lag, a page shows rows that are gone. Called under the lock.
func (l *List) knows(id string) bool {
	if _, own := l.written[id]; own {
		return true
	}
	if l.snap == nil {
		return false
	}
	_, seen := l.snap.find(id)
	return seen
}

func openOnes(additions []*addition) []*addition {
	var open []*addition
	for _, a := range additions {
		if a.open() {
			open = append(open, a)
		}
	}
	return open
}

func total(waits []time.Duration) time.Duration {
	var sum time.Duration
	for _, wait := range waits {
		sum += wait
	}
	return sum
}

// worthWaiting reports whether the list may lag behind any of them. What the API rejected will not appear.
func worthWaiting(open []*addition) bool {
	for _, a := range open {
		if !a.rejected {
			return true
		}
	}
	return false
}

// match finds the addition's row in a fresh walk. Of several with the same Key the first counts (U13). Called under the lock.
func (s *adder) match(snap *snapshot, a *addition) {
	for _, row := range snap.withKey(a.id) {
		if s.used[row.ID] {
			continue
		}
		s.used[row.ID] = true
		s.list.noteAdded(row)
		a.alreadyThere = a.rejected
		a.succeed(row)
		return
	}
}

// giveUp decides on those that the list does not show.
func (s *adder) giveUp(open []*addition) {
	s.list.mu.Lock()
	defer s.list.mu.Unlock()
	for _, a := range open {
		switch {
		case a.status == additionLost && a.sent < sendAttempts:
			a.status = additionPending
		case a.status == additionLost:
			a.fail(fmt.Errorf("sent %d times without effect: %w", a.sent, a.cause))
		case len(a.replaces) > 0 && (!a.rejected || openprospect.IsConflict(a.cause)):
			a.fail(fmt.Errorf("%s: %w", Describe(a.fields), errSwallowed))
		default:
			a.fail(s.missing(a))
		}
	}
}

// missing says why an accepted entry may not be on the list. Called under the lock.
func (s *adder) missing(a *addition) error {
	if s.list.snap != nil {
		if rows := s.list.snap.maybe(a.id); len(rows) > 0 {
			return errors.Join(&ExistsError{BlacklistID: s.list.id, Entry: rows[0]}, a.cause)
		}
	}
	if a.cause != nil {
		return a.cause
	}
	return fmt.Errorf("the API accepted %s, but the list does not show it", Describe(a.fields))
}
