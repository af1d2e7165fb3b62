//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// Two pipelines are two configurations with a state each, which add companies to one blacklist: each has an additive list,
// and some companies are in both documents. Nothing locks the blacklist, so this is what can be promised, and checked:
//
//   - A run removes a company only if its plan has shown that, and only if this pipeline has added it. Where two pipelines
//     add a company at the same moment and the server keeps one row, both have added it: neither can know whose it is.
//   - What nobody of them has added, such as entries of others, is never removed.
//   - After an apply that succeeded, each company that the pipeline wants is on the blacklist, unless the other one, which
//     had added it, has removed it meanwhile. Then the next apply adds it again.
//   - A run never adds a company that has been on the blacklist since before the apply began. Two that add it at the same
//     moment put it there twice if the server does not de-duplicate. Later applies do not make that worse, and whoever
//     gives the company up leaves a row of it for the other one.
//   - When both have nothing more to do, all companies that either wants are on the blacklist.
type pipelines struct {
	*schedule
	blacklistID string
	each        [2]*pipeline
	next        int
}

// pipeline is one of the two: a schedule of its own on the common server.
type pipeline struct {
	*schedule
	name    string
	entries map[string]company
	// last is the apply under way, or that has ended.
	last pipelineApply
	// additions are the companies that it has sent.
	additions []pipelineAddition
}

// pipelineApply is what has to be known of an apply to judge what it did.
type pipelineApply struct {
	plan *tfjson.Plan
	// wanted is the document.
	wanted map[string]company
	// planned is how many events there were when the plan began; from and to are those of the apply.
	planned, from, to int
	succeeded         bool
}

// pipelineAddition is a company in a POST of a pipeline.
type pipelineAddition struct {
	request  int
	identity string
	// from is how many events there were when the apply began.
	from int
}

// twoPipelines selects a quarter of the seeds.
func twoPipelines(seed uint64) bool { return seed%4 == 3 }

// runPipelines runs a schedule of two pipelines. An error is a rule that was broken.
func runPipelines(ctx context.Context, s *schedule) error {
	s.stats.Pipelines++
	p := &pipelines{schedule: s}
	err := p.run(ctx)
	for _, one := range p.each {
		if one == nil {
			continue
		}
		s.note("=== pipeline %s:\n%s", one.name, one.log.String())
		one.stats.Orders, one.stats.Orphans = 0, 0
		s.stats.add(one.stats)
	}
	return err
}

func (p *pipelines) run(ctx context.Context) error {
	p.blacklistID = p.api.AddBlacklist("Shared", "", simulator.Entry{CompanyName: "Foreign", WebsiteURL: "https://foreign-0.example.com"})
	for i := range p.each {
		one, err := p.newPipeline([]string{"a", "b"}[i])
		if err != nil {
			return err
		}
		p.each[i] = one
	}
	for range 2 + p.random.IntN(4) {
		p.addShared()
	}
	for round := range 2 + p.random.IntN(3) {
		p.note("--- round %d", round+1)
		if round > 0 {
			p.change()
		}
		if err := p.round(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	p.note("--- settling")
	p.api.ClearFaults()
	if err := p.settle(); err != nil {
		return err
	}
	p.note("--- what both have, one gives up")
	if err := p.giveUpShared(); err != nil {
		return err
	}
	p.note("--- destroying")
	for _, one := range p.each {
		one.entries = map[string]company{}
		plan, err := one.planFrom("-destroy")
		if err != nil {
			return err
		}
		if plan == nil {
			return fmt.Errorf("a destroy of pipeline %s could not be planned", one.name)
		}
		if err := one.applyPlan(plan); err != nil {
			return err
		}
		if !one.last.succeeded {
			return fmt.Errorf("pipeline %s could not be destroyed", one.name)
		}
		if err := p.check(one); err != nil {
			return err
		}
	}
	return p.onlyExplained()
}

func (p *pipelines) newPipeline(name string) (*pipeline, error) {
	directory := filepath.Join(p.directory, name)
	if err := os.Mkdir(directory, 0o700); err != nil {
		return nil, fmt.Errorf("making a directory: %w", err)
	}
	one := &pipeline{
		schedule: &schedule{
			random: rand.New(rand.NewPCG(p.random.Uint64(), 0)), cli: p.cli, directory: directory, api: p.api,
			// The requests of the two are told apart by it.
			environ: []string{"TF_APPEND_USER_AGENT=" + userAgent(name)},
		},
		name:    name,
		entries: map[string]company{},
	}
	for range 1 + p.random.IntN(4) {
		one.entries[p.key("own-"+name)] = p.newCompany()
	}
	return one, nil
}

func userAgent(name string) string { return "pipeline-" + name }

func (p *pipelines) key(prefix string) string {
	p.next++
	return fmt.Sprintf("%s-%03d", prefix, p.next)
}

func (p *pipelines) newCompany() company {
	p.next++
	return numberedCompany(p.next)
}

// addShared puts a new company into both documents.
func (p *pipelines) addShared() {
	shared := p.newCompany()
	for _, one := range p.each {
		one.entries[p.key("shared")] = shared
	}
}

// change changes both documents, and now and then the blacklist as somebody in the dashboard would.
func (p *pipelines) change() {
	for i, one := range p.each {
		other := p.each[1-i]
		for range 1 + p.random.IntN(3) {
			p.note("%s: %s", one.name, p.changeOne(one, other))
		}
	}
	if p.random.IntN(2) == 0 {
		p.addShared()
		p.note("both: a new company")
	}
	if p.random.IntN(4) == 0 {
		foreign := fmt.Sprintf("https://foreign-%d.example.com", 1+p.random.IntN(1000))
		p.api.AddEntries(p.blacklistID, simulator.Entry{CompanyName: "Foreign", WebsiteURL: foreign})
		p.note("somebody adds %s", foreign)
	}
}

func (p *pipelines) changeOne(one, other *pipeline) string {
	key, _ := pick(p.random, one.entries)
	switch p.random.IntN(4) {
	case 0:
		taken, some := pick(p.random, other.entries)
		if !some || has(one.entries, other.entries[taken].identity()) {
			return "nothing to take from the other one"
		}
		added := p.key("taken")
		one.entries[added] = other.entries[taken]
		return fmt.Sprintf("add %s, which the other one has as %s", added, taken)
	case 1:
		if len(one.entries) > 1 {
			delete(one.entries, key)
		}
		return "remove " + key
	}
	// Two names for one company hide each other, so only what the other one has never had is renamed.
	others := map[string]bool{}
	senders := p.senders(p.api.Journal())
	for _, event := range p.api.Events() {
		others[bare(event.Entry.WebsiteURL)] = others[bare(event.Entry.WebsiteURL)] || senders[event.Request] == other
	}
	for _, has := range other.entries {
		others[has.identity()] = true
	}
	own := maps.Clone(one.entries)
	maps.DeleteFunc(own, func(_ string, c company) bool { return others[c.identity()] })
	before := maps.Clone(own)
	description := changeEntries(p.random, own, "the list", p.newCompany, func() string { return p.key("own-" + one.name) })
	for key := range before {
		delete(one.entries, key)
	}
	maps.Copy(one.entries, own)
	return description
}

// has reports whether a document names the company.
func has(entries map[string]company, identity string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(entries)), func(c company) bool { return c.identity() == identity })
}

// round plans and applies both, so that they overlap, and judges what they did.
func (p *pipelines) round() error {
	overlap := p.together
	if p.random.IntN(4) == 0 {
		overlap = p.approveLate
	}
	if err := overlap(); err != nil {
		return err
	}
	p.api.ClearFaults()
	for _, one := range p.each {
		if err := p.check(one); err != nil {
			return err
		}
	}
	return nil
}

// approveLate applies the one while the plan of the other waits for approval.
func (p *pipelines) approveLate() error {
	first := p.random.IntN(2)
	waiting, other := p.each[first], p.each[1-first]
	p.note("%s plans and applies while the plan of %s waits for approval", other.name, waiting.name)
	plan, err := waiting.planFrom()
	if err != nil {
		return err
	}
	p.inject()
	if err := other.planAndApply(); err != nil || plan == nil {
		return err
	}
	return waiting.applyPlan(plan)
}

// together plans both at once, and then applies both at once.
func (p *pipelines) together() error {
	p.note("both plan, then both apply")
	var plans [2]*tfjson.Plan
	err := p.both(func(i int, one *pipeline) (err error) {
		plans[i], err = one.planFrom()
		return err
	})
	if err != nil {
		return err
	}
	p.inject()
	if p.random.IntN(2) == 0 {
		// Both read before either adds.
		p.note("slow reads")
		p.api.Inject(simulator.Fault{
			Name: "slow read", Method: "GET", Pattern: "/blacklists/*/entries", Times: 4, Delay: time.Second,
		})
	}
	return p.both(func(i int, one *pipeline) error {
		if plans[i] == nil {
			return nil
		}
		time.Sleep(time.Duration(one.random.IntN(200)) * time.Millisecond)
		return one.applyPlan(plans[i])
	})
}

// both does the same for both pipelines at once.
func (p *pipelines) both(do func(i int, one *pipeline) error) error {
	var group sync.WaitGroup
	var failures [2]error
	for i, one := range p.each {
		group.Go(func() { failures[i] = do(i, one) })
	}
	group.Wait()
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

// inject injects faults that strike either, and now and then a signal to one of them.
func (p *pipelines) inject() {
	p.spoilAnswers(entryRoutes)
	if p.random.IntN(3) != 0 {
		return
	}
	one := p.each[p.random.IntN(2)]
	fault := randomSignal(p.random, 9, entryRoutes, one.process.strike)
	fault.Match = func(request simulator.Request) bool { return one.sent(request) }
	p.note("fault to %s %s", one.name, fault.Name)
	p.api.Inject(fault)
	p.stats.Signals++
}

func (o *pipeline) sent(request simulator.Request) bool {
	return strings.Contains(request.Header.Get("User-Agent"), userAgent(o.name))
}

func (o *pipeline) planAndApply() error {
	plan, err := o.planFrom()
	if err != nil || plan == nil {
		return err
	}
	return o.applyPlan(plan)
}

// planFrom writes the configuration and plans. The plan is nil if terraform refused.
func (o *pipeline) planFrom(options ...string) (*tfjson.Plan, error) {
	o.last = pipelineApply{planned: len(o.api.Events()), wanted: maps.Clone(o.entries)}
	if err := o.configureList(); err != nil {
		return nil, err
	}
	return o.plan(options...)
}

func (o *pipeline) configureList() error {
	if len(o.entries) == 0 {
		return nil
	}
	entries, err := json.Marshal(o.entries)
	if err != nil {
		return fmt.Errorf("rendering entries: %w", err)
	}
	text, err := json.Marshal(block{
		"terraform": terraformBlock,
		"provider":  providerBlock(o.api.URL()),
		"resource": block{"openprospect_blacklist_entries": block{"customers": block{
			"blacklist_id": o.api.Blacklists()[0].ID,
			"mode":         additive,
			"entries":      string(entries),
		}}},
	})
	if err != nil {
		return fmt.Errorf("rendering the configuration: %w", err)
	}
	return os.WriteFile(filepath.Join(o.directory, "main.tf.json"), text, 0o600)
}

// applyPlan applies the saved plan. What it did is checked when no other run is under way.
func (o *pipeline) applyPlan(plan *tfjson.Plan) error {
	o.last.plan, o.last.from = plan, len(o.api.Events())
	o.stats.Applies++
	code, output, err := o.terraform("apply", "-input=false", "-no-color", "-auto-approve", "saved.plan")
	if err != nil {
		return err
	}
	o.last.to, o.last.succeeded = len(o.api.Events()), code == 0
	o.said.WriteString(output)
	if code == 0 {
		return nil
	}
	o.stats.FailedApplies++
	o.note("apply ended with %d:\n%s", code, output)
	if code > 0 {
		return checkAdvice(output)
	}
	return nil
}

// senders returns which pipeline has sent which request.
func (p *pipelines) senders(journal []simulator.Request) map[int]*pipeline {
	senders := map[int]*pipeline{}
	for _, request := range journal {
		for _, one := range p.each {
			if one.sent(request) {
				senders[request.Number] = one
			}
		}
	}
	return senders
}

// row is an entry that is or was on the blacklist.
type row struct {
	fields company
	// by is who added it, nil for others.
	by *pipeline
	// added is the place of its addition among the events, request the number of the request.
	added, request int
}

func rowOf(entry simulator.Entry) company {
	return company{entry.CompanyName, bare(entry.WebsiteURL), entry.City, entry.ExternalID}
}

// check judges the pipeline's last apply by what happened on the server.
func (p *pipelines) check(one *pipeline) error {
	if one.last.plan == nil {
		return nil
	}
	shown, err := shownRemovals(one.last.plan)
	if err != nil {
		return err
	}
	journal, events := p.api.Journal(), p.api.Events()
	if err := one.noteAdditions(journal); err != nil {
		return err
	}
	senders := p.senders(journal)
	// on are the rows on the list by id, present their fields when the apply had ended. gone are fields that the other one
	// has removed so late that the plan may have seen them.
	on, present, gone := map[string]row{}, map[company]bool{}, map[company]bool{}
	for i, event := range events {
		if i == one.last.to {
			present = fieldsOf(on)
		}
		by := senders[event.Request]
		switch event.Kind {
		case "entry_added":
			if by == one && i >= one.last.from {
				if err := p.checkAddition(one, event, on); err != nil {
					return err
				}
			}
			on[event.Entry.ID] = row{fields: rowOf(event.Entry), by: by, added: i, request: event.Request}
		case "entry_removed":
			removed := on[event.Entry.ID]
			delete(on, event.Entry.ID)
			if by != one {
				gone[removed.fields] = gone[removed.fields] || i >= one.last.planned || p.lags
				continue
			}
			if i < one.last.from {
				continue
			}
			if err := p.checkRemoval(one, shown, removed, event, on); err != nil {
				return err
			}
		}
	}
	if one.last.to >= len(events) {
		present = fieldsOf(on)
	}
	p.countOverlaps(one, on)
	if !one.last.succeeded {
		return nil
	}
	for _, want := range one.last.wanted {
		want.WebsiteURL = bare(want.WebsiteURL)
		if !present[want] && !gone[want] {
			return fmt.Errorf("LOST ENTRY: %v is not on the list after a complete apply of %s, and the other one has not removed it",
				want, one.name)
		}
	}
	return nil
}

// countOverlaps counts the companies that the pipeline sent although the other one had added them since its apply began.
func (p *pipelines) countOverlaps(one *pipeline, on map[string]row) {
	for _, addition := range one.additions {
		for _, there := range on {
			if there.by != nil && there.by != one && there.fields.identity() == addition.identity &&
				there.added >= one.last.from && addition.from == one.last.from && there.request < addition.request {
				p.stats.Overlaps++
			}
		}
	}
}

func fieldsOf(on map[string]row) map[company]bool {
	present := map[company]bool{}
	for _, there := range on {
		present[there.fields] = true
	}
	return present
}

// noteAdditions notes the companies that the last apply wanted to add.
func (o *pipeline) noteAdditions(journal []simulator.Request) error {
	for _, request := range journal {
		if request.Method != "POST" || !o.sent(request) || slices.ContainsFunc(o.additions, func(noted pipelineAddition) bool {
			return noted.request == request.Number
		}) {
			continue
		}
		var body struct {
			Entries []company `json:"entries"`
		}
		if err := json.Unmarshal(request.Body, &body); err != nil {
			return fmt.Errorf("reading request %d: %w", request.Number, err)
		}
		for _, added := range body.Entries {
			o.additions = append(o.additions, pipelineAddition{request.Number, added.identity(), o.last.from})
		}
	}
	return nil
}

// checkAddition: the company has not been on the list, with these fields, since before the apply began.
func (p *pipelines) checkAddition(one *pipeline, event simulator.Event, on map[string]row) error {
	for _, there := range on {
		if there.fields != rowOf(event.Entry) || p.lags {
			continue
		}
		if there.added < one.last.from || there.by == one {
			return fmt.Errorf("DOUBLED ENTRY: request %d of %s added %s, which was on the list already",
				event.Request, one.name, event.Entry.WebsiteURL)
		}
	}
	return nil
}

// checkRemoval: the plan has shown it, and the pipeline has added the company.
func (p *pipelines) checkRemoval(one *pipeline, shown removals, removed row, event simulator.Event, on map[string]row) error {
	if removed.by == one && removed.added >= one.last.from {
		return nil // its own row of the same run
	}
	if !shown.rows[p.blacklistID+" "+removed.fields.identity()] {
		return fmt.Errorf("%s was removed by request %d of %s and no plan had shown it", event.Entry.WebsiteURL, event.Request, one.name)
	}
	if removed.by == one {
		return nil
	}
	for _, addition := range one.additions {
		if addition.identity != removed.fields.identity() {
			continue
		}
		// Its POST was under way when the row came, and did not add one of its own that could be removed instead.
		sameMoment := p.lags || removed.added >= addition.from
		remains := fieldsOf(on)[removed.fields]
		addedOwn := slices.ContainsFunc(p.api.Events(), func(other simulator.Event) bool {
			return other.Kind == "entry_added" && other.Request == addition.request && bare(other.Entry.WebsiteURL) == removed.fields.identity()
		})
		if sameMoment && (remains || !addedOwn) {
			return nil
		}
	}
	return fmt.Errorf("STRANGER REMOVED: %s was removed by request %d of %s, which had not added it",
		event.Entry.WebsiteURL, event.Request, one.name)
}

// settle applies both in turn, without faults, until neither has anything to do. Then all that either wants is there. Where
// reads lag, one plan may have missed what the other one did last, so each plans once more.
func (p *pipelines) settle() error {
	quietRounds := 0
	for range maxRounds {
		quiet := true
		for _, one := range p.each {
			plan, err := one.planFrom()
			if err != nil {
				return err
			}
			if plan == nil {
				quiet = false
				continue
			}
			if !changes(plan) {
				continue
			}
			quiet = false
			if err := one.applyPlan(plan); err != nil {
				return err
			}
			if err := p.check(one); err != nil {
				return err
			}
		}
		if !quiet {
			quietRounds = 0
			continue
		}
		if quietRounds++; quietRounds > 1 || !p.lags {
			return p.allThere()
		}
	}
	return errors.New("the pipelines do not settle")
}

// allThere: each company that either wants is on the list, and more than once only where two added it at the same moment.
func (p *pipelines) allThere() error {
	list, _ := p.api.Blacklist(p.blacklistID)
	rows := map[company]int{}
	for _, entry := range list.Entries {
		rows[rowOf(entry)]++
	}
	for _, one := range p.each {
		for _, want := range one.entries {
			want.WebsiteURL = bare(want.WebsiteURL)
			if rows[want] == 0 {
				return fmt.Errorf("LOST ENTRY: %v, which %s wants, is not on the list", want, one.name)
			}
			if rows[want] > len(p.each) && !p.lags {
				return fmt.Errorf("DOUBLED ENTRY: %v is on the list %d times", want, rows[want])
			}
		}
	}
	return p.onlyExplained()
}

// giveUpShared takes out of one document what both have, and settles.
func (p *pipelines) giveUpShared() error {
	i := p.random.IntN(2)
	one, other := p.each[i], p.each[1-i]
	kept := maps.Clone(one.entries)
	maps.DeleteFunc(kept, func(_ string, c company) bool { return has(other.entries, c.identity()) })
	if len(kept) == 0 || len(kept) == len(one.entries) {
		p.note("nothing that both have, or nothing else")
		return nil
	}
	one.entries = kept
	return p.settle()
}

// onlyExplained: what is on the list and in no document was added by others, or a message has said that it stays, or a
// signal has ended a run that could not say so.
func (p *pipelines) onlyExplained() error {
	list, _ := p.api.Blacklist(p.blacklistID)
	wanted := map[string]bool{}
	signals := p.stats.Signals
	for _, one := range p.each {
		for _, want := range one.entries {
			wanted[want.identity()] = true
		}
	}
	for _, entry := range list.Entries {
		if wanted[bare(entry.WebsiteURL)] || strings.Contains(entry.WebsiteURL, "foreign-") {
			continue
		}
		fields := rowOf(entry)
		if signals > 0 || slices.ContainsFunc(p.each[:], func(one *pipeline) bool {
			return one.warnedOf(fields) || strings.Contains(one.said.String(), "Blacklist is incomplete")
		}) {
			p.stats.Leftovers++
			continue
		}
		return fmt.Errorf("STRAY ENTRY: %v is on the list and in no document, and no message has said so", fields)
	}
	return nil
}
