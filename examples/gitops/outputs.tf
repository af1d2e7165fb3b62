# Not the status of the order: it moves by itself, so as an output it would make
# every plan show a change. Read it in the results configuration.
output "order_id" {
  description = "ID of the discovery order."
  value       = openprospect_discovery_order.dach_saas.id
}
