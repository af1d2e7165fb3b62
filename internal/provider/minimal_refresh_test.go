package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// Terraform 1.17 has `plan -minimal-refresh`: it plans a resource from its state as it is, and reads it only if something
// changes. Then it discards that plan and plans again, in the same process. An error of the discarded plan ends the run.

// walk is how Terraform comes to a plan of a resource.
type walk struct {
	// minimal says that the resource is planned before it is read.
	minimal bool
	// replace is -replace, and tainted what `terraform taint` leaves.
	replace, tainted bool
}

// planOutcome is what Terraform makes of a resource.
type planOutcome struct {
	plan *tfprotov6.PlanResourceChangeResponse
	// failed are the errors, warnings those warnings that Terraform shows.
	failed   string
	warnings []string
	dropped  bool
}

// planned walks over the resource as Terraform does.
func (r *protocolResource) planned(t *testing.T, server tfprotov6.ProviderServer, arguments map[string]tftypes.Value, w walk) planOutcome {
	t.Helper()
	if w.minimal {
		first := r.planOnce(t, server, arguments, w)
		if first.failed != "" || !w.tainted && !w.replace && r.isNoOp(t, first.plan) {
			return first
		}
	}
	if !r.read(t, server) {
		gone := (&protocolResource{name: r.name}).planOnce(t, server, arguments, walk{})
		gone.dropped = true
		return gone
	}
	return r.planOnce(t, server, arguments, w)
}

// planOnce is one plan: two calls for a replacement, the second without state, whose warnings Terraform drops.
func (r *protocolResource) planOnce(t *testing.T, server tfprotov6.ProviderServer, arguments map[string]tftypes.Value, w walk) planOutcome {
	t.Helper()
	one := *r
	if w.tainted {
		one = protocolResource{name: r.name}
	}
	plan, failed := one.tryPlan(t, server, arguments)
	result := planOutcome{plan: plan, failed: failed, warnings: one.warnings}
	if failed == "" && one.state != nil && (w.replace || len(plan.RequiresReplace) > 0) {
		creation := protocolResource{name: r.name, private: plan.PlannedPrivate}
		result.plan, result.failed = creation.tryPlan(t, server, arguments)
		result.plan.RequiresReplace = plan.RequiresReplace
	}
	return result
}

func (r *protocolResource) isNoOp(t *testing.T, plan *tfprotov6.PlanResourceChangeResponse) bool {
	t.Helper()
	schema := providerSchema(t).ResourceSchemas[r.name]
	equal := func(a, b tftypes.Value) bool { return a.Equal(b) }
	return maps.EqualFunc(attributesOf(t, schema, r.state), attributesOf(t, schema, plan.PlannedState), equal)
}

// minimalCase is a resource, a change of its configuration, and what happens to it outside of Terraform.
type minimalCase struct {
	resource string
	// configs returns the configuration that was applied and a changed one.
	configs func(sim *simulator.Server) (applied, changed map[string]tftypes.Value)
	// behind changes the resource behind Terraform's back.
	behind func(sim *simulator.Server, id string)
	newest bool
	// private is a mark that an earlier run has left in private state.
	private string
}

func (c minimalCase) start(t *testing.T) *simulator.Server {
	t.Helper()
	if c.newest {
		return startNewest(t, simulator.Behavior{})
	}
	return startSimulator(t, simulator.Options{})
}

func entryArguments(blacklistID, company string) map[string]tftypes.Value {
	return map[string]tftypes.Value{"blacklist_id": text(blacklistID), "company_name": text(company), "city": text("Berlin")}
}

// newestBlacklist is the blacklist that a case has made last.
func newestBlacklist(sim *simulator.Server) simulator.Blacklist {
	all := sim.Blacklists()
	return all[len(all)-1]
}

func removeFirstEntry(sim *simulator.Server, _ string) {
	blacklist := newestBlacklist(sim)
	sim.RemoveEntries(blacklist.ID, blacklist.Entries[0].ID)
}

func removeNewestBlacklist(sim *simulator.Server, _ string) {
	sim.RemoveBlacklist(newestBlacklist(sim).ID)
}

var minimalCases = map[string]minimalCase{
	"blacklist, renamed": {
		resource: "openprospect_blacklist",
		configs: func(*simulator.Server) (applied, changed map[string]tftypes.Value) {
			named := func(name string) map[string]tftypes.Value { return map[string]tftypes.Value{"name": text(name)} }
			return named("Customers"), named("Competitors")
		},
		behind: func(sim *simulator.Server, id string) { sim.UpdateBlacklist(id, "Renamed", "") },
	},
	"blacklist, gone": {
		resource: "openprospect_blacklist",
		configs: func(*simulator.Server) (applied, changed map[string]tftypes.Value) {
			named := func(name string) map[string]tftypes.Value { return map[string]tftypes.Value{"name": text(name)} }
			return named("Customers"), named("Competitors")
		},
		behind: removeNewestBlacklist,
	},
	"entry, gone": {
		resource: "openprospect_blacklist_entry",
		configs: func(sim *simulator.Server) (applied, changed map[string]tftypes.Value) {
			id := sim.AddBlacklist("Customers", "")
			return entryArguments(id, "Acme"), entryArguments(id, "Globex")
		},
		behind: removeFirstEntry,
	},
	"entry, blacklist gone": {
		resource: "openprospect_blacklist_entry",
		configs: func(sim *simulator.Server) (applied, changed map[string]tftypes.Value) {
			id := sim.AddBlacklist("Customers", "")
			return entryArguments(id, "Acme"), entryArguments(id, "Globex")
		},
		behind: removeNewestBlacklist,
	},
	"entry, moved to another list": {
		resource: "openprospect_blacklist_entry",
		configs: func(sim *simulator.Server) (applied, changed map[string]tftypes.Value) {
			other, id := sim.AddBlacklist("Other", ""), sim.AddBlacklist("Customers", "")
			return entryArguments(id, "Acme"), entryArguments(other, "Acme")
		},
		behind: removeFirstEntry,
	},
	"list, another row gone": {
		resource: entriesType,
		configs: func(sim *simulator.Server) (applied, changed map[string]tftypes.Value) {
			id := sim.AddBlacklist("Customers", "")
			return entriesArguments(id, "authoritative", sites(1, 4)), entriesArguments(id, "authoritative", sites(1, 5))
		},
		behind: removeFirstEntry,
	},
	"list, a row added by somebody else": {
		resource: entriesType,
		configs: func(sim *simulator.Server) (applied, changed map[string]tftypes.Value) {
			id := sim.AddBlacklist("Customers", "")
			return entriesArguments(id, "authoritative", sites(1, 4)), entriesArguments(id, "authoritative", sites(2, 4))
		},
		behind: func(sim *simulator.Server, id string) { sim.AddEntries(id, acme) },
	},
	"additive list, blacklist gone": {
		resource: entriesType,
		configs: func(sim *simulator.Server) (applied, changed map[string]tftypes.Value) {
			id := sim.AddBlacklist("Customers", "")
			return entriesArguments(id, "additive", sites(1, 4)), entriesArguments(id, "additive", sites(2, 5))
		},
		behind: removeNewestBlacklist,
	},
	"list, emptied by somebody else": {
		resource: entriesType,
		configs: func(sim *simulator.Server) (applied, changed map[string]tftypes.Value) {
			id := sim.AddBlacklist("Customers", "")
			return entriesArguments(id, "authoritative", sites(1, 1)), entriesArguments(id, "authoritative", "{}")
		},
		behind: removeFirstEntry,
	},
	"list, shortened by somebody else": {
		resource: entriesType,
		configs: func(sim *simulator.Server) (applied, changed map[string]tftypes.Value) {
			id := sim.AddBlacklist("Customers", "")
			limited := func(document string) map[string]tftypes.Value {
				return merge(entriesArguments(id, "authoritative", document), map[string]tftypes.Value{
					"max_removals": tftypes.NewValue(tftypes.Number, 0),
				})
			}
			return limited(sites(1, 4)), limited(sites(2, 4))
		},
		behind: removeFirstEntry,
	},
	"order, completed": {
		resource: orderType,
		configs: func(*simulator.Server) (applied, changed map[string]tftypes.Value) {
			return orderConfig(nil), orderConfig(map[string]tftypes.Value{"title": text("Nordics SaaS")})
		},
		behind: func(sim *simulator.Server, id string) { sim.SetOrderStatus(id, "COMPLETED", "") },
	},
	"order, hidden": {
		resource: orderType,
		configs: func(*simulator.Server) (applied, changed map[string]tftypes.Value) {
			return orderConfig(nil), orderConfig(map[string]tftypes.Value{"title": text("Nordics SaaS")})
		},
		behind: func(sim *simulator.Server, id string) { sim.HideOrder(id, true) },
	},
	"order, to be waited for, completed": {
		resource: orderType,
		configs: func(*simulator.Server) (applied, changed map[string]tftypes.Value) {
			return orderConfig(nil), orderConfig(map[string]tftypes.Value{"wait_for_completion": boolValue(true)})
		},
		behind: func(sim *simulator.Server, id string) { sim.SetOrderStatus(id, "COMPLETED", "") },
	},
	"order, seen again": {
		resource: orderType,
		configs: func(*simulator.Server) (applied, changed map[string]tftypes.Value) {
			return orderConfig(nil), orderConfig(map[string]tftypes.Value{"title": text("Nordics SaaS")})
		},
		private: "invisible",
		behind:  func(*simulator.Server, string) {},
	},
	"protected order": {
		resource: orderType,
		configs: func(*simulator.Server) (applied, changed map[string]tftypes.Value) {
			prevent := map[string]tftypes.Value{"deletion_policy": text("PREVENT")}
			return orderConfig(prevent), merge(orderConfig(prevent), map[string]tftypes.Value{"title": text("Nordics SaaS")})
		},
		behind: func(sim *simulator.Server, id string) { sim.SetOrderStatus(id, "COMPLETED", "") },
	},
	"search profile": {
		resource: profileType,
		configs: func(*simulator.Server) (applied, changed map[string]tftypes.Value) {
			return profileConfig(nil), profileConfig(map[string]tftypes.Value{"name": text("Nordics SaaS")})
		},
		behind: func(*simulator.Server, string) {},
		newest: true,
	},
	"blacklists of a search, assigned by somebody else": {
		resource: assignmentType,
		configs: func(sim *simulator.Server) (applied, changed map[string]tftypes.Value) {
			list, search := sim.AddBlacklist("Customers", ""), sim.AddProspectSearch("Spring")
			return assignmentConfig(search, list), assignmentConfig(search)
		},
		behind: func(sim *simulator.Server, id string) {
			sim.AssignBlacklists(id, sim.AddBlacklist("Competitors", ""))
		},
	},
	"blacklists of a search, gone": {
		resource: assignmentType,
		configs: func(sim *simulator.Server) (applied, changed map[string]tftypes.Value) {
			list, search := sim.AddBlacklist("Customers", ""), sim.AddProspectSearch("Spring")
			return assignmentConfig(search, list), assignmentConfig(search)
		},
		behind: func(sim *simulator.Server, id string) { sim.RemoveProspectSearch(id) },
	},
}

func TestMinimalRefreshCoversEveryResource(t *testing.T) {
	t.Parallel()
	covered := make(map[string]bool)
	for _, test := range minimalCases {
		covered[test.resource] = true
	}
	for name := range providerSchema(t).ResourceSchemas {
		if !covered[name] {
			t.Errorf("no case for %s", name)
		}
	}
}

// TestMinimalRefreshOfNoChange: a resource whose configuration equals its state sends no request, whatever has happened to it.
func TestMinimalRefreshOfNoChange(t *testing.T) {
	t.Parallel()
	for name, test := range minimalCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := test.start(t)
			applied, _ := test.configs(sim)
			r := &protocolResource{name: test.resource}
			r.apply(t, configuredServer(t, sim), applied)
			test.behind(sim, r.attribute(t, "id"))

			sim.ResetJournal()
			result := r.planned(t, configuredServer(t, sim), applied, walk{minimal: true})
			if result.failed != "" || !r.isNoOp(t, result.plan) || len(result.warnings) > 0 {
				t.Errorf("not a no-op: %s%q", result.failed, result.warnings)
			}
			if got := sim.Count("", ""); got != 0 {
				t.Errorf("%d requests, want none", got)
			}
		})
	}
}

// TestMinimalRefresh plans each change after a discarded plan as it is planned after a refresh alone.
func TestMinimalRefresh(t *testing.T) {
	t.Parallel()
	for name, test := range minimalCases {
		for how, w := range map[string]walk{
			"changed":  {},
			"replaced": {replace: true},
			"tainted":  {tainted: true},
		} {
			for _, keepsPrivate := range []bool{true, false} {
				title := fmt.Sprintf("%s, %s, private state kept %t", name, how, keepsPrivate)
				t.Run(title, func(t *testing.T) {
					t.Parallel()
					sim := test.start(t)
					applied, changed := test.configs(sim)
					r := &protocolResource{name: test.resource}
					r.apply(t, configuredServer(t, sim), applied)
					if test.private != "" {
						r.private = marked(t, test.private)
					}
					if !keepsPrivate {
						r.private = nil // a provider that dies takes it along
					}
					test.behind(sim, r.attribute(t, "id"))

					refreshed, minimal := *r, *r
					want := refreshed.planned(t, configuredServer(t, sim), changed, w)
					unrefreshed := w
					unrefreshed.minimal = true
					got := minimal.planned(t, configuredServer(t, sim), changed, unrefreshed)
					if w.tainted && claimsWhatItManages(test.resource) && want.failed == "" {
						if !refusedAsTwo(got.failed) {
							t.Errorf("the plan of a tainted resource fails with %q, want two resources to be refused", got.failed)
						}
						return
					}
					compareOutcomes(t, test.resource, got, want)
				})
			}
		}
	}
}

// claimsWhatItManages reports whether two resources of that type cannot manage the same thing. Terraform plans a tainted resource as a
// creation, without anything that tells it from another one: two such plans look like two resources. That is refused, not planned
// wrongly; a plan without -minimal-refresh goes through.
func claimsWhatItManages(resource string) bool {
	return slices.Contains([]string{"openprospect_blacklist_entry", entriesType, assignmentType}, resource)
}

// refusedAsTwo reports whether a plan was refused because two resources manage the same thing.
func refusedAsTwo(failed string) bool {
	return strings.Contains(failed, "two resources manage") || strings.Contains(failed, "one resource manages the whole list") ||
		strings.Contains(failed, "Two resources for one prospect search")
}

func compareOutcomes(t *testing.T, name string, got, want planOutcome) {
	t.Helper()
	// The detail may name a status that is older.
	if summary, _, _ := strings.Cut(want.failed, ": "); !strings.HasPrefix(got.failed, summary) || want.failed == "" && got.failed != "" {
		t.Errorf("the plan after a discarded one fails with %q, after a refresh with %q", got.failed, want.failed)
	}
	if got.failed != "" || want.failed != "" {
		return
	}
	if !slices.Equal(got.warnings, want.warnings) {
		t.Errorf("the plan after a discarded one warns %q, after a refresh %q", got.warnings, want.warnings)
	}
	if got.dropped != want.dropped || replacedNames(got.plan) != replacedNames(want.plan) {
		t.Errorf("dropped %t, replaced by %s; after a refresh dropped %t, replaced by %s",
			got.dropped, replacedNames(got.plan), want.dropped, replacedNames(want.plan))
	}
	schema := providerSchema(t).ResourceSchemas[name]
	planned, refreshed := attributesOf(t, schema, got.plan.PlannedState), attributesOf(t, schema, want.plan.PlannedState)
	for attribute := range refreshed {
		if !planned[attribute].Equal(refreshed[attribute]) {
			t.Errorf("%s is planned as %s, after a refresh as %s", attribute, planned[attribute], refreshed[attribute])
		}
	}
}

// TestPlannedDestructionIsKeptByARead: Terraform 1.11 plans the destruction of what has left the configuration before it reads it, and
// not again after that.
func TestPlannedDestructionIsKeptByARead(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "")
	old := &protocolResource{name: "openprospect_blacklist_entry"}
	withSite := func(company string) map[string]tftypes.Value {
		return merge(entryArguments(id, company), map[string]tftypes.Value{"website_url": text("acme.com")})
	}
	old.apply(t, configuredServer(t, sim), withSite("Acme"))

	server := configuredServer(t, sim)
	old.plan(t, server, nil)
	if !old.read(t, server) {
		t.Fatal("the entry was dropped from state")
	}
	_, failed := (&protocolResource{name: old.name}).tryPlan(t, server, withSite("Acme GmbH"))
	if !strings.Contains(failed, withOtherFields) {
		t.Errorf("the creation is planned with %q, want %q", failed, withOtherFields)
	}
}
