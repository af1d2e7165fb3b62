package provider_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/openprospect/terraform-provider-openprospect/internal/provider"
	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

func TestMain(m *testing.M) {
	// A CLI configuration of the developer's own must not change what is tested,
	// and the SDK's trace lines cost more than the tests (see main.go).
	environ := map[string]string{
		"TF_CLI_CONFIG_FILE":   os.DevNull,
		"TF_LOG_SDK":           "OFF",
		"TF_LOG_SDK_FRAMEWORK": "OFF",
		"TF_LOG_SDK_PROTO":     "OFF",
		"CHECKPOINT_DISABLE":   "1",
	}
	if os.Getenv(resource.EnvTfAcc) != "" {
		release, err := testedRelease()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if release.OpenTofu {
			// There OpenTofu looks for a provider that is named without a registry.
			environ["TF_ACC_PROVIDER_HOST"] = "registry.opentofu.org"
		}
	}
	for name, value := range environ {
		if err := os.Setenv(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	provider.SetQuietBeforeOrder(20 * time.Millisecond)
	code := m.Run()
	_ = os.RemoveAll(builtDirectory) // "" is nothing
	os.Exit(code)
}

// factories serve the provider in process, a new one for every CLI command.
var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"openprospect": providerserver.NewProtocol6WithError(provider.New("test")()),
}

// startSimulator serves a simulator for one test, which fails if the provider
// sent it anything that no client should send.
func startSimulator(t *testing.T, options simulator.Options) *simulator.Server {
	t.Helper()
	sim, err := simulator.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		sim.Close()
		for _, line := range sim.Unexpected() {
			t.Errorf("unexpected request: %s", line)
		}
	})
	return sim
}

// configure prepends the provider block for the simulator to HCL; extra lines
// go into that block.
func configure(sim *simulator.Server, hcl string, extra ...string) string {
	return fmt.Sprintf(`
provider "openprospect" {
  api_key       = %q
  base_url      = %q
  poll_interval = "5ms"
  %s
}
%s`, sim.APIKey(), sim.URL(), strings.Join(extra, "\n  "), hcl)
}

// serverCheck looks at the simulator after the apply of a step, before
// anything else is sent to it.
type serverCheck func() error

func (check serverCheck) CheckState(_ context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = check()
}

// expectCount checks how many requests of that kind are in the journal.
func expectCount(sim *simulator.Server, method, pattern string, want int) serverCheck {
	return func() error {
		if got := sim.Count(method, pattern); got != want {
			return fmt.Errorf("%d requests %s %s, want %d", got, method, pattern, want)
		}
		return nil
	}
}

// expectNothingSent fails the test if the simulator got any request.
func expectNothingSent(t *testing.T, sim *simulator.Server) {
	t.Helper()
	for _, request := range sim.Journal() {
		t.Errorf("%s %s was sent", request.Method, request.Path)
	}
}

// expectError matches the words of a diagnostic in their order, however Terraform breaks the lines.
func expectError(words string) *regexp.Regexp {
	fields := strings.Fields(words)
	for i, field := range fields {
		fields[i] = regexp.QuoteMeta(field)
	}
	return regexp.MustCompile(`(?s)` + strings.Join(fields, `[\s│]+`))
}

// TestConfigureWithoutKey is not parallel because it changes the environment.
func TestConfigureWithoutKey(t *testing.T) {
	for _, key := range []string{"", " \n"} {
		t.Setenv("OPENPROSPECT_API_KEY", key)

		diagnostics := configureProvider(t, protocolServer(t), nil)
		if len(diagnostics) != 1 || diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError {
			t.Fatalf("%q: got %+v, want one error", key, diagnostics)
		}
		if got, want := diagnostics[0].Attribute.String(), `AttributeName("api_key")`; got != want {
			t.Errorf("%q: the error is about %s, want %s", key, got, want)
		}
		if !strings.Contains(diagnostics[0].Detail, "OPENPROSPECT_API_KEY") {
			t.Errorf("%q: the error does not name the variable: %s", key, diagnostics[0].Detail)
		}
	}
}

// TestConfigureFromEnvironment is not parallel because it changes the environment.
func TestConfigureFromEnvironment(t *testing.T) {
	sim := startSimulator(t, simulator.Options{APIKey: "lnc_test_from_the_environment"})
	t.Setenv("OPENPROSPECT_API_KEY", sim.APIKey())
	t.Setenv("OPENPROSPECT_BASE_URL", sim.URL())

	for _, test := range []struct {
		reason    string
		arguments map[string]tftypes.Value
		wantKey   string
	}{
		{"the environment stands in for missing arguments", nil, sim.APIKey()},
		{"an argument goes before the " +
			"environment", map[string]tftypes.Value{"api_key": text("lnc_test_from_the_argument")}, "lnc_test_from_the_argument"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			sim.ResetJournal()
			server := protocolServer(t)
			for _, diagnostic := range configureProvider(t, server, test.arguments) {
				t.Errorf("%s: %s", diagnostic.Summary, diagnostic.Detail)
			}
			expectNothingSent(t, sim)

			readDataSource(t, server, "openprospect_blacklists", nil)
			journal := sim.Journal()
			if len(journal) != 1 {
				t.Fatalf("%d requests, want 1", len(journal))
			}
			if got := journal[0].Header.Get("Authorization"); got != "Bearer "+test.wantKey {
				t.Errorf("Authorization is %q, want the key %q", got, test.wantKey)
			}
		})
	}
}

// TestConfigureBadEnvironment is not parallel because it changes the environment.
func TestConfigureBadEnvironment(t *testing.T) {
	t.Setenv("OPENPROSPECT_API_KEY", "lnc_test_key")
	t.Setenv("OPENPROSPECT_BASE_URL", "http://api.openprospect.io")

	diagnostics := configureProvider(t, protocolServer(t), nil)
	if len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Detail, "OPENPROSPECT_BASE_URL") {
		t.Fatalf("got %+v, want one error that names OPENPROSPECT_BASE_URL", diagnostics)
	}
}

// TestConfigureUnknown is a provider whose arguments depend on something that
// is not created yet: nothing fails until an operation needs the client.
func TestConfigureUnknown(t *testing.T) {
	t.Parallel()

	for _, attribute := range providerSchema(t).Provider.Block.Attributes {
		name, attributeType := attribute.Name, attribute.Type
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := protocolServer(t)
			arguments := map[string]tftypes.Value{"api_key": text("lnc_test_key")}
			arguments[name] = tftypes.NewValue(attributeType, tftypes.UnknownValue)
			for _, diagnostic := range configureProvider(t, server, arguments) {
				t.Errorf("%s: %s", diagnostic.Summary, diagnostic.Detail)
			}

			_, diagnostics := readDataSource(t, server, "openprospect_blacklists", nil)
			if len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Detail, "argument "+name+" depends on a value") {
				t.Errorf("got %+v, want one error that names %s", diagnostics, name)
			}
		})
	}
}

// TestConfigureAllowHTTP names the host to which the key goes without encryption. Nobody is warned of a loopback address.
func TestConfigureAllowHTTP(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"http://simulator:8080": "call simulator:8080 over plain http", "http://127.0.0.1:8080": "", "https://api.openprospect.io": "",
	} {
		diagnostics := configureProvider(t, protocolServer(t), map[string]tftypes.Value{
			"api_key": text("lnc_test_key"), "base_url": text(address), "allow_http": tftypes.NewValue(tftypes.Bool, true),
		})
		expectNoErrors(t, diagnostics)
		if (len(diagnostics) > 0) != (want != "") || want != "" && !strings.Contains(diagnostics[0].Detail, want) {
			t.Errorf("%s: %+v, want a warning with %q", address, diagnostics, want)
		}
	}
}

// TestConfigureHeaders has one header that is known and one that is not.
func TestConfigureHeaders(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	configured := func(second tftypes.Value) []*tfprotov6.Diagnostic {
		server := protocolServer(t)
		expectNoErrors(t, configureProvider(t, server, map[string]tftypes.Value{
			"api_key":  text(sim.APIKey()),
			"base_url": text(sim.URL()),
			"headers": tftypes.NewValue(
				tftypes.Map{ElementType: tftypes.String},
				map[string]tftypes.Value{"X-Gateway": text("s3cret"), "X-Team": second},
			),
		}))
		_, diagnostics := readDataSource(t, server, "openprospect_blacklists", nil)
		return diagnostics
	}
	diagnostics := configured(tftypes.NewValue(tftypes.String, tftypes.UnknownValue))
	if len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Detail, "argument headers depends on a value") {
		t.Errorf("got %+v, want one error that names headers", diagnostics)
	}
	expectNothingSent(t, sim)
	expectNoErrors(t, configured(text("revops")))
	for name, want := range map[string]string{"X-Gateway": "s3cret", "X-Team": "revops"} {
		if got := sim.Journal()[0].Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// TestConfigureUnknownDeferred is a Terraform that can put off what cannot be planned yet.
func TestConfigureUnknownDeferred(t *testing.T) {
	t.Parallel()

	server := protocolServer(t)
	config := dynamicValue(
		t,
		providerSchema(t).Provider,
		map[string]tftypes.Value{"api_key": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)},
	)
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.12.0", Config: config, ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	expectNoErrors(t, configured.Diagnostics)

	const name = "openprospect_blacklists"
	read, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: name, Config: dynamicValue(t, providerSchema(t).DataSourceSchemas[name], nil),
		ClientCapabilities: &tfprotov6.ReadDataSourceClientCapabilities{DeferralAllowed: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	expectNoErrors(t, read.Diagnostics)
	if read.Deferred == nil || read.Deferred.Reason != tfprotov6.DeferredReasonProviderConfigUnknown {
		t.Errorf("deferred is %+v, want because of the provider's configuration", read.Deferred)
	}

	// A null id in the plan would be a null argument of whatever refers to it.
	listID := text("9b2f6c1e-7d7e-4f0a-8c35-1f5d2a8e9b10")
	for name, arguments := range map[string]map[string]tftypes.Value{
		"openprospect_blacklist":       {"name": text("Customers")},
		"openprospect_blacklist_entry": {"blacklist_id": listID, "website_url": text("acme.com")},
		"openprospect_blacklist_entries": {
			"blacklist_id": tftypes.NewValue(tftypes.String, tftypes.UnknownValue), "entries": text(`{"a":{"website_url":"acme.com"}}`),
		},
		orderType:      orderConfig(nil),
		profileType:    profileConfig(nil),
		assignmentType: assignmentConfig("5ea7c400-0000-4000-8000-000000000001"),
	} {
		schema := providerSchema(t).ResourceSchemas[name]
		null, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), nil))
		if err != nil {
			t.Fatal(err)
		}
		config := dynamicValue(t, schema, arguments)
		plan, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: name, PriorState: &null, ProposedNewState: config, Config: config,
			ClientCapabilities: &tfprotov6.PlanResourceChangeClientCapabilities{DeferralAllowed: true},
		})
		if err != nil {
			t.Fatal(err)
		}
		// Nor a warning: this plan places no order.
		for _, diagnostic := range plan.Diagnostics {
			t.Errorf("%s: %s: %s", name, diagnostic.Summary, diagnostic.Detail)
		}
		if plan.Deferred == nil || plan.Deferred.Reason != tfprotov6.DeferredReasonProviderConfigUnknown {
			t.Errorf("%s: deferred is %+v, want because of the provider's configuration", name, plan.Deferred)
		}
		if id := attributesOf(t, schema, plan.PlannedState)["id"]; id.IsKnown() {
			t.Errorf("%s: the planned id is %s, want an unknown one", name, id)
		}
	}
}

func TestAccProviderUnknownKey(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})

	config := fmt.Sprintf(`
resource "terraform_data" "secret" {
  input = %q
}
provider "openprospect" {
  api_key  = terraform_data.secret.output
  base_url = %q
}
`, sim.APIKey(), sim.URL())

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:      config + `data "openprospect_blacklists" "all" {}`,
				ExpectError: expectError("The provider argument api_key depends on a value that is only known after apply"),
			},
			{
				Config: config + `
resource "openprospect_blacklist" "customers" {
  name = "Customers"
}
resource "openprospect_blacklist_entry" "acme" {
  blacklist_id = openprospect_blacklist.customers.id
  website_url  = "acme.com"
}`,
				ConfigStateChecks: []statecheck.StateCheck{
					expectCount(sim, "POST", "/blacklists", 1),
					expectCount(sim, "POST", "/blacklists/*/entries", 1),
				},
			},
		},
	})
}

func TestAccProviderBadArguments(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})

	for name, test := range map[string]struct {
		argument string
		words    string
	}{
		"http off loopback": {`base_url = "http://api.openprospect.io"`, "base_url: the base URL must use https, or http on a " +
			"loopback address, not \"http\". For a simulator on another host, set allow_http = true."},
		"http not allowed":       {`base_url = "http://api.openprospect.io"` + "\nallow_http = false", "allow_http = true"},
		"the key as a header":    {`headers = { authorization = "Bearer x" }`, "headers: the header authorization cannot be set"},
		"a header without value": {`headers = { X-Gateway = null }`, "headers: the header X-Gateway has no value"},
		"not a URL":              {`base_url = "api.openprospect.io"`, "base_url"},
		"empty base URL":         {`base_url = ""`, "base_url"},
		"empty key":              {`api_key = ""`, "Empty OpenProspect API key"},
		"blank key": {`api_key = " "`, "api_key is empty. Check that the secret or variable that it comes from is set, or leave " +
			"it out to use OPENPROSPECT_API_KEY."},
		"timeout not a duration": {`request_timeout = "30"`, `request_timeout must be a duration`},
		"timeout of nothing":     {`request_timeout = "0s"`, `request_timeout must be a duration`},
		"negative retries":       {`max_retries = -1`, "max_retries"},
		"no wait at all":         {`max_retry_wait = "0s"`, `max_retry_wait must be a duration`},
		"no request at all":      {`max_concurrent_requests = 0`, "max_concurrent_requests"},
		"poll without a pause":   {`poll_interval = "0s"`, `poll_interval must be a duration`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			arguments := []string{`api_key = "lnc_test_key"`, fmt.Sprintf("base_url = %q", sim.URL())}
			bad, _, _ := strings.Cut(test.argument, " ")
			arguments = slices.DeleteFunc(arguments, func(a string) bool { return strings.HasPrefix(a, bad+" ") })
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config: fmt.Sprintf(`
provider "openprospect" {
  %s
  %s
}
data "openprospect_blacklists" "all" {}
`, test.argument, strings.Join(arguments, "\n  ")),
					PlanOnly:    true,
					ExpectError: expectError(test.words),
				}},
			})
			expectNothingSent(t, sim)
		})
	}
}

func TestAccProviderBaseURL(t *testing.T) {
	t.Parallel()

	for name, change := range map[string]func(string) string{
		"with the API's path":    func(url string) string { return url },
		"without the API's path": func(url string) string { return strings.TrimSuffix(url, "/api/v1") },
		"with slashes at its end": func(url string) string {
			return strings.TrimSuffix(url, "/api/v1") + "//"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			sim.AddBlacklist("Customers", "")
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config: fmt.Sprintf(`
provider "openprospect" {
  api_key  = %q
  base_url = %q
}
data "openprospect_blacklists" "all" {}
`, sim.APIKey(), change(sim.URL())),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue("data.openprospect_blacklists.all", tfjsonpath.New("blacklists"), knownvalue.ListSizeExact(1)),
					},
				}},
			})
		})
	}
}

func TestAccProviderUserAgent(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: configure(sim, `data "openprospect_blacklists" "all" {}`),
		}},
	})
	want := regexp.MustCompile(`^Terraform/\d+\.\d+\.\S+ \(\+https://www\.terraform\.io\) terraform-provider-openprospect/test`)
	journal := sim.Journal()
	if len(journal) == 0 {
		t.Fatal("nothing was sent")
	}
	if got := journal[0].Header.Get("User-Agent"); !want.MatchString(got) {
		t.Errorf("User-Agent is %q, want %s", got, want)
	}
}

// TestAccProviderRetries shows that max_retries and max_retry_wait reach the client.
func TestAccProviderRetries(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	config := `data "openprospect_blacklists" "all" {}`

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				PreConfig: func() {
					sim.Inject(simulator.Fault{Name: "503", Method: "GET", Pattern: "/blacklists", Times: -1, Status: 503})
				},
				Config:      configure(sim, config, `max_retries = 0`),
				PlanOnly:    true,
				ExpectError: expectError("503"),
			},
			{
				PreConfig: func() {
					if got := sim.Count("GET", "/blacklists"); got != 1 {
						t.Errorf("%d requests without retries, want 1", got)
					}
					sim.ClearFaults()
					sim.Inject(simulator.Fault{
						Name: "429", Method: "GET", Pattern: "/blacklists", Times: -1, Status: 429, Header: map[string]string{"Retry-After": "7200"},
					})
				},
				Config:      configure(sim, config, `max_retry_wait = "1h"`),
				PlanOnly:    true,
				ExpectError: expectError("hourly request budget"),
			},
		},
	})
}

func TestAccProviderWrongKey(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "")
	hcl := `
import {
  to = openprospect_blacklist.customers
  id = "` + id + `"
}
resource "openprospect_blacklist" "customers" {
  name = "Customers"
}`

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: configure(sim, hcl)},
			{
				Config:      strings.Replace(configure(sim, hcl), sim.APIKey(), "lnc_test_wrong", 1),
				ExpectError: expectError("401"),
			},
			{
				// Nothing was dropped from state.
				Config:           configure(sim, hcl),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			},
		},
	})
}
