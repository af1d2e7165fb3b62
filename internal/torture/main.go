//go:build linux

// The fault campaign: real terraform goes through randomised schedules of changes, faults and signals against the
// simulator. It checks that nothing is ordered twice, no exclusion is lost, and nothing is removed that no plan has shown.
//
// A schedule follows from its seed: the one that broke a rule can be run again. A quarter of them are two pipelines on one
// blacklist; how those two interleave is up to the machine.
//
// With -sweep it interrupts runs systematically instead: each kind of signal at each request of a create, a change, a
// change of hands, a replacement and a destroy. A point is run again by its name.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/terraformcli"
)

func main() {
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()),
		"seed of the first schedule; the others follow it. With -sweep: of the order of the points")
	schedules := flag.Int("schedules", 1000, "how many schedules to run")
	interrupting := flag.Bool("sweep", false, "interrupt every kind of run at each of its requests by each signal")
	points := flag.String("points", "*/*/*/*", "the points of the sweep to run, such as change/7/*/after")
	duration := flag.Duration("duration", 0, "start no schedule and no point after this time; 0 is no limit")
	workers := flag.Int("workers", 4, "how many run at once")
	keep := flag.Bool("keep", false, "print every log, not only those of broken rules")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r := runner{workers: *workers, duration: *duration, keep: *keep}
	err := r.prepare(ctx)
	switch {
	case err != nil:
	case *interrupting:
		err = sweep(ctx, &r, *seed, *points)
	default:
		err = campaign(ctx, &r, *seed, *schedules)
	}
	r.clean()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// runner runs many cases at once, each in a directory of its own.
type runner struct {
	workers  int
	duration time.Duration
	keep     bool

	cli       *terraformcli.CLI
	directory string
	began     time.Time

	mu          sync.Mutex
	run, broken int
	total       stats
}

func (r *runner) prepare(ctx context.Context) error {
	var err error
	if r.directory, err = os.MkdirTemp("", "openprospect-torture-"); err != nil {
		return fmt.Errorf("making a directory: %w", err)
	}
	r.cli, err = terraformcli.Prepare(ctx, r.directory)
	r.began = time.Now()
	return err
}

func (r *runner) clean() { _ = os.RemoveAll(r.directory) }

func (r *runner) elapsed() time.Duration { return time.Since(r.began).Round(time.Second) }

// testCase is one schedule or one point of the sweep.
type testCase struct {
	name string
	// begin prepares it in a directory, run runs it. An error of run is a rule that was broken.
	begin func(directory string) (*schedule, error)
	run   func(context.Context, *schedule) error
	// again are the arguments that run it again.
	again string
}

// work runs the cases, in their order, until they or the time are over.
func (r *runner) work(ctx context.Context, cases iter.Seq[testCase]) {
	queue := make(chan testCase)
	go func() {
		defer close(queue)
		for one := range cases {
			if r.duration > 0 && time.Since(r.began) > r.duration {
				return
			}
			select {
			case queue <- one:
			case <-ctx.Done():
				return
			}
		}
	}()
	var group sync.WaitGroup
	for range r.workers {
		group.Go(func() {
			for one := range queue {
				s, err := r.one(ctx, one)
				if ctx.Err() != nil {
					return
				}
				r.record(one, s, err)
			}
		})
	}
	group.Wait()
}

func (r *runner) one(ctx context.Context, one testCase) (*schedule, error) {
	directory, err := os.MkdirTemp(r.directory, "case-")
	if err != nil {
		return &schedule{}, fmt.Errorf("making a directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(directory) }()
	s, err := one.begin(directory)
	if err != nil {
		return &schedule{}, err
	}
	defer s.api.Close()
	return s, one.run(ctx, s)
}

// record counts a case that is over, and prints its log if it broke a rule.
func (r *runner) record(one testCase, s *schedule, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.run++
	r.total.add(s.stats)
	if err != nil {
		r.broken++
		fmt.Printf("\nBROKEN: %s: %s\n%s\nrun it again: go run ./internal/torture %s\n", one.name, err, s.log.String(), one.again)
	} else if r.keep {
		fmt.Printf("\n%s:\n%s", one.name, s.log.String())
	}
	if r.run%50 == 0 {
		fmt.Printf("%d run, %d broken, %s\n", r.run, r.broken, r.elapsed())
	}
}

// verdict prints the last line. It returns the error of a program that failed.
func (r *runner) verdict() error {
	fmt.Printf("%d passed, %d failed\n", r.run-r.broken, r.broken)
	switch {
	case r.broken > 0:
		return fmt.Errorf("%d broke a rule", r.broken)
	case r.run == 0:
		return errors.New("nothing was run")
	}
	return nil
}

func campaign(ctx context.Context, r *runner, seed uint64, schedules int) error {
	fmt.Printf("fault campaign: seeds %d to %d, %d at a time\n", seed, seed+uint64(schedules)-1, r.workers)
	r.work(ctx, func(yield func(testCase) bool) {
		for i := range schedules {
			seed := seed + uint64(i)
			if !yield(testCase{
				name:  fmt.Sprint("seed ", seed),
				begin: func(directory string) (*schedule, error) { return newSchedule(seed, r.cli, directory) },
				run: func(ctx context.Context, s *schedule) error {
					if twoPipelines(seed) {
						return runPipelines(ctx, s)
					}
					return s.run(ctx)
				},
				again: fmt.Sprintf("-seed %d -schedules 1", seed),
			}) {
				return
			}
		}
	})
	fmt.Printf("%d schedules in %s: %s\n", r.run, r.elapsed(), r.total)
	return r.verdict()
}

func (s *stats) add(more stats) {
	s.Applies += more.Applies
	s.FailedApplies += more.FailedApplies
	s.Signals += more.Signals
	s.Faults += more.Faults
	s.Imports += more.Imports
	s.DuplicatesStopped += more.DuplicatesStopped
	s.Orders += more.Orders
	s.Orphans += more.Orphans
	s.Leftovers += more.Leftovers
	s.OffForAWhile += more.OffForAWhile
	s.Steps += more.Steps
	s.Pipelines += more.Pipelines
	s.Overlaps += more.Overlaps
	s.Missed += more.Missed
	s.Torn += more.Torn
}

func (s stats) String() string {
	return fmt.Sprintf("%d applies (%d failed), %d faults and %d signals injected, %d orders placed, "+
		"%d orders stopped as possible duplicates, %d imports that messages asked for, %d changes made in the steps that messages asked for, "+
		"%d companies off for a while as a plan had shown, %d orphaned blacklists, "+
		"%d companies left excluded by killed runs or, with a warning, by additive lists; "+
		"%d pairs of pipelines, which added %d companies at the same moment",
		s.Applies, s.FailedApplies, s.Faults, s.Signals, s.Orders, s.DuplicatesStopped, s.Imports, s.Steps,
		s.OffForAWhile, s.Orphans, s.Leftovers, s.Pipelines, s.Overlaps)
}
