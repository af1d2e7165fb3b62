// The demo: real terraform lives through the provider's main job, from a CRM
// export to discovered companies, against a simulated API. It checks what it
// sees, and fails when anything is not as it should be.
//
// With -serve it only runs the simulated API, for everybody who wants to try a
// configuration of their own.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
	"github.com/openprospect/terraform-provider-openprospect/internal/terraformcli"
)

func main() {
	find := flag.Bool("find-terraform", false, "only print the path of terraform: TF_ACC_TERRAFORM_PATH, else the one on PATH, else "+
		"a downloaded one")
	address := flag.String("serve", "", "only serve the simulated API, at an address such as 127.0.0.1:8080")
	review := flag.Duration("review", 5*time.Second, "with -serve: how long an order stays in each status")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	switch {
	case *find:
		err = printTerraform(ctx)
	case *address != "":
		err = serve(ctx, *address, *review)
	default:
		err = demonstrate(ctx, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "\nFAILED:", err)
		stop()
		os.Exit(1)
	}
}

func printTerraform(ctx context.Context) error {
	terraform, err := terraformcli.Find(ctx)
	if err != nil {
		return err
	}
	fmt.Println(terraform)
	return nil
}

// serve runs the simulated API until the context ends.
func serve(ctx context.Context, address string, review time.Duration) error {
	api, err := simulator.Start(simulator.Options{Address: address, Review: simulator.Review{Every: review}})
	if err != nil {
		return fmt.Errorf("starting the simulated API: %w", err)
	}
	defer api.Close()
	fmt.Printf("The OpenProspect API, simulated: it forgets everything when it stops. Orders change their status every %s.\n\n"+
		"  export OPENPROSPECT_BASE_URL=%s\n  export OPENPROSPECT_API_KEY=%s\n\nCtrl-C stops it.\n", review, api.URL(), api.APIKey())
	<-ctx.Done()
	return nil
}
