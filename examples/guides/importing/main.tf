terraform {
  required_providers {
    openprospect = {
      source = "openprospect/openprospect"
    }
  }
}

variable "customers_blacklist_id" {
  description = "ID of the blacklist, as the dashboard shows it."
  type        = string
}

variable "order_id" {
  description = "ID of the order, as the dashboard shows it."
  type        = string
}

import {
  to = openprospect_blacklist.customers
  id = var.customers_blacklist_id
}

import {
  to = openprospect_blacklist_entries.customers
  id = var.customers_blacklist_id
}

import {
  to = openprospect_discovery_order.spring
  id = var.order_id
}

resource "openprospect_blacklist" "customers" {
  name = "Existing customers"
}

resource "openprospect_blacklist_entries" "customers" {
  blacklist_id = openprospect_blacklist.customers.id

  entries = jsonencode({
    "8241" = { company_name = "SAP SE", website_url = "https://www.sap.com" }
    "8242" = { company_name = "Zalando SE", website_url = "https://corporate.zalando.com" }
  })
}

# The API does not return the profile and the blacklists. The first apply takes them from here.
resource "openprospect_discovery_order" "spring" {
  title                  = "DACH SaaS spring"
  features               = ["COMPANY_DATA"]
  ideal_customer_profile = "Mid-market SaaS companies"
  seller_offering        = "Consulting"
  target_countries       = ["Germany"]
  blacklist_ids          = [openprospect_blacklist_entries.customers.blacklist_id]

  # An argument that differs from the order is then an error, and not another order.
  deletion_policy = "PREVENT"
}
