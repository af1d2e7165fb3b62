data "openprospect_blacklists" "all" {}

output "blacklist_ids" {
  value = {
    for blacklist in data.openprospect_blacklists.all.blacklists : blacklist.id => blacklist.name
  }
}
