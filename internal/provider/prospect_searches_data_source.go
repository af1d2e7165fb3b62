package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ datasource.DataSource              = (*prospectSearchesDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*prospectSearchesDataSource)(nil)
)

func newProspectSearchesDataSource() datasource.DataSource { return &prospectSearchesDataSource{} }

type prospectSearchesDataSource struct{ data *providerData }

type prospectSearchesModel struct {
	ProspectSearches []prospectSearchModel `tfsdk:"prospect_searches"`
}

type prospectSearchModel struct {
	ID     types.String `tfsdk:"id"`
	Name   types.String `tfsdk:"name"`
	Status types.String `tfsdk:"status"`
}

func (d *prospectSearchesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_prospect_searches"
}

func (d *prospectSearchesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists all prospect searches that the API key can see. Use it to find IDs for " +
			"`openprospect_prospect_search_blacklists`. Sends one request per 100 searches.\n\n" +
			"Requires the scope `prospect_searches:read`, which the scope set _Discovery partner_ does not include.",
		Attributes: map[string]schema.Attribute{
			"prospect_searches": schema.ListNestedAttribute{
				MarkdownDescription: "The prospect searches, in the order of the API.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"id":   schema.StringAttribute{MarkdownDescription: "ID of the search.", Computed: true},
						"name": schema.StringAttribute{MarkdownDescription: "Name of the search. Not necessarily unique.", Computed: true},
						"status": schema.StringAttribute{MarkdownDescription: "Status from the API. Its values are not " +
							"documented.", Computed: true},
					},
				},
			},
		},
	}
}

func (d *prospectSearchesDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = unwrapProviderData(req.ProviderData, &resp.Diagnostics)
}

func (d *prospectSearchesDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	if !d.data.ready(&resp.Diagnostics) {
		return
	}
	searches, err := d.data.client.ListProspectSearches(ctx)
	if err != nil {
		addAPIError(&resp.Diagnostics, "list", "prospect searches", err)
		return
	}
	state := prospectSearchesModel{ProspectSearches: make([]prospectSearchModel, len(searches))}
	for i, search := range searches {
		state.ProspectSearches[i] = prospectSearchModel{
			ID: types.StringValue(search.ID), Name: stringOrNull(search.Name), Status: stringOrNull(search.Status),
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}
