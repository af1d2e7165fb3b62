package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// onListWhenOrdered returns how many entries were on the blacklist when the first order was placed, and how many orders
// there are.
func onListWhenOrdered(sim *simulator.Server) (entries, orders int) {
	for _, event := range sim.Events() {
		switch event.Kind {
		case "entry_added":
			if orders == 0 {
				entries++
			}
		case "order_created":
			orders++
		}
	}
	return entries, orders
}

// TestAccOrderWithoutEdge has an order that refers to the blacklist and not to its entries. It is placed when everybody is
// on the list; where Terraform comes to entries only after it, the run says so.
func TestAccOrderWithoutEdge(t *testing.T) {
	t.Parallel()
	const blacklist = "resource \"openprospect_blacklist\" \"customers\" {\n  name = \"Customers\"\n}\n"
	// Where the order comes first, its blacklist is still empty, which alone would be an error.
	order := namedOrderHCL("search", requiredArguments.with(arguments{
		"blacklist_ids": "[openprospect_blacklist.customers.id]", "allow_empty_blacklists": "true",
	}))
	singles := func(count int) string {
		return entryBlock(
			"acme",
			"openprospect_blacklist.customers.id",
			fmt.Sprintf("count = %d", count),
			`website_url = "acme-${count.index}.com"`,
		)
	}
	for name, test := range map[string]struct {
		hcl         string
		count       int
		parallelism int
		// late is true if entries may come after the order: then a warning says so.
		late bool
	}{
		"40 entries": {singles(40), 40, 10, false},
		"a list": {
			entriesBlock("customers", "openprospect_blacklist.customers.id", "jsonencode("+threeCompanies+")"), 3, 10, false,
		},
		"5 entries, one after another": {singles(5), 5, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, prepareCLI(t), simulator.Options{Latency: 30 * time.Millisecond})
			w.write("main.tf", requiredProvider+configure(w.sim, blacklist+test.hcl+order))
			output := w.terraform("apply", "-auto-approve", fmt.Sprintf("-parallelism=%d", test.parallelism))
			entries, orders := onListWhenOrdered(w.sim)
			if orders != 1 {
				t.Errorf("%d orders, want 1", orders)
			}
			warned := strings.Contains(output, "Company added after an order was placed")
			if complete := entries == test.count; complete == warned || !complete && !test.late {
				t.Errorf("%d of %d companies were on the list when the order was placed, warned: %t\n%s", entries, test.count, warned, output)
			}
		})
	}
}

// TestAccOrderNotPlacedAfterAFailure has entries of which one is refused, and an order that does not depend on them.
func TestAccOrderNotPlacedAfterAFailure(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "", simulator.Entry{WebsiteURL: "there.example"})
	order := namedOrderHCL("search", requiredArguments.with(arguments{"blacklist_ids": fmt.Sprintf("[%q]", id)}))
	refused := simulator.Fault{
		Method: http.MethodPost, Pattern: entriesPattern, Times: -1, Status: 422,
		ContentType: "application/json", Body: `{"code":"VALIDATION_ERROR","message":"no such company"}`,
	}
	for _, entries := range []string{
		entryOn(id, "acme", `website_url = "acme.com"`),
		entriesOn(id, "customers", threeCompanies, `mode = "additive"`),
	} {
		sim.Inject(refused)
		resource.Test(t, resource.TestCase{
			ProtoV6ProviderFactories: factories,
			Steps: []resource.TestStep{{
				Config:      configure(sim, entries+order),
				ExpectError: expectError("Changing the entries of the blacklist " + id + " failed in this run"),
			}},
		})
		sim.ClearFaults()
	}
	if _, orders := onListWhenOrdered(sim); orders != 0 {
		t.Errorf("%d orders, want none", orders)
	}
}

// TestAccOrderNotPlacedAgainstHalfAList has entries that take longer than the order may wait.
func TestAccOrderNotPlacedAgainstHalfAList(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "", simulator.Entry{WebsiteURL: "there.example"})
	sim.Inject(simulator.Fault{Method: http.MethodPost, Pattern: entriesPattern, Delay: 3 * time.Second})
	order := namedOrderHCL("search", requiredArguments.with(arguments{
		"blacklist_ids": fmt.Sprintf("[%q]", id), "timeouts": `{ create = "500ms" }`,
	}))
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:      configure(sim, entryOn(id, "acme", `website_url = "acme.com"`)+order),
				ExpectError: expectError("still changing the blacklists of the order when timeouts.create (500ms) ended. No order was placed"),
			},
			{Config: configure(sim, entryOn(id, "acme", `website_url = "acme.com"`)+order)},
		},
	})
	if entries, orders := onListWhenOrdered(sim); entries != 2 || orders != 1 {
		t.Errorf("%d orders, the first with %d entries on the list, want 1 and 2", orders, entries)
	}
}

// TestAccOrderNotPlacedBesideAnUnreadList has a list that cannot be read in the apply: nothing is added to it.
func TestAccOrderNotPlacedBesideAnUnreadList(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, prepareCLI(t), simulator.Options{})
	id := w.sim.AddBlacklist("Customers", "", simulator.Entry{WebsiteURL: "https://www.acme-corp.com", CompanyName: "Acme Corp"})
	// The plan reads the list once, and so does the count before an order, which asks for one row.
	isWalk := func(r simulator.Request) bool {
		return !strings.HasPrefix(r.Query, "limit=1&") && !strings.HasSuffix(r.Query, "limit=1")
	}
	w.sim.Inject(simulator.Fault{
		Method: http.MethodGet, Pattern: entriesPattern, Skip: 1, Times: -1, Status: http.StatusForbidden, Match: isWalk,
	})
	order := namedOrderHCL("search", requiredArguments.with(arguments{"blacklist_ids": fmt.Sprintf("[%q]", id)}))
	w.write("main.tf", requiredProvider+configure(w.sim, entriesOn(id, "customers", threeCompanies)+order))
	output := said(w.refused("apply", "-auto-approve"))
	if _, orders := onListWhenOrdered(w.sim); orders != 0 {
		t.Errorf("%d orders, want none", orders)
	}
	if !strings.Contains(output, "Changing the entries of the blacklist "+id+" failed in this run") {
		t.Errorf("got %s", output)
	}
}

// TestAccOrderBesideLateEntries has entries that Terraform comes to only after the order is quiet: while it looks for a twin,
// and after it was placed.
func TestAccOrderBesideLateEntries(t *testing.T) {
	t.Parallel()
	const late = "resource \"openprospect_blacklist\" \"other\" {\n  name = \"Other\"\n}\n"
	for name, test := range map[string]struct {
		faults []simulator.Fault
		// entries are those on the list when the order is placed.
		entries int
		fails   bool
		says    string
	}{
		"while it looks for a twin": {
			[]simulator.Fault{
				{Method: http.MethodGet, Pattern: "/orders", Delay: 3 * time.Second},
				{Method: http.MethodPost, Pattern: entriesPattern, Delay: 2 * time.Second},
			},
			2, false, "",
		},
		"after it was placed": {nil, 1, false, "added to the blacklist"},
		"after it was placed, and refused": {
			[]simulator.Fault{{Method: http.MethodPost, Pattern: entriesPattern, Times: -1, Status: http.StatusForbidden}},
			1, true, "This run had already placed the discovery order",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, prepareCLI(t), simulator.Options{})
			id := w.sim.AddBlacklist("Customers", "", simulator.Entry{WebsiteURL: "there.example"})
			w.sim.Inject(simulator.Fault{Method: http.MethodPost, Pattern: "/blacklists", Delay: 3 * time.Second})
			for _, fault := range test.faults {
				w.sim.Inject(fault)
			}
			order := namedOrderHCL("search", requiredArguments.with(arguments{"blacklist_ids": fmt.Sprintf("[%q]", id)}))
			entry := entryOn(id, "acme", `website_url = "acme.com"`, "depends_on = [openprospect_blacklist.other]")
			w.write("main.tf", requiredProvider+configure(w.sim, late+entry+order))
			run := w.terraform
			if test.fails {
				run = w.refused
			}
			output := said(run("apply", "-auto-approve"))
			entries, orders := onListWhenOrdered(w.sim)
			if entries != test.entries || orders != 1 {
				t.Errorf("%d orders, placed with %d entries on the list, want 1 and %d", orders, entries, test.entries)
			}
			warned := strings.Contains(output, "after this run had placed") || strings.Contains(output, "had already placed")
			if warned != (test.says != "") || !strings.Contains(output, test.says) {
				t.Errorf("want %q, got %s", test.says, output)
			}
		})
	}
}

// TestAccOrdersOfOneBlacklist places twelve orders that name the same blacklist: that it holds entries is asked once, and not
// at all if the same run has put them there.
func TestAccOrdersOfOneBlacklist(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		entries func(blacklist string) string
		counts  int
	}{
		"filled by somebody else": {func(string) string { return "" }, 1},
		"filled by the same run":  {func(id string) string { return entriesOn(id, "customers", threeCompanies, `mode = "additive"`) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			id := sim.AddBlacklist("Customers", "", simulator.Entry{WebsiteURL: "there.example"})
			config := arguments{"blacklist_ids": fmt.Sprintf("[%q]", id), "title": `"Order ${count.index}"`, "count": "12"}
			entries := test.entries(id)
			if entries != "" {
				config["depends_on"] = "[openprospect_blacklist_entries.customers]"
			}
			orderCase(t, sim, resource.TestCase{
				Steps: []resource.TestStep{{
					Config: configure(sim, entries+orderHCL(config)),
					Check: func(*terraform.State) error {
						counts := 0
						for _, request := range sim.Journal() {
							if strings.HasSuffix(request.Path, "/entries") && request.Query == "limit=1" {
								counts++
							}
						}
						if orders := len(sim.Orders()); orders != 12 || counts != test.counts {
							return fmt.Errorf("%d orders and %d counts, want 12 and %d", orders, counts, test.counts)
						}
						return nil
					},
				}},
			})
		})
	}
}
