package exclusion

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// Terraform orders neither the plans nor the work of resources that do not refer to each other, and removing a resource
// needs no plan at apply at which another one could be asked. So hand-overs are found while everything is planned.
const (
	// maxHandOvers is how many resources of their own may hand their entry over in one run. Each that waits to be taken
	// over holds one of the (by default ten) places that Terraform has for resources, and the taker needs one.
	maxHandOvers = 5
	// plannedMost bounds how long all plans of leavers together wait for those that take over.
	plannedMost = 2 * time.Second
)

// leaving is what the resources of this process give up. All access is under List.mu.
type leaving struct {
	owners    map[string]*departure
	byCompany map[company][]left
	byID      map[string]left
	// handedOver are the entries that a resource of its own gives up and another one takes over.
	handedOver map[string]bool
	// kept are entries that stay on the list whoever removes them.
	kept  map[string]bool
	first time.Time
}

// departure is what one owner gives up.
type departure struct {
	entries []openprospect.Entry
	// alone says that the owner is a resource of one entry.
	alone bool
	// settled says that its plan is made: kept has all that it knows of.
	settled bool
	kept    map[string]bool
}

// left finds an entry that is given up.
type left struct {
	owner string
	place int
}

func newLeaving() leaving {
	return leaving{
		owners:     make(map[string]*departure),
		byCompany:  make(map[company][]left),
		byID:       make(map[string]left),
		handedOver: make(map[string]bool),
		kept:       make(map[string]bool),
	}
}

// Leave says that the plan of the owner gives these entries up, in the place of what it gave up before; alone, that
// the owner is a resource of one entry. It waits a moment for claims, and gives the ids of those that another owner takes over: they are to be
// left on the list (Keep). Those that are claimed later are told to the other owner (AtRisk).
//
// A *HandOverError when Terraform cannot be relied on to let the other resource take an entry over before it is removed.
func (l *List) Leave(ctx context.Context, owner string, entries []openprospect.Entry, alone bool) (kept []string, err error) {
	l.mu.Lock()
	own, err := l.depart(owner, entries, alone)
	first := l.leaving.first
	l.mu.Unlock()
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	l.awaitQuiet(ctx, first, plannedMost-time.Since(first))

	l.mu.Lock()
	defer l.mu.Unlock()
	own.settled = true
	for _, entry := range entries {
		if l.claimedByOther(owner, entry) {
			own.kept[entry.ID] = true
			kept = append(kept, entry.ID)
		}
	}
	return kept, nil
}

// depart notes what the owner gives up. Called under the lock.
func (l *List) depart(owner string, entries []openprospect.Entry, alone bool) (*departure, error) {
	c := &l.leaving
	c.drop(owner)
	for _, entry := range entries {
		there, claimed := l.claims.byID[entry.ID]
		if claimed && there.owner != owner {
			return nil, &HandOverError{BlacklistID: l.id, Entry: entry, Reason: HandOverHeld}
		}
		there, claimed = l.claims.byCompany[companyOf(entry.EntryFields)]
		if !claimed || there.owner == owner {
			continue
		}
		taken := l.claims.entry(there)
		if identify(taken.EntryFields) != identify(entry.EntryFields) {
			return nil, &HandOverError{BlacklistID: l.id, Entry: entry, Other: taken, Reason: HandOverChanged}
		}
		if alone {
			if err := l.countHandOver(entry); err != nil {
				return nil, err
			}
		}
	}
	own := &departure{entries: entries, alone: alone, kept: make(map[string]bool)}
	c.put(owner, own)
	if c.first.IsZero() {
		c.first = time.Now()
	}
	return own, nil
}

func (c *leaving) put(owner string, own *departure) {
	c.owners[owner] = own
	for i, entry := range own.entries {
		tier := companyOf(entry.EntryFields)
		c.byCompany[tier] = append(c.byCompany[tier], left{owner, i})
		c.byID[entry.ID] = left{owner, i}
	}
}

func (c *leaving) drop(owner string) {
	own := c.owners[owner]
	if own == nil {
		return
	}
	for _, entry := range own.entries {
		tier := companyOf(entry.EntryFields)
		c.byCompany[tier] = slices.DeleteFunc(c.byCompany[tier], func(there left) bool { return there.owner == owner })
		delete(c.byID, entry.ID)
	}
	delete(c.owners, owner)
}

func (c *leaving) entry(there left) openprospect.Entry {
	return c.owners[there.owner].entries[there.place]
}

// checkTakeOver checks whether what is wanted can be taken over from those who give it up. Called under the lock.
func (l *List) checkTakeOver(owner string, wanted claim) error {
	if len(l.leaving.owners) == 0 {
		return nil
	}
	for _, entry := range wanted.entries {
		if there, leaves := l.leaving.byID[entry.ID]; leaves && entry.ID != "" && there.owner != owner {
			return &HandOverError{BlacklistID: l.id, Entry: l.leaving.entry(there), Reason: HandOverHeld}
		}
		if err := l.checkCompany(owner, entry); err != nil {
			return err
		}
	}
	return nil
}

// checkCompany checks one entry that may be given up by others. Called under the lock.
func (l *List) checkCompany(owner string, entry openprospect.Entry) error {
	var changed *openprospect.Entry
	for _, there := range l.leaving.byCompany[companyOf(entry.EntryFields)] {
		if there.owner == owner {
			continue
		}
		gone := l.leaving.entry(there)
		if identify(gone.EntryFields) != identify(entry.EntryFields) {
			changed = &gone
			continue
		}
		if l.leaving.owners[there.owner].alone {
			return l.countHandOver(gone)
		}
		return nil
	}
	if changed != nil {
		return &HandOverError{BlacklistID: l.id, Entry: *changed, Other: entry, Reason: HandOverChanged}
	}
	return nil
}

// countHandOver refuses, once, the one that is too many. Called under the lock.
func (l *List) countHandOver(entry openprospect.Entry) error {
	if l.leaving.handedOver[entry.ID] {
		return nil
	}
	l.leaving.handedOver[entry.ID] = true
	if len(l.leaving.handedOver) == maxHandOvers+1 {
		return &HandOverError{BlacklistID: l.id, Entry: entry, Reason: HandOverMany}
	}
	return nil
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
			if there.owner != owner && other.settled && !other.kept[gone.ID] && identify(gone.EntryFields) == identify(entry.EntryFields) {
				atRisk = append(atRisk, gone)
			}
		}
	}
	return atRisk
}

// Keep leaves these entries on the list whoever removes them: the plan has found that another resource takes them over.
func (l *List) Keep(ids []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		l.leaving.kept[id] = true
	}
}

// HandOverReason is why an entry cannot be handed over from one resource to another.
type HandOverReason int

// Reasons.
const (
	// HandOverHeld: the other resource has the entry in its state. If nothing of it changes, Terraform does not come to it at apply.
	HandOverHeld HandOverReason = iota
	// HandOverChanged: the other resource wants the company with other fields, which the old entry hides until it is gone.
	HandOverChanged
	// HandOverMany: more resources of their own hand over than Terraform runs at once.
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
	return fmt.Sprintf("blacklist %s: more than %d resources give up an entry that another one takes over, %s among them", e.BlacklistID, maxHandOvers, what)
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
