package openprospect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestRetryPolicy(t *testing.T) {
	status := func(code int) error { return &Error{StatusCode: code} }
	lost := &requestError{sent: true}
	neverSent := &requestError{}
	hopeless := &requestError{permanent: true}
	oversized := &requestError{sent: true, permanent: true}
	for _, test := range []struct {
		method string
		err    error
		want   bool
		why    string
	}{
		{"GET", status(429), true, "the server refused it before any work, and asks to come back"},
		{"PUT", status(429), true, "as GET"},
		{"PATCH", status(429), true, "as GET"},
		{"DELETE", status(429), true, "as GET"},
		{"POST", status(429), true, "a 429 is given before the work, orders included (U22)"},

		{"GET", status(500), true, "reading again changes nothing"},
		{"GET", status(502), true, "as 500"},
		{"GET", status(503), true, "as 500"},
		{"GET", status(504), true, "as 500"},
		{"PUT", status(503), true, "putting the same value twice ends in the same state"},
		{"PATCH", status(503), true, "our PATCHes set absolute values (U23)"},
		{"DELETE", status(503), true, "what is gone stays gone; a 404 then is a success"},
		{"POST", status(500), false, "the work may have been done before the failure: an order would be placed twice (U23)"},
		{"POST", status(502), false, "the gateway may have lost the answer to work that was done"},
		{"POST", status(503), false, "not every 503 comes before the work"},
		{"POST", status(504), false, "the work may still be going on"},

		{"GET", status(408), true, "the server gave up on a request that it may not have read"},
		{"DELETE", status(408), true, "as GET: repeating does no harm"},
		{"POST", status(408), false, "it may have been read"},

		{"GET", status(501), false, "what is not implemented now will not be in a second"},
		{"GET", status(505), false, "as 501"},
		{"GET", status(400), false, "the same request is refused again"},
		{"GET", status(401), false, "the key does not get better"},
		{"GET", status(403), false, "as 401"},
		{"GET", status(404), false, "retrying a 404 only makes refreshing deleted things slow"},
		{"DELETE", status(409), false, "a conflict needs somebody to resolve it (U8)"},
		{"PATCH", status(422), false, "as 400"},
		{"GET", status(307), false, "a redirect that was not followed leads nowhere the next time either"},
		{"GET", status(200), false, "an answer that cannot be understood is the same the next time"},

		{"GET", lost, true, "a lost answer to a reading is read again"},
		{"PUT", lost, true, "idempotent"},
		{"PATCH", lost, true, "absolute values"},
		{"DELETE", lost, true, "idempotent"},
		{"POST", lost, false, "a byte may have been received, so the work may have been done (U23)"},
		{"POST", neverSent, true, "no connection: nothing can have been done (U23)"},
		{"GET", neverSent, true, "as POST"},
		{"GET", hopeless, false, "a certificate or a host name does not change"},
		{"POST", hopeless, false, "as GET"},
		{"GET", oversized, false, "an answer of that size would be read again in full"},
		{"GET", errors.New("other"), false, "what is not known is not repeated"},
		{"GET", nil, false, "no failure"},
	} {
		if got := retryable(test.method, test.err); got != test.want {
			t.Errorf("%s after %#v: retried %v, want %v: %s", test.method, test.err, got, test.want, test.why)
		}
	}
}

func TestRequestedWait(t *testing.T) {
	now := time.Date(2026, 3, 1, 10, 30, 0, 0, time.UTC)
	for _, test := range []struct {
		name, value, body string
		want              time.Duration
		why               string
	}{
		{"Retry-After", "120", "", 2 * time.Minute, "seconds"},
		{"Retry-After", " 1.5 ", "", 1500 * time.Millisecond, "a fraction"},
		{"Retry-After", "Sun, 01 Mar 2026 10:31:30 GMT", "", 90 * time.Second, "a date, by the server's clock"},
		{"Retry-After", "Sunday, 01-Mar-26 10:31:30 GMT", "", 90 * time.Second, "the old form of dates"},
		{"Retry-After", "Sun, 01 Mar 2026 10:29:00 GMT", "", 0, "a date that has passed says nothing"},
		{"Retry-After", "0", "", 0, "no wait at all would be a busy loop: our own backoff decides"},
		{"Retry-After", "-5", "", 0, "negative"},
		{"Retry-After", "soon", "", 0, "words"},
		{"Retry-After", "1e9", "", 0, "no decimal notation"},
		{"Retry-After", "NaN", "", 0, "not a number"},
		{"Retry-After", "Inf", "", 0, "infinite"},
		{"Retry-After", "99999999999999999999", "", longestWait, "does not overflow"},
		{"Retry-After", strings.Repeat("9", 400), "", longestWait, "beyond any float"},
		{"Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT", "", longestWait, "a date that far does not overflow"},
		{"Retry-After", "10", "3600", 10 * time.Second, "the header goes before the body"},
		{"Retry-After", "0", "3600", time.Hour, "a header that says nothing leaves the body"},
		{"", "", "3600", time.Hour, "the published example (shape 5)"},
		{"", "", "", 0, "nothing"},
		{"X-RateLimit-Reset", "30", "", 30 * time.Second, "seconds to go"},
		{"X-RateLimit-Reset", "1772361060", "", time.Minute, "Unix time in seconds"},
		{"X-RateLimit-Reset", "1772361060000", "", time.Minute, "Unix time in milliseconds"},
		{"X-RateLimit-Reset", "1772361000", "", 0, "a point that has passed"},
		{"X-RateLimit-Reset", "1000000000", "", 0, "the first number of seconds that is a point in time"},
		{"X-RateLimit-Reset", "1000000000000", "", 0, "the first number that is one in milliseconds"},
		{"X-RateLimit-Reset", "2026-03-01T10:31:00Z", "", time.Minute, "a timestamp"},
		{"X-RateLimit-Reset", "Sun, 01 Mar 2026 10:31:00 GMT", "", time.Minute, "a date"},
		{"RateLimit-Reset", "45", "", 45 * time.Second, "the draft standard's name"},
		{"X-RateLimit-Reset", "never", "", 0, "words"},
		{"X-RateLimit-Reset", "30", "5", 5 * time.Second, "the body goes before the reset header"},
	} {
		header := http.Header{}
		if test.name != "" {
			header.Set(test.name, test.value)
		}
		if got := requestedWait(header, test.body, now); got != test.want {
			t.Errorf("%s: %q, body %q: %v, want %v: %s", test.name, test.value, test.body, got, test.want, test.why)
		}
	}
}

func TestBackoffGrowsAndIsBounded(t *testing.T) {
	for retry, most := range map[int]time.Duration{
		-1: backoffBase, 1: backoffBase, 2: 2 * backoffBase, 4: 8 * backoffBase, 7: backoffMax, 100: backoffMax, 1 << 40: backoffMax,
	} {
		for range 50 {
			if got := exponentialBackoff(retry); got < most/2 || got > most {
				t.Fatalf("retry %d waits %v, want between %v and %v", retry, got, most/2, most)
			}
		}
	}
}

// roundTrip is a transport without a network, for tests on a fake clock.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func response(status int, header map[string]string, body string) *http.Response {
	r := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	return r
}

func clientOn(t *testing.T, transport roundTrip, change func(*Config)) *Client {
	t.Helper()
	config := Config{APIKey: "key-of-the-test", MaxRetries: 3, Transport: transport}
	if change != nil {
		change(&config)
	}
	client, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

const blacklistJSON = `{"id":"b1","name":"n","description":null}`

func TestA429PausesEveryRequest(t *testing.T) {
	for name, answer := range map[string]struct {
		header map[string]string
		body   string
	}{
		"seconds": {header: map[string]string{"Retry-After": "30"}},
		// The server's clock is an hour off: only the difference between its own two times counts.
		"a date": {header: map[string]string{
			"Retry-After": "Sun, 01 Mar 2026 10:00:30 GMT", "Date": "Sun, 01 Mar 2026 10:00:00 GMT",
		}},
		"the body": {body: `{"error":"RATE_LIMIT_EXCEEDED","message":"slow down","retry_after":30}`},
		"a reset header": {header: map[string]string{
			"X-RateLimit-Reset": "1772359230", "Date": "Sun, 01 Mar 2026 10:00:00 GMT",
		}},
		"a reset header, in seconds to go": {header: map[string]string{"RateLimit-Reset": "30"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var at []time.Duration
				start := time.Now()
				first := true
				client := clientOn(t, func(*http.Request) (*http.Response, error) {
					mu.Lock()
					defer mu.Unlock()
					at = append(at, time.Since(start))
					if first {
						first = false
						return response(429, answer.header, answer.body), nil
					}
					return response(200, nil, blacklistJSON), nil
				}, nil)
				get := func() {
					if _, err := client.GetBlacklist(t.Context(), "b1"); err != nil {
						t.Error(err)
					}
				}
				go get()
				synctest.Wait()
				time.Sleep(10 * time.Second)
				// These know nothing of the 429 but wait for its end as well.
				var group sync.WaitGroup
				for range 20 {
					group.Go(get)
				}
				group.Wait()
				synctest.Wait()
				time.Sleep(time.Minute)
				mu.Lock()
				defer mu.Unlock()
				if len(at) != 22 {
					t.Fatalf("%d requests, want 22", len(at))
				}
				wakes := map[time.Duration]bool{}
				for _, moment := range at[1:] {
					if moment < 30*time.Second || moment > 32*time.Second {
						t.Errorf("a request at %v, want all between 30s and 32s", moment)
					}
					wakes[moment] = true
				}
				if len(wakes) < 10 {
					t.Errorf("21 requests woke at only %d moments", len(wakes))
				}
			})
		})
	}
}

func TestAShorterPauseDoesNotShortenALongerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		requests := 0
		start := time.Now()
		client := clientOn(t, func(*http.Request) (*http.Response, error) {
			mu.Lock()
			requests++
			number := requests
			mu.Unlock()
			switch number {
			case 1:
				time.Sleep(time.Second)
				return response(429, map[string]string{"Retry-After": "60"}, ``), nil
			case 2: // is still under way when the first one is refused
				time.Sleep(2 * time.Second)
				return response(429, map[string]string{"Retry-After": "5"}, ``), nil
			}
			if time.Since(start) < time.Minute {
				t.Errorf("a request after %v", time.Since(start))
			}
			return response(200, nil, blacklistJSON), nil
		}, nil)
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				if _, err := client.GetBlacklist(t.Context(), "b1"); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if requests != 4 {
			t.Errorf("%d requests, want 4", requests)
		}
	})
}

func TestOurOwnBackoffKeepsToTheCap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		client := clientOn(t, func(*http.Request) (*http.Response, error) {
			if requests++; requests == 1 {
				return response(503, nil, ``), nil
			}
			return response(200, nil, blacklistJSON), nil
		}, func(c *Config) {
			c.MaxRetryWait = 3 * time.Second
			c.Backoff = func(int) time.Duration { return time.Hour }
		})
		start := time.Now()
		if _, err := client.GetBlacklist(t.Context(), "b1"); err != nil || time.Since(start) != 3*time.Second {
			t.Errorf("%v after %v, want a success after 3s", err, time.Since(start))
		}
	})
}

func TestAWaitAsLongAsTheCap(t *testing.T) {
	for _, status := range []int{429, 503} {
		synctest.Test(t, func(t *testing.T) {
			requests := 0
			client := clientOn(t, func(*http.Request) (*http.Response, error) {
				requests++
				return response(status, map[string]string{"Retry-After": "120"}, ``), nil
			}, func(c *Config) { c.MaxRetries = 1 })
			_, err := client.GetBlacklist(t.Context(), "b1")
			if err == nil || requests != 2 || !strings.HasSuffix(err.Error(), "; the server asks to wait 2m0s") {
				t.Errorf("%d: %d requests, %v", status, requests, err)
			}
		})
	}
	t.Run("before a blacklist is created as well", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			client := clientOn(t, notReadyOnce("120"), nil)
			if created, err := client.CreateBlacklist(t.Context(), CreateBlacklistRequest{Name: "n"}); err != nil || created.ID != "b1" {
				t.Errorf("%+v, %v", created, err)
			}
		})
	})
}

// notReadyOnce answers the first POST with a 503 that asks to wait.
func notReadyOnce(wait string) roundTrip {
	refused := false
	return func(r *http.Request) (*http.Response, error) {
		switch {
		case r.Method != http.MethodPost:
			return response(200, nil, `[]`), nil
		case refused:
			return response(201, nil, blacklistJSON), nil
		}
		refused = true
		return response(503, map[string]string{"Retry-After": wait}, ``), nil
	}
}

func TestAWaitBeyondTheCapFailsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		client := clientOn(t, func(*http.Request) (*http.Response, error) {
			requests++
			return response(429, nil, `{"error":"RATE_LIMIT_EXCEEDED","message":"slow down","retry_after":3600}`), nil
		}, nil)
		start := time.Now()
		_, err := client.GetBlacklist(t.Context(), "b1")
		if err == nil || !strings.Contains(err.Error(), "the server asks to wait 1h0m0s, but at most 2m0s are allowed") {
			t.Errorf("error %v", err)
		}
		var answered *Error
		if !errors.As(err, &answered) || answered.RetryAfter != time.Hour || !IsRefused(err) {
			t.Errorf("error %#v", err)
		}
		// The others need not ask to know, as long as the server's wait lasts.
		time.Sleep(10 * time.Minute)
		waited := time.Since(start)
		_, err = client.GetOrder(t.Context(), "o1")
		if err == nil || !strings.Contains(err.Error(), "GET /api/v1/orders/o1: 429") || !strings.Contains(err.Error(), "wait 50m0s") ||
			!IsRefused(err) {
			t.Errorf("second error %v", err)
		}
		if time.Since(start) != waited || requests != 1 {
			t.Errorf("%d requests, %v waited", requests, time.Since(start)-waited)
		}
		time.Sleep(49 * time.Minute)
		if _, err = client.GetOrder(t.Context(), "o1"); requests != 2 {
			t.Errorf("a minute before the end the request did not wait and ask: %d requests, %v", requests, err)
		}
	})
}

func TestWaitsAndAttempts(t *testing.T) {
	for _, test := range []struct {
		name     string
		answers  []int
		retries  int
		requests int
		waited   time.Duration
		ok       bool
	}{
		{"429s until it works", []int{429, 429, 200}, 3, 3, 3 * time.Second, true},
		{"5xx until it works", []int{503, 500, 502, 200}, 3, 4, 7 * time.Second, true},
		{"retries run out", []int{503, 503, 503, 503, 503}, 3, 4, 7 * time.Second, false},
		{"none are allowed", []int{503, 200}, 0, 1, 0, false},
		{"nothing to retry", []int{404, 200}, 3, 1, 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				requests := 0
				client := clientOn(t, func(*http.Request) (*http.Response, error) {
					requests++
					return response(test.answers[requests-1], nil, blacklistJSON), nil
				}, func(c *Config) {
					c.MaxRetries = test.retries
					c.Backoff = func(retry int) time.Duration { return time.Second << (retry - 1) }
				})
				start := time.Now()
				_, err := client.GetBlacklist(t.Context(), "b1")
				if (err == nil) != test.ok || requests != test.requests {
					t.Errorf("%d requests, want %d; error %v", requests, test.requests, err)
				}
				// A pause after a 429 ends with up to a quarter of jitter.
				if waited := time.Since(start); waited < test.waited || waited > test.waited*5/4 {
					t.Errorf("waited %v, want %v and little more", waited, test.waited)
				}
			})
		})
	}
}

func TestARetryAfterOf503IsHonoured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		client := clientOn(t, func(*http.Request) (*http.Response, error) {
			if requests++; requests == 1 {
				return response(503, map[string]string{"Retry-After": "20"}, ``), nil
			}
			return response(200, nil, blacklistJSON), nil
		}, nil)
		start := time.Now()
		if _, err := client.GetBlacklist(t.Context(), "b1"); err != nil || time.Since(start) != 20*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestEverySleepEndsWithTheContext(t *testing.T) {
	post := func(ctx context.Context, c *Client) error {
		_, err := NewOrderPlacer(c).Place(ctx, CreateOrderRequest{Title: "t"}, PlaceOptions{AllowDuplicate: true})
		return err
	}
	get := func(ctx context.Context, c *Client) error { _, err := c.GetBlacklist(ctx, "b1"); return err }
	remove := func(ctx context.Context, c *Client) error { return c.DeleteBlacklist(ctx, "b1") }
	wait := func(ctx context.Context, c *Client) error {
		_, err := c.WaitForOrder(ctx, "o1", 40*time.Second, nil)
		return err
	}
	for _, test := range []struct {
		name    string
		status  int
		call    func(context.Context, *Client) error
		refused bool
	}{
		{"a pause after 429", 429, get, true},
		{"a pause after the order's own 429: nothing was placed", 429, post, true},
		{"a backoff of a reading", 503, get, false},
		{"a backoff of a write that may have been done", 503, remove, false},
		{"the wait for the next poll", 200, wait, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := clientOn(t, func(r *http.Request) (*http.Response, error) {
					if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/orders") {
						return response(200, nil, `[]`), nil
					}
					return response(test.status, map[string]string{"Retry-After": "60"}, `{"status":"RECEIVED"}`), nil
				}, nil)
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				err := test.call(ctx, client)
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 5*time.Second {
					t.Errorf("%v after %v", err, time.Since(start))
				}
				if IsRefused(err) != test.refused {
					t.Errorf("refused is %v: %v", IsRefused(err), err)
				}
				if test.name == "a backoff of a write that may have been done" && !OutcomeUnknown(err) {
					t.Errorf("the outcome counts as known: %v", err)
				}
			})
		})
	}
}

// TestSleepAndAContextThatHasEnded: a context that has ended ends even a wait of zero, every time.
func TestSleepAndAContextThatHasEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		if err := sleep(ctx, 0); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
}

// TestATransportThatTellsNothing has a transport that does not report its connections: a request counts as sent unless dialling failed.
func TestATransportThatTellsNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err                  error
		unconnected, unknown bool
	}{
		{&net.OpError{Op: "dial", Err: errors.New("refused")}, true, false},
		{&net.OpError{Op: "read", Err: errors.New("reset")}, false, true},
		{errors.New("something"), false, true},
	} {
		client := clientOn(t, func(*http.Request) (*http.Response, error) { return nil, test.err }, func(c *Config) { c.MaxRetries = 0 })
		_, err := client.AddEntries(t.Context(), "b1", []EntryFields{{CompanyName: "Acme"}})
		if Unconnected(err) != test.unconnected || OutcomeUnknown(err) != test.unknown || IsRefused(err) == test.unknown {
			t.Errorf("%v: unconnected %v, unknown %v, refused %v", err, Unconnected(err), OutcomeUnknown(err), IsRefused(err))
		}
	}
}

func TestALongRetryAfterOf503FailsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		client := clientOn(t, func(*http.Request) (*http.Response, error) {
			requests++
			return response(503, map[string]string{"Retry-After": "7200"}, ``), nil
		}, nil)
		start := time.Now()
		_, err := client.GetBlacklist(t.Context(), "b1")
		if err == nil || !strings.Contains(err.Error(), "the server asks to wait 2h0m0s, but at most 2m0s are allowed") {
			t.Errorf("error %v", err)
		}
		if requests != 1 || time.Since(start) != 0 {
			t.Errorf("%d requests in %v", requests, time.Since(start))
		}
	})
}

func TestAPauseHoldsBackWhoWaitsForASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var at []time.Duration
		client := clientOn(t, func(*http.Request) (*http.Response, error) {
			at = append(at, time.Since(start))
			if len(at) == 1 {
				time.Sleep(time.Second)
				return response(429, map[string]string{"Retry-After": "30"}, ``), nil
			}
			return response(200, nil, blacklistJSON), nil
		}, func(c *Config) { c.MaxConcurrentRequests = 1 })
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				if _, err := client.GetBlacklist(t.Context(), "b1"); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if len(at) != 3 || at[1] < 31*time.Second || at[2] < 31*time.Second {
			t.Errorf("requests at %v, want one at 0 and two after 31s", at)
		}
	})
}

func TestASlotIsNotHeldDuringAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := clientOn(t, func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "slow") {
				return response(503, map[string]string{"Retry-After": "60"}, ``), nil
			}
			return response(200, nil, blacklistJSON), nil
		}, func(c *Config) { c.MaxConcurrentRequests = 1 })
		go func() { _, _ = client.GetBlacklist(t.Context(), "slow") }()
		synctest.Wait()
		start := time.Now()
		if _, err := client.GetBlacklist(t.Context(), "b1"); err != nil || time.Since(start) != 0 {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		time.Sleep(time.Hour)
	})
}

func TestTheRequestTimeoutBoundsTheBodyToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		client := clientOn(t, func(r *http.Request) (*http.Response, error) {
			requests++
			answer := response(200, nil, "")
			answer.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"id":`), stalled{r.Context()}))
			return answer, nil
		}, func(c *Config) { c.MaxRetries = 1; c.Backoff = func(int) time.Duration { return 0 } })
		start := time.Now()
		_, err := client.GetBlacklist(t.Context(), "b1")
		if err == nil || !strings.Contains(err.Error(), "no complete answer from https://api.openprospect.io within the request timeout of 30s") {
			t.Errorf("error %v", err)
		}
		if errors.Is(err, context.DeadlineExceeded) {
			t.Error("the request timeout passes for the end of the caller's context")
		}
		if requests != 2 || time.Since(start) != time.Minute {
			t.Errorf("%d requests in %v", requests, time.Since(start))
		}
	})
}

// stalled is a body that never comes.
type stalled struct{ ctx context.Context }

func (s stalled) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func TestAnEndlessBodyIsNotRead(t *testing.T) {
	for _, test := range []struct {
		status int
		most   int64
		part   string
	}{
		{200, 1<<20 + 1, "larger than 1 MB"},
		{500, maxErrorAnswer + 1, "500 Internal Server Error: xxxx"},
	} {
		body := &counted{Reader: endless{}}
		client := clientOn(t, func(*http.Request) (*http.Response, error) {
			answer := response(test.status, nil, "")
			answer.Body = io.NopCloser(body)
			return answer, nil
		}, func(c *Config) { c.MaxRetries = 0 })
		client.maxAnswer = 1 << 20
		_, err := client.GetBlacklist(t.Context(), "b1")
		if err == nil || !strings.Contains(err.Error(), test.part) || len(err.Error()) > 1000 {
			t.Errorf("%d: error %.1100v", test.status, err)
		}
		// io.ReadAll asks for a little more than it is allowed to get.
		if body.read > test.most {
			t.Errorf("%d: %d bytes were read, want at most %d", test.status, body.read, test.most)
		}
	}
}

func TestTheLargestAnswerIsRead(t *testing.T) {
	client := clientOn(t, func(*http.Request) (*http.Response, error) { return response(200, nil, blacklistJSON), nil }, nil)
	client.maxAnswer = len(blacklistJSON)
	if got, err := client.GetBlacklist(t.Context(), "b1"); err != nil || got.ID != "b1" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestARedirectMayNameTheDefaultPort: it is the same server.
func TestARedirectMayNameTheDefaultPort(t *testing.T) {
	t.Parallel()
	for base, port := range map[string]string{"https://api.example": ":443", "http://127.0.0.1": ":80"} {
		client := clientOn(t, func(r *http.Request) (*http.Response, error) {
			if r.URL.Port() == "" {
				return response(307, map[string]string{"Location": base + port + r.URL.Path}, ``), nil
			}
			return response(200, nil, blacklistJSON), nil
		}, func(c *Config) { c.BaseURL = base })
		if got, err := client.GetBlacklist(t.Context(), "b1"); err != nil || got.ID != "b1" {
			t.Errorf("%s%s: %+v, %v", base, port, got, err)
		}
	}
}

// endless is a body without an end.
type endless struct{}

var filler = bytes.Repeat([]byte("x"), 64<<10)

func (endless) Read(p []byte) (int, error) { return copy(p, filler), nil }

type counted struct {
	io.Reader
	read int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += int64(n)
	return n, err
}

func TestAListThatNeverEndsIsAnError(t *testing.T) {
	requests := 0
	client := clientOn(t, func(*http.Request) (*http.Response, error) {
		requests++
		return response(200, nil, fmt.Sprintf(`{"items":[{"id":"%d","name":"n"}],"has_more":true}`, requests)), nil
	}, nil)
	client.maxPages = 25
	_, err := client.ListBlacklists(t.Context())
	if err == nil || !strings.Contains(err.Error(), "does not end after 25 pages") || requests != 25 {
		t.Errorf("%d requests, %v", requests, err)
	}
	t.Run("nor is a total beyond reason believed", func(t *testing.T) {
		for total, most := range map[int64]int{9_000_000_000_000_000: defaultMaxPages, 3: 2} {
			requests = 0
			client := clientOn(t, func(*http.Request) (*http.Response, error) {
				requests++
				return response(200, nil, fmt.Sprintf(`{"items":[{"id":"%d","name":"n"}],"total":%d}`, requests, total)), nil
			}, func(c *Config) { c.MaxConcurrentRequests = 1 })
			client.maxPages = most
			if _, err := client.ListBlacklists(t.Context()); err == nil || requests != 1 {
				t.Errorf("a total of %d, at most %d pages: %d requests, %v", total, most, requests, err)
			}
		}
	})
}

// TestAListThatChangedIsReadAgainInParallel: pages that contradict each other need not be read one by one for that.
func TestAListThatChangedIsReadAgainInParallel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var changed atomic.Bool
		client := clientOn(t, func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
			if offset == 400 && !changed.Swap(true) {
				offset = 0
			}
			var rows []string
			for i := offset; i < offset+100; i++ {
				rows = append(rows, fmt.Sprintf(`{"id":"e%d"}`, i))
			}
			return response(200, nil, fmt.Sprintf(`{"items":[%s],"total":500}`, strings.Join(rows, ","))), nil
		}, func(c *Config) { c.MaxConcurrentRequests = 4 })
		start := time.Now()
		entries, err := client.ListEntries(t.Context(), "b1")
		if took := time.Since(start); err != nil || len(entries) != 500 || took != 4*time.Second {
			t.Errorf("%d entries in %v, %v; want 500 in 4s: two readings of 2s each", len(entries), took, err)
		}
	})
}

func TestWakeJitterIsAtMostAQuarterAndASecond(t *testing.T) {
	t.Parallel()
	for wait, most := range map[time.Duration]time.Duration{0: 0, 4: 1, time.Second: time.Second / 4, time.Hour: time.Second} {
		for range 200 {
			if got := wakeJitter(wait); got < 0 || got > most {
				t.Fatalf("after %s: %s, want at most %s", wait, got, most)
			}
		}
	}
}
