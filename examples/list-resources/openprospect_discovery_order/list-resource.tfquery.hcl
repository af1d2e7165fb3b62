list "openprospect_discovery_order" "completed" {
  provider = openprospect

  config {
    status = "COMPLETED"
  }
}
