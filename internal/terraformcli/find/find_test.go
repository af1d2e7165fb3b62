package main

import (
	"os/exec"
	"testing"
)

// TestFind runs the command as the make targets do. Any program can be the named terraform.
func TestFind(t *testing.T) {
	goBinary, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	find := func() (string, error) {
		output, err := exec.CommandContext(t.Context(), "go", "run", ".").Output()
		return string(output), err
	}
	t.Setenv("TF_ACC_TERRAFORM_PATH", goBinary)
	if got, err := find(); err != nil || got != goBinary+"\n" {
		t.Errorf("printed %q (%v), want %s", got, err, goBinary)
	}
	t.Setenv("TF_ACC_TERRAFORM_PATH", "terraform-that-is-nowhere")
	if got, err := find(); err == nil || got != "" {
		t.Errorf("printed %q, want an error: the named terraform is not there", got)
	}
}
