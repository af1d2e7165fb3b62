package openprospect_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

func dachSaaS() openprospect.SearchProfileRequest {
	return openprospect.SearchProfileRequest{
		Name: "DACH SaaS", IdealCustomerProfile: "Mid-market SaaS\ncompanies", SellerOffering: "Consulting",
		TargetCountries: []string{"Germany", "Austria"}, TargetIndustries: []string{"Software"}, OutputLanguage: "en",
	}
}

// newest starts a simulator of the newest generation.
func newest(t *testing.T, behavior simulator.Behavior, profileTime time.Duration) (*simulator.Server, *openprospect.Client) {
	t.Helper()
	behavior.Newest = true
	return newSimulator(t, simulator.Options{Behavior: behavior, ProfileTime: profileTime})
}

func ensure(t *testing.T, client *openprospect.Client, request openprospect.SearchProfileRequest) (*openprospect.SearchProfile, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return client.EnsureSearchProfile(ctx, request, time.Millisecond)
}

// TestTheSameProfile makes one profile of requests that ask for the same, and others of those that do not.
func TestTheSameProfile(t *testing.T) {
	server, client := newest(t, simulator.Behavior{}, 0)
	first, err := ensure(t, client, dachSaaS())
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func(*openprospect.SearchProfileRequest)
		same   bool
	}{
		"nothing":     {func(*openprospect.SearchProfileRequest) {}, true},
		"white space": {func(r *openprospect.SearchProfileRequest) { r.Name = " DACH SaaS\n" }, true},
		"line ends": {func(r *openprospect.SearchProfileRequest) {
			r.IdealCustomerProfile = "Mid-market SaaS\r\ncompanies\r\n"
		}, true},
		"order":           {func(r *openprospect.SearchProfileRequest) { r.TargetCountries = []string{"Austria ", "Germany"} }, true},
		"empty list":      {func(r *openprospect.SearchProfileRequest) { r.TargetCities = []string{} }, true},
		"empty keepers":   {func(r *openprospect.SearchProfileRequest) { r.Keepers = map[string]string{} }, true},
		"another text":    {func(r *openprospect.SearchProfileRequest) { r.SellerOffering = "Software" }, false},
		"another country": {func(r *openprospect.SearchProfileRequest) { r.TargetCountries = []string{"Germany"} }, false},
		"keepers":         {func(r *openprospect.SearchProfileRequest) { r.Keepers = map[string]string{"a": "b"} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			request := dachSaaS()
			test.change(&request)
			got, err := ensure(t, client, request)
			if err != nil || (*got == *first) != test.same {
				t.Errorf("got %+v, %v, first was %+v", got, err, first)
			}
		})
	}
	// The key is part of what is published: another one in a later version would make every profile a second time.
	if key := server.ProfileCreations()[0].IdempotencyKey; key != "33a50f43-58a2-57a0-8794-52bd56a2690d" {
		t.Errorf("the key is %s", key)
	}
}

// TestEveryLostProfile spoils the answer to the creation in each way that the simulator knows, and has a second call carry on: as
// after a SIGKILL nothing is left of the first.
func TestEveryLostProfile(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"dropped after the work":          {Work: true, Drop: true},
		"500 after the work":              {Work: true, Status: 500},
		"a gateway's page after the work": {Work: true, Status: 502, ContentType: "text/html", Body: "<html>Bad Gateway</html>"},
		"a gateway's page with 200":       {Work: true, Status: 200, ContentType: "text/html", Body: "<html>Welcome</html>"},
		"a gateway's 404":                 {Work: true, Status: 404, ContentType: "text/html", Body: "<html>Not Found</html>"},
		"cut in half after the work":      {Work: true, Truncate: true},
		"no body after the work":          {Work: true, Rewrite: func([]byte) []byte { return nil }},
		"nulls":                           {Work: true, Body: `{"profile_creation_id":null,"status":null}`},
		"too late":                        {Work: true, Delay: 10 * time.Second},
		"dropped before the work":         {Drop: true},
		"503 before the work":             {Status: 503},
		"429 before the work":             {Status: 429, Header: map[string]string{"Retry-After": "0"}},
	} {
		for _, behavior := range []simulator.Behavior{{}, {ReplayFirstAnswer: true}} {
			for _, times := range []int{1, 3} {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					server, _ := newest(t, behavior, 0)
					client := newClient(t, openprospect.Config{
						APIKey: server.APIKey(), BaseURL: server.URL(), MaxRetries: 2, RequestTimeout: 500 * time.Millisecond,
						Backoff: func(int) time.Duration { return 0 },
					})
					fault := fault
					fault.Name, fault.Method, fault.Pattern, fault.Times = name, http.MethodPost, "/search-profile-creations", times
					server.Inject(fault)
					profile, err := ensure(t, client, dachSaaS())
					if err != nil {
						server.ClearFaults()
						profile, err = ensure(t, client, dachSaaS())
					}
					creations := server.ProfileCreations()
					if err != nil || len(creations) != 1 || profile.ID != creations[0].ProfileID {
						t.Errorf("%+v, %v, %d creations", profile, err, len(creations))
					}
				})
			}
		}
	}
}

// TestProfileReadingsThatFail loses answers while a profile is awaited.
func TestProfileReadingsThatFail(t *testing.T) {
	server, client := newest(t, simulator.Behavior{}, 10*time.Millisecond)
	server.Inject(simulator.Fault{Method: http.MethodGet, Pattern: "/search-profile-creations/*", Times: 4, Status: 500})
	server.Inject(simulator.Fault{
		Method:      http.MethodGet,
		Pattern:     "/search-profile-creations/*",
		Status:      404,
		Body:        `{"code":"ENTITY_NOT_FOUND"}`,
		ContentType: "application/json",
	})
	if profile, err := ensure(t, client, dachSaaS()); err != nil || profile.ID == "" {
		t.Errorf("%+v, %v", profile, err)
	}
	server.Inject(simulator.Fault{Method: http.MethodGet, Pattern: "/search-profile-creations/*", Times: -1, Status: 401})
	request := dachSaaS()
	request.Name = "another"
	_, err := ensure(t, client, request)
	wantErrorHolding(t, err, "401")
}

// TestFailedProfile goes on with another key after the failure of an earlier call, and only then.
func TestFailedProfile(t *testing.T) {
	t.Parallel()
	// ending is how a call ends: whether with a profile, and how many creations there are after it.
	type ending struct {
		made      bool
		creations int
	}
	for name, test := range map[string]struct {
		behavior simulator.Behavior
		// atWork has the first reading of all show PENDING.
		atWork  bool
		failing int
		calls   []ending
	}{
		"seen at work": {simulator.Behavior{}, true, 1, []ending{{false, 1}, {true, 2}, {true, 2}}},
		"at once, which may be a repeated answer's": {simulator.Behavior{}, false, 1, []ending{{true, 2}, {true, 2}}},
		"at once, twice in a call":                  {simulator.Behavior{}, false, 2, []ending{{false, 2}, {true, 3}}},
		"repeated first answers": {
			simulator.Behavior{ReplayFirstAnswer: true}, true, 1, []ending{{false, 1}, {true, 2}, {true, 2}},
		},
		"always": {simulator.Behavior{}, false, 1000, []ending{
			{false, 2}, {false, 4}, {false, 6}, {false, 8}, {false, 10}, {false, 12}, {false, 14}, {false, 16}, {false, 18}, {false, 20},
			{false, 20},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var profileTime time.Duration
			if test.atWork {
				profileTime = time.Hour
			}
			server, client := newest(t, test.behavior, profileTime)
			server.FailProfiles(test.failing)
			server.Inject(simulator.Fault{
				Method: http.MethodGet, Pattern: "/search-profile-creations/*", Skip: 1, Times: -1, Hook: func() { server.Advance(2 * time.Hour) },
			})
			for i, call := range test.calls {
				profile, err := ensure(t, client, dachSaaS())
				creations := server.ProfileCreations()
				if (err == nil) != call.made || len(creations) != call.creations {
					t.Fatalf("call %d: %v, %d creations, want %+v", i+1, err, len(creations), call)
				}
				var failed *openprospect.SearchProfileFailedError
				last := creations[len(creations)-1]
				switch {
				case call.made && profile.ID != last.ProfileID:
					t.Errorf("call %d: profile %s, want %s", i+1, profile.ID, last.ProfileID)
				case !call.made && (!errors.As(err, &failed) || failed.CreationID != last.ID):
					t.Errorf("call %d: %v", i+1, err)
				case !call.made:
					wantErrorHolding(t, err, "The ideal customer profile could not be understood.")
				}
			}
		})
	}
}

// TestForgottenAndRefusedKeys: a key that the server has forgotten makes another profile, one that it refuses is an error.
func TestForgottenAndRefusedKeys(t *testing.T) {
	server, client := newest(t, simulator.Behavior{KeysForgottenAfter: time.Hour}, 0)
	for _, want := range []int{1, 1, 2} {
		if _, err := ensure(t, client, dachSaaS()); err != nil || len(server.ProfileCreations()) != want {
			t.Errorf("%v, %d creations, want %d", err, len(server.ProfileCreations()), want)
		}
		server.Advance(40 * time.Minute)
	}

	server, client = newest(t, simulator.Behavior{UsedKeyRefused: true}, 0)
	server.Inject(simulator.Fault{Method: http.MethodPost, Work: true, Drop: true})
	_, err := ensure(t, client, dachSaaS())
	var refused *openprospect.SearchProfileKeyError
	if !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
	wantErrorHolding(t, err, "409", "IDEMPOTENCY_KEY_REUSED")
}

func TestProfileNotReady(t *testing.T) {
	server, client := newest(t, simulator.Behavior{}, time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	_, err := client.EnsureSearchProfile(ctx, dachSaaS(), time.Millisecond)
	var waiting *openprospect.SearchProfileNotReadyError
	if !errors.As(err, &waiting) || waiting.Status != "PENDING" || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	server.Advance(2 * time.Hour)
	if _, err := ensure(t, client, dachSaaS()); err != nil || len(server.ProfileCreations()) != 1 {
		t.Errorf("the next call: %v, %d creations", err, len(server.ProfileCreations()))
	}
}

func TestNoSearchProfiles(t *testing.T) {
	server, client := newSimulator(t, simulator.Options{})
	_, err := ensure(t, client, dachSaaS())
	var none *openprospect.NoSearchProfilesError
	if !errors.As(err, &none) || server.Count("", "") != 1 {
		t.Errorf("got %v after %d requests", err, server.Count("", ""))
	}
}

// TestWantsSearchProfile tells the newest API's refusal of the guide's order from others, in every shape of error.
func TestWantsSearchProfile(t *testing.T) {
	for shape := range 7 {
		_, client := newest(t, simulator.Behavior{ErrorShape: shape}, 0)
		request := discovery()
		request.BlacklistIDs, request.ProfileName = nil, ""
		_, err := openprospect.NewOrderPlacer(client).Place(t.Context(), request, openprospect.PlaceOptions{})
		if !openprospect.WantsSearchProfile(err) {
			t.Errorf("shape %d: %v", shape, err)
		}
		_, client = newSimulator(t, simulator.Options{Behavior: simulator.Behavior{ErrorShape: shape}})
		request.IdealCustomerProfile = ""
		_, err = openprospect.NewOrderPlacer(client).Place(t.Context(), request, openprospect.PlaceOptions{})
		if err == nil || openprospect.WantsSearchProfile(err) {
			t.Errorf("shape %d of the guide's API: %v", shape, err)
		}
	}
}
