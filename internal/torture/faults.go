//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

const gatewayPage = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"

const rateLimited = `{"error":"RATE_LIMIT_EXCEEDED","message":"Rate limit exceeded.","retry_after":1}`

// routes are those that faults strike, with those that change something named more than once.
var routes = []route{
	{"POST", "/orders"},
	{"POST", "/orders"},
	{"POST", "/orders"},
	{"GET", "/orders"},
	{"GET", "/orders/*"},
	{"POST", "/blacklists"},
	{"PATCH", "/blacklists/*"},
	{"GET", "/blacklists/*"},
	{"DELETE", "/blacklists/*"},
	{"POST", "/blacklists/*/entries"},
	{"POST", "/blacklists/*/entries"},
	{"POST", "/blacklists/*/entries"},
	{"GET", "/blacklists/*/entries"},
	{"DELETE", "/blacklists/*/entries"},
	{"DELETE", "/blacklists/*/entries"},
	{"POST", "/search-profile-creations"},
	{"POST", "/search-profile-creations"},
	{"GET", "/search-profile-creations/*"},
	{"PUT", "/prospect-searches/*/blacklists"},
	{"GET", "/prospect-searches/*/blacklists"},
	{"", ""},
}

// entryRoutes are those of a configuration that only has entries.
var entryRoutes = []route{
	{"POST", "/blacklists/*/entries"},
	{"POST", "/blacklists/*/entries"},
	{"GET", "/blacklists/*/entries"},
	{"DELETE", "/blacklists/*/entries"},
}

type route struct{ method, pattern string }

// randomFault spoils an answer. Work is true if the request is carried out all the same.
func randomFault(r *rand.Rand, number int, routes []route) simulator.Fault {
	route := routes[r.IntN(len(routes))]
	fault := simulator.Fault{
		Method:  route.method,
		Pattern: route.pattern,
		Skip:    r.IntN(3),
		Times:   1 + r.IntN(3),
		Work:    r.IntN(2) == 0,
	}
	kind := ""
	switch r.IntN(9) {
	case 0:
		kind, fault.Drop = "drop", true
	case 1:
		kind, fault.Truncate, fault.Work = "truncate", true, true
	case 2:
		kind, fault.Status, fault.ContentType, fault.Body = "gateway page", 502, "text/html", gatewayPage
	case 3:
		kind, fault.Status, fault.ContentType, fault.Body = "gateway 404", 404, "text/html", gatewayPage
	case 4:
		kind, fault.Status, fault.Body = "internal error", 500, `{"code":"INTERNAL","message":"boom"}`
	case 5:
		kind, fault.Status, fault.Body, fault.Work = "rate limit", 429, rateLimited, false
	case 6:
		// A server that says 200 and did nothing lies; no client can tell.
		kind, fault.Body, fault.ContentType, fault.Work = "not JSON", "OK", "text/plain", true
	case 7:
		kind, fault.Body, fault.Work = "nulls", `{"id":null,"order_id":null,"items":null,"total":null}`, true
	default:
		kind, fault.Delay, fault.Times = "timeout", 2500*time.Millisecond, 1
	}
	fault.Name = fmt.Sprintf("%d: %s on %s %s (skip %d, times %d, work %t)",
		number, kind, route.method, route.pattern, fault.Skip, fault.Times, fault.Work)
	return fault
}

// signalKind is a signal in the middle of a run, and who gets it.
type signalKind string

const (
	killProvider  signalKind = "SIGKILL to the provider"
	killTerraform signalKind = "SIGKILL to terraform"
	killBoth      signalKind = "SIGKILL to both"
	interrupt     signalKind = "SIGINT to both"
)

var signalKinds = []signalKind{killProvider, killTerraform, killBoth, interrupt}

// randomSignal is a fault whose hook strikes the run under way. The delay holds the answer back until whoever waited for it
// is dead.
func randomSignal(r *rand.Rand, number int, routes []route, strike func(signalKind)) simulator.Fault {
	route := routes[r.IntN(len(routes))]
	kind := signalKinds[r.IntN(len(signalKinds))]
	work := r.IntN(2) == 0
	skip := r.IntN(4)
	return simulator.Fault{
		Name:    fmt.Sprintf("%d: %s at %s %s (skip %d, work %t)", number, kind, route.method, route.pattern, skip, work),
		Method:  route.method,
		Pattern: route.pattern,
		Skip:    skip,
		Work:    work,
		Drop:    kind != interrupt,
		Hook:    func() { strike(kind) },
		Delay:   100 * time.Millisecond,
	}
}
