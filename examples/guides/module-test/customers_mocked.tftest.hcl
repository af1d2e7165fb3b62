# No API at all: Terraform makes up what the provider would compute.
mock_provider "openprospect" {}

variables {
  customers = { "SAP SE" = "https://www.sap.com" }
}

run "excludes_the_customer" {
  assert {
    condition     = jsondecode(openprospect_blacklist_entries.customers.entries)["SAP SE"].website_url == "https://www.sap.com"
    error_message = "The entry must name the customer's website."
  }
}
