package simulator

import (
	"maps"
	"slices"
)

// Blacklists are all blacklists, oldest first.
func (s *Server) Blacklists() []Blacklist {
	s.mu.Lock()
	defer s.mu.Unlock()
	lists := make([]Blacklist, 0, len(s.blacklists))
	for _, list := range s.blacklists {
		lists = append(lists, list.copy())
	}
	return lists
}

// Blacklist returns one blacklist.
func (s *Server) Blacklist(id string) (Blacklist, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if list := s.blacklistsByID[id]; list != nil {
		return list.copy(), true
	}
	return Blacklist{}, false
}

// Orders are all orders, oldest first, those hidden by HideOrder included.
func (s *Server) Orders() []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	orders := make([]Order, 0, len(s.orders))
	for _, o := range s.orders {
		orders = append(orders, o.copy())
	}
	return orders
}

func (o *order) copy() Order {
	copied := o.Order
	copied.Request = maps.Clone(o.Request)
	return copied
}

// Order returns one order.
func (s *Server) Order(id string) (Order, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.ordersByID[id]; o != nil {
		return o.copy(), true
	}
	return Order{}, false
}

// AddBlacklist makes a blacklist with entries (ids are set by the server) and
// gives its id.
func (s *Server) AddBlacklist(name, description string, entries ...Entry) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.create(name, description, 0)
	s.addAll(list, entries)
	return list.id
}

// AddEntries adds entries and returns their ids; "" for one that is on the list
// already.
func (s *Server) AddEntries(blacklistID string, entries ...Entry) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.blacklistsByID[blacklistID]
	if list == nil {
		return nil
	}
	return s.addAll(list, entries)
}

func (s *Server) addAll(list *blacklist, entries []Entry) []string {
	s.lagBehind(list)
	ids := make([]string, len(entries))
	for i, entry := range entries {
		if o := s.add(list, entry, 0); o.added {
			ids[i] = o.row.ID
		}
	}
	return ids
}

// RemoveEntries removes entries by id.
func (s *Server) RemoveEntries(blacklistID string, ids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if list := s.blacklistsByID[blacklistID]; list != nil {
		s.remove(list, ids, 0)
	}
}

// UpdateBlacklist changes a blacklist's name and description.
func (s *Server) UpdateBlacklist(id, name, description string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if list := s.blacklistsByID[id]; list != nil {
		list.name, list.description = name, description
		s.happened(Event{Kind: "blacklist_updated", BlacklistID: id})
	}
}

// RemoveBlacklist removes a blacklist and its entries.
func (s *Server) RemoveBlacklist(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if list := s.blacklistsByID[id]; list != nil {
		s.discard(list, 0)
	}
}

// AddOrder places an order as another client, with the given request body
// fields over a valid discovery order, and returns its id.
func (s *Server) AddOrder(fields map[string]any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	request := map[string]any{
		"order_type":             "DISCOVERY",
		"title":                  "Another client's order",
		"features":               []any{"COMPANY_DATA"},
		"ideal_customer_profile": "Mid-market SaaS companies",
		"seller_offering":        "Consulting",
		"target_countries":       []any{"Germany"},
	}
	for name, value := range fields {
		if list, isList := value.([]string); isList {
			elements := make([]any, len(list))
			for i, element := range list {
				elements[i] = element
			}
			value = elements
		}
		request[name] = value
	}
	return s.place(request, "", 0).ID
}

// SetOrderStatus puts an order into a status, with the timestamps that go with
// it; notes become admin_notes.
func (s *Server) SetOrderStatus(id, status, notes string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.ordersByID[id]
	if o == nil {
		return
	}
	if _, accepted := o.times["accepted_at"]; !accepted && slices.Contains([]string{inProgress, completed, failed}, status) {
		o.times["accepted_at"] = s.now()
	}
	s.become(o, status, s.now())
	if notes != "" {
		o.echo["admin_notes"] = notes
	}
}

// UpdateOrder changes what the server shows of an order (as a vendor's person
// would), by JSON key.
func (s *Server) UpdateOrder(id string, fields map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.ordersByID[id]; o != nil {
		maps.Copy(o.echo, fields)
	}
}

// HideOrder makes an order invisible to the key (404 ORDER_NOT_FOUND, absent
// from the list), or visible again.
func (s *Server) HideOrder(id string, hidden bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.ordersByID[id]; o != nil {
		o.hidden = hidden
	}
}
