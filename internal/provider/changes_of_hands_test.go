package provider_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

const (
	singleType       = "openprospect_blacklist_entry"
	changesHands     = "Companies move between resources"
	stillHeld        = "another one has the same entry in its state"
	withOtherFields  = "another one adds the same company with other fields"
	destroyNothing   = "lifecycle {\n    destroy = false\n  }"
	createdFirst     = "lifecycle {\n    create_before_destroy = true\n  }"
	whenTriggered    = "lifecycle {\n    replace_triggered_by = [terraform_data.trigger]\n  }"
	whenTriggeredNew = "lifecycle {\n    create_before_destroy = true\n    replace_triggered_by  = [terraform_data.trigger]\n  }"
)

// handsWorkspace is a directory with a blacklist on the server, and a module for one company.
type handsWorkspace struct {
	*workspace
	blacklist string
}

func newHandsWorkspace(t *testing.T) *handsWorkspace {
	t.Helper()
	return newHandsWorkspaceOn(t, simulator.Behavior{})
}

func newHandsWorkspaceOn(t *testing.T, behavior simulator.Behavior) *handsWorkspace {
	t.Helper()
	w := &handsWorkspace{workspace: newWorkspace(t, prepareCLI(t), simulator.Options{Behavior: behavior})}
	w.blacklist = w.sim.AddBlacklist("Customers", "")
	if err := os.Mkdir(filepath.Join(w.directory, "company"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.write("company/main.tf", requiredProvider+w.single("this", 0))
	return w
}

func (w *handsWorkspace) configure(blocks ...string) {
	w.t.Helper()
	w.write("main.tf", requiredProvider+configure(w.sim, strings.Join(blocks, "\n")))
}

// single is the numbered company as a resource of its own.
func (w *handsWorkspace) single(name string, number int, extra ...string) string {
	return entryOn(
		w.blacklist,
		name,
		append(extra, fmt.Sprintf("company_name = \"Acme %d\"", number), fmt.Sprintf("website_url = \"acme-%d.com\"", number))...)
}

// each are companies by for_each, whose keys begin with the prefix.
func (w *handsWorkspace) each(name, prefix string, count int, extra ...string) string {
	return entryOn(w.blacklist, name, append(
		extra,
		fmt.Sprintf(
			"for_each = { for i in range(%d) : \"%s-${i}\" => i }",
			count,
			prefix,
		),
		`company_name = "Acme ${each.value}"`,
		`website_url = "acme-${each.value}.com"`,
	)...)
}

// counted are the companies from first to last by count.
func (w *handsWorkspace) counted(first, last int) string {
	return entryOn(w.blacklist, "counted", fmt.Sprintf("count = %d", last-first+1),
		fmt.Sprintf("company_name = \"Acme ${count.index + %d}\"", first), fmt.Sprintf("website_url = \"acme-${count.index + %d}.com\"", first))
}

// list are companies as a list, whose keys begin with the prefix.
func (w *handsWorkspace) list(prefix string, count int, arguments ...string) string {
	return entriesBlock("customers", fmt.Sprintf("%q", w.blacklist), fmt.Sprintf(
		`jsonencode({ for i in range(%d) : "%s-${i}" => { company_name = "Acme ${i}", website_url = "acme-${i}.com" } })`,
		count,
		prefix,
	), arguments...)
}

func removedOf(address string) string {
	return fmt.Sprintf("removed {\n  from = %s\n  %s\n}\n", address, destroyNothing)
}

// wantOnce checks that the blacklist holds the companies from first to last, each once and nothing else, and that the
// next plan is empty.
func (w *handsWorkspace) wantOnce(first, last int) {
	w.t.Helper()
	blacklist, _ := w.sim.Blacklist(w.blacklist)
	times := make(map[string]int)
	for _, entry := range blacklist.Entries {
		times[entry.CompanyName]++
	}
	for i := first; i <= last; i++ {
		if name := fmt.Sprintf("Acme %d", i); times[name] != 1 {
			w.t.Errorf("%s is on the blacklist %d times", name, times[name])
		}
	}
	if len(blacklist.Entries) != last-first+1 {
		w.t.Errorf("%d entries, want %d", len(blacklist.Entries), last-first+1)
	}
	w.terraform("plan", "-detailed-exitcode")
}

// said is what terraform printed, without its line breaks.
func said(output string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(output, "│", " ")), " ")
}

// TestAccChangesOfHands are refactorings without a word to Terraform of what is meant, or with one: after the apply each
// company is on the blacklist once, and the next plan is empty.
func TestAccChangesOfHands(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, after func(w *handsWorkspace) []string
		// count is how many companies there are after the apply, from first on.
		first, count int
		// warns is true if the plan says that companies are off the blacklist in between.
		warns bool
		// writes is false if the apply must send none.
		writes bool
	}{
		"40 renamed keys of for_each": {
			func(w *handsWorkspace) []string { return []string{w.each("acme", "old", 40)} },
			func(w *handsWorkspace) []string { return []string{w.each("acme", "new", 40)} }, 0, 40, true, true,
		},
		"40 entries turned into a list": {
			func(w *handsWorkspace) []string { return []string{w.each("acme", "one", 40)} },
			func(w *handsWorkspace) []string { return []string{w.list("crm", 40)} }, 0, 40, true, true,
		},
		"a list turned into 40 entries": {
			func(w *handsWorkspace) []string { return []string{w.list("crm", 40)} },
			func(w *handsWorkspace) []string { return []string{w.each("acme", "one", 40)} }, 0, 40, true, true,
		},
		"40 entries turned into an additive list": {
			func(w *handsWorkspace) []string { return []string{w.each("acme", "one", 40)} },
			func(w *handsWorkspace) []string { return []string{w.list("crm", 40, `mode = "additive"`)} }, 0, 40, true, true,
		},
		"40 entries turned into a list, with a removed block": {
			func(w *handsWorkspace) []string { return []string{w.each("acme", "one", 40)} },
			func(w *handsWorkspace) []string { return []string{w.list("crm", 40), removedOf(singleType + ".acme")} }, 0, 40, false, false,
		},
		"a list turned into 40 entries, with a removed block": {
			func(w *handsWorkspace) []string { return []string{w.list("crm", 40)} },
			func(w *handsWorkspace) []string {
				return []string{w.each("acme", "one", 40), removedOf(entriesType + ".customers")}
			}, 0, 40, false, false,
		},
		"40 renamed keys of for_each, with another name and a removed block": {
			func(w *handsWorkspace) []string { return []string{w.each("acme", "old", 40)} },
			func(w *handsWorkspace) []string {
				return []string{w.each("companies", "new", 40), removedOf(singleType + ".acme")}
			}, 0, 40, false, false,
		},
		"a count of 20 that loses its first": {
			func(w *handsWorkspace) []string { return []string{w.counted(0, 19)} },
			func(w *handsWorkspace) []string { return []string{w.counted(1, 19)} }, 1, 19, true, true,
		},
		"a renamed entry": {
			func(w *handsWorkspace) []string { return []string{w.single("old", 0)} },
			func(w *handsWorkspace) []string { return []string{w.single("new", 0)} }, 0, 1, true, true,
		},
		"a renamed entry, with a moved block": {
			func(w *handsWorkspace) []string { return []string{w.single("old", 0)} },
			func(w *handsWorkspace) []string {
				return []string{w.single("new", 0), "moved {\n  from = " + singleType + ".old\n  to   = " + singleType + ".new\n}\n"}
			}, 0, 1, false, false,
		},
		"an entry moved into a module": {
			func(w *handsWorkspace) []string { return []string{w.single("outside", 0)} },
			func(*handsWorkspace) []string { return []string{"module \"inside\" {\n  source = \"./company\"\n}\n"} }, 0, 1, true, true,
		},
		"a list whose keys are all renamed": {
			func(w *handsWorkspace) []string { return []string{w.list("old", 40)} },
			func(w *handsWorkspace) []string { return []string{w.list("new", 40)} }, 0, 40, false, false,
		},
		"two entries that swap their companies": {
			func(w *handsWorkspace) []string { return []string{w.single("left", 0), w.single("right", 1)} },
			func(w *handsWorkspace) []string { return []string{w.single("left", 1), w.single("right", 0)} }, 0, 2, true, true,
		},
		"an entry moved into a list that exists": {
			func(w *handsWorkspace) []string {
				return []string{w.single("acme", 1), w.list("crm", 1, `mode = "additive"`)}
			},
			func(w *handsWorkspace) []string { return []string{w.list("crm", 2, `mode = "additive"`)} }, 0, 2, true, true,
		},
		"an entry moved out of a list": {
			func(w *handsWorkspace) []string { return []string{w.list("crm", 2, `mode = "additive"`)} },
			func(w *handsWorkspace) []string {
				return []string{w.single("acme", 1), w.list("crm", 1, `mode = "additive"`)}
			}, 0, 2, true, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if missing := featureMissing(t, removedLifecycle); missing != "" && strings.Contains(name, "removed block") {
				t.Skip(missing)
			}
			w := newHandsWorkspace(t)
			w.configure(test.before(w)...)
			w.terraform("apply", "-auto-approve")
			w.sim.ResetJournal()
			w.configure(test.after(w)...)
			w.terraform("get")
			output := w.terraform("apply", "-auto-approve")
			if warns := strings.Contains(output, changesHands); warns != test.warns {
				t.Errorf("the plan warns: %t\n%s", warns, output)
			}
			if writes := w.sim.Count(http.MethodPost, "")+w.sim.Count(http.MethodDelete, "") > 0; writes && !test.writes {
				t.Errorf("something was sent: %d POSTs, %d DELETEs", w.sim.Count(http.MethodPost, ""), w.sim.Count(http.MethodDelete, ""))
			}
			w.wantOnce(test.first, test.first+test.count-1)
		})
	}
}

// TestAccChangeOfHandsInterrupted is a rename whose apply fails half way: the old entries are removed and the new ones
// are not added. The next apply adds them.
func TestAccChangeOfHandsInterrupted(t *testing.T) {
	t.Parallel()
	w := newHandsWorkspace(t)
	w.configure(w.each("acme", "old", 5))
	w.terraform("apply", "-auto-approve")
	w.configure(w.each("acme", "new", 5))
	w.sim.Inject(simulator.Fault{Method: http.MethodPost, Pattern: entriesPattern, Status: http.StatusForbidden, Times: -1})
	output := said(w.refused("apply", "-auto-approve", "-parallelism=1"))
	if !strings.Contains(output, changesHands) {
		t.Errorf("the plan does not warn:\n%s", output)
	}
	w.sim.ClearFaults()
	w.terraform("apply", "-auto-approve")
	w.wantOnce(0, 4)
}

// TestAccChangeOfHandsHeld are states in which two resources have the same entry, as an import or a run that was cut
// short leaves them. The plan refuses to remove what the other one keeps, and what it says leads to an empty plan.
func TestAccChangeOfHandsHeld(t *testing.T) {
	t.Parallel()
	if missing := featureMissing(t, removedLifecycle); missing != "" {
		t.Skip(missing)
	}
	imported := func(w *handsWorkspace, address string) string {
		return fmt.Sprintf("import {\n  to = %s\n  id = \"%s/website_url=acme-1.com\"\n}\n", address, w.blacklist)
	}
	additive := `mode = "additive"`
	t.Run("an entry imported out of a list", func(t *testing.T) {
		t.Parallel()
		w := newHandsWorkspace(t)
		w.configure(w.list("crm", 2, additive))
		w.terraform("apply", "-auto-approve")
		w.configure(w.list("crm", 1, additive), w.single("acme", 1), imported(w, singleType+".acme"))
		output := said(w.refused("plan"))
		if !strings.Contains(output, stillHeld) || !strings.Contains(output, "just added an import block: remove it") {
			t.Errorf("got %s", output)
		}
		w.configure(w.list("crm", 1, additive), w.single("acme", 1))
		w.terraform("apply", "-auto-approve")
		w.wantOnce(0, 1)
	})
	t.Run("an entry that goes, imported by another one", func(t *testing.T) {
		t.Parallel()
		w := newHandsWorkspace(t)
		w.configure(w.single("old", 1))
		w.terraform("apply", "-auto-approve")
		w.configure(w.single("new", 1), imported(w, singleType+".new"))
		if output := said(w.refused("plan")); !strings.Contains(output, stillHeld) || !strings.Contains(output, "removed block") {
			t.Errorf("got %s", output)
		}
		w.sim.ResetJournal()
		w.configure(w.single("new", 1), imported(w, singleType+".new"), removedOf(singleType+".old"))
		w.terraform("apply", "-auto-approve")
		w.wantOnce(1, 1)
		if got := w.sim.Count(http.MethodDelete, ""); got != 0 {
			t.Errorf("%d DELETEs", got)
		}
	})
	t.Run("a key of for_each that goes, imported by another one", func(t *testing.T) {
		t.Parallel()
		w := newHandsWorkspace(t)
		w.configure(w.each("acme", "one", 2))
		w.terraform("apply", "-auto-approve")
		w.configure(w.each("acme", "one", 1), w.single("new", 1), imported(w, singleType+".new"))
		if output := said(w.refused("plan")); !strings.Contains(output, stillHeld) || !strings.Contains(output, "terraform state rm") {
			t.Errorf("got %s", output)
		}
		w.terraform("state", "rm", singleType+`.acme["one-1"]`)
		w.terraform("apply", "-auto-approve")
		w.wantOnce(0, 1)
	})
	t.Run("the double of a row of a list that goes, imported by an entry", func(t *testing.T) {
		t.Parallel()
		w := newHandsWorkspaceOn(t, simulator.Behavior{KeepDuplicates: true})
		w.configure(w.list("crm", 2))
		w.terraform("apply", "-auto-approve")
		double := w.sim.AddEntries(w.blacklist, simulator.Entry{CompanyName: "Acme 1", WebsiteURL: "acme-1.com"})[0]
		w.terraform("apply", "-auto-approve", "-refresh-only")
		w.configure(w.single("acme", 1), fmt.Sprintf("import {\n  to = %s.acme\n  id = \"%s/%s\"\n}\n", singleType, w.blacklist, double))
		if output := said(w.refused("plan")); !strings.Contains(output, stillHeld) {
			t.Errorf("got %s", output)
		}
	})
	t.Run("a deposed object", func(t *testing.T) {
		t.Parallel()
		for kind, block := range map[string]func(w *handsWorkspace) (string, string){
			"list": func(w *handsWorkspace) (string, string) {
				return entriesType + ".customers", w.list("crm", 2, whenTriggeredNew)
			},
			"entry": func(w *handsWorkspace) (string, string) {
				return singleType + ".acme", w.single("acme", 0, whenTriggeredNew)
			},
		} {
			t.Run(kind, func(t *testing.T) {
				t.Parallel()
				w := newHandsWorkspace(t)
				address, resource := block(w)
				configure := func(trigger, command string) {
					w.configure(resource, fmt.Sprintf("resource \"terraform_data\" \"trigger\" {\n  input = %q\n}\n", trigger), fmt.Sprintf(
						"resource \"terraform_data\" \"after\" {\n  depends_on = [%s]\n  triggers_replace = %q\n  provisioner \"local-exec\" {\n    "+
							"command = %q\n  }\n}\n",
						address,
						trigger,
						command,
					))
				}
				configure("one", "true")
				w.terraform("apply", "-auto-approve")
				configure("two", "exit 1")
				w.refused("apply", "-auto-approve")
				configure("two", "true")
				if output := said(w.refused("plan")); !strings.Contains(output, stillHeld) || !strings.Contains(output, "deposed object") {
					t.Errorf("got %s", output)
				}
				w.terraform("state", "rm", address)
				w.terraform("apply", "-auto-approve")
				last := map[string]int{"list": 1, "entry": 0}[kind]
				w.wantOnce(0, last)
				if err := expectNeverOff(w.sim, named("Acme 0"))(); err != nil {
					t.Error(err)
				}
			})
		}
	})
}

// TestAccChangeOfHandsWithOtherFields: the old entry would be in the way of the new one.
func TestAccChangeOfHandsWithOtherFields(t *testing.T) {
	t.Parallel()
	w := newHandsWorkspace(t)
	renamed := entryOn(w.blacklist, "new", `company_name = "Acme GmbH"`, `website_url = "acme-0.com"`)
	w.configure(w.single("old", 0))
	w.terraform("apply", "-auto-approve")
	w.configure(renamed)
	if output := said(w.refused("plan")); !strings.Contains(output, withOtherFields) || !strings.Contains(output, "moved block") {
		t.Errorf("got %s", output)
	}
	w.configure(renamed, "moved {\n  from = "+singleType+".old\n  to   = "+singleType+".new\n}\n")
	w.terraform("apply", "-auto-approve")
	w.terraform("plan", "-detailed-exitcode")
	onSite := func(entry simulator.Entry) bool { return entry.WebsiteURL == "acme-0.com" }
	if err := expectNeverOff(w.sim, onSite)(); err != nil {
		t.Error(err)
	}
}

// TestAccReplaced: a forced replacement does what it says. With create_before_destroy nobody is off the blacklist.
func TestAccReplaced(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lifecycle string
		neverOff  bool
	}{"the old object first": {whenTriggered, false}, "the new object first": {whenTriggeredNew, true}} {
		for kind, mode := range map[string]string{"list": "authoritative", "additive list": "additive", "entry": ""} {
			t.Run(kind+", "+name, func(t *testing.T) {
				t.Parallel()
				w := newHandsWorkspace(t)
				block := w.single("acme", 0, test.lifecycle)
				last := 0
				if mode != "" {
					block, last = w.list("crm", 3, fmt.Sprintf("mode = %q", mode), test.lifecycle), 2
				}
				trigger := func(value string) {
					w.configure(block, fmt.Sprintf("resource \"terraform_data\" \"trigger\" {\n  input = %q\n}\n", value))
				}
				trigger("one")
				w.terraform("apply", "-auto-approve")
				trigger("two")
				w.terraform("apply", "-auto-approve")
				w.wantOnce(0, last)
				if err := expectNeverOff(w.sim, named("Acme 0"))(); (err == nil) != test.neverOff {
					t.Errorf("Acme 0: %v", err)
				}
			})
		}
	}
}

// TestAccMovedToAnotherBlacklist: the old blacklist keeps nobody, whichever object is first; one that is replaced itself
// and holds what others have added is not destroyed.
func TestAccMovedToAnotherBlacklist(t *testing.T) {
	t.Parallel()
	for _, lifecycle := range []string{"", createdFirst} {
		for kind, block := range map[string]func(blacklist string) string{
			"list": func(blacklist string) string {
				return entriesBlock("customers", blacklist, `jsonencode({ a = { company_name = "Acme 0", website_url = "acme-0.com" } })`, lifecycle)
			},
			"entry": func(blacklist string) string {
				return entryBlock("acme", blacklist, `company_name = "Acme 0"`, `website_url = "acme-0.com"`, lifecycle)
			},
		} {
			t.Run(fmt.Sprintf("%s, new first %t", kind, lifecycle != ""), func(t *testing.T) {
				t.Parallel()
				w := newHandsWorkspace(t)
				other := w.sim.AddBlacklist("Other", "")
				w.configure(block(fmt.Sprintf("%q", other)))
				w.terraform("apply", "-auto-approve")
				w.configure(block(fmt.Sprintf("%q", w.blacklist)))
				w.terraform("apply", "-auto-approve")
				w.wantOnce(0, 0)
				if old, _ := w.sim.Blacklist(other); len(old.Entries) > 0 {
					t.Errorf("the old blacklist holds %v", old.Entries)
				}
				if err := expectNeverOff(w.sim, named("Acme 0"))(); (err == nil) != (lifecycle != "") {
					t.Errorf("Acme 0: %v", err)
				}
			})
		}
	}
	t.Run("with its blacklist", func(t *testing.T) {
		t.Parallel()
		w := newHandsWorkspace(t)
		configure := func(trigger string) {
			w.configure(fmt.Sprintf("resource \"terraform_data\" \"trigger\" {\n  input = %q\n}\n", trigger),
				"resource \"openprospect_blacklist\" \"replaced\" {\n  name = \"Replaced\"\n  "+whenTriggeredNew+"\n}\n",
				entryBlock("acme", "openprospect_blacklist.replaced.id", `company_name = "Acme 0"`, `website_url = "acme-0.com"`, createdFirst))
		}
		configure("one")
		w.terraform("apply", "-auto-approve")
		old := w.sim.Blacklists()[1].ID
		others := w.sim.AddEntries(old, simulator.Entry{WebsiteURL: "others.example"})
		configure("two")
		if output := said(
			w.refused("apply", "-auto-approve"),
		); !strings.Contains(
			output,
			"still contains 1 entry that this run does not remove",
		) {
			t.Errorf("got %s", output)
		}
		// In the dashboard.
		w.sim.RemoveEntries(old, others[0])
		w.terraform("apply", "-auto-approve")
		if got := len(w.sim.Blacklists()); got != 2 {
			t.Errorf("%d blacklists, want the new one and that of the server", got)
		}
		if err := expectNeverOff(w.sim, named("Acme 0"))(); err != nil {
			t.Error(err)
		}
	})
}

// TestChangesOfHandsAtApply applies what two resources have planned in one process, in either order.
func TestChangesOfHandsAtApply(t *testing.T) {
	t.Parallel()
	for name, takerFirst := range map[string]bool{"added first": true, "removed first": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			id := sim.AddBlacklist("Customers", "")
			arguments := map[string]tftypes.Value{"blacklist_id": text(id), "website_url": text("acme.com")}
			giver, taker := &protocolResource{name: singleType}, &protocolResource{name: singleType}
			giver.apply(t, configuredServer(t, sim), arguments)

			planning := configuredServer(t, sim)
			giver.read(t, planning)
			var destruction *tfprotov6.PlanResourceChangeResponse
			warnings := 0
			plan := []func(){
				func() { destruction = giver.plan(t, planning, nil); warnings += len(giver.warnings) },
				func() { taker.plan(t, planning, arguments); warnings += len(taker.warnings) },
			}
			// Whichever is planned first, the second one warns.
			first, second := plan[0], plan[1]
			if takerFirst {
				first, second = second, first
			}
			first()
			second()
			if warnings != 1 {
				t.Errorf("%d warnings, want one", warnings)
			}

			applying := configuredServer(t, sim)
			remove := func() { giver.carryOut(t, applying, destruction, nil) }
			add := func() { taker.apply(t, applying, arguments) }
			if takerFirst {
				add()
				remove()
			} else {
				remove()
				add()
			}
			if got := len(entries(sim)); got != 1 {
				t.Errorf("%d entries, want one", got)
			}
			if !taker.read(t, configuredServer(t, sim)) {
				t.Error("the resource has lost its entry")
			}
		})
	}
}

// TestReplacedOnAnUnknownList: Terraform destroys the old object before anybody knows that the new one is for the same
// list.
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
			if got := strings.Join(r.warnings, "\n"); !strings.Contains(got, "1 company is removed from the blacklist "+id+" first") {
				t.Errorf("got the warnings %q", got)
			}
		})
	}
}
