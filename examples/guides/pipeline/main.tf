terraform {
  required_providers {
    openprospect = {
      source = "openprospect/openprospect"
    }
  }
}

variable "order_id" {
  type = string
}

# Stops the pipeline until the order is completed; cancelled, rejected and failed orders are errors.
data "openprospect_discovery_order" "search" {
  id                  = var.order_id
  wait_for_completion = true

  timeouts = {
    read = "12h"
  }
}

# Companies only: who works there does not get into state.
data "openprospect_discovery_order_results" "search" {
  order_id        = data.openprospect_discovery_order.search.id
  min_match_score = 8
}

output "domains" {
  value = [for company in data.openprospect_discovery_order_results.search.companies : company.normalized_url]
}
