package provider_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/openprospect/terraform-provider-openprospect/internal/terraformcli"
)

// cliFeature is what a test needs of the CLI, with the first releases that have it. OpenTofu counts its own versions,
// so a check of the version alone would take a later OpenTofu for a Terraform.
type cliFeature struct {
	name string
	// terraform and openTofu are "" where no release has it.
	terraform, openTofu string
}

var (
	// OpenTofu 1.8 crashes over an import whose generated configuration is not complete, 1.12 does not; those between were not tried.
	generatedConfiguration = cliFeature{"generated configuration that is to be filled in", "1.5.0", "1.12.0"}
	removedLifecycle       = cliFeature{"lifecycle blocks in removed blocks", "1.7.0", "1.10.0"}
	// OpenTofu 1.8 configures the provider for its functions, 1.12 does not; those between were not tried.
	unconfiguredFunctions = cliFeature{"functions of a provider without configuration", "1.8.0", "1.12.0"}
	ephemeralResources    = cliFeature{"ephemeral resources", "1.10.0", "1.11.0"}
	writeOnlyArguments    = cliFeature{"write-only arguments", "1.11.0", "1.11.0"}
	resourceIdentity      = cliFeature{"resource identity", "1.12.0", "1.12.0"}
	destroyFalse          = cliFeature{"lifecycle blocks with destroy = false in resources", "1.16.0", "1.12.0"}
	listResources         = cliFeature{"list resources (terraform query)", "1.14.0", ""}
)

// missingFrom says why a release does not do, or nothing.
func (f cliFeature) missingFrom(release terraformcli.Release) string {
	product, first := "Terraform", f.terraform
	if release.OpenTofu {
		product, first = "OpenTofu", f.openTofu
	}
	switch {
	case first == "":
		return fmt.Sprintf("%s: %s has none, this is %s", f.name, product, release)
	case release.Version.Core().LessThan(version.Must(version.NewVersion(first))):
		return fmt.Sprintf("%s: %s has them from %s on, this is %s", f.name, product, first, release)
	}
	return ""
}

// testedRelease is the CLI of all acceptance tests.
var testedRelease = sync.OnceValues(func() (terraformcli.Release, error) {
	binary, err := terraformcli.Find(context.Background())
	if err != nil {
		return terraformcli.Release{}, err
	}
	return terraformcli.ReleaseOf(context.Background(), binary)
})

// requireFeature skips a test that the CLI cannot run.
func requireFeature(t *testing.T, feature cliFeature) {
	t.Helper()
	if missing := featureMissing(t, feature); missing != "" {
		t.Skip(missing)
	}
}

func featureMissing(t *testing.T, feature cliFeature) string {
	t.Helper()
	if os.Getenv(resource.EnvTfAcc) == "" {
		t.Skip("runs terraform: set TF_ACC")
	}
	release, err := testedRelease()
	if err != nil {
		t.Fatal(err)
	}
	return feature.missingFrom(release)
}

// removedBlock takes a resource out of state without a word to the provider.
func removedBlock(t *testing.T, address string) string {
	t.Helper()
	lifecycle := "lifecycle {\n    destroy = false\n  }"
	if featureMissing(t, removedLifecycle) != "" {
		lifecycle = "" // and nothing is ever destroyed
	}
	return fmt.Sprintf("removed {\n  from = %s\n  %s\n}\n", address, lifecycle)
}

func TestMissingFeatures(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		feature  cliFeature
		openTofu bool
		version  string
		want     string
	}{
		{listResources, false, "1.13.3", "list resources (terraform query): Terraform has them from 1.14.0 on, this is Terraform 1.13.3"},
		{listResources, false, "1.14.0-beta1", ""},
		{listResources, false, "1.16.4", ""},
		// No version of OpenTofu makes it a Terraform 1.14.
		{listResources, true, "1.14.0", "list resources (terraform query): OpenTofu has none, this is OpenTofu 1.14.0"},
		{ephemeralResources, false, "1.10.0", ""},
		{ephemeralResources, true, "1.10.0", "ephemeral resources: OpenTofu has them from 1.11.0 on, this is OpenTofu 1.10.0"},
		{ephemeralResources, true, "1.11.0", ""},
	} {
		release := terraformcli.Release{OpenTofu: test.openTofu, Version: version.Must(version.NewVersion(test.version))}
		if got := test.feature.missingFrom(release); got != test.want {
			t.Errorf("%s from %s: %q, want %q", test.feature.name, release, got, test.want)
		}
	}
}
