package exclusion

import (
	"errors"
	"fmt"
	"slices"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// sendAttempts is how often an addition is sent whose outcome turns out to be "not done".
const sendAttempts = 3

// errDeduplicated is the failure of an addition that the API accepted without an effect: it seems to see the same company
// in what the addition replaces. It is not final: swapDeduplicated removes that first.
var errDeduplicated = errors.New("the API accepted it but did not add it")

// add settles each pending addition with an entry or an error: one request for every MaxEntriesPerAdd, and a reading of
// the list when an answer held no ids or was lost.
func (r *run) add(additions []*addition) {
	for {
		pending := withStatus(additions, additionPending)
		if len(pending) == 0 {
			return
		}
		failed, unsent, err := sendInParts(pending, &r.list.maxAdd, &r.refusals, r.post, r.failOrLookUp)
		switch {
		case err == nil:
		case openprospect.OutcomeUnknown(err):
			for _, a := range failed {
				a.status, a.cause = additionLost, err
				a.timesLost++
			}
		default:
			failAll(failed, err)
			failAll(unsent, err)
		}
		r.resolve(additions)
	}
}

func withStatus(additions []*addition, status additionStatus) []*addition {
	var found []*addition
	for _, a := range additions {
		if a.status == status {
			found = append(found, a)
		}
	}
	return found
}

func (r *run) post(part []*addition) error {
	if err := r.stopped(); err != nil {
		return err
	}
	fields := make([]openprospect.EntryFields, len(part))
	for i, a := range part {
		fields[i] = a.company.Fields()
	}
	answer, err := r.list.api.AddEntries(r.requests, r.list.id, fields)
	if err == nil {
		r.takeIDs(part, answer)
	}
	return err
}

// failOrLookUp is for additions that the API refused. A conflict may mean that it has the company: then the list shows it.
func (r *run) failOrLookUp(part []*addition, err error) {
	for _, a := range part {
		if len(part) == 1 && openprospect.IsConflict(err) {
			a.leaveOut(err)
		} else {
			a.fail(err)
		}
	}
}

// leaveOut records that the API left the company out. That may be because it has it: then the list shows it.
func (a *addition) leaveOut(err error) {
	a.status, a.cause, a.rejected = additionUnconfirmed, err, true
}

// takeIDs takes ids from an answer. It need not hold any (U12), and an id counts only for an entry with the same fields.
func (r *run) takeIDs(part []*addition, answer openprospect.AddEntriesResult) {
	sent := make(map[identity]*addition, len(part))
	for _, a := range part {
		a.status = additionUnconfirmed
		if sent[a.company.identity()] == nil {
			sent[a.company.identity()] = a
		}
	}
	r.list.mu.Lock()
	defer r.list.mu.Unlock()
	written := make(map[openprospect.EntryFields]*addition, len(part))
	for _, a := range sent {
		written[a.company.Fields()] = a
	}
	for _, row := range answer.Entries {
		entry := Entry{ID: row.ID}
		a := written[row.EntryFields]
		if a != nil {
			entry.Company = a.company
		} else {
			entry.Company = NewCompany(row.EntryFields)
			a = sent[entry.identity()]
		}
		if a != nil && a.status != additionDone && r.isCredible(entry.ID, a) {
			r.confirm(a, entry)
		}
	}
	for _, rejected := range answer.Rejected {
		err := fmt.Errorf("the API did not add it: %s", rejected.Message)
		a := sent[identify(rejected.Fields)]
		if i := rejected.Index; i >= 0 && i < len(part) {
			a = part[i]
		}
		switch {
		case a == nil:
			noteUnattributedRejection(part, err)
		case a.status != additionDone:
			a.leaveOut(err)
		}
	}
}

// confirm settles an addition with a row that the API has shown.
func (r *run) confirm(a *addition, row Entry) {
	r.used[row.ID] = true
	r.list.cache.noteAdded(row)
	a.succeed(row)
}

// noteUnattributedRejection keeps a rejection that names no entry for those that turn out not to be on the list.
func noteUnattributedRejection(part []*addition, err error) {
	for _, a := range part {
		if a.status != additionDone && a.cause == nil {
			a.cause = err
		}
	}
}

// isCredible reports whether an id in an answer can be the addition's own: not that of an entry known to be another one.
// A server that silently kept what it had may say so. Called under the lock.
func (r *run) isCredible(id string, a *addition) bool {
	if id == "" || r.used[id] || a.isOldID(id) || r.list.cache.unreadSinceUnknownWrite {
		return false
	}
	if a.change.companyOfRow != nil {
		if company, found := a.change.companyOfRow(id); found && !company.SameFields(a.company) {
			return false
		}
	}
	if s := r.list.cache.snapshot; s != nil {
		if row, found := s.find(id); found && !row.SameFields(a.company) {
			return false
		}
	}
	return true
}

// resolve reads the list for additions whose id or outcome is not known. What was lost and is not there becomes pending
// again; what was accepted and never shows is an error.
func (r *run) resolve(additions []*addition) {
	if err := r.stopped(); err != nil {
		r.list.mu.Lock()
		defer r.list.mu.Unlock()
		for _, a := range unresolved(additions) {
			r.list.cache.invalidate()
			a.fail(errors.Join(err, a.cause))
		}
		return
	}
	r.readEnds(additions)
	open := unresolved(additions)
	if len(open) == 0 {
		return
	}
	err := r.list.lookAgain(r.ctx, func(s *snapshot) (enough bool) {
		r.match(s, open)
		open = unresolved(open)
		return !mayAppear(open)
	})
	if err != nil {
		for _, a := range open {
			a.fail(errors.Join(fmt.Errorf("the list could not be read, so it is unknown whether the entry was added: %w", err), a.cause))
		}
		return
	}
	r.failUnresolved(open)
}

func unresolved(additions []*addition) []*addition {
	var open []*addition
	for _, a := range additions {
		if a.unresolved() {
			open = append(open, a)
		}
	}
	return open
}

// mayAppear reports whether the list may lag behind any of them. What the API rejected will not appear.
func mayAppear(open []*addition) bool {
	return slices.ContainsFunc(open, func(a *addition) bool { return !a.rejected })
}

// readEnds finds additions where a list shows what is new: on its last page or, if it has grown but not there, on its first
// one. That is a request or two instead of a fetch. What is on neither, the fetch finds.
func (r *run) readEnds(additions []*addition) {
	open := unresolved(additions)
	if len(additions) > onePage || len(withStatus(open, additionLost)) > 0 || !mayAppear(open) {
		return
	}
	l := r.list
	l.mu.Lock()
	size, grows := l.sizeWith(additions), l.cache.growth
	l.mu.Unlock()
	if size <= onePage {
		return // not known, or a fetch is one page as well
	}
	if grows == growthUnknown || grows == growsAtEnd {
		page, err := l.readEnd(r.requests, size)
		if err != nil || r.matchPage(page, open, size, growsAtEnd) {
			return
		}
	}
	if grows == growthUnknown || grows == growsAtStart {
		page, err := l.readFrom(r.requests, 0)
		if err != nil || r.matchPage(page, open, size, growsAtStart) {
			return
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cache.growth = growsElsewhere
}

// matchPage finds additions on a page where the list may show what is new. It reports whether no other page need be read: all
// were found, or the list has not grown to that size, because it lags or the API added nothing.
func (r *run) matchPage(page openprospect.EntriesPage, additions []*addition, size int, where growth) (done bool) {
	l := r.list
	l.mu.Lock()
	defer l.mu.Unlock()
	additions[0].change.sizeSeen = page.Size
	r.match(newSnapshot(anySnapshot, newEntries(page.Entries)), unresolved(additions))
	if !mayAppear(unresolved(additions)) {
		l.cache.growth = where
		return true
	}
	return page.Size < size
}

// sizeWith is how many entries the list holds with all of the additions that the API has accepted; 0 if that is not known.
// Called under the lock.
func (l *List) sizeWith(additions []*addition) int {
	s, before := l.cache.snapshot, additions[0].change.size
	switch {
	case l.cache.unreadSinceUnknownWrite:
		return 0
	case s != nil:
		return s.live + len(unresolved(additions))
	case before == 0:
		return 0
	}
	for _, a := range additions {
		if a.unresolved() || a.err == nil {
			before++
		}
	}
	return before
}

// match finds the rows of additions in what was read. Of several with the same fields the first counts (U13). The row of an
// entry that the addition replaces counts, too: it has the new fields only if the server wrote them there. Called under
// the lock.
func (r *run) match(s *snapshot, open []*addition) {
	for _, a := range open {
		for _, row := range s.withFields(a.company) {
			if !r.used[row.ID] {
				r.confirm(a, row)
				a.alreadyThere = a.rejected
				break
			}
		}
	}
}

// failUnresolved decides on those that the list does not show.
func (r *run) failUnresolved(open []*addition) {
	r.list.mu.Lock()
	defer r.list.mu.Unlock()
	for _, a := range open {
		switch {
		case a.status == additionLost && a.timesLost < sendAttempts:
			a.status = additionPending
		case a.status == additionLost:
			a.fail(fmt.Errorf("sent %d times, but not added: %w", a.timesLost, a.cause))
		case len(a.collidesWith) > 0 && (!a.rejected || openprospect.IsConflict(a.cause)):
			a.fail(fmt.Errorf("%s: %w", a.company, errDeduplicated))
		default:
			a.fail(r.missing(a))
		}
	}
}

// missing says why an accepted entry may not be on the list. Called under the lock.
func (r *run) missing(a *addition) error {
	if s := r.list.cache.snapshot; s != nil {
		if rows := s.couldMatch(a.company); len(rows) > 0 {
			return errors.Join(&ExistsError{BlacklistID: r.list.id, Entry: rows[0]}, a.cause)
		}
	}
	if a.cause != nil {
		return a.cause
	}
	return fmt.Errorf("the API accepted %s, but the list does not show it", a.company)
}
