terraform {
  required_providers {
    openprospect = {
      source = "openprospect/openprospect"
    }
  }
}

resource "openprospect_blacklist" "customers" {
  name        = "Existing customers"
  description = "From the CRM's weekly export"
}

resource "openprospect_blacklist_entries" "customers" {
  blacklist_id = openprospect_blacklist.customers.id
  entries      = provider::openprospect::blacklist_entries(file("${path.module}/hubspot-export.csv"))

  # A truncated export would take customers off the list. A plan that removes more than 10 is an error.
  max_removals = 10
}
