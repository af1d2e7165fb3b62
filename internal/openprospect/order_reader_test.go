package openprospect_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// statusesInTurn are those that the orders of a test have.
var statusesInTurn = []string{"RECEIVED", "IN_PROGRESS", "COMPLETED", "REJECTED", "ACCEPTED"}

// addOrders puts orders on the simulator's list, and returns their ids.
func addOrders(server *simulator.Server, count int) []string {
	ids := make([]string, count)
	for i := range ids {
		ids[i] = server.AddOrder(map[string]any{
			"order_type": "DISCOVERY", "title": fmt.Sprint("Order ", i), "features": []any{"COMPANY_DATA"}, "seller_offering": "Leads",
			"target_countries": []any{"Germany"},
		})
		if status := statusesInTurn[i%len(statusesInTurn)]; status != "RECEIVED" {
			server.SetOrderStatus(ids[i], status, "")
		}
	}
	return ids
}

// readTogether reads the orders as a refresh does, so many at once.
func readTogether(t *testing.T, reader *openprospect.OrderReader, parallelism int, ids []string) []*openprospect.Order {
	t.Helper()
	read := make([]*openprospect.Order, len(ids))
	var group errgroup.Group
	group.SetLimit(parallelism)
	for i, id := range ids {
		group.Go(func() (err error) {
			read[i], err = reader.Read(t.Context(), id)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return read
}

// shownOf is all that an order says, but for how the API has spelt it.
func shownOf(order *openprospect.Order) map[string]any {
	shown := make(map[string]any)
	value := reflect.ValueOf(*order)
	for i := range value.NumField() {
		if field := value.Type().Field(i); field.IsExported() {
			shown[field.Name] = value.Field(i).Interface()
		}
	}
	return shown
}

// wantAsReadSingly compares orders with what reading them one by one shows.
func wantAsReadSingly(t *testing.T, client *openprospect.Client, orders []*openprospect.Order) {
	t.Helper()
	for _, order := range orders {
		want, err := client.GetOrder(t.Context(), order.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := shownOf(order), shownOf(want); !reflect.DeepEqual(got, want) {
			t.Errorf("order %s\n got %v\nwant %v", order.ID, got, want)
		}
	}
}

// TestOrderReaderRequests is the table of requests of a plan without changes.
func TestOrderReaderRequests(t *testing.T) {
	for _, test := range []struct {
		orders   int
		rows     string
		behavior simulator.Behavior
		// listed is how often the list is asked for.
		requests, listed int
	}{
		{1, "long rows", simulator.Behavior{}, 1, 0},
		{2, "long rows", simulator.Behavior{}, 2, 1},
		{12, "long rows", simulator.Behavior{}, 2, 1},
		{100, "long rows", simulator.Behavior{}, 2, 1},
		{1, "short rows", simulator.Behavior{SparseOrderRows: true}, 1, 0},
		{2, "short rows", simulator.Behavior{SparseOrderRows: true}, 3, 1},
		{12, "short rows", simulator.Behavior{SparseOrderRows: true}, 13, 1},
		// Ten of these orders are not on the page. Where the first one that is read is one of them, another one takes its place.
		{30, "20 long rows, with the first order", simulator.Behavior{ClampLimit: 20, OrdersOldestFirst: true}, 12, 1},
		{30, "20 long rows, with the last order", simulator.Behavior{ClampLimit: 20}, 12, 1},
	} {
		for _, parallelism := range []int{1, 3, 10, 30} {
			t.Run(fmt.Sprintf("%d orders, %s, %d at once", test.orders, test.rows, parallelism), func(t *testing.T) {
				server, client := newSimulator(t, simulator.Options{Behavior: test.behavior})
				ids := addOrders(server, test.orders)
				read := readTogether(t, openprospect.NewOrderReader(client), parallelism, ids)
				requests, listed := len(server.Journal()), server.Count(http.MethodGet, "/orders")
				if requests != test.requests || listed != test.listed {
					t.Errorf("%d requests, %d of them for the list, want %d and %d", requests, listed, test.requests, test.listed)
				}
				for i, order := range read {
					if order.ID != ids[i] {
						t.Errorf("asked for %s, got %s", ids[i], order.ID)
					}
				}
				wantAsReadSingly(t, client, read)
			})
		}
	}
}

// TestOrderReaderUnderEachSwitch compares orders that were read together with the same ones read singly.
func TestOrderReaderUnderEachSwitch(t *testing.T) {
	for _, one := range simulator.Switches() {
		t.Run(one.Name, func(t *testing.T) {
			var behavior simulator.Behavior
			one.Set(&behavior)
			server, client := newSimulator(t, simulator.Options{Behavior: behavior})
			read := readTogether(t, openprospect.NewOrderReader(client), 3, addOrders(server, 7))
			if requests := len(server.Journal()); requests > 8 {
				t.Errorf("%d requests, want 8 at most", requests)
			}
			wantAsReadSingly(t, client, read)
		})
	}
}

// TestOrderReaderWithoutThePage has lists that cannot be used: each order is read on its own, and none fails.
func TestOrderReaderWithoutThePage(t *testing.T) {
	whole := func(id string) string {
		return fmt.Sprintf(`{"order_id":%q,"title":"t","status":"RECEIVED","admin_notes":"n","company_count":0}`, id)
	}
	for name, list := range map[string]http.HandlerFunc{
		"no access":                   answers(403, `{"code":"AUTHORIZATION_ERROR","message":"Missing scope"}`),
		"no such endpoint":            answers(404, `{"detail":"Not Found"}`),
		"refused":                     answers(422, `{"code":"VALIDATION_ERROR","message":"limit"}`),
		"failing":                     answers(500, `{}`),
		"a web page":                  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>Welcome</html>")) },
		"cut in half":                 answers(200, `{"items":[{"order_id":"o1"`),
		"no list":                     answers(200, `{"message":"see /v2"}`),
		"null":                        answers(200, `null`),
		"empty":                       answers(200, `{"items":[],"total":0}`),
		"other orders":                answers(200, `[`+whole("x1")+`,`+whole("x2")+`]`),
		"rows of text":                answers(200, `["o1","o2","o3"]`),
		"rows without ids":            answers(200, `[{"status":"RECEIVED"}]`),
		"rows without a status":       answers(200, `[{"order_id":"o1"},{"order_id":"o2"},{"order_id":"o3"}]`),
		"some rows without a status":  answers(200, `[`+whole("o1")+`,{"order_id":"o2"},{"order_id":"o3"},{"order_id":"o4","status":null}]`),
		"rows that lack a key":        answers(200, `[{"order_id":"o1","title":"t","status":"FAILED"},{"order_id":"o2","status":"FAILED"}]`),
		"rows with null for a value":  answers(200, `[{"order_id":"o1","title":"t","status":"FAILED","admin_notes":null,"company_count":0}]`),
		"rows with numbers for lists": answers(200, `[{"order_id":"o1","status":"FAILED","features":{"a":1}}]`),
	} {
		for _, parallelism := range []int{1, 10} {
			t.Run(fmt.Sprintf("%s, %d at once", name, parallelism), func(t *testing.T) {
				a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/api/v1/orders" {
						list(w, r)
						return
					}
					reply(w, 200, whole(r.URL.Path[len("/api/v1/orders/"):]))
				}, func(c *openprospect.Config) { c.MaxRetries = 0 })
				for _, order := range readTogether(t, openprospect.NewOrderReader(a.client), parallelism, []string{"o1", "o2", "o3", "o4"}) {
					if order.Status != "RECEIVED" || order.AdminNotes != "n" {
						t.Errorf("got %+v", order)
					}
				}
				if requests := len(a.sent()); requests != 5 {
					t.Errorf("%d requests, want 5: %q", requests, a.lines())
				}
			})
		}
	}
}

// TestOrderReaderSpellings has rows that spell ids, and name their key, otherwise than the order itself. A UUID is the same
// one in either case; other ids are not.
func TestOrderReaderSpellings(t *testing.T) {
	const first, second = "0d9f6b2c-5a3e-4c57-9f0e-2f6a1c3b7d11", "74f00d79-7e4a-4ba3-a30c-012de85d6d7f"
	upperFirst, upperSecond := strings.ToUpper(first), strings.ToUpper(second)
	for name, test := range map[string]struct {
		// rows are the ids of the list. Their titles are "row " and the id, those of orders read singly are "single " and the id.
		rows, ids, titles, lines []string
	}{
		"UUIDs": {
			rows: []string{upperFirst, upperSecond}, ids: []string{first, second},
			titles: []string{"single " + first, "row " + upperSecond}, lines: []string{"GET /orders/" + first, "GET /orders"},
		},
		"another id than that of a row": {
			rows: []string{"x", "ab1"}, ids: []string{"x", "aB1"},
			titles: []string{"single x", "single aB1"}, lines: []string{"GET /orders/x", "GET /orders", "GET /orders/aB1"},
		},
		"two ids": {
			rows: []string{"x", "ab1", "aB1"}, ids: []string{"x", "ab1", "aB1"},
			titles: []string{"single x", "row ab1", "row aB1"}, lines: []string{"GET /orders/x", "GET /orders"},
		},
		"a first order that is not on the list": {
			rows: []string{"ABC-1", "ABC-2"}, ids: []string{"Abc-1", "ABC-2", "aBC-2"},
			titles: []string{"single Abc-1", "single ABC-2", "single aBC-2"},
			lines:  []string{"GET /orders/Abc-1", "GET /orders", "GET /orders/ABC-2", "GET /orders/aBC-2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
				if id, single := strings.CutPrefix(r.URL.Path, "/api/v1/orders/"); single {
					reply(w, 200, fmt.Sprintf(`{"data":{"order_id":%q,"status":"RECEIVED","title":%q}}`, id, "single "+id))
					return
				}
				var rows []string
				for _, id := range test.rows {
					rows = append(rows, fmt.Sprintf(`{"id":%q,"status":"RECEIVED","title":%q}`, id, "row "+id))
				}
				reply(w, 200, `{"orders":[`+strings.Join(rows, ",")+`]}`)
			})
			for i, order := range readTogether(t, openprospect.NewOrderReader(a.client), 1, test.ids) {
				if order.Title != test.titles[i] {
					t.Errorf("order %s has the title %q, want %q", test.ids[i], order.Title, test.titles[i])
				}
			}
			a.wantLines(t, test.lines...)
		})
	}
}

// TestOrderReaderOfServersThatOmit has a server that leaves out empty keys, so that one order cannot show what rows lack of another.
func TestOrderReaderOfServersThatOmit(t *testing.T) {
	const empty = `"company_count":0,"estimated_cost":null,"prospect_search_id":null,"admin_notes":null,"completed_at":null,` +
		`"cancelled_at":null`
	const received, completed = `"title":"t","status":"RECEIVED"`, `"title":"t","status":"COMPLETED"`
	const done = completed + `,"accepted_at":"2026-01-01T00:00:00Z","completed_at":"2026-01-02T00:00:00Z","company_count":42`
	for name, test := range map[string]struct {
		// sample is read first. single is what reading the second order shows, row what the list shows of it.
		sample, single, row string
		requests            int
	}{
		"same status":                          {received, received, received, 2},
		"another status":                       {received, done, completed, 3},
		"another status, count and time shown": {received, done, done, 3},
		"another status, a key of progress lacks": {
			received, done + `,"prospect_search_id":null`, done + `,"admin_notes":null,"estimated_cost":null,"cancelled_at":null`, 3,
		},
		"another status, all of the progress shown": {
			received, done, done + `,"prospect_search_id":null,"admin_notes":null,"estimated_cost":null,"cancelled_at":null`, 2,
		},
		"another status, null for what is empty": {received, completed + "," + empty, completed + `,"accepted_at":null,` + empty, 2},
		"a row that lacks what the first shows":  {done, completed + `,"company_count":42`, completed, 3},
		"same status, a row that lacks a key":    {`"title":"t","status":"FAILED"`, `"title":"t","status":"FAILED"`, `"status":"FAILED"`, 3},
	} {
		t.Run(name, func(t *testing.T) {
			object := func(id, members string) string { return `{"order_id":"` + id + `",` + members + `}` }
			a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/api/v1/orders":
					reply(w, 200, `{"items":[`+object("o2", test.row)+`,`+object("o1", test.sample)+`],"total":2}`)
				case "/api/v1/orders/o1":
					reply(w, 200, object("o1", test.sample))
				default:
					reply(w, 200, object("o2", test.single))
				}
			})
			read := readTogether(t, openprospect.NewOrderReader(a.client), 1, []string{"o1", "o2"})
			if requests := len(a.sent()); requests != test.requests {
				t.Errorf("%d requests, want %d: %q", requests, test.requests, a.lines())
			}
			wantAsReadSingly(t, a.client, read)
		})
	}
}

// TestOrderReaderAfterAWrite reads orders that have changed since the page was read.
func TestOrderReaderAfterAWrite(t *testing.T) {
	server, client := newSimulator(t, simulator.Options{})
	ids := addOrders(server, 3)
	reader := openprospect.NewOrderReader(client)
	readTogether(t, reader, 1, ids)
	server.SetOrderStatus(ids[0], "CANCELLED", "")
	reader.StopSharing()
	if order, err := reader.Read(t.Context(), ids[0]); err != nil || order.Status != "CANCELLED" {
		t.Errorf("got %+v, %v", order, err)
	}
	readTogether(t, reader, 1, ids)
	if listed := server.Count(http.MethodGet, "/orders"); listed != 1 {
		t.Errorf("the list was asked for %d times, want 1", listed)
	}
}

// TestOrderReaderKeepsErrors reads orders that cannot be read, beside others.
func TestOrderReaderKeepsErrors(t *testing.T) {
	server, client := newSimulator(t, simulator.Options{})
	ids := addOrders(server, 12)
	server.HideOrder(ids[0], true)
	server.HideOrder(ids[5], true)
	reader := openprospect.NewOrderReader(client)
	for i, id := range ids {
		order, err := reader.Read(t.Context(), id)
		if hidden := i == 0 || i == 5; hidden != openprospect.IsNotFound(err) || hidden != (order == nil) {
			t.Errorf("order %d: %+v, %v", i, order, err)
		}
	}
	// The first one, the page, the second one in its place, and the sixth.
	if requests := len(server.Journal()); requests != 4 {
		t.Errorf("%d requests, want 4", requests)
	}
}
