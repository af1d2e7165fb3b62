package simulator

import (
	"net/http"
	"time"
)

// Fault befalls matching requests.
type Fault struct {
	// Name stands in the journal.
	Name string
	// Method and Pattern select requests as in Count.
	Method  string
	Pattern string
	// Skip lets that many matching requests pass first.
	Skip int
	// Times is how many requests it befalls; 0 is one, negative is every one.
	Times int
	// Match, if not nil, must agree as well. It must not call the server.
	Match func(Request) bool

	// Delay comes before the answer (and before a drop).
	Delay time.Duration
	// Hook runs when the fault strikes, before the work; it may change the
	// server (another actor in the middle of a run).
	Hook func()
	// Work carries the request out before the answer is spoiled. Without it a
	// Status, Body, BodySize or Drop fault answers in place of the work.
	Work bool
	// Drop closes the connection instead of answering.
	Drop bool
	// Status, ContentType, Header and Body replace the answer's; zero values
	// leave them.
	Status      int
	ContentType string
	Header      map[string]string
	Body        string
	// BodySize streams that many bytes of filler in place of Body.
	BodySize int64
	// Truncate cuts the answer's body in half and closes the connection.
	Truncate bool
	// Rewrite, if not nil, changes the answer's body.
	Rewrite func(body []byte) []byte
}

// armedFault counts what a fault has seen.
type armedFault struct {
	Fault
	seen, struck int
}

// Inject adds a fault. Faults are tried in the order of their injection; the
// first that matches strikes.
func (s *Server) Inject(fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &armedFault{Fault: fault})
}

// ClearFaults removes all faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// strike finds the fault that befalls a request, and notes it in the journal.
func (s *Server) strike(number int) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	request, still := s.journaled(number)
	if !still {
		return Fault{}, false
	}
	for _, fault := range s.faults {
		times := fault.Times
		if times == 0 {
			times = 1
		}
		if times > 0 && fault.struck >= times || !selects(fault.Method, fault.Pattern, *request) {
			continue
		}
		if fault.Match != nil && !fault.Match(*request) {
			continue
		}
		fault.seen++
		if fault.seen <= fault.Skip {
			continue
		}
		fault.struck++
		request.Fault = fault.Name
		return fault.Fault, true
	}
	return Fault{}, false
}

// replaces reports whether the fault answers in place of the API.
func (f Fault) replaces() bool {
	return f.Drop || f.Status != 0 || f.Body != "" || f.BodySize > 0
}

// spoil changes an answer as the fault says.
func (f Fault) spoil(a answer, text []byte) (answer, []byte) {
	if f.Status != 0 {
		a.status = f.Status
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if len(f.Header) > 0 {
		header := map[string]string{}
		for name, value := range a.header {
			header[name] = value
		}
		for name, value := range f.Header {
			header[name] = value
		}
		a.header = header
	}
	if f.Body != "" {
		text = []byte(f.Body)
	}
	if f.Rewrite != nil {
		text = f.Rewrite(text)
	}
	return a, text
}
