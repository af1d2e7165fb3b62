package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

const (
	assignmentType    = "openprospect_prospect_search_blacklists"
	assignmentAddress = assignmentType + ".spring"
	assignmentPath    = "/prospect-searches/*/blacklists"
)

func assignmentHCL(search string, blacklistIDs ...string) string {
	return fmt.Sprintf(`
resource "openprospect_prospect_search_blacklists" "spring" {
  prospect_search_id = %q
  blacklist_ids      = [%s]
}
`, search, quoted(blacklistIDs))
}

func quoted(texts []string) string {
	var all []string
	for _, one := range texts {
		all = append(all, fmt.Sprintf("%q", one))
	}
	return strings.Join(all, ", ")
}

func assignmentConfig(search string, blacklistIDs ...string) map[string]tftypes.Value {
	return map[string]tftypes.Value{"prospect_search_id": text(search), "blacklist_ids": setValue(blacklistIDs...)}
}

// expectAssigned checks the blacklists of a search in any order.
func expectAssigned(sim *simulator.Server, search string, want ...string) serverCheck {
	return func() error {
		got, _ := sim.ProspectSearch(search)
		if !slices.Equal(slices.Sorted(slices.Values(got.BlacklistIDs)), slices.Sorted(slices.Values(want))) {
			return fmt.Errorf("assigned are %q, want %q", got.BlacklistIDs, want)
		}
		return nil
	}
}

func checkAssigned(t *testing.T, sim *simulator.Server, search string, want ...string) {
	t.Helper()
	if err := expectAssigned(sim, search, want...)(); err != nil {
		t.Error(err)
	}
}

func TestAccProspectSearchBlacklists(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	first, second := sim.AddBlacklist("Customers", ""), sim.AddBlacklist("Competitors", "")
	search := sim.AddProspectSearch("Spring")

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:      configure(sim, assignmentHCL(search, "Customers")),
				ExpectError: expectError(`blacklist_ids takes IDs, not names, got "Customers". Use ` + "`data.openprospect_blacklist`"),
			},
			{
				PreConfig: func() { sim.AssignBlacklists(search, second) },
				Config:    configure(sim, assignmentHCL(search, first)),
				// In the plan already: the search is known.
				PlanOnly:    true,
				ExpectError: expectError(fmt.Sprintf("assigned to the prospect search %s, but are not in blacklist_ids: %s", search, second)),
			},
			{
				Config:           configure(sim, assignmentHCL(search, first, second)),
				ConfigPlanChecks: expectAction(assignmentAddress, plancheck.ResourceActionCreate),
			},
			{
				// Drift is shown, and taken off once a plan has shown it.
				PreConfig:        func() { sim.AssignBlacklists(search, second) },
				Config:           configure(sim, assignmentHCL(search, first)),
				ConfigPlanChecks: expectAction(assignmentAddress, plancheck.ResourceActionUpdate),
			},
			{
				PreConfig:        func() { checkAssigned(t, sim, search, first); sim.RemoveProspectSearch(search) },
				Config:           configure(sim, assignmentHCL(search, first)),
				ConfigPlanChecks: expectAction(assignmentAddress, plancheck.ResourceActionCreate),
				ExpectError:      expectError("Look up its ID with data.openprospect_prospect_searches"),
			},
		},
	})
}

// TestAccProspectSearchBlacklistsRenamed names the resource otherwise without a moved block: the search ends with its blacklists in
// whatever order Terraform does it.
func TestAccProspectSearchBlacklistsRenamed(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	list := sim.AddBlacklist("Customers", "")
	search := sim.AddProspectSearch("Spring")
	renamed := strings.Replace(assignmentHCL(search, list), `"spring"`, `"summer"`, 1)

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: configure(sim, assignmentHCL(search, list))},
			{Config: configure(sim, renamed)},
			{
				Config:           configure(sim, renamed, ""),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			},
			{
				PreConfig:   func() { checkAssigned(t, sim, search, list) },
				Config:      configure(sim, renamed+assignmentHCL(search, list)),
				ExpectError: expectError("Another openprospect_prospect_search_blacklists resource already manages"),
			},
		},
		CheckDestroy: func(*terraform.State) error { return expectAssigned(sim, search)() },
	})
}

// TestAssignmentRenamedAtOnce: Terraform destroys the old resource and creates the new one at the same moment. The search ends with its
// blacklists although the creation begins after the destruction has looked at the search.
func TestAssignmentRenamedAtOnce(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	list := sim.AddBlacklist("Customers", "")
	search := sim.AddProspectSearch("Spring")
	config := assignmentConfig(search, list)
	old := &protocolResource{name: assignmentType}
	old.apply(t, impatientServer(t, sim), config)

	server := impatientServer(t, sim)
	destruction := old.plan(t, server, nil)
	sim.ResetJournal()
	sim.Inject(simulator.Fault{Method: http.MethodGet, Pattern: assignmentPath, Work: true, Delay: 300 * time.Millisecond})
	var group sync.WaitGroup
	group.Go(func() {
		if failed := old.tryCarryOut(t, server, destruction, nil); failed != "" {
			t.Error(failed)
		}
	})
	for began := time.Now(); sim.Count(http.MethodGet, assignmentPath) == 0 && time.Since(began) < 10*time.Second; {
		time.Sleep(time.Millisecond)
	}
	if failed := (&protocolResource{name: assignmentType}).attempt(t, server, config); failed != "" {
		t.Error(failed)
	}
	group.Wait()
	checkAssigned(t, sim, search, list)
}

// TestAssignmentUnderEachSwitch: under each generation and switch blacklists are assigned, plan nothing, are imported, changed and
// taken off. Without Terraform: there are many switches.
func TestAssignmentUnderEachSwitch(t *testing.T) {
	t.Parallel()
	for _, generation := range simulator.Generations() {
		for _, toggle := range simulator.Switches() {
			t.Run(generation.Name+"/"+toggle.Name, func(t *testing.T) {
				t.Parallel()
				var behavior simulator.Behavior
				generation.Set(&behavior)
				toggle.Set(&behavior)
				sim := startSimulator(t, simulator.Options{Behavior: behavior})
				first, second := sim.AddBlacklist("Customers", ""), sim.AddBlacklist("Competitors", "")
				search := sim.AddProspectSearch("Spring")
				server := impatientServer(t, sim)

				assignment := &protocolResource{name: assignmentType}
				assignment.apply(t, server, assignmentConfig(search, first, second))
				checkAssigned(t, sim, search, first, second)
				if !assignment.read(t, server) {
					t.Fatal("the assignment was dropped from state")
				}
				assignment.expectUnchanged(t, server, assignmentConfig(search, first, second))

				imported := importByIdentity(t, server, assignmentType, assignment.identity)
				if got, want := imported.identityAttributes(t, server)["prospect_search_id"], search; got != want {
					t.Errorf("the identity is %s, want %s", got, want)
				}

				assignment.apply(t, server, assignmentConfig(search, second))
				checkAssigned(t, sim, search, second)
				if failed := assignment.attempt(t, server, nil); failed != "" {
					t.Error(failed)
				}
				checkAssigned(t, sim, search)
			})
		}
	}
}

// TestAssignmentRequests counts: requests are scarce.
func TestAssignmentRequests(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	list := sim.AddBlacklist("Customers", "")
	search := sim.AddProspectSearch("Spring")
	server := impatientServer(t, sim)
	assignment := &protocolResource{name: assignmentType}
	for _, step := range []struct {
		what string
		do   func()
		want int
	}{
		{"create: looked at by the plan, with the blacklists, and again before the request", func() {
			assignment.apply(t, server, assignmentConfig(search, list))
		}, 4},
		{"no change", func() {
			assignment.read(t, server)
			assignment.expectUnchanged(t, server, assignmentConfig(search, list))
		}, 1},
		{"change", func() { assignment.apply(t, server, assignmentConfig(search)) }, 2},
		{"destroy what has none", func() { assignment.attempt(t, server, nil) }, 0},
		{"create what is there", func() {
			sim.AssignBlacklists(search, list)
			assignment = &protocolResource{name: assignmentType}
			assignment.apply(t, server, assignmentConfig(search, list))
		}, 2},
	} {
		sim.ResetJournal()
		step.do()
		if got := sim.Count("", ""); got != step.want {
			t.Errorf("%s: %d requests, want %d", step.what, got, step.want)
		}
	}
}

// TestAssignmentKeepsWhatNoPlanHasShown: what the dashboard assigns between plan and apply is not taken off.
func TestAssignmentKeepsWhatNoPlanHasShown(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	lists := []string{sim.AddBlacklist("a", ""), sim.AddBlacklist("b", ""), sim.AddBlacklist("c", "")}
	search := sim.AddProspectSearch("Spring")
	config := assignmentConfig(search, lists[0])

	assignment := &protocolResource{name: assignmentType}
	server := impatientServer(t, sim)
	plan := assignment.plan(t, server, config)
	sim.AssignBlacklists(search, lists[2])
	if failed := assignment.tryCarryOut(t, server, plan, config); !strings.Contains(failed, lists[2]) || assignment.hasState(t) {
		t.Errorf("a create over what was assigned after its plan: %s", failed)
	}
	checkAssigned(t, sim, search, lists[2])

	sim.AssignBlacklists(search)
	assignment = &protocolResource{name: assignmentType}
	server = impatientServer(t, sim)
	assignment.apply(t, server, config)
	for _, step := range []struct {
		config map[string]tftypes.Value
		want   []string
	}{
		{assignmentConfig(search, lists[1]), lists[1:]},
		{nil, lists[2:]},
	} {
		plan := assignment.plan(t, server, step.config)
		assigned, _ := sim.ProspectSearch(search)
		sim.AssignBlacklists(search, append(assigned.BlacklistIDs, lists[2])...)
		assignment.carryOut(t, server, plan, step.config)
		checkAssigned(t, sim, search, step.want...)
		if got := strings.Join(assignment.warnings, "\n"); !strings.Contains(got, "stay assigned. The next plan shows them:\n\n  "+lists[2]) {
			t.Errorf("the warnings are %s", got)
		}
		sim.AssignBlacklists(search, lists[1])
	}
}

func TestAssignmentMessages(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{Behavior: simulator.Behavior{Assignment: "objects"}})
	list := sim.AddBlacklist("Customers", "")
	search := sim.AddProspectSearch("Spring", list)
	named := fmt.Sprintf("%q (%s)", "Customers", list)
	server := impatientServer(t, sim)
	expect := func(got, want string) {
		t.Helper()
		if !strings.Contains(got, want) {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
	_, failed := (&protocolResource{name: assignmentType}).tryPlan(t, server, assignmentConfig(search))
	expect(failed, named)
	expect(failed, "terraform import 'openprospect_prospect_search_blacklists.<name>' '"+search+"'")

	server = impatientServer(t, sim)
	assignment := &protocolResource{name: assignmentType}
	assignment.apply(t, server, assignmentConfig(search, list))
	assignment.plan(t, server, nil)
	expect(strings.Join(assignment.warnings, "\n"), "The search then finds the companies on them again:\n\n  "+named)
	assignment.plan(t, server, assignmentConfig("another", list))
	expect(strings.Join(assignment.warnings, "\n"), "removes these blacklists from the prospect search "+search)

	_, failed = (&protocolResource{name: assignmentType}).tryPlan(t, server, assignmentConfig(search, list))
	expect(failed, "Two resources for one prospect search")

	sim.RemoveProspectSearch(search)
	if failed := assignment.attempt(t, server, nil); failed != "" {
		t.Errorf("destroying what is gone: %s", failed)
	}
	server = impatientServer(t, sim)
	assignment = &protocolResource{name: assignmentType}
	other := sim.AddProspectSearch("Summer")
	assignment.apply(t, server, assignmentConfig(other, list))
	sim.RemoveProspectSearch(other)
	if assignment.read(t, server) {
		t.Error("a search that is gone stays in state")
	}
	expect(strings.Join(assignment.warnings, "\n"), "The prospect search "+other+" was removed")
}

// TestAssignmentUnknownSearch leaves the decision to the apply where the search is not known yet.
func TestAssignmentUnknownSearch(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	config := assignmentConfig("s", sim.AddBlacklist("Customers", ""))
	config["prospect_search_id"] = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	server := impatientServer(t, sim)
	for range 2 { // two resources whose searches are unknown are not one
		if _, failed := (&protocolResource{name: assignmentType}).tryPlan(t, server, config); failed != "" {
			t.Error(failed)
		}
	}
	if got := sim.Count("", assignmentPath); got > 0 {
		t.Errorf("%d requests for an unknown search", got)
	}
}
