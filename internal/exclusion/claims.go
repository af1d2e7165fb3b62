package exclusion

import "github.com/openprospect/terraform-provider-openprospect/internal/openprospect"

// claim is what one owner manages on a list in this process.
type claim struct {
	// whole says that the owner manages the whole list: nobody else may manage a part of it.
	whole bool
	// entries are those that it manages, by company.
	entries map[company]openprospect.Entry
	ids     map[string]openprospect.Entry
}

// ClaimEntry says that the owner manages this one entry in this process (its ID may be ""), in the
// place of whatever the owner claimed before. A *ClaimError when another owner claims an entry for the
// same company (CompanyKey), the same id, or the whole list; then the owner's earlier claim stands.
//
// The owner is any text that stays the same for a resource, however often it is planned.
func (l *List) ClaimEntry(owner string, entry openprospect.Entry) error {
	return l.claim(owner, newClaim(false, []openprospect.Entry{entry}))
}

// ClaimEntries is ClaimEntry for a resource that manages some entries of the list.
func (l *List) ClaimEntries(owner string, entries []openprospect.Entry) error {
	return l.claim(owner, newClaim(false, entries))
}

// ClaimWhole says that the owner manages the whole list, which is to hold these entries. A *ClaimError when
// another owner claims any of it.
func (l *List) ClaimWhole(owner string, entries []openprospect.Entry) error {
	return l.claim(owner, newClaim(true, entries))
}

// Release drops all claims of an owner.
func (l *List) Release(owner string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.claims, owner)
}

func newClaim(whole bool, entries []openprospect.Entry) claim {
	c := claim{
		whole:   whole,
		entries: make(map[company]openprospect.Entry, len(entries)),
		ids:     make(map[string]openprospect.Entry, len(entries)),
	}
	for _, entry := range entries {
		if tier := identify(entry.EntryFields).company(); tier.method != "" {
			c.entries[tier] = entry
		}
		if entry.ID != "" {
			c.ids[entry.ID] = entry
		}
	}
	return c
}

func (l *List) claim(owner string, wanted claim) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for other, held := range l.claims {
		if other == owner {
			continue
		}
		if entry, conflict := held.conflict(wanted); conflict {
			return &ClaimError{BlacklistID: l.id, Entry: entry, Whole: held.whole || wanted.whole}
		}
	}
	l.claims[owner] = wanted
	return nil
}

// conflict gives an entry that only one of the two can manage: of a whole list and a part of it, one of the part.
func (c claim) conflict(other claim) (openprospect.Entry, bool) {
	small, large := c, other
	if c.whole && !other.whole || len(c.entries) > len(other.entries) && c.whole == other.whole {
		small, large = other, c
	}
	for id, entry := range small.ids {
		if _, both := large.ids[id]; both {
			return entry, true
		}
	}
	for tier, entry := range small.entries {
		if _, both := large.entries[tier]; both {
			return entry, true
		}
	}
	if !c.whole && !other.whole {
		return openprospect.Entry{}, false
	}
	for _, entry := range small.entries {
		return entry, true
	}
	return openprospect.Entry{}, true
}

// claimedByOther reports whether another owner claims the entry, by its id or by its Key. Called under the lock.
func (l *List) claimedByOther(owner string, entry openprospect.Entry) bool {
	id := identify(entry.EntryFields)
	for other, held := range l.claims {
		if other == owner {
			continue
		}
		if _, found := held.ids[entry.ID]; found {
			return true
		}
		if same, found := held.entries[id.company()]; found && id.company().method != "" && identify(same.EntryFields) == id {
			return true
		}
	}
	return false
}
