package exclusion

import "context"

// entryCount is one asking whether the list holds an entry, shared by all who wait for the answer.
type entryCount struct {
	// done is closed when the others are set.
	done  chan struct{}
	holds bool
	err   error
	// interrupted is true if the caller who asked gave up, so that there is no answer.
	interrupted bool
}

// HoldsEntry reports whether the list holds an entry. That it does is asked once, and not at all if this process has read the list or
// added to it. It is asked again after this process has removed an entry; that the list is empty, every time.
func (l *List) HoldsEntry(ctx context.Context) (bool, error) {
	for {
		l.mu.Lock()
		if l.cache.showsEntry() {
			l.mu.Unlock()
			return true, nil
		}
		count, ask := l.cache.count, l.cache.count == nil
		if ask {
			count = &entryCount{done: make(chan struct{})}
			l.cache.count = count
		}
		l.mu.Unlock()
		if ask {
			l.ask(ctx, count)
			return count.holds, count.err
		}
		select {
		case <-count.done:
			if !count.interrupted {
				return count.holds, count.err
			}
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
}

// ask counts the entries. The count stays in the cache only if it has found one.
func (l *List) ask(ctx context.Context, count *entryCount) {
	// Entries that this run has just added may not be counted yet.
	found, err := l.api.CountEntriesUntil(ctx, l.id, func(count int64) bool { return count > 0 })
	l.mu.Lock()
	defer l.mu.Unlock()
	defer close(count.done)
	count.holds, count.err, count.interrupted = found > 0 && err == nil, err, err != nil && ctx.Err() != nil
	if !count.holds {
		l.cache.count = nil
	}
}

// showsEntry reports whether what this process has read and written shows an entry.
func (c *cache) showsEntry() bool {
	if c.snapshot != nil {
		return c.snapshot.live > 0
	}
	for _, write := range c.written {
		if !write.removed {
			return true
		}
	}
	return false
}
