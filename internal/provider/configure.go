package provider

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// providerData is what one configured provider shares among its resources and
// data sources for the life of the process.
type providerData struct {
	client      *openprospect.Client
	lists       *exclusion.Lists
	orders      *openprospect.OrderPlacer
	orderReader *openprospect.OrderReader
	orderLedger orderLedger
	placed      placedOrders
	// failedBlacklists are the ids of those whose entries this process has failed to plan or to change.
	failedBlacklists sync.Map
	pollInterval     time.Duration
	gone             goneBlacklists
	preflight        preflight
	searches         searchClaims
	// unknown names provider arguments whose value was not known when the
	// provider was configured; then there is no client.
	unknown []string
}

// plannedWhenDeferred plans a resource as ever where Terraform puts it off because the provider's configuration is
// unknown. Without it the framework plans null for computed values, and what refers to an id fails for want of it.
var plannedWhenDeferred = resource.ProviderDeferredBehavior{EnablePlanModification: true}

func newProviderData(client *openprospect.Client, pollInterval time.Duration) *providerData {
	return &providerData{
		client:       client,
		lists:        exclusion.NewLists(client),
		orders:       openprospect.NewOrderPlacer(client),
		orderReader:  openprospect.NewOrderReader(client),
		pollInterval: pollInterval,
	}
}

// unwrapProviderData is the Configure of every resource and data source. It
// returns nil while the provider is not configured (validation).
func unwrapProviderData(data any, diags *diag.Diagnostics) *providerData {
	if data == nil {
		return nil
	}
	unwrapped, ok := data.(*providerData)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Expected *providerData, got %T. %s", data, reportBug))
		return nil
	}
	return unwrapped
}

// ready reports whether the client can be used, and says why not. Every
// operation that calls the API asks first.
func (d *providerData) ready(diags *diag.Diagnostics) bool {
	if d == nil {
		diags.AddError("Provider not configured", "A resource was used before the provider was configured. "+reportBug)
		return false
	}
	for _, name := range d.unknown {
		diags.AddError("Provider argument not known yet",
			fmt.Sprintf("The provider argument %s depends on a value that is only known after apply, but the provider needs it "+
				"now. Apply what it depends on first (terraform apply -target=...), or use a value that is known at plan time.", name))
	}
	return len(d.unknown) == 0
}

// configured reports whether there is a client to ask at plan time.
func (d *providerData) configured() bool { return d != nil && len(d.unknown) == 0 }

// terraformLog hands the client's log lines to Terraform. The client takes the
// key out of them in every spelling; a mask of tflog's knows only the plain one,
// is not applied to bodies, and turns a short key into *** inside other words.
func terraformLog(ctx context.Context, level, message string, fields map[string]any) {
	if level == "trace" {
		tflog.Trace(ctx, message, fields)
		return
	}
	tflog.Debug(ctx, message, fields)
}
