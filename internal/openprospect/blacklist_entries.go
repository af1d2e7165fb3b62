package openprospect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Limits of the entries endpoints.
const (
	// MaxEntriesPerAdd is how many entries one POST takes (U16).
	MaxEntriesPerAdd = 10_000
	// MaxEntriesPerRemove is our own bound on the ids of one DELETE; the API's is unknown (U17).
	MaxEntriesPerRemove = 1_000
)

// EntryFields name a company. "" is an absent field.
type EntryFields struct {
	CompanyName string `json:"company_name,omitempty"`
	WebsiteURL  string `json:"website_url,omitempty"`
	City        string `json:"city,omitempty"`
	Country     string `json:"country,omitempty"`
	ExternalID  string `json:"external_id,omitempty"`
}

// Entry is a company on a blacklist.
type Entry struct {
	ID string
	EntryFields
	// CreatedAt is the API's timestamp as sent; "" when it sends none.
	CreatedAt string
}

// AddEntriesResult is what the API said of an addition. It need not say
// anything (U12): then both are empty, and the ids are found by listing.
type AddEntriesResult struct {
	// Entries are those whose id the answer held.
	Entries []Entry
	// Rejected are those that the API says it did not add.
	Rejected []RejectedEntry
}

// RejectedEntry is an entry that the API refused while it took others.
type RejectedEntry struct {
	// Index is its place in the request; -1 when the answer does not say.
	Index int
	// Fields as the answer names them; empty when it does not.
	Fields  EntryFields
	Message string
}

type wireEntry struct {
	ID          text `json:"id"`
	EntryID     text `json:"entry_id"`
	CompanyName text `json:"company_name"`
	WebsiteURL  text `json:"website_url"`
	City        text `json:"city"`
	Country     text `json:"country"`
	ExternalID  text `json:"external_id"`
	CreatedAt   text `json:"created_at"`
}

func (w wireEntry) entry() Entry {
	return Entry{
		ID: string(orDefault(w.ID, w.EntryID)),
		EntryFields: EntryFields{
			CompanyName: string(w.CompanyName), WebsiteURL: string(w.WebsiteURL), City: string(w.City),
			Country: string(w.Country), ExternalID: string(w.ExternalID),
		},
		CreatedAt: string(w.CreatedAt),
	}
}

// decodeEntries reads rows of a list; each must have an id, since it is removed by it.
func decodeEntries(raw json.RawMessage) ([]Entry, error) {
	var wires []wireEntry
	if err := json.Unmarshal(raw, &wires); err != nil {
		return nil, err
	}
	found := make([]Entry, len(wires))
	for i, wire := range wires {
		if found[i] = wire.entry(); found[i].ID == "" {
			return nil, fmt.Errorf("row %d has no ID", i+1)
		}
	}
	return found, nil
}

func (c *Client) entriesPath(method, blacklistID string) (string, error) {
	path, err := endpoint("blacklists", blacklistID, "entries")
	if err != nil {
		return "", c.unsent(call{method: method, path: "/blacklists/…/entries"}, err.Error(), nil)
	}
	return path, nil
}

// ListEntries reads a whole blacklist: the first page, then the others in
// parallel within MaxConcurrentRequests. Pages that shift while they are walked
// (ids repeated, fewer rows than total) are walked again; when three walks
// disagree with themselves it is an error, never a short list.
func (c *Client) ListEntries(ctx context.Context, blacklistID string) ([]Entry, error) {
	path, err := c.entriesPath(http.MethodGet, blacklistID)
	if err != nil {
		return nil, err
	}
	found, err := readList(ctx, c, entryListing(path))
	if err != nil {
		return nil, err
	}
	c.sawBlacklists(Blacklist{ID: blacklistID})
	return found.rows, nil
}

// FirstEntries reads at most count entries of a blacklist, at least 1, in the API's order. Pages beyond
// them are not read.
func (c *Client) FirstEntries(ctx context.Context, blacklistID string, count int) ([]Entry, error) {
	path, err := c.entriesPath(http.MethodGet, blacklistID)
	if err != nil {
		return nil, err
	}
	list := entryListing(path)
	list.limit = count
	list.enough = func(read *walk[Entry]) bool { return len(read.rows) >= count }
	found, err := readList(ctx, c, list)
	if err != nil {
		return nil, err
	}
	return found.rows[:min(count, len(found.rows))], nil
}

func entryListing(path string) listing[Entry] {
	return listing[Entry]{
		noun: "entries", path: path, decode: decodeEntries,
		id: func(e Entry) string { return e.ID },
	}
}

// EntriesPage is a part of a blacklist, in the API's order.
type EntriesPage struct {
	Entries []Entry
	// Size is how many entries the whole blacklist holds; -1 where the API does not say, and the page is not the last one.
	Size int
}

// ListEntriesFrom reads one page that begins at the offset: at most 100 entries. An API that says nothing of the size of a
// list (U10) is asked once more, for what follows.
func (c *Client) ListEntriesFrom(ctx context.Context, blacklistID string, offset int) (EntriesPage, error) {
	path, err := c.entriesPath(http.MethodGet, blacklistID)
	if err != nil {
		return EntriesPage{}, err
	}
	list := entryListing(path)
	found, err := list.at(ctx, c, offset)
	if err != nil {
		return EntriesPage{}, err
	}
	size, err := list.size(ctx, c, found, offset)
	if err != nil {
		return EntriesPage{}, err
	}
	c.sawBlacklists(Blacklist{ID: blacklistID})
	return EntriesPage{Entries: found.rows, Size: size}, nil
}

// CountEntries returns the number of entries, by one request where the API sends
// a total, and otherwise by walking.
func (c *Client) CountEntries(ctx context.Context, blacklistID string) (int64, error) {
	path, err := c.entriesPath(http.MethodGet, blacklistID)
	if err != nil {
		return 0, err
	}
	list := entryListing(path)
	first, err := list.page(ctx, c, 0, 1)
	switch {
	case err == nil && first.total != nil && *first.total >= int64(len(first.rows)):
		return *first.total, nil
	case err != nil && !list.blamesLimit(err):
		return 0, err
	}
	found, err := readList(ctx, c, list)
	if err != nil {
		return 0, err
	}
	return int64(len(found.rows)), nil
}

// CountEntriesUntil counts the entries again while settled reports false of the number and the API may still have to
// catch up with what was added or removed (U19). It returns the last number, whether settled or not.
func (c *Client) CountEntriesUntil(ctx context.Context, blacklistID string, settled func(count int64) bool) (int64, error) {
	var count int64
	err := CatchUp(ctx, func() (done bool, err error) {
		count, err = c.CountEntries(ctx, blacklistID)
		return settled(count), err
	})
	return count, err
}

// AddEntries adds at most MaxEntriesPerAdd entries by one POST; none at all sends
// nothing. An entry that is on the list already is no error (U13). It is never sent
// again when the server may have received it (U23): see OutcomeUnknown.
func (c *Client) AddEntries(ctx context.Context, blacklistID string, entries []EntryFields) (AddEntriesResult, error) {
	path, err := c.entriesPath(http.MethodPost, blacklistID)
	if err != nil {
		return AddEntriesResult{}, err
	}
	post := call{method: http.MethodPost, path: path, body: map[string]any{"entries": entries}}
	switch {
	case len(entries) == 0:
		return AddEntriesResult{}, nil
	case len(entries) > MaxEntriesPerAdd:
		return AddEntriesResult{}, c.unsent(post, fmt.Sprintf("%d entries in one request, at most %d are "+
			"allowed", len(entries), MaxEntriesPerAdd), nil)
	}
	result, err := c.do(ctx, post)
	if err != nil {
		return AddEntriesResult{}, err
	}
	added := decodeAdded(result.body, len(entries))
	for i := range added.Rejected {
		added.Rejected[i].Message = c.redact.shown(added.Rejected[i].Message)
	}
	return added, nil
}

// removeBodyKeys are the names under which a DELETE may take its ids, likeliest first (U17).
var removeBodyKeys = []string{"entry_ids", "ids"}

// RemoveEntries removes entries by id, at most MaxEntriesPerRemove a call. Ids
// that are gone already are no error (U17). An empty list is an error: another
// vendor's API takes it for "all".
func (c *Client) RemoveEntries(ctx context.Context, blacklistID string, ids []string) error {
	path, err := c.entriesPath(http.MethodDelete, blacklistID)
	if err != nil {
		return err
	}
	remove := call{method: http.MethodDelete, path: path}
	switch {
	case len(ids) == 0:
		return c.unsent(remove, "no IDs to remove: nothing was sent, because the API might remove all entries", nil)
	case slices.Contains(ids, ""):
		return c.unsent(remove, "an ID to remove is empty", nil)
	case len(ids) > MaxEntriesPerRemove:
		return c.unsent(remove, fmt.Sprintf("%d IDs in one request, at most %d are allowed", len(ids), MaxEntriesPerRemove), nil)
	}
	err = c.sendRemoval(ctx, remove, ids)
	if !unknownEntry(err) || len(ids) == 1 {
		if unknownEntry(err) {
			return nil
		}
		return err
	}
	return c.removePresent(ctx, blacklistID, remove, ids)
}

// removePresent removes those of the ids that are on the list: an API that answers 404 for one unknown
// id need not have removed the others.
func (c *Client) removePresent(ctx context.Context, blacklistID string, remove call, ids []string) error {
	listed, err := c.ListEntries(ctx, blacklistID)
	if err != nil {
		return err
	}
	wanted := make(map[string]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	var present []string
	for _, entry := range listed {
		if wanted[entry.ID] {
			present = append(present, entry.ID)
		}
	}
	if len(present) == 0 {
		return nil
	}
	return c.sendRemoval(ctx, remove, present)
}

// unknownEntry reports a 404 that speaks of an entry, as opposed to the blacklist.
func unknownEntry(err error) bool {
	var answered *Error
	if !IsNotFound(err) || !errors.As(err, &answered) {
		return false
	}
	return !strings.Contains(strings.ToUpper(answered.Code), "BLACKLIST_NOT_FOUND") && !strings.EqualFold(answered.EntityType, "blacklist")
}

// sendRemoval sends the DELETE, with the other spelling of its body when the API refuses the first.
func (c *Client) sendRemoval(ctx context.Context, remove call, ids []string) error {
	first := c.removeKey.Load()
	remove.body = map[string][]string{removeBodyKeys[first]: ids}
	_, err := c.do(ctx, remove)
	if !refusesBody(err) {
		return err
	}
	second := 1 - first
	remove.body = map[string][]string{removeBodyKeys[second]: ids}
	if _, retryErr := c.do(ctx, remove); !refusesBody(retryErr) {
		if retryErr == nil {
			c.removeKey.Store(second)
		}
		return retryErr
	}
	return err
}

// refusesBody reports a 400 or 422: the request was understood as little as possible and nothing was removed.
func refusesBody(err error) bool {
	var answered *Error
	return errors.As(err, &answered) && IsRefused(err) &&
		(answered.StatusCode == http.StatusBadRequest || answered.StatusCode == http.StatusUnprocessableEntity)
}
