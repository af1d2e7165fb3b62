package simulator

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Statuses of an order (guide; REJECTED and FAILED come from newer pages).
const (
	received   = "RECEIVED"
	accepted   = "ACCEPTED"
	inProgress = "IN_PROGRESS"
	completed  = "COMPLETED"
	cancelled  = "CANCELLED"
	rejected   = "REJECTED"
	failed     = "FAILED"
	// odd is a status that no documentation names.
	odd = "QUALITY_CHECK"
)

func terminal(status string) bool {
	return slices.Contains([]string{completed, cancelled, rejected, failed}, status)
}

// Review moves an order on. Of Reads and Every, at most one is set.
type Review struct {
	// Reads is how many GETs of the order each status lasts; 0 is off.
	Reads int
	// Every is how long each status lasts on the server's clock; 0 is off.
	Every time.Duration
	// Final is the status that the review ends in; "" is COMPLETED. CANCELLED
	// and REJECTED come from RECEIVED, FAILED from IN_PROGRESS.
	Final string
	// Companies is how many companies a completed order has found; 0 is 47, the
	// guide's total.
	Companies int
}

// path is the statuses that an order goes through.
func (r Review) path(oddStatus bool) []string {
	switch r.Final {
	case cancelled, rejected:
		return []string{received, r.Final}
	case failed:
		return []string{received, accepted, inProgress, failed}
	}
	if oddStatus {
		return []string{received, accepted, odd, inProgress, completed}
	}
	return []string{received, accepted, inProgress, completed}
}

// Order is an order with what was asked for.
type Order struct {
	ID             string
	Status         string
	CreatedAt      time.Time
	IdempotencyKey string
	// Request is the JSON object that placed it, decoded.
	Request map[string]any
	// SearchID is the prospect search that fulfils it, once it is accepted.
	SearchID string
}

type order struct {
	Order
	hidden bool
	reads  int
	since  time.Time
	// echo overrides what is shown, by JSON key.
	echo  map[string]any
	times map[string]time.Time
	// discovered are the ranks of the companies found, excluded those that blacklists kept out, once it is completed.
	discovered []int
	excluded   []Exclusion
}

func (s *Server) noOrder(id string) answer {
	return s.problem(http.StatusNotFound, "ORDER_NOT_FOUND", "Order not found",
		members{{"entity_type", "order"}, {"identifier", id}})
}

// orderFields are the parameters of an order in both generations; briefing_quantity is of the newest pages.
var orderFields = []string{
	"order_type", "title", "features", "blacklist_ids", "priority", "webhook_url", "profile_id", "briefing_quantity",
}

// profileFields are the guide's further parameters of an order; in the newest generation a search profile holds them.
var profileFields = []string{
	"ideal_customer_profile", "seller_offering", "target_countries", "seller_industry", "target_cities",
	"excluded_industries", "output_language", "contact_roles", "profile_name",
}

// checkOrder finds what the generation does not allow, field by field; then what only makes sense of valid fields.
func (s *Server) checkOrder(fields map[string]any) (stripped []string, refused *answer) {
	if _, given := fields["companies"]; given {
		return nil, s.refuse(&wrong{"companies", "companies is not allowed"})
	}
	newest := s.options.Behavior.Newest
	faults := []*wrong{
		text(fields, "order_type", 0, true),
		text(fields, "title", 500, true),
		texts(fields, "features", true),
		text(fields, "profile_id", 0, newest),
		texts(fields, "blacklist_ids", false),
		text(fields, "priority", 0, false),
		text(fields, "webhook_url", 0, false),
	}
	known := orderFields
	if newest {
		faults = append(faults, required(fields, "briefing_quantity"))
	} else {
		known = slices.Concat(orderFields, profileFields)
		faults = append(faults, checkProfileFields(fields)...)
		faults = append(faults, text(fields, "profile_name", 500, false))
	}
	stripped, unknown := s.unknownFields(fields, known...)
	// What is missing comes first: it says what an order is to be placed with instead.
	refused = s.refuse(append(faults, unknown)...)
	if refused == nil {
		refused = s.refuse(checkValues(fields)...)
	}
	if refused == nil {
		refused = s.checkReferences(fields)
	}
	return stripped, refused
}

// checkValues checks what fields of the right type hold.
func checkValues(fields map[string]any) []*wrong {
	var faults []*wrong
	if fields["order_type"] != "DISCOVERY" {
		faults = append(faults, &wrong{"order_type", `order_type must be "DISCOVERY"`})
	}
	features := stringsOf(fields["features"])
	if len(slices.Compact(slices.Sorted(slices.Values(features)))) != len(features) {
		faults = append(faults, &wrong{"features", "Duplicate features"})
	}
	id := stringOf(fields["profile_id"])
	if stringOf(fields["profile_name"]) != "" && id != "" {
		faults = append(faults, &wrong{"profile_id", "Profile conflict: profile_id and profile_name are mutually exclusive"})
	}
	if id != "" && !uuidPattern.MatchString(id) {
		faults = append(faults, &wrong{"profile_id", "profile_id must be a UUID"})
	}
	if priority := fields["priority"]; priority != nil && priority != "NORMAL" && priority != "EXPRESS" {
		faults = append(faults, &wrong{"priority", `priority must be "NORMAL" or "EXPRESS"`})
	}
	if quantity := fields["briefing_quantity"]; quantity != nil {
		if number, isNumber := quantity.(float64); !isNumber || number < 1 || number != math.Trunc(number) {
			faults = append(faults, &wrong{"briefing_quantity", "briefing_quantity must be a positive integer"})
		}
	}
	return faults
}

// checkProfileFields checks what describes an ideal customer.
func checkProfileFields(fields map[string]any) []*wrong {
	return []*wrong{
		text(fields, "ideal_customer_profile", 5000, true),
		text(fields, "seller_offering", 5000, true),
		texts(fields, "target_countries", true),
		text(fields, "seller_industry", 1000, false),
		texts(fields, "target_cities", false),
		texts(fields, "excluded_industries", false),
		text(fields, "output_language", 10, false),
		texts(fields, "contact_roles", false),
	}
}

// checkReferences checks that the blacklists exist, and in the newest generation, which makes profiles, the profile.
func (s *Server) checkReferences(fields map[string]any) *answer {
	if id := stringOf(fields["profile_id"]); s.options.Behavior.Newest && s.profile(id) == nil {
		return s.refuse(&wrong{"profile_id", "Search profile not found: " + id})
	}
	return s.checkBlacklistIDs(fields)
}

// checkBlacklistIDs checks that the blacklists exist.
func (s *Server) checkBlacklistIDs(fields map[string]any) *answer {
	for _, id := range stringsOf(fields["blacklist_ids"]) {
		switch {
		case !uuidPattern.MatchString(id):
			return s.refuse(&wrong{"blacklist_ids", "blacklist_ids must hold UUIDs"})
		case s.blacklistsByID[id] != nil:
		case s.options.Behavior.UnknownBlacklistNotFound:
			a := s.noBlacklist(id)
			return &a
		default:
			return s.refuse(&wrong{"blacklist_ids", "Blacklist not found: " + id})
		}
	}
	return nil
}

func (s *Server) createOrder(c call) answer {
	fields, refused := s.decode(c)
	if refused != nil {
		return *refused
	}
	stripped, refused := s.checkOrder(fields)
	if refused != nil {
		return *refused
	}
	key := c.request.Header.Get("Idempotency-Key")
	o := s.ordersByKey[key]
	if o == nil || !s.options.Behavior.IdempotencyKeyHonored {
		o = s.place(fields, key, c.number)
	}
	body := members{
		{"order_id", o.ID},
		{"order_type", "DISCOVERY"},
		{"status", o.Status},
		{"company_count", 0},
		{"estimated_cost", nil},
		{"message", "Order received. Awaiting admin review."},
	}
	note := fmt.Sprintf("order %q placed", stringOf(fields["title"]))
	return answer{status: http.StatusAccepted, body: namingStripped(body, stripped), done: true, note: note}
}

func (s *Server) place(fields map[string]any, key string, request int) *order {
	o := &order{
		Order: Order{ID: s.newID(0xd1), Status: received, CreatedAt: s.now(), IdempotencyKey: key, Request: fields},
		since: s.now(), echo: map[string]any{}, times: map[string]time.Time{},
	}
	s.orders = append(s.orders, o)
	s.ordersByID[o.ID] = o
	if key != "" {
		s.ordersByKey[key] = o
	}
	s.happened(Event{Kind: "order_created", OrderID: o.ID, Status: o.Status, Request: request})
	return o
}

// review moves an order on as far as its time has come.
func (s *Server) review(o *order, read bool) {
	path := s.options.Review.path(s.options.Behavior.OddStatus)
	if read {
		o.reads++
	}
	for {
		at := slices.Index(path, o.Status)
		if at < 0 || at == len(path)-1 {
			return
		}
		switch r := s.options.Review; {
		case r.Reads > 0 && o.reads > r.Reads:
			o.reads = 1
			s.become(o, path[at+1], s.now())
		case r.Every > 0 && s.now().Sub(o.since) >= r.Every:
			s.become(o, path[at+1], o.since.Add(r.Every))
		default:
			return
		}
	}
}

func (s *Server) become(o *order, status string, at time.Time) {
	o.Status, o.since = status, at
	if o.SearchID == "" && slices.Contains([]string{accepted, odd, inProgress, completed, failed}, status) {
		o.SearchID = s.addSearch(stringOf(o.Request["title"]), stringsOf(o.Request["blacklist_ids"])).id
	}
	switch status {
	case accepted:
		o.times["accepted_at"] = at
	case completed:
		o.times["completed_at"] = at
		s.discover(o)
	case cancelled:
		o.times["cancelled_at"] = at
	}
	s.happened(Event{Kind: "order_status", OrderID: o.ID, Status: status})
}

var countryCodes = map[string]string{"Germany": "DE", "Austria": "AT", "Switzerland": "CH"}

// wireOrder is an order as GET shows it (guide, step 3).
func (s *Server) wireOrder(o *order) members {
	behavior := s.options.Behavior
	priority := stringOf(o.Request["priority"])
	if priority == "" {
		priority = "NORMAL"
	}
	body := members{
		{"order_id", o.ID},
		{"order_type", stringOf(o.Request["order_type"])},
		{"title", s.echoText(o, "title")},
		{"status", o.Status},
		{"priority", priority},
		{"company_count", 0},
		{"features", s.echoList(o, "features")},
		{"estimated_cost", nil},
		{"prospect_search_id", orNull(o.SearchID)},
		{"admin_notes", nil},
		{"webhook_url", s.echoText(o, "webhook_url")},
		{"seller_offering", s.echoText(o, "seller_offering")},
		{"seller_industry", s.echoText(o, "seller_industry")},
		{"excluded_industries", s.echoList(o, "excluded_industries")},
		{"target_countries", s.echoList(o, "target_countries")},
		{"target_cities", s.echoList(o, "target_cities")},
		{"output_language", s.echoText(o, "output_language")},
		{"created_at", s.stamp(o.CreatedAt)},
		{"accepted_at", s.stampOf(o, "accepted_at")},
		{"completed_at", s.stampOf(o, "completed_at")},
		{"cancelled_at", s.stampOf(o, "cancelled_at")},
	}
	switch o.Status {
	case completed:
		count := len(o.discovered)
		body.set("company_count", count)
		body.set("estimated_cost", members{{"total", 1.5 * float64(count)}, {"currency", "EUR"}})
		if behavior.OddNumbers {
			body.set("company_count", rawNumber(fmt.Sprintf("%d.0", count)))
		}
	case rejected, failed:
		body.set("admin_notes", "The profile is too broad for the target countries.")
	}
	if behavior.MessageEcho {
		body.set("message", "Order "+strings.ToLower(o.Status)+".")
		body.set("briefing_quantity", o.Request["briefing_quantity"])
	}
	for _, name := range slices.Sorted(maps.Keys(o.echo)) {
		body.set(name, o.echo[name])
	}
	if behavior.SparseEcho {
		body = body.sparse()
	}
	if behavior.ExtraFields {
		body.set("reviewer", map[string]any{"initials": "xy"})
	}
	return body
}

func (s *Server) stampOf(o *order, name string) any {
	if at, known := o.times[name]; known {
		return s.stamp(at)
	}
	return nil
}

// asked is what an order was asked for by field: in the order itself or, where the profile is echoed, in the profile that it names.
func (s *Server) asked(o *order, name string) any {
	if value := o.Request[name]; value != nil || !s.options.Behavior.ProfileEcho {
		return value
	}
	if made := s.profile(stringOf(o.Request["profile_id"])); made != nil {
		return made.Request[name]
	}
	return nil
}

func (s *Server) echoText(o *order, name string) any {
	value := stringOf(s.asked(o, name))
	if s.options.Behavior.TrimEcho {
		value = strings.TrimSpace(value)
	}
	if name == "webhook_url" && s.options.Behavior.NormalizeWebhook {
		value = normalizedURL(value)
	}
	return orNull(value)
}

// normalizedURL spells an address anew, as servers do that keep it parsed.
func normalizedURL(address string) string {
	parsed, err := url.Parse(strings.TrimSpace(address))
	if err != nil || parsed.Host == "" {
		return address
	}
	parsed.Host = strings.ToLower(parsed.Host)
	if parsed.Scheme == "https" {
		parsed.Host = strings.TrimSuffix(parsed.Host, ":443")
	}
	if parsed.Path == "" {
		parsed.Path = "/"
	}
	return parsed.String()
}

func (s *Server) echoList(o *order, name string) any {
	behavior := s.options.Behavior
	values := stringsOf(s.asked(o, name))
	if len(values) == 0 {
		if behavior.EmptyListEcho {
			return []string{}
		}
		return nil
	}
	for i, value := range values {
		if behavior.TrimEcho {
			values[i] = strings.TrimSpace(value)
		}
		if code, known := countryCodes[value]; known && behavior.CountryCodes && name == "target_countries" {
			values[i] = code
		}
	}
	if behavior.ReverseEcho {
		slices.Reverse(values)
	}
	return values
}

func (s *Server) listOrders(c call) answer {
	w, refused := s.window(c.request.URL.Query(), largestLimit, "status")
	if refused != nil {
		return *refused
	}
	status := c.request.URL.Query().Get("status")
	orders := slices.Clone(s.orders)
	if !s.options.Behavior.OrdersOldestFirst {
		slices.Reverse(orders)
	}
	var rows []any
	for _, o := range orders {
		s.review(o, false)
		if o.hidden || status != "" && o.Status != status {
			continue
		}
		row := s.wireOrder(o)
		if s.options.Behavior.SparseOrderRows {
			row = members{
				{"order_id", o.ID}, {"order_type", stringOf(o.Request["order_type"])},
				{"status", o.Status}, {"created_at", s.stamp(o.CreatedAt)},
			}
		}
		rows = append(rows, row)
	}
	return s.page(rows, w, "orders")
}

func (s *Server) getOrder(c call) answer {
	o := s.ordersByID[c.ids[0]]
	if o == nil || o.hidden {
		return s.noOrder(c.ids[0])
	}
	s.review(o, true)
	a := s.single(http.StatusOK, s.wireOrder(o), "order")
	a.note = o.Status
	return a
}
