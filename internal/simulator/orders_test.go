package simulator_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// order is the guide's order, as a client decodes it.
type order struct {
	ID           string `json:"order_id"`
	Status       string
	CompanyCount int `json:"company_count"`
	Cost         *struct {
		Total    float64
		Currency string
	} `json:"estimated_cost"`
	Search      *string `json:"prospect_search_id"`
	AdminNotes  *string `json:"admin_notes"`
	CreatedAt   string  `json:"created_at"`
	AcceptedAt  *string `json:"accepted_at"`
	CompletedAt *string `json:"completed_at"`
	CancelledAt *string `json:"cancelled_at"`
}

func (a *api) order(id string) order {
	a.t.Helper()
	got := a.get("/orders/" + id)
	if got.status != 200 {
		a.t.Fatal(got)
	}
	return unmarshal[order](a.t, got)
}

func or(text *string, otherwise string) string {
	if text == nil {
		return otherwise
	}
	return *text
}

// A review by reads: each status lasts that many of them.
func TestReviewByReads(t *testing.T) {
	t.Parallel()
	for final, want := range map[string]string{
		"":          "RECEIVED RECEIVED ACCEPTED ACCEPTED IN_PROGRESS IN_PROGRESS COMPLETED COMPLETED COMPLETED",
		"COMPLETED": "RECEIVED RECEIVED ACCEPTED ACCEPTED IN_PROGRESS IN_PROGRESS COMPLETED COMPLETED COMPLETED",
		"CANCELLED": "RECEIVED RECEIVED CANCELLED CANCELLED CANCELLED",
		"REJECTED":  "RECEIVED RECEIVED REJECTED REJECTED REJECTED",
		"FAILED":    "RECEIVED RECEIVED ACCEPTED ACCEPTED IN_PROGRESS IN_PROGRESS FAILED FAILED",
	} {
		a := start(t, simulator.Options{Review: simulator.Review{Reads: 2, Final: final}})
		id := a.AddOrder(nil)
		var got []string
		for range strings.Fields(want) {
			got = append(got, a.order(id).Status)
			// Other reads are none of the order.
			a.get("/orders")
			a.get("/orders/" + id + "/results")
		}
		if strings.Join(got, " ") != want {
			t.Errorf("final %q: got %s, want %s", final, got, want)
		}
	}
}

// A review by time moves on the server's clock, and leaves the moments of each status behind.
func TestReviewByTime(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Review: simulator.Review{Every: time.Hour}})
	id := a.AddOrder(nil)
	a.Advance(59 * time.Minute)
	if got := a.order(id); got.Status != "RECEIVED" || got.AcceptedAt != nil || got.Search != nil || got.CompanyCount != 0 || got.Cost != nil {
		t.Errorf("after 59 minutes: %+v", got)
	}
	a.Advance(time.Minute)
	if got := a.order(
		id,
	); got.Status != "ACCEPTED" || or(got.AcceptedAt, "") != "2026-03-01T11:30:00.000000Z" || got.CompletedAt != nil ||
		got.Search == nil {
		t.Errorf("after an hour: %+v", got)
	}
	a.Advance(10 * time.Hour)
	got := a.order(id)
	if got.Status != "COMPLETED" || or(got.AcceptedAt, "") != "2026-03-01T11:30:00.000000Z" ||
		or(got.CompletedAt, "") != "2026-03-01T13:30:00.000000Z" ||
		got.CancelledAt != nil || got.CompanyCount != 47 || got.Cost == nil || got.Cost.Currency != "EUR" ||
		got.Cost.Total != 70.5 {
		t.Errorf("after eleven hours: %+v", got)
	}
	// A list moves orders on as well.
	second := a.AddOrder(nil)
	a.Advance(time.Hour)
	if got := a.get("/orders?status=ACCEPTED"); !strings.Contains(got.body, second) || strings.Contains(got.body, id) {
		t.Errorf("accepted: %s", got)
	}
}

func TestSetOrderStatus(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	for status, want := range map[string]string{
		"ACCEPTED":    "accepted",
		"IN_PROGRESS": "accepted",
		"COMPLETED":   "accepted completed",
		"CANCELLED":   "cancelled",
		"REJECTED":    "",
		"FAILED":      "accepted",
	} {
		id := a.AddOrder(nil)
		a.SetOrderStatus(id, status, "Call us")
		got := a.order(id)
		var marks []string
		for mark, at := range map[string]*string{"accepted": got.AcceptedAt, "completed": got.CompletedAt, "cancelled": got.CancelledAt} {
			if at != nil {
				marks = append(marks, mark)
			}
		}
		slices.Sort(marks)
		if got.Status != status || strings.Join(marks, " ") != want || or(got.AdminNotes, "") != "Call us" {
			t.Errorf("%s: %+v, want the moments %q", status, got, want)
		}
	}
	id := a.AddOrder(nil)
	a.SetOrderStatus(id, "FAILED", "")
	if got := a.order(id); or(got.AdminNotes, "") == "" {
		t.Error("a failed order says nothing of why")
	}
	a.SetOrderStatus(unknownID, "FAILED", "")
}

func TestUpdateAndHideOrder(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	id := a.AddOrder(map[string]any{"title": "Mine", "target_cities": []string{"Berlin"}})
	a.UpdateOrder(id, map[string]any{"title": "Theirs", "target_cities": nil, "rejected_at": "never"})
	if got := a.get(
		"/orders/" + id,
	); !strings.Contains(got.body, `"title":"Theirs"`) || !strings.Contains(got.body, `"target_cities":null`) ||
		!strings.HasSuffix(got.body, `"rejected_at":"never"}`) {
		t.Errorf("updated: %s", got)
	}
	gone := `404 {"code":"ORDER_NOT_FOUND","message":"Order not found","details":{"entity_type":"order","identifier":"` + id + `"}}`
	a.HideOrder(id, true)
	a.expect(a.get("/orders/"+id), gone)
	a.expect(a.get("/orders/"+id+"/results"), gone)
	a.expect(a.get("/orders"), `200 {"items":[],"total":0,"limit":50,"offset":0,"has_more":false}`)
	if orders := a.Orders(); len(orders) != 1 || orders[0].ID != id || orders[0].Request["title"] != "Mine" {
		t.Errorf("the server's own view: %+v", orders)
	}
	if _, found := a.Order(id); !found {
		t.Error("the server does not know the hidden order")
	}
	a.HideOrder(id, false)
	if got := a.get("/orders/" + id); got.status != 200 {
		t.Errorf("shown again: %s", got)
	}
	if got := a.get("/orders/" + unknownID); got.status != 404 {
		t.Errorf("unknown: %s", got)
	}
}

func TestListOrders(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	var ids []string
	for i := range 3 {
		ids = append(ids, a.AddOrder(map[string]any{"title": fmt.Sprint("order ", i)}))
	}
	a.SetOrderStatus(ids[1], "COMPLETED", "")
	listed := func(query string) []string {
		var found []string
		for _, one := range unmarshal[struct{ Items []order }](t, a.get("/orders"+query)).Items {
			found = append(found, one.ID)
		}
		return found
	}
	if got, want := listed(""), []string{ids[2], ids[1], ids[0]}; !slices.Equal(got, want) {
		t.Errorf("all: %v, want the newest first: %v", got, want)
	}
	if got := listed("?status=COMPLETED&limit=10"); !slices.Equal(got, ids[1:2]) {
		t.Errorf("completed: %v", got)
	}
	if got := listed("?status=CANCELLED"); got != nil {
		t.Errorf("cancelled: %v", got)
	}
	if got := listed("?limit=1&offset=2"); !slices.Equal(got, ids[:1]) {
		t.Errorf("second page: %v", got)
	}
}

// results are the guide's.
type results struct {
	Items []struct {
		ID, Name string
		Domain   string          `json:"normalized_url"`
		Score    json.RawMessage `json:"match_score"`
		People   json.RawMessage `json:"employee_count"`
		Legal    json.RawMessage `json:"legal_registration_info"`
		SourceID *string         `json:"source_id"`
		At       string          `json:"delivered_at"`
		Contacts []struct {
			CompanyID string `json:"company_id"`
			Email     string
		} `json:"prospects"`
	}
	Total int
}

func TestResults(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Review: simulator.Review{Companies: 130}})
	id := a.AddOrder(nil)
	path := "/orders/" + id + "/results"
	a.expect(a.get(path), `200 {"items":[],"total":0,"limit":50,"offset":0,"has_more":false}`)
	a.SetOrderStatus(id, "IN_PROGRESS", "")
	a.expect(a.get(path), `200 {"items":[],"total":0,"limit":50,"offset":0,"has_more":false}`)
	a.Advance(time.Hour)
	a.SetOrderStatus(id, "COMPLETED", "")

	ids, domains := map[string]bool{}, map[string]bool{}
	var scores, people, legal []string
	for offset := 0; offset < 130; offset += 100 {
		page := unmarshal[results](t, a.get(fmt.Sprintf("%s?limit=100&offset=%d", path, offset)))
		if page.Total != 130 {
			t.Errorf("total %d", page.Total)
		}
		for _, company := range page.Items {
			ids[company.ID], domains[company.Domain] = true, true
			scores, people, legal = append(
				scores,
				string(company.Score),
			), append(
				people,
				string(company.People),
			), append(
				legal,
				string(company.Legal),
			)
			for _, contact := range company.Contacts {
				if contact.CompanyID != company.ID || !strings.HasSuffix(contact.Email, "@"+company.Domain) {
					t.Errorf("%s: contact %+v", company.Name, contact)
				}
			}
			if company.SourceID != nil || company.Name == "" {
				t.Errorf("%+v", company)
			}
		}
	}
	if len(ids) != 130 || len(domains) != 130 {
		t.Errorf("%d ids and %d domains, want 130 of each", len(ids), len(domains))
	}
	isFloat := func(score string) bool { return strings.Contains(score, ".") }
	if scores[0] != "9" || !slices.ContainsFunc(scores, isFloat) || !slices.Contains(scores, "null") {
		t.Errorf("scores: %v", scores)
	}
	if !slices.Contains(people, "null") || !slices.ContainsFunc(legal, func(info string) bool { return strings.HasPrefix(info, "{") }) ||
		!slices.Contains(legal, "null") {
		t.Errorf("employees %v, registrations %v", people, legal)
	}
	// The same in every run.
	again := start(t, simulator.Options{Review: simulator.Review{Companies: 130}})
	other := again.AddOrder(nil)
	again.Advance(time.Hour)
	again.SetOrderStatus(other, "COMPLETED", "")
	if got, want := again.get("/orders/"+other+"/results").body, a.get(path).body; got != want {
		t.Error("results differ from run to run")
	}
}

func TestDeliveredSince(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Review: simulator.Review{Companies: 3}})
	id := a.AddOrder(nil)
	a.SetOrderStatus(id, "COMPLETED", "")
	path := "/orders/" + id + "/results"
	all := unmarshal[results](t, a.get(path)).Items
	if len(all) != 3 || all[2].At != "2026-03-01T10:30:00.000000Z" || all[0].At >= all[1].At {
		t.Fatalf("delivered: %+v", all)
	}
	for since, want := range map[string]int{
		all[0].At:                   2,
		all[2].At:                   0,
		"2026-03-01T09:29:00Z":      3,
		"2026-03-01":                3,
		"2026-03-01T10:30:00":       0,
		"2026-03-02T00:00:00-14:00": 0,
	} {
		got := unmarshal[results](t, a.get(path+"?delivered_since="+since))
		if len(got.Items) != want || got.Total != want {
			t.Errorf("since %s: %d of %d, want %d", since, len(got.Items), got.Total, want)
		}
	}
	// A plus sign must be escaped in a query.
	for _, since := range []string{"yesterday", "", "2026-13-01", "2026-03-01T10:30:00+01:00"} {
		got := a.get(path + "?delivered_since=" + since)
		if got.status != 422 || unmarshal[problem](t, got).Message != "delivered_since must be an ISO 8601 timestamp" {
			t.Errorf("since %q: %s", since, got)
		}
	}
	if got := a.get(path + "?delivered_since=2026-03-01T10:30:00%2B01:00"); len(unmarshal[results](t, got).Items) != 3 {
		t.Errorf("with an offset: %s", got)
	}
}
