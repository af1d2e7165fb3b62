package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestUnstyled(t *testing.T) {
	t.Parallel()
	var written bytes.Buffer
	text := "1 " + bold.of("2") + " " + red.of("-") + "/" + green.of("+") + "\n"
	if n, err := (unstyled{&written}).Write([]byte(text)); err != nil || n != len(text) {
		t.Errorf("wrote %d of %d: %v", n, len(text), err)
	}
	if got, want := written.String(), "1 2 -/+\n"; got != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
	if _, err := (unstyled{failing{}}).Write([]byte("x")); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// Styles are for terminals, for which the null device stands here: it is a character device, too.
func TestScreen(t *testing.T) {
	t.Parallel()
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = device.Close() }()
	file, err := os.Create(filepath.Join(t.TempDir(), "output"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for _, test := range []struct {
		reason string
		file   *os.File
		set    map[string]string
		styled bool
	}{
		{"terminal", device, nil, true},
		{"terminal, NO_COLOR empty", device, map[string]string{"NO_COLOR": "", "TERM": "xterm"}, true},
		{"terminal, NO_COLOR", device, map[string]string{"NO_COLOR": "1"}, false},
		{"terminal without styles", device, map[string]string{"TERM": "dumb"}, false},
		{"file", file, nil, false},
	} {
		_, without := screen(func(name string) string { return test.set[name] }, test.file).(unstyled)
		if without == test.styled {
			t.Errorf("%s: styles %t, want %t", test.reason, !without, test.styled)
		}
	}
}

const planExample = `
  # openprospect_blacklist.a will be updated in-place
  ~ resource "openprospect_blacklist" "a" {
      ~ name = "one" -> "two"
    }

  # openprospect_discovery_order.a must be replaced
-/+ resource "openprospect_discovery_order" "a" {
      + admin_notes    = (known after apply)
      ~ estimated_cost = {
          ~ currency = "EUR" -> (known after apply)
        } -> (known after apply)
      ~ title          = "Spring" -> "Summer" # forces replacement
        # (14 unchanged attributes hidden)
    }

Plan: 1 to add, 1 to change, 1 to destroy.`

func TestPlanBlock(t *testing.T) {
	t.Parallel()
	want := `  # openprospect_discovery_order.a must be replaced
-/+ resource "openprospect_discovery_order" "a" {
      ~ title          = "Spring" -> "Summer" # forces replacement
        # (14 unchanged attributes hidden)
        # (3 lines known after apply not shown)
    }`
	if got, found := planBlock(planExample, "openprospect_discovery_order.a"); !found || got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, found := planBlock(planExample, "openprospect_blacklist.a"); !found || !strings.HasSuffix(got, "\"two\"\n    }") {
		t.Errorf("got\n%s", got)
	}
	if got, found := planBlock(planExample, "openprospect_blacklist.b"); found {
		t.Errorf("got\n%s", got)
	}
}

func TestPlanned(t *testing.T) {
	t.Parallel()
	var written bytes.Buffer
	long := strings.Repeat("word ", 30)
	planned(&written, "# openprospect_x.a\n    + "+long+"\n      plain # forces replacement\n    + "+strings.Repeat("x", 120))
	lines := strings.Split(strings.TrimSuffix(written.String(), "\n"), "\n")
	want := []string{
		indent + bold.of("# openprospect_x.a"),
		indent + "    " + green.of("+") + " " + strings.TrimSpace(strings.Repeat("word ", 17)),
		indent + "      " + strings.TrimSpace(strings.Repeat("word ", 13)),
		indent + "      plain " + red.of("# forces replacement"),
		indent + "    " + green.of("+") + " " + strings.Repeat("x", 120),
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%q\nwant\n%q", lines, want)
	}
	for sign, styled := range map[string]string{"-": "\x1b[31m-\x1b[0m", "~": "\x1b[33m~\x1b[0m", "-/+": "\x1b[31m-\x1b[0m/\x1b[32m+\x1b[0m"} {
		if got, want := stylePlan(sign+" x"), styled+" x"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestDraw(t *testing.T) {
	t.Parallel()
	type element struct {
		X       float64 `xml:"x,attr"`
		Y       float64 `xml:"y,attr"`
		Fill    string  `xml:"fill,attr"`
		Weight  string  `xml:"font-weight,attr"`
		Length  float64 `xml:"textLength,attr"`
		Content string  `xml:",chardata"`
	}
	var drawn struct {
		Width  float64   `xml:"width,attr"`
		Height float64   `xml:"height,attr"`
		Texts  []element `xml:"text"`
	}
	if err := xml.Unmarshal([]byte(draw("a <b>  "+bold.of("ü é")+"\n\n"+green.of("+")+` "x" & y`+"\n")), &drawn); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, one := range drawn.Texts {
		column := (one.X - margin) / cellWidth
		row := (one.Y - barHeight) / cellHeight
		got = append(got, strconv.FormatFloat(row, 'f', 2, 64)+" "+strconv.FormatFloat(column, 'f', 0, 64)+" "+one.Fill+" "+one.Weight+
			" "+strconv.FormatFloat(one.Length/cellWidth, 'f', 1, 64)+" "+one.Content)
	}
	want := []string{
		"0.75 0 #e6edf3  5.0 a <b>",
		"0.75 7 #ffffff bold 3.0 ü é",
		"2.75 0 #7ee787  1.0 +",
		`2.75 2 #e6edf3  7.0 "x" & y`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if drawn.Width != 2*margin+10*cellWidth || drawn.Height != barHeight+3*cellHeight+margin {
		t.Errorf("the picture is %g by %g", drawn.Width, drawn.Height)
	}
}

func TestPicture(t *testing.T) {
	t.Parallel()
	scenes := []scene{{firstPlanTitle, "\nfirst\n"}, {keptOutTitle, "\nsecond\n"}, {"other", "\nother\n"}, {renamedTitle, "\nthird\n"}}
	if got, want := withoutStyles(picture(scenes)), "$ make demo\n\nfirst\n\nsecond\n\n…\n\nthird\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// make demo-picture draws the README's picture again.
func TestPictureOfTheReadme(t *testing.T) {
	t.Parallel()
	drawn, err := os.ReadFile("../../.github/demo.svg")
	if err != nil {
		t.Fatal(err)
	}
	for _, title := range pictured {
		if !strings.Contains(string(drawn), html.EscapeString(title)+"</text>") {
			t.Errorf("the picture shows no scene %q; run make demo-picture", title)
		}
	}
}
