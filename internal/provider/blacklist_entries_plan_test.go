package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

const entriesType = "openprospect_blacklist_entries"

// entriesArguments are the arguments of a list of companies, a JSON document.
func entriesArguments(id, mode, document string) map[string]tftypes.Value {
	return map[string]tftypes.Value{"blacklist_id": text(id), "mode": text(mode), "entries": text(document)}
}

// importEntries imports the list of that id.
func importEntries(t *testing.T, server tfprotov6.ProviderServer, id string) *protocolResource {
	t.Helper()
	identityType := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"blacklist_id": tftypes.String}}
	identity, err := tfprotov6.NewDynamicValue(
		identityType,
		tftypes.NewValue(identityType, map[string]tftypes.Value{"blacklist_id": text(id)}),
	)
	if err != nil {
		t.Fatal(err)
	}
	return importByIdentity(t, server, entriesType, &tfprotov6.ResourceIdentityData{IdentityData: &identity})
}

// wantWarning compares the words of the only warning of the last call; "" is no warning.
func (r *protocolResource) wantWarning(t *testing.T, words string) {
	t.Helper()
	got := strings.Join(r.warnings, "\n")
	if words == "" && got != "" || !strings.Contains(got, words) || len(r.warnings) > 1 {
		t.Errorf("got the warnings %q, want %q", r.warnings, words)
	}
}

// TestBlacklistEntriesImportWarns has 25 companies that the configuration does not name: Terraform's own plan shows all
// keys as removed and added, so the warning says what is true.
func TestBlacklistEntriesImportWarns(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "", acme, globex)
	for i := range 25 {
		sim.AddEntries(id, simulator.Entry{CompanyName: fmt.Sprintf("Company %02d", i)})
	}
	server := configuredServer(t, sim)

	list := importEntries(t, server, id)
	if got := list.identityAttributes(t, server)["blacklist_id"]; got != id {
		t.Errorf("the identity is %q, want %q", got, id)
	}
	list.apply(t, server, entriesArguments(id, "authoritative", `{
		"C1": {"company_name": "Acme Corp", "website_url": "acme-corp.com"},
		"C2": {"company_name": "Global Industries GmbH", "city": "Munich", "country": "Germany"},
		"C3": {"company_name": "Initech", "website_url": "initech.example"}
	}`))
	list.wantWarning(t, "Only the key changes for 2 companies. The plan shows this as removed and added, but the provider sends "+
		"nothing for it. Blacklist "+id+" with 27 companies: 1 to add, 0 to change, 25 to remove. A truncated CRM export looks like this.")
	list.wantWarning(t, "No longer excluded:\n\n  Company 00\n  Company 01\n")
	list.wantWarning(t, "\n  Company 19\n  and 5 more")
	if got := len(entries(sim)); got != 3 {
		t.Errorf("%d entries are left, want 3", got)
	}

	// The second plan has nothing to explain.
	list.apply(
		t,
		server,
		entriesArguments(id, "authoritative", `{"C2": {"company_name": "Global Industries GmbH", "city": "Munich", "country": "Germany"}}`),
	)
	list.wantWarning(t, "")
}

// TestBlacklistEntriesImportWarnsOfRemovals: also where the configuration has the keys that the import gave.
func TestBlacklistEntriesImportWarnsOfRemovals(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist(
		"Customers",
		"",
		simulator.Entry{CompanyName: "Acme", WebsiteURL: "acme.com", ExternalID: "C1"},
		simulator.Entry{CompanyName: "Globex", WebsiteURL: "globex.com", ExternalID: "C2"},
	)
	server := configuredServer(t, sim)

	list := importEntries(t, server, id)
	one := `"C1": {"company_name": "Acme", "website_url": "acme.com", "external_id": "C1"}`
	both := "{" + one + `, "C2": {"company_name": "Globex", "website_url": "globex.com", "external_id": "C2"}}`
	list.plan(t, server, entriesArguments(id, "authoritative", both))
	list.wantWarning(t, "")
	list.plan(t, server, entriesArguments(id, "authoritative", "{"+one+"}"))
	list.wantWarning(t, "This is the first change since the import, and some companies on the blacklist are not in entries. "+
		"Blacklist "+id+" with 2 companies: 0 to add, 0 to change, 1 to remove.\n\nNo longer excluded:\n\n  Globex")
}

// TestBlacklistEntriesImportAdditive removes nothing, since the resource has added nothing.
func TestBlacklistEntriesImportAdditive(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "", acme, globex, hooli)
	server := configuredServer(t, sim)

	list := importEntries(t, server, id)
	list.apply(t, server, entriesArguments(id, "additive", `{"C1": {"company_name": "Acme Corp", "website_url": "acme-corp.com"}}`))
	if len(list.warnings) != 2 ||
		!strings.Contains(
			list.warnings[0],
			"Only the key changes for 1 company. The plan shows this as removed and added, but the provider sends nothing for it. "+
				"Blacklist "+id+" with 3 companies: 0 to add, 0 to change, 0 to remove.",
		) ||
		!strings.Contains(list.warnings[1], "did not add these companies, so they stay on the blacklist "+id+":\n\n  Global Industries GmbH") {
		t.Errorf("got the warnings %q", list.warnings)
	}
	if err := expectEntries(sim, acme, globex, hooli)(); err != nil {
		t.Error(err)
	}
}

func TestBlacklistEntriesAdditiveWarnings(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "", acme, hooli)

	initech := `"C2": {"company_name": "Initech", "website_url": "initech.example"}`
	both := `{"C1": {"company_name": "Acme Corp", "website_url": "acme-corp.com"}, ` + initech + "}"
	list := &protocolResource{name: entriesType}
	list.apply(t, configuredServer(t, sim), entriesArguments(id, "additive", both))
	list.wantWarning(t, "1 company was already on the blacklist \"Customers\" ("+id+").")

	server := configuredServer(t, sim)
	list.read(t, server)
	list.apply(t, server, entriesArguments(id, "authoritative", both))
	list.wantWarning(
		t,
		"The blacklist "+id+" contains 1 other company besides those in entries. This plan keeps them. Once mode is authoritative, the "+
			"next plan shows them as removed:\n\n  Hooli, hooli.example",
	)

	list.apply(t, configuredServer(t, sim), entriesArguments(id, "additive", "{"+initech+"}"))
	list.wantWarning(t, "did not add these companies, so they stay on the blacklist "+id+":\n\n  Acme Corp")
	if got := len(entries(sim)); got != 3 {
		t.Errorf("%d entries are left, want 3", got)
	}
}

func TestBlacklistEntriesGoneWarns(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "")
	server := configuredServer(t, sim)

	list := &protocolResource{name: entriesType}
	list.apply(t, server, entriesArguments(id, "authoritative", `{"C2": {"company_name": "Initech"}}`))
	sim.RemoveBlacklist(id)
	if list.read(t, configuredServer(t, sim)) {
		t.Error("the resource is still in state")
	}
	list.wantWarning(t, "The blacklist "+id+" was removed outside Terraform, or it belongs to an account")
	list.wantWarning(t, "If it was removed, 1 company is no longer excluded.")
}

// TestBlacklistEntriesWithoutPrivateState is a state that was moved or edited: the rows are found by what they say.
func TestBlacklistEntriesWithoutPrivateState(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	id := sim.AddBlacklist("Customers", "")
	server := configuredServer(t, sim)

	list := &protocolResource{name: entriesType}
	list.apply(t, server, entriesArguments(id, "authoritative", `{"C1": {"company_name": "Acme Corp"}, "C2": {"company_name": "Initech"}}`))
	list.private = nil
	list.apply(t, configuredServer(t, sim), entriesArguments(id, "authoritative", `{"C1": {"company_name": "Acme Corp"}}`))
	if err := expectEntries(sim, simulator.Entry{CompanyName: "Acme Corp"})(); err != nil {
		t.Error(err)
	}
}

// TestBlacklistEntriesStaleIDs has ids in private state that others have removed meanwhile, and -refresh=false.
func TestBlacklistEntriesStaleIDs(t *testing.T) {
	t.Parallel()
	for _, unknown := range []bool{false, true} {
		sim := startSimulator(t, simulator.Options{Behavior: simulator.Behavior{RemoveUnknownNotFound: unknown}})
		id := sim.AddBlacklist("Customers", "")
		list := &protocolResource{name: entriesType}
		list.apply(t, configuredServer(t, sim), entriesArguments(id, "authoritative",
			`{"C1": {"company_name": "Acme Corp"}, "C2": {"company_name": "Initech"}, "C3": {"company_name": "Hooli"}}`))

		blacklist := sim.Blacklists()[0]
		sim.RemoveEntries(id, blacklist.Entries[1].ID)
		list.apply(t, configuredServer(t, sim), entriesArguments(id, "authoritative", `{"C1": {"company_name": "Acme Corp"}}`))
		if err := expectEntries(sim, simulator.Entry{CompanyName: "Acme Corp"})(); err != nil {
			t.Errorf("unknown ids are refused %t: %s", unknown, err)
		}
	}
}
