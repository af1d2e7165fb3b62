// Terraform-provider-openprospect manages exclusion lists and discovery orders
// of the OpenProspect API.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/openprospect/terraform-provider-openprospect/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debugging := flag.Bool("debug", false, "serve for a debugger such as delve")
	flag.Parse()

	if !*debugging {
		// For a debugger the provider is started by hand, usually without Terraform's TF_LOG: its own lines are not to be lost.
		quietLogs()
	}
	limitMemory()

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/openprospect/openprospect",
		Debug:   *debugging,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// quietLogs stops the SDK and the provider from writing log lines to Terraform, which parses and drops them when nobody
// asked for logs. The SDK's trace line for every attribute costs more than the work on a large resource, and so do the
// provider's lines with the bodies of a large list.
func quietLogs() {
	loggers := []string{"TF_LOG_PROVIDER_OPENPROSPECT", "TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO"}
	for _, name := range append([]string{"TF_LOG", "TF_LOG_PROVIDER"}, loggers...) {
		if os.Getenv(name) != "" {
			return
		}
	}
	for _, name := range loggers {
		if err := os.Setenv(name, "OFF"); err != nil {
			log.Printf("[WARN] cannot set %s: %s", name, err)
		}
	}
}

// limitMemory keeps the garbage of large lists from piling up: a plan of 100,000 companies handles the same 17 MB of
// text a dozen times, and has the collector run 540 MB high without this, at the same cost. It is a soft limit, which
// a process that really needs more goes beyond. GOMEMLIMIT overrides it.
func limitMemory() {
	const limit = 360 << 20
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit)
	}
}
