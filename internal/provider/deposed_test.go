package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

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

// TestAccCreateBeforeDestroy moves to another blacklist, the new object first. Of a list it is clear that it has moved; a
// company alone may be on both lists.
func TestAccCreateBeforeDestroy(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		block func(id string) string
		left  int
	}{
		"list": {func(id string) string { return someInBulk(id, 2) }, 0},
		"entry": {func(id string) string {
			return entryOn(id, "acme", `company_name = "Acme 0"`, `website_url = "acme-0.com"`)
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			sim := startSimulator(t, simulator.Options{})
			from, to := sim.AddBlacklist("From", ""), sim.AddBlacklist("To", "")
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{
					{Config: configure(sim, replacedBefore("one", test.block(from)))},
					{
						Config: configure(sim, replacedBefore("one", test.block(to))),
						ConfigStateChecks: []statecheck.StateCheck{expectNeverOff(sim, named("Acme 0")), serverCheck(func() error {
							for _, blacklist := range sim.Blacklists() {
								if got := len(blacklist.Entries); blacklist.ID == from && got != test.left {
									return fmt.Errorf("%d entries are left on the old blacklist, want %d", got, test.left)
								}
							}
							return nil
						})},
					},
				},
			})
		})
	}
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
