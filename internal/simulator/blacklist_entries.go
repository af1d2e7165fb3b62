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

// fields is the row without what the server itself gave it.
func (e Entry) fields() Entry {
	e.ID, e.CreatedAt = "", time.Time{}
	return e
}

// maxEntries is how many entries one request takes (U16).
const maxEntries = 10_000

// company is what CompanyUnique tells companies apart by.
func (e Entry) company() string {
	if domain := bareDomain(e.WebsiteURL); domain != "" {
		return "domain " + domain
	}
	if e.ExternalID != "" {
		return "id " + e.ExternalID
	}
	return "name " + strings.ToLower(strings.TrimSpace(e.CompanyName))
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

// stored is an entry as the server keeps it (U14).
func (s *Server) stored(entry Entry) Entry {
	if !s.options.Behavior.NormalizeEntries {
		return entry
	}
	entry.WebsiteURL = bareDomain(entry.WebsiteURL)
	for _, field := range []*string{&entry.CompanyName, &entry.City, &entry.Country, &entry.ExternalID} {
		*field = strings.TrimSpace(*field)
	}
	return entry
}

// present returns the row that counts as the same entry, nil when there is none (U13).
func (s *Server) present(list *blacklist, entry Entry) *Entry {
	if s.options.Behavior.KeepDuplicates {
		return nil
	}
	if rows := list.byFields[entry.fields()]; len(rows) > 0 {
		return rows[0]
	}
	if rows := list.byCompany[entry.company()]; s.options.Behavior.CompanyUnique && len(rows) > 0 {
		return rows[0]
	}
	return nil
}

// outcome is what became of one entry of a request.
type outcome struct {
	requested Entry
	// row is the entry's row on the list, nil when it was refused.
	row   *Entry
	added bool
	fault *wrong
}

// add puts an entry on a list as the API does: one that is there already is
// left as it is (U13), unless Behavior says otherwise.
func (s *Server) add(list *blacklist, entry Entry, request int) outcome {
	entry = s.stored(entry)
	if row := s.present(list, entry); row != nil {
		return outcome{requested: entry, row: row}
	}
	entry.ID, entry.CreatedAt = s.newID(0xe1), s.now()
	row := &entry
	list.entries = append(list.entries, row)
	list.byID[row.ID] = row
	list.byFields[row.fields()] = append(list.byFields[row.fields()], row)
	list.byCompany[row.company()] = append(list.byCompany[row.company()], row)
	s.happened(Event{Kind: "entry_added", BlacklistID: list.id, Entry: entry, Request: request})
	return outcome{requested: entry, row: row, added: true}
}

// remove takes rows off a list, in the list's order, and returns how many there were.
func (s *Server) remove(list *blacklist, ids []string, request int) int {
	s.lagBehind(list)
	going := map[*Entry]bool{}
	for _, id := range ids {
		if row := list.byID[id]; row != nil {
			going[row] = true
		}
	}
	kept := make([]*Entry, 0, len(list.entries)-len(going))
	for _, row := range list.entries {
		if !going[row] {
			kept = append(kept, row)
			continue
		}
		delete(list.byID, row.ID)
		forget(list.byFields, row.fields(), row)
		forget(list.byCompany, row.company(), row)
		s.happened(Event{Kind: "entry_removed", BlacklistID: list.id, Entry: *row, Request: request})
	}
	list.entries = kept
	return len(going)
}

func forget[K comparable](index map[K][]*Entry, key K, row *Entry) {
	rows := slices.DeleteFunc(index[key], func(one *Entry) bool { return one == row })
	if len(rows) == 0 {
		delete(index, key)
		return
	}
	index[key] = rows
}

// lagBehind keeps what the next reads will still see (U19).
func (s *Server) lagBehind(list *blacklist) {
	behavior := s.options.Behavior
	if behavior.LagReads == 0 && behavior.LagTime == 0 {
		return
	}
	list.stale, list.staleReads = slices.Clone(list.entries), behavior.LagReads
	if behavior.LagTime > 0 {
		list.staleUntil = s.now().Add(behavior.LagTime)
	}
}

// visible is what a read of the list sees.
func (s *Server) visible(list *blacklist) []*Entry {
	if list.staleReads > 0 {
		list.staleReads--
		return list.stale
	}
	if s.now().Before(list.staleUntil) {
		return list.stale
	}
	list.stale = nil
	return list.entries
}

// wireEntry is an entry as this API shows one: the fields of its request, with
// an id, since entries are removed by it.
func (s *Server) wireEntry(entry Entry) members {
	behavior := s.options.Behavior
	body := members{
		{"id", entry.ID},
		{"company_name", orNull(entry.CompanyName)},
		{"website_url", orNull(entry.WebsiteURL)},
		{"city", orNull(entry.City)},
		{"country", orNull(entry.Country)},
		{"external_id", orNull(entry.ExternalID)},
		{"created_at", s.stamp(entry.CreatedAt)},
	}
	if behavior.EntryIDKey {
		body.rename("id", "entry_id")
	}
	if behavior.SparseEntries {
		body = body.sparse()
	}
	if behavior.ExtraFields {
		body.set("source", "api")
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
	list := s.blacklistsByID[c.ids[0]]
	if list == nil {
		return s.noBlacklist(c.ids[0])
	}
	entries := s.visible(list)
	total := len(entries)
	from := min(w.offset, total)
	to := min(from+w.limit, total)
	rows := make([]any, 0, to-from)
	for i := from; i < to; i++ {
		at := i
		if s.options.Behavior.EntriesNewestFirst {
			at = total - 1 - i
		}
		rows = append(rows, s.wireEntry(*entries[at]))
	}
	return ok(s.envelope(rows, total, w, "entries"))
}

func (s *Server) postEntries(c call) answer {
	list := s.blacklistsByID[c.ids[0]]
	if list == nil {
		return s.noBlacklist(c.ids[0])
	}
	fields, refused := s.decode(c)
	if refused != nil {
		return *refused
	}
	stripped, unknown := s.unknownFields(fields, "entries")
	if unknown != nil {
		return *s.refuse(unknown)
	}
	rows, isList := fields["entries"].([]any)
	if !isList || len(rows) == 0 {
		return *s.refuse(&wrong{"entries", "entries must be a list of at least one entry"})
	}
	if refused := s.tooLarge(len(rows)); refused != nil {
		return *refused
	}
	outcomes := make([]outcome, len(rows))
	for i, row := range rows {
		entry, fault := s.entryOf(row)
		if fault != nil && !s.options.Behavior.InvalidEntriesSkipped {
			return *s.refuse(&wrong{fmt.Sprintf("entries.%d.%s", i, fault.field), fault.message})
		}
		outcomes[i] = outcome{requested: entry, fault: fault}
	}
	if s.duplicatesRefused(list, outcomes) {
		return s.problem(http.StatusConflict, "CONFLICT", "Already on the blacklist", nil)
	}
	s.lagBehind(list)
	for i := range outcomes {
		if outcomes[i].fault == nil {
			outcomes[i] = s.add(list, outcomes[i].requested, c.number)
		}
	}
	a := s.addAnswer(outcomes, stripped)
	a.note = additions(list, outcomes)
	return a
}

// additions is a note of what a request added to a list.
func additions(list *blacklist, outcomes []outcome) string {
	added, present, refused := 0, 0, 0
	for _, o := range outcomes {
		switch {
		case o.fault != nil:
			refused++
		case o.added:
			added++
		default:
			present++
		}
	}
	note := fmt.Sprintf("%s added to %q", plural(added, "company", "companies"), list.name)
	if present > 0 {
		note += fmt.Sprintf(", %d already there", present)
	}
	if refused > 0 {
		note += fmt.Sprintf(", %d refused", refused)
	}
	return note
}

// tooLarge refuses requests of too many entries (U16).
func (s *Server) tooLarge(entries int) *answer {
	most := s.options.Behavior.MaxEntries
	if most == 0 {
		most = maxEntries
	}
	if entries <= most {
		return nil
	}
	message := fmt.Sprintf("entries must be at most %d in one request", most)
	if s.options.Behavior.SizeAs413 {
		a := s.problem(http.StatusRequestEntityTooLarge, "PAYLOAD_TOO_LARGE", message, nil)
		return &a
	}
	return s.refuse(&wrong{"entries", message})
}

// duplicatesRefused reports a request that is a conflict (U13).
func (s *Server) duplicatesRefused(list *blacklist, outcomes []outcome) bool {
	behavior := s.options.Behavior
	if !behavior.DuplicateConflict && !behavior.AnyDuplicateConflict {
		return false
	}
	isNew := func(o outcome) bool { return s.present(list, s.stored(o.requested)) == nil }
	if behavior.AnyDuplicateConflict {
		return slices.ContainsFunc(outcomes, func(o outcome) bool { return !isNew(o) })
	}
	return !slices.ContainsFunc(outcomes, isNew)
}

// entryOf reads an entry. Only company_name, website_url and external_id can
// match a company by themselves (U15).
func (s *Server) entryOf(row any) (Entry, *wrong) {
	fields, isObject := row.(map[string]any)
	if !isObject {
		return Entry{}, &wrong{"entry", "an entry must be an object"}
	}
	names := []string{"company_name", "website_url", "city", "country", "external_id"}
	if _, unknown := s.unknownFields(fields, names...); unknown != nil {
		return Entry{}, unknown
	}
	for _, name := range names {
		if fault := text(fields, name, maxEntryField, false); fault != nil {
			return Entry{}, fault
		}
	}
	entry := Entry{
		CompanyName: stringOf(fields["company_name"]), WebsiteURL: stringOf(fields["website_url"]),
		City: stringOf(fields["city"]), Country: stringOf(fields["country"]), ExternalID: stringOf(fields["external_id"]),
	}
	if entry.CompanyName == "" && (s.options.Behavior.CompanyNameRequired || entry.WebsiteURL == "" && entry.ExternalID == "") {
		return entry, &wrong{"company_name", "company_name is required"}
	}
	return entry, nil
}

// addAnswer is the answer to an addition in the form that Behavior says (U12).
func (s *Server) addAnswer(outcomes []outcome, stripped []string) answer {
	if s.options.Behavior.EmptyWriteAnswers {
		return nothing()
	}
	added, skipped := 0, 0
	rows, statuses, failures := []any{}, []any{}, []any{}
	for i, o := range outcomes {
		status := members{{"company_name", orNull(o.requested.CompanyName)}, {"status", "added"}}
		switch {
		case o.fault != nil:
			failures = append(failures, members{{"index", i}, {"error", o.fault.message}})
			status.set("status", "failed")
			status.set("error", o.fault.message)
		case o.added:
			added++
			rows = append(rows, s.wireEntry(*o.row))
		default:
			skipped++
			status.set("status", "skipped")
			if s.options.Behavior.AddAnswer == "all" {
				rows = append(rows, s.wireEntry(*o.row))
			}
		}
		statuses = append(statuses, status)
	}
	status := http.StatusCreated
	if s.options.Behavior.OKForCreated {
		status = http.StatusOK
	}
	a := answer{status: status, done: true}
	counts := members{{"added", added}, {"skipped", skipped}}
	body := counts
	switch s.options.Behavior.AddAnswer {
	case "array":
		a.body = rows
		return a
	case "counts":
	case "message":
		body = members{{"status", "success"}, {"message", fmt.Sprintf("%d added", added)}, {"data", counts}}
	case "per_item":
		body = members{{"results", statuses}}
	case "entries":
		body = append(members{{"entries", rows}}, counts...)
	default:
		body = append(members{{"items", rows}}, counts...)
	}
	if len(failures) > 0 && s.options.Behavior.AddAnswer != "per_item" {
		body.set("failed", failures)
	}
	a.body = namingStripped(body, stripped)
	return a
}

func (s *Server) deleteEntries(c call) answer {
	list := s.blacklistsByID[c.ids[0]]
	if list == nil {
		return s.noBlacklist(c.ids[0])
	}
	key := s.options.Behavior.RemoveIDsKey
	if key == "" {
		key = "entry_ids"
	}
	fields := map[string]any{}
	if len(c.body) > 0 {
		var refused *answer
		if fields, refused = s.decode(c); refused != nil {
			return *refused
		}
	}
	if _, unknown := s.unknownFields(fields, key); unknown != nil {
		return *s.refuse(unknown)
	}
	ids := stringsOf(fields[key])
	if len(ids) == 0 {
		s.surprised(c.request, "no ids to remove")
		if s.options.Behavior.EmptyRemovalRemovesAll {
			for _, row := range list.entries {
				ids = append(ids, row.ID)
			}
			return s.removed(list, s.remove(list, ids, c.number))
		}
	}
	if refused := s.refuse(texts(fields, key, true)); refused != nil {
		return *refused
	}
	if s.options.Behavior.RemoveUnknownNotFound {
		for _, id := range ids {
			if list.byID[id] == nil {
				return s.problem(http.StatusNotFound, "ENTITY_NOT_FOUND", "Entry not found",
					members{{"entity_type", "blacklist_entry"}, {"identifier", id}})
			}
		}
	}
	return s.removed(list, s.remove(list, ids, c.number))
}

func (s *Server) removed(list *blacklist, count int) answer {
	a := ok(members{{"deleted", count}})
	if s.options.Behavior.EmptyWriteAnswers {
		a = nothing()
	}
	a.note = fmt.Sprintf("%s removed from %q", plural(count, "company", "companies"), list.name)
	return a
}
