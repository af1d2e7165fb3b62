package provider

import (
	"os"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// stringOrNull maps the API's "" (absent, null or empty) to null.
func stringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// stringOrEnv returns the argument, or else the environment variable. An empty
// argument counts as none.
func stringOrEnv(argument types.String, env string) string {
	if s := argument.ValueString(); s != "" {
		return s
	}
	return os.Getenv(env)
}

// durationOr returns the argument, or else the default; validators have seen
// that it parses.
func durationOr(argument types.String, fallback time.Duration) time.Duration {
	if d, err := time.ParseDuration(argument.ValueString()); err == nil {
		return d
	}
	return fallback
}

// keepSpelling returns the API's text, or the prior value where it says the same
// in another spelling: what the server trims or folds is no drift (U14).
func keepSpelling(prior types.String, api string, same func(a, b string) bool) types.String {
	if prior.ValueString() != "" && same(prior.ValueString(), api) {
		return prior
	}
	return stringOrNull(api)
}

// sameTrimmed compares text that is shown to people, such as a blacklist's name.
func sameTrimmed(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) }
