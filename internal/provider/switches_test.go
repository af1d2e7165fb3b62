package provider_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// switchesConfig is a configuration of everything that is managed: a blacklist
// with an entry for each kind of match, a list managed as a whole, and an order.
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
resource "openprospect_blacklist" "competitors" {
  name = "Competitors"
}
resource "openprospect_blacklist_entries" "competitors" {
  blacklist_id = openprospect_blacklist.competitors.id
  entries = jsonencode({
    umbrella = { company_name = "Umbrella Corp", website_url = "https://www.umbrella.com/" }
    hooli    = { company_name = "Hooli", website_url = "hooli.xyz", external_id = "crm-1" }
    stark    = { company_name = "Stark Industries", city = "New York" }
  })
}
`+orderHCL(arguments{
		"blacklist_ids":       `[openprospect_blacklist.customers.id]`,
		"excluded_industries": `["Non-profit", "Government"]`,
		"target_cities":       `["Munich", "Berlin"]`,
		"webhook_url":         `"https://Hooks.Example.com:443"`,
		"depends_on":          `[openprospect_blacklist_entry.acme, openprospect_blacklist_entry.globex, openprospect_blacklist_entry.initech]`,
	}))
}

// importedOtherwise are the attributes that an import shows in the server's
// spelling; it plans nothing all the same (TestAccBlacklistEntryImportedSpelling).
var importedOtherwise = map[string][]string{
	"normalize_entries": {"website_url"},
}

// destroyRefused are the switches under which the server refuses to destroy
// everything at once, with its words and what has to happen first.
var destroyRefused = map[string]struct {
	words string
	until func(*simulator.Server)
}{
	"delete_in_use_refused": {
		words: "The blacklist is in use by order",
		// The search that fulfils the order uses the blacklist, too.
		until: func(sim *simulator.Server) {
			sim.SetOrderStatus(sim.Orders()[0].ID, "COMPLETED", "")
			sim.RemoveProspectSearch(sim.Orders()[0].SearchID)
		},
	},
}

// inTerraform are the switches that change what Terraform sees: the values in state, or the order of what happens.
var inTerraform = []string{
	"create_without_id", "normalize_entries", "company_unique", "read_after_write_lag", "trimmed_echo", "sparse_echo",
	"delete_in_use_refused", "add_answers_counts",
}

// TestAccSwitches walks some of what the API's documentation leaves open with real terraform: under each of it the
// configuration is applied, plans nothing, is imported, and is destroyed with nothing left behind but the order, which
// nobody can destroy. TestSwitches walks all of it.
func TestAccSwitches(t *testing.T) {
	t.Parallel()

	for _, toggle := range simulator.Switches() {
		if !slices.Contains(inTerraform, toggle.Name) {
			continue
		}
		t.Run(toggle.Name, func(t *testing.T) {
			t.Parallel()
			var behavior simulator.Behavior
			toggle.Set(&behavior)
			sim := startSimulator(t, simulator.Options{Behavior: behavior})
			config := switchesConfig(sim)

			steps := []resource.TestStep{
				// This step ends with two plans that must be empty.
				{Config: config},
				{ResourceName: blacklistAddress, ImportState: true, ImportStateVerify: true},
				{
					ResourceName: entryAddress, ImportState: true, ImportStateIdFunc: entryImportID("%s/%s"),
					ImportStateVerify: true, ImportStateVerifyIgnore: importedOtherwise[toggle.Name],
				},
				{ResourceName: orderAddress, ImportState: true},
			}
			if refused, ok := destroyRefused[toggle.Name]; ok {
				steps = append(steps,
					resource.TestStep{Config: config, Destroy: true, ExpectError: expectError(refused.words)},
					resource.TestStep{PreConfig: func() { refused.until(sim) }, Config: config, Destroy: true},
				)
			}
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps:                    steps,
				CheckDestroy: func(state *terraform.State) error {
					return errors.Join(noBlacklistLeft(sim)(state), expectOrders(sim, 1)(state), neverPlacedAgain(sim))
				},
			})
		})
	}
}

// TestSwitches walks all that the API's documentation leaves open, without Terraform but by its rules: what is planned is
// what is applied, and a second plan is empty.
func TestSwitches(t *testing.T) {
	t.Parallel()

	for _, toggle := range simulator.Switches() {
		t.Run(toggle.Name, func(t *testing.T) {
			t.Parallel()
			var behavior simulator.Behavior
			toggle.Set(&behavior)
			sim := startSimulator(t, simulator.Options{Behavior: behavior})

			server := configuredServer(t, sim)
			var resources []*protocolResource
			var configs []map[string]tftypes.Value
			create := func(name string, config map[string]tftypes.Value) *protocolResource {
				created := &protocolResource{name: name}
				created.apply(t, server, config)
				resources, configs = append(resources, created), append(configs, config)
				return created
			}
			customers := create(blacklistType, map[string]tftypes.Value{"name": text("Customers"), "description": text("From the CRM")})
			customersID := customers.attribute(t, "id")
			for _, fields := range []map[string]tftypes.Value{
				{"company_name": text("Acme Corp"), "website_url": text("https://www.acme-corp.com")},
				{"company_name": text("Global Industries GmbH"), "city": text("Munich"), "country": text("Germany")},
				{"company_name": text("Initech"), "external_id": text("crm-4711")},
			} {
				create(singleType, merge(fields, map[string]tftypes.Value{"blacklist_id": text(customersID)}))
			}
			competitors := create(blacklistType, map[string]tftypes.Value{"name": text("Competitors")})
			create(entriesType, entriesArguments(competitors.attribute(t, "id"), "authoritative", `{
				"umbrella": {"company_name": "Umbrella Corp", "website_url": "https://www.umbrella.com/"},
				"hooli": {"company_name": "Hooli", "website_url": "hooli.xyz", "external_id": "crm-1"},
				"stark": {"company_name": "Stark Industries", "city": "New York"}
			}`))
			create(orderType, orderConfig(map[string]tftypes.Value{
				"blacklist_ids":       setValue(customersID),
				"excluded_industries": setValue("Non-profit", "Government"),
				"target_cities":       setValue("Munich", "Berlin"),
				"webhook_url":         text("https://Hooks.Example.com:443"),
			}))

			server = configuredServer(t, sim)
			for i, refreshed := range resources {
				if !refreshed.read(t, server) {
					t.Fatalf("%s is dropped from state", refreshed.name)
				}
				refreshed.expectUnchanged(t, server, configs[i])
			}

			server = configuredServer(t, sim)
			for i, there := range resources {
				id := there.attribute(t, "id")
				if there.name == singleType {
					id = customersID + "/" + id
				}
				resp, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: there.name, ID: id})
				if err != nil {
					t.Fatal(err)
				}
				imported := readImported(t, server, there.name, resp)
				if there.name == blacklistType || there.name == singleType {
					imported.expectSame(t, there, importedOtherwise[toggle.Name])
				}
				if plan := imported.plan(t, server, configs[i]); len(plan.RequiresReplace) > 0 {
					t.Errorf("the imported %s would be replaced: %s", there.name, replacedNames(plan))
				}
			}

			server = configuredServer(t, sim)
			for _, gone := range slices.Backward(resources) {
				failed := gone.attempt(t, server, nil)
				if refused, ok := destroyRefused[toggle.Name]; ok && gone == customers {
					if !strings.Contains(failed, refused.words) {
						t.Errorf("the destruction failed with %q, want %q", failed, refused.words)
					}
					refused.until(sim)
					failed = gone.attempt(t, server, nil)
				}
				if failed != "" {
					t.Error(failed)
				}
			}
			if err := errors.Join(noBlacklistLeft(sim)(nil), expectOrders(sim, 1)(nil), neverPlacedAgain(sim)); err != nil {
				t.Error(err)
			}
		})
	}
}

// neverPlacedAgain counts by the work that was done: a redirect answers the same request twice.
func neverPlacedAgain(sim *simulator.Server) error {
	placed := 0
	for _, request := range sim.Journal() {
		if request.Method == "POST" && strings.TrimSuffix(request.Path, "/") == "/orders" && request.Done {
			placed++
		}
	}
	if placed != 1 {
		return fmt.Errorf("the order was placed %d times, want once", placed)
	}
	return nil
}
