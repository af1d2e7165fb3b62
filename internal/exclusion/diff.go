package exclusion

import "github.com/openprospect/terraform-provider-openprospect/internal/openprospect"

// Change is what turns one document into another. Entries are told apart by what they say (Key), not by the
// user's labels: another label for the same company is no change of the list.
type Change struct {
	Added   []Item
	Removed []Item
	// Changed are entries whose label stays while their company or its fields change.
	Changed []ChangedItem
	// Relabelled are entries that only stand under another key.
	Relabelled []Relabelling
	// Respelled are entries that differ by spelling alone: the same row to the API.
	Respelled []ChangedItem
}

// ChangedItem is an entry before and after, under one key.
type ChangedItem struct {
	Key      string
	Old, New openprospect.EntryFields
}

// Relabelling is an entry that moves from one key to another.
type Relabelling struct{ From, To string }

// Empty reports whether the list stays as it is: there is nothing to add and nothing to remove.
func (c Change) Empty() bool { return len(c.Added)+len(c.Removed)+len(c.Changed) == 0 }

// Diff gives the change from prior to planned, in the documents' order.
func Diff(prior, planned *Document) Change {
	if prior.text == planned.text {
		return Change{}
	}
	var change Change
	used := make([]bool, len(prior.members))
	var open []int
	for i := range planned.members {
		m := &planned.members[i]
		if j, found := prior.find(m.key); found && prior.members[j].fields == m.fields {
			used[j] = true
		} else {
			open = append(open, i)
		}
	}
	open = change.matchRespelled(prior, planned, open, used)
	open = change.matchRelabelled(prior, planned, open, used)
	for _, i := range open {
		m := &planned.members[i]
		if j, found := prior.find(m.key); found && !used[j] {
			used[j] = true
			change.Changed = append(change.Changed, ChangedItem{m.key, prior.members[j].fields, m.fields})
		} else {
			change.Added = append(change.Added, Item{m.key, m.fields})
		}
	}
	for j := range prior.members {
		if !used[j] {
			change.Removed = append(change.Removed, Item{prior.members[j].key, prior.members[j].fields})
		}
	}
	return change
}

// matchRespelled finds the planned members that differ from their prior entry by spelling alone, and gives those that are left.
func (c *Change) matchRespelled(prior, planned *Document, open []int, used []bool) []int {
	var left []int
	for _, i := range open {
		m := &planned.members[i]
		if j, found := prior.find(m.key); found && identify(prior.members[j].fields) == identify(m.fields) {
			used[j] = true
			c.Respelled = append(c.Respelled, ChangedItem{m.key, prior.members[j].fields, m.fields})
			continue
		}
		left = append(left, i)
	}
	return left
}

// matchRelabelled finds the planned members whose entry stands under another key in prior, and gives those that are left.
func (c *Change) matchRelabelled(prior, planned *Document, open []int, used []bool) []int {
	if len(open) == 0 {
		return nil
	}
	spare := make(map[identity][]int)
	for j := range prior.members {
		if !used[j] {
			id := identify(prior.members[j].fields)
			spare[id] = append(spare[id], j)
		}
	}
	var left []int
	for _, i := range open {
		m := &planned.members[i]
		id := identify(m.fields)
		if places := spare[id]; len(places) > 0 {
			used[places[0]] = true
			spare[id] = places[1:]
			c.Relabelled = append(c.Relabelled, Relabelling{From: prior.members[places[0]].key, To: m.key})
			continue
		}
		left = append(left, i)
	}
	return left
}
