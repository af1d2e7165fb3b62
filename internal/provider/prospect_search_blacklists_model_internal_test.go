package provider

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// An id in another case is the same blacklist, and stays as the configuration spells it.
func TestAssignedBlacklistsSpelledOtherwise(t *testing.T) {
	t.Parallel()
	assigned := []openprospect.AssignedBlacklist{{ID: "abc"}, {ID: "def"}}
	model := prospectSearchBlacklistsModel{ProspectSearchID: types.StringValue("s"), BlacklistIDs: setOrNull([]string{"ABC"})}
	model.fromAPI(assigned)
	if got, want := trimmedElements(model.BlacklistIDs), []string{"ABC", "def"}; !slices.Equal(got, want) || model.ID.ValueString() != "s" {
		t.Errorf("got %q of %s, want %q", got, model.ID, want)
	}
	if got := notAmong(assigned, []string{"ABC"}); !slices.Equal(got, assigned[1:]) {
		t.Errorf("not named are %v", got)
	}
	model.fromAPI(nil)
	if model.BlacklistIDs.IsNull() || len(model.BlacklistIDs.Elements()) > 0 {
		t.Errorf("none are shown as %s", model.BlacklistIDs)
	}
}
