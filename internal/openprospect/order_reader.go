package openprospect

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// OrderReader reads orders that are asked for one by one, as a refresh does, with few requests. Nobody says how many
// there will be, and whether rows of the list of orders show what reading an order shows is not known (U9). So the first
// order is read on its own. The second asks for one page of the list, and that page answers for the orders on it if its
// row of one that was read on its own shows all that the reading has shown, and the row of the other one as much. K orders
// are K + 1 requests at most, retries aside: the page is asked for once, and each order is read on its own once at most.
//
// The page is a shortcut and no more. What is not on it or shows too little, or everything if it cannot be read, is read
// on its own: no refresh fails, and no order counts as gone, because of the list. One OrderReader serves a whole process.
type OrderReader struct {
	client *Client

	mu sync.Mutex
	// sample is the order that the page is compared with; nil before the first one is read.
	sample *sampleOrder
	// page is nil before it is asked for.
	page *ordersPage
	// singly says that the page is not to be used any more.
	singly bool
}

// sampleOrder is an order that is read on its own while others wait for it.
type sampleOrder struct {
	// done is closed when order and err are set.
	done  chan struct{}
	order *Order
	err   error
}

// ordersPage is a page of the list of orders that several may wait for.
type ordersPage struct {
	// done is closed when rows are set.
	done chan struct{}
	// rows are by rowKey; nil if the page could not be read.
	rows map[string]Order
}

// NewOrderReader returns a reader that has read nothing yet.
func NewOrderReader(client *Client) *OrderReader { return &OrderReader{client: client} }

// StopSharing has each order read on its own from now on. It is to be called before this process places an order or
// waits for one: a later reading must not be answered by a page that is older.
func (r *OrderReader) StopSharing() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.singly = true
}

// Read returns the order as GetOrder does, or as an equal row of the list of orders shows it.
func (r *OrderReader) Read(ctx context.Context, id string) (*Order, error) {
	r.mu.Lock()
	if r.singly {
		r.mu.Unlock()
		return r.client.GetOrder(ctx, id)
	}
	if r.sample == nil {
		sample := r.newSample()
		r.mu.Unlock()
		return r.readSample(ctx, id, sample)
	}
	// The first order may still be on its way. The page need not wait for it: this is the second order, so it is asked for in any case.
	sample, ask := r.sample, r.page == nil
	if ask {
		r.page = &ordersPage{done: make(chan struct{})}
	}
	page := r.page
	r.mu.Unlock()

	if ask {
		r.readPage(ctx, page)
	}
	if closedBefore(ctx, page.done) {
		if row, listed := page.rows[rowKey(id)]; listed {
			return r.readListed(ctx, id, row, page, sample)
		}
	}
	return r.client.GetOrder(ctx, id)
}

// readListed returns an order that is on the page: as its row shows it if the sample shows that rows can be used, and this
// one shows as much.
func (r *OrderReader) readListed(ctx context.Context, id string, row Order, page *ordersPage, sample *sampleOrder) (*Order, error) {
	for closedBefore(ctx, sample.done) {
		if sample.err != nil && !IsNotFound(sample.err) {
			break
		}
		if sample.err == nil {
			if sampled, listed := page.rows[rowKey(sample.order.ID)]; listed {
				if showsAll(&sampled, sample.order) && showsAsMuch(&row, sample.order) {
					return &row, nil
				}
				break
			}
		}
		// The sample is not on the page, so this order, which is, takes its place unless another one has done so already.
		r.mu.Lock()
		replace := r.sample == sample
		if replace {
			r.newSample()
		}
		sample = r.sample
		r.mu.Unlock()
		if replace {
			return r.readSample(ctx, id, sample)
		}
	}
	return r.client.GetOrder(ctx, id)
}

// newSample makes way for another sample, which the caller is to read. Called under the lock.
func (r *OrderReader) newSample() *sampleOrder {
	r.sample = &sampleOrder{done: make(chan struct{})}
	return r.sample
}

func (r *OrderReader) readSample(ctx context.Context, id string, sample *sampleOrder) (*Order, error) {
	defer close(sample.done)
	sample.order, sample.err = r.client.GetOrder(ctx, id)
	return sample.order, sample.err
}

// readPage reads the first page. It asks once, without trying smaller limits: they would be requests over the number of orders.
func (r *OrderReader) readPage(ctx context.Context, page *ordersPage) {
	defer close(page.done)
	list := orderListing()
	found, err := list.page(ctx, r.client, 0, pageSizes[r.client.limits.index(list.noun)])
	if err != nil {
		// Reading the orders one by one shows whether anything is wrong but the list.
		return
	}
	page.rows = make(map[string]Order, len(found.rows))
	for _, row := range found.rows {
		if row.Status != "" { // as GetOrder demands
			page.rows[rowKey(row.ID)] = row
		}
	}
}

// rowKey is the same for every spelling of a UUID. Other ids may differ in case only.
func rowKey(id string) string {
	if uuid.Validate(id) == nil {
		return strings.ToLower(id)
	}
	return id
}

// closedBefore waits until the channel is closed, and returns false if ctx ends before that.
func closedBefore(ctx context.Context, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

// showsAll reports whether a row of the list shows each key of the order as it was read on its own, and no null in place of a value.
func showsAll(row, whole *Order) bool {
	for key, value := range whole.echoed {
		shown, found := row.echoed[key]
		switch {
		case identifies(key): // The row was found by either.
		case !found, jsonKind(shown) == "null" && jsonKind(value) != "null":
			return false
		}
	}
	return true
}

// progressKeys are what reading an order shows of its progress (guide, step 3), and what may lack until it has come that far.
var progressKeys = []string{
	"company_count", "estimated_cost", "prospect_search_id", "admin_notes", "accepted_at", "completed_at", "cancelled_at",
}

// showsAsMuch reports whether a row shows each key that reading another order has shown. A server may leave out empty keys: then
// an order says nothing about the keys of one that has come further, so the row of such a one has to show all of its progress.
func showsAsMuch(row, sample *Order) bool {
	for key := range sample.echoed {
		if !identifies(key) && !row.Echoes(key) {
			return false
		}
	}
	return row.Status == sample.Status || !slices.ContainsFunc(progressKeys, func(key string) bool { return !row.Echoes(key) })
}

// identifies reports whether the key may hold the id of an order. A row and the order itself may use different ones.
func identifies(key string) bool { return key == "order_id" || key == "id" }
