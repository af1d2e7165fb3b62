package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Entry is one row of a blacklist.
type Entry struct {
	ID          string
	CompanyName string
	WebsiteURL  string
	City        string
	Country     string
	ExternalID  string
	CreatedAt   time.Time
}

// same is the row without what the server itself gave it.
func (e Entry) same() Entry {
	e.ID, e.CreatedAt = "", time.Time{}
	return e
}

// Blacklist is a blacklist with its entries in insertion order.
type Blacklist struct {
	ID          string
	Name        string
	Description string
	CreatedAt   time.Time
	Entries     []Entry
}

// blacklist is a blacklist with the indexes that keep large lists fast.
type blacklist struct {
	Blacklist
	rows      map[string]int  // copies of each row, by its fields
	companies map[string]int  // rows of each company
	ids       map[string]bool // ids on the list
	stale     []Entry         // what lagging reads still see
	lag       int
}

func (b *blacklist) has(entry Entry) bool { return b.rows[fmt.Sprint(entry.same())] > 0 }

func (b *blacklist) count(entry Entry, by int) {
	b.rows[fmt.Sprint(entry.same())] += by
	b.companies[companyOf(entry)] += by
}

// companyOf is what CompanyUnique tells companies apart by.
func companyOf(entry Entry) string {
	if domain := bareDomain(entry.WebsiteURL); domain != "" {
		return "domain " + domain
	}
	if entry.ExternalID != "" {
		return "id " + entry.ExternalID
	}
	return "name " + strings.ToLower(strings.TrimSpace(entry.CompanyName))
}

func bareDomain(website string) string {
	s := strings.ToLower(strings.TrimSpace(website))
	if _, rest, found := strings.Cut(s, "://"); found {
		s = rest
	}
	s, _, _ = strings.Cut(s, "/")
	s, _, _ = strings.Cut(s, "?")
	s, _, _ = strings.Cut(s, ":")
	return strings.TrimPrefix(s, "www.")
}

func (s *Server) find(id string) *blacklist {
	for _, list := range s.blacklists {
		if list.ID == id {
			return list
		}
	}
	return nil
}

func (s *Server) noBlacklist(id string) answer {
	return s.problem(http.StatusNotFound, "BLACKLIST_NOT_FOUND", "Blacklist not found",
		map[string]any{"entity_type": "blacklist", "identifier": id})
}

func (s *Server) create(name, description string, request int) *blacklist {
	list := &blacklist{
		Blacklist: Blacklist{ID: s.newID(0xb1), Name: name, Description: description, CreatedAt: s.now()},
		rows:      map[string]int{}, companies: map[string]int{}, ids: map[string]bool{},
	}
	s.blacklists = append(s.blacklists, list)
	s.happened(Event{Kind: "blacklist_created", BlacklistID: list.ID, Request: request})
	return list
}

// add puts entries on a list as the API does: one that is on it already is left
// out (U13), unless Behavior says otherwise. It gives each entry's id; "" for
// one that was left out.
func (s *Server) add(list *blacklist, entries []Entry, request int) []string {
	s.lagBehind(list)
	ids := make([]string, len(entries))
	for i, entry := range entries {
		if s.options.Behavior.NormalizeEntries {
			entry = normalized(entry)
		}
		if !s.options.Behavior.KeepDuplicates && list.has(entry) {
			continue
		}
		if s.options.Behavior.CompanyUnique && list.companies[companyOf(entry)] > 0 {
			continue
		}
		entry.ID, entry.CreatedAt = s.newID(0xe1), s.now()
		list.Entries = append(list.Entries, entry)
		list.ids[entry.ID] = true
		list.count(entry, 1)
		ids[i] = entry.ID
		s.happened(Event{Kind: "entry_added", BlacklistID: list.ID, Entry: entry, Request: request})
	}
	return ids
}

func normalized(entry Entry) Entry {
	entry.WebsiteURL = bareDomain(entry.WebsiteURL)
	for _, field := range []*string{&entry.CompanyName, &entry.City, &entry.Country, &entry.ExternalID} {
		*field = strings.TrimSpace(*field)
	}
	return entry
}

func (s *Server) remove(list *blacklist, ids []string, request int) {
	s.lagBehind(list)
	going := map[string]bool{}
	for _, id := range ids {
		going[id] = true
	}
	kept := make([]Entry, 0, len(list.Entries))
	for _, entry := range list.Entries {
		if !going[entry.ID] {
			kept = append(kept, entry)
			continue
		}
		delete(list.ids, entry.ID)
		list.count(entry, -1)
		s.happened(Event{Kind: "entry_removed", BlacklistID: list.ID, Entry: entry, Request: request})
	}
	list.Entries = kept
}

// lagBehind keeps what the next reads will still see (U19).
func (s *Server) lagBehind(list *blacklist) {
	if reads := s.options.Behavior.LagReads; reads > 0 {
		list.stale, list.lag = slices.Clone(list.Entries), reads
	}
}

func (s *Server) wireBlacklist(list *blacklist) map[string]any {
	body := map[string]any{"id": list.ID, "name": list.Name, "description": nil, "created_at": s.stamp(list.CreatedAt)}
	if list.Description != "" || s.options.Behavior.EmptyDescription {
		body["description"] = list.Description
	}
	if s.options.Behavior.BlacklistIDKey {
		delete(body, "id")
		body["blacklist_id"] = list.ID
	}
	if s.options.Behavior.ExtraFields {
		body["owner"] = map[string]any{"team": []any{1, nil, "x"}}
	}
	return body
}

// single wraps one object (U4).
func (s *Server) single(status int, body map[string]any, resource string) answer {
	if status == http.StatusCreated && s.options.Behavior.OKForCreated {
		status = http.StatusOK
	}
	a := answer{status: status, body: body, done: true}
	switch {
	case s.options.Behavior.WrapObjects:
		a.body = map[string]any{"data": body}
	case s.options.Behavior.WrapBlacklist && resource == "blacklist":
		a.body = map[string]any{"blacklist": body}
	}
	return a
}

func (s *Server) nothing() answer {
	return answer{status: http.StatusNoContent, empty: true, done: true}
}

func (s *Server) listBlacklists(c call) answer {
	w, refused := s.window(c.request.URL.Query(), largestLimit)
	if refused != nil {
		return *refused
	}
	var rows []any
	for _, list := range s.blacklists {
		rows = append(rows, s.wireBlacklist(list))
	}
	return s.page(rows, w, "blacklists")
}

func (s *Server) createBlacklist(c call) answer {
	fields, refused := s.object(c)
	if refused != nil {
		return *refused
	}
	for _, fault := range []*wrong{
		unknownFields(fields, "name", "description"),
		text(fields, "name", 255, true),
		text(fields, "description", 5000, false),
	} {
		if fault != nil {
			return s.invalid(fault.field, fault.message)
		}
	}
	name := stringOf(fields["name"])
	if s.options.Behavior.UniqueNames && slices.ContainsFunc(s.blacklists, func(b *blacklist) bool { return b.Name == name }) {
		return s.problem(http.StatusConflict, "CONFLICT", "A blacklist of this name exists already", nil)
	}
	list := s.create(name, stringOf(fields["description"]), c.number)
	body := s.wireBlacklist(list)
	if s.options.Behavior.PartialEcho {
		body = map[string]any{"id": list.ID}
	}
	if s.options.Behavior.CreateWithoutID {
		delete(body, "id")
	}
	return s.single(http.StatusCreated, body, "blacklist")
}

func (s *Server) getBlacklist(c call) answer {
	list := s.find(c.ids[0])
	if list == nil {
		return s.noBlacklist(c.ids[0])
	}
	return s.single(http.StatusOK, s.wireBlacklist(list), "blacklist")
}

func (s *Server) patchBlacklist(c call) answer {
	fields, refused := s.object(c)
	if refused != nil {
		return *refused
	}
	list := s.find(c.ids[0])
	if list == nil {
		return s.noBlacklist(c.ids[0])
	}
	_, named := fields["name"]
	for _, fault := range []*wrong{
		unknownFields(fields, "name", "description"),
		text(fields, "name", 255, named),
		text(fields, "description", 5000, false),
	} {
		if fault != nil {
			return s.invalid(fault.field, fault.message)
		}
	}
	if named {
		name := stringOf(fields["name"])
		if s.options.Behavior.UniqueNames && slices.ContainsFunc(s.blacklists, func(b *blacklist) bool { return b != list && b.Name == name }) {
			return s.problem(http.StatusConflict, "CONFLICT", "A blacklist of this name exists already", nil)
		}
		list.Name = name
	}
	if value, given := fields["description"]; given {
		if value == nil && s.options.Behavior.NullDescriptionRefused {
			return s.invalid("description", "description must be a string")
		}
		list.Description = stringOf(value)
	}
	s.happened(Event{Kind: "blacklist_updated", BlacklistID: list.ID, Request: c.number})
	if s.options.Behavior.EmptyWriteAnswers {
		return s.nothing()
	}
	body := s.wireBlacklist(list)
	if s.options.Behavior.PartialEcho {
		body = map[string]any{"id": list.ID}
	}
	return s.single(http.StatusOK, body, "blacklist")
}

func (s *Server) deleteBlacklist(c call) answer {
	list := s.find(c.ids[0])
	if list == nil {
		return s.noBlacklist(c.ids[0])
	}
	if s.options.Behavior.DeleteInUseRefused {
		for _, o := range s.orders {
			if !terminal(o.Status) && slices.Contains(stringsOf(o.Request["blacklist_ids"]), list.ID) {
				return s.problem(http.StatusConflict, "CONFLICT", "The blacklist is in use by order "+o.ID, nil)
			}
		}
	}
	s.drop(list, c.number)
	if s.options.Behavior.OKForCreated {
		return ok(map[string]any{"success": true})
	}
	return s.nothing()
}

func (s *Server) drop(list *blacklist, request int) {
	s.blacklists = slices.DeleteFunc(s.blacklists, func(b *blacklist) bool { return b == list })
	s.happened(Event{Kind: "blacklist_removed", BlacklistID: list.ID, Request: request})
}

func (s *Server) wireEntry(entry Entry) map[string]any {
	body := map[string]any{"id": entry.ID, "created_at": s.stamp(entry.CreatedAt)}
	for name, value := range map[string]string{
		"company_name": entry.CompanyName, "website_url": entry.WebsiteURL, "city": entry.City,
		"country": entry.Country, "external_id": entry.ExternalID,
	} {
		body[name] = nil
		if value != "" {
			body[name] = value
		}
	}
	if s.options.Behavior.ExtraFields {
		body["source"] = "api"
	}
	return body
}

func (s *Server) listEntries(c call) answer {
	largest := largestLimit
	if refusedAbove := s.options.Behavior.LimitRefusedAbove; refusedAbove > 0 {
		largest = refusedAbove
	}
	w, refused := s.window(c.request.URL.Query(), largest)
	if refused != nil {
		return *refused
	}
	list := s.find(c.ids[0])
	if list == nil {
		return s.noBlacklist(c.ids[0])
	}
	entries := list.Entries
	if list.lag > 0 {
		list.lag--
		entries = list.stale
	}
	total := len(entries)
	from := min(w.offset, total)
	cut := entries[from:min(from+w.limit, total)]
	if s.options.Behavior.EntriesNewestFirst {
		cut = entries[max(0, total-from-w.limit) : total-from]
		cut = slices.Clone(cut)
		slices.Reverse(cut)
	}
	rows := make([]any, 0, len(cut))
	for _, entry := range cut {
		rows = append(rows, s.wireEntry(entry))
	}
	return ok(s.envelope(rows, total, w, "entries"))
}

func (s *Server) postEntries(c call) answer {
	list := s.find(c.ids[0])
	if list == nil {
		return s.noBlacklist(c.ids[0])
	}
	fields, refused := s.object(c)
	if refused != nil {
		return *refused
	}
	if fault := unknownFields(fields, "entries"); fault != nil {
		return s.invalid(fault.field, fault.message)
	}
	rows, isList := fields["entries"].([]any)
	if !isList || len(rows) == 0 {
		return s.invalid("entries", "entries must be a list of at least one entry")
	}
	most := s.options.Behavior.MaxEntries
	if most == 0 {
		most = 10_000
	}
	if len(rows) > most {
		return s.problem(http.StatusRequestEntityTooLarge, "PAYLOAD_TOO_LARGE", fmt.Sprintf("At most %d entries a request", most), nil)
	}
	entries := make([]Entry, 0, len(rows))
	for i, row := range rows {
		entry, fault := s.entryOf(row)
		if fault != nil {
			return s.invalid(fmt.Sprintf("entries.%d.%s", i, fault.field), fault.message)
		}
		entries = append(entries, entry)
	}
	if s.options.Behavior.DuplicateConflict && !slices.ContainsFunc(entries, func(e Entry) bool { return !list.has(e) }) {
		return s.problem(http.StatusConflict, "CONFLICT", "All entries are on the blacklist already", nil)
	}
	ids := s.add(list, entries, c.number)
	return s.addAnswer(entries, ids)
}

func (s *Server) entryOf(row any) (Entry, *wrong) {
	fields, isObject := row.(map[string]any)
	if !isObject {
		return Entry{}, &wrong{"entry", "an entry must be an object"}
	}
	if fault := unknownFields(fields, "company_name", "website_url", "city", "country", "external_id"); fault != nil {
		return Entry{}, fault
	}
	for name := range fields {
		if fault := text(fields, name, 1000, false); fault != nil {
			return Entry{}, fault
		}
	}
	entry := Entry{
		CompanyName: stringOf(fields["company_name"]), WebsiteURL: stringOf(fields["website_url"]),
		City: stringOf(fields["city"]), Country: stringOf(fields["country"]), ExternalID: stringOf(fields["external_id"]),
	}
	if entry.CompanyName == "" && (s.options.Behavior.CompanyNameRequired || entry.WebsiteURL == "" && entry.ExternalID == "") {
		return Entry{}, &wrong{"company_name", "company_name is required"}
	}
	return entry, nil
}

// addAnswer is the answer to an addition in the form that Behavior says (U12).
// An entry that was on the list already is shown with the id that it has.
func (s *Server) addAnswer(entries []Entry, ids []string) answer {
	if s.options.Behavior.EmptyWriteAnswers {
		return s.nothing()
	}
	added := 0
	for _, id := range ids {
		if id != "" {
			added++
		}
	}
	status := http.StatusCreated
	if s.options.Behavior.OKForCreated {
		status = http.StatusOK
	}
	a := answer{status: status, done: true}
	var objects, states []any
	for i, id := range ids {
		state := "added"
		if id == "" {
			state = "skipped"
		} else {
			entry := entries[i]
			if s.options.Behavior.NormalizeEntries {
				entry = normalized(entry)
			}
			entry.ID, entry.CreatedAt = id, s.now()
			objects = append(objects, s.wireEntry(entry))
		}
		states = append(states, map[string]any{"company_name": entries[i].CompanyName, "status": state})
	}
	if objects == nil {
		objects = []any{}
	}
	counts := map[string]any{"added": added, "skipped": len(ids) - added}
	switch s.options.Behavior.AddAnswer {
	case "counts":
		a.body = counts
	case "message":
		a.body = map[string]any{"status": "success", "message": fmt.Sprintf("%d added", added), "data": counts}
	case "array":
		a.body = objects
	case "per_item":
		a.body = map[string]any{"results": states}
	default:
		a.body = map[string]any{"items": objects, "added": added, "skipped": len(ids) - added}
	}
	return a
}

func (s *Server) deleteEntries(c call) answer {
	list := s.find(c.ids[0])
	if list == nil {
		return s.noBlacklist(c.ids[0])
	}
	fields, refused := s.object(c)
	if refused != nil {
		return *refused
	}
	key := s.options.Behavior.RemoveIDsKey
	if key == "" {
		key = "entry_ids"
	}
	if fault := unknownFields(fields, key); fault != nil {
		return s.invalid(fault.field, fault.message)
	}
	if fault := texts(fields, key, true); fault != nil {
		return s.invalid(fault.field, fault.message)
	}
	ids := stringsOf(fields[key])
	if s.options.Behavior.RemoveUnknownNotFound {
		for _, id := range ids {
			if !list.ids[id] {
				return s.problem(http.StatusNotFound, "ENTITY_NOT_FOUND", "Entry not found", map[string]any{"entity_type": "blacklist_entry", "identifier": id})
			}
		}
	}
	s.remove(list, ids, c.number)
	if s.options.Behavior.EmptyWriteAnswers {
		return s.nothing()
	}
	return ok(map[string]any{"deleted": len(ids)})
}
