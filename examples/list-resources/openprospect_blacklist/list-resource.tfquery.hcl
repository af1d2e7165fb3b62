list "openprospect_blacklist" "all" {
  provider = openprospect
}
