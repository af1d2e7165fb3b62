package provider

import (
	"context"
	"fmt"

	dataschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
)

var (
	_ ephemeral.EphemeralResource              = (*discoveryOrderResultsEphemeralResource)(nil)
	_ ephemeral.EphemeralResourceWithConfigure = (*discoveryOrderResultsEphemeralResource)(nil)
)

func newDiscoveryOrderResultsEphemeralResource() ephemeral.EphemeralResource {
	return &discoveryOrderResultsEphemeralResource{}
}

// discoveryOrderResultsEphemeralResource reads results with the people in them:
// nothing of it is written to state or plan.
type discoveryOrderResultsEphemeralResource struct{ data *providerData }

func (r *discoveryOrderResultsEphemeralResource) Metadata(
	_ context.Context,
	req ephemeral.MetadataRequest,
	resp *ephemeral.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_discovery_order_results"
}

func (r *discoveryOrderResultsEphemeralResource) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the companies that a discovery order has found, and the people at each of them. Nothing is " +
			"stored in state or plan. Requires Terraform 1.10 or OpenTofu 1.11.\n\n" +
			"Use the values in write-only arguments, provisioners and provider configurations. Outputs of the root module cannot " +
			"use them. Until the order is `COMPLETED`, `companies` is empty. `status` shows how far the order is.\n\n" +
			"Every plan and every apply reads the results, even without changes. Each time, it sends one request for the order " +
			"and one per 100 companies.",
		Attributes: ephemeralAttributes(resultsAttributes("People at the company.")),
	}
}

func (r *discoveryOrderResultsEphemeralResource) Configure(
	_ context.Context,
	req ephemeral.ConfigureRequest,
	resp *ephemeral.ConfigureResponse,
) {
	r.data = unwrapProviderData(req.ProviderData, &resp.Diagnostics)
}

func (r *discoveryOrderResultsEphemeralResource) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	if !r.data.ready(&resp.Diagnostics) {
		return
	}
	var results orderResultsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &results)...)
	if resp.Diagnostics.HasError() {
		return
	}
	results.read(ctx, r.data.client, true, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Result.Set(ctx, &results)...)
}

// ephemeralAttributes says of the ephemeral resource what is said of the data
// source: the framework has a type of its own for each kind of schema.
func ephemeralAttributes(attributes map[string]dataschema.Attribute) map[string]schema.Attribute {
	converted := make(map[string]schema.Attribute, len(attributes))
	for name, attribute := range attributes {
		switch a := attribute.(type) {
		case dataschema.StringAttribute:
			converted[name] = schema.StringAttribute{
				MarkdownDescription: a.MarkdownDescription, Required: a.Required, Optional: a.Optional, Computed: a.Computed,
				Sensitive: a.Sensitive, Validators: a.Validators,
			}
		case dataschema.Int64Attribute:
			converted[name] = schema.Int64Attribute{
				MarkdownDescription: a.MarkdownDescription, Required: a.Required, Optional: a.Optional, Computed: a.Computed,
				Sensitive: a.Sensitive, Validators: a.Validators,
			}
		case dataschema.Float64Attribute:
			converted[name] = schema.Float64Attribute{
				MarkdownDescription: a.MarkdownDescription, Required: a.Required, Optional: a.Optional, Computed: a.Computed,
				Sensitive: a.Sensitive, Validators: a.Validators,
			}
		case dataschema.ListAttribute:
			converted[name] = schema.ListAttribute{
				MarkdownDescription: a.MarkdownDescription, Required: a.Required, Optional: a.Optional, Computed: a.Computed,
				Sensitive: a.Sensitive, Validators: a.Validators, ElementType: a.ElementType,
			}
		case dataschema.ListNestedAttribute:
			converted[name] = schema.ListNestedAttribute{
				MarkdownDescription: a.MarkdownDescription, Required: a.Required, Optional: a.Optional, Computed: a.Computed,
				Sensitive: a.Sensitive, Validators: a.Validators,
				NestedObject: schema.NestedAttributeObject{Attributes: ephemeralAttributes(a.NestedObject.Attributes)},
			}
		default:
			panic(fmt.Sprintf("no ephemeral form of %T (%s)", attribute, name))
		}
	}
	return converted
}
