package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
	"github.com/openprospect/terraform-provider-openprospect/internal/terraformcli"
)

// guide is a copy of a guide's example, and what its reader has: terraform, the provider, and an account.
type guide struct {
	t         *testing.T
	sim       *simulator.Server
	cli       *terraformcli.CLI
	directory string
	environ   []string
}

func newGuide(t *testing.T, name string, options simulator.Options) *guide {
	t.Helper()
	cli := prepareCLI(t)
	sim := startSimulator(t, options)
	return &guide{
		t: t, sim: sim, cli: cli,
		directory: copyExample(t, filepath.Join("guides", name)),
		environ:   cli.Environ("OPENPROSPECT_API_KEY="+sim.APIKey(), "OPENPROSPECT_BASE_URL="+sim.URL()),
	}
}

// terraform runs to the end and returns what it prints, messages apart.
func (g *guide) terraform(arguments ...string) string {
	g.t.Helper()
	command := g.cli.Command(g.directory, g.environ, arguments...)
	var messages strings.Builder
	command.Stderr = &messages
	output, err := command.Output()
	if err != nil {
		g.t.Fatalf("terraform %v: %v\n%s%s", arguments, err, output, messages.String())
	}
	return string(output)
}

func (g *guide) apply(variables ...string) string {
	g.t.Helper()
	return g.terraform(append([]string{"apply", "-auto-approve", "-input=false", "-no-color"}, withVariables(variables)...)...)
}

// expectPlanError plans, which must fail.
func (g *guide) expectPlanError(want string, arguments ...string) {
	g.t.Helper()
	g.expectError(want, append([]string{"plan", "-input=false", "-no-color"}, arguments...)...)
}

// expectError runs terraform, which must fail and say so.
func (g *guide) expectError(want string, arguments ...string) {
	g.t.Helper()
	said, err := g.cli.Command(g.directory, g.environ, arguments...).CombinedOutput()
	if err == nil || !strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(string(said), "│", "")), " "), want) {
		g.t.Errorf("terraform %v gives %v, want %q:\n%s", arguments, err, want, said)
	}
}

// expectNoChanges plans once more.
func (g *guide) expectNoChanges(variables ...string) {
	g.t.Helper()
	g.terraform(append([]string{"plan", "-detailed-exitcode", "-input=false", "-no-color"}, withVariables(variables)...)...)
}

func withVariables(variables []string) []string {
	var arguments []string
	for _, variable := range variables {
		arguments = append(arguments, "-var", variable)
	}
	return arguments
}

// change edits the example.
func (g *guide) change(before, after string) {
	g.t.Helper()
	name := filepath.Join(g.directory, "main.tf")
	configuration := readFile(g.t, name)
	if strings.Count(configuration, before) != 1 {
		g.t.Fatalf("the example does not hold once\n%s", before)
	}
	writeFile(g.t, name, strings.Replace(configuration, before, after, 1))
}

// output is a list of strings that the example puts out.
func (g *guide) output(name string) []string {
	g.t.Helper()
	var values []string
	if err := json.Unmarshal([]byte(g.terraform("output", "-json", name)), &values); err != nil {
		g.t.Fatal(err)
	}
	return values
}

// state is all that terraform has written of it.
func (g *guide) state() string {
	g.t.Helper()
	return readFile(g.t, filepath.Join(g.directory, "terraform.tfstate"))
}

// companyNames are those on all blacklists, sorted.
func (g *guide) companyNames() []string {
	var names []string
	for _, list := range g.sim.Blacklists() {
		for _, entry := range list.Entries {
			names = append(names, entry.CompanyName)
		}
	}
	return slices.Sorted(slices.Values(names))
}

// TestAccGuideGettingStarted follows the first guide with the example of the overview.
func TestAccGuideGettingStarted(t *testing.T) {
	t.Parallel()
	g := newGuide(t, "crm-export", simulator.Options{})
	g.directory = copyExample(t, "provider")
	if said := g.apply(); !strings.Contains(said, "3 added, 0 changed, 0 destroyed") {
		t.Errorf("the first apply says\n%s", said)
	}
	order := onlyOrder(t, g.sim)
	if diff := cmp.Diff([]any{g.sim.Blacklists()[0].ID}, order.Request["blacklist_ids"]); diff != "" {
		t.Errorf("the order excludes (-want +got):\n%s", diff)
	}
	g.expectNoChanges()

	export := filepath.Join(g.directory, "customers.csv")
	writeFile(t, export, strings.Replace(readFile(t, export), "Symrise AG", "Symrise Group AG", 1))
	g.apply()
	expectSame(t, "companies", []string{"SAP SE", "Symrise Group AG", "Zalando SE"}, g.companyNames())
	if got := len(g.sim.Orders()); got != 1 {
		t.Errorf("%d orders after a company was renamed, want 1", got)
	}

	// The last section of the guide: the protection goes first, then everything.
	g.expectPlanError("Discovery order is protected", "-destroy")
	provider := filepath.Join(g.directory, "provider.tf")
	writeFile(t, provider, strings.Replace(readFile(t, provider), `"PREVENT"`, `"ABANDON"`, 1))
	g.apply()
	g.terraform("destroy", "-auto-approve", "-input=false", "-no-color")
	if got := len(g.sim.Blacklists()); got != 0 {
		t.Errorf("%d blacklists are left", got)
	}
}

// TestAccGuideDestroyNotEmpty follows the guide's advice for a destroy that stops at a blacklist: no order is placed on the way.
func TestAccGuideDestroyNotEmpty(t *testing.T) {
	t.Parallel()
	g := newGuide(t, "crm-export", simulator.Options{})
	g.directory = copyExample(t, "provider")
	main := filepath.Join(g.directory, "provider.tf")
	edit := func(before, after string) { writeFile(t, main, strings.Replace(readFile(t, main), before, after, 1)) }
	edit(`"PREVENT"`, `"ABANDON"`)
	g.apply()
	g.terraform("plan", "-destroy", "-input=false", "-out=saved.plan")
	g.sim.AddEntries(g.sim.Blacklists()[0].ID, simulator.Entry{CompanyName: "Added by somebody else"})
	g.expectError("Blacklist is not empty", "apply", "-input=false", "-no-color", "saved.plan")

	edit(`name = "Existing customers"`, "name = \"Existing customers\"\n  force_destroy = true")
	g.terraform("apply", "-auto-approve", "-input=false", "-target=openprospect_blacklist.customers")
	g.terraform("destroy", "-auto-approve", "-input=false", "-refresh=false")
	if got := len(g.sim.Blacklists()); got != 0 {
		t.Errorf("%d blacklists are left", got)
	}
	if got := len(g.sim.Orders()); got != 1 {
		t.Errorf("%d orders, want the one that Terraform forgot", got)
	}
}

// TestAccGuideRemoveNotEmpty follows the guide's advice for an apply that stops at a blacklist whose block was removed: all else stays.
func TestAccGuideRemoveNotEmpty(t *testing.T) {
	t.Parallel()
	g := newGuide(t, "crm-export", simulator.Options{})
	g.directory = copyExample(t, "provider")
	main := filepath.Join(g.directory, "provider.tf")
	others := readFile(t, main)
	g.apply()
	kept := g.sim.Blacklists()
	writeFile(t, main, others+"\nresource \"openprospect_blacklist\" \"former\" {\n  name = \"Former customers\"\n}\n")
	g.apply()
	former := slices.IndexFunc(g.sim.Blacklists(), func(b simulator.Blacklist) bool { return b.Name == "Former customers" })
	g.sim.AddEntries(g.sim.Blacklists()[former].ID, simulator.Entry{CompanyName: "Added by somebody else"})
	writeFile(t, main, others)
	g.expectError("Blacklist is not empty", "apply", "-auto-approve", "-input=false", "-no-color")

	writeFile(t, main, others+"\nresource \"openprospect_blacklist\" \"former\" {\n  name = \"Former customers\"\n  force_destroy = true\n}\n")
	g.terraform("apply", "-auto-approve", "-input=false", "-target=openprospect_blacklist.former")
	writeFile(t, main, others)
	g.apply()
	if diff := cmp.Diff(kept, g.sim.Blacklists()); diff != "" {
		t.Errorf("the other blacklist and its companies (-want +got):\n%s", diff)
	}
	onlyOrder(t, g.sim)
	g.expectNoChanges()
}

// TestAccTroubleshootingOfTerraform has Terraform print its own messages that the guide explains.
func TestAccTroubleshootingOfTerraform(t *testing.T) {
	t.Parallel()
	noKey := newGuide(t, "icp-review", simulator.Options{})
	noKey.environ = noKey.cli.Environ("OPENPROSPECT_API_KEY=")
	noKey.expectPlanError(messagesOfTerraform[0])
	noKey.expectPlanError("Missing OpenProspect API key")

	latin1 := newGuide(t, "crm-export", simulator.Options{})
	writeFile(t, filepath.Join(latin1.directory, "hubspot-export.csv"), "company_name\nM\xfcller\n")
	before, after, _ := strings.Cut(messagesOfTerraform[1], filledIn)
	latin1.expectPlanError(before)
	latin1.expectPlanError(after)
}

// TestAccGuidePlanKey plans with the key that the guide about CI systems has for plans: one that can only read.
func TestAccGuidePlanKey(t *testing.T) {
	t.Parallel()
	g := newGuide(t, "crm-export", simulator.Options{Scopes: []string{"blacklists:read", "orders:read"}})
	g.directory = copyExample(t, "provider")
	g.expectPlanError("API key lacks a scope")
	provider := filepath.Join(g.directory, "provider.tf")
	before := readFile(t, provider)
	writeFile(t, provider, strings.Replace(before, "{}", "{\n  skip_credentials_validation = true\n}", 1))
	if said := g.terraform("plan", "-input=false", "-no-color"); !strings.Contains(said, "3 to add, 0 to change, 0 to destroy") {
		t.Errorf("the plan says\n%s", said)
	}
	if err := onlyReads(g.sim); err != nil {
		t.Error(err)
	}
}

func TestAccGuideCRMExport(t *testing.T) {
	t.Parallel()
	g := newGuide(t, "crm-export", simulator.Options{})
	g.apply()
	expectSame(t, "companies", []string{"SAP SE", "Symrise AG", "Zalando SE"}, g.companyNames())
	g.expectNoChanges()
}

// TestAccGuideTwoDomains puts a company on the list twice, with one domain each.
func TestAccGuideTwoDomains(t *testing.T) {
	t.Parallel()
	g := newGuide(t, "crm-export", simulator.Options{})
	export := readFile(t, filepath.Join(g.directory, "two-domains.csv"))
	writeFile(t, filepath.Join(g.directory, "hubspot-export.csv"), export)
	g.apply()
	expectSame(t, "companies", []string{"SAP SE", "SAP SE"}, g.companyNames())
	g.expectNoChanges()
}

func TestAccGuideSharding(t *testing.T) {
	t.Parallel()
	g := newGuide(t, "choosing", simulator.Options{})
	rows := strings.Count(strings.TrimSpace(readFile(t, filepath.Join(g.directory, "customers.csv"))), "\n")
	g.apply()
	lists := len(g.sim.Blacklists())
	if got := len(g.companyNames()); got != rows || lists < 2 {
		t.Errorf("%d companies on %d lists, want %d on several", got, lists, rows)
	}
	if got := len(g.output("blacklist_ids")); got != lists {
		t.Errorf("%d ids for an order, want %d", got, lists)
	}
	g.expectNoChanges()
}

// TestAccGuideShardingOrder places an order on the shards: that companies come and go must not order again.
func TestAccGuideShardingOrder(t *testing.T) {
	t.Parallel()
	g := newGuide(t, "choosing", simulator.Options{})
	root := t.TempDir()
	if err := os.CopyFS(filepath.Join(root, "customers"), os.DirFS(g.directory)); err != nil {
		t.Fatal(err)
	}
	g.directory = root
	writeFile(
		t,
		filepath.Join(root, "main.tf"),
		requiredProviders+"module \"customers\" {\n  source = \"./customers\"\n}\n"+orderHCL(arguments{
			"blacklist_ids":          "module.customers.blacklist_ids",
			"allow_empty_blacklists": "true",
		}),
	)
	g.terraform("get")
	g.apply()
	shards := len(g.sim.Blacklists())
	placed := false
	for _, request := range g.sim.Journal() {
		if request.Method != "POST" {
			continue
		}
		if placed {
			t.Errorf("%s is filled after the order was placed", request.Path)
		}
		placed = placed || request.Path == "/orders"
	}
	if !placed {
		t.Error("no order was placed")
	}

	customers := filepath.Join(root, "customers", "customers.csv")
	few := readFile(t, customers)
	many := few
	for i := range 50 {
		many += fmt.Sprintf("NEW-%d,Company %d,https://company-%d.example,,\n", i, i, i)
	}
	for _, change := range []struct{ reason, rows string }{
		{"a company comes to every shard", many},
		{"all but one company of some shards go", few},
		{"some shards are left without a company", strings.Join(strings.Split(few, "\n")[:2], "\n")},
	} {
		writeFile(t, customers, change.rows)
		g.apply()
		if got, rows := len(g.companyNames()), strings.Count(strings.TrimSpace(change.rows), "\n"); got != rows {
			t.Errorf("%s: %d companies are excluded, want %d", change.reason, got, rows)
		}
		if got := len(g.sim.Orders()); got != 1 {
			t.Fatalf("%s: there are %d orders, want 1", change.reason, got)
		}
		if got := len(g.sim.Blacklists()); got != shards {
			t.Errorf("%s: there are %d blacklists, want %d", change.reason, got, shards)
		}
		g.expectNoChanges()
	}
	order := onlyOrder(t, g.sim)
	if got, _ := order.Request["blacklist_ids"].([]any); len(got) != shards {
		t.Errorf("the order excludes %d blacklists, want %d", len(got), shards)
	}
}

func TestAccGuideEachQuarter(t *testing.T) {
	t.Parallel()
	g := newGuide(t, "each-quarter", simulator.Options{})
	g.apply()
	first := onlyOrder(t, g.sim)
	g.expectNoChanges()

	if said := g.apply("quarter=2026-Q2"); !strings.Contains(said, "Terraform forgets the old order") {
		t.Errorf("the second order is placed without a warning:\n%s", said)
	}
	orders := g.sim.Orders()
	if len(orders) != 2 || !slices.ContainsFunc(orders, func(o simulator.Order) bool { return o.ID == first.ID && o.Status != "CANCELLED" }) {
		t.Fatalf("the orders are %+v, want the first one and another", orders)
	}
	for _, order := range orders {
		if kept := strings.Contains(g.state(), order.ID); kept == (order.ID == first.ID) {
			t.Errorf("the order %s is in state: %t", order.ID, kept)
		}
		want := []any{g.sim.Blacklists()[0].ID}
		if diff := cmp.Diff(want, order.Request["blacklist_ids"]); diff != "" {
			t.Errorf("the order %s excludes (-want +got):\n%s", order.ID, diff)
		}
	}
	g.expectNoChanges("quarter=2026-Q2")
}

func TestAccGuideSearchProfile(t *testing.T) {
	t.Parallel()
	g := newGuide(t, "search-profile", simulator.Options{Behavior: simulator.Behavior{Newest: true}})
	g.apply()
	order := onlyOrder(t, g.sim)
	if got, want := order.Request["profile_id"], g.sim.ProfileCreations()[0].ProfileID; got != want {
		t.Errorf("the order names the profile %v, want %s", got, want)
	}
	g.expectNoChanges()

	g.change(`["Software"]`, `["Software", "Retail"]`)
	said := strings.Join(strings.Fields(strings.ReplaceAll(g.terraform("plan", "-input=false", "-no-color"), "│", "")), " ")
	const why = "This plan places a new order, which is paid for separately, because these arguments change: profile_id (known after apply"
	if strings.Count(said, why) != 1 || strings.Count(said, "Paid discovery order") != 1 {
		t.Errorf("the plan does not warn once of another order:\n%s", said)
	}
	g.apply()
	if got := len(g.sim.Orders()); got != 2 {
		t.Errorf("%d orders, want the first one and another", got)
	}
	g.expectNoChanges()
}

func TestAccGuideICPReview(t *testing.T) {
	t.Parallel()
	g := newGuide(t, "icp-review", simulator.Options{})
	const weak = "The competitor has no website"
	if said := g.apply(); strings.Contains(said, weak) {
		t.Errorf("the check fails for an entry with a website:\n%s", said)
	}

	website := "  website_url  = \"https://rival.example.com\"\n"
	g.change(website, "")
	if said := g.terraform("plan", "-input=false", "-no-color"); !strings.Contains(strings.Join(strings.Fields(said), " "), weak) {
		t.Errorf("the check does not warn of an entry with a name alone:\n%s", said)
	}
	g.change("company_name = \"Rival Inc.\"\n", "company_name = \"Rival Inc.\"\n"+website)

	profile := filepath.Join(g.directory, "ideal-customer-profile.txt")
	before := readFile(t, profile)
	writeFile(t, profile, "Somebody else\n")
	g.expectPlanError("Discovery order is protected")

	// In the same pull request the protection cannot be lifted: it is the one that was applied that counts.
	g.change("\"PREVENT\"", "\"ABANDON\"")
	g.expectPlanError("Discovery order is protected")
	if got := len(g.sim.Orders()); got != 1 {
		t.Errorf("%d orders, want 1", got)
	}

	writeFile(t, profile, before)
	g.apply()
	if got := len(g.sim.Orders()); got != 1 {
		t.Errorf("%d orders after the protection was lifted, want 1", got)
	}
	// Nor can the order be protected again in the pull request that replaces it.
	writeFile(t, profile, "Somebody else\n")
	g.change("deletion_policy = \"ABANDON\"", "deletion_policy = \"PREVENT\"")
	g.expectPlanError("Discovery order is protected")
	g.change("deletion_policy = \"PREVENT\"", "deletion_policy = \"ABANDON\"")
	g.apply()
	g.change("deletion_policy = \"ABANDON\"", "deletion_policy = \"PREVENT\"")
	g.apply()
	if got := len(g.sim.Orders()); got != 2 {
		t.Errorf("%d orders, want the new one beside the old one", got)
	}
}

func TestAccGuidePipeline(t *testing.T) {
	t.Parallel()
	g := newGuide(t, "pipeline", simulator.Options{})
	order := "order_id=" + completedOrder(g.sim)
	g.apply(order)
	domains := g.output("domains")
	if len(domains) == 0 || slices.Contains(domains, "") {
		t.Errorf("the domains are %q", domains)
	}
	if err := noPeopleIn("the state", g.state()); err != nil {
		t.Error(err)
	}
	if err := onlyReads(g.sim); err != nil {
		t.Error(err)
	}
}

func TestAccGuideImporting(t *testing.T) {
	t.Parallel()
	g := newGuide(t, "importing", simulator.Options{})
	list := g.sim.AddBlacklist("Existing customers", "",
		simulator.Entry{CompanyName: "SAP SE", WebsiteURL: "https://www.sap.com"},
		simulator.Entry{CompanyName: "Zalando SE", WebsiteURL: "https://corporate.zalando.com"},
	)
	variables := []string{"customers_blacklist_id=" + list, "order_id=" + g.sim.AddOrder(map[string]any{"title": "DACH SaaS spring"})}

	// What differs from the order must not be planned as another one.
	g.change("\"DACH SaaS spring\"", "\"DACH SaaS, spring\"")
	g.expectPlanError("Discovery order is protected", withVariables(variables)...)
	g.change("\"DACH SaaS, spring\"", "\"DACH SaaS spring\"")

	if said := g.apply(variables...); !strings.Contains(said, "3 imported, 0 added, 2 changed, 0 destroyed.") {
		t.Errorf("the import says\n%s", said)
	}
	g.expectNoChanges(variables...)
	if err := onlyReads(g.sim); err != nil {
		t.Error(err)
	}
}

// TestAccGuideImportingGenerated has Terraform write the configuration of what is imported.
func TestAccGuideImportingGenerated(t *testing.T) {
	t.Parallel()
	requireFeature(t, generatedConfiguration)
	g := newGuide(t, "importing", simulator.Options{})
	list := g.sim.AddBlacklist("Existing customers", "",
		simulator.Entry{CompanyName: "SAP SE", WebsiteURL: "https://www.sap.com"},
		simulator.Entry{CompanyName: "Zalando SE", WebsiteURL: "https://corporate.zalando.com"},
	)
	variables := []string{"customers_blacklist_id=" + list, "order_id=" + g.sim.AddOrder(map[string]any{"title": "DACH SaaS spring"})}
	example := readFile(t, filepath.Join(g.directory, "main.tf"))
	blocks, _, found := strings.Cut(example, "\nresource ")
	if !found {
		t.Fatal("the example has no resource")
	}
	writeFile(t, filepath.Join(g.directory, "main.tf"), blocks)

	g.expectPlanError("ideal_customer_profile", append([]string{"-generate-config-out=generated.tf"}, withVariables(variables)...)...)
	name := filepath.Join(g.directory, "generated.tf")
	generated := readFile(t, name)
	for _, company := range []string{"SAP SE", "Zalando SE"} {
		if !strings.Contains(generated, company) {
			t.Errorf("%s is not in the configuration:\n%s", company, generated)
		}
	}
	profile := regexp.MustCompile(`(?m)^(\s*ideal_customer_profile\s*=).*$`)
	generated = profile.ReplaceAllString(generated, `$1 "Mid-market SaaS companies"`)
	blacklistID := regexp.MustCompile(`(?m)^(\s*blacklist_id\s*=).*$`)
	generated = blacklistID.ReplaceAllString(generated, `$1 openprospect_blacklist.customers.id`)
	writeFile(t, name, generated)

	if said := g.apply(variables...); !strings.Contains(said, "3 imported, 0 added, ") || !strings.Contains(said, " 0 destroyed.") {
		t.Errorf("the import says\n%s", said)
	}
	g.expectNoChanges(variables...)
	if err := onlyReads(g.sim); err != nil {
		t.Error(err)
	}
}

// TestAccEphemeralExample hands the addresses to a command, as the example of the ephemeral resource does.
func TestAccEphemeralExample(t *testing.T) {
	t.Parallel()
	requireFeature(t, ephemeralResources)
	g := newGuide(t, "people", simulator.Options{})
	g.directory = copyExample(t, filepath.Join("ephemeral-resources", resultsType))
	order := "order_id=" + completedOrder(g.sim)
	g.apply(order, `mailing_script=printf %s "$RECIPIENTS" > recipients`)
	if got := g.sim.Count("GET", "/orders/*"); got != 2 {
		t.Errorf("the order was read %d times, want once in the plan and once in the apply", got)
	}
	if got := strings.Split(readFile(t, filepath.Join(g.directory, "recipients")), ","); len(got) < 2 || !slices.Contains(got, guideEmail) {
		t.Errorf("the command got %q, want %s among others", got, guideEmail)
	}
	if err := noPeopleIn("the state", g.state()); err != nil {
		t.Error(err)
	}
	g.sim.ResetJournal()
	g.expectNoChanges(order, `mailing_script=printf %s "$RECIPIENTS" > recipients`)
	if got := len(g.sim.Journal()); got != 2 {
		t.Errorf("a plan without changes sent %d requests, want one for the order and one for its companies", got)
	}
}
