package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

func TestAccBlacklistsDataSource(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	config := configure(sim, `data "openprospect_blacklists" "all" {}`)
	const address = "data.openprospect_blacklists.all"
	var first, second string

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: config,
				ConfigStateChecks: []statecheck.StateCheck{
					// An empty list, not null: for_each and length work on it.
					statecheck.ExpectKnownValue(address, tfjsonpath.New("blacklists"), knownvalue.ListExact(nil)),
				},
			},
			{
				PreConfig: func() {
					first = sim.AddBlacklist("Customers", "From the CRM")
					second = sim.AddBlacklist("Competitors", "")
				},
				Config: config,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("blacklists"), knownvalue.ListExact([]knownvalue.Check{
						knownvalue.ObjectExact(map[string]knownvalue.Check{
							"id":          knownvalue.StringFunc(func(id string) error { return wantID(id, first) }),
							"name":        knownvalue.StringExact("Customers"),
							"description": knownvalue.StringExact("From the CRM"),
							"created_at":  knownvalue.NotNull(),
						}),
						knownvalue.ObjectExact(map[string]knownvalue.Check{
							"id":          knownvalue.StringFunc(func(id string) error { return wantID(id, second) }),
							"name":        knownvalue.StringExact("Competitors"),
							"description": knownvalue.Null(),
							"created_at":  knownvalue.NotNull(),
						}),
					})),
				},
			},
		},
	})
}
