terraform {
  required_providers {
    openprospect = {
      source = "openprospect/openprospect"
    }
  }
}

provider "openprospect" {}

resource "openprospect_blacklist" "customers" {
  name = "Existing customers"
}

resource "openprospect_blacklist_entries" "customers" {
  blacklist_id = openprospect_blacklist.customers.id
  entries = jsonencode({
    "C-1001" = { company_name = "Acme Corp", website_url = "https://www.acme-corp.com" }
  })
}

# Who you are looking for. Every change of it makes another profile, and so another paid order.
resource "openprospect_search_profile" "dach_saas" {
  name                   = "DACH SaaS"
  ideal_customer_profile = "Mid-market SaaS companies in the DACH region with 50-500 employees, focused on B2B software solutions"
  seller_offering        = "AI-powered lead generation and prospect enrichment platform"
  target_countries       = ["Germany", "Austria", "Switzerland"]
  target_industries      = ["Software"]
}

# What is ordered: how many companies, what is found out about each, and who is left out.
resource "openprospect_discovery_order" "dach_saas" {
  title             = "DACH SaaS Discovery Q1 2026"
  features          = ["COMPANY_DATA", "CONTACTS", "ANALYSIS"]
  profile_id        = openprospect_search_profile.dach_saas.id
  briefing_quantity = 200
  blacklist_ids     = [openprospect_blacklist_entries.customers.blacklist_id]
}
