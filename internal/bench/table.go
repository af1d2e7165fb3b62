//go:build linux

package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// row is one line of the tables: a scenario's step.
type row struct {
	Scenario scenario
	Step     string
	Cost     cost
	// Floor is core's own cost of the same step at the same size; nil when there is nothing to compare with.
	Floor *cost
	// Script is the same work done by a script.
	Script *cost
	// Naive is the same work done one request an entry. Only its requests count.
	Naive *cost
}

// hourly is what the API's middle tier, Pro, allows.
const hourly = 1000

// readmeTable has the rows by which a user decides: a list of 10,000, which is what the provider is for; the plan of 100,000,
// which every pull request pays for, read in full and counted; and the creation of 300 single entries, the step that resources
// of their own make dear in requests.
func readmeTable(rows []row) string {
	var b strings.Builder
	b.WriteString("| companies | step | requests: **provider** / script / one by one | wall time | CPU time | peak memory |\n" +
		"|---|---|---|---|---|---|\n")
	for _, r := range rows {
		if slices.Contains(r.Scenario.README, r.Step) {
			fmt.Fprintf(&b, "| %s | %s | **%s** / %s / %s | **%s** / %s | **%s** / %s | **%s** / %s |\n", r.Scenario.Name, r.Step,
				number(r.Cost.total()), number(r.Script.total()), number(r.Naive.total()),
				seconds(r.Cost.Wall), seconds(r.Script.Wall), seconds(r.Cost.CPU), seconds(r.Script.CPU),
				megabytes(r.Cost.Peak+r.Cost.ProviderPeak), megabytes(r.Script.Peak))
		}
	}
	return b.String()
}

// pageTables are all rows.
func pageTables(rows []row) string {
	var b strings.Builder
	b.WriteString("### Requests\n\n| companies | step | provider (GET / POST / DELETE) | script | one by one | at 1,000 requests an hour |\n" +
		"|---|---|---|---|---|---|\n")
	for _, r := range rows {
		if r.Scenario.Offline {
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | **%s** (%s / %s / %s) | %s | %s | %s |\n", r.Scenario.Name, r.Step, number(r.Cost.total()),
			number(r.Cost.Requests["GET"]), number(r.Cost.Requests["POST"]), number(r.Cost.Requests["DELETE"]),
			number(r.Script.total()), number(r.Naive.total()), waits(r.Cost.total()))
	}
	b.WriteString("\n### Time and memory\n\n| companies | step | wall | CPU | CPU, times core's | memory of Terraform / provider | " +
		"script: wall | CPU | memory |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		provider, ratio, script := "–", "–", "– | – | –"
		if !r.Scenario.floor() {
			provider = megabytes(r.Cost.ProviderPeak)
		}
		if r.Floor != nil {
			ratio = fmt.Sprintf("%.2f", r.Cost.CPU.Seconds()/r.Floor.CPU.Seconds())
		}
		if r.Script != nil {
			script = fmt.Sprintf("%s | %s | %s", seconds(r.Script.Wall), seconds(r.Script.CPU), megabytes(r.Script.Peak))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s / %s | %s |\n", r.Scenario.Name, r.Step,
			seconds(r.Cost.Wall), seconds(r.Cost.CPU), ratio, megabytes(r.Cost.Peak), provider, script)
	}
	return b.String()
}

// waits says how long a run takes when the key allows hourly requests an hour
// and the hour has just begun: the first ones go at once.
func waits(requests int) string {
	if requests <= hourly {
		return "at once"
	}
	return fmt.Sprintf("%d h", (requests-1)/hourly)
}

func seconds(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func megabytes(bytes int64) string { return fmt.Sprintf("%d MB", bytes/1_000_000) }

// number writes 10000 as 10,000.
func number(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
