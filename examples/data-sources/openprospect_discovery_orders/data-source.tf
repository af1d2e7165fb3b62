data "openprospect_discovery_orders" "completed" {
  status = "COMPLETED"
}

output "completed_orders" {
  value = {
    for order in data.openprospect_discovery_orders.completed.orders : order.id => order.title
  }
}
