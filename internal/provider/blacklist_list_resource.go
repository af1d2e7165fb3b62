package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

var (
	_ list.ListResource              = (*blacklistListResource)(nil)
	_ list.ListResourceWithConfigure = (*blacklistListResource)(nil)
)

func newBlacklistListResource() list.ListResource { return &blacklistListResource{} }

// blacklistListResource finds blacklists for terraform query; name, schema and
// configuration are the resource's.
type blacklistListResource struct{ blacklistResource }

func (r *blacklistListResource) ListResourceConfigSchema(
	_ context.Context,
	_ list.ListResourceSchemaRequest,
	resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists all blacklists of the account, at one request per 100 blacklists. Requires Terraform 1.14. " +
			"Terraform lists at most 100 unless the `list` block sets a higher `limit`.\n\n" +
			"Put the `list` block in a file such as `account.tfquery.hcl`. `terraform query -generate-config-out=generated.tf` " +
			"then writes a `resource` and an `import` block for each blacklist.\n\n" +
			"The result does not include the companies. To find those, list `openprospect_blacklist_entry`, or import each list " +
			"as one `openprospect_blacklist_entries`.",
	}
}

func (r *blacklistListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	if !r.data.ready(&diags) {
		streamDiagnostics(stream, diags)
		return
	}
	blacklists, err := r.data.client.ListBlacklists(ctx)
	if err != nil {
		addAPIError(&diags, "list", "blacklists", err)
		streamDiagnostics(stream, diags)
		return
	}
	streamResults(ctx, req, stream, blacklists, func(blacklist openprospect.Blacklist, result *list.ListResult) {
		model := blacklistResourceModel{ForceDestroy: types.BoolValue(false)}
		model.fromAPI(blacklist)
		result.DisplayName = blacklist.Name
		result.Diagnostics.Append(result.Identity.Set(ctx, model.identity())...)
		if req.IncludeResource {
			result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
		}
	})
}
