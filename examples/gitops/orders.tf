# A paid order. A change of any argument below places a new one, and the plan warns of it.
resource "openprospect_discovery_order" "dach_saas" {
  title                  = "DACH SaaS Discovery Q1 2026"
  features               = ["COMPANY_DATA", "CONTACTS", "ANALYSIS"]
  ideal_customer_profile = file("${path.module}/ideal-customer-profile.txt")
  seller_offering        = "AI-powered lead generation and prospect enrichment platform"
  seller_industry        = "Software / Technology"
  target_countries       = ["Germany", "Austria", "Switzerland"]
  target_cities          = ["Berlin", "Munich", "Vienna"]
  excluded_industries    = ["Government", "Non-profit"]
  output_language        = "en"
  profile_name           = "DACH SaaS Discovery Profile"

  blacklist_ids = [
    openprospect_blacklist_entries.customers.blacklist_id, # waits for the list of entries
    openprospect_blacklist.do_not_contact.id,              # waits for the blacklist only
  ]

  # Waits for the single entries on the second blacklist.
  depends_on = [openprospect_blacklist_entry.do_not_contact]
}
