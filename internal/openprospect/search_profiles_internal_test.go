package openprospect

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestProfileWaits reads often at first, and later at most every interval.
func TestProfileWaits(t *testing.T) {
	for name, test := range map[string]struct {
		interval time.Duration
		want     []time.Duration
	}{
		"a long interval":  {time.Second, []time.Duration{0, 250, 750, 1750, 2750}},
		"a short interval": {100 * time.Millisecond, []time.Duration{0, 100, 200, 300, 400}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var at []time.Duration
				client := clientOn(t, func(*http.Request) (*http.Response, error) {
					at = append(at, time.Since(began)/time.Millisecond)
					if len(at) == len(test.want) {
						return response(200, nil, `{"profile_creation_id":"c1","status":"SUCCEEDED","profile_id":"p1"}`), nil
					}
					return response(202, nil, `{"profile_creation_id":"c1","status":"RUNNING"}`), nil
				}, nil)
				profile, err := client.EnsureSearchProfile(t.Context(), SearchProfileRequest{}, test.interval)
				if err != nil || *profile != (SearchProfile{ID: "p1", CreationID: "c1"}) || !slices.Equal(at, test.want) {
					t.Errorf("%+v, %v, requests at %v, want %v", profile, err, at, test.want)
				}
			})
		})
	}
}

// TestProfileReadingsThatFailToTheEnd: who stops waiting learns why nothing could be read.
func TestProfileReadingsThatFailToTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := clientOn(t, func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				return response(202, nil, `{"profile_creation_id":"c1","status":"PENDING"}`), nil
			}
			return response(500, nil, `{"code":"INTERNAL_ERROR"}`), nil
		}, func(c *Config) { c.MaxRetries = 0 })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := client.EnsureSearchProfile(ctx, SearchProfileRequest{}, time.Second)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "INTERNAL_ERROR") {
			t.Errorf("got %v", err)
		}
	})
}

func TestDecodeProfileCreation(t *testing.T) {
	for body, want := range map[string]profileCreation{
		`{"id":"c1","status":"pending"}`:                                            {id: "c1", status: "PENDING"},
		`{"data":{"profile_creation_id":7,"status":"RUNNING","profile_id":null}}`:   {id: "7", status: "RUNNING"},
		`{"creation_id":"c1","status":"FAILED","error":{"code":"X"}}`:               {id: "c1", status: "FAILED"},
		`{"creation_id":"c1","status":"FAILED","error_message":"too broad"}`:        {id: "c1", status: "FAILED", message: "too broad"},
		`{"profile_creation":{"id":"c1","status":"SUCCEEDED","profile_id":"p1"}}`:   {id: "c1", status: "SUCCEEDED", profileID: "p1"},
		`{"profile_creation_id":"c1","status":"SUCCEEDED","search_profile_id":"p"}`: {id: "c1", status: "SUCCEEDED", profileID: "p"},
	} {
		got, err := decodeProfileCreation(&answer{method: http.MethodPost, status: 202, body: []byte(body), redact: newRedactor("key")})
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", body, got, err, want)
		}
	}
	for _, body := range []string{`{"status":"PENDING"}`, `{"id":"c1"}`, `[]`, ``, `{"id":"c1","status":"SUCCEEDED"}`, `null`} {
		if got, err := decodeProfileCreation(
			&answer{method: http.MethodPost, status: 202, body: []byte(body), redact: newRedactor("key")},
		); err == nil {
			t.Errorf("%s: %+v, want an error", body, got)
		}
	}
}

func TestDecodeAssignment(t *testing.T) {
	named := []AssignedBlacklist{{ID: "b1", Name: "n"}, {ID: "b2", Name: "m"}}
	ids := []AssignedBlacklist{{ID: "b1"}, {ID: "b2"}}
	for body, want := range map[string][]AssignedBlacklist{
		`["b1","b2"]`:                                                        ids,
		`{"blacklist_ids":["b1","b2"]}`:                                      ids,
		`{"data":["b1","b2"]}`:                                               ids,
		`{"data":{"items":["b1","b2"]}}`:                                     ids,
		`{"data":{"blacklist_ids":null}}`:                                    nil,
		`{"prospect_search":{"id":"s","blacklists":[]}}`:                     {},
		`{"blacklists":[{"id":"b1","name":"n"},{"id":"b2","name":"m"}]}`:     named,
		`[{"blacklist_id":"b1","name":"n"},{"blacklist_id":2,"name":"m"}]`:   {{ID: "b1", Name: "n"}, {ID: "2", Name: "m"}},
		`{"blacklist_ids":["b1"],"blacklists":[{"id":"b1","name":"n"}]}`:     {{ID: "b1"}},
		`{"items":[{"blacklist":{"id":"b1","name":"n"},"assigned_at":"x"}]}`: {{ID: "b1", Name: "n"}},
	} {
		shown, err := decodeAssignment([]byte(body))
		if err != nil || !slices.Equal(shown.rows, want) {
			t.Errorf("%s: %+v, %v, want %+v", body, shown, err, want)
		}
	}
	for _, body := range []string{
		``, `null`, `{}`, `"b1"`, `[null]`, `[{}]`, `{"blacklist_ids":"b1"}`, `{"items":[[]]}`, `{"items":null,"total":null}`,
	} {
		if shown, err := decodeAssignment([]byte(body)); err == nil {
			t.Errorf("%s: %+v, want an error", body, shown.rows)
		}
	}
}
