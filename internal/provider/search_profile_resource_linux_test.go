package provider_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// TestAccSearchProfileKilled kills the provider while it creates or awaits a profile. The next apply finds the same one.
func TestAccSearchProfileKilled(t *testing.T) {
	t.Parallel()
	cli := prepareCLI(t)
	for name, test := range map[string]struct {
		method, pattern string
		behavior        simulator.Behavior
	}{
		"while it is created": {"POST", creationsPath, simulator.Behavior{}},
		"while it is awaited": {"GET", creationsPath + "/*", simulator.Behavior{ReplayFirstAnswer: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startNewest(t, test.behavior)
			directory := t.TempDir()
			writeFile(t, filepath.Join(directory, "main.tf"), requiredProviders+configure(sim, profileHCL("DACH SaaS")))
			command := cli.Command(directory, cli.Environ(), "apply", "-auto-approve", "-no-color")
			started := make(chan int, 1)
			sim.Inject(simulator.Fault{
				Method: test.method, Pattern: test.pattern, Work: true, Drop: true, Delay: 100 * time.Millisecond,
				Hook: func() {
					for _, child := range childrenOf(<-started) {
						_ = syscall.Kill(child, syscall.SIGKILL)
					}
				},
			})
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			started <- command.Process.Pid
			if err := command.Wait(); err == nil {
				t.Fatal("the provider was not killed")
			}
			output, err := cli.Command(directory, cli.Environ(), "apply", "-auto-approve", "-no-color").CombinedOutput()
			if err != nil {
				t.Fatalf("the next apply: %v\n%s", err, output)
			}
			creations := sim.ProfileCreations()
			if len(creations) != 1 || !strings.Contains(readFile(t, filepath.Join(directory, "terraform.tfstate")), creations[0].ProfileID) {
				t.Errorf("%d profile creations", len(creations))
			}
		})
	}
}
