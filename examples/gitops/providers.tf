terraform {
  required_version = ">= 1.8"

  required_providers {
    openprospect = {
      source = "openprospect/openprospect"
    }
  }
}

# The API key comes from the environment variable OPENPROSPECT_API_KEY.
provider "openprospect" {}
