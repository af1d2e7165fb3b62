package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// sites is a document of numbered companies, from first to last.
func sites(first, last int) string {
	var members []string
	for i := first; i <= last; i++ {
		members = append(members, fmt.Sprintf(`"C%03d": {"website_url": "site-%d.com"}`, i, i))
	}
	return "{" + strings.Join(members, ", ") + "}"
}

// TestBlacklistEntriesChangeWarns says once what a change of a list does, where that is worth a word.
func TestBlacklistEntriesChangeWarns(t *testing.T) {
	t.Parallel()
	number := func(value int64) tftypes.Value { return tftypes.NewValue(tftypes.Number, value) }
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "")
	list := &protocolResource{name: entriesType}
	list.apply(t, configuredServer(t, sim), entriesArguments(id, "authoritative", sites(1, 40)))
	list.wantWarning(t, "")

	for _, test := range []struct {
		name     string
		document string
		most     *int64
		warning  string
	}{
		{"nothing changes", sites(1, 40), nil, ""},
		{"nothing goes", sites(1, 41), nil, ""},
		{"half goes", sites(1, 20), nil, "Blacklist " + id + " with 40 companies: 0 to add, 0 to change, 20 to remove."},
		{"more than half goes", sites(1, 19), nil, "with 40 companies: 0 to add, 0 to change, 21 to remove. " +
			"A truncated CRM export looks like this."},
		{"more than half goes, as was allowed", sites(1, 19), new(int64(21)), "with 40 companies: 0 to add, 0 to change, 21 to remove."},
		{"more than half gets another company", strings.ReplaceAll(sites(1, 40), "site-", "other-"), nil, "with 40 companies: 0 to add, " +
			"40 to change, 0 to remove. A truncated CRM export"},
		{"a long addition", sites(1, 60), nil, "with 40 companies: 20 to add, 0 to change, 0 to remove."},
		{"a long addition, less one", sites(1, 59), nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			planned := *list
			arguments := entriesArguments(id, "authoritative", test.document)
			if test.most != nil {
				arguments["max_removals"] = number(*test.most)
			}
			planned.plan(t, configuredServer(t, sim), arguments)
			planned.wantWarning(t, test.warning)
		})
	}

	t.Run("a list from a header alone", func(t *testing.T) {
		t.Parallel()
		empty := &protocolResource{name: entriesType}
		empty.plan(t, configuredServer(t, sim), entriesArguments(sim.AddBlacklist("Empty", ""), "authoritative", "{}"))
		empty.wantWarning(t, "entries is empty, so this resource excludes no company.")
	})
	t.Run("a short list may lose more than half", func(t *testing.T) {
		t.Parallel()
		short := &protocolResource{name: entriesType}
		other := sim.AddBlacklist("Short", "")
		short.apply(t, configuredServer(t, sim), entriesArguments(other, "authoritative", sites(1, 19)))
		short.plan(t, configuredServer(t, sim), entriesArguments(other, "authoritative", sites(1, 1)))
		short.wantWarning(t, "")
	})
}

// TestAccBlacklistEntriesWarnOnce counts the warnings in the output of terraform, which validates a resource twice in a plan.
func TestAccBlacklistEntriesWarnOnce(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, prepareCLI(t), simulator.Options{})
	id := w.sim.AddBlacklist("Customers", "")
	w.write("main.tf", requiredProvider+configure(w.sim, entriesOn(id, "customers",
		`{ p = { company_name = "Acme", website_url = "linkedin.com/company/acme" } }`, `mode = "additive"`)+
		entryOn(id, "hooli", `website_url = "xing.com/companies/hooli"`)+
		entryOn(id, "initech", `company_name = "Initech"`)+
		entryOn(id, "initrode", `company_name = "Initrode"`)))
	expect := func(said string, times int) {
		t.Helper()
		for _, warning := range []string{
			"Websites belong to a platform",
			"Website belongs to a platform",
			"Company can only be matched by name",
			"(and one more similar warning elsewhere)", // two entries are matched by name
		} {
			if got := strings.Count(said, warning); got != times {
				t.Errorf("%q %d times, want %d:\n%s", warning, got, times, said)
			}
		}
	}
	expect(w.terraform("plan"), 1)
	w.terraform("apply", "-auto-approve")
	expect(w.terraform("plan"), 0)
}

// TestBlacklistEntriesWeakEntries warns of what will not match.
func TestBlacklistEntriesWeakEntries(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "")
	for name, test := range map[string]struct{ document, warning string }{
		"good":             {sites(1, 10), ""},
		"by name and city": {strings.Replace(sites(1, 10), "{", `{"N": {"company_name": "Acme", "city": "Berlin"}, `, 1), ""},
		"one by name, one by nothing that an order knows": {
			strings.Replace(sites(1, 9), "{", `{"N": {"company_name": "Acme", "external_id": "7"}, "M": {"external_id": "8"}, `, 1),
			"This plan adds or changes 2 companies with neither a website that has a domain nor a name with a city:\n\n" +
				"  key \"N\" (Acme, external id 7)\n  key \"M\" (external id 8)\n\n" +
				"A discovery order can match by name alone here, or not at all: it skips external_id",
		},
		"a page of a platform": {
			strings.Replace(sites(1, 10), "{", `{"P": {"company_name": "Acme", "website_url": "https://de.linkedin.com/company/acme"}, `, 1),
			"The website of 1 company is a page on a platform that many companies share. The API matches by domain, so it " +
				"excludes the platform and not the company:\n\n  key \"P\" (Acme, de.linkedin.com)\n\nUse",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := &protocolResource{name: entriesType}
			list.plan(t, configuredServer(t, sim), entriesArguments(id, "authoritative", test.document))
			list.wantWarning(t, test.warning)
		})
	}
	t.Run("what was there before", func(t *testing.T) {
		t.Parallel()
		list := &protocolResource{name: entriesType}
		id := sim.AddBlacklist("Partners", "")
		list.apply(t, configuredServer(t, sim), entriesArguments(id, "authoritative",
			`{"N": {"company_name": "Acme"}, "M": {"company_name": "Initech"}}`))
		list.warnings = nil
		list.plan(t, configuredServer(t, sim), entriesArguments(id, "authoritative",
			`{"N": {"company_name": "Acme"}, "M": {"company_name": "Hooli"}, "O": {"company_name": "Initrode"}}`))
		list.wantWarning(t, "This plan adds or changes 2 companies with neither a website that has a domain nor a name with a city:\n\n"+
			"  key \"O\" (Initrode)\n  key \"M\" (Hooli)")
	})
	none, unknown := tftypes.NewValue(tftypes.String, nil), tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	const byName = " has neither a website nor a name with a city. A discovery order can match by name alone here, or not at all"
	for name, test := range map[string]struct {
		name, website, city, externalID tftypes.Value
		warning                         string
	}{
		"a website":              {none, text("acme.com"), none, none, ""},
		"a page of a platform":   {none, text("xing.com/acme"), none, none, "is on xing.com, a platform that many companies share."},
		"a name":                 {text("Acme"), none, none, none, byName},
		"a name and an id":       {text("Acme"), none, none, text("7"), byName},
		"an id":                  {none, none, none, text("7"), byName},
		"a name and a city":      {text("Acme"), none, text("Berlin"), none, ""},
		"a website not known":    {text("Acme"), unknown, none, none, ""},
		"a city not known":       {text("Acme"), none, unknown, none, ""},
		"only the id is unknown": {text("Acme"), none, none, unknown, byName},
	} {
		t.Run("single entry of "+name, func(t *testing.T) {
			t.Parallel()
			single := &protocolResource{name: singleType}
			single.plan(t, configuredServer(t, sim), map[string]tftypes.Value{
				"blacklist_id": text(id), "company_name": test.name, "website_url": test.website, "city": test.city, "external_id": test.externalID,
			})
			single.wantWarning(t, test.warning)
		})
	}
}

// TestAccBlacklistEntriesNameTheBlacklist looks at what people read of a plan that takes companies off a list.
func TestAccBlacklistEntriesNameTheBlacklist(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, prepareCLI(t), simulator.Options{})
	w.write("entries.json", sites(1, 30))
	w.terraform("apply", "-auto-approve")
	named := fmt.Sprintf("%q (%s)", "Customers", w.sim.Blacklists()[0].ID)
	expect := func(said, want string) {
		t.Helper()
		if !strings.Contains(strings.Join(strings.Fields(said), " "), want) {
			t.Errorf("terraform does not say %q:\n%s", want, said)
		}
	}

	w.write("entries.json", sites(1, 5))
	expect(w.terraform("plan"), "Blacklist "+named+" with 30 companies: 0 to add, 0 to change, 25 to remove.")
	w.write("entries.json", "{}")
	expect(w.refused("plan"), "state contains 30 companies on the blacklist "+named+".")
	// Terraform does not read the blacklist.
	w.write("entries.json", sites(1, 5))
	expect(w.terraform("plan", "-refresh=false"), "Blacklist "+w.sim.Blacklists()[0].ID+" with 30 companies")
}

// TestAccBlacklistEntriesCount shows the number of companies in the plan, and refuses one that removes too many.
func TestAccBlacklistEntriesCount(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "")
	list := func(count int, arguments ...string) string {
		return configure(
			sim,
			entriesOn(id, "customers", fmt.Sprintf(`{ for i in range(%d) : i => { website_url = "site-${i}.com" } }`, count), arguments...),
		)
	}
	identified := func(count int, site string, arguments ...string) string {
		return configure(sim, entriesOn(id, "customers", fmt.Sprintf(
			`{ for i in range(%d) : i => { external_id = "crm-${i}", website_url = "%s-${i}.com" } }`, count, site), arguments...))
	}
	known := func(count int64) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(entriesAddress, tfjsonpath.New("entry_count"), knownvalue.Int64Exact(count))
	}
	planned := func(count int64) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectKnownValue(entriesAddress, tfjsonpath.New("entry_count"), knownvalue.Int64Exact(count)),
		}}
	}
	var foreign []string
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: list(12), ConfigPlanChecks: planned(12), ConfigStateChecks: []statecheck.StateCheck{known(12)}},
			{
				PreConfig: sim.ResetJournal,
				Config:    list(9, "max_removals = 2"),
				ExpectError: expectError("This plan removes 3 companies from the blacklist " + id + ", but max_removals allows only 2. " +
					"Nothing was changed. It would remove: site-10.com"),
			},
			{Config: list(9, "max_removals = 3"), ConfigPlanChecks: planned(9), ConfigStateChecks: []statecheck.StateCheck{known(9)}},
			{Config: list(9, "max_removals = 0"), ConfigStateChecks: []statecheck.StateCheck{known(9), expectWrites(sim, 0, 1)}},
			// Under the same external ids the entries would be of other companies to an order, which knows no external ids.
			{Config: identified(9, "site", "max_removals = 9")},
			{
				Config:      identified(9, "other", "max_removals = 8"),
				ExpectError: expectError("removes 9 companies from the blacklist " + id + ", but max_removals allows only 8"),
			},
			{Config: identified(9, "other", "max_removals = 9")},
			{Config: list(9, "max_removals = 9")},
			{Config: list(9, "max_removals = -1"), ExpectError: expectError("value must be at least 0")},
			// Somebody else adds one, which is to go.
			{
				PreConfig:   func() { foreign = sim.AddEntries(id, simulator.Entry{WebsiteURL: "foreign.com"}) },
				Config:      list(9, "max_removals = 0"),
				ExpectError: expectError("removes 1 company from the blacklist " + id + ", but max_removals allows only 0"),
			},
			// A destruction is meant.
			{PreConfig: func() { sim.RemoveEntries(id, foreign...) }, Config: list(9, "max_removals = 0"), Destroy: true},
		},
	})
}
