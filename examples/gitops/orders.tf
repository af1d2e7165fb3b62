# A paid order: a change of any argument below places a new one, and the plan says so.
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
    openprospect_blacklist_entries.customers.blacklist_id,
    openprospect_blacklist.do_not_contact.id,
  ]

  # The id of a blacklist is known before its entries are added: the order has to wait for them.
  # (The first id above comes from the entries themselves, which is the other way to wait.)
  depends_on = [openprospect_blacklist_entry.do_not_contact]
}
