package exclusion

import (
	"maps"
	"slices"
)

// Terraform plans and applies resources that do not refer to each other in any order. So nothing here depends on that
// order: what one resource plans is compared with what the others have planned so far, both ways, and whoever comes
// second learns of a conflict. Nobody waits.

// Plan is what one resource is to have on a list, and what it gives up, as Terraform plans it.
type Plan struct {
	// Keeps is what the resource is to have: entries that it has in state with their ids, those that it will add without.
	Keeps []Entry
	// GivesUp is what it has in state and is to have no more.
	GivesUp []Entry
	// Whole is true if the resource manages the whole list: then nobody else may manage a part of it.
	Whole bool
}

// onlyGivesUp reports whether the plan is in nobody's way.
func (p Plan) onlyGivesUp() bool { return len(p.Keeps) == 0 && !p.Whole }

// claims are the plans of the resources of this process. All access is under List.mu.
type claims struct {
	plans map[string]Plan
	// kept and givenUp find the entries of the plans.
	kept, givenUp index
}

// index finds entries of plans by company and by id.
type index struct {
	byTier map[tier]place
	byID   map[string]place
}

// place is where an entry is in the plan of its owner.
type place struct {
	owner    string
	position int
}

func newClaims() claims {
	newIndex := func() index { return index{make(map[tier]place), make(map[string]place)} }
	return claims{plans: make(map[string]Plan), kept: newIndex(), givenUp: newIndex()}
}

// Claim records the plan of a resource, instead of what the same owner planned before. The owner is any text that stays
// the same for a resource, however often it is planned.
//
// It returns the entries that change hands: one resource gives them up and another one will add the same company, so
// that they are off the list if Terraform removes first. The owner's earlier plan stays if there is an error:
//   - a *ClaimError when two resources are to have the same company, or the same id, or one the whole list and the other a
//     part of it;
//   - a *HandOverError when one gives up an entry that the other has in its state, where the removal would take it from
//     both, or that the other will add with other fields, where the old entry is in the way of the new one.
func (l *List) Claim(owner string, plan Plan) (changesHands []Entry, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if entry, whole, conflict := l.claims.conflict(owner, plan); conflict {
		return nil, &ClaimError{BlacklistID: l.id, Entry: entry, Whole: whole}
	}
	for _, gone := range plan.GivesUp {
		places, found := l.claims.kept.find(owner, gone)
		for _, there := range places[:found] {
			moves, err := l.handOver(gone, l.claims.plans[there.owner].Keeps[there.position])
			if err != nil {
				return nil, err
			}
			if moves {
				changesHands = append(changesHands, gone)
			}
		}
	}
	for _, kept := range plan.Keeps {
		places, found := l.claims.givenUp.find(owner, kept)
		for _, there := range places[:found] {
			gone := l.claims.plans[there.owner].GivesUp[there.position]
			moves, err := l.handOver(gone, kept)
			if err != nil {
				return nil, err
			}
			if moves {
				changesHands = append(changesHands, gone)
			}
		}
	}
	l.claims.drop(owner)
	l.claims.put(owner, plan)
	return changesHands, nil
}

// Discard drops what a resource has planned on any list before it was read, and found to be gone: Terraform then plans it again as
// another owner, or not at all.
func (l *Lists) Discard(owner string) {
	l.mu.Lock()
	lists := slices.Collect(maps.Values(l.lists))
	l.mu.Unlock()
	for _, list := range lists {
		list.mu.Lock()
		list.claims.drop(owner)
		list.mu.Unlock()
	}
}

// handOver compares an entry that one resource gives up with one of the same id or company that another one keeps.
func (l *List) handOver(gone, kept Entry) (moves bool, err error) {
	switch {
	case kept.ID != "" && kept.ID == gone.ID, kept.ID != "" && gone.ID == "" && kept.SameFields(gone.Company):
		// An entry whose id is not known is found by its fields when it is removed.
		return false, &HandOverError{BlacklistID: l.id, Entry: gone, Held: true}
	case kept.ID != "":
		return false, nil // it has a row of its own
	case !kept.SameFields(gone.Company):
		return false, &HandOverError{BlacklistID: l.id, Entry: gone, Wanted: kept.Company}
	}
	return true, nil
}

// find returns where other owners have the entry, by its id and by its company, which may be one place twice: as many of
// the places as count says.
func (x index) find(owner string, entry Entry) (places [2]place, count int) {
	byID, found := x.byID[entry.ID]
	if found && byID.owner != owner {
		places[count] = byID
		count++
	}
	byTier, found := x.byTier[entry.identity().tier()]
	if found && byTier.owner != owner {
		places[count] = byTier
		count++
	}
	return places, count
}

func (x index) add(owner string, entries []Entry) {
	for i, entry := range entries {
		if tier := entry.identity().tier(); tier.method != "" {
			x.byTier[tier] = place{owner, i}
		}
		if entry.ID != "" {
			x.byID[entry.ID] = place{owner, i}
		}
	}
}

func (x index) remove(owner string, entries []Entry) {
	for _, entry := range entries {
		if tier := entry.identity().tier(); x.byTier[tier].owner == owner {
			delete(x.byTier, tier)
		}
		if x.byID[entry.ID].owner == owner {
			delete(x.byID, entry.ID)
		}
	}
}

func (c *claims) put(owner string, plan Plan) {
	c.plans[owner] = plan
	c.kept.add(owner, plan.Keeps)
	c.givenUp.add(owner, plan.GivesUp)
}

func (c *claims) drop(owner string) {
	plan := c.plans[owner]
	c.kept.remove(owner, plan.Keeps)
	c.givenUp.remove(owner, plan.GivesUp)
	delete(c.plans, owner)
}

// conflict returns an entry that only one of the owner and the others can manage: of a whole list and a part of it, one
// of the part.
func (c *claims) conflict(owner string, plan Plan) (entry Entry, whole, found bool) {
	for _, kept := range plan.Keeps {
		if places, found := c.kept.find(owner, kept); found > 0 {
			there := c.plans[places[0].owner]
			entry = there.Keeps[places[0].position]
			if entry.ID == "" {
				entry.ID = kept.ID
			}
			return entry, plan.Whole || there.Whole, true
		}
	}
	for other, held := range c.plans {
		if other == owner || !held.Whole && !plan.Whole || held.onlyGivesUp() || plan.onlyGivesUp() {
			continue
		}
		part := held
		if held.Whole && !plan.Whole || len(held.Keeps) == 0 {
			part = plan
		}
		if len(part.Keeps) > 0 {
			entry = part.Keeps[0]
		}
		return entry, true, true
	}
	return Entry{}, false, false
}

// keptByOther reports whether another owner is to have the entry, by its id or by its fields. Called under the lock.
func (l *List) keptByOther(owner string, entry Entry) bool {
	places, found := l.claims.kept.find(owner, entry)
	for _, there := range places[:found] {
		kept := l.claims.plans[there.owner].Keeps[there.position]
		if kept.ID == entry.ID || kept.ID == "" && kept.SameFields(entry.Company) {
			return true
		}
	}
	return false
}
