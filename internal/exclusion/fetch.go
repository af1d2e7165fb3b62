package exclusion

import (
	"context"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// lagWindow is how long the process believes its own writes rather than a fetch that does not show them: the API may
// read from a replica that is behind (U19).
const lagWindow = 15 * time.Second

// anySnapshot asks withSnapshot for whatever is known.
const anySnapshot = uint64(0)

// cache is what this process knows of a list. All access is under List.mu.
type cache struct {
	// sequence numbers the fetches; current is the one under way.
	sequence uint64
	current  *fetch
	// snapshot is nil while the list must be fetched before anybody can use it. lastFetched stays then, so that the next
	// fetch can be compared with it.
	snapshot, lastFetched *snapshot
	// fetches counts those that were completed since the list was last forgotten.
	fetches int
	// newlyMissing are the ids that the fetch before the newest one showed and the newest did not.
	newlyMissing map[string]bool
	// written are own writes by id, for as long as a fetch may lag behind them.
	written map[string]ownWrite
	// growth is where the list has shown what was added.
	growth growth
	// unreadSinceUnknownWrite is true if no fetch was completed since a write whose effect is not known.
	unreadSinceUnknownWrite bool
	// count is the asking whether there is an entry that is under way, or that found one; nil when one may have been removed since.
	count *entryCount
}

// growth is where a list shows what is added to it.
type growth int

const (
	growthUnknown growth = iota
	growsAtEnd
	growsAtStart
	growsElsewhere
)

// ownWrite is a write of this process that the server has confirmed.
type ownWrite struct {
	entry   Entry
	removed bool
	at      time.Time
}

// fetch is one reading of the whole list, shared by all who wait for it. It is cancelled when nobody does. Its error is
// reported to those and not remembered.
type fetch struct {
	sequence uint64
	cancel   context.CancelFunc
	waiters  int
	done     chan struct{}
	// err is set before done is closed.
	err error
	// dropped is true if the result is not wanted: nobody waits any more, or a write whose effect is unknown was carried
	// out meanwhile. Under List.mu.
	dropped bool
}

func newCache() cache {
	return cache{newlyMissing: make(map[string]bool), written: make(map[string]ownWrite)}
}

// withSnapshot calls use, under the lock, with a snapshot whose fetch began after the one of the given sequence number.
// It fetches the list when there is none.
func (l *List) withSnapshot(ctx context.Context, newerThan uint64, use func(*snapshot)) error {
	for {
		l.mu.Lock()
		if s := l.cache.snapshot; s != nil && s.sequence > newerThan {
			use(s)
			l.mu.Unlock()
			return nil
		}
		f := l.cache.current
		if f == nil {
			f = l.startFetch(ctx)
		}
		f.waiters++
		l.mu.Unlock()

		select {
		case <-f.done:
			if f.err != nil && !l.isDropped(f) {
				return f.err
			}
		case <-ctx.Done():
			l.stopWaiting(f)
			return context.Cause(ctx)
		}
	}
}

// startFetch begins a fetch that outlives the caller's ctx. Called under the lock.
func (l *List) startFetch(ctx context.Context) *fetch {
	l.cache.sequence++
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &fetch{sequence: l.cache.sequence, cancel: cancel, done: make(chan struct{})}
	l.cache.current = f
	began := time.Now()
	l.activity.note(1)
	go func() {
		defer cancel()
		rows, err := l.api.ListEntries(ctx, l.id)
		entries := newEntries(rows)
		l.mu.Lock()
		defer l.mu.Unlock()
		defer close(f.done)
		l.activity.note(-1)
		if f.dropped {
			return
		}
		l.cache.current = nil
		if f.err = err; err == nil {
			l.cache.install(newSnapshot(f.sequence, entries), began)
		}
	}()
	return f
}

// newEntries makes the entries of rows that the API has sent.
func newEntries(rows []openprospect.Entry) []Entry {
	entries := make([]Entry, len(rows))
	for i := range rows {
		entries[i] = Entry{ID: rows[i].ID, Company: NewCompany(rows[i].EntryFields)}
	}
	return entries
}

// install makes a fetched list the snapshot. Own writes are put into it that it may not show: it began before they were
// answered, or reads lag behind.
func (c *cache) install(fresh *snapshot, began time.Time) {
	for id, write := range c.written {
		switch {
		case began.Sub(write.at) > lagWindow:
			delete(c.written, id)
		case write.removed:
			fresh.remove(id)
		default:
			fresh.add(write.entry)
		}
	}
	if c.lastFetched != nil {
		clear(c.newlyMissing)
		for id := range c.lastFetched.byID {
			if _, found := fresh.byID[id]; !found {
				c.newlyMissing[id] = true
			}
		}
	}
	c.fetches++
	c.unreadSinceUnknownWrite = false
	c.snapshot, c.lastFetched = fresh, fresh
}

// confirmsMiss reports whether an id that the newest fetch does not show was missing before, too, or was removed by this
// process.
func (c *cache) confirmsMiss(id string) bool {
	return c.written[id].removed || c.fetches > 1 && !c.newlyMissing[id]
}

// noteAdded records an addition whose id the server has shown.
func (c *cache) noteAdded(entry Entry) {
	c.written[entry.ID] = ownWrite{entry: entry, at: time.Now()}
	if c.snapshot != nil {
		c.snapshot.add(entry)
	}
}

// noteRemoved records a removal.
func (c *cache) noteRemoved(id string) {
	c.written[id] = ownWrite{removed: true, at: time.Now()}
	c.count = nil
	if c.snapshot != nil {
		c.snapshot.remove(id)
	}
}

// invalidate drops the snapshot, and the fetch under way, because a write had an effect that is not known.
func (c *cache) invalidate() {
	c.snapshot, c.unreadSinceUnknownWrite, c.count = nil, true, nil
	if c.current != nil {
		c.drop(c.current)
	}
}

// forget drops all that was read.
func (c *cache) forget() {
	c.snapshot, c.lastFetched, c.fetches, c.count = nil, nil, 0, nil
	clear(c.newlyMissing)
	if c.current != nil {
		c.drop(c.current)
	}
}

// drop abandons a fetch: whoever waits for it begins another.
func (c *cache) drop(f *fetch) {
	f.dropped = true
	f.cancel()
	if c.current == f {
		c.current = nil
	}
}

func (l *List) isDropped(f *fetch) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return f.dropped
}

// stopWaiting ends one caller's waiting. The last one cancels the fetch.
func (l *List) stopWaiting(f *fetch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f.waiters--
	if f.waiters == 0 {
		l.cache.drop(f)
	}
}

// largeList is the number of rows from which a list that lags is read only once more: each reading is more than ten
// requests.
const largeList = 1000

// lookAgain reads the list afresh, because a write may have had an effect that is not known, until look reports that it has seen
// enough or the API has had the time to catch up (U19). look is called under the lock. The error says that the list could
// not be read; where ctx ends during a pause, what was seen until then counts.
func (l *List) lookAgain(ctx context.Context, look func(*snapshot) (enough bool)) error {
	l.mu.Lock()
	l.cache.invalidate()
	newerThan := l.cache.sequence
	l.mu.Unlock()
	rows := 0
	var unreadable error
	_ = openprospect.CatchUpSparingly(ctx, func() bool { return rows > largeList }, func() (enough bool, err error) {
		unreadable = l.withSnapshot(ctx, newerThan, func(s *snapshot) {
			rows = s.live
			enough = look(s)
			newerThan = l.cache.sequence
		})
		return enough, unreadable
	})
	return unreadable
}
