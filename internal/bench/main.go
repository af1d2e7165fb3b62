//go:build linux

// The benchmark: what a list costs in requests, time and memory, against
// Terraform's own floor and against the same work done naively. Every ratio
// comes from one run on one machine.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/terraformcli"
)

// naiveLimit is the largest list that is managed naively for real. What a
// larger one costs is computed, by what the real one was seen to cost: 10,000
// entries would be two million requests.
const naiveLimit = 300

func main() {
	runs := flag.Int("runs", 3, "how often the no-change plan is measured; the median counts")
	latency := flag.Duration("latency", 0, "delay that the simulator adds to every answer")
	largest := flag.Int("largest", 100_000, "leave out larger lists")
	only := flag.String("only", "", "leave out scenarios whose name does not hold this text")
	readme := flag.String("readme", "", "Markdown file whose table to replace")
	picture := flag.String("chart", "", "file to draw the chart into (.svg or .png)")
	flag.Parse()
	if err := bench(context.Background(), *runs, *latency, scenarios(*largest, *only), *readme, *picture); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func scenarios(largest int, only string) []scenario {
	all := []scenario{
		{Name: "300 single entries", Size: 300, HCL: singleHCL},
		{Name: "300 single entries, answers without ids", Size: 300, HCL: singleHCL, WithoutIDs: true},
		{Name: "core's floor, 10,000", Size: 10_000, HCL: floorHCL, Offline: true},
		{Name: "10,000 in bulk", Size: 10_000, HCL: bulkHCL},
		{Name: "10,000 in bulk, answers without ids", Size: 10_000, HCL: bulkHCL, WithoutIDs: true},
		{Name: "core's floor, 100,000", Size: 100_000, HCL: floorHCL, Offline: true},
		{Name: "100,000 in bulk", Size: 100_000, HCL: bulkHCL},
		{Name: "`blacklist_entries(csv)`, 100,000 rows", Size: 100_000, HCL: functionHCL, FromCRM: true, Offline: true},
	}
	var chosen []scenario
	for _, s := range all {
		if s.Size <= largest && strings.Contains(s.Name, only) {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

func bench(ctx context.Context, runs int, latency time.Duration, chosen []scenario, readme, picture string) error {
	directory, err := os.MkdirTemp("", "openprospect-bench-")
	if err != nil {
		return fmt.Errorf("making a directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(directory) }()
	cli, err := terraformcli.Prepare(ctx, directory)
	if err != nil {
		return err
	}

	var rows []row
	floors := map[int]map[string]cost{}
	naives := map[int]map[string]cost{}
	for i, s := range chosen {
		fmt.Fprintf(os.Stderr, "%s ...\n", s.Name)
		work := filepath.Join(directory, fmt.Sprint("scenario-", i))
		if err := os.Mkdir(work, 0o700); err != nil {
			return fmt.Errorf("making a directory: %w", err)
		}
		costs, err := s.live(cli, work, runs, latency)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		if s.floor() {
			floors[s.Size] = costs
		} else if !s.Offline && naives[s.Size] == nil {
			if naives[s.Size], err = naiveFor(s.Size, latency); err != nil {
				return err
			}
		}
		for _, step := range steps {
			r := row{Scenario: s, Step: step, Cost: costs[step]}
			if floor, ok := floors[s.Size][step]; ok && !s.Offline {
				r.Floor = &floor
			}
			if naive, ok := naives[s.Size][step]; ok && !s.Offline {
				r.Naive, r.NaiveComputed = &naive, s.Size > naiveLimit
			}
			rows = append(rows, r)
		}
	}

	text := table(rows)
	fmt.Println(text)
	if picture != "" {
		if err := chart(rows, picture); err != nil {
			return err
		}
	}
	if readme != "" {
		return replaceTable(readme, text)
	}
	return nil
}

// naiveFor returns what the naive way of managing n entries costs: run where that
// is possible, and then held against the computation that larger lists rely on.
func naiveFor(n int, latency time.Duration) (map[string]cost, error) {
	computed := naiveComputed(n)
	if n > naiveLimit {
		return computed, nil
	}
	run, err := naiveCosts(n, latency)
	if err != nil {
		return nil, err
	}
	for step, c := range run {
		if c.total() != computed[step].total() {
			return nil, fmt.Errorf("naive %s of %d entries took %d requests, computed are %d", step, n, c.total(), computed[step].total())
		}
	}
	return run, nil
}

// naiveComputed walks to each entry from the first page, 100 entries a page.
func naiveComputed(n int) map[string]cost {
	pages := 0
	for i := range n {
		pages += i/100 + 1
	}
	requests := func(get, post, remove int) cost {
		return cost{Requests: map[string]int{"GET": get, "POST": post, "DELETE": remove}}
	}
	return map[string]cost{
		stepCreate:  requests(0, n, 0),
		stepPlan:    requests(pages, 0, 0),
		stepChange:  requests(pages, 1, 1),
		stepDestroy: requests(pages, 0, n),
	}
}

const (
	tableBegin = "<!-- benchmark: begin (make bench) -->\n"
	tableEnd   = "<!-- benchmark: end -->"
)

// replaceTable puts the table between the two marks of a Markdown file.
func replaceTable(file, text string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	before, rest, found := bytes.Cut(old, []byte(tableBegin))
	_, after, ended := bytes.Cut(rest, []byte(tableEnd))
	if !found || !ended {
		return errors.New("no benchmark marks in " + file)
	}
	replaced := string(before) + tableBegin + "\n" + text + "\n" + tableEnd + string(after)
	if err := os.WriteFile(file, []byte(replaced), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return nil
}
