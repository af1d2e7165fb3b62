package provider

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// ownerKey is where private state holds the token by which package exclusion
// tells one resource from another: a provider never learns their addresses.
const ownerKey = "owner"

// privateState is private state that can be read, as every request has it.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// privateStateWriter is private state as a response has it.
type privateStateWriter interface {
	privateState
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// ownerOf gives the resource's token; "" when it has none yet.
func ownerOf(ctx context.Context, private privateState, diags *diag.Diagnostics) string {
	value, getDiags := private.GetKey(ctx, ownerKey)
	diags.Append(getDiags...)
	if value == nil {
		return ""
	}
	var owner string
	if err := json.Unmarshal(value, &owner); err != nil {
		addPrivateStateError(diags, "resource", err)
	}
	return owner
}

// ensureOwner gives the resource's token, a new one if it has none. What a plan
// sets comes back in a second plan of the same resource (a replacement) and in
// the update; only Create starts with an empty private state, and is planned
// under a token of its own.
func ensureOwner(ctx context.Context, private privateStateWriter, diags *diag.Diagnostics) string {
	if owner := ownerOf(ctx, private, diags); owner != "" {
		return owner
	}
	owner := uuid.NewString()
	// A UUID is a JSON string as it stands.
	diags.Append(private.SetKey(ctx, ownerKey, []byte(strconv.Quote(owner)))...)
	return owner
}
