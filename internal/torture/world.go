//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// company is one exclusion in a configuration.
type company struct {
	CompanyName string `json:"company_name,omitempty"`
	WebsiteURL  string `json:"website_url,omitempty"`
	City        string `json:"city,omitempty"`
	ExternalID  string `json:"external_id,omitempty"`
}

// identity is what the API matches the company by: its domain. Every company of the campaign has one, so that the oracle
// needs none of the provider's own rules.
func (c company) identity() string { return bare(c.WebsiteURL) }

// bare returns a website as a server that normalises stores it.
func bare(website string) string { return strings.TrimPrefix(website, "https://") }

// Modes of a list.
const (
	authoritative = "authoritative"
	additive      = "additive"
)

// world is a configuration: what a person wants to be true.
type world struct {
	// mode of the list. An authoritative one has its blacklist to itself; beside an additive one, the single entries live on
	// the same blacklist.
	mode string
	// counts is true if a refresh of the list counts, where it is authoritative.
	counts bool
	// bulk is the document of the list.
	bulk map[string]company
	// singles are blacklist_entry resources by for_each key.
	singles     map[string]company
	description string
	// newest is true if a search profile describes the ideal customer, which the order names.
	newest bool
	// keepers counts up where the API refuses the key of a profile.
	keepers int
	// running is the prospect search that blacklists are assigned to, oneoffsToo is true if both are.
	running    string
	oneoffsToo bool
	// search is the version of the Ideal Customer Profile: each is one order.
	search int
	// orderName is the name of the order's resource; renamedFrom are its earlier names that moved blocks tell Terraform of.
	// An order without an edge refers to the blacklist and not to the entries.
	orderName, formerName string
	renamedFrom           []string
	withoutEdge           bool
	wait                  bool
	allowDuplicate        bool
	// renewal is how entries are replaced when the revision changes: not at all, the old object first or the new one.
	renewal  renewal
	revision int

	next int
}

type renewal string

const (
	noRenewal renewal = ""
	oldFirst  renewal = "the old one first"
	newFirst  renewal = "the new one first"
)

// lifecycle adds the renewal to a resource.
func (w *world) lifecycle(resource block) block {
	if w.renewal != noRenewal {
		resource["lifecycle"] = block{
			"create_before_destroy": w.renewal == newFirst,
			"replace_triggered_by":  []string{"terraform_data.revision"},
		}
	}
	return resource
}

func newWorld(r *rand.Rand) *world {
	w := &world{
		mode:        authoritative,
		bulk:        map[string]company{},
		singles:     map[string]company{},
		description: "first",
		orderName:   "search",
		withoutEdge: r.IntN(4) == 0,
		search:      1,
		wait:        r.IntN(2) == 0,
	}
	if r.IntN(3) == 0 {
		w.mode = additive
	}
	for range 2 + r.IntN(6) {
		w.bulk[w.key("crm")] = w.company()
	}
	for range r.IntN(5) {
		w.singles[w.key("one")] = w.company()
	}
	w.counts = r.IntN(2) == 0
	return w
}

// detection is the list's drift_detection.
func (w *world) detection() string {
	if w.counts && w.mode == authoritative {
		return "count"
	}
	return "full"
}

func (w *world) key(prefix string) string {
	w.next++
	return fmt.Sprintf("%s-%03d", prefix, w.next)
}

func (w *world) company() company {
	w.next++
	return numberedCompany(w.next)
}

func numberedCompany(number int) company {
	return company{
		CompanyName: fmt.Sprintf("Company %03d GmbH", number),
		WebsiteURL:  fmt.Sprintf("https://company-%03d.de", number),
		City:        "Berlin",
	}
}

// pick returns a random key of a map, the same one for the same random numbers.
func pick[T any](r *rand.Rand, m map[string]T) (string, bool) {
	if len(m) == 0 {
		return "", false
	}
	keys := slices.Sorted(maps.Keys(m))
	return keys[r.IntN(len(keys))], true
}

// change makes one change that a person could make in a pull request, and describes it.
func (w *world) change(r *rand.Rand) string {
	switch r.IntN(10) {
	case 9:
		if w.formerName != "" {
			return "nothing: the order is being renamed"
		}
		w.formerName, w.orderName = w.orderName, fmt.Sprintf("search_%d", w.next)
		w.next++
		return "another name for the order, without a moved block"
	case 8:
		w.oneoffsToo = !w.oneoffsToo
		return fmt.Sprintf("both blacklists assigned: %t", w.oneoffsToo)
	case 0:
		w.description += "."
		return "another description of the blacklist"
	case 1:
		w.search++
		return fmt.Sprintf("search %d: a new order", w.search)
	case 2:
		w.wait = !w.wait
		return fmt.Sprintf("wait_for_completion = %t", w.wait)
	case 3:
		return w.move(r)
	case 4:
		return w.reorganise(r)
	}
	entries, name, prefix := w.bulk, "the list", "crm"
	if r.IntN(2) == 0 {
		entries, name, prefix = w.singles, "the single entries", "one"
	}
	return changeEntries(r, entries, name, w.company, func() string { return w.key(prefix) })
}

// changeEntries changes one or all of the entries of one kind.
func changeEntries(r *rand.Rand, entries map[string]company, name string, newCompany func() company, newKey func() string) string {
	key, some := pick(r, entries)
	switch n := r.IntN(10); {
	case n < 2 || !some:
		added := newKey()
		entries[added] = newCompany()
		return fmt.Sprintf("add %s to %s", added, name)
	case n < 4 && len(entries) > 1:
		delete(entries, key)
		return fmt.Sprintf("remove %s from %s", key, name)
	case n < 6:
		renamed := entries[key]
		renamed.CompanyName += " & Co."
		entries[key] = renamed
		return fmt.Sprintf("rename the company of %s in %s", key, name)
	case n == 6:
		changed := entries[key]
		changed.WebsiteURL = newCompany().WebsiteURL
		entries[key] = changed
		return fmt.Sprintf("another website for %s in %s", key, name)
	case n == 7:
		relabelled := newKey()
		entries[relabelled] = entries[key]
		delete(entries, key)
		return fmt.Sprintf("relabel %s as %s in %s", key, relabelled, name)
	case n == 8:
		other, _ := pick(r, entries)
		entries[key], entries[other] = entries[other], entries[key]
		return fmt.Sprintf("swap the companies of %s and %s in %s", key, other, name)
	default:
		shift(entries)
		return fmt.Sprintf("take the first company out of %s and shift the others", name)
	}
}

// shift moves each company to the key before its own, as a count does that loses its first element.
func shift(entries map[string]company) {
	keys := slices.Sorted(maps.Keys(entries))
	if len(keys) < 2 {
		return
	}
	for i, key := range keys[1:] {
		entries[keys[i]] = entries[key]
	}
	delete(entries, keys[len(keys)-1])
}

// move turns an entry of the list into a resource of its own, or the other way round. They are on one blacklist if the list
// is additive, and on two otherwise.
func (w *world) move(r *rand.Rand) string {
	if key, some := pick(r, w.singles); some && r.IntN(2) == 0 {
		w.bulk[w.key("crm")] = w.singles[key]
		delete(w.singles, key)
		return fmt.Sprintf("move the single entry %s into the list", key)
	}
	if len(w.bulk) < 2 {
		return "nothing to move"
	}
	key, _ := pick(r, w.bulk)
	w.singles[w.key("one")] = w.bulk[key]
	delete(w.bulk, key)
	return fmt.Sprintf("make %s of the list a single entry", key)
}

// reorganise changes something of all entries: their keys, how they are replaced, or the mode of the list, and with it the
// blacklist of the single entries.
func (w *world) reorganise(r *rand.Rand) string {
	switch r.IntN(4) {
	case 0:
		w.bulk = relabelAll(w.bulk, func() string { return w.key("crm") })
		return "relabel the whole list"
	case 1:
		w.singles = relabelAll(w.singles, func() string { return w.key("one") })
		return "relabel all single entries"
	case 2:
		w.mode = map[string]string{additive: authoritative, authoritative: additive}[w.mode]
		return "mode = " + w.mode
	default:
		w.renewal = []renewal{oldFirst, newFirst}[r.IntN(2)]
		w.revision++
		return fmt.Sprintf("revision %d: replace all entries, %s", w.revision, w.renewal)
	}
}

func relabelAll(entries map[string]company, newKey func() string) map[string]company {
	relabelled := make(map[string]company, len(entries))
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		relabelled[newKey()] = entries[key]
	}
	return relabelled
}

// profile returns the text that tells one order of the campaign from another.
func profile(search int) string {
	return fmt.Sprintf("Mid-market SaaS companies in the DACH region, search %d", search)
}

// assigned are the blacklists that the running search is to leave out.
func (w *world) assigned(customers, oneoffs string) []string {
	if w.oneoffsToo {
		return []string{customers, oneoffs}
	}
	return []string{customers}
}

const orderType = "openprospect_discovery_order"

// orderAddress is the address of the order's resource.
func (w *world) orderAddress() string { return orderType + "." + w.orderName }

type block = map[string]any

var terraformBlock = block{"required_providers": block{"openprospect": block{"source": "openprospect/openprospect"}}}

func providerBlock(baseURL string) block {
	return block{"openprospect": block{
		"base_url":        baseURL,
		"request_timeout": "2s",
		"max_retries":     2,
		"max_retry_wait":  "2s",
		"poll_interval":   "10ms",
	}}
}

// configuration renders main.tf.json.
func (w *world) configuration(baseURL string) ([]byte, error) {
	entries, err := json.Marshal(w.bulk)
	if err != nil {
		return nil, fmt.Errorf("rendering entries: %w", err)
	}
	singlesList := "oneoffs"
	if w.mode == additive {
		singlesList = "customers"
	}
	description := block{
		"ideal_customer_profile": profile(w.search),
		"seller_offering":        "Fault injection",
		"target_countries":       []string{"Germany"},
	}
	order := block{
		"title":               "Campaign",
		"features":            []string{"COMPANY_DATA"},
		"blacklist_ids":       []string{"${openprospect_blacklist_entries.customers.blacklist_id}"},
		"wait_for_completion": w.wait,
		"allow_duplicate":     w.allowDuplicate,
	}
	resources := block{
		"openprospect_blacklist": block{
			"customers": block{"name": "Customers", "description": w.description},
			"oneoffs":   block{"name": "One-offs"},
		},
		"terraform_data": block{"revision": block{"input": w.revision}},
		"openprospect_blacklist_entries": block{"customers": w.lifecycle(block{
			"blacklist_id":    "${openprospect_blacklist.customers.id}",
			"mode":            w.mode,
			"drift_detection": w.detection(),
			"entries":         string(entries),
		})},
		"openprospect_blacklist_entry": block{"single": w.lifecycle(block{
			"for_each":     w.singles,
			"blacklist_id": "${openprospect_blacklist." + singlesList + ".id}",
			"company_name": "${each.value.company_name}",
			"website_url":  "${each.value.website_url}",
			"city":         "${each.value.city}",
		})},
		"openprospect_discovery_order": block{w.orderName: order},
	}
	if w.newest {
		order["profile_id"], order["briefing_quantity"] = "${openprospect_search_profile.ideal.id}", 25
		description["name"], description["keepers"] = "Campaign", block{"again": fmt.Sprint(w.keepers)}
		resources["openprospect_search_profile"] = block{"ideal": description}
	} else {
		maps.Copy(order, description)
	}
	if w.running != "" {
		resources["openprospect_prospect_search_blacklists"] = block{"running": block{
			"prospect_search_id": w.running,
			"blacklist_ids":      w.assigned("${openprospect_blacklist_entries.customers.blacklist_id}", "${openprospect_blacklist.oneoffs.id}"),
		}}
	}
	if w.withoutEdge {
		order["blacklist_ids"] = []string{"${openprospect_blacklist.customers.id}"}
	}
	configuration := block{"terraform": terraformBlock, "provider": providerBlock(baseURL), "resource": resources}
	var moved []block
	for i, name := range w.renamedFrom {
		to := w.orderName
		if i+1 < len(w.renamedFrom) {
			to = w.renamedFrom[i+1]
		}
		moved = append(moved, block{"from": orderType + "." + name, "to": orderType + "." + to})
	}
	if len(moved) > 0 {
		configuration["moved"] = moved
	}
	return json.MarshalIndent(configuration, "", "  ")
}
