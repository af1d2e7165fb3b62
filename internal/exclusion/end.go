package exclusion

import (
	"bytes"
	"context"
	"errors"
	"hash/fnv"
	"slices"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// The API has no way to ask what has changed on a list. But it numbers its pages and cannot change an entry, so a list that
// grows at its end is seen to be the same by its last page: one request instead of a fetch. What that cannot show is a
// removal and an addition that cancel out on a list that grows elsewhere.

// onePage is how many entries a page holds.
const onePage = 100

// readFrom reads one page. What this process has removed is left out: where reads lag, a page still shows it.
func (l *List) readFrom(ctx context.Context, offset int) (openprospect.EntriesPage, error) {
	page, err := l.api.ListEntriesFrom(ctx, l.id, offset)
	if err != nil {
		return openprospect.EntriesPage{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	page.Entries = slices.DeleteFunc(page.Entries, func(row openprospect.Entry) bool { return l.cache.written[row.ID].removed })
	return page, nil
}

// readEnd reads the last page of a list of that size. A server that returns smaller pages than it was asked for is asked once
// more, for what is then the last one.
func (l *List) readEnd(ctx context.Context, size int) (openprospect.EntriesPage, error) {
	offset := max(0, size-onePage)
	page, err := l.readFrom(ctx, offset)
	if rows := len(page.Entries); err == nil && rows > 0 && offset+rows < min(size, page.Size) {
		page, err = l.readFrom(ctx, size-rows)
	}
	return page, err
}

// IsKnown reports whether this process has read the list, or is reading it: then looking at it costs no request.
func (l *List) IsKnown() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cache.snapshot != nil || l.cache.current != nil
}

// LooksLike reports whether the list still looks like these rows of a document for the whole list: it holds as many entries,
// and those on its last page are the document's, with the same fields. It reads that page only. Rows whose ids are not all
// known look like nothing, and so does a list that the API does not show from there on.
func (l *List) LooksLike(ctx context.Context, document *Document, rows map[string]Row) (bool, error) {
	size, complete := sizeOf(document, rows)
	if !complete {
		return false, nil
	}
	defer l.beginActivity()()
	page, err := l.readEnd(ctx, size+1)
	switch {
	case refusesOffset(err):
		return false, nil
	case err != nil || page.Size != size || size > 0 && len(page.Entries) == 0:
		return false, err
	}
	members := make(map[string]*member, size)
	for i := range document.members {
		m := &document.members[i]
		row := rows[m.key]
		members[row.ID] = m
		for _, id := range row.More {
			members[id] = m
		}
	}
	differs := func(row openprospect.Entry) bool {
		m, known := members[row.ID]
		return !known || !m.company.SameFields(NewCompany(row.EntryFields))
	}
	return !slices.ContainsFunc(page.Entries, differs), nil
}

// refusesOffset reports whether an error may say that a list ends before the offset. A fetch then shows what is wrong, if anything is.
func refusesOffset(err error) bool {
	const rangeNotSatisfiable = 416
	var answered *openprospect.Error
	return openprospect.IsNotFound(err) || concernsContent(err) || errors.As(err, &answered) && answered.StatusCode == rangeNotSatisfiable
}

// HasAllIDs reports whether the ids of all entries of a document are known.
func HasAllIDs(document *Document, rows map[string]Row) bool {
	_, complete := sizeOf(document, rows)
	return complete
}

// sizeOf is how many entries the rows of a document are, and whether the ids of all are known.
func sizeOf(document *Document, rows map[string]Row) (size int, complete bool) {
	for i := range document.members {
		row := rows[document.members[i].key]
		if row.ID == "" {
			return 0, false
		}
		size += 1 + len(row.More)
	}
	return size, true
}

// Others is what a fetch has shown of the entries that other resources and people have on a list, in a form that is small
// enough to keep. It answers one question: may one of them be a certain company?
type Others struct {
	// Size is how many entries the list held, and End holds four bytes of a hash of each id on its last page.
	Size int
	End  []byte
	// Fields is a filter of the external ids, domains and names of the other entries.
	Fields filter
}

// newOthers describes a list without the rows in used. Called under the lock.
func newOthers(s *snapshot, used map[string]bool) *Others {
	o := &Others{Size: s.live, Fields: newFilter(3 * (s.live - len(used)))}
	var last []string
	for i := len(s.rows) - 1; i >= 0 && len(last) < onePage-1; i-- {
		if id := s.rows[i].ID; id != "" {
			last = append(last, id)
		}
	}
	for _, id := range slices.Backward(last) {
		o.End = appendHash(o.End, id)
	}
	for _, row := range s.rows {
		if row.ID != "" && !used[row.ID] {
			for _, value := range row.identity().matchValues() {
				o.Fields.add(value)
			}
		}
	}
	return o
}

func appendHash(hashes []byte, id string) []byte {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(id))
	return hash.Sum(hashes)
}

// areStillThere reports whether the list looks as it did. It reads the last page only.
func (o *Others) areStillThere(ctx context.Context, l *List) bool {
	page, err := l.readEnd(ctx, o.Size+1)
	if err != nil || page.Size != o.Size || len(page.Entries) == 0 {
		return false
	}
	var last []byte
	for _, row := range page.Entries {
		last = appendHash(last, row.ID)
	}
	return bytes.HasSuffix(o.End, last)
}

// hasGrown reports whether the list is as many entries longer as the change has added to it. If it is not, some of them were
// there before, whatever Others has said, and nobody can tell which.
func (l *List) hasGrown(ctx context.Context, c *change) bool {
	added, removed := 0, 0
	for _, a := range c.additions {
		if a.err == nil && !a.alreadyThere {
			added++
		}
	}
	for _, old := range c.removals {
		if old.gone {
			removed++
		}
	}
	l.mu.Lock()
	known := c.sizeSeen
	if s := l.cache.snapshot; s != nil {
		known = s.live + removed
	}
	l.mu.Unlock()
	if added == 0 || known >= c.size+added {
		return true
	}
	size := c.size + added - removed
	grown := false
	_ = openprospect.CatchUp(ctx, func() (bool, error) { // what could not be read counts as not grown
		page, err := l.readEnd(ctx, size)
		grown = err == nil && page.Size >= size
		return grown, err
	})
	return grown
}

// mayHold reports whether one of the others may be the company to the API.
func (o *Others) mayHold(company Company) bool {
	return slices.ContainsFunc(company.identity().matchValues(), o.Fields.mayHold)
}

// matchValues are what the API may match by: it may see the same company only in entries that share one of them.
func (id identity) matchValues() []string {
	var values []string
	if id.externalID != "" {
		values = append(values, "external_id "+id.externalID)
	}
	if id.hasDomain {
		values = append(values, "domain "+id.website)
	}
	if id.name != "" {
		values = append(values, "name "+id.name)
	}
	if len(values) == 0 {
		values = append(values, "website "+id.website)
	}
	return values
}
