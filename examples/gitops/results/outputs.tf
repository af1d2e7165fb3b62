output "status" {
  description = "Status that the order ended in."
  value       = data.openprospect_discovery_order.this.status
}

output "total" {
  description = "How many companies the order found."
  value       = data.openprospect_discovery_order_results.this.total
}

output "companies" {
  description = "The companies that match well enough; no personal data."

  value = [
    for company in data.openprospect_discovery_order_results.this.companies : {
      name        = company.name
      city        = company.city
      country     = company.country
      match_score = company.match_score
      website_url = company.website_url
    }
  ]
}
