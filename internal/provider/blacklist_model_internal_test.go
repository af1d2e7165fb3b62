package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

func TestBlacklistModelFromAPI(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		reason string
		prior  blacklistModel
		api    openprospect.Blacklist
		want   blacklistModel
	}{
		{
			reason: "an import knows only the id",
			prior:  blacklistModel{ID: types.StringValue("b1")},
			api:    openprospect.Blacklist{ID: "b1", Name: "Customers", Description: "From the CRM", CreatedAt: "2026-01-02T03:04:05Z"},
			want: blacklistModel{
				ID: types.StringValue("b1"), Name: types.StringValue("Customers"),
				Description: types.StringValue("From the CRM"), CreatedAt: types.StringValue("2026-01-02T03:04:05Z"),
			},
		},
		{
			reason: "what the API leaves empty is null, not unknown and not \"\"",
			prior:  blacklistModel{ID: types.StringValue("b1"), Name: types.StringValue("Customers"), CreatedAt: types.StringUnknown()},
			api:    openprospect.Blacklist{ID: "b1", Name: "Customers"},
			want:   blacklistModel{ID: types.StringValue("b1"), Name: types.StringValue("Customers")},
		},
		{
			reason: "white space that the server trimmed is no drift",
			prior:  blacklistModel{ID: types.StringValue("b1"), Name: types.StringValue("Customers "), Description: types.StringValue("a list\n")},
			api:    openprospect.Blacklist{ID: "b1", Name: "Customers", Description: "a list"},
			want:   blacklistModel{ID: types.StringValue("b1"), Name: types.StringValue("Customers "), Description: types.StringValue("a list\n")},
		},
		{
			reason: "another name or description is drift",
			prior:  blacklistModel{ID: types.StringValue("b1"), Name: types.StringValue("Customers"), Description: types.StringValue("a list")},
			api:    openprospect.Blacklist{ID: "b1", Name: "customers", Description: "another list"},
			want: blacklistModel{
				ID: types.StringValue("b1"), Name: types.StringValue("customers"), Description: types.StringValue("another list"),
			},
		},
		{
			reason: "a description that vanished is drift",
			prior:  blacklistModel{ID: types.StringValue("b1"), Name: types.StringValue("Customers"), Description: types.StringValue("a list")},
			api:    openprospect.Blacklist{ID: "b1", Name: "Customers"},
			want:   blacklistModel{ID: types.StringValue("b1"), Name: types.StringValue("Customers")},
		},
		{
			reason: "an answer without an id does not wipe the one that was asked for",
			prior:  blacklistModel{ID: types.StringValue("b1")},
			api:    openprospect.Blacklist{Name: "Customers"},
			want:   blacklistModel{ID: types.StringValue("b1"), Name: types.StringValue("Customers")},
		},
	} {
		t.Run(test.reason, func(t *testing.T) {
			t.Parallel()
			got := test.prior
			got.fromAPI(test.api)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBlacklistModelToAPICreate(t *testing.T) {
	t.Parallel()

	model := blacklistModel{Name: types.StringValue("Customers"), Description: types.StringNull()}
	want := openprospect.CreateBlacklistRequest{Name: "Customers"}
	if diff := cmp.Diff(want, model.toAPICreate()); diff != "" {
		t.Error(diff)
	}
}

func TestBlacklistModelToAPIUpdate(t *testing.T) {
	t.Parallel()

	prior := blacklistModel{Name: types.StringValue("Customers"), Description: types.StringValue("a list")}
	for _, test := range []struct {
		reason string
		plan   blacklistModel
		want   openprospect.UpdateBlacklistRequest
	}{
		{"nothing changed", prior, openprospect.UpdateBlacklistRequest{}},
		{
			"only the name is sent",
			blacklistModel{Name: types.StringValue("Clients"), Description: types.StringValue("a list")},
			openprospect.UpdateBlacklistRequest{Name: new("Clients")},
		},
		{
			"only the description is sent",
			blacklistModel{Name: types.StringValue("Customers"), Description: types.StringValue("ours")},
			openprospect.UpdateBlacklistRequest{Description: new("ours")},
		},
		{
			"a description taken out is cleared",
			blacklistModel{Name: types.StringValue("Customers"), Description: types.StringNull()},
			openprospect.UpdateBlacklistRequest{Description: new("")},
		},
	} {
		t.Run(test.reason, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, test.plan.toAPIUpdate(prior)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
