resource "openprospect_blacklist" "customers" {
  name = "Existing customers"
}

# customers.csv is what HubSpot exports; no loop, and no renaming of columns.
resource "openprospect_blacklist_entries" "customers" {
  blacklist_id = openprospect_blacklist.customers.id
  entries      = provider::openprospect::blacklist_entries(file("${path.module}/customers.csv"))
  max_removals = 10 # a truncated export is an error
}

# Several exports, or entries of your own beside an export. Where keys are the same, the last one counts.
resource "openprospect_blacklist" "everybody" {
  name = "Customers and competitors"
}

resource "openprospect_blacklist_entries" "everybody" {
  blacklist_id = openprospect_blacklist.everybody.id
  entries = jsonencode(merge(
    jsondecode(provider::openprospect::blacklist_entries(file("${path.module}/customers.csv"))),
    { "competitor" = { company_name = "Rival Inc.", website_url = "rival.example" } },
  ))
}
