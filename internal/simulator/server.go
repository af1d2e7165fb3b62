// Package simulator is the OpenProspect API in memory, for tests and the demo.
//
// Its wire types are its own, written from the guide: it never imports the
// client, so a wrong JSON tag on either side fails a test. It is strict about
// what it is sent and, by the switches of Behavior, loose about what it answers
// wherever the API's documentation is silent.
package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// DefaultAPIKey is the key that a simulator accepts unless told otherwise.
const DefaultAPIKey = "lnc_test_0123456789abcdefghijklmnopqrstuv"

// basePath is where the API lives below the server's root (guide).
const basePath = "/api/v1"

// Options configure a simulator. The zero value is an API that behaves as the
// guide shows it.
type Options struct {
	// Address to listen on; "" is a free port of 127.0.0.1. Loopback only.
	Address string
	// APIKey is the accepted key; "" is DefaultAPIKey.
	APIKey string
	// Scopes of the key; nil is the four of the guide.
	Scopes []string
	// Clock is the server's clock; nil is the wall clock. Either can be moved on by Advance.
	Clock func() time.Time
	// Behavior holds the answers to what the documentation leaves open.
	Behavior Behavior
	// Review says how orders move on by themselves; the zero value leaves them RECEIVED.
	Review Review
	// Latency is added to every answer.
	Latency time.Duration
	// RequestsPerHour answers 429 past that many requests in an hour; 0 is no limit.
	RequestsPerHour int
}

// Server is a running simulator. Its methods are safe for concurrent use; those
// that change something act like another client of the API: they are in no
// journal.
type Server struct {
	options  Options
	listener net.Listener
	http     *http.Server

	mu         sync.Mutex
	advanced   time.Duration
	sequence   int
	blacklists []*blacklist
	orders     []*order
	journal    []Request
	forgotten  int
	events     []Event
	unexpected []string
	faults     []*armedFault
	hour       time.Time
	inHour     int
}

// Start serves a new simulator.
func Start(options Options) (*Server, error) {
	if options.APIKey == "" {
		options.APIKey = DefaultAPIKey
	}
	if options.Scopes == nil {
		options.Scopes = []string{"orders:read", "orders:write", "blacklists:read", "blacklists:write"}
	}
	if options.Clock == nil {
		options.Clock = time.Now
	}
	if options.Address == "" {
		options.Address = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(options.Address)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", options.Address, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("address %q is not a loopback address", options.Address)
	}
	listener, err := net.Listen("tcp", options.Address) //nolint:noctx // there is no context to end it
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	s := &Server{options: options, listener: listener}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.http.Serve(listener) }()
	return s, nil
}

// URL is the base URL, /api/v1 included.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + basePath }

// APIKey is the key that the server accepts.
func (s *Server) APIKey() string { return s.options.APIKey }

// Close stops the server and drops its connections.
func (s *Server) Close() { _ = s.http.Close() }

// SetBehavior changes the behaviour of a running server.
func (s *Server) SetBehavior(change func(*Behavior)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.options.Behavior)
}

// Advance moves the server's clock on.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advanced += d
}

func (s *Server) now() time.Time { return s.options.Clock().Add(s.advanced).UTC() }

// newID gives ids that look like the API's and are the same in every run.
func (s *Server) newID(kind int) string {
	s.sequence++
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", kind, s.sequence)
}

func (s *Server) stamp(t time.Time) string {
	text := t.UTC().Format("2006-01-02T15:04:05.000000")
	if s.options.Behavior.OffsetTimestamps {
		return text + "+00:00"
	}
	return text + "Z"
}

// answer is what a handler gives: the adapter makes HTTP of it.
type answer struct {
	status int
	header map[string]string
	body   any
	// empty answers have no body at all.
	empty bool
	// done says that the request changed or read what it asked for.
	done bool
}

func ok(body any) answer { return answer{status: http.StatusOK, body: body, done: true} }

// ServeHTTP serves one request: it is journaled, befallen by at most one fault,
// and answered.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		body = nil
	}
	number := s.record(r, body)
	fault, struck := s.strike(number)
	if s.options.Latency > 0 {
		time.Sleep(s.options.Latency)
	}
	if struck && fault.Hook != nil {
		fault.Hook()
	}

	var a answer
	if struck && fault.replaces() && !fault.Work {
		a = answer{status: http.StatusOK}
	} else {
		a = s.handle(r, body, number)
	}
	text := s.encode(a)
	if struck {
		a, text = fault.spoil(a, text)
		if fault.Delay > 0 {
			select {
			case <-time.After(fault.Delay):
			case <-r.Context().Done():
			}
		}
	}
	dropped := struck && fault.Drop
	s.conclude(number, a, dropped)
	if dropped {
		drop(w)
		return
	}
	write(w, a, text, struck, fault)
}

// encode renders an answer's body.
func (s *Server) encode(a answer) []byte {
	if a.empty || a.body == nil {
		return nil
	}
	text, err := json.Marshal(a.body)
	if err != nil {
		panic(err) // a wire type of our own that does not marshal
	}
	return text
}

func write(w http.ResponseWriter, a answer, text []byte, struck bool, fault Fault) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	for name, value := range a.header {
		header.Set(name, value)
	}
	if struck && fault.ContentType != "" {
		header.Set("Content-Type", fault.ContentType)
	}
	if struck && fault.BodySize > 0 {
		w.WriteHeader(a.status)
		filler := bytes.Repeat([]byte("x"), 64<<10)
		for left := fault.BodySize; left > 0; left -= int64(len(filler)) {
			if _, err := w.Write(filler[:min(int64(len(filler)), left)]); err != nil {
				return
			}
		}
		return
	}
	if struck && fault.Truncate {
		header.Set("Content-Length", fmt.Sprint(len(text)))
		w.WriteHeader(a.status)
		_, _ = w.Write(text[:len(text)/2])
		if flusher, can := w.(http.Flusher); can {
			flusher.Flush()
		}
		drop(w)
		return
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(text)
}

// drop closes the connection without an answer, or in the middle of it.
func drop(w http.ResponseWriter) {
	hijacker, can := w.(http.Hijacker)
	if !can {
		return
	}
	connection, _, err := hijacker.Hijack()
	if err != nil {
		return
	}
	if tcp, isTCP := connection.(*net.TCPConn); isTCP {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// handle authorizes, limits and routes.
func (s *Server) handle(r *http.Request, body []byte, number int) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := r.URL.Path
	if path == "/health" {
		return ok(map[string]string{"service": "OpenProspect API", "status": "healthy"})
	}
	rest, found := strings.CutPrefix(path, basePath)
	if !found {
		return s.unrouted(r)
	}
	if s.options.Behavior.RedirectToSlash && !strings.HasSuffix(path, "/") {
		target := *r.URL
		target.Path += "/"
		return answer{status: http.StatusTemporaryRedirect, header: map[string]string{"Location": target.String()}, empty: true}
	}
	key, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		s.unexpected = append(s.unexpected, fmt.Sprintf("%s %s without authorization", r.Method, path))
	}
	if key != s.options.APIKey {
		return s.problem(http.StatusUnauthorized, "UNAUTHORIZED", "Invalid API key", nil)
	}
	if a, limited := s.limit(); limited {
		return a
	}
	elements := strings.Split(strings.Trim(rest, "/"), "/")
	for _, route := range routes {
		ids, matches := match(route.pattern, elements)
		if !matches {
			continue
		}
		handler, allowed := route.methods[r.Method]
		if !allowed {
			s.unexpected = append(s.unexpected, fmt.Sprintf("%s %s: method not allowed", r.Method, path))
			return s.problem(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "Method not allowed", nil)
		}
		if handler.scope != "" && !slices.Contains(s.options.Scopes, handler.scope) {
			return s.problem(http.StatusForbidden, "AUTHORIZATION_ERROR", "Missing required scopes", map[string]any{
				"required_scopes": []string{handler.scope}, "user_scopes": s.options.Scopes,
			})
		}
		if len(body) > 0 {
			if r.Method == http.MethodGet {
				s.unexpected = append(s.unexpected, fmt.Sprintf("GET %s with a body", path))
			}
			if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
				s.unexpected = append(s.unexpected, fmt.Sprintf("%s %s: a body that is not said to be JSON", r.Method, path))
				return s.problem(http.StatusUnsupportedMediaType, "INVALID_REQUEST", "Content-Type must be application/json", nil)
			}
		}
		return handler.handle(s, call{number: number, ids: ids, request: r, body: body})
	}
	return s.unrouted(r)
}

func (s *Server) unrouted(r *http.Request) answer {
	s.unexpected = append(s.unexpected, fmt.Sprintf("%s %s: no such route", r.Method, r.URL.Path))
	return answer{status: http.StatusNotImplemented, body: map[string]string{"detail": "Not Implemented"}}
}

// call is one request on its way through a handler.
type call struct {
	number  int
	ids     []string
	request *http.Request
	body    []byte
}

type route struct {
	pattern string
	methods map[string]handler
}

type handler struct {
	scope  string
	handle func(*Server, call) answer
}

// routes are the endpoints of the guide and of the blacklist guide's table.
var routes = []route{
	{"auth/validate", map[string]handler{"GET": {"", (*Server).validateKey}}},
	{"blacklists", map[string]handler{
		"GET":  {"blacklists:read", (*Server).listBlacklists},
		"POST": {"blacklists:write", (*Server).createBlacklist},
	}},
	{"blacklists/*", map[string]handler{
		"GET":    {"blacklists:read", (*Server).getBlacklist},
		"PATCH":  {"blacklists:write", (*Server).patchBlacklist},
		"DELETE": {"blacklists:write", (*Server).deleteBlacklist},
	}},
	{"blacklists/*/entries", map[string]handler{
		"GET":    {"blacklists:read", (*Server).listEntries},
		"POST":   {"blacklists:write", (*Server).postEntries},
		"DELETE": {"blacklists:write", (*Server).deleteEntries},
	}},
	{"orders", map[string]handler{
		"GET":  {"orders:read", (*Server).listOrders},
		"POST": {"orders:write", (*Server).createOrder},
	}},
	{"orders/*", map[string]handler{"GET": {"orders:read", (*Server).getOrder}}},
	{"orders/*/results", map[string]handler{"GET": {"orders:read", (*Server).orderResults}}},
}

// match compares path elements with a pattern in which * is any one element.
func match(pattern string, elements []string) ([]string, bool) {
	wanted := strings.Split(pattern, "/")
	if len(wanted) != len(elements) {
		return nil, false
	}
	var ids []string
	for i, want := range wanted {
		switch {
		case want == "*" && elements[i] != "":
			ids = append(ids, elements[i])
		case want != elements[i]:
			return nil, false
		}
	}
	return ids, true
}

// limit counts requests an hour.
func (s *Server) limit() (answer, bool) {
	if s.options.RequestsPerHour == 0 {
		return answer{}, false
	}
	now := s.now()
	if s.hour.IsZero() || now.Sub(s.hour) >= time.Hour {
		s.hour, s.inHour = now, 0
	}
	s.inHour++
	if s.inHour <= s.options.RequestsPerHour {
		return answer{}, false
	}
	wait := s.hour.Add(time.Hour).Sub(now)
	return s.tooMany(int(wait.Seconds()) + 1), true
}

// tooMany is a 429 that tells the wait in the form that Behavior says (U22).
func (s *Server) tooMany(seconds int) answer {
	a := answer{status: http.StatusTooManyRequests, header: map[string]string{}}
	body := map[string]any{"error": "RATE_LIMIT_EXCEEDED", "message": "Rate limit exceeded."}
	form := s.options.Behavior.RetryAfterForm
	if form == "" || form == "header" {
		a.header["Retry-After"] = fmt.Sprint(seconds)
	}
	if form == "" || form == "body" {
		body["message"] = fmt.Sprintf("Rate limit exceeded. Retry after %d seconds.", seconds)
		body["retry_after"] = seconds
	}
	if form == "date" {
		a.header["Retry-After"] = s.now().Add(time.Duration(seconds) * time.Second).Format(http.TimeFormat)
	}
	if form == "reset" {
		a.header["X-RateLimit-Reset"] = fmt.Sprint(s.now().Unix() + int64(seconds))
	}
	if form != "" {
		a.header["Date"] = s.now().Format(http.TimeFormat)
	}
	a.body = body
	return a
}

// problem is an error in the shape that Behavior says (U21).
func (s *Server) problem(status int, code, message string, details map[string]any) answer {
	var body any
	switch s.options.Behavior.ErrorShape {
	case 2:
		flat := map[string]any{"code": code, "message": message}
		for key, value := range details {
			flat[key] = value
		}
		body = flat
	case 3:
		body = map[string]any{"error": map[string]any{"code": code, "message": message, "details": details}}
	case 4:
		body = map[string]any{"error": code, "message": message}
	case 5:
		body = map[string]any{"error": code, "message": message, "retry_after": nil}
	case 6:
		body = map[string]any{"detail": message}
		if status == http.StatusNotFound || status == http.StatusConflict {
			// A bare detail has no code; only what the caller can act on keeps one.
			body = map[string]any{"detail": message, "code": code}
		}
	default:
		if details == nil {
			details = map[string]any{}
		}
		body = map[string]any{"code": code, "message": message, "details": details}
	}
	return answer{status: status, body: body}
}

// invalid is a 422 about one field.
func (s *Server) invalid(field, message string) answer {
	if s.options.Behavior.ErrorShape == 6 {
		return answer{status: http.StatusUnprocessableEntity, body: map[string]any{"detail": []any{
			map[string]any{"loc": []any{"body", field}, "msg": message, "type": "value_error"},
		}}}
	}
	return s.problem(http.StatusUnprocessableEntity, "VALIDATION_ERROR", message, map[string]any{
		"validation_errors": []any{map[string]any{"field": field, "error": message}},
	})
}

func (s *Server) validateKey(call) answer {
	if s.options.Behavior.WithoutValidate {
		return answer{status: http.StatusNotFound, body: map[string]string{"detail": "Not Found"}}
	}
	return ok(map[string]any{"valid": true, "scopes": s.options.Scopes})
}
