package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// privateMap is private state as the framework keeps it: an empty value removes the key.
type privateMap map[string]string

func (m privateMap) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return []byte(m[key]), nil
}

func (m privateMap) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	if len(value) == 0 {
		delete(m, key)
		return nil
	}
	m[key] = string(value)
	return nil
}

func TestPrivateState(t *testing.T) {
	t.Parallel()
	var diags diag.Diagnostics
	private := privateMap{}

	if value, found := getPrivate[string](t.Context(), private, ownerKey, &diags); found {
		t.Errorf("nothing is kept, got %q", value)
	}
	clearMark(t.Context(), private, markNotFound, &diags)
	if len(private) > 0 {
		t.Errorf("clearing a mark that is not set has changed private state: %v", private)
	}
	setPrivate(t.Context(), private, markNotFound, true, &diags)
	if !hasMark(t.Context(), private, markNotFound, &diags) {
		t.Error("the mark is not set")
	}
	clearMark(t.Context(), private, markNotFound, &diags)
	if hasMark(t.Context(), private, markNotFound, &diags) {
		t.Error("the mark is still set")
	}
	dropPrivate(t.Context(), private, markNotFound, &diags)
	if len(private) > 0 || diags.HasError() {
		t.Errorf("got %v, %v", private, diags)
	}

	private[replacedKey] = `"not an order"`
	if order, found := getPrivate[replacedOrder](t.Context(), private, replacedKey, &diags); found || !diags.HasError() {
		t.Errorf("what is damaged was read as %v", order)
	}
}
