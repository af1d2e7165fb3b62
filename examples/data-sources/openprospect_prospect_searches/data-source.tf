data "openprospect_prospect_searches" "all" {}

output "searches" {
  value = { for search in data.openprospect_prospect_searches.all.prospect_searches : search.name => search.id... }
}
