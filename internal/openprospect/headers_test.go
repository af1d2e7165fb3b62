package openprospect_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

func TestCheckHeaders(t *testing.T) {
	for _, test := range []struct {
		name    string
		headers map[string]string
		want    string
	}{
		{"none", nil, ""},
		{"a gateway's", map[string]string{"CF-Access-Client-Id": "id.access", "CF-Access-Client-Secret": " s3cret \n", "Cookie": "a=b; c=d"}, ""},
		{"every character of a name", map[string]string{"az!#$%&'*+-.^_`|~AZ09": "v"}, ""},
		{"the last character of a value", map[string]string{"X-A": "~"}, ""},
		{"no name", map[string]string{"": "v"}, `"" is not a valid header name`},
		{"a colon", map[string]string{"X-A:": "v"}, `"X-A:" is not a valid header name`},
		{"a space", map[string]string{"X A": "v"}, "is not a valid header name"},
		{"not ASCII", map[string]string{"X-Ä": "v"}, "is not a valid header name"},
		{"the key's header", map[string]string{"authorization": "Bearer geheim"}, "the header authorization cannot be set"},
		{"the user agent", map[string]string{"User-Agent": "geheim"}, "the header User-Agent cannot be set"},
		{"of a connection", map[string]string{"TE": "geheim"}, "the header TE cannot be set"},
		{"the idempotency key", map[string]string{"Idempotency-key": "geheim"}, "cannot be set"},
		{"twice", map[string]string{"X-A": "geheim", "x-a": "geheim"}, "X-A and x-a are the same header"},
		{"no value", map[string]string{"X-A": " "}, "the header X-A has no value"},
		{"a line break within", map[string]string{"X-A": "geheim\r\nX-B: 1"}, "characters other than printable ASCII"},
		{"an umlaut", map[string]string{"X-A": "geheimä"}, "characters other than printable ASCII"},
	} {
		err := openprospect.CheckHeaders(test.headers)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: the error holds a value: %v", test.name, err)
		}
	}
}

// TestHeadersGoAlongAndAreMasked has a server that repeats the headers that it got, as gateways do in error pages.
func TestHeadersGoAlongAndAreMasked(t *testing.T) {
	headers := map[string]string{"X-Gateway": "Basic dXNlcjpwYXNzd29yZA==", "Cookie": " session=S3cretCookie \n", "X-Env": "test"}
	var logged strings.Builder
	a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(w, `{"code":"BLOCKED","message":"got %s, credentials dXNlcjpwYXNzd29yZA==, %s, in the test `+
			`environment"}`, r.Header.Get("X-Gateway"), r.Header.Get("Cookie"))
	}, func(c *openprospect.Config) {
		c.Headers = headers
		c.Logger = func(_ context.Context, _, message string, fields map[string]any) {
			fmt.Fprintln(&logged, message, fields)
		}
	})
	_, err := a.client.GetBlacklist(t.Context(), "b1")
	wantErrorHolding(t, err, "got [redacted], credentials [redacted], [redacted], in the test environment")
	request := a.sent()[0]
	for name, want := range map[string]string{
		"X-Gateway": "Basic dXNlcjpwYXNzd29yZA==", "Cookie": "session=S3cretCookie", "X-Env": "test",
		"Authorization": "Bearer " + testKey, "Accept": "application/json",
	} {
		if got := request.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, secret := range []string{"dXNlcjpwYXNzd29yZA", "S3cretCookie"} {
		if strings.Contains(logged.String(), secret) {
			t.Errorf("the log holds %s:\n%s", secret, logged.String())
		}
	}
	if !strings.Contains(logged.String(), "[redacted]") {
		t.Errorf("the log shows no body:\n%s", logged.String())
	}
}

// TestWhichHeadersAreSecret: values of eight characters, and their words of sixteen.
func TestWhichHeadersAreSecret(t *testing.T) {
	for _, test := range []struct{ value, said, want string }{
		{"12345678", "got 12345678", "got [redacted]"},
		{"1234567", "got 1234567", "got 1234567"},
		{"Basic abcdefghijklmnop", "got abcdefghijklmnop", "got [redacted]"},
		{"Basic abcdefghijklmno", "got abcdefghijklmno", "got abcdefghijklmno"},
	} {
		a := newAPI(t, answers(http.StatusForbidden, `{"code":"BLOCKED","message":"`+test.said+`"}`), func(c *openprospect.Config) {
			c.Headers = map[string]string{"X-Gateway": test.value}
		})
		_, err := a.client.GetBlacklist(t.Context(), "b1")
		wantErrorHolding(t, err, ": "+test.want+";")
	}
}
