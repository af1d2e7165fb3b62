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
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// cost is what one step took.
type cost struct {
	Requests map[string]int // by method
	Wall     time.Duration
	CPU      time.Duration // user and system, of terraform and the provider together
	// Peak memory in bytes: of the program (terraform or the script), and of the largest provider process.
	Peak, ProviderPeak int64
}

func (c cost) total() int {
	sum := 0
	for _, n := range c.Requests {
		sum += n
	}
	return sum
}

// measured runs a command to its end and returns what it cost and printed.
func measured(command *exec.Cmd, api *simulator.Server) (cost, string, error) {
	if api != nil {
		api.ResetJournal()
	}
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	began := time.Now()
	if err := command.Start(); err != nil {
		return cost{}, "", fmt.Errorf("starting %s: %w", command.Path, err)
	}
	done := make(chan struct{})
	seen := make(chan peaks, 1)
	go func() { seen <- watch(command.Process.Pid, done) }()
	err := command.Wait()
	wall := time.Since(began)
	close(done)
	peak := <-seen
	if err != nil {
		return cost{}, "", fmt.Errorf("running %s: %w\n%s", strings.Join(command.Args, " "), err, output.String())
	}
	c := cost{
		Requests: map[string]int{},
		Wall:     wall,
		// Terraform waits for the provider, so its own usage holds the provider's.
		CPU:          command.ProcessState.UserTime() + command.ProcessState.SystemTime(),
		Peak:         peak.program,
		ProviderPeak: peak.provider,
	}
	if api != nil {
		for _, request := range api.Journal() {
			c.Requests[request.Method]++
		}
	}
	return c, output.String(), nil
}

// peaks are the largest resident sizes in bytes of a program and of the provider that it started.
type peaks struct{ program, provider int64 }

// watch reads the peak memory of a process and its providers, which the kernel keeps in VmHWM, until done: what is reached
// after the last look is missed, so it looks often. (The peak in a finished process's resource usage cannot be used:
// it is never below that of the process that started it, and the simulator is in this one.)
func watch(pid int, done <-chan struct{}) peaks {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	var peak peaks
	for {
		peak.program = max(peak.program, highWater(strconv.Itoa(pid)))
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
					peak.provider = max(peak.provider, highWater(child))
				}
			}
		}
		select {
		case <-done:
			return peak
		case <-ticker.C:
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
