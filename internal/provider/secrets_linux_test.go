package provider_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// TestAccSecretsOfACrash has Go's runtime end the provider with all of its stacks, as it does after a panic. Only Linux
// tells which process is Terraform's provider.
func TestAccSecretsOfACrash(t *testing.T) {
	t.Parallel()
	s := newSecrets(t)
	s.name = "a crash"
	command := s.command(nil, "plan", "-no-color")
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	started := make(chan int, 1)
	s.sim.Inject(simulator.Fault{Method: http.MethodGet, Pattern: "/orders/*", Delay: time.Second, Hook: func() {
		for _, child := range childrenOf(<-started) {
			_ = syscall.Kill(child, syscall.SIGABRT)
		}
	}})
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	started <- command.Process.Pid
	err := command.Wait()
	s.sim.ClearFaults()
	// Terraform shows a stack that begins with "panic:" in its output, and any other in its log.
	if everything := output.String() + readFile(
		t,
		filepath.Join(s.directory, "trace.log"),
	); err == nil || !strings.Contains(everything, "SIGABRT") ||
		!strings.Contains(everything, "goroutine") {
		t.Errorf("the provider did not crash: %v\n%s", err, output.String())
	}
	s.search(output.String())
}

func childrenOf(pid int) []int {
	var pids []int
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for _, field := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}
