package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
	"github.com/openprospect/terraform-provider-openprospect/internal/terraformcli"
)

// root is a Terraform configuration and the terraform that runs it.
type root struct {
	terraform *tfexec.Terraform
	planFile  string
}

// diagnostic is a warning or an error of a run.
type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
}

// overrideWarning begins the warning that every run gives because the provider
// is built from this tree.
const overrideWarning = "Provider development overrides"

func newRoot(cli *terraformcli.CLI, directory string, api *simulator.Server) (*root, error) {
	terraform, err := tfexec.NewTerraform(directory, cli.Terraform)
	if err != nil {
		return nil, fmt.Errorf("preparing terraform: %w", err)
	}
	environ := map[string]string{}
	for _, pair := range cli.Environ("OPENPROSPECT_BASE_URL="+api.URL(), "OPENPROSPECT_API_KEY="+api.APIKey()) {
		name, value, _ := strings.Cut(pair, "=")
		environ[name] = value
	}
	if err := terraform.SetEnv(tfexec.CleanEnv(environ)); err != nil {
		return nil, fmt.Errorf("preparing terraform's environment: %w", err)
	}
	return &root{terraform: terraform, planFile: filepath.Join(directory, "plan.tfplan")}, nil
}

// plan plans and returns what would change, with the run's warnings.
func (r *root) plan(ctx context.Context) (*tfjson.Plan, []diagnostic, error) {
	warnings, err := messages(func(w io.Writer) error {
		_, err := r.terraform.PlanJSON(ctx, w, tfexec.Out(r.planFile))
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("terraform plan: %w", err)
	}
	plan, err := r.terraform.ShowPlanFile(ctx, r.planFile)
	if err != nil {
		return nil, nil, fmt.Errorf("terraform show: %w", err)
	}
	return plan, warnings, nil
}

// planText returns the last plan as terraform shows it to a person.
func (r *root) planText(ctx context.Context) (string, error) {
	text, err := r.terraform.ShowPlanFileRaw(ctx, r.planFile)
	if err != nil {
		return "", fmt.Errorf("terraform show: %w", err)
	}
	return text, nil
}

// applyPlan applies the last plan.
func (r *root) applyPlan(ctx context.Context) ([]diagnostic, error) {
	return r.apply(ctx, tfexec.DirOrPlan(r.planFile))
}

func (r *root) apply(ctx context.Context, options ...tfexec.ApplyOption) ([]diagnostic, error) {
	warnings, err := messages(func(w io.Writer) error { return r.terraform.ApplyJSON(ctx, w, options...) })
	if err != nil {
		return nil, fmt.Errorf("terraform apply: %w", err)
	}
	return warnings, nil
}

func (r *root) destroy(ctx context.Context) ([]diagnostic, error) {
	warnings, err := messages(func(w io.Writer) error { return r.terraform.DestroyJSON(ctx, w) })
	if err != nil {
		return nil, fmt.Errorf("terraform destroy: %w", err)
	}
	return warnings, nil
}

// output decodes an output of the configuration.
func (r *root) output(ctx context.Context, name string, value any) error {
	outputs, err := r.terraform.Output(ctx)
	if err != nil {
		return fmt.Errorf("terraform output: %w", err)
	}
	if err := json.Unmarshal(outputs[name].Value, value); err != nil {
		return fmt.Errorf("reading the output %s: %w", name, err)
	}
	return nil
}

// messages runs terraform with its machine-readable output and returns the
// warnings in it. When the run failed, the error holds what terraform said.
func messages(run func(io.Writer) error) ([]diagnostic, error) {
	var output bytes.Buffer
	failure := run(&output)

	var warnings []diagnostic
	lines := bufio.NewReader(&output)
	for {
		line, end := lines.ReadBytes('\n')
		var message struct {
			Diagnostic *diagnostic `json:"diagnostic"`
		}
		if err := json.Unmarshal(line, &message); err == nil && message.Diagnostic != nil {
			switch said := *message.Diagnostic; {
			case said.Severity == "error":
				failure = errors.Join(failure, fmt.Errorf("%s: %s", said.Summary, said.Detail))
			case !strings.HasPrefix(said.Summary, overrideWarning):
				warnings = append(warnings, said)
			}
		}
		if end != nil {
			return warnings, failure
		}
	}
}
