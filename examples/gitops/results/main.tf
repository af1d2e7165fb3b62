# A configuration of its own: data sources are read by plan and destroy too, and one that waits
# for an order would hold up every change of the exclusions.
terraform {
  required_version = ">= 1.8"

  required_providers {
    openprospect = {
      source = "openprospect/openprospect"
    }
  }
}

provider "openprospect" {
  poll_interval = var.poll_interval
}

# The gate: waits for the order, and fails the run when it is cancelled, rejected or failed.
data "openprospect_discovery_order" "this" {
  id                  = var.order_id
  wait_for_completion = true

  timeouts = {
    read = var.timeout
  }
}

data "openprospect_discovery_order_results" "this" {
  order_id        = data.openprospect_discovery_order.this.id
  min_match_score = var.min_match_score
}
