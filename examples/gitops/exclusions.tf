# Companies in the CRM: its export is the list.
resource "openprospect_blacklist" "customers" {
  name        = "Existing customers"
  description = "Companies already in our CRM; kept in Git"
}

resource "openprospect_blacklist_entries" "customers" {
  blacklist_id = openprospect_blacklist.customers.id
  entries      = provider::openprospect::blacklist_entries(file("${path.module}/customers.csv"))

  # A truncated export would take customers off the list. A plan that removes more than 10 is an error.
  max_removals = 10
}

# Companies that asked not to be contacted: few, each added by a pull request of its own.
resource "openprospect_blacklist" "do_not_contact" {
  name        = "Do not contact"
  description = "Companies that asked not to be contacted; kept in Git"
}

resource "openprospect_blacklist_entry" "do_not_contact" {
  for_each = var.do_not_contact

  blacklist_id = openprospect_blacklist.do_not_contact.id
  company_name = each.value.company_name
  website_url  = each.value.website_url
  city         = each.value.city
  country      = each.value.country
}
