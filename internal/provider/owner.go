package provider

import (
	"context"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// ownerOf returns the resource's token; "" when it has none yet.
func ownerOf(ctx context.Context, private privateState, diags *diag.Diagnostics) string {
	owner, _ := getPrivate[string](ctx, private, ownerKey, diags)
	return owner
}

// ensureOwner returns the resource's token, a new one if it has none. What a plan
// sets comes back in a second plan of the same resource (a replacement) and in
// the update; only Create starts with an empty private state, and is planned
// under a token of its own.
func ensureOwner(ctx context.Context, private privateStateWriter, diags *diag.Diagnostics) string {
	if owner := ownerOf(ctx, private, diags); owner != "" {
		return owner
	}
	owner := uuid.NewString()
	setPrivate(ctx, private, ownerKey, owner, diags)
	return owner
}
