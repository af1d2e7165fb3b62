package openprospect

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// defaultMaxAnswer bounds the body of a success: 100 companies with their prospects, or 10,000 added
	// entries, stay far below it.
	defaultMaxAnswer = 32 << 20
	// maxErrorAnswer bounds what is read of any other answer.
	maxErrorAnswer = 64 << 10
	// maxRedirects is how many redirects one attempt follows (U2).
	maxRedirects = 3
)

// call is one request to the API.
type call struct {
	method string
	// path is below the base URL, escaped.
	path  string
	query url.Values
	// body is sent as JSON; nil sends none.
	body any
	// idempotencyKey goes along when it is not "" (U24).
	idempotencyKey string
	// repeatable says that the API does the work once however often it gets this POST, by its key.
	repeatable bool
	// once sends it a single time.
	once bool
	// detached keeps an attempt going when the caller's context ends.
	detached bool
}

// answer is a 2xx.
type answer struct {
	method string
	host   string
	path   string
	scope  string
	status int
	header http.Header
	body   []byte
	// at is the server's clock: its Date header, else the local clock.
	at     time.Time
	redact *redactor
}

// invalid says that a success could not be understood; it is an *Error so that it names method,
// path and status, and so that a write counts as perhaps carried out.
func (a *answer) invalid(format string, args ...any) *Error {
	e := a.failure()
	e.Message = a.redact.shown(fmt.Sprintf(format, args...))
	return e
}

// failure is an error that does not say yet what is wrong.
func (a *answer) failure() *Error {
	return &Error{Method: a.method, Host: a.host, Path: a.path, Scope: a.scope, StatusCode: a.status, RequestID: requestID(a.header, a.redact)}
}

// do sends a call, again where the policy allows it, and returns the API's success.
func (c *Client) do(ctx context.Context, call call) (*answer, error) {
	var body []byte
	if call.body != nil {
		var err error
		if body, err = json.Marshal(call.body); err != nil {
			return nil, c.unsent(call, "encoding the request: "+err.Error(), nil)
		}
	}
	outcomeUnknown := false
	for attempt := 1; ; attempt++ {
		if err := c.enter(ctx, call); err != nil {
			return nil, markOutcomeUnknown(err, outcomeUnknown)
		}
		result, err := c.attempt(ctx, call, body, attempt)
		// Before the slot is free, so that whoever gets it finds the gate closed after a 429.
		wait, again := c.nextAttempt(ctx, call, err, attempt)
		<-c.slots
		if err == nil {
			c.answered.Store(true)
			return result, nil
		}
		outcomeUnknown = outcomeUnknown || OutcomeUnknown(err)
		if !again {
			return nil, markOutcomeUnknown(err, outcomeUnknown)
		}
		if sleep(ctx, wait) != nil {
			failed := strings.TrimPrefix(err.Error(), call.method+" "+c.shownPath(call)+": ")
			return nil, &requestError{
				method: call.method, path: c.shownPath(call), cause: errors.Join(ctx.Err(), err),
				text: fmt.Sprintf("%v while waiting to retry after: %s", ctx.Err(), failed),
				sent: outcomeUnknown || call.method == http.MethodGet,
			}
		}
	}
}

// nextAttempt decides whether the call is sent again, and after which wait. A 429 closes the gate for
// every request of the client, this one included, and is waited for there.
func (c *Client) nextAttempt(ctx context.Context, call call, err error, attempt int) (wait time.Duration, again bool) {
	if err == nil {
		return 0, false
	}
	wait = min(c.backoff(attempt), c.maxRetryWait)
	var answered *Error
	limited := false
	if errors.As(err, &answered) {
		limited = answered.StatusCode == http.StatusTooManyRequests
		if answered.RetryAfter > 0 {
			wait = answered.RetryAfter
		}
		if answered.RetryAfter > c.maxRetryWait {
			answered.waitLimit = c.maxRetryWait
		}
	}
	if limited {
		c.gate.pause(wait)
	}
	// A repeatable POST is retried by the rules of a PUT.
	method := call.method
	if call.repeatable {
		method = http.MethodPut
	}
	again = !call.once && retryable(method, err) && attempt <= c.maxRetries && wait <= c.maxRetryWait && ctx.Err() == nil
	if limited {
		return 0, again
	}
	return wait, again
}

// markOutcomeUnknown marks the failure of a write whose earlier attempt may have been carried out: a later
// refusal says nothing of that one.
func markOutcomeUnknown(err error, outcomeUnknown bool) error {
	if !outcomeUnknown {
		return err
	}
	var answered *Error
	var lost *requestError
	switch {
	case errors.As(err, &lost):
		lost.sent = true
	case errors.As(err, &answered):
		answered.outcomeUnknown = true
	}
	return err
}

// enter waits until the gate is open and a slot is free. The slot is never held during a wait.
func (c *Client) enter(ctx context.Context, call call) error {
	for {
		if err := c.passGate(ctx, call); err != nil {
			return err
		}
		select {
		case c.slots <- struct{}{}:
		case <-ctx.Done():
			return c.unsent(call, ctx.Err().Error()+" before it was sent", ctx.Err())
		}
		// The gate may have closed while this request waited for its slot, and both channels of the
		// select may have been ready.
		if c.gate.remaining() <= 0 && ctx.Err() == nil {
			return nil
		}
		<-c.slots
	}
}

func (c *Client) passGate(ctx context.Context, call call) error {
	if ctx.Err() != nil {
		return c.unsent(call, ctx.Err().Error()+" before it was sent", ctx.Err())
	}
	for {
		remaining := c.gate.remaining()
		if remaining <= 0 {
			return nil
		}
		if remaining > c.maxRetryWait {
			return &Error{
				Method: call.method, Host: c.host(), Path: c.shownPath(call), StatusCode: http.StatusTooManyRequests,
				Message:    "not sent, because an earlier request reached the rate limit",
				RetryAfter: remaining.Round(time.Second), waitLimit: c.maxRetryWait,
			}
		}
		if err := sleep(ctx, remaining+wakeJitter(remaining)); err != nil {
			return c.unsent(call, err.Error()+" while waiting for the server's rate limit", err)
		}
	}
}

// unsent is a failure before any byte was sent.
func (c *Client) unsent(call call, text string, cause error) *requestError {
	return &requestError{method: call.method, path: c.shownPath(call), text: c.redact.shown(text), cause: cause, permanent: true}
}

func (c *Client) requestPath(call call) string {
	return strings.TrimSuffix(c.base.EscapedPath(), "/") + call.path
}

// host is the server for messages.
func (c *Client) host() string { return c.base.Scheme + "://" + c.base.Host }

// scopeOf is the scope that a call needs (guide, API reference summary; newest pages); "" where it needs none.
func scopeOf(call call) string {
	right := "write"
	if call.method == http.MethodGet {
		right = "read"
	}
	switch {
	case strings.HasPrefix(call.path, blacklistsPath), strings.HasPrefix(call.path, prospectSearchesPath+"/"):
		return "blacklists:" + right
	case strings.HasPrefix(call.path, ordersPath), strings.HasPrefix(call.path, profileCreationsPath):
		return "orders:" + right
	case call.path == prospectSearchesPath:
		return "prospect_searches:" + right
	}
	return ""
}

// shownPath is the path for messages: an id that somebody mistook for the key may be in it.
func (c *Client) shownPath(call call) string { return c.redact.text(c.requestPath(call)) }

// attempt sends the call once, redirects included, within the request timeout.
func (c *Client) attempt(ctx context.Context, call call, body []byte, number int) (*answer, error) {
	caller := ctx
	if call.detached {
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, c.requestTimeout)
	defer cancel()
	start := time.Now()
	result, exchanged, err := c.exchange(ctx, call, body)
	var lost *requestError
	if errors.As(err, &lost) && ctx.Err() != nil {
		switch {
		case !call.detached && caller.Err() != nil:
			lost.text, lost.cause = caller.Err().Error(), caller.Err()
		default:
			lost.text, lost.cause = fmt.Sprintf("no complete answer from %s within the request timeout of %s", c.host(), c.requestTimeout), nil
		}
		lost.unconnected = false
	}
	c.log(caller, call, body, number, time.Since(start), exchanged, err)
	return result, err
}

// exchanged is what the log says of an attempt.
type exchanged struct {
	status int
	body   []byte
}

// exchange sends the call and follows redirects (U2). The result is nil unless the answer is a success.
func (c *Client) exchange(ctx context.Context, call call, body []byte) (*answer, exchanged, error) {
	target := *c.base
	target.RawPath = c.requestPath(call)
	var err error
	if target.Path, err = url.PathUnescape(target.RawPath); err != nil {
		return nil, exchanged{}, c.unsent(call, "the path is not well-formed", nil)
	}
	target.RawQuery = call.query.Encode()
	for redirects := 0; ; redirects++ {
		result, err := c.roundTrip(ctx, call, &target, body)
		if err != nil {
			return nil, exchanged{}, err
		}
		seen := exchanged{status: result.status, body: result.body}
		switch {
		case isSuccess(result.status):
			if isHTML(result.header, result.body) {
				failure := result.invalid("%s", result.pageMessage(result.body))
				failure.page = true
				return nil, seen, failure
			}
			return result, seen, nil
		case result.status/100 == 3:
			next, err := redirectTarget(&target, result)
			if err == nil && redirects == maxRedirects {
				err = fmt.Errorf("more than %d redirects", maxRedirects)
			}
			if err != nil {
				failure := result.invalid("%v", err)
				failure.elsewhere = true
				return nil, seen, failure
			}
			target = *next
		default:
			return nil, seen, decodeError(result)
		}
	}
}

func isSuccess(status int) bool { return status/100 == 2 }

// redirectTarget returns where a redirect leads, or why it is not followed: only 307 and 308 keep method
// and body, and the key goes to no other host and to no plain connection.
func redirectTarget(from *url.URL, result *answer) (*url.URL, error) {
	if result.status != http.StatusTemporaryRedirect && result.status != http.StatusPermanentRedirect {
		return nil, errors.New("this kind of redirect is not followed")
	}
	location, err := url.Parse(result.header.Get("Location"))
	if err != nil || result.header.Get("Location") == "" {
		return nil, errors.New("a redirect without a usable Location")
	}
	to := from.ResolveReference(location)
	to.User, to.Fragment, to.RawFragment = nil, "", ""
	switch {
	case from.Scheme == "https" && to.Scheme != "https":
		return nil, errors.New("a redirect from https to http is refused, because it would expose the API key")
	case to.Scheme != from.Scheme || !strings.EqualFold(hostPort(to), hostPort(from)):
		return nil, fmt.Errorf("a redirect to another host (%s://%s) is refused, because it would expose the API key", to.Scheme, to.Host)
	}
	return to, nil
}

func hostPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	case u.Scheme == "http":
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// roundTrip sends one HTTP request and reads its answer, whatever the status.
func (c *Client) roundTrip(ctx context.Context, call call, target *url.URL, body []byte) (*answer, error) {
	var connection connectionTrace
	request, err := c.newRequest(httptrace.WithClientTrace(ctx, connection.hooks()), call, target, body)
	if err != nil {
		return nil, c.unsent(call, "building the request: "+err.Error(), nil)
	}
	// The transport is used directly: an http.Client would follow redirects and quote URLs in errors.
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		reason := c.redact.shown(err.Error())
		lost := &requestError{
			method: call.method, path: c.shownPath(call), text: "no answer from " + c.host() + ": " + reason, cause: contextCause(err),
			sent: connection.maybeUsed(err), permanent: permanentFailure(err),
		}
		if lost.unconnected = !lost.sent; lost.unconnected {
			lost.text = "cannot connect to " + c.host() + ": " + reason
		}
		return nil, lost
	}
	defer func() { _ = response.Body.Close() }()
	success := isSuccess(response.StatusCode)
	limit := maxErrorAnswer
	if success {
		limit = c.maxAnswer
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, int64(limit)+1))
	switch {
	case !success:
		// The status alone says what became of the request: a body that breaks off or never ends does not matter.
		content = content[:min(len(content), limit)]
	case err != nil:
		return nil, &requestError{
			method: call.method, path: c.shownPath(call), sent: true, cause: contextCause(err),
			text: c.redact.shown(fmt.Sprintf("%d %s, but the answer from %s broke off after %d bytes: %v",
				response.StatusCode, http.StatusText(response.StatusCode), c.host(), len(content), err)),
		}
	case len(content) > limit:
		return nil, &requestError{
			method: call.method, path: c.shownPath(call), sent: true, permanent: true,
			text: fmt.Sprintf("%d %s, but the answer from %s is larger than %d MB and was not read further",
				response.StatusCode, http.StatusText(response.StatusCode), c.host(), limit>>20),
		}
	}
	if success {
		content = c.redact.document(content)
	}
	return &answer{
		method: call.method, host: c.host(), path: c.shownPath(call), scope: scopeOf(call), status: response.StatusCode, header: response.Header,
		body: content, at: serverTime(response.Header), redact: c.redact,
	}, nil
}

func (c *Client) newRequest(ctx context.Context, call call, target *url.URL, body []byte) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, call.method, target.String(), nil)
	if err != nil {
		return nil, err
	}
	for name, value := range c.headers {
		request.Header.Set(name, strings.TrimSpace(value))
	}
	request.Header.Set("Authorization", "Bearer "+c.apiKey)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", c.userAgent)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
		request.Body = io.NopCloser(bytes.NewReader(body))
		request.ContentLength = int64(len(body))
		// Without GetBody the transport cannot send the request again by itself, which it does when a
		// reused connection dies and the request carries an Idempotency-Key: the server would get two.
		request.GetBody = nil
	}
	if call.idempotencyKey != "" {
		request.Header.Set("Idempotency-Key", call.idempotencyKey)
	}
	return request, nil
}

// connectionTrace tells whether a request may have reached the server.
type connectionTrace struct{ asked, got atomic.Bool }

func (t *connectionTrace) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { t.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { t.got.Store(true) },
	}
}

// maybeUsed reports whether the request had a connection, or may have had one: a transport that
// does not report its connections counts as having sent it, unless it failed to connect.
func (t *connectionTrace) maybeUsed(err error) bool {
	if t.asked.Load() {
		return t.got.Load()
	}
	var network *net.OpError
	return !errors.As(err, &network) || network.Op != "dial"
}

// permanentFailure reports failures to connect that another attempt would meet again.
func permanentFailure(err error) bool {
	var lookup *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &lookup) && lookup.IsNotFound || errors.As(err, &certificate) || errors.As(err, &record)
}

// serverTime is the server's clock as its Date header gives it, else the local one.
func serverTime(header http.Header) time.Time {
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		return date
	}
	return time.Now()
}

// isHTML recognises a gateway's page by its type or its first character.
func isHTML(header http.Header, body []byte) bool {
	mediaType, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	start := bytes.TrimLeft(body, " \t\r\n\ufeff")
	return len(start) > 0 && (start[0] == '<' || mediaType == "text/html" && start[0] != '{' && start[0] != '[')
}

// requestID returns the server's own id of a request; the header's name is not documented.
func requestID(header http.Header, redact *redactor) string {
	for _, name := range []string{"X-Request-Id", "Request-Id", "X-Correlation-Id", "X-Trace-Id", "Cf-Ray"} {
		if id := header.Get(name); id != "" {
			return redact.shown(id)
		}
	}
	return ""
}
