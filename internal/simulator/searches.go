package simulator

import (
	"fmt"
	"net/http"
	"slices"
)

// ProspectSearch is a running search, and the blacklists that are assigned to it.
type ProspectSearch struct {
	ID           string
	Name         string
	BlacklistIDs []string
}

type search struct {
	id, name   string
	blacklists []string
}

func (s *Server) addSearch(name string, blacklistIDs []string) *search {
	one := &search{id: s.newID(0x5e), name: name, blacklists: slices.Clone(blacklistIDs)}
	s.searches = append(s.searches, one)
	return one
}

func (s *Server) findSearch(id string) *search {
	for _, one := range s.searches {
		if one.id == id {
			return one
		}
	}
	return nil
}

func (s *Server) noSearch(id string) answer {
	return s.problem(http.StatusNotFound, "PROSPECT_SEARCH_NOT_FOUND", "Prospect search not found",
		members{{"entity_type", "prospect_search"}, {"identifier", id}})
}

// listSearches shows what the newest pages show of each; their example has no has_more.
func (s *Server) listSearches(c call) answer {
	w, refused := s.window(c.request.URL.Query(), largestLimit)
	if refused != nil {
		return *refused
	}
	var rows []any
	for _, one := range s.searches {
		rows = append(rows, members{{"id", one.id}, {"name", one.name}, {"status", "ACTIVE"}})
	}
	a := s.page(rows, w, "prospect_searches")
	if body, isObject := a.body.(members); isObject {
		a.body = body.without("has_more")
	}
	return a
}

func (s *Server) getAssignment(c call) answer {
	one := s.findSearch(c.ids[0])
	if one == nil {
		return s.noSearch(c.ids[0])
	}
	return s.assignment(one, c)
}

// assignment shows the blacklists of a search (U42).
func (s *Server) assignment(one *search, c call) answer {
	ids := slices.Clone(one.blacklists)
	if ids == nil {
		ids = []string{}
	}
	objects := []any{}
	for _, id := range ids {
		if list := s.blacklistsByID[id]; list != nil {
			objects = append(objects, s.wireBlacklist(list))
		}
	}
	switch s.options.Behavior.Assignment {
	case "blacklists":
		return s.single(http.StatusOK, members{{"prospect_search_id", one.id}, {"blacklists", objects}}, "assignment")
	case "list":
		w, refused := s.window(c.request.URL.Query(), largestLimit)
		if refused != nil {
			return *refused
		}
		return s.page(objects, w, "blacklists")
	case "ids":
		return ok(ids)
	case "objects":
		return ok(objects)
	}
	return s.single(http.StatusOK, members{{"blacklist_ids", ids}}, "assignment")
}

// putAssignment puts the blacklists of the request in the place of all that are assigned.
func (s *Server) putAssignment(c call) answer {
	one := s.findSearch(c.ids[0])
	if one == nil {
		return s.noSearch(c.ids[0])
	}
	fields, refused := s.decode(c)
	if refused != nil {
		return *refused
	}
	stripped, unknown := s.unknownFields(fields, "blacklist_ids")
	if refused := s.refuse(unknown, required(fields, "blacklist_ids"), texts(fields, "blacklist_ids", false)); refused != nil {
		return *refused
	}
	if refused := s.checkBlacklistIDs(fields); refused != nil {
		return *refused
	}
	one.blacklists = stringsOf(fields["blacklist_ids"])
	s.happened(Event{Kind: "blacklists_assigned", SearchID: one.id, Request: c.number})
	a := s.assignment(one, c)
	if body, isObject := a.body.(members); isObject {
		a.body = namingStripped(body, stripped)
	}
	if s.options.Behavior.EmptyWriteAnswers {
		a = nothing()
	}
	a.note = fmt.Sprintf("%s assigned to the search %q", plural(len(one.blacklists), "blacklist", "blacklists"), one.name)
	return a
}

// AddProspectSearch starts a search to which blacklists are assigned, and returns its id. A search that fulfils an order starts when
// the order is accepted.
func (s *Server) AddProspectSearch(name string, blacklistIDs ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addSearch(name, blacklistIDs).id
}

// ProspectSearch returns one search.
func (s *Server) ProspectSearch(id string) (ProspectSearch, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.findSearch(id)
	if one == nil {
		return ProspectSearch{}, false
	}
	return ProspectSearch{ID: one.id, Name: one.name, BlacklistIDs: slices.Clone(one.blacklists)}, true
}

// AssignBlacklists assigns these blacklists to a search and no others, as somebody does in the dashboard.
func (s *Server) AssignBlacklists(searchID string, blacklistIDs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.findSearch(searchID); one != nil {
		one.blacklists = slices.Clone(blacklistIDs)
		s.happened(Event{Kind: "blacklists_assigned", SearchID: searchID})
	}
}

// RemoveProspectSearch ends a search for good.
func (s *Server) RemoveProspectSearch(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.searches = slices.DeleteFunc(s.searches, func(one *search) bool { return one.id == id })
}
