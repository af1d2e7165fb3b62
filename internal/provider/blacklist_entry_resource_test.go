package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

const entryAddress = "openprospect_blacklist_entry.acme"

// entryConfig is one entry with the given arguments on a blacklist of Terraform's own.
func entryConfig(sim *simulator.Server, arguments ...string) string {
	return configure(sim, `
resource "openprospect_blacklist" "customers" {
  name = "Customers"
}
`+entryBlock("acme", "openprospect_blacklist.customers.id", arguments...))
}

// entryBlock is one entry; blacklistID is an expression.
func entryBlock(name, blacklistID string, arguments ...string) string {
	return fmt.Sprintf(`
resource "openprospect_blacklist_entry" %q {
  blacklist_id = %s
  %s
}
`, name, blacklistID, strings.Join(arguments, "\n  "))
}

// entries are the rows of the only blacklist, without what the server adds.
func entries(sim *simulator.Server) []simulator.Entry {
	var rows []simulator.Entry
	for _, blacklist := range sim.Blacklists() {
		for _, entry := range blacklist.Entries {
			rows = append(rows, simulator.Entry{
				CompanyName: entry.CompanyName, WebsiteURL: entry.WebsiteURL,
				City: entry.City, Country: entry.Country, ExternalID: entry.ExternalID,
			})
		}
	}
	return rows
}

// expectEntries compares the rows of the only blacklist.
func expectEntries(sim *simulator.Server, want ...simulator.Entry) serverCheck {
	return func() error {
		if diff := cmp.Diff(want, entries(sim)); diff != "" {
			return fmt.Errorf("entries (-want +got):\n%s", diff)
		}
		return nil
	}
}

// entryEvents are the changes of entries so far, as "added Acme" and "removed Acme".
func entryEvents(sim *simulator.Server) []string {
	var events []string
	for _, event := range sim.Events() {
		switch event.Kind {
		case "entry_added":
			events = append(events, "added "+event.Entry.CompanyName)
		case "entry_removed":
			events = append(events, "removed "+event.Entry.CompanyName)
		}
	}
	return events
}

func TestAccBlacklistEntry(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	newID := statecheck.CompareValue(compare.ValuesDiffer())

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{
				Config: entryConfig(
					sim,
					`company_name = "Acme Corp"`,
					`website_url = "https://www.acme.com/de"`,
					`city = "Munich"`,
					`country = "Germany"`,
					`external_id = "crm-1"`,
				),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(entryAddress, plancheck.ResourceActionCreate),
					plancheck.ExpectUnknownValue(entryAddress, tfjsonpath.New("id")),
					plancheck.ExpectKnownValue(entryAddress, tfjsonpath.New("match_method"), knownvalue.StringExact("external_id")),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					expectEntries(
						sim,
						simulator.Entry{
							CompanyName: "Acme Corp",
							WebsiteURL:  "https://www.acme.com/de",
							City:        "Munich",
							Country:     "Germany",
							ExternalID:  "crm-1",
						},
					),
					newID.AddStateValue(entryAddress, tfjsonpath.New("id")),
					statecheck.ExpectKnownValue(entryAddress, tfjsonpath.New("website_url"), knownvalue.StringExact("https://www.acme.com/de")),
					statecheck.ExpectKnownValue(entryAddress, tfjsonpath.New("match_method"), knownvalue.StringExact("external_id")),
				},
			},
			{
				ResourceName:      entryAddress,
				ImportState:       true,
				ImportStateIdFunc: entryImportID("%s/%s"),
				ImportStateVerify: true,
			},
			{
				ResourceName:      entryAddress,
				ImportState:       true,
				ImportStateIdFunc: entryImportID("%s/website_url=acme.com"),
				ImportStateVerify: true,
			},
			{
				ResourceName:      entryAddress,
				ImportState:       true,
				ImportStateIdFunc: entryImportID("%s/external_id=crm-1"),
				ImportStateVerify: true,
			},
			{
				ResourceName:      entryAddress,
				ImportState:       true,
				ImportStateIdFunc: entryImportID("%s/company_name=acme corp"),
				ImportStateVerify: true,
			},
			{
				Config: entryConfig(sim, `company_name = "Acme Ltd"`, `website_url = "acme.com"`),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(entryAddress, plancheck.ResourceActionUpdate),
					plancheck.ExpectUnknownValue(entryAddress, tfjsonpath.New("id")),
					plancheck.ExpectKnownValue(entryAddress, tfjsonpath.New("match_method"), knownvalue.StringExact("website_url")),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					expectEntries(sim, simulator.Entry{CompanyName: "Acme Ltd", WebsiteURL: "https://www.acme.com/de"}),
					newID.AddStateValue(entryAddress, tfjsonpath.New("id")),
					statecheck.ExpectKnownValue(entryAddress, tfjsonpath.New("external_id"), knownvalue.Null()),
					serverCheck(func() error {
						// The company is on the list at every moment.
						want := []string{"added Acme Corp", "added Acme Ltd", "removed Acme Corp"}
						if diff := cmp.Diff(want, entryEvents(sim)); diff != "" {
							return fmt.Errorf("events (-want +got):\n%s", diff)
						}
						return nil
					}),
				},
			},
		},
	})
}

// entryImportID formats an import id from the blacklist's and the entry's.
func entryImportID(format string) resource.ImportStateIdFunc {
	return func(state *terraform.State) (string, error) {
		attributes := state.RootModule().Resources[entryAddress].Primary.Attributes
		if !strings.Contains(format, "/%s") {
			return fmt.Sprintf(format, attributes["blacklist_id"]), nil
		}
		return fmt.Sprintf(format, attributes["blacklist_id"], attributes["id"]), nil
	}
}

func TestAccBlacklistEntrySpelling(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{Config: entryConfig(sim, `company_name = "Acme Corp"`, `website_url = "https://www.acme.com/"`)},
			{
				Config:           entryConfig(sim, `company_name = "ACME Corp "`, `website_url = "Acme.com"`),
				ConfigPlanChecks: expectEmptyPlan(),
			},
			{
				// With a field that does change, the others stay as they were spelled: whether it changes may not be known yet.
				Config:           entryConfig(sim, `company_name = "ACME Corp"`, `website_url = "Acme.com"`, `city = "Munich"`),
				ConfigPlanChecks: expectResourceAction(entryAddress, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					expectEntries(sim, simulator.Entry{CompanyName: "Acme Corp", WebsiteURL: "https://www.acme.com/", City: "Munich"}),
				},
			},
		},
	})
}

// TestAccBlacklistEntryImportedSpelling is an import under a server with a
// spelling of its own (U14): it ends in an empty plan with nothing sent.
func TestAccBlacklistEntryImportedSpelling(t *testing.T) {
	sim := startSimulator(t, simulator.Options{Behavior: simulator.Behavior{NormalizeEntries: true}})
	list := sim.AddBlacklist("Customers", "")
	id := sim.AddEntries(list, simulator.Entry{CompanyName: "acme corp", WebsiteURL: "acme.com"})[0]

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: configure(
					sim,
					entryBlock("acme", fmt.Sprintf("%q", list), `company_name = "Acme Corp"`, `website_url = "https://www.acme.com"`),
				) + fmt.Sprintf(
					`
import {
  to = openprospect_blacklist_entry.acme
  id = "%s/%s"
}`,
					list,
					id,
				),
				ConfigPlanChecks: expectResourceAction(entryAddress, plancheck.ResourceActionNoop),
				ConfigStateChecks: []statecheck.StateCheck{
					expectCount(sim, "POST", "", 0),
					statecheck.ExpectKnownValue(entryAddress, tfjsonpath.New("id"), knownvalue.StringExact(id)),
				},
			},
		},
	})
}

func TestAccBlacklistEntryMovesToAnotherBlacklist(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	config := func(blacklist string) string {
		return configure(sim, `
resource "openprospect_blacklist" "customers" { name = "Customers" }
resource "openprospect_blacklist" "competitors" { name = "Competitors" }
`+entryBlock("acme", "openprospect_blacklist."+blacklist+".id", `website_url = "acme.com"`))
	}

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{Config: config("customers")},
			{
				Config:            config("competitors"),
				ConfigPlanChecks:  expectResourceAction(entryAddress, plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{expectEntries(sim, simulator.Entry{WebsiteURL: "acme.com"})},
			},
		},
	})
}

func TestAccBlacklistEntryUnknownFields(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{{
			Config: entryConfig(sim, `website_url = terraform_data.website.output`) + `
resource "terraform_data" "website" {
  input = "https://acme.com"
}`,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(entryAddress, tfjsonpath.New("match_method")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(entryAddress, tfjsonpath.New("match_method"), knownvalue.StringExact("website_url")),
			},
		}},
	})
}

// TestAccBlacklistEntryUnknownFieldAndSpelling has one field that is only known at apply, where it is what it was, and
// another one that is spelled anew: the plan at apply must be the one that was shown.
func TestAccBlacklistEntryUnknownFieldAndSpelling(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	config := func(name, version string) string {
		return entryConfig(sim, fmt.Sprintf("company_name = %q", name), `website_url = terraform_data.website.output.url`) + fmt.Sprintf(`
resource "terraform_data" "website" {
  input = { url = "https://acme.com", version = %q }
}`, version)
	}

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{Config: config("Acme", "1")},
			{
				PreConfig: sim.ResetJournal,
				Config:    config(" ACME", "2"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectUnknownValue(entryAddress, tfjsonpath.New("website_url")),
				}},
				ConfigStateChecks: []statecheck.StateCheck{expectWrites(sim, 0, 0)},
			},
		},
	})
}

func TestAccBlacklistEntryBadInput(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})

	for name, test := range map[string]struct {
		arguments []string
		words     string
	}{
		"nothing to match by": {[]string{`city = "Munich"`, `country = "Germany"`}, "At least one of these attributes must be " +
			"configured: [external_id,website_url,company_name]"},
		"empty company name":       {[]string{`company_name = ""`, `website_url = "acme.com"`}, "company_name must not be empty"},
		"empty website":            {[]string{`company_name = "Acme"`, `website_url = ""`}, "website_url must not be empty"},
		"empty city":               {[]string{`company_name = "Acme"`, `city = ""`}, "city must not be empty"},
		"blank country":            {[]string{`company_name = "Acme"`, `country = "  "`}, "country must not be empty"},
		"empty external id":        {[]string{`company_name = "Acme"`, `external_id = ""`}, "external_id must not be empty"},
		"website without a domain": {[]string{`website_url = "https://"`}, `website_url: "https://" is not a website`},
		"website that is a name":   {[]string{`website_url = "Acme Corp"`}, `"acme corp" is not a host name. Use a domain such as acme.com`},
		"empty blacklist id":       {nil, "blacklist_id must not be empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := entryConfig(sim, test.arguments...)
			if test.arguments == nil {
				config = configure(sim, entryBlock("acme", `""`, `website_url = "acme.com"`))
			}
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps:                    []resource.TestStep{{Config: config, PlanOnly: true, ExpectError: expectError(test.words)}},
			})
			expectNothingSent(t, sim)
		})
	}
}

// TestAccBlacklistEntryDrift is a row whose fields changed on the server under the same id.
func TestAccBlacklistEntryDrift(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	config := entryConfig(sim, `company_name = "Acme Corp"`, `city = "Munich"`)

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig: func() {
					sim.Inject(simulator.Fault{
						Name: "another city", Method: "GET", Pattern: "/blacklists/*/entries", Times: -1, Work: true,
						Rewrite: func(body []byte) []byte { return []byte(strings.ReplaceAll(string(body), "Munich", "Berlin")) },
					})
				},
				Config:             config,
				PlanOnly:           true,
				ExpectNonEmptyPlan: true,
				ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(entryAddress, plancheck.ResourceActionUpdate),
				}},
			},
			{
				// The server's own normalisation is no drift (U14).
				PreConfig: func() {
					sim.ClearFaults()
					sim.Inject(simulator.Fault{
						Name: "normalised", Method: "GET", Pattern: "/blacklists/*/entries", Times: -1, Work: true,
						Rewrite: func(body []byte) []byte { return []byte(strings.ReplaceAll(string(body), "Acme Corp", "ACME CORP ")) },
					})
				},
				Config:           config,
				ConfigPlanChecks: expectEmptyPlan(),
			},
		},
	})
}

func TestAccBlacklistEntryDisappears(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	config := entryConfig(sim, `company_name = "Acme Corp"`)

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig: func() {
					blacklist := sim.Blacklists()[0]
					sim.RemoveEntries(blacklist.ID, blacklist.Entries[0].ID)
				},
				Config: config,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(entryAddress, plancheck.ResourceActionCreate),
					plancheck.ExpectResourceAction(blacklistAddress, plancheck.ResourceActionNoop),
				}},
				ConfigStateChecks: []statecheck.StateCheck{expectEntries(sim, simulator.Entry{CompanyName: "Acme Corp"})},
			},
			{
				PreConfig: func() { sim.RemoveBlacklist(sim.Blacklists()[0].ID) },
				Config:    config,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(entryAddress, plancheck.ResourceActionCreate),
					plancheck.ExpectResourceAction(blacklistAddress, plancheck.ResourceActionCreate),
				}},
				ConfigStateChecks: []statecheck.StateCheck{expectEntries(sim, simulator.Entry{CompanyName: "Acme Corp"})},
			},
		},
	})
}

// TestAccBlacklistEntryNotFoundIsNotGone is a gateway's 404 on the listing.
func TestAccBlacklistEntryNotFoundIsNotGone(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	config := entryConfig(sim, `company_name = "Acme Corp"`)

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig: func() {
					sim.Inject(simulator.Fault{
						Name: "gateway", Method: "GET", Pattern: "/blacklists/*/entries", Times: -1,
						Status: 404, ContentType: "text/html", Body: "<h1>Not Found</h1>",
					})
				},
				Config:      config,
				ExpectError: expectError("answered with a web page, not the OpenProspect API"),
			},
			{PreConfig: sim.ClearFaults, Config: config, ConfigPlanChecks: expectEmptyPlan()},
		},
	})
}

// TestAccBlacklistEntryAdopts is what a run that was cut short leaves behind.
func TestAccBlacklistEntryAdopts(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	list := sim.AddBlacklist("Customers", "")
	id := sim.AddEntries(list, simulator.Entry{CompanyName: "Acme Corp", WebsiteURL: "acme.com"})[0]

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy: func(*terraform.State) error {
			if left := entries(sim); len(left) > 0 {
				return fmt.Errorf("%d entries are left", len(left))
			}
			return nil
		},
		Steps: []resource.TestStep{{
			Config: configure(sim, entryBlock("acme", fmt.Sprintf("%q", list), `company_name = "Acme Corp"`, `website_url = "https://acme.com"`)),
			ConfigStateChecks: []statecheck.StateCheck{
				expectCount(sim, "POST", "", 0),
				statecheck.ExpectKnownValue(entryAddress, tfjsonpath.New("id"), knownvalue.StringExact(id)),
				statecheck.ExpectKnownValue(entryAddress, tfjsonpath.New("website_url"), knownvalue.StringExact("https://acme.com")),
			},
		}},
	})
}

// TestAccBlacklistEntryExists is a company that is on the list with other
// fields: the error's import command leads to where the user wants to be.
func TestAccBlacklistEntryExists(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	list := sim.AddBlacklist("Customers", "")
	id := sim.AddEntries(list, simulator.Entry{CompanyName: "Acme GmbH", WebsiteURL: "acme.com"})[0]
	config := configure(sim, entryBlock("acme", fmt.Sprintf("%q", list), `company_name = "Acme Corp"`, `website_url = "acme.com"`))

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:      config,
				ExpectError: expectError(fmt.Sprintf("terraform import 'openprospect_blacklist_entry.<name>' '%s/%s'", list, id)),
			},
			{
				PreConfig: func() {
					if got := sim.Count("POST", ""); got != 0 {
						t.Errorf("%d POSTs, want none", got)
					}
				},
				Config: config + fmt.Sprintf(`
import {
  to = openprospect_blacklist_entry.acme
  id = "%s/%s"
}`, list, id),
				ConfigPlanChecks:  expectResourceAction(entryAddress, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{expectEntries(sim, simulator.Entry{CompanyName: "Acme Corp", WebsiteURL: "acme.com"})},
			},
		},
	})
}

// TestAccBlacklistEntryTwice is two resources for one entry: at plan time where
// the blacklist is known, else at apply.
func TestAccBlacklistEntryTwice(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	list := sim.AddBlacklist("Customers", "")
	twice := func(blacklistID string) string {
		return entryBlock("acme", blacklistID, `website_url = "acme.com"`) + entryBlock("again", blacklistID, `website_url = "www.acme.com"`)
	}

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy: func(*terraform.State) error {
			if left := entries(sim); len(left) > 0 {
				return fmt.Errorf("%d entries are left", len(left))
			}
			return nil
		},
		Steps: []resource.TestStep{
			{
				Config:      configure(sim, twice(fmt.Sprintf("%q", list))),
				PlanOnly:    true,
				ExpectError: expectError("two resources manage"),
			},
			{
				Config: configure(
					sim,
					`resource "openprospect_blacklist" "customers" { name = "New" }`+twice("openprospect_blacklist.customers.id"),
				),
				ExpectError: expectError("acme.com"),
			},
		},
	})
}

// TestAccBlacklistEntryHandOver is a resource under a new name without a moved
// block: the entry stays on the list.
func TestAccBlacklistEntryHandOver(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	list := sim.AddBlacklist("Customers", "")
	config := func(name string) string {
		return configure(sim, entryBlock(name, fmt.Sprintf("%q", list), `website_url = "acme.com"`))
	}

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: config("acme")},
			{
				Config: config("renamed"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(entryAddress, plancheck.ResourceActionDestroy),
					plancheck.ExpectResourceAction("openprospect_blacklist_entry.renamed", plancheck.ResourceActionCreate),
				}},
				ConfigStateChecks: []statecheck.StateCheck{expectEntries(sim, simulator.Entry{WebsiteURL: "acme.com"})},
			},
		},
	})
}

func TestAccBlacklistEntryImportErrors(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	list := sim.AddBlacklist("Customers", "")
	ids := sim.AddEntries(list,
		simulator.Entry{CompanyName: "Acme", City: "Munich", ExternalID: "crm-1"},
		simulator.Entry{CompanyName: "Acme", City: "Berlin", ExternalID: "crm-2"})

	for name, test := range map[string]struct {
		id    string
		words string
	}{
		"no slash":           {"e1", `Cannot import "e1": use <blacklist_id>/<entry_id>`},
		"nobody":             {list + "/website_url=nobody.com", "has no entry for"},
		"several":            {list + "/company_name=acme", "has 2 entries for acme. Import one by its ID: " + list + "/" + ids[0]},
		"unknown id":         {list + "/00000000-0000-4000-8000-000000000000", "Cannot import non-existent remote object"},
		"unknown list":       {"00000000-0000-4000-8000-000000000000/website_url=acme.com", "BLACKLIST_NOT_FOUND"},
		"field without text": {list + "/website_url=", "website_url= has no value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config:        configure(sim, entryBlock("acme", fmt.Sprintf("%q", list), `company_name = "Acme"`)),
					ResourceName:  entryAddress,
					ImportState:   true,
					ImportStateId: test.id,
					ExpectError:   expectError(test.words),
				}},
			})
			for _, method := range []string{"POST", "DELETE"} {
				if got := sim.Count(method, ""); got != 0 {
					t.Errorf("%d %s requests, want none", got, method)
				}
			}
		})
	}
}

// TestAccBlacklistEntriesCost holds single entries to the budget of a plan that
// changes nothing, B + sum of ceil(N/100) requests, and shows that writes are
// coalesced. How far depends on how busy the machine is, so the exact ratio is the benchmark's.
func TestAccBlacklistEntriesCost(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	const count, mostWrites = 150, 135
	config := configure(sim, fmt.Sprintf(`
resource "openprospect_blacklist" "customers" {
  name = "Customers"
}
resource "openprospect_blacklist_entry" "company" {
  count        = %d
  blacklist_id = openprospect_blacklist.customers.id
  website_url  = "company-${count.index}.example.com"
}`, count))

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy: func(state *terraform.State) error {
			if got := sim.Count("DELETE", "/blacklists/*/entries"); got > mostWrites {
				return fmt.Errorf("%d DELETEs for %d entries, want at most %d", got, count, mostWrites)
			}
			return noBlacklistLeft(sim)(state)
		},
		Steps: []resource.TestStep{
			{
				Config: config,
				ConfigStateChecks: []statecheck.StateCheck{serverCheck(func() error {
					if got := len(entries(sim)); got != count {
						return fmt.Errorf("%d entries on the list, want %d", got, count)
					}
					if got := sim.Count("POST", "/blacklists/*/entries"); got > mostWrites {
						return fmt.Errorf("%d POSTs for %d entries, want at most %d", got, count, mostWrites)
					}
					return nil
				})},
			},
			// A PlanOnly step refreshes once.
			{PreConfig: sim.ResetJournal, Config: config, PlanOnly: true},
			{
				PreConfig: func() {
					if got, want := sim.Count("", ""), 1+2; got != want {
						t.Errorf("a no-change plan of %d entries sent %d requests, want %d", count, got, want)
					}
				},
				Config: config, PlanOnly: true,
			},
		},
	})
}

func TestAccBlacklistEntryIdentity(t *testing.T) {
	requireFeature(t, resourceIdentity)
	sim := startSimulator(t, simulator.Options{})

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: entryConfig(sim, `website_url = "acme.com"`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectIdentityValueMatchesState(entryAddress, tfjsonpath.New("id")),
					statecheck.ExpectIdentityValueMatchesState(entryAddress, tfjsonpath.New("blacklist_id")),
				},
			},
			{
				ResourceName:    entryAddress,
				ImportState:     true,
				ImportStateKind: resource.ImportBlockWithResourceIdentity,
			},
			{
				// An update gives the row, and with it the identity, a new id.
				Config: entryConfig(sim, `website_url = "acme.com"`, `company_name = "Acme"`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectIdentityValueMatchesState(entryAddress, tfjsonpath.New("id")),
				},
			},
		},
	})
}

// TestBlacklistEntryProtocol is what Terraform 1.11 does not ask for, and what
// plugin-testing cannot see: identity, and warnings.
func TestBlacklistEntryProtocol(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	list := sim.AddBlacklist("Customers", "")
	// Terraform configures the provider anew for each plan and each apply, and so does this test for each step.
	server := configuredServer(t, sim)
	rowIdentity := func() map[string]string {
		blacklist, _ := sim.Blacklist(list)
		return map[string]string{"blacklist_id": list, "id": blacklist.Entries[0].ID}
	}

	entry := &protocolResource{name: "openprospect_blacklist_entry"}
	entry.apply(t, server, map[string]tftypes.Value{"blacklist_id": text(list), "website_url": text("acme.com")})
	first := rowIdentity()
	if diff := cmp.Diff(first, entry.identityAttributes(t, server)); diff != "" {
		t.Errorf("identity after create (-want +got):\n%s", diff)
	}
	if len(entry.warnings) > 0 {
		t.Errorf("a create warns: %q", entry.warnings)
	}

	server = configuredServer(t, sim)
	entry.apply(t, server, map[string]tftypes.Value{"blacklist_id": text(list), "website_url": text("acme.com"), "company_name": text("Acme")})
	second := rowIdentity()
	if first["id"] == second["id"] {
		t.Fatal("the update did not give the row a new id")
	}
	if diff := cmp.Diff(second, entry.identityAttributes(t, server)); diff != "" {
		t.Errorf("identity after update (-want +got):\n%s", diff)
	}
	// A state of a Terraform that keeps no identity.
	updated := entry.identity
	entry.identity = nil
	entry.read(t, server)
	if diff := cmp.Diff(second, entry.identityAttributes(t, server)); diff != "" {
		t.Errorf("identity after read (-want +got):\n%s", diff)
	}

	imported := importByIdentity(t, server, "openprospect_blacklist_entry", updated)
	for name, want := range map[string]string{
		"id": second["id"], "blacklist_id": list, "company_name": "Acme", "match_method": "website_url",
	} {
		if got := imported.attribute(t, name); got != want {
			t.Errorf("imported %s is %q, want %q", name, got, want)
		}
	}

	sim.RemoveEntries(list, second["id"])
	if entry.read(t, configuredServer(t, sim)) {
		t.Error("the entry is still in state")
	}

	adopted := sim.AddEntries(list, simulator.Entry{WebsiteURL: "globex.com"})[0]
	takenOver := &protocolResource{name: "openprospect_blacklist_entry"}
	takenOver.apply(t, configuredServer(t, sim), map[string]tftypes.Value{"blacklist_id": text(list), "website_url": text("globex.com")})
	if len(takenOver.warnings) != 1 || !strings.Contains(takenOver.warnings[0], adopted) {
		t.Errorf("warnings are %q, want one that names %s", takenOver.warnings, adopted)
	}
}
