package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

var (
	_ datasource.DataSource                     = (*blacklistDataSource)(nil)
	_ datasource.DataSourceWithConfigure        = (*blacklistDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*blacklistDataSource)(nil)
)

func newBlacklistDataSource() datasource.DataSource { return &blacklistDataSource{} }

type blacklistDataSource struct {
	data *providerData
}

type blacklistDataSourceModel struct {
	blacklistModel

	EntryCount types.Int64 `tfsdk:"entry_count"`
}

func (d *blacklistDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blacklist"
}

func (d *blacklistDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads one blacklist, by ID or name, and counts its entries. Sends two requests. A lookup by name " +
			"sends one more for each further 100 blacklists.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "ID of the blacklist. Set either `id` or `name`.",
				Optional:            true,
				Computed:            true,
				Validators:          []validator.String{notBlankValidator{}},
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the blacklist, case-sensitive. Set either `id` or `name`. It is an error if no " +
					"blacklist or more than one has this name.",
				Optional:   true,
				Computed:   true,
				Validators: []validator.String{notBlankValidator{}},
			},
			"description": schema.StringAttribute{
				MarkdownDescription: "Description. Null if there is none.",
				Computed:            true,
			},
			"created_at": schema.StringAttribute{
				MarkdownDescription: "Creation time (RFC 3339). Null if the API does not return it.",
				Computed:            true,
			},
			"entry_count": schema.Int64Attribute{
				MarkdownDescription: "Number of entries.",
				Computed:            true,
			},
		},
	}
}

func (d *blacklistDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = unwrapProviderData(req.ProviderData, &resp.Diagnostics)
}

func (d *blacklistDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name")),
	}
}

func (d *blacklistDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	if !d.data.ready(&resp.Diagnostics) {
		return
	}
	var config blacklistDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}

	blacklist, err := d.find(ctx, config)
	if err != nil {
		addAPIError(&resp.Diagnostics, "read", "blacklist", err)
		return
	}
	count, err := d.data.client.CountEntries(ctx, blacklist.ID)
	if err != nil {
		addAPIError(&resp.Diagnostics, "count entries of", "blacklist", err)
		return
	}
	config.fromAPI(*blacklist)
	config.EntryCount = types.Int64Value(count)
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}

func (d *blacklistDataSource) find(ctx context.Context, config blacklistDataSourceModel) (*openprospect.Blacklist, error) {
	if config.ID.IsNull() {
		return findBlacklistByName(ctx, d.data.client, config.Name.ValueString())
	}
	return d.data.client.GetBlacklist(ctx, config.ID.ValueString())
}
