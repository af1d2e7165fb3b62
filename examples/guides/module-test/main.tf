terraform {
  required_providers {
    openprospect = {
      source = "openprospect/openprospect"
    }
  }
}

variable "base_url" {
  description = "Address of the API; the tests set the simulator's."
  type        = string
  default     = null
}

provider "openprospect" {
  base_url = var.base_url
}

resource "openprospect_blacklist" "customers" {
  name = "Existing customers"
}

resource "openprospect_blacklist_entries" "customers" {
  blacklist_id = openprospect_blacklist.customers.id

  entries = jsonencode({
    sap = { company_name = "SAP SE", website_url = "https://www.sap.com" }
  })
}
