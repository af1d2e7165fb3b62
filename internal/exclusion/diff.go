package exclusion

import "iter"

// Difference is what turns one document into another. Entries are told apart by their fields, not by the user's labels:
// another label for the same company does not change the list.
type Difference struct {
	Added   []Item
	Removed []Item
	// Changed are entries whose label stays while their company or its fields change.
	Changed []ChangedItem
	// Relabelled are entries that only get another key.
	Relabelled []Relabelling
	// Respelled are entries that differ by spelling alone: the same row to the API.
	Respelled []ChangedItem
}

// ChangedItem is an entry before and after, under one key.
type ChangedItem struct {
	Key      string
	Old, New Company
}

// Relabelling is an entry that moves from one key to another.
type Relabelling struct{ From, To string }

// Incoming returns the companies that come to the list, by key: first those that are added, then those that a change brings.
func (d Difference) Incoming() iter.Seq2[string, Company] {
	return func(yield func(string, Company) bool) {
		for _, item := range d.Added {
			if !yield(item.Key, item.Company) {
				return
			}
		}
		for _, item := range d.Changed {
			if !yield(item.Key, item.New) {
				return
			}
		}
	}
}

// Empty reports whether the list stays as it is: there is nothing to add and nothing to remove.
func (d Difference) Empty() bool { return len(d.Added)+len(d.Removed)+len(d.Changed) == 0 }

// Diff returns the difference from prior to planned, in the documents' order.
func Diff(prior, planned *Document) Difference {
	if prior.text == planned.text {
		return Difference{}
	}
	var difference Difference
	used := make([]bool, len(prior.members))
	var open []*member
	for i := range planned.members {
		m := &planned.members[i]
		j, found := prior.find(m.key)
		switch {
		case found && prior.members[j].company.Fields() == m.company.Fields():
			used[j] = true
		case found && prior.members[j].company.SameFields(m.company):
			used[j] = true
			difference.Respelled = append(difference.Respelled, ChangedItem{m.key, prior.members[j].company, m.company})
		default:
			open = append(open, m)
		}
	}
	for _, m := range difference.matchRelabelled(prior, open, used) {
		if j, found := prior.find(m.key); found && !used[j] {
			used[j] = true
			difference.Changed = append(difference.Changed, ChangedItem{m.key, prior.members[j].company, m.company})
		} else {
			difference.Added = append(difference.Added, Item{m.key, m.company})
		}
	}
	for j := range prior.members {
		if !used[j] {
			difference.Removed = append(difference.Removed, Item{prior.members[j].key, prior.members[j].company})
		}
	}
	return difference
}

// matchRelabelled finds the planned members whose entry has another key in prior, and returns the others.
func (d *Difference) matchRelabelled(prior *Document, open []*member, used []bool) []*member {
	if len(open) == 0 {
		return nil
	}
	unused := make(map[identity][]int)
	for j := range prior.members {
		if !used[j] {
			id := prior.members[j].company.identity()
			unused[id] = append(unused[id], j)
		}
	}
	var left []*member
	for _, m := range open {
		places := unused[m.company.identity()]
		if len(places) == 0 {
			left = append(left, m)
			continue
		}
		used[places[0]] = true
		unused[m.company.identity()] = places[1:]
		d.Relabelled = append(d.Relabelled, Relabelling{From: prior.members[places[0]].key, To: m.key})
	}
	return left
}
