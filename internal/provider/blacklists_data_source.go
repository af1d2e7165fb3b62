package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

var (
	_ datasource.DataSource              = (*blacklistsDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*blacklistsDataSource)(nil)
)

func newBlacklistsDataSource() datasource.DataSource { return &blacklistsDataSource{} }

type blacklistsDataSource struct {
	data *providerData
}

type blacklistsDataSourceModel struct {
	Blacklists []blacklistModel `tfsdk:"blacklists"`
}

func (d *blacklistsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_blacklists"
}

func (d *blacklistsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists all blacklists that the API key can see. Sends one request per 100 blacklists.",
		Attributes: map[string]schema.Attribute{
			"blacklists": schema.ListNestedAttribute{
				MarkdownDescription: "The blacklists, in the order of the API.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"id": schema.StringAttribute{
							MarkdownDescription: "ID of the blacklist.",
							Computed:            true,
						},
						"name": schema.StringAttribute{
							MarkdownDescription: "Name. Not necessarily unique.",
							Computed:            true,
						},
						"description": schema.StringAttribute{
							MarkdownDescription: "Description. Null if there is none.",
							Computed:            true,
						},
						"created_at": schema.StringAttribute{
							MarkdownDescription: "Creation time (RFC 3339). Null if the API does not return it.",
							Computed:            true,
						},
					},
				},
			},
		},
	}
}

func (d *blacklistsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = unwrapProviderData(req.ProviderData, &resp.Diagnostics)
}

func (d *blacklistsDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	if !d.data.ready(&resp.Diagnostics) {
		return
	}
	blacklists, err := d.data.client.ListBlacklists(ctx)
	if err != nil {
		addAPIError(&resp.Diagnostics, "list", "blacklists", err)
		return
	}
	state := blacklistsDataSourceModel{Blacklists: make([]blacklistModel, len(blacklists))}
	for i, blacklist := range blacklists {
		state.Blacklists[i].fromAPI(blacklist)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}
