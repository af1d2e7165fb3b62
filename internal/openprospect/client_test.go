package openprospect_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

const testKey = "lnc_test_S3cretKeyThatMustNotLeak"

// sent is one request that a test server received.
type sent struct {
	method string
	// path is as on the wire, below /api/v1, escapes included.
	path   string
	query  string
	header http.Header
	body   string
}

// api is a test server that answers with handler and records what it was sent.
type api struct {
	*httptest.Server
	client *openprospect.Client

	mu       sync.Mutex
	requests []sent
}

// newAPI starts a server and a client that retries without waiting.
func newAPI(t *testing.T, handler http.HandlerFunc, configure ...func(*openprospect.Config)) *api {
	t.Helper()
	a := &api{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("reading the request: %v", err)
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		a.mu.Lock()
		a.requests = append(a.requests, sent{
			method: r.Method, path: strings.TrimPrefix(r.URL.EscapedPath(), "/api/v1"), query: r.URL.RawQuery,
			header: r.Header.Clone(), body: string(body),
		})
		a.mu.Unlock()
		handler(w, r)
	}))
	t.Cleanup(a.Close)
	config := openprospect.Config{
		APIKey: testKey, BaseURL: a.URL, MaxRetries: 2, RequestTimeout: 5 * time.Second,
		Backoff: func(int) time.Duration { return 0 },
	}
	for _, change := range configure {
		change(&config)
	}
	a.client = newClient(t, config)
	return a
}

func newClient(t *testing.T, config openprospect.Config) *openprospect.Client {
	t.Helper()
	client, err := openprospect.New(config)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return client
}

func (a *api) sent() []sent {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.requests)
}

// lines returns "METHOD /path" of every request, in order.
func (a *api) lines() []string {
	var lines []string
	for _, request := range a.sent() {
		lines = append(lines, request.method+" "+request.path)
	}
	return lines
}

func (a *api) count(method string) int {
	count := 0
	for _, request := range a.sent() {
		if request.method == method {
			count++
		}
	}
	return count
}

func (a *api) wantLines(t *testing.T, want ...string) {
	t.Helper()
	if got := a.lines(); !slices.Equal(got, want) {
		t.Errorf("requests\n got %q\nwant %q", got, want)
	}
}

// answers returns a handler that answers every request alike.
func answers(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { reply(w, status, body) }
}

// inTurn answers the first request with the first handler and so on; the last one serves all others.
func inTurn(handlers ...http.HandlerFunc) http.HandlerFunc {
	var next atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		index := min(int(next.Add(1)), len(handlers)) - 1
		handlers[index](w, r)
	}
}

func reply(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// drop closes the connection without an answer.
func drop(w http.ResponseWriter, _ *http.Request) {
	if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = connection.Close()
	}
}

func wantErrorHolding(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error does not hold %q:\n%v", part, err)
		}
	}
	if strings.Contains(err.Error(), testKey) {
		t.Errorf("the error holds the API key: %v", err)
	}
}

func TestParseBaseURL(t *testing.T) {
	for _, test := range []struct{ raw, want, reason string }{
		{"https://api.openprospect.io/api/v1", "https://api.openprospect.io/api/v1", "the guide's"},
		{"https://api.openprospect.io/api/v1/", "https://api.openprospect.io/api/v1", "a trailing slash"},
		{"https://api.openprospect.io", "https://api.openprospect.io/api/v1", "the newest pages' bare host (U1)"},
		{"https://api.openprospect.io/", "https://api.openprospect.io/api/v1", "bare host with a slash"},
		{" https://API.openprospect.io// ", "https://api.openprospect.io/api/v1", "white space, case, slashes"},
		{"https://gateway.example/vendors/openprospect", "https://gateway.example/vendors/openprospect", "another path is left alone"},
		{"https://gateway.example/a%2Fb/", "https://gateway.example/a%2Fb", "escapes stay"},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080/api/v1", "http on loopback"},
		{"http://localhost:1/api/v1", "http://localhost:1/api/v1", "http on localhost"},
		{"http://LOCALHOST:1", "http://localhost:1/api/v1", "http on localhost, in another case"},
		{"http://127.8.9.1", "http://127.8.9.1/api/v1", "all of 127.0.0.0/8 is loopback"},
		{"http://[::1]:1", "http://[::1]:1/api/v1", "http on IPv6 loopback"},
		{"http://[::ffff:127.0.0.1]:1", "http://[::ffff:127.0.0.1]:1/api/v1", "http on IPv4 loopback within IPv6"},
	} {
		got, err := openprospect.ParseBaseURL(test.raw, false)
		if err != nil || got.String() != test.want {
			t.Errorf("%s: ParseBaseURL(%q) = %v, %v, want %s", test.reason, test.raw, got, err, test.want)
		}
	}
	for _, test := range []struct{ raw, part, reason string }{
		{"http://api.openprospect.io", "must use https", "the key would go over a plain connection"},
		{"http://127.0.0.1.evil.example", "must use https", "looks like loopback and is not"},
		{"http://localhost.evil.example", "must use https", "looks like localhost and is not"},
		{"http://localhost.:1", "must use https", "a name that DNS may answer"},
		{"http://x.localhost", "must use https", "a name that DNS may answer"},
		{"http://127.1", "must use https", "a spelling of loopback that not every resolver knows: taken for a name, DNS may answer it"},
		{"http://0x7f000001", "must use https", "as 127.1"},
		{"http://2130706433", "must use https", "as 127.1"},
		{"http://127.0.0.1.", "must use https", "as localhost."},
		{"http://0.0.0.0", "must use https", "every address of this host is not loopback"},
		{"http://[::]", "must use https", "likewise"},
		{"http://[::ffff:10.0.0.1]", "must use https", "another host within IPv6"},
		{"http://127.0.0.1@api.openprospect.io", "user name or password", "loopback where a user name stands"},
		{"ftp://api.openprospect.io", "must use https", "another scheme"},
		{"api.openprospect.io", "has no host: use a URL such as https://api.openprospect.io/api/v1", "no scheme"},
		{"https://", "has no host", "no host"},
		{"https:api", "has no host", "opaque"},
		{"", "has no host", "empty"},
		{"https://user:geheim@api.openprospect.io", "user name or password", "credentials in the URL"},
		{"https://api.openprospect.io?key=geheim", "query", "a query"},
		{"https://api.openprospect.io/#geheim", "fragment", "a fragment"},
		{"https://geheim\x7f", "not a URL", "a control character"},
	} {
		_, err := openprospect.ParseBaseURL(test.raw, false)
		if err == nil || !strings.Contains(err.Error(), test.part) {
			t.Errorf("%s: ParseBaseURL(%q): %v, want an error with %q", test.reason, test.raw, err, test.part)
		} else if strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: the error repeats a secret: %v", test.reason, err)
		}
	}
}

func TestHTTPOnAnyHostMustBeAllowed(t *testing.T) {
	for raw, ok := range map[string]bool{
		"http://simulator:8080": true, "https://simulator": true, "ftp://simulator": false, "http://u:p@simulator": false,
	} {
		if _, err := openprospect.ParseBaseURL(raw, true); (err == nil) != ok {
			t.Errorf("%s: %v", raw, err)
		}
		if _, err := openprospect.New(openprospect.Config{APIKey: testKey, BaseURL: raw, AllowHTTP: true}); (err == nil) != ok {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	for name, config := range map[string]openprospect.Config{
		"no key":               {},
		"blank key":            {APIKey: " \n"},
		"line break in key":    {APIKey: "geheim\r\nX-Evil: 1"},
		"umlaut in key":        {APIKey: "geheimä"},
		"plain http":           {APIKey: "geheim", BaseURL: "http://api.openprospect.io"},
		"negative timeout":     {APIKey: "geheim", RequestTimeout: -1},
		"negative retries":     {APIKey: "geheim", MaxRetries: -1},
		"negative wait":        {APIKey: "geheim", MaxRetryWait: -1},
		"negative concurrency": {APIKey: "geheim", MaxConcurrentRequests: -1},
		"a header of our own":  {APIKey: "geheim", Headers: map[string]string{"authorization": "geheim"}},
	} {
		client, err := openprospect.New(config)
		if err == nil {
			t.Errorf("%s: no error, client %v", name, client)
		} else if strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: the error holds the key: %v", name, err)
		}
	}
	if _, err := openprospect.New(openprospect.Config{APIKey: "a line break from a file\n"}); err == nil {
		t.Error("a key with inner spaces was accepted")
	}
	if _, err := openprospect.New(openprospect.Config{APIKey: "!key~from-a-file~\n"}); err != nil {
		t.Errorf("a key of printable ASCII with a trailing line break, as files have: %v", err)
	}
}

func TestEveryRequestCarriesTheKeyAndTheAgent(t *testing.T) {
	a := newAPI(t, answers(200, `{"id":"b1","name":"n","description":null}`), func(c *openprospect.Config) {
		c.UserAgent = "agent/1"
		c.APIKey = testKey + "\n"
	})
	if _, err := a.client.CreateBlacklist(t.Context(), openprospect.CreateBlacklistRequest{Name: "n"}); err != nil {
		t.Fatal(err)
	}
	request := a.sent()[0]
	for name, want := range map[string]string{
		"Authorization": "Bearer " + testKey, "User-Agent": "agent/1",
		"Content-Type": "application/json", "Accept": "application/json",
	} {
		if got := request.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if request.body != `{"name":"n"}` {
		t.Errorf("body %s", request.body)
	}
}

// operations are all methods that take an id, for tests that hold for each.
func operations(client *openprospect.Client, id string) map[string]func(context.Context) error {
	name := "n"
	return map[string]func(context.Context) error{
		"GetBlacklist": func(ctx context.Context) error { _, err := client.GetBlacklist(ctx, id); return err },
		"UpdateBlacklist": func(ctx context.Context) error {
			_, err := client.UpdateBlacklist(ctx, id, openprospect.UpdateBlacklistRequest{Name: &name})
			return err
		},
		"DeleteBlacklist": func(ctx context.Context) error { return client.DeleteBlacklist(ctx, id) },
		"ListEntries":     func(ctx context.Context) error { _, err := client.ListEntries(ctx, id); return err },
		"ListEntriesFrom": func(ctx context.Context) error { _, err := client.ListEntriesFrom(ctx, id, 100); return err },
		"FirstEntries":    func(ctx context.Context) error { _, err := client.FirstEntries(ctx, id, 5); return err },
		"CountEntries":    func(ctx context.Context) error { _, err := client.CountEntries(ctx, id); return err },
		"AddEntries": func(ctx context.Context) error {
			_, err := client.AddEntries(ctx, id, []openprospect.EntryFields{{CompanyName: "n"}})
			return err
		},
		"RemoveEntries": func(ctx context.Context) error { return client.RemoveEntries(ctx, id, []string{"e1"}) },
		"GetOrder":      func(ctx context.Context) error { _, err := client.GetOrder(ctx, id); return err },
		"GetOrderResults": func(ctx context.Context) error {
			_, err := client.GetOrderResults(ctx, id, openprospect.ResultsOptions{})
			return err
		},
		"WaitForOrder": func(ctx context.Context) error { _, err := client.WaitForOrder(ctx, id, time.Hour, nil); return err },
	}
}

func TestAnIDThatWouldNameSomethingElseSendsNothing(t *testing.T) {
	for _, id := range []string{"", ".", ".."} {
		a := newAPI(t, answers(200, `{}`))
		for name, operation := range operations(a.client, id) {
			err := operation(t.Context())
			wantErrorHolding(t, err, "an ID must not be empty")
			if !openprospect.IsRefused(err) || openprospect.OutcomeUnknown(err) {
				t.Errorf("%s(%q): nothing was sent, but the error does not count as refused", name, id)
			}
		}
		if lines := a.lines(); len(lines) > 0 {
			t.Errorf("id %q: sent %q", id, lines)
		}
	}
}

func TestIDsAreEscaped(t *testing.T) {
	const id = "../a/b?c#d%2e e"
	const escaped = "..%2Fa%2Fb%3Fc%23d%252e%20e"
	a := newAPI(t, answers(401, `{"code":"UNAUTHORIZED","message":"Invalid API key"}`))
	for name, operation := range operations(a.client, id) {
		if err := operation(t.Context()); err == nil {
			t.Errorf("%s: no error from a 401", name)
		}
	}
	if got, want := len(a.sent()), len(operations(a.client, id)); got != want {
		t.Fatalf("%d requests, want %d", got, want)
	}
	for _, request := range a.sent() {
		collection, rest, _ := strings.Cut(strings.TrimPrefix(request.path, "/"), "/")
		element, _, _ := strings.Cut(rest, "/")
		if element != escaped || collection != "blacklists" && collection != "orders" {
			t.Errorf("%s %s: the id is not one escaped element", request.method, request.path)
		}
	}
}

func TestRequestsUnderWayAreBounded(t *testing.T) {
	var now, most atomic.Int64
	release := make(chan struct{})
	a := newAPI(t, func(w http.ResponseWriter, _ *http.Request) {
		running := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); running > old && !most.CompareAndSwap(old, running); old = most.Load() {
		}
		<-release
		reply(w, 200, `{"id":"b","name":"n"}`)
	}, func(c *openprospect.Config) { c.MaxConcurrentRequests = 3 })
	var group sync.WaitGroup
	for range 12 {
		group.Go(func() {
			if _, err := a.client.GetBlacklist(t.Context(), "b"); err != nil {
				t.Error(err)
			}
		})
	}
	for now.Load() < 3 {
		time.Sleep(time.Millisecond)
	}
	close(release)
	group.Wait()
	if most.Load() != 3 {
		t.Errorf("%d requests at once, want 3", most.Load())
	}
}

func TestValidateKey(t *testing.T) {
	for _, test := range []struct {
		body string
		want openprospect.KeyStatus
	}{
		{`{"valid":true,"scopes":["orders:read"]}`, openprospect.KeyStatus{Valid: true, Scopes: []string{"orders:read"}}},
		{`{"data":{"valid":false,"scopes":null}}`, openprospect.KeyStatus{}},
		{`{"scopes":["a"]}`, openprospect.KeyStatus{Valid: true, Scopes: []string{"a"}}},
	} {
		a := newAPI(t, answers(200, test.body))
		got, err := a.client.ValidateKey(t.Context())
		if err != nil || got.Valid != test.want.Valid || !slices.Equal(got.Scopes, test.want.Scopes) {
			t.Errorf("%s: %+v, %v", test.body, got, err)
		}
		a.wantLines(t, "GET /auth/validate")
		if !a.client.Answered() {
			t.Error("the API has answered")
		}
	}
	a := newAPI(t, answers(404, `{"detail":"Not Found"}`))
	_, err := a.client.ValidateKey(t.Context())
	wantErrorHolding(t, err, "GET /api/v1/auth/validate: 404")
	if a.client.Answered() {
		t.Error("a 404 shows nothing")
	}
	a = newAPI(t, answers(503, ``))
	_, err = a.client.ValidateKey(t.Context())
	wantErrorHolding(t, err, "503")
	a.wantLines(t, "GET /auth/validate")
	for body, notFromAPI := range map[string]bool{``: false, `[]`: false, `OK`: true} {
		a = newAPI(t, answers(200, body))
		_, err = a.client.ValidateKey(t.Context())
		if err == nil || openprospect.NotFromAPI(err) != notFromAPI {
			t.Errorf("%q is not from the API: %v, want %v (%v)", body, openprospect.NotFromAPI(err), notFromAPI, err)
		}
	}
}

// listOf returns a list answer of rows with an envelope that says everything.
func listOf(rows []string, offset, limit, total int) string {
	return fmt.Sprintf(`{"items":[%s],"total":%d,"limit":%d,"offset":%d,"has_more":%t}`,
		strings.Join(rows, ","), total, limit, offset, offset+len(rows) < total)
}

func mustJSON(t *testing.T, value any) string {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// canned is a transport that gives one body to every request.
type canned []byte

func (c canned) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(c)))}, nil
}
