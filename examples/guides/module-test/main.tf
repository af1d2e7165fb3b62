terraform {
  required_providers {
    openprospect = {
      source = "openprospect/openprospect"
    }
  }
}

variable "customers" {
  description = "Companies to exclude: websites by name."
  type        = map(string)
}

resource "openprospect_blacklist" "customers" {
  name = "Existing customers"
}

resource "openprospect_blacklist_entries" "customers" {
  blacklist_id = openprospect_blacklist.customers.id

  entries = jsonencode({
    for name, website in var.customers : name => { company_name = name, website_url = website }
  })
}

output "blacklist_id" {
  description = "For the blacklist_ids of an order, once the entries are on the list."
  value       = openprospect_blacklist_entries.customers.blacklist_id
}
