terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
    openprospect = {
      source = "openprospect/openprospect"
    }
  }
}

variable "order_id" {
  description = "ID of a completed order."
  type        = string
}

variable "recipients_version" {
  description = "Raise it to write the addresses again: Terraform cannot compare what it does not keep."
  type        = number
  default     = 1
}

ephemeral "openprospect_discovery_order_results" "search" {
  order_id        = var.order_id
  min_match_score = 8
}

resource "aws_secretsmanager_secret" "recipients" {
  name = "prospecting/recipients"
}

# A write-only argument takes the addresses; state holds nothing but the version.
resource "aws_secretsmanager_secret_version" "recipients" {
  secret_id                = aws_secretsmanager_secret.recipients.id
  secret_string_wo_version = var.recipients_version

  secret_string_wo = jsonencode(compact(flatten([
    for company in ephemeral.openprospect_discovery_order_results.search.companies : company.prospects[*].email
  ])))
}
