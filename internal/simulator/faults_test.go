package simulator_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// Each kind of fault: what the client sees, whether the work was done, and what the journal says.
func TestFaults(t *testing.T) {
	t.Parallel()
	const create = `{"name":"Customers"}`
	for _, test := range []struct {
		name  string
		fault simulator.Fault
		// sees checks what the client sees.
		sees func(reply, error) bool
		made bool
		// status in the journal.
		status int
	}{
		{"dropped before the work", simulator.Fault{Drop: true},
			func(_ reply, err error) bool { return err != nil }, false, 0},
		{"dropped after the work", simulator.Fault{Drop: true, Work: true},
			func(_ reply, err error) bool { return err != nil }, true, 0},
		{"status instead of the work", simulator.Fault{Status: 503},
			func(r reply, err error) bool { return err == nil && r.String() == "503" }, false, 503},
		{"status after the work", simulator.Fault{Status: 500, Work: true},
			func(r reply, err error) bool {
				return err == nil && r.status == 500 && strings.Contains(r.body, "Customers")
			}, true, 500},
		{"page of a gateway", simulator.Fault{Status: 502, ContentType: "text/html", Body: "<h1>Bad Gateway</h1>"},
			func(r reply, err error) bool {
				return err == nil && r.String() == "502 <h1>Bad Gateway</h1>" && r.header.Get("Content-Type") == "text/html"
			}, false, 502},
		{"other body, same status", simulator.Fault{Body: "[]", Work: true},
			func(r reply, err error) bool { return err == nil && r.String() == "201 []" }, true, 201},
		{"redirect elsewhere", simulator.Fault{Status: 307, Header: map[string]string{"Location": "http://example.com/"}},
			func(r reply, err error) bool {
				return err == nil && r.status == 307 && r.header.Get("Location") == "http://example.com/"
			}, false, 307},
		{"truncated", simulator.Fault{Truncate: true},
			func(r reply, err error) bool {
				return errors.Is(err, io.ErrUnexpectedEOF) && r.status == 201 && strings.HasPrefix(r.body, `{"id":`)
			}, true, 201},
		{"huge", simulator.Fault{Status: 200, BodySize: 10 << 20},
			func(r reply, err error) bool { return err == nil && len(r.body) == 10<<20 }, false, 200},
		{"rewritten", simulator.Fault{Rewrite: func(body []byte) []byte { return []byte(strings.ToUpper(string(body))) }},
			func(r reply, err error) bool { return err == nil && strings.Contains(r.body, `"NAME":"CUSTOMERS"`) }, true, 201},
		{"delayed", simulator.Fault{Delay: 15 * time.Millisecond},
			func(r reply, err error) bool { return err == nil && r.status == 201 }, true, 201},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := start(t, simulator.Options{})
			a.get("/blacklists") // a warm connection
			test.fault.Name, test.fault.Method, test.fault.Pattern = test.name, "POST", "/blacklists"
			a.Inject(test.fault)
			began := time.Now()
			got, err := a.try("POST", "/blacklists", create)
			if !test.sees(got, err) {
				t.Errorf("the client sees %s, %v", got, err)
			}
			if took := time.Since(began); took < test.fault.Delay {
				t.Errorf("took %v", took)
			}
			if made := len(a.Blacklists()) == 1; made != test.made {
				t.Errorf("the work was done: %v, want %v", made, test.made)
			}
			entry := a.Journal()[1]
			if entry.Fault != test.name || entry.Status != test.status || entry.Done != test.made {
				t.Errorf("journal: fault %q, status %d, done %v", entry.Fault, entry.Status, entry.Done)
			}
			// The fault is over, and the server as it was.
			if got := a.send("POST", "/blacklists", create); got.status != 201 {
				t.Errorf("afterwards: %s", got)
			}
		})
	}
}

func TestFaultSelection(t *testing.T) {
	t.Parallel()
	statuses := func(a *api, n int) (got string) {
		for range n {
			if a.get("/blacklists").status == 200 {
				got += "."
			} else {
				got += "x"
			}
		}
		return got
	}
	for name, test := range map[string]struct {
		faults []simulator.Fault
		want   string
	}{
		"once":                {[]simulator.Fault{{Status: 503}}, "x...."},
		"twice":               {[]simulator.Fault{{Status: 503, Times: 2}}, "xx..."},
		"always":              {[]simulator.Fault{{Status: 503, Times: -1}}, "xxxxx"},
		"skipping two":        {[]simulator.Fault{{Status: 503, Skip: 2}}, "..x.."},
		"skipping, for good":  {[]simulator.Fault{{Status: 503, Skip: 3, Times: -1}}, "...xx"},
		"other method":        {[]simulator.Fault{{Status: 503, Method: "POST"}}, "....."},
		"other path":          {[]simulator.Fault{{Status: 503, Pattern: "/blacklists/*"}}, "....."},
		"path":                {[]simulator.Fault{{Status: 503, Pattern: "/blacklists"}}, "x...."},
		"no match":            {[]simulator.Fault{{Status: 503, Match: func(r simulator.Request) bool { return r.Query != "" }}}, "....."},
		"match":               {[]simulator.Fault{{Status: 503, Match: func(r simulator.Request) bool { return r.Number == 4 }}}, "...x."},
		"one after the other": {[]simulator.Fault{{Status: 503}, {Status: 200}, {Status: 503}}, "x.x.."},
	} {
		a := start(t, simulator.Options{})
		for _, fault := range test.faults {
			a.Inject(fault)
		}
		if got := statuses(a, 5); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
	a := start(t, simulator.Options{})
	a.Inject(simulator.Fault{Status: 503, Times: -1})
	a.ClearFaults()
	if got := statuses(a, 2); got != ".." {
		t.Errorf("cleared: %s", got)
	}
}

// A hook is another actor in the middle of a request: it acts before the work.
func TestFaultHook(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	list := a.AddBlacklist("Customers", "")
	a.Inject(simulator.Fault{Name: "other actor", Pattern: "/blacklists/*", Hook: func() { a.RemoveBlacklist(list) }})
	if got := a.get("/blacklists/" + list); got.status != 404 {
		t.Errorf("%s", got)
	}
	if got := a.Journal()[0].Fault; got != "other actor" {
		t.Errorf("journaled as %q", got)
	}
}
