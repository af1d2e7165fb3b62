package simulator

import (
	"maps"
	"slices"
)

// Clone starts another server that holds a copy of this one's blacklists,
// orders, profile creations and prospect searches under the same ids, so that what a run made can be taken up many
// times. Its journal, events and faults begin empty, and it listens on a port of
// its own.
func (s *Server) Clone() (*Server, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	options := s.options
	options.Address = ""
	clone, err := Start(options)
	if err != nil {
		return nil, err
	}
	clone.mu.Lock()
	defer clone.mu.Unlock()
	clone.advanced, clone.sequence = s.advanced, s.sequence
	clone.hour, clone.inHour = s.hour, s.inHour
	clone.failing = s.failing
	for _, made := range s.creations {
		copied := *made
		clone.creations = append(clone.creations, &copied)
	}
	for _, one := range s.searches {
		copied := *one
		copied.blacklists = slices.Clone(one.blacklists)
		clone.searches = append(clone.searches, &copied)
	}
	for _, list := range s.blacklists {
		copied := list.clone()
		clone.blacklists = append(clone.blacklists, copied)
		clone.blacklistsByID[copied.id] = copied
	}
	for _, o := range s.orders {
		copied := o.clone()
		clone.orders = append(clone.orders, copied)
		clone.ordersByID[copied.ID] = copied
		if copied.IdempotencyKey != "" {
			clone.ordersByKey[copied.IdempotencyKey] = copied
		}
	}
	return clone, nil
}

// clone copies a blacklist; rows never change, so that both may hold the same.
func (b *blacklist) clone() *blacklist {
	copied := *b
	copied.entries = slices.Clone(b.entries)
	copied.byID = maps.Clone(b.byID)
	copied.byFields = cloneIndex(b.byFields)
	copied.byCompany = cloneIndex(b.byCompany)
	return &copied
}

func cloneIndex[K comparable](index map[K][]*Entry) map[K][]*Entry {
	copied := make(map[K][]*Entry, len(index))
	for key, rows := range index {
		copied[key] = slices.Clone(rows)
	}
	return copied
}

func (o *order) clone() *order {
	copied := *o
	copied.Order = o.copy()
	copied.echo = maps.Clone(o.echo)
	copied.times = maps.Clone(o.times)
	return &copied
}
