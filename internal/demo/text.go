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

// columns lays rows out in columns as wide as they have to be, one line a row.
func columns(rows [][]string) ([]string, error) {
	var text strings.Builder
	lines := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		_, _ = fmt.Fprintln(lines, indent+strings.Join(row, "\t"))
	}
	if err := lines.Flush(); err != nil {
		return nil, fmt.Errorf("laying out a table: %w", err)
	}
	return strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n"), nil
}

// table prints rows below a header.
func table(w io.Writer, header []string, rows [][]string) error {
	lines, err := columns(append([][]string{header}, rows...))
	if err != nil {
		return err
	}
	lines[0] = bold.of(lines[0])
	for _, line := range lines {
		_, _ = fmt.Fprintln(w, line)
	}
	return nil
}

// planned prints a part of terraform's plan. A line that is too long goes on in the next one.
func planned(w io.Writer, text string) {
	for line := range strings.Lines(strings.TrimSpace(text)) {
		for _, part := range broken(strings.TrimRight(indent+line, " \n")) {
			_, _ = fmt.Fprintln(w, stylePlan(part))
		}
	}
}

// broken wraps a line of a plan between words. Each further line begins below the first word.
func broken(line string) []string {
	begin := len(line) - len(strings.TrimLeft(line, " +-~/"))
	var parts []string
	for begin < width && len(line) > width {
		at := strings.LastIndex(line[begin:width+1], " ")
		if at < 0 {
			break
		}
		parts = append(parts, line[:begin+at])
		line = strings.Repeat(" ", begin) + line[begin+at+1:]
	}
	return append(parts, line)
}

// stylePlan styles a line of a plan as terraform does.
func stylePlan(line string) string {
	text := strings.TrimLeft(line, " ")
	margin := line[:len(line)-len(text)]
	if strings.HasPrefix(text, "# openprospect_") {
		return margin + bold.of(text)
	}
	text = strings.Replace(text, "# forces replacement", red.of("# forces replacement"), 1)
	if sign, rest, found := strings.Cut(text, " "); found {
		if styled := styleSign(sign); styled != sign {
			text = styled + " " + rest
		}
	}
	return margin + text
}

// styleSign styles the sign before a resource or an attribute.
func styleSign(sign string) string {
	switch sign {
	case "+":
		return green.of(sign)
	case "-":
		return red.of(sign)
	case "~":
		return yellow.of(sign)
	case "-/+":
		return red.of("-") + "/" + green.of("+")
	}
	return sign
}

// planBlock is the part of a plan's text that is about one resource, without the values that only the apply will tell.
func planBlock(text, address string) (string, bool) {
	for block := range strings.SplitSeq(text, "\n\n") {
		if !strings.HasPrefix(strings.TrimSpace(block), "# "+address+" ") {
			continue
		}
		var kept []string
		dropped := 0
		for line := range strings.SplitSeq(block, "\n") {
			if !strings.HasSuffix(line, "(known after apply)") {
				kept = append(kept, line)
				continue
			}
			dropped++
			// The end of an object: its beginning goes with it.
			if strings.HasPrefix(strings.TrimSpace(line), "}") {
				kept = kept[:len(kept)-1]
			}
		}
		if dropped > 0 {
			last := len(kept) - 1
			note := fmt.Sprintf("        # (%d lines known after apply not shown)", dropped)
			kept = append(kept[:last:last], note, kept[last])
		}
		return strings.Join(kept, "\n"), true
	}
	return "", false
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
