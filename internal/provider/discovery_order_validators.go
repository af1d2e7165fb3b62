package provider

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ validator.String  = stringCheck{}
	_ validator.Set     = elementsCheck{}
	_ validator.Float64 = floatBetween{}
)

// stringCheck validates a known string with a pure function.
type stringCheck struct {
	description string
	check       func(string) error
}

func (v stringCheck) Description(context.Context) string         { return v.description }
func (v stringCheck) MarkdownDescription(context.Context) string { return v.description }

func (v stringCheck) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := v.check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid "+req.Path.String(), fmt.Sprintf("%s %s.", req.Path, err))
	}
}

// orderText accepts a text that is not blank and of at most limit characters, as
// the API counts them; 0 is no limit.
func orderText(limit int) stringCheck {
	return textCheck(limit, "; leave it out, or set it to null, if it has no value")
}

// requiredText is orderText for an argument that cannot be left out instead.
func requiredText(limit int) stringCheck { return textCheck(limit, "") }

func textCheck(limit int, advice string) stringCheck {
	description := "must not be blank"
	if limit > 0 {
		description += fmt.Sprintf(" and at most %d characters long", limit)
	}
	return stringCheck{description, func(s string) error { return checkText(s, limit, advice) }}
}

// checkText measures what is sent: the text without leading and trailing white space. Of a blank one advice says what to do.
func checkText(s string, limit int, advice string) error {
	s = strings.TrimSpace(s)
	if s == "" {
		return fmt.Errorf("must not be empty or only white space%s", advice)
	}
	if length := utf8.RuneCountInString(s); limit > 0 && length > limit {
		return fmt.Errorf("must be at most %d characters long, got %d", limit, length)
	}
	return nil
}

var uuidPattern = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// isUUID accepts what the API's UUID fields take.
func isUUID() stringCheck { return stringCheck{"must be a UUID", checkUUID} }

func checkUUID(s string) error {
	if !uuidPattern.MatchString(strings.TrimSpace(s)) {
		return fmt.Errorf("must be a UUID such as 74f00d79-7e4a-4ba3-a30c-012de85d6d78, got %q", s)
	}
	return nil
}

// checkBlacklistID is checkUUID for what people are likely to write instead.
func checkBlacklistID(s string) error {
	if checkUUID(s) != nil {
		return fmt.Errorf("takes IDs, not names, got %q. Use `data.openprospect_blacklist` to look up the ID of a blacklist", s)
	}
	return nil
}

// isHTTPSURL accepts absolute https addresses.
func isHTTPSURL() stringCheck { return stringCheck{"must be an https URL", checkHTTPSURL} }

func checkHTTPSURL(s string) error {
	address, err := url.Parse(strings.TrimSpace(s))
	if err != nil || address.Scheme != "https" || address.Hostname() == "" {
		// The address may hold a secret.
		return fmt.Errorf("must be an https URL")
	}
	return nil
}

// timestampLayouts are the forms of ISO 8601 that delivered_since takes.
var timestampLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateOnly}

// isTimestamp accepts a date, or a date and time.
func isTimestamp() stringCheck {
	return stringCheck{"must be an ISO 8601 timestamp", checkTimestamp}
}

func checkTimestamp(s string) error {
	for _, layout := range timestampLayouts {
		if _, err := time.Parse(layout, s); err == nil {
			return nil
		}
	}
	return fmt.Errorf("must be an ISO 8601 timestamp such as 2026-03-02T14:30:00Z, got %q", s)
}

// elementsCheck validates the elements of a set of strings: at least one, none
// blank, no two that differ by white space only.
type elementsCheck struct {
	// mayBeEmpty accepts a set without elements.
	mayBeEmpty bool
	// required says that the argument cannot be left out instead.
	required bool
	// element checks each; nil accepts all.
	element func(string) error
}

func (v elementsCheck) Description(context.Context) string {
	if v.mayBeEmpty {
		return "elements must not be blank, and must be unique"
	}
	return "must have at least one element, none of them blank, all unique"
}

func (v elementsCheck) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v elementsCheck) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || v.mayBeEmpty && len(req.ConfigValue.Elements()) == 0 {
		return
	}
	if err := checkElements(req.ConfigValue, v.element); err != nil {
		detail := fmt.Sprintf("%s %s.", req.Path, err)
		if !v.required && len(req.ConfigValue.Elements()) == 0 {
			detail += " Leave it out, or set it to null, if it has none."
		}
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid "+req.Path.String(), detail)
	}
}

func checkElements(set types.Set, check func(string) error) error {
	if len(set.Elements()) == 0 {
		return fmt.Errorf("must have at least one element")
	}
	seen := make(map[string]string)
	for _, element := range set.Elements() {
		if element.IsUnknown() {
			continue
		}
		value, ok := element.(types.String)
		if !ok || value.IsNull() {
			return fmt.Errorf("must not have a null element")
		}
		short := trimmed(value)
		if short == "" {
			return fmt.Errorf("must not have an empty or blank element, got %q", value.ValueString())
		}
		if other, twice := seen[short]; twice {
			return fmt.Errorf("has the element %q twice, as %q and as %q", short, other, value.ValueString())
		}
		seen[short] = value.ValueString()
		if check == nil {
			continue
		}
		if err := check(short); err != nil {
			return err
		}
	}
	return nil
}

// floatBetween accepts a number between two, both included.
type floatBetween struct{ least, most float64 }

func (v floatBetween) Description(context.Context) string {
	return fmt.Sprintf("must be between %g and %g", v.least, v.most)
}

func (v floatBetween) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v floatBetween) ValidateFloat64(ctx context.Context, req validator.Float64Request, resp *validator.Float64Response) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if value := req.ConfigValue.ValueFloat64(); value < v.least || value > v.most {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid "+req.Path.String(),
			fmt.Sprintf("%s %s, got %g.", req.Path, v.Description(ctx), value))
	}
}
