package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// Private state is what Terraform keeps beside a resource and shows to nobody. These are all keys of it. Each value is JSON.
// States of earlier versions hold them: a key must neither change its name nor its meaning.
const (
	// ownerKey holds the token by which package exclusion tells one resource from another: a provider never learns their addresses.
	ownerKey = "owner"

	// markImported is true from the import of an order until its first update: the arguments did not come from a configuration yet.
	markImported = "imported"
	// markNotFound is true while the API says that the order does not exist. It says the same of orders that this key must not see.
	markNotFound = "invisible"
	// replacedKey holds the order that is to be replaced, for the second plan of a replacement, which has no prior state.
	replacedKey = "replaced"

	// entryRowsKey holds which rows of the blacklist belong to which entry of a list, so that an apply need not read the blacklist again.
	entryRowsKey = "entry_rows"
	// othersKey holds what the last refresh of an additive list has seen of the entries of others, so that an apply need not read the
	// blacklist again. Only a refresh can leave such a note: what a plan notes does not reach the apply of an update, since Terraform
	// plans it once more there, from the state.
	othersKey = "others"
	// markMustRead is true from an apply of a list that failed, or that made it authoritative, until a refresh has read the whole blacklist.
	markMustRead = "must_read"
	// lastAppliedKey holds how many companies the document named that was last applied. An import applies none.
	lastAppliedKey = "last_applied"
)

// privateState is private state that can be read, as every request has it.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// privateStateWriter is private state as a response has it.
type privateStateWriter interface {
	privateState
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// getPrivate reads what is kept under the key; found is false if nothing is.
func getPrivate[T any](ctx context.Context, private privateState, key string, diags *diag.Diagnostics) (value T, found bool) {
	encoded, getDiags := private.GetKey(ctx, key)
	diags.Append(getDiags...)
	if len(encoded) == 0 || getDiags.HasError() {
		return value, false
	}
	if err := json.Unmarshal(encoded, &value); err != nil {
		addPrivateStateError(diags, "resource", err)
		return value, false
	}
	return value, true
}

// setPrivate keeps the value under the key. It replaces what is kept there.
func setPrivate[T any](ctx context.Context, private privateStateWriter, key string, value T, diags *diag.Diagnostics) {
	encoded, err := json.Marshal(value)
	if err != nil {
		diags.AddError("Unable to save private state", err.Error()+". "+reportBug)
		return
	}
	diags.Append(private.SetKey(ctx, key, encoded)...)
}

// dropPrivate removes what is kept under the key.
func dropPrivate(ctx context.Context, private privateStateWriter, key string, diags *diag.Diagnostics) {
	if old, _ := private.GetKey(ctx, key); old != nil {
		diags.Append(private.SetKey(ctx, key, nil)...)
	}
}

func hasMark(ctx context.Context, private privateState, mark string, diags *diag.Diagnostics) bool {
	marked, _ := getPrivate[bool](ctx, private, mark, diags)
	return marked
}

// clearMark leaves private state alone where the mark is not set, so that state does not change for nothing.
func clearMark(ctx context.Context, private privateStateWriter, mark string, diags *diag.Diagnostics) {
	if hasMark(ctx, private, mark, diags) {
		setPrivate(ctx, private, mark, false, diags)
	}
}
