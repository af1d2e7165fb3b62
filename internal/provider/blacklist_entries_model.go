package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

// How a blacklist_entries resource treats companies that its document does not name.
const (
	modeAuthoritative = "authoritative"
	modeAdditive      = "additive"
)

// How a refresh of a blacklist_entries resource looks for changes that others have made.
const (
	detectionFull  = "full"
	detectionCount = "count"
	detectionNone  = "none"
)

// blacklistEntriesModel is many companies on one blacklist.
type blacklistEntriesModel struct {
	ID             types.String `tfsdk:"id"`
	BlacklistID    types.String `tfsdk:"blacklist_id"`
	Entries        types.String `tfsdk:"entries"`
	Mode           types.String `tfsdk:"mode"`
	DriftDetection types.String `tfsdk:"drift_detection"`
	MaxRemovals    types.Int64  `tfsdk:"max_removals"`
	EntryCount     types.Int64  `tfsdk:"entry_count"`
}

// blacklistEntriesIdentityModel is what tells one list of entries from another.
type blacklistEntriesIdentityModel struct {
	BlacklistID types.String `tfsdk:"blacklist_id"`
}

func (m blacklistEntriesModel) identity() blacklistEntriesIdentityModel {
	return blacklistEntriesIdentityModel{BlacklistID: m.BlacklistID}
}

// held is what only this resource has in its state; "" without a state, and while it is imported.
func (m *blacklistEntriesModel) held() string {
	if m == nil || m.Entries.IsNull() {
		return ""
	}
	return m.BlacklistID.ValueString() + "/" + m.Entries.ValueString()
}

// setDocument keeps the text of a document and what is computed from it.
func (m *blacklistEntriesModel) setDocument(document *exclusion.Document) {
	m.Entries = types.StringValue(document.Text())
	m.EntryCount = types.Int64Value(int64(document.Len()))
}

// authoritative reports whether the document is all that may be on the list; so it is while the mode is not known.
func (m blacklistEntriesModel) authoritative() bool { return m.Mode.ValueString() != modeAdditive }

// mayRemove reports whether an entry is the resource's to take off the list: in additive mode only what it has added.
func (m blacklistEntriesModel) mayRemove(row exclusion.Row) bool {
	return m.authoritative() || row.Added
}

// removesTooMany reports whether max_removals does not allow that many removals.
func (m blacklistEntriesModel) removesTooMany(count int) bool {
	return !m.MaxRemovals.IsNull() && !m.MaxRemovals.IsUnknown() && int64(count) > m.MaxRemovals.ValueInt64()
}
