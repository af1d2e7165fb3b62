//go:build linux

package main

import (
	"fmt"
	"strings"
)

// row is one line of the table: a scenario's step.
type row struct {
	Scenario scenario
	Step     string
	Cost     cost
	// Floor is core's own cost of the same step at the same size; nil when
	// there is nothing to compare with.
	Floor *cost
	// Naive is the same work done one request an entry.
	Naive *cost
	// NaiveComputed says that Naive was not run but computed.
	NaiveComputed bool
}

// hourly is what the API's middle tier, Pro, allows.
const hourly = 1000

// table renders rows as Markdown.
func table(rows []row) string {
	var b strings.Builder
	b.WriteString("| list | step | requests (GET / POST / DELETE) | naive | on the Pro tier (1,000 requests/hour) | wall | CPU | CPU " +
		"vs core's floor | peak memory core / provider |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		requests := "none"
		if !r.Scenario.Offline {
			requests = fmt.Sprintf("**%s** (%s / %s / %s)", number(r.Cost.total()),
				number(r.Cost.Requests["GET"]), number(r.Cost.Requests["POST"]), number(r.Cost.Requests["DELETE"]))
		}
		naive, ratio := "", ""
		if r.Naive != nil {
			naive = number(r.Naive.total())
			if r.NaiveComputed {
				naive += " (computed)"
			}
		}
		if r.Floor != nil {
			ratio = fmt.Sprintf("%.2f", r.Cost.CPU.Seconds()/r.Floor.CPU.Seconds())
		}
		provider := "–"
		if !r.Scenario.floor() {
			provider = megabytes(r.Cost.ProviderPeak)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %.1f s | %.1f s | %s | %s / %s |\n",
			r.Scenario.Name, r.Step, requests, naive, waits(r.Cost.total()),
			r.Cost.Wall.Seconds(), r.Cost.CPU.Seconds(), ratio, megabytes(r.Cost.CorePeak), provider)
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

func megabytes(bytes int64) string { return fmt.Sprintf("%d MB", bytes/1_000_000) }

// number writes 10000 as 10,000.
func number(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
