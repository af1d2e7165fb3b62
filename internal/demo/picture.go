package main

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// pictured are the titles of the scenes in the picture.
var pictured = []string{firstPlanTitle, keptOutTitle, renamedTitle}

// picture is the part of the demo's output that the picture shows.
func picture(scenes []scene) string {
	text, gap := dim.of("$")+" "+bold.of("make demo")+"\n", false
	for _, one := range scenes {
		if !slices.Contains(pictured, one.title) {
			gap = true
			continue
		}
		if gap {
			text += "\n" + dim.of("…") + "\n"
		}
		text, gap = text+one.text, false
	}
	return text
}

// A character's cell in the picture, the space around the text, and the bar above it.
const (
	cellWidth, cellHeight = 8.4, 19.0
	margin, barHeight     = 20.0, 34.0
)

// colors of the picture. It has a dark ground of its own, so that it looks the same on a light and on a dark page.
var colors = map[style]string{
	plain: "#e6edf3", bold: "#ffffff", dim: "#8b949e", red: "#ff7b72", green: "#7ee787", yellow: "#e3b341", cyan: "#79c0ff",
}

// draw draws a text with styles as a terminal window, in SVG.
func draw(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	cells := 0
	for _, line := range lines {
		cells = max(cells, utf8.RuneCountInString(withoutStyles(line)))
	}
	width, height := 2*margin+cellWidth*float64(cells), barHeight+cellHeight*float64(len(lines))+margin
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.1f %.1f" width="%.1f" height="%.1f" role="img" `+
		`font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace" font-size="14">`+"\n",
		width, height, width, height)
	svg.WriteString("<title>Output of make demo</title>\n")
	fmt.Fprintf(&svg, `<rect x="0.5" y="0.5" width="%.1f" height="%.1f" rx="8" fill="#161b22" stroke="#484f58"/>`+"\n", width-1, height-1)
	for i := range 3 {
		fmt.Fprintf(&svg, `<circle cx="%.1f" cy="%.1f" r="5" fill="#484f58"/>`+"\n", margin+float64(i)*17, barHeight/2)
	}
	for i, line := range lines {
		drawLine(&svg, line, barHeight+cellHeight*(float64(i)+0.75))
	}
	svg.WriteString("</svg>\n")
	return svg.String()
}

// words are what stands between gaps: each is placed by itself, so that columns stay columns in every font.
var words = regexp.MustCompile(`\S+(?: \S+)*`)

func drawLine(svg *strings.Builder, line string, y float64) {
	cell, current := 0, plain
	for line != "" {
		run := line
		if next := styleSequence.FindStringIndex(line); next != nil {
			if next[0] == 0 {
				current, line = style(line[:next[1]]), line[next[1]:]
				continue
			}
			run = line[:next[0]]
		}
		line = line[len(run):]
		for _, at := range words.FindAllStringIndex(run, -1) {
			word := run[at[0]:at[1]]
			weight := ""
			if current == bold {
				weight = ` font-weight="bold"`
			}
			fmt.Fprintf(svg, `<text x="%.1f" y="%.1f" textLength="%.1f" lengthAdjust="spacingAndGlyphs" fill="%s"%s>%s</text>`+"\n",
				margin+cellWidth*float64(cell+utf8.RuneCountInString(run[:at[0]])), y, cellWidth*float64(utf8.RuneCountInString(word)),
				colors[current], weight, html.EscapeString(word))
		}
		cell += utf8.RuneCountInString(run)
	}
}
