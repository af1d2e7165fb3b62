package openprospect_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// failing returns the error of a GET that is answered like this.
func failing(t *testing.T, status int, contentType, body string) *openprospect.Error {
	t.Helper()
	a := newAPI(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}, func(c *openprospect.Config) { c.MaxRetries = 0 })
	_, err := a.client.GetOrder(t.Context(), "o1")
	var answered *openprospect.Error
	if !errors.As(err, &answered) {
		t.Fatalf("%d %s: error %v is no *Error", status, body, err)
	}
	if answered.Method != "GET" || answered.Path != "/api/v1/orders/o1" || answered.StatusCode != status {
		t.Errorf("%d %s: the error is about %s %s %d", status, body, answered.Method, answered.Path, answered.StatusCode)
	}
	wantErrorHolding(t, err, fmt.Sprintf("GET /api/v1/orders/o1: %d", status))
	return answered
}

func TestErrorShapes(t *testing.T) {
	type parts struct {
		code, message, entity, identifier string
		fields                            []openprospect.FieldError
		required, user                    []string
		wait                              time.Duration
	}
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   parts
	}{
		{
			"1: code, message, details", 403,
			`{"code":"AUTHORIZATION_ERROR","message":"Insufficient scopes","details":{"required_scopes":["orders:read","orders:write"],` +
				`"user_scopes":["orders:read"]}}`,
			parts{
				code: "AUTHORIZATION_ERROR", message: "Insufficient scopes", required: []string{"orders:read", "orders:write"},
				user: []string{"orders:read"},
			},
		},
		{
			"2: flat with extra keys", 404,
			`{"code":"ENTITY_NOT_FOUND","message":"Prospect not found","entity_type":"prospect","identifier":"p-1"}`,
			parts{code: "ENTITY_NOT_FOUND", message: "Prospect not found", entity: "prospect", identifier: "p-1"},
		},
		{
			"3: nested, with validation errors", 422,
			`{"error":{"code":"VALIDATION_ERROR","message":"Invalid","details":{"validation_errors":[{"field":"title","error":"too long",` +
				`"provided":"t.weber@example.com"}]}}}`,
			parts{code: "VALIDATION_ERROR", message: "Invalid", fields: []openprospect.FieldError{{Field: "title", Message: "too long"}}},
		},
		{
			"4: error as a code", 401, `{"error":"UNAUTHORIZED","message":"Invalid API key"}`,
			parts{code: "UNAUTHORIZED", message: "Invalid API key"},
		},
		{
			"5: rate limit with a wait in the body", 429,
			`{"error":"RATE_LIMIT_EXCEEDED","message":"Rate limit exceeded. Retry after 3600 seconds.","retry_after":3600}`,
			parts{code: "RATE_LIMIT_EXCEEDED", message: "Rate limit exceeded. Retry after 3600 seconds.", wait: time.Hour},
		},
		{
			"5 nested, the wait as text in details", 429,
			`{"error":{"code":"RATE_LIMIT_EXCEEDED","message":"slow","details":{"retry_after":"7"}}}`,
			parts{code: "RATE_LIMIT_EXCEEDED", message: "slow", wait: 7 * time.Second},
		},
		{"6: FastAPI's text", 404, `{"detail":"Not Found"}`, parts{message: "Not Found"}},
		{
			"6: FastAPI's list", 422,
			`{"detail":[{"loc":["body","entries",3,"city"],"msg":"Field required","type":"missing"},{"loc":["query","limit"],"msg":"too big",` +
				`"type":"x"}]}`,
			parts{fields: []openprospect.FieldError{
				{Field: "entries.3.city", Message: "Field required"}, {Field: "query.limit", Message: "too big"},
			}},
		},
		{"6: of the body as a whole", 422, `{"detail":[{"loc":["body"],"msg":"Field required"}]}`, parts{
			fields: []openprospect.FieldError{{Field: "body", Message: "Field required"}},
		}},
		{"nested as deeply as it is read", 400, `{"error":{"error":{"error":{"error":{"code":"X"}}}}}`, parts{code: "X"}},
		{
			"nested more deeply than that", 400, `{"error":{"error":{"error":{"error":{"error":{"code":"X"}}}}}}`,
			parts{message: `{"error":{"error":{"error":{"error":{"error":{"code":"X"}}}}}}`},
		},
		{"6: detail as an object", 409, `{"detail":{"code":"IN_USE","message":"in use"}}`, parts{code: "IN_USE", message: "in use"}},
		{"details as a list of texts", 422, `{"code":"VALIDATION_ERROR","message":"Invalid","details":["target_countries is required",` +
			`"Duplicate features"]}`,
			parts{code: "VALIDATION_ERROR", message: "Invalid: target_countries is required: Duplicate features"}},
		{
			"details as a text", 422, `{"message":"Invalid","details":"seller_offering is required"}`,
			parts{message: "Invalid: seller_offering is required"},
		},
		{"error as a sentence", 400, `{"error":"the body is not JSON"}`, parts{message: "the body is not JSON"}},
		{
			"errors as a list", 422, `{"errors":[{"path":"title","message":"too long"}]}`,
			parts{fields: []openprospect.FieldError{{Field: "title", Message: "too long"}}},
		},
		{
			"a bare list", 422, `[{"field":"title","error":"too long"},"and more"]`,
			parts{message: "and more", fields: []openprospect.FieldError{{Field: "title", Message: "too long"}}},
		},
		{"a bare text", 400, `"no"`, parts{message: "no"}},
		{"a numeric code", 400, `{"code":1042,"message":"no"}`, parts{code: "1042", message: "no"}},
		{
			"nulls everywhere", 400, `{"code":null,"message":null,"details":null,"error":null,"detail":null}`,
			parts{message: `{"code":null,"detail":null,"details":null,"error":null,"message":null}`},
		},
		{
			"a person and nothing else", 400, `{"provided":{"first_name":"Thomas","last_name":"Weber"}}`,
			parts{message: `{"provided":{"first_name":"***","last_name":"***"}}`},
		},
		{
			"wrong types everywhere", 400, `{"code":[],"message":{},"details":7,"error":[1,null],"detail":true,"retry_after":{}}`,
			parts{message: "1"},
		},
		{"no body", 500, ``, parts{message: "the answer has no body"}},
		{"text", 502, "upstream connect error", parts{message: "upstream connect error"}},
		{"broken JSON", 500, `{"code":"INTERNAL`, parts{message: `{"code":"INTERNAL`}},
		{"a page", 502, "<html><head><title>502 Bad " +
			"Gateway</title><style>p{}</style></head><body><h1>nginx</h1></body></html>", parts{message: "HOST answered with a web page, " +
			"not the OpenProspect API: 502 Bad Gateway nginx"}},
		{"a login page", 403, "<form><input name=p " +
			"type=password></form>", parts{message: "HOST answered with a login page instead of API data:"}},
		{"a page to sign in", 401, "<html><TITLE lang=en>Please sign-in</TITLE>", parts{message: "HOST answered with a login page " +
			"instead of API data: Please sign-in"}},
		{"a page with a link to one", 404, "<html><h1>Nothing here</h1><a href=/login>Log in</a>", parts{message: "HOST answered with a " +
			"web page, not the OpenProspect API: Nothing here Log in"}},
		{"personal data", 400, `{"message":"t.weber@example.com is no address of Acme, +49 30 98765432, ` +
			`https://www.linkedin.com/in/thomasweber"}`,
			parts{message: "*** is no address of Acme, ***, https://www.***"}},
		{"control characters", 400, `{"message":"a\u001b[31mred\nline\u0000"}`, parts{message: "a [31mred line"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := failing(t, test.status, "application/json", test.body)
			e.Message = strings.Replace(e.Message, e.Host, "HOST", 1)
			got := parts{e.Code, e.Message, e.EntityType, e.Identifier, e.FieldErrors, e.RequiredScopes, e.UserScopes, e.RetryAfter}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("\n got %+v\nwant %+v", got, test.want)
			}
			// A sentence that goes on with the wait loses its full stop.
			for _, part := range []string{test.want.code, strings.TrimSuffix(test.want.message, ".")} {
				if !strings.Contains(e.Error(), part) || strings.Contains(e.Error(), ".;") {
					t.Errorf("%q is not in the text %q", part, e.Error())
				}
			}
			if strings.Contains(e.Error(), "weber") {
				t.Errorf("the value that was sent is in the text: %s", e.Error())
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	t.Run("403 names what the key lacks", func(t *testing.T) {
		e := failing(
			t,
			403,
			"application/json",
			`{"code":"AUTHORIZATION_ERROR","message":"no","details":{"required_scopes":["orders:read","orders:write"],`+
				`"user_scopes":["orders:read"]}}`,
		)
		wantErrorHolding(t, e, "this call needs the scopes orders:read, orders:write; the API key lacks the scope orders:write")
	})
	t.Run("403 without details names what the call needs", func(t *testing.T) {
		wantErrorHolding(
			t,
			failing(t, 403, "application/json", `{"code":"AUTHORIZATION_ERROR","message":"no"}`),
			"no; this call needs the scope orders:read",
		)
		if e := failing(t, 403, "text/html", `<h1>Blocked</h1>`); strings.Contains(e.Error(), "scope") {
			t.Errorf("a gateway knows no scopes: %v", e)
		}
	})
	t.Run("a router's 404 is not the API's", func(t *testing.T) {
		wantErrorHolding(
			t,
			failing(t, 404, "application/json", `{"detail":"Not Found"}`),
			"the OpenProspect API reports a missing object differently",
		)
	})
	t.Run("the API's own 404 is", func(t *testing.T) {
		for _, code := range []string{"ORDER_NOT_FOUND", "PROFILE_NOT_FOUND"} {
			if e := failing(t, 404, "application/json", `{"code":"`+code+`","message":"gone"}`); strings.Contains(e.Error(), "differently") {
				t.Error(e)
			}
		}
	})
	t.Run("many field errors are counted", func(t *testing.T) {
		var fields []string
		for i := range 1000 {
			fields = append(fields, fmt.Sprintf(`{"field":"f%d","error":"bad"}`, i))
		}
		e := failing(t, 422, "application/json", `{"details":[`+strings.Join(fields, ",")+`]}`)
		wantErrorHolding(t, e, "f19: bad", "and 980 more")
		if len(e.FieldErrors) != 1000 || len(e.Error()) > 2000 {
			t.Errorf("%d field errors, text of %d bytes", len(e.FieldErrors), len(e.Error()))
		}
	})
	t.Run("the request id helps the vendor", func(t *testing.T) {
		a := newAPI(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Request-ID", "req-42")
			reply(w, 400, `{"message":"no"}`)
		})
		_, err := a.client.GetOrder(t.Context(), "o1")
		wantErrorHolding(t, err, "request ID req-42")
	})
}

// TestScopes calls everything with a key that may do nothing.
func TestScopes(t *testing.T) {
	a := newAPI(t, answers(403, `{"code":"AUTHORIZATION_ERROR"}`))
	for operation, call := range operations(a.client, "b1") {
		var answered *openprospect.Error
		if err := call(t.Context()); !errors.As(err, &answered) {
			t.Errorf("%s: %v", operation, err)
			continue
		}
		noun, _, _ := strings.Cut(strings.TrimPrefix(answered.Path, "/api/v1/"), "/")
		want := noun + ":write"
		if answered.Method == http.MethodGet {
			want = noun + ":read"
		}
		if noun == "auth" {
			want = ""
		}
		if answered.Scope != want {
			t.Errorf("%s: scope %q, want %q", operation, answered.Scope, want)
		}
	}
}

// TestScopesOfProspectSearches: what they exclude needs the right to blacklists.
func TestScopesOfProspectSearches(t *testing.T) {
	a := newAPI(t, answers(403, `{"code":"AUTHORIZATION_ERROR"}`))
	_, listErr := a.client.ListProspectSearches(t.Context())
	_, assignedErr := a.client.ListAssignedBlacklists(t.Context(), "s1")
	for want, err := range map[string]error{"prospect_searches:read": listErr, "blacklists:read": assignedErr} {
		var answered *openprospect.Error
		if !errors.As(err, &answered) || answered.Scope != want {
			t.Errorf("%v: want the scope %s", err, want)
		}
	}
}

// TestWhoAnswered tells apart what the API said, what somebody else said, and that nobody did.
func TestWhoAnswered(t *testing.T) {
	for _, test := range []struct {
		name                 string
		handler              http.HandlerFunc
		change               func(*openprospect.Config)
		foreign, unconnected bool
		words                string
	}{
		{"the API", answers(404, `{"detail":"Not Found"}`), nil, false, false, ""},
		{"nobody says that it was somebody else", answers(503, ``), nil, false, false, ""},
		{"a page", answers(404, `<h1>nginx</h1>`), nil, true, false, "answered with a web page, not the OpenProspect API: nginx"},
		{"a login page with 200", answers(200, `<h1>Log in</h1>`), nil, true, false, "answered with a login page instead of API data: Log in"},
		{"text", answers(502, `upstream connect error`), nil, true, false, "upstream connect error"},
		{
			"a redirect to a login", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Location", "/login"); w.WriteHeader(302) },
			nil, true, false, "302",
		},
		{"a success that makes no sense", answers(200, `7`), nil, false, false, ""},
		{"a lost connection", drop, nil, false, false, "no answer from http://127.0.0.1:"},
		{
			"an unknown host", nil, func(c *openprospect.Config) { c.BaseURL = "https://api.invalid" }, false, true,
			"cannot connect to https://api.invalid: ",
		},
		{"a time that is over", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			func(c *openprospect.Config) { c.RequestTimeout = 10 * time.Millisecond }, false, false,
			"no complete answer from http://127.0.0.1:"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newAPI(t, test.handler, func(c *openprospect.Config) {
				c.MaxRetries = 0
				if test.change != nil {
					test.change(c)
				}
			})
			_, err := a.client.GetBlacklist(t.Context(), "b1")
			wantErrorHolding(t, err, test.words)
			if foreign, unconnected := openprospect.NotFromAPI(
				err,
			), openprospect.Unconnected(
				err,
			); foreign != test.foreign ||
				unconnected != test.unconnected {
				t.Errorf("not from the API %v, unconnected %v: %v", foreign, unconnected, err)
			}
		})
	}
}

func TestIsNotFoundOnlyForAResourceCode(t *testing.T) {
	for _, test := range []struct {
		status      int
		contentType string
		body        string
		want        bool
		reason      string
	}{
		{404, "application/json", `{"code":"BLACKLIST_NOT_FOUND","message":"m"}`, true, "the API's code"},
		{404, "application/json", `{"code":"ENTITY_NOT_FOUND","entity_type":"order"}`, true, "the older general code"},
		{404, "application/json", `{"error":{"code":"ORDER_NOT_FOUND"}}`, true, "nested"},
		{404, "application/json", `{"error":"ORDER_NOT_FOUND","message":"m"}`, true, "error as a code"},
		{404, "application/json", `{"detail":{"code":"ORDER_NOT_FOUND"}}`, true, "below detail"},
		{404, "application/json", `{"code":"BLACKLIST_ENTRY_NOT_FOUND"}`, true, "with a word before it"},
		{404, "application/json", `{"code":"RESOURCE_NOT_FOUND"}`, true, "a general code"},
		{404, "application/json", `{"code":"PROSPECT_SEARCH_NOT_FOUND"}`, true, "another name of an order"},
		{404, "application/json", `{"code":"ENTITY_NOT_FOUND","entity_type":"organization"}`, false, "the key's organisation, as an entity"},
		{404, "application/json", `{"code":"ORGANIZATION_NOT_FOUND"}`, false, "the key's organisation"},
		{404, "application/json", `{"code":"API_KEY_NOT_FOUND"}`, false, "the key"},
		{404, "application/json", `{"code":"TENANT_NOT_FOUND"}`, false, "the key's tenant"},
		{404, "application/json", `{"code":"METHOD_NOT_FOUND"}`, false, "an unrouted method"},
		{404, "application/json", `{"code":"PROFILE_NOT_FOUND"}`, false, "what an order refers to"},
		{404, "application/json", `{"detail":"Not Found"}`, false, "an unrouted path (FastAPI)"},
		{404, "application/json", `{"code":"NOT_FOUND","message":"no Route matched"}`, false, "no resource named"},
		{404, "application/json", `{"code":"ROUTE_NOT_FOUND"}`, false, "a router's"},
		{404, "application/json", `{"error":"Not Found"}`, false, "a text"},
		{404, "text/html", `<html>404 ORDER_NOT_FOUND</html>`, false, "a gateway's page"},
		{404, "text/plain", ``, false, "nothing said"},
		{400, "application/json", `{"code":"ORDER_NOT_FOUND"}`, false, "not a 404"},
		{410, "application/json", `{"code":"ORDER_GONE"}`, false, "not documented"},
		{403, "application/json", `{"code":"ORDER_NOT_FOUND"}`, false, "a 403 never drops anything"},
	} {
		if got := openprospect.IsNotFound(failing(t, test.status, test.contentType, test.body)); got != test.want {
			t.Errorf("%s: %d %s: IsNotFound is %v", test.reason, test.status, test.body, got)
		}
	}
	if openprospect.IsNotFound(nil) || openprospect.IsNotFound(errors.New("ORDER_NOT_FOUND")) {
		t.Error("an error that is no answer counts as not found")
	}
}

func TestIsInvalid(t *testing.T) {
	for _, test := range []struct {
		status  int
		body    string
		invalid bool
	}{
		{400, `{"code":"X"}`, true},
		{422, `{"code":"X"}`, true},
		{404, `{"code":"X"}`, false},
		{409, `{"code":"X"}`, false},
		{400, `Bad Request`, false},
		{422, `<html>`, false},
	} {
		a := newAPI(t, answers(test.status, test.body))
		if _, err := a.client.GetBlacklist(t.Context(), "b1"); err == nil || openprospect.IsInvalid(err) != test.invalid {
			t.Errorf("%d %s: invalid is %v, want %v", test.status, test.body, openprospect.IsInvalid(err), test.invalid)
		}
	}
}

func TestOutcomes(t *testing.T) {
	const name = "n"
	write := func(ctx context.Context, client *openprospect.Client) error {
		_, err := client.AddEntries(ctx, "b1", []openprospect.EntryFields{{CompanyName: name}})
		return err
	}
	read := func(ctx context.Context, client *openprospect.Client) error {
		_, err := client.GetBlacklist(ctx, "b1")
		return err
	}
	for _, test := range []struct {
		name             string
		handler          http.HandlerFunc
		call             func(context.Context, *openprospect.Client) error
		refused, unknown bool
	}{
		{"write refused by 422", answers(422, `{}`), write, true, false},
		{"write refused by 409", answers(409, `{}`), write, true, false},
		{"write refused by 429", answers(429, `{}`), write, true, false},
		{"write answered 408: the server may have read it all", answers(408, `{}`), write, false, true},
		{"write answered by a gateway's 404 page: nobody knows who wrote it, and when", answers(404, `<html>`), write, false, true},
		{"write answered by an empty 404", answers(404, ``), write, false, true},
		{"write refused by the API's 404", answers(404, `{"code":"BLACKLIST_NOT_FOUND"}`), write, true, false},
		{"write refused by the API's router", answers(404, `{"detail":"Not Found"}`), write, true, false},
		{"write refused by a gateway for its size", answers(413, `<html>`), write, true, false},
		{"write answered 500", answers(500, `{}`), write, false, true},
		{"write answered 502 by a gateway", answers(502, `<html>`), write, false, true},
		{"write answered 303: other APIs do that after the work", answers(303, ``), write, false, true},
		{"write answered by a web page with 200", answers(200, `<html>`), write, false, true},
		{"write whose connection was lost", drop, write, false, true},
		{"read answered 500", answers(500, `{}`), read, false, false},
		{"read answered 403", answers(403, `{}`), read, true, false},
		{"read whose connection was lost", drop, read, false, false},
	} {
		a := newAPI(t, test.handler, func(c *openprospect.Config) { c.MaxRetries = 0 })
		err := test.call(t.Context(), a.client)
		if err == nil {
			t.Errorf("%s: no error", test.name)
		}
		if refused, unknown := openprospect.IsRefused(err), openprospect.OutcomeUnknown(err); refused != test.refused || unknown != test.unknown {
			t.Errorf("%s: refused %v, unknown %v: %v", test.name, refused, unknown, err)
		}
	}
	if openprospect.IsRefused(nil) || openprospect.OutcomeUnknown(nil) {
		t.Error("no error has an outcome")
	}
	t.Run("a refusal after an attempt that may have worked says nothing of that one", func(t *testing.T) {
		a := newAPI(t, inTurn(answers(502, ``), answers(403, `{"code":"AUTHORIZATION_ERROR"}`)))
		err := a.client.RemoveEntries(t.Context(), "b1", []string{"e1"})
		if !openprospect.OutcomeUnknown(err) || openprospect.IsRefused(err) {
			t.Errorf("outcome of %v", err)
		}
		a.wantLines(t, "DELETE /blacklists/b1/entries", "DELETE /blacklists/b1/entries")
	})
	t.Run("a connection that was refused sent nothing", func(t *testing.T) {
		a := newAPI(t, answers(200, ``))
		a.Close()
		if err := write(t.Context(), a.client); !openprospect.IsRefused(err) || openprospect.OutcomeUnknown(err) {
			t.Errorf("outcome of %v", err)
		}
	})
	t.Run("a context that had ended sent nothing", func(t *testing.T) {
		a := newAPI(t, answers(200, ``))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := write(ctx, a.client)
		if !openprospect.IsRefused(err) || !errors.Is(err, context.Canceled) || len(a.sent()) > 0 {
			t.Errorf("%v, %d requests", err, len(a.sent()))
		}
	})
}

// keySpellings are what a server may make of the key that it was sent.
func keySpellings() map[string]string {
	var inJSON, inURL, inHTML strings.Builder
	for _, c := range []byte(testKey) {
		fmt.Fprintf(&inJSON, `\u%04X`, c)
		fmt.Fprintf(&inURL, "%%%02x", c)
		fmt.Fprintf(&inHTML, "&#%d;", c)
	}
	return map[string]string{
		"plain":                 testKey,
		"one character escaped": `\u006cnc_test_S3cretKeyThatMustNotLeak`,
		"escaped for JSON":      inJSON.String(),
		"twice":                 strings.ReplaceAll(inJSON.String(), `\`, `\\`),
		"escaped for a URL":     inURL.String(),
		"escaped for a page":    inHTML.String(),
	}
}

func TestTheKeyIsTakenOutOfAnswers(t *testing.T) {
	for name, key := range keySpellings() {
		for _, body := range []string{
			`{"code":"` + key + `","message":"your key ` + key + ` is bad","details":{"required_scopes":["` +
				key + `"],"validation_errors":[{"field":"` + key + `","error":"` + key +
				`"}]},"entity_type":"` + key + `","identifier":"` + key + `"}`,
			`<html>` + key + `</html>`,
			`plain ` + strings.Repeat("x", 480) + key,
			`{"half":"` + key + `"`,
		} {
			e := failing(t, 401, "application/json", body)
			everything := fmt.Sprintf("%+v %v", *e, e)
			for _, leak := range []string{"S3cretKeyThatMustNotLeak", testKey[:16], key} {
				if strings.Contains(everything, leak) {
					t.Errorf("%s: %s\nleaks into %s", name, body, everything)
				}
			}
			if !strings.Contains(everything, "[redacted]") {
				t.Errorf("%s: %s: nothing shows that something was taken out: %s", name, body, everything)
			}
		}
		a := newAPI(t, func(w http.ResponseWriter, _ *http.Request) {
			reply(w, 200, `{"id":"b1","name":"`+key+`","description":"a\n"}`)
		})
		list, err := a.client.GetBlacklist(t.Context(), "b1")
		if err != nil || list.Name != "[redacted]" || list.Description != "a\n" {
			t.Errorf("%s in a success: %+v, %v", name, list, err)
		}
	}
	t.Run("in an id that is the key by mistake", func(t *testing.T) {
		a := newAPI(t, answers(404, `{"code":"BLACKLIST_NOT_FOUND"}`))
		for name, operation := range operations(a.client, testKey) {
			err := operation(t.Context())
			if name == "DeleteBlacklist" || err == nil {
				continue // what is gone need not be deleted
			}
			if strings.Contains(fmt.Sprintf("%+v %v", err, err), testKey) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("but a short one leaves answers legible", func(t *testing.T) {
		a := newAPI(
			t,
			answers(403, `{"code":"AUTHORIZATION_ERROR","message":"the key is not allowed here"}`),
			func(c *openprospect.Config) { c.APIKey = "e" },
		)
		_, err := a.client.GetBlacklist(t.Context(), "b1")
		wantErrorHolding(t, err, "GET /api/v1/blacklists/b1: 403 Forbidden: AUTHORIZATION_ERROR: the key is not allowed here")
	})
	t.Run("in what is no HTTP answer", func(t *testing.T) {
		a := newAPI(t, func(w http.ResponseWriter, _ *http.Request) {
			connection, buffer, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = buffer.WriteString(testKey + " " + testKey + "\r\n\r\n")
			_ = buffer.Flush()
			_ = connection.Close()
		})
		_, err := a.client.GetBlacklist(t.Context(), "b1")
		wantErrorHolding(t, err, "malformed HTTP")
		for cause := err; cause != nil; cause = errors.Unwrap(cause) {
			if strings.Contains(cause.Error(), testKey) {
				t.Errorf("a wrapped error holds the key: %v", cause)
			}
		}
	})
}

// TestErrorTexts compares whole texts: what belongs to one error must not stand in another.
func TestErrorTexts(t *testing.T) {
	t.Parallel()
	tooLong := []openprospect.FieldError{{Field: "title", Message: "too long"}}
	scopes := []string{"orders:read"}
	for _, test := range []struct {
		e    openprospect.Error
		want string
	}{
		{openprospect.Error{StatusCode: 400, Message: "Bad input."}, "400 Bad Request: Bad input."},
		{openprospect.Error{StatusCode: 400, Code: "E1", FieldErrors: tooLong}, "400 Bad Request: E1 (title: too long)"},
		{
			openprospect.Error{StatusCode: 429, Message: "Slow down.", RetryAfter: 3 * time.Second},
			"429 Too Many Requests: Slow down; the server asks to wait 3s",
		},
		{openprospect.Error{StatusCode: 400, EntityType: "Order", Identifier: "o1"}, "400 Bad Request [Order o1]"},
		{openprospect.Error{StatusCode: 400, EntityType: "Order"}, "400 Bad Request [Order]"},
		{openprospect.Error{StatusCode: 400, Identifier: "o1"}, "400 Bad Request [o1]"},
		{openprospect.Error{StatusCode: 403, RequiredScopes: scopes}, "403 Forbidden; this call needs the scope orders:read"},
		{openprospect.Error{StatusCode: 404, Code: "ORDER_NOT_FOUND"}, "404 Not Found: ORDER_NOT_FOUND"},
		{openprospect.Error{StatusCode: 404}, "404 Not Found; the OpenProspect API reports a missing object differently"},
	} {
		test.e.Method, test.e.Path = "GET", "/orders"
		if got, want := test.e.Error(), "GET /orders: "+test.want; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// TestJSONUnderAnotherType: a gateway may call JSON a web page. What begins like JSON is read as JSON.
func TestJSONUnderAnotherType(t *testing.T) {
	t.Parallel()
	under := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, body)
		}
	}
	a := newAPI(t, under(` {"id":"b1","name":"Customers"}`))
	if blacklist, err := a.client.GetBlacklist(t.Context(), "b1"); err != nil || blacklist.Name != "Customers" {
		t.Errorf("an object: %+v, %v", blacklist, err)
	}
	a = newAPI(t, under(`[{"id":"b1","name":"Customers"}]`))
	if blacklists, err := a.client.ListBlacklists(t.Context()); err != nil || len(blacklists) != 1 {
		t.Errorf("a list: %+v, %v", blacklists, err)
	}
	a = newAPI(t, under(`"Customers"`))
	if _, err := a.client.GetBlacklist(t.Context(), "b1"); !openprospect.NotFromAPI(err) {
		t.Errorf("a text: %v", err)
	}
	a = newAPI(t, answers(http.StatusMultipleChoices, `{"id":"b1","name":"Customers"}`))
	if _, err := a.client.GetBlacklist(t.Context(), "b1"); err == nil {
		t.Error("300 is no success")
	}
}

func TestSearchProfileFailedTexts(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]openprospect.SearchProfileFailedError{
		"the profile creation c1 ended as FAILED":                             {CreationID: "c1"},
		"the profile creation c1 ended as FAILED: no website":                 {CreationID: "c1", Message: "no website"},
		"all 2 creations of this profile failed, the last one is c1":          {CreationID: "c1", Attempts: 2},
		"all 2 creations of this profile failed, the last one is c1: no site": {CreationID: "c1", Attempts: 2, Message: "no site"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// TestRowsThatMakeNoSense names the row as people count.
func TestRowsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	orders := func(ctx context.Context, client *openprospect.Client) error {
		_, err := client.ListOrders(ctx, openprospect.ListOrdersOptions{})
		return err
	}
	for _, test := range []struct {
		body string
		list func(context.Context, *openprospect.Client) error
		want string
	}{
		{`[{"order_id":"o1"},{"status":"RECEIVED"}]`, orders, "row 2 has no ID"},
		{`[{"order_id":"o1"},7]`, orders, "row 2: "},
		{`[{"id":"e1"},{"company_name":"Acme"}]`, func(ctx context.Context, client *openprospect.Client) error {
			_, err := client.ListEntries(ctx, "b1")
			return err
		}, "row 2 has no ID"},
		{`[{"id":"b1"},{"name":"Customers"}]`, func(ctx context.Context, client *openprospect.Client) error {
			_, err := client.ListBlacklists(ctx)
			return err
		}, "row 2 has no ID"},
		{`[{"id":"s1"},{"name":"Spring"}]`, func(ctx context.Context, client *openprospect.Client) error {
			_, err := client.ListProspectSearches(ctx)
			return err
		}, "row 2 has no ID"},
		{`["b1",{"name":"Customers"}]`, func(ctx context.Context, client *openprospect.Client) error {
			_, err := client.ListAssignedBlacklists(ctx, "s1")
			return err
		}, "the assigned blacklist 2 has no ID"},
	} {
		a := newAPI(t, answers(http.StatusOK, test.body))
		wantErrorHolding(t, test.list(t.Context(), a.client), test.want)
	}
}
