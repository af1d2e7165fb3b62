package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// entriesOn is a list of companies, an HCL object, on the blacklist of that id.
func entriesOn(id, name, document string, arguments ...string) string {
	return entriesBlock(name, fmt.Sprintf("%q", id), "jsonencode("+document+")", arguments...)
}

// entryOn is one company on the blacklist of that id.
func entryOn(id, name string, arguments ...string) string {
	return entryBlock(name, fmt.Sprintf("%q", id), arguments...)
}

// TestAccBlacklistEntriesConflicts has two resources that manage the same entries of a blacklist that is known at plan time.
func TestAccBlacklistEntriesConflicts(t *testing.T) {
	t.Parallel()

	const hooliArgument = `website_url = "hooli.example"`
	for name, test := range map[string]struct {
		// hcl makes the two from the blacklist's id.
		hcl   func(id string) string
		words string
	}{
		"a whole list and one entry": {
			func(id string) string {
				return entriesOn(id, "customers", threeCompanies) + entryOn(id, "hooli", hooliArgument)
			},
			"one resource manages the whole list, and another one manages hooli.example",
		},
		"a whole list and one of its own entries": {
			func(id string) string {
				return entriesOn(id, "customers", threeCompanies) + entryOn(id, "acme", `company_name = "Acme Corp"`, `website_url = "acme-corp.com"`)
			},
			"one resource manages the whole list, and another one manages Acme Corp, acme-corp.com",
		},
		"two whole lists": {
			func(id string) string {
				return entriesOn(id, "customers", threeCompanies) + entriesOn(id, "others", `{ H = { website_url = "hooli.example" } }`)
			},
			"one resource manages the whole list, and another one manages",
		},
		"two empty whole lists": {
			func(id string) string {
				return entriesOn(id, "customers", `{}`) + entriesOn(id, "others", `{}`)
			},
			"one resource manages the whole list, and another one manages its entries",
		},
		"a whole list and an additive one": {
			func(id string) string {
				return entriesOn(id, "customers", threeCompanies) + entriesOn(
					id, "others", `{ H = { website_url = "hooli.example" } }`, `mode = "additive"`,
				)
			},
			"one resource manages the whole list, and another one manages hooli.example",
		},
		"two additive lists that share a company": {
			func(id string) string {
				return entriesOn(id, "customers", threeCompanies, `mode = "additive"`) +
					entriesOn(id, "others", `{ A = { company_name = "ACME Corp", website_url = "acme-corp.com" } }`, `mode = "additive"`)
			},
			"two resources manage",
		},
		"an additive list and one of its own entries": {
			func(id string) string {
				return entriesOn(id, "customers", threeCompanies, `mode = "additive"`) + entryOn(id, "initech", `external_id = "crm-4711"`)
			},
			"two resources manage",
		},
	} {
		t.Run(name, func(t *testing.T) {
			sim := startSimulator(t, simulator.Options{})
			id := sim.AddBlacklist("Customers", "")
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config: configure(sim, test.hcl(id)), PlanOnly: true,
					ExpectError: expectError("blacklist " + id + ": " + test.words),
				}},
			})
			if err := expectWrites(sim, 0, 0)(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAccBlacklistEntriesConflictWithExisting names the id of an entry that is on the list already, also when nothing
// of it is to change and Terraform does not refresh.
func TestAccBlacklistEntriesConflictWithExisting(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "")
	single := entryOn(id, "acme", `company_name = "Acme Corp"`)
	words := func() string {
		return "blacklist " + id + ": one resource manages the whole list, and another one manages Acme Corp (entry " +
			sim.Blacklists()[0].Entries[0].ID + ")"
	}

	// The entry's id is only known once the first step has run.
	step := resource.TestStep{
		Config:      configure(sim, single+entriesOn(id, "customers", `{ A = { company_name = "Acme Corp" } }`)),
		PlanOnly:    true,
		ExpectError: expectError("another one manages Acme Corp (entry 000000e1-"),
	}
	unrefreshed := step
	unrefreshed.PlanOnly = false
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		AdditionalCLIOptions:     &resource.AdditionalCLIOptions{Plan: resource.PlanOptions{NoRefresh: true}},
		Steps: []resource.TestStep{
			{Config: configure(sim, single), ConfigStateChecks: []statecheck.StateCheck{serverCheck(func() error {
				if !strings.Contains(words(), "000000e1-") {
					return fmt.Errorf("the simulator numbers entries otherwise: %s", words())
				}
				return nil
			})}},
			step,
			unrefreshed,
		},
	})
}

// TestAccBlacklistEntriesConflictAtApply has a blacklist that is only made in the same run.
func TestAccBlacklistEntriesConflictAtApply(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{{
			Config: entriesConfig(sim, threeCompanies) +
				entryBlock("hooli", "openprospect_blacklist.customers.id", `website_url = "hooli.example"`),
			ExpectError: expectError("one resource manages the whole list, and another one manages"),
		}},
	})
}

// TestAccBlacklistEntriesShared are resources that share a blacklist without being in each other's way.
func TestAccBlacklistEntriesShared(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "")

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             func(*terraform.State) error { return expectEntries(sim)() },
		Steps: []resource.TestStep{
			{
				Config: configure(sim, entriesOn(id, "customers", `{ C1 = `+acmeHCL+` }`, `mode = "additive"`)+
					entriesOn(id, "others", `{ C2 = `+globexHCL+` }`, `mode = "additive"`)+entryOn(id, "hooli", `website_url = "hooli.example"`)),
				ConfigStateChecks: []statecheck.StateCheck{serverCheck(func() error {
					if got := len(entries(sim)); got != 3 {
						return fmt.Errorf("%d entries, want 3", got)
					}
					return nil
				})},
			},
			{
				// A destroy plan claims nothing.
				Config:  configure(sim, entriesOn(id, "customers", `{ C1 = `+acmeHCL+` }`, `mode = "additive"`)),
				Destroy: true,
			},
		},
	})
}
