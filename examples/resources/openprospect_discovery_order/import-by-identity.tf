import {
  to = openprospect_discovery_order.dach_saas

  identity = {
    id = "74f00d79-7e4a-4ba3-a30c-012de85d6d78"
  }
}
