package exclusion

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// API is what the package needs of the API client.
type API interface {
	ListEntries(ctx context.Context, blacklistID string) ([]openprospect.Entry, error)
	ListEntriesFrom(ctx context.Context, blacklistID string, offset int) (openprospect.EntriesPage, error)
	CountEntriesUntil(ctx context.Context, blacklistID string, settled func(count int64) bool) (int64, error)
	AddEntries(ctx context.Context, blacklistID string, entries []openprospect.EntryFields) (openprospect.AddEntriesResult, error)
	RemoveEntries(ctx context.Context, blacklistID string, ids []string) error
}

// Lists holds one List for each blacklist, for the life of a process.
type Lists struct {
	api   API
	mu    sync.Mutex
	lists map[string]*List
}

// NewLists returns an empty set of lists.
func NewLists(api API) *Lists {
	return &Lists{api: api, lists: make(map[string]*List)}
}

// List returns the list of a blacklist, the same one every time and for every spelling of a UUID.
func (l *Lists) List(blacklistID string) *List {
	key := blacklistID
	if uuid.Validate(key) == nil {
		key = strings.ToLower(key)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	list, found := l.lists[key]
	if !found {
		list = newList(l.api, blacklistID)
		l.lists[key] = list
	}
	return list
}

// List is one blacklist's entries as this process sees and changes them. All who ask share one reading (fetch.go); own
// writes correct what was read; one change at a time is carried out (change.go), and changes of single entries are
// merged (queue.go). It is safe for concurrent use.
//
// The end of a caller's context ends that caller's waiting, never somebody else's reading or writing.
type List struct {
	id  string
	api API
	// writing is held by whoever changes the list: one write in flight a blacklist.
	writing chan struct{}
	// maxAdd and maxRemove are what one request takes, as far as the API has shown. Whoever holds writing uses them.
	maxAdd, maxRemove int

	mu       sync.Mutex
	cache    cache
	queue    queue
	claims   claims
	activity activity
}

func newList(api API, id string) *List {
	return &List{
		id:        id,
		api:       api,
		writing:   make(chan struct{}, 1),
		maxAdd:    openprospect.MaxEntriesPerAdd,
		maxRemove: openprospect.MaxEntriesPerRemove,
		cache:     newCache(),
		queue:     queue{arrived: make(chan struct{}, 1)},
		claims:    newClaims(),
		activity:  activity{changed: make(chan struct{})},
	}
}

// Entries returns all entries. The slice is the caller's.
func (l *List) Entries(ctx context.Context) ([]Entry, error) {
	var entries []Entry
	err := l.withSnapshot(ctx, anySnapshot, func(s *snapshot) { entries = s.entries() })
	return entries, err
}

// FindID returns the entry of that id. A miss is confirmed by one fresh fetch, which all misses share.
func (l *List) FindID(ctx context.Context, id string) (entry Entry, found bool, err error) {
	newerThan := anySnapshot
	for {
		gone := false
		err := l.withSnapshot(ctx, newerThan, func(s *snapshot) {
			entry, found = s.find(id)
			gone = !found && l.cache.confirmsMiss(id)
			newerThan = s.sequence
		})
		if err != nil || found || gone {
			return entry, found, err
		}
	}
}

// FindFields returns the entries with the same fields, in the list's order.
func (l *List) FindFields(ctx context.Context, company Company) ([]Entry, error) {
	var entries []Entry
	err := l.withSnapshot(ctx, anySnapshot, func(s *snapshot) { entries = s.withFields(company) })
	return entries, err
}

// FindCompany returns the entries in which the API may see the same company: same external id, same domain, or same
// name (and city, where both have one).
func (l *List) FindCompany(ctx context.Context, company Company) ([]Entry, error) {
	var entries []Entry
	err := l.withSnapshot(ctx, anySnapshot, func(s *snapshot) { entries = s.couldMatch(company) })
	return entries, err
}

// EntriesNotIn returns the entries of the list whose fields no entry of the document has, in the list's order.
func (l *List) EntriesNotIn(ctx context.Context, document *Document) ([]Entry, error) {
	var others []Entry
	err := l.withSnapshot(ctx, anySnapshot, func(s *snapshot) {
		if s.live == 0 {
			return
		}
		named := make(map[identity]bool, len(document.members))
		for i := range document.members {
			named[document.members[i].company.identity()] = true
		}
		for _, row := range s.rows {
			if row.ID != "" && !named[row.identity()] {
				others = append(others, row)
			}
		}
	})
	return others, err
}

// RecentlyRemoved is how many entries this process has taken off the list within the time for which reads may lag
// behind writes (U19): so many may still be counted although they are gone.
func (l *List) RecentlyRemoved() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	removed := int64(0)
	for _, write := range l.cache.written {
		if write.removed && time.Since(write.at) <= lagWindow {
			removed++
		}
	}
	return removed
}

// Forget drops what is known of the list, so that the next reading fetches it again.
func (l *List) Forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cache.forget()
}
