//go:build linux

package main

import (
	"fmt"
	"math"
	"strings"
)

// Places in the chart, in pixels at the width of a README.
const (
	chartWidth  = 830
	chartLeft   = 170 // where bars begin
	chartDecade = 70  // width of a factor of ten
	chartTop    = 100
	barHeight   = 20
	groupHeight = 3*barHeight + 26
)

// The card has a background of its own: GitHub's theme may be another than the system's, which prefers-color-scheme follows.
const chartStyle = `<style>
text { font: 13px -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; fill: #1f2328 }
.title { font-size: 16px; font-weight: 600 } .soft { fill: #59636e; font-size: 12px }
.card { fill: #ffffff; stroke: #d1d9e0 } .grid { stroke: #e6eaef }
.budget { stroke: #c4432b; stroke-dasharray: 4 3 } .warn { fill: #b3391f; font-size: 12px }
.bar0 { fill: #5c4ee5 } .bar1 { fill: #8c959f } .bar2 { fill: #c8cfd6 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .soft { fill: #9198a1 } .card { fill: #0d1117; stroke: #3d444d } .grid { stroke: #262c34 }
.budget { stroke: #f0806a } .warn { fill: #f0806a } .bar0 { fill: #9186ff } .bar1 { fill: #7d8590 } .bar2 { fill: #464e58 }
}
</style>
`

// chart draws the requests of the no-change plans as SVG: the provider's, the script's and those of one request an entry.
// Bars begin at 1, since the axis is logarithmic.
func chart(rows []row) string {
	at := func(requests int) float64 { return chartLeft + chartDecade*math.Log10(float64(max(requests, 1))) }
	var bars strings.Builder
	y, largest := chartTop, 0
	for _, r := range rows {
		if r.Step != stepPlan || r.Naive == nil || r.Scenario.WithoutIDs {
			continue
		}
		fmt.Fprintf(&bars, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", chartLeft-12, y+barHeight*3/2+5, r.Scenario.Name)
		for i, requests := range []int{r.Cost.total(), r.Script.total(), r.Naive.total()} {
			fmt.Fprintf(&bars, `<rect class="bar%d" x="%d" y="%d" width="%.1f" height="%d"/><text x="%.1f" y="%d">%s</text>`+"\n",
				i, chartLeft, y, at(requests)-chartLeft, barHeight-3, at(requests)+6, y+barHeight-7, number(requests))
			largest, y = max(largest, requests), y+barHeight
		}
		y += groupHeight - 3*barHeight
	}
	bottom := y - 14
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`+"\n",
		chartWidth, bottom+34, chartWidth, bottom+34)
	b.WriteString("<title>Requests of a plan without changes</title>\n" + chartStyle)
	fmt.Fprintf(&b, `<rect class="card" x="0.5" y="0.5" width="%d" height="%d" rx="6"/>`+"\n", chartWidth-1, bottom+33)
	b.WriteString(`<text class="title" x="20" y="30">Requests of a plan without changes</text>` + "\n" +
		`<text class="soft" x="810" y="30" text-anchor="end">` + "each line to the right is ten times as many</text>\n")
	for i, name := range []string{"this provider", "a script for the whole list", "reading the list for each company"} {
		x := 20 + i*240
		fmt.Fprintf(&b, `<rect class="bar%d" x="%d" y="47" width="12" height="12"/><text x="%d" y="58">%s</text>`+"\n", i, x, x+18, name)
	}
	for decade := 0; decade <= int(math.Log10(float64(max(largest, 100)))); decade++ {
		requests := int(math.Pow10(decade))
		class, x := "grid", at(requests)
		if requests == 100 {
			class = "budget"
			fmt.Fprintf(&b, `<text class="warn" x="%.1f" y="%d" text-anchor="middle">smallest tier: 100 an hour</text>`+"\n", x, chartTop-10)
		}
		fmt.Fprintf(&b, `<line class="%s" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`, class, x, chartTop-4, x, bottom)
		label := strings.Replace(number(requests), ",000,000", "M", 1)
		fmt.Fprintf(&b, `<text class="soft" x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x, bottom+18, label)
	}
	return b.String() + bars.String() + "</svg>\n"
}
