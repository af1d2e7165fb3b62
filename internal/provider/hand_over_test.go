package provider_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

const singleType = "openprospect_blacklist_entry"

// someEntries are count companies as resources of their own.
func someEntries(id string, count int) string {
	return fmt.Sprintf(`
resource "openprospect_blacklist_entry" "acme" {
  count        = %d
  blacklist_id = %q
  company_name = "Acme ${count.index}"
  website_url  = "acme-${count.index}.com"
}
`, count, id)
}

// someInBulk are the same companies as a list.
func someInBulk(id string, count int, arguments ...string) string {
	return entriesBlock("customers", fmt.Sprintf("%q", id),
		fmt.Sprintf(`jsonencode({ for i in range(%d) : "acme-${i}.com" => { company_name = "Acme ${i}", website_url = "acme-${i}.com" } })`, count), arguments...)
}

// onlySecond is the list without the first company.
func onlySecond(id string) string {
	return entriesOn(id, "customers", `{ "acme-1.com" = { company_name = "Acme 1", website_url = "acme-1.com" } }`, `mode = "additive"`)
}

func expectNoneOff(sim *simulator.Server, count int) serverCheck {
	return func() error {
		for i := range count {
			if err := expectNeverOff(sim, named(fmt.Sprint("Acme ", i)))(); err != nil {
				return err
			}
		}
		return nil
	}
}

// TestAccHandOverToALaterResource has Terraform come to the resource that takes a company over long after it has
// come to the one that gives it up. The plan has seen both.
func TestAccHandOverToALaterResource(t *testing.T) {
	t.Parallel()
	const later = `
resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "sleep 3"
  }
}
`
	single := func(id string, arguments ...string) string {
		return entryOn(id, "acme", append(arguments, `company_name = "Acme 0"`, `website_url = "acme-0.com"`)...)
	}
	for name, test := range map[string]struct{ before, after func(id string) string }{
		"from an entry to a list": {
			func(id string) string { return single(id) },
			func(id string) string {
				return someInBulk(id, 1, `mode = "additive"`, `depends_on = [terraform_data.slow]`) + later
			},
		},
		"from a list that goes to an entry": {
			func(id string) string { return someInBulk(id, 1) },
			func(id string) string { return single(id, `depends_on = [terraform_data.slow]`) + later },
		},
		"from a list that stays to an entry": {
			func(id string) string { return someInBulk(id, 2) },
			func(id string) string {
				// As the warning says.
				return strings.Replace(onlySecond(id), "{", "{\ndepends_on = [openprospect_blacklist_entry.acme]\n", 1) +
					single(id, `depends_on = [terraform_data.slow]`) + later
			},
		},
		"from an entry to another one": {
			func(id string) string { return single(id) },
			func(id string) string {
				return strings.Replace(single(id, `depends_on = [terraform_data.slow]`), `"acme"`, `"renamed"`, 1) + later
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			sim := startSimulator(t, simulator.Options{})
			id := sim.AddBlacklist("Customers", "")
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{
					{Config: configure(sim, test.before(id))},
					{
						Config:            configure(sim, test.after(id)),
						ConfigStateChecks: []statecheck.StateCheck{expectNoneOff(sim, 1)},
					},
					{Config: configure(sim, test.after(id)), ConfigPlanChecks: expectEmptyPlan()},
				},
			})
		})
	}
}

// TestAccHandOverOfMany takes single entries into a list and back, with nothing to tell Terraform what is meant and with
// a removed block.
func TestAccHandOverOfMany(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]string{"authoritative": "", "additive": `mode = "additive"`} {
		t.Run(name, func(t *testing.T) {
			sim := startSimulator(t, simulator.Options{})
			id := sim.AddBlacklist("Customers", "")
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{
					{Config: configure(sim, someEntries(id, 40))},
					{
						PreConfig: sim.ResetJournal,
						Config:    configure(sim, someInBulk(id, 40, mode)+removedBlock(t, "openprospect_blacklist_entry.acme")),
						ConfigStateChecks: []statecheck.StateCheck{
							expectNoneOff(sim, 40), expectCount(sim, http.MethodDelete, entriesPattern, 0), expectCount(sim, http.MethodPost, entriesPattern, 0),
						},
					},
				},
			})
		})
	}
	t.Run("five", func(t *testing.T) {
		sim := startSimulator(t, simulator.Options{})
		id := sim.AddBlacklist("Customers", "")
		resource.ParallelTest(t, resource.TestCase{
			ProtoV6ProviderFactories: factories,
			Steps: []resource.TestStep{
				{Config: configure(sim, someEntries(id, 5))},
				{Config: configure(sim, someInBulk(id, 5)), ConfigStateChecks: []statecheck.StateCheck{expectNoneOff(sim, 5)}},
				// A list gives up as many as it likes.
				{Config: configure(sim, someEntries(id, 5)), ConfigStateChecks: []statecheck.StateCheck{expectNoneOff(sim, 5)}},
			},
		})
	})
	t.Run("created before they are destroyed", func(t *testing.T) {
		sim := startSimulator(t, simulator.Options{})
		id := sim.AddBlacklist("Customers", "")
		config := func(trigger string) string {
			return configure(sim, fmt.Sprintf(`
resource "terraform_data" "trigger" {
  input = %q
}
`, trigger)+strings.Replace(someEntries(id, 7), "count ", `
  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.trigger]
  }
  count `, 1))
		}
		resource.ParallelTest(t, resource.TestCase{
			ProtoV6ProviderFactories: factories,
			Steps: []resource.TestStep{
				{Config: config("one")},
				{Config: config("two"), ConfigStateChecks: []statecheck.StateCheck{expectNoneOff(sim, 7)}},
			},
		})
	})
}

// TestAccHandOverRefused are plans in which a company would be off the list although both what is there now and what
// is wanted hold it.
func TestAccHandOverRefused(t *testing.T) {
	t.Parallel()

	t.Run("an entry imported out of a list", func(t *testing.T) {
		sim := startSimulator(t, simulator.Options{})
		id := sim.AddBlacklist("Customers", "")
		single := entryOn(id, "acme", `company_name = "Acme 1"`, `website_url = "acme-1.com"`)
		imported := fmt.Sprintf("import {\n  to = openprospect_blacklist_entry.acme\n  id = \"%s/website_url=acme-1.com\"\n}\n", id)
		resource.ParallelTest(t, resource.TestCase{
			ProtoV6ProviderFactories: factories,
			Steps: []resource.TestStep{
				{Config: configure(sim, someInBulk(id, 2, `mode = "additive"`))},
				{
					PreConfig:   sim.ResetJournal,
					Config:      configure(sim, imported+single+someInBulk(id, 1, `mode = "additive"`)),
					ExpectError: expectError("take the other resource out of state"),
				},
				{
					// As the message says.
					Config:            configure(sim, single+someInBulk(id, 1, `mode = "additive"`)),
					ConfigStateChecks: []statecheck.StateCheck{expectNoneOff(sim, 2), expectWrites(sim, 0, 0)},
				},
			},
		})
	})

	t.Run("an entry imported while its key gets another company", func(t *testing.T) {
		sim := startSimulator(t, simulator.Options{})
		id := sim.AddBlacklist("Customers", "")
		list := func(website string) string {
			return entriesOn(id, "customers", fmt.Sprintf(`{ "0" = { website_url = %q }, "1" = { website_url = "beta.com" } }`, website), `mode = "additive"`)
		}
		imported := fmt.Sprintf("import {\n  to = openprospect_blacklist_entry.acme\n  id = \"%s/website_url=acme.com\"\n}\n", id)
		resource.ParallelTest(t, resource.TestCase{
			ProtoV6ProviderFactories: factories,
			Steps: []resource.TestStep{
				{Config: configure(sim, list("acme.com"))},
				{
					PreConfig:   sim.ResetJournal,
					Config:      configure(sim, imported+entryOn(id, "acme", `website_url = "acme.com"`)+list("other.com")),
					ExpectError: expectError("one resource gives up acme.com"),
				},
				{
					Config:      configure(sim, entryOn(id, "acme", `website_url = "acme.com"`, `company_name = "Acme"`)+list("other.com")),
					ExpectError: expectError("takes the company over with other fields"),
				},
				{
					Config: configure(sim, entryOn(id, "acme", `website_url = "acme.com"`)+list("other.com")),
					ConfigStateChecks: []statecheck.StateCheck{
						expectNeverOff(sim, func(entry simulator.Entry) bool { return entry.WebsiteURL == "acme.com" }), expectWrites(sim, 1, 0),
					},
				},
			},
		})
	})

	t.Run("an entry imported while it is not known what the other one will hold", func(t *testing.T) {
		sim := startSimulator(t, simulator.Options{})
		id := sim.AddBlacklist("Customers", "")
		imported := fmt.Sprintf("import {\n  to = openprospect_blacklist_entry.renamed\n  id = \"%s/website_url=acme.com\"\n}\n", id)
		resource.ParallelTest(t, resource.TestCase{
			ProtoV6ProviderFactories: factories,
			Steps: []resource.TestStep{
				{Config: configure(sim, entryOn(id, "acme", `website_url = "acme.com"`))},
				{
					PreConfig: sim.ResetJournal,
					Config: configure(sim, imported+entryOn(id, "renamed", `website_url = "acme.com"`)+
						"resource \"terraform_data\" \"site\" {\n  input = \"beta.com\"\n}\n"+entryOn(id, "acme", `website_url = terraform_data.site.output`)),
					ExpectError: expectError("take the other resource out of state"),
				},
				{
					Config:            configure(sim, entryOn(id, "acme", `website_url = "acme.com"`)),
					ConfigStateChecks: []statecheck.StateCheck{expectNeverOff(sim, func(entry simulator.Entry) bool { return entry.WebsiteURL == "acme.com" }), expectWrites(sim, 0, 0)},
				},
			},
		})
	})

	t.Run("renamed on the way", func(t *testing.T) {
		sim := startSimulator(t, simulator.Options{})
		id := sim.AddBlacklist("Customers", "")
		renamed := entryOn(id, "renamed", `company_name = "Acme GmbH"`, `website_url = "acme-0.com"`)
		resource.ParallelTest(t, resource.TestCase{
			ProtoV6ProviderFactories: factories,
			Steps: []resource.TestStep{
				{Config: configure(sim, someInBulk(id, 2, `mode = "additive"`))},
				{
					PreConfig:   sim.ResetJournal,
					Config:      configure(sim, renamed+onlySecond(id)),
					ExpectError: expectError("takes the company over with other fields"),
				},
			},
		})
	})
}

// TestHandOverIsPlanned is a hand-over of which the process that applies it knows nothing but the plan.
func TestHandOverIsPlanned(t *testing.T) {
	t.Parallel()
	for name, takerFirst := range map[string]bool{"taker planned first": true, "leaver planned first": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			id := sim.AddBlacklist("Customers", "")
			arguments := map[string]tftypes.Value{"blacklist_id": text(id), "website_url": text("acme.com")}
			leaver, taker := &protocolResource{name: "openprospect_blacklist_entry"}, &protocolResource{name: "openprospect_blacklist_entry"}
			leaver.apply(t, configuredServer(t, sim), arguments)

			planning := configuredServer(t, sim)
			leaver.read(t, planning)
			var plan *tfprotov6.PlanResourceChangeResponse
			if takerFirst {
				taker.plan(t, planning, arguments)
				plan = leaver.plan(t, planning, nil)
			} else {
				plan = leaver.plan(t, planning, nil)
				taker.plan(t, planning, arguments)
			}
			taker.wantHandOverWarning(t, !takerFirst)

			leaver.carryOut(t, configuredServer(t, sim), plan, nil)
			if got, want := len(entries(sim)), map[bool]int{true: 1, false: 0}[takerFirst]; got != want {
				t.Errorf("%d entries are left, want %d", got, want)
			}
		})
	}
}

// TestHandOverToALaterBlacklist: a resource that moves to a blacklist which is not known yet gives its entry up all the same.
func TestHandOverToALaterBlacklist(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "")
	arguments := map[string]tftypes.Value{"blacklist_id": text(id), "website_url": text("acme.com")}
	leaver, taker := &protocolResource{name: "openprospect_blacklist_entry"}, &protocolResource{name: "openprospect_blacklist_entry"}
	leaver.apply(t, configuredServer(t, sim), arguments)

	planning := configuredServer(t, sim)
	taker.plan(t, planning, arguments)
	moved := map[string]tftypes.Value{"blacklist_id": tftypes.NewValue(tftypes.String, tftypes.UnknownValue), "website_url": text("acme.com")}
	plan := leaver.plan(t, planning, moved)
	// The half of the replacement that destroys.
	plan.PlannedState = objectOrNull(t, providerSchema(t).ResourceSchemas[leaver.name], nil)
	leaver.carryOut(t, configuredServer(t, sim), plan, nil)
	if got := len(entries(sim)); got != 1 {
		t.Errorf("%d entries are left, want the one that is taken over", got)
	}
}

// TestHandOverToTheHolder is a state in which two resources have the same entry, as an import or a killed run leaves it.
func TestHandOverToTheHolder(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "")
	arguments := map[string]tftypes.Value{"blacklist_id": text(id), "website_url": text("acme.com")}
	leaver, holder := &protocolResource{name: "openprospect_blacklist_entry"}, &protocolResource{name: "openprospect_blacklist_entry"}
	leaver.apply(t, configuredServer(t, sim), arguments)
	holder.apply(t, configuredServer(t, sim), arguments)

	planning := configuredServer(t, sim)
	holder.plan(t, planning, arguments)
	leaver.carryOut(t, configuredServer(t, sim), leaver.plan(t, planning, nil), nil)
	if got := len(entries(sim)); got != 1 {
		t.Errorf("%d entries are left, want the holder's", got)
	}
	if !holder.read(t, configuredServer(t, sim)) {
		t.Error("the holder has lost its entry")
	}
}

// wantHandOverWarning: who takes over from a resource that is planned already hears that it does not know of it.
func (r *protocolResource) wantHandOverWarning(t *testing.T, want bool) {
	t.Helper()
	got := strings.Join(r.warnings, "\n")
	if (got != "") != want || want && !strings.Contains(got, "one resource gives up and another one takes over 1 company") {
		t.Errorf("got the warnings %q, want one: %t", r.warnings, want)
	}
}

// TestHandOverByAnUpdate: Terraform plans an update once more at apply, so what its plan has found is told to the user.
func TestHandOverByAnUpdate(t *testing.T) {
	t.Parallel()
	for name, takerFirst := range map[string]bool{"taker planned first": true, "leaver planned first": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			id := sim.AddBlacklist("Customers", "")
			list, taker := &protocolResource{name: entriesType}, &protocolResource{name: "openprospect_blacklist_entry"}
			list.apply(t, configuredServer(t, sim), entriesArguments(id, "additive", `{"A": {"website_url": "acme.com"}, "B": {"website_url": "beta.com"}}`))

			planning := configuredServer(t, sim)
			list.read(t, planning)
			leave := func() { list.plan(t, planning, entriesArguments(id, "additive", `{"B": {"website_url": "beta.com"}}`)) }
			take := func() {
				taker.plan(t, planning, map[string]tftypes.Value{"blacklist_id": text(id), "website_url": text("acme.com")})
			}
			if takerFirst {
				take()
				leave()
			} else {
				leave()
				take()
			}
			taker.wantHandOverWarning(t, !takerFirst)
			list.wantHandOverWarning(t, takerFirst)
		})
	}
}

// TestHandOverOfTheUnknown: who gives up, or who takes over, is not all known when Terraform plans.
func TestHandOverOfTheUnknown(t *testing.T) {
	t.Parallel()
	unknown := tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	const both, second = `{"A": {"website_url": "acme.com"}, "B": {"website_url": "beta.com"}}`, `{"B": {"website_url": "beta.com"}}`
	type values = map[string]tftypes.Value
	entry := func(id string, more values) values {
		arguments := values{"blacklist_id": text(id), "website_url": text("acme.com")}
		maps.Copy(arguments, more)
		return arguments
	}
	for name, test := range map[string]struct {
		leaver, taker string
		// before, after and taken are the arguments of the leaver and of the taker.
		before, after, taken func(id string) values
		takes                string
	}{
		"an entry of an unknown company leaves": {
			singleType, singleType,
			func(id string) values { return entry(id, nil) },
			func(id string) values { return entry(id, values{"website_url": unknown}) },
			func(id string) values { return entry(id, nil) },
			"takes over",
		},
		"a list of unknown mode leaves": {
			entriesType, singleType,
			func(id string) values { return entriesArguments(id, "additive", both) },
			func(id string) values {
				arguments := entriesArguments(id, "additive", second)
				arguments["mode"] = unknown
				return arguments
			},
			func(id string) values { return entry(id, nil) },
			"takes over",
		},
		"an entry of an unknown city takes over": {
			singleType, singleType,
			func(id string) values { return entry(id, nil) },
			func(string) values { return nil },
			func(id string) values { return entry(id, values{"city": unknown}) },
			"may take over",
		},
		"an entry of an unknown company may take over": {
			singleType, singleType,
			func(id string) values { return entry(id, nil) },
			func(string) values { return nil },
			func(id string) values { return entry(id, values{"website_url": unknown}) },
			"may take over",
		},
		"an unknown list may take over": {
			singleType, entriesType,
			func(id string) values { return entry(id, nil) },
			func(string) values { return nil },
			func(id string) values {
				arguments := entriesArguments(id, "additive", both)
				arguments["entries"] = unknown
				return arguments
			},
			"may take over",
		},
		"an entry of another company and an unknown city takes nothing over": {
			singleType, singleType,
			func(id string) values { return entry(id, nil) },
			func(string) values { return nil },
			func(id string) values { return entry(id, values{"website_url": text("other.com"), "city": unknown}) },
			"",
		},
	} {
		for _, takerFirst := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, taker first %t", name, takerFirst), func(t *testing.T) {
				t.Parallel()
				sim := startSimulator(t, simulator.Options{})
				id := sim.AddBlacklist("Customers", "")
				leaver, taker := &protocolResource{name: test.leaver}, &protocolResource{name: test.taker}
				leaver.apply(t, configuredServer(t, sim), test.before(id))

				planning := configuredServer(t, sim)
				leaver.read(t, planning)
				first, second := func() { leaver.plan(t, planning, test.after(id)) }, func() { taker.plan(t, planning, test.taken(id)) }
				if takerFirst {
					first, second = second, first
				}
				first()
				second()
				got := strings.Join(append(leaver.warnings, taker.warnings...), "\n")
				if want := "one resource gives up and another one " + test.takes; strings.Contains(got, want) != (test.takes != "") {
					t.Errorf("got the warnings %q, want %q", got, want)
				}
			})
		}
	}
}

// TestReplacedOnAnUnknownList: Terraform destroys the old object before anybody knows that the new one is for the same list.
func TestReplacedOnAnUnknownList(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string]func(id string) map[string]tftypes.Value{
		singleType: func(id string) map[string]tftypes.Value {
			return map[string]tftypes.Value{"blacklist_id": text(id), "website_url": text("acme.com")}
		},
		entriesType: func(id string) map[string]tftypes.Value {
			return entriesArguments(id, "authoritative", `{"A": {"website_url": "acme.com"}}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			id := sim.AddBlacklist("Customers", "")
			r := &protocolResource{name: name}
			r.apply(t, configuredServer(t, sim), arguments(id))
			planning := configuredServer(t, sim)
			r.read(t, planning)
			r.plan(t, planning, arguments(id))
			if len(r.warnings) > 0 {
				t.Errorf("a plan that changes nothing warns: %q", r.warnings)
			}
			moved := arguments(id)
			moved["blacklist_id"] = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
			r.plan(t, planning, moved)
			if got := strings.Join(r.warnings, "\n"); !strings.Contains(got, "1 company will be taken off the blacklist "+id) {
				t.Errorf("got the warnings %q", got)
			}
		})
	}
}
