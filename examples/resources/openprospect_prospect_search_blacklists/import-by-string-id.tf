import {
  to = openprospect_prospect_search_blacklists.dach_saas
  id = "5ea7c400-7e4a-4ba3-a30c-012de85d6d78"
}
