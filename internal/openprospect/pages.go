package openprospect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// defaultMaxPages bounds a list that never ends: a million rows at 100 a page.
	defaultMaxPages = 10_000
	// maxWalks is how often a list is walked when its pages contradict each other.
	maxWalks = 3
)

// pageSizes are the limits to ask for, best first: 100 is the documented maximum, 50 the documented
// default, 0 asks for none (U11).
var pageSizes = []int{100, 50, 0}

// pageLimits remembers, by list, which of pageSizes the API takes.
type pageLimits struct {
	mu      sync.Mutex
	indexes map[string]int
}

func (l *pageLimits) index(noun string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.indexes[noun]
}

func (l *pageLimits) remember(noun string, index int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.indexes == nil {
		l.indexes = make(map[string]int)
	}
	l.indexes[noun] = index
}

// listing is a list endpoint and how to read it.
type listing[T any] struct {
	// noun names the rows in messages and is the first key that holds them, after "items".
	noun  string
	path  string
	query url.Values
	// limit asks for fewer rows a page than the API's maximum; 0 is the maximum.
	limit int
	// decode reads an array of rows.
	decode func(json.RawMessage) ([]T, error)
	// id tells rows apart; a row without one counts as new.
	id func(T) string
	// enough, if not nil, ends the walk early when what was read so far will do.
	enough func(*walk[T]) bool
}

// walk is a list as one walk through its pages has found it.
type walk[T any] struct {
	rows []T
	// total is what the API says the list holds; nil when it does not say.
	total *int64
	// at is the server's clock at the first page.
	at time.Time
	// partial says that the walk ended early because enough had been read.
	partial bool

	ids      map[string]bool
	received int
	pages    int
	largest  int
	// flaw says how the pages contradict each other; "" when they do not.
	flaw string
	// uneven says that pages differ in size, so that their offsets cannot be foretold.
	uneven bool
}

// page is one answer of a list endpoint.
type page[T any] struct {
	rows    []T
	total   *int64
	hasMore flag
	limit   *int64
	asked   int
	at      time.Time
}

// readList reads a whole list. Pages that shift while they are walked are walked again; a list that
// contradicts itself every time is an error, never a short list.
func readList[T any](ctx context.Context, c *Client, list listing[T]) (*walk[T], error) {
	sequential := list.enough != nil
	var found *walk[T]
	for range maxWalks {
		var err error
		if found, err = list.walk(ctx, c, sequential); err != nil {
			return nil, err
		}
		if found.flaw == "" {
			return found, nil
		}
		sequential = sequential || found.uneven
	}
	return nil, fmt.Errorf("GET %s: the list of %s is still inconsistent after %d attempts (%s). Somebody may be changing it, or "+
		"the server pages it wrongly. Try again",
		c.shownPath(call{path: list.path}), list.noun, maxWalks, found.flaw)
}

func (l *listing[T]) walk(ctx context.Context, c *Client, sequential bool) (*walk[T], error) {
	w := &walk[T]{ids: make(map[string]bool)}
	last, err := l.at(ctx, c, 0)
	if err != nil {
		return nil, err
	}
	w.at, w.total = last.at, last.total
	l.add(w, last)
	if !sequential && w.total != nil && len(last.rows) > 0 && int64(len(last.rows)) < *w.total {
		pages, err := l.rest(ctx, c, len(last.rows), *w.total)
		if err != nil {
			return nil, err
		}
		for _, p := range pages {
			w.uneven = w.uneven || w.received%len(last.rows) != 0
			l.add(w, p)
		}
		last = pages[len(pages)-1]
	}
	for w.flaw == "" && w.more(last) {
		if l.enough != nil && l.enough(w) {
			w.partial = true
			return w, nil
		}
		if w.pages >= c.maxPages {
			return nil, l.endless(c)
		}
		next, err := l.page(ctx, c, w.received, last.asked)
		if err != nil {
			return nil, err
		}
		before := len(w.rows)
		if l.add(w, next); len(w.rows) == before {
			if w.unpaged(next) {
				w.flaw = ""
			}
			break
		}
		last = next
	}
	if w.flaw == "" && w.total != nil && int64(len(w.rows)) < *w.total {
		w.flaw = fmt.Sprintf("%d of %d rows", len(w.rows), *w.total)
	}
	return w, nil
}

func (l *listing[T]) endless(c *Client) error {
	return fmt.Errorf("GET %s: the list of %s does not end after %d pages", c.shownPath(call{path: l.path}), l.noun, c.maxPages)
}

// more reports whether another page is to be asked for (U10).
func (w *walk[T]) more(last *page[T]) bool {
	size := len(last.rows)
	switch {
	case size == 0:
		return false
	case last.hasMore.value:
		return true
	case last.total != nil:
		return int64(w.received) < *last.total
	case last.hasMore.known:
		return false
	case last.limit != nil && *last.limit > 0:
		return int64(size) >= *last.limit
	case last.asked > 0 && size > last.asked:
		// The server pays no heed to limit, so this is everything.
		return false
	}
	// The server says nothing and may give fewer rows than were asked for: only a page smaller than
	// another shows the end.
	return size >= w.largest
}

// unpaged reports a server that answers a second page with the first again because it knows no paging,
// as opposed to one whose pages repeat.
func (w *walk[T]) unpaged(second *page[T]) bool {
	return w.pages == 2 && second.total == nil && !second.hasMore.known && second.limit == nil &&
		len(second.rows) == len(w.rows) && len(second.rows) < second.asked
}

// add takes a page's rows, each id once.
func (l *listing[T]) add(w *walk[T], p *page[T]) {
	w.pages++
	w.received += len(p.rows)
	w.largest = max(w.largest, len(p.rows))
	if p.total != nil && w.total != nil && *p.total != *w.total {
		w.flaw = fmt.Sprintf("a total of first %d, then %d", *w.total, *p.total)
	}
	for _, row := range p.rows {
		id := l.id(row)
		switch {
		case id == "":
		case w.ids[id]:
			w.flaw = "rows that are on more than one page"
			continue
		default:
			w.ids[id] = true
		}
		w.rows = append(w.rows, row)
	}
}

// at reads the page at an offset, asking for fewer rows when the API refuses the limit (U11).
func (l *listing[T]) at(ctx context.Context, c *Client, offset int) (*page[T], error) {
	if l.limit > 0 && l.limit < pageSizes[c.limits.index(l.noun)] {
		p, err := l.page(ctx, c, offset, l.limit)
		if !l.blamesLimit(err) {
			return p, err
		}
	}
	var refusal error
	for index := c.limits.index(l.noun); index < len(pageSizes); index++ {
		p, err := l.page(ctx, c, offset, pageSizes[index])
		if err == nil {
			c.limits.remember(l.noun, index)
			return p, nil
		}
		if refusal == nil {
			refusal = err
		}
		if !l.blamesLimit(err) {
			return nil, err
		}
	}
	return nil, refusal
}

// blamesLimit reports a 422 that may be about the limit. One that names a cause of its own is not.
func (l *listing[T]) blamesLimit(err error) bool {
	var answered *Error
	if !errors.As(err, &answered) || answered.StatusCode != http.StatusUnprocessableEntity {
		return false
	}
	return answered.mentions("limit") || len(answered.FieldErrors) == 0 && l.noun != resultsNoun
}

// size returns how many rows the list holds whose page at the offset is p, or -1 where only a walk can tell. An answer that
// says nothing of the list is followed by a second request: nothing behind its rows means that they are the last.
func (l *listing[T]) size(ctx context.Context, c *Client, p *page[T], offset int) (int, error) {
	end := offset + len(p.rows)
	beyond := len(p.rows) == 0 && offset > 0
	switch {
	case p.total != nil && (*p.total >= int64(end) || beyond):
		return int(*p.total), nil
	case p.total != nil || p.hasMore.value || beyond || p.asked > 0 && len(p.rows) > p.asked:
		return -1, nil
	case p.hasMore.known || len(p.rows) == 0:
		return end, nil
	case p.limit != nil && int64(len(p.rows)) < *p.limit:
		return end, nil
	}
	next, err := l.page(ctx, c, end, p.asked)
	if err != nil || len(next.rows) > 0 {
		return -1, err
	}
	return end, nil
}

// rest reads the pages after the first one in parallel; the client's slots bound how many at a time.
func (l *listing[T]) rest(ctx context.Context, c *Client, size int, total int64) ([]*page[T], error) {
	count := (total - 1) / int64(size)
	if count >= int64(c.maxPages) {
		return nil, l.endless(c)
	}
	pages := make([]*page[T], count)
	asked := pageSizes[c.limits.index(l.noun)]
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(cap(c.slots))
	for i := range pages {
		group.Go(func() error {
			var err error
			pages[i], err = l.page(ctx, c, (i+1)*size, asked)
			return err
		})
	}
	return pages, group.Wait()
}

func (l *listing[T]) page(ctx context.Context, c *Client, offset, limit int) (*page[T], error) {
	query := url.Values{}
	for key, values := range l.query {
		query[key] = slices.Clone(values)
	}
	if limit > 0 {
		query.Set("limit", strconv.Itoa(limit))
	}
	if offset > 0 {
		query.Set("offset", strconv.Itoa(offset))
	}
	result, err := c.do(ctx, call{method: http.MethodGet, path: l.path, query: query})
	if err != nil {
		return nil, err
	}
	p := &page[T]{asked: limit, at: result.at}
	rows, err := p.envelope(result.body, l.noun)
	if err != nil {
		return nil, result.invalid("%v", err)
	}
	if p.rows, err = l.decode(rows); err != nil {
		return nil, result.invalid("the list of %s: %v", l.noun, err)
	}
	return p, nil
}

// envelope finds the rows of a list answer: below "items", the resource's own key, "data", or as the
// whole answer (U9). Present but null is empty, and so is an answer of null (U40); none of these is an error, not an
// empty list.
func (p *page[T]) envelope(body []byte, noun string) (json.RawMessage, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	switch {
	case jsonKind(body) == "array":
		return body, nil
	case string(body) == "null":
		return json.RawMessage("[]"), nil
	case jsonKind(body) != "object":
		return nil, fmt.Errorf("the answer is not a list of %s", noun)
	}
	fields := decodeObject(body)
	if fields == nil {
		return nil, errors.New("the answer is not valid JSON")
	}
	p.paging(fields)
	keys := []string{"items", noun, "data"}
	if rows := firstKind(fields, keys, "array"); rows != nil {
		return rows, nil
	}
	if inner := firstKind(fields, []string{"data"}, "object"); inner != nil {
		below := decodeObject(inner)
		p.paging(below)
		if rows := firstKind(below, keys, "array"); rows != nil {
			return rows, nil
		}
	}
	if firstKind(fields, keys, "null") != nil {
		if p.sizeIsNull(fields) {
			return nil, fmt.Errorf("the list of %s is null, and so is its size", noun)
		}
		return json.RawMessage("[]"), nil
	}
	return nil, fmt.Errorf("the answer contains no list of %s (looked for a list in %s)", noun, strings.Join(keys, ", "))
}

// sizeIsNull reports an envelope that says nothing: null is how some servers write an empty list, but not beside a size that is
// null as well.
func (p *page[T]) sizeIsNull(fields map[string]json.RawMessage) bool {
	return firstKind(fields, []string{"total", "has_more"}, "null") != nil && p.total == nil && !p.hasMore.known
}

// paging takes what an envelope says of the whole list.
func (p *page[T]) paging(fields map[string]json.RawMessage) {
	var total, limit number
	var hasMore flag
	for key, into := range map[string]json.Unmarshaler{"total": &total, "limit": &limit, "has_more": &hasMore} {
		if raw, found := fields[key]; found {
			_ = into.UnmarshalJSON(raw) // these types take anything: what they cannot read is absent
		}
	}
	if value := total.integer(); value != nil && *value >= 0 {
		p.total = value
	}
	if value := limit.integer(); value != nil {
		p.limit = value
	}
	if hasMore.known {
		p.hasMore = hasMore
	}
}
