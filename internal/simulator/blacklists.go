package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

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
	id          string
	name        string
	description string
	createdAt   time.Time

	entries   []*Entry
	byID      map[string]*Entry
	byFields  map[Entry][]*Entry
	byCompany map[string][]*Entry

	// stale is what reads still see after a write (U19): that many of them, or until then.
	stale      []*Entry
	staleReads int
	staleUntil time.Time
}

func (b *blacklist) copy() Blacklist {
	copied := Blacklist{ID: b.id, Name: b.name, Description: b.description, CreatedAt: b.createdAt}
	if len(b.entries) > 0 {
		copied.Entries = make([]Entry, len(b.entries))
		for i, entry := range b.entries {
			copied.Entries[i] = *entry
		}
	}
	return copied
}

// Lengths that the documentation does not tell (U6); plausible ones keep a
// client from sending whole documents.
const (
	maxBlacklistName        = 255
	maxBlacklistDescription = 5000
	maxEntryField           = 1000
)

func (s *Server) noBlacklist(id string) answer {
	return s.problem(http.StatusNotFound, "BLACKLIST_NOT_FOUND", "Blacklist not found",
		members{{"entity_type", "blacklist"}, {"identifier", id}})
}

func (s *Server) create(name, description string, request int) *blacklist {
	list := &blacklist{
		id: s.newID(0xb1), name: name, description: description, createdAt: s.now(),
		byID: map[string]*Entry{}, byFields: map[Entry][]*Entry{}, byCompany: map[string][]*Entry{},
	}
	s.blacklists = append(s.blacklists, list)
	s.blacklistsByID[list.id] = list
	s.happened(Event{Kind: "blacklist_created", BlacklistID: list.id, Request: request})
	return list
}

func (s *Server) discard(list *blacklist, request int) {
	s.blacklists = slices.DeleteFunc(s.blacklists, func(b *blacklist) bool { return b == list })
	delete(s.blacklistsByID, list.id)
	for _, one := range s.searches {
		one.blacklists = slices.DeleteFunc(one.blacklists, func(id string) bool { return id == list.id })
	}
	s.happened(Event{Kind: "blacklist_removed", BlacklistID: list.id, Request: request})
}

// wireBlacklist is a blacklist as this API shows one. The guide shows none:
// the id's name follows its companies, the rest its request (U4).
func (s *Server) wireBlacklist(list *blacklist) members {
	behavior := s.options.Behavior
	body := members{
		{"id", list.id},
		{"name", list.name},
		{"description", orNull(list.description)},
		{"created_at", s.stamp(list.createdAt)},
	}
	if list.description == "" && behavior.EmptyDescription {
		body.set("description", "")
	}
	if list.description == "" && behavior.WithoutDescription {
		body = body.without("description")
	}
	if behavior.BlacklistIDKey {
		body.rename("id", "blacklist_id")
	}
	if behavior.ExtraFields {
		body.set("owner", map[string]any{"team": []any{1, nil, "x"}})
	}
	return body
}

// written is what POST and PATCH of a blacklist answer.
func (s *Server) written(status int, list *blacklist, stripped []string) answer {
	body := s.wireBlacklist(list)
	if s.options.Behavior.PartialEcho {
		body = body.without("name", "description", "created_at", "owner")
	}
	if status == http.StatusCreated && s.options.Behavior.CreateWithoutID {
		body = body.without("id", "blacklist_id")
	}
	return s.single(status, namingStripped(body, stripped), "blacklist")
}

// single wraps one object (U4).
func (s *Server) single(status int, body members, resource string) answer {
	if status == http.StatusCreated && s.options.Behavior.OKForCreated {
		status = http.StatusOK
	}
	a := answer{status: status, body: body, done: true}
	switch {
	case s.options.Behavior.WrapObjects:
		a.body = members{{"data", body}}
	case s.options.Behavior.WrapBlacklist && resource == "blacklist":
		a.body = members{{"blacklist", body}}
	}
	return a
}

func (s *Server) listBlacklists(c call) answer {
	w, refused := s.window(c.request.URL.Query(), largestLimit)
	if refused != nil {
		return *refused
	}
	lists := slices.Clone(s.blacklists)
	if s.options.Behavior.BlacklistsNewestFirst {
		slices.Reverse(lists)
	}
	var rows []any
	for _, list := range lists {
		rows = append(rows, s.wireBlacklist(list))
	}
	return s.page(rows, w, "blacklists")
}

// checkBlacklist checks the fields of POST and PATCH.
func (s *Server) checkBlacklist(fields map[string]any, nameRequired bool) (stripped []string, refused *answer) {
	stripped, unknown := s.unknownFields(fields, "name", "description")
	faults := []*wrong{
		unknown,
		text(fields, "name", maxBlacklistName, nameRequired),
		text(fields, "description", maxBlacklistDescription, false),
	}
	if value, given := fields["description"]; given && value == nil && s.options.Behavior.NullDescriptionRefused {
		faults = append(faults, &wrong{"description", "description must be a string"})
	}
	return stripped, s.refuse(faults...)
}

// nameTaken is a 409 for a name that another blacklist has (U7).
func (s *Server) nameTaken(name string, except *blacklist) *answer {
	if !s.options.Behavior.UniqueNames {
		return nil
	}
	if !slices.ContainsFunc(s.blacklists, func(b *blacklist) bool { return b != except && b.name == name }) {
		return nil
	}
	a := s.problem(http.StatusConflict, "CONFLICT", "A blacklist of this name exists already", nil)
	return &a
}

func (s *Server) createBlacklist(c call) answer {
	fields, refused := s.decode(c)
	if refused != nil {
		return *refused
	}
	stripped, refused := s.checkBlacklist(fields, true)
	if refused != nil {
		return *refused
	}
	name := stringOf(fields["name"])
	if taken := s.nameTaken(name, nil); taken != nil {
		return *taken
	}
	list := s.create(name, stringOf(fields["description"]), c.number)
	a := s.written(http.StatusCreated, list, stripped)
	a.note = fmt.Sprintf("blacklist %q created", list.name)
	return a
}

func (s *Server) getBlacklist(c call) answer {
	list := s.blacklistsByID[c.ids[0]]
	if list == nil {
		return s.noBlacklist(c.ids[0])
	}
	return s.single(http.StatusOK, s.wireBlacklist(list), "blacklist")
}

func (s *Server) patchBlacklist(c call) answer {
	fields, refused := s.decode(c)
	if refused != nil {
		return *refused
	}
	list := s.blacklistsByID[c.ids[0]]
	if list == nil {
		return s.noBlacklist(c.ids[0])
	}
	_, named := fields["name"]
	stripped, refused := s.checkBlacklist(fields, named)
	if refused != nil {
		return *refused
	}
	if len(fields) == 0 && len(stripped) == 0 {
		return *s.refuse(&wrong{"body", "name or description is required"})
	}
	if named {
		name := stringOf(fields["name"])
		if taken := s.nameTaken(name, list); taken != nil {
			return *taken
		}
		list.name = name
	}
	if description, given := fields["description"]; given {
		list.description = stringOf(description)
	}
	s.happened(Event{Kind: "blacklist_updated", BlacklistID: list.id, Request: c.number})
	a := s.written(http.StatusOK, list, stripped)
	if s.options.Behavior.EmptyWriteAnswers {
		a = nothing()
	}
	a.note = fmt.Sprintf("blacklist %q updated", list.name)
	return a
}

func (s *Server) deleteBlacklist(c call) answer {
	list := s.blacklistsByID[c.ids[0]]
	if list == nil {
		return s.noBlacklist(c.ids[0])
	}
	if s.options.Behavior.DeleteInUseRefused {
		for _, o := range s.orders {
			if !terminal(o.Status) && slices.Contains(stringsOf(o.Request["blacklist_ids"]), list.id) {
				return s.problem(http.StatusConflict, "CONFLICT", "The blacklist is in use by order "+o.ID, nil)
			}
		}
		for _, one := range s.searches {
			if slices.Contains(one.blacklists, list.id) {
				return s.problem(http.StatusConflict, "CONFLICT", "The blacklist is in use by prospect search "+one.id, nil)
			}
		}
	}
	s.discard(list, c.number)
	a := nothing()
	switch {
	case s.options.Behavior.DeleteAccepted:
		a = answer{status: http.StatusAccepted, body: members{{"message", "Deletion accepted"}}, done: true}
	case s.options.Behavior.OKForCreated:
		a = ok(members{{"success", true}})
	}
	a.note = fmt.Sprintf("blacklist %q removed", list.name)
	return a
}
