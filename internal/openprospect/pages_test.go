package openprospect_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// pagedList serves rows as a list endpoint may: see its fields.
type pagedList struct {
	mu   sync.Mutex
	rows []string
	// clamp is the most rows a page holds, whatever limit asks for; 0 is 100.
	clamp int
	// envelope returns the answer for a page; nil says everything.
	envelope func(rows []string, offset, limit, total int) string
	// maxLimit is the greatest limit that is accepted; 0 is any, -1 refuses every limit.
	maxLimit int
	// ignoresPaging serves all rows for every request.
	ignoresPaging bool
	// during is called with the offset before each page is served, under the lock.
	during func(l *pagedList, offset int)
}

func (l *pagedList) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	if l.maxLimit != 0 && limit > max(l.maxLimit, 0) {
		reply(w, 422, `{"detail":[{"loc":["query","limit"],"msg":"Input should be less"}]}`)
		return
	}
	if l.during != nil {
		l.during(l, offset)
	}
	if limit == 0 {
		limit = 50
	}
	if l.clamp == 0 {
		l.clamp = 100
	}
	limit = min(limit, l.clamp)
	if l.ignoresPaging {
		offset, limit = 0, len(l.rows)
	}
	page := l.rows[min(offset, len(l.rows)):min(offset+limit, len(l.rows))]
	envelope := l.envelope
	if envelope == nil {
		envelope = listOf
	}
	reply(w, 200, envelope(page, offset, limit, len(l.rows)))
}

func entryRows(from, to int) []string {
	var rows []string
	for i := from; i < to; i++ {
		rows = append(rows, fmt.Sprintf(`{"id":"e%d","company_name":"Company %d"}`, i, i))
	}
	return rows
}

func wantEntries(t *testing.T, got []openprospect.Entry, err error, from, to int) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var ids, want []string
	for _, entry := range got {
		ids = append(ids, entry.ID)
	}
	for i := from; i < to; i++ {
		want = append(want, fmt.Sprintf("e%d", i))
	}
	if !slices.Equal(ids, want) {
		t.Errorf("%d entries, want %d: %.200q", len(ids), len(want), ids)
	}
}

func rowsOnly(key string) func([]string, int, int, int) string {
	return func(rows []string, _, _, _ int) string { return `{"` + key + `":[` + strings.Join(rows, ",") + `]}` }
}

func TestListEnvelopes(t *testing.T) {
	for _, test := range []struct {
		name     string
		envelope func(rows []string, offset, limit, total int) string
		// requests for 250 rows.
		requests int
	}{
		{"items, everything said", listOf, 3},
		{"the resource's key", func(rows []string, offset, limit, total int) string {
			return strings.Replace(listOf(rows, offset, limit, total), `"items"`, `"entries"`, 1)
		}, 3},
		{"data", func(rows []string, offset, limit, total int) string {
			return strings.Replace(listOf(rows, offset, limit, total), `"items"`, `"data"`, 1)
		}, 3},
		{"below data", func(rows []string, offset, limit, total int) string {
			return `{"data":` + listOf(rows, offset, limit, total) + `}`
		}, 3},
		{"total beside data", func(rows []string, _, _, total int) string {
			return fmt.Sprintf(`{"data":{"entries":[%s]},"total":"%d"}`, strings.Join(rows, ","), total)
		}, 3},
		{"total, no has_more", func(rows []string, _, _, total int) string {
			return fmt.Sprintf(`{"items":[%s],"total":%d}`, strings.Join(rows, ","), total)
		}, 3},
		{"total is null", func(rows []string, offset, _, total int) string {
			return fmt.Sprintf(`{"items":[%s],"total":null,"has_more":%t}`, strings.Join(rows, ","), offset+len(rows) < total)
		}, 3},
		{"has_more, no total", func(rows []string, offset, _, total int) string {
			return fmt.Sprintf(`{"items":[%s],"has_more":%t}`, strings.Join(rows, ","), offset+len(rows) < total)
		}, 3},
		{"neither, but the limit", func(rows []string, _, limit, _ int) string {
			return fmt.Sprintf(`{"items":[%s],"limit":%d}`, strings.Join(rows, ","), limit)
		}, 3},
		{"neither: a smaller page is the last", rowsOnly("items"), 3},
		{"a bare array", func(rows []string, _, _, _ int) string { return "[" + strings.Join(rows, ",") + "]" }, 3},
		{"a byte order mark", func(rows []string, offset, limit, total int) string {
			return "\ufeff" + listOf(rows, offset, limit, total)
		}, 3},
		{"has_more wrongly false, since the server forgets its own clamp", func(rows []string, _, _, total int) string {
			return fmt.Sprintf(`{"items":[%s],"total":%d,"has_more":false}`, strings.Join(rows, ","), total)
		}, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			list := &pagedList{rows: entryRows(0, 250), envelope: test.envelope}
			a := newAPI(t, list.ServeHTTP)
			entries, err := a.client.ListEntries(t.Context(), "b1")
			wantEntries(t, entries, err, 0, 250)
			if len(a.sent()) != test.requests {
				t.Errorf("%d requests, want %d: %v", len(a.sent()), test.requests, a.sent())
			}
		})
	}
	for name, body := range map[string]string{
		"null items": `{"items":null,"total":0}`, "null under the resource's key": `{"entries":null}`, "null data": `{"data":null}`,
		"empty": `{"items":[]}`, "bare": `[]`, "null": " null\n", "null, and no more": `{"items":null,"total":null,"has_more":false}`,
	} {
		a := newAPI(t, answers(200, body))
		entries, err := a.client.ListEntries(t.Context(), "b1")
		if err != nil || len(entries) != 0 || len(a.sent()) != 1 {
			t.Errorf("%s: %v, %v, %d requests", name, entries, err, len(a.sent()))
		}
	}
	a := newAPI(t, answers(200, `{"rows":[{"id":"e1"}],"total":1}`))
	_, err := a.client.ListEntries(t.Context(), "b1")
	wantErrorHolding(t, err, "contains no list of entries")
	a = newAPI(t, answers(200, `nil`))
	_, err = a.client.ListEntries(t.Context(), "b1")
	wantErrorHolding(t, err, "the answer is not a list of entries")
	a = newAPI(t, answers(200, `{"items":null,"total":null,"limit":null,"offset":null,"has_more":null}`))
	_, err = a.client.ListEntries(t.Context(), "b1")
	wantErrorHolding(t, err, "the list of entries is null, and so is its size")
}

func TestListRequestCounts(t *testing.T) {
	for _, test := range []struct{ rows, clamp, requests int }{
		{0, 0, 1}, {1, 0, 1}, {99, 0, 1}, {100, 0, 1}, {101, 0, 2}, {200, 0, 2}, {201, 0, 3}, {10_000, 0, 100},
		{50, 50, 1}, {51, 50, 2}, {120, 50, 3}, {7, 1, 7},
	} {
		list := &pagedList{rows: entryRows(0, test.rows), clamp: test.clamp}
		a := newAPI(t, list.ServeHTTP)
		entries, err := a.client.ListEntries(t.Context(), "b1")
		wantEntries(t, entries, err, 0, test.rows)
		if got := len(a.sent()); got != test.requests {
			t.Errorf("%d rows, pages of %d: %d requests, want %d", test.rows, test.clamp, got, test.requests)
		}
	}
}

func TestAClampThatIsNotSaid(t *testing.T) {
	list := &pagedList{rows: entryRows(0, 120), clamp: 50, envelope: rowsOnly("items")}
	a := newAPI(t, list.ServeHTTP)
	entries, err := a.client.ListEntries(t.Context(), "b1")
	wantEntries(t, entries, err, 0, 120)
}

// TestRequestsOfAListWithoutATotal: where answers say less, finding the end may cost one more request, but no row is lost.
func TestRequestsOfAListWithoutATotal(t *testing.T) {
	limit := func(rows []string, _, limit, _ int) string {
		return fmt.Sprintf(`{"items":[%s],"limit":%d}`, strings.Join(rows, ","), limit)
	}
	limitOfNothing := func(rows []string, offset, _, total int) string { return limit(rows, offset, 0, total) }
	for name, test := range map[string]struct {
		list     *pagedList
		requests int
	}{
		"a page smaller than the limit is the last":          {&pagedList{rows: entryRows(0, 3), envelope: limit}, 1},
		"a full page may not be":                             {&pagedList{rows: entryRows(0, 100), envelope: limit}, 2},
		"a limit of 0 says nothing, but a smaller page does": {&pagedList{rows: entryRows(0, 3), envelope: limitOfNothing, clamp: 2}, 2},
		"nothing is said":                                    {&pagedList{rows: entryRows(0, 250), envelope: rowsOnly("items")}, 3},
		"nothing is said, and no limit is taken":             {&pagedList{rows: entryRows(0, 120), envelope: rowsOnly("items"), maxLimit: -1}, 5},
	} {
		a := newAPI(t, test.list.ServeHTTP)
		entries, err := a.client.ListEntries(t.Context(), "b1")
		wantEntries(t, entries, err, 0, len(test.list.rows))
		if got := len(a.sent()); got != test.requests {
			t.Errorf("%s: %d requests, want %d", name, got, test.requests)
		}
	}
}

func TestAServerThatDoesNotPage(t *testing.T) {
	for _, rows := range []int{3, 250} {
		list := &pagedList{rows: entryRows(0, rows), ignoresPaging: true, envelope: rowsOnly("items")}
		a := newAPI(t, list.ServeHTTP)
		entries, err := a.client.ListEntries(t.Context(), "b1")
		wantEntries(t, entries, err, 0, rows)
	}
}

func TestTheLimitFallsBack(t *testing.T) {
	for _, test := range []struct {
		maxLimit int
		queries  []string
		again    string
	}{
		{100, []string{"limit=100"}, "limit=100"},
		{50, []string{"limit=100", "limit=50"}, "limit=50"},
		{-1, []string{"limit=100", "limit=50", ""}, ""},
	} {
		list := &pagedList{rows: entryRows(0, 30), maxLimit: test.maxLimit}
		a := newAPI(t, list.ServeHTTP)
		for _, want := range [][]string{test.queries, append(slices.Clone(test.queries), test.again)} {
			entries, err := a.client.ListEntries(t.Context(), "b1")
			wantEntries(t, entries, err, 0, 30)
			var queries []string
			for _, request := range a.sent() {
				queries = append(queries, request.query)
			}
			if !slices.Equal(queries, want) {
				t.Errorf("limit up to %d: queries %q, want %q", test.maxLimit, queries, want)
			}
		}
	}
	t.Run("pages in parallel use it too", func(t *testing.T) {
		list := &pagedList{rows: entryRows(0, 260), maxLimit: 50}
		a := newAPI(t, list.ServeHTTP)
		entries, err := a.client.ListEntries(t.Context(), "b1")
		wantEntries(t, entries, err, 0, 260)
		if len(a.sent()) != 7 {
			t.Errorf("%d requests, want 6 and the refused one", len(a.sent()))
		}
	})
	t.Run("a 422 about something else is not asked about again", func(t *testing.T) {
		a := newAPI(t, answers(422, `{"detail":[{"loc":["query","status"],"msg":"bad"}]}`))
		_, err := a.client.ListOrders(t.Context(), openprospect.ListOrdersOptions{Status: "X"})
		wantErrorHolding(t, err, "422", "query.status: bad")
		if len(a.sent()) != 1 {
			t.Errorf("%d requests", len(a.sent()))
		}
	})
	t.Run("when no limit helps the first refusal counts", func(t *testing.T) {
		a := newAPI(t, inTurn(answers(422, `{"message":"first"}`), answers(422, `{"message":"other"}`)))
		_, err := a.client.ListEntries(t.Context(), "b1")
		wantErrorHolding(t, err, "first")
		if len(a.sent()) != 3 {
			t.Errorf("%d requests", len(a.sent()))
		}
	})
}

func TestPagesThatShift(t *testing.T) {
	once := func(offset int, change func(*pagedList)) func(*pagedList, int) {
		done := false
		return func(l *pagedList, at int) {
			if at == offset && !done {
				done = true
				change(l)
			}
		}
	}
	for _, test := range []struct {
		name     string
		during   func(*pagedList, int)
		envelope func([]string, int, int, int) string
		from, to int
	}{
		{"a row is removed before the walk gets there", once(100, func(l *pagedList) { l.rows = l.rows[1:] }), nil, 1, 250},
		{"rows are put in front", once(100, func(l *pagedList) { l.rows = append(entryRows(-3, 0), l.rows...) }), nil, -3, 250},
		{"a row is added at the end", once(200, func(l *pagedList) { l.rows = append(l.rows, entryRows(250, 251)...) }), nil, 0, 251},
		{
			"one goes in front and two come at the end, so that only the total tells",
			once(100, func(l *pagedList) { l.rows = append(l.rows[1:], entryRows(250, 252)...) }), nil, 1, 252,
		},
		{
			"rows are put in front of a list without a total", once(100, func(l *pagedList) { l.rows = append(entryRows(-3, 0), l.rows...) }),
			rowsOnly("items"), -3, 250,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			list := &pagedList{rows: entryRows(0, 250), during: test.during, envelope: test.envelope}
			a := newAPI(t, list.ServeHTTP, func(c *openprospect.Config) { c.MaxConcurrentRequests = 1 })
			entries, err := a.client.ListEntries(t.Context(), "b1")
			wantEntries(t, entries, err, test.from, test.to)
		})
	}
	t.Run("a list that is always moving is an error", func(t *testing.T) {
		next := 250
		list := &pagedList{rows: entryRows(0, 250), during: func(l *pagedList, offset int) {
			if offset > 0 {
				l.rows = append(l.rows[1:], entryRows(next, next+2)...)
				next += 2
			}
		}}
		a := newAPI(t, list.ServeHTTP)
		entries, err := a.client.ListEntries(t.Context(), "b1")
		wantErrorHolding(t, err, "GET /api/v1/blacklists/b1/entries", "is still inconsistent after 3 attempts")
		if entries != nil {
			t.Errorf("%d entries beside the error", len(entries))
		}
	})
}

func TestListsThatContradictThemselves(t *testing.T) {
	for _, test := range []struct {
		name    string
		handler http.HandlerFunc
		part    string
		most    int
	}{
		{"one page, again and again", answers(200, `{"items":[{"id":"e1"}],"has_more":true}`), "more than one page", 6},
		{"one page, again and again, of a total", answers(200, `{"items":[{"id":"e1"}],"total":3}`), "more than one page", 9},
		{"a full page, again and again, and nothing said", answers(200, "["+strings.Join(entryRows(0, 100), ",")+"]"), "more than one page", 6},
		{"fewer rows than the total", answers(200, `{"items":[],"total":3}`), "0 of 3 rows", 3},
		{"an id twice on a page", answers(200, `{"items":[{"id":"e1"},{"id":"e1"}],"total":2,"has_more":false}`), "", 3},
		{
			"more said to come than comes",
			inTurnByOffset(map[string]string{
				"": `{"items":[{"id":"e1"}],"total":2,"has_more":true}`, "1": `{"items":[],"total":2,"has_more":false}`,
			}),
			"1 of 2 rows", 6,
		},
	} {
		a := newAPI(t, test.handler)
		_, err := a.client.ListEntries(t.Context(), "b1")
		wantErrorHolding(t, err, "is still inconsistent", test.part)
		if got := len(a.sent()); got > test.most {
			t.Errorf("%s: %d requests, want at most %d", test.name, got, test.most)
		}
	}
}

func inTurnByOffset(bodies map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { reply(w, 200, bodies[r.URL.Query().Get("offset")]) }
}

func TestPagesOfDifferentSizesAreWalkedOneByOne(t *testing.T) {
	rows := entryRows(0, 100)
	sizes := map[int]int{0: 40, 40: 25, 65: 35}
	a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		size, ok := sizes[offset]
		if !ok {
			size = 20
		}
		page := rows[offset:min(offset+size, len(rows))]
		reply(w, 200, fmt.Sprintf(`{"items":[%s],"total":100}`, strings.Join(page, ",")))
	})
	entries, err := a.client.ListEntries(t.Context(), "b1")
	wantEntries(t, entries, err, 0, 100)
}

func TestPagesRunInParallelOnlyWithATotal(t *testing.T) {
	var mu sync.Mutex
	now, most := 0, 0
	list := &pagedList{rows: entryRows(0, 900)}
	arrived := make(chan struct{}, 100)
	release := make(chan struct{})
	a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("offset") != "" {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			arrived <- struct{}{}
			<-release
			mu.Lock()
			now--
			mu.Unlock()
		}
		list.ServeHTTP(w, r)
	}, func(c *openprospect.Config) { c.MaxConcurrentRequests = 4 })
	go func() {
		for range 4 {
			<-arrived
		}
		close(release)
	}()
	entries, err := a.client.ListEntries(t.Context(), "b1")
	wantEntries(t, entries, err, 0, 900)
	if most != 4 || len(a.sent()) != 9 {
		t.Errorf("%d at once, %d requests", most, len(a.sent()))
	}
}

func TestAFailedPageFailsTheList(t *testing.T) {
	list := &pagedList{rows: entryRows(0, 500)}
	a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("offset") == "300" {
			reply(w, 403, `{"code":"AUTHORIZATION_ERROR","message":"no"}`)
			return
		}
		list.ServeHTTP(w, r)
	})
	entries, err := a.client.ListEntries(t.Context(), "b1")
	wantErrorHolding(t, err, "403", "AUTHORIZATION_ERROR")
	if entries != nil {
		t.Errorf("%d entries beside the error", len(entries))
	}
}

func TestEntryFieldsOfARow(t *testing.T) {
	for body, want := range map[string]openprospect.Entry{
		`{"id":"e1","company_name":"Müller \"GmbH\"","website_url":"https://m.example","city":"Köln","country":"Germany",` +
			`"external_id":"crm-1","created_at":"2026-03-01T10:30:00.000000Z","new_field":{}}`: {
			ID: "e1", CreatedAt: "2026-03-01T10:30:00.000000Z",
			EntryFields: openprospect.EntryFields{
				CompanyName: `Müller "GmbH"`, WebsiteURL: "https://m.example", City: "Köln", Country: "Germany", ExternalID: "crm-1",
			},
		},
		`{"entry_id":"e2","company_name":null,"website_url":"m.example"}`: {
			ID: "e2", EntryFields: openprospect.EntryFields{WebsiteURL: "m.example"},
		},
		`{"id":"e3","company_name":"\"M\u00fcller\" GmbH"}`: {ID: "e3", EntryFields: openprospect.EntryFields{CompanyName: `"Müller" GmbH`}},
		`{"id":17,"external_id":4711}`:                      {ID: "17", EntryFields: openprospect.EntryFields{ExternalID: "4711"}},
	} {
		a := newAPI(t, answers(200, `{"items":[`+body+`],"total":1}`))
		entries, err := a.client.ListEntries(t.Context(), "b1")
		if err != nil || len(entries) != 1 || entries[0] != want {
			t.Errorf("%s: %+v, %v", body, entries, err)
		}
	}
	a := newAPI(t, answers(200, `{"items":[{"id":"e1","city":["Berlin"]}]}`))
	_, err := a.client.ListEntries(t.Context(), "b1")
	wantErrorHolding(t, err, "city", "array")
}

func TestCountEntries(t *testing.T) {
	for _, test := range []struct {
		name     string
		list     *pagedList
		want     int64
		requests int
	}{
		{"a total", &pagedList{rows: entryRows(0, 250)}, 250, 1},
		{"none", &pagedList{}, 0, 1},
		{"no total", &pagedList{rows: entryRows(0, 250), envelope: rowsOnly("items")}, 250, 4},
		{"limit=1 is refused", &pagedList{rows: entryRows(0, 30), maxLimit: -1}, 30, 4},
	} {
		a := newAPI(t, test.list.ServeHTTP)
		got, err := a.client.CountEntries(t.Context(), "b1")
		if err != nil || got != test.want || len(a.sent()) != test.requests {
			t.Errorf("%s: %d, %v, %d requests; want %d by %d", test.name, got, err, len(a.sent()), test.want, test.requests)
		}
	}
	a := newAPI(t, answers(404, `{"code":"BLACKLIST_NOT_FOUND","message":"gone"}`))
	if _, err := a.client.CountEntries(t.Context(), "b1"); !openprospect.IsNotFound(err) {
		t.Errorf("error %v", err)
	}
}

func TestCountEntriesUntil(t *testing.T) {
	for want, test := range map[int64]struct {
		settledAt int64
		requests  int
	}{0: {0, 3}, 1: {1, 2}, 2: {2, 1}} {
		a := newAPI(
			t,
			inTurn(answers(200, `{"items":[],"total":2}`), answers(200, `{"items":[],"total":1}`), answers(200, `{"items":[],"total":0}`)),
		)
		got, err := a.client.CountEntriesUntil(t.Context(), "b1", func(count int64) bool { return count == test.settledAt })
		if err != nil || got != want || len(a.sent()) != test.requests {
			t.Errorf("%d, %v, %d requests; want %d by %d", got, err, len(a.sent()), want, test.requests)
		}
	}
	a := newAPI(t, answers(200, `{"items":[],"total":3}`))
	if got, err := a.client.CountEntriesUntil(
		t.Context(),
		"b1",
		func(int64) bool { return false },
	); err != nil || got != 3 ||
		len(a.sent()) != 5 {
		t.Errorf("%d, %v, %d requests; want 3 by 5", got, err, len(a.sent()))
	}
	a = newAPI(t, answers(404, `{"code":"BLACKLIST_NOT_FOUND","message":"gone"}`))
	if _, err := a.client.CountEntriesUntil(
		t.Context(),
		"b1",
		func(int64) bool { return false },
	); !openprospect.IsNotFound(err) ||
		len(a.sent()) != 1 {
		t.Errorf("error %v after %d requests", err, len(a.sent()))
	}
}

func TestListEntriesFrom(t *testing.T) {
	for _, test := range []struct {
		name         string
		list         *pagedList
		offset       int
		from, to     int
		queries      []string
		rememberedBy func(*openprospect.Client) error
	}{
		{
			name: "the rows from there on", list: &pagedList{rows: entryRows(0, 250)}, offset: 230, from: 230, to: 250,
			queries: []string{"limit=100&offset=230"},
		},
		{
			name: "one page of them, whatever the total", list: &pagedList{rows: entryRows(0, 250)}, offset: 100, from: 100, to: 200,
			queries: []string{"limit=100&offset=100"},
		},
		{name: "from the first", list: &pagedList{rows: entryRows(0, 3)}, offset: 0, from: 0, to: 3, queries: []string{"limit=100"}},
		{
			name: "none at the end", list: &pagedList{rows: entryRows(0, 250)}, offset: 250, from: 0, to: 0,
			queries: []string{"limit=100&offset=250"},
		},
		{
			name: "none beyond it", list: &pagedList{rows: entryRows(0, 250)}, offset: 1000, from: 0, to: 0,
			queries: []string{"limit=100&offset=1000"},
		},
		{name: "with the limit that the API took before", list: &pagedList{rows: entryRows(0, 70), maxLimit: 50}, offset: 10, from: 10, to: 60,
			queries: []string{"limit=100", "limit=50", "limit=50&offset=50", "limit=50&offset=10"},
			rememberedBy: func(client *openprospect.Client) error {
				_, err := client.ListEntries(t.Context(), "b1")
				return err
			}},
		{
			name: "with a limit that the API takes", list: &pagedList{rows: entryRows(0, 70), maxLimit: 50}, offset: 10, from: 10, to: 60,
			queries: []string{"limit=100&offset=10", "limit=50&offset=10"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newAPI(t, test.list.ServeHTTP)
			if test.rememberedBy != nil {
				if err := test.rememberedBy(a.client); err != nil {
					t.Fatal(err)
				}
			}
			page, err := a.client.ListEntriesFrom(t.Context(), "b1", test.offset)
			wantEntries(t, page.Entries, err, test.from, test.to)
			if page.Size != len(test.list.rows) {
				t.Errorf("a size of %d, want %d", page.Size, len(test.list.rows))
			}
			var queries []string
			for _, request := range a.sent() {
				queries = append(queries, request.query)
			}
			if !slices.Equal(queries, test.queries) {
				t.Errorf("queries %q, want %q", queries, test.queries)
			}
		})
	}
	t.Run("a blacklist that is gone", func(t *testing.T) {
		a := newAPI(t, answers(404, `{"code":"BLACKLIST_NOT_FOUND","message":"gone"}`))
		if page, err := a.client.ListEntriesFrom(t.Context(), "b1", 10); !openprospect.IsNotFound(err) || page.Entries != nil {
			t.Errorf("%v, %v", page, err)
		}
	})
}

// TestListEntriesFromTellsTheSize of the whole list wherever the answers allow it, and never a wrong one (U10).
func TestListEntriesFromTellsTheSize(t *testing.T) {
	only := func(format string) func([]string, int, int, int) string {
		return func(rows []string, offset, limit, total int) string {
			text := strings.NewReplacer("TOTAL", strconv.Itoa(total), "LIMIT", strconv.Itoa(limit),
				"MORE", strconv.FormatBool(offset+len(rows) < total)).Replace(format)
			return strings.Replace(text, "ROWS", strings.Join(rows, ","), 1)
		}
	}
	bare, hasMore, limit := only(`[ROWS]`), only(`{"items":[ROWS],"has_more":MORE}`), only(`{"items":[ROWS],"limit":LIMIT}`)
	for _, test := range []struct {
		name     string
		envelope func(rows []string, offset, limit, total int) string
		rows     int
		clamp    int
		offset   int
		size     int
		requests int
	}{
		{"total", nil, 250, 0, 100, 250, 1},
		{"total, beyond the end", nil, 250, 0, 300, 250, 1},
		{"total, too small for the rows", only(`{"items":[ROWS],"total":1}`), 250, 0, 100, -1, 1},
		{"has_more, not the last page", hasMore, 250, 0, 100, -1, 1},
		{"has_more, the last page", hasMore, 250, 0, 151, 250, 1},
		{"has_more, beyond the end", hasMore, 250, 0, 250, -1, 1},
		{"has_more, an empty list", hasMore, 0, 0, 0, 0, 1},
		{"limit, the last page", limit, 250, 0, 151, 250, 1},
		{"limit, a full page that is the last", limit, 250, 0, 150, 250, 2},
		{"limit, a full page that is not", limit, 250, 0, 149, -1, 2},
		{"nothing, the last page", bare, 250, 0, 151, 250, 2},
		{"nothing, not the last page", bare, 250, 0, 100, -1, 2},
		{"nothing, smaller pages than asked for", bare, 250, 20, 151, -1, 2},
		{"nothing, smaller pages, the last one", bare, 250, 20, 235, 250, 2},
		{"nothing, an empty list", bare, 0, 0, 0, 0, 1},
		{"nothing, beyond the end", bare, 250, 0, 250, -1, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newAPI(t, (&pagedList{rows: entryRows(0, test.rows), envelope: test.envelope, clamp: test.clamp}).ServeHTTP)
			page, err := a.client.ListEntriesFrom(t.Context(), "b1", test.offset)
			if err != nil || page.Size != test.size || len(a.sent()) != test.requests {
				t.Errorf("a size of %d after %d requests, %v; want %d after %d", page.Size, len(a.sent()), err, test.size, test.requests)
			}
		})
	}
	t.Run("a server that knows no paging", func(t *testing.T) {
		for rows, requests := range map[int]int{30: 2, 150: 1} {
			a := newAPI(t, (&pagedList{rows: entryRows(0, rows), envelope: bare, ignoresPaging: true}).ServeHTTP)
			page, err := a.client.ListEntriesFrom(t.Context(), "b1", 0)
			if err != nil || page.Size != -1 || len(a.sent()) != requests {
				t.Errorf("%d rows: a size of %d after %d requests, %v; want none after %d", rows, page.Size, len(a.sent()), err, requests)
			}
		}
	})
	t.Run("a server that takes no limit", func(t *testing.T) {
		a := newAPI(t, (&pagedList{rows: entryRows(0, 30), envelope: bare, maxLimit: -1}).ServeHTTP)
		if page, err := a.client.ListEntriesFrom(t.Context(), "b1", 0); err != nil || page.Size != 30 {
			t.Errorf("a size of %d, %v; want 30", page.Size, err)
		}
	})
	t.Run("no answer about what follows", func(t *testing.T) {
		list := &pagedList{rows: entryRows(0, 30), envelope: bare}
		a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("offset") == "30" {
				reply(w, 403, `{"code":"FORBIDDEN","message":"no"}`)
				return
			}
			list.ServeHTTP(w, r)
		})
		if page, err := a.client.ListEntriesFrom(t.Context(), "b1", 0); err == nil || page.Entries != nil {
			t.Errorf("%v, %v", page, err)
		}
	})
}

func BenchmarkListEntries(b *testing.B) {
	var rows []json.RawMessage
	for i := range 100 {
		rows = append(
			rows,
			json.RawMessage(
				fmt.Sprintf(
					`{"id":"b2c3d4e5-f6a7-8901-bcde-%012d","company_name":"Company %d GmbH","website_url":"https://www.company-%d.example",`+
						`"city":"Berlin","country":"Germany","external_id":null,"created_at":"2026-03-01T10:30:00.000000Z"}`,
					i,
					i,
					i,
				),
			),
		)
	}
	body, err := json.Marshal(map[string]any{"items": rows, "total": 100, "limit": 100, "offset": 0, "has_more": false})
	if err != nil {
		b.Fatal(err)
	}
	client, err := openprospect.New(openprospect.Config{APIKey: testKey, Transport: canned(body)})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := client.ListEntries(b.Context(), "b1"); err != nil {
			b.Fatal(err)
		}
	}
}
