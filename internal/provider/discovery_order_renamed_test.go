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

// An order whose profile is not known yet is the same as one whose profile is forgotten, if the same profile is created again.
// Whichever of the four plans comes last tells of it, once.
func TestOrderPlanRenamedWithProfile(t *testing.T) {
	t.Parallel()
	sim := startNewest(t, simulator.Behavior{})
	const otherProfile = "00000000-0000-4000-8000-00000000ffff"
	heldProfile := profileConfig(map[string]tftypes.Value{
		"id": text("11111111-1111-4111-8111-111111111111"), "creation_id": text("c1"), "status": text("SUCCEEDED"),
	})
	unknownText := tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	type values = map[string]tftypes.Value
	type call struct {
		resource      string
		prior, config values
	}
	order := func(changes values) values {
		return merge(profileOrderConfig(""), merge(values{"profile_id": unknownText}, changes))
	}
	held := func(changes values) values {
		state := merge(orderState(nil), profileOrderConfig("11111111-1111-4111-8111-111111111111"))
		for _, name := range []string{"ideal_customer_profile", "seller_offering", "target_countries"} {
			delete(state, name)
		}
		return merge(state, changes)
	}
	placed, forgotten := call{orderType, nil, order(nil)}, call{orderType, held(nil), nil}
	created, dropped := call{profileType, nil, profileConfig(nil)}, call{profileType, heldProfile, nil}
	plan := func(t *testing.T, server tfprotov6.ProviderServer, call call) int {
		t.Helper()
		resource := &protocolResource{name: call.resource}
		if call.prior != nil {
			resource.state = dynamicValue(t, providerSchema(t).ResourceSchemas[call.resource], call.prior)
		}
		_, failed := resource.tryPlan(t, server, call.config)
		got := strings.Count(failed, strings.TrimPrefix(placedTwice, "error: "))
		if got == 0 && failed != "" {
			t.Error(failed)
		}
		if got > 0 && strings.Count(failed, "from = ") != 2 {
			t.Errorf("want a moved block for each of the two in: %s", failed)
		}
		return got
	}

	four := []call{placed, forgotten, created, dropped}
	for first := range four {
		for second := range four {
			for third := range four {
				last := 6 - first - second - third
				if first == second || first == third || second == third {
					continue
				}
				server := configuredServer(t, sim)
				for i, next := range []int{first, second, third, last, first, second, third, last} {
					if got, want := plan(t, server, four[next]), map[bool]int{true: 1}[i == 3]; got != want {
						t.Errorf("%d, %d, %d, %d: plan %d tells of %d pairs, want %d", first, second, third, last, i, got, want)
					}
				}
			}
		}
	}

	otherOrder := values{"id": text("22222222-2222-4222-8222-222222222222")}
	for name, test := range map[string]struct {
		calls []call
		want  int
	}{
		"spelled otherwise": {[]call{dropped, forgotten, {profileType, nil, profileConfig(values{
			"name": text(" DACH SaaS\n"), "target_countries": setValue("Austria", "Germany"),
			"keepers": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{}),
		})}, placed}, 1},
		"an argument of the profile not known yet": {
			[]call{dropped, forgotten, {profileType, nil, profileConfig(values{"seller_offering": unknownText})}, placed}, 1,
		},
		"the content of the profile not known yet": {
			[]call{dropped, forgotten, {profileType, nil, profileConfig(values{"ideal_customer_profile": unknownText})}, placed}, 0,
		},
		"another profile": {[]call{dropped, forgotten, {profileType, nil, profileConfig(values{"name": text("Other")})}, placed}, 0},
		"other keepers": {[]call{dropped, forgotten, {profileType, nil, profileConfig(values{
			"keepers": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"a": text("b")}),
		})}, placed}, 0},
		"another order": {[]call{dropped, forgotten, created, {orderType, nil, order(values{"title": text("Other")})}}, 0},
		"meant":         {[]call{dropped, forgotten, created, {orderType, nil, order(values{"allow_duplicate": boolValue(true)})}}, 0},
		"an order from a profile that stays": {
			[]call{dropped, {orderType, held(values{"profile_id": text(otherProfile)}), nil}, created, placed}, 0,
		},
		"the profile is planned once more, and stays": {
			[]call{dropped, {profileType, heldProfile, profileConfig(nil)}, forgotten, created, placed}, 0,
		},
		"a changed profile, and its order": {[]call{
			{profileType, heldProfile, profileConfig(values{"name": text("Other")})},
			{profileType, nil, profileConfig(values{"name": text("Other")})},
			{orderType, held(nil), order(nil)}, placed,
		}, 0},
		"a forced profile, one of two orders removed": {
			[]call{{profileType, heldProfile, profileConfig(nil)}, created, forgotten, {orderType, held(otherOrder), order(nil)}}, 0,
		},
		"a renamed profile, one of two orders removed": {
			[]call{dropped, created, forgotten, {orderType, held(otherOrder), order(nil)}}, 0,
		},
		"two orders renamed": {[]call{dropped, created, forgotten, {orderType, held(otherOrder), nil}, placed, placed}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, got := configuredServer(t, sim), 0
			for _, call := range test.calls {
				got += plan(t, server, call)
			}
			if got != test.want {
				t.Errorf("%d pairs are told of, want %d", got, test.want)
			}
		})
	}
	t.Run("at apply", func(t *testing.T) {
		server := impatientServer(t, sim)
		plan(t, server, dropped)
		plan(t, server, forgotten)
		(&protocolResource{name: profileType}).apply(t, server, profileConfig(nil))
		if got := plan(t, server, placed); got > 0 {
			t.Errorf("%d pairs are told of", got)
		}
	})
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

// A search profile that is renamed, or moved, with its order orders nothing. What only looks like it is carried out.
func TestAccDiscoveryOrder_renamedWithProfile(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, prepareCLI(t), simulator.Options{Behavior: simulator.Behavior{Newest: true}, Scopes: everyScope})
	pair := func(profile, name, each, title, order string, keys ...string) string {
		index := ""
		if keys != nil {
			index, each = "[each.key]", "for_each = toset([\""+strings.Join(keys, `", "`)+"\"])"
		}
		block := strings.Replace(profileHCL(name, each), `"dach_saas"`, fmt.Sprintf("%q", profile), 1)
		return block + namedOrderHCL(order, requiredArguments.with(fromProfile).with(arguments{
			"title": fmt.Sprintf("%q", title), "profile_id": profileType + "." + profile + index + ".id",
		}), each)
	}
	write := func(hcl ...string) { w.write("main.tf", requiredProvider+configure(w.sim, strings.Join(hcl, "\n"))) }
	if err := os.Mkdir(filepath.Join(w.directory, "order"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.write("order/main.tf", requiredProvider+pair("this", "Module", "", "Module", "this"))
	module := func(name string) string { return fmt.Sprintf("module %q {\n  source = \"./order\"\n}\n", name) }

	write(pair("old", "Renamed", "", "Renamed", "old"), module("old"),
		pair("changed", "Changed", "", "Changed", "changed"),
		pair("each", "${each.key}", "", "Alike", "each", "a", "b"))
	w.terraform("get")
	w.terraform("apply", "-auto-approve")

	// Neither the changed profile nor another key with another profile is a rename.
	others := pair("changed", "Other", "", "Changed", "changed") + pair("each", "${each.key}", "", "Alike", "each", "a", "c")
	after := []string{pair("new", "Renamed", "", "Renamed", "new"), module("new"), others}
	write(after...)
	w.terraform("get")
	said := strings.Join(strings.Fields(w.refused("plan")), " ")
	if got := strings.Count(said, "Discovery order would be placed twice"); got != 2 {
		t.Errorf("%d errors, want one for each of 2 orders:\n%s", got, said)
	}
	moved := func(from, to string) string { return fmt.Sprintf("moved {\n  from = %s\n  to   = %s\n}\n", from, to) }
	// In the apply, the order of the other key would look like one that was placed within the last 24 hours.
	after[2] = strings.Replace(others, `"a", "c"`, `"a", "b"`, 2)
	write(append(after, moved("module.old", "module.new"),
		moved(orderType+".old", orderType+".new"), moved(profileType+".old", profileType+".new"))...)
	if said := w.terraform("apply", "-auto-approve"); !strings.Contains(said, "2 added, 0 changed, 2 destroyed") {
		t.Errorf("want 1 profile and 1 order replaced:\n%s", said)
	}
	if got := len(w.sim.Orders()); got != 6 {
		t.Errorf("%d orders, want 5 and another", got)
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

// TestAccDiscoveryOrder_renamedUnderProtection renames an order that must not be forgotten. Terraform plans to destroy it before it
// reads it, so the status is an old one.
func TestAccDiscoveryOrder_renamedUnderProtection(t *testing.T) {
	t.Parallel()
	w := orderWorkspace(t)
	write := func(name string) {
		order := namedOrderHCL(name, requiredArguments.with(arguments{"title": `"Protected"`, "deletion_policy": `"PREVENT"`}))
		w.write("main.tf", requiredProvider+configure(w.sim, order))
	}
	write("old")
	w.terraform("apply", "-auto-approve")
	order := onlyOrder(t, w.sim)
	w.sim.SetOrderStatus(order.ID, "ACCEPTED", "")

	write("new")
	said := strings.Join(strings.Fields(w.refused("plan")), " ")
	for _, want := range []string{
		`protects the discovery order "Protected" (` + order.ID + ", last known status: RECEIVED).",
		"moved { from = openprospect_discovery_order.<old name> to = openprospect_discovery_order.<new name> }",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the error does not say %q:\n%s", want, said)
		}
	}

	w.write("moved.tf", "moved {\n  from = openprospect_discovery_order.old\n  to   = openprospect_discovery_order.new\n}\n")
	w.terraform("apply", "-auto-approve")
	onlyOrder(t, w.sim)
}
