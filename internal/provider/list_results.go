package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
)

// streamResults hands one result an item to Terraform, as many as it wants.
func streamResults[T any](
	ctx context.Context,
	req list.ListRequest,
	stream *list.ListResultsStream,
	items []T,
	fill func(item T, result *list.ListResult),
) {
	stream.Results = func(push func(list.ListResult) bool) {
		for i, item := range items {
			if req.Limit > 0 && int64(i) >= req.Limit {
				return
			}
			result := req.NewListResult(ctx)
			fill(item, &result)
			if !push(result) {
				return
			}
		}
	}
}

// streamDiagnostics ends a list before its first result.
func streamDiagnostics(stream *list.ListResultsStream, diags diag.Diagnostics) {
	stream.Results = list.ListResultsStreamDiagnostics(diags)
}
