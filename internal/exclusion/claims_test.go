package exclusion_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

// row is an entry; its id is "" for one that is yet to be added.
func row(id string, f fields) exclusion.Entry { return exclusion.Entry{ID: id, Company: of(f)} }

// keeps, wholly and givesUp are plans.
func keeps(entries ...exclusion.Entry) exclusion.Plan { return exclusion.Plan{Keeps: entries} }

func wholly(entries ...exclusion.Entry) exclusion.Plan {
	return exclusion.Plan{Keeps: entries, Whole: true}
}

func givesUp(entries ...exclusion.Entry) exclusion.Plan { return exclusion.Plan{GivesUp: entries} }

// TestDiscardedClaims: what a resource has planned on any list before it was found to be gone is in nobody's way.
func TestDiscardedClaims(t *testing.T) {
	t.Parallel()
	acme := row("", fields{WebsiteURL: "acme.com"})
	lists := exclusion.NewLists(&fakeAPI{})
	for _, id := range []string{"b1", "b2"} {
		if _, err := lists.List(id).Claim("discarded", wholly(acme)); err != nil {
			t.Fatal(err)
		}
		if _, err := lists.List(id).Claim("kept", keeps(acme)); err == nil {
			t.Fatalf("%s: the same company twice is no conflict", id)
		}
	}
	lists.Discard("another")
	if _, err := lists.List("b1").Claim("kept", keeps(acme)); err == nil {
		t.Error("the claim went with that of another owner")
	}
	lists.Discard("discarded")
	for _, id := range []string{"b1", "b2"} {
		if _, err := lists.List(id).Claim("kept", keeps(acme)); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestClaimsOfTheSame(t *testing.T) {
	t.Parallel()
	acme := row("id-1", fields{WebsiteURL: "acme.com", CompanyName: "Acme"})
	other := row("id-2", fields{WebsiteURL: "other.com"})
	tests := []struct {
		name          string
		first, second exclusion.Plan
		conflict      bool
		names         []string
	}{
		{"two entries", keeps(acme), keeps(other), false, nil},
		{"one entry twice", keeps(acme), keeps(acme), true, []string{"b1", "Acme, acme.com", "id-1"}},
		{"one company", keeps(acme), keeps(row("", fields{WebsiteURL: "www.acme.com"})), true, []string{"acme.com", "id-1"}},
		{"one company, two rows", keeps(acme), keeps(row("id-3", fields{WebsiteURL: "www.acme.com"})), true, []string{"acme.com"}},
		{"one id", keeps(row("id-1", fields{})), keeps(acme), true, []string{"id-1"}},
		{"whole list and an entry of it", wholly(acme, other), keeps(acme), true, []string{"b1", "Acme, acme.com", "id-1", "whole"}},
		{"entry and whole list", keeps(acme), wholly(), true, []string{"b1", "Acme, acme.com", "id-1", "whole"}},
		{"whole list and an entry not of it", wholly(other), keeps(acme), true, []string{"Acme, acme.com", "id-1"}},
		{"two whole lists", wholly(acme), wholly(acme, other), true, []string{"acme.com", "id-1"}},
		{"two empty whole lists", wholly(), wholly(), true, []string{"b1", "its entries"}},
		{"some and another entry", keeps(acme), keeps(other), false, nil},
		{"some and one of them", keeps(acme, other), keeps(other), true, []string{"other.com", "id-2"}},
		{"some and whole", keeps(acme), wholly(), true, []string{"acme.com"}},
		{"a whole list and one who only gives up", wholly(acme), givesUp(other), false, nil},
		{"nothing and a whole list", keeps(), wholly(acme), false, nil},
	}
	for _, test := range tests {
		for _, swapped := range []bool{false, true} {
			list := newTestList(&fakeAPI{})
			first, second := test.first, test.second
			if swapped {
				first, second = second, first
			}
			for range 2 {
				if _, err := list.Claim("a", first); err != nil {
					t.Errorf("%s: the owner's own claim: %v", test.name, err)
				}
			}
			_, err := list.Claim("b", second)
			var conflict *exclusion.ClaimError
			if errors.As(err, &conflict) != test.conflict {
				t.Errorf("%s, swapped %v: %v", test.name, swapped, err)
			}
			for _, name := range test.names {
				if !strings.Contains(err.Error(), name) {
					t.Errorf("%s, swapped %v: %v does not name %s", test.name, swapped, err, name)
				}
			}
			if _, err := list.Claim("a", keeps()); err != nil {
				t.Errorf("%s, swapped %v: a plan of nothing: %v", test.name, swapped, err)
			}
			if _, err := list.Claim("b", second); err != nil {
				t.Errorf("%s, swapped %v: after the other one has given up its claim: %v", test.name, swapped, err)
			}
		}
	}
}

// TestChangesOfHands compares what one resource gives up with what another one is to have, whichever is planned first.
func TestChangesOfHands(t *testing.T) {
	t.Parallel()
	acme := row("id-1", fields{WebsiteURL: "acme.com", CompanyName: "Acme"})
	wanted := row("", fields{WebsiteURL: "https://www.acme.com", CompanyName: "ACME"})
	renamed := row("", fields{WebsiteURL: "acme.com", CompanyName: "Acme Inc"})
	double := row("id-9", fields{WebsiteURL: "acme.com", CompanyName: "Acme"})
	beta, gamma := row("id-2", fields{WebsiteURL: "beta.com"}), row("id-3", fields{WebsiteURL: "gamma.com"})
	wantsBeta := row("", fields{WebsiteURL: "beta.com"})
	tests := []struct {
		name      string
		a, b      exclusion.Plan
		moves     []string
		held      bool
		otherwise bool
	}{
		{"given up and added elsewhere", givesUp(acme), keeps(wanted), []string{"id-1"}, false, false},
		{"a list takes two of three over", givesUp(acme, beta, gamma), wholly(wanted, wantsBeta), []string{"id-1", "id-2"}, false, false},
		{"given up and held elsewhere", givesUp(acme), keeps(acme), nil, true, false},
		{"given up of a list and held elsewhere", givesUp(beta, acme), keeps(acme), nil, true, false},
		{"given up and added elsewhere with other fields", givesUp(acme), keeps(renamed), nil, false, true},
		{"given up, and the other one has a row of its own", givesUp(acme), keeps(double), nil, false, false},
		{
			"given up without an id",
			givesUp(row("", fields{WebsiteURL: "acme.com", CompanyName: "Acme"})),
			keeps(wanted),
			[]string{""},
			false,
			false,
		},
		{"another company", givesUp(acme), keeps(beta), nil, false, false},
		{
			"given up without an id, and held elsewhere", givesUp(row("", fields{WebsiteURL: "acme.com", CompanyName: "Acme"})), keeps(acme),
			nil, true, false,
		},
		{
			"two that swap", exclusion.Plan{GivesUp: []exclusion.Entry{acme}, Keeps: []exclusion.Entry{wantsBeta}},
			exclusion.Plan{GivesUp: []exclusion.Entry{beta}, Keeps: []exclusion.Entry{wanted}}, []string{"id-1", "id-2"}, false, false,
		},
	}
	for _, test := range tests {
		for _, swapped := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, swapped %t", test.name, swapped), func(t *testing.T) {
				t.Parallel()
				list := newTestList(&fakeAPI{})
				first, second := test.a, test.b
				if swapped {
					first, second = second, first
				}
				if moves, err := list.Claim("a", first); err != nil || len(moves) > 0 {
					t.Fatalf("the first plan: %v, %v", moves, err)
				}
				// Terraform may plan a resource twice.
				for range 2 {
					moves, err := list.Claim("b", second)
					var handOver *exclusion.HandOverError
					refused := errors.As(err, &handOver)
					if refused != (test.held || test.otherwise) || refused && handOver.Held != test.held {
						t.Errorf("got %v", err)
					}
					if refused && handOver.Entry.Fields().WebsiteURL != "acme.com" {
						t.Errorf("the error is about %v", handOver.Entry)
					}
					if test.otherwise && !strings.HasSuffix(err.Error(), `: company_name "Acme Inc", website_url "acme.com"`) {
						t.Errorf("%v does not say what the other one wants", err)
					}
					ids := make(map[string]bool)
					for _, entry := range moves {
						ids[entry.ID] = true
					}
					if len(ids) != len(test.moves) || len(moves) != len(test.moves) {
						t.Errorf("%v change hands, want %v", moves, test.moves)
					}
					for _, id := range test.moves {
						if !ids[id] {
							t.Errorf("%v change hands, want %v", moves, test.moves)
						}
					}
				}
			})
		}
	}
}

// A resource that is planned again claims what it is to have now, not what it had.
func TestClaimReplacesTheOwnersEarlierOne(t *testing.T) {
	t.Parallel()
	list := newTestList(&fakeAPI{})
	acme, other := row("", fields{WebsiteURL: "acme.com"}), row("", fields{WebsiteURL: "other.com"})
	held := row("id-1", fields{WebsiteURL: "acme.com"})
	for _, claim := range []struct {
		owner string
		plan  exclusion.Plan
		ok    bool
	}{
		{"a", keeps(acme), true},
		{"b", keeps(acme), false},
		{"a", keeps(other), true},
		{"b", keeps(acme), true},
		{"a", keeps(acme), false},
		{"b", givesUp(held), true},
		{"a", keeps(held), false},
		{"b", keeps(), true},
		{"a", keeps(held), true},
		// What a resource gives up itself, it may have again.
		{"a", exclusion.Plan{GivesUp: []exclusion.Entry{held}, Keeps: []exclusion.Entry{acme}}, true},
	} {
		if _, err := list.Claim(claim.owner, claim.plan); (err == nil) != claim.ok {
			t.Errorf("%+v: %v", claim, err)
		}
	}
}
