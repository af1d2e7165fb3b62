package exclusion

import (
	"fmt"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// ExistsError says that an entry cannot be added because the list holds, or another resource of
// this process is adding, an entry for the same company.
type ExistsError struct {
	BlacklistID string
	// Entry is the one that stands in the way. Its ID is "" while it is still being added.
	Entry openprospect.Entry
	// SameRun says that this process itself added it, or is about to.
	SameRun bool
}

func (e *ExistsError) Error() string {
	what := Describe(e.Entry.EntryFields)
	if e.Entry.ID != "" {
		what += " (entry " + e.Entry.ID + ")"
	}
	if e.SameRun {
		return fmt.Sprintf("blacklist %s: another resource of this run already has %s", e.BlacklistID, what)
	}
	return fmt.Sprintf("blacklist %s already holds an entry for the same company: %s", e.BlacklistID, what)
}

// ClaimError says that two resources of one configuration want to manage the same entry, or that
// one wants to manage a whole blacklist of which another manages a part.
type ClaimError struct {
	BlacklistID string
	// Entry is the company concerned; its ID is "" when it is not on the list yet. Empty when two
	// resources both manage the whole of an empty list.
	Entry openprospect.Entry
	// Whole says that one of the two manages the whole blacklist.
	Whole bool
}

func (e *ClaimError) Error() string {
	what := "its entries"
	if e.Entry.EntryFields != (openprospect.EntryFields{}) || e.Entry.ID != "" {
		what = Describe(e.Entry.EntryFields)
		if e.Entry.ID != "" {
			what += " (entry " + e.Entry.ID + ")"
		}
	}
	if e.Whole {
		return fmt.Sprintf("blacklist %s: one resource manages the whole list, and another one manages %s", e.BlacklistID, what)
	}
	return fmt.Sprintf("blacklist %s: two resources manage %s", e.BlacklistID, what)
}

// OffListError says that a company is off the list although it should be on it: its old entry had
// to go first, and neither the new one nor the old one could be added again.
type OffListError struct {
	BlacklistID string
	Fields      openprospect.EntryFields
	Cause       error
}

func (e *OffListError) Error() string {
	return fmt.Sprintf("blacklist %s: %s is off the list: its old entry was removed, and no new one is seen on the list: %s",
		e.BlacklistID, Describe(e.Fields), e.Cause)
}

// Unwrap gives the failure of the addition.
func (e *OffListError) Unwrap() error { return e.Cause }
