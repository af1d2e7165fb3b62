package openprospect

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Backoff says how long to wait before the given retry; 1 is the first.
type Backoff func(retry int) time.Duration

const (
	backoffBase = 500 * time.Millisecond
	backoffMax  = 30 * time.Second
)

// exponentialBackoff doubles from backoffBase up to backoffMax; half of each wait is random.
func exponentialBackoff(retry int) time.Duration {
	const enough = 16 // doublings, to be beyond backoffMax; many more would overflow
	wait := min(backoffBase<<min(max(retry, 1)-1, enough), backoffMax)
	return wait/2 + rand.N(wait/2) //nolint:gosec // jitter is no secret
}

// retryable is the whole retry policy (U22 to U24): whether a request of this method that ended in
// err may be sent again. It does not ask how often it was tried.
func retryable(method string, err error) bool {
	var lost *requestError
	if errors.As(err, &lost) {
		return !lost.permanent && (!lost.sent || method != http.MethodPost)
	}
	var answered *Error
	if !errors.As(err, &answered) {
		return false
	}
	switch {
	case answered.StatusCode == http.StatusTooManyRequests:
		return true
	case method == http.MethodPost:
		return false
	case answered.StatusCode == http.StatusNotImplemented, answered.StatusCode == http.StatusHTTPVersionNotSupported:
		return false
	}
	return answered.StatusCode == http.StatusRequestTimeout || answered.StatusCode >= 500
}

// longestWait stands for any wait that a server may ask for beyond it; it keeps durations from overflowing.
const longestWait = 365 * 24 * time.Hour

// requestedWait returns the wait that an answer asks for, 0 when it does not say: Retry-After in
// seconds or as a date, else retry_after of the body, else a reset header, in seconds or as a
// point in time (U22). Points in time are compared with the server's own clock.
func requestedWait(header http.Header, bodyRetryAfter string, now time.Time) time.Duration {
	for _, value := range []string{header.Get("Retry-After"), bodyRetryAfter} {
		if wait := parseWait(value, now); wait > 0 {
			return wait
		}
	}
	for _, name := range []string{"X-RateLimit-Reset", "RateLimit-Reset"} {
		if wait := parseReset(header.Get(name), now); wait > 0 {
			return wait
		}
	}
	return 0
}

// parseWait reads a number of seconds or an HTTP date.
func parseWait(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, ok := parseSeconds(value); ok {
		return secondsToDuration(seconds)
	}
	if date, err := http.ParseTime(value); err == nil {
		return min(max(date.Sub(now), 0), longestWait)
	}
	return 0
}

// parseReset reads a number of seconds, or a Unix time in seconds or milliseconds, or a date.
func parseReset(value string, now time.Time) time.Duration {
	const (
		unixSeconds      = 1e9
		unixMilliseconds = 1e12
	)
	seconds, ok := parseSeconds(strings.TrimSpace(value))
	switch {
	case !ok:
		if date, ok := parseTimestamp(value); ok {
			return min(max(date.Sub(now), 0), longestWait)
		}
		return parseWait(value, now)
	case seconds >= unixMilliseconds:
		seconds = seconds/1000 - float64(now.Unix())
	case seconds >= unixSeconds:
		seconds -= float64(now.Unix())
	}
	return secondsToDuration(seconds)
}

// parseSeconds reads plain decimal notation only: no sign, exponent, hexadecimal, infinity.
func parseSeconds(value string) (float64, bool) {
	if value == "" || strings.Trim(value, "0123456789.") != "" {
		return 0, false
	}
	seconds, err := strconv.ParseFloat(value, 64)
	return seconds, err == nil || errors.Is(err, strconv.ErrRange)
}

func secondsToDuration(seconds float64) time.Duration {
	return time.Duration(min(max(seconds, 0), longestWait.Seconds()) * float64(time.Second))
}

// bodyRetryAfter finds retry_after in an error body, wherever the known shapes put it.
func bodyRetryAfter(fields map[string]json.RawMessage) string {
	var value text
	if json.Unmarshal(fields["retry_after"], &value) == nil {
		return string(value)
	}
	return ""
}

// gate holds back every request of a client while the server asks for a pause.
type gate struct {
	mu    sync.Mutex
	until time.Time
}

// pause closes the gate for that long; it never shortens a pause.
func (g *gate) pause(wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(wait); until.After(g.until) {
		g.until = until
	}
}

// remaining is how long the gate stays closed.
func (g *gate) remaining() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return time.Until(g.until)
}

// wakeJitter spreads the requests that a pause held back, so that they do not all meet the server at once.
func wakeJitter(wait time.Duration) time.Duration {
	return rand.N(min(wait/4, time.Second) + 1) //nolint:gosec // jitter is no secret
}

// sleep waits, or returns the context's error when that ends first.
func sleep(ctx context.Context, wait time.Duration) error {
	if wait <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
