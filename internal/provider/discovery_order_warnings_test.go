package provider_test

import (
	"strconv"
	"strings"
	"testing"
)

// What people read: warnings that are true in the plan and, with -auto-approve, after the apply; one an order.
func TestAccDiscoveryOrder_warnings(t *testing.T) {
	t.Parallel()
	w := orderWorkspace(t)
	write := func(title string) {
		w.write(
			"main.tf",
			requiredProvider+configure(w.sim, orderHCL(arguments{"title": strconv.Quote(title), "webhook_url": `"https://example.com/t0ken"`})),
		)
	}
	run := func(arguments ...string) string {
		t.Helper()
		return strings.Join(strings.Fields(w.terraform(arguments...)), " ")
	}
	expect := func(said string, counts map[string]int) {
		t.Helper()
		for text, want := range counts {
			if got := strings.Count(said, text); got != want {
				t.Errorf("%q is said %d times, want %d:\n%s", text, got, want, said)
			}
		}
	}
	const placed = `Warning: Paid discovery order: "`
	const forgotten, ended = "Warning: Discovery order forgotten", "Warning: Discovery order ended as REJECTED"

	write("One")
	expect(run("apply", "-auto-approve"), map[string]int{placed + `One"`: 1, forgotten: 0, ended: 0, "(sensitive value)": 1, "t0ken": 0})
	first := onlyOrder(t, w.sim).ID

	write("Two")
	expect(
		run("apply", "-auto-approve"),
		map[string]int{placed + `Two"`: 1, placed: 1, forgotten + ", not cancelled: " + first: 1, "do not apply": 0},
	)

	for _, order := range w.sim.Orders() {
		if order.ID != first {
			w.sim.SetOrderStatus(order.ID, "REJECTED", "Too broad")
		}
	}
	expect(
		run("apply", "-auto-approve"),
		map[string]int{ended: 1, "OpenProspect notes: Too broad": 1, "-replace=": 1, "keepers": 1, placed: 0, forgotten: 0},
	)
	expect(run("plan"), map[string]int{"Warning: Discovery": 0, "No changes": 1})
	expect(run("plan", "-destroy"), map[string]int{forgotten + ": ": 1, "(REJECTED). It remains at OpenProspect": 1, "not cancelled": 0})
}
