package provider_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

func TestAccBlacklistDataSource(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "From the CRM", simulator.Entry{CompanyName: "Acme"}, simulator.Entry{CompanyName: "Globex"})
	empty := sim.AddBlacklist("Empty", "")
	const address = "data.openprospect_blacklist.this"
	config := func(argument string) string {
		return configure(sim, fmt.Sprintf("data \"openprospect_blacklist\" \"this\" {\n  %s\n}", argument))
	}
	customers := []statecheck.StateCheck{
		statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact(id)),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("name"), knownvalue.StringExact("Customers")),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("description"), knownvalue.StringExact("From the CRM")),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("created_at"), knownvalue.NotNull()),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("entry_count"), knownvalue.Int64Exact(2)),
	}

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: config(fmt.Sprintf("id = %q", id)), ConfigStateChecks: customers},
			{Config: config(`name = "Customers"`), ConfigStateChecks: customers},
			{
				Config: config(`name = "Empty"`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact(empty)),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("description"), knownvalue.Null()),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("entry_count"), knownvalue.Int64Exact(0)),
				},
			},
			{PreConfig: sim.ResetJournal, Config: config(fmt.Sprintf("id = %q", id)), PlanOnly: true},
			{
				PreConfig: func() {
					// The plan without a refresh reads data sources as well.
					if got := sim.Count("", ""); got != 2*2 {
						t.Errorf("two reads sent %d requests, want 2 each", got)
					}
				},
				Config:      config(`name = "Nobody"`),
				ExpectError: expectError(`no blacklist is named "Nobody"`),
			},
			{
				Config:      config(`id = "00000000-0000-4000-8000-000000000000"`),
				ExpectError: expectError("BLACKLIST_NOT_FOUND"),
			},
		},
	})
}

func TestAccBlacklistDataSourceAmbiguous(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	first, second := sim.AddBlacklist("Twice", ""), sim.AddBlacklist("Twice", "")

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config:      configure(sim, `data "openprospect_blacklist" "this" { name = "Twice" }`),
			ExpectError: expectError(`2 blacklists are named "Twice". Use the ID of one of them: ` + first + ", " + second),
		}},
	})
}

func TestAccBlacklistDataSourceBadInput(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})

	for name, test := range map[string]struct {
		arguments string
		words     string
	}{
		"neither":    {``, "Exactly one of these attributes must be configured: [id,name]"},
		"both":       {"id = \"b1\"\n name = \"Customers\"", "Exactly one of these attributes must be configured: [id,name]"},
		"empty id":   {`id = ""`, "id must not be empty"},
		"empty name": {`name = ""`, "name must not be empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config:      configure(sim, fmt.Sprintf("data \"openprospect_blacklist\" \"this\" {\n  %s\n}", test.arguments)),
					PlanOnly:    true,
					ExpectError: expectError(test.words),
				}},
			})
			expectNothingSent(t, sim)
		})
	}
}
