package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// exclusionsShown is how many of the companies that were kept out of results are named.
const exclusionsShown = 10

// requestPrinter prints requests, one at a time.
type requestPrinter struct {
	mu  sync.Mutex
	out io.Writer
}

func (p *requestPrinter) print(request simulator.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = io.WriteString(p.out, describe(request))
}

// describe is one line for a request, and one for each company that was kept out of the results which it read.
func describe(request simulator.Request) string {
	target := request.Path
	if request.Query != "" {
		target += "?" + request.Query
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s %-6s %d %s", request.Time.Local().Format(time.TimeOnly), request.Method, request.Status, target)
	if request.Note != "" {
		text.WriteString("  " + request.Note)
	}
	text.WriteByte('\n')
	for i, exclusion := range request.Excluded {
		if i == exclusionsShown {
			fmt.Fprintf(&text, "         kept out: %d more\n", len(request.Excluded)-i)
			break
		}
		fmt.Fprintf(&text, "         kept out: %q, by %s, entry of %q\n", exclusion.Company.Name, exclusion.MatchedBy(), exclusion.BlacklistName)
	}
	return text.String()
}
