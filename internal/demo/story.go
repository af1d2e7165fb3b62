package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
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

// story is one run of the demo.
type story struct {
	out io.Writer
	api *simulator.Server
	// directory is the demo's own copy of the example.
	directory string
	// configuration holds the exclusions and the order, results waits for it.
	configuration, results *root
	orderID                string

	requests, checks int
}

// demonstrate tells the story from beginning to end, and cleans up behind itself.
func demonstrate(ctx context.Context, out io.Writer) error {
	began := time.Now()
	temporary, err := os.MkdirTemp("", "openprospect-demo-")
	if err != nil {
		return fmt.Errorf("making a directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	api, err := simulator.Start(simulator.Options{Review: simulator.Review{Reads: readsPerStatus}})
	if err != nil {
		return fmt.Errorf("starting the simulated API: %w", err)
	}
	defer api.Close()

	s := &story{out: out, api: api, directory: filepath.Join(temporary, "gitops")}
	s.say("Real terraform and this provider at work against a simulated OpenProspect API. Nothing leaves this machine.")
	if err := s.prepare(ctx, temporary); err != nil {
		return err
	}
	for number, step := range []struct {
		title string
		run   func(context.Context) error
	}{
		{"Plan: 40 companies of a CRM export become a blacklist, and an order excludes them", s.firstPlan},
		{"Apply it", s.firstApply},
		{"Wait for the order's review, and read what it found", s.review},
		{"Plan again: nothing has changed", s.secondPlan},
		{"One company is renamed in the CRM, and a sentence is added to the customer profile", s.changedPlan},
		{"Clean up", s.cleanUp},
	} {
		s.say("\n%d. %s", number+2, step.title)
		if err := s.tell(ctx, step.run); err != nil {
			return fmt.Errorf("step %d: %w", number+2, err)
		}
	}
	s.say("\nDone in %s: %d checks passed, %d requests to the API.", time.Since(began).Round(100*time.Millisecond), s.checks, s.requests)
	return nil
}

// prepare builds the provider and copies the example.
func (s *story) prepare(ctx context.Context, directory string) error {
	s.say("\n1. Prepare")
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
	s.say("%sRequests to the API: %s", indent, strings.Join(counts, ", "))
	return s.check(len(s.api.Unexpected()) == 0, "the API got requests that it does not know: %v", s.api.Unexpected())
}

func (s *story) say(format string, arguments ...any) {
	_, _ = fmt.Fprintf(s.out, format+"\n", arguments...)
}

// warn shows a run's warnings.
func (s *story) warn(warnings []diagnostic) {
	for _, warning := range warnings {
		s.say("%sWarning: %s", indent, warning.Summary)
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
