variable "order_id" {
  description = "ID of the discovery order: the output of the configuration that placed it."
  type        = string
}

variable "min_match_score" {
  description = "Leave out companies that match worse than this (0 to 10)."
  type        = number
  default     = 7
}

variable "timeout" {
  description = "How long to wait for the order; people review it."
  type        = string
  default     = "12h"
}

variable "poll_interval" {
  description = "How often to ask for the order's status; each time is a request."
  type        = string
  default     = "60s"
}
