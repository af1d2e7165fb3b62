package exclusion

import (
	"context"
	"fmt"
)

// Update is a change of all the entries that one resource has on a list.
type Update struct {
	// Owner is the resource's, as in its claims.
	Owner string
	// Prior is what the resource has on the list, Planned what it is to have. Nothing is removed but what Prior has and
	// Planned has not.
	Prior, Planned *Document
	// Rows are Prior's, by key.
	Rows map[string]Row
	// Additive leaves entries on the list that the resource gives up but has not added itself. To know which those will
	// be, the list is read before anything is added, unless Others tells.
	Additive bool
	// Others is what the resource's last refresh has seen of the rest of the list, if it is additive and did.
	Others *Others
	// Unread is true if that refresh has read nothing, so that the list may hold already what is to be added.
	Unread bool
}

// Applied is what a resource has on the list after an update, whether or not all of it was carried out.
type Applied struct {
	// Document is Planned when there was no error.
	Document *Document
	Rows     map[string]Row
	// Adopted are keys whose entry was on the list already; Added is how many entries were not.
	Adopted []string
	Added   int
	// Left are entries of Prior that were left on the list: claimed by another resource, or not added by this one.
	Left []Item
}

// Apply carries out an update: additions first, then, when all of them are on the list, removals. It trusts that the plan
// has read the list. Where it has not, or there was nothing to read it for, the list is read first, and what is there
// already with the same fields is adopted (see lookBefore).
//
// Where the API may see the same company in a new entry and in one that is to go, the old one goes only once another id
// is seen to hold the new fields (see Replace). An error is an *UpdateError, or the reason why nothing was begun; Applied
// says what is on the list in either case. When ctx ends, the request in flight is finished and no further one is sent.
func (l *List) Apply(ctx context.Context, u Update) (Applied, error) {
	defer l.beginActivity()()
	difference := Diff(u.Prior, u.Planned)
	incoming := incomingItems(difference)
	outgoing, err := l.outgoingItems(ctx, u, difference)
	if err != nil {
		return Applied{Document: u.Prior, Rows: u.Rows}, err
	}
	c := newUpdateChange(ctx, u, incoming, outgoing)
	if len(incoming) > 0 {
		c.size, c.lookFirst = l.lookBefore(ctx, u)
	}
	if c.lookFirst {
		if err := l.withSnapshot(ctx, anySnapshot, func(*snapshot) {}); err != nil {
			return Applied{Document: u.Prior, Rows: u.Rows}, err
		}
	}
	select {
	case l.writing <- struct{}{}:
	case <-ctx.Done():
		return Applied{Document: u.Prior, Rows: u.Rows}, context.Cause(ctx)
	}
	l.carryOut([]*change{c})
	if u.Additive && c.size > 0 && !l.hasGrown(ctx, c) {
		for _, a := range c.additions {
			a.alreadyThere = a.err == nil
		}
	}
	<-l.writing
	return l.applied(u, difference, incoming, outgoing)
}

// incomingItem is an entry that is to be on the list.
type incomingItem struct {
	key string
	*addition
}

// outgoingItem is an entry of Prior that is not planned any more. A list may hold it more than once (U13).
type outgoingItem struct {
	Item
	row      Row
	removals []*removal
	// stays is true if it is left on the list because the resource has not added it.
	stays bool
}

func incomingItems(difference Difference) []incomingItem {
	var items []incomingItem
	for key, company := range difference.Incoming() {
		items = append(items, incomingItem{key, &addition{company: company}})
	}
	return items
}

// outgoingItems finds the ids that are not known by the fields.
func (l *List) outgoingItems(ctx context.Context, u Update, difference Difference) ([]*outgoingItem, error) {
	var items []*outgoingItem
	for _, item := range difference.Removed {
		items = append(items, &outgoingItem{Item: item, row: u.Rows[item.Key]})
	}
	for _, item := range difference.Changed {
		items = append(items, &outgoingItem{Item: Item{item.Key, item.Old}, row: u.Rows[item.Key]})
	}
	for _, item := range items {
		ids := append([]string{item.row.ID}, item.row.More...)
		if item.row.ID == "" {
			entries, err := l.FindFields(ctx, item.Company)
			if err != nil {
				return nil, err
			}
			for _, entry := range entries {
				ids = append(ids, entry.ID)
			}
		}
		item.stays = u.Additive && !item.row.Added
		for _, id := range ids {
			if id != "" {
				item.removals = append(item.removals, &removal{entry: Entry{ID: id, Company: item.Company}})
			}
		}
	}
	return items, nil
}

func newUpdateChange(ctx context.Context, u Update, incoming []incomingItem, outgoing []*outgoingItem) *change {
	c := &change{ctx: ctx, owner: u.Owner}
	if len(incoming) > 0 {
		c.companyOfRow = u.companyOfRow()
	}
	for _, item := range incoming {
		item.change = c
		c.additions = append(c.additions, item.addition)
	}
	for _, item := range outgoing {
		if item.stays {
			continue
		}
		for _, old := range item.removals {
			old.change = c
			c.removals = append(c.removals, old)
		}
	}
	c.pairUp()
	return c
}

// lookBefore returns whether the list must be read before anything is added, and if not, how many entries are on it, as the plan
// has left it; 0 if that is not known. A look at its last page shows whether it still is as the plan has seen it.
func (l *List) lookBefore(ctx context.Context, u Update) (size int, lookFirst bool) {
	size, complete := sizeOf(u.Prior, u.Rows)
	switch {
	case u.Prior.Len() == 0 || l.IsKnown():
		return 0, u.Prior.Len() == 0 || u.Additive || u.Unread
	case u.Additive:
		if u.Others == nil || u.mayBeOthers() || !u.Others.areStillThere(ctx, l) {
			return 0, true
		}
		return u.Others.Size, false
	case u.Unread:
		same, err := l.LooksLike(ctx, u.Prior, u.Rows)
		return size, err != nil || !same
	case !complete:
		return 0, false
	}
	return size, false
}

// mayBeOthers reports whether the list may hold already what is to be added, or what the API takes for the same company.
func (u Update) mayBeOthers() bool {
	for _, company := range Diff(u.Prior, u.Planned).Incoming() {
		if u.Others.mayHold(company) {
			return true
		}
	}
	return false
}

// companyOfRow returns the companies of Prior's entries by id.
func (u Update) companyOfRow() func(id string) (Company, bool) {
	keys := make(map[string]string, len(u.Rows))
	for key, row := range u.Rows {
		if row.ID != "" {
			keys[row.ID] = key
		}
	}
	return func(id string) (Company, bool) {
		key, found := keys[id]
		if !found {
			return Company{}, false
		}
		return u.Prior.Company(key)
	}
}

// pairUp notes for each addition the removals in whose entries the API may see the same company.
func (c *change) pairUp() {
	if len(c.additions) == 0 || len(c.removals) == 0 {
		return
	}
	byValue := make(map[string][]*removal)
	for _, old := range c.removals {
		for _, value := range old.entry.identity().matchValues() {
			byValue[value] = append(byValue[value], old)
		}
	}
	for _, a := range c.additions {
		paired := make(map[*removal]bool)
		for _, value := range a.company.identity().matchValues() {
			for _, old := range byValue[value] {
				if !paired[old] && a.company.identity().couldMatch(old.entry.identity()) {
					paired[old] = true
					a.collidesWith = append(a.collidesWith, old)
				}
			}
		}
	}
}

// applied says what is on the list after the update.
func (l *List) applied(u Update, difference Difference, incoming []incomingItem, outgoing []*outgoingItem) (Applied, error) {
	result := Applied{Document: u.Planned, Rows: carryOverUnchanged(u, difference)}
	var failures []Failure
	for _, item := range incoming {
		if item.err != nil {
			failures = append(failures, Failure{Item{item.key, item.company}, item.err})
			continue
		}
		if item.alreadyThere {
			result.Adopted = append(result.Adopted, item.key)
		} else {
			result.Added++
		}
		result.Rows[item.key] = Row{ID: item.entry.ID, Added: !item.alreadyThere}
	}
	remaining := make(map[*outgoingItem][]string)
	for _, item := range outgoing {
		ids, kept, err := item.remaining()
		switch {
		case err != nil:
			failures = append(failures, Failure{item.Item, fmt.Errorf("removing it: %w", err)})
			remaining[item] = ids
		case len(ids) > 0 && (item.stays || kept):
			result.Left = append(result.Left, item.Item)
		case len(ids) > 0:
			remaining[item] = ids
		}
	}
	if len(failures) == 0 {
		return result, nil
	}

	companies := make(map[string]Company, len(result.Rows))
	for key := range result.Rows {
		companies[key], _ = u.Planned.Company(key)
	}
	for item, ids := range remaining {
		key := item.Key
		for _, taken := companies[key]; taken; _, taken = companies[key] {
			key += " (" + ids[0] + ")"
		}
		result.Rows[key], companies[key] = Row{ID: ids[0], More: ids[1:], Added: item.row.Added}, item.Company
	}
	result.Document = render(companies)
	return result, &UpdateError{BlacklistID: l.id, Failures: failures}
}

// carryOverUnchanged returns the rows, by their planned keys, of entries that neither come nor go.
func carryOverUnchanged(u Update, difference Difference) map[string]Row {
	source := make(map[string]string, len(difference.Relabelled))
	for _, r := range difference.Relabelled {
		source[r.To] = r.From
	}
	incoming := make(map[string]bool, len(difference.Added))
	for key := range difference.Incoming() {
		incoming[key] = true
	}
	rows := make(map[string]Row, u.Planned.Len())
	for key := range u.Planned.All() {
		from, relabelled := source[key]
		switch {
		case incoming[key]:
		case relabelled:
			rows[key] = u.Rows[from]
		default:
			rows[key] = u.Rows[key]
		}
	}
	return rows
}

// remaining returns the ids that are still on the list, whether another resource has claimed one, and why one could not
// be removed.
func (o *outgoingItem) remaining() (ids []string, kept bool, err error) {
	for _, old := range o.removals {
		if old.gone {
			continue
		}
		ids = append(ids, old.entry.ID)
		kept = kept || old.claimedElsewhere
		if err == nil {
			err = old.err
		}
	}
	return ids, kept, err
}
