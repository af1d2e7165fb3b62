resource "openprospect_search_profile" "dach_saas" {
  name                   = "DACH SaaS"
  ideal_customer_profile = "Mid-market SaaS companies in the DACH region with 50-500 employees, focused on B2B software solutions"
  seller_offering        = "AI-powered lead generation and prospect enrichment platform"
  seller_industry        = "Software / Technology"
  target_countries       = ["Germany", "Austria", "Switzerland"]
  target_cities          = ["Berlin", "Munich", "Vienna"]
  target_industries      = ["Software"]
  excluded_industries    = ["Government", "Non-profit"]
  contact_roles          = ["CEO", "CTO"]
  output_language        = "en"
}
