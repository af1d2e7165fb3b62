package simulator_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// jsonOf renders a request body.
func jsonOf(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// orderBody is a valid order with some fields changed, or left out where they are absent.
func orderBody(t *testing.T, changes map[string]any) string {
	t.Helper()
	fields := map[string]any{
		"order_type": "DISCOVERY", "title": "Q1", "features": []string{"COMPANY_DATA"},
		"ideal_customer_profile": "SaaS", "seller_offering": "Consulting", "target_countries": []string{"Germany"},
	}
	maps.Copy(fields, changes)
	for name, value := range fields {
		if value == absent {
			delete(fields, name)
		}
	}
	return jsonOf(t, fields)
}

// absent marks a field to leave out.
const absent = "\x00absent"

// problem is an error of shape 1.
type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Details struct {
		ValidationErrors []struct {
			Field string `json:"field"`
			Error string `json:"error"`
		} `json:"validation_errors"`
	} `json:"details"`
}

func TestOrderRequests(t *testing.T) {
	t.Parallel()
	wide := func(n int) string { return strings.Repeat("ü", n) }
	for name, maximum := range map[string]int{
		"title": 500, "ideal_customer_profile": 5000, "seller_offering": 5000, "seller_industry": 1000, "output_language": 10,
		"profile_name": 500,
	} {
		t.Run(name+" is counted in characters", func(t *testing.T) {
			t.Parallel()
			a := start(t, simulator.Options{})
			if got := a.send("POST", "/orders", orderBody(t, map[string]any{name: wide(maximum)})); got.status != 202 {
				t.Errorf("%d characters: %s", maximum, got)
			}
			got := a.send("POST", "/orders", orderBody(t, map[string]any{name: wide(maximum + 1)}))
			if want := fmt.Sprintf(
				"%s must be at most %d characters",
				name,
				maximum,
			); got.status != 422 ||
				unmarshal[problem](t, got).Message != want {
				t.Errorf("%d characters: %s", maximum+1, got)
			}
		})
	}

	for _, test := range []struct {
		name, field, message string
		changes              map[string]any
	}{
		// The messages of the guide's table.
		{"no profile", "ideal_customer_profile", "ideal_customer_profile is required", map[string]any{"ideal_customer_profile": absent}},
		{"blank profile", "ideal_customer_profile", "ideal_customer_profile is required", map[string]any{"ideal_customer_profile": " "}},
		{"no offering", "seller_offering", "seller_offering is required", map[string]any{"seller_offering": absent}},
		{"no countries", "target_countries", "target_countries is required", map[string]any{"target_countries": absent}},
		{"empty countries", "target_countries", "target_countries is required", map[string]any{"target_countries": []string{}}},
		{"null countries", "target_countries", "target_countries is required", map[string]any{"target_countries": nil}},
		{"companies", "companies", "companies is not allowed", map[string]any{"companies": []any{}}},
		{"feature twice", "features", "Duplicate features", map[string]any{"features": []string{"CONTACTS", "ANALYSIS", "CONTACTS"}}},
		{
			"both profiles", "profile_id", "Profile conflict: profile_id and profile_name are mutually exclusive",
			map[string]any{"profile_id": unknownID, "profile_name": "x"},
		},
		// Its tables of fields.
		{"no type", "order_type", "order_type is required", map[string]any{"order_type": absent}},
		{"other type", "order_type", `order_type must be "DISCOVERY"`, map[string]any{"order_type": "ENRICHMENT"}},
		{"no title", "title", "title is required", map[string]any{"title": absent}},
		{"number as title", "title", "title must be a string", map[string]any{"title": 7}},
		{"no features", "features", "features is required", map[string]any{"features": []string{}}},
		{"text as features", "features", "features must be a list", map[string]any{"features": "CONTACTS"}},
		{"empty feature", "features", "features must hold non-empty strings", map[string]any{"features": []string{""}}},
		{"numbers as cities", "target_cities", "target_cities must hold non-empty strings", map[string]any{"target_cities": []int{1}}},
		{"object as roles", "contact_roles", "contact_roles must be a list", map[string]any{"contact_roles": map[string]any{}}},
		{"other priority", "priority", `priority must be "NORMAL" or "EXPRESS"`, map[string]any{"priority": "normal"}},
		{"profile id that is none", "profile_id", "profile_id must be a UUID", map[string]any{"profile_id": "x"}},
		{"blacklist id that is none", "blacklist_ids", "blacklist_ids must hold UUIDs", map[string]any{"blacklist_ids": []string{"x"}}},
		{"unknown blacklist", "blacklist_ids", "Blacklist not found: " + unknownID, map[string]any{"blacklist_ids": []string{unknownID}}},
		{"half a company", "briefing_quantity", "briefing_quantity must be a positive integer", map[string]any{"briefing_quantity": 1.5}},
		{"number as webhook", "webhook_url", "webhook_url must be a string", map[string]any{"webhook_url": 1}},
		{"unknown field", "target_industries", "target_industries is not allowed", map[string]any{"target_industries": []string{"x"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := start(t, simulator.Options{})
			got := a.send("POST", "/orders", orderBody(t, test.changes))
			said := unmarshal[problem](t, got)
			if got.status != 422 || said.Code != "VALIDATION_ERROR" || said.Message != test.message ||
				len(said.Details.ValidationErrors) != 1 || said.Details.ValidationErrors[0].Field != test.field {
				t.Errorf("%s\nwant a 422 about %s: %s", got, test.field, test.message)
			}
			if len(a.Orders()) != 0 {
				t.Error("a refused order was placed")
			}
		})
	}

	t.Run("all faults at once", func(t *testing.T) {
		t.Parallel()
		a := start(t, simulator.Options{})
		said := unmarshal[problem](t, a.send("POST", "/orders", `{"order_type":"DISCOVERY","title":"x","features":["CONTACTS"]}`))
		if len(said.Details.ValidationErrors) != 3 || said.Message != "ideal_customer_profile is required" {
			t.Errorf("%+v", said)
		}
	})

	t.Run("everything", func(t *testing.T) {
		t.Parallel()
		a := start(t, simulator.Options{})
		list := a.AddBlacklist("Customers", "")
		got := a.send("POST", "/orders", orderBody(t, map[string]any{
			"seller_industry": "Software", "target_cities": []string{"Berlin"}, "excluded_industries": []string{}, "output_language": nil,
			"blacklist_ids": []string{list}, "priority": "EXPRESS", "webhook_url": "https://example.com/hook", "contact_roles": []string{"CEO"},
			"profile_id": unknownID, "briefing_quantity": 25,
		}), "Idempotency-Key", "key-1")
		orders := a.Orders()
		if got.status != 202 || len(orders) != 1 || orders[0].IdempotencyKey != "key-1" || orders[0].Request["briefing_quantity"] != 25.0 {
			t.Fatalf("%s, %+v", got, orders)
		}
		shown := a.get("/orders/" + orders[0].ID)
		for _, part := range []string{
			`"priority":"EXPRESS"`, `"seller_industry":"Software"`, `"target_cities":["Berlin"]`, `"excluded_industries":null`,
			`"output_language":null`, `"webhook_url":"https://example.com/hook"`,
		} {
			if !strings.Contains(shown.body, part) {
				t.Errorf("%s is not in %s", part, shown)
			}
		}
		// The guide's answer shows none of these.
		for _, name := range []string{"ideal_customer_profile", "blacklist_ids", "contact_roles", "profile_id", "message", "briefing_quantity"} {
			if strings.Contains(shown.body, `"`+name+`"`) {
				t.Errorf("%s is in %s", name, shown)
			}
		}
	})
}

func TestBlacklistRequests(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", 256)
	for _, test := range []struct{ name, method, path, body, want string }{
		{"no name", "POST", "/blacklists", `{}`, "name is required"},
		{"blank name", "POST", "/blacklists", `{"name":"\t"}`, "name is required"},
		{"number as name", "POST", "/blacklists", `{"name":1}`, "name must be a string"},
		{"long name", "POST", "/blacklists", `{"name":"` + long + `"}`, "name must be at most 255 characters"},
		{"list as description", "POST", "/blacklists", `{"name":"x","description":[]}`, "description must be a string"},
		{"entries inline", "POST", "/blacklists", `{"name":"x","entries":[]}`, "entries is not allowed"},
		{"body that is a list", "POST", "/blacklists", `[]`, "body must be a JSON object"},
		{"nothing to change", "PATCH", "/blacklists/*", `{}`, "name or description is required"},
		{"name cleared", "PATCH", "/blacklists/*", `{"name":null}`, "name is required"},
		{"id changed", "PATCH", "/blacklists/*", `{"id":"x"}`, "id is not allowed"},
		{"no entries", "POST", "/blacklists/*/entries", `{}`, "entries must be a list of at least one entry"},
		{"empty entries", "POST", "/blacklists/*/entries", `{"entries":[]}`, "entries must be a list of at least one entry"},
		{"object as entries", "POST", "/blacklists/*/entries", `{"entries":{}}`, "entries must be a list of at least one entry"},
		{"other key", "POST", "/blacklists/*/entries", `{"items":[]}`, "items is not allowed"},
		{"text as entry", "POST", "/blacklists/*/entries", `{"entries":["acme.com"]}`, "an entry must be an object"},
		{
			"entry that matches nothing", "POST", "/blacklists/*/entries",
			`{"entries":[{"company_name":"x"},{"city":"Munich","country":"Germany"}]}`, "company_name is required",
		},
		{
			"unknown key in an entry", "POST", "/blacklists/*/entries", `{"entries":[{"company_name":"x","domain":"x.com"}]}`,
			"domain is not allowed",
		},
		{"number in an entry", "POST", "/blacklists/*/entries", `{"entries":[{"external_id":4711}]}`, "external_id must be a string"},
		{
			"long field in an entry", "POST", "/blacklists/*/entries", `{"entries":[{"company_name":"` + strings.Repeat("x", 1001) + `"}]}`,
			"company_name must be at most 1000 characters",
		},
		{"text as ids", "DELETE", "/blacklists/*/entries", `{"entry_ids":"x"}`, "entry_ids must be a list"},
		{"other key of ids", "DELETE", "/blacklists/*/entries", `{"ids":["x"]}`, "ids is not allowed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := start(t, simulator.Options{})
			list := a.AddBlacklist("Customers", "", simulator.Entry{CompanyName: "Acme"})
			got := a.send(test.method, strings.ReplaceAll(test.path, "*", list), test.body)
			if said := unmarshal[problem](t, got); got.status != 422 || said.Code != "VALIDATION_ERROR" || said.Message != test.want {
				t.Errorf("%s\nwant a 422: %s", got, test.want)
			}
			if lists := a.Blacklists(); len(lists) != 1 || lists[0].Name != "Customers" || len(lists[0].Entries) != 1 {
				t.Errorf("a refused request changed something: %+v", lists)
			}
		})
	}
}

// Which entry of a request is meant is part of the field's name.
func TestFaultyEntryIsNamed(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	list := a.AddBlacklist("Customers", "")
	a.expect(
		a.send("POST", "/blacklists/"+list+"/entries", `{"entries":[{"company_name":"x"},{}]}`),
		`422 {"code":"VALIDATION_ERROR","message":"company_name is required",`+
			`"details":{"validation_errors":[{"field":"entries.1.company_name","error":"company_name is required"}]}}`,
	)
}

func TestMostEntries(t *testing.T) {
	t.Parallel()
	entries := func(n int) string {
		rows := make([]map[string]string, n)
		for i := range rows {
			rows[i] = map[string]string{"external_id": fmt.Sprint(i)}
		}
		return jsonOf(t, map[string]any{"entries": rows})
	}
	a := start(t, simulator.Options{})
	path := "/blacklists/" + a.AddBlacklist("Customers", "") + "/entries"
	if got := a.send(
		"POST",
		path,
		entries(10_001),
	); got.status != 422 ||
		!strings.Contains(got.body, "entries must be at most 10000 in one request") {
		t.Errorf("10,001 entries: %s", got)
	}
	if got := a.send("POST", path, entries(10_000)); got.status != 201 {
		t.Errorf("10,000 entries: %d", got.status)
	}
}

func TestMalformedJSON(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	list := a.AddBlacklist("Customers", "")
	for _, request := range []string{
		"POST /blacklists", "PATCH /blacklists/" + list, "POST /blacklists/" + list + "/entries", "DELETE /blacklists/" + list + "/entries",
		"POST /orders",
	} {
		method, path, _ := strings.Cut(request, " ")
		a.expect(a.send(method, path, `{"name":`), `400 {"code":"INVALID_JSON","message":"Request body is not valid JSON","details":{}}`)
		a.expect(
			a.send(method, path, `{} {}`),
			`400 {"code":"INVALID_JSON","message":"Request body holds more than one JSON value","details":{}}`,
		)
	}
	a.expect(a.send("POST", "/orders", ""), `400 {"code":"INVALID_JSON","message":"Request body is not valid JSON","details":{}}`)
}

func TestPageParameters(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	list, order := a.AddBlacklist("Customers", ""), a.AddOrder(nil)
	for _, path := range []string{"/blacklists", "/blacklists/" + list + "/entries", "/orders", "/orders/" + order + "/results"} {
		for query, want := range map[string]string{
			"limit=0":    "limit must be between 1 and 100",
			"limit=101":  "limit must be between 1 and 100",
			"limit=ten":  "limit must be between 1 and 100",
			"limit=":     "limit must be between 1 and 100",
			"offset=-1":  "offset must be at least 0",
			"offset=1.5": "offset must be at least 0",
			"page=2":     "page is not a known parameter",
		} {
			got := a.get(path + "?" + query)
			if said := unmarshal[problem](t, got); got.status != 422 || said.Message != want {
				t.Errorf("%s?%s: %s, want a 422: %s", path, query, got, want)
			}
		}
		for _, query := range []string{"limit=1", "limit=100", "offset=0", "limit=7&offset=1000"} {
			if got := a.get(path + "?" + query); got.status != 200 {
				t.Errorf("%s?%s: %s", path, query, got)
			}
		}
	}
}
