// Find prints the path of the terraform that the make targets run: TF_ACC_TERRAFORM_PATH, else the one on PATH, else a downloaded one.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/openprospect/terraform-provider-openprospect/internal/terraformcli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	terraform, err := terraformcli.Find(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(terraform)
}
