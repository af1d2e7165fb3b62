package main

import rego.v1

# conftest test plan.json, after: terraform show -json saved.plan > plan.json

deny contains message if {
	some change in input.resource_changes
	change.type == "openprospect_blacklist_entry"
	change.change.after.match_method == "company_name"
	message := sprintf("%s: the API would match this entry by the company's name alone; add its website", [change.address])
}

deny contains message if {
	some change in input.resource_changes
	change.type == "openprospect_blacklist_entries"
	some key, entry in json.unmarshal(change.change.after.entries)
	every field in ["external_id", "website_url", "city"] {
		object.get(entry, field, "") in {"", null}
	}
	message := sprintf("%s: the API would match %q by the company's name alone; add its website", [change.address, key])
}

deny contains message if {
	some change in input.resource_changes
	change.type == "openprospect_discovery_order"
	"create" in change.change.actions
	object.get(change.change.after, "blacklist_ids", null) == null
	not object.get(change.change, ["after_unknown", "blacklist_ids"], false)
	message := sprintf("%s: an order without a blacklist finds the companies that you know already", [change.address])
}

deny contains message if {
	some change in input.resource_changes
	change.type == "openprospect_discovery_order"
	"create" in change.change.actions
	"delete" in change.change.actions
	message := sprintf("%s: this places another paid order; approve it by hand", [change.address])
}
