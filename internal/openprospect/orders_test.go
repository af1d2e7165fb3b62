package openprospect_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// discovery is the guide's own order.
func discovery() openprospect.CreateOrderRequest {
	return openprospect.CreateOrderRequest{
		OrderType:            "DISCOVERY",
		Title:                "DACH SaaS Discovery Q1 2026",
		Features:             []string{"COMPANY_DATA", "CONTACTS", "ANALYSIS"},
		IdealCustomerProfile: "Mid-market SaaS companies in the DACH region with 50-500 employees, focused on B2B software solutions",
		SellerOffering:       "AI-powered lead generation and prospect enrichment platform",
		SellerIndustry:       "Software / Technology",
		TargetCountries:      []string{"Germany", "Austria", "Switzerland"},
		TargetCities:         []string{"Berlin", "Munich", "Vienna"},
		ExcludedIndustries:   []string{"Government", "Non-profit"},
		OutputLanguage:       "en",
		BlacklistIDs:         []string{"d33b69ce-80ce-4ede-b4df-4b11427f8b55"},
		ProfileName:          "DACH SaaS Discovery Profile",
	}
}

// guideOrder is the guide's answer to reading that order (step 3).
const guideOrder = `{
  "order_id": "74f00d79-7e4a-4ba3-a30c-012de85d6d78",
  "order_type": "DISCOVERY",
  "title": "DACH SaaS Discovery Q1 2026",
  "status": "RECEIVED",
  "priority": "NORMAL",
  "company_count": 0,
  "features": ["COMPANY_DATA", "CONTACTS", "ANALYSIS"],
  "estimated_cost": null,
  "prospect_search_id": null,
  "admin_notes": null,
  "webhook_url": null,
  "seller_offering": "AI-powered lead generation and prospect enrichment platform",
  "seller_industry": "Software / Technology",
  "excluded_industries": ["Government", "Non-profit"],
  "target_countries": ["Germany", "Austria", "Switzerland"],
  "target_cities": ["Berlin", "Munich", "Vienna"],
  "output_language": "en",
  "created_at": "2026-03-01T10:30:00.000000Z",
  "accepted_at": null,
  "completed_at": null,
  "cancelled_at": null
}`

func TestGetOrder(t *testing.T) {
	for name, body := range map[string]string{
		"plain": guideOrder, "in data": `{"data":` + guideOrder + `}`, "in order": `{"order":` + guideOrder + `}`,
		"another id key": strings.Replace(guideOrder, `"order_id"`, `"id"`, 1),
	} {
		a := newAPI(t, answers(200, body))
		got, err := a.client.GetOrder(t.Context(), "74f00d79-7e4a-4ba3-a30c-012de85d6d78")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		request := discovery()
		if got.ID != "74f00d79-7e4a-4ba3-a30c-012de85d6d78" || got.OrderType != "DISCOVERY" || got.Title != request.Title ||
			got.Status != "RECEIVED" ||
			got.Priority != "NORMAL" || got.CompanyCount != 0 || got.EstimatedCost != nil || got.SellerOffering != request.SellerOffering ||
			got.SellerIndustry != request.SellerIndustry || got.OutputLanguage != "en" || got.CreatedAt != "2026-03-01T10:30:00.000000Z" ||
			got.AcceptedAt != "" ||
			!slices.Equal(got.Features, request.Features) ||
			!slices.Equal(got.TargetCountries, request.TargetCountries) ||
			!slices.Equal(got.TargetCities, request.TargetCities) ||
			!slices.Equal(got.ExcludedIndustries, request.ExcludedIndustries) {
			t.Errorf("%s: %+v", name, got)
		}
		for key, want := range map[string]bool{
			"title": true, "webhook_url": true, "ideal_customer_profile": false, "blacklist_ids": false, "message": false,
		} {
			if got.Echoes(key) != want {
				t.Errorf("%s: Echoes(%q) is %v", name, key, got.Echoes(key))
			}
		}
		if got.Terminal() {
			t.Errorf("%s: RECEIVED is terminal", name)
		}
	}
}

func TestGetOrderFieldsThatVary(t *testing.T) {
	quantity := int64(50)
	for body, want := range map[string]openprospect.Order{
		`{"status":"COMPLETED","company_count":47.0,"estimated_cost":{"total":1234.5,"currency":"EUR"}}`: {
			Status: "COMPLETED", CompanyCount: 47, EstimatedCost: &openprospect.Cost{Total: 1234.5, Currency: "EUR"},
		},
		`{"status":"COMPLETED","company_count":"47","estimated_cost":{"total":"12","currency":null}}`: {
			Status: "COMPLETED", CompanyCount: 47, EstimatedCost: &openprospect.Cost{Total: 12},
		},
		`{"status":"NEW_STATUS","company_count":null,"estimated_cost":99,"briefing_quantity":50}`: {
			Status: "NEW_STATUS", EstimatedCost: &openprospect.Cost{Total: 99}, BriefingQuantity: &quantity,
		},
		`{"status":"REJECTED","company_count":"40-50","estimated_cost":"on request","message":"not approved","admin_notes":"no"}`: {
			Status: "REJECTED", Message: "not approved", AdminNotes: "no",
		},
		`{"status":"FAILED","estimated_cost":{"total":null},"features":null,"target_cities":[],"target_countries":"Germany"}`: {
			Status: "FAILED", TargetCities: []string{}, TargetCountries: []string{"Germany"},
		},
		`{"status":"CANCELLED","features":["A",null,7],"title":5,"cancelled_at":"2026-03-01T10:30:00Z","company_count":1e300}`: {
			Status: "CANCELLED", Features: []string{"A", "7"}, Title: "5", CancelledAt: "2026-03-01T10:30:00Z",
		},
		`{"status":"RECEIVED","briefing_quantity":"a lot","priority":null,"accepted_at":null,"company_count":-1,` +
			`"order_type":null}`: {Status: "RECEIVED", CompanyCount: -1},
	} {
		a := newAPI(t, answers(200, body))
		got, err := a.client.GetOrder(t.Context(), "o1")
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		want.ID = "o1"
		// What the answer held is not part of the comparison.
		if diff := fmt.Sprintf("%+v", exported(*got)); diff != fmt.Sprintf("%+v", exported(want)) {
			t.Errorf("%s:\n got %s\nwant %+v", body, diff, exported(want))
		}
	}
	a := newAPI(t, answers(200, `{"order_id":"o1","status":"RECEIVED","features":{"a":1}}`))
	_, err := a.client.GetOrder(t.Context(), "o1")
	wantErrorHolding(t, err, "features", "object")
}

// exported returns the exported fields of an order by name, pointers followed.
func exported(order openprospect.Order) map[string]any {
	fields := map[string]any{}
	value := reflect.ValueOf(order)
	for i := range value.NumField() {
		if !value.Type().Field(i).IsExported() {
			continue
		}
		field := value.Field(i)
		if field.Kind() == reflect.Pointer && !field.IsNil() {
			field = field.Elem()
		}
		fields[value.Type().Field(i).Name] = field.Interface()
	}
	return fields
}

func TestTerminalStatus(t *testing.T) {
	for status, want := range map[string]bool{
		"RECEIVED": false, "ACCEPTED": false, "IN_PROGRESS": false, "": false, "SOMETHING_NEW": false,
		"COMPLETED": true, "CANCELLED": true, "REJECTED": true, "FAILED": true,
	} {
		order := openprospect.Order{Status: status}
		if order.Terminal() != want {
			t.Errorf("%q: terminal is %v", status, order.Terminal())
		}
	}
}

func TestListOrders(t *testing.T) {
	const rows = `[{"order_id":"o1","order_type":"DISCOVERY","status":"COMPLETED"},{"order_id":"o2","order_type":"ENRICHMENT",` +
		`"status":"COMPLETED"},{"order_id":"o3","order_type":"DISCOVERY","status":"RECEIVED"}]`
	for _, test := range []struct {
		options openprospect.ListOrdersOptions
		query   string
		ids     []string
	}{
		{openprospect.ListOrdersOptions{}, "limit=100", []string{"o1", "o2", "o3"}},
		{openprospect.ListOrdersOptions{OrderType: "DISCOVERY"}, "limit=100", []string{"o1", "o3"}},
		{openprospect.ListOrdersOptions{Status: "COMPLETED"}, "limit=100&status=COMPLETED", []string{"o1", "o2"}},
		{openprospect.ListOrdersOptions{Status: "completed", OrderType: "discovery"}, "limit=100&status=completed", []string{"o1"}},
		{openprospect.ListOrdersOptions{Status: "FAILED"}, "limit=100&status=FAILED", nil},
	} {
		// The server pays no heed to status: the client filters as well.
		a := newAPI(t, answers(200, `{"orders":`+rows+`,"total":3,"has_more":false}`))
		got, err := a.client.ListOrders(t.Context(), test.options)
		var ids []string
		for _, order := range got {
			ids = append(ids, order.ID)
		}
		if err != nil || !slices.Equal(ids, test.ids) {
			t.Errorf("%+v: %q, %v, want %q", test.options, ids, err, test.ids)
		}
		if len(a.sent()) != 1 || a.sent()[0].query != test.query {
			t.Errorf("%+v: sent %v", test.options, a.sent())
		}
	}
}
