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

run "keeps_the_list_when_a_customer_moves" {
  command = apply

  variables {
    customers = {
      "SAP SE"     = "https://www.sap.com"
      "Zalando SE" = "https://www.zalando.de"
    }
  }

  assert {
    condition     = openprospect_blacklist_entries.customers.blacklist_id == run.excludes_every_customer.blacklist_id
    error_message = "The blacklist must stay the one that orders name."
  }
}
