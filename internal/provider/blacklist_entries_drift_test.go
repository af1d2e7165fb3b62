package provider_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// detecting is the arguments with a drift_detection.
func detecting(arguments map[string]tftypes.Value, detection string) map[string]tftypes.Value {
	arguments = maps.Clone(arguments)
	arguments["drift_detection"] = text(detection)
	return arguments
}

// requestsOf returns how many requests do sends.
func requestsOf(sim *simulator.Server, do func()) int {
	before := sim.Count("", "")
	do()
	return sim.Count("", "") - before
}

// managed is a list that is imported and applied with these arguments.
func managed(t *testing.T, sim *simulator.Server, arguments map[string]tftypes.Value) *protocolResource {
	t.Helper()
	list := importEntries(t, configuredServer(t, sim), stringOf(t, arguments["blacklist_id"]))
	list.apply(t, configuredServer(t, sim), arguments)
	return list
}

// TestDriftDetectionRequests counts the requests of a no-change plan of a list, without the one for its blacklist.
func TestDriftDetectionRequests(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1_000, 10_000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			sim := startSimulator(t, simulator.Options{})
			id := sim.AddBlacklist("Customers", "", namedCompanies(size)...)
			var imported *protocolResource
			// An import reads as much as a refresh that is full.
			if got := requestsOf(sim, func() { imported = importEntries(t, configuredServer(t, sim), id) }); got != size/100 {
				t.Errorf("an import: %d requests, want %d", got, size/100)
			}
			schema := providerSchema(t).ResourceSchemas[entriesType]
			attributes := attributesOf(t, schema, imported.state)
			for _, test := range []struct {
				detection string
				requests  int
			}{{"full", size / 100}, {"count", 1}, {"none", 0}} {
				list := *imported
				list.state = dynamicValue(t, schema, detecting(attributes, test.detection))
				server := configuredServer(t, sim)
				got := requestsOf(sim, func() {
					list.read(t, server)
					list.expectUnchanged(t, server, detecting(map[string]tftypes.Value{
						"blacklist_id": text(id), "mode": text("authoritative"), "entries": attributes["entries"],
					}, test.detection))
				})
				if got != test.requests {
					t.Errorf("%s: %d requests, want %d", test.detection, got, test.requests)
				}
			}
		})
	}
}

// namedCompanies have a name only, so that many of them are quick to handle.
func namedCompanies(count int) []simulator.Entry {
	companies := make([]simulator.Entry, count)
	for i := range companies {
		companies[i].CompanyName = fmt.Sprintf("Company %d", i)
	}
	return companies
}

// TestChangeRequests counts the requests of changes of a list, with the one for its blacklist: of 10,000 companies 106 at
// most. The cases that cost less have 1,000, so that they are quick. In additive mode, nine of ten belong to others.
func TestChangeRequests(t *testing.T) {
	t.Parallel()
	noIDs := simulator.Behavior{AddAnswer: "counts"}
	newestFirst := simulator.Behavior{AddAnswer: "counts", EntriesNewestFirst: true}
	for _, test := range []struct {
		name             string
		mode             string
		size             int
		behavior         simulator.Behavior
		renamed, another int
	}{
		{"authoritative, ids", "authoritative", 1_000, simulator.Behavior{}, 13, 12},
		{"authoritative, no ids", "authoritative", 1_000, noIDs, 14, 13},
		{"authoritative, no ids, newest first", "authoritative", 1_000, newestFirst, 15, 14},
		{"additive, ids", "additive", 1_000, simulator.Behavior{}, 15, 14},
		{"additive, no ids", "additive", 1_000, noIDs, 15, 14},
		{"additive, no ids, newest first", "additive", 10_000, newestFirst, 106, 105},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			size, others := test.size, 0
			companies := manyCompanies(size + 1)
			if test.mode == "additive" {
				others = size * 9 / 10
			}
			sim := startSimulator(t, simulator.Options{Behavior: test.behavior})
			id := sim.AddBlacklist("Customers", "", companies[:others]...)
			list := &protocolResource{name: entriesType}
			list.apply(t, configuredServer(t, sim), entriesArguments(id, test.mode, documentOf(t, companies[others:size])))

			change := func(what string, companies []simulator.Entry, want int) {
				t.Helper()
				arguments := entriesArguments(id, test.mode, documentOf(t, companies))
				got := 1 + requestsOf(sim, func() {
					planner := configuredServer(t, sim)
					list.read(t, planner)
					list.plan(t, planner, arguments)
					list.apply(t, configuredServer(t, sim), arguments)
				})
				if got != want {
					t.Errorf("%s: %d requests, want %d", what, got, want)
				}
				if blacklist, _ := sim.Blacklist(id); test.mode == "authoritative" && len(blacklist.Entries) != len(companies) {
					t.Errorf("%s: %d companies on the blacklist, want %d", what, len(blacklist.Entries), len(companies))
				}
			}
			companies[size-7].CompanyName = "Renamed AG"
			change("one renamed", companies[others:size], test.renamed)
			change("one more", companies[others:], test.another)
		})
	}
}

// TestRefreshReadsAllWhereItMust: after a failed apply, after an import and where ids are not known, a refresh reads the whole
// list, whatever is set.
func TestRefreshReadsAllWhereItMust(t *testing.T) {
	t.Parallel()
	companies := manyCompanies(250)
	for _, detection := range []string{"count", "none"} {
		for name, prepare := range map[string]func(*testing.T, *simulator.Server, *protocolResource, map[string]tftypes.Value){
			"a failed update": func(t *testing.T, sim *simulator.Server, list *protocolResource, arguments map[string]tftypes.Value) {
				t.Helper()
				sim.Inject(simulator.Fault{Method: http.MethodDelete, Status: http.StatusForbidden})
				changed := maps.Clone(arguments)
				changed["entries"] = text(documentOf(t, companies[:249]))
				if failed := list.attempt(t, configuredServer(t, sim), changed); failed == "" {
					t.Fatal("the update did not fail")
				}
			},
			"a failed delete": func(t *testing.T, sim *simulator.Server, list *protocolResource, _ map[string]tftypes.Value) {
				t.Helper()
				sim.Inject(simulator.Fault{Method: http.MethodDelete, Status: http.StatusForbidden})
				if failed := list.attempt(t, configuredServer(t, sim), nil); failed == "" {
					t.Fatal("the destruction did not fail")
				}
			},
			"ids that are not known": func(_ *testing.T, _ *simulator.Server, list *protocolResource, _ map[string]tftypes.Value) {
				list.private = nil
			},
		} {
			t.Run(detection+" after "+name, func(t *testing.T) {
				t.Parallel()
				sim := startSimulator(t, simulator.Options{})
				id := sim.AddBlacklist("Customers", "", companies...)
				arguments := detecting(entriesArguments(id, "authoritative", documentOf(t, companies)), detection)
				list := managed(t, sim, arguments)
				prepare(t, sim, list, arguments)
				for _, want := range []int{3, map[string]int{"count": 1, "none": 0}[detection]} {
					if got := requestsOf(sim, func() { list.read(t, configuredServer(t, sim)) }); got != want {
						t.Errorf("%d requests, want %d", got, want)
					}
				}
			})
		}
	}
	t.Run("an import", func(t *testing.T) {
		t.Parallel()
		sim := startSimulator(t, simulator.Options{})
		id := sim.AddBlacklist("Customers", "", companies...)
		if got := requestsOf(sim, func() { importEntries(t, configuredServer(t, sim), id) }); got != 3 {
			t.Errorf("%d requests, want 3", got)
		}
	})
}

// TestRefreshUsesWhatIsRead: a list that something else in the run reads anyway costs nothing to look at.
func TestRefreshUsesWhatIsRead(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	companies := manyCompanies(5)
	for _, detection := range []string{"count", "none"} {
		id := sim.AddBlacklist("Customers", "", companies...)
		list := managed(t, sim, detecting(entriesArguments(id, "authoritative", documentOf(t, companies)), detection))
		blacklist, _ := sim.Blacklist(id)
		sim.RemoveEntries(id, blacklist.Entries[0].ID)
		server := configuredServer(t, sim)
		_, diagnostics := readDataSource(t, server, entriesType, map[string]tftypes.Value{"blacklist_id": text(id)})
		expectNoErrors(t, diagnostics)
		list.read(t, server)
		if got := list.attribute(t, "entries"); strings.Contains(got, companies[0].ExternalID) {
			t.Errorf("%s: the company that was removed is still in state", detection)
		}
	}
}

// TestRefusedRemovalsAreTheStates counts what state names and the blacklist holds, not what others have put there.
func TestRefusedRemovalsAreTheStates(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	companies := manyCompanies(105)
	id := sim.AddBlacklist("Customers", "")
	arguments := entriesArguments(id, "authoritative", documentOf(t, companies[:100]))
	arguments["max_removals"] = tftypes.NewValue(tftypes.Number, 2)
	list := &protocolResource{name: entriesType}
	list.apply(t, configuredServer(t, sim), arguments)
	blacklist, _ := sim.Blacklist(id)
	sim.RemoveEntries(id, blacklist.Entries[0].ID)
	sim.AddEntries(id, companies[100:]...)

	gone := slices.IndexFunc(companies, func(c simulator.Entry) bool { return c.ExternalID == blacklist.Entries[0].ExternalID })
	kept := slices.Delete(slices.Clone(companies[:100]), gone, gone+1)
	arguments["entries"] = text(documentOf(t, kept[:97]))
	if _, failed := list.tryPlan(t, configuredServer(t, sim), arguments); failed != "" {
		t.Errorf("the plan, which removes two that are there, is refused: %s", failed)
	}
	arguments["entries"] = text(documentOf(t, kept[:96]))
	if _, failed := list.tryPlan(t, configuredServer(t, sim), arguments); !strings.Contains(failed, "3 companies") {
		t.Errorf("the plan, which removes three that are there: %q", failed)
	}
}

// TestModeChangeReadsTheList: what the others have on a list that becomes authoritative has to be shown, whatever is set.
func TestModeChangeReadsTheList(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	companies := manyCompanies(5)
	id := sim.AddBlacklist("Customers", "", companies[:2]...)
	list := &protocolResource{name: entriesType}
	none := func(mode string) map[string]tftypes.Value {
		return detecting(entriesArguments(id, mode, documentOf(t, companies[2:])), "none")
	}
	list.apply(t, configuredServer(t, sim), none("additive"))
	if got := requestsOf(sim, func() { list.apply(t, configuredServer(t, sim), none("authoritative")) }); got != 0 {
		t.Errorf("the change of the mode sent %d requests", got)
	}
	list.read(t, configuredServer(t, sim))
	if got := list.attribute(t, "entries"); !strings.Contains(got, companies[0].CompanyName) {
		t.Errorf("the companies of others are not shown: %s", got)
	}
}

func TestCountNeedsAnAuthoritativeList(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	arguments := detecting(entriesArguments(sim.AddBlacklist("Customers", ""), "additive", sites(1, 3)), "count")
	resp, err := configuredServer(t, sim).ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: entriesType, Config: objectOrNull(t, providerSchema(t).ResourceSchemas[entriesType], arguments),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := (&protocolResource{}).note(resp.Diagnostics); !strings.Contains(got, `needs an authoritative list`) {
		t.Errorf("got %q", got)
	}
}

// A state of a version without the argument reads the whole list, and shows no change of it.
func TestStateWithoutDriftDetection(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	arguments := entriesArguments(sim.AddBlacklist("Customers", ""), "authoritative", sites(1, 3))
	list := &protocolResource{name: entriesType}
	list.apply(t, configuredServer(t, sim), arguments)
	schema := providerSchema(t).ResourceSchemas[entriesType]
	attributes := attributesOf(t, schema, list.state)
	attributes["drift_detection"] = tftypes.NewValue(tftypes.String, nil)
	list.state = dynamicValue(t, schema, attributes)
	server := configuredServer(t, sim)
	list.read(t, server)
	if got := list.attribute(t, "drift_detection"); got != "full" {
		t.Errorf("drift_detection = %q", got)
	}
	list.expectUnchanged(t, server, detecting(arguments, "full"))
}

// TestAccDriftDetection runs real plans and applies: what a refresh notes reaches the apply, and a company that is removed
// behind Terraform's back is found by its number.
func TestAccDriftDetection(t *testing.T) {
	t.Parallel()
	cli := prepareCLI(t)
	w := newWorkspace(t, cli, simulator.Options{})
	id := w.sim.AddBlacklist("Shared", "", manyCompanies(250)...)
	companies := manyCompanies(255)
	configuration := func(count int, arguments ...string) {
		w.write("main.tf", requiredProvider+configure(w.sim, entriesOn(id, "list", documentOf(t, companies[250:250+count]), arguments...)))
	}
	apply := func(what string, gets, posts int) {
		t.Helper()
		w.terraform("plan", "-out=plan")
		w.terraform("apply", "plan")
		w.wantRequests(what, gets, posts, 0)
	}

	configuration(3, `mode = "additive"`)
	w.terraform("apply", "-auto-approve")
	w.sim.ResetJournal()
	configuration(4, `mode = "additive"`)
	// One before it adds, and one to see that the list has grown.
	apply("one more, the plan has read the list", 3+2, 1)
	configuration(5, `mode = "additive"`, `drift_detection = "none"`)
	apply("one more, the plan reads it a last time", 3+2, 1)
	configuration(4, `mode = "additive"`, `drift_detection = "none"`)
	w.terraform("apply", "-auto-approve")
	w.wantRequests("one less, nothing is read", 0, 0, 1)
	configuration(5, `mode = "additive"`, `drift_detection = "none"`)
	apply("one more, the apply reads the list", 3, 1)

	w.terraform("destroy", "-auto-approve")
	blacklist, _ := w.sim.Blacklist(id)
	if len(blacklist.Entries) != 250 {
		t.Errorf("%d companies are left, want the 250 of others", len(blacklist.Entries))
	}
}

// TestAccDriftDetectionCount removes a company behind the back of a list whose refresh counts.
func TestAccDriftDetectionCount(t *testing.T) {
	t.Parallel()
	cli := prepareCLI(t)
	w := newWorkspace(t, cli, simulator.Options{})
	w.write("main.tf", requiredProvider+configure(w.sim, `
resource "openprospect_blacklist" "customers" {
  name = "Customers"
}
`+entriesBlock("customers", "openprospect_blacklist.customers.id", `file("${path.module}/entries.json")`, `drift_detection = "count"`)))
	w.writeCompanies(manyCompanies(150))
	w.terraform("apply", "-auto-approve")
	w.sim.ResetJournal()
	if output := w.terraform("plan"); !strings.Contains(output, "No changes.") {
		t.Errorf("the second plan is not empty:\n%s", output)
	}
	w.wantRequests("no-change plan", 2, 0, 0)

	blacklist := w.sim.Blacklists()[0]
	w.sim.RemoveEntries(blacklist.ID, blacklist.Entries[17].ID)
	if output := w.terraform("plan"); !strings.Contains(output, "+ "+blacklist.Entries[17].ExternalID+" ") {
		t.Errorf("the plan does not show what is missing:\n%s", output)
	}
	// The list is read, and once more to confirm that the company is gone.
	w.wantRequests("a plan after a removal", 2+2+2, 0, 0)
}
