//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// run is one terraform command under way.
type run struct {
	mu      sync.Mutex
	command *exec.Cmd
	// orphaned says that terraform alone was killed.
	orphaned bool
}

// orphanTime is how long a provider outlives a terraform that was killed alone:
// enough for an answer that a fault holds back.
const orphanTime = 300 * time.Millisecond

// execute runs the command to its end, in a process group of its own so that nothing of it is left behind. It returns what
// the command printed.
func (r *run) execute(command *exec.Cmd) (string, error) {
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		return "", fmt.Errorf("starting terraform: %w", err)
	}
	r.mu.Lock()
	r.command, r.orphaned = command, false
	r.mu.Unlock()

	err := command.Wait()

	r.mu.Lock()
	orphaned := r.orphaned
	r.command = nil
	r.mu.Unlock()
	// A provider whose terraform was killed lives on for a while. The next run must not meet it.
	if orphaned {
		time.Sleep(orphanTime)
	}
	_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
	return output.String(), err
}

// strike sends a signal to the command under way. Without one it does nothing.
func (r *run) strike(kind signalKind) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.command == nil {
		return
	}
	pid := r.command.Process.Pid
	switch kind {
	case killProvider:
		for _, child := range children(pid) {
			_ = syscall.Kill(child, syscall.SIGKILL)
		}
	case killTerraform:
		_ = syscall.Kill(pid, syscall.SIGKILL)
		r.orphaned = true
	case killBoth:
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	case interrupt:
		_ = syscall.Kill(-pid, syscall.SIGINT)
	}
}

// children returns the processes whose parent is pid, from Linux's /proc.
func children(pid int) []int {
	var pids []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		// pid (name) state ppid …; the name may hold spaces and brackets.
		_, rest, found := strings.Cut(string(text[bytes.LastIndexByte(text, ')')+1:]), " ")
		fields := strings.Fields(rest)
		if !found || len(fields) < 2 || fields[1] != strconv.Itoa(pid) {
			continue
		}
		if child, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			pids = append(pids, child)
		}
	}
	return pids
}
