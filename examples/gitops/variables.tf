variable "do_not_contact" {
  description = "Companies that asked not to be contacted, by a key of your own."

  type = map(object({
    company_name = string
    website_url  = optional(string)
    city         = optional(string)
    country      = optional(string)
  }))

  default = {
    acme = {
      company_name = "Acme Corp"
      website_url  = "https://www.acme-corp.com"
    }
    global_industries = {
      company_name = "Global Industries GmbH"
      city         = "Munich"
      country      = "Germany"
    }
  }
}
