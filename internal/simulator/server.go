// Package simulator is the OpenProspect API in memory, for tests, the demo and the command simulate.
//
// Its wire types are its own, written from the guide: it never imports the
// client, so a wrong JSON tag on either side fails a test. It is strict about
// what it is sent and, by the switches of Behavior, loose about what it answers
// wherever the API's documentation is silent.
package simulator

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// DefaultAPIKey is the key that a simulator accepts unless told otherwise.
const DefaultAPIKey = "lnc_test_0123456789abcdefghijklmnopqrstuv"

// basePath is where the API lives below the server's root (guide).
const basePath = "/api/v1"

// GuideScopes are the scopes that the guide asks for.
var GuideScopes = []string{"orders:read", "orders:write", "blacklists:read", "blacklists:write"}

// Options configure a simulator. The zero value is an API that behaves as the
// guide shows it.
type Options struct {
	// Address to listen on, such as "127.0.0.1:8080" for a program that others are pointed at; "" is a
	// free port of 127.0.0.1.
	Address string
	// APIKey is the accepted key; "" is DefaultAPIKey.
	APIKey string
	// Scopes of the key; nil is GuideScopes.
	Scopes []string
	// Clock is the server's clock; nil is the wall clock. Either can be moved on by Advance.
	Clock func() time.Time
	// Behavior holds the answers to what the documentation leaves open.
	Behavior Behavior
	// Review says how orders move on by themselves; the zero value leaves them RECEIVED.
	Review Review
	// Companies are found by every search, after the guide's company and before those that the simulator invents.
	Companies []Company
	// ProfileTime is how long a profile creation is PENDING, and then RUNNING, on the server's clock. With 0 it has ended when it is
	// looked at again.
	ProfileTime time.Duration
	// Latency is added to every answer.
	Latency time.Duration
	// RequestsPerHour answers 429 past that many requests in an hour; 0 is no limit.
	RequestsPerHour int
	// Answering, if not nil, is called with each request as it stands in the journal, before its answer is sent; concurrently, as
	// requests come.
	Answering func(Request)
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
	searches   []*search
	creations  []*creation
	// failing is how many of the next profile creations end as FAILED.
	failing int

	blacklistsByID map[string]*blacklist
	ordersByID     map[string]*order
	ordersByKey    map[string]*order

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
		options.Scopes = slices.Clone(GuideScopes)
	}
	if options.Clock == nil {
		options.Clock = time.Now
	}
	if options.Address == "" {
		options.Address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", options.Address) //nolint:noctx // there is no context to end it
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	s := &Server{
		options: options, listener: listener,
		blacklistsByID: map[string]*blacklist{}, ordersByID: map[string]*order{}, ordersByKey: map[string]*order{},
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.http.Serve(listener) }()
	return s, nil
}

// URL is the base URL, /api/v1 included.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + basePath }

// APIKey is the key that the server accepts.
func (s *Server) APIKey() string { return s.options.APIKey }

// Close stops the server and drops its connections.
func (s *Server) Close() {
	_ = s.listener.Close()
	_ = s.http.Close()
}

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

// newID returns ids that look like the API's and are the same in every run.
func (s *Server) newID(kind int) string {
	s.sequence++
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", kind, s.sequence)
}

func (s *Server) stamp(t time.Time) string {
	layout := "2006-01-02T15:04:05.000000"
	if s.options.Behavior.WholeSeconds {
		layout = time.DateOnly + "T" + time.TimeOnly
	}
	text := t.UTC().Format(layout)
	if s.options.Behavior.OffsetTimestamps {
		return text + "+00:00"
	}
	return text + "Z"
}

// answer is what a handler gives: the adapter makes HTTP of it.
type answer struct {
	status int
	header map[string]string
	// body is nil for an answer without one.
	body any
	// done says that the request changed or read what it asked for.
	done bool
	// note and excluded are for the journal.
	note     string
	excluded []Exclusion
}

func ok(body any) answer { return answer{status: http.StatusOK, body: body, done: true} }

func nothing() answer { return answer{status: http.StatusNoContent, done: true} }

// ServeHTTP serves one request: it is journaled, befallen by at most one fault,
// and answered.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	number := s.record(r, body)
	if err != nil {
		// The client went away in the middle of its request.
		hangUp(w, false)
		return
	}
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
	text := encode(a)
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
	if request, still := s.conclude(number, a, dropped); still && s.options.Answering != nil {
		s.options.Answering(request)
	}
	if dropped {
		hangUp(w, true)
		return
	}
	write(w, a, text, fault)
}

// encode renders an answer's body.
func encode(a answer) []byte {
	if a.body == nil {
		return nil
	}
	var b bytes.Buffer
	if err := writeJSON(&b, a.body); err != nil {
		panic(err) // a wire type of our own that does not marshal
	}
	return b.Bytes()
}

func write(w http.ResponseWriter, a answer, text []byte, fault Fault) {
	header := w.Header()
	if len(text) > 0 {
		header.Set("Content-Type", "application/json")
	}
	for name, value := range a.header {
		header.Set(name, value)
	}
	if fault.ContentType != "" {
		header.Set("Content-Type", fault.ContentType)
	}
	if fault.BodySize > 0 {
		w.WriteHeader(a.status)
		stream(w, fault.BodySize)
		return
	}
	if a.status != http.StatusNoContent && a.status != http.StatusNotModified {
		header.Set("Content-Length", strconv.Itoa(len(text)))
	}
	w.WriteHeader(a.status)
	if fault.Truncate {
		_, _ = w.Write(text[:len(text)/2])
		_ = http.NewResponseController(w).Flush()
		hangUp(w, false)
		return
	}
	_, _ = w.Write(text)
}

// stream writes that many bytes of filler, as far as the client reads them.
func stream(w http.ResponseWriter, size int64) {
	filler := bytes.Repeat([]byte("x"), 64<<10)
	for left := size; left > 0; left -= int64(len(filler)) {
		if _, err := w.Write(filler[:min(int64(len(filler)), left)]); err != nil {
			return
		}
	}
}

// hangUp closes the connection without the rest of the answer; a reset also
// throws away what the client has not received yet.
func hangUp(w http.ResponseWriter, reset bool) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, isTCP := connection.(*net.TCPConn); isTCP && reset {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// handle authorizes, limits and routes.
func (s *Server) handle(r *http.Request, body []byte, number int) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := r.URL.EscapedPath()
	if path == "/health" {
		return ok(members{{"service", "OpenProspect API"}, {"status", "healthy"}})
	}
	rest, found := strings.CutPrefix(path, basePath)
	if !found {
		return s.unrouted(r)
	}
	if s.options.Behavior.RedirectToSlash && !strings.HasSuffix(path, "/") {
		return s.redirect(r)
	}
	key, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		s.surprised(r, "no bearer token")
	}
	if !bearer || key != s.options.APIKey {
		return s.problem(http.StatusUnauthorized, "UNAUTHORIZED", "Invalid or expired API key", nil)
	}
	if a, limited := s.limit(); limited {
		return a
	}
	route, ids := find(rest)
	if route == nil {
		return s.unrouted(r)
	}
	handler, allowed := route.methods[r.Method]
	if !allowed {
		s.surprised(r, "method not allowed")
		return s.problem(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "Method not allowed", nil)
	}
	if handler.scope != "" && !slices.Contains(s.options.Scopes, handler.scope) {
		a := s.problem(http.StatusForbidden, "AUTHORIZATION_ERROR", "Missing required scopes",
			members{{"required_scopes", []string{handler.scope}}, {"user_scopes", s.options.Scopes}})
		a.note += ": " + handler.scope
		return a
	}
	if len(body) > 0 && r.Method == http.MethodGet {
		s.surprised(r, "a GET with a body")
	}
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); len(body) > 0 && media != "application/json" {
		s.surprised(r, "a body that is not said to be JSON")
		return s.problem(http.StatusUnsupportedMediaType, "INVALID_REQUEST", "Content-Type must be application/json", nil)
	}
	return handler.handle(s, call{number: number, ids: ids, request: r, body: body})
}

// redirect sends the client to the same path with a slash (U2).
func (s *Server) redirect(r *http.Request) answer {
	target := *r.URL
	target.Path += "/"
	if target.RawPath != "" {
		target.RawPath += "/"
	}
	if s.options.Behavior.RedirectAbsolute {
		target.Scheme, target.Host = "http", s.listener.Addr().String()
	}
	return answer{status: http.StatusTemporaryRedirect, header: map[string]string{"Location": target.String()}}
}

// surprised notes a request that no client should have sent.
func (s *Server) surprised(r *http.Request, why string) {
	s.unexpected = append(s.unexpected, fmt.Sprintf("%s %s: %s", r.Method, r.URL.EscapedPath(), why))
}

func (s *Server) unrouted(r *http.Request) answer {
	s.surprised(r, "no such route")
	return answer{status: http.StatusNotImplemented, body: members{{"detail", "Not Implemented"}}, note: "no such endpoint"}
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

// routes are the endpoints of the guide, of the blacklist guide's table and of the newest pages.
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
	{"prospect-searches", map[string]handler{"GET": {"prospect_searches:read", (*Server).listSearches}}},
	{"prospect-searches/*/blacklists", map[string]handler{
		"GET": {"blacklists:read", (*Server).getAssignment},
		"PUT": {"blacklists:write", (*Server).putAssignment},
	}},
	{"search-profile-creations", map[string]handler{"POST": {"orders:write", (*Server).createProfile}}},
	{"search-profile-creations/*", map[string]handler{"GET": {"orders:read", (*Server).getProfileCreation}}},
	{"orders/*", map[string]handler{"GET": {"orders:read", (*Server).getOrder}}},
	{"orders/*/results", map[string]handler{"GET": {"orders:read", (*Server).orderResults}}},
}

// Scopes are all scopes that an endpoint asks for.
func Scopes() []string {
	var scopes []string
	for _, route := range routes {
		for _, handler := range route.methods {
			if handler.scope != "" && !slices.Contains(scopes, handler.scope) {
				scopes = append(scopes, handler.scope)
			}
		}
	}
	slices.Sort(scopes)
	return scopes
}

// find returns the route of a path below the base path, with or without a slash
// at its end (U2), and the ids in it.
func find(path string) (*route, []string) {
	elements := pathElements(path)
	for i := range routes {
		if ids, matches := match(routes[i].pattern, elements); matches {
			return &routes[i], ids
		}
	}
	return nil, nil
}

// pathElements splits a path as it was sent: an escaped slash is part of an
// element.
func pathElements(path string) []string {
	elements := strings.Split(strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/"), "/")
	for i, element := range elements {
		if unescaped, err := url.PathUnescape(element); err == nil {
			elements[i] = unescaped
		}
	}
	return elements
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
	return s.tooMany(int(math.Ceil(wait.Seconds()))), true
}

// tooMany is a 429 that tells the wait in the form that Behavior says (U22).
func (s *Server) tooMany(seconds int) answer {
	a := answer{status: http.StatusTooManyRequests, header: map[string]string{}, note: fmt.Sprintf("rate limit: wait %d s", seconds)}
	body := members{{"error", "RATE_LIMIT_EXCEEDED"}, {"message", "Rate limit exceeded."}}
	form := s.options.Behavior.RetryAfterForm
	if form == "" || form == "header" {
		a.header["Retry-After"] = strconv.Itoa(seconds)
	}
	if form == "" || form == "body" {
		body.set("message", fmt.Sprintf("Rate limit exceeded. Retry after %d seconds.", seconds))
		body.set("retry_after", seconds)
	}
	if form == "date" {
		a.header["Retry-After"] = s.now().Add(time.Duration(seconds) * time.Second).Format(http.TimeFormat)
	}
	if form == "reset" {
		a.header["X-RateLimit-Reset"] = fmt.Sprint(s.now().Unix() + int64(seconds))
	}
	if form == "delta" {
		a.header["RateLimit-Reset"] = strconv.Itoa(seconds)
	}
	if form != "" {
		a.header["Date"] = s.now().Format(http.TimeFormat)
	}
	a.body = body
	return a
}

// problem is an error in the shape that Behavior says (U21).
func (s *Server) problem(status int, code, message string, details members) answer {
	if details == nil {
		details = members{}
	}
	body := members{{"code", code}, {"message", message}}
	switch s.options.Behavior.ErrorShape {
	case 2:
		body = append(body, details...)
	case 3:
		body = members{{"error", append(body, member{"details", details})}}
	case 4:
		body = members{{"error", code}, {"message", message}}
	case 5:
		body = members{{"error", code}, {"message", message}, {"retry_after", nil}}
	case 6:
		body = members{{"detail", message}}
		if status == http.StatusNotFound || status == http.StatusConflict {
			// A bare detail has no code; only what the caller can act on keeps one.
			body.set("code", code)
		}
	default:
		body.set("details", details)
	}
	return answer{status: status, body: body, note: message}
}

func (s *Server) validateKey(call) answer {
	if s.options.Behavior.WithoutValidate {
		return answer{status: http.StatusNotFound, body: members{{"detail", "Not Found"}}}
	}
	return ok(members{{"valid", true}, {"scopes", s.options.Scopes}})
}
