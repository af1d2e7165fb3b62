package openprospect

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// OrderPlacer places discovery orders one at a time and never twice: orders
// are reviewed by people, paid for, and cannot be cancelled (guide). One
// OrderPlacer serves a whole process.
type OrderPlacer struct {
	client *Client
	// placing is held while an order is placed and an unknown outcome is resolved.
	placing chan struct{}

	mu    sync.Mutex
	known map[string]bool
}

// NewOrderPlacer returns a placer that knows no order yet.
func NewOrderPlacer(client *Client) *OrderPlacer {
	return &OrderPlacer{client: client, placing: make(chan struct{}, 1), known: make(map[string]bool)}
}

// Remember tells the placer of an order that this process has read, created or
// forgotten, so that it never counts as the twin of another.
func (p *OrderPlacer) Remember(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[id] = true
}

func (p *OrderPlacer) knows(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[id]
}

// PlaceOptions change how an order is placed.
type PlaceOptions struct {
	// AllowDuplicate places the order although a twin of it exists.
	AllowDuplicate bool
	// Ready, if not nil, is called right before the request is sent. Its error is returned, and nothing is sent.
	Ready func(ctx context.Context) error
}

// Placement is an order that the API accepted.
type Placement struct {
	Order Order
	// Recovered says that the answer to the POST was lost and the order was
	// found in the list of orders.
	Recovered bool
}

// twinWindow is how old a twin may be, by the server's clock.
const twinWindow = 24 * time.Hour

// Place sends the order once. It first looks for a twin (one GET): an order
// that matches on every field that the API echoes, created within 24 hours by
// the server's clock and unknown to this process; one is a
// *DuplicateOrderError unless options allow it. An answer that is lost is
// looked for in the list of orders: exactly one new match is adopted,
// anything else is an *OrderOutcomeError. The POST itself does not end with
// ctx, only with the request timeout.
func (p *OrderPlacer) Place(ctx context.Context, request CreateOrderRequest, options PlaceOptions) (*Placement, error) {
	request.OrderType = orDefault(request.OrderType, OrderTypeDiscovery)
	select {
	case p.placing <- struct{}{}:
		defer func() { <-p.placing }()
	case <-ctx.Done():
		post := call{method: http.MethodPost, path: ordersPath}
		return nil, p.client.unsent(post, ctx.Err().Error()+" while another order was being placed", ctx.Err())
	}
	before, err := p.orders(ctx)
	if err != nil {
		return nil, fmt.Errorf("the order was not placed, because looking for an identical earlier order failed: %w", err)
	}
	if !options.AllowDuplicate {
		twins, err := p.matching(ctx, before, request, nil)
		if err != nil {
			return nil, fmt.Errorf("the order was not placed, because reading an identical earlier order failed: %w", err)
		}
		if len(twins) > 0 {
			return nil, &DuplicateOrderError{Twins: twins}
		}
	}
	if options.Ready != nil {
		if err := options.Ready(ctx); err != nil {
			return nil, err
		}
	}
	order, err := p.client.createOrder(ctx, request, uuid.NewString())
	if OutcomeUnknown(err) {
		return p.recover(ctx, request, before, err)
	}
	if err != nil {
		return nil, err
	}
	p.Remember(order.ID)
	return &Placement{Order: *order}, nil
}

// orders reads the orders of the last 24 hours at least: where the list is sorted newest first, pages
// beyond them are not read.
func (p *OrderPlacer) orders(ctx context.Context) (*walk[Order], error) {
	list := orderListing()
	list.enough = func(read *walk[Order]) bool {
		return newestFirst(read.rows) && olderThan(read.rows[len(read.rows)-1], read.at.Add(-twinWindow))
	}
	return readList(ctx, p.client, list)
}

// newestFirst reports whether all orders are dated, and in falling order.
func newestFirst(orders []Order) bool {
	var previous time.Time
	for i, order := range orders {
		created, dated := parseTimestamp(order.CreatedAt)
		if !dated || i > 0 && created.After(previous) {
			return false
		}
		previous = created
	}
	first, _ := parseTimestamp(orders[0].CreatedAt)
	return first.After(previous)
}

// olderThan is false for an order without a readable date.
func olderThan(order Order, limit time.Time) bool {
	created, dated := parseTimestamp(order.CreatedAt)
	return dated && created.Before(limit)
}

// matching returns the listed orders that match the request, newest first: recent, unknown to this process and
// not among those of the baseline. A row that does not show everything is read on its own.
func (p *OrderPlacer) matching(
	ctx context.Context,
	listed *walk[Order],
	request CreateOrderRequest,
	baseline map[string]bool,
) ([]Order, error) {
	var matches []Order
	for _, order := range p.unknownSince(listed, baseline) {
		if !orderMatches(&order, request) {
			continue
		}
		if !showsArguments(&order) {
			read, err := p.client.GetOrder(ctx, order.ID)
			if IsNotFound(err) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if !orderMatches(read, request) {
				continue
			}
			order = *read
		}
		matches = append(matches, order)
	}
	return matches, nil
}

// unknownSince returns the discovery orders of the last 24 hours that this process does not know, newest first.
func (p *OrderPlacer) unknownSince(listed *walk[Order], baseline map[string]bool) []Order {
	var unknown []Order
	for _, order := range listed.rows {
		if !p.knows(order.ID) && !baseline[order.ID] && !olderThan(order, listed.at.Add(-twinWindow)) {
			unknown = append(unknown, order)
		}
	}
	slices.SortStableFunc(unknown, func(a, b Order) int {
		dateA, _ := parseTimestamp(a.CreatedAt)
		dateB, _ := parseTimestamp(b.CreatedAt)
		return dateB.Compare(dateA)
	})
	return unknown
}

// recover looks for an order whose POST ended in cause. It does not end with ctx.
func (p *OrderPlacer) recover(ctx context.Context, request CreateOrderRequest, before *walk[Order], cause error) (*Placement, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*p.client.requestTimeout)
	defer cancel()
	lost := &OrderOutcomeError{Title: request.Title, Cause: cause}
	var after *walk[Order]
	err := CatchUp(ctx, func() (done bool, err error) {
		if after, err = p.orders(ctx); err == nil {
			lost.Candidates, err = p.matching(ctx, after, request, before.ids)
		}
		lost.ListError = err
		return len(lost.Candidates) > 0, err
	})
	switch {
	case err == nil && len(lost.Candidates) == 1:
		found := lost.Candidates[0]
		p.Remember(found.ID)
		return &Placement{Order: found, Recovered: true}, nil
	case err == nil && len(lost.Candidates) == 0:
		lost.Candidates = p.sameTitle(after, request, before.ids)
	}
	return nil, lost
}

// sameTitle returns new orders that a person may recognise although the API shows them differently.
func (p *OrderPlacer) sameTitle(after *walk[Order], request CreateOrderRequest, baseline map[string]bool) []Order {
	return slices.DeleteFunc(p.unknownSince(after, baseline), func(order Order) bool {
		return !sameText(order.Title, request.Title)
	})
}

// DuplicateOrderError says that the order seems to have been placed already.
type DuplicateOrderError struct {
	// Twins are the orders that match, newest first.
	Twins []Order
}

func (e *DuplicateOrderError) Error() string {
	return "the order was not placed, because an order that looks identical was placed in the last 24 hours: " +
		describeOrders(e.Twins)
}

func (e *DuplicateOrderError) outcome() outcome { return outcomeRefused }

// OrderOutcomeError says that an order may or may not have been placed.
type OrderOutcomeError struct {
	// Title is the title that was sent.
	Title string
	// Candidates are the new orders that may be the one that was sent.
	Candidates []Order
	Cause      error
	// ListError says why the orders could not be listed; nil when they were.
	ListError error
}

func (e *OrderOutcomeError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "it is unknown whether the order %q was placed: %v; ", e.Title, e.Cause)
	switch {
	case len(e.Candidates) > 0:
		b.WriteString("one of these new orders may be it: " + describeOrders(e.Candidates))
	case e.ListError != nil:
		b.WriteString(listFailed("orders", e.ListError, e.Cause))
	default:
		b.WriteString("no matching order is in the list of orders yet")
	}
	return b.String()
}

func (e *OrderOutcomeError) outcome() outcome { return outcomeUnknown }

// Unwrap returns the failure of the request itself.
func (e *OrderOutcomeError) Unwrap() error { return e.Cause }

func describeOrders(orders []Order) string {
	var parts []string
	for _, order := range orders {
		parts = append(parts, fmt.Sprintf("%s (%s, created at %s)", order.ID,
			orDefault(order.Status, "status unknown"), orDefault(order.CreatedAt, "an unknown time")))
	}
	return strings.Join(parts, ", ")
}

// echoedArguments are the arguments that reading an order shows (guide, step 3). A list row may show fewer.
var echoedArguments = []string{
	"order_type", "title", "features", "seller_offering", "seller_industry", "target_countries", "target_cities",
	"excluded_industries", "output_language", "priority", "webhook_url",
}

// showsArguments reports whether an order has all that a comparison can have.
func showsArguments(order *Order) bool {
	return !slices.ContainsFunc(echoedArguments, func(key string) bool { return !order.Echoes(key) })
}

// orderMatches compares every argument that the API echoes, as a server may have normalised it: trimmed, lists
// in any order, null for empty, enumerations in any case. What is not echoed cannot differ.
func orderMatches(order *Order, request CreateOrderRequest) bool {
	// What the named profile says need not be sent with the order, and the API may show it all the same.
	unlessInProfile := func(sent bool, same func(json.RawMessage) bool) func(json.RawMessage) bool {
		if !sent && request.ProfileID != "" {
			return func(json.RawMessage) bool { return true }
		}
		return same
	}
	for key, same := range map[string]func(json.RawMessage) bool{
		"order_type":             enumerated(request.OrderType, OrderTypeDiscovery),
		"title":                  exactly(request.Title),
		"features":               listed(request.Features),
		"ideal_customer_profile": unlessInProfile(request.IdealCustomerProfile != "", exactly(request.IdealCustomerProfile)),
		"seller_offering":        unlessInProfile(request.SellerOffering != "", exactly(request.SellerOffering)),
		"target_countries":       unlessInProfile(len(request.TargetCountries) > 0, countries(request.TargetCountries)),
		"seller_industry":        unlessInProfile(request.SellerIndustry != "", exactly(request.SellerIndustry)),
		"target_cities":          unlessInProfile(len(request.TargetCities) > 0, listed(request.TargetCities)),
		"excluded_industries":    unlessInProfile(len(request.ExcludedIndustries) > 0, listed(request.ExcludedIndustries)),
		"output_language":        unlessOmitted(request.OutputLanguage),
		"blacklist_ids":          listed(request.BlacklistIDs),
		// NORMAL is the default, and is shown when nothing was sent (guide, step 3).
		"priority":      enumerated(request.Priority, "NORMAL"),
		"webhook_url":   address(request.WebhookURL),
		"contact_roles": unlessInProfile(len(request.ContactRoles) > 0, listed(request.ContactRoles)),
		// A profile is made from the other arguments when none is named (U39).
		"profile_name":      unlessOmitted(request.ProfileName),
		"profile_id":        unlessOmitted(request.ProfileID),
		"briefing_quantity": quantity(request.BriefingQuantity),
	} {
		if raw, echoed := order.echoed[key]; echoed && !same(raw) {
			return false
		}
	}
	return true
}

func address(sent string) func(json.RawMessage) bool {
	return func(raw json.RawMessage) bool { return SameURL(plain(raw), sent) }
}

// SameURL compares two addresses as a server that parses and prints them would:
// scheme and host in any case, "/" for no path, and no default port.
func SameURL(a, b string) bool {
	return canonicalURL(a) == canonicalURL(b)
}

func canonicalURL(text string) string {
	text = strings.TrimSpace(text)
	parsed, err := url.Parse(text)
	if err != nil || parsed.Host == "" {
		return text
	}
	parsed.Scheme = strings.ToLower(parsed.Scheme)
	parsed.Host = strings.ToLower(parsed.Host)
	if port := map[string]string{"https": ":443", "http": ":80"}[parsed.Scheme]; port != "" {
		parsed.Host = strings.TrimSuffix(parsed.Host, port)
	}
	if parsed.Path == "" {
		parsed.Path = "/"
	}
	return parsed.String()
}

func exactly(sent string) func(json.RawMessage) bool {
	return func(raw json.RawMessage) bool { return sameText(plain(raw), sent) }
}

// enumerated compares in any case; absent on either side is the default.
func enumerated(sent, fallback string) func(json.RawMessage) bool {
	return func(raw json.RawMessage) bool {
		return strings.EqualFold(strings.TrimSpace(orDefault(plain(raw), fallback)), strings.TrimSpace(orDefault(sent, fallback)))
	}
}

// unlessOmitted compares an argument for which a server may fill in a default of its own.
func unlessOmitted(sent string) func(json.RawMessage) bool {
	return func(raw json.RawMessage) bool {
		return strings.TrimSpace(sent) == "" || strings.EqualFold(strings.TrimSpace(plain(raw)), strings.TrimSpace(sent))
	}
}

func quantity(sent *int64) func(json.RawMessage) bool {
	return func(raw json.RawMessage) bool {
		var shown number
		_ = shown.UnmarshalJSON(raw) // takes anything: what is no number is absent
		value := shown.integer()
		return sent == nil || value != nil && *value == *sent
	}
}

func listed(sent []string) func(json.RawMessage) bool {
	return func(raw json.RawMessage) bool { return slices.Equal(normalList(plainList(raw)), normalList(sent)) }
}

func countries(sent []string) func(json.RawMessage) bool {
	return func(raw json.RawMessage) bool { return SameCountries(plainList(raw), sent) }
}

// SameCountries reports whether two lists may name the same countries. A server may show ISO codes, for all countries or only
// for those that it knows (U27): "DE" and "Liechtenstein" may stand for "Germany" and "Liechtenstein". A name of up to three
// letters counts as a code, so "UK" may stand for any country.
func SameCountries(a, b []string) bool {
	a, b = normalList(a), normalList(b)
	onlyA, onlyB := without(a, b), without(b, a)
	return len(onlyA) == len(onlyB) && (len(onlyA) == 0 || allCodes(onlyA) != allCodes(onlyB))
}

func without(list, others []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(element string) bool { return slices.Contains(others, element) })
}

func allCodes(countries []string) bool {
	return !slices.ContainsFunc(countries, func(country string) bool { return len(country) > 3 })
}

func plainList(raw json.RawMessage) []string {
	var list textList
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}

// normalList returns a list as a set: trimmed, in lower case, sorted, each once.
func normalList(list []string) []string {
	normal := []string{}
	for _, element := range list {
		if element = strings.ToLower(strings.TrimSpace(element)); element != "" {
			normal = append(normal, element)
		}
	}
	slices.Sort(normal)
	return slices.Compact(normal)
}
