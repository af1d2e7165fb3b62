package openprospect_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

const guideBlacklist = `{"id":"d33b69ce","name":"Existing Customers","description":"Companies already in our CRM",` +
	`"created_at":"2026-03-01T10:30:00.000000Z"}`

func wantBlacklist(t *testing.T, got *openprospect.Blacklist, err error, want openprospect.Blacklist) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if *got != want {
		t.Errorf("\n got %+v\nwant %+v", *got, want)
	}
}

func TestBlacklistShapes(t *testing.T) {
	full := openprospect.Blacklist{
		ID:          "d33b69ce",
		Name:        "Existing Customers",
		Description: "Companies already in our CRM",
		CreatedAt:   "2026-03-01T10:30:00.000000Z",
	}
	for name, body := range map[string]string{
		"plain": guideBlacklist, "in data": `{"data":` + guideBlacklist + `}`, "in blacklist": `{"blacklist":` + guideBlacklist + `}`,
		"in both":        `{"data":{"blacklist":` + guideBlacklist + `}}`,
		"another id key": strings.Replace(guideBlacklist, `"id"`, `"blacklist_id"`, 1),
		"with more":      strings.Replace(guideBlacklist, `{`, `{"entry_count":3,"data":{"id":"other"},`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t, answers(200, body))
			got, err := a.client.GetBlacklist(t.Context(), "d33b69ce")
			wantBlacklist(t, got, err, full)
			created, err := a.client.CreateBlacklist(
				t.Context(),
				openprospect.CreateBlacklistRequest{Name: full.Name, Description: full.Description},
			)
			wantBlacklist(t, created, err, full)
			a.wantLines(t, "GET /blacklists/d33b69ce", "POST /blacklists")
			if body := a.sent()[1].body; body != `{"description":"Companies already in our CRM","name":"Existing Customers"}` {
				t.Errorf("sent %s", body)
			}
		})
	}
	t.Run("null description", func(t *testing.T) {
		a := newAPI(t, answers(200, `{"id":"b1","name":"n","description":null,"created_at":null}`))
		got, err := a.client.GetBlacklist(t.Context(), "b1")
		wantBlacklist(t, got, err, openprospect.Blacklist{ID: "b1", Name: "n"})
	})
	t.Run("no id in the answer to a reading", func(t *testing.T) {
		a := newAPI(t, answers(200, `{"name":"n"}`))
		got, err := a.client.GetBlacklist(t.Context(), "b1")
		wantBlacklist(t, got, err, openprospect.Blacklist{ID: "b1", Name: "n"})
	})
}

func TestListBlacklists(t *testing.T) {
	var rows []string
	for _, id := range []string{"b3", "b1", "b2"} {
		rows = append(rows, `{"blacklist_id":"`+id+`","name":"`+id+`"}`)
	}
	a := newAPI(t, answers(200, `{"blacklists":[`+strings.Join(rows, ",")+`]}`))
	got, err := a.client.ListBlacklists(t.Context())
	if err != nil || len(got) != 3 || got[0].ID != "b3" || got[2].Name != "b2" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestKnowsBlacklist(t *testing.T) {
	row := `{"id":"b1","name":"n","description":""}`
	for name, test := range map[string]struct {
		body string
		call func(context.Context, *openprospect.Client) error
	}{
		"read": {row, func(ctx context.Context, c *openprospect.Client) error {
			_, err := c.GetBlacklist(ctx, "b1")
			return err
		}},
		"listed": {"[" + row + "]", func(ctx context.Context, c *openprospect.Client) error { _, err := c.ListBlacklists(ctx); return err }},
		"walked": {"[]", func(ctx context.Context, c *openprospect.Client) error {
			_, err := c.ListEntries(ctx, "b1")
			return err
		}},
		"walked a bit": {"[]", func(ctx context.Context, c *openprospect.Client) error {
			_, err := c.ListEntriesFrom(ctx, "b1", 7)
			return err
		}},
		"created": {row, func(ctx context.Context, c *openprospect.Client) error {
			_, err := c.CreateBlacklist(ctx, openprospect.CreateBlacklistRequest{Name: "n"})
			return err
		}},
	} {
		a := newAPI(t, answers(200, test.body))
		if a.client.KnowsBlacklist("b1") {
			t.Errorf("%s: known before", name)
		}
		if err := test.call(t.Context(), a.client); err != nil || !a.client.KnowsBlacklist("b1") || a.client.KnowsBlacklist("b2") {
			t.Errorf("%s: %v, not known afterwards", name, err)
		}
	}
}

func TestBlacklistName(t *testing.T) {
	ctx := t.Context()
	a := newAPI(t, inTurn(
		answers(200, `{"id":"b1","name":"Customers","description":""}`),
		answers(200, "[]"),
		answers(200, `{"id":"b1","name":"Clients","description":""}`),
	))
	expect := func(id, want string) {
		t.Helper()
		if got := a.client.BlacklistName(id); got != want {
			t.Errorf("%s is named %q, want %q", id, got, want)
		}
	}
	expect("b1", "")
	if _, err := a.client.GetBlacklist(ctx, "b1"); err != nil {
		t.Fatal(err)
	}
	expect("b1", "Customers")
	expect("b2", "")
	// Reading its entries shows no name.
	if _, err := a.client.ListEntries(ctx, "b1"); err != nil {
		t.Fatal(err)
	}
	expect("b1", "Customers")
	name := "Clients"
	if _, err := a.client.UpdateBlacklist(ctx, "b1", openprospect.UpdateBlacklistRequest{Name: &name}); err != nil {
		t.Fatal(err)
	}
	expect("b1", "Clients")
}

func TestCreateBlacklistReadsAPartialEcho(t *testing.T) {
	a := newAPI(
		t,
		inTurn(answers(201, `{"id":"b1"}`), answers(200, `{"id":"b1","name":"n","description":"d","created_at":"2026-03-01T10:30:00Z"}`)),
	)
	got, err := a.client.CreateBlacklist(t.Context(), openprospect.CreateBlacklistRequest{Name: "n", Description: "d"})
	wantBlacklist(t, got, err, openprospect.Blacklist{ID: "b1", Name: "n", Description: "d", CreatedAt: "2026-03-01T10:30:00Z"})
	t.Run("and does not lose the id when that fails", func(t *testing.T) {
		a := newAPI(t, inTurn(answers(201, `{"id":"b1"}`), answers(403, `{}`)))
		got, err := a.client.CreateBlacklist(t.Context(), openprospect.CreateBlacklistRequest{Name: "n", Description: "d"})
		wantBlacklist(t, got, err, openprospect.Blacklist{ID: "b1", Name: "n", Description: "d"})
	})
}

func TestCreateBlacklistRefused(t *testing.T) {
	for _, status := range []int{400, 401, 403, 409, 422} {
		a := newAPI(t, answers(status, `{"code":"X","message":"m"}`))
		_, err := a.client.CreateBlacklist(t.Context(), openprospect.CreateBlacklistRequest{Name: "n"})
		var ambiguous *openprospect.AmbiguousBlacklistError
		if errors.As(err, &ambiguous) || !openprospect.IsRefused(err) || openprospect.IsConflict(err) != (status == 409) {
			t.Errorf("%d: %v", status, err)
		}
		var taken *openprospect.BlacklistExistsError
		if errors.As(err, &taken) != (status == 409) || taken != nil && taken.Name != "n" {
			t.Errorf("%d: %v", status, err)
		}
		a.wantLines(t, "POST /blacklists")
	}
}

// TestCreateBlacklistAtAWrongAddress has a server that is not the API: nobody need fear that it created a blacklist.
func TestCreateBlacklistAtAWrongAddress(t *testing.T) {
	for _, test := range []struct {
		status    int
		ambiguous bool
	}{{404, false}, {200, false}, {499, false}, {500, true}, {502, true}} {
		a := newAPI(t, answers(test.status, `<h1>nginx</h1>`))
		_, err := a.client.CreateBlacklist(t.Context(), openprospect.CreateBlacklistRequest{Name: "n"})
		var ambiguous *openprospect.AmbiguousBlacklistError
		if errors.As(err, &ambiguous) != test.ambiguous || !openprospect.NotFromAPI(err) {
			t.Errorf("%d: %v", test.status, err)
		}
	}
	a := newAPI(t, inTurn(answers(404, `<h1>nginx</h1>`), answers(200, `[]`)))
	_, err := a.client.CreateBlacklist(t.Context(), openprospect.CreateBlacklistRequest{Name: "n"})
	var ambiguous *openprospect.AmbiguousBlacklistError
	if !errors.As(err, &ambiguous) {
		t.Errorf("a page in front of the API: %v", err)
	}
}

// TestCreateBlacklistLost walks what may be found after a POST whose answer was lost. The server's clock is an
// hour ahead of ours, and says so.
func TestCreateBlacklistLost(t *testing.T) {
	serverNow := func() time.Time { return time.Now().Add(time.Hour).UTC() }
	fresh := func() string { return serverNow().Format(time.RFC3339Nano) }
	row := func(id, name, description, created string) string {
		return `{"id":"` + id + `","name":"` + name + `","description":"` + description + `","created_at":` + created + `}`
	}
	quoted := func(s string) string { return `"` + s + `"` }
	for _, test := range []struct {
		name       string
		post       http.HandlerFunc
		before     []string
		after      func() []string
		id         string
		candidates []string
		lists      int
	}{
		{"a new one of that name and " +
			"description", drop, nil, func() []string { return []string{row("b1", "n", " d ", quoted(fresh()))} }, "b1", nil, 1},
		{"after a 500", answers(500, ``), nil, func() []string { return []string{row("b1", "n", "d", quoted(fresh()))} }, "b1", nil, 1},
		{
			"after a 201 without an id", answers(201, ``), nil, func() []string { return []string{row("b1", "n", "d", quoted(fresh()))} }, "b1",
			nil, 1,
		},
		{
			"after a 201 with a broken body", answers(201, `{"id":`), nil,
			func() []string { return []string{row("b1", "n", "d", quoted(fresh()))} }, "b1", nil, 1,
		},
		{
			"after a 201 with an empty id", answers(201, `{"id":""}`), nil,
			func() []string { return []string{row("b1", "n", "d", quoted(fresh()))} }, "b1", nil, 1,
		},
		{"nothing", drop, nil, func() []string { return []string{row("b1", "other", "d", quoted(fresh()))} }, "", nil, 5},
		{"two new ones", drop, nil, func() []string {
			return []string{row("b1", "n", "d", quoted(fresh())), row("b2", "n", "d", quoted(fresh()))}
		}, "", []string{"b1", "b2"}, 1},
		{"a new one that is dated 1.5 s early: the Date header has whole seconds", drop, nil, func() []string {
			return []string{row("b1", "n", "d", quoted(serverNow().Add(-1500*time.Millisecond).Format(time.RFC3339Nano)))}
		}, "b1", nil, 1},
		{"an older one", drop, nil, func() []string {
			return []string{row("b1", "n", "d", quoted(serverNow().Add(-time.Minute).Format(time.RFC3339)))}
		}, "", []string{"b1"}, 5},
		{
			"one of another description", drop, nil, func() []string { return []string{row("b1", "n", "other", quoted(fresh()))} }, "",
			[]string{"b1"}, 5,
		},
		{
			"one without a date: nobody can tell whether it is new", drop, nil, func() []string { return []string{row("b1", "n", "d", "null")} },
			"", []string{"b1"}, 5,
		},
		{"one that was there before", drop, []string{row("b1", "n", "d", quoted("2999-01-01T00:00:00Z"))}, func() []string {
			return []string{row("b1", "n", "d", quoted("2999-01-01T00:00:00Z"))}
		}, "", []string{"b1"}, 5},
		{"the new one beside one that was there before", drop, []string{row("b1", "n", "d", quoted("2999-01-01T00:00:00Z"))}, func() []string {
			return []string{row("b1", "n", "d", quoted("2999-01-01T00:00:00Z")), row("b2", "n", "d", quoted(fresh()))}
		}, "b2", nil, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			posted := false
			a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", serverNow().Format(http.TimeFormat))
				switch {
				case r.Method == http.MethodPost:
					posted = true
					test.post(w, r)
				case posted:
					reply(w, 200, "["+strings.Join(test.after(), ",")+"]")
				default:
					reply(w, 200, "["+strings.Join(test.before, ",")+"]")
				}
			})
			if test.before != nil {
				if _, err := a.client.ListBlacklists(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			listed := a.count(http.MethodGet)
			got, err := a.client.CreateBlacklist(t.Context(), openprospect.CreateBlacklistRequest{Name: "n", Description: "d"})
			if posts := a.count(http.MethodPost); posts != 1 {
				t.Errorf("%d POSTs", posts)
			}
			// A list that says nothing of its end takes a second request for each walk.
			if lists := a.count(http.MethodGet) - listed; lists != 2*test.lists {
				t.Errorf("%d walks of 2 requests, want %d", lists, test.lists)
			}
			if test.id != "" {
				if err != nil || got.ID != test.id {
					t.Errorf("%+v, %v, want %s", got, err, test.id)
				}
				return
			}
			var ambiguous *openprospect.AmbiguousBlacklistError
			if !errors.As(err, &ambiguous) {
				t.Fatalf("error %v", err)
			}
			var ids []string
			for _, candidate := range ambiguous.Candidates {
				ids = append(ids, candidate.ID)
				wantErrorHolding(t, err, candidate.ID)
			}
			if !slices.Equal(ids, test.candidates) || !openprospect.OutcomeUnknown(err) || ambiguous.Cause == nil {
				t.Errorf("candidates %q, want %q; unknown %v", ids, test.candidates, openprospect.OutcomeUnknown(err))
			}
			wantErrorHolding(t, err, `"n"`, "POST /api/v1/blacklists")
		})
	}
	t.Run("when listing fails too, the error says both", func(t *testing.T) {
		a := newAPI(t, inTurn(drop, answers(403, `{"message":"no reading"}`)))
		_, err := a.client.CreateBlacklist(t.Context(), openprospect.CreateBlacklistRequest{Name: "n"})
		wantErrorHolding(t, err, "POST /api/v1/blacklists", "the list of blacklists could not be read: GET", "no reading")
	})
	t.Run("when listing fails likewise, the error says it once", func(t *testing.T) {
		a := newAPI(t, answers(500, `{"code":"INTERNAL_ERROR","message":"out of order"}`))
		_, err := a.client.CreateBlacklist(t.Context(), openprospect.CreateBlacklistRequest{Name: "n"})
		wantErrorHolding(t, err, "POST /api/v1/blacklists: 500", "the list of blacklists could not be read either")
		if count := strings.Count(err.Error(), "out of order"); count != 1 {
			t.Errorf("the cause stands %d times in: %v", count, err)
		}
	})
	t.Run("an interrupted run still looks", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				cancel()
				<-r.Context().Done()
				return
			}
			reply(w, 200, `{"items":[`+row("b1", "n", "", quoted(time.Now().UTC().Format(time.RFC3339Nano)))+`],"total":1}`)
		})
		got, err := a.client.CreateBlacklist(ctx, openprospect.CreateBlacklistRequest{Name: "n"})
		if err != nil || got.ID != "b1" {
			t.Errorf("%v, %v", got, err)
		}
	})
}

// TestCreateBlacklistWhenTheServerIsNotReady answers the first POST with a 503, which says that nothing was done when it
// has a Retry-After.
func TestCreateBlacklistWhenTheServerIsNotReady(t *testing.T) {
	const created = `{"id":"b9","name":"n","description":"d"}`
	old, recent := `"2020-01-01T00:00:00Z"`, `"2999-01-01T00:00:00Z"`
	row := func(id, date string) string {
		return `{"id":"` + id + `","name":"n","description":"d","created_at":` + date + `}`
	}
	for _, test := range []struct {
		name   string
		status int
		header string
		listed []string
		posts  int
		id     string
	}{
		{"nothing is there", 503, "0.1", nil, 2, "b9"},
		{"an older one of that name", 503, "0.1", []string{row("b1", old)}, 2, "b9"},
		{"it was created all the same", 503, "0.1", []string{row("b1", recent)}, 1, "b1"},
		{"one that may be it", 503, "0.1", []string{row("b1", "null")}, 1, ""},
		{"no word of when to come back", 503, "", nil, 1, ""},
		{"a wait that is too long", 503, "7200", nil, 1, ""},
		{"another failure", 500, "1", nil, 1, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			posts := 0
			a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.Method != http.MethodPost:
					reply(w, 200, fmt.Sprintf(`{"items":[%s],"total":%d}`, strings.Join(test.listed, ","), len(test.listed)))
				case posts > 0:
					reply(w, 201, created)
				default:
					posts++
					w.Header().Set("Retry-After", test.header)
					reply(w, test.status, ``)
				}
			})
			got, err := a.client.CreateBlacklist(t.Context(), openprospect.CreateBlacklistRequest{Name: "n", Description: "d"})
			var ambiguous *openprospect.AmbiguousBlacklistError
			if test.id == "" && !errors.As(err, &ambiguous) || test.id != "" && (err != nil || got.ID != test.id) {
				t.Errorf("%+v, %v, want %q", got, err, test.id)
			}
			if sent := a.count(http.MethodPost); sent != test.posts {
				t.Errorf("%d POSTs, want %d", sent, test.posts)
			}
		})
	}
	t.Run("never more often than retries are allowed", func(t *testing.T) {
		a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				w.Header().Set("Retry-After", "0.01")
				reply(w, 503, ``)
				return
			}
			reply(w, 200, `[]`)
		})
		_, err := a.client.CreateBlacklist(t.Context(), openprospect.CreateBlacklistRequest{Name: "n"})
		if sent := a.count(http.MethodPost); err == nil || sent != 3 {
			t.Errorf("%d POSTs, %v", sent, err)
		}
	})
}

func TestTwoLostBlacklistsAreNotTakenForEachOther(t *testing.T) {
	var mu sync.Mutex
	var rows []string
	a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			time.Sleep(20 * time.Millisecond) // lets the other creation overtake, if it may
		}
		mu.Lock()
		defer mu.Unlock()
		if r.Method == http.MethodPost {
			// Only the first is carried out; the answers to both are lost.
			if len(rows) == 0 {
				rows = append(rows, `{"id":"b1","name":"n","created_at":"`+time.Now().UTC().Format(time.RFC3339Nano)+`"}`)
			}
			drop(w, r)
			return
		}
		reply(w, 200, `{"items":[`+strings.Join(rows, ",")+`],"total":1}`)
	})
	ids := make(chan string, 2)
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			if got, err := a.client.CreateBlacklist(t.Context(), openprospect.CreateBlacklistRequest{Name: "n"}); err == nil {
				ids <- got.ID
			}
		})
	}
	group.Wait()
	if len(ids) != 1 {
		t.Errorf("%d of two creations got the one blacklist", len(ids))
	}
}

func TestUpdateBlacklist(t *testing.T) {
	name, description, empty := "new", "about", ""
	for _, test := range []struct {
		label    string
		request  openprospect.UpdateBlacklistRequest
		handlers []http.HandlerFunc
		want     openprospect.Blacklist
		bodies   []string
	}{
		{"both, echoed", openprospect.UpdateBlacklistRequest{Name: &name, Description: &description},
			[]http.HandlerFunc{answers(200, `{"id":"b1","name":"new","description":"about"}`)},
			openprospect.Blacklist{ID: "b1", Name: "new", Description: "about"},
			[]string{`PATCH {"description":"about","name":"new"}`}},
		{"only the name, echoed without an id", openprospect.UpdateBlacklistRequest{Name: &name},
			[]http.HandlerFunc{answers(200, `{"data":{"name":"new","description":null}}`)},
			openprospect.Blacklist{ID: "b1", Name: "new"},
			[]string{`PATCH {"name":"new"}`}},
		{"answered 204", openprospect.UpdateBlacklistRequest{Name: &name},
			[]http.HandlerFunc{answers(204, ``), answers(200, `{"id":"b1","name":"new","description":"old"}`)},
			openprospect.Blacklist{ID: "b1", Name: "new", Description: "old"},
			[]string{`PATCH {"name":"new"}`, `GET `}},
		{"echoed in part", openprospect.UpdateBlacklistRequest{Name: &name},
			[]http.HandlerFunc{answers(200, `{"id":"b1","name":"new"}`), answers(200, `{"id":"b1","name":"new","description":"old"}`)},
			openprospect.Blacklist{ID: "b1", Name: "new", Description: "old"},
			[]string{`PATCH {"name":"new"}`, `GET `}},
		{"answered with a text", openprospect.UpdateBlacklistRequest{Name: &name},
			[]http.HandlerFunc{answers(200, `ok`), answers(200, `{"id":"b1","name":"new"}`)},
			openprospect.Blacklist{ID: "b1", Name: "new"},
			[]string{`PATCH {"name":"new"}`, `GET `}},
		{"nothing to change", openprospect.UpdateBlacklistRequest{},
			[]http.HandlerFunc{answers(200, `{"id":"b1","name":"n"}`)},
			openprospect.Blacklist{ID: "b1", Name: "n"},
			[]string{`GET `}},
		{"cleared by null, and verified", openprospect.UpdateBlacklistRequest{Description: &empty},
			[]http.HandlerFunc{answers(200, `{"id":"b1","name":"n","description":null}`), answers(200, `{"id":"b1","name":"n","description":null}`)},
			openprospect.Blacklist{ID: "b1", Name: "n"},
			[]string{`PATCH {"description":null}`, `GET `}},
		{"null is refused", openprospect.UpdateBlacklistRequest{Name: &name, Description: &empty},
			[]http.HandlerFunc{
				answers(422, `{"detail":[{"loc":["body","description"],"msg":"Input should be a valid string"}]}`), answers(204, ``),
				answers(200, `{"id":"b1","name":"new","description":""}`),
			},
			openprospect.Blacklist{ID: "b1", Name: "new"},
			[]string{`PATCH {"description":null,"name":"new"}`, `PATCH {"description":"","name":"new"}`, `GET `}},
		{"null is taken for absent", openprospect.UpdateBlacklistRequest{Description: &empty},
			[]http.HandlerFunc{
				answers(200, `{}`), answers(200, `{"id":"b1","name":"n","description":"old"}`), answers(200, `{}`),
				answers(200, `{"id":"b1","name":"n","description":""}`),
			},
			openprospect.Blacklist{ID: "b1", Name: "n"},
			[]string{`PATCH {"description":null}`, `GET `, `PATCH {"description":""}`, `GET `}},
	} {
		t.Run(test.label, func(t *testing.T) {
			a := newAPI(t, inTurn(test.handlers...))
			got, err := a.client.UpdateBlacklist(t.Context(), "b1", test.request)
			wantBlacklist(t, got, err, test.want)
			var bodies []string
			for _, request := range a.sent() {
				bodies = append(bodies, request.method+" "+request.body)
			}
			if !slices.Equal(bodies, test.bodies) {
				t.Errorf("sent %q, want %q", bodies, test.bodies)
			}
		})
	}
	t.Run("neither null nor an empty text clears it", func(t *testing.T) {
		a := newAPI(t, answers(200, `{"id":"b1","name":"n","description":"old"}`))
		_, err := a.client.UpdateBlacklist(t.Context(), "b1", openprospect.UpdateBlacklistRequest{Description: &empty})
		wantErrorHolding(t, err, "PATCH /api/v1/blacklists/b1", "kept it")
	})
	t.Run("both are refused", func(t *testing.T) {
		a := newAPI(t, answers(422, `{"message":"description is required"}`))
		_, err := a.client.UpdateBlacklist(t.Context(), "b1", openprospect.UpdateBlacklistRequest{Description: &empty})
		wantErrorHolding(t, err, "description is required")
		if !openprospect.IsRefused(err) {
			t.Errorf("%v does not count as refused", err)
		}
	})
	t.Run("a missing list", func(t *testing.T) {
		a := newAPI(t, answers(404, `{"code":"BLACKLIST_NOT_FOUND","message":"m"}`))
		if _, err := a.client.UpdateBlacklist(
			t.Context(),
			"b1",
			openprospect.UpdateBlacklistRequest{Name: &name},
		); !openprospect.IsNotFound(
			err,
		) {
			t.Errorf("error %v", err)
		}
	})
}

func TestDeleteBlacklist(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
		ok     bool
	}{
		{204, ``, true}, {200, `{"deleted":true}`, true}, {202, ``, true}, {200, `deleted`, true},
		{404, `{"code":"BLACKLIST_NOT_FOUND","message":"m"}`, true},
		{404, `<html>not here</html>`, false}, {404, `{"detail":"Not Found"}`, false},
		{409, `{"code":"BLACKLIST_IN_USE","message":"used by an order"}`, false}, {403, `{}`, false},
	} {
		a := newAPI(t, answers(test.status, test.body))
		err := a.client.DeleteBlacklist(t.Context(), "b1")
		if (err == nil) != test.ok {
			t.Errorf("%d %s: %v", test.status, test.body, err)
		}
		a.wantLines(t, "DELETE /blacklists/b1")
		if sent := a.sent()[0]; sent.body != "" || sent.header.Get("Content-Type") != "" {
			t.Errorf("a DELETE with a body: %q", sent.body)
		}
	}
	t.Run("gone by the lost first attempt", func(t *testing.T) {
		a := newAPI(t, inTurn(answers(502, ``), answers(404, `{"code":"BLACKLIST_NOT_FOUND"}`)))
		if err := a.client.DeleteBlacklist(t.Context(), "b1"); err != nil {
			t.Error(err)
		}
	})
}
