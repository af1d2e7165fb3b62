package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	dataschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
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

func (r *discoveryOrderResultsEphemeralResource) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_discovery_order_results"
}

func (r *discoveryOrderResultsEphemeralResource) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The companies that a discovery order has found, with the people at each of them, without a trace in state or plan. Needs Terraform 1.10 or OpenTofu 1.11.\n\n" +
			"Its values can go into write-only arguments, provisioners and provider configurations, not into outputs of the root module. " +
			"Every plan opens it, also one without changes, and every apply opens it again: each time at one request for the order and one per 100 companies. " +
			"Until the order is `COMPLETED`, `companies` is empty and `status` says why.",
		Attributes: map[string]schema.Attribute{
			"order_id": schema.StringAttribute{
				MarkdownDescription: "ID of the order.",
				Required:            true,
				Validators:          []validator.String{orderText(0)},
			},
			"min_match_score": schema.Float64Attribute{
				MarkdownDescription: "Leave out companies with a lower match score, or with none; 0 to 10. Defaults to all. The API has no such filter: all companies are read.",
				Optional:            true,
				Validators:          []validator.Float64{float64validator.Between(0, 10)},
			},
			"delivered_since": schema.StringAttribute{
				MarkdownDescription: "Only companies that were delivered after this ISO 8601 timestamp, such as `2026-03-02T14:30:00Z`. Defaults to all.",
				Optional:            true,
				Validators:          []validator.String{isTimestamp()},
			},
			"max_companies": schema.Int64Attribute{
				MarkdownDescription: "Read at most that many companies, at least 1. Defaults to 1,000. `total` says how many there are.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.AtLeast(1)},
			},
			"status": schema.StringAttribute{MarkdownDescription: "Status of the order.", Computed: true},
			"total": schema.Int64Attribute{
				MarkdownDescription: "How many companies the API holds, before `min_match_score` and `max_companies`; 0 until the order is `COMPLETED`.",
				Computed:            true,
			},
			"companies": schema.ListNestedAttribute{
				MarkdownDescription: "The companies, in the API's order.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: ephemeralAttributes(companyAttributes("People at the company."))},
			},
		},
	}
}

func (r *discoveryOrderResultsEphemeralResource) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
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
			converted[name] = schema.StringAttribute{MarkdownDescription: a.MarkdownDescription, Computed: true, Sensitive: a.Sensitive}
		case dataschema.Int64Attribute:
			converted[name] = schema.Int64Attribute{MarkdownDescription: a.MarkdownDescription, Computed: true, Sensitive: a.Sensitive}
		case dataschema.Float64Attribute:
			converted[name] = schema.Float64Attribute{MarkdownDescription: a.MarkdownDescription, Computed: true, Sensitive: a.Sensitive}
		case dataschema.ListAttribute:
			converted[name] = schema.ListAttribute{MarkdownDescription: a.MarkdownDescription, Computed: true, Sensitive: a.Sensitive, ElementType: a.ElementType}
		case dataschema.ListNestedAttribute:
			converted[name] = schema.ListNestedAttribute{
				MarkdownDescription: a.MarkdownDescription,
				Computed:            true,
				Sensitive:           a.Sensitive,
				NestedObject:        schema.NestedAttributeObject{Attributes: ephemeralAttributes(a.NestedObject.Attributes)},
			}
		default:
			panic(fmt.Sprintf("no ephemeral form of %T (%s)", attribute, name))
		}
	}
	return converted
}
