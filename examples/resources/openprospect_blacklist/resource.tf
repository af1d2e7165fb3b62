resource "openprospect_blacklist" "customers" {
  name        = "Existing customers"
  description = "Companies in our CRM, kept by Terraform"
}
