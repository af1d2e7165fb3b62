package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// blacklistModel is a blacklist as the resource and both data sources show it.
type blacklistModel struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Description types.String `tfsdk:"description"`
	CreatedAt   types.String `tfsdk:"created_at"`
}

// blacklistIdentityModel is what tells one blacklist from another.
type blacklistIdentityModel struct {
	ID types.String `tfsdk:"id"`
}

// fromAPI takes over what the API says, in the user's spelling where it says the same.
func (m *blacklistModel) fromAPI(blacklist openprospect.Blacklist) {
	m.setComputed(blacklist)
	m.Name = keepSpelling(m.Name, blacklist.Name, sameTrimmed)
	m.Description = keepSpelling(m.Description, blacklist.Description, sameTrimmed)
}

// setComputed takes over only what the configuration does not say.
func (m *blacklistModel) setComputed(blacklist openprospect.Blacklist) {
	if blacklist.ID != "" {
		m.ID = types.StringValue(blacklist.ID)
	}
	m.CreatedAt = stringOrNull(blacklist.CreatedAt)
}

func (m blacklistModel) toAPICreate() openprospect.CreateBlacklistRequest {
	return openprospect.CreateBlacklistRequest{
		Name:        m.Name.ValueString(),
		Description: m.Description.ValueString(),
	}
}

// toAPIUpdate holds the fields that differ from prior and no others; a
// description that was taken out of the configuration is cleared (U5).
func (m blacklistModel) toAPIUpdate(prior blacklistModel) openprospect.UpdateBlacklistRequest {
	var request openprospect.UpdateBlacklistRequest
	if !m.Name.Equal(prior.Name) {
		name := m.Name.ValueString()
		request.Name = &name
	}
	if !m.Description.Equal(prior.Description) {
		description := m.Description.ValueString()
		request.Description = &description
	}
	return request
}

func (m blacklistModel) identity() blacklistIdentityModel {
	return blacklistIdentityModel{ID: m.ID}
}
