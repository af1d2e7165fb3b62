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
	document := make(map[string]map[string]string, n)
	for i := range n {
		document[fmt.Sprintf("crm-%06d", i)] = map[string]string{
			"company_name": customer(i, renamed),
			"website_url":  fmt.Sprintf("https://www.customer-%06d.de", i),
			"city":         "Berlin",
			"country":      "Germany",
			"external_id":  fmt.Sprintf("CRM-%06d", i),
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

// live measures every step of the scenario; the no-change plan is run several
// times and the median kept.
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
		return measured(cli.Command(directory, environ, append(arguments, "-input=false", "-no-color")...), api)
	}
	source := s.HCL
	if !s.floor() {
		source = requirement + s.HCL
	}
	if err := os.WriteFile(filepath.Join(directory, "main.tf"), []byte(source), 0o600); err != nil {
		return nil, fmt.Errorf("writing the configuration: %w", err)
	}
	costs := map[string]cost{}
	var err error
	if err := s.writeCompanies(directory, -1); err != nil {
		return nil, err
	}
	if s.floor() {
		// Core's own provider needs no download, but terraform asks for an init.
		if _, err := terraform("init"); err != nil {
			return nil, err
		}
	}
	if costs[stepCreate], err = terraform("apply", "-auto-approve"); err != nil {
		return nil, err
	}
	var plans []cost
	for range runs {
		plan, err := terraform("plan", "-detailed-exitcode")
		if err != nil {
			return nil, fmt.Errorf("a plan without changes: %w", err)
		}
		plans = append(plans, plan)
	}
	costs[stepPlan] = median(plans)
	if err := s.writeCompanies(directory, s.Size/2); err != nil {
		return nil, err
	}
	if costs[stepChange], err = terraform("apply", "-auto-approve"); err != nil {
		return nil, err
	}
	if costs[stepDestroy], err = terraform("destroy", "-auto-approve"); err != nil {
		return nil, err
	}
	return costs, nil
}

// answerWithoutIDs is an API that tells counts, but no ids, of what it added.
func answerWithoutIDs() simulator.Behavior { return simulator.Behavior{AddAnswer: "counts"} }
