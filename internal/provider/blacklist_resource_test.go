package provider_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

const blacklistAddress = "openprospect_blacklist.customers"

// blacklistConfig is one blacklist with the given arguments.
func blacklistConfig(sim *simulator.Server, arguments ...string) string {
	return configure(sim, fmt.Sprintf(`
resource "openprospect_blacklist" "customers" {
  %s
}`, strings.Join(arguments, "\n  ")))
}

// expectResourceAction is the plan check of a step that changes one resource.
func expectResourceAction(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// expectEmptyPlan is the plan check of a step that changes nothing. A step that only repeats the configuration is not needed:
// every step plans again after its apply, and fails if that plan is not empty.
func expectEmptyPlan() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
}

const blacklistType = "openprospect_blacklist"

// noBlacklistLeft asks the simulator, not the state.
func noBlacklistLeft(sim *simulator.Server) func(*terraform.State) error {
	return func(*terraform.State) error {
		if left := sim.Blacklists(); len(left) > 0 {
			return fmt.Errorf("%d blacklists are left, the first is %q", len(left), left[0].Name)
		}
		return nil
	}
}

// expectOnlyBlacklist compares the only blacklist of the simulator.
func expectOnlyBlacklist(sim *simulator.Server, name, description string) serverCheck {
	return func() error {
		blacklists := sim.Blacklists()
		if len(blacklists) != 1 {
			return fmt.Errorf("%d blacklists, want 1", len(blacklists))
		}
		if blacklists[0].Name != name || blacklists[0].Description != description {
			return fmt.Errorf("the blacklist is %q, %q, want %q, %q", blacklists[0].Name, blacklists[0].Description, name, description)
		}
		return nil
	}
}

// expectBodies compares the bodies of all requests of that kind.
func expectBodies(sim *simulator.Server, method string, want ...string) serverCheck {
	return func() error {
		var got []string
		for _, request := range sim.Journal() {
			if request.Method != method {
				continue
			}
			var body any
			if err := json.Unmarshal(request.Body, &body); err != nil {
				return err
			}
			compact, err := json.Marshal(body)
			if err != nil {
				return err
			}
			got = append(got, string(compact))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return fmt.Errorf("bodies of %s (-want +got):\n%s", method, diff)
		}
		return nil
	}
}

// wantID compares an id that is only known once a step runs.
func wantID(got, want string) error {
	if got != want {
		return fmt.Errorf("id is %q, want %q", got, want)
	}
	return nil
}

func TestAccBlacklist(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	sameID := statecheck.CompareValue(same{})

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{
				Config:           blacklistConfig(sim, `name = "Customers"`, `description = "From the CRM"`),
				ConfigPlanChecks: expectResourceAction(blacklistAddress, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					expectOnlyBlacklist(sim, "Customers", "From the CRM"),
					expectBodies(sim, "POST", `{"description":"From the CRM","name":"Customers"}`),
					sameID.AddStateValue(blacklistAddress, tfjsonpath.New("id")),
					statecheck.ExpectKnownValue(blacklistAddress, tfjsonpath.New("id"), knownvalue.StringFunc(func(id string) error {
						if _, ok := sim.Blacklist(id); !ok {
							return fmt.Errorf("%q is no blacklist", id)
						}
						return nil
					})),
					statecheck.ExpectKnownValue(blacklistAddress, tfjsonpath.New("name"), knownvalue.StringExact("Customers")),
					statecheck.ExpectKnownValue(blacklistAddress, tfjsonpath.New("description"), knownvalue.StringExact("From the CRM")),
					statecheck.ExpectKnownValue(blacklistAddress, tfjsonpath.New("force_destroy"), knownvalue.Bool(false)),
					statecheck.ExpectKnownValue(blacklistAddress, tfjsonpath.New("created_at"), knownvalue.NotNull()),
				},
			},
			{
				ResourceName:      blacklistAddress,
				ImportState:       true,
				ImportStateVerify: true,
			},
			{
				ResourceName:      blacklistAddress,
				ImportState:       true,
				ImportStateId:     "name=Customers",
				ImportStateVerify: true,
			},
			{
				PreConfig:        sim.ResetJournal,
				Config:           blacklistConfig(sim, `name = "Clients"`, `description = "From the CRM"`),
				ConfigPlanChecks: expectResourceAction(blacklistAddress, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					expectOnlyBlacklist(sim, "Clients", "From the CRM"),
					expectBodies(sim, "PATCH", `{"name":"Clients"}`),
					sameID.AddStateValue(blacklistAddress, tfjsonpath.New("id")),
				},
			},
			{
				PreConfig: sim.ResetJournal,
				Config:    blacklistConfig(sim, `name = "Clients"`),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(blacklistAddress, plancheck.ResourceActionUpdate),
					plancheck.ExpectKnownValue(blacklistAddress, tfjsonpath.New("created_at"), knownvalue.NotNull()),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					expectOnlyBlacklist(sim, "Clients", ""),
					expectBodies(sim, "PATCH", `{"description":null}`),
					statecheck.ExpectKnownValue(blacklistAddress, tfjsonpath.New("description"), knownvalue.Null()),
					sameID.AddStateValue(blacklistAddress, tfjsonpath.New("id")),
				},
			},
			{
				PreConfig:        sim.ResetJournal,
				Config:           blacklistConfig(sim, `name = "Clients"`, `force_destroy = true`),
				ConfigPlanChecks: expectResourceAction(blacklistAddress, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					// force_destroy is the provider's own: the API is not told.
					expectCount(sim, "PATCH", "", 0),
				},
			},
		},
	})
}

// same compares values that must not change from step to step.
type same struct{}

func (same) CompareValues(values ...any) error {
	for _, value := range values {
		if value != values[0] {
			return fmt.Errorf("%v became %v", values[0], value)
		}
	}
	return nil
}

func TestAccBlacklistNoChangePlanCostsOneRequest(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	config := blacklistConfig(sim, `name = "Customers"`)

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: config},
			// A PlanOnly step refreshes once.
			{PreConfig: sim.ResetJournal, Config: config, PlanOnly: true},
			{
				PreConfig: func() {
					if got := sim.Count("", ""); got != 1 {
						t.Errorf("a no-change plan sent %d requests, want 1", got)
					}
				},
				Config: config, PlanOnly: true,
			},
		},
	})
}

func TestAccBlacklistDrift(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	config := blacklistConfig(sim, `name = "Customers"`, `description = "From the CRM"`)

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig:         func() { sim.UpdateBlacklist(sim.Blacklists()[0].ID, "Renamed", "") },
				Config:            config,
				ConfigPlanChecks:  expectResourceAction(blacklistAddress, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{expectOnlyBlacklist(sim, "Customers", "From the CRM")},
			},
		},
	})
}

func TestAccBlacklistDisappears(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	config := blacklistConfig(sim, `name = "Customers"`)
	var first string

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig: func() {
					first = sim.Blacklists()[0].ID
					sim.RemoveBlacklist(first)
				},
				Config:           config,
				ConfigPlanChecks: expectResourceAction(blacklistAddress, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					expectOnlyBlacklist(sim, "Customers", ""),
					statecheck.ExpectKnownValue(blacklistAddress, tfjsonpath.New("id"), knownvalue.StringFunc(func(id string) error {
						if id == first {
							return fmt.Errorf("the state still has the id of the blacklist that is gone")
						}
						return nil
					})),
				},
			},
		},
	})
}

// TestAccBlacklistNotFoundIsNotGone is a 404 that does not mean that the
// blacklist is gone: a second one would be empty, and orders would refer to it.
func TestAccBlacklistNotFoundIsNotGone(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		faults []simulator.Fault
		words  string
	}{
		"the list of blacklists still has it": {
			[]simulator.Fault{{
				Method: "GET", Pattern: "/blacklists/*", Times: -1, Status: 404, ContentType: "application/json",
				Body: `{"code":"BLACKLIST_NOT_FOUND","message":"no such blacklist"}`,
			}},
			"but still lists it",
		},
		"a gateway says so": {
			[]simulator.Fault{{
				Method: "GET", Pattern: "/blacklists/*", Times: -1, Status: 404, ContentType: "text/html", Body: "<h1>Not Found</h1>",
			}},
			"answered with a web page, not the OpenProspect API",
		},
		"the list of blacklists cannot be read": {
			[]simulator.Fault{
				{
					Method: "GET", Pattern: "/blacklists/*", Times: -1, Status: 404, ContentType: "application/json",
					Body: `{"code":"BLACKLIST_NOT_FOUND","message":"no such blacklist"}`,
				},
				{
					Method: "GET", Pattern: "/blacklists", Times: -1, Status: 403, ContentType: "application/json",
					Body: `{"code":"AUTHORIZATION_ERROR","message":"no"}`,
				},
			},
			"Unable to read blacklists",
		},
		"the key lost its scope": {
			[]simulator.Fault{{
				Method: "GET", Pattern: "/blacklists/*", Times: -1, Status: 403, ContentType: "application/json",
				Body: `{"code":"AUTHORIZATION_ERROR","message":"no","details":{"required_scopes":["blacklists:read"],"user_scopes":["orders:read"]}}`,
			}},
			"blacklists:read",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			config := blacklistConfig(sim, `name = "Customers"`)
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				CheckDestroy:             noBlacklistLeft(sim),
				Steps: []resource.TestStep{
					{Config: config},
					{
						PreConfig: func() {
							for _, fault := range test.faults {
								sim.Inject(fault)
							}
						},
						Config:      config,
						ExpectError: expectError(test.words),
					},
					{
						PreConfig:        sim.ClearFaults,
						Config:           config,
						ConfigPlanChecks: expectEmptyPlan(),
					},
				},
			})
		})
	}
}

func TestAccBlacklistForceDestroy(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{Config: blacklistConfig(sim, `name = "Customers"`)},
			{
				PreConfig: func() {
					sim.AddEntries(sim.Blacklists()[0].ID, simulator.Entry{CompanyName: "Acme"}, simulator.Entry{CompanyName: "Globex"})
					sim.ResetJournal()
				},
				Config:      blacklistConfig(sim, `name = "Customers"`),
				Destroy:     true,
				ExpectError: expectError("still contains 2 entries"),
			},
			{
				PreConfig: func() {
					// One to refresh it, one to count.
					if got := sim.Count("", ""); got != 2 {
						t.Errorf("the refused destroy sent %d requests, want 2", got)
					}
				},
				Config:           blacklistConfig(sim, `name = "Customers"`, `force_destroy = true`),
				ConfigPlanChecks: expectResourceAction(blacklistAddress, plancheck.ResourceActionUpdate),
			},
		},
	})
}

// TestAccBlacklistDeletedMeanwhile is one that goes between the refresh of a destroy and its delete.
func TestAccBlacklistDeletedMeanwhile(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	config := blacklistConfig(sim, `name = "Customers"`)

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig: func() {
					sim.Inject(simulator.Fault{
						Name: "another client", Method: "GET", Pattern: "/blacklists/*/entries", Work: true,
						Hook: func() { sim.RemoveBlacklist(sim.Blacklists()[0].ID) },
					})
				},
				Config:  config,
				Destroy: true,
			},
		},
	})
}

func TestAccBlacklistDeleteRefused(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	config := blacklistConfig(sim, `name = "Customers"`)

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig: func() {
					sim.Inject(simulator.Fault{
						Name: "in use", Method: "DELETE", Pattern: "/blacklists/*", Times: -1, Status: 409, ContentType: "application/json",
						Body: `{"code":"CONFLICT","message":"assigned to an order that is not finished"}`,
					})
				},
				Config:      config,
				Destroy:     true,
				ExpectError: expectError("assigned to an order that is not finished"),
			},
			{
				PreConfig:        sim.ClearFaults,
				Config:           config,
				ConfigPlanChecks: expectEmptyPlan(),
			},
		},
	})
}

func TestAccBlacklistBadInput(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})

	for name, test := range map[string]struct {
		arguments []string
		words     string
	}{
		"empty name":        {[]string{`name = ""`}, "name must not be empty or only white space"},
		"blank name":        {[]string{`name = " \t"`}, "name must not be empty or only white space"},
		"empty description": {[]string{`name = "Customers"`, `description = ""`}, "description must not be empty or only white space"},
		"no name":           {[]string{`description = "From the CRM"`}, `The argument "name" is required`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config:      blacklistConfig(sim, test.arguments...),
					PlanOnly:    true,
					ExpectError: expectError(test.words),
				}},
			})
			expectNothingSent(t, sim)
		})
	}
}

func TestAccBlacklistRefusedByTheAPI(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{
				PreConfig: func() {
					sim.Inject(simulator.Fault{
						Name: "422", Method: "POST", Pattern: "/blacklists", Status: 422, ContentType: "application/json",
						Body: `{"error":{"code":"VALIDATION_ERROR","message":"bad","details":{"validation_errors":[{"field":"name","error":"too long"}]}}}`,
					})
				},
				Config:      blacklistConfig(sim, `name = "Customers"`),
				ExpectError: expectError("The API rejected name: too long."),
			},
			{
				// Nothing was created, so nothing is tainted.
				Config:           blacklistConfig(sim, `name = "Customers"`),
				ConfigPlanChecks: expectResourceAction(blacklistAddress, plancheck.ResourceActionCreate),
			},
		},
	})
}

// TestAccBlacklistLostAnswer is a blacklist that was made and of which nobody can tell: neither the answer arrives nor a list.
func TestAccBlacklistLostAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		list  simulator.Fault
		words string
	}{
		"the list cannot be read": {
			simulator.Fault{Status: 503},
			"Check the list of blacklists in the dashboard before you apply again, because an apply creates a second one. " +
				"If it is there, import it: " +
				"terraform import 'openprospect_blacklist.<name>' '<blacklist id>'",
		},
		"the list does not show it": {
			simulator.Fault{Body: `{"items":[],"total":0}`},
			"It may still appear. Check the dashboard before you apply again, because an apply creates a second one. " +
				"If it is there, import it: " +
				"terraform import 'openprospect_blacklist.<name>' '<blacklist id>'",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			test.list.Method, test.list.Pattern, test.list.Times = "GET", "/blacklists", -1
			sim.Inject(test.list)
			sim.Inject(simulator.Fault{Method: "POST", Pattern: "/blacklists", Work: true, Status: 503})
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config:      configure(sim, "resource \"openprospect_blacklist\" \"customers\" {\n  name = \"Customers\"\n}", "max_retries = 0"),
					ExpectError: expectError(test.words),
				}},
			})
			if posts, made := sim.Count("POST", ""), len(sim.Blacklists()); posts != 1 || made != 1 {
				t.Errorf("%d POSTs made %d blacklists, want one of each", posts, made)
			}
		})
	}
}

func TestAccBlacklistImportByName(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	first := sim.AddBlacklist("Twice", "the first")
	second := sim.AddBlacklist("Twice", "the second")
	importing := func(id string) resource.TestStep {
		return resource.TestStep{
			Config:        blacklistConfig(sim, `name = "Twice"`),
			ResourceName:  blacklistAddress,
			ImportState:   true,
			ImportStateId: id,
		}
	}
	ambiguous := importing("name=Twice")
	ambiguous.ExpectError = expectError(`2 blacklists are named "Twice". Use the ID of one of them: ` + first + ", " + second)
	missing := importing("name=Nobody")
	missing.ExpectError = expectError(`no blacklist is named "Nobody"`)
	unknownID := importing("00000000-0000-4000-8000-000000000000")
	unknownID.ExpectError = expectError("Cannot import non-existent remote object")
	name := importing("From dashboard")
	name.ExpectError = expectError(
		`Not an ID: "From dashboard". To import a blacklist by name: terraform import 'openprospect_blacklist.<name>' 'name=From dashboard'`,
	)

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps:                    []resource.TestStep{ambiguous, missing, unknownID, name},
	})
	for _, method := range []string{"POST", "PATCH", "PUT", "DELETE"} {
		if got := sim.Count(method, ""); got != 0 {
			t.Errorf("imports sent %d %s requests", got, method)
		}
	}
}

func TestAccBlacklistIdentity(t *testing.T) {
	requireFeature(t, resourceIdentity)
	sim := startSimulator(t, simulator.Options{})

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: blacklistConfig(sim, `name = "Customers"`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectIdentityValueMatchesState(blacklistAddress, tfjsonpath.New("id")),
				},
			},
			{
				ResourceName:    blacklistAddress,
				ImportState:     true,
				ImportStateKind: resource.ImportBlockWithResourceIdentity,
			},
		},
	})
}

// TestBlacklistProtocol is what Terraform 1.11 does not ask for, and what
// plugin-testing cannot see: identity, and warnings.
func TestBlacklistProtocol(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	server := configuredServer(t, sim)

	blacklist := &protocolResource{name: "openprospect_blacklist"}
	blacklist.apply(t, server, map[string]tftypes.Value{"name": text("Customers")})
	id := sim.Blacklists()[0].ID
	want := map[string]string{"id": id}
	if diff := cmp.Diff(want, blacklist.identityAttributes(t, server)); diff != "" {
		t.Errorf("identity after create (-want +got):\n%s", diff)
	}
	created := blacklist.identity

	blacklist.apply(t, server, map[string]tftypes.Value{"name": text("Clients")})
	if diff := cmp.Diff(want, blacklist.identityAttributes(t, server)); diff != "" {
		t.Errorf("identity after update (-want +got):\n%s", diff)
	}
	// A state of a Terraform that keeps no identity.
	blacklist.identity = nil
	blacklist.read(t, server)
	if diff := cmp.Diff(want, blacklist.identityAttributes(t, server)); diff != "" {
		t.Errorf("identity after read (-want +got):\n%s", diff)
	}

	imported := importByIdentity(t, server, "openprospect_blacklist", created)
	for name, want := range map[string]string{"id": id, "name": "Clients"} {
		if got := imported.attribute(t, name); got != want {
			t.Errorf("imported %s is %q, want %q", name, got, want)
		}
	}

	sim.RemoveBlacklist(id)
	if blacklist.read(t, server) {
		t.Error("the blacklist is still in state")
	}
	if len(blacklist.warnings) != 1 || !strings.Contains(blacklist.warnings[0], id) {
		t.Errorf("warnings are %q, want one that names %s", blacklist.warnings, id)
	}
}
