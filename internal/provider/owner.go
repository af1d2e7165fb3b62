package provider

import (
	"context"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// nothingHeld is of a resource that has no state yet.
func nothingHeld() string { return "" }

// ownerOf returns the resource's token. Where private state was lost, as it is when a provider dies, the token is made from
// held, which returns text that only the state of this resource has: so it stays the same however often Terraform plans the
// resource. It is "" if there is neither.
func ownerOf(ctx context.Context, private privateState, held func() string, diags *diag.Diagnostics) string {
	if owner, found := getPrivate[string](ctx, private, ownerKey, diags); found {
		return owner
	}
	if text := held(); text != "" {
		return uuid.NewSHA1(uuid.Nil, []byte(text)).String()
	}
	return ""
}

// ensureOwner returns the resource's token and keeps it, a random one if there is no other. What a plan
// sets comes back in a second plan of the same resource (a replacement) and in
// the update; only Create starts with an empty private state, and is planned
// under a token of its own.
func ensureOwner(ctx context.Context, private privateStateWriter, held func() string, diags *diag.Diagnostics) string {
	if owner, found := getPrivate[string](ctx, private, ownerKey, diags); found {
		return owner
	}
	owner := ownerOf(ctx, private, held, diags)
	if owner == "" {
		owner = uuid.NewString()
	}
	setPrivate(ctx, private, ownerKey, owner, diags)
	return owner
}
