package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// switchesConfig is a configuration of everything that is managed: a blacklist
// with an entry for each kind of match.
func switchesConfig(sim *simulator.Server) string {
	return configure(sim, `
resource "openprospect_blacklist" "customers" {
  name        = "Customers"
  description = "From the CRM"
}
resource "openprospect_blacklist_entry" "acme" {
  blacklist_id = openprospect_blacklist.customers.id
  company_name = "Acme Corp"
  website_url  = "https://www.acme-corp.com"
}
resource "openprospect_blacklist_entry" "globex" {
  blacklist_id = openprospect_blacklist.customers.id
  company_name = "Global Industries GmbH"
  city         = "Munich"
  country      = "Germany"
}
resource "openprospect_blacklist_entry" "initech" {
  blacklist_id = openprospect_blacklist.customers.id
  company_name = "Initech"
  external_id  = "crm-4711"
}
`)
}

// TestAccSwitches walks all that the API's documentation leaves open: under
// each of it the configuration is applied, plans nothing, is imported, and is
// destroyed with nothing left behind.
func TestAccSwitches(t *testing.T) {
	t.Parallel()

	for _, toggle := range simulator.Switches() {
		t.Run(toggle.Name, func(t *testing.T) {
			var behavior simulator.Behavior
			toggle.Set(&behavior)
			sim := startSimulator(t, simulator.Options{Behavior: behavior})
			config := switchesConfig(sim)

			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				CheckDestroy:             noBlacklistLeft(sim),
				Steps: []resource.TestStep{
					// Each step ends with two plans that must be empty.
					{Config: config},
					{ResourceName: blacklistAddress, ImportState: true, ImportStateVerify: true},
					{ResourceName: entryAddress, ImportState: true, ImportStateIdFunc: entryImportID("%s/%s"), ImportStateVerify: true},
				},
			})
		})
	}
}
