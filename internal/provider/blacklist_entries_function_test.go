package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

func TestBlacklistEntriesFunction(t *testing.T) {
	t.Parallel()

	got, err := callFunction(t, "blacklist_entries", "\ufeffFirma;Webseite\r\nAcme;www.acme.com\r\n")
	if want := `{"acme.com":{"company_name":"Acme","website_url":"www.acme.com"}}`; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if got, err := callFunction(t, "blacklist_entries", "company_name\n"); err != nil || got != "{}" {
		t.Errorf("a header alone gave %q, %v, want an empty document", got, err)
	}

	_, err = callFunction(t, "blacklist_entries", "company_name,city\nAcme,\n,Berlin\n")
	if err == nil || err.FunctionArgument == nil || *err.FunctionArgument != 0 {
		t.Fatalf("got %+v, want an error of the first argument", err)
	}
	if want := "cannot convert the CRM export:\nline 3: no field identifies the company: external_id, website_url and " +
		"company_name are all empty"; err.Text != want {
		t.Errorf("got %q, want %q", err.Text, want)
	}
}

// TestBlacklistEntriesFunctionColumns: users read in the description what a column may be called.
func TestBlacklistEntriesFunctionColumns(t *testing.T) {
	t.Parallel()

	description := providerSchema(t).Functions["blacklist_entries"].Description
	for _, column := range exclusion.CRMColumns() {
		if row := fmt.Sprintf("| `%s` | `%s` |\n", column.Field, column.Field); !strings.Contains(description, row) {
			t.Errorf("the description has no row %s", row)
		}
		for _, names := range column.Names {
			if row := "| | " + strings.Join(names, "; ") + " |\n"; !strings.Contains(description, row) {
				t.Errorf("the description has no row %s", row)
			}
		}
	}
}

func TestAccBlacklistEntriesFunction(t *testing.T) {
	resource.ParallelTest(t, resource.TestCase{
		TerraformVersionChecks:   functionVersions,
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:      functionConfig(t, `output "entries" { value = provider::openprospect::blacklist_entries(null) }`),
				ExpectError: expectError(`Invalid value for "csv_text" parameter: argument must not be null`),
			},
			{
				Config: functionConfig(t, `
output "entries" {
  value = provider::openprospect::blacklist_entries("Company,Website\nAcme,acme.com\nBeta,none\nGamma,ACME.com\n")
}`),
				ExpectError: expectError(`Invalid value for "csv_text" parameter: cannot convert the CRM export:
					line 3: "none" is not a website: "none" is not a registrable domain.
					Correct it, or leave it empty to match the company by its other fields
					line 4: to the API, this is the same company as line 2: both have the website acme.com. But it has another company_name 
					("Acme" there, "Gamma" here). Correct or remove one of the two`),
			},
			{
				Config: functionConfig(t, `
output "entries" {
  value = provider::openprospect::blacklist_entries(<<-CSV
    Record ID,Company name,Company Domain Name,Website URL,City,Country/Region,Owner
    9002,"Beta ""B"" GmbH, Köln",,https://beta.example/de,Köln,Germany,Jo
    9001,Acme,acme.com,,-,,Jo
    9001,ACME,www.acme.com,,,,Kim
    ,Gamma,,n/a,Berlin,,
  CSV
  )
}`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("entries", knownvalue.StringExact(
						`{"9001":{"company_name":"Acme","external_id":"9001","website_url":"acme.com"},`+
							`"9002":{"city":"Köln","company_name":"Beta \"B\" GmbH, Köln","country":"Germany","external_id":"9002",`+
							`"website_url":"https://beta.example/de"},`+
							`"Gamma, Berlin":{"city":"Berlin","company_name":"Gamma"}}`)),
				},
			},
		},
	})
}

// TestAccBlacklistEntriesFunctionExample applies the example, and shows that the order of rows changes nothing.
func TestAccBlacklistEntriesFunctionExample(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	customers := []simulator.Entry{
		{ExternalID: "9001", CompanyName: "Acme Corp", WebsiteURL: "acme-corp.com", City: "Boston", Country: "United States"},
		{
			ExternalID:  "9002",
			CompanyName: "Global Industries GmbH",
			WebsiteURL:  "https://global-industries.example",
			City:        "Munich",
			Country:     "Germany",
		},
		{ExternalID: "9003", CompanyName: `Müller & Söhne, Inh. "Max" Müller`, City: "Köln", Country: "Germany"},
	}
	example := configure(sim, functionExample(t, "blacklist_entries"))

	resource.ParallelTest(t, resource.TestCase{
		TerraformVersionChecks:   functionVersions,
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             noBlacklistLeft(sim),
		Steps: []resource.TestStep{
			{
				Config: example,
				ConfigStateChecks: []statecheck.StateCheck{
					expectCompanies(sim, "Existing customers", customers...),
					expectCompanies(
						sim,
						"Customers and competitors",
						append(slices.Clone(customers), simulator.Entry{CompanyName: "Rival Inc.", WebsiteURL: "rival.example"})...),
				},
			},
		},
	})
}

// TestAccBlacklistEntriesFunctionImport: the keys are those of an import, so that a list which was made of the
// same export by other means comes under management without a change.
func TestAccBlacklistEntriesFunctionImport(t *testing.T) {
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "",
		simulator.Entry{CompanyName: "Gamma", City: "Berlin"},
		simulator.Entry{ExternalID: "9001", CompanyName: "Acme"},
		simulator.Entry{WebsiteURL: "https://www.beta.example", CompanyName: "Beta"},
		simulator.Entry{CompanyName: "Delta"},
	)

	resource.ParallelTest(t, resource.TestCase{
		TerraformVersionChecks:   functionVersions,
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: configure(sim, fmt.Sprintf(`
import {
  to = openprospect_blacklist_entries.customers
  id = %[1]q
}

resource "openprospect_blacklist_entries" "customers" {
  blacklist_id = %[1]q
  entries      = provider::openprospect::blacklist_entries(join("\n", [
    "Kundennummer;Firma;Webseite;Ort", ";Delta;;", ";Beta;https://www.beta.example;", "9001;Acme;;", ";Gamma;;Berlin",
  ]))
}`, id)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("openprospect_blacklist_entries.customers", plancheck.ResourceActionNoop),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				expectCount(sim, "POST", "", 0),
				expectCount(sim, "DELETE", "", 0),
			},
		}},
	})
}

// expectCompanies compares the companies of a blacklist, in any order.
func expectCompanies(sim *simulator.Server, blacklist string, want ...simulator.Entry) serverCheck {
	return func() error {
		for _, list := range sim.Blacklists() {
			if list.Name != blacklist {
				continue
			}
			ignore := cmpopts.IgnoreFields(simulator.Entry{}, "ID", "CreatedAt")
			sort := cmpopts.SortSlices(func(a, b simulator.Entry) bool { return a.CompanyName < b.CompanyName })
			if diff := cmp.Diff(want, list.Entries, ignore, sort); diff != "" {
				return fmt.Errorf("the blacklist %q (-want +got):\n%s", blacklist, diff)
			}
			return nil
		}
		return fmt.Errorf("there is no blacklist %q", blacklist)
	}
}
