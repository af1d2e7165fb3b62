# Waits until the order is completed; an order that ends otherwise fails the run.
data "openprospect_discovery_order" "dach_saas" {
  id                  = "74f00d79-7e4a-4ba3-a30c-012de85d6d78"
  wait_for_completion = true

  timeouts = {
    read = "12h"
  }
}

output "companies_found" {
  value = data.openprospect_discovery_order.dach_saas.company_count
}
