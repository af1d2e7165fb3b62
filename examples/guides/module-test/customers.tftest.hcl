variables {
  customers = {
    "SAP SE"     = "https://www.sap.com"
    "Zalando SE" = "https://corporate.zalando.com"
  }
}

run "excludes_every_customer" {
  command = apply

  assert {
    condition     = length(jsondecode(openprospect_blacklist_entries.customers.entries)) == 2
    error_message = "Every customer must be excluded."
  }
}

run "follows_a_customer_to_a_new_website" {
  command = apply

  variables {
    customers = {
      "SAP SE"     = "https://www.sap.com"
      "Zalando SE" = "https://www.zalando.de"
    }
  }

  assert {
    condition     = jsondecode(openprospect_blacklist_entries.customers.entries)["Zalando SE"].website_url == "https://www.zalando.de"
    error_message = "The entry must name the customer's new website."
  }
}
