package openprospect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The answer to adding entries is not documented. These are the names that comparable APIs use for
// lists of what is on the list now, and of what was not taken (U12).
var (
	addedKeys = []string{
		"entries", "items", "results", "created", "added", "inserted", "updated", "existing", "already_present",
		"duplicates", "skipped", "blocked",
	}
	rejectedKeys = []string{
		"rejected", "rejected_entries", "failed", "failed_entries", "failedEntries", "invalid", "invalid_entries",
		"errors", "validation_errors",
	}
	rejectedStatuses = []string{"failed", "failure", "error", "invalid", "rejected", "refused", "not_added"}
)

// decodeAdded reads whatever an API answers to an addition: counts, objects with ids, a status an item, a
// bare array, nothing. It never fails: what it cannot read says nothing, and ids are then found by listing.
func decodeAdded(body []byte, requested int) AddEntriesResult {
	reader := addedReader{requested: requested}
	reader.document(body, 0)
	return reader.result
}

type addedReader struct {
	result    AddEntriesResult
	requested int
}

func (r *addedReader) document(raw json.RawMessage, depth int) {
	const maxNesting = 3
	raw = bytes.TrimSpace(raw)
	if depth > maxNesting {
		return
	}
	if jsonKind(raw) == "array" {
		r.list(raw)
		return
	}
	fields := decodeObject(raw)
	if fields == nil {
		return
	}
	for _, key := range addedKeys {
		if list, found := fields[key]; found && jsonKind(list) == "array" {
			r.list(list)
		}
	}
	rejections := len(r.result.Rejected)
	for _, key := range rejectedKeys {
		if list, found := fields[key]; found {
			r.rejections(key, list)
		}
	}
	if data, found := fields["data"]; found {
		r.document(data, depth+1)
	}
	if len(r.result.Rejected) == rejections && failed(fields) {
		r.reject(-1, EntryFields{}, orDefault(message(fields), "the API says that the addition failed"))
	}
}

// plainItem is an item of the commonest answer: an entry with its id, and nothing that could say that it was refused.
type plainItem struct {
	wireEntry
	Success json.RawMessage `json:"success"`
	OK      json.RawMessage `json:"ok"`
	Status  json.RawMessage `json:"status"`
	Result  json.RawMessage `json:"result"`
	Outcome json.RawMessage `json:"outcome"`
	Error   json.RawMessage `json:"error"`
}

func (p plainItem) plain() bool {
	return p.Success == nil && p.OK == nil && p.Status == nil && p.Result == nil && p.Outcome == nil && p.Error == nil
}

// list reads a list of items: all at once where all are plain, since answers have up to 10,000 of them.
func (r *addedReader) list(raw json.RawMessage) {
	if entries, plain := plainEntries(raw); plain {
		r.result.Entries = append(r.result.Entries, entries...)
		return
	}
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) == nil {
		r.items(elements)
	}
}

func plainEntries(raw json.RawMessage) ([]Entry, bool) {
	var items []plainItem
	if json.Unmarshal(raw, &items) != nil {
		return nil, false
	}
	entries := make([]Entry, 0, len(items))
	for _, item := range items {
		entry := item.entry()
		if !item.plain() || entry.ID == "" || entry.EntryFields == (EntryFields{}) {
			return nil, false
		}
		entries = append(entries, entry)
	}
	return entries, true
}

// items reads a list of what is on the blacklist now, or of a status an item.
func (r *addedReader) items(elements []json.RawMessage) {
	for i, element := range elements {
		fields := decodeObject(element)
		if fields == nil {
			continue
		}
		entry := nestedEntry(element, fields)
		if failed(fields) {
			index := requestIndex(fields)
			if index < 0 && len(elements) == r.requested {
				index = i
			}
			r.reject(index, entry.EntryFields, orDefault(message(fields), "the API rejected this entry"))
			continue
		}
		if entry.ID != "" && entry.EntryFields != (EntryFields{}) {
			r.result.Entries = append(r.result.Entries, entry)
		}
	}
}

// nestedEntry reads the entry of an item: the item itself, or an object in it.
func nestedEntry(element json.RawMessage, fields map[string]json.RawMessage) Entry {
	entry := readEntry(element)
	if entry.EntryFields != (EntryFields{}) {
		return entry
	}
	if inner := firstKind(fields, []string{"entry", "item", "data", "company", "input"}, "object"); inner != nil {
		nested := readEntry(inner)
		nested.ID = orDefault(nested.ID, entry.ID)
		return nested
	}
	return entry
}

// readEntry returns the zero Entry for what is none.
func readEntry(raw json.RawMessage) Entry {
	var wire wireEntry
	if json.Unmarshal(raw, &wire) != nil {
		return Entry{}
	}
	return wire.entry()
}

// rejections reads a list of refused entries, or their number.
func (r *addedReader) rejections(key string, raw json.RawMessage) {
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil {
		var count number
		if _ = count.UnmarshalJSON(raw); count.known && count.value > 0 {
			r.reject(-1, EntryFields{}, fmt.Sprintf("the API says %s: %s", key, strings.Trim(string(raw), `"`)))
		}
		return
	}
	for _, element := range elements {
		fields := decodeObject(element)
		if fields == nil {
			r.reject(-1, EntryFields{}, orDefault(plain(element), "the API rejected an entry"))
			continue
		}
		entry := nestedEntry(element, fields)
		r.reject(requestIndex(fields), entry.EntryFields, orDefault(message(fields), "the API rejected this entry"))
	}
}

func (r *addedReader) reject(index int, fields EntryFields, message string) {
	if index >= r.requested {
		index = -1
	}
	r.result.Rejected = append(r.result.Rejected, RejectedEntry{Index: index, Fields: fields, Message: message})
}

// failed reports whether an object says of itself that it did not work. An entry that was on the list
// already did (U13).
func failed(fields map[string]json.RawMessage) bool {
	for _, key := range []string{"success", "ok"} {
		var success flag
		if raw, found := fields[key]; found {
			if _ = success.UnmarshalJSON(raw); success.known && !success.value {
				return true
			}
		}
	}
	status := strings.ToLower(firstText(fields, "status", "result", "outcome"))
	return slices.Contains(rejectedStatuses, status) || firstText(fields, "error") != "" ||
		firstKind(fields, []string{"error"}, "object") != nil
}

// message returns what an object says of its failure.
func message(fields map[string]json.RawMessage) string {
	if said := firstText(fields, "message", "error", "reason", "msg", "detail"); said != "" {
		return said
	}
	if inner := firstKind(fields, []string{"error"}, "object"); inner != nil {
		return firstText(decodeObject(inner), "message", "code", "msg")
	}
	return ""
}

func plain(raw json.RawMessage) string {
	var value text
	if json.Unmarshal(raw, &value) != nil {
		return ""
	}
	return string(value)
}

// requestIndex returns the place in the request that an item names, in a field of its own or in FastAPI's loc.
func requestIndex(fields map[string]json.RawMessage) int {
	candidates := []string{firstText(fields, "index", "row", "position")}
	var loc textList
	if raw, found := fields["loc"]; found && json.Unmarshal(raw, &loc) == nil {
		candidates = append(candidates, loc...)
	}
	for _, candidate := range candidates {
		if index, err := strconv.Atoi(candidate); err == nil && index >= 0 {
			return index
		}
	}
	return -1
}
