package provider_test

import (
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

func TestAccBlacklistEntriesDataSource(t *testing.T) {
	const address = "data.openprospect_blacklist_entries.customers"
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist(
		"Customers",
		"",
		acme,
		globex,
		initech,
		simulator.Entry{CompanyName: "acme corp", WebsiteURL: "http://acme-corp.com"},
	)
	empty := sim.AddBlacklist("Empty", "")
	data := func(name, id string) string {
		return `
data "openprospect_blacklist_entries" "` + name + `" { blacklist_id = "` + id + `" }
`
	}

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: configure(sim, data("customers", id)+data("empty", empty)),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("entries"), knownvalue.StringExact(
						`{"Global Industries GmbH, Munich":{"city":"Munich","company_name":"Global Industries GmbH","country":"Germany"},`+
							`"acme-corp.com":{"company_name":"Acme Corp","website_url":"https://www.acme-corp.com"},`+
							`"crm-4711":{"company_name":"Initech","external_id":"crm-4711"}}`)),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("entry_count"), knownvalue.Int64Exact(3)),
					statecheck.ExpectKnownValue("data.openprospect_blacklist_entries.empty", tfjsonpath.New("entries"), knownvalue.StringExact("{}")),
					statecheck.ExpectKnownValue("data.openprospect_blacklist_entries.empty", tfjsonpath.New("entry_count"), knownvalue.Int64Exact(0)),
				},
			},
			{
				// What the data source says can be given to a resource as it is.
				Config: configure(sim, data("customers", id)+
					entriesBlock("copy", `"`+empty+`"`, "data.openprospect_blacklist_entries.customers.entries")),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction("openprospect_blacklist_entries.copy", plancheck.ResourceActionCreate),
				}},
				ConfigStateChecks: []statecheck.StateCheck{expectCount(sim, http.MethodPost, entriesPattern, 1)},
			},
			{
				Config:      configure(sim, data("customers", "d33b69ce-80ce-4ede-b4df-4b11427f8b55")),
				ExpectError: expectError("BLACKLIST_NOT_FOUND"),
			},
		},
	})
}

// TestBlacklistEntriesDataSourceSharesTheList reads a list of 250 once for all who want it.
func TestBlacklistEntriesDataSourceSharesTheList(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "", manyCompanies(250)...)
	server := configuredServer(t, sim)
	for range 2 {
		_, diagnostics := readDataSource(t, server, entriesType, map[string]tftypes.Value{"blacklist_id": text(id)})
		expectNoErrors(t, diagnostics)
	}
	if err := expectCount(sim, http.MethodGet, "", 3)(); err != nil {
		t.Error(err)
	}
}
