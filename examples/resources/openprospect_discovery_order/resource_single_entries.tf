resource "openprospect_blacklist" "partners" {
  name = "Partners"
}

resource "openprospect_blacklist_entry" "partner" {
  for_each = {
    acme    = "acme-corp.com"
    example = "example.com"
  }
  blacklist_id = openprospect_blacklist.partners.id
  website_url  = each.value
}

resource "openprospect_discovery_order" "austria" {
  title                  = "Austrian SaaS Discovery"
  features               = ["COMPANY_DATA"]
  ideal_customer_profile = "B2B SaaS companies in Austria with 50-500 employees"
  seller_offering        = "AI-powered lead generation and prospect enrichment platform"
  target_countries       = ["Austria"]
  blacklist_ids          = [openprospect_blacklist.partners.id]

  # Without this, the order may be placed before the entries are added.
  depends_on = [openprospect_blacklist_entry.partner]
}
