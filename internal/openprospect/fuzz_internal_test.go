package openprospect

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// The corpus is what servers of all published shapes answer, and what hostile ones may.
var answersCorpus = []string{
	``,
	`null`,
	`true`,
	`7`,
	`"x"`,
	`[]`,
	`{}`,
	`{"data":null}`,
	`[null]`,
	`[[[[]]]]`,
	"\xff\x00",
	`{"a":1}{"b":2}`,
	strings.Repeat("[", 200),
	strings.Repeat(`{"data":`, 20),
	`{"id":"b1","name":"n","description":null,"created_at":"2026-03-01T10:30:00.000000Z"}`,
	`{"data":{"blacklist":{"blacklist_id":7}}}`,
	`{"items":[{"id":"e1","company_name":"Acme","website_url":null}],"total":1,"limit":100,"offset":0,"has_more":false}`,
	`{"orders":[{"order_id":"o1","order_type":"DISCOVERY","status":"RECEIVED","features":["A"],"estimated_cost":{"total":1.5,` +
		`"currency":"EUR"}}],"total":"1"}`,
	`{"items":[{"id":"c1","name":"n","employee_count":"50-100","match_score":8.5,"prospects":[{"id":"p1","email":"a@b.example"}],` +
		`"legal_registration_info":{"a":[1]}}],"total":1e400}`,
	`{"code":"AUTHORIZATION_ERROR","message":"m","details":{"required_scopes":["a"],"user_scopes":"b"}}`,
	`{"error":{"code":"VALIDATION_ERROR","details":{"validation_errors":[{"field":"f","error":"e","provided":[]}]}}}`,
	`{"error":"RATE_LIMIT_EXCEEDED","message":"m","retry_after":3600}`,
	`{"detail":[{"loc":["body",3],"msg":"m"}]}`,
	`<html><p>x</p></html>`,
	`{"added":2,"failedEntries":[{"entry":{"company_name":"x"},"error":{"message":"m"}}],"errors":[{"loc":["entries",1]}]}`,
	`[{"status":"failed","index":99}]`,
	`{"id":{"a":[1,2,{"b":null}]},"name":[[]],"total":-1,"has_more":"perhaps"}`,
	`{"id":"a\u0000b","name":"\ud800"}`,
}

func addAnswers(f *testing.F) {
	f.Helper()
	for _, body := range answersCorpus {
		f.Add([]byte(body))
	}
}

func FuzzDecodeError(f *testing.F) {
	const key = "lnc_test_0123456789"
	redact := newRedactor(key)
	addAnswers(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		e := decodeError(
			&answer{method: "GET", path: "/x", status: 404, header: http.Header{}, body: append([]byte(key), body...), redact: redact},
		)
		said := e.Error()
		if !strings.HasPrefix(said, "GET /x: 404 Not Found") || !utf8.ValidString(said) || strings.ContainsAny(said, "\n\r\x00\x1b") {
			t.Errorf("text %q", said)
		}
		// Bounded: code, message, entity and identifier, 20 field errors of two parts, and the scopes.
		if len(e.FieldErrors) == 0 && len(e.RequiredScopes) == 0 && len(said) > 4*4*(maxMessage+1)+1000 {
			t.Errorf("a text of %d bytes", len(said))
		}
		if strings.Contains(said, key) {
			t.Errorf("the key is in %q", said)
		}
		if e.RetryAfter < 0 || e.RetryAfter > longestWait {
			t.Errorf("waits %v", e.RetryAfter)
		}
		if IsNotFound(e) && !strings.HasSuffix(strings.ToUpper(e.Code), "_NOT_FOUND") {
			t.Errorf("code %q counts as a missing resource", e.Code)
		}
	})
}

func FuzzDecodeBlacklist(f *testing.F) {
	addAnswers(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		found, complete, err := decodeBlacklist(body)
		if err != nil && found != (Blacklist{}) {
			t.Errorf("%+v beside %v", found, err)
		}
		if complete && found.Name == "" {
			t.Error("complete without a name")
		}
	})
}

func FuzzDecodeAssignment(f *testing.F) {
	addAnswers(f)
	f.Add([]byte(`{"blacklist_ids":["b1"]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		shown, err := decodeAssignment(body)
		if err != nil {
			return
		}
		for _, blacklist := range shown.rows {
			if blacklist.ID == "" {
				t.Errorf("a blacklist without an id: %+v", blacklist)
			}
		}
	})
}

func FuzzDecodeProfileCreation(f *testing.F) {
	addAnswers(f)
	f.Add([]byte(`{"profile_creation_id":"c1","status":"SUCCEEDED","profile_id":"p1"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		read, err := decodeProfileCreation(&answer{method: "POST", status: 202, body: body, redact: newRedactor("key")})
		if err == nil && (read.id == "" || read.status == "" || read.status == StatusSucceeded && read.profileID == "") {
			t.Errorf("%+v", read)
		}
	})
}

func FuzzDecodeEntriesPage(f *testing.F) {
	addAnswers(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		p := &page[Entry]{}
		rows, err := p.envelope(body, "entries")
		if err != nil {
			return
		}
		if p.total != nil && *p.total < 0 {
			t.Errorf("a total of %d", *p.total)
		}
		entries, err := decodeEntries(rows)
		if err != nil {
			return
		}
		for _, entry := range entries {
			if entry.ID == "" {
				t.Errorf("an entry without an id: %+v", entry)
			}
		}
	})
}

func FuzzDecodeAdded(f *testing.F) {
	const requested = 3
	addAnswers(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		added := decodeAdded(body, requested)
		for _, entry := range added.Entries {
			if entry.ID == "" || entry.EntryFields == (EntryFields{}) {
				t.Errorf("an entry that nobody can tell apart: %+v", entry)
			}
		}
		for _, rejected := range added.Rejected {
			if rejected.Index < -1 || rejected.Index >= requested || rejected.Message == "" {
				t.Errorf("rejected %+v", rejected)
			}
		}
	})
}

// A list of plain items is read in one pass, as item by item.
func FuzzPlainEntries(f *testing.F) {
	addAnswers(f)
	for _, list := range []string{
		`[{"id":"e1","company_name":"A"},{"entry_id":2,"website_url":"b.com","city":null}]`,
		`[{"id":"e1","company_name":"A"},{"id":"e2","company_name":"B","status":"failed"}]`,
		`[{"id":"e1","company_name":"A","Error":{}}]`, `[{"id":"e1","entry":{"company_name":"A"}}]`, `[{"id":"e1","company_name":"A"},null]`,
	} {
		f.Add([]byte(list))
	}
	f.Fuzz(func(t *testing.T, list []byte) {
		entries, plain := plainEntries(list)
		var elements []json.RawMessage
		if !plain || json.Unmarshal(list, &elements) != nil {
			return
		}
		reader := addedReader{requested: len(elements)}
		reader.items(elements)
		if !slices.Equal(entries, reader.result.Entries) || len(reader.result.Rejected) > 0 {
			t.Errorf("%+v, item by item %+v", entries, reader.result)
		}
	})
}

func FuzzDecodeOrder(f *testing.F) {
	request := CreateOrderRequest{OrderType: OrderTypeDiscovery, Title: "t", TargetCountries: []string{"Germany"}}
	addAnswers(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		order, err := decodeOrder(body)
		if (order == nil) != (err != nil) {
			t.Fatalf("%+v beside %v", order, err)
		}
		if order == nil {
			return
		}
		if order.ID != "" && !order.Echoes("order_id") && !order.Echoes("id") && !json.Valid(body) {
			t.Errorf("the id %q comes from nowhere", order.ID)
		}
		if shown, ok := order.echoed["title"]; ok && plain(shown) != "t" && strings.TrimSpace(plain(shown)) != "t" &&
			orderMatches(order, request) {
			t.Errorf("an order with the title %s matches", shown)
		}
	})
}

func FuzzDecodeResults(f *testing.F) {
	addAnswers(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		p := &page[Company]{}
		rows, err := p.envelope(body, resultsNoun)
		if err != nil {
			return
		}
		companies, err := decodeCompanies(rows)
		if err != nil {
			return
		}
		for _, company := range companies {
			if company.LegalRegistrationInfo != "" && !json.Valid([]byte(company.LegalRegistrationInfo)) {
				t.Errorf("legal_registration_info is not JSON: %q", company.LegalRegistrationInfo)
			}
		}
	})
}

func FuzzMaskBody(f *testing.F) {
	addAnswers(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		shown := maskedBody{body, newRedactor("lnc_test_0123456789")}.String()
		if len(shown) > maxLoggedBody+100 {
			t.Errorf("%d bytes are shown", len(shown))
		}
		// Whatever surrounds a prospect, the name is not shown.
		wrapped, err := json.Marshal(
			map[string]any{"x": string(body), "items": []any{map[string]any{"prospects": []any{map[string]any{"last_name": "Qzxweber"}}}}},
		)
		if err == nil && strings.Contains(maskBody(wrapped), "Qzxweber") {
			t.Errorf("a name is shown: %s", maskBody(wrapped))
		}
	})
}

func FuzzParseBaseURL(f *testing.F) {
	for _, raw := range []string{
		DefaultBaseURL, "https://api.openprospect.io", "http://127.0.0.1:80/a%2Fb/", "http://[::1%25eth0]/", "https://a/../..", "https://a//",
		"ftp://x", "https://u:p@h", "https:/x", "%", "https://a?b#c", "https://[", "HTTPS://A:443/%",
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		base, err := ParseBaseURL(raw, false)
		if err != nil {
			return
		}
		if base.Scheme != "https" && (base.Scheme != "http" || !Loopback(base.Hostname())) {
			t.Errorf("%q is let through as %v", raw, base)
		}
		if base.Hostname() == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" ||
			strings.HasSuffix(base.EscapedPath(), "/") ||
			base.Path == "" {
			t.Errorf("%q becomes %#v", raw, base)
		}
		again, err := ParseBaseURL(base.String(), false)
		if err != nil || again.String() != base.String() {
			t.Errorf("%q becomes %s, and that %v, %v", raw, base, again, err)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{
		"", "0", "120", "1.5", "-1", "1e9", "NaN", "99999999999999999999", "Sun, 01 Mar 2026 10:31:30 GMT", "1772361060", "1772361060000",
		"2026-03-01T10:31:00Z", "...", "Fri, 31 Dec 9999 23:59:59 GMT",
	} {
		f.Add(value, value, value)
	}
	now := time.Date(2026, 3, 1, 10, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, header, body, reset string) {
		h := http.Header{"Retry-After": {header}, "X-Ratelimit-Reset": {reset}}
		if wait := requestedWait(h, body, now); wait < 0 || wait > longestWait {
			t.Errorf("%q, %q, %q: waits %v", header, body, reset, wait)
		}
	})
}

func FuzzEndpoint(f *testing.F) {
	for _, id := range []string{"", ".", "..", "a/b", "../x", "%2e%2e", "a?b#c", "\x00", "\xff", "ä", "a b+c;d"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		path, err := endpoint("orders", id, "results")
		if (err != nil) != (id == "" || id == "." || id == "..") {
			t.Fatalf("%q: %v", id, err)
		}
		if err != nil {
			return
		}
		parts := strings.Split(path, "/")
		if len(parts) != 4 || parts[1] != "orders" || parts[3] != "results" || parts[2] == ".." || parts[2] == "." ||
			strings.ContainsAny(path, "?# ") {
			t.Errorf("%q becomes %q", id, path)
		}
	})
}
