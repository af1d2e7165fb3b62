terraform {
  required_providers {
    openprospect = {
      source = "openprospect/openprospect"
    }
  }
}

variable "quarter" {
  description = "A new value places a new, paid order."
  type        = string
  default     = "2026-Q1"
}

resource "openprospect_blacklist" "customers" {
  name = "Existing customers"
}

resource "openprospect_blacklist_entries" "customers" {
  blacklist_id = openprospect_blacklist.customers.id
  entries      = provider::openprospect::blacklist_entries(file("${path.module}/customers.csv"))
  max_removals = 10
}

resource "openprospect_discovery_order" "dach_saas" {
  title                  = "DACH SaaS ${var.quarter}"
  features               = ["COMPANY_DATA", "CONTACTS", "ANALYSIS"]
  ideal_customer_profile = "Mid-market B2B SaaS companies in the DACH region with 50-500 employees"
  seller_offering        = "AI-powered lead generation and prospect enrichment platform"
  target_countries       = ["Germany", "Austria", "Switzerland"]
  blacklist_ids          = [openprospect_blacklist_entries.customers.blacklist_id]

  # Any change of a keeper replaces the order, whatever else stays the same.
  keepers = {
    quarter = var.quarter
  }
}
