terraform {
  required_providers {
    openprospect = {
      source = "openprospect/openprospect"
    }
  }
}

locals {
  customers = csvdecode(file("${path.module}/customers.csv"))

  # The first character of a hash spreads companies evenly over 16 lists, and a
  # company stays on its list whatever comes or goes beside it.
  shards = {
    for shard in split("", "0123456789abcdef") : shard => {
      for row in local.customers : row.crm_id => {
        company_name = row.company_name
        website_url  = row.website_url
      }
      if substr(sha256(row.crm_id), 0, 1) == shard
    }
  }
}

# All 16 are there from the start, so that no company ever changes the blacklist_ids of an order.
resource "openprospect_blacklist" "customers" {
  for_each = local.shards

  name = "Existing customers (${each.key})"
}

resource "openprospect_blacklist_entries" "customers" {
  for_each = { for shard, companies in local.shards : shard => companies if length(companies) > 0 }

  blacklist_id = openprospect_blacklist.customers[each.key].id
  entries      = jsonencode(each.value)
}

output "blacklist_ids" {
  description = "For the blacklist_ids of an order, which takes many, and is placed once the companies are on them."
  value = [
    for shard, blacklist in openprospect_blacklist.customers :
    try(openprospect_blacklist_entries.customers[shard].blacklist_id, blacklist.id)
  ]
}
