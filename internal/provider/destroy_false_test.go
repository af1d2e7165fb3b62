package provider_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// Under lifecycle { destroy = false } Terraform forgets a resource where it would destroy it, and does not ask the provider.

const providerRequirement = `
terraform {
  required_providers {
    openprospect = {
      source = "openprospect/openprospect"
    }
  }
}
`

// keptOrder is an order under destroy = false that has been placed.
func keptOrder(t *testing.T, changes arguments, extra ...string) *guide {
	t.Helper()
	requireFeature(t, destroyFalse)
	cli := prepareCLI(t)
	sim := startSimulator(t, simulator.Options{})
	g := &guide{
		t: t, sim: sim, cli: cli, directory: t.TempDir(),
		environ: cli.Environ("OPENPROSPECT_API_KEY="+sim.APIKey(), "OPENPROSPECT_BASE_URL="+sim.URL()),
	}
	g.configureOrder(changes, extra...)
	g.apply()
	return g
}

func (g *guide) configureOrder(changes arguments, extra ...string) {
	g.t.Helper()
	writeFile(g.t, filepath.Join(g.directory, "main.tf"), providerRequirement+orderHCL(changes, append(extra, destroyNothing)...))
}

// plannedActions plans and returns what is to happen to the only resource, and what the plan says.
func (g *guide) plannedActions(arguments ...string) (actions []string, said string) {
	g.t.Helper()
	said = g.terraform(append([]string{"plan", "-input=false", "-no-color", "-out=saved.plan"}, arguments...)...)
	var plan struct {
		ResourceChanges []struct {
			Change struct {
				Actions []string `json:"actions"`
			} `json:"change"`
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(g.terraform("show", "-json", "saved.plan")), &plan); err != nil {
		g.t.Fatal(err)
	}
	if len(plan.ResourceChanges) != 1 {
		g.t.Fatalf("%d resources change, want 1:\n%s", len(plan.ResourceChanges), said)
	}
	return plan.ResourceChanges[0].Change.Actions, said
}

func TestAccDestroyFalse_replacementIsRefused(t *testing.T) {
	t.Parallel()
	protected := func(title string) arguments { return arguments{"title": title, "deletion_policy": `"PREVENT"`} }
	g := keptOrder(t, protected(`"DACH SaaS"`))
	g.expectPlanError("Discovery order is protected", "-replace="+orderAddress)
	g.configureOrder(protected(`"Nordics SaaS"`))
	g.expectPlanError("Discovery order is protected")
}

func TestAccDestroyFalse_replacementForgets(t *testing.T) {
	t.Parallel()
	g := keptOrder(t, arguments{"title": `"DACH SaaS"`})
	g.configureOrder(arguments{"title": `"Nordics SaaS"`})
	actions, said := g.plannedActions()
	if !slices.Contains(actions, "forget") || !slices.Contains(actions, "create") || slices.Contains(actions, "delete") {
		t.Errorf("planned is %q, want forget and create", actions)
	}
	if !strings.Contains(said, `Paid discovery order: "Nordics SaaS"`) {
		t.Errorf("the plan does not warn of the order that it places:\n%s", said)
	}
	g.apply()
	if got := len(g.sim.Orders()); got != 2 {
		t.Errorf("%d orders exist at the vendor, want 2", got)
	}
}

// TestAccDestroyFalse_destructionIsSilent: neither the protection nor the warning of an order that is forgotten can speak.
func TestAccDestroyFalse_destructionIsSilent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		extra     []string
		arguments []string
	}{
		"terraform destroy": {nil, []string{"-destroy"}},
		"count":             {[]string{"count = 0"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			protected := arguments{"deletion_policy": `"PREVENT"`}
			g := keptOrder(t, protected)
			g.configureOrder(protected, test.extra...)
			actions, said := g.plannedActions(test.arguments...)
			if !slices.Equal(actions, []string{"forget"}) {
				t.Errorf("planned is %q, want forget", actions)
			}
			applied, err := g.cli.Command(g.directory, g.environ, "apply", "-input=false", "-no-color", "saved.plan").CombinedOutput()
			said += string(applied)
			// OpenTofu ends a destroy with an error where it has forgotten something.
			if err != nil && !strings.Contains(said, "Destroy was successful but left behind forgotten instances") {
				t.Fatalf("%v:\n%s", err, said)
			}
			if strings.Contains(said, "Discovery order") {
				t.Errorf("the provider was asked:\n%s", said)
			}
			if state := g.terraform("state", "list"); state != "" {
				t.Errorf("state still holds %s", state)
			}
			onlyOrder(t, g.sim)
		})
	}
}

// TestAccDestroyFalse_renamed: the plan cannot see that an order is forgotten and placed again, but the order is found before the
// second one is placed.
func TestAccDestroyFalse_renamed(t *testing.T) {
	t.Parallel()
	g := keptOrder(t, nil, `for_each = toset(["a"])`)
	g.configureOrder(nil, `for_each = toset(["b"])`)
	output, err := g.cli.Command(g.directory, g.environ, "apply", "-auto-approve", "-input=false", "-no-color").CombinedOutput()
	if err == nil || !strings.Contains(string(output), onlyOrder(t, g.sim).ID) {
		t.Errorf("got %v, want an error that names the order:\n%s", err, output)
	}
}

// TestAccDestroyFalse_blockRemoved: Terraform reads the argument from the configuration alone, OpenTofu keeps it in state.
func TestAccDestroyFalse_blockRemoved(t *testing.T) {
	t.Parallel()
	g := keptOrder(t, arguments{"deletion_policy": `"PREVENT"`})
	writeFile(t, filepath.Join(g.directory, "main.tf"), providerRequirement)
	release, err := testedRelease()
	if err != nil {
		t.Fatal(err)
	}
	if !release.OpenTofu {
		g.expectPlanError("Discovery order is protected")
		return
	}
	if actions, said := g.plannedActions(); !slices.Equal(actions, []string{"forget"}) {
		t.Errorf("planned is %q, want forget:\n%s", actions, said)
	}
}
