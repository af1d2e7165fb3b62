package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

var (
	_ validator.Map    = headersValidator{}
	_ validator.String = apiKeyValidator{}
	_ validator.String = durationValidator{}
	_ validator.String = notBlankValidator{}
	_ validator.String = domainValidator{}
)

// apiKeyValidator refuses what an unset secret or variable gives.
type apiKeyValidator struct{}

func (apiKeyValidator) Description(context.Context) string { return "must not be empty" }

func (v apiKeyValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (apiKeyValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || strings.TrimSpace(req.ConfigValue.ValueString()) != "" {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Empty OpenProspect API key",
		fmt.Sprintf("%s is empty. Check that the secret or variable that it comes from is set, or leave it out to use %s.", req.Path, envAPIKey))
}

// headersValidator accepts what the client may send.
type headersValidator struct{}

func (headersValidator) Description(context.Context) string {
	return "must hold valid headers that the provider does not set itself"
}

func (v headersValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (headersValidator) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if err := openprospect.CheckHeaders(headerTexts(req.ConfigValue)); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid header", fmt.Sprintf("%s: %s.", req.Path, err))
	}
}

// headerTexts returns the headers, those of unknown value with a text that any header may have.
func headerTexts(headers types.Map) map[string]string {
	texts := make(map[string]string)
	for name, value := range headers.Elements() {
		texts[name] = "unknown"
		if text, ok := value.(types.String); ok && !text.IsUnknown() {
			texts[name] = text.ValueString()
		}
	}
	return texts
}

// durationValidator accepts Go durations of at least min.
type durationValidator struct{ min time.Duration }

func (v durationValidator) Description(context.Context) string {
	return fmt.Sprintf("must be a duration such as \"30s\" or \"2m\", at least %s", v.min)
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v durationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	d, err := time.ParseDuration(req.ConfigValue.ValueString())
	if err != nil || d < v.min {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration",
			fmt.Sprintf("%s %s, got %q.", req.Path, v.Description(ctx), req.ConfigValue.ValueString()))
	}
}

// notBlankValidator refuses text that says nothing. The API may store it as
// null (U5, U14), which would show as a change in every plan.
type notBlankValidator struct {
	// required says that the argument cannot be left out instead.
	required bool
}

func (notBlankValidator) Description(context.Context) string {
	return "must not be empty or only white space"
}

func (v notBlankValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v notBlankValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || strings.TrimSpace(req.ConfigValue.ValueString()) != "" {
		return
	}
	detail := fmt.Sprintf("%s %s.", req.Path, v.Description(ctx))
	if !v.required {
		detail += " If there is no value, leave it out or set it to null."
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Empty value", detail)
}

// domainValidator refuses a website address that the API could not match by.
type domainValidator struct{}

func (domainValidator) Description(context.Context) string {
	return "must hold a domain such as acme.com"
}

func (v domainValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (domainValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	website := req.ConfigValue.ValueString()
	if strings.TrimSpace(website) == "" {
		return
	}
	if _, err := exclusion.Domain(website); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid website",
			fmt.Sprintf("%s: %s. Use a domain such as acme.com, or leave it out.", req.Path, err))
	}
}
