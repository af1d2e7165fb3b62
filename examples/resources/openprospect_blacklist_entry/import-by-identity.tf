import {
  to = openprospect_blacklist_entry.acme

  identity = {
    blacklist_id = "d33b69ce-80ce-4ede-b4df-4b11427f8b55"
    id           = "0b7e8d1c-5a3f-4c5e-9f0a-7b2d6c1e4a90"
  }
}
