package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

const placedTwice = "error: Discovery order would be placed twice"

// Whichever of the two Terraform plans first, one error tells of the pair.
func TestOrderPlanRenamed(t *testing.T) {
	t.Parallel()
	unknownText, unknownSet := tftypes.NewValue(
		tftypes.String,
		tftypes.UnknownValue,
	), tftypes.NewValue(
		tftypes.Set{ElementType: tftypes.String},
		tftypes.UnknownValue,
	)
	for name, test := range map[string]struct {
		changes map[string]tftypes.Value
		want    bool
	}{
		"the same":                   {nil, true},
		"spelled otherwise":          {map[string]tftypes.Value{"title": text(" DACH SaaS\n"), "priority": text("NORMAL")}, true},
		"an argument not known yet":  {map[string]tftypes.Value{"blacklist_ids": unknownSet}, true},
		"another title":              {map[string]tftypes.Value{"title": text("Another")}, false},
		"another profile":            {map[string]tftypes.Value{"ideal_customer_profile": text("Another")}, false},
		"what the API does not echo": {map[string]tftypes.Value{"contact_roles": setValue("CEO")}, false},
		"title not known yet":        {map[string]tftypes.Value{"title": unknownText}, false},
		"profile not known yet":      {map[string]tftypes.Value{"ideal_customer_profile": unknownText}, false},
		"profile_id not known yet":   {map[string]tftypes.Value{"profile_id": unknownText}, false},
		"meant":                      {map[string]tftypes.Value{"allow_duplicate": boolValue(true)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			p := newOrderProtocol(t)
			config := orderConfig(test.changes)
			place := func() []*tfprotov6.Diagnostic { return p.plan(nil, config, nil).Diagnostics }
			forget := func() []*tfprotov6.Diagnostic { return p.plan(orderState(nil), nil, nil).Diagnostics }

			p.server = configuredServer(t, sim)
			expectErrors(t, place())
			expectErrors(t, forget(), onlyIf(test.want, placedTwice)...)
			// Terraform may plan a resource twice.
			expectErrors(t, forget())

			p.server = configuredServer(t, sim)
			expectErrors(t, forget())
			expectErrors(t, forget())
			expectErrors(t, place(), onlyIf(test.want, placedTwice)...)
			expectErrors(t, forget())
		})
	}
}

// What is forgotten because another order replaces it counts as well, unless it is replaced by the same.
func TestOrderPlanRenamedAndReplaced(t *testing.T) {
	t.Parallel()
	state := func(id, title string) map[string]tftypes.Value {
		return orderState(map[string]tftypes.Value{"id": text(id), "title": text(title)})
	}
	titled := func(title string) map[string]tftypes.Value {
		return orderConfig(map[string]tftypes.Value{"title": text(title)})
	}
	unknownSet := tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, tftypes.UnknownValue)
	unknownLists := orderConfig(map[string]tftypes.Value{"title": text("One"), "blacklist_ids": unknownSet})

	type call struct {
		prior, config map[string]tftypes.Value
		want          []string
	}
	for name, calls := range map[string][]call{
		"shifted": {
			{state("1", "One"), titled("Two"), nil},
			{state("2", "Two"), titled("Three"), []string{placedTwice}},
			{state("3", "Three"), nil, []string{placedTwice}},
		},
		"swapped": {
			{state("1", "One"), titled("Two"), nil},
			{state("2", "Two"), titled("One"), []string{placedTwice, placedTwice}},
		},
		"its own replacement": {
			{state("1", "One"), unknownLists, nil},
			{state("2", "One"), unknownLists, nil},
		},
		"planned otherwise before it was read": {
			{state("1", "One"), titled("Two"), nil},
			{state("1", "Two"), titled("Two"), nil},
			{nil, titled("One"), nil},
			{state("2", "Two"), nil, nil},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newOrderProtocol(t)
			p.server = configuredServer(t, startSimulator(t, simulator.Options{}))
			for _, call := range calls {
				expectErrors(t, p.plan(call.prior, call.config, nil).Diagnostics, call.want...)
			}
		})
	}
	t.Run("forced", func(t *testing.T) {
		t.Parallel()
		p := newOrderProtocol(t)
		p.server = configuredServer(t, startSimulator(t, simulator.Options{}))
		first := p.plan(state("1", "One"), titled("One"), nil)
		expectErrors(t, first.Diagnostics)
		expectErrors(t, p.plan(nil, titled("One"), first.PlannedPrivate).Diagnostics)
		expectErrors(t, p.plan(state("2", "One"), nil, nil).Diagnostics)
	})
}

// With create_before_destroy, Terraform plans the destruction of the old object at apply, after the other order was placed.
func TestOrderPlanRenamedOnlyInThePlan(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	p := newOrderProtocol(t)
	p.server = configuredServer(t, sim)
	order := &protocolResource{name: orderType}
	order.apply(t, p.server, orderConfig(nil))
	expectErrors(t, p.plan(orderState(nil), nil, nil).Diagnostics)
}

func onlyIf(condition bool, want ...string) []string {
	if condition {
		return want
	}
	return nil
}

// expectErrors is expectDiagnostics without the warnings.
func expectErrors(t *testing.T, diagnostics []*tfprotov6.Diagnostic, want ...string) {
	t.Helper()
	var errors []*tfprotov6.Diagnostic
	for _, diagnostic := range diagnostics {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			errors = append(errors, diagnostic)
		}
	}
	expectDiagnostics(t, errors, want...)
}

// orderWorkspace is a directory with orders, and a module for one order.
func orderWorkspace(t *testing.T) *workspace {
	t.Helper()
	w := newWorkspace(t, prepareCLI(t), simulator.Options{})
	if err := os.Mkdir(filepath.Join(w.directory, "order"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.write(
		"order/main.tf",
		requiredProvider+"variable \"blacklist_ids\" {\n  type = set(string)\n}\n"+titledOrderHCL("this", `"Module"`, "var.blacklist_ids"),
	)
	return w
}

func titledOrderHCL(name, title, blacklists string, extra ...string) string {
	return namedOrderHCL(
		name,
		requiredArguments.with(arguments{"title": title, "blacklist_ids": blacklists, "allow_empty_blacklists": "true"}),
		extra...)
}

// A refactoring without a moved block orders nothing: the plan is an error, and what it says to do leads to an empty plan. All
// in one configuration: orders of other arguments do not disturb each other.
func TestAccDiscoveryOrder_renamed(t *testing.T) {
	t.Parallel()
	for name, lists := range map[string]struct{ before, after string }{
		"blacklists known":   {"a", "a"},
		"blacklists renamed": {"a", "b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := orderWorkspace(t)
			list := func(name string) (string, string) {
				return fmt.Sprintf(
					"resource \"openprospect_blacklist\" %q {\n  name = \"Customers\"\n}\n",
					name,
				), "[openprospect_blacklist." + name + ".id]"
			}
			write := func(hcl ...string) { w.write("main.tf", requiredProvider+configure(w.sim, strings.Join(hcl, "\n"))) }
			each := func(names string) string { return "for_each = toset([" + names + "])" }
			indexed := "local.titles[count.index]"

			block, ids := list(lists.before)
			write(block,
				titledOrderHCL("old", `"Renamed"`, ids),
				titledOrderHCL("outside", `"Module"`, ids),
				titledOrderHCL("each", `"Keyed"`, ids, each(`"a"`)),
				titledOrderHCL("left", `"Left"`, ids), titledOrderHCL("right", `"Right"`, ids),
				titledOrderHCL("list", indexed, ids, "count = 3"), "locals {\n  titles = [\"One\", \"Two\", \"Three\"]\n}\n",
			)
			w.terraform("apply", "-auto-approve")
			if got := len(w.sim.Orders()); got != 8 {
				t.Fatalf("%d orders, want 8", got)
			}

			block, ids = list(lists.after)
			after := []string{
				block,
				titledOrderHCL("new", `"Renamed"`, ids),
				"module \"inside\" {\n  source = \"./order\"\n  blacklist_ids = " + ids + "\n}\n",
				titledOrderHCL("each", `"Keyed"`, ids, each(`"b"`)),
				titledOrderHCL("left", `"Right"`, ids), titledOrderHCL("right", `"Left"`, ids),
				titledOrderHCL("list", indexed, ids, "count = 2"), "locals {\n  titles = [\"Two\", \"Three\"]\n}\n",
			}
			write(after...)
			w.terraform("get")
			said := strings.Join(strings.Fields(w.refused("plan")), " ")
			if got := strings.Count(said, "Discovery order would be placed twice"); got != 7 {
				t.Errorf("%d errors, want one for each of the 7 orders that have another address:\n%s", got, said)
			}
			if unknown := strings.Contains(said, "blacklist_ids are not known yet"); unknown != (lists.before != lists.after) {
				t.Errorf("unknown blacklists are mentioned: %t", unknown)
			}

			moved := func(from, to string) string {
				return fmt.Sprintf("moved {\n  from = %s\n  to   = %s\n}\n", from, to)
			}
			after = append(after,
				moved(orderType+".old", orderType+".new"),
				moved(orderType+".outside", "module.inside."+orderType+".this"),
				moved(orderType+`.each["a"]`, orderType+`.each["b"]`))
			if lists.before != lists.after {
				after = append(after, moved("openprospect_blacklist."+lists.before, "openprospect_blacklist."+lists.after))
			}
			write(after...)
			mv := func(from, to string) { w.terraform("state", "mv", orderType+"."+from, orderType+"."+to) }
			mv("left", "third")
			mv("right", "left")
			mv("third", "right")
			w.terraform("state", "rm", orderType+".list[0]")
			mv("list[1]", "list[0]")
			mv("list[2]", "list[1]")
			// Moved blocks are a change of state, so that only the plan after the apply is empty.
			if said := w.terraform("apply", "-auto-approve"); !strings.Contains(said, "0 added, 0 changed, 0 destroyed") {
				t.Errorf("the moves change something:\n%s", said)
			}
			w.terraform("plan", "-detailed-exitcode")
			if got := len(w.sim.Orders()); got != 8 {
				t.Errorf("%d orders, want 8", got)
			}
		})
	}
}

// What is no rename is carried out, all in one run.
func TestAccDiscoveryOrder_notRenamed(t *testing.T) {
	t.Parallel()
	w := orderWorkspace(t)
	order := func(name, title string, changes arguments, extra ...string) string {
		return namedOrderHCL(name, requiredArguments.with(arguments{"title": title, "allow_duplicate": "null"}).with(changes), extra...)
	}
	const createFirst = "lifecycle {\n    create_before_destroy = true\n  }"
	// Forced, with nothing changed, and created first: the old order would be a twin of the new one.
	forced := order("forced", `"Forced"`, arguments{"allow_duplicate": "true"}, createFirst)
	tainted := order("tainted", `"Tainted"`, nil)
	write := func(hcl ...string) { w.write("main.tf", requiredProvider+configure(w.sim, strings.Join(hcl, "\n"))) }
	write(forced, tainted,
		order("profile", `"Profile"`, nil),
		order("first", `"First"`, nil, createFirst),
		order("kept", `"Alike"`, nil), order("removed", `"Alike"`, nil),
		order("from", `"Moved"`, nil),
		order("old", `"Old"`, nil),
	)
	w.terraform("apply", "-auto-approve")
	w.terraform("taint", orderType+".tainted")

	write(forced, tainted,
		order("profile", `"Profile"`, arguments{"ideal_customer_profile": `"Another"`}),
		order("first", `"Another"`, nil, createFirst),
		order("kept", `"Alike"`, nil),
		order("to", `"Moved"`, nil), "moved {\n  from = openprospect_discovery_order.from\n  to = openprospect_discovery_order.to\n}\n",
		order("new", `"Old"`, arguments{"ideal_customer_profile": `"Another"`}),
	)
	said := w.terraform("apply", "-auto-approve", "-replace="+orderType+".forced")
	if !strings.Contains(said, "5 added, 0 changed, 6 destroyed") {
		t.Errorf("want 5 orders placed, and one forgotten besides:\n%s", said)
	}
	if got := len(w.sim.Orders()); got != 13 {
		t.Errorf("%d orders, want 8 and 5 more", got)
	}
	w.terraform("plan", "-detailed-exitcode")
}

// A configuration that is renamed and then to be destroyed: Terraform plans the creation first, unless it is not to refresh.
func TestAccDiscoveryOrder_renamedAndDestroyed(t *testing.T) {
	t.Parallel()
	w := orderWorkspace(t)
	write := func(name string) {
		w.write("main.tf", requiredProvider+configure(w.sim, namedOrderHCL(name, requiredArguments)))
	}
	write("old")
	w.terraform("apply", "-auto-approve")
	write("new")
	if said := strings.Join(
		strings.Fields(w.refused("destroy", "-auto-approve")),
		" ",
	); !strings.Contains(
		said,
		"terraform destroy -refresh=false",
	) {
		t.Errorf("the message does not say how to destroy:\n%s", said)
	}
	w.terraform("destroy", "-auto-approve", "-refresh=false")
	if got := len(w.sim.Orders()); got != 1 {
		t.Errorf("%d orders, want 1", got)
	}
}
