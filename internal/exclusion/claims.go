package exclusion

import (
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// claims is what the resources of this process manage on a list. All access is under List.mu.
type claims struct {
	owners    map[string]claim
	byCompany map[company]claimed
	byID      map[string]claimed
	// wholes is how many owners claim the whole list.
	wholes int
	// last is when the last claim was made.
	last time.Time
}

// claim is what one owner manages.
type claim struct {
	// whole says that it is the whole list: nobody else may manage a part of it.
	whole   bool
	entries []openprospect.Entry
}

// claimed finds an entry of a claim.
type claimed struct {
	owner string
	place int
}

func newClaims() claims {
	return claims{owners: make(map[string]claim), byCompany: make(map[company]claimed), byID: make(map[string]claimed)}
}

// ClaimEntry says that the owner manages this one entry in this process (its ID may be ""), in the
// place of whatever the owner claimed before. A *ClaimError when another owner claims an entry for the
// same company (CompanyKey), the same id, or the whole list; a *HandOverError when another owner gives the
// entry up and it could be lost on the way (Leave). The owner's earlier claim stands then.
//
// The owner is any text that stays the same for a resource, however often it is planned.
func (l *List) ClaimEntry(owner string, entry openprospect.Entry) error {
	return l.claim(owner, claim{entries: []openprospect.Entry{entry}})
}

// ClaimEntries is ClaimEntry for a resource that manages some entries of the list.
func (l *List) ClaimEntries(owner string, entries []openprospect.Entry) error {
	return l.claim(owner, claim{entries: entries})
}

// ClaimWhole says that the owner manages the whole list, which is to hold these entries. A *ClaimError when
// another owner claims any of it.
func (l *List) ClaimWhole(owner string, entries []openprospect.Entry) error {
	return l.claim(owner, claim{whole: true, entries: entries})
}

// Release drops all claims of an owner.
func (l *List) Release(owner string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.claims.drop(owner)
}

func (l *List) claim(owner string, wanted claim) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if entry, whole, conflict := l.claims.conflict(owner, wanted); conflict {
		return &ClaimError{BlacklistID: l.id, Entry: entry, Whole: whole}
	}
	if err := l.checkTakeOver(owner, wanted); err != nil {
		return err
	}
	l.claims.drop(owner)
	l.claims.put(owner, wanted)
	delete(l.leaving.expected, owner)
	l.claims.last = time.Now()
	return nil
}

func (c *claims) put(owner string, wanted claim) {
	c.owners[owner] = wanted
	if wanted.whole {
		c.wholes++
	}
	for i, entry := range wanted.entries {
		if tier := companyOf(entry.EntryFields); tier.method != "" {
			c.byCompany[tier] = claimed{owner, i}
		}
		if entry.ID != "" {
			c.byID[entry.ID] = claimed{owner, i}
		}
	}
}

func (c *claims) drop(owner string) {
	for _, entry := range c.owners[owner].entries {
		delete(c.byCompany, companyOf(entry.EntryFields))
		delete(c.byID, entry.ID)
	}
	if c.owners[owner].whole {
		c.wholes--
	}
	delete(c.owners, owner)
}

// entry gives what was claimed there.
func (c *claims) entry(there claimed) openprospect.Entry {
	return c.owners[there.owner].entries[there.place]
}

// conflict gives an entry that only one of the owner and the others can manage: of a whole list and a part of it, one of the part.
func (c *claims) conflict(owner string, wanted claim) (entry openprospect.Entry, whole, found bool) {
	for _, entry := range wanted.entries {
		there, both := c.byID[entry.ID]
		if !both || there.owner == owner {
			there, both = c.byCompany[companyOf(entry.EntryFields)]
		}
		if both && there.owner != owner {
			held := c.entry(there)
			if held.ID == "" {
				held.ID = entry.ID
			}
			return held, wanted.whole || c.owners[there.owner].whole, true
		}
	}
	if c.wholes == 0 && !wanted.whole {
		return openprospect.Entry{}, false, false
	}
	for other, held := range c.owners {
		if other == owner || !held.whole && !wanted.whole {
			continue
		}
		part := held
		if held.whole && !wanted.whole || len(held.entries) == 0 {
			part = wanted
		}
		if len(part.entries) > 0 {
			entry = part.entries[0]
		}
		return entry, true, true
	}
	return openprospect.Entry{}, false, false
}

// claimedByOther reports whether another owner claims the entry, by its id or by its Key, or the plan has said to keep it. Called under the lock.
func (l *List) claimedByOther(owner string, entry openprospect.Entry) bool {
	if l.leaving.kept[entry.ID] {
		return true
	}
	if there, found := l.claims.byID[entry.ID]; found && there.owner != owner {
		return true
	}
	there, found := l.claims.byCompany[companyOf(entry.EntryFields)]
	if !found || there.owner == owner {
		return false
	}
	claimed := l.claims.entry(there)
	return !otherRow(claimed, entry) && identify(claimed.EntryFields) == identify(entry.EntryFields)
}
