package terraformcli

import "testing"

func TestParseRelease(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]string{
		"Terraform v1.11.4\non linux_amd64\n": "Terraform 1.11.4",
		"Terraform v1.15.0-beta1\r\n":         "Terraform 1.15.0-beta1",
		"OpenTofu v1.12.6\non linux_amd64\n":  "OpenTofu 1.12.6",
		"\nWarning: Unable to open CLI configuration file\nOpenTofu v1.12.6\non linux_amd64\n": "OpenTofu 1.12.6",
		"Packer v1.12.0\n": "",
		"OpenTofu vast\n":  "",
		"Terraform\n":      "",
		"":                 "",
	} {
		release, err := parseRelease(output)
		switch {
		case want == "" && err == nil:
			t.Errorf("parseRelease(%q) = %s, want an error", output, release)
		case want != "" && err != nil:
			t.Errorf("parseRelease(%q): %v", output, err)
		case want != "" && release.String() != want:
			t.Errorf("parseRelease(%q) = %s, want %s", output, release, want)
		}
	}
}

func TestFindNamed(t *testing.T) {
	t.Setenv(pathVariable, "terraform-that-is-nowhere")
	if binary, err := Find(t.Context()); err == nil {
		t.Errorf("found %s, want an error: the named terraform is not there", binary)
	}
}
