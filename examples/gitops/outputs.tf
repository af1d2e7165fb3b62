# Only what stays as it is: the order's status moves by itself, and as an output it would make
# every plan show a change. Read it in the results configuration.
output "order_id" {
  description = "ID of the discovery order."
  value       = openprospect_discovery_order.dach_saas.id
}
