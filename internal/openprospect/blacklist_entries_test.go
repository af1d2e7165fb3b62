package openprospect_test

import (
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

func TestAddEntriesSendsOnlyWhatIsSet(t *testing.T) {
	a := newAPI(t, answers(204, ``))
	_, err := a.client.AddEntries(t.Context(), "b1", []openprospect.EntryFields{
		{CompanyName: "Acme Corp", WebsiteURL: "https://www.acme-corp.com"},
		{CompanyName: "Global Industries GmbH", City: "Munich", Country: "Germany", ExternalID: "crm-1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"entries":[{"company_name":"Acme Corp","website_url":"https://www.acme-corp.com"},` +
		`{"company_name":"Global Industries GmbH","city":"Munich","country":"Germany","external_id":"crm-1"}]}`
	if got := a.sent()[0].body; got != want {
		t.Errorf("sent %s\nwant %s", got, want)
	}
}

func TestAddEntriesBounds(t *testing.T) {
	a := newAPI(t, answers(204, ``))
	if got, err := a.client.AddEntries(t.Context(), "b1", nil); err != nil || len(got.Entries)+len(got.Rejected) > 0 {
		t.Errorf("adding nothing: %v, %v", got, err)
	}
	many := slices.Repeat([]openprospect.EntryFields{{CompanyName: "n"}}, openprospect.MaxEntriesPerAdd+1)
	_, err := a.client.AddEntries(t.Context(), "b1", many)
	wantErrorHolding(t, err, "10001 entries", "at most 10000")
	if len(a.sent()) > 0 {
		t.Errorf("sent %q", a.lines())
	}
	if _, err := a.client.AddEntries(t.Context(), "b1", many[1:]); err != nil || len(a.sent()) != 1 {
		t.Errorf("10,000 entries: %v, %d requests", err, len(a.sent()))
	}
}

func TestAddEntriesAnswers(t *testing.T) {
	acme := openprospect.EntryFields{CompanyName: "Acme", WebsiteURL: "acme.example"}
	beta := openprospect.EntryFields{CompanyName: "Beta"}
	added := func(id string, fields openprospect.EntryFields) openprospect.Entry {
		return openprospect.Entry{ID: id, EntryFields: fields}
	}
	both := []openprospect.Entry{added("e1", acme), added("e2", beta)}
	const rows = `[{"id":"e1","company_name":"Acme","website_url":"acme.example","city":null},{"entry_id":"e2","company_name":"Beta"}]`
	for _, test := range []struct {
		name, body string
		want       openprospect.AddEntriesResult
	}{
		{"nothing", ``, openprospect.AddEntriesResult{}},
		{"null", `null`, openprospect.AddEntriesResult{}},
		{"a text", `created`, openprospect.AddEntriesResult{}},
		{"counts", `{"added":2,"skipped":0,"duplicates":0,"errors":0,"failed":0}`, openprospect.AddEntriesResult{}},
		{"counts below data", `{"status":"success","message":"ok","data":{"added":1,"skipped":1}}`, openprospect.AddEntriesResult{}},
		{"empty lists", `{"entries":[],"failedEntries":[],"errors":[],"invalid":null}`, openprospect.AddEntriesResult{}},
		{
			"ids alone say not whose they are", `{"ids":["e1","e2"],"entries":["e1","e2"],"created":[{"id":"e1"},{"id":"e2"}]}`,
			openprospect.AddEntriesResult{},
		},
		{"companies without ids", `{"entries":[{"company_name":"Acme","website_url":"acme.example"}]}`, openprospect.AddEntriesResult{}},
		{"a field that is no text", `{"entries":[{"id":"e1","company_name":"Acme","city":["Berlin"]}]}`, openprospect.AddEntriesResult{}},
		{"a bare array", rows, openprospect.AddEntriesResult{Entries: both}},
		{"entries", `{"entries":` + rows + `,"total":2}`, openprospect.AddEntriesResult{Entries: both}},
		{"items below data", `{"data":{"items":` + rows + `}}`, openprospect.AddEntriesResult{Entries: both}},
		{"below three wrappers", `{"data":{"data":{"data":{"items":` + rows + `}}}}`, openprospect.AddEntriesResult{Entries: both}},
		{"below more of them than anybody uses", `{"data":{"data":{"data":{"data":{"items":` + rows + `}}}}}`, openprospect.AddEntriesResult{}},
		{"data as a list", `{"data":` + rows + `}`, openprospect.AddEntriesResult{Entries: both}},
		{"added and existing apart", `{"created":[{"id":"e1","company_name":"Acme","website_url":"acme.example"}],"existing":[{"id":"e2",` +
			`"company_name":"Beta"}]}`,
			openprospect.AddEntriesResult{Entries: both}},
		{"an item each, the entry within", `{"results":[{"status":"created","entry":{"id":"e1","company_name":"Acme",` +
			`"website_url":"acme.example"}},{"status":"duplicate","id":"e2","entry":{"company_name":"Beta"}}]}`,
			openprospect.AddEntriesResult{Entries: both}},
		{"a status each, in the order of the request", `[{"status":"created","id":"e1","company_name":"Acme",` +
			`"website_url":"acme.example"},{"status":"invalid","reason":"no website","company_name":"Beta"}]`,
			openprospect.AddEntriesResult{
				Entries: both[:1], Rejected: []openprospect.RejectedEntry{{Index: 1, Fields: beta, Message: "no website"}},
			}},
		{"a status each, for some only", `{"results":[{"status":"error","message":"no website"}]}`,
			openprospect.AddEntriesResult{Rejected: []openprospect.RejectedEntry{{Index: -1, Message: "no website"}}}},
		{"a status and a place each, in another order", `[{"status":"created","id":"e2","company_name":"Beta","index":1},` +
			`{"status":"invalid","reason":"no website","index":0}]`,
			openprospect.AddEntriesResult{
				Entries: both[1:], Rejected: []openprospect.RejectedEntry{{Index: 0, Message: "no website"}},
			}},
		{"success each", `{"results":[{"success":true,"index":0},{"success":false,"index":1}]}`,
			openprospect.AddEntriesResult{Rejected: []openprospect.RejectedEntry{{Index: 1, Message: "the API rejected this entry"}}}},
		{"failedEntries", `{"blocked":[{"id":"e1","company_name":"Acme","website_url":"acme.example"}],` +
			`"failedEntries":[{"entry":{"company_name":"Beta"},"error":"too short"}]}`,
			openprospect.AddEntriesResult{
				Entries: both[:1], Rejected: []openprospect.RejectedEntry{{Index: -1, Fields: beta, Message: "too short"}},
			}},
		{"errors with a place", `{"added":1,"errors":[{"index":1,"error":{"code":"INVALID","message":"bad url"}}]}`,
			openprospect.AddEntriesResult{Rejected: []openprospect.RejectedEntry{{Index: 1, Message: "bad url"}}}},
		{"errors as FastAPI gives them", `{"errors":[{"loc":["body","entries",1,"website_url"],"msg":"bad url"}]}`,
			openprospect.AddEntriesResult{Rejected: []openprospect.RejectedEntry{{Index: 1, Message: "bad url"}}}},
		{"errors as texts", `{"errors":["row 2: bad url"]}`,
			openprospect.AddEntriesResult{Rejected: []openprospect.RejectedEntry{{Index: -1, Message: "row 2: bad url"}}}},
		{"a number of failures", `{"added":1,"failed":1}`,
			openprospect.AddEntriesResult{Rejected: []openprospect.RejectedEntry{{Index: -1, Message: "the API says failed: 1"}}}},
		{"a place beyond the request", `{"errors":[{"index":2,"error":"bad"}]}`,
			openprospect.AddEntriesResult{Rejected: []openprospect.RejectedEntry{{Index: -1, Message: "bad"}}}},
		{"a failure of the whole", `{"success":false,"message":"list is full"}`,
			openprospect.AddEntriesResult{Rejected: []openprospect.RejectedEntry{{Index: -1, Message: "list is full"}}}},
		{"the key in a message", `{"errors":["` + testKey + ` is bad"]}`,
			openprospect.AddEntriesResult{Rejected: []openprospect.RejectedEntry{{Index: -1, Message: "[redacted] is bad"}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newAPI(t, answers(201, test.body))
			got, err := a.client.AddEntries(t.Context(), "b1", []openprospect.EntryFields{acme, beta})
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("\n got %+v, %v\nwant %+v", got, err, test.want)
			}
			a.wantLines(t, "POST /blacklists/b1/entries")
		})
	}
}

// TestAddEntriesThatTheAPIRefusesWithAnID: an entry that looks added is not, if anything in it says so.
func TestAddEntriesThatTheAPIRefusesWithAnID(t *testing.T) {
	acme := openprospect.EntryFields{CompanyName: "Acme"}
	for _, says := range []string{
		`"success":false`, `"ok":false`, `"status":"failed"`, `"result":"rejected"`, `"outcome":"invalid"`, `"error":"too short"`,
	} {
		a := newAPI(t, answers(200, `{"entries":[{"id":"e1","company_name":"Acme",`+says+`}]}`))
		got, err := a.client.AddEntries(t.Context(), "b1", []openprospect.EntryFields{acme})
		if err != nil || len(got.Entries) > 0 || len(got.Rejected) != 1 || got.Rejected[0].Index != 0 || got.Rejected[0].Fields != acme {
			t.Errorf("%s: %+v, %v", says, got, err)
		}
	}
}

func TestRemoveEntriesBody(t *testing.T) {
	refused := func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 20)
		n, _ := r.Body.Read(body)
		if strings.HasPrefix(string(body[:n]), `{"entry_ids"`) {
			reply(w, 422, `{"detail":[{"loc":["body","ids"],"msg":"Field required"}]}`)
			return
		}
		reply(w, 200, `{"deleted":2}`)
	}
	a := newAPI(t, refused)
	for range 2 {
		if err := a.client.RemoveEntries(t.Context(), "b1", []string{"e1", "e/2"}); err != nil {
			t.Fatal(err)
		}
	}
	var bodies []string
	for _, request := range a.sent() {
		bodies = append(bodies, request.method+" "+request.body)
	}
	want := []string{`DELETE {"entry_ids":["e1","e/2"]}`, `DELETE {"ids":["e1","e/2"]}`, `DELETE {"ids":["e1","e/2"]}`}
	if !slices.Equal(bodies, want) {
		t.Errorf("sent %q, want %q: what worked is remembered", bodies, want)
	}
	t.Run("what worked may be refused later", func(t *testing.T) {
		refuses := `"entry_ids"`
		a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil || strings.Contains(string(body), refuses) {
				reply(w, 422, `{"detail":"Field required"}`)
				return
			}
			reply(w, 204, ``)
		})
		for _, refuses = range []string{`"entry_ids"`, `"ids"`} {
			if err := a.client.RemoveEntries(t.Context(), "b1", []string{"e1"}); err != nil {
				t.Error(err)
			}
		}
		if last := a.sent()[3].body; last != `{"entry_ids":["e1"]}` {
			t.Errorf("sent %s", last)
		}
	})
	t.Run("when neither is taken, the refusal of the first counts", func(t *testing.T) {
		a := newAPI(t, inTurn(answers(400, `{"message":"first"}`), answers(422, `{"message":"second"}`)))
		wantErrorHolding(t, a.client.RemoveEntries(t.Context(), "b1", []string{"e1"}), "400", "first")
	})
	t.Run("another failure of the second counts", func(t *testing.T) {
		a := newAPI(t, inTurn(answers(400, `{"message":"first"}`), answers(403, `{"message":"second"}`)))
		wantErrorHolding(t, a.client.RemoveEntries(t.Context(), "b1", []string{"e1"}), "403", "second")
	})
}

func TestRemoveEntriesNeverSendsAnEmptyList(t *testing.T) {
	a := newAPI(t, answers(200, ``))
	for name, ids := range map[string][]string{
		"nil": nil, "empty": {}, "an empty id": {"e1", ""}, "too many": slices.Repeat([]string{"e"}, openprospect.MaxEntriesPerRemove+1),
	} {
		if err := a.client.RemoveEntries(t.Context(), "b1", ids); err == nil || !openprospect.IsRefused(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(a.sent()) > 0 {
		t.Errorf("sent %q", a.lines())
	}
	if err := a.client.RemoveEntries(t.Context(), "b1", slices.Repeat([]string{"e"}, openprospect.MaxEntriesPerRemove)); err != nil {
		t.Errorf("as many as are allowed: %v", err)
	}
}

func TestRemoveEntriesThatAreGone(t *testing.T) {
	for _, test := range []struct {
		body string
		ok   bool
	}{
		{`{"code":"ENTRY_NOT_FOUND","message":"m"}`, true},
		{`{"code":"BLACKLIST_ENTRY_NOT_FOUND","message":"m"}`, true},
		{`{"code":"ENTITY_NOT_FOUND","entity_type":"blacklist_entry","identifier":"e1"}`, true},
		{`{"code":"BLACKLIST_NOT_FOUND","message":"m"}`, false},
		{`{"code":"ENTITY_NOT_FOUND","entity_type":"blacklist","identifier":"b1"}`, false},
		{`{"detail":"Not Found"}`, false},
		{`<html>`, false},
	} {
		a := newAPI(t, answers(404, test.body))
		err := a.client.RemoveEntries(t.Context(), "b1", []string{"e1"})
		if (err == nil) != test.ok {
			t.Errorf("%s: %v", test.body, err)
		}
		if wantGone := strings.Contains(test.body, `BLACKLIST_NOT_FOUND`) ||
			strings.Contains(test.body, `"blacklist"`); openprospect.IsNotFound(
			err,
		) != wantGone {
			t.Errorf("%s: IsNotFound is %v", test.body, openprospect.IsNotFound(err))
		}
		a.wantLines(t, "DELETE /blacklists/b1/entries")
	}
	t.Run("of many, one unknown id does not keep the others", func(t *testing.T) {
		a := newAPI(t, inTurn(
			answers(404, `{"code":"ENTRY_NOT_FOUND"}`),
			answers(200, listOf(append(entryRows(1, 3), entryRows(7, 9)...), 0, 100, 4)),
			answers(204, ``),
		))
		if err := a.client.RemoveEntries(t.Context(), "b1", []string{"e1", "e2", "e3"}); err != nil {
			t.Fatal(err)
		}
		a.wantLines(t, "DELETE /blacklists/b1/entries", "GET /blacklists/b1/entries", "DELETE /blacklists/b1/entries")
		if got := a.sent()[2].body; got != `{"entry_ids":["e1","e2"]}` {
			t.Errorf("sent %s", got)
		}
	})
	t.Run("of many, all gone", func(t *testing.T) {
		a := newAPI(t, inTurn(answers(404, `{"code":"ENTRY_NOT_FOUND"}`), answers(200, listOf(entryRows(7, 9), 0, 100, 2))))
		if err := a.client.RemoveEntries(t.Context(), "b1", []string{"e1", "e2"}); err != nil || len(a.sent()) != 2 {
			t.Errorf("%v, %q", err, a.lines())
		}
	})
}

func TestAHugeAnswerToAnAddition(t *testing.T) {
	var entries []openprospect.EntryFields
	var rows []string
	for i := range openprospect.MaxEntriesPerAdd {
		name := fmt.Sprintf("Company %d", i)
		entries = append(entries, openprospect.EntryFields{CompanyName: name})
		rows = append(rows, fmt.Sprintf(`{"id":"e%d","company_name":%q}`, i, name))
	}
	a := newAPI(t, answers(200, `{"entries":[`+strings.Join(rows, ",")+`]}`))
	got, err := a.client.AddEntries(t.Context(), "b1", entries)
	if err != nil || len(got.Entries) != len(entries) || got.Entries[9999].ID != "e9999" {
		t.Errorf("%d entries, %v", len(got.Entries), err)
	}
}

func TestFirstEntries(t *testing.T) {
	for _, test := range []struct {
		reason   string
		list     *pagedList
		count    int
		want     int
		requests int
	}{
		{"fewer than a page", &pagedList{rows: entryRows(0, 250)}, 7, 7, 1},
		{"a page", &pagedList{rows: entryRows(0, 250)}, 100, 100, 1},
		{"a page, but the API refuses that limit", &pagedList{rows: entryRows(0, 250), maxLimit: 50}, 100, 100, 3},
		{"one more than a page", &pagedList{rows: entryRows(0, 250)}, 101, 101, 2},
		{"more than there are", &pagedList{rows: entryRows(0, 250)}, 1000, 250, 3},
		{"none are there", &pagedList{}, 10, 0, 1},
		{"pages are smaller than asked for", &pagedList{rows: entryRows(0, 250), clamp: 20}, 50, 50, 3},
		{"the API says nothing of the whole list", &pagedList{rows: entryRows(0, 250), envelope: rowsOnly("items")}, 150, 150, 2},
		{"the API knows no paging", &pagedList{rows: entryRows(0, 250), ignoresPaging: true, envelope: rowsOnly("items")}, 7, 7, 1},
		{"the API refuses the limit, then any", &pagedList{rows: entryRows(0, 250), maxLimit: -1}, 60, 60, 5},
	} {
		a := newAPI(t, test.list.ServeHTTP)
		got, err := a.client.FirstEntries(t.Context(), "b1", test.count)
		if err != nil || len(got) != test.want || len(a.sent()) != test.requests {
			t.Errorf("%s: %d entries by %d requests, %v; want %d by %d", test.reason, len(got), len(a.sent()), err, test.want, test.requests)
			continue
		}
		for i, entry := range got {
			if want := fmt.Sprintf("e%d", i); entry.ID != want {
				t.Errorf("%s: entry %d is %s", test.reason, i, entry.ID)
			}
		}
	}
	a := newAPI(t, answers(404, `{"code":"BLACKLIST_NOT_FOUND"}`))
	if got, err := a.client.FirstEntries(t.Context(), "b1", 10); err == nil || got != nil {
		t.Errorf("of a list that is not there: %v, %v", got, err)
	}
}
