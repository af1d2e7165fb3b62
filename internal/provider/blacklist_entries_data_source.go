package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

var (
	_ datasource.DataSource              = (*blacklistEntriesDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*blacklistEntriesDataSource)(nil)
)

func newBlacklistEntriesDataSource() datasource.DataSource { return &blacklistEntriesDataSource{} }

type blacklistEntriesDataSource struct {
	data *providerData
}

type blacklistEntriesDataSourceModel struct {
	BlacklistID types.String `tfsdk:"blacklist_id"`
	Entries     types.String `tfsdk:"entries"`
	EntryCount  types.Int64  `tfsdk:"entry_count"`
}

func (d *blacklistEntriesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blacklist_entries"
}

func (d *blacklistEntriesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads all companies of a blacklist, in the format that the resource " +
			"`openprospect_blacklist_entries` takes. Sends one request per 100 entries, shared with all resources of the same " +
			"blacklist in the run.",
		Attributes: map[string]schema.Attribute{
			"blacklist_id": schema.StringAttribute{
				MarkdownDescription: "ID of the blacklist.",
				Required:            true,
				Validators:          []validator.String{notBlankValidator{required: true}},
			},
			"entries": schema.StringAttribute{
				MarkdownDescription: "The companies, as a JSON object for `jsondecode`. Each key is a readable name of a " +
					"company: its external ID, else its domain, else its name and city. Each value is an object with the fields " +
					"that the entry has: `company_name`, `website_url`, `city`, `country`, `external_id`.",
				Computed: true,
			},
			"entry_count": schema.Int64Attribute{
				MarkdownDescription: "Number of companies in `entries`. Identical entries count once.",
				Computed:            true,
			},
		},
	}
}

func (d *blacklistEntriesDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = unwrapProviderData(req.ProviderData, &resp.Diagnostics)
}

func (d *blacklistEntriesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	if !d.data.ready(&resp.Diagnostics) {
		return
	}
	var config blacklistEntriesDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}

	observed, err := d.data.lists.List(config.BlacklistID.ValueString()).Observe(ctx, exclusion.Render(nil), nil, true)
	if err != nil {
		addAPIError(&resp.Diagnostics, "read", "blacklist entries", err)
		return
	}
	config.Entries = types.StringValue(observed.Document.Text())
	config.EntryCount = types.Int64Value(int64(observed.Document.Len()))
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}
