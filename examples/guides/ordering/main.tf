terraform {
  required_providers {
    openprospect = {
      source = "openprospect/openprospect"
    }
  }
}

# The address holds a secret, so it is not in the repository: TF_VAR_webhook_url.
variable "webhook_url" {
  type      = string
  sensitive = true
}

resource "openprospect_discovery_order" "dach_saas" {
  title                  = "DACH SaaS Discovery Q1 2026"
  features               = ["COMPANY_DATA", "CONTACTS", "ANALYSIS"]
  ideal_customer_profile = "Mid-market B2B SaaS companies in the DACH region with 50-500 employees"
  seller_offering        = "AI-powered lead generation and prospect enrichment platform"
  target_countries       = ["Germany", "Austria", "Switzerland"]
  webhook_url            = var.webhook_url
}
