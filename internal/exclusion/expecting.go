package exclusion

import (
	"slices"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// expected is what a resource may take over of which not everything is known when it is planned.
type expected struct {
	// any says that nothing is known of it.
	any     bool
	company company
}

func (e expected) matches(entry openprospect.Entry) bool {
	return e.any || e.company == companyOf(entry.EntryFields)
}

// Expect says that the owner will have an entry for the company of wanted, or, if that is nil, for any companies. It gives
// those that others have given up by now: at apply, nothing tells these in time that the owner takes them over. Those that are given
// up later are told to them (Expected).
func (l *List) Expect(owner string, wanted *openprospect.EntryFields) []openprospect.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	expects := expected{any: wanted == nil}
	if wanted != nil {
		expects.company = companyOf(*wanted)
	}
	l.leaving.expected[owner] = expects
	l.claims.last = time.Now()
	var given []openprospect.Entry
	for other, from := range l.leaving.owners {
		if other == owner || !from.settled {
			continue
		}
		for _, entry := range from.Entries {
			if expects.matches(entry) && !from.kept[entry.ID] {
				given = append(given, entry)
			}
		}
	}
	return given
}

// Expected gives what the owner has given up (Leave), is not taken over by anybody as far as is known, and another owner expects.
func (l *List) Expected(owner string) []openprospect.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	from := l.leaving.owners[owner]
	if from == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(from.Entries), func(entry openprospect.Entry) bool {
		return from.kept[entry.ID] || !l.expectedByOther(owner, entry)
	})
}

func (l *List) expectedByOther(owner string, entry openprospect.Entry) bool {
	for other, expects := range l.leaving.expected {
		if other != owner && expects.matches(entry) {
			return true
		}
	}
	return false
}
