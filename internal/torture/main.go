//go:build linux

// The fault campaign: it lets real terraform live through randomised schedules
// of changes, faults and signals against the simulator, and checks that nothing is
// ordered twice, no exclusion lost, and nothing removed that no plan had shown.
//
// A schedule is told by its seed: the one that broke a rule can be run again.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/terraformcli"
)

func main() {
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "seed of the first schedule; the others follow it")
	schedules := flag.Int("schedules", 1000, "how many schedules to run")
	duration := flag.Duration("duration", 0, "start no schedule after this time; 0 is no limit")
	workers := flag.Int("workers", 4, "how many schedules run at once")
	keep := flag.Bool("keep", false, "print the story of every schedule, not only of broken ones")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := campaign(ctx, *seed, *schedules, *workers, *duration, *keep); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func campaign(ctx context.Context, seed uint64, schedules, workers int, duration time.Duration, keep bool) error {
	directory, err := os.MkdirTemp("", "openprospect-torture-")
	if err != nil {
		return fmt.Errorf("making a directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(directory) }()
	cli, err := terraformcli.Prepare(ctx, directory)
	if err != nil {
		return err
	}
	fmt.Printf("fault campaign: seeds %d to %d, %d at a time\n", seed, seed+uint64(schedules)-1, workers)

	began := time.Now()
	seeds := make(chan uint64)
	go func() {
		defer close(seeds)
		for i := range schedules {
			if duration > 0 && time.Since(began) > duration {
				return
			}
			select {
			case seeds <- seed + uint64(i):
			case <-ctx.Done():
				return
			}
		}
	}()

	var (
		mu          sync.Mutex
		total       stats
		run, broken int
		group       sync.WaitGroup
	)
	for range workers {
		group.Go(func() {
			for seed := range seeds {
				s, err := one(ctx, seed, cli, directory)
				mu.Lock()
				if ctx.Err() != nil {
					mu.Unlock()
					return
				}
				run++
				total.add(s.stats)
				if err != nil {
					broken++
					fmt.Printf("\nBROKEN: seed %d: %s\n%s\nrun it again: go run ./internal/torture -seed %d -schedules 1\n", seed, err, s.story.String(), seed)
				} else if keep {
					fmt.Printf("\nseed %d:\n%s", seed, s.story.String())
				}
				if run%50 == 0 {
					fmt.Printf("%d schedules, %d broken, %s\n", run, broken, time.Since(began).Round(time.Second))
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()

	fmt.Printf("%d schedules in %s: %d applies (%d failed), %d faults and %d signals injected, %d orders placed, %d orders stopped as possible duplicates, %d imports that messages asked for, %d orphaned blacklists, %d companies left excluded by killed runs\n",
		run, time.Since(began).Round(time.Second), total.Applies, total.FailedApplies, total.Faults, total.Blows, total.Orders, total.DuplicatesStopped, total.Imports, total.Orphans, total.Leftovers)
	fmt.Printf("%d passed, %d failed\n", run-broken, broken)
	switch {
	case broken > 0:
		return fmt.Errorf("%d schedules broke a rule", broken)
	case run == 0:
		return errors.New("no schedule was run")
	}
	return nil
}

func one(ctx context.Context, seed uint64, cli *terraformcli.CLI, directory string) (*schedule, error) {
	work := filepath.Join(directory, fmt.Sprint("seed-", seed))
	if err := os.Mkdir(work, 0o700); err != nil {
		return &schedule{}, fmt.Errorf("making a directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	s, err := newSchedule(seed, cli, work)
	if err != nil {
		return &schedule{}, err
	}
	return s, s.live(ctx)
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
}
