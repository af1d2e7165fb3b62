// Package terraformcli runs the real terraform, or OpenTofu, against the provider
// built from this tree: what the tests, the demo, the benchmark and the fault
// campaign have in common.
package terraformcli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/go-version"
	install "github.com/hashicorp/hc-install"
	"github.com/hashicorp/hc-install/fs"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
	"github.com/hashicorp/hc-install/src"
)

// providerAddresses are where configurations of Terraform and of OpenTofu find the provider.
var providerAddresses = []string{"registry.terraform.io/openprospect/openprospect", "registry.opentofu.org/openprospect/openprospect"}

// oldest is the first Terraform that the provider supports.
var oldest = version.MustConstraints(version.NewConstraint(">= 1.8.0"))

// pathVariable names the CLI to use, as it does for terraform-plugin-testing.
const pathVariable = "TF_ACC_TERRAFORM_PATH"

// Find returns the path of a terraform binary: the one that TF_ACC_TERRAFORM_PATH
// names, which may be OpenTofu's; else the one on PATH if it is recent enough,
// else the newest release, which it downloads into the user's cache once.
func Find(ctx context.Context) (string, error) {
	if named := os.Getenv(pathVariable); named != "" {
		binary, err := exec.LookPath(named)
		if err != nil {
			return "", fmt.Errorf("finding the terraform of %s: %w", pathVariable, err)
		}
		// It runs in other directories than this one.
		if binary, err = filepath.Abs(binary); err != nil {
			return "", fmt.Errorf("finding the terraform of %s: %w", pathVariable, err)
		}
		return binary, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding a directory for terraform: %w", err)
	}
	directory := filepath.Join(cache, "terraform-provider-openprospect", "terraform")
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return "", fmt.Errorf("making a directory for terraform: %w", err)
	}
	binary, err := install.NewInstaller().Ensure(ctx, []src.Source{
		&fs.Version{Product: product.Terraform, Constraints: oldest},
		&fs.Version{Product: product.Terraform, Constraints: oldest, ExtraPaths: []string{directory}},
		&releases.LatestVersion{Product: product.Terraform, Constraints: oldest, InstallDir: directory},
	})
	if err != nil {
		return "", fmt.Errorf("finding or installing terraform: %w", err)
	}
	return binary, nil
}

// Release is which CLI a binary is.
type Release struct {
	// OpenTofu is false for Terraform. The two give different features the same version.
	OpenTofu bool
	Version  *version.Version
}

// ReleaseOf asks a terraform binary for its release.
func ReleaseOf(ctx context.Context, binary string) (Release, error) {
	command := exec.CommandContext(ctx, binary, "version")
	command.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1")
	output, err := command.Output()
	if err != nil {
		return Release{}, fmt.Errorf("running %s version: %w", binary, err)
	}
	return parseRelease(string(output))
}

// releaseLine may stand below warnings.
var releaseLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)\s*$`)

// parseRelease reads what the command version prints: with -json, Terraform and
// OpenTofu cannot be told apart.
func parseRelease(output string) (Release, error) {
	match := releaseLine.FindStringSubmatch(output)
	if match == nil {
		return Release{}, fmt.Errorf("%q names no release of Terraform or OpenTofu", output)
	}
	release, err := version.NewSemver(match[2])
	if err != nil {
		return Release{}, fmt.Errorf("reading the version in %q: %w", output, err)
	}
	return Release{OpenTofu: match[1] == "OpenTofu", Version: release}, nil
}

// String returns the release as the CLI itself does.
func (r Release) String() string {
	if r.OpenTofu {
		return "OpenTofu " + r.Version.String()
	}
	return "Terraform " + r.Version.String()
}

// CLI is a terraform binary and the provider built for it.
type CLI struct {
	// Terraform is the path of the binary.
	Terraform string
	// Directory holds the provider's binary.
	Directory  string
	configFile string
}

// Prepare finds terraform and builds the provider of the module in the current
// directory into directory, with a CLI configuration that makes terraform use
// it: no init is needed, nor any network.
func Prepare(ctx context.Context, directory string) (*CLI, error) {
	terraform, err := Find(ctx)
	if err != nil {
		return nil, err
	}
	binary := filepath.Join(directory, "terraform-provider-openprospect")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/openprospect/terraform-provider-openprospect")
	if output, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the provider: %w\n%s", err, output)
	}
	configFile := filepath.Join(directory, "terraform.rc")
	var overrides strings.Builder
	for _, address := range providerAddresses {
		fmt.Fprintf(&overrides, "    %q = %q\n", address, directory)
	}
	config := fmt.Sprintf("provider_installation {\n  dev_overrides {\n%s  }\n  direct {}\n}\ndisable_checkpoint = true\n", overrides.String())
	if err := os.WriteFile(configFile, []byte(config), 0o600); err != nil {
		return nil, fmt.Errorf("writing terraform's CLI configuration: %w", err)
	}
	return &CLI{Terraform: terraform, Directory: directory, configFile: configFile}, nil
}

// Environ is the environment for terraform: the caller's, without what would
// change a run (TF_… and OPENPROSPECT_… variables), with the CLI configuration
// and extra "NAME=value" pairs.
func (c *CLI) Environ(extra ...string) []string {
	environ := slices.DeleteFunc(os.Environ(), func(pair string) bool {
		return strings.HasPrefix(pair, "TF_") || strings.HasPrefix(pair, "OPENPROSPECT_")
	})
	return append(append(environ, "TF_CLI_CONFIG_FILE="+c.configFile, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1"), extra...)
}

// Command prepares a run of terraform in directory. It is not bound to a
// context's end, so that a caller decides by which signal it dies.
func (c *CLI) Command(directory string, environ []string, arguments ...string) *exec.Cmd {
	command := exec.Command(c.Terraform, arguments...) //nolint:noctx // see above
	command.Dir = directory
	command.Env = environ
	return command
}

// ExitCode returns a finished command's exit code: -1 when a signal ended it, and
// an error when it could not be run at all.
func ExitCode(err error) (int, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &exit):
		return exit.ExitCode(), nil
	}
	return 0, fmt.Errorf("running terraform: %w", err)
}
