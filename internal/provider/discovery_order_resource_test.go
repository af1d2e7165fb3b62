package provider_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

const orderAddress = orderType + ".test"

// arguments are HCL expressions by argument name.
type arguments map[string]string

// requiredArguments are the least that an order takes.
var requiredArguments = arguments{
	"title":                  `"DACH SaaS Discovery Q1 2026"`,
	"features":               `["COMPANY_DATA", "CONTACTS"]`,
	"ideal_customer_profile": `"SaaS companies with 50-500 employees"`,
	"seller_offering":        `"AI-powered lead generation"`,
	"target_countries":       `["Germany", "Austria"]`,
}

// with returns the arguments with changes; "" takes one away.
func (a arguments) with(changes arguments) arguments {
	changed := maps.Clone(a)
	for name, expression := range changes {
		if expression == "" {
			delete(changed, name)
		} else {
			changed[name] = expression
		}
	}
	return changed
}

// orderHCL is the resource "test" with the required arguments and changes.
func orderHCL(changes arguments, extra ...string) string {
	return namedOrderHCL("test", requiredArguments.with(changes), extra...)
}

func namedOrderHCL(name string, all arguments, extra ...string) string {
	var block strings.Builder
	fmt.Fprintf(&block, "resource %q %q {\n", orderType, name)
	for _, argument := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&block, "  %s = %s\n", argument, all[argument])
	}
	fmt.Fprintf(&block, "  %s\n}\n", strings.Join(extra, "\n  "))
	return block.String()
}

// orderCase fills in what all order tests share: the order is forgotten at the
// end, never cancelled or removed.
func orderCase(t *testing.T, sim *simulator.Server, test resource.TestCase) {
	t.Helper()
	test.ProtoV6ProviderFactories = factories
	check := test.CheckDestroy
	test.CheckDestroy = func(state *terraform.State) error {
		if got := sim.Count("DELETE", "/orders/*") + sim.Count("PATCH", "/orders/*") + sim.Count("PUT", "/orders/*"); got > 0 {
			return fmt.Errorf("%d requests tried to change an order", got)
		}
		if check != nil {
			return check(state)
		}
		return nil
	}
	resource.Test(t, test)
	// Where the last step leaves no state there is nothing to destroy, and no check after it.
	if err := test.CheckDestroy(nil); err != nil {
		t.Error(err)
	}
}

// expectOrders checks how many orders exist at the vendor, whatever became of state.
func expectOrders(sim *simulator.Server, want int) func(*terraform.State) error {
	return func(*terraform.State) error {
		if got := len(sim.Orders()); got != want {
			return fmt.Errorf("%d orders exist at the vendor, want %d", got, want)
		}
		return nil
	}
}

// onlyOrder returns the one order of the simulator.
func onlyOrder(t *testing.T, sim *simulator.Server) simulator.Order {
	t.Helper()
	orders := sim.Orders()
	if len(orders) != 1 {
		t.Fatalf("%d orders exist at the vendor, want 1", len(orders))
	}
	return orders[0]
}

func stateValue(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(orderAddress, tfjsonpath.New(name), want)
}

func TestAccDiscoveryOrder_lifecycle(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	blacklist := sim.AddBlacklist("Customers", "", simulator.Entry{CompanyName: "Acme", WebsiteURL: "https://acme.com"})
	everything := arguments{
		"title":               `"  DACH SaaS Discovery\n"`,
		"features":            `["CONTACTS", "COMPANY_DATA"]`,
		"seller_industry":     `"Software"`,
		"target_cities":       `["Munich", "Berlin"]`,
		"excluded_industries": `["Government"]`,
		"output_language":     `"en"`,
		"blacklist_ids":       fmt.Sprintf("[%q]", blacklist),
		"priority":            `"EXPRESS"`,
		"webhook_url":         `"https://example.com/hook"`,
		"contact_roles":       `["CTO", "CEO"]`,
		"profile_name":        `"DACH"`,
		"keepers":             `{ quarter = "2026-Q1" }`,
	}
	hcl := configure(sim, orderHCL(everything))

	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config:           hcl,
				ConfigPlanChecks: expectResourceAction(orderAddress, plancheck.ResourceActionCreate),
				Check: func(*terraform.State) error {
					want := map[string]any{
						"order_type":             "DISCOVERY",
						"title":                  "DACH SaaS Discovery",
						"features":               []any{"COMPANY_DATA", "CONTACTS"},
						"ideal_customer_profile": "SaaS companies with 50-500 employees",
						"seller_offering":        "AI-powered lead generation",
						"target_countries":       []any{"Austria", "Germany"},
						"seller_industry":        "Software",
						"target_cities":          []any{"Berlin", "Munich"},
						"excluded_industries":    []any{"Government"},
						"output_language":        "en",
						"blacklist_ids":          []any{blacklist},
						"priority":               "EXPRESS",
						"webhook_url":            "https://example.com/hook",
						"contact_roles":          []any{"CEO", "CTO"},
						"profile_name":           "DACH",
					}
					if diff := cmp.Diff(want, onlyOrder(t, sim).Request); diff != "" {
						return fmt.Errorf("the order as sent (-want +got):\n%s", diff)
					}
					// The budget: one POST, one to look for a twin, one a blacklist. The plan and the apply look the blacklist up,
					// which asks about the key as well.
					return expectJournal(
						sim,
						"GET /blacklists/* 200",
						"GET /blacklists/* 200",
						"GET /orders 200",
						"GET /blacklists/*/entries 200",
						"POST /orders 202",
					)
				},
				ConfigStateChecks: []statecheck.StateCheck{
					stateValue("title", knownvalue.StringExact("  DACH SaaS Discovery\n")),
					stateValue("status", knownvalue.StringExact("RECEIVED")),
					stateValue("company_count", knownvalue.Int64Exact(0)),
					stateValue("estimated_cost", knownvalue.Null()),
					stateValue("message", knownvalue.StringRegexp(regexp.MustCompile("review"))),
					stateValue("deletion_policy", knownvalue.StringExact("ABANDON")),
					stateValue("wait_for_completion", knownvalue.Bool(false)),
				},
			},
			{
				PreConfig:        sim.ResetJournal,
				Config:           hcl,
				ConfigPlanChecks: expectEmptyPlan(),
				Check: func(*terraform.State) error {
					for _, request := range sim.Journal() {
						if request.Method != "GET" || !strings.HasPrefix(request.Path, "/orders/") {
							return fmt.Errorf("an empty plan sent %s %s", request.Method, request.Path)
						}
					}
					return nil
				},
			},
			{
				// People at the vendor move the order on, estimate its cost and leave notes.
				PreConfig: func() {
					order := onlyOrder(t, sim)
					sim.SetOrderStatus(order.ID, "IN_PROGRESS", "Looks good")
					sim.UpdateOrder(order.ID, map[string]any{"estimated_cost": map[string]any{"total": 1250.5, "currency": "EUR"}})
				},
				Config:           hcl,
				ConfigPlanChecks: expectEmptyPlan(),
				ConfigStateChecks: []statecheck.StateCheck{
					stateValue("status", knownvalue.StringExact("IN_PROGRESS")),
					stateValue("admin_notes", knownvalue.StringExact("Looks good")),
					stateValue("estimated_cost", knownvalue.ObjectExact(map[string]knownvalue.Check{
						"total": knownvalue.Float64Exact(1250.5), "currency": knownvalue.StringExact("EUR"),
					})),
					stateValue("created_at", knownvalue.NotNull()),
					stateValue("accepted_at", knownvalue.NotNull()),
				},
			},
			{
				ResourceName:      orderAddress,
				ImportState:       true,
				ImportStateVerify: true,
				// What the API does not return, what stands in configuration only, and what it spells in its own way (U28).
				ImportStateVerifyIgnore: []string{
					"ideal_customer_profile",
					"blacklist_ids",
					"contact_roles",
					"profile_name",
					"keepers",
					"message",
					"title",
				},
			},
		},
		CheckDestroy: expectOrders(sim, 1),
	})
}

// expectJournal compares the requests so far, sorted; identifiers are *.
func expectJournal(sim *simulator.Server, want ...string) error {
	var got []string
	id := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)
	for _, request := range sim.Journal() {
		got = append(got, fmt.Sprintf("%s %s %d", request.Method, id.ReplaceAllString(request.Path, "*"), request.Status))
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("requests (-want +got):\n%s", diff)
	}
	return nil
}

// orderArgumentCase is one argument with a value, another value, and the same value spelled differently.
type orderArgumentCase struct{ value, other, respelled string }

const (
	oneUUID     = `"d33b69ce-80ce-4ede-b4df-4b11427f8b55"`
	anotherUUID = `"0d9f6b2c-5a3e-4c57-9f0e-2f6a1c3b7d11"`
)

var orderArgumentCases = map[string]orderArgumentCase{
	"title":                  {`"One"`, `"Two"`, `" One\n"`},
	"features":               {`["CONTACTS", "ANALYSIS"]`, `["CONTACTS"]`, `["ANALYSIS ", " CONTACTS"]`},
	"ideal_customer_profile": {`"One"`, `"Two"`, `"\tOne"`},
	"seller_offering":        {`"One"`, `"Two"`, `"One\n\n"`},
	"target_countries":       {`["Germany", "Poland"]`, `["Germany", "Switzerland"]`, `["Poland", "Germany\n"]`},
	"seller_industry":        {`"One"`, `"Two"`, `" One "`},
	"target_cities":          {`["Berlin"]`, `["Berlin", "Munich"]`, `[" Berlin"]`},
	"excluded_industries":    {`["Government"]`, `["Non-profit"]`, `["Government "]`},
	"output_language":        {`"en"`, `"de"`, `"en "`},
	// The API knows no such blacklist: see orderArgumentCasesOf.
	"blacklist_ids":     {"[" + oneUUID + "]", "[" + anotherUUID + "]", `[upper(` + oneUUID + `)]`},
	"priority":          {`"EXPRESS"`, `"NORMAL"`, `"EXPRESS"`},
	"webhook_url":       {`"https://example.com/1"`, `"https://example.com/2"`, `" https://example.com/1"`},
	"contact_roles":     {`["CEO"]`, `["CTO"]`, `["CEO "]`},
	"profile_name":      {`"One"`, `"Two"`, `"One "`},
	"profile_id":        {oneUUID, anotherUUID, `upper(` + oneUUID + `)`},
	"briefing_quantity": {`50`, `51`, `50.0`},
	"keepers":           {`{ quarter = "1" }`, `{ quarter = "2" }`, `{ "quarter" : "1" }`},
}

// orderArgumentCasesOf are the cases with blacklists of the simulator.
func orderArgumentCasesOf(sim *simulator.Server) map[string]orderArgumentCase {
	acme := simulator.Entry{CompanyName: "Acme", WebsiteURL: "https://acme.com"}
	one, other := sim.AddBlacklist("Customers", "", acme), sim.AddBlacklist("Competitors", "", acme)
	cases := maps.Clone(orderArgumentCases)
	cases["blacklist_ids"] = orderArgumentCase{
		value:     fmt.Sprintf("[%q]", one),
		other:     fmt.Sprintf("[%q]", other),
		respelled: fmt.Sprintf("[%q]", strings.ToUpper(one)),
	}
	return cases
}

// inPlaceArguments change without another order.
var inPlaceArguments = []string{"wait_for_completion", "timeouts", "deletion_policy", "allow_duplicate", "allow_empty_blacklists"}

func TestOrderArgumentCasesAreComplete(t *testing.T) {
	t.Parallel()
	for _, attribute := range newOrderProtocol(t).schema.Block.Attributes {
		_, covered := orderArgumentCases[attribute.Name]
		settable := attribute.Required || attribute.Optional
		if want := settable && !slices.Contains(inPlaceArguments, attribute.Name); covered != want {
			t.Errorf("argument %s: covered %t, want %t", attribute.Name, covered, want)
		}
	}
}

// Changing any argument plans a replacement because of that argument; spelling
// it differently plans nothing. One order an argument, so that one plan tells of all.
func TestAccDiscoveryOrder_everyArgument(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	cases := orderArgumentCasesOf(sim)
	names := slices.Sorted(maps.Keys(cases))
	required := slices.Sorted(maps.Keys(requiredArguments))

	// Each order holds its own argument and the required ones.
	orders := func(own func(orderArgumentCase) string) string {
		var hcl strings.Builder
		for _, name := range names {
			hcl.WriteString(namedOrderHCL(name, requiredArguments.with(arguments{name: own(cases[name])})))
		}
		return configure(sim, hcl.String())
	}
	value := orders(func(c orderArgumentCase) string { return c.value })
	removed := orders(func(orderArgumentCase) string { return "" })
	for _, name := range required {
		removed = strings.Replace(removed, namedOrderHCL(name, requiredArguments.with(arguments{name: ""})), "", 1)
	}

	var replaced, kept, removedReplaced []plancheck.PlanCheck
	for _, name := range names {
		replaced = append(replaced, expectReplacedBecauseOf(orderType+"."+name, name))
		kept = append(kept, plancheck.ExpectResourceAction(orderType+"."+name, plancheck.ResourceActionNoop))
		if !slices.Contains(required, name) {
			removedReplaced = append(removedReplaced, expectReplacedBecauseOf(orderType+"."+name, name))
		}
	}

	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: value},
			{
				Config:             orders(func(c orderArgumentCase) string { return c.other }),
				PlanOnly:           true,
				ExpectNonEmptyPlan: true,
				ConfigPlanChecks:   resource.ConfigPlanChecks{PostApplyPostRefresh: replaced},
			},
			{
				Config:             removed,
				PlanOnly:           true,
				ExpectNonEmptyPlan: true,
				ConfigPlanChecks:   resource.ConfigPlanChecks{PostApplyPostRefresh: removedReplaced},
			},
			{
				Config:           orders(func(c orderArgumentCase) string { return c.respelled }),
				PlanOnly:         true,
				ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: kept},
			},
		},
		CheckDestroy: expectOrders(sim, len(names)),
	})
}

// The same from nothing: setting an optional argument of an order of ours is another order.
func TestAccDiscoveryOrder_settingAnArgumentReplaces(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	var without, with strings.Builder
	var replaced []plancheck.PlanCheck
	count := 0
	cases := orderArgumentCasesOf(sim)
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		if _, required := requiredArguments[name]; required {
			continue
		}
		count++
		without.WriteString(namedOrderHCL(name, requiredArguments))
		with.WriteString(namedOrderHCL(name, requiredArguments.with(arguments{name: cases[name].value})))
		replaced = append(replaced, expectReplacedBecauseOf(orderType+"."+name, name))
	}
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: configure(sim, without.String())},
			{
				Config:             configure(sim, with.String()),
				PlanOnly:           true,
				ExpectNonEmptyPlan: true,
				ConfigPlanChecks:   resource.ConfigPlanChecks{PostApplyPostRefresh: replaced},
			},
		},
		CheckDestroy: expectOrders(sim, count),
	})
}

// Whatever the API echoes, and whatever somebody changes there, plans nothing.
func TestAccDiscoveryOrder_echoPlansNothing(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	hcl := configure(sim, orderHCL(arguments{
		"seller_industry":     `"Software "`,
		"target_cities":       `["Munich", "Berlin"]`,
		"excluded_industries": `["Government"]`,
		"output_language":     `"en"`,
		"webhook_url":         `"https://example.com/hook"`,
	}))
	echo := func(fields map[string]any) resource.TestStep {
		return resource.TestStep{
			PreConfig:        func() { sim.UpdateOrder(onlyOrder(t, sim).ID, fields) },
			Config:           hcl,
			ConfigPlanChecks: expectEmptyPlan(),
			ConfigStateChecks: []statecheck.StateCheck{
				stateValue("seller_industry", knownvalue.StringExact("Software ")),
				stateValue(
					"target_cities",
					knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("Berlin"), knownvalue.StringExact("Munich")}),
				),
			},
		}
	}
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: hcl},
			// Trimmed and reordered.
			echo(
				map[string]any{
					"seller_industry": "Software",
					"target_cities":   []any{"Munich", "Berlin"},
					"features":        []any{"CONTACTS", "COMPANY_DATA"},
				},
			),
			// Spelled in the API's own way.
			echo(map[string]any{"target_countries": []any{"DE", "AT"}, "priority": "NORMAL", "output_language": "EN"}),
			// Null for what is set.
			echo(map[string]any{"target_cities": nil, "excluded_industries": nil, "seller_industry": nil, "webhook_url": nil}),
			// Empty for what is set.
			echo(map[string]any{"target_cities": []any{}, "excluded_industries": []any{}, "title": "Renamed by hand"}),
		},
		CheckDestroy: expectOrders(sim, 1),
	})
}

// A file has the line ends that the checkout gave it: what another machine placed is the same order here.
func TestAccDiscoveryOrder_lineEnds(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	written := func(profile string) string {
		return configure(sim, orderHCL(arguments{"ideal_customer_profile": profile}))
	}
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config: written(`"SaaS\r\nin DACH\r\n"`),
				Check: func(*terraform.State) error {
					if got, want := onlyOrder(t, sim).Request["ideal_customer_profile"], "SaaS\r\nin DACH"; got != want {
						return fmt.Errorf("sent %q, want %q", got, want)
					}
					return nil
				},
			},
			{
				Config:            written(`"SaaS\nin DACH\n"`),
				ConfigPlanChecks:  expectEmptyPlan(),
				ConfigStateChecks: []statecheck.StateCheck{stateValue("ideal_customer_profile", knownvalue.StringExact("SaaS\r\nin DACH\r\n"))},
			},
		},
		CheckDestroy: expectOrders(sim, 1),
	})
}

func TestAccDiscoveryOrder_changesInPlace(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	change := func(changes arguments, checks ...statecheck.StateCheck) resource.TestStep {
		return resource.TestStep{
			PreConfig:         sim.ResetJournal,
			Config:            configure(sim, orderHCL(changes)),
			ConfigPlanChecks:  expectResourceAction(orderAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: checks,
			Check: func(*terraform.State) error {
				// The refresh of the plan and no other request: the update sends nothing.
				return expectJournal(sim, "GET /orders/* 200")
			},
		}
	}
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: configure(sim, orderHCL(nil)), Check: func(*terraform.State) error {
				sim.SetOrderStatus(onlyOrder(t, sim).ID, "COMPLETED", "")
				return nil
			}},
			change(arguments{"deletion_policy": `"PREVENT"`}, stateValue("deletion_policy", knownvalue.StringExact("PREVENT"))),
			change(nil, stateValue("deletion_policy", knownvalue.StringExact("ABANDON"))),
			change(arguments{"timeouts": `{ create = "2h", update = "3h" }`}, stateValue("timeouts", knownvalue.NotNull())),
			change(nil, stateValue("timeouts", knownvalue.Null())),
			change(arguments{"allow_duplicate": "true", "allow_empty_blacklists": "true"}, stateValue("allow_duplicate", knownvalue.Bool(true))),
			// The order is completed: there is nothing to wait for.
			change(arguments{"wait_for_completion": "true"}, stateValue("wait_for_completion", knownvalue.Bool(true))),
			// What the API takes for no priority.
			change(arguments{"priority": `"NORMAL"`}, stateValue("priority", knownvalue.StringExact("NORMAL"))),
		},
		CheckDestroy: expectOrders(sim, 1),
	})
}

// replacedBecauseOf checks that the plan replaces the order because of one argument.
type replacedBecauseOf struct{ address, argument string }

func expectReplacedBecauseOf(address, argument string) plancheck.PlanCheck {
	return replacedBecauseOf{address, argument}
}

func (c replacedBecauseOf) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, change := range req.Plan.ResourceChanges {
		if change.Address != c.address {
			continue
		}
		want := []any{[]any{c.argument}}
		if !change.Change.Actions.Replace() || !cmp.Equal(want, change.Change.ReplacePaths) {
			resp.Error = fmt.Errorf(
				"%s: actions %v because of %v, want a replacement because of %s",
				c.address,
				change.Change.Actions,
				change.Change.ReplacePaths,
				c.argument,
			)
		}
		return
	}
	resp.Error = fmt.Errorf("%s is not in the plan", c.address)
}

// A lost answer to the request that placed the order is resolved by looking,
// never by sending it again.
func TestAccDiscoveryOrder_lostAnswer(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		// Go's transport sends a request on a reused connection again by itself unless told otherwise.
		"warm connection dies after the work": {Work: true, Drop: true},
		"answer too late":                     {Work: true, Delay: 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			fault.Name, fault.Method, fault.Pattern = name, "POST", "/orders"
			sim.Inject(fault)
			hcl := configure(sim, orderHCL(nil), `request_timeout = "2s"`)
			orderCase(t, sim, resource.TestCase{
				Steps: []resource.TestStep{
					{
						Config: hcl,
						Check: func(*terraform.State) error {
							if got := sim.Count("POST", "/orders"); got != 1 {
								return fmt.Errorf("the order was sent %d times", got)
							}
							return nil
						},
						ConfigStateChecks: []statecheck.StateCheck{stateValue("status", knownvalue.StringExact("RECEIVED"))},
					},
				},
				CheckDestroy: expectOrders(sim, 1),
			})
		})
	}
}

// The order may or may not have been placed, and nothing tells which: an error
// without state, and the next run stops at the twin.
func TestAccDiscoveryOrder_unknownOutcome(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	sim.Inject(simulator.Fault{Name: "lost", Method: "POST", Pattern: "/orders", Work: true, Drop: true})
	// Only the twin look-up before the POST gets through.
	sim.Inject(simulator.Fault{Name: "no list", Method: "GET", Pattern: "/orders", Skip: 1, Times: -1, Status: 503})
	hcl := configure(sim, orderHCL(nil), "max_retries = 0")
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: hcl, ExpectError: regexp.MustCompile(`(?s)Unable to place discovery order.*may\s+have\s+been\s+placed.*terraform import`)},
			{
				PreConfig:   sim.ClearFaults,
				Config:      hcl,
				ExpectError: regexp.MustCompile(`(?s)Unable to place discovery order.*No\s+order\s+was\s+placed.*terraform import.*allow_duplicate`),
			},
			{
				Config:             hcl,
				ResourceName:       orderAddress,
				ImportState:        true,
				ImportStatePersist: true,
				ImportStateIdFunc:  func(*terraform.State) (string, error) { return onlyOrder(t, sim).ID, nil },
			},
			{Config: hcl, ConfigPlanChecks: expectResourceAction(orderAddress, plancheck.ResourceActionUpdate)},
		},
		CheckDestroy: func(*terraform.State) error {
			if got := sim.Count("POST", "/orders"); got != 1 {
				return fmt.Errorf("the order was sent %d times", got)
			}
			return nil
		},
	})
}

// A refusal is an error without state, and the next apply places the order.
func TestAccDiscoveryOrder_refused(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	sim.Inject(simulator.Fault{
		Name:    "refused",
		Method:  "POST",
		Pattern: "/orders",
		Status:  422,
		Body: `{"code":"VALIDATION_ERROR","message":"Invalid","details":{"validation_errors":[{"field":"target_countries",` +
			`"error":"Atlantis is not served"}]}}`,
	})
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config:      configure(sim, orderHCL(arguments{"target_countries": `["Atlantis"]`})),
				ExpectError: regexp.MustCompile(`(?s)Unable to place discovery order.*target_countries.*Atlantis is not served`),
			},
			{Config: configure(sim, orderHCL(nil)), Check: expectOrders(sim, 1)},
		},
	})
}

// A run that was killed leaves an order that no state knows.
func TestAccDiscoveryOrder_twin(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	twin := sim.AddOrder(map[string]any{
		"title":                  "DACH SaaS Discovery Q1 2026",
		"features":               []any{"CONTACTS", "COMPANY_DATA"},
		"ideal_customer_profile": "SaaS companies with 50-500 employees",
		"seller_offering":        "AI-powered lead generation",
		"target_countries":       []any{"Germany", "Austria"},
	})
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config:      configure(sim, orderHCL(nil)),
				ExpectError: regexp.MustCompile(`(?s)terraform import 'openprospect_discovery_order\.<name>'\s+'` + twin),
			},
			{
				PreConfig: func() {
					if got := sim.Count("POST", "/orders"); got != 0 {
						t.Errorf("the twin was placed %d times", got)
					}
				},
				Config: configure(sim, orderHCL(arguments{"allow_duplicate": "true"})),
				Check:  expectOrders(sim, 2),
			},
		},
		CheckDestroy: expectOrders(sim, 2),
	})
}

// Two alike in one configuration are meant: the one that this run placed is no twin of the other.
func TestAccDiscoveryOrder_twoAlike(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	hcl := configure(sim, orderHCL(nil, "count = 2"))
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: hcl, Check: expectOrders(sim, 2)},
		},
		CheckDestroy: expectOrders(sim, 2),
	})
}

func TestAccDiscoveryOrder_replace(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: configure(sim, orderHCL(arguments{"keepers": `{ quarter = "1" }`}))},
			{
				// The keeper is all that differs: the order that this run forgets is no twin.
				Config:           configure(sim, orderHCL(arguments{"keepers": `{ quarter = "2" }`})),
				ConfigPlanChecks: expectResourceAction(orderAddress, plancheck.ResourceActionDestroyBeforeCreate),
				Check:            expectOrders(sim, 2),
			},
		},
		CheckDestroy: expectOrders(sim, 2),
	})
}

// Terraform forgets the old order first. Undoing the change does not bring it back; importing it does.
func TestAccDiscoveryOrder_replacementIsRefused(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	hcl := configure(sim, orderHCL(nil))
	var id string
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: hcl},
			{
				PreConfig: func() {
					id = onlyOrder(t, sim).ID
					sim.Inject(simulator.Fault{
						Name: "refusal", Method: "POST", Pattern: "/orders", Status: 422,
						Body: `{"code":"VALIDATION_ERROR","message":"Title is taken"}`,
					})
				},
				Config:      configure(sim, orderHCL(arguments{"title": `"Another"`})),
				ExpectError: expectError("Title is taken"),
			},
			{
				Config:             hcl,
				PlanOnly:           true,
				ExpectNonEmptyPlan: true,
				ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPreRefresh: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(orderAddress, plancheck.ResourceActionCreate),
				}},
			},
			{
				Config:             hcl,
				ResourceName:       orderAddress,
				ImportState:        true,
				ImportStateIdFunc:  func(*terraform.State) (string, error) { return id, nil },
				ImportStatePersist: true,
			},
			{Config: hcl, ConfigPlanChecks: expectResourceAction(orderAddress, plancheck.ResourceActionUpdate)},
		},
		CheckDestroy: expectOrders(sim, 1),
	})
}

func TestAccDiscoveryOrder_waits(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{Review: simulator.Review{Reads: 2}})
	hcl := configure(sim, orderHCL(arguments{"wait_for_completion": "true"}))
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config: hcl,
				ConfigStateChecks: []statecheck.StateCheck{
					stateValue("status", knownvalue.StringExact("COMPLETED")),
					stateValue("company_count", knownvalue.Int64Exact(47)),
					stateValue("completed_at", knownvalue.NotNull()),
					stateValue("message", knownvalue.NotNull()),
				},
			},
		},
		CheckDestroy: expectOrders(sim, 1),
	})
}

// A wait that was cut short leaves the order in state, untainted, and is
// resumed by an update, which may fail without harm.
func TestAccDiscoveryOrder_waitIsResumed(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	hcl := configure(sim, orderHCL(arguments{"wait_for_completion": "true", "timeouts": `{ create = "30ms", update = "30ms" }`}))
	patient := configure(sim, orderHCL(arguments{"wait_for_completion": "true", "timeouts": `{ create = "30ms", update = "1m" }`}))
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config:             hcl,
				ExpectNonEmptyPlan: true,
				ConfigStateChecks:  []statecheck.StateCheck{stateValue("status", knownvalue.StringExact("RECEIVED"))},
				ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(orderAddress, plancheck.ResourceActionUpdate),
					plancheck.ExpectUnknownValue(orderAddress, tfjsonpath.New("status")),
					plancheck.ExpectUnknownValue(orderAddress, tfjsonpath.New("company_count")),
				}},
			},
			{
				PreConfig:   func() { sim.SetOrderStatus(onlyOrder(t, sim).ID, "ACCEPTED", "") },
				Config:      hcl,
				ExpectError: regexp.MustCompile(`(?s)not complete after 30ms.*\(ACCEPTED\)`),
			},
			{
				// The failed update did not taint it, and with waiting off nothing is planned but that.
				Config:           configure(sim, orderHCL(nil)),
				ConfigPlanChecks: expectResourceAction(orderAddress, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					stateValue("status", knownvalue.StringExact("ACCEPTED")),
				},
			},
			{
				PreConfig:        func() { sim.SetOrderStatus(onlyOrder(t, sim).ID, "COMPLETED", "") },
				Config:           patient,
				ConfigPlanChecks: expectResourceAction(orderAddress, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					stateValue("status", knownvalue.StringExact("COMPLETED")),
				},
			},
		},
		CheckDestroy: expectOrders(sim, 1),
	})
}

// The plan of a wait promises created_at, so that the apply must keep it however the API shows it by then (U35).
func TestAccDiscoveryOrder_createdAtChangesWhileWaiting(t *testing.T) {
	t.Parallel()
	created := regexp.MustCompile(`"created_at":"[^"]*"`)
	for name, shown := range map[string]string{
		"spelled otherwise":  `"created_at":"2026-03-01T10:30:00+00:00"`,
		"not shown any more": `"created_at":null`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			orderCase(t, sim, resource.TestCase{
				Steps: []resource.TestStep{
					{Config: configure(sim, orderHCL(nil))},
					{
						PreConfig: func() {
							id := onlyOrder(t, sim).ID
							// Between the refresh and the wait, so that the update meets it.
							sim.Inject(simulator.Fault{
								Name: name, Method: "GET", Pattern: "/orders/*", Skip: 1, Work: true,
								Hook:    func() { sim.SetOrderStatus(id, "COMPLETED", "") },
								Rewrite: func(body []byte) []byte { return created.ReplaceAll(body, []byte(shown)) },
							})
						},
						Config:            configure(sim, orderHCL(arguments{"wait_for_completion": "true"})),
						ConfigStateChecks: []statecheck.StateCheck{stateValue("status", knownvalue.StringExact("COMPLETED"))},
					},
				},
				CheckDestroy: expectOrders(sim, 1),
			})
		})
	}
}

// An order that ended badly is reported, and never placed again.
func TestAccDiscoveryOrder_endsOtherwise(t *testing.T) {
	t.Parallel()
	waiting := arguments{"wait_for_completion": "true"}
	t.Run("while it is placed", func(t *testing.T) {
		t.Parallel()
		sim := startSimulator(t, simulator.Options{Review: simulator.Review{Reads: 1, Final: "CANCELLED"}})
		orderCase(t, sim, resource.TestCase{
			Steps: []resource.TestStep{{
				Config:            configure(sim, orderHCL(waiting)),
				ConfigStateChecks: []statecheck.StateCheck{stateValue("status", knownvalue.StringExact("CANCELLED"))},
			}},
			CheckDestroy: expectOrders(sim, 1),
		})
	})
	t.Run("while waiting is resumed", func(t *testing.T) {
		t.Parallel()
		sim := startSimulator(t, simulator.Options{})
		hcl := configure(sim, orderHCL(waiting))
		orderCase(t, sim, resource.TestCase{
			Steps: []resource.TestStep{
				{Config: configure(sim, orderHCL(nil))},
				{
					PreConfig: func() {
						id := onlyOrder(t, sim).ID
						// Between the refresh and the wait, so that the update meets it.
						sim.Inject(simulator.Fault{
							Name: "end of the review", Method: "GET", Pattern: "/orders/*", Skip: 1, Work: true,
							Hook: func() { sim.SetOrderStatus(id, "REJECTED", "Budget exceeded") },
						})
					},
					Config:      hcl,
					ExpectError: regexp.MustCompile(`(?s)ended as REJECTED.*Budget\s+exceeded`),
				},
				{
					Config:           hcl,
					ConfigPlanChecks: expectEmptyPlan(),
					ConfigStateChecks: []statecheck.StateCheck{
						stateValue("status", knownvalue.StringExact("REJECTED")),
						stateValue("admin_notes", knownvalue.StringExact("Budget exceeded")),
					},
				},
			},
			CheckDestroy: expectOrders(sim, 1),
		})
	})
}

func TestAccDiscoveryOrder_disappears(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	hcl := configure(sim, orderHCL(nil))
	changed := configure(sim, orderHCL(arguments{"title": `"Another"`}))
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: hcl},
			{
				PreConfig:         func() { sim.HideOrder(onlyOrder(t, sim).ID, true) },
				Config:            hcl,
				ConfigPlanChecks:  expectEmptyPlan(),
				ConfigStateChecks: []statecheck.StateCheck{stateValue("status", knownvalue.StringExact("RECEIVED"))},
			},
			{Config: changed, ExpectError: expectError("Is this the right API key?")},
			{
				// Waiting for it would only fail.
				Config:           configure(sim, orderHCL(arguments{"wait_for_completion": "true"})),
				ConfigPlanChecks: expectResourceAction(orderAddress, plancheck.ResourceActionUpdate),
			},
			{
				Config:           hcl,
				ConfigPlanChecks: expectResourceAction(orderAddress, plancheck.ResourceActionUpdate),
			},
			{
				PreConfig:        func() { sim.HideOrder(onlyOrder(t, sim).ID, false) },
				Config:           hcl,
				ConfigPlanChecks: expectEmptyPlan(),
			},
			{
				// It is an order like any other again.
				Config:             changed,
				PlanOnly:           true,
				ExpectNonEmptyPlan: true,
				ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{
					expectReplacedBecauseOf(orderAddress, "title"),
				}},
			},
		},
		CheckDestroy: expectOrders(sim, 1),
	})
}

// The order vanishes for this key while its creation waits for it.
func TestAccDiscoveryOrder_disappearsWhileWaiting(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	sim.Inject(simulator.Fault{
		Name: "hide", Method: "GET", Pattern: "/orders/*", Work: true,
		Hook: func() { sim.HideOrder(sim.Orders()[0].ID, true) },
	})
	hcl := configure(sim, orderHCL(arguments{"wait_for_completion": "true"}))
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{
				// There is nothing to wait for any more, so the plan after it is empty.
				Config:            hcl,
				ConfigStateChecks: []statecheck.StateCheck{stateValue("status", knownvalue.StringExact("RECEIVED"))},
			},
		},
		CheckDestroy: expectOrders(sim, 1),
	})
}

// Answers that do not say that the order is gone fail the read and keep the state.
func TestAccDiscoveryOrder_unreadable(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"404 of a gateway": {Status: 404, ContentType: "text/html", Body: "<html>Not Found</html>"},
		"key revoked":      {Status: 401, Body: `{"code":"UNAUTHORIZED","message":"Invalid API key"}`},
		"scope missing": {
			Status: 403,
			Body:   `{"code":"AUTHORIZATION_ERROR","message":"Missing scope","details":{"required_scopes":["orders:read"],"user_scopes":[]}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			hcl := configure(sim, orderHCL(nil))
			orderCase(t, sim, resource.TestCase{
				Steps: []resource.TestStep{
					{Config: hcl},
					{
						PreConfig: func() {
							fault.Name, fault.Method, fault.Pattern, fault.Times = name, "GET", "/orders/*", -1
							sim.Inject(fault)
						},
						Config:      hcl,
						ExpectError: regexp.MustCompile(`(?s)Unable to read discovery order.*Nothing\s+was\s+removed\s+from\s+state`),
					},
					{PreConfig: sim.ClearFaults, Config: hcl, ConfigPlanChecks: expectEmptyPlan()},
				},
				CheckDestroy: expectOrders(sim, 1),
			})
		})
	}
}

func TestAccDiscoveryOrder_import(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	blacklist := sim.AddBlacklist("Customers", "")
	id := sim.AddOrder(map[string]any{
		"title":            "DACH SaaS Discovery Q1 2026",
		"features":         []any{"CONTACTS", "COMPANY_DATA"},
		"seller_offering":  "AI-powered lead generation",
		"target_countries": []any{"Germany", "Austria"},
		"output_language":  "en",
	})
	// What the API shows is spelled differently or left out, what it does not show is all here.
	hcl := configure(sim, orderHCL(arguments{
		"title":         `"DACH SaaS Discovery Q1 2026\n"`,
		"blacklist_ids": fmt.Sprintf("[%q]", blacklist),
		"contact_roles": `["CEO"]`,
		"profile_name":  `"DACH"`,
		"keepers":       `{ quarter = "1" }`,
	}))
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config:             hcl,
				ResourceName:       orderAddress,
				ImportState:        true,
				ImportStateId:      id,
				ImportStatePersist: true,
			},
			{
				Config:           hcl,
				ConfigPlanChecks: expectResourceAction(orderAddress, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					stateValue("ideal_customer_profile", knownvalue.StringExact("SaaS companies with 50-500 employees")),
					stateValue("blacklist_ids", knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact(blacklist)})),
					stateValue("priority", knownvalue.Null()),
					stateValue("output_language", knownvalue.Null()),
				},
			},
			{
				// From now on it is an order like any other.
				Config:             strings.Replace(hcl, `contact_roles = ["CEO"]`, "", 1),
				PlanOnly:           true,
				ExpectNonEmptyPlan: true,
				ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{
					expectReplacedBecauseOf(orderAddress, "contact_roles"),
				}},
			},
		},
		CheckDestroy: func(*terraform.State) error {
			if got := sim.Count("POST", "/orders"); got != 0 {
				return fmt.Errorf("%d orders were placed", got)
			}
			return nil
		},
	})
}

func TestAccDiscoveryOrder_importBlock(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddOrder(map[string]any{
		"title":            "DACH SaaS Discovery Q1 2026",
		"features":         []any{"CONTACTS", "COMPANY_DATA"},
		"seller_offering":  "AI-powered lead generation",
		"target_countries": []any{"Germany", "Austria"},
	})
	hcl := configure(sim, fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", orderAddress, id)+orderHCL(nil))
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: hcl, ConfigPlanChecks: expectResourceAction(orderAddress, plancheck.ResourceActionUpdate), Check: expectOrders(sim, 1)},
		},
		CheckDestroy: expectOrders(sim, 1),
	})
}

func TestAccDiscoveryOrder_importByIdentity(t *testing.T) {
	t.Parallel()
	requireFeature(t, resourceIdentity)
	sim := startSimulator(t, simulator.Options{})
	hcl := configure(sim, orderHCL(nil))
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config:            hcl,
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectIdentityValueMatchesState(orderAddress, tfjsonpath.New("id"))},
			},
			{
				ResourceName:    orderAddress,
				ImportState:     true,
				ImportStateKind: resource.ImportBlockWithResourceIdentity,
				// What the API does not show is taken over from the configuration.
				ExpectNonEmptyPlan: true,
				ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(orderAddress, plancheck.ResourceActionUpdate),
				}},
			},
		},
		CheckDestroy: expectOrders(sim, 1),
	})
}

func TestAccDiscoveryOrder_importOfWhatIsNone(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	enrichment := sim.AddOrder(map[string]any{"order_type": "ENRICHMENT"})
	hcl := configure(sim, orderHCL(nil))
	importOf := func(id, message string) resource.TestStep {
		return resource.TestStep{
			Config:        hcl,
			ResourceName:  orderAddress,
			ImportState:   true,
			ImportStateId: id,
			ExpectError:   regexp.MustCompile(message),
		}
	}
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			importOf(enrichment, `(?s)Not a discovery order.*ENRICHMENT`),
			importOf("0d9f6b2c-5a3e-4c57-9f0e-2f6a1c3b7d11", `(?s)Unable to read discovery order.*ORDER_NOT_FOUND`),
			importOf("Dash", `Cannot import "Dash"\. Orders are\s+imported by\s+UUID`),
			importOf(" ", `Invalid import ID`),
		},
	})
}

// TestAccDiscoveryOrder_blacklistRemoved does what the guide says of a blacklist that was removed in the dashboard.
func TestAccDiscoveryOrder_blacklistRemoved(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	protected := arguments{
		"blacklist_ids":          "[openprospect_blacklist.customers.id]",
		"allow_empty_blacklists": "true",
		"deletion_policy":        `"PREVENT"`,
	}
	config := func(extra ...string) string {
		return configure(sim, "resource \"openprospect_blacklist\" \"customers\" {\n  name = \"Customers\"\n}\n"+orderHCL(protected, extra...))
	}

	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: config()},
			{
				PreConfig:   func() { sim.RemoveBlacklist(sim.Blacklists()[0].ID) },
				Config:      config(),
				ExpectError: expectError("Discovery order is protected"),
			},
			{
				PreConfig: func() {
					if got := len(sim.Blacklists()); got != 0 {
						t.Errorf("%d blacklists, want none: the apply stops before it makes one", got)
					}
				},
				Config: config("lifecycle { ignore_changes = [blacklist_ids] }"),
				ConfigStateChecks: []statecheck.StateCheck{
					serverCheck(func() error { return expectOrders(sim, 1)(nil) }),
					expectOnlyBlacklist(sim, "Customers", ""),
				},
			},
			// Destroying an order that is protected is refused.
			{
				Config: configure(
					sim,
					orderHCL(
						protected.with(arguments{"blacklist_ids": "", "deletion_policy": `"ABANDON"`}),
						"lifecycle { ignore_changes = [blacklist_ids] }",
					),
				),
			},
		},
		CheckDestroy: expectOrders(sim, 1),
	})
}

func TestAccDiscoveryOrder_prevent(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	prevent := arguments{"deletion_policy": `"PREVENT"`}
	protected := regexp.MustCompile(`Discovery order is protected`)
	revision := func(number int) string {
		return fmt.Sprintf("resource \"terraform_data\" \"revision\" {\n  input = %d\n}\n", number)
	}
	forced := "lifecycle {\n    replace_triggered_by = [terraform_data.revision]\n  }"
	hcl := configure(sim, revision(1)+orderHCL(prevent, forced))

	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: hcl},
			{Config: configure(sim, revision(1)), ExpectError: protected},
			{Config: hcl, Destroy: true, ExpectError: protected},
			{Config: configure(sim, revision(1)+orderHCL(prevent.with(arguments{"title": `"Another"`}), forced)), ExpectError: protected},
			{Config: configure(sim, revision(1)+orderHCL(arguments{"title": `"Another"`}, forced)), ExpectError: protected},
			// Forced, as by -replace: nothing of the order itself changes.
			{Config: configure(sim, revision(2)+orderHCL(prevent, forced)), ExpectError: protected},
			{Config: hcl, Taint: []string{orderAddress}, ExpectError: protected},
			// Out of state, without a word to the provider: a tainted order cannot be untainted by configuration.
			{Config: configure(sim, revision(1)+removedBlock(t, orderAddress))},
		},
		CheckDestroy: expectOrders(sim, 1),
	})
}

// The plan of a tainted order has no prior state. With create_before_destroy a refusal to delete it comes too late:
// the other order is placed by then.
func TestAccDiscoveryOrder_tainted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		policy string
		hidden bool
		want   string
	}{
		"protected":            {policy: "PREVENT", want: "is protected"},
		"not visible any more": {policy: "ABANDON", hidden: true, want: "Is this the right API key?"},
	} {
		for lifecycle, block := range map[string]string{
			"destroyed first": "",
			"created first":   "lifecycle {\n    create_before_destroy = true\n  }",
		} {
			t.Run(name+", "+lifecycle, func(t *testing.T) {
				t.Parallel()
				sim := startSimulator(t, simulator.Options{})
				// The other order would be a twin otherwise, within a day.
				hcl := configure(sim, orderHCL(arguments{"deletion_policy": strconv.Quote(test.policy), "allow_duplicate": "true"}, block))
				orderCase(t, sim, resource.TestCase{
					Steps: []resource.TestStep{
						{Config: hcl},
						{
							PreConfig:   func() { sim.HideOrder(onlyOrder(t, sim).ID, test.hidden) },
							Taint:       []string{orderAddress},
							Config:      hcl,
							ExpectError: expectError(test.want),
						},
						{Config: configure(sim, removedBlock(t, orderAddress))},
					},
					CheckDestroy: expectOrders(sim, 1),
				})
			})
		}
	}
}

// A renamed order is planned to be destroyed before Terraform reads it: the one of the new name is not a tainted one.
func TestAccDiscoveryOrder_renamedAndProtected(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	named := func(name, policy string) string {
		return configure(sim, "data \"openprospect_blacklists\" \"all\" {}\n"+
			namedOrderHCL(
				name,
				requiredArguments.with(arguments{"deletion_policy": strconv.Quote(policy), "allow_duplicate": "true"}),
				"depends_on = [data.openprospect_blacklists.all]",
			))
	}
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: named("test", "ABANDON")},
			{Config: named("other", "PREVENT")},
			{Config: named("other", "ABANDON")},
		},
		CheckDestroy: expectOrders(sim, 2),
	})
}

// What the plan cannot tell from a new order: a tainted one of which an argument changes as well. The refusal then
// leaves the old order deposed, and says how to get out of that.
func TestAccDiscoveryOrder_deposed(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, prepareCLI(t), simulator.Options{})
	written := func(title string) string {
		return requiredProvider + configure(
			w.sim,
			orderHCL(arguments{"title": strconv.Quote(title), "deletion_policy": `"PREVENT"`}, "lifecycle {\n    create_before_destroy = true\n  }"),
		)
	}
	refused := func(arguments ...string) {
		t.Helper()
		output, err := w.cli.Command(w.directory, w.cli.Environ(), append(arguments, "-no-color")...).CombinedOutput()
		if err == nil || !expectError("Deposed, after a replacement that was interrupted? Run `terraform state rm`").Match(output) {
			t.Fatalf("terraform %s: %v\n%s", arguments[0], err, output)
		}
	}
	w.write("main.tf", written("One"))
	w.terraform("apply", "-auto-approve")
	first := onlyOrder(t, w.sim).ID

	w.terraform("taint", orderAddress)
	w.write("main.tf", written("Two"))
	refused("apply", "-auto-approve")
	refused("plan")

	w.terraform("state", "rm", orderAddress)
	w.write("main.tf", written("One"))
	w.terraform("import", orderAddress, first)
	w.terraform("apply", "-auto-approve")
	w.terraform("plan", "-detailed-exitcode")
	if err := expectOrders(w.sim, 2)(nil); err != nil {
		t.Error(err)
	}
}

// A resource that gets another name, and one that is let go, are Terraform's affair alone: no order is placed.
func TestAccDiscoveryOrder_movedAndRemoved(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	renamed := orderType + ".renamed"
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: configure(sim, orderHCL(nil))},
			{
				Config: configure(
					sim,
					"moved {\n  from = "+orderAddress+"\n  to = "+renamed+"\n}\n"+namedOrderHCL("renamed", requiredArguments),
				),
				ConfigPlanChecks:  expectResourceAction(renamed, plancheck.ResourceActionNoop),
				ConfigStateChecks: []statecheck.StateCheck{serverCheck(func() error { return expectOrders(sim, 1)(nil) })},
			},
			{Config: configure(sim, removedBlock(t, renamed))},
		},
		CheckDestroy: expectOrders(sim, 1),
	})
}

func TestAccDiscoveryOrder_emptyBlacklist(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	blacklist := sim.AddBlacklist("Customers", "")
	blacklists := arguments{"blacklist_ids": fmt.Sprintf("[%q]", blacklist)}
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config:      configure(sim, orderHCL(blacklists)),
				ExpectError: regexp.MustCompile(`(?s)Blacklist without entries.*` + blacklist),
			},
			{
				PreConfig: func() {
					if got := len(sim.Orders()); got != 0 {
						t.Errorf("%d orders were placed in spite of the empty blacklist", got)
					}
				},
				Config: configure(sim, orderHCL(blacklists.with(arguments{"allow_empty_blacklists": "true"}))),
				Check:  expectOrders(sim, 1),
			},
		},
	})
}

func TestAccDiscoveryOrder_unknownBlacklist(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{{
			Config:      configure(sim, orderHCL(arguments{"blacklist_ids": "[" + oneUUID + "]"})),
			ExpectError: regexp.MustCompile(`(?s)Blacklist not found.*the API does not know the blacklist\s+"d33b69ce`),
		}},
		CheckDestroy: expectOrders(sim, 0),
	})
}

// Bad input is an error of the plan that names the argument, and nothing is sent.
func TestAccDiscoveryOrder_badInput(t *testing.T) {
	t.Parallel()
	long := func(length int) string { return fmt.Sprintf(`"%s"`, strings.Repeat("ü", length)) }
	tests := map[string]struct {
		changes arguments
		want    string
	}{
		"title_empty":    {arguments{"title": `""`}, `title must not be empty`},
		"title_blank":    {arguments{"title": `" \n"`}, `title must not be empty`},
		"title_too_long": {arguments{"title": long(501)}, `title must be at most 500 characters long, got\s+501`},
		"ideal_customer_profile_too_long": {
			arguments{"ideal_customer_profile": long(5001)},
			`ideal_customer_profile must be at most 5000 characters`,
		},
		"ideal_customer_profile_empty":   {arguments{"ideal_customer_profile": `""`}, `ideal_customer_profile must not be empty`},
		"seller_offering_too_long":       {arguments{"seller_offering": long(5001)}, `seller_offering must be at most 5000 characters`},
		"seller_offering_empty":          {arguments{"seller_offering": `""`}, `seller_offering must not be empty`},
		"seller_industry_too_long":       {arguments{"seller_industry": long(1001)}, `seller_industry must be at most 1000 characters`},
		"seller_industry_empty":          {arguments{"seller_industry": `""`}, `seller_industry must not be empty`},
		"output_language_too_long":       {arguments{"output_language": `"English-GB!"`}, `output_language must be at most 10 characters`},
		"output_language_empty":          {arguments{"output_language": `""`}, `output_language must not be empty`},
		"profile_name_too_long":          {arguments{"profile_name": long(501)}, `profile_name must be at most 500 characters`},
		"profile_name_empty":             {arguments{"profile_name": `""`}, `profile_name must not be empty`},
		"features_empty":                 {arguments{"features": `[]`}, `features must have at least one element`},
		"features_with_an_empty_element": {arguments{"features": `["CONTACTS", ""]`}, `features must not have an empty or blank element`},
		"features_twice":                 {arguments{"features": `["CONTACTS", "CONTACTS "]`}, `features has the element "CONTACTS" twice`},
		"features_with_a_null_element":   {arguments{"features": `["CONTACTS", null]`}, `features must not have a null element|[Nn]ull`},
		"target_countries_empty":         {arguments{"target_countries": `[]`}, `target_countries must have at least one element`},
		"target_countries_with_blank":    {arguments{"target_countries": `[" "]`}, `target_countries must not have an empty or blank element`},
		"target_cities_empty":            {arguments{"target_cities": `[]`}, `target_cities must have at least one element`},
		"excluded_industries_empty":      {arguments{"excluded_industries": `[]`}, `excluded_industries must have at least one element`},
		"contact_roles_empty":            {arguments{"contact_roles": `[]`}, `contact_roles must have at least one element`},
		"blacklist_ids_empty":            {arguments{"blacklist_ids": `[]`}, `blacklist_ids must have at least one element`},
		"blacklist_ids_malformed": {
			arguments{"blacklist_ids": `["customers"]`},
			`blacklist_ids takes IDs, not names, got "customers". Use .data.openprospect_blacklist.`,
		},
		"profile_id_malformed":          {arguments{"profile_id": `"d33b69ce"`}, `profile_id must be a UUID`},
		"profile_id_empty":              {arguments{"profile_id": `""`}, `profile_id must be a UUID`},
		"both_profile_fields":           {arguments{"profile_id": oneUUID, "profile_name": `"DACH"`}, `(?s)profile_id.*profile_name`},
		"priority_unknown":              {arguments{"priority": `"URGENT"`}, `(?s)priority.*NORMAL.*EXPRESS`},
		"priority_empty":                {arguments{"priority": `""`}, `(?s)priority.*NORMAL.*EXPRESS`},
		"webhook_url_http":              {arguments{"webhook_url": `"http://example.com/hook"`}, `webhook_url must be an https URL`},
		"webhook_url_empty":             {arguments{"webhook_url": `""`}, `webhook_url must not be empty`},
		"briefing_quantity_zero":        {arguments{"briefing_quantity": `0`}, `(?s)briefing_quantity.*at least 1`},
		"deletion_policy_unknown":       {arguments{"deletion_policy": `"DELETE"`}, `(?s)deletion_policy.*ABANDON.*PREVENT`},
		"timeouts_malformed":            {arguments{"timeouts": `{ create = "soon" }`}, `timeouts\.create must be a duration`},
		"order_type_is_not_an_argument": {arguments{"order_type": `"DISCOVERY"`}, `Unsupported argument`},
	}
	var hcl strings.Builder
	for name, test := range tests {
		hcl.WriteString(namedOrderHCL(name, requiredArguments.with(test.changes)))
	}
	sim := startSimulator(t, simulator.Options{})
	var reported string
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		ErrorCheck: func(err error) error {
			reported = strings.Join(strings.Fields(err.Error()), " ")
			return nil
		},
		Steps: []resource.TestStep{{Config: configure(sim, hcl.String()), PlanOnly: true}},
	})

	errorsOf := make(map[string]string)
	for _, block := range strings.Split(reported, "Error: ") {
		for name := range tests {
			if strings.Contains(block, fmt.Sprintf("resource %q %q", orderType, name)) {
				errorsOf[name] += block
			}
		}
	}
	for name, test := range tests {
		if !regexp.MustCompile(test.want).MatchString(errorsOf[name]) {
			t.Errorf("%s: want an error with %q, got %q", name, test.want, errorsOf[name])
		}
	}
	expectNothingSent(t, sim)
}

// Values that are only known after apply are checked when they are: before the order is placed.
func TestAccDiscoveryOrder_badInputKnownLate(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	late := "resource \"terraform_data\" \"late\" {\n  input = \"\"\n}\n"
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{{
			Config:      configure(sim, late+orderHCL(arguments{"title": "terraform_data.late.output"})),
			ExpectError: regexp.MustCompile(`title must not be empty`),
		}},
		CheckDestroy: expectOrders(sim, 0),
	})
}

// TestAccDiscoveryOrder_refreshedTogether counts the requests of a plan without changes for twelve orders.
func TestAccDiscoveryOrder_refreshedTogether(t *testing.T) {
	t.Parallel()
	cli := prepareCLI(t)
	for name, test := range map[string]struct {
		behavior         simulator.Behavior
		requests, listed int
	}{
		"long rows":  {simulator.Behavior{}, 2, 1},
		"short rows": {simulator.Behavior{SparseOrderRows: true}, 13, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, cli, simulator.Options{Behavior: test.behavior})
			w.write("main.tf", requiredProvider+configure(w.sim, orderHCL(arguments{"count": "12", "title": `"Order ${count.index}"`})))
			w.terraform("apply", "-auto-approve")
			// When orders were placed is known from the first refresh on.
			w.terraform("apply", "-refresh-only", "-auto-approve")
			for _, parallelism := range []int{1, 10} {
				w.sim.ResetJournal()
				if output := w.terraform("plan", fmt.Sprintf("-parallelism=%d", parallelism)); !strings.Contains(output, "No changes.") {
					t.Errorf("parallelism %d: the plan is not empty:\n%s", parallelism, output)
				}
				if requests, listed := len(w.sim.Journal()), w.sim.Count("GET", "/orders"); requests != test.requests || listed != test.listed {
					t.Errorf("parallelism %d: %d requests, %d of them for the list, want %d and %d",
						parallelism, requests, listed, test.requests, test.listed)
				}
			}
			// What people at the vendor do shows, and an order that this key cannot see stays, whatever the list shows.
			orders := w.sim.Orders()
			w.sim.SetOrderStatus(orders[3].ID, "IN_PROGRESS", "")
			w.sim.HideOrder(orders[7].ID, true)
			w.terraform("apply", "-refresh-only", "-auto-approve")
			state := w.terraform("show")
			if moved, kept := strings.Count(state, `"IN_PROGRESS"`), strings.Count(state, `"RECEIVED"`); moved != 1 || kept != 11 {
				t.Errorf("%d orders in progress and %d received, want 1 and 11", moved, kept)
			}
		})
	}
}
