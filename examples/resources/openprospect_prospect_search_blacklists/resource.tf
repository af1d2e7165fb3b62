resource "openprospect_blacklist" "customers" {
  name = "Existing customers"
}

resource "openprospect_blacklist_entries" "customers" {
  blacklist_id = openprospect_blacklist.customers.id
  entries = jsonencode({
    "C-1001" = { company_name = "Acme Corp", website_url = "https://www.acme-corp.com" }
  })
}

resource "openprospect_prospect_search_blacklists" "dach_saas" {
  prospect_search_id = "5ea7c400-7e4a-4ba3-a30c-012de85d6d78"

  # From the entries, not from the blacklist: Terraform then fills the list before it assigns it.
  blacklist_ids = [openprospect_blacklist_entries.customers.blacklist_id]
}
