variables {
  customers = {
    "SAP SE"     = "https://www.sap.com"
    "Zalando SE" = "https://corporate.zalando.com"
  }
  deletion_policy = "ABANDON"
  allow_duplicate = true
}

run "excludes_every_customer" {
  command = apply

  assert {
    condition     = length(jsondecode(openprospect_blacklist_entries.customers.entries)) == 2
    error_message = "Every customer must be excluded."
  }

  assert {
    condition     = openprospect_discovery_order.dach_saas.blacklist_ids == toset([openprospect_blacklist.customers.id])
    error_message = "The order must leave out the customers."
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

  assert {
    condition     = output.order_id == run.excludes_every_customer.order_id
    error_message = "A customer's new website must not place another order."
  }
}
