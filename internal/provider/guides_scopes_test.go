package provider_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// scopesOf returns what the overview's table says of the row that begins like that.
func scopesOf(t *testing.T, row string) []string {
	t.Helper()
	for line := range strings.Lines(readFile(t, filepath.Join(repository, "docs", "index.md"))) {
		if uses, needs, found := strings.Cut(strings.TrimPrefix(line, "| "), " | "); found && strings.HasPrefix(uses, row) {
			return regexp.MustCompile(`[a-z_]+:[a-z]+`).FindAllString(needs, -1)
		}
	}
	t.Fatalf("the table has no row %q", row)
	return nil
}

// TestAccGuideScopes applies what each row of the overview's table is about with a key that has the row's scopes, and with each of them
// missing.
func TestAccGuideScopes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		row     string
		newest  bool
		example func(sim *simulator.Server) string
	}{
		{row: "`openprospect_blacklist`", example: func(*simulator.Server) string {
			return `
resource "openprospect_blacklist" "all" {
  name = "All"
}

resource "openprospect_blacklist_entries" "all" {
  blacklist_id = openprospect_blacklist.all.id
  entries      = jsonencode({ a = { website_url = "a.example.com" } })
  mode         = "additive"
}

resource "openprospect_blacklist_entry" "b" {
  blacklist_id = openprospect_blacklist.all.id
  website_url  = "b.example.com"
}
`
		}},
		{row: "`openprospect_discovery_order`", example: func(sim *simulator.Server) string {
			list := sim.AddBlacklist("All", "", simulator.Entry{CompanyName: "Acme"})
			return orderHCL(arguments{"blacklist_ids": fmt.Sprintf("[%q]", list)})
		}},
		{row: "`openprospect_search_profile`", newest: true, example: func(*simulator.Server) string { return profileHCL("DACH SaaS") }},
		{row: "`openprospect_prospect_search_blacklists`", example: func(sim *simulator.Server) string {
			return fmt.Sprintf(`
resource "openprospect_prospect_search_blacklists" "all" {
  prospect_search_id = %q
  blacklist_ids      = [%q]
}
`, sim.AddProspectSearch("DACH SaaS"), sim.AddBlacklist("All", ""))
		}},
		{row: "Data sources and list resources of blacklists", example: func(sim *simulator.Server) string {
			return fmt.Sprintf(`
data "openprospect_blacklists" "all" {}

data "openprospect_blacklist_entries" "all" {
  blacklist_id = %q
}
`, sim.AddBlacklist("All", ""))
		}},
		{row: "Data sources, list resource and ephemeral resource of orders", example: func(sim *simulator.Server) string {
			return fmt.Sprintf(`
data "openprospect_discovery_orders" "all" {}

data "openprospect_discovery_order_results" "all" {
  order_id = %q
}
`, completedOrder(sim))
		}},
		{row: "Data source `openprospect_prospect_searches`", example: func(*simulator.Server) string {
			return "\ndata \"openprospect_prospect_searches\" \"all\" {}\n"
		}},
	} {
		t.Run(test.row, func(t *testing.T) {
			t.Parallel()
			scopes := scopesOf(t, test.row)
			if len(scopes) == 0 {
				t.Fatal("the row names no scopes")
			}
			apply := func(scopes []string) (said []byte, err error) {
				g := newGuide(t, "crm-export", simulator.Options{Behavior: simulator.Behavior{Newest: test.newest}, Scopes: scopes})
				g.directory = t.TempDir()
				writeFile(t, filepath.Join(g.directory, "main.tf"), requiredProviders+test.example(g.sim))
				return g.cli.Command(g.directory, g.environ, "apply", "-auto-approve", "-input=false", "-no-color").CombinedOutput()
			}
			if said, err := apply(scopes); err != nil {
				t.Errorf("with %v: %v\n%s", scopes, err, said)
			}
			for i, missing := range scopes {
				// A key without any scope is no key: the simulator would take its default.
				fewer := append(slices.Delete(slices.Clone(scopes), i, i+1), "companies:read")
				if said, err := apply(fewer); err == nil {
					t.Errorf("without %s:\n%s", missing, said)
				}
			}
		})
	}
}
