package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// TestAddAPIError checks that each error says what happened, to which object,
// and what to do next.
func TestAddAPIError(t *testing.T) {
	t.Parallel()

	notAPI := &openprospect.Error{Method: "GET", Path: "/blacklists/b1", StatusCode: 404, Message: "<h1>Not Found</h1>"}
	acme := exclusion.Entry{
		ID:      "e1",
		Company: exclusion.NewCompany(openprospect.EntryFields{CompanyName: "Acme Corp", WebsiteURL: "acme.com"}),
	}
	for _, test := range []struct {
		reason string
		err    error
		want   []string
	}{
		{
			"an error of no API call is passed on as it is",
			errors.New("no blacklist is named \"Nobody\""),
			[]string{`no blacklist is named "Nobody"`},
		},
		{
			"401 says where keys are made and how to set one",
			&openprospect.Error{Method: "GET", Path: "/blacklists/b1", StatusCode: 401, Code: "UNAUTHORIZED"},
			[]string{
				"GET /blacklists/b1", "401", "UNAUTHORIZED", "Settings > Developer > API Keys", "OPENPROSPECT_API_KEY",
				"Nothing was removed from state",
			},
		},
		{
			"403 names the missing scope",
			&openprospect.Error{
				Method: "GET", Path: "/blacklists/b1", StatusCode: 403, RequiredScopes: []string{"blacklists:read"},
				UserScopes: []string{"orders:read"},
			},
			[]string{"blacklists:read", "Discovery partner", "Nothing was removed from state"},
		},
		{
			"403 without details names what the call needs, and where it is not part of the set",
			&openprospect.Error{Method: "GET", Path: "/prospect-searches", StatusCode: 403, Scope: "prospect_searches:read"},
			[]string{"this call needs the scope prospect_searches:read", "The API key lacks this scope", "does not include it"},
		},
		{
			"an answer that makes no sense names who gave it",
			&openprospect.Error{Method: "GET", Host: "https://proxy.example", Path: "/orders", StatusCode: 200, Message: "not a list"},
			[]string{"The answer came from https://proxy.example.", "base_url"},
		},
		{
			"the API's 404 does not say which of the three reasons it has",
			&openprospect.Error{Method: "PATCH", Path: "/blacklists/b1", StatusCode: 404, Code: "BLACKLIST_NOT_FOUND"},
			[]string{"/blacklists/b1", "BLACKLIST_NOT_FOUND", "The ID is wrong", "removed outside Terraform", "an account that this API " +
				"key cannot see", "run Terraform again"},
		},
		{
			"the API's 404 about something else",
			&openprospect.Error{Method: "POST", Path: "/orders", StatusCode: 404, Code: "PROFILE_NOT_FOUND"},
			[]string{"PROFILE_NOT_FOUND", "does not mean that the object is gone", "Check the configuration"},
		},
		{
			"a gateway's 404 is not taken for it",
			notAPI,
			[]string{"does not mean that the object is gone", "base_url"},
		},
		{
			"409 says what was not changed, and no more: others of the same run may have been",
			&openprospect.Error{Method: "DELETE", Path: "/blacklists/b1", StatusCode: 409, Message: "in use by an order"},
			[]string{"in use by an order", "This request changed nothing."},
		},
		{
			"a name that is taken gives the import command, whatever is in the name",
			&openprospect.BlacklistExistsError{
				Name: "Mike's customers", Cause: &openprospect.Error{Method: "POST", Path: "/blacklists", StatusCode: 409},
			},
			[]string{`"Mike's customers"`, "409", `terraform import 'openprospect_blacklist.<name>' 'name=Mike'\''s customers'`, "another name"},
		},
		{
			"429 says what can be raised",
			&openprospect.Error{Method: "GET", Path: "/blacklists/b1", StatusCode: 429, RetryAfter: time.Hour},
			[]string{"429", "1h0m0s", "Wait for the time above", "max_retry_wait"},
		},
		{
			"429 without a wait does not speak of one",
			&openprospect.Error{Method: "GET", Path: "/blacklists/b1", StatusCode: 429},
			[]string{"429", "does not say for how long. Try again in up to an hour, or use a key of a higher tier"},
		},
		{
			"a refusal of another kind, such as an unpaid account",
			&openprospect.Error{Method: "POST", Path: "/orders", StatusCode: 402, Message: "payment required"},
			[]string{"402", "payment required", "The API rejected the request", "OpenProspect dashboard", "support"},
		},
		{
			"a request that took the API too long",
			&openprospect.Error{Method: "GET", Path: "/orders", StatusCode: 408},
			[]string{"408", "Apply again in a few minutes"},
		},
		{
			"a redirect is not followed",
			&openprospect.Error{Method: "GET", Path: "/orders", StatusCode: 302},
			[]string{"302", "Check base_url and any proxy in between", "The API key was not sent to the other address"},
		},
		{
			"5xx says that it is worth another try",
			&openprospect.Error{Method: "GET", Path: "/blacklists/b1", StatusCode: 503, Message: "down for maintenance"},
			[]string{"503", "down for maintenance", "Nothing was removed from state", "Apply again in a few minutes", "base_url", "support"},
		},
		{
			"422 says what to correct",
			&openprospect.Error{Method: "POST", Path: "/blacklists", StatusCode: 422, Message: "too many blacklists"},
			[]string{"422", "too many blacklists", "Correct the configuration"},
		},
		{
			"400 likewise",
			&openprospect.Error{Method: "POST", Path: "/blacklists", StatusCode: 400, Message: "bad request"},
			[]string{"400", "Correct the configuration"},
		},
		{
			"an interrupted run may be run again",
			fmt.Errorf("GET /blacklists/b1: %w", context.Canceled),
			[]string{"GET /blacklists/b1", "The run was interrupted", "Run Terraform again"},
		},
		{
			"an answer that makes no sense is not believed",
			&openprospect.Error{Method: "GET", Path: "/blacklists/b1/entries", StatusCode: 200, Message: "the answer is not a list of entries"},
			[]string{"200", "is not a list of entries", "Run Terraform again", "base_url"},
		},
		{
			"nobody there",
			answered(t, nil),
			[]string{"GET /api/v1/blacklists/b1: cannot connect to http://127.0.0.1:", "Check the network, the proxy (HTTPS_PROXY) and base_url."},
		},
		{
			"a connection that is lost",
			answered(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
			[]string{"GET /api/v1/blacklists/b1: no answer from http://127.0.0.1:", "got no usable answer", "Run Terraform again", "base_url"},
		},
		{
			"a web page",
			answered(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusNotFound)
				_, _ = io.WriteString(w, "<h1>404 Not Found</h1>nginx")
			}),
			[]string{
				"http://127.0.0.1:", "answered with a web page, not the OpenProspect API: 404 Not Found nginx",
				"Check base_url and any proxy in between",
			},
		},
		{
			"a wrapped error is recognised",
			fmt.Errorf("while counting: %w", &openprospect.Error{Method: "GET", Path: "/blacklists/b1", StatusCode: 401}),
			[]string{"while counting", "OPENPROSPECT_API_KEY"},
		},
		{
			"an unclear blacklist gives one import command a candidate",
			&openprospect.AmbiguousBlacklistError{
				Candidates: []openprospect.Blacklist{{ID: "b1", Name: "Customers"}, {ID: "b2", Name: "Customers"}},
				Cause:      errors.New("connection reset"),
			},
			[]string{
				"connection reset", "terraform import 'openprospect_blacklist.<name>' 'b1'", "terraform import 'openprospect_blacklist.<name>' 'b2'",
			},
		},
		{
			"an unclear blacklist that is not to be seen may still appear",
			&openprospect.AmbiguousBlacklistError{Cause: errors.New("connection reset")},
			[]string{
				"connection reset", "It may still appear", "an apply creates a second one",
				"terraform import 'openprospect_blacklist.<name>' '<blacklist id>'",
			},
		},
		{
			"an unclear blacklist that could not be looked for",
			&openprospect.AmbiguousBlacklistError{Cause: errors.New("connection reset"), ListError: errors.New("503")},
			[]string{
				"connection reset", "503", "the list of blacklists could not be read", "an apply creates a second one",
				"terraform import 'openprospect_blacklist.<name>' '<blacklist id>'",
			},
		},
		{
			"a company that is on the list with other fields gives the import command",
			&exclusion.ExistsError{BlacklistID: "b1", Entry: acme},
			[]string{"b1", "Acme Corp", "e1", "terraform import 'openprospect_blacklist_entry.<name>' 'b1/e1'"},
		},
		{
			"a company of another resource of this run is not to be imported",
			&exclusion.ExistsError{BlacklistID: "b1", Entry: acme, Claimed: true},
			[]string{"Acme Corp", "Keep one of the two resources"},
		},
		{
			"two resources for one entry",
			&exclusion.ClaimError{BlacklistID: "b1", Entry: acme},
			[]string{"b1", "Acme Corp", "e1", "Keep one of the two resources"},
		},
		{
			"a resource for a part of a list that another one manages as a whole",
			&exclusion.ClaimError{BlacklistID: "b1", Entry: acme, Whole: true},
			[]string{"b1", "Acme Corp", "e1", `mode = "additive"`},
		},
		{
			"a company that fell off the list is named and is urgent",
			&exclusion.OffListError{BlacklistID: "b1", Company: acme.Company, Cause: errors.New("connection reset")},
			[]string{"Acme Corp", "is off the list", "connection reset", "Apply again as soon as possible"},
		},
		{
			"an order that seems to be placed gives the import command and the way out",
			&openprospect.DuplicateOrderError{Twins: []openprospect.Order{{ID: "o1"}}},
			[]string{"No order was placed", "terraform import 'openprospect_discovery_order.<name>' 'o1'", "allow_duplicate = true"},
		},
		{
			"an order whose outcome is unknown, with candidates",
			&openprospect.OrderOutcomeError{Candidates: []openprospect.Order{{ID: "o1"}, {ID: "o2"}}, Cause: errors.New("connection reset")},
			[]string{"connection reset", "'o1'", "'o2'", "before you apply again"},
		},
		{
			"an order whose outcome is unknown, without",
			&openprospect.OrderOutcomeError{Cause: errors.New("connection reset")},
			[]string{"connection reset", "may still appear", "terraform import"},
		},
		{
			"an order that was not found because the list could not be read",
			&openprospect.OrderOutcomeError{Cause: errors.New("connection reset"), ListError: errors.New("no route to host")},
			[]string{
				"connection reset", "no route to host", "could not be read, so the order may have been placed", "before you apply again",
				"terraform import",
			},
		},
	} {
		t.Run(test.reason, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			addAPIError(&diags, "read", "blacklist", test.err)
			if len(diags) != 1 || diags[0].Severity() != diag.SeverityError {
				t.Fatalf("got %v, want one error", diags)
			}
			if got := diags[0].Summary(); got != "Unable to read blacklist" {
				t.Errorf("summary is %q", got)
			}
			wantWords(t, diags[0].Detail(), test.want...)
		})
	}
}

// answered is the error of a request to such a server, or to one that is not there.
func answered(t *testing.T, handler http.HandlerFunc) error {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	defer server.Close()
	if handler == nil {
		server.Close()
	}
	client, err := openprospect.New(
		openprospect.Config{APIKey: "key", BaseURL: server.URL, RequestTimeout: time.Minute, MaxConcurrentRequests: 1},
	)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.GetBlacklist(t.Context(), "b1")
	return err
}

func wantWords(t *testing.T, got string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(got, word) {
			t.Errorf("%q is missing from:\n%s", word, got)
		}
	}
}

func TestAddAPIErrorPutsFaultsAtAttributes(t *testing.T) {
	t.Parallel()

	apiError := func(fields ...string) error {
		err := &openprospect.Error{Method: "POST", Path: "/blacklists", StatusCode: 422, Code: "VALIDATION_ERROR"}
		for _, field := range fields {
			err.FieldErrors = append(err.FieldErrors, openprospect.FieldError{Field: field, Message: "is bad."})
		}
		return fmt.Errorf("wrapped: %w", err)
	}
	for _, test := range []struct {
		reason string
		err    error
		want   []path.Path
	}{
		{"a field is an attribute", apiError("name"), []path.Path{path.Root("name")}},
		{"an element belongs to its attribute", apiError("target_countries.0"), []path.Path{path.Root("target_countries")}},
		{"a row of a batch is this resource", apiError("entries[0].website_url"), []path.Path{path.Root("website_url")}},
		{"FastAPI starts with the body", apiError("body.entries.0.website_url"), []path.Path{path.Root("website_url")}},
		{"each fault has its own " +
			"diagnostic", apiError("name", "unheard_of", "website_url"), []path.Path{path.Root("name"), path.Root("website_url")}},
		{"an unknown field stands at the resource", apiError("unheard_of"), []path.Path{path.Empty()}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			addAPIError(&diags, "create", "blacklist", test.err, "name", "website_url", "target_countries")
			if len(diags) != len(test.want) {
				t.Fatalf("got %d diagnostics, want %d: %v", len(diags), len(test.want), diags)
			}
			for i, want := range test.want {
				got := path.Empty()
				if withPath, ok := diags[i].(diag.DiagnosticWithPath); ok {
					got = withPath.Path()
				}
				if !got.Equal(want) {
					t.Errorf("diagnostic %d is at %q, want %q", i, got, want)
				}
				wantWords(t, diags[i].Detail(), "is bad", "VALIDATION_ERROR", "If the configuration is right, report this message: "+issuesURL)
			}
		})
	}
}

// TestBlacklistDiagnostics stands in for the check of warnings that plugin-testing has not got.
func TestBlacklistDiagnostics(t *testing.T) {
	t.Parallel()

	blacklist := blacklistModel{ID: types.StringValue("b1"), Name: types.StringValue("Customers")}
	for _, test := range []struct {
		name     string
		add      func(*diag.Diagnostics)
		severity diag.Severity
		words    []string
	}{
		{
			"gone", func(d *diag.Diagnostics) { warnBlacklistGone(d, blacklist) }, diag.SeverityWarning,
			[]string{`"Customers"`, "b1", "drops it from state", "no longer excluded", "ignore_changes"},
		},
		{
			"not empty", func(d *diag.Diagnostics) { addBlacklistNotEmpty(d, blacklist, 1234) }, diag.SeverityError,
			[]string{`"Customers"`, "b1", "1234 entries", "force_destroy = true"},
		},
		{
			"one entry left", func(d *diag.Diagnostics) { addBlacklistNotEmpty(d, blacklist, 1) }, diag.SeverityError,
			[]string{"contains 1 entry that"},
		},
		{
			"contradiction", func(d *diag.Diagnostics) { addBlacklistContradiction(d, "b1", errors.New("404")) }, diag.SeverityError,
			[]string{"b1", "but still lists it", "Nothing was removed from state", "404"},
		},
		{
			"entry taken over", func(d *diag.Diagnostics) {
				warnEntryAdopted(d, "b1", exclusion.Entry{ID: "e1", Company: exclusion.NewCompany(openprospect.EntryFields{CompanyName: "Acme Corp"})})
			}, diag.SeverityWarning,
			[]string{"b1", "Acme Corp", "e1", "now manages it"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			test.add(&diags)
			if len(diags) != 1 || diags[0].Severity() != test.severity {
				t.Fatalf("got %v, want one of severity %s", diags, test.severity)
			}
			wantWords(t, diags[0].Detail(), test.words...)
		})
	}
}
