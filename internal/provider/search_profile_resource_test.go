package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

const (
	profileType    = "openprospect_search_profile"
	profileAddress = profileType + ".dach_saas"
	creationsPath  = "/search-profile-creations"
)

// everyScope is what all of the provider needs.
var everyScope = []string{"orders:read", "orders:write", "blacklists:read", "blacklists:write", "prospect_searches:read"}

// startNewest serves a simulator of the newest generation.
func startNewest(t *testing.T, behavior simulator.Behavior) *simulator.Server {
	t.Helper()
	behavior.Newest = true
	return startSimulator(t, simulator.Options{Behavior: behavior, Scopes: everyScope})
}

func profileConfig(changes map[string]tftypes.Value) map[string]tftypes.Value {
	return merge(map[string]tftypes.Value{
		"name":                   text("DACH SaaS"),
		"ideal_customer_profile": text("SaaS with 50 to 500 employees"),
		"seller_offering":        text("Consulting"),
		"target_countries":       setValue("Germany", "Austria"),
	}, changes)
}

func merge(values, changes map[string]tftypes.Value) map[string]tftypes.Value {
	merged := map[string]tftypes.Value{}
	for _, some := range []map[string]tftypes.Value{values, changes} {
		for name, value := range some {
			merged[name] = value
		}
	}
	return merged
}

func profileHCL(name string, more ...string) string {
	return fmt.Sprintf(`
resource "openprospect_search_profile" "dach_saas" {
  name                   = %q
  ideal_customer_profile = "SaaS with 50 to 500 employees"
  seller_offering        = "Consulting"
  target_countries       = ["Germany", "Austria"]
  %s
}
`, name, strings.Join(more, "\n  "))
}

func expectAction(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func TestAccSearchProfile(t *testing.T) {
	sim := startNewest(t, simulator.Behavior{})
	made := func(index int) knownvalue.Check {
		return knownvalue.StringFunc(func(id string) error { return wantID(id, sim.ProfileCreations()[index].ProfileID) })
	}
	expectCreations := func(want int) error {
		if got := len(sim.ProfileCreations()); got != want {
			return fmt.Errorf("%d profile creations, want %d", got, want)
		}
		return nil
	}

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: configure(sim, profileHCL("DACH SaaS")),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(profileAddress, tfjsonpath.New("id"), made(0)),
					statecheck.ExpectKnownValue(profileAddress, tfjsonpath.New("status"), knownvalue.StringExact("SUCCEEDED")),
					expectCount(sim, "POST", creationsPath, 1),
					expectCount(sim, "GET", creationsPath+"/*", 1),
				},
			},
			{
				// Refreshing and spelling otherwise asks nothing.
				Config:           configure(sim, profileHCL(" DACH SaaS\n", `keepers = {}`)),
				ConfigPlanChecks: expectAction(profileAddress, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(profileAddress, tfjsonpath.New("id"), made(0)),
					expectCount(sim, "POST", creationsPath, 1),
					expectCount(sim, "GET", creationsPath+"/*", 1),
				},
			},
			{
				Config:           configure(sim, profileHCL("DACH SaaS", `target_industries = ["Software"]`)),
				ConfigPlanChecks: expectAction(profileAddress, plancheck.ResourceActionReplace),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(profileAddress, tfjsonpath.New("id"), made(1)),
				},
			},
			{
				// What was there before is found again.
				Config:            configure(sim, profileHCL("DACH SaaS")),
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(profileAddress, tfjsonpath.New("id"), made(0))},
			},
		},
		CheckDestroy: func(*terraform.State) error { return expectCreations(2) },
	})
}

// TestProfileUnderEachSwitch: a profile is created, plans nothing, and is forgotten with a warning. Without Terraform: there are many
// switches.
func TestProfileUnderEachSwitch(t *testing.T) {
	t.Parallel()
	for _, toggle := range simulator.Switches() {
		t.Run(toggle.Name, func(t *testing.T) {
			t.Parallel()
			var behavior simulator.Behavior
			toggle.Set(&behavior)
			sim := startNewest(t, behavior)
			server := impatientServer(t, sim)
			profile := &protocolResource{name: profileType}
			profile.apply(t, server, profileConfig(nil))
			if !profile.read(t, server) {
				t.Fatal("the profile was dropped from state")
			}
			profile.expectUnchanged(t, server, profileConfig(nil))
			creations := sim.ProfileCreations()
			id, creationID := profile.attribute(t, "id"), profile.attribute(t, "creation_id")
			if len(creations) != 1 || id != creations[0].ProfileID || creationID != creations[0].ID {
				t.Errorf("state holds %s, made by %s, the server %+v", id, creationID, creations)
			}
			if failed := profile.attempt(t, server, nil); failed != "" {
				t.Error(failed)
			}
			want := `The search profile "DACH SaaS" (` + id + `) stays at OpenProspect`
			if got := strings.Join(profile.warnings, "\n"); !strings.Contains(got, want) {
				t.Errorf("the destruction warns: %s", got)
			}
		})
	}
}

// TestProfileSpelledOtherwise plans nothing for what asks for the same.
func TestProfileSpelledOtherwise(t *testing.T) {
	t.Parallel()
	sim := startNewest(t, simulator.Behavior{})
	server := impatientServer(t, sim)
	profile := &protocolResource{name: profileType}
	profile.apply(t, server, profileConfig(map[string]tftypes.Value{"ideal_customer_profile": text("first\nsecond\n")}))
	profile.expectUnchanged(t, server, profileConfig(map[string]tftypes.Value{
		"name":                   text(" DACH SaaS"),
		"ideal_customer_profile": text("first\r\nsecond"),
		"target_countries":       setValue(" Austria", "Germany"),
	}))
	for name, changes := range map[string]map[string]tftypes.Value{
		"ideal_customer_profile": {"ideal_customer_profile": text("first second")},
		"target_countries":       {"target_countries": setValue("Austria"), "ideal_customer_profile": text("first\nsecond")},
		"output_language":        {"output_language": text("en"), "ideal_customer_profile": text("first\nsecond")},
		"name": {
			"name": tftypes.NewValue(tftypes.String, tftypes.UnknownValue), "ideal_customer_profile": text("first\nsecond"),
		},
	} {
		plan := profile.plan(t, server, profileConfig(changes))
		if got, want := replacedNames(plan), fmt.Sprintf("AttributeName(%q)", name); got != want {
			t.Errorf("requires replace %s, want %s", got, want)
		}
	}
}

// TestProfileErrors: what goes wrong leaves no state, says what to do, and the advice helps.
func TestProfileErrors(t *testing.T) {
	t.Parallel()
	keepers := map[string]tftypes.Value{
		"keepers": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"again": text("1")}),
	}
	for name, test := range map[string]struct {
		behavior simulator.Behavior
		prepare  func(*simulator.Server)
		says     []string
		// then is what is applied next.
		then      map[string]tftypes.Value
		creations int
	}{
		"it fails": {
			prepare:   func(sim *simulator.Server) { sim.FailProfiles(2) },
			says:      []string{"ended as FAILED: The ideal customer profile could not be understood.", "add or change a value of keepers"},
			creations: 3,
		},
		"it always fails": {
			prepare: func(sim *simulator.Server) {
				sim.FailProfiles(20)
				for range 10 {
					(&protocolResource{name: profileType}).attempt(t, impatientServer(t, sim), profileConfig(nil))
				}
			},
			says: []string{"all 20 creations of this profile failed", "add or change a value of keepers"}, then: keepers, creations: 21,
		},
		"a key is refused after a lost answer": {
			behavior: simulator.Behavior{UsedKeyRefused: true},
			prepare: func(sim *simulator.Server) {
				sim.Inject(simulator.Fault{Method: "POST", Work: true, Drop: true})
			},
			says: []string{"rejected the idempotency key", "Add or change a value of keepers"}, then: keepers, creations: 2,
		},
		"the answer is lost again and again": {
			prepare: func(sim *simulator.Server) {
				sim.Inject(simulator.Fault{Method: "POST", Work: true, Status: 504, Times: 2})
				sim.Inject(simulator.Fault{Method: "POST", Work: true, Body: "OK", ContentType: "text/plain"})
			},
			says: []string{"Run Terraform again"}, creations: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startNewest(t, test.behavior)
			test.prepare(sim)
			profile := &protocolResource{name: profileType}
			failed := profile.attempt(t, impatientServer(t, sim), profileConfig(nil))
			for _, part := range test.says {
				if !strings.Contains(failed, part) {
					t.Errorf("the error lacks %q:\n%s", part, failed)
				}
			}
			if profile.hasState(t) {
				t.Error("there is a state")
			}
			profile = &protocolResource{name: profileType}
			if failed := profile.attempt(t, impatientServer(t, sim), profileConfig(test.then)); failed != "" {
				t.Errorf("the next apply: %s", failed)
			}
			if got := len(sim.ProfileCreations()); got != test.creations {
				t.Errorf("%d creations, want %d", got, test.creations)
			}
		})
	}
}

// TestProfileTimeout ends the wait; the next apply waits for the same creation.
func TestProfileTimeout(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{Behavior: simulator.Behavior{Newest: true}, ProfileTime: time.Hour})
	timeouts := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"create": tftypes.String}}
	config := profileConfig(map[string]tftypes.Value{"timeouts": tftypes.NewValue(timeouts, map[string]tftypes.Value{"create": text("1s")})})
	profile := &protocolResource{name: profileType}
	failed := profile.attempt(t, impatientServer(t, sim), config)
	if !strings.Contains(failed, "(PENDING)") || !strings.Contains(failed, "Apply again. The provider then waits for the same creation") {
		t.Errorf("got %s", failed)
	}
	sim.Advance(2 * time.Hour)
	if failed := profile.attempt(t, impatientServer(t, sim), profileConfig(nil)); failed != "" || len(sim.ProfileCreations()) != 1 {
		t.Errorf("the next apply: %s, %d creations", failed, len(sim.ProfileCreations()))
	}
}

// TestEachContract: each generation's API answers the other's way of ordering with what to do instead.
func TestEachContract(t *testing.T) {
	t.Parallel()
	guide := startSimulator(t, simulator.Options{})
	failed := (&protocolResource{name: profileType}).attempt(t, impatientServer(t, guide), profileConfig(nil))
	if !strings.Contains(failed, "Remove openprospect_search_profile. In openprospect_discovery_order, set ideal_customer_profile") {
		t.Errorf("the guide's API: %s", failed)
	}
	newest := startNewest(t, simulator.Behavior{})
	failed = (&protocolResource{name: orderType}).attempt(t, impatientServer(t, newest), orderConfig(nil))
	if !strings.Contains(failed, "only from a search profile. No order was placed. Create an openprospect_search_profile") {
		t.Errorf("the newest API: %s", failed)
	}
}

// newestConfig is a configuration of what the newest generation has beside orders.
func newestConfig(sim *simulator.Server, search string) string {
	return configure(sim, fmt.Sprintf(`
resource "openprospect_blacklist" "customers" {
  name = "Customers"
}
resource "openprospect_blacklist_entries" "customers" {
  blacklist_id = openprospect_blacklist.customers.id
  entries      = jsonencode({ acme = { website_url = "acme.com" } })
}
resource "openprospect_prospect_search_blacklists" "spring" {
  prospect_search_id = %q
  blacklist_ids      = [openprospect_blacklist_entries.customers.blacklist_id]
}
data "openprospect_prospect_searches" "all" {}
`, search)+profileHCL("DACH SaaS"))
}

// TestAccNewestSwitches is TestAccSwitches for the newest generation, under the switches that concern what only it has.
func TestAccNewestSwitches(t *testing.T) {
	t.Parallel()
	for name, behavior := range map[string]simulator.Behavior{
		"none":                {},
		"replay_first_answer": {ReplayFirstAnswer: true},
		"assignment_list":     {Assignment: "list", ListKey: "resource", WithoutTotal: true},
		"assignment_ids":      {Assignment: "ids", DeleteInUseRefused: true},
		"empty_write_answers": {EmptyWriteAnswers: true, CreationIDKey: true},
		"wrap_objects":        {WrapObjects: true, SparseEcho: true, RedirectToSlash: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startNewest(t, behavior)
			search := sim.AddProspectSearch("Spring")
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{
					{Config: newestConfig(sim, search)},
					{
						ResourceName: assignmentAddress, ImportState: true, ImportStateId: search,
						ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "prospect_search_id",
					},
				},
				CheckDestroy: func(state *terraform.State) error {
					left, _ := sim.ProspectSearch(search)
					if len(left.BlacklistIDs) > 0 || len(sim.ProfileCreations()) != 1 {
						return fmt.Errorf("left are %+v and %d profiles", left, len(sim.ProfileCreations()))
					}
					return noBlacklistLeft(sim)(state)
				},
			})
		})
	}
}
