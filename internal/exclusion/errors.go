package exclusion

import (
	"fmt"
	"strings"
)

// ExistsError reports that an entry cannot be added because the list holds an entry for the same company with other
// fields.
type ExistsError struct {
	BlacklistID string
	// Entry is the one on the list.
	Entry Entry
	// Claimed is true if another resource of this process manages it.
	Claimed bool
}

func (e *ExistsError) Error() string {
	if e.Claimed {
		return fmt.Sprintf("blacklist %s: another resource in this run already manages %s", e.BlacklistID, e.Entry)
	}
	return fmt.Sprintf("blacklist %s already contains an entry for the same company: %s", e.BlacklistID, e.Entry)
}

// ClaimError reports that two resources of one configuration manage the same entry, or that one manages a whole
// blacklist and another one part of it.
type ClaimError struct {
	BlacklistID string
	// Entry is the company concerned; its ID is "" when it is not on the list yet. It is empty when two resources both
	// manage the whole of an empty list.
	Entry Entry
	// Whole is true if one of the two manages the whole blacklist.
	Whole bool
}

func (e *ClaimError) Error() string {
	what := "its entries"
	if e.Entry.written != nil {
		what = e.Entry.String()
	}
	if e.Whole {
		return fmt.Sprintf("blacklist %s: one resource manages the whole list, and another one manages %s", e.BlacklistID, what)
	}
	return fmt.Sprintf("blacklist %s: two resources manage %s", e.BlacklistID, what)
}

// HandOverError reports that one resource gives up an entry which another one wants, in a way that leaves the company
// off the list.
type HandOverError struct {
	BlacklistID string
	// Entry is the one that is given up.
	Entry Entry
	// Held is true if the other resource has the same entry in its state. Otherwise it wants the company with other
	// fields: Wanted.
	Held   bool
	Wanted Company
}

func (e *HandOverError) Error() string {
	if e.Held {
		return fmt.Sprintf("blacklist %s: one resource removes %s, and another one has the same entry in its state",
			e.BlacklistID, e.Entry)
	}
	return fmt.Sprintf("blacklist %s: one resource removes %s, and another one adds the same company with other fields: %s",
		e.BlacklistID, e.Entry, e.Wanted.allFields())
}

// OffListError reports that a company is off the list although it should be on it: its old entry had to go first, and
// neither the new one nor the old one could be added again.
type OffListError struct {
	BlacklistID string
	Company     Company
	Cause       error
}

func (e *OffListError) Error() string {
	return fmt.Sprintf("blacklist %s: %s is off the list: its old entry was removed, but the new one is not on the list: %s",
		e.BlacklistID, e.Company, e.Cause)
}

// Unwrap returns the failure of the addition.
func (e *OffListError) Unwrap() error { return e.Cause }

// Failure is one entry that could not be added, changed or removed.
type Failure struct {
	Item
	Err error
}

// UpdateError reports which entries an update could not add, change or remove.
type UpdateError struct {
	BlacklistID string
	Failures    []Failure
}

func (e *UpdateError) Error() string {
	const most = 20
	count := "1 entry"
	if len(e.Failures) != 1 {
		count = fmt.Sprintf("%d entries", len(e.Failures))
	}
	lines := []string{fmt.Sprintf("blacklist %s: %s could not be added, changed or removed", e.BlacklistID, count)}
	reported := make(map[error]bool)
	for i, failure := range e.Failures {
		if i == most {
			lines = append(lines, fmt.Sprintf("and %d more", len(e.Failures)-most))
			break
		}
		line := fmt.Sprintf("key %q (%s)", shorten(failure.Key), failure.Company)
		if !reported[failure.Err] {
			line += ": " + failure.Err.Error()
		}
		reported[failure.Err] = true
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the causes, each once.
func (e *UpdateError) Unwrap() []error {
	var causes []error
	reported := make(map[error]bool)
	for _, failure := range e.Failures {
		if !reported[failure.Err] {
			reported[failure.Err] = true
			causes = append(causes, failure.Err)
		}
	}
	return causes
}
