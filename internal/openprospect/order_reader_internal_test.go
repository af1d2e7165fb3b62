package openprospect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"
)

// orderServer is a list of orders that behaves in one of many ways. All fields are set before it is used.
type orderServer struct {
	orders int
	// pageSize is how many orders a page holds at most, the newest of them.
	pageSize int
	// rows are what rows of the list show: "long" is what reading one order shows, "short" lacks keys, "nulls" has null in their place,
	// and "undated" lacks when an order was completed.
	rows string
	// omits says that keys without a value are left out everywhere.
	omits bool
	// list is what the list answers, if it is not 200, 0 being no answer at all.
	list int
	// broken are statuses of reading an order, by its number.
	broken map[int]int
	// latencies are those of reading an order, by its number; that of the list is the last.
	latencies []time.Duration

	mu              sync.Mutex
	listed, singles int
}

func drawOrderServer(t *rapid.T) *orderServer {
	s := &orderServer{orders: rapid.IntRange(1, 40).Draw(t, "orders")}
	s.pageSize = rapid.SampledFrom([]int{100, 100, 20, 1, 0}).Draw(t, "page size")
	s.rows = rapid.SampledFrom([]string{"long", "long", "short", "nulls", "undated"}).Draw(t, "rows")
	s.omits = rapid.Bool().Draw(t, "omits")
	s.list = rapid.SampledFrom([]int{200, 200, 200, 200, 403, 404, 422, 500, 0}).Draw(t, "list")
	s.broken = rapid.MapOfN(rapid.IntRange(0, s.orders-1), rapid.SampledFrom([]int{404, 404, 403, 500, 0}), 0, 5).Draw(t, "broken")
	latency := rapid.SampledFrom([]time.Duration{0, time.Millisecond, 50 * time.Millisecond, 3 * time.Second})
	s.latencies = rapid.SliceOfN(latency, s.orders+1, s.orders+1).Draw(t, "latencies")
	return s
}

func orderID(number int) string { return fmt.Sprintf("o%d", number) }

// order is what reading an order shows; a row may show less.
func (s *orderServer) order(number int, row bool) map[string]any {
	shown := map[string]any{
		"order_id": orderID(number), "status": []string{"RECEIVED", "COMPLETED"}[number%2], "company_count": number, "admin_notes": nil,
		"title": "a title", "estimated_cost": nil, "prospect_search_id": nil, "accepted_at": nil, "completed_at": completedAt(number),
		"cancelled_at": nil,
	}
	if s.omits {
		maps.DeleteFunc(shown, func(_ string, value any) bool { return value == nil })
	}
	switch {
	case !row || s.rows == "long":
	case s.rows == "short":
		delete(shown, "title")
		delete(shown, "company_count")
	case s.rows == "nulls":
		shown["title"], shown["company_count"] = nil, nil
	case s.rows == "undated":
		delete(shown, "completed_at")
	}
	return shown
}

// completedAt is when an order was completed, or nil: every other one is complete.
func completedAt(number int) any {
	if number%2 == 0 {
		return nil
	}
	return fmt.Sprintf("2026-01-01T00:00:%02dZ", number)
}

func (s *orderServer) RoundTrip(request *http.Request) (*http.Response, error) {
	id, single := strings.CutPrefix(request.URL.Path, "/api/v1/orders/")
	number := s.orders
	status, body := s.list, any(nil)
	s.mu.Lock()
	if single {
		_, _ = fmt.Sscanf(id, "o%d", &number)
		s.singles++
		var broken bool
		if status, broken = s.broken[number]; !broken {
			status, body = 200, s.order(number, false)
		}
	} else {
		s.listed++
		rows := []any{}
		for i := range min(s.orders, s.pageSize) {
			rows = append(rows, s.order(s.orders-1-i, true))
		}
		if status == 200 {
			body = map[string]any{"items": rows, "total": s.orders}
		}
	}
	s.mu.Unlock()
	time.Sleep(s.latencies[number])
	switch status {
	case 0:
		return nil, errors.New("connection reset by peer")
	case 404:
		body = map[string]any{"code": "ORDER_NOT_FOUND", "message": "Order not found"}
	}
	encoded, err := json.Marshal(body)
	return response(status, nil, string(encoded)), err
}

// readTogether reads orders in this sequence, so many at once, and returns what is wrong.
func (s *orderServer) readTogether(t *testing.T, sequence []int, parallelism int) []string {
	t.Helper()
	client := clientOn(t, s.RoundTrip, func(c *Config) { c.MaxRetries = 0 })
	reader := NewOrderReader(client)
	var mu sync.Mutex
	var problems []string
	report := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		problems = append(problems, fmt.Sprintf(format, args...))
	}
	var group errgroup.Group
	group.SetLimit(parallelism)
	for _, number := range sequence {
		group.Go(func() error {
			order, err := reader.Read(t.Context(), orderID(number))
			status, broken := s.broken[number]
			switch {
			case err != nil && !broken:
				report("order %d can be read on its own, but: %v", number, err)
			case err != nil && IsNotFound(err) != (status == 404):
				report("order %d: %v, want %d", number, err, status)
			case err == nil && (order.ID != orderID(number) || order.CompanyCount != int64(number) || order.Title != "a title" ||
				(order.Status == StatusCompleted) != (number%2 == 1) || order.CompletedAt != "" != (number%2 == 1)):
				report("order %d reads %+v", number, order)
			}
			return nil
		})
	}
	_ = group.Wait()
	if s.listed > 1 || s.singles > len(sequence) {
		report("the list was asked for %d times, and orders %d times", s.listed, s.singles)
	}
	if len(sequence) == 1 && s.listed > 0 {
		report("the list was asked for, for one order")
	}
	useful := s.rows == "long" && !s.omits && s.list == 200 && s.pageSize >= s.orders && len(s.broken) == 0
	if total := s.listed + s.singles; useful && total > 2 {
		report("%d requests, want 2", total)
	}
	return problems
}

// TestOrderReaderSchedules reads orders of all kinds of servers: never more than a request over their number, never an error
// that reading them singly would not have met, and always what that would have shown.
func TestOrderReaderSchedules(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		server := drawOrderServer(t)
		sequence := make([]int, server.orders)
		for i := range sequence {
			sequence[i] = i
		}
		sequence = rapid.Permutation(sequence).Draw(t, "sequence")
		parallelism := rapid.SampledFrom([]int{1, 3, 10, 30}).Draw(t, "parallelism")
		var problems []string
		synctest.Test(outer, func(inner *testing.T) { problems = server.readTogether(inner, sequence, parallelism) })
		if len(problems) > 0 {
			t.Fatal(strings.Join(problems, "\n"))
		}
	})
}

// TestOrderReaderWaits says how long readers wait for each other.
func TestOrderReaderWaits(t *testing.T) {
	for name, test := range map[string]struct {
		server *orderServer
		took   time.Duration
	}{
		// The page is asked for beside the first order.
		"long rows":  {&orderServer{rows: "long", list: 200, pageSize: 100}, 3 * time.Second},
		"short rows": {&orderServer{rows: "short", list: 200, pageSize: 100}, 4 * time.Second},
		// Where the page fails, nobody waits for the first order.
		"no list": {&orderServer{rows: "long", list: 500, pageSize: 100}, 3 * time.Second},
		// Orders that fail are not waited for one after another.
		"orders that fail": {
			&orderServer{rows: "long", list: 200, pageSize: 100, broken: map[int]int{0: 500, 1: 500, 2: 500, 3: 500}}, 4 * time.Second,
		},
		// The first order is not on the page: the second one takes its place.
		"a first order that is not there": {&orderServer{rows: "long", list: 200, pageSize: 100, broken: map[int]int{0: 404}}, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := test.server
				server.orders = 12
				server.latencies = slices.Repeat([]time.Duration{time.Second}, 13)
				server.latencies[0] = 3 * time.Second
				client := clientOn(t, server.RoundTrip, func(c *Config) { c.MaxRetries, c.MaxConcurrentRequests = 0, 30 })
				reader, start := NewOrderReader(client), time.Now()
				var group errgroup.Group
				for number := range server.orders {
					group.Go(func() error {
						_, err := reader.Read(t.Context(), orderID(number))
						return err
					})
					synctest.Wait()
				}
				err := group.Wait()
				if (err == nil) != (len(server.broken) == 0) || time.Since(start) != test.took {
					t.Errorf("%v after %v, want %v", err, time.Since(start), test.took)
				}
			})
		})
	}
}

// TestOrderReaderInterrupted interrupts some after a second, while others wait for what they have asked for.
func TestOrderReaderInterrupted(t *testing.T) {
	for name, test := range map[string]struct {
		interrupted []int
		listLatency time.Duration
		singles     int
	}{
		"the first order, the page, and one who waits for them": {[]int{0, 1, 2}, time.Minute, 3},
		"one who waits for the page":                            {[]int{2}, time.Minute, 1},
		"one who waits for the first order":                     {[]int{1}, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &orderServer{orders: 5, pageSize: 100, rows: "long", list: 200}
				server.latencies = append(slices.Repeat([]time.Duration{time.Minute}, 5), test.listLatency)
				reader := NewOrderReader(clientOn(t, server.interruptible, func(c *Config) {
					c.MaxRetries, c.MaxConcurrentRequests, c.RequestTimeout = 0, 30, time.Hour
				}))
				short, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				start := time.Now()
				var group sync.WaitGroup
				for number := range server.orders {
					ctx, interrupted := t.Context(), slices.Contains(test.interrupted, number)
					if interrupted {
						ctx = short
					}
					group.Go(func() {
						order, err := reader.Read(ctx, orderID(number))
						switch {
						case interrupted && (!errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second):
							t.Errorf("order %d, interrupted: %v after %v", number, err, time.Since(start))
						case !interrupted && (err != nil || order.CompanyCount != int64(number)):
							t.Errorf("order %d: %+v, %v", number, order, err)
						}
					})
					synctest.Wait()
				}
				group.Wait()
				if server.listed != 1 || server.singles != test.singles {
					t.Errorf("the list was asked for %d times, and orders %d times, want 1 and %d", server.listed, server.singles, test.singles)
				}
			})
		})
	}
}

// interruptible answers as RoundTrip does, unless the request's context ends before that.
func (s *orderServer) interruptible(request *http.Request) (*http.Response, error) {
	type result struct {
		answer *http.Response
		err    error
	}
	results := make(chan result, 1)
	go func() {
		answer, err := s.RoundTrip(request)
		results <- result{answer, err}
	}()
	select {
	case r := <-results:
		return r.answer, r.err
	case <-request.Context().Done():
		return nil, request.Context().Err()
	}
}
