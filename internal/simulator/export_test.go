package simulator

// RenameBlacklist returns a blacklist an id of one's own, such as the guide's.
func (s *Server) RenameBlacklist(id, as string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.blacklistsByID[id]
	delete(s.blacklistsByID, id)
	list.id, s.blacklistsByID[as] = as, list
}

// RenameOrder returns an order an id of one's own, such as the guide's.
func (s *Server) RenameOrder(id, as string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.ordersByID[id]
	delete(s.ordersByID, id)
	o.ID, s.ordersByID[as] = as, o
}
