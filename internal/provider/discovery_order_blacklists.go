package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// An order that refers to openprospect_blacklist.<name>.id does not depend on the entries of the blacklist: Terraform may
// place it while they are being added, and the order finds companies that were to be excluded. The provider cannot see
// what Terraform will come to, only what it is at. So an order waits until nobody has changed its blacklists for a moment,
// and an entry that still comes later warns.

// quietBeforeOrder is how long nobody may have changed the blacklists of an order before it is placed. Tests shorten it.
var quietBeforeOrder = 2 * time.Second

// placedOrders are the orders that this process has placed, by the blacklists that they name. The zero value is empty.
type placedOrders struct {
	mu     sync.Mutex
	byList map[string][]string
}

// add records an order, from before its request is sent. The result takes it back.
func (p *placedOrders) add(title string, blacklistIDs []string) (remove func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byList == nil {
		p.byList = make(map[string][]string)
	}
	for _, id := range blacklistIDs {
		p.byList[id] = append(p.byList[id], title)
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, id := range blacklistIDs {
			if i := slices.Index(p.byList[id], title); i >= 0 {
				p.byList[id] = slices.Delete(slices.Clone(p.byList[id]), i, i+1)
			}
		}
	}
}

// naming returns the titles of the orders that name the blacklist.
func (p *placedOrders) naming(blacklistID string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byList[blacklistID]
}

// blacklistsWait keeps an order from being placed while this process is at work on its blacklists.
type blacklistsWait struct {
	data *providerData
	ids  []string
	// began is when the order was to be placed, timeout how long it may wait.
	began   time.Time
	timeout time.Duration
}

// notPlacedError says why an order was not placed.
type notPlacedError struct{ reason string }

func (e *notPlacedError) Error() string { return e.reason }

// await waits until nobody has changed the blacklists for a moment. The error is a *notPlacedError.
func (w *blacklistsWait) await(ctx context.Context) error {
	if len(w.ids) == 0 {
		return nil
	}
	bounded, cancel := context.WithDeadline(ctx, w.began.Add(w.timeout))
	defer cancel()
	err := w.data.lists.AwaitQuiet(bounded, w.ids, w.began, quietBeforeOrder)
	switch {
	case ctx.Err() != nil:
		return &notPlacedError{"The run was interrupted while other resources were still changing the blacklists of the order. " +
			"No order was placed. Run Terraform again."}
	case err != nil:
		return &notPlacedError{fmt.Sprintf("Other resources were still changing the blacklists of the order when timeouts.create (%s) ended. "+
			"No order was placed, because it might not exclude all companies. Apply again, or raise timeouts.create.", w.timeout)}
	}
	for _, id := range w.ids {
		if _, failed := w.data.failedBlacklists.Load(id); failed {
			return &notPlacedError{fmt.Sprintf("Changing the entries of the blacklist %s failed in this run, so the order might "+
				"not exclude all companies. No order was placed. Correct the other error, and apply again.", id)}
		}
	}
	return nil
}

// addNotPlaced reports whether err says why an order was not placed, and adds it.
func addNotPlaced(diags *diag.Diagnostics, err error) bool {
	var notPlaced *notPlacedError
	if !errors.As(err, &notPlaced) {
		return false
	}
	diags.AddAttributeError(path.Root("blacklist_ids"), "Discovery order not placed", notPlaced.reason)
	return true
}

// noteFailure keeps orders of this run from naming a blacklist whose entries could not be planned or changed, and names
// those that were placed before.
func (d *providerData) noteFailure(blacklistID string, diags *diag.Diagnostics) {
	if d == nil || !diags.HasError() || blacklistID == "" {
		return
	}
	d.failedBlacklists.Store(blacklistID, nil)
	if orders := d.placed.naming(blacklistID); len(orders) > 0 {
		diags.AddWarning("Order placed before the failure",
			fmt.Sprintf("This run had already placed the discovery order %q, which uses the blacklist %s. It may find companies "+
				"that could not be added. Ask OpenProspect's support whether the order can still be stopped.",
				strings.Join(orders, `", "`), blacklistID))
	}
}

// refuseEmptyBlacklists adds an error for each blacklist that excludes nobody.
func (r *discoveryOrderResource) refuseEmptyBlacklists(ctx context.Context, ids []string, diags *diag.Diagnostics) {
	for _, id := range ids {
		holds, err := r.data.lists.List(id).HoldsEntry(ctx)
		if err != nil {
			addAPIError(diags, "count the entries of", "blacklist "+id, err)
			continue
		}
		if !holds {
			empty := emptyBlacklistMessage(id)
			diags.AddAttributeError(path.Root("blacklist_ids"), empty.summary, empty.detail)
		}
	}
}

// warnAddedAfterOrder is for companies that were added to a blacklist after an order of this run that names it was placed.
func (d *providerData) warnAddedAfterOrder(diags *diag.Diagnostics, blacklistID string, added int) {
	orders := d.placed.naming(blacklistID)
	if added == 0 || len(orders) == 0 {
		return
	}
	diags.AddWarning("Company added after an order was placed",
		fmt.Sprintf("%s added to the blacklist %s after this run had placed the discovery order %q. The order may find what it "+
			"does not exclude.\n\n"+
			"Make the order depend on the entries. In blacklist_ids, refer to openprospect_blacklist_entries.<name>.blacklist_id "+
			"instead of openprospect_blacklist.<name>.id. For single entries, add depends_on = "+
			"[openprospect_blacklist_entry.<name>] to the order.\n\n"+
			"Ask OpenProspect's support whether the order can still be stopped.",
			companiesWere(added), blacklistID, strings.Join(orders, `", "`)))
}
