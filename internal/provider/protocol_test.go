package provider_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// protocolServer is the provider as Terraform sees it, without Terraform: for
// what the Terraform at hand is too old to ask for, and for warnings.
func protocolServer(t *testing.T) tfprotov6.ProviderServer {
	t.Helper()
	server, err := factories["openprospect"]()
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// builtSchema is the schema, made once for all tests: that takes longer than most of them.
var builtSchema = sync.OnceValues(func() (*tfprotov6.GetProviderSchemaResponse, error) {
	server, err := factories["openprospect"]()
	if err != nil {
		return nil, err
	}
	return server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
})

func providerSchema(t *testing.T) *tfprotov6.GetProviderSchemaResponse {
	t.Helper()
	schema, err := builtSchema()
	if err != nil {
		t.Fatal(err)
	}
	for _, diagnostic := range schema.Diagnostics {
		t.Fatalf("%s: %s", diagnostic.Summary, diagnostic.Detail)
	}
	return schema
}

// configureProvider configures server with the given arguments, the others null.
func configureProvider(t *testing.T, server tfprotov6.ProviderServer, arguments map[string]tftypes.Value) []*tfprotov6.Diagnostic {
	t.Helper()
	config := dynamicValue(t, providerSchema(t).Provider, arguments)
	resp, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.12.0", Config: config})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

// readDataSource reads a data source with the given arguments, the others null.
func readDataSource(
	t *testing.T,
	server tfprotov6.ProviderServer,
	name string,
	arguments map[string]tftypes.Value,
) (map[string]tftypes.Value, []*tfprotov6.Diagnostic) {
	t.Helper()
	schema := providerSchema(t).DataSourceSchemas[name]
	resp, err := server.ReadDataSource(
		t.Context(),
		&tfprotov6.ReadDataSourceRequest{TypeName: name, Config: dynamicValue(t, schema, arguments)},
	)
	if err != nil {
		t.Fatal(err)
	}
	return attributesOf(t, schema, resp.State), resp.Diagnostics
}

// dynamicValue is an object of the schema with the given attributes, the others null.
func dynamicValue(t *testing.T, schema *tfprotov6.Schema, attributes map[string]tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	objectType, ok := schema.ValueType().(tftypes.Object)
	if !ok {
		t.Fatalf("schema is %s, not an object", schema.ValueType())
	}
	values := make(map[string]tftypes.Value, len(objectType.AttributeTypes))
	for name, attributeType := range objectType.AttributeTypes {
		values[name] = tftypes.NewValue(attributeType, nil)
	}
	for name, value := range attributes {
		if _, ok := values[name]; !ok {
			t.Fatalf("the schema has no attribute %q", name)
		}
		values[name] = value
	}
	dynamic, err := tfprotov6.NewDynamicValue(objectType, tftypes.NewValue(objectType, values))
	if err != nil {
		t.Fatal(err)
	}
	return &dynamic
}

// attributesOf decodes an object of the schema; nil is a null object, or none.
func attributesOf(t *testing.T, schema *tfprotov6.Schema, dynamic *tfprotov6.DynamicValue) map[string]tftypes.Value {
	t.Helper()
	if dynamic == nil {
		return nil
	}
	value, err := dynamic.Unmarshal(schema.ValueType())
	if err != nil {
		t.Fatal(err)
	}
	if value.IsNull() {
		return nil
	}
	var attributes map[string]tftypes.Value
	if err := value.As(&attributes); err != nil {
		t.Fatal(err)
	}
	return attributes
}

// text is a known string.
func text(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

// configuredServer is a provider configured for the simulator.
func configuredServer(t *testing.T, sim *simulator.Server) tfprotov6.ProviderServer {
	t.Helper()
	server := protocolServer(t)
	diagnostics := configureProvider(t, server, map[string]tftypes.Value{"api_key": text(sim.APIKey()), "base_url": text(sim.URL())})
	expectNoErrors(t, diagnostics)
	return server
}

func expectNoErrors(t *testing.T, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	for _, diagnostic := range diagnostics {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			t.Fatalf("%s: %s", diagnostic.Summary, diagnostic.Detail)
		}
	}
}

// protocolResource is one resource as Terraform keeps it between two calls.
type protocolResource struct {
	name     string
	state    *tfprotov6.DynamicValue
	identity *tfprotov6.ResourceIdentityData
	private  []byte
	// warnings are the details of the last call's warnings.
	warnings []string
}

func (r *protocolResource) hasState(t *testing.T) bool {
	t.Helper()
	return attributesOf(t, providerSchema(t).ResourceSchemas[r.name], r.state) != nil
}

func (r *protocolResource) noteWarnings(t *testing.T, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	if failed := r.note(diagnostics); failed != "" {
		t.Fatal(failed)
	}
}

// note keeps the warnings and returns the errors; "" is none.
func (r *protocolResource) note(diagnostics []*tfprotov6.Diagnostic) string {
	var failed []string
	for _, diagnostic := range diagnostics {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			failed = append(failed, diagnostic.Summary+": "+diagnostic.Detail)
		} else {
			r.warnings = append(r.warnings, diagnostic.Detail)
		}
	}
	return strings.Join(failed, "\n")
}

// plan plans the arguments, or with nil the destruction.
func (r *protocolResource) plan(
	t *testing.T,
	server tfprotov6.ProviderServer,
	arguments map[string]tftypes.Value,
) *tfprotov6.PlanResourceChangeResponse {
	t.Helper()
	plan, failed := r.tryPlan(t, server, arguments)
	if failed != "" {
		t.Fatal(failed)
	}
	return plan
}

// tryPlan is plan where it may fail; it returns the errors.
func (r *protocolResource) tryPlan(
	t *testing.T, server tfprotov6.ProviderServer, arguments map[string]tftypes.Value,
) (*tfprotov6.PlanResourceChangeResponse, string) {
	t.Helper()
	schema := providerSchema(t).ResourceSchemas[r.name]
	config := objectOrNull(t, schema, arguments)
	proposed := config
	if r.hasState(t) && arguments != nil {
		proposed = dynamicValue(t, schema, withComputed(schema, arguments, attributesOf(t, schema, r.state)))
	}
	plan, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: r.name, PriorState: r.prior(t, schema), ProposedNewState: proposed, Config: config,
		PriorPrivate: r.private, PriorIdentity: r.identity,
	})
	if err != nil {
		t.Fatal(err)
	}
	r.warnings = nil
	return plan, r.note(plan.Diagnostics)
}

// expectUnchanged plans the arguments, which must change nothing.
func (r *protocolResource) expectUnchanged(t *testing.T, server tfprotov6.ProviderServer, arguments map[string]tftypes.Value) {
	t.Helper()
	schema := providerSchema(t).ResourceSchemas[r.name]
	plan := r.plan(t, server, arguments)
	held, planned := attributesOf(t, schema, r.state), attributesOf(t, schema, plan.PlannedState)
	for name := range held {
		if !held[name].Equal(planned[name]) {
			t.Errorf("%s is planned as %s, state holds %s", name, planned[name], held[name])
		}
	}
	if len(plan.RequiresReplace) > 0 {
		t.Errorf("requires replace: %s", replacedNames(plan))
	}
}

// prior is the state as Terraform hands it to a plan: null where there is none.
func (r *protocolResource) prior(t *testing.T, schema *tfprotov6.Schema) *tfprotov6.DynamicValue {
	t.Helper()
	if r.state != nil {
		return r.state
	}
	return objectOrNull(t, schema, nil)
}

// objectOrNull is dynamicValue, or null for no attributes at all.
func objectOrNull(t *testing.T, schema *tfprotov6.Schema, attributes map[string]tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	if attributes != nil {
		return dynamicValue(t, schema, attributes)
	}
	null, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), nil))
	if err != nil {
		t.Fatal(err)
	}
	return &null
}

// carryOut applies what was planned, for the arguments or with nil the destruction.
func (r *protocolResource) carryOut(
	t *testing.T,
	server tfprotov6.ProviderServer,
	plan *tfprotov6.PlanResourceChangeResponse,
	arguments map[string]tftypes.Value,
) {
	t.Helper()
	if failed := r.tryCarryOut(t, server, plan, arguments); failed != "" {
		t.Fatal(failed)
	}
}

// tryCarryOut is carryOut where it may fail; it returns the errors.
func (r *protocolResource) tryCarryOut(
	t *testing.T, server tfprotov6.ProviderServer, plan *tfprotov6.PlanResourceChangeResponse, arguments map[string]tftypes.Value,
) string {
	t.Helper()
	schema := providerSchema(t).ResourceSchemas[r.name]
	applied, err := server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: r.name, PriorState: r.prior(t, schema), PlannedState: plan.PlannedState, Config: objectOrNull(t, schema, arguments),
		PlannedPrivate: plan.PlannedPrivate, PlannedIdentity: plan.PlannedIdentity,
	})
	if err != nil {
		t.Fatal(err)
	}
	r.state, r.identity, r.private = applied.NewState, applied.NewIdentity, applied.Private
	failed := r.note(applied.Diagnostics)
	if failed == "" {
		r.expectAsPlanned(t, attributesOf(t, schema, plan.PlannedState))
	}
	return failed
}

// expectAsPlanned holds the state to Terraform's rule: what was known in the plan is so after the apply, and nothing is unknown.
func (r *protocolResource) expectAsPlanned(t *testing.T, planned map[string]tftypes.Value) {
	t.Helper()
	state := attributesOf(t, providerSchema(t).ResourceSchemas[r.name], r.state)
	for name, value := range planned {
		if value.IsFullyKnown() && !value.Equal(state[name]) || !state[name].IsFullyKnown() {
			t.Errorf("%s of %s was planned as %s and is %s", name, r.name, value, state[name])
		}
	}
}

// expectSame compares the attributes with those of another state of the same resource, but for some.
func (r *protocolResource) expectSame(t *testing.T, other *protocolResource, but []string) {
	t.Helper()
	schema := providerSchema(t).ResourceSchemas[r.name]
	want := attributesOf(t, schema, other.state)
	for name, value := range attributesOf(t, schema, r.state) {
		if !value.Equal(want[name]) && !slices.Contains(but, name) {
			t.Errorf("%s of the imported %s is %s, want %s", name, r.name, value, want[name])
		}
	}
}

// attempt plans and applies where either may fail; it returns the errors.
func (r *protocolResource) attempt(t *testing.T, server tfprotov6.ProviderServer, arguments map[string]tftypes.Value) string {
	t.Helper()
	plan, failed := r.tryPlan(t, server, arguments)
	if failed != "" {
		return failed
	}
	return r.tryCarryOut(t, server, plan, arguments)
}

// apply plans and applies the arguments, as a create or as an update.
func (r *protocolResource) apply(t *testing.T, server tfprotov6.ProviderServer, arguments map[string]tftypes.Value) {
	t.Helper()
	r.carryOut(t, server, r.plan(t, server, arguments), arguments)
}

// withComputed returns arguments together with the computed attributes of prior, as Terraform proposes an update.
func withComputed(schema *tfprotov6.Schema, arguments, prior map[string]tftypes.Value) map[string]tftypes.Value {
	proposed := maps.Clone(arguments)
	for _, attribute := range schema.Block.Attributes {
		if _, set := arguments[attribute.Name]; attribute.Computed && !set {
			proposed[attribute.Name] = prior[attribute.Name]
		}
	}
	return proposed
}

// read refreshes the resource; false says that it was dropped.
func (r *protocolResource) read(t *testing.T, server tfprotov6.ProviderServer) bool {
	t.Helper()
	r.warnings = nil
	resp, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: r.name, CurrentState: r.state, Private: r.private, CurrentIdentity: r.identity,
	})
	if err != nil {
		t.Fatal(err)
	}
	r.noteWarnings(t, resp.Diagnostics)
	r.state, r.identity, r.private = resp.NewState, resp.NewIdentity, resp.Private
	return r.hasState(t)
}

// importByIdentity imports and reads the resource of that identity.
func importByIdentity(
	t *testing.T,
	server tfprotov6.ProviderServer,
	name string,
	identity *tfprotov6.ResourceIdentityData,
) *protocolResource {
	t.Helper()
	resp, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: name, Identity: identity})
	if err != nil {
		t.Fatal(err)
	}
	return readImported(t, server, name, resp)
}

// readImported reads the one resource that an import gave.
func readImported(
	t *testing.T,
	server tfprotov6.ProviderServer,
	name string,
	resp *tfprotov6.ImportResourceStateResponse,
) *protocolResource {
	t.Helper()
	expectNoErrors(t, resp.Diagnostics)
	if len(resp.ImportedResources) != 1 {
		t.Fatalf("%d resources were imported, want 1", len(resp.ImportedResources))
	}
	imported := resp.ImportedResources[0]
	r := &protocolResource{name: name, state: imported.State, identity: imported.Identity, private: imported.Private}
	if !r.read(t, server) {
		t.Fatal("the imported resource was not found")
	}
	return r
}

// attribute returns a string attribute of the state; "" is null.
func (r *protocolResource) attribute(t *testing.T, name string) string {
	t.Helper()
	return stringOf(t, attributesOf(t, providerSchema(t).ResourceSchemas[r.name], r.state)[name])
}

// identityAttributes are the identity's attributes, all of them strings.
func (r *protocolResource) identityAttributes(t *testing.T, server tfprotov6.ProviderServer) map[string]string {
	t.Helper()
	schemas, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	value, err := r.identity.IdentityData.Unmarshal(schemas.IdentitySchemas[r.name].ValueType())
	if err != nil {
		t.Fatal(err)
	}
	var attributes map[string]tftypes.Value
	if err := value.As(&attributes); err != nil {
		t.Fatal(err)
	}
	identity := make(map[string]string, len(attributes))
	for name, attribute := range attributes {
		identity[name] = stringOf(t, attribute)
	}
	return identity
}

func stringOf(t *testing.T, value tftypes.Value) string {
	t.Helper()
	var s *string
	if err := value.As(&s); err != nil {
		t.Fatal(err)
	}
	if s == nil {
		return ""
	}
	return *s
}
