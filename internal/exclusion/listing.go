package exclusion

import (
	"context"
	"slices"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// lagWindow is how long the process believes its own writes rather than a walk that does not show
// them: the API may read from a replica that is behind (U19).
const lagWindow = 15 * time.Second

// snapshot is the list as the newest walk and the writes since then leave it. All access is under List.mu.
type snapshot struct {
	// sequence is that of the walk that read it.
	sequence uint64
	// rows are in the list's order; a row without an id has been removed.
	rows []openprospect.Entry
	live int
	byID map[string]int
	// The other indexes are made when they are first asked for: a bulk resource needs none of them.
	indexed  bool
	byKey    map[identity][]int
	byTier   map[company][]int
	byDomain map[string][]int
	byName   map[string][]int
}

func newSnapshot(sequence uint64, entries []openprospect.Entry) *snapshot {
	s := &snapshot{sequence: sequence, byID: make(map[string]int, len(entries))}
	s.rows = make([]openprospect.Entry, 0, len(entries))
	for _, entry := range entries {
		s.add(entry)
	}
	return s
}

// add appends an entry unless its id is there already.
func (s *snapshot) add(entry openprospect.Entry) {
	if _, found := s.byID[entry.ID]; found || entry.ID == "" {
		return
	}
	s.rows = append(s.rows, entry)
	s.live++
	s.byID[entry.ID] = len(s.rows) - 1
	if s.indexed {
		s.index(len(s.rows) - 1)
	}
}

// remove forgets an entry. Its places in the other indexes stay and are skipped.
func (s *snapshot) remove(id string) {
	if i, found := s.byID[id]; found {
		delete(s.byID, id)
		s.rows[i] = openprospect.Entry{}
		s.live--
	}
}

func (s *snapshot) find(id string) (openprospect.Entry, bool) {
	i, found := s.byID[id]
	if !found {
		return openprospect.Entry{}, false
	}
	return s.rows[i], true
}

func (s *snapshot) entries() []openprospect.Entry {
	entries := make([]openprospect.Entry, 0, s.live)
	for _, row := range s.rows {
		if row.ID != "" {
			entries = append(entries, row)
		}
	}
	return entries
}

func (s *snapshot) index(i int) {
	id := identify(s.rows[i].EntryFields)
	s.byKey[id] = append(s.byKey[id], i)
	if tier := id.company(); tier.method != "" {
		s.byTier[tier] = append(s.byTier[tier], i)
	}
	if id.hasDomain {
		s.byDomain[id.website] = append(s.byDomain[id.website], i)
	}
	if id.name != "" {
		s.byName[id.name] = append(s.byName[id.name], i)
	}
}

func (s *snapshot) ensureIndexes() {
	if s.indexed {
		return
	}
	s.indexed = true
	s.byKey = make(map[identity][]int, s.live)
	s.byTier = make(map[company][]int, s.live)
	s.byDomain = make(map[string][]int, s.live)
	s.byName = make(map[string][]int, s.live)
	for i := range s.rows {
		if s.rows[i].ID != "" {
			s.index(i)
		}
	}
}

// withKey gives the entries with all the same fields, in the list's order.
func (s *snapshot) withKey(id identity) []openprospect.Entry {
	s.ensureIndexes()
	return s.pick(s.byKey[id])
}

// withTier gives the entries that the API matches by the same value of the same tier.
func (s *snapshot) withTier(tier company) []openprospect.Entry {
	s.ensureIndexes()
	return s.pick(s.byTier[tier])
}

// maybe gives the entries that the API may take for the same company.
func (s *snapshot) maybe(id identity) []openprospect.Entry {
	s.ensureIndexes()
	var places []int
	if id.externalID != "" {
		places = append(places, s.byTier[company{MatchExternalID, id.externalID, ""}]...)
	}
	if id.hasDomain {
		places = append(places, s.byDomain[id.website]...)
	}
	for _, i := range s.byName[id.name] {
		if s.rows[i].ID != "" && id.mayBe(identify(s.rows[i].EntryFields)) {
			places = append(places, i)
		}
	}
	return s.pick(places)
}

// pick gives the live rows at these places, each once, in the list's order.
func (s *snapshot) pick(places []int) []openprospect.Entry {
	places = slices.Clone(places)
	slices.Sort(places)
	var entries []openprospect.Entry
	for _, i := range slices.Compact(places) {
		if s.rows[i].ID != "" {
			entries = append(entries, s.rows[i])
		}
	}
	return entries
}

// walk is one reading of the whole list, shared by whoever waits for it.
type walk struct {
	sequence uint64
	cancel   context.CancelFunc
	waiters  int
	done     chan struct{}
	// err is set before done is closed.
	err error
	// dropped says that the result is not wanted: nobody waits any more, or a write whose effect is unknown
	// was carried out meanwhile. Under List.mu.
	dropped bool
}

// view calls use, under the lock, with a snapshot read by a walk that began after the given
// sequence number, walking when there is none. 0 is any snapshot.
func (l *List) view(ctx context.Context, after uint64, use func(*snapshot)) error {
	for {
		l.mu.Lock()
		if l.snap != nil && l.snap.sequence > after {
			use(l.snap)
			l.mu.Unlock()
			return nil
		}
		w := l.walking
		if w == nil {
			w = l.startWalk(ctx)
		}
		w.waiters++
		l.mu.Unlock()

		select {
		case <-w.done:
			if w.err != nil && !l.isDropped(w) {
				return w.err
			}
		case <-ctx.Done():
			l.leave(w)
			return context.Cause(ctx)
		}
	}
}

// startWalk begins a walk that outlives the caller's ctx. Called under the lock.
func (l *List) startWalk(ctx context.Context) *walk {
	l.sequence++
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	w := &walk{sequence: l.sequence, cancel: cancel, done: make(chan struct{})}
	l.walking = w
	began := time.Now()
	go func() {
		defer cancel()
		entries, err := l.api.ListEntries(ctx, l.id)
		l.finishWalk(w, began, entries, err)
	}()
	return w
}

func (l *List) finishWalk(w *walk, began time.Time, entries []openprospect.Entry, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer close(w.done)
	if w.dropped {
		return
	}
	l.walking = nil
	if err != nil {
		w.err = err
		return
	}
	fresh := newSnapshot(w.sequence, entries)
	l.overlayWrites(fresh, began)
	if old := l.previous; old != nil {
		clear(l.vanished)
		for id := range old.byID {
			if _, found := fresh.byID[id]; !found {
				l.vanished[id] = true
			}
		}
	}
	l.walks++
	l.unsure = false
	l.snap, l.previous = fresh, fresh
}

// overlayWrites puts own writes into a walk that may not show them: it began before they were answered, or reads lag behind.
func (l *List) overlayWrites(fresh *snapshot, began time.Time) {
	for id, write := range l.written {
		if began.Sub(write.at) > lagWindow {
			delete(l.written, id)
			continue
		}
		if write.removed {
			fresh.remove(id)
		} else {
			fresh.add(write.entry)
		}
	}
}

// ownWrite is a write of this process that the server has confirmed.
type ownWrite struct {
	entry   openprospect.Entry
	removed bool
	at      time.Time
}

// noteAdded records an addition whose id the server has told. Called under the lock.
func (l *List) noteAdded(entry openprospect.Entry) {
	l.written[entry.ID] = ownWrite{entry: entry, at: time.Now()}
	if l.snap != nil {
		l.snap.add(entry)
	}
}

// noteRemoved records a removal. Called under the lock.
func (l *List) noteRemoved(id string) {
	l.written[id] = ownWrite{removed: true, at: time.Now()}
	if l.snap != nil {
		l.snap.remove(id)
	}
	l.dropReservation(id)
	l.leaving.forget(id)
}

// invalidate drops the snapshot, and the walk under way, because a write had an effect that is not known.
// It gives the number of the newest walk that began before: view with it walks afresh, or shares a walk that is fresh.
func (l *List) invalidate() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.snap, l.unsure = nil, true
	if l.walking != nil {
		l.drop(l.walking)
	}
	return l.sequence
}

// drop gives a walk up: whoever waits for it begins another. Called under the lock.
func (l *List) drop(w *walk) {
	w.dropped = true
	w.cancel()
	if l.walking == w {
		l.walking = nil
	}
}

func (l *List) isDropped(w *walk) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return w.dropped
}

// leave ends one caller's waiting. The last one cancels the walk.
func (l *List) leave(w *walk) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w.waiters--
	if w.waiters == 0 {
		l.drop(w)
	}
}

// currentSequence is the number of the newest walk that was begun: view with it walks afresh.
func (l *List) currentSequence() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sequence
}
