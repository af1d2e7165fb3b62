//go:build linux

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// cost is what one step took.
type cost struct {
	Requests map[string]int // by method
	Wall     time.Duration
	CPU      time.Duration // user and system, of terraform and the provider together
	// Peak memory in bytes: of terraform, and of the largest provider process.
	CorePeak, ProviderPeak int64
}

func (c cost) total() int {
	sum := 0
	for _, n := range c.Requests {
		sum += n
	}
	return sum
}

// measured runs a terraform command to its end and returns what it cost.
func measured(command *exec.Cmd, api *simulator.Server) (cost, error) {
	if api != nil {
		api.ResetJournal()
	}
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	began := time.Now()
	if err := command.Start(); err != nil {
		return cost{}, fmt.Errorf("starting terraform: %w", err)
	}
	done := make(chan struct{})
	peak := make(chan int64, 1)
	go func() { peak <- watchChildren(command.Process.Pid, done) }()
	err := command.Wait()
	wall := time.Since(began)
	close(done)
	providerPeak := <-peak
	if err != nil {
		return cost{}, fmt.Errorf("running terraform %s: %w\n%s", strings.Join(command.Args[1:], " "), err, output.String())
	}
	usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return cost{}, fmt.Errorf("no resource usage on this system: %T", command.ProcessState.SysUsage())
	}
	c := cost{
		Requests: map[string]int{},
		Wall:     wall,
		// Terraform waits for the provider, so its own usage holds the provider's.
		CPU:          command.ProcessState.UserTime() + command.ProcessState.SystemTime(),
		CorePeak:     usage.Maxrss * 1024,
		ProviderPeak: providerPeak,
	}
	if api != nil {
		for _, request := range api.Journal() {
			c.Requests[request.Method]++
		}
	}
	return c, nil
}

// watchChildren reads the peak memory of a process's children, which the kernel
// keeps in VmHWM, until done: what a child reaches after the last look is missed,
// so it looks often.
func watchChildren(pid int, done <-chan struct{}) int64 {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	var peak int64
	for {
		select {
		case <-done:
			return peak
		case <-ticker.C:
		}
		lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
		for _, list := range lists {
			text, err := os.ReadFile(list)
			if err != nil {
				continue
			}
			for child := range strings.FieldsSeq(string(text)) {
				// Between fork and exec a child still shows its parent's memory.
				program, err := os.Readlink(filepath.Join("/proc", child, "exe"))
				if err == nil && strings.Contains(filepath.Base(program), "terraform-provider-") {
					peak = max(peak, highWater(child))
				}
			}
		}
	}
}

func highWater(pid string) int64 {
	file, err := os.Open(filepath.Join("/proc", pid, "status"))
	if err != nil {
		return 0
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		value, found := strings.CutPrefix(lines.Text(), "VmHWM:")
		if !found {
			continue
		}
		kilobytes, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
		if err != nil {
			return 0
		}
		return kilobytes * 1024
	}
	return 0
}

// median returns the run with the median CPU time, the steadiest of the figures.
func median(costs []cost) cost {
	sorted := slices.SortedFunc(slices.Values(costs), func(a, b cost) int { return int(a.CPU - b.CPU) })
	return sorted[len(sorted)/2]
}
