package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// replacedBefore is a block that is replaced, its new object first, whenever the trigger changes.
func replacedBefore(trigger, block string) string {
	return fmt.Sprintf("resource \"terraform_data\" \"trigger\" {\n  input = %q\n}\n", trigger) + strings.Replace(block, "{", `{
  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.trigger]
  }`, 1)
}

// TestAccDeposed is an apply that fails between the creation of a new object and the destruction of the old one. Terraform
// comes to the old one in the next apply, to the new one no more: what both hold must stay.
func TestAccDeposed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		address string
		block   func(id string) string
	}{
		"list":          {entriesAddress, func(id string) string { return someInBulk(id, 2) }},
		"additive list": {entriesAddress, func(id string) string { return someInBulk(id, 2, `mode = "additive"`) }},
		"entry": {"openprospect_blacklist_entry.acme", func(id string) string {
			return entryOn(id, "acme", `company_name = "Acme 0"`, `website_url = "acme-0.com"`)
		}},
	} {
		for how, taint := range map[string][]string{"tainted": {test.address}, "triggered": nil} {
			t.Run(name+", "+how, func(t *testing.T) {
				sim := startSimulator(t, simulator.Options{})
				id := sim.AddBlacklist("Customers", "")
				config := func(trigger, command string) string {
					return configure(sim, replacedBefore(trigger, test.block(id))+fmt.Sprintf(`
resource "terraform_data" "after" {
  depends_on = [%s]
  provisioner "local-exec" {
    command = %q
  }
}
`, test.address, command))
				}
				trigger := "two"
				if taint != nil {
					trigger = "one"
				}
				resource.ParallelTest(t, resource.TestCase{
					ProtoV6ProviderFactories: factories,
					Steps: []resource.TestStep{
						{Config: configure(sim, replacedBefore("one", test.block(id)))},
						{Taint: taint, Config: config(trigger, "exit 1"), ExpectError: expectError("exit status 1")},
						{Config: config(trigger, "true"), ConfigStateChecks: []statecheck.StateCheck{expectNeverOff(sim, named("Acme 0"))}},
						{Config: config(trigger, "true"), ConfigPlanChecks: expectEmptyPlan(), ConfigStateChecks: []statecheck.StateCheck{expectNeverOff(sim, named("Acme 0"))}},
					},
				})
			})
		}
	}
}

// TestAccDeposedBesideANewList: that another list takes the same companies up does not say that they have left this one.
func TestAccDeposedBesideANewList(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id, other := sim.AddBlacklist("Customers", ""), sim.AddBlacklist("Everybody", "")
	after := func(command string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"after\" {\n  depends_on = [%s]\n  provisioner \"local-exec\" {\n    command = %q\n  }\n}\n", entriesAddress, command)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: configure(sim, replacedBefore("one", someInBulk(id, 2)))},
			{Config: configure(sim, replacedBefore("two", someInBulk(id, 2))+after("exit 1")), ExpectError: expectError("exit status 1")},
			{
				Config: configure(sim, replacedBefore("two", someInBulk(id, 2))+after("true")+strings.Replace(someInBulk(other, 2), `"customers"`, `"everybody"`, 1)),
				ConfigStateChecks: []statecheck.StateCheck{serverCheck(func() error {
					if blacklist, _ := sim.Blacklist(id); len(blacklist.Entries) != 2 {
						return fmt.Errorf("%d entries are on the list, want 2", len(blacklist.Entries))
					}
					return nil
				})},
			},
		},
	})
}

// TestAccCreateBeforeDestroy moves to another blacklist, the new object first. Nobody can tell that from a list that the new
// object holds as well, so the old blacklist keeps what it has; if it is destroyed itself, that goes with it.
func TestAccCreateBeforeDestroy(t *testing.T) {
	t.Parallel()
	for name, block := range map[string]func(id string) string{
		"list": func(id string) string {
			return entriesBlock("customers", id, `jsonencode({ a = { website_url = "acme.com" }, b = { website_url = "beta.com" } })`)
		},
		"entry": func(id string) string { return entryBlock("acme", id, `website_url = "acme.com"`) },
	} {
		onSite := func(entry simulator.Entry) bool { return entry.WebsiteURL == "acme.com" }
		t.Run(name+" to another blacklist", func(t *testing.T) {
			sim := startSimulator(t, simulator.Options{})
			from, to := sim.AddBlacklist("From", ""), sim.AddBlacklist("To", "")
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{
					{Config: configure(sim, replacedBefore("one", block(fmt.Sprintf("%q", from))))},
					{
						Config: configure(sim, replacedBefore("one", block(fmt.Sprintf("%q", to)))),
						ConfigStateChecks: []statecheck.StateCheck{expectNeverOff(sim, onSite), serverCheck(func() error {
							old, _ := sim.Blacklist(from)
							current, _ := sim.Blacklist(to)
							if len(old.Entries) == 0 || len(old.Entries) != len(current.Entries) {
								return fmt.Errorf("%d entries on the old blacklist, %d on the new one", len(old.Entries), len(current.Entries))
							}
							return nil
						})},
					},
				},
			})
		})
		t.Run(name+" with its blacklist", func(t *testing.T) {
			sim := startSimulator(t, simulator.Options{})
			config := func(trigger string) string {
				return configure(sim, replacedBefore(trigger, "resource \"openprospect_blacklist\" \"customers\" {\n  name = \"Customers\"\n}\n")+
					strings.Replace(block("openprospect_blacklist.customers.id"), "{", "{\n  lifecycle {\n    create_before_destroy = true\n  }", 1))
			}
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				CheckDestroy:             noBlacklistLeft(sim),
				Steps: []resource.TestStep{
					{Config: config("one")},
					{
						Config: config("two"),
						ConfigStateChecks: []statecheck.StateCheck{expectNeverOff(sim, onSite), serverCheck(func() error {
							if got := len(sim.Blacklists()); got != 1 {
								return fmt.Errorf("%d blacklists, want the new one", got)
							}
							return nil
						})},
					},
				},
			})
		})
	}
}

// TestAccBlacklistKeepsWhatOthersAdded: what a deposed object leaves does not hide what somebody else has put on the blacklist.
func TestAccBlacklistKeepsWhatOthersAdded(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	config := func(trigger string) string {
		return configure(sim, replacedBefore(trigger, "resource \"openprospect_blacklist\" \"customers\" {\n  name = \"Customers\"\n}\n")+
			strings.Replace(entryBlock("acme", "openprospect_blacklist.customers.id", `website_url = "acme.com"`), "{", "{\n  lifecycle {\n    create_before_destroy = true\n  }", 1))
	}
	var old string
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: config("one")},
			{
				PreConfig: func() {
					old = sim.Blacklists()[0].ID
					sim.AddEntries(old, simulator.Entry{WebsiteURL: "others.example"})
				},
				Config:      config("two"),
				ExpectError: expectError("still holds 1 entry that Terraform was not asked to remove"),
			},
			{
				// In the dashboard.
				PreConfig: func() {
					blacklist, _ := sim.Blacklist(old)
					for _, entry := range blacklist.Entries {
						sim.RemoveEntries(old, entry.ID)
					}
				},
				Config: config("two"),
			},
		},
	})
}

// TestAccReplacedOnTheSameList destroys the old object first: what the new one holds as well stays meanwhile.
func TestAccReplacedOnTheSameList(t *testing.T) {
	t.Parallel()
	bulk := func(arguments ...string) func(id string, count int) string {
		return func(id string, count int) string { return someInBulk(id, count, arguments...) }
	}
	for name, test := range map[string]struct {
		block func(id string, count int) string
		// before and after are how many companies there are, deletes how many requests remove those that go.
		before, after, deletes int
	}{
		"list":                        {bulk(), 2, 2, 0},
		"additive list":               {bulk(`mode = "additive"`), 2, 2, 0},
		"list with a company more":    {bulk(), 2, 3, 0},
		"additive list with one less": {bulk(`mode = "additive"`), 3, 2, 1},
		"entry": {func(id string, _ int) string {
			return entryOn(id, "acme", `company_name = "Acme 0"`, `website_url = "acme-0.com"`)
		}, 1, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			sim := startSimulator(t, simulator.Options{})
			id := sim.AddBlacklist("Customers", "")
			config := func(trigger string, count int) string {
				return configure(sim, strings.Replace(replacedBefore(trigger, test.block(id, count)), "create_before_destroy = true", "", 1))
			}
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{
					{Config: config("one", test.before)},
					{
						PreConfig: sim.ResetJournal,
						Config:    config("two", test.after),
						ConfigStateChecks: []statecheck.StateCheck{
							expectNoneOff(sim, min(test.before, test.after)), expectCount(sim, http.MethodDelete, entriesPattern, test.deletes),
							serverCheck(func() error {
								if got := len(entries(sim)); got != test.after {
									return fmt.Errorf("%d entries, want %d", got, test.after)
								}
								return nil
							}),
						},
					},
					{Config: config("two", test.after), ConfigPlanChecks: expectEmptyPlan()},
				},
			})
		})
	}
}

// TestAccReplacedInAnotherOrder: state keeps the text of a document that the configuration spells in another order.
func TestAccReplacedInAnotherOrder(t *testing.T) {
	t.Parallel()
	const a, b = `"a":{"company_name":"Acme 0","website_url":"acme-0.com"}`, `"b":{"company_name":"Acme 1","website_url":"acme-1.com"}`
	for _, mode := range []string{"authoritative", "additive"} {
		t.Run(mode, func(t *testing.T) {
			sim := startSimulator(t, simulator.Options{})
			id := sim.AddBlacklist("Customers", "")
			config := func(trigger, document string) string {
				block := entriesBlock("customers", fmt.Sprintf("%q", id), fmt.Sprintf("%q", document), fmt.Sprintf("mode = %q", mode))
				return configure(sim, strings.Replace(replacedBefore(trigger, block), "create_before_destroy = true", "", 1))
			}
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{
					{Config: config("one", "{"+a+","+b+"}")},
					{Config: config("one", "{"+b+","+a+"}"), ConfigPlanChecks: expectEmptyPlan()},
					{Config: config("two", "{"+b+","+a+"}"), ConfigStateChecks: []statecheck.StateCheck{expectNoneOff(sim, 2)}},
				},
			})
		})
	}
}

// TestAccReplacedAdditive: an additive list that was replaced still knows what it has added.
func TestAccReplacedAdditive(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "", simulator.Entry{CompanyName: "Acme 0", WebsiteURL: "acme-0.com"})
	config := func(trigger string, count int) string {
		return configure(sim, strings.Replace(replacedBefore(trigger, someInBulk(id, count, `mode = "additive"`)), "create_before_destroy = true", "", 1))
	}
	left := func(want int) func() error {
		return func() error {
			if got := len(entries(sim)); got != want {
				return fmt.Errorf("%d entries are left, want %d", got, want)
			}
			return nil
		}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		// What the list found there stays.
		CheckDestroy: func(*terraform.State) error { return left(1)() },
		Steps: []resource.TestStep{
			{Config: config("one", 4)},
			{Config: config("two", 4), ConfigStateChecks: []statecheck.StateCheck{expectNoneOff(sim, 4)}},
			{Config: config("two", 3), ConfigStateChecks: []statecheck.StateCheck{serverCheck(left(3))}},
		},
	})
}

// TestAccTaintedListShrinks: Terraform plans a tainted list as a new one, so what it gives up cannot be told from what others have put there.
func TestAccTaintedListShrinks(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: configure(sim, someInBulk(id, 3))},
			{
				Taint:       []string{entriesAddress},
				Config:      configure(sim, someInBulk(id, 2)),
				ExpectError: expectError("of a tainted one, terraform untaint makes an ordinary change"),
			},
		},
	})
}
