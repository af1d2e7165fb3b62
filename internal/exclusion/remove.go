package exclusion

import (
	"fmt"
	"slices"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// remove takes entries off the list, MaxEntriesPerRemove a request. Before each request it leaves out those that another
// resource has claimed meanwhile. The client repeats a request whose answer was lost; where all of them were, the list
// shows what became of it.
func (r *run) remove(removals []*removal) {
	for rest := removals; len(rest) > 0; {
		failed, unsent, err := sendInParts(rest, &r.list.maxRemove, &r.refusals, r.delete, failRemovals)
		rest = unsent
		switch {
		case err == nil:
		case openprospect.OutcomeUnknown(err):
			failRemovals(failed, err)
			for _, old := range failed {
				old.lost = !old.claimedElsewhere
			}
			if r.resolveRemovals(failed) != nil {
				failRemovals(rest, err)
				return
			}
		default:
			failRemovals(failed, err)
			failRemovals(rest, err)
			return
		}
	}
	var refused []*removal
	for _, old := range removals {
		if old.err != nil && !old.lost {
			refused = append(refused, old)
		}
	}
	_ = r.resolveRemovals(refused) // each removal holds the error
}

// delete sends one request.
func (r *run) delete(part []*removal) error {
	if err := r.stopped(); err != nil {
		return err
	}
	l := r.list
	var ids []string
	l.mu.Lock()
	for _, old := range part {
		if old.claimedElsewhere = l.keptByOther(old.change.owner, old.entry); !old.claimedElsewhere {
			ids = append(ids, old.entry.ID)
		}
	}
	l.mu.Unlock()
	if len(ids) == 0 {
		return nil
	}
	if err := l.api.RemoveEntries(r.requests, l.id, ids); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, old := range part {
		if !old.claimedElsewhere {
			old.noteGone(l)
		}
	}
	return nil
}

func (old *removal) noteGone(l *List) {
	old.gone, old.lost, old.err = true, false, nil
	l.cache.noteRemoved(old.entry.ID)
}

func failRemovals(removals []*removal, err error) {
	for _, old := range removals {
		if !old.claimedElsewhere {
			old.err = err
		}
	}
}

// resolveRemovals reads the list for removals that failed: an entry whose removal was lost may be gone, one whose removal
// was refused may have been gone before. Its error is that the list could not be read; each removal holds it as well.
func (r *run) resolveRemovals(removals []*removal) error {
	var doubtful []*removal
	for _, old := range removals {
		if old.err != nil {
			doubtful = append(doubtful, old)
		}
	}
	if len(doubtful) == 0 {
		return nil
	}
	justAdded := r.distrustOwnAdditions(doubtful)
	err := r.list.lookAgain(r.ctx, func(s *snapshot) (enough bool) {
		enough = true
		for _, old := range doubtful {
			_, shown := s.find(old.entry.ID)
			switch {
			case old.gone:
			case !shown && !justAdded[old]:
				old.noteGone(r.list)
			case old.lost:
				enough = false
			}
		}
		return enough
	})
	if slices.ContainsFunc(doubtful, func(old *removal) bool { return !old.gone }) {
		// What was read may be wrong in either way.
		r.list.mu.Lock()
		r.list.cache.invalidate()
		r.list.mu.Unlock()
	}
	if err != nil {
		for _, old := range doubtful {
			old.err = fmt.Errorf("%w (the list could not be read, so it is unknown whether the entry was removed: %w)", old.err, err)
		}
	}
	return err
}

// distrustOwnAdditions stops believing that entries are on the list that this process has added and may have removed. It
// returns those that are so young that reads need not show them, whether they are on the list or not.
func (r *run) distrustOwnAdditions(removals []*removal) (justAdded map[*removal]bool) {
	r.list.mu.Lock()
	defer r.list.mu.Unlock()
	justAdded = make(map[*removal]bool)
	for _, old := range removals {
		if write, own := r.list.cache.written[old.entry.ID]; own && old.lost && !write.removed {
			justAdded[old] = time.Since(write.at) <= lagWindow
			delete(r.list.cache.written, old.entry.ID)
		}
	}
	return justAdded
}
