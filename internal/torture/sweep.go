//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
	"github.com/openprospect/terraform-provider-openprospect/internal/terraformcli"
)

// stage is a kind of run that the sweep interrupts.
type stage struct {
	name string
	// api and state are what the run before it left behind.
	api   *simulator.Server
	state []byte
	// world is what the run is to make true, or to destroy.
	world    func() *world
	destroys bool
	// requests is how many a run takes that nothing interrupts.
	requests int
}

// fixedWorld is the configuration of the sweep, the same in every run.
func fixedWorld() *world {
	w := &world{
		mode:        authoritative,
		bulk:        map[string]company{},
		singles:     map[string]company{},
		description: "first",
		orderName:   "search",
		search:      1,
		wait:        true,
		renewal:     oldFirst,
	}
	for _, key := range []string{"gone", "renamed", "moved", "same"} {
		w.bulk[key] = w.company()
	}
	for _, key := range []string{"renamed", "same", "same-too"} {
		w.singles[key] = w.company()
	}
	return w
}

// revisedWorld is fixedWorld after a change of everything that can change.
func revisedWorld() *world {
	w := fixedWorld()
	w.description = "second"
	w.search++
	delete(w.bulk, "gone")
	w.bulk["new"] = w.company()
	for _, entries := range []map[string]company{w.bulk, w.singles} {
		renamed := entries["renamed"]
		renamed.CompanyName += " & Co."
		entries["renamed"] = renamed
	}
	moved := w.bulk["moved"]
	moved.WebsiteURL = w.company().WebsiteURL
	w.bulk["moved"] = moved
	return w
}

// sharedWorld is fixedWorld with all companies on one list.
func sharedWorld() *world {
	w := fixedWorld()
	w.mode = additive
	return w
}

// exchangedWorld is sharedWorld after the list and the single entries have exchanged a company, among changes of their own.
func exchangedWorld() *world {
	w := sharedWorld()
	w.bulk["taken"], w.singles["taken"] = w.singles["same"], w.bulk["same"]
	delete(w.bulk, "same")
	delete(w.singles, "same")
	delete(w.bulk, "gone")
	w.bulk["new"], w.singles["new"] = w.company(), w.company()
	return w
}

// relabelledWorld is fixedWorld with another key for each entry.
func relabelledWorld() *world {
	w := fixedWorld()
	newKey := func() string { return w.key("new") }
	w.bulk, w.singles = relabelAll(w.bulk, newKey), relabelAll(w.singles, newKey)
	return w
}

// renewedWorld is fixedWorld with all entries to be replaced as they are.
func renewedWorld(how renewal) func() *world {
	return func() *world {
		w := fixedWorld()
		w.renewal = how
		w.revision++
		return w
	}
}

// begin puts what came before the stage into a directory.
func (st *stage) begin(cli *terraformcli.CLI, directory string) (*schedule, error) {
	api, err := st.api.Clone()
	if err != nil {
		return nil, fmt.Errorf("starting the simulator: %w", err)
	}
	s := &schedule{cli: cli, directory: directory, api: api, world: st.world()}
	if st.state != nil {
		if err := os.WriteFile(filepath.Join(directory, "terraform.tfstate"), st.state, 0o600); err != nil {
			api.Close()
			return nil, fmt.Errorf("writing the state: %w", err)
		}
	}
	return s, nil
}

// run does the stage's run, with the fault if there is one. It returns the requests.
func (st *stage) run(s *schedule, fault *simulator.Fault) ([]simulator.Request, error) {
	if err := s.configure(); err != nil {
		return nil, err
	}
	var options []string
	if st.destroys {
		options = append(options, "-destroy")
	}
	planned, err := s.plan(options...)
	if err != nil {
		return nil, err
	}
	if planned == nil {
		return nil, errors.New("a run could not be planned before anything was interrupted")
	}
	if fault != nil {
		s.api.Inject(*fault)
	}
	s.api.ResetJournal()
	if err := s.apply(planned); err != nil {
		return nil, err
	}
	requests := s.api.Journal()
	for i, request := range requests {
		s.note("%3d %s %s: %d %s", i+1, request.Method, request.Path, request.Status, request.Fault)
	}
	return requests, nil
}

// finish completes with new runs what the stage is for, and compares.
func (st *stage) finish(s *schedule) error {
	if st.destroys {
		if err := s.destroy(); err != nil {
			return err
		}
		return s.checkGone()
	}
	if err := s.settle(); err != nil {
		return err
	}
	return s.compare()
}

// checkGone checks that nothing of the configuration is left but the order, which nobody can cancel.
func (s *schedule) checkGone() error {
	ids, err := s.stateIDs()
	if err != nil {
		return err
	}
	if len(ids) > 0 {
		return fmt.Errorf("state still holds %v after a destroy", ids)
	}
	if lists := s.api.Blacklists(); len(lists) > 0 {
		return fmt.Errorf("the server still holds %v after a destroy", lists)
	}
	return s.ordersOnce()
}

// point is one moment of a run at which one signal strikes.
type point struct {
	stage   *stage
	request int
	signal  signalKind
	// work is true if the signal comes after the request was carried out, not before.
	work bool
}

func (p point) String() string {
	moment := "before"
	if p.work {
		moment = "after"
	}
	return fmt.Sprintf("%s/%d/%s/%s", p.stage.name, p.request, strings.ReplaceAll(string(p.signal), " ", "-"), moment)
}

// fault is the signal. A killed process never gets the answer; an interrupted one may, if there is one.
func (p point) fault(strike func(signalKind)) *simulator.Fault {
	fault := &simulator.Fault{
		Name:  p.String(),
		Skip:  p.request - 1,
		Work:  p.work,
		Drop:  !p.work || p.signal != interrupt,
		Delay: 100 * time.Millisecond,
	}
	if p.work {
		fault.Rewrite = func(body []byte) []byte {
			strike(p.signal)
			return body
		}
	} else {
		fault.Hook = func() { strike(p.signal) }
	}
	return fault
}

// run interrupts a run at the point. An error is a rule that was broken.
func (p point) run(_ context.Context, s *schedule) error {
	s.note("--- %s", p)
	requests, err := p.stage.run(s, p.fault(s.process.strike))
	if err != nil {
		return err
	}
	if len(requests) >= p.request {
		s.stats.Signals++
	} else {
		s.stats.Missed++
	}
	if err := s.restore(); err != nil {
		return err
	}
	lost, err := s.lostOrder()
	if err != nil {
		return err
	}
	if lost != "" {
		s.note("order %s is not in state", lost)
	}
	stopped := s.stats.DuplicatesStopped
	s.note("--- the next run")
	if err := p.stage.finish(s); err != nil {
		return err
	}
	if lost != "" && !p.stage.destroys && s.stats.DuplicatesStopped == stopped {
		return fmt.Errorf("order %s was accepted and not in state, and no apply was stopped with its import command", lost)
	}
	return s.checkLeft(p.signal)
}

// checkLeft checks that the next run of the same configuration adopts all entries that the interrupted one added, and that
// a blacklist that no state knows is empty unless it was the state itself that got lost.
//
// Terraform drops a resource's private state when the provider dies in its update. An additive list then no longer knows
// what it has added, and leaves on the blacklist what it was to remove. It has to say so.
func (s *schedule) checkLeft(after signalKind) error {
	for _, row := range s.left {
		if after != killProvider || !s.warnedOf(row) {
			return fmt.Errorf("%v is on a list and in no configuration, and no warning has said so", row)
		}
	}
	ids, err := s.stateIDs()
	if err != nil || s.stats.Torn > 0 {
		return err
	}
	for _, list := range s.api.Blacklists() {
		known := list.ID == ids["openprospect_blacklist.customers"] || list.ID == ids["openprospect_blacklist.oneoffs"]
		if !known && len(list.Entries) > 0 {
			return fmt.Errorf("the blacklist %s is in no state and holds %v", list.ID, list.Entries)
		}
	}
	return nil
}

// restore puts back the backup of a state that a killed terraform left half written. Where the first run was killed there is
// no backup, and nothing to put back.
func (s *schedule) restore() error {
	file := filepath.Join(s.directory, "terraform.tfstate")
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) || err == nil && json.Valid(text) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the state: %w", err)
	}
	s.stats.Torn++
	s.note("the state is torn:\n%s", text)
	err = os.Rename(file+".backup", file)
	if errors.Is(err, fs.ErrNotExist) {
		err = os.Remove(file)
	}
	return err
}

// lostOrder returns the order that the server accepted and the state does not know.
func (s *schedule) lostOrder() (string, error) {
	ids, err := s.stateIDs()
	if err != nil {
		return "", err
	}
	for _, order := range s.api.Orders() {
		if order.Request["ideal_customer_profile"] == profile(s.world.search) && order.ID != ids[s.world.orderAddress()] {
			return order.ID, nil
		}
	}
	return "", nil
}

// stages runs each stage once without a signal: the others begin with what a create leaves behind, and the requests are the
// points.
func stages(cli *terraformcli.CLI, directory string) ([]*stage, error) {
	empty, err := simulator.Start(simulator.Options{APIKey: apiKey, Review: simulator.Review{Reads: 1}})
	if err != nil {
		return nil, fmt.Errorf("starting the simulator: %w", err)
	}
	defer empty.Close()
	create := &stage{name: "create", api: empty, world: fixedWorld}
	share := &stage{name: "share", api: empty, world: sharedWorld}
	change := &stage{name: "change", world: revisedWorld}
	exchange := &stage{name: "exchange", world: exchangedWorld}
	relabel := &stage{name: "relabel", world: relabelledWorld}
	replace := &stage{name: "replace", world: renewedWorld(oldFirst)}
	renew := &stage{name: "renew", world: renewedWorld(newFirst)}
	destroy := &stage{name: "destroy", world: fixedWorld, destroys: true}
	for _, step := range []struct {
		stage *stage
		next  []*stage
	}{
		{create, []*stage{change, relabel, replace, renew, destroy}},
		{share, []*stage{exchange}},
		{change, nil},
		{exchange, nil},
		{relabel, nil},
		{replace, nil},
		{renew, nil},
		{destroy, nil},
	} {
		api, state, err := step.stage.measure(cli, directory)
		if err != nil {
			return nil, err
		}
		for _, next := range step.next {
			next.api, next.state = api, state
		}
	}
	return []*stage{create, share, change, exchange, relabel, replace, renew, destroy}, nil
}

// measure runs the stage without a signal. It returns what the stage leaves behind.
func (st *stage) measure(cli *terraformcli.CLI, parent string) (*simulator.Server, []byte, error) {
	directory := filepath.Join(parent, st.name)
	if err := os.Mkdir(directory, 0o700); err != nil {
		return nil, nil, fmt.Errorf("making a directory: %w", err)
	}
	s, err := st.begin(cli, directory)
	if err != nil {
		return nil, nil, err
	}
	// The server serves nobody from here on; it is only cloned.
	defer s.api.Close()
	requests, err := st.run(s, nil)
	if err == nil {
		st.requests = len(requests)
		err = st.finish(s)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s without a signal: %w\n%s", st.name, err, s.log.String())
	}
	state, err := os.ReadFile(filepath.Join(directory, "terraform.tfstate"))
	if err != nil {
		return nil, nil, fmt.Errorf("reading the state: %w", err)
	}
	return s.api, state, nil
}

// sweep interrupts each stage at each of its requests by each signal.
func sweep(ctx context.Context, r *runner, seed uint64, pattern string) error {
	all, err := stages(r.cli, r.directory)
	if err != nil {
		return err
	}
	var points []point
	for _, st := range all {
		fmt.Printf("%s: %d requests\n", st.name, st.requests)
		for request := range st.requests {
			for _, kind := range signalKinds {
				for _, work := range []bool{false, true} {
					p := point{stage: st, request: request + 1, signal: kind, work: work}
					chosen, err := path.Match(pattern, p.String())
					if err != nil {
						return fmt.Errorf("-points %s: %w", pattern, err)
					}
					if chosen {
						points = append(points, p)
					}
				}
			}
		}
	}
	random := rand.New(rand.NewPCG(seed, 0))
	random.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
	fmt.Printf("sweep: %d points in the order of seed %d, %d at a time\n", len(points), seed, r.workers)
	r.work(ctx, func(yield func(testCase) bool) {
		for _, p := range points {
			if !yield(testCase{
				name:  p.String(),
				begin: func(directory string) (*schedule, error) { return p.stage.begin(r.cli, directory) },
				run:   p.run,
				again: fmt.Sprintf("-sweep -points '%s'", p),
			}) {
				return
			}
		}
	})
	fmt.Printf("sweep: %d points in %s: %s; %d states torn by a killed terraform, %d signals whose request never came\n",
		r.run, r.elapsed(), r.total, r.total.Torn, r.total.Missed)
	return r.verdict()
}
