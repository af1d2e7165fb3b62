package openprospect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ProspectSearch is a search of the account, running or not (newest pages).
type ProspectSearch struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Status string `json:"status"`
}

// AssignedBlacklist is a blacklist that a prospect search leaves out.
type AssignedBlacklist struct {
	ID string
	// Name is "" where the API shows ids alone.
	Name string
}

func (b AssignedBlacklist) String() string {
	if b.Name == "" {
		return b.ID
	}
	return fmt.Sprintf("%q (%s)", b.Name, b.ID)
}

const prospectSearchesPath = "/prospect-searches"

func decodeProspectSearches(raw json.RawMessage) ([]ProspectSearch, error) {
	var rows []struct {
		ID               text `json:"id"`
		ProspectSearchID text `json:"prospect_search_id"`
		Name             text `json:"name"`
		Status           text `json:"status"`
	}
	if err := json.Unmarshal(raw, &rows); err != nil {
		return nil, err
	}
	found := make([]ProspectSearch, len(rows))
	for i, row := range rows {
		found[i] = ProspectSearch{ID: string(orDefault(row.ID, row.ProspectSearchID)), Name: string(row.Name), Status: string(row.Status)}
		if found[i].ID == "" {
			return nil, fmt.Errorf("row %d has no ID", i+1)
		}
	}
	return found, nil
}

// ListProspectSearches reads all prospect searches, every page, in the API's order.
func (c *Client) ListProspectSearches(ctx context.Context) ([]ProspectSearch, error) {
	found, err := readList(ctx, c, listing[ProspectSearch]{
		noun: "prospect_searches", path: prospectSearchesPath, decode: decodeProspectSearches,
		id: func(s ProspectSearch) string { return s.ID },
	})
	if err != nil {
		return nil, err
	}
	return found.rows, nil
}

// assignmentKeys hold the blacklists of a search (U42).
var assignmentKeys = []string{"blacklist_ids", "blacklists", "items", "data"}

// ListAssignedBlacklists reads the blacklists that are assigned to a prospect search.
func (c *Client) ListAssignedBlacklists(ctx context.Context, searchID string) ([]AssignedBlacklist, error) {
	get, err := c.assignmentCall(http.MethodGet, searchID)
	if err != nil {
		return nil, err
	}
	var assigned []AssignedBlacklist
	for received := 0; ; {
		// Whether this is a list in pages is not documented: nothing is asked for until an answer shows that there is more.
		if received > 0 {
			get.query = url.Values{"offset": {strconv.Itoa(received)}}
		}
		result, err := c.do(ctx, get)
		if err != nil {
			return nil, err
		}
		shown, err := decodeAssignment(result.body)
		if err != nil {
			return nil, result.invalid("%v", err)
		}
		assigned = append(assigned, shown.rows...)
		received += len(shown.rows)
		if !shown.hasMore.value && (shown.total == nil || *shown.total <= int64(received)) {
			return assigned, nil
		}
		if len(shown.rows) == 0 {
			return nil, result.invalid("the list of assigned blacklists ends before all of them are shown")
		}
	}
}

// AssignBlacklists assigns these blacklists to a prospect search in place of all that were assigned, and makes sure that they are: the
// name of the field in the request is not documented, and a field that the API does not know may be ignored (U42). Where the answer
// does not show it, they are read.
func (c *Client) AssignBlacklists(ctx context.Context, searchID string, blacklistIDs []string) error {
	put, err := c.assignmentCall(http.MethodPut, searchID)
	if err != nil {
		return err
	}
	// An empty list is [], never null.
	put.body = map[string][]string{"blacklist_ids": append([]string{}, blacklistIDs...)}
	result, err := c.do(ctx, put)
	if err != nil {
		return err
	}
	if shown, err := decodeAssignment(result.body); err == nil && assignedExactly(shown.rows, blacklistIDs) {
		return nil
	}
	var read []AssignedBlacklist
	err = CatchUp(ctx, func() (done bool, err error) {
		read, err = c.ListAssignedBlacklists(ctx, searchID)
		return assignedExactly(read, blacklistIDs), err
	})
	if err == nil && !assignedExactly(read, blacklistIDs) {
		err = result.invalid("the API accepted the blacklists of the prospect search, but shows others: %s", shownBlacklists(read))
	}
	return err
}

// assignedExactly compares ids in any order and case.
func assignedExactly(assigned []AssignedBlacklist, ids []string) bool {
	shown := make([]string, len(assigned))
	for i, blacklist := range assigned {
		shown[i] = blacklist.ID
	}
	return slices.Equal(normalList(shown), normalList(ids))
}

func shownBlacklists(assigned []AssignedBlacklist) string {
	if len(assigned) == 0 {
		return "none"
	}
	shown := make([]string, len(assigned))
	for i, blacklist := range assigned {
		shown[i] = blacklist.String()
	}
	return strings.Join(shown, ", ")
}

func (c *Client) assignmentCall(method, searchID string) (call, error) {
	path, err := endpoint("prospect-searches", searchID, "blacklists")
	if err != nil {
		return call{}, c.unsent(call{method: method, path: prospectSearchesPath}, err.Error(), nil)
	}
	return call{method: method, path: path}, nil
}

// decodeAssignment finds the blacklists in an answer: ids or objects, bare or below a key, which may itself be below "data" (U42).
func decodeAssignment(body []byte) (*page[AssignedBlacklist], error) {
	shown := &page[AssignedBlacklist]{}
	raw := json.RawMessage(body)
	if jsonKind(bytes.TrimSpace(body)) != "array" {
		_, fields := unwrap(body, assignmentKeys[:3], []string{"data", "prospect_search"})
		shown.paging(fields)
		if raw = firstKind(fields, assignmentKeys, "array"); raw == nil {
			if firstKind(fields, assignmentKeys, "null") != nil && !shown.sizeIsNull(fields) {
				return shown, nil
			}
			return nil, fmt.Errorf("the answer contains no list of blacklists (looked for a list in %s)", strings.Join(assignmentKeys, ", "))
		}
	}
	var err error
	shown.rows, err = decodeAssigned(raw)
	return shown, err
}

func decodeAssigned(raw json.RawMessage) ([]AssignedBlacklist, error) {
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		return nil, err
	}
	assigned := make([]AssignedBlacklist, len(elements))
	for i, element := range elements {
		if jsonKind(element) == "object" {
			found, _, err := decodeBlacklist(element)
			if err != nil {
				return nil, err
			}
			assigned[i] = AssignedBlacklist{ID: found.ID, Name: found.Name}
		} else {
			var id text
			if err := json.Unmarshal(element, &id); err != nil {
				return nil, err
			}
			assigned[i].ID = string(id)
		}
		if assigned[i].ID == "" {
			return nil, fmt.Errorf("the assigned blacklist %d has no ID", i+1)
		}
	}
	return assigned, nil
}

var ofASearch = regexp.MustCompile(`(?i)search`)

// IsProspectSearchNotFound reports whether the API itself said that a prospect search does not exist, and not that something else does
// not, such as a blacklist that was to be assigned (U20).
func IsProspectSearchNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && IsNotFound(err) && (ofASearch.MatchString(e.Code) || ofASearch.MatchString(e.EntityType))
}
