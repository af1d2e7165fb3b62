package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	frameworkresource "github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

const (
	resultsType = "openprospect_discovery_order_results"
	// guideEmail is the address of the person in the guide's example answer.
	guideEmail = "t.weber@cloudops-tech.de"
)

// completedOrder places an order that has found that many companies.
func completedOrder(sim *simulator.Server) string {
	id := sim.AddOrder(nil)
	sim.SetOrderStatus(id, "COMPLETED", "")
	return id
}

// openResults opens the ephemeral resource as Terraform does.
func openResults(
	t *testing.T,
	server tfprotov6.ProviderServer,
	arguments map[string]tftypes.Value,
) (map[string]tftypes.Value, []*tfprotov6.Diagnostic) {
	t.Helper()
	schema := providerSchema(t).EphemeralResourceSchemas[resultsType]
	resp, err := server.OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
		TypeName: resultsType, Config: dynamicValue(t, schema, arguments),
	})
	if err != nil {
		t.Fatal(err)
	}
	return attributesOf(t, schema, resp.Result), resp.Diagnostics
}

func number(n float64) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }

func floatOf(t *testing.T, value tftypes.Value) float64 {
	t.Helper()
	var n *big.Float
	if err := value.As(&n); err != nil {
		t.Fatal(err)
	}
	if n == nil {
		t.Fatalf("%s is no number", value)
	}
	f, _ := n.Float64()
	return f
}

func TestOpenDiscoveryOrderResults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		reason    string
		arguments map[string]tftypes.Value
		// companies is how many are wanted; -1 is some, but not all.
		companies, pages int
	}{
		{"all, at one request for the order and one per 100 companies", nil, 250, 3},
		{"max_companies reads no more pages than it takes", map[string]tftypes.Value{"max_companies": number(120)}, 120, 2},
		{"min_match_score reads all", map[string]tftypes.Value{"min_match_score": number(9)}, -1, 3},
		{"delivered_since is the API's filter", map[string]tftypes.Value{"delivered_since": text("2199-01-01T00:00:00Z")}, 0, 1},
	} {
		t.Run(test.reason, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{Review: simulator.Review{Companies: 250}})
			id := completedOrder(sim)
			arguments := map[string]tftypes.Value{"order_id": text(id)}
			maps.Copy(arguments, test.arguments)
			results, diagnostics := openResults(t, configuredServer(t, sim), arguments)
			for _, diagnostic := range diagnostics {
				t.Errorf("%s: %s", diagnostic.Summary, diagnostic.Detail)
			}
			for name, want := range arguments {
				if !results[name].Equal(want) {
					t.Errorf("%s is %s in the result, want %s as configured", name, results[name], want)
				}
			}
			if got := stringOf(t, results["status"]); got != "COMPLETED" {
				t.Errorf("status is %q, want COMPLETED", got)
			}
			companies := elementsOf(t, results["companies"])
			switch {
			case test.companies >= 0 && len(companies) != test.companies:
				t.Errorf("%d companies, want %d", len(companies), test.companies)
			case test.companies < 0 && (len(companies) == 0 || len(companies) == 250):
				t.Errorf("%d companies, want some of 250", len(companies))
			}
			for _, company := range companies {
				if least, limited := test.arguments["min_match_score"]; limited && floatOf(t, company["match_score"]) < floatOf(t, least) {
					t.Errorf("%s has a score of %s", stringOf(t, company["name"]), company["match_score"])
				}
			}
			if len(companies) > 0 {
				people := elementsOf(t, companies[0]["prospects"])
				if len(people) != 1 || stringOf(t, people[0]["email"]) != guideEmail {
					t.Errorf("the people of the first company are %v, want one with the address %s", people, guideEmail)
				}
			}
			if orders, pages := sim.Count("GET", "/orders/*"), sim.Count("GET", "/orders/*/results"); orders != 1 || pages != test.pages {
				t.Errorf("%d requests for the order and %d for results, want 1 and %d", orders, pages, test.pages)
			}
		})
	}
}

func TestOpenDiscoveryOrderResults_notCompleted(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"RECEIVED", "ACCEPTED", "IN_PROGRESS", "REJECTED", "CANCELLED", "FAILED"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			id := sim.AddOrder(nil)
			sim.SetOrderStatus(id, status, "")

			results, diagnostics := openResults(t, configuredServer(t, sim), map[string]tftypes.Value{"order_id": text(id)})
			expectNoErrors(t, diagnostics)
			if got := stringOf(t, results["status"]); got != status {
				t.Errorf("status is %q, want %q", got, status)
			}
			if companies := results["companies"]; companies.IsNull() || len(elementsOf(t, companies)) != 0 {
				t.Errorf("companies are %s, want an empty list", companies)
			}
			if got := floatOf(t, results["total"]); got != 0 {
				t.Errorf("total is %v, want 0", got)
			}
			if got := len(sim.Journal()); got != 1 {
				t.Errorf("%d requests, want 1: there cannot be results", got)
			}
		})
	}
}

func TestOpenDiscoveryOrderResults_errors(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	enrichment := sim.AddOrder(map[string]any{"order_type": "ENRICHMENT"})
	unconfigured := protocolServer(t)
	unknown := protocolServer(t)
	expectNoErrors(
		t,
		configureProvider(t, unknown, map[string]tftypes.Value{"api_key": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)}),
	)

	for _, test := range []struct {
		reason string
		server tfprotov6.ProviderServer
		id     string
		words  string
	}{
		{"an order that does not exist", configuredServer(t, sim), "0d9f6b2c-5a3e-4c57-9f0e-2f6a1c3b7d11", "ORDER_NOT_FOUND"},
		{"an order of another type", configuredServer(t, sim), enrichment, "ENRICHMENT"},
		{"a provider that is not configured", unconfigured, "o1", "used before the provider was configured"},
		{"a provider with an unknown key", unknown, "o1", "provider argument api_key depends on a value"},
	} {
		results, diagnostics := openResults(t, test.server, map[string]tftypes.Value{"order_id": text(test.id)})
		if len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Detail, test.words) {
			t.Errorf("%s: got %+v, want one error that says %q", test.reason, diagnostics, test.words)
		}
		if _, read := results["companies"]; read && !results["companies"].IsNull() {
			t.Errorf("%s: there are companies all the same", test.reason)
		}
	}
}

func TestDiscoveryOrderResultsEphemeralValidation(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		argument string
		value    tftypes.Value
		words    string
	}{
		{"order_id", text(""), "order_id must not be empty"},
		{"min_match_score", number(11), "between"},
		{"delivered_since", text("yesterday"), "ISO 8601"},
		{"max_companies", number(0), "at least 1"},
	} {
		arguments := map[string]tftypes.Value{"order_id": text("o1")}
		arguments[test.argument] = test.value
		resp, err := protocolServer(t).ValidateEphemeralResourceConfig(t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{
			TypeName: resultsType, Config: dynamicValue(t, providerSchema(t).EphemeralResourceSchemas[resultsType], arguments),
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(resp.Diagnostics) != 1 || !strings.Contains(resp.Diagnostics[0].Detail, test.words) {
			t.Errorf("%s: got %+v, want one error that says %q", test.argument, resp.Diagnostics, test.words)
		}
	}
}

// TestResultsEphemeralAsData compares the two ways to read results: what one has and the other lacks is a decision.
func TestResultsEphemeralAsData(t *testing.T) {
	t.Parallel()
	schemas := providerSchema(t)
	ephemeral := schemas.EphemeralResourceSchemas[resultsType].Block.Attributes
	data := slices.DeleteFunc(slices.Clone(schemas.DataSourceSchemas[resultsType].Block.Attributes), func(a *tfprotov6.SchemaAttribute) bool {
		// Prospects are always there where nothing is kept.
		return a.Name == "include_prospects"
	})
	expectSame(t, "attributes", attributeShapes(data), attributeShapes(ephemeral))
	if text := fmt.Sprint(describe(ephemeral)); strings.Contains(text, "include_prospects") {
		t.Errorf("descriptions speak of an attribute that is not there: %s", text)
	}
}

// describe returns the descriptions of attributes, nested ones included.
func describe(attributes []*tfprotov6.SchemaAttribute) []string {
	var descriptions []string
	for _, a := range attributes {
		descriptions = append(descriptions, a.Description)
		if a.NestedType != nil {
			descriptions = append(descriptions, describe(a.NestedType.Attributes)...)
		}
	}
	return descriptions
}

// attributeShapes tell all about attributes but their descriptions.
func attributeShapes(attributes []*tfprotov6.SchemaAttribute) map[string]string {
	shapes := map[string]string{}
	for _, a := range attributes {
		shapes[a.Name] = fmt.Sprintf(
			"%v required=%t optional=%t computed=%t sensitive=%t",
			a.Type,
			a.Required,
			a.Optional,
			a.Computed,
			a.Sensitive,
		)
		if a.NestedType != nil {
			shapes[a.Name] += fmt.Sprintf(" %v %v", a.NestedType.Nesting, attributeShapes(a.NestedType.Attributes))
		}
	}
	return shapes
}

func TestAccDiscoveryOrderResultsEphemeral(t *testing.T) {
	t.Parallel()
	requireFeature(t, ephemeralResources)
	sim := startSimulator(t, simulator.Options{})
	id := completedOrder(sim)
	echoed := tfjsonpath.New("data")

	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"openprospect": factories["openprospect"],
			"echo":         echoprovider.NewProviderServer(),
		},
		Steps: []resource.TestStep{{
			Config: configure(sim, fmt.Sprintf(`
ephemeral "openprospect_discovery_order_results" "test" {
  order_id = %q
}
provider "echo" {
  data = ephemeral.openprospect_discovery_order_results.test
}
resource "echo" "test" {}
`, id)),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("echo.test", echoed.AtMapKey("status"), knownvalue.StringExact("COMPLETED")),
				statecheck.ExpectKnownValue("echo.test", echoed.AtMapKey("total"), knownvalue.Int64Exact(47)),
				statecheck.ExpectKnownValue("echo.test", echoed.AtMapKey("companies"), knownvalue.ListSizeExact(47)),
				statecheck.ExpectKnownValue("echo.test", echoed.AtMapKey("companies").AtSliceIndex(0),
					guideCompany(knownvalue.ListExact([]knownvalue.Check{guideProspect}))),
			},
		}},
	})
}

// noPeopleIn looks for people in what Terraform writes down of a plan or a state.
func noPeopleIn(what string, written any) error {
	text, err := json.Marshal(written)
	if err != nil {
		return err
	}
	for _, trace := range []string{guideEmail, "Weber", "ceo@"} {
		if strings.Contains(string(text), trace) {
			return fmt.Errorf("%s holds %q", what, trace)
		}
	}
	return nil
}

// noPeople checks that neither plan nor state holds people.
type noPeople struct{}

func (noPeople) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = noPeopleIn("the plan", req.Plan)
}

func (noPeople) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = noPeopleIn("the state", req.State)
}

// TestAccDiscoveryOrderResultsEphemeral_writeOnly applies the guide's example with a stand-in for the AWS provider
// that has the example's write-only argument: the addresses arrive there, and nowhere else.
func TestAccDiscoveryOrderResultsEphemeral_writeOnly(t *testing.T) {
	t.Parallel()
	requireFeature(t, writeOnlyArguments)
	sim := startSimulator(t, simulator.Options{})
	id := completedOrder(sim)
	secrets := &secretStore{}
	example, err := os.ReadFile(filepath.Join("..", "..", "examples", "guides", "people", "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	// The test names the providers by itself.
	_, body, found := strings.Cut(string(example), "\n}\n")
	if !found || !strings.HasPrefix(string(example), "terraform {") {
		t.Fatal("the example does not begin with a terraform block")
	}
	step := func(version int) resource.TestStep {
		return resource.TestStep{
			Config:            configure(sim, body),
			ConfigVariables:   config.Variables{"order_id": config.StringVariable(id), "recipients_version": config.IntegerVariable(version)},
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{noPeople{}}},
			ConfigStateChecks: []statecheck.StateCheck{noPeople{}},
		}
	}

	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"openprospect": factories["openprospect"],
			"aws":          providerserver.NewProtocol6WithError(&secretProvider{store: secrets}),
		},
		Steps:        []resource.TestStep{step(1), step(2)},
		CheckDestroy: func(*terraform.State) error { return onlyReads(sim) },
	})

	written := secrets.all()
	if len(written) != 2 {
		t.Fatalf("the secret was written %d times, want once for each of two versions", len(written))
	}
	var want []string
	for _, company := range resultsOf(t, sim, id) {
		for _, person := range elementsOf(t, company["prospects"]) {
			want = append(want, stringOf(t, person["email"]))
		}
	}
	for _, secret := range written {
		var got []string
		if err := json.Unmarshal([]byte(secret), &got); err != nil {
			t.Fatal(err)
		}
		expectSame(t, "addresses in the secret", want, got)
		if !slices.Contains(got, guideEmail) {
			t.Errorf("%s is not among the %d addresses", guideEmail, len(got))
		}
	}
}

// resultsOf are the companies that the example wants.
func resultsOf(t *testing.T, sim *simulator.Server, id string) []map[string]tftypes.Value {
	t.Helper()
	results, diagnostics := openResults(
		t,
		configuredServer(t, sim),
		map[string]tftypes.Value{"order_id": text(id), "min_match_score": number(8)},
	)
	expectNoErrors(t, diagnostics)
	return elementsOf(t, results["companies"])
}

// onlyReads checks that nothing was written.
func onlyReads(sim *simulator.Server) error {
	for _, request := range sim.Journal() {
		if request.Method != "GET" {
			return fmt.Errorf("%s %s was sent", request.Method, request.Path)
		}
	}
	return nil
}

// secretStore is where secrets arrive.
type secretStore struct {
	mu      sync.Mutex
	written []string
}

func (s *secretStore) write(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written = append(s.written, secret)
}

func (s *secretStore) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.written)
}

// secretProvider stands in for the AWS provider, as far as the example needs it.
type secretProvider struct{ store *secretStore }

func (p *secretProvider) Metadata(_ context.Context, _ frameworkprovider.MetadataRequest, resp *frameworkprovider.MetadataResponse) {
	resp.TypeName = "aws"
}

func (p *secretProvider) Schema(context.Context, frameworkprovider.SchemaRequest, *frameworkprovider.SchemaResponse) {
}

func (p *secretProvider) Configure(context.Context, frameworkprovider.ConfigureRequest, *frameworkprovider.ConfigureResponse) {
}

func (p *secretProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (p *secretProvider) Resources(context.Context) []func() frameworkresource.Resource {
	return []func() frameworkresource.Resource{
		func() frameworkresource.Resource { return &secretResource{} },
		func() frameworkresource.Resource { return &secretVersionResource{store: p.store} },
	}
}

// keptAsPlanned is a resource that holds in state what was planned, and an id.
type keptAsPlanned struct{}

func (keptAsPlanned) Create(ctx context.Context, req frameworkresource.CreateRequest, resp *frameworkresource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), "an-id")...)
}

func (keptAsPlanned) Read(context.Context, frameworkresource.ReadRequest, *frameworkresource.ReadResponse) {
}

func (keptAsPlanned) Update(_ context.Context, req frameworkresource.UpdateRequest, resp *frameworkresource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}

func (keptAsPlanned) Delete(context.Context, frameworkresource.DeleteRequest, *frameworkresource.DeleteResponse) {
}

type secretResource struct{ keptAsPlanned }

func (*secretResource) Metadata(_ context.Context, _ frameworkresource.MetadataRequest, resp *frameworkresource.MetadataResponse) {
	resp.TypeName = "aws_secretsmanager_secret"
}

func (*secretResource) Schema(_ context.Context, _ frameworkresource.SchemaRequest, resp *frameworkresource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":   schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
		"name": schema.StringAttribute{Required: true},
	}}
}

type secretVersionResource struct {
	keptAsPlanned

	store *secretStore
}

func (*secretVersionResource) Metadata(_ context.Context, _ frameworkresource.MetadataRequest, resp *frameworkresource.MetadataResponse) {
	resp.TypeName = "aws_secretsmanager_secret_version"
}

func (*secretVersionResource) Schema(_ context.Context, _ frameworkresource.SchemaRequest, resp *frameworkresource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":               schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
		"secret_id":        schema.StringAttribute{Required: true},
		"secret_string_wo": schema.StringAttribute{Optional: true, WriteOnly: true},
		"secret_string_wo_version": schema.Int64Attribute{
			Optional: true, PlanModifiers: []planmodifier.Int64{int64planmodifier.RequiresReplace()},
		},
	}}
}

func (r *secretVersionResource) Create(ctx context.Context, req frameworkresource.CreateRequest, resp *frameworkresource.CreateResponse) {
	var secret types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("secret_string_wo"), &secret)...)
	r.store.write(secret.ValueString())
	r.keptAsPlanned.Create(ctx, req, resp)
}

// TestAccDiscoveryOrderResultsEphemeral_provisioner applies the registry's example with a saved plan: the addresses
// reach the provisioner, and no file that Terraform writes.
func TestAccDiscoveryOrderResultsEphemeral_provisioner(t *testing.T) {
	t.Parallel()
	cli := prepareCLI(t)
	requireFeature(t, ephemeralResources)
	sim := startSimulator(t, simulator.Options{Review: simulator.Review{Companies: 250}})
	id := completedOrder(sim)
	directory := copyExample(t, filepath.Join("ephemeral-resources", resultsType))
	outbox := filepath.Join(t.TempDir(), "outbox")
	environ := cli.Environ(
		"OPENPROSPECT_API_KEY="+sim.APIKey(), "OPENPROSPECT_BASE_URL="+sim.URL(), "OUTBOX="+outbox,
		"TF_VAR_order_id="+id, `TF_VAR_mailing_script=printf %s "$RECIPIENTS" > "$OUTBOX"`,
	)
	run := func(arguments ...string) {
		t.Helper()
		sim.ResetJournal()
		if output, err := cli.Command(directory, environ, arguments...).CombinedOutput(); err != nil {
			t.Fatalf("terraform %v: %v\n%s", arguments, err, output)
		} else if err := noPeopleIn("the output of "+arguments[0], string(output)); err != nil {
			t.Error(err)
		}
		if orders, pages := sim.Count("GET", "/orders/*"), sim.Count("GET", "/orders/*/results"); orders != 1 || pages != 3 {
			t.Errorf("terraform %s: %d requests for the order and %d for its 250 companies, want 1 and 3", arguments[0], orders, pages)
		}
	}

	run("plan", "-out=saved.plan", "-no-color")
	plan, err := cli.Command(directory, environ, "show", "-json", "saved.plan").Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := noPeopleIn("the plan", string(plan)); err != nil {
		t.Error(err)
	}
	run("apply", "-no-color", "saved.plan")
	state, err := os.ReadFile(filepath.Join(directory, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	if err := noPeopleIn("the state", string(state)); err != nil {
		t.Error(err)
	}
	sent, err := os.ReadFile(outbox)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(string(sent), ","); got[0] != guideEmail || len(got) < 2 {
		t.Errorf("the provisioner got %q, want the addresses of the companies with a score of 8 or more, %s first", sent, guideEmail)
	}
}
