//go:build linux

// The fault campaign: it lets real terraform live through randomised schedules
// of changes, faults and signals against the simulator, and checks that nothing is
// ordered twice, no exclusion lost, and nothing removed that no plan had shown.
//
// A schedule is told by its seed: the one that broke a rule can be run again.
//
// With -sweep it interrupts runs systematically instead: each kind of signal at
// each request of a create, a change, a hand-over and a destroy. A point is told
// by its name.
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
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "seed of the first schedule; the others follow it. With -sweep: of the order of the points")
	schedules := flag.Int("schedules", 1000, "how many schedules to run")
	interrupting := flag.Bool("sweep", false, "interrupt a create, a change, a hand-over and a destroy at each of their requests by each signal")
	points := flag.String("points", "*/*/*/*", "the points of the sweep to run, such as change/7/*/after")
	duration := flag.Duration("duration", 0, "start no schedule and no point after this time; 0 is no limit")
	workers := flag.Int("workers", 4, "how many run at once")
	keep := flag.Bool("keep", false, "print every story, not only those of broken rules")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	c := crew{workers: *workers, duration: *duration, keep: *keep}
	err := c.prepare(ctx)
	switch {
	case err != nil:
	case *interrupting:
		err = sweep(ctx, &c, *seed, *points)
	default:
		err = campaign(ctx, &c, *seed, *schedules)
	}
	c.clean()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// crew runs many lives of configurations at once, each in a directory of its own.
type crew struct {
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

func (c *crew) prepare(ctx context.Context) error {
	var err error
	if c.directory, err = os.MkdirTemp("", "openprospect-torture-"); err != nil {
		return fmt.Errorf("making a directory: %w", err)
	}
	c.cli, err = terraformcli.Prepare(ctx, c.directory)
	c.began = time.Now()
	return err
}

func (c *crew) clean() { _ = os.RemoveAll(c.directory) }

func (c *crew) elapsed() time.Duration { return time.Since(c.began).Round(time.Second) }

// life is the name of a schedule or a point, how to begin it in a directory, how
// to live it, and the arguments that run it again.
type life struct {
	name  string
	begin func(directory string) (*schedule, error)
	live  func(context.Context, *schedule) error
	again string
}

// work runs the lives, in their order, until they or the time are over.
func (c *crew) work(ctx context.Context, lives iter.Seq[life]) {
	queue := make(chan life)
	go func() {
		defer close(queue)
		for one := range lives {
			if c.duration > 0 && time.Since(c.began) > c.duration {
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
	for range c.workers {
		group.Go(func() {
			for one := range queue {
				s, err := c.one(ctx, one)
				if ctx.Err() != nil {
					return
				}
				c.note(one, s, err)
			}
		})
	}
	group.Wait()
}

func (c *crew) one(ctx context.Context, one life) (*schedule, error) {
	directory, err := os.MkdirTemp(c.directory, "life-")
	if err != nil {
		return &schedule{}, fmt.Errorf("making a directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(directory) }()
	s, err := one.begin(directory)
	if err != nil {
		return &schedule{}, err
	}
	defer s.api.Close()
	return s, one.live(ctx, s)
}

// note counts a life that is over, and tells its story if it broke a rule.
func (c *crew) note(one life, s *schedule, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.run++
	c.total.add(s.stats)
	if err != nil {
		c.broken++
		fmt.Printf("\nBROKEN: %s: %s\n%s\nrun it again: go run ./internal/torture %s\n", one.name, err, s.story.String(), one.again)
	} else if c.keep {
		fmt.Printf("\n%s:\n%s", one.name, s.story.String())
	}
	if c.run%50 == 0 {
		fmt.Printf("%d run, %d broken, %s\n", c.run, c.broken, c.elapsed())
	}
}

// verdict is the last line, and the error of a program that failed.
func (c *crew) verdict() error {
	fmt.Printf("%d passed, %d failed\n", c.run-c.broken, c.broken)
	switch {
	case c.broken > 0:
		return fmt.Errorf("%d broke a rule", c.broken)
	case c.run == 0:
		return errors.New("nothing was run")
	}
	return nil
}

func campaign(ctx context.Context, c *crew, seed uint64, schedules int) error {
	fmt.Printf("fault campaign: seeds %d to %d, %d at a time\n", seed, seed+uint64(schedules)-1, c.workers)
	c.work(ctx, func(yield func(life) bool) {
		for i := range schedules {
			seed := seed + uint64(i)
			if !yield(life{
				name:  fmt.Sprint("seed ", seed),
				begin: func(directory string) (*schedule, error) { return newSchedule(seed, c.cli, directory) },
				live:  func(ctx context.Context, s *schedule) error { return s.live(ctx) },
				again: fmt.Sprintf("-seed %d -schedules 1", seed),
			}) {
				return
			}
		}
	})
	fmt.Printf("%d schedules in %s: %s\n", c.run, c.elapsed(), c.total)
	return c.verdict()
}

func (s *stats) add(more stats) {
	s.Applies += more.Applies
	s.FailedApplies += more.FailedApplies
	s.Blows += more.Blows
	s.Faults += more.Faults
	s.Imports += more.Imports
	s.DuplicatesStopped += more.DuplicatesStopped
	s.Orders += more.Orders
	s.Orphans += more.Orphans
	s.Leftovers += more.Leftovers
	s.Missed += more.Missed
	s.Torn += more.Torn
}

func (s stats) String() string {
	return fmt.Sprintf("%d applies (%d failed), %d faults and %d signals injected, %d orders placed, %d orders stopped as possible duplicates, %d imports that messages asked for, %d orphaned blacklists, %d companies left excluded by killed runs or, with a warning, by additive lists",
		s.Applies, s.FailedApplies, s.Faults, s.Blows, s.Orders, s.DuplicatesStopped, s.Imports, s.Orphans, s.Leftovers)
}
