resource "openprospect_blacklist" "do_not_contact" {
  name = "Do not contact"
}

# The website is the best way to name a company: the API matches by its domain.
resource "openprospect_blacklist_entry" "acme" {
  blacklist_id = openprospect_blacklist.do_not_contact.id
  company_name = "Acme Corp"
  website_url  = "https://www.acme-corp.com"
}

# Without a website the API matches by name, and by city where it is given.
resource "openprospect_blacklist_entry" "global_industries" {
  blacklist_id = openprospect_blacklist.do_not_contact.id
  company_name = "Global Industries GmbH"
  city         = "Munich"
  country      = "Germany"
}
