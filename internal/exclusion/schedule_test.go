package exclusion_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// server draws an API with its habits and its bad days.
func server() *rapid.Generator[*fakeAPI] {
	faults := func(most int) *rapid.Generator[map[int]fault] {
		return rapid.MapOfN(
			rapid.IntRange(1, most),
			rapid.SampledFrom([]fault{faultRefused, faultForbidden, faultLostBefore, faultLostAfter}),
			0,
			4,
		)
	}
	return rapid.Custom(func(t *rapid.T) *fakeAPI {
		return &fakeAPI{
			latency:      rapid.SampledFrom([]time.Duration{0, time.Millisecond, 80 * time.Millisecond}).Draw(t, "latency"),
			silent:       rapid.Bool().Draw(t, "silent"),
			deduplicates: rapid.Bool().Draw(t, "deduplicates"),
			echoes:       rapid.Bool().Draw(t, "echoes"),
			upserts:      rapid.IntRange(0, 3).Draw(t, "upserts") == 0,
			lag:          rapid.SampledFrom([]time.Duration{0, 0, time.Second, 4 * time.Second}).Draw(t, "lag"),
			mostAdded:    rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(t, "mostAdded"),
			mostRemoved:  rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(t, "mostRemoved"),
			addFaults:    faults(12).Draw(t, "addFaults"),
			removeFaults: faults(12).Draw(t, "removeFaults"),
			listFaults: rapid.MapOfN(rapid.IntRange(1, 12), rapid.Just(faultForbidden), 0, 2).
				Draw(t, "listFaults"),
		}
	})
}

// heal ends the bad days.
func (f *fakeAPI) heal() {
	synctest.Wait()
	f.addFaults, f.removeFaults, f.listFaults = nil, nil, nil
}

// step is something that a resource does.
type step struct {
	pause time.Duration
	// variant of the resource's entry is what is wanted; 0 is nothing.
	variant int
	// patience is how long the caller waits; 0 is as long as it takes.
	patience time.Duration
}

// actor is a single entry's resource, which believes of the list what it was told.
type actor struct {
	number int
	list   *exclusion.List
	api    *fakeAPI
	held   exclusion.Entry
	// since is when it came to hold an entry; until is when it last set out to remove it.
	since, until time.Time
	failed       bool
	problems     []string
}

// wanted are a resource's entries: the first two are one company to any server, the third is another one.
func (a *actor) wanted(variant int) fields {
	return []fields{
		{},
		{CompanyName: fmt.Sprintf("Actor %d", a.number), WebsiteURL: fmt.Sprintf("actor-%d.com", a.number)},
		{CompanyName: fmt.Sprintf("Actor %d Inc", a.number), WebsiteURL: fmt.Sprintf("actor-%d.com", a.number)},
		{CompanyName: fmt.Sprintf("Successor of %d", a.number), WebsiteURL: fmt.Sprintf("successor-%d.com", a.number)},
	}[variant]
}

func (a *actor) owns(row exclusion.Entry) bool {
	for variant := 1; variant <= 3; variant++ {
		if row.Fields() == a.wanted(variant) {
			return true
		}
	}
	return false
}

// ownsRow is owns for a row of the API.
func (a *actor) ownsRow(row openprospect.Entry) bool {
	return a.owns(exclusion.Entry{ID: row.ID, Company: of(row.EntryFields)})
}

func (a *actor) problem(format string, args ...any) {
	a.problems = append(a.problems, fmt.Sprintf("actor %d: ", a.number)+fmt.Sprintf(format, args...))
}

func (a *actor) run(steps []step) {
	for _, s := range steps {
		time.Sleep(s.pause)
		ctx, cancel := context.Background(), func() {}
		if s.patience > 0 {
			ctx, cancel = context.WithTimeout(ctx, s.patience)
		}
		_ = a.take(ctx, s.variant)
		cancel()
		a.look()
	}
}

// take brings the list to where the resource holds this variant, as a provider would.
func (a *actor) take(ctx context.Context, variant int) error {
	wanted := a.wanted(variant)
	owner := fmt.Sprint(a.number)
	var err error
	switch {
	case variant == 0 && a.held.ID == "":
		return nil
	case variant == 0:
		a.until = time.Now()
		var forgotten bool
		if forgotten, err = a.list.Remove(ctx, owner, a.held); err == nil {
			if forgotten {
				a.problem("%+v was forgotten", a.held)
			}
			if holds(a.api.current(), a.held) {
				a.problem("%+v was removed and is on the list", a.held)
			}
			a.held = exclusion.Entry{}
		}
	case a.held.ID == "":
		var result exclusion.AddResult
		if result, err = a.list.Add(ctx, of(wanted)); err == nil {
			a.holds(result.Entry, wanted)
			a.since, a.until = time.Now(), time.Time{}
		}
	default:
		var result exclusion.AddResult
		result, err = a.list.Replace(ctx, owner, a.held, of(wanted))
		switch {
		case err == nil:
			a.holds(result.Entry, wanted)
		case result.Entry.ID == "":
			var off *exclusion.OffListError
			if !errors.As(err, &off) || !a.api.deduplicates {
				a.problem("off the list: %v", err)
			}
			a.held = exclusion.Entry{}
		default:
			a.held = result.Entry
		}
	}
	a.failed = a.failed || err != nil
	if err != nil {
		a.refresh()
	}
	return err
}

// refresh is that of a later run, when all that failed or was given up on has come to its end.
func (a *actor) refresh() {
	time.Sleep(time.Minute)
	if a.held.ID != "" && a.until.IsZero() && !slices.ContainsFunc(a.api.current(), a.owns) {
		a.problem("lost its company, had %+v", a.held)
	}
	if !holds(a.api.current(), a.held) {
		a.held = exclusion.Entry{}
	}
}

// holds notes what the resource was told, and compares it with the truth.
func (a *actor) holds(entry exclusion.Entry, wanted fields) {
	if a.failed && (a.api.deduplicates && a.api.echoes || a.api.lag > 0) {
		// Its last change failed and this process goes on all the same, as Terraform's would not. It may not have read the
		// list since, and the server says that it did what it did not; or it has read it while reads lagged.
		a.held = entry
		a.refresh()
		return
	}
	if !entry.SameFields(of(wanted)) || !holds(a.api.current(), entry) {
		a.problem("wanted %+v, got %+v, on the list: %+v", wanted, entry, a.api.current())
	}
	a.held = entry
}

// look reads back what the resource holds, as a refresh would.
func (a *actor) look() {
	if a.held.ID == "" || a.failed && a.api.lag > 0 {
		return // as in holds
	}
	if _, found, err := a.list.FindID(context.Background(), a.held.ID); !found && err == nil {
		a.problem("%+v is not found; on the list: %+v", a.held, a.api.current())
	}
}

// TestSchedulesOfSingleEntries runs resources that add, replace and remove their entries at once, with callers that
// lose patience, against servers of all kinds on bad days. No entry is lost, none is doubled, and nobody gets another's id.
func TestSchedulesOfSingleEntries(t *testing.T) {
	t.Parallel()
	steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{
			pause:    rapid.SampledFrom([]time.Duration{0, 3 * time.Millisecond, 60 * time.Millisecond, 2 * time.Second}).Draw(t, "pause"),
			variant:  rapid.IntRange(0, 3).Draw(t, "variant"),
			patience: rapid.SampledFrom([]time.Duration{0, 0, 0, time.Millisecond, 100 * time.Millisecond, time.Second}).Draw(t, "patience"),
		}
	}), 1, 4)
	rapid.Check(t, func(rt *rapid.T) {
		api := server().Draw(rt, "server")
		scripts := rapid.SliceOfN(steps, 1, 10).Draw(rt, "scripts")
		var problems []string
		synctest.Test(t, func(*testing.T) { problems = runSchedule(api, scripts) })
		if len(problems) > 0 {
			rt.Fatalf("%s", strings.Join(problems, "\n"))
		}
	})
}

func runSchedule(api *fakeAPI, scripts [][]step) []string {
	bystanders := numbered(3)
	api.put(bystanders...)
	time.Sleep(time.Minute)
	list := exclusion.NewLists(api).List("b1")
	actors := make([]*actor, len(scripts))
	var group sync.WaitGroup
	for i, script := range scripts {
		actors[i] = &actor{number: i, list: list, api: api}
		group.Go(func() { actors[i].run(script) })
	}
	group.Wait()
	// What callers left under way comes to its end.
	time.Sleep(time.Minute)

	var problems []string
	count := make(map[fields]int)
	for _, row := range api.current() {
		count[row.Fields()]++
		if count[row.Fields()] > 1 && !retriedTooSoon(api, actors, row) {
			problems = append(problems, fmt.Sprintf("%+v is on the list twice", row))
		}
	}
	for _, row := range bystanders {
		if count[row] != 1 {
			problems = append(problems, fmt.Sprintf("%+v was removed", row))
		}
	}
	for _, a := range actors {
		problems = append(problems, a.problems...)
		problems = append(problems, a.verdict()...)
	}
	if api.overlaps > 0 {
		problems = append(problems, "two writes at once")
	}

	api.heal()
	list = exclusion.NewLists(api).List("b1")
	for _, a := range actors {
		a.list, a.problems = list, nil
		a.converge()
		problems = append(problems, a.problems...)
		if a.held.Fields() != a.wanted(1) {
			problems = append(problems, fmt.Sprintf("the next run leaves actor %d with %+v", a.number, a.held))
		}
	}
	return problems
}

// retriedTooSoon reports whether an entry may be on the list twice: its resource was told of an error, and tried again
// before reads caught up.
func retriedTooSoon(api *fakeAPI, actors []*actor, row exclusion.Entry) bool {
	return api.lag > 0 && slices.ContainsFunc(actors, func(a *actor) bool { return a.failed && a.owns(row) })
}

// converge is the next run on a good day. Of an entry that an addition left behind which ended in an error, it is told, and imports it.
func (a *actor) converge() {
	err := a.take(context.Background(), 1)
	var exists *exclusion.ExistsError
	if errors.As(err, &exists) && a.failed && a.owns(exists.Entry) {
		a.held = exists.Entry
		err = a.take(context.Background(), 1)
	}
	if err != nil {
		a.problem("on a good day: %v", err)
	}
	a.look()
}

// verdict judges one actor when all is done.
func (a *actor) verdict() []string {
	var problems []string
	rows := a.api.current()
	if a.held.ID != "" && !holds(rows, a.held) && a.until.IsZero() {
		problems = append(problems, fmt.Sprintf("actor %d lost %+v", a.number, a.held))
	}
	for _, row := range rows {
		if a.owns(row) && !equal(row, a.held) && !a.failed {
			problems = append(problems, fmt.Sprintf("actor %d left %+v", a.number, row))
		}
	}
	if a.since.IsZero() || a.held.ID == "" || !a.until.IsZero() || a.api.deduplicates {
		return problems
	}
	for _, moment := range a.api.past {
		if moment.at.After(a.since) && !slices.ContainsFunc(moment.rows, a.ownsRow) {
			return append(problems, fmt.Sprintf("actor %d was off the list at %v", a.number, moment.at))
		}
	}
	return problems
}

// TestSchedulesOfDocuments changes a whole list from one random document to the next on a server with bad days, refreshing
// in between as Terraform does. What is on the list and what the resource knows never part, and in the end the list is as planned.
func TestSchedulesOfDocuments(t *testing.T) {
	t.Parallel()
	entry := rapid.Custom(func(t *rapid.T) fields {
		return fields{
			WebsiteURL:  rapid.SampledFrom([]string{"a.com", "b.com", "c.com", "d.com", "e.com"}).Draw(t, "website"),
			CompanyName: rapid.SampledFrom([]string{"", "A", "B", "C"}).Draw(t, "name"),
		}
	})
	plan := rapid.MapOfN(rapid.SampledFrom([]string{"1", "2", "3", "4", "5", "6"}), entry, 0, 5)
	rapid.Check(t, func(rt *rapid.T) {
		api := server().Draw(rt, "server")
		// What became of a row that a lost addition was put into, only the next refresh can tell.
		api.upserts = false
		var plans []*exclusion.Document
		for _, entries := range rapid.SliceOfN(plan, 1, 4).Draw(rt, "plans") {
			plans = append(plans, onePerCompany(entries))
		}
		var problems []string
		synctest.Test(t, func(*testing.T) { problems = runPlans(api, plans) })
		if len(problems) > 0 {
			rt.Fatalf("%s", strings.Join(problems, "\n"))
		}
	})
}

// onePerCompany leaves out entries that no server of ours could hold beside the others.
func onePerCompany(entries map[string]fields) *exclusion.Document {
	kept := make(map[string]fields)
	seen := make(map[string]bool)
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		row := entries[key]
		if !seen[row.WebsiteURL] && (row.CompanyName == "" || !seen[row.CompanyName]) {
			kept[key] = row
			seen[row.WebsiteURL], seen[row.CompanyName] = true, true
		}
	}
	return exclusion.Render(kept)
}

func runPlans(api *fakeAPI, plans []*exclusion.Document) []string {
	var problems []string
	state := exclusion.Observed{Document: exclusion.Render(nil)}
	ctx := context.Background()
	apply := func(planned *exclusion.Document) error {
		// A process for the plan, another for the apply.
		refreshed, err := exclusion.NewLists(api).List("b1").Observe(ctx, state.Document, state.Rows, true)
		if err != nil {
			return err
		}
		state = refreshed
		first := len(api.past)
		applied, err := exclusion.NewLists(api).List("b1").Apply(ctx, exclusion.Update{
			Owner: "a", Prior: state.Document, Planned: planned, Rows: state.Rows,
		})
		if !api.deduplicates {
			problems = append(problems, offMeanwhile(api.past[max(first-1, 0):], state.Document, planned)...)
		}
		state = exclusion.Observed{Document: applied.Document, Rows: applied.Rows}
		problems = append(problems, untrue(api, applied, planned)...)
		return err
	}
	for _, planned := range plans {
		_ = apply(planned)
		time.Sleep(time.Minute)
	}
	api.heal()
	last := plans[len(plans)-1]
	if err := apply(last); err != nil {
		problems = append(problems, fmt.Sprintf("the last run failed: %v", err))
	}
	time.Sleep(time.Minute)
	final, err := exclusion.NewLists(api).List("b1").Observe(ctx, state.Document, state.Rows, true)
	if err != nil || final.Document != last || len(api.current()) != last.Len() {
		problems = append(
			problems,
			fmt.Sprintf("planned %s, ended with %s, %v, on the list %+v", last.Text(), final.Document.Text(), err, api.current()),
		)
	}
	if api.overlaps > 0 {
		problems = append(problems, "two writes at once")
	}
	return problems
}

// untrue says which rows a resource believes in that are not on the list as it thinks. One that was to be
// removed may be gone, if the answer was lost and the list could not be read.
func untrue(api *fakeAPI, applied exclusion.Applied, planned *exclusion.Document) []string {
	var problems []string
	rows := api.current()
	for key, row := range applied.Rows {
		want, _ := fieldsAt(applied.Document, key)
		if now, found := fieldsAt(planned, key); !found || now != want {
			continue
		}
		if row.ID != "" && !slices.ContainsFunc(rows, func(r exclusion.Entry) bool { return r.ID == row.ID && r.Fields() == want }) {
			problems = append(problems, fmt.Sprintf("%s should be %+v as %s, on the list: %+v", key, want, row.ID, rows))
		}
	}
	return problems
}

// offMeanwhile says which companies that are on the list before and after were off it in between.
func offMeanwhile(past []moment, prior, planned *exclusion.Document) []string {
	domains := make(map[string]bool)
	for _, row := range allFields(planned) {
		domains[row.WebsiteURL] = true
	}
	var problems []string
	for _, row := range allFields(prior) {
		if !domains[row.WebsiteURL] {
			continue
		}
		on := false
		for _, moment := range past {
			now := slices.ContainsFunc(moment.rows, func(r openprospect.Entry) bool { return r.WebsiteURL == row.WebsiteURL })
			if on && !now {
				problems = append(problems, row.WebsiteURL+" was off the list for a moment")
			}
			on = now
		}
	}
	return problems
}
