package exclusion

import (
	"context"
	"sync"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// Lists holds one List a blacklist for the life of a process.
type Lists struct {
	api       API
	handOvers handOvers
	mu        sync.Mutex
	lists     map[string]*List
}

// NewLists returns an empty set of lists.
func NewLists(api API) *Lists {
	return &Lists{api: api, lists: make(map[string]*List)}
}

// List gives the list of a blacklist, the same one every time.
func (l *Lists) List(blacklistID string) *List {
	l.mu.Lock()
	defer l.mu.Unlock()
	list, found := l.lists[blacklistID]
	if !found {
		list = newList(l.api, blacklistID, &l.handOvers)
		l.lists[blacklistID] = list
	}
	return list
}

// List is one blacklist's entries as this process sees and changes them: read by one
// shared walk, patched by own writes, changed by coalesced writes. Safe for concurrent use.
//
// A walk is shared by all who wait for it and is cancelled when nobody does; an error is told to those
// and not remembered. The end of a caller's context ends its own waiting, never somebody else's read or write.
type List struct {
	id  string
	api API
	// lagWaits are the pauses before a list is walked again that does not show what was just added (U19).
	lagWaits []time.Duration
	// token is held by whoever writes: one write in flight a blacklist.
	token chan struct{}

	mu sync.Mutex
	// Reading: see listing.go.
	sequence uint64
	walking  *walk
	snap     *snapshot
	previous *snapshot
	// walks counts those that were finished since the list was last forgotten.
	walks int
	// vanished are the ids that the walk before the newest one showed and the newest did not.
	vanished map[string]bool
	// written are own writes by id, for as long as a walk may lag behind them.
	written map[string]ownWrite
	// growsElsewhere says that what was added did not show at the end of the list.
	growsElsewhere bool
	// unsure says that no walk has been finished since a write whose effect is not known.
	unsure bool
	// Writing: see writer.go.
	queue writeQueue
	// maxAdd and maxRemove are what one request takes, as far as the API has told. Only whoever holds the token uses them.
	maxAdd    int
	maxRemove int
	// reserved holds the companies that this process has added, or is adding, as single entries; holders
	// finds them by id once that is known.
	reserved map[company]openprospect.Entry
	holders  map[string]company
	// Claims: see claims.go, and leaving.go for what is given up.
	claims    claims
	leaving   leaving
	handOvers *handOvers
}

// defaultLagWaits make five readings in about six seconds.
var defaultLagWaits = []time.Duration{250 * time.Millisecond, 750 * time.Millisecond, 2 * time.Second, 3 * time.Second}

func newList(api API, id string, shared *handOvers) *List {
	return &List{
		id:        id,
		api:       api,
		lagWaits:  defaultLagWaits,
		token:     make(chan struct{}, 1),
		vanished:  make(map[string]bool),
		written:   make(map[string]ownWrite),
		queue:     writeQueue{arrived: make(chan struct{}, 1)},
		maxAdd:    openprospect.MaxEntriesPerAdd,
		maxRemove: openprospect.MaxEntriesPerRemove,
		reserved:  make(map[company]openprospect.Entry),
		holders:   make(map[string]company),
		claims:    newClaims(),
		leaving:   newLeaving(),
		handOvers: shared,
	}
}

// Entries gives all entries, by the shared walk. The slice is the caller's.
func (l *List) Entries(ctx context.Context) ([]openprospect.Entry, error) {
	var entries []openprospect.Entry
	err := l.view(ctx, 0, func(s *snapshot) { entries = s.entries() })
	return entries, err
}

// FindID gives the entry of that id. A miss is confirmed by one fresh walk, shared by all misses.
func (l *List) FindID(ctx context.Context, id string) (entry openprospect.Entry, found bool, err error) {
	after := uint64(0)
	for {
		gone := false
		err := l.view(ctx, after, func(s *snapshot) {
			entry, found = s.find(id)
			gone = !found && l.confirmsMiss(id)
			after = s.sequence
		})
		if err != nil || found || gone {
			return entry, found, err
		}
	}
}

// confirmsMiss reports whether an id that the newest walk does not show was missing before, too, or was removed by
// this process. Called under the lock.
func (l *List) confirmsMiss(id string) bool {
	return l.written[id].removed || l.walks > 1 && !l.vanished[id]
}

// FindFields gives the entries with the same Key, in the list's order.
func (l *List) FindFields(ctx context.Context, fields openprospect.EntryFields) ([]openprospect.Entry, error) {
	var entries []openprospect.Entry
	err := l.view(ctx, 0, func(s *snapshot) { entries = s.withKey(identify(fields)) })
	return entries, err
}

// FindCompany gives the entries that the API may take for the same company: same external id,
// same domain, or same name (and city, where both have one).
func (l *List) FindCompany(ctx context.Context, fields openprospect.EntryFields) ([]openprospect.Entry, error) {
	var entries []openprospect.Entry
	err := l.view(ctx, 0, func(s *snapshot) { entries = s.maybe(identify(fields)) })
	return entries, err
}

// Forget drops what is known of the list, so that the next read walks it again.
func (l *List) Forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.snap, l.previous, l.walks = nil, nil, 0
	clear(l.vanished)
	if l.walking != nil {
		l.drop(l.walking)
	}
}
