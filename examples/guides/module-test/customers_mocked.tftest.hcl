# No API at all: Terraform makes up what the provider would compute.
mock_provider "openprospect" {
  # An order takes only UUIDs, and Terraform would make up something else.
  mock_resource "openprospect_blacklist" {
    defaults = { id = "00000000-0000-4000-8000-000000000001" }
  }
}

variables {
  customers = { "SAP SE" = "https://www.sap.com" }
}

run "excludes_the_customer" {
  assert {
    condition     = jsondecode(openprospect_blacklist_entries.customers.entries)["SAP SE"].website_url == "https://www.sap.com"
    error_message = "The entry must name the customer's website."
  }
}
