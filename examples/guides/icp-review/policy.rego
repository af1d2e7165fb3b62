package main

import rego.v1

# For conftest, or OPA: terraform show -json saved.plan > plan.json

# Companies that have no website. A discovery order may match them by their names alone.
allowed_names := {"Example Holding"}

# Websites that many companies share: an entry would exclude the platform.
platforms := {"crunchbase.com", "facebook.com", "instagram.com", "linkedin.com", "x.com", "xing.com", "youtube.com"}

deny contains message if {
	some change in changed("openprospect_blacklist_entry")
	weak(change.change.after)
	count(hidden(change)) == 0
	message := sprintf("%s: a discovery order can match this company at best by its name alone; add its website", [change.address])
}

deny contains message if {
	some change in changed("openprospect_blacklist_entries")
	some key, company in added(change)
	weak(company)
	message := sprintf("%s: a discovery order can match %q at best by the company's name alone; add its website", [change.address, key])
}

# "n/a" and the like match nothing, so the API would go by a weaker field.
deny contains message if {
	some change in changed("openprospect_blacklist_entries")
	some key, company in added(change)
	website := object.get(company, "website_url", null)
	not blank(website)
	not contains(website, ".")
	message := sprintf("%s: the website %q of %q has no domain; correct it, or leave it out", [change.address, website, key])
}

deny contains message if {
	some change in changed("openprospect_blacklist_entry")
	some platform in platforms
	on_platform(change.change.after, platform)
	message := sprintf("%s: this entry excludes %s, not the company; use the company's own website", [change.address, platform])
}

deny contains message if {
	some change in changed("openprospect_blacklist_entries")
	some key, company in added(change)
	some platform in platforms
	on_platform(company, platform)
	message := sprintf("%s: %q excludes %s, not the company; use the company's own website", [change.address, key, platform])
}

# A plan that does not show how companies are matched cannot be reviewed.
deny contains message if {
	some change in changed("openprospect_blacklist_entry")
	some attribute in hidden(change)
	message := sprintf("%s: %s is only known after apply; make it from values that the plan knows", [change.address, attribute])
}

deny contains message if {
	some change in changed("openprospect_blacklist_entries")
	unknown(change, "entries")
	message := sprintf("%s: entries is only known after apply; make it from values that the plan knows", [change.address])
}

deny contains message if {
	some change in changed("openprospect_discovery_order")
	"create" in change.change.actions
	object.get(change.change.after, "blacklist_ids", null) == null
	not unknown(change, "blacklist_ids")
	message := sprintf("%s: an order without a blacklist finds the companies that you know already", [change.address])
}

deny contains message if {
	some change in changed("openprospect_discovery_order")
	change.change.actions == ["create"]
	not protected(change)
	message := sprintf("%s: a later plan could replace this order; set deletion_policy = \"PREVENT\"", [change.address])
}

# An order that is to be replaced must have "ABANDON" for a while.
warn contains message if {
	some change in planned("openprospect_discovery_order")
	change.change.actions != ["create"]
	not protected(change)
	message := sprintf("%s: this order is not protected; set deletion_policy = \"PREVENT\", unless a pull request is about to replace it", [change.address])
}

# Shown, but no reason to fail: whether to pay for another order is for the reviewer to say.
warn contains message if {
	some change in changed("openprospect_discovery_order")
	"create" in change.change.actions
	message := sprintf("%s: applying this plan places a paid order, which cannot be cancelled", [change.address])
}

# planned are the resources of a type that are there after the plan.
planned(type) := [change |
	some change in input.resource_changes
	change.mode == "managed"
	change.type == type
	change.change.after != null
]

# changed are those that the plan creates or changes.
changed(type) := [change | some change in planned(type); change.change.actions != ["no-op"]]

# added are the companies of a list, by key, that its blacklist does not have in the same form already.
added(change) := {key: company |
	some key, company in companies(change.change.after)
	not filled(company) in before
} if {
	before := {filled(company) |
		change.change.before.blacklist_id == change.change.after.blacklist_id
		some company in companies(change.change.before)
	}
}

# filled are the fields that say something.
filled(company) := {field: trim_space(text) | some field, text in company; not blank(text)}

companies(list) := json.unmarshal(list.entries)

# A company is weak without a website, and without a name and a city. An external ID does not help: the companies that a discovery
# order finds have none.
weak(company) if {
	blank(object.get(company, "website_url", null))
	some field in ["company_name", "city"]
	blank(object.get(company, field, null))
	not object.get(company, "company_name", null) in allowed_names
}

# The website is a page on the platform, as de.linkedin.com/company/acme is one on linkedin.com.
on_platform(company, platform) if {
	website := object.get(company, "website_url", null)
	not blank(website)
	endswith(concat("", [".", host(website)]), concat("", [".", platform]))
}

# host leaves out scheme, user, port, path and trailing dot, as the provider does.
host(website) := regex.replace(authority, `^.*@|\.?(:.*)?$`, "") if {
	address := regex.replace(lower(trim_space(website)), `^([a-z][a-z0-9+.-]*:)?//`, "")
	authority := regex.replace(address, `[/?#\\].*$`, "")
}

protected(change) if change.change.after.deletion_policy == "PREVENT"

# hidden are the fields that decide how a company is matched, but are not known yet. Name and city matter to a weak company only.
hidden(change) := [field | some field in decisive(change.change.after); unknown(change, field)]

decisive(company) := ["website_url", "company_name", "city"] if {
	weak(company)
} else := ["website_url"]

unknown(change, attribute) if change.change.after_unknown[attribute] == true

blank(null)

blank(text) if trim_space(text) == ""
