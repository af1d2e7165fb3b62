//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
	"github.com/openprospect/terraform-provider-openprospect/internal/terraformcli"
)

// Steps of a scenario, in order.
const (
	stepCreate  = "create"
	stepPlan    = "no-change plan"
	stepChange  = "one-row change"
	stepDestroy = "destroy"
)

var steps = []string{stepCreate, stepPlan, stepChange, stepDestroy}

// scenario is one configuration, measured through its life.
type scenario struct {
	Name string
	Size int
	// HCL reads entries.json beside it, or customers.csv if FromCRM is set.
	HCL string
	// FromCRM writes the companies as a CRM exports them.
	FromCRM bool
	// WithoutIDs makes the API answer additions without ids.
	WithoutIDs bool
	// Offline scenarios use no API.
	Offline bool
	// README has the steps whose rows the README shows.
	README []string
}

const requirement = `
terraform {
  required_providers {
    openprospect = {
      source = "openprospect/openprospect"
    }
  }
}
`

const listHCL = `
resource "openprospect_blacklist" "customers" {
  name = "Customers"
}
`

const singleHCL = listHCL + `
resource "openprospect_blacklist_entry" "customer" {
  for_each     = jsondecode(file("${path.module}/entries.json"))
  blacklist_id = openprospect_blacklist.customers.id
  company_name = each.value.company_name
  website_url  = each.value.website_url
  city         = each.value.city
  country      = each.value.country
  external_id  = each.value.external_id
}
`

const bulkHCL = listHCL + `
resource "openprospect_blacklist_entries" "customers" {
  blacklist_id = openprospect_blacklist.customers.id
  entries      = file("${path.module}/entries.json")
}
`

const countedHCL = listHCL + `
resource "openprospect_blacklist_entries" "customers" {
  blacklist_id    = openprospect_blacklist.customers.id
  entries         = file("${path.module}/entries.json")
  drift_detection = "count"
}
`

// functionHCL converts an export and keeps nothing of it but its length: what the function costs, rather than core's
// handling of a large output.
const functionHCL = `
output "length" {
  value = length(provider::openprospect::blacklist_entries(file("${path.module}/customers.csv")))
}
`

// floorHCL holds the same string in core's own resource: what Terraform itself costs.
const floorHCL = `
resource "terraform_data" "floor" {
  input = file("${path.module}/entries.json")
}
`

// customer names a company; renamed is the one whose name the change step changes, -1 for none.
func customer(i, renamed int) string {
	if i == renamed {
		return fmt.Sprintf("Customer %06d AG", i)
	}
	return fmt.Sprintf("Customer %06d GmbH", i)
}

// entries are n companies with all five fields.
func entries(n, renamed int) ([]byte, error) {
	document := make(map[string]company, n)
	for i := range n {
		document[fmt.Sprintf("crm-%06d", i)] = company{
			Name:       customer(i, renamed),
			Website:    fmt.Sprintf("https://www.customer-%06d.de", i),
			City:       "Berlin",
			Country:    "Germany",
			ExternalID: fmt.Sprintf("CRM-%06d", i),
		}
	}
	return json.Marshal(document)
}

// crmExport is the same companies as HubSpot exports them.
func crmExport(n, renamed int) []byte {
	var text bytes.Buffer
	text.WriteString("Record ID,Company name,Company Domain Name,City,Country/Region\n")
	for i := range n {
		fmt.Fprintf(&text, "CRM-%06d,%s,customer-%06d.de,Berlin,Germany\n", i, customer(i, renamed), i)
	}
	return text.Bytes()
}

// writeCompanies writes the file that the scenario's HCL reads.
func (s scenario) writeCompanies(directory string, renamed int) error {
	if s.FromCRM {
		return os.WriteFile(filepath.Join(directory, "customers.csv"), crmExport(s.Size, renamed), 0o600)
	}
	text, err := entries(s.Size, renamed)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(directory, "entries.json"), text, 0o600)
}

// floor says whether the scenario is what Terraform costs without the provider.
func (s scenario) floor() bool { return s.HCL == floorHCL }

// live measures the provider, or core's floor, through the life of the list.
func (s scenario) live(cli *terraformcli.CLI, directory string, runs int, latency time.Duration) (map[string]cost, error) {
	var api *simulator.Server
	environ := cli.Environ()
	if !s.Offline {
		options := simulator.Options{Latency: latency}
		if s.WithoutIDs {
			options.Behavior = answerWithoutIDs()
		}
		started, err := simulator.Start(options)
		if err != nil {
			return nil, fmt.Errorf("starting the simulator: %w", err)
		}
		defer started.Close()
		api = started
		environ = cli.Environ("OPENPROSPECT_API_KEY="+api.APIKey(), "OPENPROSPECT_BASE_URL="+api.URL())
	}
	terraform := func(arguments ...string) (cost, error) {
		c, _, err := measured(cli.Command(directory, environ, append(arguments, "-input=false", "-no-color")...), api)
		return c, err
	}
	source := s.HCL
	if !s.floor() {
		source = requirement + s.HCL
	}
	if err := os.WriteFile(filepath.Join(directory, "main.tf"), []byte(source), 0o600); err != nil {
		return nil, fmt.Errorf("writing the configuration: %w", err)
	}
	if s.floor() {
		// Core's own provider needs no download, but terraform asks for an init.
		if _, err := terraform("init"); err != nil {
			return nil, err
		}
	}
	apply := func() (cost, error) { return terraform("apply", "-auto-approve") }
	return s.steps(directory, runs, api, map[string]func() (cost, error){
		stepCreate:  apply,
		stepPlan:    func() (cost, error) { return terraform("plan", "-detailed-exitcode") },
		stepChange:  apply,
		stepDestroy: func() (cost, error) { return terraform("destroy", "-auto-approve") },
	})
}

// steps runs each step and checks what it left on the list; the no-change plan is run several times and the median kept.
func (s scenario) steps(directory string, runs int, api *simulator.Server, run map[string]func() (cost, error)) (map[string]cost, error) {
	costs := map[string]cost{}
	for _, step := range steps {
		renamed, times := -1, 1
		switch step {
		case stepPlan:
			times = runs
		case stepChange, stepDestroy:
			renamed = s.Size / 2
		}
		if err := s.writeCompanies(directory, renamed); err != nil {
			return nil, err
		}
		var taken []cost
		for range times {
			c, err := run[step]()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", step, err)
			}
			taken = append(taken, c)
		}
		costs[step] = median(taken)
		if api == nil {
			continue
		}
		if err := s.check(api, step, renamed); err != nil {
			return nil, fmt.Errorf("after %s: %w", step, err)
		}
	}
	return costs, nil
}

// check compares what is on the server with what the step had to leave there: a figure of work that was not done counts for nothing.
func (s scenario) check(api *simulator.Server, step string, renamed int) error {
	lists := api.Blacklists()
	if step == stepDestroy {
		if len(lists) > 0 {
			return fmt.Errorf("%d blacklists are left", len(lists))
		}
		return nil
	}
	if len(lists) != 1 {
		return fmt.Errorf("there are %d blacklists, want 1", len(lists))
	}
	names := map[string]bool{}
	for _, entry := range lists[0].Entries {
		names[entry.CompanyName] = true
	}
	for i := range s.Size {
		if !names[customer(i, renamed)] {
			return fmt.Errorf("%s is not on the blacklist", customer(i, renamed))
		}
	}
	if len(lists[0].Entries) != s.Size {
		return fmt.Errorf("%d entries are on the blacklist, want %d", len(lists[0].Entries), s.Size)
	}
	return nil
}

// answerWithoutIDs is an API that tells counts, but no ids, of what it added.
func answerWithoutIDs() simulator.Behavior { return simulator.Behavior{AddAnswer: "counts"} }
