package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
	"github.com/openprospect/terraform-provider-openprospect/internal/terraformcli"
)

// example is the configuration that the demo runs, from the top of the module.
const example = "examples/gitops"

// readsPerStatus is how often the gate sees each status of the order before the
// simulated review moves it on.
const readsPerStatus = 3

// tryIt says how a person goes on from here. Commands are further in.
const tryIt = `Try it yourself

   In one terminal, serve the simulated API. Its search finds all 40 customers:

      go run ./internal/simulate -companies examples/gitops/customers.csv

   It prints two variables. Export them in another terminal, and apply a copy of the example:

      make build
      export TF_CLI_CONFIG_FILE="$PWD/.tools/dev.tfrc"
      cp -R examples/gitops /tmp && cd /tmp/gitops
      terraform apply
      export TF_VAR_order_id="$(terraform output -raw order_id)"
      terraform -chdir=results apply -var poll_interval=1s

   The first terminal shows which customers the blacklists kept out. Edit a file, and plan again.
`

// sayTryIt prints tryIt for that terraform.
func (s *story) sayTryIt(terraform string) {
	s.say("")
	for line := range strings.Lines(strings.ReplaceAll(tryIt, "terraform ", terraform+" ")) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, indent+indent):
			line = cyan.of(line)
		case line != "" && !strings.HasPrefix(line, indent):
			line = bold.of(line)
		}
		s.say("%s", line)
	}
}

// story is one run of the demo.
type story struct {
	out io.Writer
	api *simulator.Server
	// directory is the demo's own copy of the example.
	directory string
	// configuration holds the exclusions and the order, results waits for it.
	configuration, results *root
	orderID                string

	// terraform is how a person calls it.
	terraform string
	// found are the companies in the results.
	found []foundCompany
	// planText is the plan of the last scene that made one, as terraform shows it; planWarnings are its warnings.
	planText     string
	planWarnings []diagnostic

	requests, checks int
}

// scene is a part of the demo's output, with its styles.
type scene struct {
	title, text string
}

// demonstrate tells the story from beginning to end, and cleans up behind itself. It returns what it showed.
func demonstrate(ctx context.Context, out io.Writer) ([]scene, error) {
	began := time.Now()
	temporary, err := os.MkdirTemp("", "openprospect-demo-")
	if err != nil {
		return nil, fmt.Errorf("making a directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	api, err := simulator.Start(simulator.Options{
		Review:    simulator.Review{Reads: readsPerStatus},
		Companies: append([]simulator.Company{sameName}, listed...),
	})
	if err != nil {
		return nil, fmt.Errorf("starting the simulated API: %w", err)
	}
	defer api.Close()

	s := &story{out: out, api: api, directory: filepath.Join(temporary, "gitops")}
	s.say("Real Terraform and this provider, against a simulated OpenProspect API. Nothing leaves this machine.")
	if err := s.prepare(ctx, temporary); err != nil {
		return nil, err
	}
	var scenes []scene
	for number, step := range []struct {
		title string
		run   func(context.Context) error
	}{
		{firstPlanTitle, s.firstPlan},
		{"Apply the plan", s.firstApply},
		{"Wait until the order is completed, then read its results", s.review},
		{keptOutTitle, s.keptOut},
		{"Plan again: no changes", s.secondPlan},
		{renamedTitle, s.renamedPlan},
		{"The same plan: one more sentence in the customer profile means a new order", s.reorderPlan},
		{"Clean up", s.cleanUp},
	} {
		var shown strings.Builder
		s.out = io.MultiWriter(out, &shown)
		s.say("\n%s", bold.of(fmt.Sprintf("%d. %s", number+2, step.title)))
		if err := s.tell(ctx, step.run); err != nil {
			return nil, fmt.Errorf("step %d: %w", number+2, err)
		}
		scenes = append(scenes, scene{step.title, shown.String()})
	}
	s.out = out
	s.say("\n%s %d checks passed, %d requests to the API.",
		green.of(fmt.Sprintf("Done in %s:", time.Since(began).Round(100*time.Millisecond))), s.checks, s.requests)
	s.sayTryIt(s.terraform)
	return scenes, nil
}

// prepare builds the provider and copies the example.
func (s *story) prepare(ctx context.Context, directory string) error {
	s.say("\n%s", bold.of("1. Prepare"))
	began := time.Now()
	cli, err := terraformcli.Prepare(ctx, directory)
	if err != nil {
		return err
	}
	took := time.Since(began).Round(100 * time.Millisecond)
	if err := copyConfiguration(example, s.directory); err != nil {
		return fmt.Errorf("copying %s (the demo runs from the top of the repository): %w", example, err)
	}
	if s.configuration, err = newRoot(cli, s.directory, s.api); err != nil {
		return err
	}
	if s.results, err = newRoot(cli, filepath.Join(s.directory, "results"), s.api); err != nil {
		return err
	}
	s.terraform = cli.Terraform
	if name := filepath.Base(cli.Terraform); name == "terraform" || name == "tofu" {
		if onPath, err := exec.LookPath(name); err == nil && onPath == cli.Terraform {
			s.terraform = name
		}
	}
	version, _, err := s.configuration.terraform.Version(ctx, true)
	if err != nil {
		return fmt.Errorf("terraform version: %w", err)
	}
	return table(s.out, []string{"terraform", fmt.Sprintf("%s (%s)", version, cli.Terraform)}, [][]string{
		{"provider", fmt.Sprintf("built in %s", took)},
		{"API", s.api.URL()},
		{"configuration", example},
	})
}

// tell runs one step and says what it cost in requests.
func (s *story) tell(ctx context.Context, run func(context.Context) error) error {
	s.api.ResetJournal()
	if err := run(ctx); err != nil {
		return err
	}
	total := s.api.Count("", "")
	s.requests += total
	var counts []string
	for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
		if n := s.api.Count(method, ""); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, method))
		}
	}
	if total == 0 {
		counts = []string{"none"}
	}
	s.say("%s", dim.of(indent+"Requests to the API: "+strings.Join(counts, ", ")))
	return s.check(len(s.api.Unexpected()) == 0, "the API got requests that it does not know: %v", s.api.Unexpected())
}

func (s *story) say(format string, arguments ...any) {
	_, _ = fmt.Fprintf(s.out, format+"\n", arguments...)
}

// warn shows a run's warnings.
func (s *story) warn(warnings []diagnostic) {
	for _, warning := range warnings {
		s.say("%s%s %s", indent, yellow.of("Warning:"), bold.of(warning.Summary))
		wrapped(s.out, indent+"| ", warning.Detail)
	}
}

// check fails when what the demo saw is not as it should be.
func (s *story) check(ok bool, otherwise string, arguments ...any) error {
	if !ok {
		return fmt.Errorf(otherwise, arguments...)
	}
	s.checks++
	return nil
}

// warned checks that a run gave exactly one warning, which begins with that text.
func (s *story) warned(warnings []diagnostic, text string) error {
	return s.check(len(warnings) == 1 && strings.HasPrefix(warnings[0].Summary, text), "expected one warning, %q, got %+v", text, warnings)
}

// order is the one order that the API may have.
func (s *story) order() (simulator.Order, error) {
	orders := s.api.Orders()
	if err := s.check(len(orders) == 1, "the API has %d orders, not one", len(orders)); err != nil {
		return simulator.Order{}, err
	}
	return orders[0], nil
}

// copyConfiguration copies what a configuration is made of, and no state that
// somebody left beside it.
func copyConfiguration(from, to string) error {
	source := os.DirFS(from)
	return fs.WalkDir(source, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, path)
		if entry.IsDir() {
			if entry.Name() == ".terraform" {
				return fs.SkipDir
			}
			return os.MkdirAll(target, 0o700)
		}
		if !slices.Contains([]string{".tf", ".csv", ".txt"}, filepath.Ext(path)) {
			return nil
		}
		content, err := fs.ReadFile(source, path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o600)
	})
}

// edit changes the one place in a file of the configuration that reads old.
func (s *story) edit(name, old, changed string) error {
	path := filepath.Join(s.directory, name)
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	if strings.Count(string(content), old) != 1 {
		return errors.New(name + " does not hold exactly once: " + old)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(content), old, changed, 1)), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}
