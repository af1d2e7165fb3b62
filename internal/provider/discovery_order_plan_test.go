package provider_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// orderProtocol calls the provider as Terraform does: plugin-testing can see
// neither warnings nor the second call of a replacement.
type orderProtocol struct {
	t      *testing.T
	server tfprotov6.ProviderServer
	schema *tfprotov6.Schema
}

func newOrderProtocol(t *testing.T) orderProtocol {
	t.Helper()
	return orderProtocol{t, protocolServer(t), providerSchema(t).ResourceSchemas[orderType]}
}

// plan is one PlanResourceChange of the order. Nil values are a null prior
// state and a destroy.
func (p orderProtocol) plan(prior, config map[string]tftypes.Value, private []byte) *tfprotov6.PlanResourceChangeResponse {
	p.t.Helper()
	var proposed map[string]tftypes.Value
	if config != nil {
		proposed = config
		if prior != nil {
			proposed = withComputed(p.schema, config, attributesOf(p.t, p.schema, p.object(prior)))
		}
	}
	response, err := p.server.PlanResourceChange(p.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName:         orderType,
		PriorState:       p.object(prior),
		ProposedNewState: p.object(proposed),
		Config:           p.object(config),
		PriorPrivate:     private,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return response
}

func (p orderProtocol) delete(prior map[string]tftypes.Value) *tfprotov6.ApplyResourceChangeResponse {
	p.t.Helper()
	response, err := p.server.ApplyResourceChange(p.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName:     orderType,
		PriorState:   p.object(prior),
		PlannedState: p.object(nil),
		Config:       p.object(nil),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return response
}

// object is an order with the given attributes, the others null; nil is a null object.
func (p orderProtocol) object(attributes map[string]tftypes.Value) *tfprotov6.DynamicValue {
	p.t.Helper()
	if attributes != nil {
		return dynamicValue(p.t, p.schema, attributes)
	}
	null, err := tfprotov6.NewDynamicValue(p.schema.ValueType(), tftypes.NewValue(p.schema.ValueType(), nil))
	if err != nil {
		p.t.Fatal(err)
	}
	return &null
}

func (p orderProtocol) planned(response *tfprotov6.PlanResourceChangeResponse) map[string]tftypes.Value {
	p.t.Helper()
	return attributesOf(p.t, p.schema, response.PlannedState)
}

func boolValue(b bool) tftypes.Value { return tftypes.NewValue(tftypes.Bool, b) }

func setValue(elements ...string) tftypes.Value {
	values := make([]tftypes.Value, 0, len(elements))
	for _, element := range elements {
		values = append(values, text(element))
	}
	return tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, values)
}

// orderConfig is a configuration of an order with changes.
func orderConfig(changes map[string]tftypes.Value) map[string]tftypes.Value {
	config := map[string]tftypes.Value{
		"title":                  text("DACH SaaS"),
		"features":               setValue("COMPANY_DATA"),
		"ideal_customer_profile": text("SaaS with 50 to 500 employees"),
		"seller_offering":        text("Lead generation"),
		"target_countries":       setValue("Germany"),
	}
	maps.Copy(config, changes)
	return config
}

// orderState is the state of the order that orderConfig placed, with changes.
func orderState(changes map[string]tftypes.Value) map[string]tftypes.Value {
	state := orderConfig(map[string]tftypes.Value{
		"id":                     text("74f00d79-7e4a-4ba3-a30c-012de85d6d78"),
		"status":                 text("RECEIVED"),
		"company_count":          tftypes.NewValue(tftypes.Number, 0),
		"created_at":             text("2026-03-01T10:30:00.000000Z"),
		"wait_for_completion":    boolValue(false),
		"deletion_policy":        text("ABANDON"),
		"allow_duplicate":        boolValue(false),
		"allow_empty_blacklists": boolValue(false),
	})
	maps.Copy(state, changes)
	return state
}

// expectDiagnostics compares severity and text: one "error: text" or "warning: text" a diagnostic.
func expectDiagnostics(t *testing.T, diagnostics []*tfprotov6.Diagnostic, want ...string) {
	t.Helper()
	if len(diagnostics) != len(want) {
		t.Errorf("got %d diagnostics, want %d", len(diagnostics), len(want))
	}
	for i, diagnostic := range diagnostics {
		got := strings.ToLower(diagnostic.Severity.String()) + ": " + diagnostic.Summary + "\n" + diagnostic.Detail
		severity, part := "", ""
		if i < len(want) {
			severity, part, _ = strings.Cut(want[i], ": ")
		}
		if i >= len(want) || !strings.HasPrefix(got, severity+":") || !strings.Contains(got, part) {
			t.Errorf("diagnostic %d is not one of %q:\n%s", i, want, got)
		}
	}
}

func replacedNames(response *tfprotov6.PlanResourceChangeResponse) string {
	names := make([]string, 0, len(response.RequiresReplace))
	for _, path := range response.RequiresReplace {
		names = append(names, path.String())
	}
	return strings.Join(names, " ")
}

const orderType = "openprospect_discovery_order"

func TestOrderPlanCreateWarns(t *testing.T) {
	t.Parallel()
	p := newOrderProtocol(t)
	response := p.plan(nil, orderConfig(nil), nil)
	expectDiagnostics(t, response.Diagnostics, `warning: Paid discovery order: "DACH SaaS"`)
}

// Slips are named where an order is placed or replaced, and not of an order that exists.
func TestOrderPlanWarnsOfSlips(t *testing.T) {
	t.Parallel()
	p := newOrderProtocol(t)
	slips := map[string]tftypes.Value{
		"features":         setValue("COMPANY_DTA", "contacts"),
		"target_countries": setValue("Germnay", "Austria"),
		"output_language":  text("deutsch"),
	}
	want := []string{
		"warning: Paid discovery order",
		"warning: Unknown features. Did you mean COMPANY_DATA, CONTACTS?",
		"warning: Unknown country. Did you mean Germany?",
		"warning: Unknown language. Did you mean de?",
	}
	response := p.plan(nil, orderConfig(slips), nil)
	expectDiagnostics(t, response.Diagnostics, want...)
	for i, attribute := range []string{"features", "target_countries", "output_language"} {
		if got := response.Diagnostics[i+1].Attribute; got == nil || !got.Equal(tftypes.NewAttributePath().WithAttributeName(attribute)) {
			t.Errorf("the warning is on %s, want %s", got, attribute)
		}
	}
	expectDiagnostics(t, p.plan(orderState(nil), orderConfig(slips), nil).Diagnostics, want...)
	expectDiagnostics(t, p.plan(orderState(slips), orderConfig(slips), nil).Diagnostics)
}

func TestOrderPlanReplaceWarnsInTheFirstCall(t *testing.T) {
	t.Parallel()
	p := newOrderProtocol(t)
	config := orderConfig(map[string]tftypes.Value{"target_countries": setValue("Austria"), "title": text("New")})

	first := p.plan(orderState(nil), config, nil)
	expectDiagnostics(
		t,
		first.Diagnostics,
		"warning: because these arguments change: title, target_countries.\n\nTerraform forgets the old order "+
			"74f00d79-7e4a-4ba3-a30c-012de85d6d78 (RECEIVED). It goes on",
	)
	if got, want := replacedNames(first), `AttributeName("target_countries") AttributeName("title")`; got != want {
		t.Errorf("requires replace %s, want %s", got, want)
	}

	// Terraform would drop a warning of the second call; a placing warning there would only confuse other hosts.
	second := p.plan(nil, config, first.PlannedPrivate)
	expectDiagnostics(t, second.Diagnostics)
}

func TestOrderPlanPrevent(t *testing.T) {
	t.Parallel()
	prevent := map[string]tftypes.Value{"deletion_policy": text("PREVENT")}
	changed := map[string]tftypes.Value{"title": text("New")}
	changedAndPrevent := map[string]tftypes.Value{"title": text("New"), "deletion_policy": text("PREVENT")}
	const protected = "error: Discovery order is protected"

	t.Run("replacement", func(t *testing.T) {
		t.Parallel()
		p := newOrderProtocol(t)
		expectDiagnostics(t, p.plan(orderState(prevent), orderConfig(changedAndPrevent), nil).Diagnostics, protected)
	})
	t.Run("replacement together with the end of the protection", func(t *testing.T) {
		t.Parallel()
		p := newOrderProtocol(t)
		expectDiagnostics(t, p.plan(orderState(prevent), orderConfig(changed), nil).Diagnostics, protected)
	})
	t.Run("replacement together with the start of the protection", func(t *testing.T) {
		t.Parallel()
		p := newOrderProtocol(t)
		expectDiagnostics(t, p.plan(orderState(nil), orderConfig(changedAndPrevent), nil).Diagnostics, protected)
	})
	t.Run("forced replacement, which only the second call can tell", func(t *testing.T) {
		t.Parallel()
		p := newOrderProtocol(t)
		first := p.plan(orderState(prevent), orderConfig(prevent), nil)
		expectDiagnostics(t, first.Diagnostics)
		expectDiagnostics(t, p.plan(nil, orderConfig(prevent), first.PlannedPrivate).Diagnostics, protected)
	})
	t.Run("forced replacement together with the end of the protection", func(t *testing.T) {
		t.Parallel()
		p := newOrderProtocol(t)
		first := p.plan(orderState(prevent), orderConfig(nil), nil)
		expectDiagnostics(t, first.Diagnostics)
		expectDiagnostics(t, p.plan(nil, orderConfig(nil), first.PlannedPrivate).Diagnostics, protected)
	})
	t.Run("destroy", func(t *testing.T) {
		t.Parallel()
		p := newOrderProtocol(t)
		expectDiagnostics(t, p.plan(orderState(prevent), nil, nil).Diagnostics, protected)
	})
	t.Run("delete of a tainted order", func(t *testing.T) {
		t.Parallel()
		p := newOrderProtocol(t)
		expectDiagnostics(t, p.delete(orderState(prevent)).Diagnostics, protected)
	})
}

func TestOrderPlanAbandon(t *testing.T) {
	t.Parallel()
	p := newOrderProtocol(t)
	first := p.plan(orderState(nil), orderConfig(nil), nil)
	expectDiagnostics(t, first.Diagnostics)
	expectDiagnostics(t, p.plan(nil, orderConfig(nil), first.PlannedPrivate).Diagnostics)
	expectDiagnostics(t, p.plan(orderState(nil), nil, nil).Diagnostics, "warning: forgotten, not cancelled")
	ended := orderState(map[string]tftypes.Value{"status": text("COMPLETED")})
	expectDiagnostics(t, p.plan(ended, nil, nil).Diagnostics, "warning: It remains at OpenProspect")
}

func TestOrderDeleteSaysWhatBecomesOfTheOrder(t *testing.T) {
	t.Parallel()
	p := newOrderProtocol(t)
	response := p.delete(orderState(map[string]tftypes.Value{"status": text("IN_PROGRESS")}))
	expectDiagnostics(
		t,
		response.Diagnostics,
		"warning: no longer manages the discovery order 74f00d79-7e4a-4ba3-a30c-012de85d6d78 (IN_PROGRESS). It goes on",
	)
}

func TestOrderPlanOfAnInvisibleOrder(t *testing.T) {
	t.Parallel()
	invisible := marked(t, "invisible")
	const refusal = "error: Is this the right API key?"

	t.Run("replacement", func(t *testing.T) {
		t.Parallel()
		p := newOrderProtocol(t)
		config := orderConfig(map[string]tftypes.Value{"title": text("New")})
		expectDiagnostics(t, p.plan(orderState(nil), config, invisible).Diagnostics, refusal)
	})
	t.Run("forced replacement", func(t *testing.T) {
		t.Parallel()
		p := newOrderProtocol(t)
		first := p.plan(orderState(nil), orderConfig(nil), invisible)
		expectDiagnostics(t, first.Diagnostics)
		expectDiagnostics(t, p.plan(nil, orderConfig(nil), first.PlannedPrivate).Diagnostics, refusal)
	})
	t.Run("nothing to wait for", func(t *testing.T) {
		t.Parallel()
		p := newOrderProtocol(t)
		wait := map[string]tftypes.Value{"wait_for_completion": boolValue(true)}
		response := p.plan(orderState(wait), orderConfig(wait), invisible)
		expectDiagnostics(t, response.Diagnostics)
		if status := p.planned(response)["status"]; !status.Equal(text("RECEIVED")) {
			t.Errorf("status is planned as %s: an update would only fail", status)
		}
	})
}

// A tainted order is planned as a create: what was read, and not planned with its state since, may be the one.
func TestOrderPlanOfATaintedOrder(t *testing.T) {
	t.Parallel()
	prevent := map[string]tftypes.Value{"deletion_policy": text("PREVENT"), "allow_duplicate": boolValue(true)}
	changedBy := func(changes map[string]tftypes.Value) map[string]tftypes.Value {
		config := orderConfig(prevent)
		maps.Copy(config, changes)
		return config
	}
	const protected, places = "error: Discovery order is protected", "warning: This plan places an order that costs money."
	for name, test := range map[string]struct {
		config  map[string]tftypes.Value
		planned bool
		want    string
		// single says that the order of state was not to be a duplicate.
		single bool
	}{
		"a duplicate beside one that is not planned yet": {config: changedBy(nil), want: places, single: true},
		"the same": {config: changedBy(nil), want: protected},
		"the same, without its " +
			"protection": {config: changedBy(map[string]tftypes.Value{"deletion_policy": text("ABANDON")}), want: protected},
		"spelled otherwise": {
			config: changedBy(map[string]tftypes.Value{"title": text(" DACH SaaS\n")}), want: protected,
		},
		"an argument that may turn out the same": {
			config: changedBy(map[string]tftypes.Value{"keepers": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, tftypes.UnknownValue)}),
			want:   protected,
		},
		"another order": {config: changedBy(map[string]tftypes.Value{"title": text("Another")}), want: places},
		"the same once more, beside one that stays": {config: changedBy(nil), planned: true, want: places},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			order := protocolResource{name: orderType}
			order.apply(t, configuredServer(t, sim), changedBy(map[string]tftypes.Value{"allow_duplicate": boolValue(!test.single)}))

			p := newOrderProtocol(t)
			p.server = configuredServer(t, sim)
			order.read(t, p.server)
			if test.planned {
				order.plan(t, p.server, orderConfig(prevent))
			}
			expectDiagnostics(t, p.plan(nil, test.config, nil).Diagnostics, test.want)
		})
	}
}

// marked encodes private state that holds one mark, as the framework does.
func marked(t *testing.T, mark string) []byte {
	t.Helper()
	encoded, err := json.Marshal(map[string][]byte{mark: []byte("true")})
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func TestOrderPlanWaiting(t *testing.T) {
	t.Parallel()
	wait := map[string]tftypes.Value{"wait_for_completion": boolValue(true)}
	for name, test := range map[string]struct {
		state, config map[string]tftypes.Value
		waits         bool
	}{
		"status not terminal":      {wait, wait, true},
		"status not known to us":   {map[string]tftypes.Value{"status": text("ON_HOLD")}, wait, true},
		"waiting not wanted":       {nil, nil, false},
		"waiting is wanted now":    {nil, wait, true},
		"completed":                {map[string]tftypes.Value{"status": text("COMPLETED")}, wait, false},
		"rejected: no use to wait": {map[string]tftypes.Value{"status": text("REJECTED")}, wait, false},
		"not known whether to wait": {
			nil, map[string]tftypes.Value{"wait_for_completion": tftypes.NewValue(tftypes.Bool, tftypes.UnknownValue)}, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newOrderProtocol(t)
			response := p.plan(orderState(test.state), orderConfig(test.config), nil)
			expectDiagnostics(t, response.Diagnostics)
			planned := p.planned(response)
			for _, name := range []string{
				"status", "company_count", "estimated_cost", "prospect_search_id", "admin_notes", "message", "accepted_at", "completed_at",
				"cancelled_at",
			} {
				if known := planned[name].IsKnown(); known == test.waits {
					t.Errorf("%s known = %t, want %t", name, known, !test.waits)
				}
			}
			for _, name := range []string{"id", "created_at", "title"} {
				if !planned[name].IsKnown() {
					t.Errorf("%s must stay known: it does not change", name)
				}
			}
			if len(response.RequiresReplace) > 0 {
				t.Errorf("requires replace: %s", replacedNames(response))
			}
		})
	}
}

// An import without anything configured in place of what the API does not show must not order again.
func TestOrderPlanAfterImport(t *testing.T) {
	t.Parallel()
	p := newOrderProtocol(t)
	state := orderState(map[string]tftypes.Value{
		"ideal_customer_profile": tftypes.NewValue(tftypes.String, nil),
		"priority":               text("NORMAL"),
	})
	imported := marked(t, "imported")

	response := p.plan(state, orderConfig(nil), imported)
	expectDiagnostics(t, response.Diagnostics)
	if len(response.RequiresReplace) > 0 {
		t.Errorf("requires replace: %s", replacedNames(response))
	}
	if got := p.planned(response)["ideal_customer_profile"]; !got.Equal(text("SaaS with 50 to 500 employees")) {
		t.Errorf("ideal_customer_profile is planned as %s, want what is configured", got)
	}

	// A provider that dies in the first update takes the private state with it, and with that the mark.
	response = p.plan(state, orderConfig(nil), nil)
	expectDiagnostics(t, response.Diagnostics)
	if len(response.RequiresReplace) > 0 {
		t.Errorf("without private state: requires replace: %s", replacedNames(response))
	}

	state = orderState(map[string]tftypes.Value{
		"priority":        text("NORMAL"),
		"output_language": text("en"),
		"target_cities":   setValue("Berlin"),
	})
	const leftOut = "the configuration leaves them out: target_cities, output_language."
	response = p.plan(state, orderConfig(nil), imported)
	expectDiagnostics(t, response.Diagnostics, "warning: The API shows these arguments of the discovery order")
	if detail := response.Diagnostics[0].Detail; !strings.Contains(detail, leftOut) || len(response.RequiresReplace) > 0 {
		t.Errorf("requires replace %s, and the warning is %s", replacedNames(response), detail)
	}

	own := orderState(map[string]tftypes.Value{"seller_industry": tftypes.NewValue(tftypes.String, nil)})
	response = p.plan(own, orderConfig(map[string]tftypes.Value{"seller_industry": text("Software")}), nil)
	if got, want := replacedNames(response), `AttributeName("seller_industry")`; got != want {
		t.Errorf("an order of our own: requires replace %q, want %q", got, want)
	}
}

// ordersSwitches are the simulator's switches without those that change only blacklists, entries and searches: no order meets them.
func ordersSwitches() []simulator.Switch {
	others := []string{"U5", "U7", "U8", "U12", "U13", "U14", "U15", "U16", "U17", "U42"}
	return slices.DeleteFunc(simulator.Switches(), func(toggle simulator.Switch) bool {
		return slices.Contains(others, toggle.Unknown)
	})
}

// Under each of the simulator's switches an order is placed, plans nothing, is imported, adopts the
// configuration and is forgotten. Without Terraform: there are many switches.
func TestOrderUnderEachSwitch(t *testing.T) {
	t.Parallel()
	for _, toggle := range ordersSwitches() {
		t.Run(toggle.Name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			blacklist := sim.AddBlacklist("Customers", "", simulator.Entry{CompanyName: "Acme", WebsiteURL: "https://acme.com"})
			// Only now: a list that lags would look empty, and the order be refused for that.
			sim.SetBehavior(toggle.Set)
			config := orderConfig(map[string]tftypes.Value{
				"title":           text(" DACH SaaS\n"),
				"target_cities":   setValue("Munich", "Berlin"),
				"output_language": text("en"),
				"webhook_url":     text("https://Hooks.Example.com:443"),
				"blacklist_ids":   setValue(blacklist),
				"contact_roles":   setValue("CTO", "CEO"),
			})
			server := impatientServer(t, sim)

			order := &protocolResource{name: orderType}
			order.apply(t, server, config)
			expectNoChange(t, server, order, config)
			if !order.read(t, server) {
				t.Fatal("the order was dropped from state")
			}
			expectNoChange(t, server, order, config)
			id := order.attribute(t, "id")
			if orders := sim.Orders(); len(orders) != 1 || orders[0].ID != id {
				t.Fatalf("state holds the order %s, the vendor %v", id, orders)
			}

			imported := importByIdentity(t, server, orderType, order.identity)
			expectAdoption(t, server, imported, config)
			imported.apply(t, server, config)
			if !imported.read(t, server) {
				t.Fatal("the imported order was dropped from state")
			}
			expectNoChange(t, server, imported, config)

			newOrderProtocol(t).delete(attributesOf(t, newOrderProtocol(t).schema, imported.state))
			if got := len(sim.Orders()); got != 1 {
				t.Errorf("%d orders were placed, want 1", got)
			}
		})
	}
}

// expectAdoption plans the configuration over an imported order: it is taken over as it is, in place.
func expectAdoption(t *testing.T, server tfprotov6.ProviderServer, order *protocolResource, config map[string]tftypes.Value) {
	t.Helper()
	p := orderProtocol{t, server, providerSchema(t).ResourceSchemas[orderType]}
	response := p.plan(attributesOf(t, p.schema, order.state), config, order.private)
	expectDiagnostics(t, response.Diagnostics)
	if len(response.RequiresReplace) > 0 {
		t.Errorf("requires replace: %s", replacedNames(response))
	}
	planned := p.planned(response)
	for name, configured := range config {
		// The title's outer white space is kept as the API shows it.
		if name != "title" && !planned[name].Equal(configured) {
			t.Errorf("%s is planned as %s, want what is configured: %s", name, planned[name], configured)
		}
	}
}

// expectNoChange plans the configuration over what the resource holds.
func expectNoChange(t *testing.T, server tfprotov6.ProviderServer, order *protocolResource, config map[string]tftypes.Value) {
	t.Helper()
	p := orderProtocol{t, server, providerSchema(t).ResourceSchemas[orderType]}
	prior := attributesOf(t, p.schema, order.state)
	response := p.plan(prior, config, order.private)
	expectDiagnostics(t, response.Diagnostics)
	for name, planned := range p.planned(response) {
		if !planned.Equal(prior[name]) {
			t.Errorf("the plan is not empty: %s is %s, want %s", name, planned, prior[name])
		}
	}
	if len(response.RequiresReplace) > 0 {
		t.Errorf("requires replace: %s", replacedNames(response))
	}
}

// After the order was accepted nothing is an error: it would taint the order, and Terraform would place it again.
func TestOrderCreateWarnsOfWhatWentWrongAfterwards(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		review  simulator.Review
		fault   simulator.Fault
		timeout string
		want    string
		status  string
	}{
		"answer lost": {
			fault: simulator.Fault{Method: "POST", Pattern: "/orders", Work: true, Drop: true},
			want:  "is now in state. The request was not sent again", status: "RECEIVED", timeout: "20ms",
		},
		"time is over": {want: "was not complete after 20ms", status: "RECEIVED", timeout: "20ms"},
		"cancelled":    {review: simulator.Review{Reads: 1, Final: "CANCELLED"}, want: "ended as CANCELLED", status: "CANCELLED", timeout: "1m"},
		"rejected": {
			review: simulator.Review{Reads: 1, Final: "REJECTED"}, want: "too broad for the target countries", status: "REJECTED", timeout: "1m",
		},
		"failed": {review: simulator.Review{Reads: 1, Final: "FAILED"}, want: "ended as FAILED", status: "FAILED", timeout: "1m"},
		"not found": {
			fault: simulator.Fault{
				Method: "GET", Pattern: "/orders/*", Times: -1, Status: 404, Body: `{"code":"ORDER_NOT_FOUND","message":"Order not found"}`,
			},
			want: "ORDER_NOT_FOUND", status: "RECEIVED", timeout: "1m",
		},
		"key revoked": {
			fault: simulator.Fault{
				Method: "GET", Pattern: "/orders/*", Times: -1, Status: 401, Body: `{"code":"UNAUTHORIZED","message":"Invalid API key"}`,
			},
			want: "The next apply continues to wait and places no other order.", status: "RECEIVED", timeout: "1m",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{Review: test.review})
			if test.fault.Method != "" {
				test.fault.Name = name
				sim.Inject(test.fault)
			}
			order := &protocolResource{name: orderType}
			order.apply(t, impatientServer(t, sim), waitingOrderConfig(test.timeout))

			if got := strings.Join(order.warnings, "\n"); !strings.Contains(got, test.want) {
				t.Errorf("want a warning with %q, got:\n%s", test.want, got)
			}
			if got := order.attribute(t, "status"); got != test.status {
				t.Errorf("status is %s, want %s", got, test.status)
			}
			if orders := sim.Orders(); len(orders) != 1 || orders[0].ID != order.attribute(t, "id") {
				t.Errorf("state holds the order %s, the vendor %v", order.attribute(t, "id"), orders)
			}
			if got := sim.Count("POST", "/orders"); got != 1 {
				t.Errorf("the order was sent %d times", got)
			}
		})
	}
}

// Ctrl-C while an order is waited for: Terraform asks the provider to stop.
func TestOrderCreateInterrupted(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	server := impatientServer(t, sim)
	sim.Inject(simulator.Fault{
		Name: "Ctrl-C", Method: "GET", Pattern: "/orders/*", Skip: 2, Work: true,
		Hook: func() {
			if _, err := server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
				t.Error(err)
			}
		},
	})
	order := &protocolResource{name: orderType}
	order.apply(t, server, waitingOrderConfig("1m"))
	if got := strings.Join(order.warnings, "\n"); !strings.Contains(got, "The run was interrupted") {
		t.Errorf("want a warning of the interruption, got:\n%s", got)
	}
	if got := order.attribute(t, "status"); got != "RECEIVED" {
		t.Errorf("status is %s, want RECEIVED", got)
	}
	if orders := sim.Orders(); len(orders) != 1 || orders[0].ID != order.attribute(t, "id") {
		t.Errorf("state holds the order %s, the vendor %v", order.attribute(t, "id"), orders)
	}
}

// Ctrl-C while the order is being placed: the request is not abandoned half way.
func TestOrderCreateInterruptedWhilePlacing(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	server := impatientServer(t, sim)
	sim.Inject(simulator.Fault{
		Name: "Ctrl-C", Method: "POST", Pattern: "/orders", Work: true, Delay: 20 * time.Millisecond,
		Hook: func() {
			if _, err := server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
				t.Error(err)
			}
		},
	})
	order := &protocolResource{name: orderType}
	order.apply(t, server, orderConfig(nil))
	if orders := sim.Orders(); len(orders) != 1 || orders[0].ID != order.attribute(t, "id") {
		t.Errorf("state holds the order %s, the vendor %v", order.attribute(t, "id"), orders)
	}
}

// The budget of a plan that changes nothing is one request an order.
func TestOrderReadIsOneRequest(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	server := configuredServer(t, sim)
	order := &protocolResource{name: orderType}
	order.apply(t, server, orderConfig(nil))

	sim.ResetJournal()
	order.read(t, server)
	expectNoChange(t, server, order, orderConfig(nil))
	if err := expectJournal(sim, "GET /orders/* 200"); err != nil {
		t.Error(err)
	}
}

func waitingOrderConfig(timeout string) map[string]tftypes.Value {
	timeouts := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"create": tftypes.String, "update": tftypes.String}}
	return orderConfig(map[string]tftypes.Value{
		"wait_for_completion": boolValue(true),
		"timeouts": tftypes.NewValue(timeouts, map[string]tftypes.Value{
			"create": text(timeout),
			"update": tftypes.NewValue(tftypes.String, nil),
		}),
	})
}

// impatientServer is a provider that reads an order every millisecond.
func impatientServer(t *testing.T, sim *simulator.Server) tfprotov6.ProviderServer {
	t.Helper()
	server := protocolServer(t)
	expectNoErrors(t, configureProvider(t, server, map[string]tftypes.Value{
		"api_key":       text(sim.APIKey()),
		"base_url":      text(sim.URL()),
		"poll_interval": text("1ms"),
	}))
	return server
}

// TestOrderReadAfterAWrite has one process read two orders, change something and read again: the page of the list that has
// answered the first time is older than the change.
func TestOrderReadAfterAWrite(t *testing.T) {
	t.Parallel()
	configOf := func(title string, changes map[string]tftypes.Value) map[string]tftypes.Value {
		config := orderConfig(map[string]tftypes.Value{"title": text(title)})
		maps.Copy(config, changes)
		return config
	}
	for name, change := range map[string]func(*testing.T, tfprotov6.ProviderServer, *protocolResource){
		"an order is placed": func(t *testing.T, server tfprotov6.ProviderServer, _ *protocolResource) {
			t.Helper()
			(&protocolResource{name: orderType}).apply(t, server, configOf("Third", nil))
		},
		"an order is waited for": func(t *testing.T, server tfprotov6.ProviderServer, second *protocolResource) {
			t.Helper()
			second.apply(t, server, configOf("Second", map[string]tftypes.Value{"wait_for_completion": boolValue(true)}))
		},
		"a data source waits for an order": func(t *testing.T, server tfprotov6.ProviderServer, second *protocolResource) {
			t.Helper()
			_, diagnostics := readDataSource(t, server, orderType, map[string]tftypes.Value{
				"id": text(second.attribute(t, "id")), "wait_for_completion": boolValue(true),
			})
			expectNoErrors(t, diagnostics)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			first, second := &protocolResource{name: orderType}, &protocolResource{name: orderType}
			first.apply(t, configuredServer(t, sim), configOf("First", nil))
			second.apply(t, configuredServer(t, sim), configOf("Second", nil))
			sim.ResetJournal()
			server := configuredServer(t, sim)
			first.read(t, server)
			second.read(t, server)
			if err := expectJournal(sim, "GET /orders/* 200", "GET /orders 200"); err != nil {
				t.Fatal(err)
			}
			sim.SetOrderStatus(second.attribute(t, "id"), "COMPLETED", "")
			change(t, server, second)
			second.read(t, server)
			if status := second.attribute(t, "status"); status != "COMPLETED" {
				t.Errorf("the order is %s, want COMPLETED", status)
			}
		})
	}
}

// TestOrderImportReadsSingly imports orders from a list whose rows cut titles: what an import reads is kept, and a cut title would
// replace an order that is paid for.
func TestOrderImportReadsSingly(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	titles := []string{"DACH SaaS 2026", "Nordics SaaS 2026", "Iberia SaaS 2026"}
	ids := make([]string, len(titles))
	for i, title := range titles {
		ids[i] = sim.AddOrder(map[string]any{"title": title, "seller_offering": "Lead generation"})
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		sim.ServeHTTP(answer, r)
		body := answer.Body.String()
		if strings.HasSuffix(r.URL.Path, "/orders") {
			body = strings.ReplaceAll(body, " SaaS 2026", " Sa…")
		}
		w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		w.WriteHeader(answer.Code)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(front.Close)
	server := protocolServer(t)
	expectNoErrors(t, configureProvider(t, server, map[string]tftypes.Value{"api_key": text(sim.APIKey()), "base_url": text(front.URL)}))

	sim.ResetJournal()
	for i, id := range ids {
		resp, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: orderType, ID: id})
		if err != nil {
			t.Fatal(err)
		}
		order := readImported(t, server, orderType, resp)
		if title := order.attribute(t, "title"); title != titles[i] {
			t.Errorf("the title is %q, want %q", title, titles[i])
		}
		if plan := order.plan(t, server, orderConfig(map[string]tftypes.Value{"title": text(titles[i])})); len(plan.RequiresReplace) > 0 {
			t.Errorf("the imported order would be replaced: %s", replacedNames(plan))
		}
		// A later read may come from the list.
		order.read(t, server)
		if title := order.attribute(t, "title"); title != titles[i] {
			t.Errorf("after another read, the title is %q, want %q", title, titles[i])
		}
	}
	// One for each import; of the later reads, the first one and the list.
	if requests := sim.Count("", ""); requests != len(ids)+2 {
		t.Errorf("%d requests, want %d", requests, len(ids)+2)
	}
}
