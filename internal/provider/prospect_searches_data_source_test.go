package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

func TestAccProspectSearchesDataSource(t *testing.T) {
	sim := startSimulator(t, simulator.Options{Scopes: everyScope})
	config := configure(sim, `data "openprospect_prospect_searches" "all" {}`)
	const address = "data.openprospect_prospect_searches.all"
	id := sim.AddProspectSearch("Spring")

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("prospect_searches"), knownvalue.ListExact([]knownvalue.Check{
					knownvalue.ObjectExact(map[string]knownvalue.Check{
						"id": knownvalue.StringExact(id), "name": knownvalue.StringExact("Spring"), "status": knownvalue.StringExact("ACTIVE"),
					}),
				})),
			},
		}},
	})
}

// TestProspectSearchesScope: the scope set of the guide lacks the one that is needed here.
func TestProspectSearchesScope(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	_, diagnostics := readDataSource(t, configuredServer(t, sim), "openprospect_prospect_searches", nil)
	expectDiagnostics(t, diagnostics, "error: this call needs the scope prospect_searches:read\n")
}
