locals {
  websites = [
    "https://www.Acme-Corp.com/about?ref=1",
    "acme-corp.com",
    "shop.acme-corp.com",
  ]
}

# Which spellings are one website to the API.
output "websites_by_domain" {
  value = {
    for website in local.websites : provider::openprospect::normalize_domain(website) => website...
  }
}
