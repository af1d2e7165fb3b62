terraform {
  required_providers {
    openprospect = {
      source  = "openprospect/openprospect"
      version = "~> 0.1.0"
    }
  }
}

# The API key comes from the environment variable OPENPROSPECT_API_KEY.
provider "openprospect" {}
