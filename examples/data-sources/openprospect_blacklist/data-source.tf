data "openprospect_blacklist" "customers" {
  name = "Existing customers"
}

output "excluded_companies" {
  value = data.openprospect_blacklist.customers.entry_count
}
