data "openprospect_discovery_order_results" "dach_saas" {
  order_id        = "74f00d79-7e4a-4ba3-a30c-012de85d6d78"
  min_match_score = 7
}

output "companies" {
  value = [
    for company in data.openprospect_discovery_order_results.dach_saas.companies : {
      name        = company.name
      website_url = company.website_url
      score       = company.match_score
    }
  ]
}
