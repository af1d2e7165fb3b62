package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

const orderDataAddress = "data.openprospect_discovery_order.test"

func orderDataHCL(id string, arguments ...string) string {
	return fmt.Sprintf("data \"openprospect_discovery_order\" \"test\" {\n  id = %q\n  %s\n}\n", id, strings.Join(arguments, "\n  "))
}

func orderDataValue(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(orderDataAddress, tfjsonpath.New(name), want)
}

func TestAccDiscoveryOrderDataSource(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddOrder(map[string]any{
		"title":               "DACH SaaS Discovery Q1 2026",
		"features":            []any{"CONTACTS", "COMPANY_DATA"},
		"seller_offering":     "AI-powered lead generation",
		"seller_industry":     "Software",
		"target_countries":    []any{"Germany", "Austria"},
		"target_cities":       []any{"Berlin"},
		"excluded_industries": []any{"Government"},
		"output_language":     "en",
		"webhook_url":         "https://example.com/hook",
	})
	sim.SetOrderStatus(id, "REJECTED", "ICP too vague")

	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{{
			Config: configure(sim, orderDataHCL(id)),
			ConfigStateChecks: []statecheck.StateCheck{
				orderDataValue("id", knownvalue.StringExact(id)),
				orderDataValue("title", knownvalue.StringExact("DACH SaaS Discovery Q1 2026")),
				orderDataValue(
					"features",
					knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("COMPANY_DATA"), knownvalue.StringExact("CONTACTS")}),
				),
				orderDataValue("seller_offering", knownvalue.StringExact("AI-powered lead generation")),
				orderDataValue("seller_industry", knownvalue.StringExact("Software")),
				orderDataValue(
					"target_countries",
					knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("Austria"), knownvalue.StringExact("Germany")}),
				),
				orderDataValue("target_cities", knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("Berlin")})),
				orderDataValue("excluded_industries", knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("Government")})),
				orderDataValue("output_language", knownvalue.StringExact("en")),
				orderDataValue("webhook_url", knownvalue.StringExact("https://example.com/hook")),
				orderDataValue("priority", knownvalue.StringExact("NORMAL")),
				// Without waiting, how an order ended is a fact and no error.
				orderDataValue("status", knownvalue.StringExact("REJECTED")),
				orderDataValue("admin_notes", knownvalue.StringExact("ICP too vague")),
				orderDataValue("company_count", knownvalue.Int64Exact(0)),
				orderDataValue("estimated_cost", knownvalue.Null()),
				orderDataValue("created_at", knownvalue.NotNull()),
				orderDataValue("completed_at", knownvalue.Null()),
			},
		}},
	})
}

func TestAccDiscoveryOrderDataSource_oneRequest(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddOrder(nil)
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{{
			Config:   configure(sim, orderDataHCL(id)),
			PlanOnly: true,
		}},
	})
	// PlanOnly runs two plans; the destroy at the end has no state, and so reads nothing.
	if got, plans := len(sim.Journal()), sim.Count("GET", "/orders/*"); got != plans || plans > 3 {
		t.Errorf("%d requests, of which %d read the order; want one a plan", got, plans)
	}
}

func TestAccDiscoveryOrderDataSource_gate(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{Review: simulator.Review{Reads: 2}})
	id := sim.AddOrder(nil)
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{{
			Config: configure(sim, orderDataHCL(id, "wait_for_completion = true")),
			ConfigStateChecks: []statecheck.StateCheck{
				orderDataValue("status", knownvalue.StringExact("COMPLETED")),
				orderDataValue("company_count", knownvalue.Int64Exact(47)),
			},
		}},
	})
}

func TestAccDiscoveryOrderDataSource_gateStaysShut(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"CANCELLED", "REJECTED", "FAILED"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			id := sim.AddOrder(nil)
			sim.SetOrderStatus(id, status, "Budget exceeded")
			orderCase(t, sim, resource.TestCase{
				Steps: []resource.TestStep{{
					Config:      configure(sim, orderDataHCL(id, "wait_for_completion = true")),
					ExpectError: regexp.MustCompile(`(?s)ended as ` + status + `.*Budget\s+exceeded`),
				}},
			})
		})
	}
	t.Run("time is over", func(t *testing.T) {
		t.Parallel()
		sim := startSimulator(t, simulator.Options{})
		id := sim.AddOrder(nil)
		orderCase(t, sim, resource.TestCase{
			Steps: []resource.TestStep{{
				Config:      configure(sim, orderDataHCL(id, "wait_for_completion = true", `timeouts = { read = "1s" }`)),
				ExpectError: regexp.MustCompile(`(?s)not complete after 1s.*\(RECEIVED\).*timeouts\.read`),
			}},
		})
	})
}

func TestAccDiscoveryOrderDataSource_errors(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	enrichment := sim.AddOrder(map[string]any{"order_type": "ENRICHMENT"})
	const absent = "0d9f6b2c-5a3e-4c57-9f0e-2f6a1c3b7d11"
	failing := func(hcl, message string) resource.TestStep {
		return resource.TestStep{Config: configure(sim, hcl), ExpectError: regexp.MustCompile(message)}
	}
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			failing(orderDataHCL(absent), `(?s)Unable to read discovery order `+absent+`.*ORDER_NOT_FOUND`),
			failing(orderDataHCL(absent, "wait_for_completion = true"), `(?s)Unable to wait for a discovery order.*ORDER_NOT_FOUND`),
			failing(orderDataHCL(enrichment), `(?s)Not a discovery order.*ENRICHMENT`),
			failing(orderDataHCL(" "), `id must not be empty or only white space`),
		},
	})
}

func TestAccDiscoveryOrdersDataSource(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	completed := sim.AddOrder(map[string]any{"title": "Completed"})
	sim.SetOrderStatus(completed, "COMPLETED", "")
	received := sim.AddOrder(map[string]any{"title": "Received"})
	enrichment := sim.AddOrder(map[string]any{"order_type": "ENRICHMENT"})
	sim.SetOrderStatus(enrichment, "COMPLETED", "")

	const hcl = `
data "openprospect_discovery_orders" "all" {}
data "openprospect_discovery_orders" "completed" {
  status = "COMPLETED"
}
data "openprospect_discovery_orders" "failed" {
  status = "FAILED"
}
`
	order := func(id, title, status string) knownvalue.Check {
		return knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"id":               knownvalue.StringExact(id),
			"title":            knownvalue.StringExact(title),
			"status":           knownvalue.StringExact(status),
			"target_countries": knownvalue.NotNull(),
			"created_at":       knownvalue.NotNull(),
		})
	}
	orders := func(name string, want ...knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.openprospect_discovery_orders."+name, tfjsonpath.New("orders"), knownvalue.ListExact(want))
	}
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config:      configure(sim, `data "openprospect_discovery_orders" "all" { status = "" }`),
				ExpectError: regexp.MustCompile(`status must not be empty`),
			},
			{
				Config: configure(sim, strings.Replace(hcl, `"all" {}`, `"all" {}
output "ids" {
  value = toset(data.openprospect_discovery_orders.all.orders[*].id)
}`, 1)),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue(
						"ids",
						knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact(completed), knownvalue.StringExact(received)}),
					),
					orders("completed", order(completed, "Completed", "COMPLETED")),
					orders("failed"),
				},
			},
		},
	})
}

// Under each of the simulator's switches the data sources show the same order. Its 21 companies take two pages where a page holds 20.
func TestOrderDataSourcesUnderEachSwitch(t *testing.T) {
	t.Parallel()
	for _, toggle := range ordersSwitches() {
		t.Run(toggle.Name, func(t *testing.T) {
			t.Parallel()
			var behavior simulator.Behavior
			toggle.Set(&behavior)
			sim := startSimulator(t, simulator.Options{Behavior: behavior, Review: simulator.Review{Companies: 21}})
			received, completed := sim.AddOrder(nil), sim.AddOrder(nil)
			sim.SetOrderStatus(completed, "COMPLETED", "")
			server := configuredServer(t, sim)

			order, diagnostics := readDataSource(t, server, "openprospect_discovery_order", map[string]tftypes.Value{"id": text(completed)})
			expectDiagnostics(t, diagnostics)
			if got := stringOf(t, order["status"]); got != "COMPLETED" {
				t.Errorf("status is %q, want COMPLETED", got)
			}

			list, diagnostics := readDataSource(t, server, "openprospect_discovery_orders", map[string]tftypes.Value{"status": text("RECEIVED")})
			expectDiagnostics(t, diagnostics)
			if orders := elementsOf(t, list["orders"]); len(orders) != 1 || stringOf(t, orders[0]["id"]) != received {
				t.Errorf("the orders received are %v, want %s", orders, received)
			}

			results, diagnostics := readDataSource(
				t,
				server,
				"openprospect_discovery_order_results",
				map[string]tftypes.Value{"order_id": text(completed)},
			)
			expectDiagnostics(t, diagnostics)
			if got := len(elementsOf(t, results["companies"])); got != 21 {
				t.Errorf("%d companies, want 21", got)
			}

			results, diagnostics = readDataSource(
				t,
				server,
				"openprospect_discovery_order_results",
				map[string]tftypes.Value{"order_id": text(received)},
			)
			expectDiagnostics(t, diagnostics)
			if companies := results["companies"]; companies.IsNull() || len(elementsOf(t, companies)) != 0 {
				t.Errorf("companies of an order that is not completed are %s, want an empty list", companies)
			}
		})
	}
}

// elementsOf are the objects of a list.
func elementsOf(t *testing.T, list tftypes.Value) []map[string]tftypes.Value {
	t.Helper()
	var values []tftypes.Value
	if err := list.As(&values); err != nil {
		t.Fatal(err)
	}
	objects := make([]map[string]tftypes.Value, len(values))
	for i, value := range values {
		if err := value.As(&objects[i]); err != nil {
			t.Fatal(err)
		}
	}
	return objects
}
