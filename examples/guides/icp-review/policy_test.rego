package main_test

import data.main
import rego.v1

test_website_is_enough if {
	count(main.deny) == 0 with input as plan(entry({"website_url": "rival.example", "company_name": "Rival"}))
}

test_name_and_city_are_enough if {
	count(main.deny) == 0 with input as plan(entry({"company_name": "Rival", "city": "Berlin"}))
}

test_name_alone_is_refused if {
	refusal := "x: a discovery order can match this company at best by its name alone; add its website"
	main.deny == {refusal} with input as plan(entry({"company_name": "Rival"}))
	main.deny == {refusal} with input as plan(entry({"company_name": "Rival", "website_url": null, "city": null}))
}

# A discovery order does not know external ids.
test_external_id_does_not_help if {
	refusal := "x: a discovery order can match this company at best by its name alone; add its website"
	main.deny == {refusal} with input as plan(entry({"company_name": "Rival", "external_id": "8241"}))
	main.deny == {refusal} with input as plan(entry({"external_id": "8241", "city": "Berlin"}))
	count(main.deny) == 0 with input as plan(entry({"external_id": "8241", "website_url": "rival.example"}))
}

test_removal_of_a_weak_entry_is_not_refused if {
	count(main.deny) == 0 with input as plan(object.union(entry(null), {"change": {"actions": ["delete"], "before": {"company_name": "Rival"}}}))
}

test_list_is_read_company_by_company if {
	companies := {
		"by name": {"company_name": "Initech"},
		"empty": {"company_name": "Hooli", "website_url": "", "city": " ", "external_id": null},
		"by city": {"company_name": "Acme", "city": "Berlin"},
		"by website": {"company_name": "Rival", "website_url": "rival.example"},
		"by id": {"external_id": "8241", "city": "Berlin"},
		"by id and name": {"external_id": "8242", "company_name": "Globex"},
	}
	main.deny == {
		`x: a discovery order can match "by name" at best by the company's name alone; add its website`,
		`x: a discovery order can match "empty" at best by the company's name alone; add its website`,
		`x: a discovery order can match "by id" at best by the company's name alone; add its website`,
		`x: a discovery order can match "by id and name" at best by the company's name alone; add its website`,
	} with input as plan(list(companies))
}

# A company that was on the list before is not judged again, whatever its key is now.
test_only_changes_are_judged if {
	before := {"old": {"company_name": "Initech"}, "moved": {"company_name": "Hooli"}, "changed": {"website_url": "acme.com"}}
	after := {"old": {"company_name": "Initech"}, "renamed": {"company_name": "Hooli"}, "changed": {"company_name": "Acme"}}
	change := {"change": {"before": on("b1", before)}}
	main.deny == {`x: a discovery order can match "changed" at best by the company's name alone; add its website`} with input as plan(object.union(list(after), change))
	count(main.deny) == 0 with input as plan(object.union(list(after), {"change": {"actions": ["no-op"]}}))
	count(main.deny) == 0 with input as plan(managed("openprospect_blacklist_entry", ["no-op"], {"company_name": "Initech"}))
}

# White space around a text does not matter, and neither does a field that is null or blank instead of left out.
test_same_company_in_another_form_is_not_judged if {
	before := {"a": {"company_name": "Initech"}, "b": {"company_name": "Hooli", "city": null, "website_url": " "}}
	after := {"a": {"company_name": " Initech ", "city": null, "website_url": ""}, "b": {"company_name": "Hooli"}}
	count(main.deny) == 0 with input as plan(object.union(list(after), {"change": {"before": on("b1", before)}}))
}

# A list that moves to another blacklist is new there.
test_list_that_moves_is_judged if {
	companies := {"a": {"company_name": "Initech"}}
	refusal := `x: a discovery order can match "a" at best by the company's name alone; add its website`
	moved := {"change": {"actions": ["delete", "create"], "before": on("b0", companies)}}
	main.deny == {refusal} with input as plan(object.union(list(companies), moved))

	created := managed("openprospect_blacklist_entries", ["delete", "create"], {"entries": json.marshal(companies)})
	unknown := {"change": {"before": on("b0", companies), "after_unknown": {"blacklist_id": true}}}
	main.deny == {refusal} with input as plan(object.union(created, unknown))
}

test_first_plan_of_a_list if {
	change := {"change": {"actions": ["create"], "before": null}}
	main.deny == {`x: a discovery order can match "a" at best by the company's name alone; add its website`} with input as plan(object.union(list({"a": {"company_name": "Initech"}}), change))
}

test_name_that_is_allowed if {
	companies := {"a": {"company_name": "Initech"}, "b": {"company_name": "Hooli"}}
	main.deny == {`x: a discovery order can match "b" at best by the company's name alone; add its website`} with input as plan(list(companies)) with main.allowed_names as {"Initech"}
	count(main.deny) == 0 with input as plan(entry({"company_name": "Initech"})) with main.allowed_names as {"Initech"}
}

test_page_on_a_platform if {
	companies := {
		"page": {"website_url": "https://de.LinkedIn.com/company/acme"},
		"bare": {"website_url": "x.com"},
		"own": {"website_url": "https://max.com/?from=linkedin.com"},
		"own, with a user": {"website_url": "https://linkedin.com@max.com"},
		"own, with an @ in its path": {"website_url": "max.com/@linkedin.com"},
	}
	main.deny == {
		`x: "page" excludes linkedin.com, not the company; use the company's own website`,
		`x: "bare" excludes x.com, not the company; use the company's own website`,
	} with input as plan(list(companies))
	main.deny == {"x: this entry excludes xing.com, not the company; use the company's own website"} with input as plan(entry({"website_url": "www.xing.com:443/pages/acme"}))
}

# The provider reads each of these as linkedin.com.
test_page_on_a_platform_however_it_is_written if {
	refusal := "x: this entry excludes linkedin.com, not the company; use the company's own website"
	spellings := [
		"//linkedin.com/company/a",
		"linkedin.com./company/a",
		"linkedin.com.:443",
		"https://me@linkedin.com/a",
		"me:secret@linkedin.com?a=@b",
		"git+ssh://linkedin.com/a",
		"linkedin.com\\a",
		" www.LinkedIn.com ",
	]
	every website in spellings {
		main.deny == {refusal} with input as plan(entry({"website_url": website}))
	}
}

test_website_needs_a_domain if {
	companies := {
		"placeholder": {"company_name": "Acme", "website_url": "n/a", "city": "-"},
		"local": {"external_id": "8241", "website_url": "http://localhost"},
		"blank": {"company_name": "Globex", "city": "Berlin", "website_url": " "},
		"domain": {"website_url": "rival.example"},
	}
	main.deny == {
		`x: the website "n/a" of "placeholder" has no domain; correct it, or leave it out`,
		`x: the website "http://localhost" of "local" has no domain; correct it, or leave it out`,
	} with input as plan(list(companies))
}

test_data_source_is_nobody_s_plan if {
	count(main.deny) == 0 with input as plan(object.union(list({"a": {"company_name": "Initech"}}), {"mode": "data"}))
}

test_what_a_plan_does_not_show_is_refused if {
	main.deny == {"x: entries is only known after apply; make it from values that the plan knows"} with input as plan(later("openprospect_blacklist_entries", "entries"))
	main.deny == {"x: website_url is only known after apply; make it from values that the plan knows"} with input as plan(later("openprospect_blacklist_entry", "website_url"))
	main.deny == {"x: city is only known after apply; make it from values that the plan knows"} with input as plan(object.union(entry({"company_name": "Rival"}), {"change": {"after_unknown": {"city": true}}}))
	count(main.deny) == 0 with input as plan(object.union(entry({"website_url": "rival.example"}), {"change": {"after_unknown": {"city": true}}}))
}

# The website could be a page on a platform, and then name and city do not help.
test_name_and_city_do_not_replace_an_unknown_website if {
	unknown := {"change": {"after_unknown": {"website_url": true}}}
	refusal := "x: website_url is only known after apply; make it from values that the plan knows"
	main.deny == {refusal} with input as plan(object.union(entry({"company_name": "Rival", "city": "Berlin"}), unknown))
	main.deny == {refusal} with input as plan(object.union(entry({"company_name": "Initech"}), unknown)) with main.allowed_names as {"Initech"}
}

test_order_needs_a_blacklist if {
	refusal := "x: an order without a blacklist finds the companies that you know already"
	main.deny == {refusal} with input as plan(order(["create"], {}))
	main.deny == {refusal} with input as plan(order(["create"], {"blacklist_ids": null}))
	count(main.deny) == 0 with input as plan(order(["create"], {"blacklist_ids": ["b1"]}))
	count(main.deny) == 0 with input as plan(object.union(order(["create"], {}), {"change": {"after_unknown": {"blacklist_ids": true}}}))
	count(main.deny) == 0 with input as plan(order(["no-op"], {}))
}

test_order_needs_protection if {
	unprotected := {"blacklist_ids": ["b1"], "deletion_policy": "ABANDON"}
	refusal := "x: a later plan could replace this order; set deletion_policy = \"PREVENT\""
	main.deny == {refusal} with input as plan(managed("openprospect_discovery_order", ["create"], unprotected))
	count(main.deny) == 0 with input as plan(managed("openprospect_discovery_order", ["delete", "create"], unprotected))

	reminder := "x: this order is not protected; set deletion_policy = \"PREVENT\", unless a pull request is about to replace it"
	main.warn == {reminder} with input as plan(managed("openprospect_discovery_order", ["no-op"], unprotected))
	main.warn == {reminder} with input as plan(managed("openprospect_discovery_order", ["update"], unprotected))
	reminder in main.warn with input as plan(managed("openprospect_discovery_order", ["delete", "create"], unprotected))
	count(main.warn) == 0 with input as plan(order(["no-op"], {}))
}

test_paying_is_shown if {
	warning := "x: applying this plan places a paid order, which cannot be cancelled"
	main.warn == {warning} with input as plan(order(["create"], {}))
	main.warn == {warning} with input as plan(order(["delete", "create"], {}))
	count(main.warn) == 0 with input as plan(order(["update"], {}))
}

plan(change) := {"resource_changes": [change]}

managed(type, actions, after) := {
	"address": "x",
	"mode": "managed",
	"type": type,
	"change": {"actions": actions, "after": after, "after_unknown": {}},
}

entry(after) := managed("openprospect_blacklist_entry", ["create"], after)

list(companies) := managed("openprospect_blacklist_entries", ["update"], on("b1", companies))

on(blacklist, companies) := {"blacklist_id": blacklist, "entries": json.marshal(companies)}

order(actions, after) := managed("openprospect_discovery_order", actions, object.union({"deletion_policy": "PREVENT"}, after))

later(type, attribute) := object.union(managed(type, ["create"], {}), {"change": {"after_unknown": {attribute: true}}})
