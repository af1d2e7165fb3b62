package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

var (
	_ datasource.DataSource              = (*discoveryOrderDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*discoveryOrderDataSource)(nil)
)

// resumeByRead says what to do about a wait that was cut short.
const resumeByRead = "Read it again later, or raise timeouts.read."

func newDiscoveryOrderDataSource() datasource.DataSource { return &discoveryOrderDataSource{} }

type discoveryOrderDataSource struct{ data *providerData }

type discoveryOrderDataSourceModel struct {
	discoveryOrderModel
	WaitForCompletion types.Bool     `tfsdk:"wait_for_completion"`
	Timeouts          timeouts.Value `tfsdk:"timeouts"`
}

func (d *discoveryOrderDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_discovery_order"
}

func (d *discoveryOrderDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := orderAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "ID of the order.",
		Required:            true,
		Validators:          []validator.String{requiredText(0)},
	}
	attributes["wait_for_completion"] = schema.BoolAttribute{
		MarkdownDescription: "Whether to wait until the order is completed. It is an error if the order ends in another status, " +
			"or does not complete in time. Defaults to `false`. Every plan and destroy reads data sources, so keep one that " +
			"waits in a configuration of its own.",
		Optional: true,
	}
	attributes["timeouts"] = schema.SingleNestedAttribute{
		MarkdownDescription: "How long to wait if `wait_for_completion` is `true`.",
		Optional:            true,
		CustomType:          timeouts.Type{ObjectType: types.ObjectType{AttrTypes: map[string]attr.Type{"read": types.StringType}}},
		Attributes: map[string]schema.Attribute{
			"read": schema.StringAttribute{
				MarkdownDescription: "A Go duration such as `90m` or `48h`, at least `1ms`. Defaults to `60m`.",
				Optional:            true,
				Validators:          []validator.String{durationValidator{min: time.Millisecond}},
			},
		},
	}

	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads a discovery order and its status. With `wait_for_completion`, a pipeline can wait for the " +
			"order. Sends one request. While it waits, it sends one per `poll_interval` of the provider.",
		Attributes: attributes,
	}
}

// orderAttributes describe an order of the API, everything computed.
func orderAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	texts := func(description string) schema.SetAttribute {
		return schema.SetAttribute{MarkdownDescription: description, Computed: true, ElementType: types.StringType}
	}
	return map[string]schema.Attribute{
		"id":                  text("ID of the order."),
		"title":               text("Name of the order."),
		"features":            texts("Features of the order."),
		"seller_offering":     text("What your company sells."),
		"target_countries":    texts("Countries to search in."),
		"seller_industry":     text("Your company's industry."),
		"target_cities":       texts("Cities to focus on."),
		"excluded_industries": texts("Industries to leave out."),
		"output_language":     text("Language of the results."),
		"priority":            text("`NORMAL` or `EXPRESS`."),
		"webhook_url": schema.StringAttribute{
			MarkdownDescription: "URL that OpenProspect calls when the status changes.",
			Computed:            true,
			Sensitive:           true,
		},
		"briefing_quantity": schema.Int64Attribute{
			MarkdownDescription: "Number of qualified companies to find. Null if the API does not return it.",
			Computed:            true,
		},
		"status": text("Status of the order: `RECEIVED`, `ACCEPTED`, `IN_PROGRESS`, `COMPLETED`, `CANCELLED`, `REJECTED` or " +
			"`FAILED`. The API may add others."),
		"company_count": schema.Int64Attribute{
			MarkdownDescription: "Number of companies found. 0 at first.",
			Computed:            true,
		},
		"estimated_cost": schema.SingleNestedAttribute{
			MarkdownDescription: "Estimated cost of the order. Null until it is known.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"total":    schema.Float64Attribute{MarkdownDescription: "Amount.", Computed: true},
				"currency": text("Currency of the amount."),
			},
		},
		"prospect_search_id": text("ID of the prospect search that finds the companies. Null at first."),
		"admin_notes":        text("Notes from OpenProspect, such as why an order was rejected."),
		"message":            text("Message from the API, if any."),
		"created_at":         text("When the order was placed."),
		"accepted_at":        text("When the order was accepted."),
		"completed_at":       text("When the order was completed."),
		"cancelled_at":       text("When the order was cancelled."),
	}
}

func (d *discoveryOrderDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = unwrapProviderData(req.ProviderData, &resp.Diagnostics)
}

func (d *discoveryOrderDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	if !d.data.ready(&resp.Diagnostics) {
		return
	}
	var config discoveryOrderDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	timeout, diags := config.Timeouts.Read(ctx, defaultOrderTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	id := trimmed(config.ID)

	order := d.read(ctx, id, config.WaitForCompletion.ValueBool(), timeout, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !isDiscovery(order, &resp.Diagnostics) {
		return
	}

	configuredID := config.ID
	config.fromAPI(order)
	config.ID = configuredID
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

// read reads the order, or waits until it is complete.
func (d *discoveryOrderDataSource) read(
	ctx context.Context,
	id string,
	wait bool,
	timeout time.Duration,
	diags *diag.Diagnostics,
) *openprospect.Order {
	if wait {
		waited := waitForOrder(ctx, d.data, id, "", timeout)
		if problem, ok := waited.problem(resumeByRead); !ok {
			addError(diags, problem)
		}
		return waited.order
	}
	order, err := d.data.client.GetOrder(ctx, id)
	if err != nil {
		addAPIError(diags, "read", "discovery order "+id, err)
	}
	return order
}

// isDiscovery reports whether the order is a discovery order and adds an error
// if it is not: the API keeps enrichment orders beside them (guide).
func isDiscovery(order *openprospect.Order, diags *diag.Diagnostics) bool {
	if order.OrderType == "" || strings.EqualFold(order.OrderType, openprospect.OrderTypeDiscovery) {
		return true
	}
	diags.AddError("Not a discovery order",
		fmt.Sprintf("The order %s has the type %s. This provider only supports orders of type %s, which "+
			"data.openprospect_discovery_orders lists.", order.ID, order.OrderType, openprospect.OrderTypeDiscovery))
	return false
}
