package simulator_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

const creations = "/search-profile-creations"

// profileBody is a valid profile creation with some fields changed, or left out where they are absent.
func profileBody(t *testing.T, changes map[string]any) string {
	t.Helper()
	fields := map[string]any{
		"profile_name": "DACH SaaS", "ideal_customer_profile": "SaaS", "seller_offering": "Consulting", "target_countries": []string{"Germany"},
	}
	maps.Copy(fields, changes)
	maps.DeleteFunc(fields, func(_ string, value any) bool { return value == absent })
	return jsonOf(t, fields)
}

// newestOrder makes a profile and returns a valid order of the newest generation that names it.
func newestOrder(a *api, changes map[string]any) string {
	a.t.Helper()
	if got := a.send("POST", creations, profileBody(a.t, nil), "Idempotency-Key", "profile of an order"); got.status != 202 {
		a.t.Fatal(got)
	}
	fields := map[string]any{
		"ideal_customer_profile": absent, "seller_offering": absent, "target_countries": absent,
		"profile_id": a.ProfileCreations()[0].ProfileID, "briefing_quantity": 25,
	}
	maps.Copy(fields, changes)
	return orderBody(a.t, fields)
}

// orderBody is a valid order of the server's generation.
func (a *api) orderBody(changes map[string]any) string {
	a.t.Helper()
	if a.get(creations+"/"+unknownID).body == `{"detail":"Not Found"}` {
		return orderBody(a.t, changes)
	}
	return newestOrder(a, changes)
}

func newest() simulator.Options {
	return simulator.Options{Behavior: simulator.Behavior{Newest: true}}
}

// A creation goes through its statuses on the server's clock, and the same key with the same body finds it.
func TestProfileCreation(t *testing.T) {
	t.Parallel()
	options := newest()
	options.ProfileTime = time.Minute
	a := start(t, options)
	const id = "000000c1-0000-4000-8000-000000000001"
	show := func(status, profile string) string {
		return `{"profile_creation_id":"` + id + `","status":"` + status + `","profile_id":` + profile +
			`,"created_at":"2026-03-01T10:30:00.000000Z"}`
	}
	create := func() reply { return a.send("POST", creations, profileBody(t, nil), "Idempotency-Key", "one") }

	a.expect(create(), "202 "+show("PENDING", "null"))
	a.expect(a.get(creations+"/"+id), "200 "+show("PENDING", "null"))
	a.Advance(time.Minute)
	a.expect(a.get(creations+"/"+id), "200 "+show("RUNNING", "null"))
	a.Advance(time.Minute)
	const made = `"000000f1-0000-4000-8000-000000000002"`
	a.expect(a.get(creations+"/"+id), "200 "+show("SUCCEEDED", made))
	a.expect(create(), "202 "+show("SUCCEEDED", made))
	if all := a.ProfileCreations(); len(all) != 1 || all[0].IdempotencyKey != "one" || all[0].Request["profile_name"] != "DACH SaaS" {
		t.Errorf("creations: %+v", all)
	}
	a.expect(a.get(creations+"/"+unknownID), `404 {"code":"PROFILE_CREATION_NOT_FOUND","message":"Profile creation not found",`+
		`"details":{"entity_type":"profile_creation","identifier":"`+unknownID+`"}}`)

	other := a.send("POST", creations, profileBody(t, map[string]any{"seller_offering": "Software"}), "Idempotency-Key", "one")
	if other.status != 409 || len(a.ProfileCreations()) != 1 {
		t.Errorf("another body with the same key: %s, %d creations", other, len(a.ProfileCreations()))
	}
	var statuses []string
	for _, event := range a.Events() {
		statuses = append(statuses, event.Kind+" "+event.Status)
	}
	if want := []string{"profile_creation PENDING", "profile_creation RUNNING", "profile_creation SUCCEEDED"}; !slices.Equal(statuses, want) {
		t.Errorf("events %q, want %q", statuses, want)
	}
}

func TestFailProfiles(t *testing.T) {
	t.Parallel()
	a := start(t, newest())
	a.FailProfiles(1)
	for _, key := range []string{"one", "one", "two"} {
		a.send("POST", creations, profileBody(t, nil), "Idempotency-Key", key)
	}
	all := a.ProfileCreations()
	if len(all) != 2 || all[0].Status != "FAILED" || all[0].ProfileID != "" || all[1].Status != "SUCCEEDED" || all[1].ProfileID == "" {
		t.Errorf("creations: %+v", all)
	}
}

func TestProfileCreationRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		changes map[string]any
		key     string
		status  int
		message string
	}{
		"no key":           {nil, "", 400, "Idempotency-Key header is required"},
		"no name":          {map[string]any{"profile_name": absent}, "k", 422, "profile_name is required"},
		"no text":          {map[string]any{"ideal_customer_profile": " "}, "k", 422, "ideal_customer_profile is required"},
		"no offering":      {map[string]any{"seller_offering": absent}, "k", 422, "seller_offering is required"},
		"no country":       {map[string]any{"target_countries": []string{}}, "k", 422, "target_countries is required"},
		"long language":    {map[string]any{"output_language": "the language"}, "k", 422, "output_language must be at most 10 characters"},
		"industry no list": {map[string]any{"target_industries": "Software"}, "k", 422, "target_industries must be a list"},
		"unknown field":    {map[string]any{"color": "red"}, "k", 422, "color is not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, newest())
			got := a.send("POST", creations, profileBody(t, test.changes), "Idempotency-Key", test.key)
			if got.status != test.status || !strings.Contains(got.body, `"message":"`+test.message+`"`) || len(a.ProfileCreations()) > 0 {
				t.Errorf("got %s", got)
			}
		})
	}
}

// In the newest generation an order names a profile and how many companies are wanted, and describes no customer.
func TestNewestOrder(t *testing.T) {
	t.Parallel()
	a := start(t, newest())
	body := newestOrder(a, map[string]any{"blacklist_ids": []string{a.AddBlacklist("Customers", "")}})
	if got := a.send("POST", "/orders", body); got.status != 202 {
		t.Fatal(got)
	}
	for name, test := range map[string]struct{ body, message string }{
		"the guide's order":     {guideRequest(t), "profile_id is required"},
		"without a quantity":    {newestOrder(a, map[string]any{"briefing_quantity": absent}), "briefing_quantity is required"},
		"a quantity of nothing": {newestOrder(a, map[string]any{"briefing_quantity": 0}), "briefing_quantity must be a positive integer"},
		"an unknown profile":    {newestOrder(a, map[string]any{"profile_id": unknownID}), "Search profile not found: " + unknownID},
		"a profile beside it":   {newestOrder(a, map[string]any{"ideal_customer_profile": "SaaS"}), "ideal_customer_profile is not allowed"},
		"the name of a profile": {newestOrder(a, map[string]any{"profile_name": "SaaS"}), "profile_name is not allowed"},
	} {
		if got := a.send("POST", "/orders", test.body); got.status != 422 || !strings.Contains(got.body, `"message":"`+test.message+`"`) {
			t.Errorf("%s: got %s", name, got)
		}
	}
	if got := len(a.Orders()); got != 1 {
		t.Errorf("%d orders, want 1", got)
	}
}

// The guide's generation knows no search profiles.
func TestGuideHasNoProfileCreations(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	const notFound = `404 {"detail":"Not Found"}`
	a.expect(a.send("POST", creations, profileBody(t, nil), "Idempotency-Key", "one"), notFound)
	a.expect(a.get(creations+"/"+unknownID), notFound)
}
