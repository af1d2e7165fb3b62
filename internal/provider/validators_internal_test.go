package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// validatedArguments are the arguments of everything that the provider offers, by names such as "resource_blacklist.name".
func validatedArguments(t *testing.T) map[string]any {
	t.Helper()
	p := &openprospectProvider{}
	arguments := make(map[string]any)
	for _, r := range p.Resources(t.Context()) {
		var metadata resource.MetadataResponse
		var schema resource.SchemaResponse
		r().Metadata(t.Context(), resource.MetadataRequest{}, &metadata)
		r().Schema(t.Context(), resource.SchemaRequest{}, &schema)
		addArguments(arguments, "resource"+metadata.TypeName, schema.Schema.Attributes)
	}
	for _, d := range p.DataSources(t.Context()) {
		var metadata datasource.MetadataResponse
		var schema datasource.SchemaResponse
		d().Metadata(t.Context(), datasource.MetadataRequest{}, &metadata)
		d().Schema(t.Context(), datasource.SchemaRequest{}, &schema)
		addArguments(arguments, "data"+metadata.TypeName, schema.Schema.Attributes)
	}
	for _, e := range p.EphemeralResources(t.Context()) {
		var metadata ephemeral.MetadataResponse
		var schema ephemeral.SchemaResponse
		e().Metadata(t.Context(), ephemeral.MetadataRequest{}, &metadata)
		e().Schema(t.Context(), ephemeral.SchemaRequest{}, &schema)
		addArguments(arguments, "ephemeral"+metadata.TypeName, schema.Schema.Attributes)
	}
	for _, l := range p.ListResources(t.Context()) {
		var metadata resource.MetadataResponse
		var schema list.ListResourceSchemaResponse
		l().Metadata(t.Context(), resource.MetadataRequest{}, &metadata)
		l().ListResourceConfigSchema(t.Context(), list.ListResourceSchemaRequest{}, &schema)
		addArguments(arguments, "list"+metadata.TypeName, schema.Schema.Attributes)
	}
	return arguments
}

func addArguments[A any](arguments map[string]any, owner string, attributes map[string]A) {
	for name, attribute := range attributes {
		arguments[owner+"."+name] = attribute
	}
}

// TestEmptyArguments sets each argument to a value that says nothing. One that is required cannot be left out instead.
func TestEmptyArguments(t *testing.T) {
	t.Parallel()
	arguments := validatedArguments(t)
	for name, required := range map[string]bool{
		"resource_blacklist.name": true, "resource_blacklist.description": false,
		"resource_blacklist_entry.blacklist_id": true, "resource_blacklist_entry.city": false,
		"resource_blacklist_entries.blacklist_id": true,
		"resource_discovery_order.title":          true, "resource_discovery_order.ideal_customer_profile": false,
		"resource_discovery_order.features": true, "resource_discovery_order.target_cities": false,
		"resource_discovery_order.seller_industry": false,
		"data_blacklist_entries.blacklist_id":      true, "data_blacklist.id": false,
		"data_discovery_order.id": true, "data_discovery_orders.status": false,
		"data_discovery_order_results.order_id": true, "ephemeral_discovery_order_results.order_id": true,
		"list_blacklist_entry.blacklist_id": true, "list_discovery_order.status": false,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			switch argument := arguments[name].(type) {
			case interface{ StringValidators() []validator.String }:
				resp := &validator.StringResponse{}
				for _, v := range argument.StringValidators() {
					v.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("argument"), ConfigValue: types.StringValue(" ")}, resp)
				}
				diags = resp.Diagnostics
				wantWords(t, diags[0].Detail(), "argument must not be empty or only white space")
			case interface{ SetValidators() []validator.Set }:
				resp := &validator.SetResponse{}
				for _, v := range argument.SetValidators() {
					v.ValidateSet(t.Context(), validator.SetRequest{Path: path.Root("argument"), ConfigValue: setOf()}, resp)
				}
				diags = resp.Diagnostics
				wantWords(t, diags[0].Detail(), "argument must have at least one element")
			default:
				t.Fatalf("no such argument, or one of another type: %T", argument)
			}
			if leaveOut := strings.Contains(strings.ToLower(diags[0].Detail()), "leave it out"); leaveOut == required {
				t.Errorf("required is %t, and the error says: %s", required, diags[0].Detail())
			}
		})
	}
}
