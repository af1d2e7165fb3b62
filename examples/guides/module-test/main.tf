terraform {
  required_providers {
    openprospect = {
      source = "openprospect/openprospect"
    }
  }
}

variable "customers" {
  description = "Companies to exclude: websites by name."
  type        = map(string)
}

variable "deletion_policy" {
  description = "\"ABANDON\" in tests, which destroy everything at the end."
  type        = string
  default     = "PREVENT"
}

variable "allow_duplicate" {
  description = "True in tests, which place the same order again and again."
  type        = bool
  default     = false
}

resource "openprospect_blacklist" "customers" {
  name = "Existing customers"
}

resource "openprospect_blacklist_entries" "customers" {
  blacklist_id = openprospect_blacklist.customers.id

  entries = jsonencode({
    for name, website in var.customers : name => { company_name = name, website_url = website }
  })
}

resource "openprospect_discovery_order" "dach_saas" {
  title                  = "DACH SaaS"
  features               = ["COMPANY_DATA"]
  ideal_customer_profile = "Mid-market B2B SaaS companies with 50-500 employees"
  seller_offering        = "AI-powered lead generation"
  target_countries       = ["Germany", "Austria", "Switzerland"]
  blacklist_ids          = [openprospect_blacklist_entries.customers.blacklist_id]
  deletion_policy        = var.deletion_policy
  allow_duplicate        = var.allow_duplicate
}

output "order_id" {
  description = "ID of the order, for reading its results."
  value       = openprospect_discovery_order.dach_saas.id
}
