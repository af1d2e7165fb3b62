package simulator

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Request is one request that the server received, and what became of it.
type Request struct {
	// Number counts from 1 in order of arrival.
	Number int
	Time   time.Time
	Method string
	// Path is as sent, below the base path: "/blacklists/…/entries".
	Path   string
	Query  string
	Header http.Header
	Body   []byte
	// Status is what was answered; 0 when the connection was dropped.
	Status int
	// Done says that the request's work was carried out, whatever was answered.
	Done bool
	// Fault is the name of the fault that befell it, if any.
	Fault string
	// Note says for a person what the request did, or why it was refused; "" where method and path say it.
	Note string
	// Excluded are the companies that blacklists kept out of the results that it read; only for the first page of them.
	Excluded []Exclusion
}

// record writes a request into the journal.
func (s *Server) record(r *http.Request, body []byte) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal = append(s.journal, Request{
		Number: s.forgotten + len(s.journal) + 1,
		Time:   s.now(),
		Method: r.Method,
		Path:   strings.TrimPrefix(r.URL.EscapedPath(), basePath),
		Query:  r.URL.RawQuery,
		Header: r.Header.Clone(),
		Body:   body,
	})
	return s.forgotten + len(s.journal)
}

// journaled returns a request that is still in the journal.
func (s *Server) journaled(number int) (*Request, bool) {
	index := number - s.forgotten - 1
	if index < 0 {
		return nil, false
	}
	return &s.journal[index], true
}

// conclude notes what became of a request, and returns it.
func (s *Server) conclude(number int, a answer, dropped bool) (Request, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	request, still := s.journaled(number)
	if !still {
		return Request{}, false
	}
	request.Done, request.Note, request.Excluded = a.done, a.note, a.excluded
	if !dropped {
		request.Status = a.status
	}
	return *request, true
}

// Journal is every request so far, in order of arrival.
func (s *Server) Journal() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := slices.Clone(s.journal)
	for i := range requests {
		requests[i].Header = requests[i].Header.Clone()
		requests[i].Body = bytes.Clone(requests[i].Body)
	}
	return requests
}

// ResetJournal forgets the requests so far.
func (s *Server) ResetJournal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgotten += len(s.journal)
	s.journal = nil
}

// Count counts requests by method ("" is any) and path pattern, where * stands
// for one path element: Count("POST", "/blacklists/*/entries"). A pattern of ""
// is any path.
func (s *Server) Count(method, pattern string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := 0
	for _, request := range s.journal {
		if selects(method, pattern, request) {
			count++
		}
	}
	return count
}

func selects(method, pattern string, request Request) bool {
	if method != "" && method != request.Method {
		return false
	}
	if pattern == "" {
		return true
	}
	_, matches := match(strings.Trim(pattern, "/"), pathElements(request.Path))
	return matches
}

// Unexpected describes requests that no client should have sent: unknown
// routes, missing authorization, bodies on a wrong route. A test ends by
// asserting that it is empty.
func (s *Server) Unexpected() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.unexpected)
}

// Event is a change of a blacklist's entries, a blacklist, an order, a search
// profile or a prospect search, in the order in which they happened.
type Event struct {
	Time time.Time
	// Kind is "entry_added", "entry_removed", "blacklist_created",
	// "blacklist_updated", "blacklist_removed", "order_created", "order_status",
	// "profile_creation" or "blacklists_assigned".
	Kind        string
	BlacklistID string
	Entry       Entry
	OrderID     string
	CreationID  string
	SearchID    string
	Status      string
	// Request is the Number of the request that did it; 0 for a change by the
	// server's own methods.
	Request int
}

// Events are all changes so far: replayed, they tell what was on which list at
// every moment.
func (s *Server) Events() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.events)
}

func (s *Server) happened(event Event) {
	event.Time = s.now()
	s.events = append(s.events, event)
}
