package openprospect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// StatusSucceeded is the status of a profile creation that has made its profile; one that has not ended is PENDING or
// RUNNING, and one that fails ends as StatusFailed (newest pages).
const StatusSucceeded = "SUCCEEDED"

// SearchProfileRequest is the body of POST /search-profile-creations (newest pages). Empty optional fields are not sent.
type SearchProfileRequest struct {
	Name                 string   `json:"profile_name"`
	IdealCustomerProfile string   `json:"ideal_customer_profile"`
	SellerOffering       string   `json:"seller_offering"`
	TargetCountries      []string `json:"target_countries"`
	SellerIndustry       string   `json:"seller_industry,omitempty"`
	TargetCities         []string `json:"target_cities,omitempty"`
	TargetIndustries     []string `json:"target_industries,omitempty"`
	ExcludedIndustries   []string `json:"excluded_industries,omitempty"`
	ContactRoles         []string `json:"contact_roles,omitempty"`
	OutputLanguage       string   `json:"output_language,omitempty"`
	// Keepers are not sent: equal requests with different ones make different profiles.
	Keepers map[string]string `json:"-"`
}

// SearchProfile is a profile that orders can name.
type SearchProfile struct {
	ID string
	// CreationID is the id of the creation that made it.
	CreationID string
}

// canonical returns the request without what does not matter: outer white space, the form of line ends, and the order of lists.
func (r SearchProfileRequest) canonical() SearchProfileRequest {
	for _, value := range []*string{&r.Name, &r.IdealCustomerProfile, &r.SellerOffering, &r.SellerIndustry, &r.OutputLanguage} {
		*value = CanonicalText(*value)
	}
	for _, list := range []*[]string{&r.TargetCountries, &r.TargetCities, &r.TargetIndustries, &r.ExcludedIndustries, &r.ContactRoles} {
		*list = slices.Clone(*list)
		for i, value := range *list {
			(*list)[i] = CanonicalText(value)
		}
		slices.Sort(*list)
	}
	return r
}

// lineEnds are those that Git, or an editor, may give a file.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// CanonicalText returns a text without what does not matter to its reader: outer white space and the form of line ends.
func CanonicalText(text string) string { return strings.TrimSpace(lineEnds.Replace(text)) }

// profileKeys is the namespace of the keys. Another one would make every profile a second time.
var profileKeys = uuid.MustParse("6f1d3c0e-5b0a-4a3e-9d0b-0c1f5e7a2b94")

// key is the Idempotency-Key of one attempt at a canonical request: the same in every run, so that a creation whose answer was
// lost is found again.
func (r SearchProfileRequest) key(attempt int) (string, error) {
	text, err := json.Marshal(struct {
		Request SearchProfileRequest `json:"request"`
		Keepers map[string]string    `json:"keepers,omitempty"`
		Attempt int                  `json:"attempt"`
	}{r, r.Keepers, attempt})
	if err != nil {
		return "", err
	}
	return uuid.NewSHA1(profileKeys, text).String(), nil
}

const (
	profileCreationsPath = "/search-profile-creations"
	// maxProfileAttempts bounds how many failed creations of earlier runs are passed over.
	maxProfileAttempts = 20
	// firstProfileWait is the wait before a creation is read for the first time; it doubles from there.
	firstProfileWait = 250 * time.Millisecond
)

// EnsureSearchProfile creates the profile or finds the one that an earlier call with an equal request has created, and waits
// until it is made, reading at most every interval (0 is DefaultPollInterval).
//
// A key whose creation has failed is used up, so it goes on with the next number. A failure counts as an earlier call's if the answer
// to the POST says it, or, once a call, if the first reading does: a server may repeat its first answer to a known key. Any other
// failure is a *SearchProfileFailedError. It returns a *SearchProfileKeyError when the API refuses a key, a
// *SearchProfileNotReadyError when ctx ends first, and a *NoSearchProfilesError when the API has no such endpoint.
func (c *Client) EnsureSearchProfile(ctx context.Context, request SearchProfileRequest, interval time.Duration) (*SearchProfile, error) {
	request = request.canonical()
	interval = orDefault(interval, DefaultPollInterval)
	passedOver := false
	var creation profileCreation
	for attempt := 1; attempt <= maxProfileAttempts; attempt++ {
		var err error
		if creation, err = c.createProfile(ctx, request, attempt); err != nil {
			return nil, err
		}
		if creation.status == StatusFailed {
			continue
		}
		readings, err := c.awaitProfile(ctx, &creation, interval)
		switch {
		case err != nil:
			return nil, err
		case creation.status == StatusSucceeded:
			return &SearchProfile{ID: creation.profileID, CreationID: creation.id}, nil
		case readings > 1 || passedOver:
			return nil, &SearchProfileFailedError{CreationID: creation.id, Message: creation.message}
		}
		passedOver = true
	}
	return nil, &SearchProfileFailedError{CreationID: creation.id, Message: creation.message, Attempts: maxProfileAttempts}
}

// profileCreation is a profile on its way.
type profileCreation struct{ id, status, profileID, message string }

func (p *profileCreation) ended() bool {
	return p.status == StatusSucceeded || p.status == StatusFailed
}

// createProfile asks for a profile. It may be sent again after a lost answer: the key makes it one creation.
func (c *Client) createProfile(ctx context.Context, request SearchProfileRequest, attempt int) (profileCreation, error) {
	post := call{method: http.MethodPost, path: profileCreationsPath, body: request, repeatable: true}
	key, err := request.key(attempt)
	if err != nil {
		return profileCreation{}, c.unsent(post, "encoding the request: "+err.Error(), nil)
	}
	post.idempotencyKey = key
	result, err := c.do(ctx, post)
	var answered *Error
	switch {
	case IsConflict(err):
		return profileCreation{}, &SearchProfileKeyError{Cause: err}
	case errors.As(err, &answered) && answered.StatusCode == http.StatusNotFound && answered.Code == "" && !answered.notFromAPI:
		return profileCreation{}, &NoSearchProfilesError{Cause: err}
	case err != nil:
		return profileCreation{}, err
	}
	return decodeProfileCreation(result)
}

// awaitProfile reads a creation until it ends, and says how often it had to. A reading that fails is tried again at the next wait,
// unless the API refuses the key.
func (c *Client) awaitProfile(ctx context.Context, creation *profileCreation, interval time.Duration) (readings int, err error) {
	path, err := endpoint("search-profile-creations", creation.id)
	get := call{method: http.MethodGet, path: path}
	if err != nil {
		return 0, c.unsent(call{method: get.method, path: profileCreationsPath}, err.Error(), nil)
	}
	var lastErr error
	for wait := firstProfileWait; !creation.ended(); wait = min(2*wait, interval) {
		if err := sleep(ctx, min(wait, interval)); err != nil {
			return readings, &SearchProfileNotReadyError{CreationID: creation.id, Status: creation.status, Cause: errors.Join(err, lastErr)}
		}
		result, err := c.do(ctx, get)
		if err == nil {
			var read profileCreation
			if read, err = decodeProfileCreation(result); err == nil {
				*creation = read
				readings++
			}
		}
		// One that was just made may not be shown yet (U19).
		if unreadable(err) && !IsNotFound(err) {
			return readings, err
		}
		if ctx.Err() == nil {
			lastErr = err
		}
	}
	return readings, nil
}

// decodeProfileCreation reads a creation. One that is going on has an id, one that has succeeded a profile.
func decodeProfileCreation(result *answer) (profileCreation, error) {
	document, fields := unwrap(result.body,
		[]string{"profile_creation_id", "id", "status", "profile_id"}, []string{"data", "profile_creation", "search_profile_creation"})
	if document == nil {
		return profileCreation{}, result.invalid("the answer is not a JSON object")
	}
	read := profileCreation{
		id:        firstText(fields, "profile_creation_id", "search_profile_creation_id", "creation_id", "id"),
		status:    strings.ToUpper(strings.TrimSpace(firstText(fields, "status"))),
		profileID: firstText(fields, "profile_id", "search_profile_id"),
		message:   result.redact.shown(firstText(fields, "error_message", "failure_reason", "message", "error")),
	}
	switch {
	case read.id == "" || read.status == "":
		return read, result.invalid("the answer contains no profile creation with ID and status")
	case read.status == StatusSucceeded && read.profileID == "":
		return read, result.invalid("the answer contains no profile_id, although the creation has succeeded")
	}
	return read, nil
}

// SearchProfileFailedError is a profile that the API could not make.
type SearchProfileFailedError struct {
	// CreationID is the creation that failed last.
	CreationID string
	// Message is what the API says of it; "" when it says nothing.
	Message string
	// Attempts is how many creations of earlier calls were found failed; 0 when the last one failed in this call.
	Attempts int
}

func (e *SearchProfileFailedError) Error() string {
	text := fmt.Sprintf("the profile creation %s ended as FAILED", e.CreationID)
	if e.Attempts > 0 {
		text = fmt.Sprintf("all %d creations of this profile failed, the last one is %s", e.Attempts, e.CreationID)
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// SearchProfileKeyError says that the API refused the Idempotency-Key of a profile creation (409): it was used before, with
// another body as far as the API can tell.
type SearchProfileKeyError struct{ Cause error }

func (e *SearchProfileKeyError) Error() string {
	return fmt.Sprintf("the API rejected the idempotency key of the search profile: %v", e.Cause)
}

// Unwrap returns the API's answer.
func (e *SearchProfileKeyError) Unwrap() error { return e.Cause }

// SearchProfileNotReadyError is a wait for a profile that was ended by the caller's context.
type SearchProfileNotReadyError struct {
	CreationID string
	// Status is the last one that was read.
	Status string
	// Cause is the context's error, joined with that of the last reading if it failed.
	Cause error
}

func (e *SearchProfileNotReadyError) Error() string {
	return fmt.Sprintf("stopped waiting for the profile creation %s (%s): %v", e.CreationID, e.Status, e.Cause)
}

// Unwrap returns why the wait ended.
func (e *SearchProfileNotReadyError) Unwrap() error { return e.Cause }

// NoSearchProfilesError says that the API does not know the endpoint: it follows the guide, whose orders describe the ideal
// customer themselves.
type NoSearchProfilesError struct{ Cause error }

func (e *NoSearchProfilesError) Error() string {
	return fmt.Sprintf("the API has no search profiles: %v", e.Cause)
}

// Unwrap returns the API's answer.
func (e *NoSearchProfilesError) Unwrap() error { return e.Cause }

// WantsSearchProfile reports whether the API refused an order because it takes orders only from a search profile (newest pages).
func WantsSearchProfile(err error) bool {
	var refused *Error
	if !errors.As(err, &refused) || refused.StatusCode != http.StatusUnprocessableEntity {
		return false
	}
	return refused.mentions("profile_id", "briefing_quantity") && refused.mentions("required", "missing")
}
