terraform {
  required_providers {
    openprospect = {
      source  = "openprospect/openprospect"
      version = "~> 0.1.0"
    }
  }
}

# The API key comes from the environment variable OPENPROSPECT_API_KEY.
provider "openprospect" {}

resource "openprospect_blacklist" "customers" {
  name = "Existing customers"
}

# The companies to leave out: an export of the CRM, as it is.
resource "openprospect_blacklist_entries" "customers" {
  blacklist_id = openprospect_blacklist.customers.id
  entries      = provider::openprospect::blacklist_entries(file("${path.module}/customers.csv"))

  # A truncated export would take customers off the list. A plan that removes more than 10 is an error.
  max_removals = 10
}

# The search for new companies. It costs money and cannot be cancelled.
resource "openprospect_discovery_order" "dach_saas" {
  title                  = "DACH SaaS Discovery Q1 2026"
  features               = ["COMPANY_DATA", "CONTACTS", "ANALYSIS"]
  ideal_customer_profile = file("${path.module}/ideal-customer-profile.txt")
  seller_offering        = "AI-powered lead generation and prospect enrichment platform"
  target_countries       = ["Germany", "Austria", "Switzerland"]

  # From the entries, not from the blacklist: Terraform then fills the list before it places the order.
  blacklist_ids = [openprospect_blacklist_entries.customers.blacklist_id]

  # No plan may replace this order or drop it from state.
  deletion_policy = "PREVENT"
}

output "order_id" {
  value = openprospect_discovery_order.dach_saas.id
}
