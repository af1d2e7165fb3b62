package exclusion

import (
	"context"
	"errors"
	"fmt"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// Replace puts fields in the place of the old entry: the API has no update. It adds first and removes
// then, so that the company is never off the list. Fields that differ from the old ones by spelling alone (same Key) need no request.
//
// To a server that de-duplicates, old and new may be one company and the addition nothing: the old entry is
// removed only once another id is seen to hold the new fields. Where none is, the old entry goes first, the new
// one is added and looked for, and the old one is put back when that fails.
//
// The result's Entry is what stands for the company on the list now, also when there is an error: the
// old entry, or a zero Entry when the company is off the list (*OffListError). The old entry may be gone, with its successor on the list,
// when the error is that its removal was lost or that ctx ended. After an error the same Replace can be tried again: it adopts what the first try has added.
func (l *List) Replace(ctx context.Context, owner string, old openprospect.Entry, fields openprospect.EntryFields) (AddResult, error) {
	a, before := newAddition(fields), identify(old.EntryFields)
	if a.id == before {
		return AddResult{Entry: old}, nil
	}
	if a.id.mayBe(before) {
		a.replaces, a.before = map[string]bool{old.ID: true}, before
	}
	result, err := l.add(ctx, a)
	switch {
	case errors.Is(err, errSwallowed):
		return l.replaceInPlace(ctx, owner, old, fields)
	case err != nil:
		return AddResult{Entry: old}, err
	case result.Entry.ID == old.ID:
		return result, nil
	}
	if _, err := l.Remove(ctx, owner, old); err != nil {
		l.giveUp(result.Entry.ID)
		return AddResult{Entry: old}, fmt.Errorf("the new entry was added (entry %s), but the old one (entry %s) could not be removed: %w",
			result.Entry.ID, old.ID, err)
	}
	return result, nil
}

// giveUp drops the reservation of an entry whose resource does not know of it: the next try adopts it.
func (l *List) giveUp(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dropReservation(id)
}

// replaceInPlace removes the old entry before it adds the new one.
func (l *List) replaceInPlace(ctx context.Context, owner string, old openprospect.Entry, fields openprospect.EntryFields) (AddResult, error) {
	release, err := l.acquire(ctx)
	if err != nil {
		return AddResult{Entry: old}, err
	}
	defer release()
	if l.isClaimedByOther(owner, old) {
		return AddResult{Entry: old}, &ExistsError{BlacklistID: l.id, Entry: old, SameRun: true}
	}
	a := newAddition(fields)
	a.replaces = map[string]bool{old.ID: true}
	restored := l.swap(context.WithoutCancel(ctx), []*addition{a}, []openprospect.Entry{old}, patience{caller: ctx, finishes: true})
	if a.err != nil {
		return AddResult{Entry: restored[old.ID]}, a.err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	tier := a.id.company()
	l.reserved[tier], l.holders[a.entry.ID] = a.entry, tier
	return AddResult{Entry: a.entry}, nil
}

// acquire takes the right to write to the list.
func (l *List) acquire(ctx context.Context) (release func(), err error) {
	select {
	case l.token <- struct{}{}:
		return func() { <-l.token }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (l *List) isClaimedByOther(owner string, entry openprospect.Entry) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.claimedByOther(owner, entry)
}

// swap removes the old entries, adds what replaces them, and puts an old entry back when its successor could not be
// added. It gives, by the id of the old entry, what stands for it now: itself where it could not be removed, or what
// was put back; nothing when it is gone. Its caller holds the list's token.
func (l *List) swap(ctx context.Context, additions []*addition, olds []openprospect.Entry, p patience) map[string]openprospect.Entry {
	standing := make(map[string]openprospect.Entry)
	ids := make([]string, len(olds))
	for i, old := range olds {
		ids[i] = old.ID
	}
	failed := l.sendRemovals(ctx, ids, nil, p)
	for _, old := range olds {
		var maybeGone maybeGoneError
		switch err := failed[old.ID]; {
		case errors.As(err, &maybeGone):
			// What is added now is either needed or, to such a server, nothing.
			delete(failed, old.ID)
		case err != nil:
			standing[old.ID] = old
		}
	}

	var wanted []*addition
	for _, a := range additions {
		if err := blocked(a, failed); err != nil {
			a.fail(err)
			continue
		}
		a.status, a.err, a.cause, a.rejected, a.sent = additionPending, nil, nil, false, 0
		wanted = append(wanted, a)
	}
	l.sendAdditions(ctx, wanted, p)
	l.putBack(ctx, wanted, olds, standing, p)
	return standing
}

// blocked says why an old entry still stands in the way of the addition.
func blocked(a *addition, failed map[string]error) error {
	for id := range a.replaces {
		if err := failed[id]; err != nil {
			return fmt.Errorf("its old entry %s could not be removed: %w", id, err)
		}
	}
	return nil
}

// putBack adds the old entries again whose successors failed, and notes them in standing.
func (l *List) putBack(ctx context.Context, additions []*addition, olds []openprospect.Entry, standing map[string]openprospect.Entry, p patience) {
	failed := make(map[string]*addition)
	for _, a := range additions {
		if a.err != nil {
			for id := range a.replaces {
				failed[id] = a
			}
		}
	}
	var old []openprospect.Entry
	var back []*addition
	put := make(map[identity]bool)
	for _, entry := range olds {
		if id := identify(entry.EntryFields); failed[entry.ID] != nil && !put[id] {
			put[id] = true
			old, back = append(old, entry), append(back, newAddition(entry.EntryFields))
		}
	}
	l.sendAdditions(ctx, back, p)
	for i, a := range back {
		successor := failed[old[i].ID]
		if a.err != nil {
			successor.err = &OffListError{BlacklistID: l.id, Fields: old[i].EntryFields, Cause: errors.Join(successor.err, a.err)}
			continue
		}
		standing[old[i].ID] = a.entry
		successor.err = fmt.Errorf("%w (the old entry was put back as entry %s)", successor.err, a.entry.ID)
	}
}

// sendAdditions sends additions that the list does not hold. Its caller holds the list's token.
func (l *List) sendAdditions(ctx context.Context, additions []*addition, p patience) {
	(&adder{list: l, refusals: maxRefusals, patience: p}).send(ctx, additions)
}
