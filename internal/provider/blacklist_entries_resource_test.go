package provider_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

const (
	entriesAddress = "openprospect_blacklist_entries.customers"
	entriesPattern = "/blacklists/*/entries"
)

// entriesConfig is a list of companies, an HCL object, on a blacklist of Terraform's own.
func entriesConfig(sim *simulator.Server, document string, arguments ...string) string {
	return configure(sim, `
resource "openprospect_blacklist" "customers" {
  name = "Customers"
}
`+entriesBlock("customers", "openprospect_blacklist.customers.id", "jsonencode("+document+")", arguments...))
}

// entriesBlock is a list of companies; blacklistID and entries are expressions.
func entriesBlock(name, blacklistID, entries string, arguments ...string) string {
	var more strings.Builder
	for _, argument := range arguments {
		more.WriteString("\n  " + argument)
	}
	return fmt.Sprintf(`
resource "openprospect_blacklist_entries" %q {
  blacklist_id = %s
  entries      = %s%s
}
`, name, blacklistID, entries, more.String())
}

const (
	acmeHCL    = `{ company_name = "Acme Corp", website_url = "https://www.acme-corp.com", city = "" }`
	globexHCL  = `{ company_name = "Global Industries GmbH", city = "Munich", country = "Germany" }`
	initechHCL = `{ company_name = "Initech", external_id = "crm-4711", website_url = null }`

	threeCompanies = `{ C1 = ` + acmeHCL + `, C2 = ` + globexHCL + `, C3 = ` + initechHCL + ` }`
)

var (
	acme    = simulator.Entry{CompanyName: "Acme Corp", WebsiteURL: "https://www.acme-corp.com"}
	globex  = simulator.Entry{CompanyName: "Global Industries GmbH", City: "Munich", Country: "Germany"}
	initech = simulator.Entry{CompanyName: "Initech", ExternalID: "crm-4711"}
	hooli   = simulator.Entry{CompanyName: "Hooli", WebsiteURL: "hooli.example"}
)

// expectDocument compares the entries in state by content.
func expectDocument(want string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(entriesAddress, tfjsonpath.New("entries"), knownvalue.StringFunc(func(got string) error {
		var gotDocument, wantDocument any
		if err := errors.Join(json.Unmarshal([]byte(got), &gotDocument), json.Unmarshal([]byte(want), &wantDocument)); err != nil {
			return err
		}
		if diff := cmp.Diff(wantDocument, gotDocument); diff != "" {
			return fmt.Errorf("entries (-want +got):\n%s", diff)
		}
		return nil
	}))
}

// expectWrites checks how many requests have changed entries since the journal was reset.
func expectWrites(sim *simulator.Server, posts, deletes int) serverCheck {
	return func() error {
		return errors.Join(
			expectCount(sim, http.MethodPost, entriesPattern, posts)(),
			expectCount(sim, http.MethodDelete, entriesPattern, deletes)(),
		)
	}
}

// named tells companies apart by name.
func named(name string) func(simulator.Entry) bool {
	return func(entry simulator.Entry) bool { return entry.CompanyName == name }
}

// expectNeverOff replays what happened on the server: a company that has been on a list is on one at every moment since.
func expectNeverOff(sim *simulator.Server, is func(simulator.Entry) bool) serverCheck {
	return func() error {
		rows, everOn := 0, false
		for _, event := range sim.Events() {
			switch {
			case !is(event.Entry):
			case event.Kind == "entry_added":
				rows++
				everOn = true
			case event.Kind == "entry_removed":
				rows--
			}
			if everOn && rows == 0 {
				return fmt.Errorf("request %d took the company off the list: %+v", event.Request, event.Entry)
			}
		}
		if !everOn {
			return errors.New("the company was never on the list")
		}
		return nil
	}
}

func TestAccBlacklistEntries(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{
				Config:           entriesConfig(sim, threeCompanies),
				ConfigPlanChecks: expectResourceAction(entriesAddress, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					expectEntries(sim, acme, globex, initech),
					expectWrites(sim, 1, 0),
					statecheck.ExpectKnownValue(entriesAddress, tfjsonpath.New("mode"), knownvalue.StringExact("authoritative")),
					statecheck.CompareValuePairs(entriesAddress, tfjsonpath.New("id"), blacklistAddress, tfjsonpath.New("id"), same{}),
				},
			},
			{
				PreConfig: sim.ResetJournal,
				Config: entriesConfig(sim, `{
  C1 = `+acmeHCL+`
  C2 = { company_name = "Globex GmbH", city = "Munich", country = "Germany" }
  C4 = { company_name = "Hooli", website_url = "hooli.example" }
}`),
				ConfigPlanChecks: expectResourceAction(entriesAddress, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					expectEntries(sim, acme, hooli, simulator.Entry{CompanyName: "Globex GmbH", City: "Munich", Country: "Germany"}),
					expectWrites(sim, 1, 1),
					expectNeverOff(sim, named("Acme Corp")),
					serverCheck(func() error {
						// Additions come before removals.
						want := []string{
							"added Acme Corp", "added Global Industries GmbH", "added Initech",
							"added Hooli", "added Globex GmbH", "removed Global Industries GmbH", "removed Initech",
						}
						if diff := cmp.Diff(want, entryEvents(sim)); diff != "" {
							return fmt.Errorf("events (-want +got):\n%s", diff)
						}
						return nil
					}),
				},
			},
			{
				// Everything is replaced under keys that stay.
				PreConfig: sim.ResetJournal,
				Config:    entriesConfig(sim, `{ C1 = `+initechHCL+` }`),
				ConfigStateChecks: []statecheck.StateCheck{
					expectEntries(sim, initech),
					expectWrites(sim, 1, 1),
				},
			},
		},
	})
}

// TestAccBlacklistEntriesEqualContent writes one document in many ways.
func TestAccBlacklistEntriesEqualContent(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	config := func(text string) string {
		return configure(sim, `
resource "openprospect_blacklist" "customers" { name = "Customers" }
`+entriesBlock("customers", "openprospect_blacklist.customers.id", "<<EOT\n"+text+"\nEOT\n"))
	}
	first := `{"C1":{"company_name":"Acme Corp","website_url":"https://www.acme-corp.com"},"C2":{"company_name":"Global Industries ` +
		`GmbH","city":"Munich"}}`

	steps := []resource.TestStep{{Config: config(first)}}
	for _, text := range []string{
		`{"C2":{"city":"Munich","company_name":"Global Industries GmbH"},"C1":{"website_url":"https://www.acme-corp.com",` +
			`"company_name":"Acme Corp"}}`,
		"{\n  \"C1\": {\"company_name\": \"Acme Corp\", \"website_url\": \"https:\\/\\/www.acme-corp.com\", \"city\": \"\", " +
			"\"external_id\": null},\n" +
			"  \"C2\": {\"company_name\": \" Global Industries \\u0047mbH \", \"city\": \"Munich\"}\n}",
	} {
		steps = append(steps, resource.TestStep{
			PreConfig:        sim.ResetJournal,
			Config:           config(text),
			ConfigPlanChecks: expectEmptyPlan(),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(entriesAddress, tfjsonpath.New("entries"), knownvalue.StringExact(first+"\n")),
			},
		})
	}
	// Another spelling is another content, and no request.
	steps = append(steps, resource.TestStep{
		PreConfig:         sim.ResetJournal,
		Config:            config(strings.ReplaceAll(first, "https://www.acme-corp.com", "ACME-Corp.com")),
		ConfigPlanChecks:  expectResourceAction(entriesAddress, plancheck.ResourceActionUpdate),
		ConfigStateChecks: []statecheck.StateCheck{expectWrites(sim, 0, 0)},
	})

	resource.ParallelTest(t, resource.TestCase{ProtoV6ProviderFactories: factories, CheckDestroy: noBlacklistLeft(sim), Steps: steps})
}

func TestAccBlacklistEntriesDrift(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	config := entriesConfig(sim, threeCompanies)
	remove := func(name string) {
		list := sim.Blacklists()[0]
		i := slices.IndexFunc(list.Entries, named(name))
		sim.RemoveEntries(list.ID, list.Entries[i].ID)
	}

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{Config: config},
			{
				// Somebody else's entry appears under a readable key, and applying removes it.
				PreConfig:          func() { sim.AddEntries(sim.Blacklists()[0].ID, hooli) },
				RefreshState:       true,
				ExpectNonEmptyPlan: true,
				RefreshPlanChecks: resource.RefreshPlanChecks{PostRefresh: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(entriesAddress, plancheck.ResourceActionUpdate),
				}},
			},
			{
				RefreshState:       true,
				ExpectNonEmptyPlan: true,
				Check: resource.TestCheckResourceAttrWith(entriesAddress, "entries", func(entries string) error {
					// The bytes of the user's own entries stay as they are.
					want := `{"C1":{"city":"","company_name":"Acme Corp","website_url":"https://www.acme-corp.com"},` +
						`"C2":{"city":"Munich","company_name":"Global Industries GmbH","country":"Germany"},` +
						`"C3":{"company_name":"Initech","external_id":"crm-4711","website_url":null},` +
						`"hooli.example":{"company_name":"Hooli","website_url":"hooli.example"}}`
					if entries != want {
						return fmt.Errorf("got %s\nwant %s", entries, want)
					}
					return nil
				}),
			},
			{
				PreConfig:         sim.ResetJournal,
				Config:            config,
				ConfigStateChecks: []statecheck.StateCheck{expectEntries(sim, acme, globex, initech), expectWrites(sim, 0, 1)},
			},
			{
				// A vanished entry is added again.
				PreConfig: func() {
					remove("Global Industries GmbH")
					sim.ResetJournal()
				},
				Config:            config,
				ConfigPlanChecks:  expectResourceAction(entriesAddress, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{expectEntries(sim, acme, initech, globex), expectWrites(sim, 1, 0)},
			},
			{
				// An entry whose row says something else by now is put right, under its own key.
				PreConfig: func() {
					sim.Inject(simulator.Fault{
						Name: "another city", Method: http.MethodGet, Pattern: entriesPattern, Times: -1, Work: true,
						Rewrite: func(body []byte) []byte { return []byte(strings.ReplaceAll(string(body), "Munich", "Berlin")) },
					})
				},
				RefreshState:       true,
				ExpectNonEmptyPlan: true,
				Check: resource.TestCheckResourceAttrWith(entriesAddress, "entries", func(entries string) error {
					if want := `"C2":{"city":"Berlin","company_name":"Global Industries GmbH","country":"Germany"}`; !strings.Contains(entries, want) {
						return fmt.Errorf("got %s\nwant it to contain %s", entries, want)
					}
					return nil
				}),
			},
			{
				// The server's own spelling is no drift (U14).
				PreConfig: func() {
					sim.ClearFaults()
					sim.Inject(simulator.Fault{
						Name: "normalised", Method: http.MethodGet, Pattern: entriesPattern, Times: -1, Work: true,
						Rewrite: func(body []byte) []byte {
							return []byte(strings.NewReplacer("Acme Corp", "ACME CORP ", "https://www.acme-corp.com", "acme-corp.com").Replace(string(body)))
						},
					})
				},
				Config:           config,
				ConfigPlanChecks: expectEmptyPlan(),
			},
			{
				PreConfig: func() {
					sim.ClearFaults()
					sim.RemoveBlacklist(sim.Blacklists()[0].ID)
				},
				Config: config,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(entriesAddress, plancheck.ResourceActionCreate),
					plancheck.ExpectResourceAction(blacklistAddress, plancheck.ResourceActionCreate),
				}},
				ConfigStateChecks: []statecheck.StateCheck{expectEntries(sim, acme, globex, initech)},
			},
		},
	})
}

func TestAccBlacklistEntriesAdditive(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "", acme, hooli)
	config := func(document, mode string) string {
		return configure(sim, entriesBlock("customers", fmt.Sprintf("%q", id), "jsonencode("+document+")", mode))
	}
	additive := `mode = "additive"`

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy: func(*terraform.State) error {
			// What others have added stays, though the configuration named one of them.
			return expectEntries(sim, acme, hooli)()
		},
		Steps: []resource.TestStep{
			{
				Config: config(threeCompanies, additive),
				ConfigStateChecks: []statecheck.StateCheck{
					expectEntries(sim, acme, hooli, globex, initech),
					expectDocument(`{"C1":{"city":"","company_name":"Acme Corp","website_url":"https://www.acme-corp.com"},` +
						`"C2":{"city":"Munich","company_name":"Global Industries GmbH","country":"Germany"},"C3":{"company_name":"Initech",` +
						`"external_id":"crm-4711","website_url":null}}`),
				},
			},
			{
				PreConfig: sim.ResetJournal,
				Config:    config(`{ C3 = `+initechHCL+` }`, additive),
				ConfigStateChecks: []statecheck.StateCheck{
					expectEntries(sim, acme, hooli, initech),
					expectWrites(sim, 0, 1),
				},
			},
			{
				// Taking a company over that is there already is no request, and does not make it ours.
				PreConfig:         sim.ResetJournal,
				Config:            config(`{ C3 = `+initechHCL+`, C5 = { company_name = "HOOLI", website_url = "https://hooli.example/" } }`, additive),
				ConfigStateChecks: []statecheck.StateCheck{expectWrites(sim, 0, 0)},
			},
		},
	})
}

func TestAccBlacklistEntriesModeChange(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "", hooli)
	config := func(document, mode string) string {
		return configure(sim, entriesBlock("customers", fmt.Sprintf("%q", id), "jsonencode("+document+")", mode))
	}

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             func(*terraform.State) error { return expectEntries(sim)() },
		Steps: []resource.TestStep{
			{Config: config(threeCompanies, `mode = "additive"`)},
			{
				// The change itself removes nobody: no plan has shown it.
				PreConfig:          sim.ResetJournal,
				Config:             config(threeCompanies, `mode = "authoritative"`),
				ConfigPlanChecks:   expectResourceAction(entriesAddress, plancheck.ResourceActionUpdate),
				ConfigStateChecks:  []statecheck.StateCheck{expectEntries(sim, hooli, acme, globex, initech), expectWrites(sim, 0, 0)},
				ExpectNonEmptyPlan: true,
			},
			{
				Config:            config(threeCompanies, ""),
				ConfigPlanChecks:  expectResourceAction(entriesAddress, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{expectEntries(sim, acme, globex, initech)},
			},
			{
				PreConfig:         sim.ResetJournal,
				Config:            config(threeCompanies, `mode = "additive"`),
				ConfigPlanChecks:  expectResourceAction(entriesAddress, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{expectWrites(sim, 0, 0)},
			},
		},
	})
}

func TestAccBlacklistEntriesMoveToAnotherBlacklist(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	config := func(blacklist string) string {
		return configure(sim, `
resource "openprospect_blacklist" "customers" { name = "Customers" }
resource "openprospect_blacklist" "competitors" { name = "Competitors" }
`+entriesBlock("customers", "openprospect_blacklist."+blacklist+".id", "jsonencode("+threeCompanies+")"))
	}

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{Config: config("customers")},
			{
				Config:            config("competitors"),
				ConfigPlanChecks:  expectResourceAction(entriesAddress, plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{expectEntries(sim, acme, globex, initech)},
			},
			{
				// Terraform plans a replacement twice; the resource must not be in its own way.
				Taint:             []string{entriesAddress},
				Config:            config("competitors"),
				ConfigStateChecks: []statecheck.StateCheck{expectEntries(sim, acme, globex, initech)},
			},
		},
	})
}

func TestAccBlacklistEntriesBadInput(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	// The blacklist's id is not known at plan time: the document is looked at all the same.
	config := func(entries string) string {
		return configure(sim, `
resource "openprospect_blacklist" "customers" { name = "Customers" }
`+entriesBlock("customers", "openprospect_blacklist.customers.id", entries))
	}

	for name, test := range map[string]struct{ entries, words string }{
		"no JSON":  {`"C1,Acme Corp"`, `entries must be a JSON object of companies`},
		"cut JSON": {`"{\"C1\": {\"company_name\": \"Acme"`, `line 1, column 25`},
		"a list":   {`jsonencode([{ company_name = "Acme" }])`, `expected a JSON object. For CSV`},
		"unknown field": {
			`jsonencode({ C1 = { company_name = "Acme" }, C7 = { name = "Acme" } })`, `key "C7", field "name": unknown field`,
		},
		"number for a string": {
			`jsonencode({ C7 = { external_id = 4711 } })`, `key "C7", field "external_id": must be a string or null, not a number`,
		},
		"string for an entry": {`jsonencode({ C7 = "Acme" })`, `key "C7": must be an object`},
		"nothing to match by": {`jsonencode({ C7 = { city = "Munich", company_name = "" } })`, `key "C7": no field identifies the company`},
		"a company twice": {
			`jsonencode({ C1 = { website_url = "https://www.acme.com/de" }, C7 = { company_name = "Acme", website_url = "ACME.com" } })`,
			`key "C7": to the API, this is the same company as key "C1"`,
		},
		"a platform twice": {
			`jsonencode({ C1 = { website_url = "linkedin.com/company/acme" }, C7 = { website_url = "linkedin.com/company/hooli" } })`,
			`both have the website linkedin.com. linkedin.com is a platform that many companies share. Use the ` +
				`websites of the companies, or leave them out and set company_name and city`,
		},
		"a key twice": {
			`"{\"C7\": {\"company_name\": \"Acme\"}, \"C7\": {\"company_name\": \"Hooli\"}}"`, `key "C7": duplicate key`,
		},
		"more than 20 MB": {
			`jsonencode({ for i in range(20) : i => { company_name = join("", [for j in range(1001) : format("%01000d", i)]) } })`,
			`at most 20000000 are allowed`,
		},
		"unknown mode": {"jsonencode({})\n  mode = \"exclusive\"", `mode value must be one of: ["authoritative" "additive"]`},
	} {
		t.Run(name, func(t *testing.T) {
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps:                    []resource.TestStep{{Config: config(test.entries), PlanOnly: true, ExpectError: expectError(test.words)}},
			})
			expectNothingSent(t, sim)
		})
	}
}

// TestAccBlacklistEntriesBadInputAtApply is a document that is only known then.
func TestAccBlacklistEntriesBadInputAtApply(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{{
			Config: configure(sim, `
resource "openprospect_blacklist" "customers" { name = "Customers" }
resource "terraform_data" "export" { input = jsonencode({ C7 = { city = "Munich" } }) }
`+entriesBlock("customers", "openprospect_blacklist.customers.id", "terraform_data.export.output")),
			ExpectError: expectError(`key "C7": no field identifies the company`),
		}},
	})
	if got := sim.Count(http.MethodPost, entriesPattern); got != 0 {
		t.Errorf("%d POSTs of entries were sent, want none", got)
	}
}

func TestAccBlacklistEntriesUnknown(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	config := func(document string, arguments ...string) string {
		return configure(sim, `
resource "openprospect_blacklist" "customers" { name = "Customers" }
resource "terraform_data" "export" { input = jsonencode(`+document+`) }
`+entriesBlock("customers", "openprospect_blacklist.customers.id", "terraform_data.export.output", arguments...))
	}
	unknown := expectError("this plan cannot show which companies it would remove from the blacklist")

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{
				Config:            config(threeCompanies),
				ConfigStateChecks: []statecheck.StateCheck{expectEntries(sim, acme, globex, initech)},
			},
			{
				PreConfig:   sim.ResetJournal,
				Config:      config(`{ C1 = ` + acmeHCL + ` }`),
				ExpectError: unknown,
			},
			{
				Config:      config(`{ C1 = `+acmeHCL+` }`, `mode = "additive"`),
				ExpectError: unknown,
			},
			{
				PreConfig:        func() { expectDeletes(t, sim, 0) },
				Config:           config(threeCompanies),
				ConfigPlanChecks: expectEmptyPlan(),
			},
		},
	})
}

// TestAccBlacklistEntriesUnknownAdditive may add what the plan has not shown, as long as there is nothing that it could remove.
func TestAccBlacklistEntriesUnknownAdditive(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "", acme)
	config := func(document string) string {
		return configure(sim, `
resource "terraform_data" "export" { input = jsonencode(`+document+`) }
`+entriesBlock("customers", fmt.Sprintf("%q", id), "terraform_data.export.output", `mode = "additive"`))
	}

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             func(*terraform.State) error { return expectEntries(sim, acme)() },
		Steps: []resource.TestStep{
			{Config: config(`{ C1 = ` + acmeHCL + ` }`)},
			{
				Config:            config(`{ C2 = ` + globexHCL + ` }`),
				ConfigStateChecks: []statecheck.StateCheck{expectEntries(sim, acme, globex)},
			},
			{
				Config:      config(`{ C1 = ` + acmeHCL + ` }`),
				ExpectError: expectError("this plan cannot show which companies it would remove from the blacklist"),
			},
		},
	})
}

func expectDeletes(t *testing.T, sim *simulator.Server, want int) {
	t.Helper()
	if got := sim.Count(http.MethodDelete, entriesPattern); got != want {
		t.Errorf("%d DELETEs of entries were sent, want %d", got, want)
	}
}

func TestAccBlacklistEntriesEmpty(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	emptied := expectError("entries contains no companies any more, but state contains 3 companies")

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{
				Config:            entriesConfig(sim, `{}`),
				ConfigStateChecks: []statecheck.StateCheck{expectWrites(sim, 0, 0)},
			},
			{
				// A list that is to be empty is kept empty.
				PreConfig:         func() { sim.AddEntries(sim.Blacklists()[0].ID, hooli) },
				Config:            entriesConfig(sim, `{}`),
				ConfigPlanChecks:  expectResourceAction(entriesAddress, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{expectEntries(sim), expectWrites(sim, 0, 1)},
			},
			{Config: entriesConfig(sim, threeCompanies)},
			{
				// A CSV export of which only the header is left.
				PreConfig:   sim.ResetJournal,
				Config:      entriesConfig(sim, `{ for row in csvdecode("id,name\n") : row.id => { company_name = row.name } }`),
				ExpectError: emptied,
			},
			{
				Config:      entriesConfig(sim, `{}`, `mode = "additive"`),
				ExpectError: emptied,
			},
			{
				PreConfig:        func() { expectDeletes(t, sim, 0) },
				Config:           entriesConfig(sim, threeCompanies),
				ConfigPlanChecks: expectEmptyPlan(),
			},
		},
	})
}

// TestAccBlacklistEntriesConsent creates a resource on a blacklist that holds entries.
func TestAccBlacklistEntriesConsent(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "", acme, hooli)
	block := entriesBlock("customers", fmt.Sprintf("%q", id), "jsonencode("+threeCompanies+")")
	// The same blacklist, but not known at plan time.
	late := `resource "terraform_data" "id" { input = "` + id + `" }` + entriesBlock(
		"customers",
		"terraform_data.id.output",
		"jsonencode("+threeCompanies+")",
	)
	words := "contains 1 other company besides the 3 companies in entries. In authoritative mode, the apply would remove these: " +
		"Hooli, hooli.example Import the list. The next plan then shows what it would remove: " +
		"terraform import 'openprospect_blacklist_entries.<name>' '" + id + "'"

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             func(*terraform.State) error { return expectEntries(sim)() },
		Steps: []resource.TestStep{
			{Config: configure(sim, block), PlanOnly: true, ExpectError: expectError(words)},
			{Config: configure(sim, late), ExpectError: expectError(words)},
			{
				// What the configuration names is taken over.
				PreConfig: func() {
					if err := expectWrites(sim, 0, 0)(); err != nil {
						t.Error(err)
					}
					list := sim.Blacklists()[0]
					sim.RemoveEntries(id, list.Entries[1].ID)
				},
				Config: configure(sim, block),
				ConfigStateChecks: []statecheck.StateCheck{
					expectEntries(sim, acme, globex, initech),
					expectWrites(sim, 1, 0),
					expectNeverOff(sim, named("Acme Corp")),
				},
			},
		},
	})
}

func TestAccBlacklistEntriesImport(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "", acme, globex, initech, hooli)
	block := entriesBlock("customers", fmt.Sprintf("%q", id), "jsonencode("+threeCompanies+")")

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             func(*terraform.State) error { return expectEntries(sim)() },
		Steps: []resource.TestStep{
			{
				Config:             configure(sim, block),
				ResourceName:       entriesAddress,
				ImportState:        true,
				ImportStateId:      id,
				ImportStatePersist: true,
				ImportStateCheck: func(states []*terraform.InstanceState) error {
					want := `{"Global Industries GmbH, Munich":{"city":"Munich","company_name":"Global Industries GmbH","country":"Germany"},` +
						`"acme-corp.com":{"company_name":"Acme Corp","website_url":"https://www.acme-corp.com"},` +
						`"crm-4711":{"company_name":"Initech","external_id":"crm-4711"},` +
						`"hooli.example":{"company_name":"Hooli","website_url":"hooli.example"}}`
					if got := states[0].Attributes["entries"]; got != want {
						return fmt.Errorf("got %s\nwant %s", got, want)
					}
					return nil
				},
			},
			{
				// The plan names the companies by the user's keys, and only what is not configured goes.
				PreConfig:        sim.ResetJournal,
				Config:           configure(sim, block),
				ConfigPlanChecks: expectResourceAction(entriesAddress, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					expectEntries(sim, acme, globex, initech),
					expectWrites(sim, 0, 1),
				},
			},
			{
				ResourceName:            entriesAddress,
				ImportState:             true,
				ImportStateId:           id,
				ImportStateVerify:       true,
				ImportStateVerifyIgnore: []string{"entries"},
			},
			{
				ResourceName:  entriesAddress,
				ImportState:   true,
				ImportStateId: "d33b69ce-80ce-4ede-b4df-4b11427f8b55",
				ExpectError:   expectError("Cannot import non-existent remote object"),
			},
			{
				ResourceName:  entriesAddress,
				ImportState:   true,
				ImportStateId: "Customers",
				ExpectError:   expectError(`Not an ID: "Customers". Use ` + "`data.openprospect_blacklist`" + ` to look up the ID of a blacklist.`),
			},
		},
	})
}

// TestAccBlacklistEntriesImportEmptied is the accident of importing a list and planning a CSV without rows.
func TestAccBlacklistEntriesImportEmptied(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "", acme, globex)

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: configure(sim, `import {
  to = openprospect_blacklist_entries.customers
  id = "`+id+`"
}`+entriesBlock("customers", fmt.Sprintf("%q", id), "jsonencode({})")),
				ExpectError: expectError("entries contains no companies any more, but state contains 2 companies"),
			},
		},
	})
	if err := expectEntries(sim, acme, globex)(); err != nil {
		t.Error(err)
	}
}

func TestAccBlacklistEntriesImportByIdentity(t *testing.T) {
	requireFeature(t, resourceIdentity)
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "", acme, globex, initech)

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: configure(sim, `import {
  to = openprospect_blacklist_entries.customers
  identity = { blacklist_id = "`+id+`" }
}`+entriesBlock("customers", fmt.Sprintf("%q", id), "jsonencode("+threeCompanies+")")),
			ConfigStateChecks: []statecheck.StateCheck{
				expectWrites(sim, 0, 0),
				statecheck.ExpectIdentityValue(entriesAddress, tfjsonpath.New("blacklist_id"), knownvalue.StringExact(id)),
			},
		}},
	})
}

// TestAccBlacklistEntriesCreateFailsHalfWay adds in requests of two, of which the second fails.
func TestAccBlacklistEntriesCreateFailsHalfWay(t *testing.T) {
	sim := startSimulator(t, simulator.Options{Behavior: simulator.Behavior{MaxEntries: 2}})
	config := entriesConfig(sim, threeCompanies)

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{
				PreConfig: func() {
					sim.Inject(simulator.Fault{
						Name: "forbidden", Method: http.MethodPost, Pattern: entriesPattern, Times: -1,
						Match:  func(r simulator.Request) bool { return !strings.Contains(string(r.Body), "Acme") },
						Status: http.StatusForbidden, ContentType: "application/json", Body: `{"code":"AUTHORIZATION_ERROR","message":"not now"}`,
					})
				},
				Config:      config,
				ExpectError: expectError("Blacklist is incomplete"),
			},
			{
				// What was added stays, nothing is tainted, and the next create completes the list.
				PreConfig: func() {
					sim.ClearFaults()
					if err := expectEntries(sim, acme)(); err != nil {
						t.Error(err)
					}
				},
				Config:           config,
				ConfigPlanChecks: expectResourceAction(entriesAddress, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					expectEntries(sim, acme, globex, initech),
					expectNeverOff(sim, named("Acme Corp")),
					expectCount(sim, http.MethodDelete, "", 0),
				},
			},
		},
	})
}

// TestAccBlacklistEntriesUpdateFailsHalfWay adds one of two companies and cannot remove.
func TestAccBlacklistEntriesUpdateFailsHalfWay(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	changed := entriesConfig(sim, `{ C1 = `+acmeHCL+`, C2 = { company_name = "Hooli", website_url = "hooli.example" } }`)
	refuse := func(method string) {
		sim.Inject(simulator.Fault{
			Name: "forbidden", Method: method, Pattern: entriesPattern, Times: -1,
			Status: http.StatusForbidden, ContentType: "application/json", Body: `{"code":"AUTHORIZATION_ERROR","message":"not now"}`,
		})
	}

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{Config: entriesConfig(sim, threeCompanies)},
			{
				// Nothing was added, so nothing may be removed.
				PreConfig:   func() { refuse(http.MethodPost) },
				Config:      changed,
				ExpectError: expectError("Unable to update blacklist entries"),
			},
			{
				PreConfig: func() {
					if err := expectEntries(sim, acme, globex, initech)(); err != nil {
						t.Error(err)
					}
					sim.ClearFaults()
					refuse(http.MethodDelete)
				},
				Config:      changed,
				ExpectError: expectError("2 entries could not be added, changed or removed"),
			},
			{
				// State knows what is on the list, so that the refresh finds no drift: the old entry of C2 has made room.
				PreConfig: func() {
					sim.ClearFaults()
					sim.ResetJournal()
					if err := expectEntries(sim, acme, globex, initech, hooli)(); err != nil {
						t.Error(err)
					}
				},
				Config:           changed,
				ConfigPlanChecks: expectResourceAction(entriesAddress, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					expectEntries(sim, acme, hooli),
					expectWrites(sim, 0, 1),
					expectNeverOff(sim, named("Acme Corp")),
				},
			},
			{
				PreConfig:   func() { refuse(http.MethodDelete) },
				Config:      changed,
				Destroy:     true,
				ExpectError: expectError("Unable to delete blacklist entries"),
			},
			{
				PreConfig:        sim.ClearFaults,
				Config:           changed,
				ConfigPlanChecks: expectEmptyPlan(),
			},
		},
	})
}
