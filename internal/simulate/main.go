// Simulate serves the OpenProspect API in memory, for those who try out or test Terraform configurations: no account, no key, no cost.
// It prints the settings that point the provider at it, and then each request.
//
// It needs nothing beside this module and the standard library, so that it runs from anywhere:
//
//	go run github.com/openprospect/terraform-provider-openprospect/internal/simulate@latest
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run serves until the context ends, and returns the exit code: 1 when it cannot serve, 2 for wrong flags.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	options, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		_, _ = fmt.Fprint(stdout, help())
		return 0
	}
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "simulate: %v\nThe flag -help lists all flags.\n", err)
		return 2
	}
	printer := &requestPrinter{out: stdout}
	options.Answering = printer.print
	// A request may come as soon as the server listens; its line stands below the settings all the same.
	printer.mu.Lock()
	api, err := simulator.Start(options)
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "simulate: -address %s: %v\n", options.Address, err)
		return 1
	}
	defer api.Close()
	_, _ = fmt.Fprint(stdout, settings(api, options))
	printer.mu.Unlock()
	<-ctx.Done()
	return 0
}

// defaultPollInterval is how often the provider reads an order that it waits for, unless its configuration says otherwise.
const defaultPollInterval = time.Minute

// settings says what to export and to configure so that the provider uses the API.
func settings(api *simulator.Server, options simulator.Options) string {
	base, elsewhere := api.URL(), ""
	if served, err := url.Parse(base); err == nil && net.ParseIP(served.Hostname()).IsUnspecified() {
		base = strings.Replace(base, served.Host, "127.0.0.1:"+served.Port(), 1)
		elsewhere = fmt.Sprintf("\nOn another host, the URL is http://THIS-HOST:%s%s, and the provider block also needs allow_http = true.\n",
			served.Port(), served.Path)
	}
	return fmt.Sprintf(`The OpenProspect API, simulated. It forgets everything when it stops; Ctrl-C stops it.
The companies and prices that it reports are invented.
An order stays %s in each status and ends as %s.

Where you run Terraform, set:

  export OPENPROSPECT_BASE_URL=%s
  export OPENPROSPECT_API_KEY=%s

If you wait for orders, also set this in the configuration; it has no environment variable:

  provider "openprospect" {
    poll_interval = %q
  }
%s
Requests:
`, options.Review.Every, options.Review.Final, base, api.APIKey(), min(options.Review.Every, defaultPollInterval).String(), elsewhere)
}
