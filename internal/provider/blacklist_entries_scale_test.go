package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
	"github.com/openprospect/terraform-provider-openprospect/internal/terraformcli"
)

// manyCompanies are told apart by all that the API matches by.
func manyCompanies(count int) []simulator.Entry {
	companies := make([]simulator.Entry, count)
	for i := range companies {
		companies[i] = simulator.Entry{
			CompanyName: fmt.Sprintf("Company %d GmbH", i), WebsiteURL: fmt.Sprintf("https://www.company-%d.example", i),
			City: "Berlin", Country: "Germany", ExternalID: fmt.Sprintf("crm-%d", i),
		}
	}
	return companies
}

// workspace is a directory in which the real terraform runs the real provider, a new process for each command, on
// a blacklist and the companies of a file.
type workspace struct {
	t         *testing.T
	sim       *simulator.Server
	directory string
	cli       *terraformcli.CLI
}

// builtCLI builds the provider for terraform, once for all tests; TestMain removes it.
var builtCLI = sync.OnceValues(func() (*terraformcli.CLI, error) {
	var err error
	if builtDirectory, err = os.MkdirTemp("", "provider"); err != nil {
		return nil, err
	}
	return terraformcli.Prepare(context.Background(), builtDirectory)
})

var builtDirectory string

// prepareCLI returns terraform and the provider.
func prepareCLI(t *testing.T) *terraformcli.CLI {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("runs terraform: set TF_ACC")
	}
	cli, err := builtCLI()
	if err != nil {
		t.Fatal(err)
	}
	return cli
}

// requiredProvider is what a configuration needs besides where no test framework adds it.
const requiredProvider = `
terraform {
  required_providers {
    openprospect = {
      source = "registry.terraform.io/openprospect/openprospect"
    }
  }
}
`

func newWorkspace(t *testing.T, cli *terraformcli.CLI, options simulator.Options) *workspace {
	t.Helper()
	w := &workspace{t: t, sim: startSimulator(t, options), directory: t.TempDir(), cli: cli}
	w.write("main.tf", requiredProvider+configure(w.sim, `
resource "openprospect_blacklist" "customers" {
  name = "Customers"
}
`+entriesBlock("customers", "openprospect_blacklist.customers.id", `file("${path.module}/entries.json")`)))
	return w
}

func (w *workspace) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.directory, name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// documentOf is a document of the companies, each under its external id.
func documentOf(t *testing.T, companies []simulator.Entry) string {
	t.Helper()
	document := make(map[string]map[string]string, len(companies))
	for _, c := range companies {
		document[c.ExternalID] = map[string]string{
			"company_name": c.CompanyName, "website_url": c.WebsiteURL, "city": c.City, "country": c.Country, "external_id": c.ExternalID,
		}
	}
	encoded, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// writeCompanies writes the document of the companies.
func (w *workspace) writeCompanies(companies []simulator.Entry) {
	w.t.Helper()
	w.write("entries.json", documentOf(w.t, companies))
}

// terraform runs a command that must succeed, and returns what it printed.
func (w *workspace) terraform(arguments ...string) string {
	w.t.Helper()
	output, err := w.cli.Command(w.directory, w.cli.Environ(), append(arguments, "-no-color")...).CombinedOutput()
	if err != nil {
		w.t.Fatalf("terraform %s: %s\n%s", arguments[0], err, output)
	}
	return string(output)
}

// refused runs a command that must fail, and returns what it printed.
func (w *workspace) refused(arguments ...string) string {
	w.t.Helper()
	output, err := w.cli.Command(w.directory, w.cli.Environ(), append(arguments, "-no-color")...).CombinedOutput()
	if err == nil {
		w.t.Fatalf("terraform %s did not fail\n%s", arguments[0], output)
	}
	return string(output)
}

// wantRequests compares the requests since the last call, by method.
func (w *workspace) wantRequests(what string, gets, posts, deletes int) {
	w.t.Helper()
	got := map[string]int{}
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
		got[method] = w.sim.Count(method, "")
	}
	want := map[string]int{http.MethodGet: gets, http.MethodPost: posts, http.MethodDelete: deletes}
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("%s: requests (-want +got):\n%s", what, diff)
	}
	w.sim.ResetJournal()
}

// TestAccBlacklistEntriesBudget counts every request of a list's life. The answer to an addition need not hold the new
// ids (U12): then they cost one more walk.
func TestAccBlacklistEntriesBudget(t *testing.T) {
	t.Parallel()
	cli := prepareCLI(t)
	for name, test := range map[string]struct {
		count    int
		behavior simulator.Behavior
		// walk is the requests that reading the whole list costs.
		walk int
		// idWalks and idPages are 1 where the ids of what was added have to be read: of many on the whole list, of one on its last page.
		idWalks, idPages int
	}{
		"10,000 and answers with ids":   {10_000, simulator.Behavior{}, 100, 0, 0},
		"2,500 and answers without ids": {2_500, simulator.Behavior{AddAnswer: "counts"}, 25, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, cli, simulator.Options{Behavior: test.behavior})
			companies := manyCompanies(test.count)

			w.writeCompanies(companies)
			w.terraform("apply", "-auto-approve")
			// Two of them ask about the key, in the plan and in the apply.
			w.wantRequests("create", 2+1+test.idWalks*test.walk, 2, 0)

			if output := w.terraform("plan"); !strings.Contains(output, "No changes.") {
				t.Errorf("the second plan is not empty:\n%s", output)
			}
			w.wantRequests("no-change plan", 1+test.walk, 0, 0)

			companies[17].CompanyName = "Renamed AG"
			w.writeCompanies(companies)
			output := w.terraform("plan", "-out=plan")
			w.terraform("apply", "plan")
			w.wantRequests("one company renamed", 1+test.walk+test.idPages, 1, 1)
			wantPlan(t, output, len(companies))

			w.terraform("destroy", "-auto-approve")
			// One more to see that the blacklist is empty, and one DELETE for the blacklist itself.
			w.wantRequests("destroy", 1+test.walk+1, 0, (test.count+999)/1000+1)
			if lists := w.sim.Blacklists(); len(lists) > 0 {
				t.Errorf("%d blacklists are left", len(lists))
			}
		})
	}
}

// wantPlan wants the plan to print the one field that changes, and no more.
func wantPlan(t *testing.T, output string, count int) {
	t.Helper()
	_, plan, found := strings.Cut(output, "will be updated in-place\n")
	if !found {
		t.Fatalf("no update is planned:\n%s", output)
	}
	plan, _, _ = strings.Cut(plan, "        id ")
	want := fmt.Sprintf(`  ~ resource "openprospect_blacklist_entries" "customers" {
      ~ entries      = jsonencode(
          ~ {
              ~ crm-17      = {
                  ~ company_name = "Company 17 GmbH" -> "Renamed AG"
                    # (4 unchanged attributes hidden)
                }
                # (%d unchanged attributes hidden)
            }
        )
`, count-1)
	if diff := cmp.Diff(strings.Fields(want), strings.Fields(plan)); diff != "" {
		t.Errorf("the plan prints something else (-want +got):\n%s", diff)
	}
	if warnings := strings.Count(output, "Warning:"); warnings != 1 {
		t.Errorf("%d warnings, want only Terraform's own about development overrides:\n%s", warnings, output)
	}
}
