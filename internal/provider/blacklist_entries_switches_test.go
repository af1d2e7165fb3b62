package provider_test

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// aboutEntries are the points of the documentation that concern lists of entries; some of them concern lists of orders as well.
var aboutEntries = []string{"U2", "U3", "U9", "U10", "U11", "U12", "U13", "U14", "U15", "U16", "U17", "U19"}

// TestAccBlacklistEntriesSwitches walks some of what the API's documentation leaves open about entries with real terraform:
// where reads lag, which the time that Terraform takes decides, and where the server sees one company in two entries.
func TestAccBlacklistEntriesSwitches(t *testing.T) {
	t.Parallel()

	for _, toggle := range simulator.Switches() {
		if toggle.Unknown != "U19" && toggle.Name != "company_unique" {
			continue
		}
		t.Run(toggle.Name, func(t *testing.T) {
			var behavior simulator.Behavior
			toggle.Set(&behavior)
			sim := startSimulator(t, simulator.Options{Behavior: behavior})

			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				CheckDestroy:             noBlacklistLeft(sim),
				Steps: []resource.TestStep{
					{
						Config:            entriesConfig(sim, threeCompanies),
						ConfigStateChecks: []statecheck.StateCheck{expectNames(sim, "Acme Corp", "Global Industries GmbH", "Initech")},
					},
					{
						// A new name for a domain, a new key, a company less and one more.
						Config: entriesConfig(sim, `{
  C1 = { company_name = "Acme Holding", website_url = "https://www.acme-corp.com" }
  G2 = `+globexHCL+`
  C4 = { company_name = "Hooli", website_url = "hooli.example" }
}`),
						ConfigPlanChecks: expectResourceAction(entriesAddress, plancheck.ResourceActionUpdate),
						// A read that still shows what was just removed is taken at its word: nothing but a
						// second, needless removal comes of it.
						ExpectNonEmptyPlan: behavior.LagReads > 0,
						ConfigStateChecks: []statecheck.StateCheck{
							expectNames(sim, "Acme Holding", "Global Industries GmbH", "Hooli"),
							expectNeverOff(sim, named("Global Industries GmbH")),
						},
					},
				},
			})
		})
	}
}

// TestBlacklistEntriesSwitches walks what the API's documentation leaves open about entries. Under each of it the list is
// created, plans nothing, is changed in all ways at once, plans nothing again, and is destroyed.
func TestBlacklistEntriesSwitches(t *testing.T) {
	t.Parallel()

	const before = `{
		"C1": {"company_name": "Acme Corp", "website_url": "https://www.acme-corp.com"},
		"C2": {"company_name": "Global Industries GmbH", "city": "Munich", "country": "Germany"},
		"C3": {"company_name": "Initech", "external_id": "crm-4711"}
	}`
	// A new name for a domain, a new key, a company less and one more.
	const after = `{
		"C1": {"company_name": "Acme Holding", "website_url": "https://www.acme-corp.com"},
		"G2": {"company_name": "Global Industries GmbH", "city": "Munich", "country": "Germany"},
		"C4": {"company_name": "Hooli", "website_url": "hooli.example"}
	}`
	for _, toggle := range simulator.Switches() {
		if !slices.Contains(aboutEntries, toggle.Unknown) || strings.Contains(toggle.Name, "order") || toggle.Unknown == "U19" {
			continue
		}
		t.Run(toggle.Name, func(t *testing.T) {
			t.Parallel()
			var behavior simulator.Behavior
			toggle.Set(&behavior)
			sim := startSimulator(t, simulator.Options{Behavior: behavior})
			id := sim.AddBlacklist("Customers", "")
			list := &protocolResource{name: entriesType}
			expectNoChange := func(document string) {
				server := configuredServer(t, sim)
				list.read(t, server)
				list.expectUnchanged(t, server, entriesArguments(id, "authoritative", document))
			}

			list.apply(t, configuredServer(t, sim), entriesArguments(id, "authoritative", before))
			expectNoChange(before)
			if err := expectNames(sim, "Acme Corp", "Global Industries GmbH", "Initech")(); err != nil {
				t.Error(err)
			}
			list.apply(t, configuredServer(t, sim), entriesArguments(id, "authoritative", after))
			if err := errors.Join(
				expectNames(sim, "Acme Holding", "Global Industries GmbH", "Hooli")(),
				expectNeverOff(sim, named("Global Industries GmbH"))(),
			); err != nil {
				t.Error(err)
			}
			expectNoChange(after)
			list.carryOut(t, configuredServer(t, sim), list.plan(t, configuredServer(t, sim), nil), nil)
			if left := entries(sim); len(left) > 0 {
				t.Errorf("still on the blacklist: %+v", left)
			}
		})
	}
}

// expectNames compares the companies on the only blacklist by name, in any order.
func expectNames(sim *simulator.Server, want ...string) serverCheck {
	return func() error {
		var got []string
		for _, entry := range entries(sim) {
			got = append(got, entry.CompanyName)
		}
		slices.SortFunc(got, cmp.Compare[string])
		if diff := gocmp.Diff(want, got); diff != "" {
			return fmt.Errorf("companies (-want +got):\n%s", diff)
		}
		return nil
	}
}

// isAcme tells the company by its domain, under whatever name.
func isAcme(entry simulator.Entry) bool { return entry.WebsiteURL == "https://www.acme-corp.com" }

// TestAccBlacklistEntriesSameCompany renames a company, whose domain stays, on a server that takes both entries, and on
// one that silently keeps what it has.
func TestAccBlacklistEntriesSameCompany(t *testing.T) {
	renamed := simulator.Entry{CompanyName: "Acme Holding", WebsiteURL: "https://www.acme-corp.com"}
	before := `{ C1 = { company_name = "Acme Corp", website_url = "https://www.acme-corp.com" } }`
	after := `{ C1 = { company_name = "Acme Holding", website_url = "https://www.acme-corp.com" } }`
	refuseOnce := func(sim *simulator.Server, times int) {
		sim.Inject(simulator.Fault{
			Name: "refused", Method: http.MethodPost, Pattern: entriesPattern, Skip: 1, Times: times,
			Status: http.StatusForbidden, ContentType: "application/json", Body: `{"code":"AUTHORIZATION_ERROR","message":"not now"}`,
		})
	}

	t.Run("a server that takes both", func(t *testing.T) {
		sim := startSimulator(t, simulator.Options{})
		resource.ParallelTest(t, resource.TestCase{
			ProtoV6ProviderFactories: factories,
			CheckDestroy:             noBlacklistLeft(sim),
			Steps: []resource.TestStep{
				{Config: entriesConfig(sim, before)},
				{
					Config: entriesConfig(sim, after),
					ConfigStateChecks: []statecheck.StateCheck{
						expectEntries(sim, renamed), expectNeverOff(sim, isAcme), expectWrites(sim, 2, 1),
					},
				},
			},
		})
	})

	t.Run("a server that keeps what it has", func(t *testing.T) {
		sim := startSimulator(t, simulator.Options{Behavior: simulator.Behavior{CompanyUnique: true}})
		resource.ParallelTest(t, resource.TestCase{
			ProtoV6ProviderFactories: factories,
			CheckDestroy:             noBlacklistLeft(sim),
			Steps: []resource.TestStep{
				{Config: entriesConfig(sim, before)},
				{
					// The addition does nothing; so the old entry goes, and the new one comes at once.
					PreConfig: sim.ResetJournal,
					Config:    entriesConfig(sim, after),
					ConfigStateChecks: []statecheck.StateCheck{
						expectEntries(sim, renamed), expectWrites(sim, 2, 1),
						serverCheck(func() error {
							want := []string{"added Acme Corp", "removed Acme Corp", "added Acme Holding"}
							if diff := gocmp.Diff(want, entryEvents(sim)); diff != "" {
								return fmt.Errorf("events (-want +got):\n%s", diff)
							}
							return nil
						}),
					},
				},
				{
					// The new entry is refused once the old one is gone, and the old one is put back.
					PreConfig:   func() { refuseOnce(sim, 1) },
					Config:      entriesConfig(sim, before),
					ExpectError: expectError("the old entry was put back"),
				},
				{
					PreConfig: func() {
						if err := expectEntries(sim, renamed)(); err != nil {
							t.Error(err)
						}
						refuseOnce(sim, -1)
					},
					Config:      entriesConfig(sim, before),
					ExpectError: expectError("Acme Holding, acme-corp.com is off the list"),
				},
				{
					PreConfig: func() {
						sim.ClearFaults()
						if err := expectEntries(sim)(); err != nil {
							t.Error(err)
						}
					},
					Config:            entriesConfig(sim, before),
					ConfigPlanChecks:  expectResourceAction(entriesAddress, plancheck.ResourceActionUpdate),
					ConfigStateChecks: []statecheck.StateCheck{expectNames(sim, "Acme Corp")},
				},
			},
		})
	})
}

// TestAccBlacklistEntriesHiddenCompany names two companies that are different by their external ids, and one by their
// domain: a server that de-duplicates by that keeps one.
func TestAccBlacklistEntriesHiddenCompany(t *testing.T) {
	sim := startSimulator(t, simulator.Options{Behavior: simulator.Behavior{CompanyUnique: true}})
	id := sim.AddBlacklist("Customers", "")

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: configure(sim, entriesOn(id, "customers", `{
  C1 = { external_id = "crm-1", website_url = "acme.com" }
  C2 = { external_id = "crm-2", website_url = "acme.com" }
}`)),
				ExpectError: expectError(
					"To the API, this company is already on the blacklist, with other fields. Keep only one of the two",
				),
			},
		},
	})
}

// TestAccBlacklistEntriesLostAnswers loses the answer to each write after it was carried out: the list is read, and
// nothing is sent twice.
func TestAccBlacklistEntriesLostAnswers(t *testing.T) {
	sim := startSimulator(t, simulator.Options{Behavior: simulator.Behavior{KeepDuplicates: true}})
	lose := func(method string) {
		sim.ResetJournal()
		sim.Inject(simulator.Fault{Name: "lost", Method: method, Pattern: entriesPattern, Work: true, Drop: true})
	}

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{
				PreConfig:         func() { lose(http.MethodPost) },
				Config:            entriesConfig(sim, threeCompanies),
				ConfigStateChecks: []statecheck.StateCheck{expectEntries(sim, acme, globex, initech), expectWrites(sim, 1, 0)},
			},
			{
				PreConfig: func() {
					lose(http.MethodPost)
					sim.Inject(simulator.Fault{Name: "lost", Method: http.MethodDelete, Pattern: entriesPattern, Work: true, Drop: true})
				},
				Config: entriesConfig(sim, `{ C1 = `+acmeHCL+`, C4 = { company_name = "Hooli", website_url = "hooli.example" } }`),
				ConfigStateChecks: []statecheck.StateCheck{
					expectEntries(sim, acme, hooli), expectCount(sim, http.MethodPost, entriesPattern, 1), expectNeverOff(sim, named("Acme Corp")),
				},
			},
			{
				// A blacklist that holds a company twice: nothing is off, and both go with the configuration's one.
				PreConfig:        func() { sim.AddEntries(sim.Blacklists()[0].ID, hooli) },
				Config:           entriesConfig(sim, `{ C1 = `+acmeHCL+`, C4 = { company_name = "Hooli", website_url = "hooli.example" } }`),
				ConfigPlanChecks: expectEmptyPlan(),
			},
			{
				Config:            entriesConfig(sim, `{ C1 = `+acmeHCL+` }`),
				ConfigStateChecks: []statecheck.StateCheck{expectEntries(sim, acme)},
			},
		},
	})
}
