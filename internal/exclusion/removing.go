package exclusion

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// maxRefusals is how many refused requests may be spent on finding out which of many entries are at fault.
const maxRefusals = 64

// remover takes entries off the list while its caller holds the list's token.
type remover struct {
	list     *List
	refusals int
	// claimed, if not nil, says under the lock whether an entry is to stay because another resource has claimed it meanwhile.
	claimed func(id string) bool
	patience
	failed map[string]error
	gone   map[string]bool
	// doubtful are ids of which only the list can say whether they are gone.
	doubtful []doubt
	// lost are ids that a request named whose answer was lost: they may be gone while reads still show them (U19).
	lost map[string]bool
	// young are ids that this process has only just added: they may be there while reads do not show them yet.
	young map[string]ownWrite
}

// errClaimed is the failure of a removal that was not sent because another resource has claimed the entry.
var errClaimed = errors.New("another resource has taken the entry over")

// maybeGoneError is the failure of a removal that may have been carried out all the same.
type maybeGoneError struct{ error }

func (e maybeGoneError) Unwrap() error { return e.error }

// doubt is why nobody knows what became of a removal.
type doubt struct {
	id  string
	err error
	// lost says that the request may have been carried out; otherwise the API refused it, perhaps because
	// the entry is gone already.
	lost bool
}

// sendRemovals takes entries off the list, MaxEntriesPerRemove a request, and gives the errors by id. Its caller
// holds the list's token. Before each request, claimed, if not nil, says which entries are to stay after all (errClaimed).
func (l *List) sendRemovals(ctx context.Context, ids []string, claimed func(id string) bool, p patience) map[string]error {
	r := &remover{
		list: l, refusals: maxRefusals, claimed: claimed, patience: p,
		failed: make(map[string]error), gone: make(map[string]bool, len(ids)), lost: make(map[string]bool),
		young: l.takeAdditions(ids),
	}
	for attempt := 1; len(ids) > 0; attempt++ {
		r.doubtful = nil
		r.post(ctx, ids)
		ids = r.settle(ctx, attempt)
		if len(ids) > 0 && attempt <= len(l.lagWaits) {
			r.pause(l.lagWaits[attempt-1])
		}
	}
	r.lookAgain(ctx)
	l.giveBackAdditions(r)
	for id, err := range r.failed {
		if r.lost[id] {
			r.failed[id] = maybeGoneError{err}
		}
	}
	return r.failed
}

// takeAdditions lets walks say again whether these entries are on the list: they are about to be removed.
func (l *List) takeAdditions(ids []string) map[string]ownWrite {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := make(map[string]ownWrite)
	for _, id := range ids {
		if write, found := l.written[id]; found && !write.removed {
			taken[id] = write
			delete(l.written, id)
		}
	}
	return taken
}

// giveBackAdditions takes the process's word again for entries that were not removed.
func (l *List) giveBackAdditions(r *remover) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, write := range r.young {
		if r.failed[id] != nil && !r.lost[id] {
			l.written[id] = write
			if l.snap != nil {
				l.snap.add(write.entry)
			}
		}
	}
}

// post sends the ids in requests of a size that the API is known to take. It stops at the first error that concerns the whole list.
func (r *remover) post(ctx context.Context, ids []string) {
	for rest := ids; len(rest) > 0; {
		chunk := rest[:min(r.list.maxRemove, len(rest))]
		err := r.stopped()
		if wanted := r.unclaimed(chunk); err == nil && len(wanted) > 0 {
			err = r.postChunk(ctx, wanted)
		}
		if err != nil {
			r.failOthers(rest, err)
			return
		}
		rest = rest[len(chunk):]
	}
}

// unclaimed gives the ids that nobody has claimed by now, and notes the others.
func (r *remover) unclaimed(ids []string) []string {
	if r.claimed == nil {
		return ids
	}
	r.list.mu.Lock()
	defer r.list.mu.Unlock()
	var wanted []string
	for _, id := range ids {
		if r.claimed(id) {
			r.failed[id] = errClaimed
		} else {
			wanted = append(wanted, id)
		}
	}
	return wanted
}

// failOthers gives the error to all ids whose fate is not known otherwise.
func (r *remover) failOthers(ids []string, err error) {
	settled := make(map[string]bool, len(r.doubtful))
	for _, d := range r.doubtful {
		settled[d.id] = true
	}
	for _, id := range ids {
		if !r.gone[id] && !settled[id] && r.failed[id] == nil {
			r.failed[id] = err
		}
	}
}

func (r *remover) postChunk(ctx context.Context, ids []string) error {
	err := r.list.api.RemoveEntries(ctx, r.list.id, ids)
	switch {
	case err == nil:
		r.list.mu.Lock()
		defer r.list.mu.Unlock()
		for _, id := range ids {
			r.gone[id] = true
			r.list.noteRemoved(id)
		}
	case openprospect.OutcomeUnknown(err):
		r.doubt(ids, err, true)
	case !concernsEntries(err):
		return err
	case len(ids) == 1 || r.refusals <= 1:
		r.refusals--
		r.doubt(ids, err, false)
	default:
		r.refusals--
		return r.split(ctx, ids)
	}
	return nil
}

func (r *remover) doubt(ids []string, err error, lost bool) {
	for _, id := range ids {
		r.doubtful = append(r.doubtful, doubt{id, err, lost})
		if lost {
			r.lost[id] = true
		}
	}
}

// split sends refused ids by halves, a few of them one by one.
func (r *remover) split(ctx context.Context, ids []string) error {
	size := (len(ids) + 1) / 2
	if len(ids) <= fewEntries {
		size = 1
	}
	refusals, doubts := r.refusals, len(r.doubtful)
	for rest := ids; len(rest) > 0; {
		part := rest[:min(size, r.list.maxRemove, len(rest))]
		if err := r.postChunk(ctx, part); err != nil {
			return err
		}
		rest = rest[len(part):]
	}
	if r.refusals == refusals && len(r.doubtful) == doubts && size > 1 {
		// All of it was good: it was too large.
		r.list.maxRemove = min(r.list.maxRemove, size)
	}
	return nil
}

// settle walks the list for the doubtful ids and gives those that are to be sent again.
func (r *remover) settle(ctx context.Context, attempt int) []string {
	if len(r.doubtful) == 0 {
		return nil
	}
	before := r.list.invalidate()
	var again []string
	err := r.list.view(ctx, before, func(s *snapshot) {
		for _, d := range r.doubtful {
			_, there := s.find(d.id)
			_, young := r.young[d.id]
			switch {
			case !there && !young:
				r.list.noteRemoved(d.id)
			case d.lost && attempt < sendAttempts:
				again = append(again, d.id)
			case d.lost:
				r.failed[d.id] = fmt.Errorf("sent %d times without effect: %w", attempt, d.err)
			default:
				r.failed[d.id] = d.err
			}
		}
	})
	if err != nil {
		for _, d := range r.doubtful {
			r.failed[d.id] = fmt.Errorf("%w (and it cannot be read whether the entry is gone: %w)", d.err, err)
		}
		return nil
	}
	return again
}

// lookAgain waits for the list to show that failed removals were carried out after all.
func (r *remover) lookAgain(ctx context.Context) {
	for id := range r.failed {
		if write, young := r.young[id]; young && r.lost[id] && r.stopped() == nil {
			r.pause(lagWindow - time.Since(write.at))
		}
	}
	for _, wait := range r.list.lagWaits {
		open := 0
		for id := range r.failed {
			if r.lost[id] {
				open++
			}
		}
		if open == 0 || r.stopped() != nil {
			return
		}
		r.pause(wait)
		err := r.list.view(ctx, r.list.invalidate(), func(s *snapshot) {
			for id := range r.failed {
				if _, there := s.find(id); !there && r.lost[id] {
					delete(r.failed, id)
					r.list.noteRemoved(id)
				}
			}
		})
		if err != nil {
			return
		}
	}
}
