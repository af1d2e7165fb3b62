package openprospect_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// newSimulator starts a simulator and a client of it that waits for nothing.
func newSimulator(t *testing.T, options simulator.Options) (*simulator.Server, *openprospect.Client) {
	t.Helper()
	server, err := simulator.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server, newClient(t, openprospect.Config{
		APIKey: server.APIKey(), BaseURL: server.URL(), MaxRetries: 2, RequestTimeout: 5 * time.Second,
		Backoff: func(int) time.Duration { return 0 },
	})
}

// TestEverySwitch lives through everything that the client can do, under each answer to what the documentation leaves open.
func TestEverySwitch(t *testing.T) {
	switches := append([]simulator.Switch{{Name: "default", Set: func(*simulator.Behavior) {}}}, simulator.Switches()...)
	for _, generation := range simulator.Generations() {
		for _, one := range switches {
			t.Run(generation.Name+"/"+one.Name, func(t *testing.T) {
				var behavior simulator.Behavior
				generation.Set(&behavior)
				one.Set(&behavior)
				server, client := newSimulator(t, simulator.Options{Behavior: behavior, Review: simulator.Review{Reads: 1}, Scopes: everyScope})
				lifeOfABlacklist(t, server, client)
				lifeOfAnAssignment(t, server, client)
				request := discovery()
				if behavior.Newest {
					request = fromProfile(lifeOfAProfile(t, server, client))
				}
				lifeOfAnOrder(t, client, request)
				if unexpected := server.Unexpected(); len(unexpected) > 0 {
					t.Errorf("requests that nobody should send: %q", unexpected)
				}
			})
		}
	}
}

var everyScope = []string{"orders:read", "orders:write", "blacklists:read", "blacklists:write", "prospect_searches:read"}

func lifeOfAnAssignment(t *testing.T, server *simulator.Server, client *openprospect.Client) {
	t.Helper()
	ctx := t.Context()
	// More than a page, in case that the assignment is a list in pages.
	var ids []string
	for range 53 {
		ids = append(ids, server.AddBlacklist("Customers", ""))
	}
	search := server.AddProspectSearch("Spring", ids[1:]...)
	expect := func(want []string) {
		t.Helper()
		assigned, err := client.ListAssignedBlacklists(ctx, search)
		var got []string
		for _, one := range assigned {
			got = append(got, one.ID)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("assigned are %q, %v, want %q", got, err, want)
		}
	}
	expect(ids[1:])
	for _, wanted := range [][]string{ids[:1], nil} {
		if err := client.AssignBlacklists(ctx, search, wanted); err != nil {
			t.Error(err)
		}
		expect(wanted)
	}
	searches, err := client.ListProspectSearches(ctx)
	if err != nil || len(searches) != 1 || searches[0] != (openprospect.ProspectSearch{ID: search, Name: "Spring", Status: "ACTIVE"}) {
		t.Errorf("searches %+v, %v", searches, err)
	}
	server.RemoveProspectSearch(search)
	if _, err := client.ListAssignedBlacklists(ctx, search); !openprospect.IsProspectSearchNotFound(err) {
		t.Errorf("reading what is gone: %v", err)
	}
}

func lifeOfAProfile(t *testing.T, server *simulator.Server, client *openprospect.Client) *openprospect.SearchProfile {
	t.Helper()
	profile, err := client.EnsureSearchProfile(t.Context(), dachSaaS(), time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	creations := server.ProfileCreations()
	if len(creations) != 1 || *profile != (openprospect.SearchProfile{ID: creations[0].ProfileID, CreationID: creations[0].ID}) {
		t.Errorf("got %+v, the server has %+v", profile, creations)
	}
	return profile
}

// fromProfile is a request of the newest generation.
func fromProfile(profile *openprospect.SearchProfile) openprospect.CreateOrderRequest {
	quantity := int64(25)
	return openprospect.CreateOrderRequest{
		Title: "DACH SaaS", Features: []string{"COMPANY_DATA"}, ProfileID: profile.ID, BriefingQuantity: &quantity,
	}
}

func lifeOfABlacklist(t *testing.T, server *simulator.Server, client *openprospect.Client) {
	t.Helper()
	ctx := t.Context()
	created, err := client.CreateBlacklist(ctx, openprospect.CreateBlacklistRequest{Name: "Existing Customers", Description: "in our CRM"})
	if err != nil {
		t.Fatal(err)
	}
	read, err := client.GetBlacklist(ctx, created.ID)
	if err != nil || *read != *created || read.Name != "Existing Customers" || read.Description != "in our CRM" {
		t.Errorf("created %+v, read %+v, %v", created, read, err)
	}
	name, empty := "Customers", ""
	updated, err := client.UpdateBlacklist(ctx, created.ID, openprospect.UpdateBlacklistRequest{Name: &name})
	if err != nil || updated.Name != name || updated.Description != "in our CRM" || updated.ID != created.ID {
		t.Errorf("updated %+v, %v", updated, err)
	}
	updated, err = client.UpdateBlacklist(ctx, created.ID, openprospect.UpdateBlacklistRequest{Description: &empty})
	if err != nil || updated.Name != name || updated.Description != "" {
		t.Errorf("cleared %+v, %v", updated, err)
	}
	lists, err := client.ListBlacklists(ctx)
	if err != nil || len(lists) != 1 || lists[0].ID != created.ID {
		t.Errorf("lists %+v, %v", lists, err)
	}
	lifeOfEntries(t, server, client, created.ID)
	for range 2 { // the second time it is gone already
		if err := client.DeleteBlacklist(ctx, created.ID); err != nil {
			t.Error(err)
		}
	}
	if _, err := client.GetBlacklist(ctx, created.ID); !openprospect.IsNotFound(err) {
		t.Errorf("reading what is gone: %v", err)
	}
}

func lifeOfEntries(t *testing.T, server *simulator.Server, client *openprospect.Client, id string) {
	t.Helper()
	ctx := t.Context()
	var own []simulator.Entry
	for i := range 123 {
		own = append(
			own,
			simulator.Entry{
				ExternalID:  "other-" + string(rune('a'+i%26)) + string(rune('a'+i/26)),
				CompanyName: "n" + string(rune('a'+i%26)) + string(rune('a'+i/26)),
			},
		)
	}
	server.AddEntries(id, own...)
	wanted := []openprospect.EntryFields{
		{CompanyName: "Acme Corp", WebsiteURL: "https://www.acme-corp.com", City: "Berlin"},
		{CompanyName: "Global Industries GmbH", Country: "Germany", ExternalID: "crm-1"},
	}
	added, err := client.AddEntries(ctx, id, wanted)
	if err != nil || len(added.Rejected) > 0 {
		t.Fatalf("added %+v, %v", added, err)
	}
	var ids []string
	// The list may lag behind the write (U19).
	for try := 0; try < 100 && len(ids) < len(wanted); try++ {
		time.Sleep(time.Duration(min(try, 5)) * time.Millisecond)
		entries, err := client.ListEntries(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		ids = nil
		for _, entry := range entries {
			if entry.CompanyName == wanted[0].CompanyName || entry.CompanyName == wanted[1].CompanyName {
				ids = append(ids, entry.ID)
			}
		}
		if len(ids) == len(wanted) && len(entries) != len(own)+len(wanted) {
			t.Errorf("%d entries, want %d", len(entries), len(own)+len(wanted))
		}
	}
	if len(ids) != len(wanted) {
		t.Fatalf("the added entries are not listed: %q", ids)
	}
	for _, entry := range added.Entries {
		if !slices.Contains(ids, entry.ID) {
			t.Errorf("the answer gave %+v, the list %q", entry, ids)
		}
	}
	last, err := client.ListEntriesFrom(ctx, id, len(own)+len(wanted)-1)
	if err != nil || len(last.Entries) != 1 || last.Size >= 0 && last.Size != len(own)+len(wanted) {
		t.Errorf("from the last entry on: %+v, %v", last, err)
	}
	if count, err := client.CountEntries(ctx, id); err != nil || count != int64(len(own)+len(wanted)) {
		t.Errorf("%d entries counted, %v", count, err)
	}
	for range 2 { // the second time they are gone already
		if err := client.RemoveEntries(ctx, id, ids); err != nil {
			t.Error(err)
		}
	}
	list, ok := server.Blacklist(id)
	if !ok || len(list.Entries) != len(own) {
		t.Errorf("%d entries are left, want %d", len(list.Entries), len(own))
	}
}

func lifeOfAnOrder(t *testing.T, client *openprospect.Client, request openprospect.CreateOrderRequest) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	request.BlacklistIDs = nil
	request.Title = " DACH  SaaS "
	request.WebhookURL = "https://Hooks.Example.com:443"
	placed, err := openprospect.NewOrderPlacer(client).Place(ctx, request, openprospect.PlaceOptions{})
	if err != nil {
		t.Fatal(err)
	}
	results, err := client.GetOrderResults(ctx, placed.Order.ID, openprospect.ResultsOptions{})
	if err != nil || results.Ready || len(results.Companies) > 0 {
		t.Errorf("early results %+v, %v", results, err)
	}
	// Another process knows nothing of the order.
	var duplicate *openprospect.DuplicateOrderError
	_, err = openprospect.NewOrderPlacer(client).Place(ctx, request, openprospect.PlaceOptions{})
	if !errors.As(err, &duplicate) || len(duplicate.Twins) != 1 || duplicate.Twins[0].ID != placed.Order.ID {
		t.Errorf("a second order from another process: %v", err)
	}
	done, err := client.WaitForOrder(ctx, placed.Order.ID, time.Millisecond, nil)
	if err != nil || done.Status != openprospect.StatusCompleted || done.CompanyCount != 47 {
		t.Fatalf("waited for %+v, %v", done, err)
	}
	results, err = client.GetOrderResults(ctx, placed.Order.ID, openprospect.ResultsOptions{})
	if err != nil || !results.Ready || results.Total != 47 || len(results.Companies) != 47 {
		t.Errorf("results %+v, %v", results, err)
	}
	orders, err := client.ListOrders(ctx, openprospect.ListOrdersOptions{Status: openprospect.StatusCompleted})
	if err != nil || len(orders) != 1 || orders[0].ID != placed.Order.ID {
		t.Errorf("orders %+v, %v", orders, err)
	}
	if _, err := client.GetOrder(ctx, "00000000-0000-0000-0000-000000000000"); !openprospect.IsNotFound(err) {
		t.Errorf("an order that does not exist: %v", err)
	}
}

// TestEveryLostOrder spoils the answer to the order in each way that the simulator knows.
func TestEveryLostOrder(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"dropped after the work":           {Work: true, Drop: true},
		"500 after the work":               {Work: true, Status: 500},
		"a gateway's page after the work":  {Work: true, Status: 502, ContentType: "text/html", Body: "<html>Bad Gateway</html>"},
		"a gateway's page with 200":        {Work: true, Status: 200, ContentType: "text/html", Body: "<html>Welcome</html>"},
		"cut in half after the work":       {Work: true, Truncate: true},
		"an endless answer after the work": {Work: true, BodySize: 64 << 20},
		"no body after the work":           {Work: true, Rewrite: func([]byte) []byte { return nil }},
		"dropped before the work":          {Drop: true},
		"503 before the work":              {Status: 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Run("of the guide", func(t *testing.T) {
				server, client := newSimulator(t, simulator.Options{})
				request := discovery()
				request.BlacklistIDs = nil
				loseAnOrder(t, server, client, request, fault)
			})
			for _, behavior := range []simulator.Behavior{{}, {ProfileEcho: true}, {SparseEcho: true}, {ProfileEcho: true, SparseOrderRows: true}} {
				t.Run(fmt.Sprintf("from a profile that is echoed: %t", behavior.ProfileEcho), func(t *testing.T) {
					server, client := newest(t, behavior, 0)
					loseAnOrder(t, server, client, fromProfile(lifeOfAProfile(t, server, client)), fault)
				})
			}
		})
	}
}

// loseAnOrder places an order under a fault. It is never placed twice, and found if it was placed.
func loseAnOrder(
	t *testing.T, server *simulator.Server, client *openprospect.Client, request openprospect.CreateOrderRequest, fault simulator.Fault,
) {
	t.Helper()
	fault.Method, fault.Pattern = http.MethodPost, "/orders"
	server.Inject(fault)
	placed, err := openprospect.NewOrderPlacer(client).Place(t.Context(), request, openprospect.PlaceOptions{})
	if posts := server.Count(http.MethodPost, "/orders"); posts != 1 {
		t.Errorf("%d POSTs", posts)
	}
	orders := server.Orders()
	if !fault.Work {
		var unknown *openprospect.OrderOutcomeError
		if !errors.As(err, &unknown) || len(orders) != 0 {
			t.Errorf("%v, %d orders", err, len(orders))
		}
		return
	}
	if err != nil || !placed.Recovered || len(orders) != 1 || placed.Order.ID != orders[0].ID {
		t.Errorf("%+v, %v, %d orders", placed, err, len(orders))
	}
	// As after a SIGKILL: another process, which knows nothing of the order, does not place a second one.
	var duplicate *openprospect.DuplicateOrderError
	if _, err := openprospect.NewOrderPlacer(client).Place(t.Context(), request, openprospect.PlaceOptions{}); !errors.As(err, &duplicate) {
		t.Errorf("a second order: %v", err)
	}
}

func TestTheRateLimitOfTheSmallestTier(t *testing.T) {
	server, client := newSimulator(t, simulator.Options{RequestsPerHour: 3})
	id := server.AddBlacklist("n", "")
	for range 3 {
		if _, err := client.GetBlacklist(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		_, err := client.GetBlacklist(t.Context(), id)
		wantErrorHolding(t, err, "429", "but at most 2m0s are allowed")
	}
	if got := len(server.Journal()); got != 4 {
		t.Errorf("%d requests: past the limit one is enough to know", got)
	}
}
