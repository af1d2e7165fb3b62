package simulator_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// change is what a switch changes: answers hold was without it, and is with it.
type change struct {
	// see returns what a client sees.
	see func(a *api) string
	was string
	is  string
}

var acme = simulator.Entry{CompanyName: "Acme", WebsiteURL: "https://acme.com"}

// seen puts answers below each other.
func seen(replies ...reply) string {
	var b strings.Builder
	for _, r := range replies {
		fmt.Fprintln(&b, r)
	}
	return b.String()
}

func getAll(paths ...string) func(*api) string {
	return func(a *api) string {
		var replies []reply
		for _, path := range paths {
			replies = append(replies, a.get(path))
		}
		return seen(replies...)
	}
}

// onList does something with a list that holds Acme.
func onList(do func(a *api, path string) string) func(*api) string {
	return func(a *api) string { return do(a, "/blacklists/"+a.AddBlacklist("Customers", "", acme)) }
}

// withEntries lists entries of a list of that many.
func withEntries(count int, query string) func(*api) string {
	return func(a *api) string {
		list := a.AddBlacklist("Customers", "")
		for i := range count {
			a.AddEntries(list, simulator.Entry{CompanyName: fmt.Sprint("company ", i)})
		}
		return seen(a.get("/blacklists/" + list + "/entries" + query))
	}
}

// adding posts entries to a list that holds Acme.
func adding(entries string) func(*api) string {
	return onList(func(a *api, path string) string {
		return seen(a.send("POST", path+"/entries", `{"entries":[`+entries+`]}`), a.get(path+"/entries"))
	})
}

// removing sends a DELETE for the first entry of a list.
func removing(body string) func(*api) string {
	return onList(func(a *api, path string) string {
		lists := a.Blacklists()
		body := strings.ReplaceAll(body, "ID", lists[0].Entries[0].ID)
		return seen(a.send("DELETE", path+"/entries", body), a.get(path+"/entries"))
	})
}

// anOrder shows an order with these fields in a status.
func anOrder(fields map[string]any, status string) func(*api) string {
	return func(a *api) string {
		id := a.AddOrder(fields)
		if status != "" {
			a.SetOrderStatus(id, status, "")
		}
		return seen(a.get("/orders/" + id))
	}
}

func twoOrders(a *api) string {
	a.AddOrder(map[string]any{"title": "first"})
	a.AddOrder(map[string]any{"title": "second"})
	return seen(a.get("/orders"))
}

func orderResults(status string) func(*api) string {
	return func(a *api) string {
		id := a.AddOrder(nil)
		a.SetOrderStatus(id, status, "")
		return seen(a.get("/orders/" + id + "/results?limit=2"))
	}
}

func creation(body string) func(*api) string {
	return func(a *api) string { return seen(a.send("POST", "/blacklists", body)) }
}

func cleared(a *api) string {
	return seen(a.send("PATCH", "/blacklists/"+a.AddBlacklist("Customers", "From the CRM"), `{"description":null}`))
}

// limited shows the answer past the rate limit, with the headers that tell a wait.
func limited(a *api) string {
	for range 3 {
		if got := a.get("/orders"); got.status == 429 {
			return fmt.Sprintf("%s, Retry-After %q, X-RateLimit-Reset %q, RateLimit-Reset %q", got,
				got.header.Get("Retry-After"), got.header.Get("X-RateLimit-Reset"), got.header.Get("RateLimit-Reset"))
		}
	}
	return "no 429"
}

// profileTwice sends the same creation again after a time.
func profileTwice(later time.Duration) func(*api) string {
	return func(a *api) string {
		a.SetBehavior(func(b *simulator.Behavior) { b.Newest = true })
		first := a.send("POST", "/search-profile-creations", profileBody(a.t, nil), "Idempotency-Key", "one")
		a.Advance(later)
		return seen(first, a.send("POST", "/search-profile-creations", profileBody(a.t, nil), "Idempotency-Key", "one"))
	}
}

func assigned(a *api) string {
	search := a.AddProspectSearch("Spring", a.AddBlacklist("Customers", ""))
	return seen(a.get("/prospect-searches/" + search + "/blacklists"))
}

const notFound = "/blacklists/" + unknownID

// changes says what each switch changes for a client.
var changes = map[string]change{
	"redirect_to_slash": {func(a *api) string {
		got := a.get("/orders?limit=1")
		return fmt.Sprint(got.status, " ", got.header.Get("Location"))
	}, "200 ", "307 /api/v1/orders/?limit=1"},
	"redirect_to_absolute_url": {func(a *api) string {
		got := a.get("/orders?limit=1")
		return fmt.Sprint(got.status, " ", strings.ReplaceAll(got.header.Get("Location"), a.URL(), "URL"))
	}, "200 ", "307 URL/orders/?limit=1"},

	"empty_write_answers": {onList(func(a *api, path string) string {
		id := a.Blacklists()[0].Entries[0].ID
		return seen(a.send("PATCH", path, `{"name":"x"}`), a.send("POST", path+"/entries", `{"entries":[{"company_name":"x"}]}`),
			a.send("DELETE", path+"/entries", `{"entry_ids":["`+id+`"]}`))
	}), `"added":1`, "204\n204\n204\n"},
	"ok_for_created": {onList(func(a *api, path string) string {
		return seen(a.send("POST", "/blacklists", `{"name":"x"}`), a.send("POST", path+"/entries", `{"entries":[{"company_name":"x"}]}`),
			a.send("DELETE", path, ""))
	}), "201 ", `200 {"success":true}`},

	"wrap_objects": {
		func(a *api) string { return creation(`{"name":"x"}`)(a) + anOrder(nil, "")(a) },
		`201 {"id":`,
		`201 {"data":{"id":`,
	},
	"wrap_blacklist":    {creation(`{"name":"x"}`), `201 {"id":`, `201 {"blacklist":{"id":`},
	"blacklist_id_key":  {creation(`{"name":"x"}`), `{"id":`, `{"blacklist_id":`},
	"partial_echo":      {creation(`{"name":"x"}`), `"name":"x"`, `201 {"id":"` + firstBlacklist + `"}`},
	"create_without_id": {creation(`{"name":"x"}`), `201 {"id":`, `201 {"name":"x"`},
	"entry_id_key":      {withEntries(1, ""), `[{"id":`, `[{"entry_id":`},
	"sparse_entries":    {withEntries(1, ""), `"city":null`, `"company_name":"company 0","created_at":`},
	"extra_fields": {
		func(a *api) string { return withEntries(1, "")(a) + anOrder(nil, "")(a) },
		`Z"}]`,
		`"cancelled_at":null,"reviewer":{"initials":"xy"}}`,
	},

	"empty_description":        {creation(`{"name":"x"}`), `"description":null`, `"description":""`},
	"without_description":      {creation(`{"name":"x"}`), `"description":null`, `"name":"x","created_at":`},
	"null_description_refused": {cleared, `200 `, `422 {"code":"VALIDATION_ERROR","message":"description must be a string"`},

	"unique_names": {onList(func(a *api, path string) string {
		a.AddBlacklist("Opt-outs", "")
		same := a.send("PATCH", path, `{"name":"Customers"}`) // its own name is not taken
		return fmt.Sprint(same.status) + seen(a.send("POST", "/blacklists", `{"name":"Customers"}`), a.send("PATCH", path, `{"name":"Opt-outs"}`))
	}), "200201 ", `"details":{}}` + "\n" + `409 {"code":"CONFLICT"`},
	"delete_in_use_refused": {onList(func(a *api, path string) string {
		a.AddOrder(map[string]any{"blacklist_ids": []string{strings.TrimPrefix(path, "/blacklists/")}})
		return seen(a.send("DELETE", path, ""))
	}), "204", `409 {"code":"CONFLICT","message":"The blacklist is in use by order `},
	"delete_accepted": {onList(func(a *api, path string) string {
		return seen(a.send("DELETE", path, ""), a.get(path))
	}), "204\n404 ", "202 {\"message\":\"Deletion accepted\"}\n404 "},

	"resource_key_lists": {
		getAll("/orders", "/blacklists"),
		`{"items":[]`,
		"{\"orders\":[],\"total\":0,\"limit\":50,\"offset\":0,\"has_more\":false}\n200 {\"blacklists\":[]",
	},
	"data_key_lists":      {withEntries(1, ""), `{"items":[{`, `{"data":[{`},
	"bare_array_lists":    {withEntries(1, ""), `{"items":[{`, `200 [{"id":`},
	"null_for_empty_list": {withEntries(0, ""), `{"items":[]`, `{"items":null`},
	"null_list_answers":   {withEntries(0, ""), `{"items":[]`, `200 null`},
	"sparse_order_rows":   {twoOrders, `"title":"first"`, `"status":"RECEIVED","created_at":"2026-03-01T10:30:00.000000Z"}]`},
	"orders_oldest_first": {func(a *api) string {
		twoOrders(a)
		return seen(a.get("/orders?limit=1"))
	}, `"title":"second"`, `"title":"first"`},
	"entries_newest_first": {withEntries(3, "?limit=1"), `"company 0"`, `"company 2"`},
	"blacklists_newest_first": {func(a *api) string {
		a.AddBlacklist("old", "")
		a.AddBlacklist("new", "")
		return seen(a.get("/blacklists?limit=1"))
	}, `"old"`, `"new"`},

	"without_has_more":           {withEntries(0, ""), `"has_more":false`, `"total":0,"limit":50,"offset":0}`},
	"without_total":              {withEntries(0, ""), `"total":0`, `[],"limit":50,"offset":0,"has_more":false}`},
	"without_has_more_and_total": {withEntries(0, ""), `"has_more":false`, `[],"limit":50,"offset":0}`},

	"limit_refused_above_50": {
		withEntries(0, "?limit=51"),
		`"limit":51`,
		`422 {"code":"VALIDATION_ERROR","message":"limit must be between 1 and 50"`,
	},
	"limit_clamped_to_20": {withEntries(60, "?limit=100"), `"company 20"`, `"total":60,"limit":20,"offset":0,"has_more":true}`},
	"limit_clamped_to_50": {withEntries(60, "?limit=100"), `"company 50"`, `"total":60,"limit":50,"offset":0,"has_more":true}`},

	"add_answers_counts": {adding(`{"company_name":"x"},{"company_name":"x"}`), `201 {"items":[{"id":`, `201 {"added":1,"skipped":1}`},
	"add_answers_message": {
		adding(`{"company_name":"x"}`),
		`201 {"items":`,
		`201 {"status":"success","message":"1 added","data":{"added":1,"skipped":0}}`,
	},
	"add_answers_array":   {adding(`{"company_name":"x"}`), `201 {"items":`, `201 [{"id":`},
	"add_answers_entries": {adding(`{"company_name":"x"}`), `201 {"items":`, `201 {"entries":[{"id":`},
	"add_answers_all": {
		adding(`{"company_name":"Acme","website_url":"https://acme.com"}`),
		`201 {"items":[],"added":0,"skipped":1}`,
		`201 {"items":[{"id":"000000e1-0000-4000-8000-000000000002"`,
	},
	"add_answers_per_item": {adding(`{"company_name":"x"},{"company_name":"x"}`), `201 {"items":`,
		`201 {"results":[{"company_name":"x","status":"added"},{"company_name":"x","status":"skipped"}]}`},
	"invalid_entries_skipped": {
		adding(`{"city":"Munich"},{"company_name":"x"}`),
		`422 `,
		`"added":1,"skipped":0,"failed":[{"index":0,"error":"company_name is required"}]}`,
	},

	"keep_duplicates": {adding(`{"company_name":"Acme","website_url":"https://acme.com"}`), `"total":1`, `"total":2`},
	"company_unique": {
		adding(`{"company_name":"Acme GmbH","website_url":"http://www.acme.com/de"}`),
		`"Acme GmbH"`,
		`201 {"items":[],"added":0,"skipped":1}`,
	},
	"duplicate_conflict": {
		adding(`{"company_name":"Acme","website_url":"https://acme.com"}`),
		`201 `,
		`409 {"code":"CONFLICT","message":"Already on the blacklist"`,
	},
	"any_duplicate_conflict": {
		adding(`{"company_name":"Acme","website_url":"https://acme.com"},{"company_name":"x"}`),
		`201 `,
		`409 {"code":"CONFLICT"`,
	},

	"normalize_entries": {
		adding(`{"company_name":" X ","website_url":"https://www.X.com/about"}`),
		`"company_name":" X ","website_url":"https://www.X.com/about"`,
		`"company_name":"X","website_url":"x.com"`,
	},
	"company_name_required": {
		adding(`{"website_url":"x.com"}`),
		`201 `,
		`422 {"code":"VALIDATION_ERROR","message":"company_name is required"`,
	},
	"two_entries_a_request": {
		adding(`{"company_name":"x"},{"company_name":"y"},{"company_name":"z"}`),
		`201 `,
		`413 {"code":"PAYLOAD_TOO_LARGE"`,
	},
	"two_entries_a_request_invalid": {
		adding(`{"company_name":"x"},{"company_name":"y"},{"company_name":"z"}`),
		`201 `,
		`422 {"code":"VALIDATION_ERROR","message":"entries must be at most 2 in one request"`,
	},
	"remove_by_ids_key": {removing(`{"ids":["ID"]}`), `422 `, `200 {"deleted":1}`},
	"remove_unknown_not_found": {
		removing(`{"entry_ids":["ID","` + unknownID + `"]}`),
		`200 {"deleted":1}`,
		`404 {"code":"ENTITY_NOT_FOUND","message":"Entry not found","details":{"entity_type":"blacklist_entry",` +
			`"identifier":"` + unknownID + `"}}`,
	},
	"empty_removal_removes_all": {removing(""), `422 `, "200 {\"deleted\":1}\n200 {\"items\":[]"},
	"read_after_write_lag":      {adding(`{"company_name":"x"}`), `"total":2`, `"total":1`},
	"read_after_write_delay":    {adding(`{"company_name":"x"}`), `"total":2`, `"total":1`},
	"unknown_blacklist_not_found": {func(a *api) string {
		return seen(a.send("POST", "/orders", a.orderBody(map[string]any{"blacklist_ids": []string{unknownID}})))
	}, `422 `, `404 {"code":"BLACKLIST_NOT_FOUND"`},

	"error_shape_2": {
		getAll(notFound),
		`"details":{`,
		`404 {"code":"BLACKLIST_NOT_FOUND","message":"Blacklist not found","entity_type":"blacklist","identifier":"` + unknownID + `"}`,
	},
	"error_shape_3": {
		getAll(notFound),
		`404 {"code":`,
		`404 {"error":{"code":"BLACKLIST_NOT_FOUND","message":"Blacklist not found","details":{"entity_type":"blacklist",` +
			`"identifier":"` + unknownID + `"}}}`,
	},
	"error_shape_4": {getAll(notFound), `404 {"code":`, `404 {"error":"BLACKLIST_NOT_FOUND","message":"Blacklist not found"}`},
	"error_shape_5": {
		getAll(notFound),
		`404 {"code":`,
		`404 {"error":"BLACKLIST_NOT_FOUND","message":"Blacklist not found","retry_after":null}`,
	},
	"error_shape_6": {
		getAll(notFound, "/orders?limit=0"),
		`404 {"code":`,
		"404 {\"detail\":\"Blacklist not found\",\"code\":\"BLACKLIST_NOT_FOUND\"}\n422 " +
			"{\"detail\":[{\"loc\":[\"body\",\"limit\"],\"msg\":\"limit must be between 1 and 100\",\"type\":\"value_error\"}]}",
	},

	"retry_after_header_only": {
		limited,
		`"retry_after":3600`,
		`Rate limit exceeded."}, Retry-After "3600", X-RateLimit-Reset "", RateLimit-Reset ""`,
	},
	"retry_after_date": {limited, `"retry_after":3600`, `Rate limit exceeded."}, Retry-After "Sun, 01 Mar 2026 11:30:00 GMT"`},
	"retry_after_body_only": {
		limited,
		`Retry-After "3600"`,
		`"retry_after":3600}, Retry-After "", X-RateLimit-Reset "", RateLimit-Reset ""`,
	},
	"retry_after_reset_header":  {limited, `Retry-After "3600"`, `Retry-After "", X-RateLimit-Reset "1772364600", RateLimit-Reset ""`},
	"retry_after_reset_seconds": {limited, `Retry-After "3600"`, `Retry-After "", X-RateLimit-Reset "", RateLimit-Reset "3600"`},
	"retry_after_unsaid": {
		limited,
		`Retry-After "3600"`,
		`Rate limit exceeded."}, Retry-After "", X-RateLimit-Reset "", RateLimit-Reset ""`,
	},

	"idempotency_key_honored": {func(a *api) string {
		for range 2 {
			a.send("POST", "/orders", a.orderBody(nil), "Idempotency-Key", "one")
		}
		a.send("POST", "/orders", a.orderBody(nil), "Idempotency-Key", "two")
		a.send("POST", "/orders", a.orderBody(nil))
		a.send("POST", "/orders", a.orderBody(nil))
		return fmt.Sprint(len(a.Orders()), " orders")
	}, "5 orders", "4 orders"},
	"odd_status": {func(a *api) string {
		id := a.AddOrder(nil)
		a.SetOrderStatus(id, "ACCEPTED", "")
		a.Advance(time.Hour)
		return seen(a.get("/orders/" + id))
	}, `"status":"IN_PROGRESS"`, `"status":"QUALITY_CHECK"`},
	"country_codes": {
		anOrder(map[string]any{"target_countries": []string{"Germany", "France"}}, ""),
		`"target_countries":["Germany","France"]`,
		`"target_countries":["DE","France"]`,
	},
	"trimmed_echo": {
		anOrder(map[string]any{"title": " Q1\n", "target_cities": []string{" Bern "}}, ""),
		`"title":" Q1\n"`,
		`"target_cities":["Bern"]`,
	},
	"reversed_echo": {anOrder(map[string]any{"features": []string{"A", "B"}}, ""), `["A","B"]`, `["B","A"]`},
	"sparse_echo":   {anOrder(nil, ""), `"admin_notes":null`, `"features":["COMPANY_DATA"],"seller_offering"`},
	"normalized_webhook": {anOrder(map[string]any{"webhook_url": "https://Hooks.Example.com:443"}, ""),
		`"webhook_url":"https://Hooks.Example.com:443"`, `"webhook_url":"https://hooks.example.com/"`},
	"message_echo": {
		anOrder(map[string]any{"briefing_quantity": 25}, ""),
		`"cancelled_at":null}`,
		`"message":"Order received.","briefing_quantity":25}`,
	},
	"strip_unknown_fields": {func(a *api) string {
		return seen(
			a.send("POST", "/blacklists", `{"name":"x","owner":"me"}`),
			a.send("POST", "/orders", a.orderBody(map[string]any{"color": 1})),
		)
	}, `422 `, `"message":"Order received. Awaiting admin review.","stripped_fields":["color"]}`},
	"empty_list_echo": {anOrder(nil, ""), `"target_cities":null`, `"target_cities":[]`},

	"profile_echo": {func(a *api) string {
		a.SetBehavior(func(b *simulator.Behavior) { b.Newest = true })
		a.send("POST", "/orders", newestOrder(a, nil))
		return seen(a.get("/orders/" + a.Orders()[0].ID))
	}, `"seller_offering":null`, `"target_countries":["Germany"]`},
	"replay_first_answer": {
		profileTwice(0),
		`"status":"SUCCEEDED"`,
		"\n202 {\"profile_creation_id\":\"000000c1-0000-4000-8000-000000000001\",\"status\":\"PENDING\"",
	},
	"keys_forgotten": {
		profileTwice(time.Hour),
		`"status":"SUCCEEDED"`,
		"\n202 {\"profile_creation_id\":\"000000c1-0000-4000-8000-000000000002\"",
	},
	"used_key_refused": {profileTwice(0), `"status":"SUCCEEDED"`, "\n409 "},
	"creation_id_key":  {profileTwice(0), `{"profile_creation_id":`, `{"id":`},

	"assignment_blacklists": {assigned, `{"blacklist_ids":["`, `"blacklists":[{"id":"`},
	"assignment_list":       {assigned, `{"blacklist_ids":["`, `200 {"items":[{"id":"`},
	"assignment_ids":        {assigned, `{"blacklist_ids":["`, `200 ["` + firstBlacklist + `"]`},
	"assignment_objects":    {assigned, `{"blacklist_ids":["`, `200 [{"id":"`},

	"results_early_conflict": {orderResults("IN_PROGRESS"), `200 {"items":[]`, `409 {"code":"ORDER_NOT_COMPLETED"`},
	"results_early_invalid":  {orderResults("IN_PROGRESS"), `200 {"items":[]`, `422 {"code":"ORDER_NOT_COMPLETED"`},
	"odd_numbers": {func(a *api) string { return orderResults("COMPLETED")(a) + anOrder(nil, "COMPLETED")(a) },
		`"employee_count":85,`, `"employee_count":85.0,`},
	"offset_timestamps":       {anOrder(nil, ""), `"2026-03-01T10:30:00.000000Z"`, `"2026-03-01T10:30:00.000000+00:00"`},
	"whole_second_timestamps": {anOrder(nil, ""), `"2026-03-01T10:30:00.000000Z"`, `"2026-03-01T10:30:00Z"`},
	"without_validate":        {getAll("/auth/validate"), `200 {"valid":true`, `404 {"detail":"Not Found"}`},
}

// Every switch changes what a client sees, in the way that its name says, under either generation.
func TestSwitches(t *testing.T) {
	t.Parallel()
	for _, generation := range simulator.Generations() {
		t.Run(generation.Name, func(t *testing.T) {
			t.Parallel()
			for _, toggle := range simulator.Switches() {
				checkSwitch(t, generation, toggle)
			}
		})
	}
}

func checkSwitch(t *testing.T, generation, toggle simulator.Switch) {
	t.Helper()
	t.Run(toggle.Name, func(t *testing.T) {
		t.Parallel()
		change, known := changes[toggle.Name]
		if !known {
			t.Fatal("no test says what this switch changes")
		}
		options := simulator.Options{Review: simulator.Review{Every: time.Hour}}
		generation.Set(&options.Behavior)
		if strings.HasPrefix(toggle.Name, "retry_after") {
			options.RequestsPerHour = 1
		}
		without := change.see(start(t, options))
		toggle.Set(&options.Behavior)
		with := change.see(start(t, options))
		if !strings.Contains(without, change.was) || strings.Contains(without, change.is) {
			t.Errorf("without it: %s\nwant %s\nand not %s", without, change.was, change.is)
		}
		if !strings.Contains(with, change.is) || strings.Contains(with, change.was) {
			t.Errorf("with it: %s\nwant %s\nand not %s", with, change.is, change.was)
		}
	})
}

func TestSwitchNames(t *testing.T) {
	t.Parallel()
	var names []string
	for _, toggle := range simulator.Switches() {
		names = append(names, toggle.Name)
		if !regexp.MustCompile(`^[a-z0-9_]+$`).MatchString(toggle.Name) ||
			!regexp.MustCompile(`^U([1-9]|[123][0-9]|4[0-2])$`).MatchString(toggle.Unknown) {
			t.Errorf("switch %q plays %q", toggle.Name, toggle.Unknown)
		}
	}
	slices.Sort(names)
	if unique := slices.Compact(slices.Clone(names)); len(unique) != len(names) || len(names) != len(changes) {
		t.Errorf("%d switches of %d names, and %d tests", len(names), len(unique), len(changes))
	}
}

// A list lags behind a write for a number of reads, or for a time, and then shows it for good.
func TestLag(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Behavior: simulator.Behavior{LagReads: 2}})
	list := a.AddBlacklist("Customers", "")
	a.AddEntries(list, acme)
	path := "/blacklists/" + list + "/entries"
	total := func() int { return unmarshal[struct{ Total int }](t, a.get(path)).Total }
	if got := []int{total(), total(), total(), total()}; !slices.Equal(got, []int{0, 0, 1, 1}) {
		t.Errorf("reads after a write: %v", got)
	}
	entries, _ := a.Blacklist(list)
	a.send("DELETE", path, `{"entry_ids":["`+entries.Entries[0].ID+`"]}`)
	if got := []int{total(), total(), total()}; !slices.Equal(got, []int{1, 1, 0}) {
		t.Errorf("reads after a removal: %v", got)
	}

	a = start(t, simulator.Options{Behavior: simulator.Behavior{LagTime: time.Second}})
	list = a.AddBlacklist("Customers", "")
	a.AddEntries(list, acme)
	path = "/blacklists/" + list + "/entries"
	before := []int{total(), total()}
	a.Advance(time.Second)
	if got := append(before, total()); !slices.Equal(got, []int{0, 0, 1}) {
		t.Errorf("reads before and after the delay: %v", got)
	}
}

// A company that is on the list keeps its old row, whichever way the answer puts it (U13).
func TestCompanyUniqueKeepsTheOldRow(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Behavior: simulator.Behavior{CompanyUnique: true, AddAnswer: "all"}})
	list := a.AddBlacklist("Customers", "")
	ids := a.AddEntries(list, acme, simulator.Entry{CompanyName: "Globex"}, simulator.Entry{ExternalID: "crm-1"})
	renamed := simulator.Entry{CompanyName: "Acme GmbH", WebsiteURL: "acme.com"}
	if again := a.AddEntries(
		list,
		renamed,
		simulator.Entry{CompanyName: "GLOBEX", City: "Munich"},
		simulator.Entry{CompanyName: "x", ExternalID: "crm-1"},
	); !slices.Equal(
		again,
		[]string{"", "", ""},
	) {
		t.Errorf("added: %q", again)
	}
	path := "/blacklists/" + list + "/entries"
	got := a.send("POST", path, `{"entries":[{"company_name":"Acme GmbH","website_url":"acme.com"}]}`)
	if !strings.Contains(got.body, `{"items":[{"id":"`+ids[0]+`","company_name":"Acme","website_url":"https://acme.com"`) {
		t.Errorf("the answer shows %s", got)
	}
	a.RemoveEntries(list, ids[0])
	if again := a.AddEntries(list, renamed); again[0] == "" || again[0] == ids[0] {
		t.Errorf("after the removal: %q", again)
	}
}

// SetBehavior changes a running server.
func TestSetBehavior(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	a.SetBehavior(func(b *simulator.Behavior) { b.ListKey = "array" })
	a.expect(a.get("/orders"), "200 []")
	a.SetBehavior(func(b *simulator.Behavior) { *b = simulator.Behavior{} })
	a.expect(a.get("/orders"), `200 {"items":[],"total":0,"limit":50,"offset":0,"has_more":false}`)
}
