package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

var (
	_ datasource.DataSource              = (*discoveryOrdersDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*discoveryOrdersDataSource)(nil)
)

func newDiscoveryOrdersDataSource() datasource.DataSource { return &discoveryOrdersDataSource{} }

type discoveryOrdersDataSource struct{ data *providerData }

type discoveryOrdersDataSourceModel struct {
	Status types.String          `tfsdk:"status"`
	Orders []discoveryOrderModel `tfsdk:"orders"`
}

func (d *discoveryOrdersDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_discovery_orders"
}

func (d *discoveryOrdersDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists all discovery orders of the account, or those with one status. Sends one request per 100 " +
			"orders. Enrichment orders are left out of the result, but count for the requests.",
		Attributes: map[string]schema.Attribute{
			"status": schema.StringAttribute{
				MarkdownDescription: "Only orders with this status, such as `COMPLETED`. If not set, all orders are listed.",
				Optional:            true,
				Validators:          []validator.String{orderText(0)},
			},
			"orders": schema.ListNestedAttribute{
				MarkdownDescription: "The orders, in the order of the API.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: orderAttributes()},
			},
		},
	}
}

func (d *discoveryOrdersDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = unwrapProviderData(req.ProviderData, &resp.Diagnostics)
}

func (d *discoveryOrdersDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	if !d.data.ready(&resp.Diagnostics) {
		return
	}
	var config discoveryOrdersDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}

	orders, err := d.data.client.ListOrders(ctx, openprospect.ListOrdersOptions{
		Status:    trimmed(config.Status),
		OrderType: openprospect.OrderTypeDiscovery,
	})
	if err != nil {
		addAPIError(&resp.Diagnostics, "list", "discovery orders", err, "status")
		return
	}

	config.Orders = make([]discoveryOrderModel, len(orders))
	for i := range orders {
		config.Orders[i].fromAPI(&orders[i])
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}
