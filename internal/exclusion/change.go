package exclusion

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// A change is carried out in one way, whether one resource wants one entry or a hundred thousand:
//
//  1. adopt what is on the list already (adoptOrRefuse),
//  2. add what is missing, take ids from the answers where they can be believed, and otherwise read the list (add.go),
//  3. where the server saw the same company in an old entry and added nothing: remove the old one, add the new one, and put
//     the old one back if that fails (swap.go),
//  4. remove what is to go, once all additions of the same change are on the list (remove.go).
//
// Whatever is not known after a request (a lost answer, a list that lags, a refused batch) is resolved by reading the
// list and going round again, a bounded number of times.

// change is what one resource wants of the list. Its removals wait for its additions: while one of these fails, nothing
// is removed. (A swap is an exception: it removes an entry only to add its successor at once.)
type change struct {
	// ctx is the caller's. Its end ends the waiting and further requests, not a request in flight.
	ctx       context.Context
	owner     string
	additions []*addition
	removals  []*removal
	// lookFirst is true if the list must be read before anything is added. Otherwise the plan has read it.
	lookFirst bool
	// size is how many entries the plan has left on the list; 0 if that is not known. sizeSeen is how many a page has shown
	// after the additions.
	size, sizeSeen int
	// refuseOtherFields is true if a company that is on the list with other fields is an error.
	refuseOtherFields bool
	// abandoned is true when its caller has left: then no swap is begun. finishing is true when a swap has begun: then its
	// caller must wait. Under List.mu.
	abandoned, finishing bool
	// companyOfRow returns the companies of entries that the resource has on the list, by id; nil if it has none.
	companyOfRow func(id string) (Company, bool)
}

// addition is a company that is to be on the list.
type addition struct {
	change  *change
	company Company
	// collidesWith are the removals of the same change in whose entries the API may see the same company: an answer that
	// names one of them proves nothing.
	collidesWith []*removal

	status    additionStatus
	timesLost int
	// cause is why the outcome is not known, or what the API said when it left the company out.
	cause    error
	rejected bool

	// entry is the row that stands for the company when err is nil; alreadyThere is true if it was not added by this change.
	entry        Entry
	alreadyThere bool
	err          error
}

type additionStatus int

const (
	additionPending     additionStatus = iota
	additionUnconfirmed                // sent and answered, but without an id: looked for, and sent again only in a swap
	additionLost                       // sent, and its outcome is not known: looked for, then sent again
	additionDone
)

func (a *addition) succeed(entry Entry) {
	a.status, a.entry, a.err = additionDone, entry, nil
}

func (a *addition) fail(err error) { a.status, a.err = additionDone, err }

// unresolved reports whether only the list can tell what became of the addition.
func (a *addition) unresolved() bool {
	return a.status == additionUnconfirmed || a.status == additionLost
}

// isOldRow reports whether a row is one that the addition collides with, or a double of it (U13).
func (a *addition) isOldRow(row Entry) bool {
	return slices.ContainsFunc(a.collidesWith, func(old *removal) bool {
		return old.entry.ID == row.ID || old.entry.SameFields(row.Company)
	})
}

// isOldID reports whether the id is that of an entry that the addition collides with.
func (a *addition) isOldID(id string) bool {
	return slices.ContainsFunc(a.collidesWith, func(old *removal) bool { return old.entry.ID == id })
}

// removal is an entry that is to go.
type removal struct {
	change *change
	entry  Entry
	// claimedElsewhere is true if the entry stays because another resource has claimed it; gone if it is off the list,
	// or in a swap assumed to be.
	claimedElsewhere, gone bool
	// lost is true if the answer to a request was lost, so that the entry may be gone although err is not nil.
	lost bool
	err  error
}

// run is the carrying out of some changes by whoever holds List.writing.
type run struct {
	list *List
	// ctx ends when no caller waits any more: then nothing further is sent. requests never ends.
	ctx, requests context.Context
	// refusals is how many refused requests may still be spent on finding out which items are at fault.
	refusals int
	// used are the ids of rows that stand for an addition of these changes.
	used map[string]bool
}

// maxRefusals is how many refused requests may be spent on finding out which of many items are at fault.
const maxRefusals = 64

// carryOut carries out changes together. Its caller holds l.writing. The outcome is in the changes.
func (l *List) carryOut(changes []*change) {
	if len(changes) == 0 {
		return
	}
	defer l.beginActivity()()
	ctx, stop := contextOf(changes)
	defer stop()
	r := &run{list: l, ctx: ctx, requests: context.WithoutCancel(ctx), refusals: maxRefusals, used: make(map[string]bool)}
	var additions []*addition
	for _, c := range changes {
		r.leaveOutClaimed(c)
		r.adoptOrRefuse(c)
		additions = append(additions, c.additions...)
	}
	r.add(additions)
	r.swapDeduplicated(additions)
	var removals []*removal
	for _, c := range changes {
		removals = append(removals, c.settleRemovals()...)
	}
	r.remove(removals)
}

// contextOf returns a context that ends when those of all changes have ended.
func contextOf(changes []*change) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(changes[0].ctx))
	var waiting atomic.Int64
	waiting.Store(int64(len(changes)))
	stops := make([]func() bool, len(changes))
	for i, c := range changes {
		stops[i] = context.AfterFunc(c.ctx, func() {
			if waiting.Add(-1) == 0 {
				cancel(context.Cause(c.ctx))
			}
		})
	}
	return ctx, func() {
		for _, stop := range stops {
			stop()
		}
		cancel(nil)
	}
}

// stopped returns why nothing further is to be sent.
func (r *run) stopped() error { return context.Cause(r.ctx) }

// leaveOutClaimed leaves out the removals of what another resource has claimed.
func (r *run) leaveOutClaimed(c *change) {
	r.list.mu.Lock()
	defer r.list.mu.Unlock()
	for _, old := range c.removals {
		old.claimedElsewhere = r.list.keptByOther(c.owner, old.entry)
	}
	for _, a := range c.additions {
		a.collidesWith = slices.DeleteFunc(a.collidesWith, func(old *removal) bool { return old.claimedElsewhere })
	}
}

// adoptOrRefuse settles the additions that are on the list already, as far as the list is known.
func (r *run) adoptOrRefuse(c *change) {
	if len(c.additions) == 0 {
		return
	}
	if c.lookFirst {
		err := r.list.withSnapshot(r.ctx, anySnapshot, func(s *snapshot) { r.adoptFrom(s, c) })
		if err != nil {
			failAll(c.additions, err)
		}
		return
	}
	r.list.mu.Lock()
	defer r.list.mu.Unlock()
	if s := r.list.cache.snapshot; s != nil {
		r.adoptFrom(s, c)
	}
}

func (r *run) adoptFrom(s *snapshot, c *change) {
	for _, a := range c.additions {
		for _, row := range s.withFields(a.company) {
			if r.canAdopt(a, row) {
				r.used[row.ID] = true
				a.succeed(row)
				a.alreadyThere = true
				break
			}
		}
		if !c.refuseOtherFields || a.status == additionDone {
			continue
		}
		for _, row := range s.sameCompany(a.company) {
			if !a.isOldRow(row) {
				a.fail(&ExistsError{BlacklistID: r.list.id, Entry: row})
				break
			}
		}
	}
}

// canAdopt reports whether a row can stand for the addition: it stands for no other one, is not what the addition
// replaces, and is not a row that the resource has for another key.
func (r *run) canAdopt(a *addition, row Entry) bool {
	if r.used[row.ID] || a.isOldRow(row) {
		return false
	}
	if a.change.companyOfRow == nil {
		return true
	}
	_, has := a.change.companyOfRow(row.ID)
	return !has
}

func failAll(additions []*addition, err error) {
	for _, a := range additions {
		a.fail(err)
	}
}

// settleRemovals returns the removals that are still to be carried out: none while an addition of the change failed. Where
// the server has put the new fields into the row of the old entry, the old entry is gone already.
func (c *change) settleRemovals() []*removal {
	taken := make(map[string]bool, len(c.additions))
	for _, a := range c.additions {
		if a.err != nil {
			return nil
		}
		taken[a.entry.ID] = true
	}
	var outstanding []*removal
	for _, old := range c.removals {
		if taken[old.entry.ID] {
			old.gone = true
		}
		if !old.gone && !old.claimedElsewhere {
			outstanding = append(outstanding, old)
		}
	}
	return outstanding
}

// oneByOneBelow is the size below which a refused request is sent again item by item instead of by halves.
const oneByOneBelow = 20

// sendInParts sends items in requests of at most *limit. A request that the API refuses for its content or its size is
// taken apart so that the good items go through, as long as *refusals lasts; what cannot be taken apart is reported to
// refused. Where all parts of a refused request go through, it was too large, and *limit shrinks: of a server that takes
// 30, 100 items learn 25 (refused at 100 and 50), and the next request has 25.
//
// Any other error ends it: failed are the items of that request, unsent those that were not sent.
func sendInParts[T any](items []T, limit, refusals *int, send func([]T) error, refused func([]T, error)) (failed, unsent []T, err error) {
	for len(items) > 0 {
		part := items[:min(*limit, len(items))]
		items = items[len(part):]
		err := send(part)
		if err == nil {
			continue
		}
		if !concernsContent(err) {
			return part, items, err
		}
		*refusals--
		if len(part) == 1 || *refusals <= 0 {
			refused(part, err)
			continue
		}
		size := (len(part) + 1) / 2
		if len(part) <= oneByOneBelow {
			size = 1
		}
		smaller, before := size, *refusals
		failed, unsent, err := sendInParts(part, &smaller, refusals, send, refused)
		if err != nil {
			return failed, append(unsent, items...), err
		}
		if *refusals == before && size > 1 || smaller < size {
			*limit = min(*limit, smaller)
		}
	}
	return nil, nil, nil
}

// Answers to a request that part of it may not deserve.
const (
	statusBadRequest    = 400
	statusConflict      = 409
	statusTooLarge      = 413
	statusUnprocessable = 422
)

// concernsContent reports whether the API refused a request for what is in it, so that part of it may be accepted.
func concernsContent(err error) bool {
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

// AddResult is how an addition or a replacement ended.
type AddResult struct {
	// Entry is the row on the list that now stands for the company.
	Entry Entry
	// AlreadyThere is true if it was on the list before, with the same fields: it was adopted.
	AlreadyThere bool
}

// Add puts one company on the list, together with whatever else is waiting to be changed, and returns its entry with the
// id. An entry that is there already with the same fields is adopted; one for the same company with other fields is an
// *ExistsError. That no other resource wants the company is for Claim to find.
//
// The end of ctx ends the waiting, not a request in flight: the entry may be on the list then, and the next Add adopts it.
func (l *List) Add(ctx context.Context, company Company) (AddResult, error) {
	a := &addition{company: company}
	if err := l.changeOne(ctx, &change{additions: []*addition{a}}); err != nil {
		return AddResult{}, err
	}
	if a.err != nil {
		return AddResult{}, a.err
	}
	return AddResult{Entry: a.entry, AlreadyThere: a.alreadyThere}, nil
}

// Replace puts a company in the place of the old entry: the API has no update. It adds before it removes, so that
// the company is never off the list. Fields that differ from the old ones by spelling alone need no request.
//
// To a server that de-duplicates, old and new may be one company and the addition nothing: the old entry is removed only
// once another id is seen to hold the new fields. Where none is, the old entry goes first, the new one is added and looked
// for, and the old one is put back when that fails.
//
// The result's Entry is what stands for the company on the list now, also when there is an error: the old entry, or a zero
// Entry when the company is off the list (*OffListError). When the error is that its removal was lost or that ctx ended,
// the old entry may be gone, with its successor on the list. After an error the same Replace can be tried again: it adopts
// what the first try has added.
func (l *List) Replace(ctx context.Context, owner string, old Entry, company Company) (AddResult, error) {
	if company.SameFields(old.Company) {
		return AddResult{Entry: old}, nil
	}
	outgoing := &removal{entry: old}
	incoming := &addition{company: company}
	if company.identity().couldMatch(old.identity()) {
		incoming.collidesWith = []*removal{outgoing}
	}
	err := l.changeOne(ctx, &change{owner: owner, additions: []*addition{incoming}, removals: []*removal{outgoing}})
	switch {
	case err != nil:
		return AddResult{Entry: old}, err
	case incoming.err != nil && outgoing.gone:
		return AddResult{}, incoming.err
	case incoming.err != nil:
		return AddResult{Entry: outgoing.entry}, incoming.err
	case outgoing.err != nil:
		return AddResult{Entry: old}, fmt.Errorf("the new entry was added (entry %s), but the old one (entry %s) could not be removed: %w",
			incoming.entry.ID, old.ID, outgoing.err)
	}
	return AddResult{Entry: incoming.entry, AlreadyThere: incoming.alreadyThere}, nil
}

// Remove takes one entry off the list, together with whatever else is waiting to be changed. One that is gone already is
// no error. kept reports that it was left on the list because another owner claims it.
func (l *List) Remove(ctx context.Context, owner string, entry Entry) (kept bool, err error) {
	outgoing := &removal{entry: entry}
	if err := l.changeOne(ctx, &change{owner: owner, removals: []*removal{outgoing}}); err != nil {
		return false, err
	}
	return outgoing.claimedElsewhere, outgoing.err
}

// changeOne queues the change of a single entry and waits for its outcome. Without an error, that is in the change.
func (l *List) changeOne(ctx context.Context, c *change) error {
	defer l.beginActivity()()
	for _, old := range c.removals {
		old.change = c
		if old.entry.ID == "" {
			return fmt.Errorf("an entry cannot be removed without its ID: %s", old.entry)
		}
	}
	if len(c.additions) == 0 {
		return l.submit(ctx, c)
	}
	c.lookFirst, c.refuseOtherFields = true, true
	for _, a := range c.additions {
		a.change = c
		if a.company.MatchMethod() == "" {
			return errors.New("no field identifies the company: set an external ID, a website with a domain, or a company name")
		}
	}
	// Whoever needs the list first waits for it here, where the end of its own ctx counts.
	if err := l.withSnapshot(ctx, anySnapshot, func(*snapshot) {}); err != nil {
		return err
	}
	return l.submit(ctx, c)
}
