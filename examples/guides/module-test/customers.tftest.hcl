variables {
  base_url = "http://127.0.0.1:8080/api/v1"
}

run "excludes_the_customers" {
  command = apply

  assert {
    condition     = jsondecode(openprospect_blacklist_entries.customers.entries)["sap"].website_url == "https://www.sap.com"
    error_message = "SAP must be excluded."
  }
}
