//go:build linux

package main

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// decades labels a logarithmic axis whose values are logarithms already: bars
// begin at zero, which has no logarithm.
type decades struct{}

func (decades) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for decade := math.Floor(low); decade <= high; decade++ {
		ticks = append(ticks, plot.Tick{Value: decade, Label: number(int(math.Pow(10, decade)))})
	}
	return ticks
}

// chart draws the requests of the no-change plans, ours beside the naive ones.
func chart(rows []row, file string) error {
	var ours, naive plotter.Values
	var names []string
	for _, r := range rows {
		if r.Step != stepPlan || r.Naive == nil {
			continue
		}
		names = append(names, r.Scenario.Name)
		ours = append(ours, math.Log10(float64(r.Cost.total())))
		naive = append(naive, math.Log10(float64(r.Naive.total())))
	}
	p := plot.New()
	p.Title.Text = "Requests of a plan without changes (logarithmic)"
	p.Y.Min = 0
	p.Y.Tick.Marker = decades{}
	p.NominalX(names...)
	p.Legend.Top, p.Legend.Left = true, true
	const width = 28
	for i, series := range []struct {
		name   string
		values plotter.Values
		color  color.Color
	}{
		{"one walk a read (naive)", naive, color.RGBA{R: 0xbb, G: 0xbb, B: 0xbb, A: 0xff}},
		{"this provider", ours, color.RGBA{R: 0x5c, G: 0x4e, B: 0xe5, A: 0xff}},
	} {
		bars, err := plotter.NewBarChart(series.values, vg.Points(width))
		if err != nil {
			return fmt.Errorf("drawing: %w", err)
		}
		bars.Color, bars.LineStyle.Width = series.color, 0
		bars.Offset = vg.Points(width * (float64(i) - 0.5))
		p.Add(bars)
		p.Legend.Add(series.name, bars)
	}
	if err := p.Save(16*vg.Centimeter, 9*vg.Centimeter, file); err != nil {
		return fmt.Errorf("saving the chart: %w", err)
	}
	return nil
}
