package openprospect_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// orderBook is a server of orders, with a clock an hour ahead of ours.
type orderBook struct {
	mu     sync.Mutex
	orders []map[string]any
	// post answers a POST in place of the default, which takes the order and answers as the guide; book puts it on the list.
	post func(w http.ResponseWriter, r *http.Request, book func())
	// shown are the keys of a list row; nil is all.
	shown []string
	// lag is how many lists still lack what was posted last.
	lag int
	// hidden ids answer 404 when read one by one.
	hidden map[string]bool
}

const serverAhead = time.Hour

func serverNow() time.Time { return time.Now().Add(serverAhead).UTC() }

// echo returns an order as a server shows what was asked for.
func echo(t *testing.T, id string, request openprospect.CreateOrderRequest, created time.Time) map[string]any {
	t.Helper()
	var order map[string]any
	if err := json.Unmarshal([]byte(guideOrder), &order); err != nil {
		t.Fatal(err)
	}
	var sent map[string]any
	if err := json.Unmarshal([]byte(mustJSON(t, request)), &sent); err != nil {
		t.Fatal(err)
	}
	for key := range order {
		switch key {
		case "title",
			"features",
			"seller_offering",
			"seller_industry",
			"target_countries",
			"target_cities",
			"excluded_industries",
			"output_language",
			"webhook_url":
			order[key] = sent[key]
		}
	}
	if request.Priority != "" {
		order["priority"] = request.Priority
	}
	order["order_id"] = id
	order["created_at"] = created.Format("2006-01-02T15:04:05.000000Z")
	return order
}

func (b *orderBook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w.Header().Set("Date", serverNow().Format(http.TimeFormat))
	id := strings.TrimPrefix(r.URL.Path, "/api/v1/orders")
	switch {
	case r.Method == http.MethodPost:
		b.receive(w, r)
	case id == "":
		visible := b.orders
		if b.lag > 0 && len(visible) > 0 {
			b.lag--
			visible = visible[:len(visible)-1]
		}
		var rows []string
		for _, order := range visible {
			row := map[string]any{}
			for key, value := range order {
				if b.shown == nil || slices.Contains(b.shown, key) {
					row[key] = value
				}
			}
			encoded, _ := json.Marshal(row)
			rows = append(rows, string(encoded))
		}
		reply(w, 200, listOf(rows, 0, 100, len(rows)))
	default:
		for _, order := range b.orders {
			if order["order_id"] == id[1:] && !b.hidden[id[1:]] {
				encoded, _ := json.Marshal(order)
				reply(w, 200, string(encoded))
				return
			}
		}
		reply(w, 404, `{"code":"ORDER_NOT_FOUND","message":"m"}`)
	}
}

func (b *orderBook) receive(w http.ResponseWriter, r *http.Request) {
	var request map[string]any
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		reply(w, 400, `{}`)
		return
	}
	id := fmt.Sprintf("new-%d", len(b.orders)+1)
	book := func() {
		order := map[string]any{"order_id": id, "status": "RECEIVED", "priority": "NORMAL", "created_at": serverNow().Format(time.RFC3339Nano)}
		for _, key := range []string{"seller_industry", "target_cities", "excluded_industries", "output_language", "webhook_url"} {
			order[key] = nil
		}
		for key, value := range request {
			order[key] = value
		}
		for _, key := range []string{"ideal_customer_profile", "blacklist_ids", "contact_roles", "profile_name"} {
			delete(order, key)
		}
		b.orders = append(b.orders, order)
	}
	if b.post != nil {
		b.post(w, r, book)
		return
	}
	book()
	reply(
		w,
		202,
		`{"order_id":"`+id+`","order_type":"DISCOVERY","status":"RECEIVED","company_count":0,"estimated_cost":null,"message":"Order `+
			`received. Awaiting admin review."}`,
	)
}

func place(t *testing.T, book *orderBook, options openprospect.PlaceOptions, known ...string) (*api, *openprospect.Placement, error) {
	t.Helper()
	a := newAPI(t, book.ServeHTTP)
	placer := openprospect.NewOrderPlacer(a.client)
	for _, id := range known {
		placer.Remember(id)
	}
	placement, err := placer.Place(t.Context(), discovery(), options)
	return a, placement, err
}

func TestPlaceOrder(t *testing.T) {
	book := &orderBook{}
	a, placement, err := place(t, book, openprospect.PlaceOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if placement.Order.ID != "new-1" || placement.Recovered || placement.Order.Message != "Order received. Awaiting admin review." {
		t.Errorf("%+v", placement)
	}
	a.wantLines(t, "GET /orders", "POST /orders")
	post := a.sent()[1]
	var got, want map[string]any
	if err := json.Unmarshal([]byte(post.body), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(mustJSON(t, discovery())), &want); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("sent %v", got)
	}
	if key := post.header.Get("Idempotency-Key"); len(key) != 36 || key[14] != '4' {
		t.Errorf("Idempotency-Key %q is no UUID of version 4", key)
	}
}

func TestPlaceOrderFillsInTheType(t *testing.T) {
	a := newAPI(t, (&orderBook{}).ServeHTTP)
	if _, err := openprospect.NewOrderPlacer(
		a.client,
	).Place(
		t.Context(),
		openprospect.CreateOrderRequest{Title: "t"},
		openprospect.PlaceOptions{},
	); err != nil {
		t.Fatal(err)
	}
	if body := a.sent()[1].body; !strings.Contains(body, `"order_type":"DISCOVERY"`) {
		t.Errorf("sent %s", body)
	}
}

// TestTwins says which orders on the list stop another one.
func TestTwins(t *testing.T) {
	hour := serverNow().Add(-time.Hour)
	type change = func(map[string]any)
	set := func(key string, value any) change { return func(o map[string]any) { o[key] = value } }
	for _, test := range []struct {
		name   string
		change change
		twin   bool
	}{
		{"the same", func(map[string]any) {}, true},
		{"trimmed and run together", set("title", " DACH  SaaS Discovery Q1 2026\n"), true},
		{"lists in another order and case", func(o map[string]any) {
			o["features"] = []string{"analysis", " CONTACTS", "COMPANY_DATA"}
			o["target_cities"] = []string{"Vienna", "Munich", "Berlin"}
		}, true},
		{"cancelled since: somebody must look", set("status", "CANCELLED"), true},
		{"type in another case", set("order_type", "discovery"), true},
		{"type not shown", func(o map[string]any) { delete(o, "order_type") }, true},
		{"priority not shown", func(o map[string]any) { delete(o, "priority") }, true},
		{"priority null", set("priority", nil), true},
		{"codes for countries (U27)", set("target_countries", []string{"DE", "AT", "CH"}), true},
		{"codes of three letters for countries (U27)", set("target_countries", []string{"DEU", "AUT", "CHE"}), true},
		{"no date: better safe", set("created_at", nil), true},
		{"an unreadable date: better safe", set("created_at", "yesterday"), true},
		{"a date without a zone", set("created_at", hour.Format("2006-01-02T15:04:05.000000")), true},
		{"a date in the future", set("created_at", serverNow().Add(time.Hour).Format(time.RFC3339)), true},
		{"23 hours old by the server's clock", set("created_at", serverNow().Add(-23*time.Hour).Format(time.RFC3339)), true},
		{
			"25 hours old by the server's clock, 24 by ours", set("created_at", serverNow().Add(-24*time.Hour-time.Minute).Format(time.RFC3339)),
			false,
		},
		{"ideal_customer_profile shown and equal", set("ideal_customer_profile", discovery().IdealCustomerProfile), true},
		{"ideal_customer_profile shown and different", set("ideal_customer_profile", "hotels"), false},
		{"blacklist_ids shown and different", set("blacklist_ids", []string{"other"}), false},
		{"blacklist_ids shown and empty", set("blacklist_ids", nil), false},
		{"contact_roles shown", set("contact_roles", []string{"CEO"}), false},
		{"profile_name shown and different", set("profile_name", "other"), false},
		{"profile_id made by the server", set("profile_id", "p1"), true},
		{"quantity filled in by the server", set("briefing_quantity", 50), true},
		{"an enrichment order", set("order_type", "ENRICHMENT"), false},
		{"another title", set("title", "DACH SaaS Discovery Q2 2026"), false},
		{"another feature", set("features", []string{"COMPANY_DATA", "CONTACTS"}), false},
		{"another offering", set("seller_offering", "x"), false},
		{"another industry", set("seller_industry", "x"), false},
		{"no industry", set("seller_industry", nil), false},
		{"another country", set("target_countries", []string{"Germany", "Austria", "France"}), false},
		{"fewer codes than countries", set("target_countries", []string{"DE", "AT"}), false},
		{"another city", set("target_cities", []string{"Berlin"}), false},
		{"other exclusions", set("excluded_industries", []string{}), false},
		{"another language", set("output_language", "de"), false},
		{"another priority", set("priority", "EXPRESS"), false},
		{"a webhook", set("webhook_url", "https://x.example"), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			order := echo(t, "old", discovery(), hour)
			test.change(order)
			a, placement, err := place(t, &orderBook{orders: []map[string]any{order}}, openprospect.PlaceOptions{})
			var duplicate *openprospect.DuplicateOrderError
			switch {
			case test.twin:
				if !errors.As(err, &duplicate) || len(duplicate.Twins) != 1 || duplicate.Twins[0].ID != "old" {
					t.Fatalf("%+v, %v", placement, err)
				}
				wantErrorHolding(t, err, "not placed", "looks identical", "old", "24 hours")
				if a.count(http.MethodPost) != 0 || !openprospect.IsRefused(err) {
					t.Errorf("%q, refused %v", a.lines(), openprospect.IsRefused(err))
				}
			case err != nil:
				t.Fatal(err)
			default:
				a.wantLines(t, "GET /orders", "POST /orders")
			}
		})
	}
}

func TestTwinsOfARequestWithAQuantity(t *testing.T) {
	quantity := int64(50)
	request := discovery()
	request.BriefingQuantity = &quantity
	for shown, twin := range map[any]bool{50: true, "50": true, 49: false, 51: false, nil: false, "a lot": false} {
		order := echo(t, "old", request, serverNow())
		order["briefing_quantity"] = shown
		a := newAPI(t, (&orderBook{orders: []map[string]any{order}}).ServeHTTP)
		_, err := openprospect.NewOrderPlacer(a.client).Place(t.Context(), request, openprospect.PlaceOptions{})
		var duplicate *openprospect.DuplicateOrderError
		if errors.As(err, &duplicate) != twin || !twin && err != nil {
			t.Errorf("quantity %v shown for 50: %v", shown, err)
		}
	}
}

// TestTwinsWhoseCountriesAreCodesInPart has a server that shows codes, or names, for some of the countries (U27).
func TestTwinsWhoseCountriesAreCodesInPart(t *testing.T) {
	for _, test := range []struct {
		sent, shown []string
		twin        bool
	}{
		{[]string{"Germany", "Austria", "CH"}, []string{"AT", "CH", "DE"}, true},
		{[]string{"Germany", "Liechtenstein"}, []string{"DE", "Liechtenstein"}, true},
		{[]string{"DE", "Liechtenstein"}, []string{"Germany", "Liechtenstein"}, true},
		{[]string{"Germany", "CHE"}, []string{"CH", "DE"}, true},
		{[]string{"Germany", "Liechtenstein"}, []string{"Austria", "Liechtenstein"}, false},
		{[]string{"DE", "AT"}, []string{"DE", "CH"}, false},
		{[]string{"Germany", "Austria"}, []string{"DE"}, false},
		// The price: a short name may be a code.
		{[]string{"Germany", "France"}, []string{"Germany", "UK"}, true},
	} {
		request := discovery()
		request.TargetCountries = test.sent
		order := echo(t, "old", request, serverNow())
		order["target_countries"] = test.shown
		a := newAPI(t, (&orderBook{orders: []map[string]any{order}}).ServeHTTP)
		_, err := openprospect.NewOrderPlacer(a.client).Place(t.Context(), request, openprospect.PlaceOptions{})
		var duplicate *openprospect.DuplicateOrderError
		if errors.As(err, &duplicate) != test.twin || a.count(http.MethodPost) > 0 == test.twin {
			t.Errorf("%q, shown as %q: %v after %q", test.sent, test.shown, err, a.lines())
		}
	}
}

func TestTwinsOfARequestThatLeavesThingsOut(t *testing.T) {
	request := openprospect.CreateOrderRequest{Title: "t", Features: []string{"A"}, SellerOffering: "o", TargetCountries: []string{"Germany"}}
	order := echo(t, "old", request, serverNow())
	order["output_language"] = "en" // a default of the server
	order["target_cities"] = []string{}
	for key, twin := range map[string]bool{"": true, "target_cities": false, "seller_industry": false, "webhook_url": false} {
		changed := map[string]any{}
		for k, v := range order {
			changed[k] = v
		}
		if key != "" {
			changed[key] = "something"
		}
		a := newAPI(t, (&orderBook{orders: []map[string]any{changed}}).ServeHTTP)
		_, err := openprospect.NewOrderPlacer(a.client).Place(t.Context(), request, openprospect.PlaceOptions{})
		if (err != nil) != twin {
			t.Errorf("with %q set: %v", key, err)
		}
	}
}

// TestTwinsOfAnOrderFromAProfile: what the profile says need not be sent, and may be shown all the same; what is sent must be the same.
func TestTwinsOfAnOrderFromAProfile(t *testing.T) {
	t.Parallel()
	lean := func() openprospect.CreateOrderRequest {
		return openprospect.CreateOrderRequest{Title: "t", Features: []string{"A"}, ProfileID: "p1"}
	}
	for field, test := range map[string]struct {
		send  func(*openprospect.CreateOrderRequest)
		shown any
	}{
		"ideal_customer_profile": {func(r *openprospect.CreateOrderRequest) { r.IdealCustomerProfile = "SaaS" }, "hotels"},
		"seller_offering":        {func(r *openprospect.CreateOrderRequest) { r.SellerOffering = "CRM" }, "ERP"},
		"seller_industry":        {func(r *openprospect.CreateOrderRequest) { r.SellerIndustry = "Software" }, "Retail"},
		"target_countries":       {func(r *openprospect.CreateOrderRequest) { r.TargetCountries = []string{"Germany"} }, []string{"France"}},
		"target_cities":          {func(r *openprospect.CreateOrderRequest) { r.TargetCities = []string{"Berlin"} }, []string{"Paris"}},
		"excluded_industries":    {func(r *openprospect.CreateOrderRequest) { r.ExcludedIndustries = []string{"Retail"} }, []string{"Software"}},
		"contact_roles":          {func(r *openprospect.CreateOrderRequest) { r.ContactRoles = []string{"CEO"} }, []string{"CTO"}},
	} {
		for _, sent := range []bool{false, true} {
			request := lean()
			order := echo(t, "old", request, serverNow())
			order[field] = test.shown
			if sent {
				test.send(&request)
			}
			a := newAPI(t, (&orderBook{orders: []map[string]any{order}}).ServeHTTP)
			_, err := openprospect.NewOrderPlacer(a.client).Place(t.Context(), request, openprospect.PlaceOptions{})
			var duplicate *openprospect.DuplicateOrderError
			if errors.As(err, &duplicate) == sent || sent && err != nil {
				t.Errorf("%s is shown, sent otherwise %v: %v", field, sent, err)
			}
		}
	}
}

func TestTwinsThatDoNotStopAnOrder(t *testing.T) {
	orders := []map[string]any{echo(t, "old", discovery(), serverNow())}
	t.Run("known to this process", func(t *testing.T) {
		a, _, err := place(t, &orderBook{orders: orders}, openprospect.PlaceOptions{}, "old")
		if err != nil || a.count(http.MethodPost) != 1 {
			t.Errorf("%v, %q", err, a.lines())
		}
	})
	t.Run("allowed", func(t *testing.T) {
		a, _, err := place(t, &orderBook{orders: orders}, openprospect.PlaceOptions{AllowDuplicate: true})
		if err != nil {
			t.Error(err)
		}
		a.wantLines(t, "GET /orders", "POST /orders")
	})
	t.Run("placed by this process", func(t *testing.T) {
		a := newAPI(t, (&orderBook{}).ServeHTTP)
		placer := openprospect.NewOrderPlacer(a.client)
		for range 2 {
			if _, err := placer.Place(t.Context(), discovery(), openprospect.PlaceOptions{}); err != nil {
				t.Error(err)
			}
		}
		if a.count(http.MethodPost) != 2 {
			t.Errorf("%q", a.lines())
		}
		keys := map[string]bool{}
		for _, request := range a.sent() {
			keys[request.header.Get("Idempotency-Key")] = true
		}
		if len(keys) != 3 {
			t.Errorf("keys %v: each order has one of its own, readings have none", keys)
		}
	})
}

func TestTwinsNewestFirst(t *testing.T) {
	now := serverNow()
	_, _, err := place(t, &orderBook{orders: []map[string]any{
		echo(
			t,
			"middle",
			discovery(),
			now.Add(-2*time.Hour),
		),
		echo(t, "newest", discovery(), now.Add(-time.Hour)),
		echo(t, "oldest", discovery(), now.Add(-3*time.Hour)),
	}}, openprospect.PlaceOptions{})
	var duplicate *openprospect.DuplicateOrderError
	if !errors.As(err, &duplicate) || len(duplicate.Twins) != 3 || duplicate.Twins[0].ID != "newest" || duplicate.Twins[2].ID != "oldest" {
		t.Errorf("%v", err)
	}
}

func TestTwinsOfAListThatShowsLittle(t *testing.T) {
	now := serverNow()
	other := discovery()
	other.SellerIndustry = "Hotels"
	orders := []map[string]any{
		echo(t, "same-title", other, now.Add(-time.Minute)), echo(t, "twin", discovery(), now.Add(-2*time.Minute)),
		echo(t, "old", discovery(), now.Add(-48*time.Hour)), echo(t, "hidden", discovery(), now),
	}
	orders[2]["title"] = "x"
	for _, shown := range [][]string{{"order_id", "title", "status", "created_at"}, {"order_id", "order_type", "status", "created_at"}} {
		a, _, err := place(t, &orderBook{orders: orders, shown: shown, hidden: map[string]bool{"hidden": true}}, openprospect.PlaceOptions{})
		var duplicate *openprospect.DuplicateOrderError
		if !errors.As(err, &duplicate) || len(duplicate.Twins) != 1 || duplicate.Twins[0].ID != "twin" {
			t.Errorf("%q: %v", shown, err)
		}
		a.wantLines(t, "GET /orders", "GET /orders/hidden", "GET /orders/same-title", "GET /orders/twin")
	}
	t.Run("allowed duplicates are not read", func(t *testing.T) {
		a, _, err := place(t, &orderBook{orders: orders, shown: []string{"order_id"}}, openprospect.PlaceOptions{AllowDuplicate: true})
		if err != nil {
			t.Error(err)
		}
		a.wantLines(t, "GET /orders", "POST /orders")
	})
}

func TestALongListOfOrdersIsReadAsFarAsNeeded(t *testing.T) {
	now := serverNow()
	var newest, oldest []string
	for i := range 500 {
		newest = append(
			newest,
			mustJSON(
				t,
				map[string]any{"order_id": fmt.Sprint("o", i), "title": "x", "created_at": now.Add(time.Duration(-i) * time.Hour).Format(time.RFC3339)},
			),
		)
	}
	oldest = slices.Clone(newest)
	slices.Reverse(oldest)
	undated := slices.Clone(newest)
	undated[0] = `{"order_id":"o0","title":"x"}`
	for name, test := range map[string]struct {
		rows  []string
		lists int
	}{"newest first": {newest, 1}, "oldest first": {oldest, 5}, "one without a date": {undated, 5}} {
		list := &pagedList{rows: test.rows}
		a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", serverNow().Format(http.TimeFormat))
			if r.Method == http.MethodPost {
				reply(w, 202, `{"order_id":"new","status":"RECEIVED"}`)
				return
			}
			list.ServeHTTP(w, r)
		})
		if _, err := openprospect.NewOrderPlacer(a.client).Place(t.Context(), discovery(), openprospect.PlaceOptions{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if lists := a.count(http.MethodGet); lists != test.lists {
			t.Errorf("%s: %d lists, want %d", name, lists, test.lists)
		}
	}
}

// TestATwinOnTheSecondPage has a server whose clock is an hour behind ours: by our clock the first page reaches back
// beyond 24 hours, by its own it does not.
func TestATwinOnTheSecondPage(t *testing.T) {
	now := time.Now().Add(-time.Hour).UTC()
	var rows []string
	for i := range 110 {
		order := echo(t, fmt.Sprint("o", i), discovery(), now.Add(time.Duration(-i)*14*time.Minute))
		if i != 101 {
			order["title"] = "x"
		}
		rows = append(rows, mustJSON(t, order))
	}
	list := &pagedList{rows: rows}
	a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", now.Format(http.TimeFormat))
		list.ServeHTTP(w, r)
	})
	_, err := openprospect.NewOrderPlacer(a.client).Place(t.Context(), discovery(), openprospect.PlaceOptions{})
	var duplicate *openprospect.DuplicateOrderError
	if !errors.As(err, &duplicate) || duplicate.Twins[0].ID != "o101" {
		t.Errorf("error %v", err)
	}
	a.wantLines(t, "GET /orders", "GET /orders")
}

func TestALookUpThatFailsPlacesNothing(t *testing.T) {
	a := newAPI(t, answers(500, `{}`))
	_, err := openprospect.NewOrderPlacer(a.client).Place(t.Context(), discovery(), openprospect.PlaceOptions{AllowDuplicate: true})
	wantErrorHolding(t, err, "was not placed", "GET /api/v1/orders: 500")
	if a.count(http.MethodPost) > 0 || openprospect.OutcomeUnknown(err) {
		t.Errorf("%q, unknown %v", a.lines(), openprospect.OutcomeUnknown(err))
	}
}

// TestPlaceOrderWhenItsBlacklistsAreReady asks after the search for twins, and places nothing where they are not.
func TestPlaceOrderWhenItsBlacklistsAreReady(t *testing.T) {
	for _, notReady := range []error{nil, errors.New("not ready")} {
		asked := 0
		a, placement, err := place(t, &orderBook{}, openprospect.PlaceOptions{Ready: func(context.Context) error { asked++; return notReady }})
		if !errors.Is(err, notReady) || asked != 1 || (placement == nil) != (notReady != nil) {
			t.Errorf("%v, asked %d times: %+v, %v", notReady, asked, placement, err)
		}
		if notReady != nil {
			a.wantLines(t, "GET /orders")
		} else {
			a.wantLines(t, "GET /orders", "POST /orders")
		}
	}
	old := echo(t, "old", discovery(), serverNow())
	_, _, err := place(t, &orderBook{orders: []map[string]any{old}}, openprospect.PlaceOptions{Ready: func(context.Context) error {
		t.Error("asked, though there is a twin")
		return nil
	}})
	var duplicate *openprospect.DuplicateOrderError
	if !errors.As(err, &duplicate) {
		t.Errorf("error %v", err)
	}
}

func TestAnOrderThatIsRefused(t *testing.T) {
	for _, status := range []int{307, 400, 401, 403, 404, 409, 413, 422} {
		book := &orderBook{post: func(w http.ResponseWriter, _ *http.Request, _ func()) {
			reply(w, status, `{"code":"X","message":"seller_offering is required"}`)
		}}
		a, _, err := place(t, book, openprospect.PlaceOptions{})
		var unknown *openprospect.OrderOutcomeError
		if errors.As(err, &unknown) || !openprospect.IsRefused(err) {
			t.Errorf("%d: %v", status, err)
		}
		a.wantLines(t, "GET /orders", "POST /orders")
	}
}

func TestAnOrderMeetsTheRateLimit(t *testing.T) {
	limited := 2
	book := &orderBook{}
	book.post = func(w http.ResponseWriter, _ *http.Request, book func()) {
		if limited--; limited >= 0 {
			reply(w, 429, `{"error":"RATE_LIMIT_EXCEEDED"}`)
			return
		}
		book()
		reply(w, 202, `{"order_id":"new-1","status":"RECEIVED"}`)
	}
	a, placement, err := place(t, book, openprospect.PlaceOptions{})
	if err != nil || placement.Order.ID != "new-1" || placement.Recovered {
		t.Fatalf("%+v, %v", placement, err)
	}
	a.wantLines(t, "GET /orders", "POST /orders", "POST /orders", "POST /orders")
	keys := map[string]bool{}
	for _, request := range a.sent()[1:] {
		keys[request.header.Get("Idempotency-Key")] = true
	}
	if len(keys) != 1 {
		t.Errorf("one order was sent with %d keys", len(keys))
	}
}

func TestARedirectedOrder(t *testing.T) {
	book := &orderBook{}
	a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && !strings.HasSuffix(r.URL.Path, "/") {
			w.Header().Set("Location", r.URL.Path+"/")
			w.WriteHeader(307)
			return
		}
		book.ServeHTTP(w, r)
	})
	if _, err := openprospect.NewOrderPlacer(a.client).Place(t.Context(), discovery(), openprospect.PlaceOptions{}); err != nil {
		t.Error(err)
	}
	a.wantLines(t, "GET /orders", "POST /orders", "POST /orders/")
	if len(book.orders) != 1 {
		t.Errorf("%d orders", len(book.orders))
	}
}

// TestALostAnswer walks what may be found after a POST whose outcome is unknown.
func TestALostAnswer(t *testing.T) {
	type poster = func(http.ResponseWriter, *http.Request, func())
	done := func(then http.HandlerFunc) poster {
		return func(w http.ResponseWriter, r *http.Request, book func()) { book(); then(w, r) }
	}
	notDone := func(then http.HandlerFunc) poster {
		return func(w http.ResponseWriter, r *http.Request, _ func()) { then(w, r) }
	}
	old := echo(t, "old", discovery(), serverNow().Add(-time.Hour))
	for _, test := range []struct {
		name       string
		post       poster
		before     []map[string]any
		shown      []string
		lag        int
		recovered  string
		candidates []string
	}{
		{name: "connection lost after the work", post: done(drop), recovered: "new-1"},
		{name: "connection lost before the work", post: notDone(drop)},
		{name: "500 after the work", post: done(answers(500, `{"code":"INTERNAL"}`)), recovered: "new-1"},
		{name: "502 of a gateway after the work", post: done(answers(502, `<html>`)), recovered: "new-1"},
		{name: "503 before the work", post: notDone(answers(503, ``))},
		{name: "408 after the work", post: done(answers(408, ``)), recovered: "new-1"},
		{name: "303 after the work", post: done(answers(303, ``)), recovered: "new-1"},
		{name: "202 without a body", post: done(answers(202, ``)), recovered: "new-1"},
		{name: "202 without an id", post: done(answers(202, `{"order_id":null,"status":"RECEIVED"}`)), recovered: "new-1"},
		{name: "202 with an empty id", post: done(answers(202, `{"order_id":""}`)), recovered: "new-1"},
		{name: "202 with an object for an id", post: done(answers(202, `{"order_id":{}}`)), recovered: "new-1"},
		{name: "200 with a page", post: done(answers(200, `<html>`)), recovered: "new-1"},
		{name: "202 with text", post: done(answers(202, `accepted`)), recovered: "new-1"},
		{name: "202 cut in half", post: done(truncated), recovered: "new-1"},
		{name: "the list lags behind", post: done(drop), lag: 2, recovered: "new-1"},
		{name: "a twin that was there before is not taken for it", post: notDone(drop), before: []map[string]any{old}},
		{name: "beside a twin that was there before", post: done(drop), before: []map[string]any{old}, recovered: "new-2"},
		{name: "the list shows little", post: done(drop), shown: []string{"order_id", "title"}, recovered: "new-1"},
		{
			name: "somebody else placed the same at the same time",
			post: func(w http.ResponseWriter, r *http.Request, book func()) { book(); book(); drop(w, r) }, candidates: []string{"new-1", "also"},
		},
		{name: "the server shows it so differently that only the title is the same", post: done(drop), candidates: []string{"new-1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			book := &orderBook{orders: slices.Clone(test.before), shown: test.shown}
			book.post = func(w http.ResponseWriter, r *http.Request, take func()) {
				test.post(w, r, take)
				book.lag = test.lag
				if test.candidates != nil && len(test.candidates) == len(book.orders) {
					book.orders[len(book.orders)-1]["order_id"] = test.candidates[len(test.candidates)-1]
					if len(test.candidates) == 1 {
						book.orders[0]["target_cities"] = "see the profile"
					}
				}
			}
			a, placement, err := place(t, book, openprospect.PlaceOptions{AllowDuplicate: true})
			if posts := a.count(http.MethodPost); posts != 1 {
				t.Errorf("%d POSTs", posts)
			}
			if test.recovered != "" {
				if err != nil || placement.Order.ID != test.recovered || !placement.Recovered || placement.Order.Status != "RECEIVED" {
					t.Errorf("%+v, %v, want %s", placement, err, test.recovered)
				}
				return
			}
			var unknown *openprospect.OrderOutcomeError
			if !errors.As(err, &unknown) || unknown.Cause == nil || !openprospect.OutcomeUnknown(err) {
				t.Fatalf("%+v, %v", placement, err)
			}
			var ids []string
			for _, candidate := range unknown.Candidates {
				ids = append(ids, candidate.ID)
				wantErrorHolding(t, err, candidate.ID)
			}
			slices.Sort(ids)
			want := slices.Sorted(slices.Values(test.candidates))
			if !slices.Equal(ids, want) {
				t.Errorf("candidates %q, want %q", ids, want)
			}
			wantErrorHolding(t, err, "POST /api/v1/orders", discovery().Title)
		})
	}
	t.Run("when listing fails too, the error says both", func(t *testing.T) {
		posted := false
		a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method == http.MethodPost:
				posted = true
				drop(w, r)
			case posted:
				reply(w, 403, `{"message":"no reading"}`)
			default:
				reply(w, 200, `{"items":[],"total":0}`)
			}
		})
		_, err := openprospect.NewOrderPlacer(a.client).Place(t.Context(), discovery(), openprospect.PlaceOptions{})
		var unknown *openprospect.OrderOutcomeError
		if !errors.As(err, &unknown) || unknown.ListError == nil {
			t.Fatalf("error %v", err)
		}
		wantErrorHolding(t, err, "POST /api/v1/orders", "the list of orders could not be read", "no reading")
	})
	t.Run("what could not be told is a twin of the next attempt", func(t *testing.T) {
		book := &orderBook{lag: 0}
		var late func()
		book.post = func(w http.ResponseWriter, r *http.Request, take func()) { late = take; drop(w, r) }
		a := newAPI(t, book.ServeHTTP)
		placer := openprospect.NewOrderPlacer(a.client)
		if _, err := placer.Place(t.Context(), discovery(), openprospect.PlaceOptions{}); err == nil {
			t.Fatal("no error")
		}
		book.mu.Lock()
		late()
		book.mu.Unlock()
		_, err := placer.Place(t.Context(), discovery(), openprospect.PlaceOptions{})
		var duplicate *openprospect.DuplicateOrderError
		if !errors.As(err, &duplicate) || a.count(http.MethodPost) != 1 {
			t.Errorf("%v, %q", err, a.lines())
		}
	})
}

func TestAnInterruptionDoesNotEndThePOST(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	book := &orderBook{}
	book.post = func(w http.ResponseWriter, r *http.Request, take func()) {
		cancel()
		select {
		case <-r.Context().Done():
			t.Error("the POST was cancelled")
		case <-time.After(20 * time.Millisecond):
		}
		take()
		reply(w, 202, `{"order_id":"new-1","status":"RECEIVED"}`)
	}
	a := newAPI(t, book.ServeHTTP)
	placement, err := openprospect.NewOrderPlacer(a.client).Place(ctx, discovery(), openprospect.PlaceOptions{})
	if err != nil || placement.Order.ID != "new-1" {
		t.Errorf("%+v, %v", placement, err)
	}
	t.Run("nor the search for a lost answer", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		book := &orderBook{}
		book.post = func(w http.ResponseWriter, r *http.Request, take func()) { cancel(); take(); drop(w, r) }
		a := newAPI(t, book.ServeHTTP)
		placement, err := openprospect.NewOrderPlacer(a.client).Place(ctx, discovery(), openprospect.PlaceOptions{})
		if err != nil || !placement.Recovered {
			t.Errorf("%+v, %v", placement, err)
		}
	})
	t.Run("but the request timeout does", func(t *testing.T) {
		book := &orderBook{}
		release := make(chan struct{})
		a := newAPI(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				<-release
				return
			}
			book.ServeHTTP(w, r)
		}, func(c *openprospect.Config) { c.RequestTimeout = 300 * time.Millisecond })
		_, err := openprospect.NewOrderPlacer(a.client).Place(t.Context(), discovery(), openprospect.PlaceOptions{})
		close(release)
		wantErrorHolding(t, err, "within the request timeout of 300ms")
		if !openprospect.OutcomeUnknown(err) || a.count(http.MethodPost) != 1 {
			t.Errorf("%q", a.lines())
		}
	})
}

func TestOrdersArePlacedOneAtATime(t *testing.T) {
	inside := make(chan struct{})
	release := make(chan struct{})
	book := &orderBook{}
	book.post = func(w http.ResponseWriter, _ *http.Request, take func()) {
		inside <- struct{}{}
		<-release
		take()
		reply(w, 202, fmt.Sprintf(`{"order_id":"new-%d","status":"RECEIVED"}`, len(book.orders)))
	}
	a := newAPI(t, book.ServeHTTP)
	placer := openprospect.NewOrderPlacer(a.client)
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := placer.Place(t.Context(), discovery(), openprospect.PlaceOptions{}); err != nil {
			t.Error(err)
		}
	})
	<-inside
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := placer.Place(ctx, discovery(), openprospect.PlaceOptions{})
	if !errors.Is(err, context.DeadlineExceeded) || !openprospect.IsRefused(err) {
		t.Errorf("waiting for its turn ended in %v", err)
	}
	a.wantLines(t, "GET /orders", "POST /orders")
	close(release)
	group.Wait()
}

func TestSameURL(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		a, b string
		want bool
	}{
		"the same":                     {"https://hooks.example.com/x", "https://hooks.example.com/x", true},
		"a server adds the empty path": {"https://hooks.example.com", "https://hooks.example.com/", true},
		"hosts have no case":           {"https://Hooks.Example.com/x", "HTTPS://hooks.example.com/x", true},
		"paths have":                   {"https://hooks.example.com/X", "https://hooks.example.com/x", false},
		"the default port":             {"https://hooks.example.com:443/x", "https://hooks.example.com/x", true},
		"another port":                 {"https://hooks.example.com:8443/x", "https://hooks.example.com/x", false},
		"another query":                {"https://hooks.example.com/x?a=1", "https://hooks.example.com/x?a=2", false},
		"outer white space":            {" https://hooks.example.com/x\n", "https://hooks.example.com/x", true},
		"none and one":                 {"", "https://hooks.example.com/", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := openprospect.SameURL(test.a, test.b); got != test.want {
				t.Errorf("SameURL(%q, %q) = %t, want %t", test.a, test.b, got, test.want)
			}
		})
	}
}
