data "openprospect_blacklist_entries" "customers" {
  blacklist_id = "d33b69ce-80ce-4ede-b4df-4b11427f8b55"
}

output "excluded_companies" {
  value = sort(compact([for entry in jsondecode(data.openprospect_blacklist_entries.customers.entries) : try(entry.company_name, "")]))
}
