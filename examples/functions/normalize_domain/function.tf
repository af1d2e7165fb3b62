locals {
  websites = [
    "https://www.Acme-Corp.com/about?ref=1",
    "acme-corp.com",
    "shop.acme-corp.com",
    "n/a",
  ]

  # How the API sees them: which spellings are one website, and which are none at all.
  domains = {
    for website in local.websites : website => try(provider::openprospect::normalize_domain(website), null)
  }
}

output "domains" {
  value = local.domains
}

output "distinct_domains" {
  value = distinct([for domain in values(local.domains) : domain if domain != null])
}
