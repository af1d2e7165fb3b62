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

resource "openprospect_discovery_order" "dach_saas" {
  title                  = "DACH SaaS ${var.quarter}"
  features               = ["COMPANY_DATA", "CONTACTS", "ANALYSIS"]
  ideal_customer_profile = "Mid-market B2B SaaS companies in the DACH region with 50-500 employees"
  seller_offering        = "AI-powered lead generation and prospect enrichment platform"
  target_countries       = ["Germany", "Austria", "Switzerland"]

  # Any change of a keeper replaces the order, whatever else stays the same.
  keepers = {
    quarter = var.quarter
  }
}
