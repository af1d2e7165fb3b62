package provider

import (
	"cmp"
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

var (
	_ list.ListResource              = (*discoveryOrderListResource)(nil)
	_ list.ListResourceWithConfigure = (*discoveryOrderListResource)(nil)
)

func newDiscoveryOrderListResource() list.ListResource { return &discoveryOrderListResource{} }

// discoveryOrderListResource finds orders for terraform query; name, schema and
// configuration are the resource's.
type discoveryOrderListResource struct{ discoveryOrderResource }

type discoveryOrderListModel struct {
	Status types.String `tfsdk:"status"`
}

func (r *discoveryOrderListResource) ListResourceConfigSchema(
	_ context.Context,
	_ list.ListResourceSchemaRequest,
	resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the discovery orders of the account, at one request per 100 orders. Requires Terraform 1.14. " +
			"Terraform lists at most 100 unless the `list` block sets a higher `limit`.\n\n" +
			"`terraform query -generate-config-out=generated.tf` writes a `resource` and an `import` block for each order. Some " +
			"arguments are missing there. The API does not return `ideal_customer_profile`, `blacklist_ids`, `contact_roles`, " +
			"`profile_name` and `profile_id`. Terraform leaves out `webhook_url` because it is sensitive. Add " +
			"`ideal_customer_profile`, which is required, and the others that the order has. The first apply after the import " +
			"saves them in state and places no order.",
		Attributes: map[string]schema.Attribute{
			"status": schema.StringAttribute{
				MarkdownDescription: "Only orders with this status, such as `COMPLETED`. If not set, all orders are listed.",
				Optional:            true,
				Validators:          []validator.String{notBlankValidator{}},
			},
		},
	}
}

func (r *discoveryOrderListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	var config discoveryOrderListModel
	diags.Append(req.Config.Get(ctx, &config)...)
	if diags.HasError() || !r.data.ready(&diags) {
		streamDiagnostics(stream, diags)
		return
	}
	orders, err := r.data.client.ListOrders(ctx, openprospect.ListOrdersOptions{
		Status:    trimmed(config.Status),
		OrderType: openprospect.OrderTypeDiscovery,
	})
	if err != nil {
		addAPIError(&diags, "list", "discovery orders", err, "status")
		streamDiagnostics(stream, diags)
		return
	}
	streamResults(ctx, req, stream, orders, func(order openprospect.Order, result *list.ListResult) {
		result.DisplayName = fmt.Sprintf("%s (%s, %s)", cmp.Or(order.Title, order.ID), order.Status, order.CreatedAt)
		result.Diagnostics.Append(result.Identity.SetAttribute(ctx, path.Root("id"), order.ID)...)
		if req.IncludeResource {
			r.include(ctx, &order, result)
		}
	})
}

// include adds what an import of the order would put into state. Rows of the
// list may hold less than the order itself shows (U9).
func (r *discoveryOrderListResource) include(ctx context.Context, order *openprospect.Order, result *list.ListResult) {
	if !order.Echoes("title") {
		whole, err := r.data.client.GetOrder(ctx, order.ID)
		if err != nil {
			addAPIError(&result.Diagnostics, "read", "discovery order "+order.ID, err)
			return
		}
		order = whole
	}
	result.Diagnostics.Append(result.Resource.Set(ctx, importedOrder(order))...)
}

// importedOrder is an order as an import leaves it: what the API does not show is null.
func importedOrder(order *openprospect.Order) discoveryOrderResourceModel {
	model := discoveryOrderResourceModel{
		ID: types.StringValue(order.ID),
		orderEchoModel: orderEchoModel{
			Features:           types.SetNull(types.StringType),
			TargetCountries:    types.SetNull(types.StringType),
			TargetCities:       types.SetNull(types.StringType),
			ExcludedIndustries: types.SetNull(types.StringType),
		},
		BlacklistIDs:       types.SetNull(types.StringType),
		ContactRoles:       types.SetNull(types.StringType),
		Keepers:            types.MapNull(types.StringType),
		Timeouts:           timeouts.Value{Object: types.ObjectNull(orderTimeoutTypes)},
		orderProgressModel: unknownProgress(),
	}
	model.adopt(order)
	model.merge(order)
	return model
}
