import {
  to = openprospect_blacklist.customers

  identity = {
    id = "d33b69ce-80ce-4ede-b4df-4b11427f8b55"
  }
}
