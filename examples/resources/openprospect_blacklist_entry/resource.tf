resource "openprospect_blacklist" "do_not_contact" {
  name = "Do not contact"
}

# The best way to name a company: the API matches by the domain of its website.
resource "openprospect_blacklist_entry" "acme" {
  blacklist_id = openprospect_blacklist.do_not_contact.id
  company_name = "Acme Corp"
  website_url  = "https://www.acme-corp.com"
}

# Without a website, the API matches by name and city.
resource "openprospect_blacklist_entry" "global_industries" {
  blacklist_id = openprospect_blacklist.do_not_contact.id
  company_name = "Global Industries GmbH"
  city         = "Munich"
  country      = "Germany"
}
