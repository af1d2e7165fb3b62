package provider_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/openprospect/terraform-provider-openprospect"

// TestRooms holds the packages to the direction main -> provider -> exclusion
// -> openprospect, and test code out of the binary.
func TestRooms(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		reason string
		pkg    string
		bad    func(dependency string) bool
	}{
		{"the binary does not link the simulator or what drives Terraform", ".", func(d string) bool {
			return isOurs(d, "simulator", "simulate", "demo", "terraformcli") ||
				strings.Contains(d, "terraform-plugin-testing") || strings.Contains(d, "terraform-exec")
		}},
		{"the client knows nothing of Terraform, nor of the rooms above", "./internal/openprospect", func(d string) bool {
			return isTerraform(d) || isOurs(d, "provider", "exclusion", "simulator")
		}},
		{"exclusions know nothing of Terraform, nor of the rooms above", "./internal/exclusion", func(d string) bool {
			return isTerraform(d) || isOurs(d, "provider", "simulator")
		}},
		{"the simulator is the standard library and nothing of ours", "./internal/simulator", func(d string) bool {
			return !isOurs(d, "simulator") && !isStandard(d)
		}},
		{"simulate runs from anywhere without downloading another module", "./internal/simulate", func(d string) bool {
			return !isOurs(d, "simulate", "simulator") && !isStandard(d)
		}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			t.Parallel()
			dependencies := goList(t, "-deps", test.pkg)
			if len(dependencies) < 2 {
				t.Fatalf("go list -deps %s gives only %q", test.pkg, dependencies)
			}
			for _, dependency := range dependencies {
				if test.bad(dependency) {
					t.Errorf("%s must not depend on %s", test.pkg, dependency)
				}
			}
		})
	}

	t.Run("exclusions speak no HTTP themselves", func(t *testing.T) {
		t.Parallel()
		if imports := goList(t, "-f", `{{join .Imports "\n"}}`, "./internal/exclusion"); slices.Contains(imports, "net/http") {
			t.Error("internal/exclusion imports net/http")
		}
	})

	t.Run("nothing in the binary needs package testing", func(t *testing.T) {
		t.Parallel()
		// hashicorp/go-plugin, which every provider links, holds its test
		// helpers in its main package.
		for _, line := range goList(t, "-deps", "-f", `{{.ImportPath}} {{join .Imports " "}}`, ".") {
			pkg, imports, _ := strings.Cut(line, " ")
			if slices.Contains(strings.Fields(imports), "testing") && pkg != "github.com/hashicorp/go-plugin" {
				t.Errorf("%s imports testing", pkg)
			}
		}
	})
}

// isStandard reports a package of the standard library.
func isStandard(dependency string) bool {
	return !strings.Contains(strings.Split(dependency, "/")[0], ".")
}

func isTerraform(dependency string) bool {
	return strings.HasPrefix(dependency, "github.com/hashicorp/")
}

func isOurs(dependency string, rooms ...string) bool {
	return slices.ContainsFunc(rooms, func(room string) bool { return dependency == module+"/internal/"+room })
}

// goList runs go list at the module's root and returns the lines of its output.
func goList(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	cmd.Dir = "../.."
	var stderr strings.Builder
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %s\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.Split(strings.TrimSpace(string(output)), "\n")
}
