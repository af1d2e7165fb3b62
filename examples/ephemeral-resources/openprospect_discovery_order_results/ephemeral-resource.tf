variable "order_id" {
  description = "ID of a completed order."
  type        = string
}

variable "mailing_script" {
  description = "Command that takes e-mail addresses from its environment."
  type        = string
  default     = "./start-sequence.sh"
}

ephemeral "openprospect_discovery_order_results" "search" {
  order_id        = var.order_id
  min_match_score = 8
}

# A provisioner may use what is ephemeral. Nothing of it is written to state.
resource "terraform_data" "sequence" {
  triggers_replace = var.order_id

  provisioner "local-exec" {
    command = var.mailing_script

    environment = {
      RECIPIENTS = join(",", compact(flatten([
        for company in ephemeral.openprospect_discovery_order_results.search.companies : company.prospects[*].email
      ])))
    }
  }
}
