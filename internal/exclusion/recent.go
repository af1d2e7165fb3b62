package exclusion

import "time"

// RemovedLately is how many entries this process has taken off the list within the time for which
// reads may lag behind writes (U19): so many may be counted that are not there any more.
func (l *List) RemovedLately() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	removed := int64(0)
	for _, write := range l.written {
		if write.removed && time.Since(write.at) <= lagWindow {
			removed++
		}
	}
	return removed
}
