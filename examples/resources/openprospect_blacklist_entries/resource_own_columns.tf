resource "openprospect_blacklist" "partners" {
  name = "Partners"
}

# partners.csv is a spreadsheet with columns of its own: key, partner, homepage and status.
resource "openprospect_blacklist_entries" "partners" {
  blacklist_id = openprospect_blacklist.partners.id

  entries = jsonencode({
    for row in csvdecode(file("${path.module}/partners.csv")) : row.key => {
      company_name = row.partner
      website_url  = row.homepage
    } if row.status == "active"
  })
}
