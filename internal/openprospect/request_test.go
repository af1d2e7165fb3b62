package openprospect_test

import (
	"context"
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

func TestRedirects(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the other host was asked, with %q", r.Header.Get("Authorization"))
	}))
	defer other.Close()
	redirect := func(status int, location string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if location != "" {
				w.Header().Set("Location", location)
			}
			w.WriteHeader(status)
		}
	}
	add := func(ctx context.Context, client *openprospect.Client) error {
		_, err := client.AddEntries(ctx, "b1", []openprospect.EntryFields{{CompanyName: "Acme"}})
		return err
	}
	const path = "/blacklists/b1/entries"
	for _, test := range []struct {
		name     string
		status   int
		location string
		followed bool
		part     string
	}{
		{"307 to the other spelling", 307, "/api/v1" + path + "/", true, ""},
		{"308 to the other spelling", 308, path[1:] + "/", true, ""},
		{"301", 301, "/api/v1" + path + "/", false, "not followed"},
		{"302", 302, "/api/v1" + path + "/", false, "not followed"},
		{"303", 303, "/api/v1" + path + "/", false, "not followed"},
		{"304", 304, "", false, "not followed"},
		{"another host", 307, other.URL + "/api/v1" + path, false, "another host"},
		{"another scheme", 307, "ftp://127.0.0.1/x", false, "another host"},
		{"no location", 307, "", false, "without a usable Location"},
		{"a broken location", 307, "http://[", false, "without a usable Location"},
		{"a location with the key", 307, "https://" + testKey + ".example/", false, "another host"},
	} {
		t.Run(test.name, func(t *testing.T) {
			location := test.location
			if test.status == 308 {
				location = "/api/v1/" + location
			}
			a := newAPI(t, inTurn(redirect(test.status, location), answers(200, `{}`)), func(c *openprospect.Config) { c.MaxRetries = 0 })
			err := add(t.Context(), a.client)
			if !test.followed {
				wantErrorHolding(t, err, "POST /api/v1"+path, fmt.Sprint(test.status), test.part)
				a.wantLines(t, "POST "+path)
				if refused := test.status == 307; openprospect.IsRefused(err) != refused || openprospect.OutcomeUnknown(err) == refused {
					t.Errorf("outcome of %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			a.wantLines(t, "POST "+path, "POST "+path+"/")
			for _, request := range a.sent() {
				if request.body != `{"entries":[{"company_name":"Acme"}]}` || request.header.Get("Authorization") != "Bearer "+testKey {
					t.Errorf("%s %s was sent with body %q and %q", request.method, request.path, request.body, request.header.Get("Authorization"))
				}
			}
		})
	}
	t.Run("a circle ends", func(t *testing.T) {
		a := newAPI(t, redirect(307, "/api/v1/orders/o1"), func(c *openprospect.Config) { c.MaxRetries = 0 })
		_, err := a.client.GetOrder(t.Context(), "o1")
		wantErrorHolding(t, err, "more than 3 redirects")
		if len(a.sent()) != 4 {
			t.Errorf("%d requests", len(a.sent()))
		}
	})
}

func TestARedirectFromHTTPSToHTTPKeepsTheKey(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the key went over a plain connection") }))
	defer plain.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", plain.URL+"/api/v1/orders/o1")
		w.WriteHeader(307)
	}))
	defer secure.Close()
	client := newClient(t, openprospect.Config{APIKey: testKey, BaseURL: secure.URL, Transport: secure.Client().Transport})
	_, err := client.GetOrder(t.Context(), "o1")
	wantErrorHolding(t, err, "from https to http is refused")
}

func TestACertificateThatIsNotTrustedIsNotTriedAgain(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") }))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	waits := 0
	client := newClient(
		t,
		openprospect.Config{APIKey: testKey, BaseURL: secure.URL, MaxRetries: 3, Backoff: func(int) time.Duration { waits++; return 0 }},
	)
	_, err := client.CreateBlacklist(t.Context(), openprospect.CreateBlacklistRequest{Name: "n"})
	wantErrorHolding(t, err, "certificate")
	if !openprospect.IsRefused(err) || waits > 1 {
		t.Errorf("%d attempts, refused %v", waits, openprospect.IsRefused(err))
	}
}

// dropWarm drops every request of that method after having read it whole, and fails the test when its connection is not
// one that served a request before.
func dropWarm(t *testing.T, method string, other http.HandlerFunc) http.HandlerFunc {
	t.Helper()
	var mu sync.Mutex
	served := map[string]int{}
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		served[r.RemoteAddr]++
		warm := served[r.RemoteAddr] > 1
		mu.Unlock()
		if r.Method != method {
			other(w, r)
			return
		}
		if !warm {
			t.Errorf("the %s came over a new connection: the test does not test what it should", r.Method)
		}
		drop(w, r)
	}
}

// TestAWarmConnectionThatDies guards against Go's transport, which sends a request again by itself when a
// reused connection dies and the request can be replayed.
func TestAWarmConnectionThatDies(t *testing.T) {
	empty := answers(200, `{"items":[],"total":0,"limit":100,"offset":0,"has_more":false}`)
	for name, write := range map[string]func(context.Context, *openprospect.Client) error{
		"order": func(ctx context.Context, client *openprospect.Client) error {
			_, err := openprospect.NewOrderPlacer(client).Place(ctx, discovery(), openprospect.PlaceOptions{})
			return err
		},
		"blacklist": func(ctx context.Context, client *openprospect.Client) error {
			_, err := client.CreateBlacklist(ctx, openprospect.CreateBlacklistRequest{Name: "n"})
			return err
		},
		"entries": func(ctx context.Context, client *openprospect.Client) error {
			_, err := client.AddEntries(ctx, "b1", []openprospect.EntryFields{{CompanyName: "n"}})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t, dropWarm(t, http.MethodPost, empty))
			if _, err := a.client.ListBlacklists(t.Context()); err != nil {
				t.Fatal(err)
			}
			err := write(t.Context(), a.client)
			if err == nil || !openprospect.OutcomeUnknown(err) {
				t.Errorf("a POST whose connection died ended in %v", err)
			}
			if posts := a.count(http.MethodPost); posts != 1 {
				t.Errorf("the server got %d POSTs, want 1", posts)
			}
		})
	}
	t.Run("a DELETE is sent again by the policy", func(t *testing.T) {
		a := newAPI(t, inTurn(empty, drop, answers(204, ``)))
		if _, err := a.client.ListBlacklists(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := a.client.DeleteBlacklist(t.Context(), "b1"); err != nil || a.count(http.MethodDelete) != 2 {
			t.Errorf("%d DELETEs, %v", a.count(http.MethodDelete), err)
		}
	})
}

func TestWhichRequestsAreSentAgain(t *testing.T) {
	calls := operations
	for _, test := range []struct {
		name    string
		handler http.HandlerFunc
		posts   int
		others  int
	}{
		{"500", answers(500, ``), 1, 3},
		{"a lost connection", drop, 1, 3},
		{"429", answers(429, ``), 3, 3},
		{"400", answers(400, `{"message":"no"}`), 1, 1},
	} {
		for name := range calls(nil, "x") {
			if name == "WaitForOrder" {
				continue
			}
			t.Run(test.name+" "+name, func(t *testing.T) {
				a := newAPI(t, test.handler)
				if err := calls(a.client, "x")[name](t.Context()); err == nil {
					t.Error("no error")
				}
				want := test.others
				if name == "AddEntries" {
					want = test.posts
				}
				if name == "RemoveEntries" && test.name == "400" {
					want = 2 // once with each spelling of the body (U17)
				}
				if got := len(a.sent()); got != want {
					t.Errorf("%d requests, want %d: %q", got, want, a.lines())
				}
			})
		}
	}
}

// truncated closes the connection in the middle of its answer.
func truncated(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"id":"b1","name":"n`)
}

func TestATruncatedAnswerIsReadAgain(t *testing.T) {
	a := newAPI(t, inTurn(truncated, answers(200, `{"id":"b1","name":"n","description":""}`)))
	list, err := a.client.GetBlacklist(t.Context(), "b1")
	if err != nil || list.Name != "n" || len(a.sent()) != 2 {
		t.Errorf("%v, %v, %d requests", list, err, len(a.sent()))
	}
	a = newAPI(t, truncated)
	_, err = a.client.AddEntries(t.Context(), "b1", []openprospect.EntryFields{{CompanyName: "n"}})
	wantErrorHolding(t, err, "POST", "200 OK", "broke off after 20 bytes")
	if !openprospect.OutcomeUnknown(err) || a.count(http.MethodPost) != 1 {
		t.Errorf("%d POSTs, outcome unknown %v", a.count(http.MethodPost), openprospect.OutcomeUnknown(err))
	}
	t.Run("of an error the status counts", func(t *testing.T) {
		a := newAPI(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.WriteHeader(422)
			_, _ = io.WriteString(w, `{"code":"VALIDATION_ERR`)
		})
		_, err := a.client.AddEntries(t.Context(), "b1", []openprospect.EntryFields{{CompanyName: "n"}})
		wantErrorHolding(t, err, "422", "VALIDATION_ERR")
		if !openprospect.IsRefused(err) {
			t.Errorf("a 422 whose body broke off does not count as refused: %v", err)
		}
	})
}

func TestTheCallersContextEndsARequest(t *testing.T) {
	started := make(chan struct{}, 1)
	a := newAPI(t, func(_ http.ResponseWriter, r *http.Request) {
		started <- struct{}{}
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-started; cancel() }()
	_, err := a.client.GetBlacklist(ctx, "b1")
	wantErrorHolding(t, err, "context canceled")
	if len(a.sent()) != 1 {
		t.Errorf("%d requests after a cancellation", len(a.sent()))
	}
}

func TestBodiesThatAreNotWhatWasAskedFor(t *testing.T) {
	bomb := strings.Repeat(`{"data":`, 100_000) + strings.Repeat("}", 100_000)
	for name, body := range map[string]string{
		"nothing": ``, "null": `null`, "a number": `7`, "a text": `"text"`, "plain text": `ok`, "an empty object": `{}`, "an empty list": `[[]]`,
		"a page": `<!doctype html><p>Maintenance`, "a depth bomb": bomb, "a list bomb": strings.Repeat("[", 100_000),
		"wrapped null": `{"data":{"data":null}}`,
		"half":         `{"id":"b1","na`, "an object for an id": `{"id":{},"name":{},"status":{},"order_id":[]}`,
		"wrapped forever":   `{"data":{"data":{"data":{"data":{"id":"x"}}}}}`,
		"a list of nothing": `{"items":[null]}`, "a list of lists": `{"items":[[1]]}`, "a list of ids": `{"items":["a"]}`,
		"an object for a list":          `{"items":{}}`,
		"a list of objects without ids": `{"items":[{"name":"n"}]}`, "two documents": `{} {}`, "binary": "\x00\xff\xfe",
	} {
		a := newAPI(t, answers(200, body), func(c *openprospect.Config) { c.MaxRetries = 0 })
		for operation, call := range operations(a.client, "b1") {
			switch operation {
			case "AddEntries", "RemoveEntries", "DeleteBlacklist":
				// A 2xx is a success whatever it says (U3), but for a page: that is not the API.
				if err := call(t.Context()); (err != nil) != (name == "a page") {
					t.Errorf("%s of %s: %v", operation, name, err)
				}
				continue
			case "WaitForOrder":
				continue
			}
			if operation == "GetOrderResults" && name == "a list of nothing" ||
				operation == "GetOrderResults" && name == "a list of objects without ids" {
				continue // companies are only shown: an id is not needed
			}
			if name == "null" &&
				(strings.HasPrefix(operation, "List") || slices.Contains([]string{"CountEntries", "FirstEntries", "GetOrderResults"}, operation)) {
				continue // an empty list (U40)
			}
			err := call(t.Context())
			if err == nil {
				t.Errorf("%s of %s: no error", operation, name)
				continue
			}
			wantErrorHolding(t, err, "/api/v1/", "200 OK")
			if len(err.Error()) > 1000 {
				t.Errorf("%s of %s: an error of %d bytes", operation, name, len(err.Error()))
			}
		}
	}
}

// A cache or a gateway in between may answer for another object: taken for the one asked for, it would
// change places with it in state.
func TestAnAnswerAboutSomethingElse(t *testing.T) {
	for _, test := range []struct {
		id, answered string
		ok           bool
	}{
		{"b1", "b1", true},
		{"D33B69CE-80CE-4EDE-B4DF-4B11427F8B55", "d33b69ce-80ce-4ede-b4df-4b11427f8b55", true},
		{"b1", "", true},
		{"b1", "b2", false},
		{"b1", "../b1", false},
		{"b1", "b1/entries", false},
	} {
		a := newAPI(t, answers(200, `{"id":"`+test.answered+`","name":"n","description":null,"status":"RECEIVED"}`))
		_, blacklistErr := a.client.GetBlacklist(t.Context(), test.id)
		_, orderErr := a.client.GetOrder(t.Context(), test.id)
		for _, err := range []error{blacklistErr, orderErr} {
			if test.ok {
				if err != nil {
					t.Errorf("%s answered by %s: %v", test.id, test.answered, err)
				}
				continue
			}
			wantErrorHolding(t, err, "GET /api/v1/", test.id+": 200 OK", "about another", test.answered)
		}
	}
}

// logLine is what the client told its logger.
type logLine struct {
	level, message string
	fields         map[string]any
}

func (l logLine) String() string {
	text := l.level + " " + l.message
	for key, value := range l.fields {
		text += fmt.Sprintf(" %s=%v", key, value)
		if marshaler, ok := value.(encoding.TextMarshaler); ok {
			marshaled, err := marshaler.MarshalText()
			text += fmt.Sprintf(" (%s, %v)", marshaled, err)
		}
	}
	return text
}

func logged(t *testing.T, handler http.HandlerFunc, call func(*openprospect.Client)) []logLine {
	t.Helper()
	var mu sync.Mutex
	var lines []logLine
	a := newAPI(t, handler, func(c *openprospect.Config) {
		c.Logger = func(_ context.Context, level, message string, fields map[string]any) {
			mu.Lock()
			defer mu.Unlock()
			lines = append(lines, logLine{level, message, fields})
		}
	})
	call(a.client)
	mu.Lock()
	defer mu.Unlock()
	return slices.Clone(lines)
}

func TestLogOneLineARequest(t *testing.T) {
	lines := logged(
		t,
		inTurn(answers(503, `{"message":"later"}`), truncated, answers(200, `{"id":"b1","name":"n","description":null}`)),
		func(client *openprospect.Client) {
			if _, err := client.GetBlacklist(t.Context(), "b1"); err != nil {
				t.Error(err)
			}
		},
	)
	var debug []logLine
	for _, line := range lines {
		if line.level == "debug" {
			debug = append(debug, line)
		}
	}
	if len(debug) != 3 || len(lines) != 6 {
		t.Fatalf("%d debug lines of %d, want 3 of 6: %v", len(debug), len(lines), lines)
	}
	for i, status := range []int{503, 0, 200} {
		fields := debug[i].fields
		if fields["method"] != "GET" || fields["path"] != "/api/v1/blacklists/b1" || fields["status"] != status || fields["attempt"] != i+1 {
			t.Errorf("line %d: %v", i, fields)
		}
		if _, ok := fields["duration_ms"].(int64); !ok {
			t.Errorf("line %d has no duration: %v", i, fields)
		}
		if _, failed := fields["error"]; failed != (status == 0) {
			t.Errorf("line %d: error %v", i, fields["error"])
		}
		for key := range fields {
			if strings.Contains(key, "body") {
				t.Errorf("a body at debug: %v", fields)
			}
		}
	}
}

func TestLogsHoldNeitherKeyNorPersonalData(t *testing.T) {
	const company = `{"id":"c1","name":"CloudOps GmbH","website_url":"https://cloudops.example",
		"phone_numbers":["+49 30 98765432","030 98765432"],
		"match_score":9,
		"match_reasoning":"write to t.weber@cloudops.example or call +49 (30) 9876-5432",
		"prospects":[{"id":"p1","company_id":"c1","first_name":"Thomas","last_name":"Weber","job_title":"Chief Weasel",
		"email":"t.weber@cloudops.example",
		"phone_number":"030 98765432","linkedin_url":"https://linkedin.com/in/thomasweber",
		"qualification_reason":"Weber decides","qualification_score":9.25}]}`
	secrets := []string{
		testKey,
		"Thomas",
		"Weber",
		"weber",
		"98765432",
		"9876-5432",
		"Weasel",
		"thomasweber",
		"9.25",
		"Authorization",
		"Bearer",
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		shown   []string
	}{
		"results": {
			answers(200, listOf([]string{company}, 0, 100, 1)), []string{"CloudOps GmbH", "https://cloudops.example", "p1", "***"},
		},
		"results, cut short": {answers(200, `{"items":[`+company[:len(company)-20]), []string{"not valid JSON"}},
		"an error with a person in it": {answers(
			400,
			`{"message":"bad value t.weber@cloudops.example","details":{"validation_errors":[{"field":"x","error":"bad",`+
				`"provided":{"first_name":"Thomas"}}]}}`,
		),
			[]string{"bad value ***"}},
		"a page with a person in it": {answers(502, `<p>t.weber@cloudops.example https://www.linkedin.com/in/thomasweber</p>`), []string{"***"}},
		"the key everywhere":         {answers(401, `{"message":"`+testKey+`"}`), []string{"[redacted]"}},
		"the key in a page":          {answers(401, `<p>`+testKey+`</p>`), []string{"[redacted]"}},
	} {
		t.Run(name, func(t *testing.T) {
			lines := logged(t, test.handler, func(client *openprospect.Client) {
				_, _ = client.GetOrderResults(t.Context(), "o1", openprospect.ResultsOptions{DeliveredSince: "2026-03-01T00:00:00Z"})
			})
			text := fmt.Sprint(lines)
			for _, secret := range secrets {
				if strings.Contains(text, secret) {
					t.Errorf("%q is in the log: %s", secret, text)
				}
			}
			for _, part := range append(test.shown, "delivered_since=2026") {
				if !strings.Contains(text, part) {
					t.Errorf("%q is not in the log: %s", part, text)
				}
			}
		})
	}
	for name, key := range keySpellings() {
		for _, body := range []string{
			`{"message":"` + key + `"}`, `{"` + key + `":[1]}`, `<p>` + key + `</p>`, `plain ` + strings.Repeat("x", 8<<10) + key, key,
		} {
			for _, status := range []int{200, 401} {
				text := fmt.Sprint(logged(t, answers(status, body), func(client *openprospect.Client) {
					_, _ = client.GetOrderResults(t.Context(), "o1", openprospect.ResultsOptions{})
				}))
				for _, secret := range append(secrets, key) {
					if strings.Contains(text, secret) {
						t.Errorf("the key, %s, is in the log of %.100s: %s", name, body, text)
					}
				}
			}
		}
	}
	t.Run("requests", func(t *testing.T) {
		lines := logged(t, answers(201, `{}`), func(client *openprospect.Client) {
			_, _ = client.AddEntries(t.Context(), "b1", []openprospect.EntryFields{{CompanyName: "Acme " + testKey, WebsiteURL: "acme.example"}})
		})
		if text := fmt.Sprint(lines); strings.Contains(text, testKey) || !strings.Contains(text, "acme.example") {
			t.Errorf("log %s", text)
		}
	})
	t.Run("a webhook's token", func(t *testing.T) {
		for _, test := range []struct{ address, shown string }{
			{"https://hooks.example/services/T0/s3cret", "https://hooks.example/***"},
			{"https://hooks.example:8443?token=s3cret", "https://hooks.example:8443/***"},
			{"https://user:s3cret@hooks.example/x#s3cret", "https://hooks.example/***"},
			{"https://hooks.example", `"https://hooks.example"`},
			{"https://hooks.example/%zz?s3cret", `"webhook_url":"***"`},
			{"s3cret", `"webhook_url":"***"`},
		} {
			body, err := json.Marshal(map[string]any{"id": "o1", "webhook_url": test.address})
			if err != nil {
				t.Fatal(err)
			}
			text := fmt.Sprint(logged(t, answers(200, string(body)), func(client *openprospect.Client) {
				_, _ = client.GetOrder(t.Context(), "o1")
			}))
			if strings.Contains(text, "s3cret") || !strings.Contains(text, test.shown) {
				t.Errorf("the log does not show just %s: %s", test.shown, text)
			}
		}
	})
	t.Run("huge bodies are cut", func(t *testing.T) {
		shown := func(body string) string {
			lines := logged(t, answers(200, body), func(client *openprospect.Client) { _, _ = client.GetBlacklist(t.Context(), "b1") })
			return fmt.Sprint(lines[1].fields["response_body"])
		}
		const most = 8 << 10
		if text := shown(strings.Repeat("x", most)); text != strings.Repeat("x", most) {
			t.Errorf("%d bytes of %d: %.100s", len(text), most, text)
		}
		for _, before := range []string{"", "x"} { // one of them puts the cut into a letter
			text, size, _ := strings.Cut(shown(before+strings.Repeat("ä", 100_000)), "…")
			if len(text) < most-1 || len(text) > most || !utf8.ValidString(text) || size != fmt.Sprintf(" (%d bytes in all)", 200_000+len(before)) {
				t.Errorf("%d bytes%s: %.100s", len(text), size, text)
			}
		}
	})
}
