package provider_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// reviewed is the guide's example, planned by the real terraform and judged by the guide's policy.
type reviewed struct {
	*guide
	opa string
}

// verdict is what the policy says of a plan.
type verdict struct {
	Deny []string `json:"deny"`
	Warn []string `json:"warn"`
}

func newReviewed(t *testing.T) *reviewed {
	t.Helper()
	opa := os.Getenv("OPA")
	if opa == "" {
		t.Skip("needs Open Policy Agent: run by make policy")
	}
	return &reviewed{guide: newGuide(t, "icp-review", simulator.Options{}), opa: opa}
}

// judge does what the guide's workflow does.
func (r *reviewed) judge() verdict {
	r.t.Helper()
	r.terraform("plan", "-input=false", "-no-color", "-out=saved.plan")
	writeFile(r.t, filepath.Join(r.directory, "plan.json"), r.terraform("show", "-json", "saved.plan"))
	command := exec.CommandContext(r.t.Context(), r.opa, "eval", "--format=raw", "--data=policy.rego", "--input=plan.json", "data.main")
	command.Dir = r.directory
	output, err := command.Output()
	if err != nil {
		r.t.Fatalf("opa eval: %v\n%s", err, output)
	}
	var got verdict
	if err := json.Unmarshal(output, &got); err != nil {
		r.t.Fatal(err)
	}
	return got
}

// TestAccReviewPolicy puts changes that a pull request could make to the guide's policy.
func TestAccReviewPolicy(t *testing.T) {
	t.Parallel()
	const (
		website      = "  website_url  = \"https://rival.example.com\"\n"
		blacklistIDs = "  blacklist_ids          = [openprospect_blacklist_entry.competitor.blacklist_id]\n"
		address      = "openprospect_discovery_order.dach_saas: "
		paid         = address + "applying this plan places a paid order, which cannot be cancelled"
		unprotected  = address + `this order is not protected; set deletion_policy = "PREVENT", unless a pull request is about to replace it`
	)
	order := func(line string) func(*guide) { return func(g *guide) { g.change(blacklistIDs, line) } }
	list := func(entries string) func(*guide) {
		return func(g *guide) {
			g.change("# Terraform's own way", entriesBlock("customers", "openprospect_blacklist.customers.id", entries)+"\n# Terraform's own way")
		}
	}
	for name, test := range map[string]struct {
		change     func(*guide)
		deny, warn []string
	}{
		"the guide's example": {func(*guide) {}, nil, []string{paid}},
		"an entry without a website": {
			func(g *guide) { g.change(website, "") },
			[]string{"openprospect_blacklist_entry.competitor: a discovery order can match this company at best by its name alone; add its website"},
			[]string{paid},
		},
		"an entry with an ID in place of its website": {
			func(g *guide) { g.change(website, "  external_id  = \"8241\"\n") },
			[]string{
				"openprospect_blacklist_entry.competitor: a discovery order can match this company at best by its name alone; add its website",
			},
			[]string{paid},
		},
		"an entry with a name, a city and an unknown website": {
			func(g *guide) {
				g.change(website, "  city         = \"Berlin\"\n  website_url  = terraform_data.website.output\n")
				g.change("# Terraform's own way", "resource \"terraform_data\" \"website\" {\n  input = \"https://rival.example.com\"\n}\n# "+
					"Terraform's own way")
			},
			[]string{"openprospect_blacklist_entry.competitor: website_url is only known after apply; make it from values that the plan knows"},
			[]string{paid},
		},
		"a list that names a company by nothing but its name": {
			list(`jsonencode({ a = { company_name = "Initech" }, b = { company_name = "Acme", city = "Berlin" }, c = { company_name = ` +
				`"Hooli", website_url = "", city = null } })`),
			[]string{
				`openprospect_blacklist_entries.customers: a discovery order can match "a" at best by the company's name alone; add its website`,
				`openprospect_blacklist_entries.customers: a discovery order can match "c" at best by the company's name alone; add its website`,
			},
			[]string{paid},
		},
		"a list that names a website without a domain": {
			list(`jsonencode({ a = { company_name = "Acme", website_url = "n/a", city = "-" }, b = { website_url = "acme.com" } })`),
			[]string{`openprospect_blacklist_entries.customers: the website "n/a" of "a" has no domain; correct it, or leave it out`},
			[]string{paid},
		},
		"pages on platforms": {
			func(g *guide) {
				list(`jsonencode({ a = { website_url = "https://me@de.linkedin.com./company/acme" } })`)(g)
				g.change(website, "  website_url  = \"https://www.xing.com/pages/rival\"\n")
			},
			[]string{
				`openprospect_blacklist_entries.customers: "a" excludes linkedin.com, not the company; use the company's own website`,
				"openprospect_blacklist_entry.competitor: this entry excludes xing.com, not the company; use the company's own website",
			},
			[]string{paid},
		},
		"a list that is not known": {
			list(`jsonencode({ a = { external_id = openprospect_blacklist.customers.id } })`),
			[]string{"openprospect_blacklist_entries.customers: entries is only known after apply; make it from values that the plan knows"},
			[]string{paid},
		},
		"an order without a blacklist": {
			order(""),
			[]string{address + "an order without a blacklist finds the companies that you know already"},
			[]string{paid},
		},
		"an order that is not protected": {
			func(g *guide) { g.change("  deletion_policy = \"PREVENT\"\n", "") },
			[]string{address + `a later plan could replace this order; set deletion_policy = "PREVENT"`},
			[]string{paid},
		},
		"an order of which not even the number of blacklists is known": {
			order("  blacklist_ids = openprospect_blacklist.customers.id == \"\" ? null : toset([openprospect_blacklist.customers.id])\n"),
			nil,
			[]string{paid},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReviewed(t)
			test.change(r.guide)
			got := r.judge()
			expectSame(t, "deny", test.deny, nilIfEmpty(got.Deny))
			expectSame(t, "warn", test.warn, nilIfEmpty(got.Warn))
		})
	}

	t.Run("after the first apply", func(t *testing.T) {
		t.Parallel()
		r := newReviewed(t)
		weak := `{ a = { company_name = "Initech" }, b = { website_url = "acme.com" } }`
		r.change("# Terraform's own way", "resource \"openprospect_blacklist\" \"others\" {\n  name = \"Others\"\n}\n\n"+
			"resource \"openprospect_blacklist\" \"partners\" {\n  name = \"Partners\"\n}\n\n"+
			entriesBlock("others", "openprospect_blacklist.others.id", "jsonencode("+weak+")")+"\n# Terraform's own way")
		r.terraform("apply", "-auto-approve", "-input=false")
		if got := r.judge(); len(got.Deny)+len(got.Warn) > 0 {
			t.Errorf("a plan without changes: %+v", got)
		}
		r.change(weak, strings.Replace(weak, "acme.com", "acme.example", 1))
		if got := r.judge(); len(got.Deny)+len(got.Warn) > 0 {
			t.Errorf("a plan that changes another company: %+v", got)
		}
		r.change("= openprospect_blacklist.others.id", "= openprospect_blacklist.partners.id")
		weakThere := []string{
			`openprospect_blacklist_entries.others: a discovery order can match "a" at best by the company's name alone; add its website`,
		}
		if got := r.judge(); !slices.Equal(got.Deny, weakThere) || len(got.Warn) > 0 {
			t.Errorf("a plan that moves the list to another blacklist: %+v", got)
		}
		r.change("= openprospect_blacklist.partners.id", "= openprospect_blacklist.others.id")

		// The three steps of the guide.
		r.change("deletion_policy = \"PREVENT\"", "deletion_policy = \"ABANDON\"")
		if got := r.judge(); len(got.Deny) > 0 || !slices.Equal(got.Warn, []string{unprotected}) {
			t.Errorf("a plan that lifts the protection: %+v", got)
		}
		r.terraform("apply", "-auto-approve", "-input=false")
		r.change("\"DACH SaaS\"", "\"DACH SaaS, once more\"")
		if got := r.judge(); len(got.Deny) > 0 || !slices.Equal(got.Warn, []string{paid, unprotected}) {
			t.Errorf("a plan that replaces the order: %+v", got)
		}
		r.terraform("apply", "-auto-approve", "-input=false")
		r.change("deletion_policy = \"ABANDON\"", "deletion_policy = \"PREVENT\"")
		if got := r.judge(); len(got.Deny)+len(got.Warn) > 0 {
			t.Errorf("a plan that protects the new order: %+v", got)
		}
	})
}

func nilIfEmpty(texts []string) []string {
	if len(texts) == 0 {
		return nil
	}
	return texts
}
