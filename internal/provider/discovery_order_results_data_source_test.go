package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

const resultsAddress = "data.openprospect_discovery_order_results.test"

func resultsHCL(id string, arguments ...string) string {
	return fmt.Sprintf(
		"data \"openprospect_discovery_order_results\" \"test\" {\n  order_id = %q\n  %s\n}\n",
		id,
		strings.Join(arguments, "\n  "),
	)
}

func resultsValue(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(resultsAddress, tfjsonpath.New(name), want)
}

// guideCompany is the example company of the guide, step 4.
func guideCompany(prospects knownvalue.Check) knownvalue.Check {
	texts := func(texts ...string) knownvalue.Check {
		checks := make([]knownvalue.Check, 0, len(texts))
		for _, text := range texts {
			checks = append(checks, knownvalue.StringExact(text))
		}
		return knownvalue.ListExact(checks)
	}
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"id":             knownvalue.StringExact("b2c3d4e5-f6a7-8901-bcde-f12345678901"),
		"name":           knownvalue.StringExact("CloudOps Technologies GmbH"),
		"website_url":    knownvalue.StringExact("https://www.cloudops-tech.de"),
		"normalized_url": knownvalue.StringExact("cloudops-tech.de"),
		"business_type":  knownvalue.StringExact("B2B SaaS"),
		"city":           knownvalue.StringExact("Berlin"),
		"country":        knownvalue.StringExact("Germany"),
		"description":    knownvalue.StringExact("Cloud operations platform for enterprise DevOps teams..."),
		"employee_count": knownvalue.Int64Exact(85),
		"phone_numbers":  texts("+49 30 98765432"),
		"social_media_links": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
			"platform": knownvalue.StringExact("linkedin"),
			"url":      knownvalue.StringExact("https://linkedin.com/company/cloudops-tech"),
		})}),
		"match_score":                  knownvalue.Float64Exact(9),
		"match_reasons":                texts("Industry match", "Size match", "Location match", "Growth signals"),
		"match_reasoning":              knownvalue.StringExact("Strong ICP fit: B2B SaaS company in Berlin with 85 employees..."),
		"web_technologies":             texts("React", "AWS", "Kubernetes"),
		"web_technologies_analyzed_at": knownvalue.NotNull(),
		"source_id":                    knownvalue.Null(),
		"delivered_at":                 knownvalue.NotNull(),
		"legal_registration_info":      knownvalue.Null(),
		"prospect_count":               knownvalue.Int64Exact(1),
		"prospects":                    prospects,
	})
}

// guideProspect is the person at the example company of the guide.
var guideProspect = knownvalue.ObjectExact(map[string]knownvalue.Check{
	"id":                    knownvalue.StringExact("f6a7b8c9-d0e1-2345-f6a7-b8c9d0e12345"),
	"company_id":            knownvalue.StringExact("b2c3d4e5-f6a7-8901-bcde-f12345678901"),
	"first_name":            knownvalue.StringExact("Thomas"),
	"last_name":             knownvalue.StringExact("Weber"),
	"job_title":             knownvalue.StringExact("CTO"),
	"email":                 knownvalue.StringExact("t.weber@cloudops-tech.de"),
	"phone_number":          knownvalue.Null(),
	"linkedin_url":          knownvalue.StringExact("https://linkedin.com/in/thomasweber"),
	"qualification_score":   knownvalue.Float64Exact(9),
	"qualification_reason":  knownvalue.StringExact("C-level technology decision maker"),
	"email_type":            knownvalue.StringExact("PERSONAL"),
	"validation_confidence": knownvalue.Float64Exact(92),
	"bounce_risk_score":     knownvalue.Float64Exact(8),
})

func firstCompany(want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(resultsAddress, tfjsonpath.New("companies").AtSliceIndex(0), want)
}

func TestAccDiscoveryOrderResultsDataSource(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddOrder(nil)
	sim.SetOrderStatus(id, "COMPLETED", "")
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config: configure(sim, resultsHCL(id)),
				ConfigStateChecks: []statecheck.StateCheck{
					resultsValue("status", knownvalue.StringExact("COMPLETED")),
					resultsValue("total", knownvalue.Int64Exact(47)),
					resultsValue("companies", knownvalue.ListSizeExact(47)),
					// Nobody asked for people: none of them may be in state.
					firstCompany(guideCompany(knownvalue.ListExact([]knownvalue.Check{}))),
				},
				Check: func(*terraform.State) error {
					for _, request := range sim.Journal() {
						if strings.HasSuffix(request.Path, "/results") && request.Query != "" && !strings.Contains(request.Query, "limit=100") {
							return fmt.Errorf("a page of fewer than 100 was asked for: %s", request.Query)
						}
					}
					if orders, results := sim.Count("GET", "/orders/*"), sim.Count("GET", "/orders/*/results"); orders != results {
						return fmt.Errorf("%d requests for the order and %d for its 47 companies, want as many of either", orders, results)
					}
					return nil
				},
			},
			{
				Config: configure(sim, resultsHCL(id, "include_prospects = true")),
				ConfigStateChecks: []statecheck.StateCheck{
					firstCompany(guideCompany(knownvalue.ListExact([]knownvalue.Check{guideProspect}))),
					statecheck.ExpectSensitiveValue(
						resultsAddress,
						tfjsonpath.New("companies").AtSliceIndex(0).AtMapKey("prospects").AtSliceIndex(0).AtMapKey("email"),
					),
				},
			},
			{
				Config: configure(sim, resultsHCL(id, "max_companies = 3")),
				ConfigStateChecks: []statecheck.StateCheck{
					resultsValue("total", knownvalue.Int64Exact(47)),
					resultsValue("companies", knownvalue.ListSizeExact(3)),
				},
			},
			{
				Config: configure(sim, resultsHCL(id, "min_match_score = 9")+`
output "weaker" {
  value = [for company in data.openprospect_discovery_order_results.test.companies : company.match_score if company.match_score < 9]
}
output "some" {
  value = length(data.openprospect_discovery_order_results.test.companies) > 0
}`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("weaker", knownvalue.TupleExact([]knownvalue.Check{})),
					statecheck.ExpectKnownOutputValue("some", knownvalue.Bool(true)),
				},
			},
			{
				Config: configure(sim, resultsHCL(id, `delivered_since = "2199-01-01T00:00:00Z"`)),
				ConfigStateChecks: []statecheck.StateCheck{
					resultsValue("status", knownvalue.StringExact("COMPLETED")),
					resultsValue("companies", knownvalue.ListExact([]knownvalue.Check{})),
				},
			},
		},
	})
}

func TestAccDiscoveryOrderResultsDataSource_pages(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{Review: simulator.Review{Reads: 1, Companies: 250}})
	id := sim.AddOrder(nil)
	sim.SetOrderStatus(id, "COMPLETED", "")
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config: configure(
					sim,
					resultsHCL(id)+"output \"ids\" {\n  value = length(distinct(data.openprospect_discovery_order_results.test.companies[*].id))\n}\n",
				),
				ConfigStateChecks: []statecheck.StateCheck{
					resultsValue("total", knownvalue.Int64Exact(250)),
					statecheck.ExpectKnownOutputValue("ids", knownvalue.Int64Exact(250)),
				},
				Check: func(*terraform.State) error {
					// The budget: 1 for the status and one per 100 companies, each time that it is read.
					if orders, results := sim.Count("GET", "/orders/*"), sim.Count("GET", "/orders/*/results"); orders == 0 || results != 3*orders {
						return fmt.Errorf("%d requests for the order and %d for its 250 companies, want three times as many", orders, results)
					}
					return nil
				},
			},
		},
	})
}

func TestAccDiscoveryOrderResultsDataSource_notReady(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"RECEIVED", "IN_PROGRESS", "REJECTED"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			id := sim.AddOrder(nil)
			sim.SetOrderStatus(id, status, "")
			orderCase(t, sim, resource.TestCase{
				Steps: []resource.TestStep{{
					Config: configure(sim, resultsHCL(id)),
					ConfigStateChecks: []statecheck.StateCheck{
						resultsValue("status", knownvalue.StringExact(status)),
						resultsValue("total", knownvalue.Int64Exact(0)),
						resultsValue("companies", knownvalue.ListExact([]knownvalue.Check{})),
					},
					Check: func(*terraform.State) error {
						if got := sim.Count("GET", "/orders/*/results"); got != 0 {
							return fmt.Errorf("%d requests for results that cannot be there", got)
						}
						return nil
					},
				}},
			})
		})
	}
}

func TestAccDiscoveryOrderResultsDataSource_errors(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	enrichment := sim.AddOrder(map[string]any{"order_type": "ENRICHMENT"})
	failing := func(hcl, message string) resource.TestStep {
		return resource.TestStep{Config: configure(sim, hcl), ExpectError: regexp.MustCompile(message)}
	}
	orderCase(t, sim, resource.TestCase{
		Steps: []resource.TestStep{
			failing(resultsHCL("0d9f6b2c-5a3e-4c57-9f0e-2f6a1c3b7d11"), `(?s)Unable to read discovery order.*ORDER_NOT_FOUND`),
			failing(resultsHCL(enrichment), `(?s)Not a discovery order.*ENRICHMENT`),
			failing(resultsHCL("o", `delivered_since = "yesterday"`), `delivered_since must be an ISO 8601 timestamp`),
			failing(resultsHCL("o", `min_match_score = 11`), `min_match_score must be between 0 and 10, got 11`),
			failing(resultsHCL("o", `max_companies = 0`), `(?s)max_companies.*at least 1`),
			failing(resultsHCL(""), `order_id must not be empty`),
		},
	})
}
