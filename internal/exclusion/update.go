package exclusion

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// Update is a change of all the entries that one resource has on a list.
type Update struct {
	// Owner is the resource's, as in the claims.
	Owner string
	// Prior is what the resource has on the list, Planned what it is to have. Nothing is removed but what Prior has and Planned has not.
	Prior, Planned *Document
	// Rows are Prior's, by key.
	Rows map[string]Row
	// Additive leaves entries on the list that the resource gives up but has not added itself. To know which
	// those will be, additions are looked up on the list first.
	Additive bool
}

// Applied is what a resource has on the list after an update, whether or not all of it was carried out.
type Applied struct {
	// Document is Planned when there was no error.
	Document *Document
	Rows     map[string]Row
	// Adopted are keys whose entry was on the list already, other than by an addition that was kept (KeepAdded).
	Adopted []string
	// Forgotten are entries of Prior that were left on the list: claimed by another resource, or not added by this one.
	Forgotten []Item
}

// Failure is one entry of which an update failed.
type Failure struct {
	Key    string
	Fields openprospect.EntryFields
	Err    error
}

// UpdateError says which entries an update could not add, change or remove.
type UpdateError struct {
	BlacklistID string
	Failures    []Failure
}

func (e *UpdateError) Error() string {
	const most = 20
	count := "1 entry"
	if len(e.Failures) != 1 {
		count = fmt.Sprintf("%d entries", len(e.Failures))
	}
	lines := []string{fmt.Sprintf("blacklist %s: %s could not be added, changed or removed", e.BlacklistID, count)}
	said := make(map[error]bool)
	for i, failure := range e.Failures {
		if i == most {
			lines = append(lines, fmt.Sprintf("and %d more", len(e.Failures)-most))
			break
		}
		line := fmt.Sprintf("key %q (%s)", shorten(failure.Key), Describe(failure.Fields))
		if !said[failure.Err] {
			line += ": " + failure.Err.Error()
		}
		said[failure.Err] = true
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the causes, each once.
func (e *UpdateError) Unwrap() []error {
	var causes []error
	said := make(map[error]bool)
	for _, failure := range e.Failures {
		if !said[failure.Err] {
			said[failure.Err] = true
			causes = append(causes, failure.Err)
		}
	}
	return causes
}

// Apply carries out an update: additions first, then, when all of them are on the list, removals. Without
// Prior entries, or when Additive, it looks the list up first and adopts what is there already with the same Key; otherwise it trusts that the plan has.
//
// Where a new entry may be the same company to the API as one that is to go, the old one goes only once
// another id is seen to hold the new fields (see Replace). An error is an *UpdateError, or the reason why nothing
// was begun; Applied tells what is on the list in either case. When ctx ends, the request in flight is finished and no further one is sent.
func (l *List) Apply(ctx context.Context, u Update) (Applied, error) {
	unchanged := Applied{Document: u.Prior, Rows: u.Rows}
	change := Diff(u.Prior, u.Planned)
	if len(change.Removed)+len(change.Changed) > 0 {
		l.AwaitClaims(ctx)
	}
	additions := len(change.Added) + len(change.Changed)
	if additions > 0 && (u.Prior.Len() == 0 || u.Additive) {
		if err := l.view(ctx, 0, func(*snapshot) {}); err != nil {
			return unchanged, err
		}
	}
	release, err := l.acquire(ctx)
	if err != nil {
		return unchanged, err
	}
	defer release()

	job := newUpdateJob(ctx, l, u, change)
	if err := job.identifyLeavers(ctx); err != nil {
		return unchanged, err
	}
	job.add()
	job.swapSwallowed()
	job.remove()
	return job.applied()
}

// updateJob is an update under way. It holds the list's token.
type updateJob struct {
	list *List
	Update
	change Change
	// ctx does not end; patience says when the caller's has.
	ctx context.Context
	patience

	joiners []*joiner
	leavers []*leaver
	// rows and fields become the result, by key.
	rows     map[string]Row
	fields   map[string]openprospect.EntryFields
	result   Applied
	failures []Failure
}

// joiner is an entry that is to be on the list.
type joiner struct {
	*addition
	key string
}

// leaver is an entry of Prior that is not planned any more.
type leaver struct {
	Item
	id  identity
	row Row
	// stays says that it is left on the list on purpose.
	stays bool
	// gone are those of its ids that are off the list.
	gone map[string]bool
}

func (v *leaver) ids() []string {
	var ids []string
	for _, id := range append([]string{v.row.ID}, v.row.More...) {
		if id != "" && !v.gone[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

func newUpdateJob(ctx context.Context, l *List, u Update, change Change) *updateJob {
	j := &updateJob{
		list: l, Update: u, change: change,
		ctx: context.WithoutCancel(ctx), patience: patience{caller: ctx},
		rows:   make(map[string]Row, u.Planned.Len()),
		fields: make(map[string]openprospect.EntryFields, u.Planned.Len()),
	}
	for _, item := range change.Added {
		j.joiners = append(j.joiners, &joiner{newAddition(item.Fields), item.Key})
	}
	leavers := change.Removed
	for _, item := range change.Changed {
		j.joiners = append(j.joiners, &joiner{newAddition(item.New), item.Key})
		leavers = append(leavers, Item{item.Key, item.Old})
	}
	for _, item := range leavers {
		j.leavers = append(j.leavers, &leaver{Item: item, id: identify(item.Fields), row: u.Rows[item.Key], gone: make(map[string]bool)})
	}
	j.keepTheRest()
	return j
}

// keepTheRest carries over what neither joins nor leaves.
func (j *updateJob) keepTheRest() {
	from := make(map[string]string, len(j.change.Relabelled))
	for _, r := range j.change.Relabelled {
		from[r.To] = r.From
	}
	joining := make(map[string]bool, len(j.joiners))
	for _, a := range j.joiners {
		joining[a.key] = true
	}
	for key, fields := range j.Planned.All() {
		if joining[key] {
			continue
		}
		source := key
		if old, moved := from[key]; moved {
			source = old
		}
		j.rows[key], j.fields[key] = j.Rows[source], fields
	}
}

// identifyLeavers decides which leavers stay, finds ids that are not known, and notes which joiners may be the same company as a leaver.
func (j *updateJob) identifyLeavers(ctx context.Context) error {
	for _, v := range j.leavers {
		if v.row.ID == "" {
			entries, err := j.list.FindFields(ctx, v.Fields)
			if err != nil {
				return err
			}
			for _, entry := range entries {
				v.row.More = append(v.row.More, entry.ID)
			}
		}
		v.stays = j.Additive && !v.row.Added || j.claimed(v)
	}
	j.pairUp()
	return nil
}

func (j *updateJob) claimed(v *leaver) bool {
	for _, id := range v.ids() {
		if j.list.isClaimedByOther(j.Owner, openprospect.Entry{ID: id, EntryFields: v.Fields}) {
			return true
		}
	}
	return false
}

// pairUp notes for each joiner the leavers that the API may take for the same company.
func (j *updateJob) pairUp() {
	byExternalID, byDomain, byName := make(map[string][]*leaver), make(map[string][]*leaver), make(map[string][]*leaver)
	for _, v := range j.leavers {
		if v.stays {
			continue
		}
		// What neither has, both do not share: listing it would pair everybody with everybody.
		if v.id.externalID != "" {
			byExternalID[v.id.externalID] = append(byExternalID[v.id.externalID], v)
		}
		if v.id.hasDomain {
			byDomain[v.id.website] = append(byDomain[v.id.website], v)
		}
		if v.id.name != "" {
			byName[v.id.name] = append(byName[v.id.name], v)
		}
	}
	for _, a := range j.joiners {
		for _, candidates := range [][]*leaver{byExternalID[a.id.externalID], byDomain[a.id.website], byName[a.id.name]} {
			for _, v := range candidates {
				if a.id.mayBe(v.id) {
					a.replace(v.ids())
				}
			}
		}
	}
}

func (a *addition) replace(ids []string) {
	if a.replaces == nil {
		a.replaces = make(map[string]bool)
	}
	for _, id := range ids {
		a.replaces[id] = true
	}
}

// add adopts or adds the joiners.
func (j *updateJob) add() {
	j.adopt()
	additions := make([]*addition, len(j.joiners))
	for i, a := range j.joiners {
		additions[i] = a.addition
	}
	sender := &adder{list: j.list, refusals: maxRefusals, known: j.known(), patience: j.patience}
	sender.send(j.ctx, additions)
}

// adopt settles joiners that are on the list already, as far as the list is known.
func (j *updateJob) adopt() {
	own := make(map[string]bool)
	for _, row := range j.rows {
		own[row.ID] = true
	}
	j.list.mu.Lock()
	defer j.list.mu.Unlock()
	if j.list.snap == nil {
		return
	}
	for _, a := range j.joiners {
		for _, entry := range j.list.snap.withKey(a.id) {
			if !own[entry.ID] && !a.replaces[entry.ID] {
				own[entry.ID] = true
				a.succeed(entry)
				j.list.takeOver(entry.ID)
				if !j.list.leaving.keptAdded[entry.ID] {
					a.alreadyThere = true
					j.result.Adopted = append(j.result.Adopted, a.key)
				}
				break
			}
		}
	}
}

// known gives the fields of Prior's entries by id.
func (j *updateJob) known() func(id string) (openprospect.EntryFields, bool) {
	keys := make(map[string]string, len(j.Rows))
	for key, row := range j.Rows {
		keys[row.ID] = key
	}
	return func(id string) (openprospect.EntryFields, bool) {
		key, found := keys[id]
		if !found {
			return openprospect.EntryFields{}, false
		}
		return j.Prior.Fields(key)
	}
}

// swapSwallowed removes old entries first where the API took the new ones without an effect. It does so in small
// groups: between the removal and the addition the companies are off the list.
func (j *updateJob) swapSwallowed() {
	var swallowed []*addition
	for _, a := range j.joiners {
		if errors.Is(a.err, errSwallowed) {
			swallowed = append(swallowed, a.addition)
		}
	}
	holders := make(map[string]*leaver)
	for _, v := range j.leavers {
		for _, id := range v.ids() {
			holders[id] = v
		}
	}
	const group = 100
	for additions := range slices.Chunk(swallowed, group) {
		if j.stopped() != nil {
			return
		}
		var olds []openprospect.Entry
		seen := make(map[string]bool)
		for _, a := range additions {
			for id := range a.replaces {
				if v := holders[id]; v != nil && !v.gone[id] && !seen[id] {
					seen[id] = true
					olds = append(olds, openprospect.Entry{ID: id, EntryFields: v.Fields})
				}
			}
		}
		standing := j.list.swap(j.ctx, additions, olds, patience{caller: j.caller, finishes: true})
		for _, old := range olds {
			holders[old.ID].swapped(old.ID, standing[old.ID].ID)
		}
	}
}

// swapped records what a swap has left of an entry: itself, itself under a new id, or nothing.
func (v *leaver) swapped(id, now string) {
	if now == id {
		return
	}
	v.gone[id] = true
	if now != "" {
		v.row.More = append(v.row.More, now)
	}
}

// remove takes the leavers off the list, unless an addition failed: then the next run does.
func (j *updateJob) remove() {
	failed := false
	taken := make(map[string]bool, len(j.joiners))
	for _, a := range j.joiners {
		failed = failed || a.err != nil
		taken[a.entry.ID] = true
	}
	var ids []string
	holders := make(map[string]*leaver)
	for _, v := range j.leavers {
		for _, id := range v.ids() {
			switch {
			case taken[id]:
				// The server has put the new fields into the old row.
				v.gone[id] = true
			case !v.stays && !failed:
				ids = append(ids, id)
				holders[id] = v
			}
		}
	}
	claimed := func(id string) bool {
		v := holders[id]
		if j.list.claimedByOther(j.Owner, openprospect.Entry{ID: id, EntryFields: v.Fields}) {
			v.stays = true
		}
		return v.stays
	}
	errs := j.list.sendRemovals(j.ctx, ids, claimed, j.patience)
	removed := make(map[string]bool, len(ids))
	for _, id := range ids {
		removed[id] = errs[id] == nil
	}
	for _, v := range j.leavers {
		var err error
		for _, id := range v.ids() {
			v.gone[id] = removed[id]
			if err == nil && !errors.Is(errs[id], errClaimed) {
				err = errs[id]
			}
		}
		if err != nil {
			j.failures = append(j.failures, Failure{v.Key, v.Fields, fmt.Errorf("removing it: %w", err)})
		}
	}
}

// applied tells what is on the list now.
func (j *updateJob) applied() (Applied, error) {
	for _, a := range j.joiners {
		if a.err != nil {
			j.failures = append(j.failures, Failure{a.key, a.fields, a.err})
			continue
		}
		j.rows[a.key], j.fields[a.key] = Row{ID: a.entry.ID, Added: !a.alreadyThere}, a.fields
	}
	for _, v := range j.leavers {
		ids := v.ids()
		switch {
		case len(ids) == 0:
		case v.stays:
			j.result.Forgotten = append(j.result.Forgotten, v.Item)
		default:
			key := v.Key
			for _, taken := j.fields[key]; taken; _, taken = j.fields[key] {
				key += " (" + ids[0] + ")"
			}
			j.rows[key], j.fields[key] = Row{ID: ids[0], More: ids[1:], Added: v.row.Added}, v.Fields
		}
	}
	j.result.Document, j.result.Rows = j.Planned, j.rows
	if len(j.failures) == 0 {
		return j.result, nil
	}
	j.result.Document = Render(j.fields)
	return j.result, &UpdateError{BlacklistID: j.list.id, Failures: j.failures}
}
