package openprospect

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// OrderTypeDiscovery is the order type of discovery orders; the list of orders
// holds enrichment orders too (guide).
const OrderTypeDiscovery = "DISCOVERY"

// Order statuses (guide; REJECTED and FAILED: newer pages, U25). The set is open:
// an unknown status is one that is not terminal (U25).
const (
	StatusReceived   = "RECEIVED"
	StatusAccepted   = "ACCEPTED"
	StatusInProgress = "IN_PROGRESS"
	StatusCompleted  = "COMPLETED"
	StatusCancelled  = "CANCELLED"
	StatusRejected   = "REJECTED"
	StatusFailed     = "FAILED"
)

// TerminalStatus reports whether an order of this status will not change any more.
func TerminalStatus(status string) bool {
	switch status {
	case StatusCompleted, StatusCancelled, StatusRejected, StatusFailed:
		return true
	}
	return false
}

// Cost is the vendor's estimate of what an order costs.
type Cost struct {
	Total    float64 `json:"total"`
	Currency string  `json:"currency"`
}

// CreateOrderRequest is the body of POST /orders for a discovery order
// (guide, step 2). Empty optional fields are not sent; what describes the ideal customer is
// optional beside a ProfileID (newest pages).
type CreateOrderRequest struct {
	OrderType            string   `json:"order_type"`
	Title                string   `json:"title"`
	Features             []string `json:"features"`
	IdealCustomerProfile string   `json:"ideal_customer_profile,omitempty"`
	SellerOffering       string   `json:"seller_offering,omitempty"`
	TargetCountries      []string `json:"target_countries,omitempty"`
	SellerIndustry       string   `json:"seller_industry,omitempty"`
	TargetCities         []string `json:"target_cities,omitempty"`
	ExcludedIndustries   []string `json:"excluded_industries,omitempty"`
	OutputLanguage       string   `json:"output_language,omitempty"`
	BlacklistIDs         []string `json:"blacklist_ids,omitempty"`
	Priority             string   `json:"priority,omitempty"`
	WebhookURL           string   `json:"webhook_url,omitempty"`
	ContactRoles         []string `json:"contact_roles,omitempty"`
	ProfileName          string   `json:"profile_name,omitempty"`
	ProfileID            string   `json:"profile_id,omitempty"`
	// BriefingQuantity is known to the newest documentation only; sent when set.
	BriefingQuantity *int64 `json:"briefing_quantity,omitempty"`
}

// Order is an order as the API shows it. A string is "" and a list is nil when
// the API sends null or nothing; Echoes tells the two apart (U28).
type Order struct {
	ID                 string
	OrderType          string
	Title              string
	Status             string
	Priority           string
	CompanyCount       int64
	Features           []string
	EstimatedCost      *Cost
	ProspectSearchID   string
	AdminNotes         string
	Message            string
	WebhookURL         string
	SellerOffering     string
	SellerIndustry     string
	ExcludedIndustries []string
	TargetCountries    []string
	TargetCities       []string
	OutputLanguage     string
	BriefingQuantity   *int64
	CreatedAt          string
	AcceptedAt         string
	CompletedAt        string
	CancelledAt        string

	echoed map[string]json.RawMessage
}

// Echoes reports whether the API's answer held the JSON key, null included.
func (o *Order) Echoes(key string) bool {
	_, found := o.echoed[key]
	return found
}

// Terminal reports whether the order will not change any more.
func (o *Order) Terminal() bool { return TerminalStatus(o.Status) }

const ordersPath = "/orders"

// orderKeys name an order itself, orderWrappers what may be around it.
var (
	orderKeys     = []string{"order_id", "id", "status"}
	orderWrappers = []string{"data", "order"}
)

type wireOrder struct {
	OrderID            text     `json:"order_id"`
	ID                 text     `json:"id"`
	OrderType          text     `json:"order_type"`
	Title              text     `json:"title"`
	Status             text     `json:"status"`
	Priority           text     `json:"priority"`
	CompanyCount       number   `json:"company_count"`
	Features           textList `json:"features"`
	EstimatedCost      wireCost `json:"estimated_cost"`
	ProspectSearchID   text     `json:"prospect_search_id"`
	AdminNotes         text     `json:"admin_notes"`
	Message            text     `json:"message"`
	WebhookURL         text     `json:"webhook_url"`
	SellerOffering     text     `json:"seller_offering,omitempty"`
	SellerIndustry     text     `json:"seller_industry"`
	ExcludedIndustries textList `json:"excluded_industries"`
	TargetCountries    textList `json:"target_countries,omitempty"`
	TargetCities       textList `json:"target_cities"`
	OutputLanguage     text     `json:"output_language"`
	BriefingQuantity   number   `json:"briefing_quantity"`
	CreatedAt          text     `json:"created_at"`
	AcceptedAt         text     `json:"accepted_at"`
	CompletedAt        text     `json:"completed_at"`
	CancelledAt        text     `json:"cancelled_at"`
}

// wireCost is {total, currency}, null, or a bare number.
type wireCost struct{ cost *Cost }

// UnmarshalJSON implements json.Unmarshaler.
func (w *wireCost) UnmarshalJSON(data []byte) error {
	var wire struct {
		Total    number `json:"total"`
		Currency text   `json:"currency"`
	}
	w.cost = nil
	if jsonKind(data) == "object" {
		if err := json.Unmarshal(data, &wire); err != nil {
			return err
		}
	} else {
		_ = wire.Total.UnmarshalJSON(data) // takes anything: what is no number is absent
	}
	if total := wire.Total.float(); total != nil {
		w.cost = &Cost{Total: *total, Currency: string(wire.Currency)}
	}
	return nil
}

// decodeOrder reads an order, which may lack any field; its ID is "" when the answer holds none.
func decodeOrder(body []byte) (*Order, error) {
	document, fields := unwrap(body, orderKeys, orderWrappers)
	if document == nil {
		return nil, fmt.Errorf("the answer is not a JSON object")
	}
	var w wireOrder
	if err := json.Unmarshal(document, &w); err != nil {
		return nil, err
	}
	order := &Order{
		ID: string(orDefault(w.OrderID, w.ID)), OrderType: string(w.OrderType), Title: string(w.Title), Status: string(w.Status),
		Priority: string(w.Priority), Features: w.Features, EstimatedCost: w.EstimatedCost.cost,
		ProspectSearchID: string(w.ProspectSearchID), AdminNotes: string(w.AdminNotes), Message: string(w.Message),
		WebhookURL: string(w.WebhookURL), SellerOffering: string(w.SellerOffering), SellerIndustry: string(w.SellerIndustry),
		ExcludedIndustries: w.ExcludedIndustries, TargetCountries: w.TargetCountries, TargetCities: w.TargetCities,
		OutputLanguage: string(w.OutputLanguage), BriefingQuantity: w.BriefingQuantity.integer(),
		CreatedAt: string(w.CreatedAt), AcceptedAt: string(w.AcceptedAt), CompletedAt: string(w.CompletedAt), CancelledAt: string(w.CancelledAt),
		echoed: fields,
	}
	if count := w.CompanyCount.integer(); count != nil {
		order.CompanyCount = *count
	}
	return order, nil
}

func decodeOrders(raw json.RawMessage) ([]Order, error) {
	var rows []json.RawMessage
	if err := json.Unmarshal(raw, &rows); err != nil {
		return nil, err
	}
	found := make([]Order, len(rows))
	for i, row := range rows {
		order, err := decodeOrder(row)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i+1, err)
		}
		if order.ID == "" {
			return nil, fmt.Errorf("row %d has no ID", i+1)
		}
		found[i] = *order
	}
	return found, nil
}

func (c *Client) orderPath(id string) (string, error) {
	path, err := endpoint("orders", id)
	if err != nil {
		return "", c.unsent(call{method: http.MethodGet, path: ordersPath}, err.Error(), nil)
	}
	return path, nil
}

// GetOrder reads one order.
func (c *Client) GetOrder(ctx context.Context, id string) (*Order, error) {
	path, err := c.orderPath(id)
	if err != nil {
		return nil, err
	}
	result, err := c.do(ctx, call{method: http.MethodGet, path: path})
	if err != nil {
		return nil, err
	}
	order, err := decodeOrder(result.body)
	if err != nil {
		return nil, result.invalid("the order: %v", err)
	}
	if order.Status == "" {
		return nil, result.invalid("the answer contains no order with a status")
	}
	if order.ID = orDefault(order.ID, id); !strings.EqualFold(order.ID, id) {
		return nil, result.invalid("the answer is about another order, %s", order.ID)
	}
	return order, nil
}

// createOrder sends the POST once: see call.detached and newRequest.
func (c *Client) createOrder(ctx context.Context, request CreateOrderRequest, idempotencyKey string) (*Order, error) {
	result, err := c.do(ctx, call{
		method: http.MethodPost, path: ordersPath, body: request, idempotencyKey: idempotencyKey, detached: true,
	})
	if err != nil {
		return nil, err
	}
	order, err := decodeOrder(result.body)
	if err != nil {
		return nil, result.invalid("the new order: %v", err)
	}
	if order.ID == "" {
		return nil, result.invalid("the answer contains no ID of the new order")
	}
	return order, nil
}

// ListOrdersOptions filters the list of orders.
type ListOrdersOptions struct {
	// Status is passed to the API and applied to its answer as well; "" is all.
	Status string
	// OrderType is applied to the answer; "" is all.
	OrderType string
}

func orderListing() listing[Order] {
	return listing[Order]{
		noun: "orders", path: ordersPath, query: url.Values{}, decode: decodeOrders,
		id: func(o Order) string { return o.ID },
	}
}

// ListOrders reads all orders that the options select, every page.
func (c *Client) ListOrders(ctx context.Context, options ListOrdersOptions) ([]Order, error) {
	list := orderListing()
	if options.Status != "" {
		list.query.Set("status", options.Status)
	}
	found, err := readList(ctx, c, list)
	if err != nil {
		return nil, err
	}
	var selected []Order
	for _, order := range found.rows {
		if (options.Status == "" || strings.EqualFold(order.Status, options.Status)) &&
			(options.OrderType == "" || strings.EqualFold(order.OrderType, options.OrderType)) {
			selected = append(selected, order)
		}
	}
	return selected, nil
}
