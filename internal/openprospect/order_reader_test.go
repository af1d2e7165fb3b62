package openprospect_test

import (
	"fmt"
	"net/http"
	"reflect"
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

// TestOrderReaderSpellings has rows that spell ids, and name their key, otherwise than the order itself.
func TestOrderReaderSpellings(t *testing.T) {
	a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/orders" {
			reply(w, 200, `{"orders":[{"id":"ABC-1","status":"RECEIVED"},{"id":"ABC-2","status":"COMPLETED"}]}`)
			return
		}
		reply(w, 200, `{"data":{"order_id":"Abc-1","status":"RECEIVED"}}`)
	})
	read := readTogether(t, openprospect.NewOrderReader(a.client), 1, []string{"Abc-1", "aBC-2"})
	if read[0].Status != "RECEIVED" || read[1].Status != "COMPLETED" {
		t.Errorf("got %+v and %+v", read[0], read[1])
	}
	a.wantLines(t, "GET /orders/Abc-1", "GET /orders")
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
