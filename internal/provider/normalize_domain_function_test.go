package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

// functionVersions skips where Terraform has no provider functions.
var functionVersions = []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)}

// callFunction calls a function with one string as Terraform does. Functions need no configured provider.
func callFunction(t *testing.T, name, argument string) (string, *tfprotov6.FunctionError) {
	t.Helper()
	value, err := tfprotov6.NewDynamicValue(tftypes.String, text(argument))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := protocolServer(
		t,
	).CallFunction(
		t.Context(),
		&tfprotov6.CallFunctionRequest{Name: name, Arguments: []*tfprotov6.DynamicValue{&value}},
	)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Error != nil {
		return "", resp.Error
	}
	result, err := resp.Result.Unmarshal(tftypes.String)
	if err != nil {
		t.Fatal(err)
	}
	var got string
	if err := result.As(&got); err != nil {
		t.Fatal(err)
	}
	return got, nil
}

// functionExample is the example of a function, with the files that it reads.
func functionExample(t *testing.T, name string) string {
	t.Helper()
	directory, err := filepath.Abs(filepath.Join("..", "..", "examples", "functions", name))
	if err != nil {
		t.Fatal(err)
	}
	hcl, err := os.ReadFile(filepath.Join(directory, "function.tf"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(hcl), "${path.module}", filepath.ToSlash(directory))
}

func TestNormalizeDomainFunction(t *testing.T) {
	t.Parallel()

	if got, err := callFunction(t, "normalize_domain", "https://www.Bücher.example:443/a?b#c"); err != nil || got != "xn--bcher-kva.example" {
		t.Errorf("got %q, %v", got, err)
	}

	_, err := callFunction(t, "normalize_domain", "http://localhost:8080")
	if err == nil || err.FunctionArgument == nil || *err.FunctionArgument != 0 {
		t.Fatalf("got %+v, want an error of the first argument", err)
	}
	if want := `"http://localhost:8080" is not a website: "localhost" is not a registrable domain`; err.Text != want {
		t.Errorf("got %q, want %q", err.Text, want)
	}
}

// TestNormalizeDomainFunctionExamples: the table that users read is what the function does.
func TestNormalizeDomainFunctionExamples(t *testing.T) {
	t.Parallel()

	examples, failures := 0, 0
	for line := range strings.Lines(providerSchema(t).Functions["normalize_domain"].Description) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) != 2 || !strings.HasPrefix(cells[0], "| `") || strings.Contains(cells[1], "Result") {
			continue
		}
		inputs := strings.Split(strings.TrimPrefix(cells[0], "| "), ", ")
		want := strings.Trim(strings.TrimSuffix(cells[1], " |"), "`")
		for _, input := range inputs {
			input = strings.TrimPrefix(strings.Trim(input, "`"), "empty")
			got, err := exclusion.Domain(input)
			if want == "error" {
				failures++
				if err == nil {
					t.Errorf("Domain(%q) = %q, the description says that it is an error", input, got)
				}
				continue
			}
			examples++
			if got != want {
				t.Errorf("Domain(%q) = %q, %v, the description says %q", input, got, err, want)
			}
		}
	}
	if examples < 6 || failures != 5 {
		t.Errorf("found %d examples and %d errors in the description", examples, failures)
	}
}

// functionConfig configures the provider only where the CLI would not call a function otherwise.
func functionConfig(t *testing.T, hcl string) string {
	t.Helper()
	if featureMissing(t, unconfiguredFunctions) == "" {
		return hcl
	}
	return "provider \"openprospect\" {\n  api_key = \"lnc_test_unused\"\n}\n" + hcl
}

func TestAccNormalizeDomainFunction(t *testing.T) {
	resource.ParallelTest(t, resource.TestCase{
		TerraformVersionChecks:   functionVersions,
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:      functionConfig(t, `output "domain" { value = provider::openprospect::normalize_domain(null) }`),
				ExpectError: expectError(`Invalid value for "url" parameter: argument must not be null`),
			},
			{
				Config:      functionConfig(t, `output "domain" { value = provider::openprospect::normalize_domain("n/a") }`),
				ExpectError: expectError(`Invalid value for "url" parameter: "n/a" is not a website: "n" is not a registrable domain`),
			},
			{
				Config: functionConfig(t, `output "domain" { value = provider::openprospect::normalize_domain("HTTPS://www.Acme-Corp.com/about") }`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("domain", knownvalue.StringExact("acme-corp.com")),
				},
			},
			{
				Config: functionConfig(t, `
resource "terraform_data" "website" {
  input = "www.acme.com"
}

output "domain" {
  value = provider::openprospect::normalize_domain(terraform_data.website.output)
}`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("domain", knownvalue.StringExact("acme.com")),
				},
			},
		},
	})
}

func TestAccNormalizeDomainFunctionExample(t *testing.T) {
	resource.ParallelTest(t, resource.TestCase{
		TerraformVersionChecks:   functionVersions,
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: functionConfig(t, functionExample(t, "normalize_domain")),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("websites_by_domain", knownvalue.ObjectExact(map[string]knownvalue.Check{
					"acme-corp.com": knownvalue.TupleExact([]knownvalue.Check{
						knownvalue.StringExact("https://www.Acme-Corp.com/about?ref=1"), knownvalue.StringExact("acme-corp.com"),
					}),
					"shop.acme-corp.com": knownvalue.TupleExact([]knownvalue.Check{knownvalue.StringExact("shop.acme-corp.com")}),
				})),
			},
		}},
	})
}
