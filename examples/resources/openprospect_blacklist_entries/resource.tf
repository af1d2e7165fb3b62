resource "openprospect_blacklist" "customers" {
  name = "Existing customers"
}

# customers.csv is an export of the CRM. The function knows its columns.
resource "openprospect_blacklist_entries" "customers" {
  blacklist_id = openprospect_blacklist.customers.id
  entries      = provider::openprospect::blacklist_entries(file("${path.module}/customers.csv"))

  # A truncated export would take customers off the list. A plan that removes more than 10 is an error.
  max_removals = 10
}

# For blacklist_ids of an order: Terraform then fills the list before it places the order.
output "blacklist_id" {
  value = openprospect_blacklist_entries.customers.blacklist_id
}
