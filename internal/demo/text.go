package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	tfjson "github.com/hashicorp/terraform-json"
)

const (
	indent = "   "
	// width is how long a line of prose may get.
	width = 96
)

// table prints rows below a header, in columns as wide as they have to be.
func table(w io.Writer, header []string, rows [][]string) error {
	lines := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{header}, rows...) {
		_, _ = fmt.Fprintln(lines, indent+strings.Join(row, "\t"))
	}
	return lines.Flush()
}

// indented prints a text of several lines as it is.
func indented(w io.Writer, text string) {
	for line := range strings.Lines(strings.TrimSpace(text)) {
		_, _ = fmt.Fprint(w, strings.TrimRight(indent+line, " \n"), "\n")
	}
}

// wrapped prints prose in lines of at most width. What is set off by leading
// space, such as a command to copy, stays as it is.
func wrapped(w io.Writer, prefix, text string) {
	for paragraph := range strings.Lines(text) {
		if strings.TrimLeft(paragraph, " \n") == "" || strings.HasPrefix(paragraph, " ") {
			_, _ = fmt.Fprintln(w, strings.TrimRight(prefix+paragraph, " \n"))
			continue
		}
		line := prefix
		for word := range strings.FieldsSeq(paragraph) {
			if line != prefix && len(line)+1+len(word) > width {
				_, _ = fmt.Fprintln(w, line)
				line = prefix
			}
			if line != prefix {
				line += " "
			}
			line += word
		}
		_, _ = fmt.Fprintln(w, line)
	}
}

// sign is the sign that terraform puts before a resource in a plan.
func sign(actions tfjson.Actions) string {
	switch {
	case actions.Replace():
		return "-/+"
	case actions.Create():
		return "+"
	case actions.Update():
		return "~"
	case actions.Delete():
		return "-"
	}
	return "?"
}

// changes are a plan's resource changes, without those that change nothing.
func changes(plan *tfjson.Plan) []*tfjson.ResourceChange {
	return slices.DeleteFunc(slices.Clone(plan.ResourceChanges), func(change *tfjson.ResourceChange) bool {
		return change.Change.Actions.NoOp() || change.Change.Actions.Read()
	})
}

// planSummary is the last line of a plan.
func planSummary(plan *tfjson.Plan) string {
	add, change, destroy := 0, 0, 0
	for _, changed := range changes(plan) {
		switch actions := changed.Change.Actions; {
		case actions.Replace():
			add++
			destroy++
		case actions.Create():
			add++
		case actions.Update():
			change++
		case actions.Delete():
			destroy++
		}
	}
	return fmt.Sprintf("Plan: %d to add, %d to change, %d to destroy.", add, change, destroy)
}
