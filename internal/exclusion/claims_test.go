package exclusion_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

func TestClaims(t *testing.T) {
	t.Parallel()
	acme := openprospect.Entry{ID: "id-1", EntryFields: fields{WebsiteURL: "acme.com", CompanyName: "Acme"}}
	other := openprospect.Entry{ID: "id-2", EntryFields: fields{WebsiteURL: "other.com"}}
	entry := func(e openprospect.Entry) func(*exclusion.List, string) error {
		return func(l *exclusion.List, owner string) error { return l.ClaimEntry(owner, e) }
	}
	some := func(e ...openprospect.Entry) func(*exclusion.List, string) error {
		return func(l *exclusion.List, owner string) error { return l.ClaimEntries(owner, e) }
	}
	whole := func(e ...openprospect.Entry) func(*exclusion.List, string) error {
		return func(l *exclusion.List, owner string) error { return l.ClaimWhole(owner, e) }
	}
	tests := []struct {
		name          string
		first, second func(*exclusion.List, string) error
		conflict      bool
		names         []string
	}{
		{"two entries", entry(acme), entry(other), false, nil},
		{"one entry twice", entry(acme), entry(acme), true, []string{"b1", "Acme, acme.com", "id-1"}},
		{"one company", entry(acme), entry(openprospect.Entry{EntryFields: fields{WebsiteURL: "www.acme.com"}}), true, []string{"acme.com"}},
		{"one id", entry(openprospect.Entry{ID: "id-1"}), entry(acme), true, []string{"id-1"}},
		{"whole list and an entry of it", whole(acme, other), entry(acme), true, []string{"b1", "Acme, acme.com", "id-1", "whole"}},
		{"entry and whole list", entry(acme), whole(), true, []string{"b1", "Acme, acme.com", "id-1", "whole"}},
		{"whole list and an entry not of it", whole(other), entry(acme), true, []string{"Acme, acme.com", "id-1"}},
		{"two whole lists", whole(acme), whole(acme, other), true, []string{"acme.com", "id-1"}},
		{"two empty whole lists", whole(), whole(), true, []string{"b1", "its entries"}},
		{"some and another entry", some(acme), entry(other), false, nil},
		{"some and one of them", some(acme, other), entry(other), true, []string{"other.com", "id-2"}},
		{"some and whole", some(acme), whole(), true, []string{"acme.com"}},
	}
	for _, test := range tests {
		for _, swapped := range []bool{false, true} {
			list := newTestList(&fakeAPI{})
			first, second := test.first, test.second
			if swapped {
				first, second = second, first
			}
			for range 2 {
				if err := first(list, "a"); err != nil {
					t.Errorf("%s: the owner's own claim: %v", test.name, err)
				}
			}
			err := second(list, "b")
			var conflict *exclusion.ClaimError
			if errors.As(err, &conflict) != test.conflict {
				t.Errorf("%s, swapped %v: %v", test.name, swapped, err)
			}
			for _, name := range test.names {
				if !strings.Contains(err.Error(), name) {
					t.Errorf("%s, swapped %v: %v does not name %s", test.name, swapped, err, name)
				}
			}
			list.Release("a")
			if err := second(list, "b"); err != nil {
				t.Errorf("%s, swapped %v: after the release: %v", test.name, swapped, err)
			}
		}
	}
}

// A resource that is planned again claims what it is to have now, not what it had.
func TestClaimReplacesTheOwnersEarlierOne(t *testing.T) {
	t.Parallel()
	list := newTestList(&fakeAPI{})
	acme := openprospect.Entry{EntryFields: fields{WebsiteURL: "acme.com"}}
	other := openprospect.Entry{EntryFields: fields{WebsiteURL: "other.com"}}
	for _, claim := range []struct {
		owner string
		entry openprospect.Entry
		ok    bool
	}{{"a", acme, true}, {"b", acme, false}, {"a", other, true}, {"b", acme, true}, {"a", acme, false}} {
		if err := list.ClaimEntry(claim.owner, claim.entry); (err == nil) != claim.ok {
			t.Errorf("%+v: %v", claim, err)
		}
	}
}
