package exclusion

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// Terraform orders neither the plans nor the work of resources that do not refer to each other, and removing a resource
// needs no plan at apply at which another one could be asked. So hand-overs are found while everything is planned.
const (
	// maxHandOvers is how many resources of their own may wait in one run to have their entry taken over. Each holds one
	// of the (by default ten) places that Terraform has for resources, and the taker needs one.
	maxHandOvers = 5
	// plannedMost bounds how long all plans of leavers together wait for those that take over.
	plannedMost = 2 * time.Second
)

// leaving is what the resources of this process give up. All access is under List.mu.
type leaving struct {
	owners    map[string]*departure
	byCompany map[company][]left
	byID      map[string]left
	// kept are entries that stay on the list whoever removes them.
	kept map[string]bool
	// keptAdded are those of them that Terraform has added.
	keptAdded map[string]bool
	// behind are entries that a resource left on the list when it was destroyed.
	behind map[string]bool
	// expected is what owners may have that is not known yet.
	expected map[string]expected
	first    time.Time
}

// Departure is what the plan of a resource gives up.
type Departure struct {
	Entries []openprospect.Entry
	// Alone says that the resource is one entry.
	Alone bool
	// Destroyed says that the resource goes: at apply it can be told what its plan has found (Keep).
	Destroyed bool
}

// departure is a Departure under way.
type departure struct {
	Departure
	// settled says that its plan is made: kept has all that it knows of.
	settled bool
	kept    map[string]bool
}

// misses reports whether the resource will remove the entry without knowing that another one holds it.
func (d *departure) misses(id string) bool { return !d.Destroyed || d.settled && !d.kept[id] }

// left finds an entry that is given up.
type left struct {
	owner string
	place int
}

func newLeaving() leaving {
	return leaving{
		owners:    make(map[string]*departure),
		byCompany: make(map[company][]left),
		byID:      make(map[string]left),
		kept:      make(map[string]bool),
		keptAdded: make(map[string]bool),
		behind:    make(map[string]bool),
		expected:  make(map[string]expected),
	}
}

// Leave says what the plan of the owner gives up, in the place of what it gave up before. It waits a moment for claims, and
// gives the ids of those entries that another owner takes over: they are to be left on the list. Those that are
// claimed later are told to the other owner (AtRisk).
//
// A *HandOverError when Terraform cannot be relied on to let the other resource take an entry over before it is removed.
func (l *List) Leave(ctx context.Context, owner string, planned Departure) (kept []string, err error) {
	own, first, err := l.depart(owner, planned)
	for gone := l.forgetGone(ctx, err); gone != ""; gone = l.forgetGone(ctx, err) {
		planned.Entries = slices.DeleteFunc(slices.Clone(planned.Entries), func(entry openprospect.Entry) bool { return entry.ID == gone })
		own, first, err = l.depart(owner, planned)
	}
	if err != nil || len(planned.Entries) == 0 {
		return nil, err
	}
	l.awaitQuiet(ctx, first, plannedMost-time.Since(first))

	l.mu.Lock()
	defer l.mu.Unlock()
	own.settled = true
	for _, entry := range planned.Entries {
		if l.claimedByOther(owner, entry) {
			own.kept[entry.ID] = true
			kept = append(kept, entry.ID)
		}
	}
	return kept, nil
}

// depart notes what the owner gives up, and says since when anybody does.
func (l *List) depart(owner string, planned Departure) (own *departure, first time.Time, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &l.leaving
	c.drop(owner)
	if len(planned.Entries) == 0 {
		return nil, first, nil
	}
	own = &departure{Departure: planned, kept: make(map[string]bool)}
	for _, entry := range planned.Entries {
		there, held := l.claims.byID[entry.ID]
		held = held && there.owner != owner
		if !held {
			there, taken := l.claims.byCompany[companyOf(entry.EntryFields)]
			if !taken || there.owner == owner || otherRow(l.claims.entry(there), entry) {
				continue
			}
			if wanted := l.claims.entry(there); identify(wanted.EntryFields) != identify(entry.EntryFields) {
				return nil, first, &HandOverError{BlacklistID: l.id, Entry: entry, Other: wanted, Reason: HandOverChanged}
			}
		}
		if err := l.checkHandOver(own, entry, held); err != nil {
			return nil, first, err
		}
	}
	c.put(owner, own)
	if c.first.IsZero() {
		c.first = time.Now()
	}
	return own, c.first, nil
}

// ForgetGone reports whether a *HandOverError is about an entry that is on the list no more, and forgets that it is given
// up: the same claim may succeed then. Terraform may plan the destruction of a resource before it refreshes it.
func (l *List) ForgetGone(ctx context.Context, err error) bool { return l.forgetGone(ctx, err) != "" }

// forgetGone gives the id of the entry.
func (l *List) forgetGone(ctx context.Context, err error) string {
	var handOver *HandOverError
	if !errors.As(err, &handOver) {
		return ""
	}
	id := handOver.Entry.ID
	if _, found, err := l.FindID(ctx, id); found || err != nil && !openprospect.IsNotFound(err) {
		return ""
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leaving.forgetEntry(handOver.Entry)
	return id
}

// checkHandOver checks one entry that changes hands, which the one that takes over holds already or not. Called under the lock.
func (l *List) checkHandOver(from *departure, entry openprospect.Entry, held bool) error {
	switch {
	case !from.misses(entry.ID):
		return nil
	case held:
		return &HandOverError{BlacklistID: l.id, Entry: entry, Reason: HandOverHeld}
	case from.Alone && l.handOvers.tooMany(l.id, entry.ID):
		return &HandOverError{BlacklistID: l.id, Entry: entry, Reason: HandOverMany}
	}
	return nil
}

// otherRow reports whether what is claimed is known to be another row of the list: then the one that is given up takes
// nothing from it.
func otherRow(claimed, gone openprospect.Entry) bool {
	return claimed.ID != "" && claimed.ID != gone.ID
}

// handOvers are the entries, of all lists of a process, that a resource of its own gives up and another one takes over
// without the first one's plan having seen it.
type handOvers struct {
	mu      sync.Mutex
	entries map[[2]string]bool
}

// tooMany counts an entry, and reports whether it is the first that is too many.
func (h *handOvers) tooMany(blacklistID, entryID string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	entry := [2]string{blacklistID, entryID}
	if h.entries[entry] {
		return false
	}
	if h.entries == nil {
		h.entries = make(map[[2]string]bool)
	}
	h.entries[entry] = true
	return len(h.entries) == maxHandOvers+1
}

func (c *leaving) put(owner string, own *departure) {
	c.owners[owner] = own
	for i, entry := range own.Entries {
		tier := companyOf(entry.EntryFields)
		c.byCompany[tier] = append(c.byCompany[tier], left{owner, i})
		c.byID[entry.ID] = left{owner, i}
	}
}

// forget drops an entry that is off the list by now. Its place with its owner stays.
func (c *leaving) forget(id string) {
	if there, leaves := c.byID[id]; leaves {
		c.forgetEntry(c.entry(there))
	}
}

func (c *leaving) forgetEntry(gone openprospect.Entry) {
	delete(c.byID, gone.ID)
	tier := companyOf(gone.EntryFields)
	c.byCompany[tier] = slices.DeleteFunc(c.byCompany[tier], func(there left) bool { return c.entry(there).ID == gone.ID })
}

func (c *leaving) drop(owner string) {
	own := c.owners[owner]
	if own == nil {
		return
	}
	for _, entry := range own.Entries {
		tier := companyOf(entry.EntryFields)
		c.byCompany[tier] = slices.DeleteFunc(c.byCompany[tier], func(there left) bool { return there.owner == owner })
		delete(c.byID, entry.ID)
	}
	delete(c.owners, owner)
}

func (c *leaving) entry(there left) openprospect.Entry {
	return c.owners[there.owner].Entries[there.place]
}

// checkTakeOver checks whether what is wanted can be taken over from those who give it up. Called under the lock.
func (l *List) checkTakeOver(owner string, wanted claim) error {
	if len(l.leaving.owners) == 0 {
		return nil
	}
	for _, entry := range wanted.entries {
		there, leaves := l.leaving.byID[entry.ID]
		held := leaves && there.owner != owner
		if !held {
			var err error
			if there, leaves, err = l.leaverOf(owner, entry); err != nil {
				return err
			} else if !leaves {
				continue
			}
		}
		if err := l.checkHandOver(l.leaving.owners[there.owner], l.leaving.entry(there), held); err != nil {
			return err
		}
	}
	return nil
}

// leaverOf finds who gives up an entry that another owner wants to take over. Called under the lock.
func (l *List) leaverOf(owner string, wanted openprospect.Entry) (from left, found bool, err error) {
	for _, there := range l.leaving.byCompany[companyOf(wanted.EntryFields)] {
		gone := l.leaving.entry(there)
		if there.owner == owner || otherRow(wanted, gone) {
			continue
		}
		if identify(gone.EntryFields) == identify(wanted.EntryFields) {
			return there, true, nil
		}
		err = &HandOverError{BlacklistID: l.id, Entry: gone, Other: wanted, Reason: HandOverChanged}
	}
	return left{}, false, err
}

// AtRisk gives what the owner takes over from resources whose plan was made before it claimed it. At apply these wait
// a moment for the claim, and may remove the entry first if Terraform comes to the owner much later.
func (l *List) AtRisk(owner string) []openprospect.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.leaving.owners) == 0 {
		return nil
	}
	var atRisk []openprospect.Entry
	for _, entry := range l.claims.owners[owner].entries {
		for _, there := range l.leaving.byCompany[companyOf(entry.EntryFields)] {
			other, gone := l.leaving.owners[there.owner], l.leaving.entry(there)
			if there.owner != owner && other.settled && !other.kept[gone.ID] && !otherRow(entry, gone) && identify(gone.EntryFields) == identify(entry.EntryFields) {
				atRisk = append(atRisk, gone)
			}
		}
	}
	return atRisk
}

// Unclaimed gives those of the entries that no other owner claims, and that the plan has not said to keep.
func (l *List) Unclaimed(owner string, entries []openprospect.Entry) []openprospect.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	var unclaimed []openprospect.Entry
	for _, entry := range entries {
		if !l.claimedByOther(owner, entry) {
			unclaimed = append(unclaimed, entry)
		}
	}
	return unclaimed
}

// Keep leaves these entries on the list whoever removes them: the plan has found that another resource takes them over.
func (l *List) Keep(ids []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		l.leaving.kept[id] = true
	}
}

// KeepAdded says of entries that are kept (Keep) that the resource that gives them up has added them: who takes them over
// counts them as its own additions.
func (l *List) KeepAdded(ids []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		l.leaving.keptAdded[id] = l.leaving.kept[id]
	}
}

// LeaveBehind notes what a resource that is destroyed leaves on the list: if the blacklist goes as well, it goes with it.
func (l *List) LeaveBehind(entries []openprospect.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, entry := range entries {
		l.leaving.behind[entry.ID] = true
	}
}

// LeftBehind is how many of the entries that are on the list now were left there by resources that were destroyed. It reads
// the list only if there may be any.
func (l *List) LeftBehind(ctx context.Context) (count int64, err error) {
	l.mu.Lock()
	none := len(l.leaving.behind) == 0
	l.mu.Unlock()
	if none {
		return 0, nil
	}
	err = l.view(ctx, l.invalidate(), func(s *snapshot) {
		for id := range l.leaving.behind {
			if _, found := s.find(id); found {
				count++
			}
		}
	})
	return count, err
}

// HandOverReason is why an entry cannot be handed over from one resource to another.
type HandOverReason int

// Reasons.
const (
	// HandOverHeld: the other resource has the entry in its state, and the one that gives it up does not know. If nothing
	// of the other changes, Terraform does not come to it at apply.
	HandOverHeld HandOverReason = iota
	// HandOverChanged: the other resource wants the company with other fields, which the old entry hides until it is gone.
	HandOverChanged
	// HandOverMany: more resources of their own would wait for their takers than Terraform leaves places for these.
	HandOverMany
)

// HandOverError says that one resource gives up an entry and another one wants it, in a way in which the company
// could be off the list in between.
type HandOverError struct {
	BlacklistID string
	// Entry is the one that is given up; Other what the other resource wants, where that differs.
	Entry, Other openprospect.Entry
	Reason       HandOverReason
}

func (e *HandOverError) Error() string {
	what := Describe(e.Entry.EntryFields) + " (entry " + e.Entry.ID + ")"
	switch e.Reason {
	case HandOverHeld:
		return fmt.Sprintf("blacklist %s: one resource gives up %s, and another one has the same entry in its state and keeps it", e.BlacklistID, what)
	case HandOverChanged:
		return fmt.Sprintf("blacklist %s: one resource gives up %s, and another one takes the company over with other fields: %s",
			e.BlacklistID, what, details(e.Other.EntryFields))
	}
	return fmt.Sprintf("blacklist %s: more than %d resources of this run would have to wait at apply for the one that takes their entry over, that of %s among them", e.BlacklistID, maxHandOvers, what)
}

// details names all fields of an entry.
func details(fields openprospect.EntryFields) string {
	var parts []string
	for _, field := range []struct{ name, value string }{
		{"company_name", fields.CompanyName}, {"website_url", fields.WebsiteURL}, {"city", fields.City},
		{"country", fields.Country}, {"external_id", fields.ExternalID},
	} {
		if value := strings.TrimSpace(field.value); value != "" {
			parts = append(parts, fmt.Sprintf("%s %q", field.name, shorten(value)))
		}
	}
	return strings.Join(parts, ", ")
}
