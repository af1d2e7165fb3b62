package provider

import (
	"context"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// ownerOf returns the resource's token. Where private state was lost, as it is when a provider dies, the token is made from
// held, which is text that only the state of this resource has: so it stays the same however often Terraform plans the
// resource. It is "" if there is neither.
func ownerOf(ctx context.Context, private privateState, held string, diags *diag.Diagnostics) string {
	owner, _ := getPrivate[string](ctx, private, ownerKey, diags)
	if owner == "" && held != "" {
		owner = uuid.NewSHA1(uuid.Nil, []byte(held)).String()
	}
	return owner
}

// ensureOwner returns the resource's token and keeps it, a random one if there is no other. What a plan
// sets comes back in a second plan of the same resource (a replacement) and in
// the update; only Create starts with an empty private state, and is planned
// under a token of its own.
func ensureOwner(ctx context.Context, private privateStateWriter, held string, diags *diag.Diagnostics) string {
	if kept := ownerOf(ctx, private, "", diags); kept != "" {
		return kept
	}
	owner := ownerOf(ctx, private, held, diags)
	if owner == "" {
		owner = uuid.NewString()
	}
	setPrivate(ctx, private, ownerKey, owner, diags)
	return owner
}
