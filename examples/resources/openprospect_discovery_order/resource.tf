resource "openprospect_blacklist" "customers" {
  name = "Existing customers"
}

resource "openprospect_blacklist_entries" "customers" {
  blacklist_id = openprospect_blacklist.customers.id
  entries = jsonencode({
    "C-1001" = { company_name = "Acme Corp", website_url = "https://www.acme-corp.com" }
    "C-1002" = { company_name = "Global Industries GmbH", city = "Munich", country = "Germany" }
  })
}

resource "openprospect_discovery_order" "dach_saas" {
  title                  = "DACH SaaS Discovery Q1 2026"
  features               = ["COMPANY_DATA", "CONTACTS", "ANALYSIS"]
  ideal_customer_profile = "Mid-market SaaS companies in the DACH region with 50-500 employees, focused on B2B software solutions"
  seller_offering        = "AI-powered lead generation and prospect enrichment platform"
  seller_industry        = "Software / Technology"
  target_countries       = ["Germany", "Austria", "Switzerland"]
  target_cities          = ["Berlin", "Munich", "Vienna"]
  excluded_industries    = ["Government", "Non-profit"]
  output_language        = "en"
  profile_name           = "DACH SaaS Discovery Profile"

  # From the entries, not from the blacklist: Terraform then fills the list before it places the order.
  blacklist_ids = [openprospect_blacklist_entries.customers.blacklist_id]

  # No plan may forget or replace this order.
  deletion_policy = "PREVENT"
}
