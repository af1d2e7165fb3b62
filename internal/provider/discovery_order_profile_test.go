package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

var fromProfile = arguments{
	"ideal_customer_profile": "null", "seller_offering": "null", "target_countries": "null",
	"profile_id": profileAddress + ".id", "briefing_quantity": "25",
}

func profileOrderConfig(profile string) map[string]tftypes.Value {
	return map[string]tftypes.Value{
		"title": text("DACH SaaS"), "features": setValue("COMPANY_DATA"), "profile_id": text(profile),
		"briefing_quantity": tftypes.NewValue(tftypes.Number, 25),
	}
}

// TestAccDiscoveryOrder_fromProfile: an order from a profile plans nothing, is imported, and is replaced with its profile.
func TestAccDiscoveryOrder_fromProfile(t *testing.T) {
	t.Parallel()
	for _, echo := range []bool{false, true} {
		t.Run(fmt.Sprintf("the profile is echoed: %t", echo), func(t *testing.T) {
			t.Parallel()
			sim := startNewest(t, simulator.Behavior{ProfileEcho: echo})
			first := configure(sim, profileHCL("DACH SaaS")+orderHCL(fromProfile))
			second := configure(sim, profileHCL("DACH SaaS 2")+orderHCL(fromProfile))
			orderCase(t, sim, resource.TestCase{
				Steps: []resource.TestStep{
					{Config: first},
					{ResourceName: orderAddress, ImportState: true},
					{Config: second, ConfigPlanChecks: expectAction(orderAddress, plancheck.ResourceActionReplace)},
				},
				CheckDestroy: func(state *terraform.State) error { return expectOrders(sim, 2)(state) },
			})
		})
	}
}

// TestProfileOrderUnderEachSwitch is TestOrderUnderEachSwitch for an order from a profile.
func TestProfileOrderUnderEachSwitch(t *testing.T) {
	t.Parallel()
	for _, toggle := range ordersSwitches() {
		t.Run(toggle.Name, func(t *testing.T) {
			t.Parallel()
			var behavior simulator.Behavior
			toggle.Set(&behavior)
			sim := startNewest(t, behavior)
			server := impatientServer(t, sim)
			profile := &protocolResource{name: profileType}
			profile.apply(t, server, profileConfig(nil))
			config := profileOrderConfig(profile.attribute(t, "id"))
			order := &protocolResource{name: orderType}
			order.apply(t, server, config)
			for range 2 {
				expectNoChange(t, server, order, config)
				// The provider died in the first update, which takes private state with it: this is no import.
				order.private = nil
				if !order.read(t, server) {
					t.Fatal("the order was dropped from state")
				}
			}
			changed := profileOrderConfig("00000000-0000-4000-8000-00000000ffff")
			if got := replacedNames(order.plan(t, server, changed)); got != `AttributeName("profile_id")` {
				t.Errorf("another profile requires replace: %s", got)
			}
			added := profileOrderConfig(profile.attribute(t, "id"))
			added["seller_offering"] = text("Consulting")
			if got := replacedNames(order.plan(t, server, added)); got != `AttributeName("seller_offering")` {
				t.Errorf("an argument that is added requires replace: %s", got)
			}
			imported := importByIdentity(t, server, orderType, order.identity)
			imported.apply(t, server, config)
			imported.read(t, server)
			expectNoChange(t, server, imported, config)
			if got := len(sim.Orders()); got != 1 {
				t.Errorf("%d orders", got)
			}
		})
	}
}

// TestProfileOrderLost: a lost answer, and a killed run, end in one order.
func TestProfileOrderLost(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"dropped":   {Drop: true},
		"500":       {Status: 500},
		"truncated": {Truncate: true},
	} {
		for _, echo := range []bool{false, true} {
			t.Run(fmt.Sprint(name, echo), func(t *testing.T) {
				t.Parallel()
				sim := startNewest(t, simulator.Behavior{ProfileEcho: echo})
				profile := &protocolResource{name: profileType}
				profile.apply(t, impatientServer(t, sim), profileConfig(nil))
				config := profileOrderConfig(profile.attribute(t, "id"))
				lost := fault
				lost.Method, lost.Pattern, lost.Work = "POST", "/orders", true
				sim.Inject(lost)
				order := &protocolResource{name: orderType}
				if failed := order.attempt(t, impatientServer(t, sim), config); failed != "" || len(sim.Orders()) != 1 {
					t.Errorf("%s, %d orders", failed, len(sim.Orders()))
				}
				// Nothing is left of the run, as after a SIGKILL.
				failed := (&protocolResource{name: orderType}).attempt(t, impatientServer(t, sim), config)
				if !strings.Contains(failed, "terraform import") || len(sim.Orders()) != 1 {
					t.Errorf("the next run: %s, %d orders", failed, len(sim.Orders()))
				}
			})
		}
	}
}

// TestProfileOrderUnknownProfile: an order whose profile is not known yet is not the same as any other.
func TestProfileOrderUnknownProfile(t *testing.T) {
	t.Parallel()
	sim := startNewest(t, simulator.Behavior{})
	profile := &protocolResource{name: profileType}
	profile.apply(t, impatientServer(t, sim), profileConfig(nil))
	config := profileOrderConfig(profile.attribute(t, "id"))
	config["deletion_policy"] = text("PREVENT")
	order := &protocolResource{name: orderType}
	order.apply(t, impatientServer(t, sim), config)

	server := impatientServer(t, sim)
	order.read(t, server)
	another := profileOrderConfig("")
	another["profile_id"] = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	for range 2 {
		if _, failed := (&protocolResource{name: orderType}).tryPlan(t, server, another); failed != "" {
			t.Errorf("beside an order that is protected, and beside one like it: %s", failed)
		}
	}
	order.plan(t, server, config)
	if _, failed := order.tryPlan(t, server, another); !strings.Contains(failed, "deletion_policy") {
		t.Errorf("replacing the protected order: %s", failed)
	}
}

func TestAccDiscoveryOrder_withoutDescription(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		changes arguments
		want    string
	}{
		"neither": {arguments{"seller_offering": "null"}, "seller_offering is required, unless the order uses a search profile"},
		"no quantity": {
			arguments{"target_countries": "null", "profile_id": `"74f00d79-7e4a-4ba3-a30c-012de85d6d78"`}, "target_countries is required",
		},
		"no profile": {arguments{"ideal_customer_profile": "null", "briefing_quantity": "1"}, "ideal_customer_profile is required"},
		"no profile after all": {arguments{
			"ideal_customer_profile": "null", "briefing_quantity": "1", "profile_id": `terraform_data.none.output == "x" ? null : null`,
		}, "ideal_customer_profile is required"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			config := configure(sim, "resource \"terraform_data\" \"none\" {\n  input = \"x\"\n}\n"+orderHCL(test.changes))
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps:                    []resource.TestStep{{Config: config, ExpectError: expectError(test.want)}},
			})
			if got := sim.Count("POST", "/orders"); got > 0 {
				t.Errorf("%d orders were sent", got)
			}
		})
	}
}
