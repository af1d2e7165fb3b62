import {
  to = openprospect_blacklist_entry.acme
  id = "d33b69ce-80ce-4ede-b4df-4b11427f8b55/website_url=acme-corp.com"
}
