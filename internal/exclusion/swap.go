package exclusion

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// swapGroup is how many companies may be off the list at once while their entries are swapped.
const swapGroup = 100

// swapDeduplicated removes old entries first where the API accepted the new ones without an effect. Between the removal
// and the addition the companies are off the list, so each group is finished, whoever stops waiting.
func (r *run) swapDeduplicated(additions []*addition) {
	var deduplicated []*addition
	r.list.mu.Lock()
	for _, a := range additions {
		if errors.Is(a.err, errDeduplicated) && !a.change.abandoned {
			a.change.finishing = true
			deduplicated = append(deduplicated, a)
		}
	}
	r.list.mu.Unlock()
	uncancellable := *r
	uncancellable.ctx = context.WithoutCancel(r.ctx)
	for group := range slices.Chunk(deduplicated, swapGroup) {
		if r.stopped() != nil {
			return
		}
		uncancellable.swap(group)
	}
}

// swap removes the entries that the additions replace, adds the new ones, and puts an old one back when that fails.
func (r *run) swap(additions []*addition) {
	var outgoing []*removal
	for _, a := range additions {
		for _, old := range a.collidesWith {
			if !old.gone && !slices.Contains(outgoing, old) {
				outgoing = append(outgoing, old)
			}
		}
	}
	r.remove(outgoing)
	for _, old := range outgoing {
		if old.lost {
			// It may be gone. What is added now is either needed or, to such a server, nothing.
			old.gone, old.err = true, nil
		}
	}

	var wanted []*addition
	for _, a := range additions {
		if err := r.inTheWay(a); err != nil {
			a.fail(err)
			continue
		}
		*a = addition{change: a.change, company: a.company, collidesWith: a.collidesWith}
		wanted = append(wanted, a)
	}
	r.add(wanted)
	r.putBack(additions, outgoing)
}

// inTheWay returns why an old entry is still in the way of the addition.
func (r *run) inTheWay(a *addition) error {
	for _, old := range a.collidesWith {
		switch {
		case old.claimedElsewhere:
			return &ExistsError{BlacklistID: r.list.id, Entry: old.entry, Claimed: true}
		case old.err != nil:
			return fmt.Errorf("its old entry %s could not be removed: %w", old.entry.ID, old.err)
		}
	}
	return nil
}

// putBack adds the old entries again whose successors failed.
func (r *run) putBack(additions []*addition, outgoing []*removal) {
	successors := make(map[*removal]*addition)
	for _, a := range additions {
		if a.err != nil {
			for _, old := range a.collidesWith {
				successors[old] = a
			}
		}
	}
	var olds []*removal
	var back []*addition
	for _, old := range outgoing {
		isBack := func(a *addition) bool { return a.company.SameFields(old.entry.Company) }
		if !old.gone || successors[old] == nil || slices.ContainsFunc(back, isBack) {
			continue
		}
		olds = append(olds, old)
		back = append(back, &addition{change: old.change, company: old.entry.Company})
	}
	r.add(back)
	for i, a := range back {
		old := olds[i]
		successor := successors[old]
		if a.err != nil {
			successor.err = &OffListError{BlacklistID: r.list.id, Company: old.entry.Company, Cause: errors.Join(successor.err, a.err)}
			continue
		}
		old.entry, old.gone = a.entry, false
		successor.err = fmt.Errorf("%w (the old entry was put back as entry %s)", successor.err, a.entry.ID)
	}
}
