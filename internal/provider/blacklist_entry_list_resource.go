package provider

import (
	"context"
	"math"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

var (
	_ list.ListResource              = (*blacklistEntryListResource)(nil)
	_ list.ListResourceWithConfigure = (*blacklistEntryListResource)(nil)
)

func newBlacklistEntryListResource() list.ListResource { return &blacklistEntryListResource{} }

// blacklistEntryListResource finds the entries of a blacklist for terraform
// query; name, schema and configuration are the resource's.
type blacklistEntryListResource struct{ blacklistEntryResource }

type blacklistEntryListModel struct {
	BlacklistID types.String `tfsdk:"blacklist_id"`
}

func (r *blacklistEntryListResource) ListResourceConfigSchema(
	_ context.Context,
	_ list.ListResourceSchemaRequest,
	resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the entries of a blacklist, at one request per 100 entries. Requires Terraform 1.14. " +
			"Terraform lists at most 100 unless the `list` block sets a higher `limit`.\n\n" +
			"`terraform query -generate-config-out=generated.tf` writes a `resource` and an `import` block for each entry. For " +
			"more than a few hundred entries, import the whole list as one `openprospect_blacklist_entries` instead.",
		Attributes: map[string]schema.Attribute{
			"blacklist_id": schema.StringAttribute{
				MarkdownDescription: "ID of the blacklist.",
				Required:            true,
				Validators:          []validator.String{notBlankValidator{required: true}},
			},
		},
	}
}

func (r *blacklistEntryListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	var config blacklistEntryListModel
	diags.Append(req.Config.Get(ctx, &config)...)
	if diags.HasError() || !r.data.ready(&diags) {
		streamDiagnostics(stream, diags)
		return
	}
	entries, err := r.entries(ctx, config.BlacklistID.ValueString(), req.Limit)
	if err != nil {
		addAPIError(&diags, "list", "blacklist entries", err)
		streamDiagnostics(stream, diags)
		return
	}
	streamResults(ctx, req, stream, entries, func(entry openprospect.Entry, result *list.ListResult) {
		model := blacklistEntryModel{BlacklistID: config.BlacklistID}
		model.setEntry(entry.ID, entry.EntryFields)
		result.DisplayName = exclusion.NewCompany(entry.EntryFields).String()
		result.Diagnostics.Append(result.Identity.Set(ctx, model.identity())...)
		if req.IncludeResource {
			result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
		}
	})
}

// entries returns as many entries as Terraform wants, 100 unless the list block
// says otherwise: what is beyond them costs no requests. A limit of 0 is none.
func (r *blacklistEntryListResource) entries(ctx context.Context, blacklistID string, limit int64) ([]openprospect.Entry, error) {
	if limit > 0 {
		return r.data.client.FirstEntries(ctx, blacklistID, int(min(limit, math.MaxInt32)))
	}
	return r.data.client.ListEntries(ctx, blacklistID)
}
