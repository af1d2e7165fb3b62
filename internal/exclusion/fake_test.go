package exclusion_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// fault is what goes wrong with one request.
type fault int

const (
	faultNone       fault = iota
	faultRefused          // 422 for the whole batch, whatever is in it
	faultForbidden        // 403
	faultConflict         // 409
	faultLostBefore       // 502, nothing was done
	faultLostAfter        // 502 after the work was done
)

// fakeAPI is a blacklist in memory. Its zero value answers with ids and at once.
type fakeAPI struct {
	latency time.Duration
	// silent answers hold no ids.
	silent bool
	// deduplicates takes an addition for done when a row has the same external id, domain or name.
	deduplicates bool
	// echoes and upserts change what a server that de-duplicates makes of an addition: the answer holds the request's fields
	// under the id of the row that was there, and the row itself takes them.
	echoes, upserts bool
	// lag is how far reads are behind.
	lag time.Duration
	// newestFirst turns the order of the list, byName sorts it; clamp is the most entries of a page, if not 100; unsized pages tell
	// the size of the list only when they are its last.
	newestFirst, byName bool
	clamp               int
	unsized             bool
	// refuses is a row that makes a batch a 422; rejects one that is left out of it.
	refuses, rejects func(openprospect.EntryFields) bool
	// mostAdded and mostRemoved are sizes beyond which a request is a 422.
	mostAdded, mostRemoved int
	// faults happen to requests, by kind and number from 1.
	listFaults, addFaults, removeFaults, countFaults map[int]fault
	// onAdd is called while an addition is on its way, before anything is done.
	onAdd func(request int)

	mu                          sync.Mutex
	rows                        []openprospect.Entry
	past                        []moment
	lastID                      int
	lists, adds, removes, inOne int
	// pages are the offsets of those of the lists that were single pages.
	pages               []int
	counts              int
	overlaps, cancelled int
}

// moment is the list as it was from a time on.
type moment struct {
	at   time.Time
	rows []openprospect.Entry
}

var _ exclusion.API = (*fakeAPI)(nil)

func (f *fakeAPI) put(fields ...openprospect.EntryFields) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ids []string
	for _, row := range fields {
		ids = append(ids, f.insert(row).ID)
	}
	f.remember()
	return ids
}

// insert appends a row; remember makes it part of the list's past.
func (f *fakeAPI) insert(fields openprospect.EntryFields) openprospect.Entry {
	f.lastID++
	row := openprospect.Entry{ID: fmt.Sprintf("id-%d", f.lastID), EntryFields: fields}
	f.rows = append(f.rows, row)
	return row
}

// remember keeps the list as it is now. Its rows are never written to again: further ones are appended behind its end.
func (f *fakeAPI) remember() {
	f.rows = slices.Clip(f.rows)
	f.past = append(f.past, moment{time.Now(), f.rows})
}

func (f *fakeAPI) delete(ids ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.remove(ids)
}

func (f *fakeAPI) remove(ids []string) {
	gone := make(map[string]bool, len(ids))
	for _, id := range ids {
		gone[id] = true
	}
	f.rows = slices.DeleteFunc(slices.Clone(f.rows), func(row openprospect.Entry) bool { return gone[row.ID] })
	f.remember()
}

// visible is the list as a read shows it.
func (f *fakeAPI) visible() []openprospect.Entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lag == 0 {
		return f.rows
	}
	var rows []openprospect.Entry
	for _, moment := range f.past {
		if time.Since(moment.at) >= f.lag {
			rows = moment.rows
		}
	}
	return rows
}

func (f *fakeAPI) current() []exclusion.Entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	entries := make([]exclusion.Entry, len(f.rows))
	for i, row := range f.rows {
		entries[i] = exclusion.Entry{ID: row.ID, Company: of(row.EntryFields)}
	}
	return entries
}

// requests returns the numbers of requests so far.
func (f *fakeAPI) requests() (lists, adds, removes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lists, f.adds, f.removes
}

// begin counts a request and lets it take its time.
func (f *fakeAPI) begin(ctx context.Context, counter *int, write bool) (int, error) {
	f.mu.Lock()
	*counter++
	number := *counter
	if write {
		if f.inOne++; f.inOne > 1 {
			f.overlaps++
		}
	}
	f.mu.Unlock()
	if f.latency == 0 {
		return number, ctx.Err()
	}
	select {
	case <-time.After(f.latency):
		return number, nil
	case <-ctx.Done():
		f.mu.Lock()
		defer f.mu.Unlock()
		f.cancelled++
		return number, ctx.Err()
	}
}

func (f *fakeAPI) endWrite() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.inOne--
}

func (f *fakeAPI) ListEntries(ctx context.Context, _ string) ([]openprospect.Entry, error) {
	number, err := f.begin(ctx, &f.lists, false)
	if err != nil {
		return nil, err
	}
	rows := slices.Clone(f.visible())
	if f.listFaults[number] != faultNone {
		return nil, apiError("GET", f.listFaults[number])
	}
	switch {
	case f.newestFirst:
		slices.Reverse(rows)
	case f.byName:
		slices.SortStableFunc(rows, func(a, b openprospect.Entry) int { return strings.Compare(a.CompanyName, b.CompanyName) })
	}
	return rows, nil
}

func (f *fakeAPI) ListEntriesFrom(ctx context.Context, blacklistID string, offset int) (openprospect.EntriesPage, error) {
	f.mu.Lock()
	f.pages = append(f.pages, offset)
	f.mu.Unlock()
	rows, err := f.ListEntries(ctx, blacklistID)
	if err != nil {
		return openprospect.EntriesPage{}, err
	}
	page := openprospect.EntriesPage{Size: len(rows)}
	rows = rows[min(offset, len(rows)):]
	page.Entries = rows[:min(orHundred(f.clamp), len(rows))]
	if f.unsized && len(page.Entries) < len(rows) {
		page.Size = -1
	}
	return page, nil
}

func orHundred(clamp int) int {
	if clamp > 0 {
		return clamp
	}
	return 100
}

func (f *fakeAPI) CountEntriesUntil(ctx context.Context, _ string, _ func(int64) bool) (int64, error) {
	count := int64(len(f.visible()))
	number, err := f.begin(ctx, &f.counts, false)
	if err == nil && f.countFaults[number] != faultNone {
		err = apiError("GET", f.countFaults[number])
	}
	if err != nil {
		return 0, err
	}
	return count, nil
}

func (f *fakeAPI) AddEntries(ctx context.Context, _ string, entries []openprospect.EntryFields) (openprospect.AddEntriesResult, error) {
	number, err := f.begin(ctx, &f.adds, true)
	defer f.endWrite()
	if err != nil {
		return openprospect.AddEntriesResult{}, apiError("POST", faultLostBefore)
	}
	if f.onAdd != nil {
		f.onAdd(number)
	}
	broken := f.addFaults[number]
	if broken == faultNone && f.refusesAny(entries) {
		broken = faultRefused
	}
	if broken != faultNone && broken != faultLostAfter {
		return openprospect.AddEntriesResult{}, apiError("POST", broken)
	}
	answer := f.add(entries)
	if broken == faultLostAfter {
		return openprospect.AddEntriesResult{}, apiError("POST", broken)
	}
	return answer, nil
}

func (f *fakeAPI) refusesAny(entries []openprospect.EntryFields) bool {
	return f.mostAdded > 0 && len(entries) > f.mostAdded || f.refuses != nil && slices.ContainsFunc(entries, f.refuses)
}

func (f *fakeAPI) add(entries []openprospect.EntryFields) openprospect.AddEntriesResult {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.remember()
	var answer openprospect.AddEntriesResult
	for i, fields := range entries {
		if f.rejects != nil && f.rejects(fields) {
			answer.Rejected = append(answer.Rejected, openprospect.RejectedEntry{Index: i, Message: "no such country"})
			continue
		}
		place, found := f.duplicate(fields)
		var row openprospect.Entry
		switch {
		case !found:
			row = f.insert(fields)
		case f.upserts:
			f.rows = slices.Clone(f.rows)
			f.rows[place].EntryFields = fields
			row = f.rows[place]
		case f.echoes:
			row = openprospect.Entry{ID: f.rows[place].ID, EntryFields: fields}
		default:
			row = f.rows[place]
		}
		if !f.silent {
			answer.Entries = append(answer.Entries, row)
		}
	}
	return answer
}

// duplicate finds the row that a de-duplicating server takes for the same company.
func (f *fakeAPI) duplicate(fields openprospect.EntryFields) (place int, found bool) {
	if f.deduplicates {
		for i, row := range f.rows {
			if row.ExternalID != "" && row.ExternalID == fields.ExternalID ||
				row.WebsiteURL != "" && row.WebsiteURL == fields.WebsiteURL ||
				row.CompanyName != "" && row.CompanyName == fields.CompanyName {
				return i, true
			}
		}
	}
	return 0, false
}

func (f *fakeAPI) RemoveEntries(ctx context.Context, _ string, ids []string) error {
	number, err := f.begin(ctx, &f.removes, true)
	defer f.endWrite()
	if err != nil {
		return apiError("DELETE", faultLostBefore)
	}
	broken := f.removeFaults[number]
	if f.mostRemoved > 0 && len(ids) > f.mostRemoved {
		broken = faultRefused
	}
	if broken == faultNone || broken == faultLostAfter {
		f.delete(ids...)
	}
	if broken != faultNone {
		return apiError("DELETE", broken)
	}
	return nil
}

func apiError(method string, broken fault) error {
	status := map[fault]int{
		faultRefused: 422, faultForbidden: 403, faultConflict: 409, faultLostBefore: 502, faultLostAfter: 502,
	}[broken]
	return &openprospect.Error{Method: method, Path: "/blacklists/b1/entries", StatusCode: status}
}
