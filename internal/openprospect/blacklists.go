package openprospect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Blacklist is a named list of companies that discovery leaves out.
type Blacklist struct {
	ID   string
	Name string
	// Description is "" when the API sends null, "" or nothing (U5).
	Description string
	// CreatedAt is the API's timestamp as sent; "" when it sends none.
	CreatedAt string
}

// CreateBlacklistRequest is the body of POST /blacklists (guide, step 1).
type CreateBlacklistRequest struct {
	Name string
	// Description is omitted when "".
	Description string
}

// UpdateBlacklistRequest is the body of PATCH /blacklists/{id}. Nil leaves a
// field as it is; a Description of "" clears it (U5).
type UpdateBlacklistRequest struct {
	Name        *string
	Description *string
}

const blacklistsPath = "/blacklists"

// blacklistKeys name a blacklist itself, blacklistWrappers what may be around it (U4).
var (
	blacklistKeys     = []string{"id", "blacklist_id", "name"}
	blacklistWrappers = []string{"data", "blacklist"}
)

type wireBlacklist struct {
	ID          text `json:"id"`
	BlacklistID text `json:"blacklist_id"`
	Name        text `json:"name"`
	Description text `json:"description"`
	CreatedAt   text `json:"created_at"`
}

func (w wireBlacklist) blacklist() Blacklist {
	return Blacklist{
		ID: string(orDefault(w.ID, w.BlacklistID)), Name: string(w.Name),
		Description: string(w.Description), CreatedAt: string(w.CreatedAt),
	}
}

// decodeBlacklist returns the blacklist of an answer and whether it shows name and description. An
// answer without a blacklist is the zero Blacklist.
func decodeBlacklist(body []byte) (found Blacklist, complete bool, err error) {
	document, fields := unwrap(body, blacklistKeys, blacklistWrappers)
	if document == nil {
		return Blacklist{}, false, nil
	}
	var wire wireBlacklist
	if err := json.Unmarshal(document, &wire); err != nil {
		return Blacklist{}, false, err
	}
	_, described := fields["description"]
	return wire.blacklist(), wire.Name != "" && described, nil
}

func decodeBlacklists(raw json.RawMessage) ([]Blacklist, error) {
	var wires []wireBlacklist
	if err := json.Unmarshal(raw, &wires); err != nil {
		return nil, err
	}
	found := make([]Blacklist, len(wires))
	for i, wire := range wires {
		if found[i] = wire.blacklist(); found[i].ID == "" {
			return nil, fmt.Errorf("row %d has no ID", i+1)
		}
	}
	return found, nil
}

// CreateBlacklist makes a blacklist. It is not sent again once the server may
// have received it (U7), except after a 503 with Retry-After, and then only if
// the list of blacklists shows that it is not there. A lost answer is resolved
// by listing, and is an *AmbiguousBlacklistError unless exactly one new
// blacklist with that name and description appeared.
func (c *Client) CreateBlacklist(ctx context.Context, request CreateBlacklistRequest) (*Blacklist, error) {
	body := map[string]string{"name": request.Name}
	if request.Description != "" {
		body["description"] = request.Description
	}
	post := call{method: http.MethodPost, path: blacklistsPath, body: body}
	select {
	case c.creating <- struct{}{}:
		defer func() { <-c.creating }()
	case <-ctx.Done():
		return nil, c.unsent(post, ctx.Err().Error()+" while another blacklist was being created", ctx.Err())
	}
	began := time.Now()
	created, complete, err := c.postBlacklist(ctx, post)
	for attempt := 1; OutcomeUnknown(err); attempt++ {
		if !c.surelyNotCreated(ctx, request, began, err, attempt) {
			return c.findCreatedBlacklist(ctx, request, began, err)
		}
		created, complete, err = c.postBlacklist(ctx, post)
	}
	if IsConflict(err) {
		return nil, &BlacklistExistsError{Name: request.Name, Cause: err}
	}
	if err != nil {
		return nil, err
	}
	c.sawBlacklists(*created)
	if complete {
		return created, nil
	}
	// The list exists and its id is known: a failed reading must not lose it.
	if read, err := c.GetBlacklist(ctx, created.ID); err == nil {
		return read, nil
	}
	return &Blacklist{ID: created.ID, Name: request.Name, Description: request.Description, CreatedAt: created.CreatedAt}, nil
}

func (c *Client) postBlacklist(ctx context.Context, post call) (created *Blacklist, complete bool, err error) {
	result, err := c.do(ctx, post)
	if err != nil {
		return nil, false, err
	}
	found, complete, err := decodeBlacklist(result.body)
	if err != nil {
		return nil, false, result.invalid("the blacklist: %v", err)
	}
	if found.ID == "" {
		return nil, false, result.invalid("the answer contains no ID of the new blacklist")
	}
	return &found, complete, nil
}

// clockSlack allows for the Date header's whole seconds.
const clockSlack = 2 * time.Second

// surelyNotCreated waits as long as a server asks that was not ready for the creation, and reports whether it may be
// sent again: the list shows no blacklist of that name that may be new.
func (c *Client) surelyNotCreated(ctx context.Context, request CreateBlacklistRequest, began time.Time, cause error, attempt int) bool {
	var answered *Error
	if !errors.As(cause, &answered) || !answered.notReady || answered.RetryAfter > c.maxRetryWait || attempt > c.maxRetries {
		return false
	}
	if sleep(ctx, answered.RetryAfter) != nil {
		return false
	}
	seen, err := c.lookForBlacklist(ctx, request, began)
	return err == nil && len(seen.maybeNew) == 0
}

// findCreatedBlacklist looks for a blacklist whose creation ended in cause. It does not end with ctx:
// an interrupted run must not forget a list that it has made.
func (c *Client) findCreatedBlacklist(
	ctx context.Context, request CreateBlacklistRequest, began time.Time, cause error,
) (*Blacklist, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*c.requestTimeout)
	defer cancel()
	ambiguous := &AmbiguousBlacklistError{Name: request.Name, Cause: cause}
	var seen sightings
	err := CatchUp(ctx, func() (done bool, err error) {
		seen, err = c.lookForBlacklist(ctx, request, began)
		ambiguous.Candidates, ambiguous.ListError = seen.named, err
		return len(seen.created) > 0, err
	})
	if NotFromAPI(ambiguous.ListError) && wrongAddress(cause) {
		return nil, cause
	}
	if err != nil || len(seen.created) != 1 {
		return nil, ambiguous
	}
	c.sawBlacklists(seen.created[0])
	return &seen.created[0], nil
}

// wrongAddress reports an answer that somebody else than the API gives for good, such as a web server that has no page
// of that name. A gateway's own failure (5xx) may stand for an answer of the API.
func wrongAddress(err error) bool {
	var answered *Error
	return NotFromAPI(err) && errors.As(err, &answered) && answered.StatusCode < http.StatusInternalServerError
}

// sightings are the blacklists of one name.
type sightings struct {
	named []Blacklist
	// maybeNew were not known before and bear no date before the creation began.
	maybeNew []Blacklist
	// created are those that bear a date after it, and the description that was asked for.
	created []Blacklist
}

func (c *Client) lookForBlacklist(ctx context.Context, request CreateBlacklistRequest, began time.Time) (sightings, error) {
	var seen sightings
	known := c.knownBlacklists()
	found, err := readList(ctx, c, blacklistListing())
	if err != nil {
		return seen, err
	}
	serverBegan := began.Add(time.Until(found.at)).Add(-clockSlack)
	for _, candidate := range found.rows {
		if !sameText(candidate.Name, request.Name) {
			continue
		}
		seen.named = append(seen.named, candidate)
		created, dated := parseTimestamp(candidate.CreatedAt)
		if known[candidate.ID] || dated && created.Before(serverBegan) {
			continue
		}
		seen.maybeNew = append(seen.maybeNew, candidate)
		if dated && sameText(candidate.Description, request.Description) {
			seen.created = append(seen.created, candidate)
		}
	}
	return seen, nil
}

// sawBlacklists remembers lists that exist, so that none is mistaken for one that was just made, and what they are called.
func (c *Client) sawBlacklists(lists ...Blacklist) {
	c.seenMu.Lock()
	defer c.seenMu.Unlock()
	for _, list := range lists {
		c.seen[list.ID] = orDefault(list.Name, c.seen[list.ID])
	}
}

// KnowsBlacklist reports whether this client has read, listed or created the blacklist, or read its entries.
func (c *Client) KnowsBlacklist(id string) bool {
	c.seenMu.Lock()
	defer c.seenMu.Unlock()
	_, known := c.seen[id]
	return known
}

// BlacklistName is what the blacklist was called when this client last saw it; "" if it has not. It sends no request.
func (c *Client) BlacklistName(id string) string {
	c.seenMu.Lock()
	defer c.seenMu.Unlock()
	return c.seen[id]
}

func (c *Client) knownBlacklists() map[string]bool {
	c.seenMu.Lock()
	defer c.seenMu.Unlock()
	known := make(map[string]bool, len(c.seen))
	for id := range c.seen {
		known[id] = true
	}
	return known
}

// BlacklistExistsError is a CreateBlacklist that the API refused as a conflict (409), which for all that is known
// means that the name is taken (U7).
type BlacklistExistsError struct {
	// Name is the name that was asked for.
	Name  string
	Cause error
}

func (e *BlacklistExistsError) Error() string {
	return fmt.Sprintf("the blacklist %q was not created: %v", e.Name, e.Cause)
}

// Unwrap returns the API's answer.
func (e *BlacklistExistsError) Unwrap() error { return e.Cause }

// AmbiguousBlacklistError is a CreateBlacklist whose outcome could not be told.
type AmbiguousBlacklistError struct {
	// Name is the name that was asked for.
	Name string
	// Candidates are the blacklists of that name; the new one may be among them.
	Candidates []Blacklist
	Cause      error
	// ListError says why the blacklists could not be listed; nil when they were.
	ListError error
}

func (e *AmbiguousBlacklistError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "it is unknown whether the blacklist %q was created: %v; ", e.Name, e.Cause)
	switch {
	case e.ListError != nil:
		b.WriteString(listFailed("blacklists", e.ListError, e.Cause))
	case len(e.Candidates) == 0:
		b.WriteString("no blacklist with this name is in the list")
	default:
		b.WriteString("these blacklists have this name, and the new one may be among them:")
		for _, candidate := range e.Candidates {
			fmt.Fprintf(&b, " %s (created at %s)", candidate.ID, orDefault(candidate.CreatedAt, "an unknown time"))
		}
	}
	return b.String()
}

// Unwrap returns the failure of the request itself.
func (e *AmbiguousBlacklistError) Unwrap() error { return e.Cause }

// GetBlacklist reads one blacklist.
func (c *Client) GetBlacklist(ctx context.Context, id string) (*Blacklist, error) {
	path, err := endpoint("blacklists", id)
	get := call{method: http.MethodGet, path: path}
	if err != nil {
		return nil, c.unsent(call{method: get.method, path: blacklistsPath}, err.Error(), nil)
	}
	result, err := c.do(ctx, get)
	if err != nil {
		return nil, err
	}
	found, _, err := decodeBlacklist(result.body)
	if err != nil {
		return nil, result.invalid("the blacklist: %v", err)
	}
	if found.ID == "" && found.Name == "" {
		return nil, result.invalid("the answer contains no blacklist")
	}
	if found.ID = orDefault(found.ID, id); !strings.EqualFold(found.ID, id) {
		return nil, result.invalid("the answer is about another blacklist, %s", found.ID)
	}
	c.sawBlacklists(found)
	return &found, nil
}

func blacklistListing() listing[Blacklist] {
	return listing[Blacklist]{
		noun: "blacklists", path: blacklistsPath, decode: decodeBlacklists,
		id: func(b Blacklist) string { return b.ID },
	}
}

// ListBlacklists reads all blacklists, every page, in the API's order.
func (c *Client) ListBlacklists(ctx context.Context) ([]Blacklist, error) {
	found, err := readList(ctx, c, blacklistListing())
	if err != nil {
		return nil, err
	}
	c.sawBlacklists(found.rows...)
	return found.rows, nil
}

// UpdateBlacklist changes name or description and returns the blacklist as it is afterwards.
func (c *Client) UpdateBlacklist(ctx context.Context, id string, request UpdateBlacklistRequest) (*Blacklist, error) {
	path, err := endpoint("blacklists", id)
	if err != nil {
		return nil, c.unsent(call{method: http.MethodPatch, path: blacklistsPath}, err.Error(), nil)
	}
	if request.Name == nil && request.Description == nil {
		return c.GetBlacklist(ctx, id)
	}
	body := map[string]any{}
	if request.Name != nil {
		body["name"] = *request.Name
	}
	if request.Description != nil {
		body["description"] = *request.Description
	}
	patch := call{method: http.MethodPatch, path: path, body: body}
	if request.Description != nil && *request.Description == "" {
		return c.clearDescription(ctx, id, patch, body)
	}
	updated, complete, err := c.patchBlacklist(ctx, patch)
	if err != nil {
		return nil, err
	}
	if !complete {
		return c.GetBlacklist(ctx, id)
	}
	updated.ID = orDefault(updated.ID, id)
	c.sawBlacklists(*updated)
	return updated, nil
}

// clearDescription tries null, then "", until a reading shows that the description is gone (U5): an API
// may refuse either, or take it and keep the description.
func (c *Client) clearDescription(ctx context.Context, id string, patch call, body map[string]any) (*Blacklist, error) {
	var refusal error
	for _, empty := range []any{nil, ""} {
		body["description"] = empty
		if _, _, err := c.patchBlacklist(ctx, patch); err != nil {
			var answered *Error
			if errors.As(err, &answered) && answered.StatusCode == http.StatusUnprocessableEntity {
				refusal = errors.Join(refusal, err)
				continue
			}
			return nil, err
		}
		read, err := c.GetBlacklist(ctx, id)
		if err != nil || read.Description == "" {
			return read, err
		}
	}
	if refusal != nil {
		return nil, refusal
	}
	return nil, fmt.Errorf("PATCH %s: the API accepted null and \"\" for the description, but kept it", c.shownPath(patch))
}

func (c *Client) patchBlacklist(ctx context.Context, patch call) (updated *Blacklist, complete bool, err error) {
	result, err := c.do(ctx, patch)
	if err != nil {
		return nil, false, err
	}
	// An answer that cannot be read is not complete: the change was accepted, and is then looked at.
	found, complete, decodeErr := decodeBlacklist(result.body)
	return &found, complete && decodeErr == nil, nil
}

// DeleteBlacklist removes a blacklist. One that is already gone is a success (U8).
func (c *Client) DeleteBlacklist(ctx context.Context, id string) error {
	path, err := endpoint("blacklists", id)
	if err != nil {
		return c.unsent(call{method: http.MethodDelete, path: blacklistsPath}, err.Error(), nil)
	}
	_, err = c.do(ctx, call{method: http.MethodDelete, path: path})
	if IsNotFound(err) {
		return nil
	}
	return err
}

// sameText compares texts as a server may store them: trimmed, white space run together.
func sameText(a, b string) bool {
	return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}
