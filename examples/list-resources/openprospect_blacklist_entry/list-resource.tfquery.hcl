list "openprospect_blacklist_entry" "customers" {
  provider = openprospect

  config {
    blacklist_id = "d33b69ce-80ce-4ede-b4df-4b11427f8b55"
  }
}
