package provider_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// planErrors plans a create and returns its errors.
func planErrors(t *testing.T, server tfprotov6.ProviderServer, name string, arguments map[string]tftypes.Value) []string {
	t.Helper()
	schema := providerSchema(t).ResourceSchemas[name]
	config := dynamicValue(t, schema, arguments)
	plan, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: name, PriorState: objectOrNull(t, schema, nil), ProposedNewState: config, Config: config,
	})
	if err != nil {
		t.Fatal(err)
	}
	var errors []string
	for _, diagnostic := range plan.Diagnostics {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			errors = append(errors, diagnostic.Summary+": "+diagnostic.Detail)
		}
	}
	return errors
}

// wantErrors wants one error with these words, or with none no error.
func wantErrors(t *testing.T, what string, errors []string, words ...string) {
	t.Helper()
	if len(words) == 0 && len(errors) == 0 {
		return
	}
	if len(words) == 0 || len(errors) != 1 {
		t.Errorf("%s: errors %q, want words %q", what, errors, words)
		return
	}
	for _, word := range words {
		if !strings.Contains(errors[0], word) {
			t.Errorf("%s: %q is missing from: %s", what, word, errors[0])
		}
	}
}

var plannedBlacklist = map[string]tftypes.Value{"name": text("Customers")}

// TestPreflightKey walks the answers to GET /auth/validate: only what the apply would surely fail of is an error, once.
func TestPreflightKey(t *testing.T) {
	t.Parallel()
	const scopes = `{"valid":true,"scopes":%s}`
	for name, test := range map[string]struct {
		fault simulator.Fault
		words []string
	}{
		"all scopes":               {simulator.Fault{Body: fmt.Sprintf(scopes, `["blacklists:read","blacklists:write"]`)}, nil},
		"a scope is missing":       {simulator.Fault{Body: fmt.Sprintf(scopes, `["blacklists:read","orders:read"]`)}, []string{"API key lacks a scope", "needs blacklists:write. It only has blacklists:read, orders:read", "Discovery partner", "terraform destroy -refresh=false"}},
		"two are missing":          {simulator.Fault{Body: fmt.Sprintf(scopes, `["orders:read"]`)}, []string{"needs blacklists:read and blacklists:write"}},
		"a wildcard":               {simulator.Fault{Body: fmt.Sprintf(scopes, `["orders:read","*"]`)}, nil},
		"another form":             {simulator.Fault{Body: fmt.Sprintf(scopes, `["orders:read","admin"]`)}, nil},
		"names that nobody knows":  {simulator.Fault{Body: fmt.Sprintf(scopes, `["lists:read","lists:write"]`)}, nil},
		"no scopes":                {simulator.Fault{Body: `{"valid":true}`}, nil},
		"an empty list of them":    {simulator.Fault{Body: fmt.Sprintf(scopes, `[]`)}, nil},
		"not valid":                {simulator.Fault{Body: `{"valid":false}`}, []string{"Invalid API key"}},
		"something else":           {simulator.Fault{Body: `[7]`}, nil},
		"401":                      {simulator.Fault{Status: 401, Body: `{"code":"UNAUTHORIZED","message":"expired"}`}, []string{"Unable to validate API key", "401", "expired", "does not accept the API key"}},
		"403":                      {simulator.Fault{Status: 403, Body: `{"code":"AUTHORIZATION_ERROR"}`}, nil},
		"an older deployment":      {simulator.Fault{Status: 404, Body: `{"detail":"Not Found"}`}, nil},
		"429":                      {simulator.Fault{Status: 429, Body: `{}`, Header: map[string]string{"Retry-After": "0.01"}}, nil},
		"500":                      {simulator.Fault{Status: 500, Body: `{"code":"INTERNAL"}`}, nil},
		"503 without a body":       {simulator.Fault{Status: 503}, nil},
		"a page":                   {simulator.Fault{Status: 404, ContentType: "text/html", Body: "<h1>nginx</h1>"}, []string{"http://127.0.0.1:", "answered with a web page, not the OpenProspect API: nginx", "Check base_url"}},
		"a login page":             {simulator.Fault{ContentType: "text/html", Body: "<h1>Sign in</h1>"}, []string{"answered with a login page instead of API data"}},
		"a page of a gateway":      {simulator.Fault{Status: 502, ContentType: "text/html", Body: "<h1>Bad Gateway</h1>"}, []string{"502", "not the OpenProspect API"}},
		"text":                     {simulator.Fault{ContentType: "text/plain", Body: "ok"}, []string{"the answer is not a JSON object"}},
		"a redirect to a login":    {simulator.Fault{Status: 302, Header: map[string]string{"Location": "/login"}, Body: "<p>"}, []string{"302"}},
		"a connection that breaks": {simulator.Fault{Drop: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			test.fault.Name, test.fault.Pattern, test.fault.Times = name, "/auth/validate", -1
			sim.Inject(test.fault)
			server := configuredServer(t, sim)
			wantErrors(t, name, planErrors(t, server, "openprospect_blacklist", plannedBlacklist), test.words...)
			wantErrors(t, "once more", planErrors(t, server, "openprospect_blacklist", plannedBlacklist))
			if got := len(sim.Journal()); got != 1 {
				t.Errorf("%d requests, want 1", got)
			}
		})
	}
}

func TestPreflightWithoutNetwork(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, test := range map[string]struct {
		skip  bool
		words []string
	}{"asked": {false, []string{"cannot connect to " + gone.URL, "Check the network, the proxy (HTTPS_PROXY) and base_url."}}, "skipped": {true, nil}} {
		server := protocolServer(t)
		expectNoErrors(t, configureProvider(t, server, map[string]tftypes.Value{
			"api_key": text("key"), "base_url": text(gone.URL), "skip_credentials_validation": tftypes.NewValue(tftypes.Bool, test.skip),
		}))
		wantErrors(t, name, planErrors(t, server, "openprospect_blacklist", plannedBlacklist), test.words...)
	}
}
