package provider

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// prospectSearchBlacklistsModel is the blacklists of one prospect search.
type prospectSearchBlacklistsModel struct {
	ProspectSearchID types.String `tfsdk:"prospect_search_id"`
	BlacklistIDs     types.Set    `tfsdk:"blacklist_ids"`
	ID               types.String `tfsdk:"id"`
}

type prospectSearchBlacklistsIdentityModel struct {
	ProspectSearchID types.String `tfsdk:"prospect_search_id"`
}

func (m prospectSearchBlacklistsModel) identity() prospectSearchBlacklistsIdentityModel {
	return prospectSearchBlacklistsIdentityModel{ProspectSearchID: m.ProspectSearchID}
}

// fromAPI takes over what is assigned, in the user's spelling of an id where there is one.
func (m *prospectSearchBlacklistsModel) fromAPI(assigned []openprospect.AssignedBlacklist) {
	prior := trimmedElements(m.BlacklistIDs)
	ids := make([]attr.Value, 0, len(assigned))
	for _, blacklist := range assigned {
		id := blacklist.ID
		if i := slices.IndexFunc(prior, func(held string) bool { return strings.EqualFold(held, id) }); i >= 0 {
			id = prior[i]
		}
		ids = append(ids, types.StringValue(id))
	}
	m.BlacklistIDs = types.SetValueMust(types.StringType, ids)
	m.ID = m.ProspectSearchID
}

// notAmong returns the assigned blacklists that none of the ids name.
func notAmong(assigned []openprospect.AssignedBlacklist, ids []string) []openprospect.AssignedBlacklist {
	return slices.DeleteFunc(slices.Clone(assigned), func(blacklist openprospect.AssignedBlacklist) bool {
		return slices.ContainsFunc(ids, func(id string) bool { return strings.EqualFold(id, blacklist.ID) })
	})
}

// blacklistLines names blacklists, one a line.
func blacklistLines(blacklists []openprospect.AssignedBlacklist) string {
	lines := make([]string, len(blacklists))
	for i, blacklist := range blacklists {
		lines[i] = "  " + blacklist.String()
	}
	return strings.Join(lines, "\n")
}
