//go:build linux

package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// The script is only a measure of the provider if it does the same work.
func TestScript(t *testing.T) {
	api, err := simulator.Start(simulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	t.Setenv("OPENPROSPECT_BASE_URL", api.URL())
	t.Setenv("OPENPROSPECT_API_KEY", api.APIKey())
	s := scenario{Size: 250}
	directory := t.TempDir()
	for _, step := range []struct {
		verb              string
		renamed           int
		get, post, remove int
	}{
		{scriptApply, -1, 2, 2, 0}, // the list and its entries, of which there are none yet
		{scriptPlan, -1, 4, 0, 0},
		{scriptApply, 125, 4, 1, 1},
		{scriptDestroy, 125, 4, 0, 2},
	} {
		if err := s.writeCompanies(directory, step.renamed); err != nil {
			t.Fatal(err)
		}
		api.ResetJournal()
		if err := runScript(step.verb, filepath.Join(directory, "entries.json")); err != nil {
			t.Fatalf("%s: %v", step.verb, err)
		}
		requests := map[string]int{}
		for _, request := range api.Journal() {
			requests[request.Method]++
		}
		if requests["GET"] != step.get || requests["POST"] != step.post || requests["DELETE"] != step.remove {
			t.Errorf("%s sent %v, want GET %d, POST %d, DELETE %d", step.verb, requests, step.get, step.post, step.remove)
		}
		after := stepCreate
		if step.verb == scriptDestroy {
			after = stepDestroy
		}
		if err := s.check(api, after, step.renamed); err != nil {
			t.Errorf("after %s: %v", step.verb, err)
		}
	}
}

// A plan that finds changes must fail, so that no other plan is measured as one without changes.
func TestScriptPlanFindsChanges(t *testing.T) {
	api, err := simulator.Start(simulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	t.Setenv("OPENPROSPECT_BASE_URL", api.URL())
	t.Setenv("OPENPROSPECT_API_KEY", api.APIKey())
	api.AddBlacklist("Customers", "", simulator.Entry{CompanyName: "Somebody else"})
	directory := t.TempDir()
	if err := (scenario{Size: 3}).writeCompanies(directory, -1); err != nil {
		t.Fatal(err)
	}
	err = runScript(scriptPlan, filepath.Join(directory, "entries.json"))
	if err == nil || err.Error() != "3 companies to add, 1 to remove" {
		t.Errorf("plan returns %v", err)
	}
}

func rowsOfPlans() []row {
	plan := func(name string, size, pages int, options ...func(*scenario)) row {
		naive := naiveComputed(size)[stepPlan]
		script := cost{Requests: map[string]int{"GET": pages}}
		r := row{Scenario: scenario{Name: name, Size: size}, Step: stepPlan, Cost: script, Script: &script, Naive: &naive}
		for _, option := range options {
			option(&r.Scenario)
		}
		return r
	}
	return []row{
		plan("300 single entries", 300, 4),
		plan("10,000 in bulk", 10_000, 101),
		plan("10,000 without ids", 10_000, 101, func(s *scenario) { s.WithoutIDs = true }),
		plan("100,000 in bulk", 100_000, 1001),
	}
}

// box is where a text of the chart stands, by a width of 8 pixels a character, 11 in the title, which no common font exceeds at its size.
type box struct {
	text                     string
	left, right, top, bottom float64
}

func (b box) overlaps(other box) bool {
	return b.left < other.right && other.left < b.right && b.top < other.bottom && other.top < b.bottom
}

func textsOf(t *testing.T, svg string) []box {
	t.Helper()
	var boxes []box
	decoder := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return boxes
		}
		if err != nil {
			t.Fatalf("the chart is not XML: %v", err)
		}
		start, isStart := token.(xml.StartElement)
		if !isStart || start.Name.Local != "text" {
			continue
		}
		attributes := map[string]string{}
		for _, one := range start.Attr {
			attributes[one.Name.Local] = one.Value
		}
		var content string
		if err := decoder.DecodeElement(&content, &start); err != nil {
			t.Fatal(err)
		}
		x, err := strconv.ParseFloat(attributes["x"], 64)
		if err != nil {
			t.Fatal(err)
		}
		y, err := strconv.ParseFloat(attributes["y"], 64)
		if err != nil {
			t.Fatal(err)
		}
		width := 8 * float64(len(content))
		if attributes["class"] == "title" {
			width = 11 * float64(len(content))
		}
		switch attributes["text-anchor"] {
		case "end":
			x -= width
		case "middle":
			x -= width / 2
		}
		boxes = append(boxes, box{text: content, left: x, right: x + width, top: y - 11, bottom: y + 3})
	}
}

func TestChartCanBeRead(t *testing.T) {
	boxes := textsOf(t, chart(rowsOfPlans()))
	var texts []string
	for i, one := range boxes {
		texts = append(texts, one.text)
		if one.left < 0 || one.right > chartWidth {
			t.Errorf("%q leaves the picture: %v", one.text, one)
		}
		for _, other := range boxes[:i] {
			if one.overlaps(other) {
				t.Errorf("%q and %q overlap", one.text, other.text)
			}
		}
	}
	for _, want := range []string{"300 single entries", "4", "600", "101", "505,000", "1,001", "50,050,000"} {
		if !slices.Contains(texts, want) {
			t.Errorf("the chart does not say %q", want)
		}
	}
	if slices.Contains(texts, "10,000 without ids") {
		t.Error("the chart shows the same list twice")
	}
}

// A row that the README is to show must not get lost when a scenario or a step is renamed.
func TestREADMEHasSixRows(t *testing.T) {
	var rows []row
	for _, s := range scenarios(settings{shrink: 1}) {
		for _, step := range steps {
			rows = append(rows, row{Scenario: s, Step: step, Script: &cost{}, Naive: &cost{}})
		}
	}
	table := readmeTable(rows)
	if count := strings.Count(table, "\n") - 2; count != 6 {
		t.Errorf("the table has %d rows, want 6:\n%s", count, table)
	}
}

func TestReplaceTables(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(file, []byte("before\n"+tablesBegin+"\nold\n\n"+tablesEnd+"\nafter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replaceTables(file, "new\n"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := "before\n" + tablesBegin + "\nnew\n\n" + tablesEnd + "\nafter\n"; string(text) != want {
		t.Errorf("the file holds %q, want %q", text, want)
	}
	if err := replaceTables(file+"-missing", "new\n"); err == nil {
		t.Error("a file that is not there is no error")
	}
	if err := os.WriteFile(file, []byte("no marks"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replaceTables(file, "new\n"); err == nil {
		t.Error("a file without marks is no error")
	}
}
