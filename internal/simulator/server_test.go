package simulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// Ids of the first things that a simulator makes.
const (
	firstBlacklist = "000000b1-0000-4000-8000-000000000001"
	unknownID      = "00000000-0000-4000-8000-00000000ffff"
)

// guideTime is when the guide's example order was created.
var guideTime = time.Date(2026, 3, 1, 10, 30, 0, 0, time.UTC)

// api is a simulator and what a test does to it over HTTP.
type api struct {
	*simulator.Server
	t      *testing.T
	client *http.Client
}

// start starts a simulator on a clock that stands still at guideTime.
func start(t *testing.T, options simulator.Options) *api {
	t.Helper()
	if options.Clock == nil {
		options.Clock = func() time.Time { return guideTime }
	}
	server, err := simulator.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &api{Server: server, t: t, client: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// reply is an answer as it came over the wire.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) String() string { return strings.TrimSpace(fmt.Sprintf("%d %s", r.status, r.body)) }

// try sends a request, with a JSON body unless that is "". A path with two
// slashes before it is not below the base path.
func (a *api) try(method, path, body string, headers ...string) (reply, error) {
	a.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	target := a.URL() + path
	if outside, found := strings.CutPrefix(path, "//"); found {
		target = strings.TrimSuffix(a.URL(), "api/v1") + outside
	}
	request, err := http.NewRequestWithContext(a.t.Context(), method, target, reader)
	if err != nil {
		a.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+a.APIKey())
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			request.Header.Del(headers[i])
		}
	}
	response, err := a.client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, string(text)}, err
}

func (a *api) send(method, path, body string, headers ...string) reply {
	a.t.Helper()
	answer, err := a.try(method, path, body, headers...)
	if err != nil {
		a.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer
}

func (a *api) get(path string) reply {
	a.t.Helper()
	return a.send("GET", path, "")
}

// expect compares an answer with "STATUS BODY", byte for byte.
func (a *api) expect(got reply, want string) {
	a.t.Helper()
	if got.String() != want {
		a.t.Errorf("got  %s\nwant %s", got, want)
	}
}

func unmarshal[T any](t *testing.T, r reply) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(r.body), &value); err != nil {
		t.Fatalf("%s: %v", r, err)
	}
	return value
}

func TestBlacklistEndpoints(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	const path = "/blacklists/" + firstBlacklist

	a.expect(a.get("/blacklists"), `200 {"items":[],"total":0,"limit":50,"offset":0,"has_more":false}`)
	a.expect(a.send("POST", "/blacklists", `{"name":"Customers & <friends>","description":"From the CRM"}`),
		`201 {"id":"`+firstBlacklist+`","name":"Customers & <friends>","description":"From the CRM","created_at":"2026-03-01T10:30:00.000000Z"}`)
	a.Advance(1500 * time.Millisecond)
	a.expect(a.send("POST", "/blacklists", `{"name":"Opt-outs"}`),
		`201 {"id":"000000b1-0000-4000-8000-000000000002","name":"Opt-outs","description":null,"created_at":"2026-03-01T10:30:01.500000Z"}`)
	a.expect(a.send("PATCH", path, `{"name":"Customers"}`),
		`200 {"id":"`+firstBlacklist+`","name":"Customers","description":"From the CRM","created_at":"2026-03-01T10:30:00.000000Z"}`)
	a.expect(a.send("PATCH", path, `{"description":null}`),
		`200 {"id":"`+firstBlacklist+`","name":"Customers","description":null,"created_at":"2026-03-01T10:30:00.000000Z"}`)
	a.expect(a.get(path),
		`200 {"id":"`+firstBlacklist+`","name":"Customers","description":null,"created_at":"2026-03-01T10:30:00.000000Z"}`)
	a.expect(
		a.get("/blacklists?limit=1&offset=1"),
		`200 {"items":[{"id":"000000b1-0000-4000-8000-000000000002","name":"Opt-outs","description":null,`+
			`"created_at":"2026-03-01T10:30:01.500000Z"}],"total":2,"limit":1,"offset":1,"has_more":false}`,
	)
	a.expect(a.send("DELETE", path, ""), `204`)

	gone := `404 {"code":"BLACKLIST_NOT_FOUND","message":"Blacklist not found","details":{"entity_type":"blacklist",` +
		`"identifier":"` + firstBlacklist + `"}}`
	a.expect(a.get(path), gone)
	a.expect(a.send("DELETE", path, ""), gone)
	a.expect(a.send("PATCH", path, `{"name":"x"}`), gone)
	a.expect(a.get(path+"/entries"), gone)
	a.expect(a.send("POST", path+"/entries", `{"entries":[{"company_name":"x"}]}`), gone)
	a.expect(a.send("DELETE", path+"/entries", `{"entry_ids":["x"]}`), gone)
	if lists := a.Blacklists(); len(lists) != 1 || lists[0].Name != "Opt-outs" {
		t.Errorf("left: %v", lists)
	}
}

func TestEntryEndpoints(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	list := a.AddBlacklist("Customers", "")
	path := "/blacklists/" + list + "/entries"
	const (
		acme = `{"id":"000000e1-0000-4000-8000-000000000002","company_name":"Acme Corp","website_url":"https://www.acme-corp.com",` +
			`"city":null,"country":null,"external_id":null,"created_at":"2026-03-01T10:30:00.000000Z"}`
		gig = `{"id":"000000e1-0000-4000-8000-000000000003","company_name":null,"website_url":null,"city":"Munich","country":"Germany",` +
			`"external_id":"crm-1","created_at":"2026-03-01T10:30:00.000000Z"}`
	)

	a.expect(
		a.send(
			"POST",
			path,
			`{"entries":[{"company_name":"Acme Corp","website_url":"https://www.acme-corp.com"},{"city":"Munich","country":"Germany",`+
				`"external_id":"crm-1"}]}`,
		),
		`201 {"items":[`+acme+`,`+gig+`],"added":2,"skipped":0}`,
	)
	a.expect(a.get(path), `200 {"items":[`+acme+`,`+gig+`],"total":2,"limit":50,"offset":0,"has_more":false}`)
	a.expect(a.get(path+"?limit=1"), `200 {"items":[`+acme+`],"total":2,"limit":1,"offset":0,"has_more":true}`)
	a.expect(a.get(path+"?offset=5"), `200 {"items":[],"total":2,"limit":50,"offset":5,"has_more":false}`)
	// Adding is a set union, within a request too.
	a.expect(
		a.send(
			"POST",
			path,
			`{"entries":[{"company_name":"Acme Corp","website_url":"https://www.acme-corp.com","city":null},{"company_name":"acme"},`+
				`{"company_name":"acme"}]}`,
		),
		`201 {"items":[{"id":"000000e1-0000-4000-8000-000000000004","company_name":"acme","website_url":null,"city":null,"country":null,`+
			`"external_id":null,"created_at":"2026-03-01T10:30:00.000000Z"}],"added":1,"skipped":2}`,
	)
	a.expect(a.send("DELETE", path, `{"entry_ids":["000000e1-0000-4000-8000-000000000002","`+unknownID+`"]}`), `200 {"deleted":1}`)
	a.expect(a.get(path+"?limit=1"), `200 {"items":[`+gig+`],"total":2,"limit":1,"offset":0,"has_more":true}`)
	// What was removed can be added again.
	a.send("POST", path, `{"entries":[{"company_name":"Acme Corp","website_url":"https://www.acme-corp.com"}]}`)
	got, _ := a.Blacklist(list)
	var names []string
	for _, entry := range got.Entries {
		names = append(names, entry.CompanyName)
	}
	if want := []string{"", "acme", "Acme Corp"}; !slices.Equal(names, want) {
		t.Errorf("on the list: %q, want %q", names, want)
	}
	// Removing a list takes its entries along.
	a.send("DELETE", "/blacklists/"+list, "")
	if _, found := a.Blacklist(list); found {
		t.Error("the list is still there")
	}
}

func TestAuthorization(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Scopes: []string{"orders:read", "blacklists:read"}})
	a.expect(a.get("/auth/validate"), `200 {"valid":true,"scopes":["orders:read","blacklists:read"]}`)
	a.expect(a.send("GET", "//health", "", "Authorization", ""), `200 {"service":"OpenProspect API","status":"healthy"}`)
	a.expect(
		a.send("GET", "/orders", "", "Authorization", "Bearer lnc_test_other"),
		`401 {"code":"UNAUTHORIZED","message":"Invalid or expired API key","details":{}}`,
	)
	if unexpected := a.Unexpected(); len(unexpected) != 0 {
		t.Errorf("unexpected: %q", unexpected)
	}
	for _, header := range []string{"", "Basic " + a.APIKey(), a.APIKey()} {
		if got := a.send("GET", "/orders", "", "Authorization", header); got.status != 401 {
			t.Errorf("Authorization %q: %s", header, got)
		}
	}
	if got := len(a.Unexpected()); got != 3 {
		t.Errorf("%d unexpected requests, want 3", got)
	}

	for scope, requests := range map[string][]string{
		"orders:read":     {"GET /orders", "GET /orders/x", "GET /orders/x/results"},
		"orders:write":    {"POST /orders"},
		"blacklists:read": {"GET /blacklists", "GET /blacklists/x", "GET /blacklists/x/entries"},
		"blacklists:write": {
			"POST /blacklists", "PATCH /blacklists/x", "DELETE /blacklists/x", "POST /blacklists/x/entries", "DELETE /blacklists/x/entries",
		},
	} {
		a := start(t, simulator.Options{Scopes: []string{"companies:read"}})
		for _, request := range requests {
			method, path, _ := strings.Cut(request, " ")
			a.expect(
				a.send(method, path, ""),
				`403 {"code":"AUTHORIZATION_ERROR","message":"Missing required scopes",`+
					`"details":{"required_scopes":["`+scope+`"],"user_scopes":["companies:read"]}}`,
			)
		}
	}
}

// What no client should send is refused, and reported to the test.
func TestUnexpected(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, method, path, body, contentType string
		status                                int
		unexpected                            string
	}{
		{"unknown route", "GET", "/companies", "", "", 501, "GET /api/v1/companies: no such route"},
		{"not below the base path", "GET", "//orders", "", "", 501, "GET /orders: no such route"},
		{"route with an empty element", "GET", "/blacklists//entries", "", "", 501, "GET /api/v1/blacklists//entries: no such route"},
		{"orders cannot be deleted", "DELETE", "/orders/x", "", "", 405, "DELETE /api/v1/orders/x: method not allowed"},
		{"orders cannot be changed", "PATCH", "/orders/x", "{}", "application/json", 405, "PATCH /api/v1/orders/x: method not allowed"},
		{"form", "POST", "/blacklists", "name=x", "application/x-www-form-urlencoded", 415, "POST /api/v1/blacklists: a body that is " +
			"not said to be JSON"},
		{"no content type", "POST", "/blacklists", `{"name":"x"}`, "", 415, "POST /api/v1/blacklists: a body that is not said to be JSON"},
		{"GET with a body", "GET", "/blacklists", `{}`, "application/json", 200, "GET /api/v1/blacklists: a GET with a body"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := start(t, simulator.Options{})
			if got := a.send(test.method, test.path, test.body, "Content-Type", test.contentType); got.status != test.status {
				t.Errorf("%s, want %d", got, test.status)
			}
			if got := a.Unexpected(); !slices.Equal(got, []string{test.unexpected}) {
				t.Errorf("unexpected: %q, want %q", got, test.unexpected)
			}
			if len(a.Blacklists()) != 0 {
				t.Error("a refused request made a blacklist")
			}
		})
	}

	a := start(t, simulator.Options{})
	list := a.AddBlacklist("Customers", "", simulator.Entry{CompanyName: "Acme"})
	for _, body := range []string{"", `{}`, `{"entry_ids":[]}`, `{"entry_ids":null}`} {
		if got := a.send("DELETE", "/blacklists/"+list+"/entries", body); got.status != 422 {
			t.Errorf("removal without ids, body %q: %s", body, got)
		}
	}
	if got := a.Unexpected(); len(got) != 4 || got[0] != "DELETE /api/v1/blacklists/"+list+"/entries: no ids to remove" {
		t.Errorf("unexpected: %q", got)
	}
	if left, _ := a.Blacklist(list); len(left.Entries) != 1 {
		t.Errorf("left: %v", left.Entries)
	}
}

// Both spellings of a path are served, and an escaped slash is part of an id.
func TestPaths(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	a.RenameBlacklist(a.AddBlacklist("Odd", ""), "a/b ü")
	for _, path := range []string{"/blacklists/a%2Fb%20%C3%BC", "/blacklists/a%2Fb%20%C3%BC/"} {
		if got := a.get(path); got.status != 200 || !strings.Contains(got.body, `"id":"a/b ü"`) {
			t.Errorf("GET %s: %s", path, got)
		}
	}
	if got := a.Count("GET", "/blacklists/*"); got != 2 {
		t.Errorf("counted %d requests, want 2", got)
	}
	a.SetBehavior(func(b *simulator.Behavior) { b.RedirectToSlash = true })
	if got := a.get("/blacklists/a%2Fb"); got.header.Get("Location") != "/api/v1/blacklists/a%2Fb/" {
		t.Errorf("redirected to %q", got.header.Get("Location"))
	}
	a.SetBehavior(func(b *simulator.Behavior) { b.RedirectToSlash = false })
	a.expect(a.get("/orders/"), `200 {"items":[],"total":0,"limit":50,"offset":0,"has_more":false}`)
}

func TestAddress(t *testing.T) {
	t.Parallel()
	if server, err := simulator.Start(simulator.Options{Address: "127.0.0.1"}); err == nil {
		server.Close()
		t.Error("want an error, since the address has no port")
	}
	first := start(t, simulator.Options{Address: "localhost:0"})
	address := strings.TrimSuffix(strings.TrimPrefix(first.URL(), "http://"), "/api/v1")
	if _, err := simulator.Start(simulator.Options{Address: address}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("second simulator on %s: %v", address, err)
	}
	first.expect(
		first.get("/auth/validate"),
		`200 {"valid":true,"scopes":["orders:read","orders:write","blacklists:read","blacklists:write"]}`,
	)
	first.Close()
	if got, err := first.try("GET", "/auth/validate", ""); err == nil {
		t.Errorf("after Close: %s", got)
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	list := a.AddBlacklist("Customers", "")
	entries := "/blacklists/" + list + "/entries"
	a.get("/blacklists?limit=10")
	a.Advance(time.Second)
	a.send("POST", entries, `{"entries":[{"company_name":"Acme"}]}`, "X-Trace", "7")
	a.get("/orders/" + unknownID)

	journal := a.Journal()
	if len(journal) != 3 {
		t.Fatalf("%d requests, want 3", len(journal))
	}
	post := journal[1]
	if post.Number != 2 || post.Method != "POST" || post.Path != entries || post.Status != 201 || !post.Done ||
		!post.Time.Equal(guideTime.Add(time.Second)) || string(post.Body) != `{"entries":[{"company_name":"Acme"}]}` ||
		post.Header.Get("X-Trace") != "7" || post.Header.Get("Authorization") != "Bearer "+a.APIKey() {
		t.Errorf("journaled: %+v", post)
	}
	if journal[0].Query != "limit=10" || journal[2].Status != 404 || journal[2].Done {
		t.Errorf("journaled: %+v", journal)
	}
	// Copies: whoever changes them changes nothing.
	post.Header.Set("X-Trace", "8")
	post.Body[0] = 'x'
	if again := a.Journal()[1]; again.Header.Get("X-Trace") != "7" || again.Body[0] != '{' {
		t.Error("the journal gives away its own data")
	}

	for _, test := range []struct {
		method, pattern string
		want            int
	}{
		{"", "", 3},
		{"GET", "", 2},
		{"POST", "/blacklists/*/entries", 1},
		{"", "/blacklists/*", 0},
		{"GET", "/blacklists", 1},
		{"GET", "/orders/*", 1},
		{"DELETE", "", 0},
	} {
		if got := a.Count(test.method, test.pattern); got != test.want {
			t.Errorf("Count(%q, %q) is %d, want %d", test.method, test.pattern, got, test.want)
		}
	}
	a.ResetJournal()
	a.get("/blacklists")
	if journal := a.Journal(); len(journal) != 1 || journal[0].Number != 4 || a.Count("", "") != 1 {
		t.Errorf("after the reset: %+v", journal)
	}
}

// The events tell every change and who made it, in order.
func TestEvents(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	list := a.AddBlacklist("Customers", "", simulator.Entry{CompanyName: "Acme"})
	path := "/blacklists/" + list
	a.send("PATCH", path, `{"name":"Clients"}`)
	a.send("POST", path+"/entries", `{"entries":[{"company_name":"Acme"},{"company_name":"Globex"}]}`)
	entries, _ := a.Blacklist(list)
	a.send("DELETE", path+"/entries", `{"entry_ids":["`+entries.Entries[0].ID+`"]}`)
	more := a.AddEntries(list, simulator.Entry{CompanyName: "Hooli"})
	// Whatever the order of the ids, the list's is the order of removal.
	a.RemoveEntries(list, more[0], entries.Entries[1].ID)
	order := a.AddOrder(nil)
	a.Advance(time.Minute)
	a.SetOrderStatus(order, "CANCELLED", "")
	a.UpdateBlacklist(list, "Customers", "again")
	a.send("DELETE", path, "")

	var got []string
	for _, event := range a.Events() {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%d %s %s%s", event.Request, event.Kind, event.Entry.CompanyName, event.Status)))
		if event.Kind == "order_status" && (event.OrderID != order || !event.Time.Equal(guideTime.Add(time.Minute))) {
			t.Errorf("%+v", event)
		}
		if strings.HasPrefix(event.Kind, "entry") && (event.BlacklistID != list || event.Entry.ID == "") {
			t.Errorf("%+v", event)
		}
	}
	want := []string{
		"0 blacklist_created",
		"0 entry_added Acme",
		"1 blacklist_updated",
		"2 entry_added Globex",
		"3 entry_removed Acme",
		"0 entry_added Hooli",
		"0 entry_removed Globex",
		"0 entry_removed Hooli",
		"0 order_created RECEIVED",
		"0 order_status CANCELLED",
		"0 blacklist_updated",
		"4 blacklist_removed",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{RequestsPerHour: 2})
	a.get("/blacklists")
	a.Advance(10 * time.Minute)
	a.get("/orders")
	limited := a.send("POST", "/blacklists", `{"name":"x"}`)
	a.expect(limited, `429 {"error":"RATE_LIMIT_EXCEEDED","message":"Rate limit exceeded. Retry after 3000 seconds.","retry_after":3000}`)
	if got := limited.header.Get("Retry-After"); got != "3000" {
		t.Errorf("Retry-After: %q", got)
	}
	if len(a.Blacklists()) != 0 {
		t.Error("a request over the limit was carried out")
	}
	a.Advance(3000*time.Second - time.Millisecond)
	if got := a.get("/orders"); got.status != 429 || got.header.Get("Retry-After") != "1" {
		t.Errorf("just before the hour is over: %s", got)
	}
	a.Advance(time.Millisecond)
	if got := a.get("/orders"); got.status != 200 {
		t.Errorf("after the hour: %s", got)
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	const latency = 20 * time.Millisecond
	a := start(t, simulator.Options{Latency: latency})
	began := time.Now()
	a.get("/blacklists")
	if took := time.Since(began); took < latency {
		t.Errorf("took %v, want at least %v", took, latency)
	}
}

// A client that dies in the middle of its request has changed nothing.
func TestHalfARequest(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Behavior: simulator.Behavior{EmptyRemovalRemovesAll: true}})
	list := a.AddBlacklist("Customers", "", simulator.Entry{CompanyName: "Acme"})
	address, _, _ := strings.Cut(strings.TrimPrefix(a.URL(), "http://"), "/")
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(
		connection,
		"DELETE /api/v1/blacklists/%s/entries HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: "+
			"application/json\r\nContent-Length: 50\r\n\r\n{\"entry_ids\":",
		list,
		a.APIKey(),
	)
	if err := connection.Close(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); a.Count("DELETE", "") == 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if journal := a.Journal(); len(journal) != 1 || journal[0].Done || journal[0].Status != 0 || string(journal[0].Body) != `{"entry_ids":` {
		t.Errorf("journal: %+v", journal)
	}
	if left, _ := a.Blacklist(list); len(left.Entries) != 1 || len(a.Unexpected()) != 0 {
		t.Errorf("left: %+v, unexpected: %q", left.Entries, a.Unexpected())
	}
}

// Many clients and other actors at once: for the race detector.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Review: simulator.Review{Reads: 1}})
	list := a.AddBlacklist("Customers", "")
	order := a.AddOrder(map[string]any{"blacklist_ids": []string{list}})
	const clients = 8
	var group sync.WaitGroup
	for i := range clients {
		group.Go(func() {
			body := fmt.Sprintf(`{"entries":[{"company_name":"company %d"},{"company_name":"shared"}]}`, i)
			for _, request := range [][3]string{
				{"POST", "/blacklists/" + list + "/entries", body},
				{"GET", "/blacklists/" + list + "/entries", ""},
				{"GET", "/orders/" + order, ""},
				{"GET", "/orders/" + order + "/results", ""},
				{"PATCH", "/blacklists/" + list, `{"description":"x"}`},
			} {
				if got, err := a.try(request[0], request[1], request[2]); err != nil || got.status >= 300 {
					t.Errorf("%s %s: %s, %v", request[0], request[1], got, err)
				}
			}
			a.AddEntries(list, simulator.Entry{CompanyName: fmt.Sprint("other ", i)})
			a.UpdateOrder(order, map[string]any{"admin_notes": "x"})
			a.Journal()
			a.Events()
			a.SetBehavior(func(b *simulator.Behavior) { b.ExtraFields = true })
		})
	}
	group.Wait()
	if got, _ := a.Blacklist(list); len(got.Entries) != 2*clients+1 {
		t.Errorf("%d entries, want %d", len(got.Entries), 2*clients+1)
	}
	if got, want := len(a.Journal()), 5*clients; got != want {
		t.Errorf("%d requests, want %d", got, want)
	}
}

// The longest list that is promised, paged to its end, with a tenth of it removed.
func TestLongList(t *testing.T) {
	t.Parallel()
	const rows, perDelete = 100_000, 1_000
	a := start(t, simulator.Options{})
	entries := make([]simulator.Entry, rows)
	for i := range entries {
		entries[i].CompanyName = fmt.Sprint("company ", i)
	}
	list := a.AddBlacklist("Long", "", entries...)
	path := "/blacklists/" + list + "/entries"
	type page struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
		Total int `json:"total"`
	}
	last := unmarshal[page](t, a.get(fmt.Sprintf("%s?limit=100&offset=%d", path, rows-100)))
	if last.Total != rows || len(last.Items) != 100 {
		t.Fatalf("%d of %d rows", len(last.Items), last.Total)
	}
	content, _ := a.Blacklist(list)
	for from := 0; from < rows/10; from += perDelete {
		ids := make([]string, perDelete)
		for i := range ids {
			ids[i] = content.Entries[from+i].ID
		}
		body, err := json.Marshal(map[string]any{"entry_ids": ids})
		if err != nil {
			t.Fatal(err)
		}
		a.expect(a.send("DELETE", path, string(body)), fmt.Sprintf(`200 {"deleted":%d}`, perDelete))
	}
	if left, _ := a.Blacklist(list); len(left.Entries) != rows*9/10 || left.Entries[0].CompanyName != fmt.Sprint("company ", rows/10) {
		t.Errorf("%d rows left", len(left.Entries))
	}
}
