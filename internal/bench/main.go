//go:build linux

// The benchmark: what a list costs in requests, time and memory, against
// Terraform's own floor, against a script, and against the same work done one
// request an entry. Every ratio comes from one run on one machine.
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

// scriptCommand as the first argument makes this program the script: see runScript.
const scriptCommand = "script"

// settings are the flags.
type settings struct {
	runs    int
	latency time.Duration
	shrink  int
	only    string
	// Files to write; "" writes none.
	readme, page, chart string
}

func main() {
	if len(os.Args) == 4 && os.Args[1] == scriptCommand {
		exitOn(runScript(os.Args[2], os.Args[3]))
		fmt.Println(highWater("self"))
		return
	}
	var set settings
	flag.IntVar(&set.runs, "runs", 3, "how often the no-change plan is measured; the median counts")
	flag.DurationVar(&set.latency, "latency", 0, "delay that the simulator adds to every answer")
	flag.IntVar(&set.shrink, "shrink", 1, "divide the size of every list by this, for a quick try")
	flag.StringVar(&set.only, "only", "", "leave out scenarios whose name does not hold this text")
	flag.StringVar(&set.readme, "readme", "", "Markdown file whose short table to replace")
	flag.StringVar(&set.page, "page", "", "Markdown file whose full tables to replace")
	flag.StringVar(&set.chart, "chart", "", "SVG file to draw the chart into")
	flag.Parse()
	if set.only != "" && set.readme+set.page+set.chart != "" {
		exitOn(errors.New("-only leaves out what -readme, -page and -chart need"))
	}
	exitOn(bench(context.Background(), set))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// scenarios of the sizes that the settings ask for.
func scenarios(set settings) []scenario {
	single, thousands, most := 300/set.shrink, 10_000/set.shrink, 100_000/set.shrink
	all := []scenario{
		{Name: number(single) + " single entries", Size: single, HCL: singleHCL, README: []string{stepCreate}},
		{Name: number(single) + " single entries, answers without ids", Size: single, HCL: singleHCL, WithoutIDs: true},
		{Name: "core's floor, " + number(thousands), Size: thousands, HCL: floorHCL, Offline: true},
		{Name: number(thousands) + " in bulk", Size: thousands, HCL: bulkHCL, README: []string{stepCreate, stepPlan, stepChange}},
		{Name: number(thousands) + " in bulk, answers without ids", Size: thousands, HCL: bulkHCL, WithoutIDs: true},
		{Name: "core's floor, " + number(most), Size: most, HCL: floorHCL, Offline: true},
		{Name: number(most) + " in bulk", Size: most, HCL: bulkHCL, README: []string{stepPlan}},
		{Name: number(most) + ", counted", Size: most, HCL: countedHCL, README: []string{stepPlan}},
		{Name: "`blacklist_entries(csv)`, " + number(most) + " rows", Size: most, HCL: functionHCL, FromCRM: true, Offline: true},
	}
	var chosen []scenario
	for _, s := range all {
		if strings.Contains(s.Name, set.only) {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

func bench(ctx context.Context, set settings) error {
	directory, err := os.MkdirTemp("", "openprospect-bench-")
	if err != nil {
		return fmt.Errorf("making a directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(directory) }()
	cli, err := terraformcli.Prepare(ctx, directory)
	if err != nil {
		return err
	}
	b := &benchmark{
		settings: set, cli: cli, directory: directory,
		floors: map[int]map[string]cost{}, scripts: map[int]map[string]cost{}, naives: map[int]map[string]cost{},
	}
	for i, s := range scenarios(set) {
		fmt.Fprintf(os.Stderr, "%s ...\n", s.Name)
		if err := b.measure(s, fmt.Sprint("scenario-", i)); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	fmt.Println(pageTables(b.rows))
	return b.write()
}

// benchmark is what a run has measured, by size and step.
type benchmark struct {
	settings
	cli                     *terraformcli.CLI
	directory               string
	floors, scripts, naives map[int]map[string]cost
	rows                    []row
}

// measure adds the rows of a scenario. A size's floor comes before it; its script and the naive way are measured once.
func (b *benchmark) measure(s scenario, name string) error {
	directories := [2]string{filepath.Join(b.directory, name), filepath.Join(b.directory, name+"-script")}
	for _, one := range directories {
		if err := os.Mkdir(one, 0o700); err != nil {
			return fmt.Errorf("making a directory: %w", err)
		}
	}
	costs, err := s.live(b.cli, directories[0], b.runs, b.latency)
	if err != nil {
		return err
	}
	if s.floor() {
		b.floors[s.Size] = costs
	}
	if !s.Offline && b.naives[s.Size] == nil {
		if b.naives[s.Size], err = naiveFor(s.Size, b.latency); err != nil {
			return err
		}
		if b.scripts[s.Size], err = scriptCosts(s, directories[1], b.runs, b.latency); err != nil {
			return fmt.Errorf("the script: %w", err)
		}
	}
	for _, step := range steps {
		r := row{Scenario: s, Step: step, Cost: costs[step]}
		if !s.Offline {
			script, naive := b.scripts[s.Size][step], b.naives[s.Size][step]
			r.Script, r.Naive = &script, &naive
			if floor, ok := b.floors[s.Size][step]; ok {
				r.Floor = &floor
			}
		}
		b.rows = append(b.rows, r)
	}
	return nil
}

// write writes the files that the flags name.
func (b *benchmark) write() error {
	if b.readme != "" {
		if err := replaceTables(b.readme, readmeTable(b.rows)); err != nil {
			return err
		}
	}
	if b.page != "" {
		if err := replaceTables(b.page, pageTables(b.rows)); err != nil {
			return err
		}
	}
	if b.chart == "" {
		return nil
	}
	return os.WriteFile(b.chart, []byte(chart(b.rows)), 0o600)
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
	tablesBegin = "<!-- benchmark: begin (make bench) -->\n"
	tablesEnd   = "<!-- benchmark: end -->"
)

// replaceTables puts tables between the two marks of a Markdown file.
func replaceTables(file, text string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	before, rest, found := bytes.Cut(old, []byte(tablesBegin))
	_, after, ended := bytes.Cut(rest, []byte(tablesEnd))
	if !found || !ended {
		return errors.New("no benchmark marks in " + file)
	}
	replaced := string(before) + tablesBegin + "\n" + text + "\n" + tablesEnd + string(after)
	if err := os.WriteFile(file, []byte(replaced), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return nil
}
