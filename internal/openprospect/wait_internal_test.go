package openprospect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWaitForOrder(t *testing.T) {
	type step struct {
		status int
		body   string
	}
	is := func(status string) step { return step{200, fmt.Sprintf(`{"order_id":"o1","status":%q}`, status)} }
	for _, test := range []struct {
		name     string
		steps    []step
		deadline time.Duration
		last     string
		seen     []string
		took     time.Duration
		err      string
	}{
		{"to the end", []step{is("RECEIVED"), is("ACCEPTED"), is("IN_PROGRESS"), is("COMPLETED")}, time.Hour, "COMPLETED",
			[]string{"RECEIVED", "ACCEPTED", "IN_PROGRESS", "COMPLETED"}, 3 * time.Minute, ""},
		{"already over", []step{is("CANCELLED")}, time.Hour, "CANCELLED", []string{"CANCELLED"}, 0, ""},
		{"rejected", []step{is("RECEIVED"), is("REJECTED")}, time.Hour, "REJECTED", []string{"RECEIVED", "REJECTED"}, time.Minute, ""},
		{"an unknown status goes on", []step{is("ON_HOLD"), is("FAILED")}, time.Hour, "FAILED", []string{"ON_HOLD", "FAILED"}, time.Minute, ""},
		{"failed readings are tried again", []step{
			is("RECEIVED"), {500, ``}, {404, `<html>`}, {200, `{`}, is("COMPLETED"),
		}, time.Hour, "COMPLETED",
			[]string{"RECEIVED", "COMPLETED"}, 4 * time.Minute, ""},
		{
			"the context ends", []step{is("RECEIVED")}, 150 * time.Second, "RECEIVED", []string{"RECEIVED", "RECEIVED", "RECEIVED"},
			150 * time.Second, "its status is RECEIVED",
		},
		{"the context ends, nothing read", []step{{503, ``}}, 150 * time.Second, "", nil, 150 * time.Second, "the last reading failed: " +
			"GET /api/v1/orders/o1: 503"},
		{
			"not visible", []step{is("RECEIVED"), {404, `{"code":"ORDER_NOT_FOUND"}`}}, time.Hour, "RECEIVED", []string{"RECEIVED"}, time.Minute,
			"ORDER_NOT_FOUND",
		},
		{"a bad key", []step{{401, `{}`}}, time.Hour, "", nil, 0, "401"},
		{"a scope that is missing", []step{{403, `{}`}}, time.Hour, "", nil, 0, "403"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reads := 0
				client := clientOn(t, func(*http.Request) (*http.Response, error) {
					step := test.steps[min(reads, len(test.steps)-1)]
					reads++
					return response(step.status, nil, step.body), nil
				}, func(c *Config) { c.MaxRetries = 0 })
				ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
				defer cancel()
				start := time.Now()
				var seen []string
				last, err := client.WaitForOrder(ctx, "o1", time.Minute, func(o *Order) { seen = append(seen, o.Status) })
				if !slices.Equal(seen, test.seen) || time.Since(start) != test.took {
					t.Errorf("saw %q in %v, want %q in %v", seen, time.Since(start), test.seen, test.took)
				}
				if got := last; test.last == "" && got != nil || test.last != "" && (got == nil || got.Status != test.last) {
					t.Errorf("last order %+v, want status %q", got, test.last)
				}
				if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
					t.Errorf("error %v, want %q", err, test.err)
				}
				if ended := time.Since(start) >= test.deadline; errors.Is(err, context.DeadlineExceeded) != ended {
					t.Errorf("error %v after %v of %v", err, time.Since(start), test.deadline)
				}
			})
		})
	}
	t.Run("an interval of 0 is the guide's minute", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			reads := 0
			client := clientOn(t, func(*http.Request) (*http.Response, error) {
				if reads++; reads == 2 {
					return response(200, nil, `{"status":"COMPLETED"}`), nil
				}
				return response(200, nil, `{"status":"RECEIVED"}`), nil
			}, nil)
			start := time.Now()
			if _, err := client.WaitForOrder(t.Context(), "o1", 0, nil); err != nil || time.Since(start) != time.Minute {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		})
	})
}
