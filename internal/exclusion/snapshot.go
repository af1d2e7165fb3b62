package exclusion

import "slices"

// snapshot is the list as the newest fetch and the writes since then leave it. All access is under List.mu.
type snapshot struct {
	// sequence is that of the fetch that read it.
	sequence uint64
	// rows are in the list's order; a row without an id has been removed.
	rows []Entry
	live int
	byID map[string]int
	// The other indexes are made when they are asked for, of the first rows: a bulk resource needs none of them.
	indexed    int
	byIdentity map[identity][]int
	byTier     map[tier][]int
	byDomain   map[string][]int
	byName     map[string][]int
}

func newSnapshot(sequence uint64, entries []Entry) *snapshot {
	s := &snapshot{sequence: sequence, byID: make(map[string]int, len(entries))}
	s.rows = make([]Entry, 0, len(entries))
	for _, entry := range entries {
		s.add(entry)
	}
	return s
}

// add appends an entry unless its id is there already.
func (s *snapshot) add(entry Entry) {
	if _, found := s.byID[entry.ID]; found || entry.ID == "" {
		return
	}
	s.rows = append(s.rows, entry)
	s.live++
	s.byID[entry.ID] = len(s.rows) - 1
}

// remove drops an entry. Its places in the other indexes stay and are skipped.
func (s *snapshot) remove(id string) {
	if i, found := s.byID[id]; found {
		delete(s.byID, id)
		s.rows[i] = Entry{}
		s.live--
	}
}

func (s *snapshot) find(id string) (Entry, bool) {
	i, found := s.byID[id]
	if !found {
		return Entry{}, false
	}
	return s.rows[i], true
}

func (s *snapshot) entries() []Entry {
	entries := make([]Entry, 0, s.live)
	for _, row := range s.rows {
		if row.ID != "" {
			entries = append(entries, row)
		}
	}
	return entries
}

func (s *snapshot) index(i int) {
	id := s.rows[i].identity()
	s.byIdentity[id] = append(s.byIdentity[id], i)
	if tier := id.tier(); tier.method != "" {
		s.byTier[tier] = append(s.byTier[tier], i)
	}
	if id.hasDomain {
		s.byDomain[id.website] = append(s.byDomain[id.website], i)
	}
	if id.name != "" {
		s.byName[id.name] = append(s.byName[id.name], i)
	}
}

func (s *snapshot) ensureIndexes() {
	if s.byIdentity == nil {
		s.byIdentity = make(map[identity][]int, s.live)
		s.byTier = make(map[tier][]int, s.live)
		s.byDomain = make(map[string][]int, s.live)
		s.byName = make(map[string][]int, s.live)
	}
	for ; s.indexed < len(s.rows); s.indexed++ {
		if s.rows[s.indexed].ID != "" {
			s.index(s.indexed)
		}
	}
}

// withFields returns the entries with the same fields, in the list's order.
func (s *snapshot) withFields(company Company) []Entry {
	s.ensureIndexes()
	return s.pick(s.byIdentity[company.identity()])
}

// sameCompany returns the entries that the API matches by the same value of the same tier.
func (s *snapshot) sameCompany(company Company) []Entry {
	s.ensureIndexes()
	return s.pick(s.byTier[company.identity().tier()])
}

// couldMatch returns the entries in which the API may see the same company.
func (s *snapshot) couldMatch(company Company) []Entry {
	s.ensureIndexes()
	id := company.identity()
	var places []int
	if id.externalID != "" {
		places = append(places, s.byTier[tier{MatchExternalID, id.externalID, ""}]...)
	}
	if id.hasDomain {
		places = append(places, s.byDomain[id.website]...)
	}
	for _, i := range s.byName[id.name] {
		if s.rows[i].ID != "" && id.couldMatch(s.rows[i].identity()) {
			places = append(places, i)
		}
	}
	return s.pick(places)
}

// pick returns the live rows at these places, each once, in the list's order.
func (s *snapshot) pick(places []int) []Entry {
	places = slices.Clone(places)
	slices.Sort(places)
	var entries []Entry
	for _, i := range slices.Compact(places) {
		if s.rows[i].ID != "" {
			entries = append(entries, s.rows[i])
		}
	}
	return entries
}
