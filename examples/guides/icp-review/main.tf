terraform {
  required_providers {
    openprospect = {
      source = "openprospect/openprospect"
    }
  }
}

resource "openprospect_blacklist" "customers" {
  name = "Existing customers"
}

resource "openprospect_blacklist_entry" "competitor" {
  blacklist_id = openprospect_blacklist.customers.id
  company_name = "Rival Inc."
  website_url  = "https://rival.example.com"
}

resource "openprospect_discovery_order" "dach_saas" {
  title                  = "DACH SaaS"
  features               = ["COMPANY_DATA", "CONTACTS"]
  ideal_customer_profile = file("${path.module}/ideal-customer-profile.txt")
  seller_offering        = "AI-powered lead generation and prospect enrichment platform"
  target_countries       = ["Germany", "Austria", "Switzerland"]
  blacklist_ids          = [openprospect_blacklist_entry.competitor.blacklist_id]

  # A new order can replace this one only after "ABANDON" was applied, in a pull request of its own that changes nothing else.
  deletion_policy = "PREVENT"
}

# Terraform's own way to say what must hold; a failed check is a warning in the plan.
check "competitor_is_matched_by_its_website" {
  assert {
    condition     = openprospect_blacklist_entry.competitor.website_url != null
    error_message = "The competitor has no website, so orders match it by its name. Add its website."
  }
}
