package provider

import (
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// defaultOrderTimeout bounds a wait for an order unless timeouts say otherwise.
const defaultOrderTimeout = 60 * time.Minute

// Values of deletion_policy.
const (
	deletionPolicyAbandon = "ABANDON"
	deletionPolicyPrevent = "PREVENT"
)

// priorityNormal is the priority of an order that names none (guide).
const priorityNormal = "NORMAL"

// knownFeatures are those that the guide names; the set may grow (U26).
var knownFeatures = []string{"ANALYSIS", "COMPANY_DATA", "CONTACTS", "EMAIL_DISCOVERY", "TECHNOLOGIES"}

// estimatedCostTypes are the fields of estimated_cost.
var estimatedCostTypes = map[string]attr.Type{"total": types.Float64Type, "currency": types.StringType}

// orderTimeoutTypes are the fields of timeouts.
var orderTimeoutTypes = map[string]attr.Type{"create": types.StringType, "update": types.StringType}

// orderEchoModel holds the arguments that the API shows again when an order is
// read (guide, step 3). The others are never to be seen again (U28).
type orderEchoModel struct {
	Title              types.String `tfsdk:"title"`
	Features           types.Set    `tfsdk:"features"`
	SellerOffering     types.String `tfsdk:"seller_offering"`
	TargetCountries    types.Set    `tfsdk:"target_countries"`
	SellerIndustry     types.String `tfsdk:"seller_industry"`
	TargetCities       types.Set    `tfsdk:"target_cities"`
	ExcludedIndustries types.Set    `tfsdk:"excluded_industries"`
	OutputLanguage     types.String `tfsdk:"output_language"`
	Priority           types.String `tfsdk:"priority"`
	WebhookURL         types.String `tfsdk:"webhook_url"`
	BriefingQuantity   types.Int64  `tfsdk:"briefing_quantity"`
}

// orderProgressModel holds what the vendor makes of an order. It changes by
// itself (U38).
type orderProgressModel struct {
	Status           types.String `tfsdk:"status"`
	CompanyCount     types.Int64  `tfsdk:"company_count"`
	EstimatedCost    types.Object `tfsdk:"estimated_cost"`
	ProspectSearchID types.String `tfsdk:"prospect_search_id"`
	AdminNotes       types.String `tfsdk:"admin_notes"`
	Message          types.String `tfsdk:"message"`
	CreatedAt        types.String `tfsdk:"created_at"`
	AcceptedAt       types.String `tfsdk:"accepted_at"`
	CompletedAt      types.String `tfsdk:"completed_at"`
	CancelledAt      types.String `tfsdk:"cancelled_at"`
}

// discoveryOrderModel is an order as data sources show it.
type discoveryOrderModel struct {
	ID types.String `tfsdk:"id"`
	orderEchoModel
	orderProgressModel
}

// discoveryOrderResourceModel is an order as the resource holds it.
type discoveryOrderResourceModel struct {
	ID types.String `tfsdk:"id"`
	orderEchoModel
	IdealCustomerProfile types.String `tfsdk:"ideal_customer_profile"`
	BlacklistIDs         types.Set    `tfsdk:"blacklist_ids"`
	ContactRoles         types.Set    `tfsdk:"contact_roles"`
	ProfileName          types.String `tfsdk:"profile_name"`
	ProfileID            types.String `tfsdk:"profile_id"`
	Keepers              types.Map    `tfsdk:"keepers"`
	orderProgressModel
	WaitForCompletion    types.Bool     `tfsdk:"wait_for_completion"`
	Timeouts             timeouts.Value `tfsdk:"timeouts"`
	DeletionPolicy       types.String   `tfsdk:"deletion_policy"`
	AllowDuplicate       types.Bool     `tfsdk:"allow_duplicate"`
	AllowEmptyBlacklists types.Bool     `tfsdk:"allow_empty_blacklists"`
}

// fromAPI returns the order as a data source shows it.
func (m *discoveryOrderModel) fromAPI(order *openprospect.Order) {
	m.ID = types.StringValue(order.ID)
	m.orderEchoModel.fromAPI(order)
	m.orderProgressModel = unknownProgress()
	m.merge(order)
}

func (m *orderEchoModel) fromAPI(order *openprospect.Order) {
	m.Title = stringOrNull(order.Title)
	m.Features = setOrNull(order.Features)
	m.SellerOffering = stringOrNull(order.SellerOffering)
	m.TargetCountries = setOrNull(order.TargetCountries)
	m.SellerIndustry = stringOrNull(order.SellerIndustry)
	m.TargetCities = setOrNull(order.TargetCities)
	m.ExcludedIndustries = setOrNull(order.ExcludedIndustries)
	m.OutputLanguage = stringOrNull(order.OutputLanguage)
	m.Priority = stringOrNull(order.Priority)
	m.WebhookURL = stringOrNull(order.WebhookURL)
	m.BriefingQuantity = types.Int64PointerValue(order.BriefingQuantity)
}

// adopt takes from the API's echo what state does not hold, as after an
// import. What state holds came from a configuration and stays.
func (m *discoveryOrderResourceModel) adopt(order *openprospect.Order) {
	var echo orderEchoModel
	echo.fromAPI(order)

	adoptNull(&m.Title, echo.Title)
	adoptNull(&m.Features, echo.Features)
	adoptNull(&m.SellerOffering, echo.SellerOffering)
	adoptNull(&m.TargetCountries, echo.TargetCountries)
	adoptNull(&m.SellerIndustry, echo.SellerIndustry)
	adoptNull(&m.TargetCities, echo.TargetCities)
	adoptNull(&m.ExcludedIndustries, echo.ExcludedIndustries)
	adoptNull(&m.OutputLanguage, echo.OutputLanguage)
	adoptNull(&m.Priority, echo.Priority)
	adoptNull(&m.WebhookURL, echo.WebhookURL)
	adoptNull(&m.BriefingQuantity, echo.BriefingQuantity)

	// The defaults of the schema, so that the first plan does not list them as changes.
	adoptNull(&m.WaitForCompletion, types.BoolValue(false))
	adoptNull(&m.DeletionPolicy, types.StringValue(deletionPolicyAbandon))
	adoptNull(&m.AllowDuplicate, types.BoolValue(false))
	adoptNull(&m.AllowEmptyBlacklists, types.BoolValue(false))
}

func adoptNull[T attr.Value](held *T, value T) {
	if (*held).IsNull() {
		*held = value
	}
}

// merge takes what the API's answer says of the order. A key that the answer
// does not hold leaves a known value as it is and makes an unknown one null
// (U28), so that nothing is unknown afterwards.
func (m *orderProgressModel) merge(order *openprospect.Order) {
	// An order always has a status: an answer without one says nothing.
	m.Status = merged(m.Status, order.Status != "", types.StringValue(order.Status), types.StringNull())
	m.CompanyCount = merged(m.CompanyCount, order.Echoes("company_count"), types.Int64Value(order.CompanyCount), types.Int64Null())
	m.EstimatedCost = merged(m.EstimatedCost, order.Echoes("estimated_cost"),
		costOrNull(order.EstimatedCost), types.ObjectNull(estimatedCostTypes))
	for _, field := range []struct {
		key   string
		held  *types.String
		value string
	}{
		{"prospect_search_id", &m.ProspectSearchID, order.ProspectSearchID},
		{"admin_notes", &m.AdminNotes, order.AdminNotes},
		{"message", &m.Message, order.Message},
		{"created_at", &m.CreatedAt, order.CreatedAt},
		{"accepted_at", &m.AcceptedAt, order.AcceptedAt},
		{"completed_at", &m.CompletedAt, order.CompletedAt},
		{"cancelled_at", &m.CancelledAt, order.CancelledAt},
	} {
		*field.held = merged(*field.held, order.Echoes(field.key), stringOrNull(field.value), types.StringNull())
	}
}

func merged[T attr.Value](held T, said bool, value, null T) T {
	switch {
	case said:
		return value
	case held.IsUnknown():
		return null
	}
	return held
}

// unknownProgress is the progress of an order of which nothing is known yet.
func unknownProgress() orderProgressModel {
	return orderProgressModel{
		Status:           types.StringUnknown(),
		CompanyCount:     types.Int64Unknown(),
		EstimatedCost:    types.ObjectUnknown(estimatedCostTypes),
		ProspectSearchID: types.StringUnknown(),
		AdminNotes:       types.StringUnknown(),
		Message:          types.StringUnknown(),
		CreatedAt:        types.StringUnknown(),
		AcceptedAt:       types.StringUnknown(),
		CompletedAt:      types.StringUnknown(),
		CancelledAt:      types.StringUnknown(),
	}
}

// expectProgress makes unknown what may change until the order ends.
func (m *orderProgressModel) expectProgress() {
	created := m.CreatedAt
	*m = unknownProgress()
	if !created.IsNull() {
		m.CreatedAt = created
	}
}

// attributes are the progress by attribute name.
func (m *orderProgressModel) attributes() map[string]attr.Value {
	return map[string]attr.Value{
		"status":             m.Status,
		"company_count":      m.CompanyCount,
		"estimated_cost":     m.EstimatedCost,
		"prospect_search_id": m.ProspectSearchID,
		"admin_notes":        m.AdminNotes,
		"message":            m.Message,
		"created_at":         m.CreatedAt,
		"accepted_at":        m.AcceptedAt,
		"completed_at":       m.CompletedAt,
		"cancelled_at":       m.CancelledAt,
	}
}

// terminal reports whether the order will not change any more.
func (m *orderProgressModel) terminal() bool {
	return openprospect.TerminalStatus(m.Status.ValueString())
}

// toAPICreate returns the request that places the order. Texts are sent without
// leading and trailing white space and collections sorted: what differs only
// in that is the same order.
func (m *discoveryOrderResourceModel) toAPICreate() openprospect.CreateOrderRequest {
	return openprospect.CreateOrderRequest{
		OrderType:            openprospect.OrderTypeDiscovery,
		Title:                trimmed(m.Title),
		Features:             trimmedElements(m.Features),
		IdealCustomerProfile: trimmed(m.IdealCustomerProfile),
		SellerOffering:       trimmed(m.SellerOffering),
		TargetCountries:      trimmedElements(m.TargetCountries),
		SellerIndustry:       trimmed(m.SellerIndustry),
		TargetCities:         trimmedElements(m.TargetCities),
		ExcludedIndustries:   trimmedElements(m.ExcludedIndustries),
		OutputLanguage:       trimmed(m.OutputLanguage),
		BlacklistIDs:         trimmedElements(m.BlacklistIDs),
		Priority:             trimmed(m.Priority),
		WebhookURL:           trimmed(m.WebhookURL),
		ContactRoles:         trimmedElements(m.ContactRoles),
		ProfileName:          trimmed(m.ProfileName),
		ProfileID:            trimmed(m.ProfileID),
		BriefingQuantity:     m.BriefingQuantity.ValueInt64Pointer(),
	}
}

// accepted records that the API took the order. Nothing is unknown afterwards.
func (m *discoveryOrderResourceModel) accepted(order *openprospect.Order) {
	m.ID = types.StringValue(order.ID)
	m.merge(order)
}

// orderArgument is one of the arguments that make an order the order it is.
type orderArgument struct {
	name  string
	value attr.Value
}

// arguments are all arguments of the order, in the order of the documentation.
// A change of any of them is a new order, for the API has no update (U30).
func (m *discoveryOrderResourceModel) arguments() []orderArgument {
	return []orderArgument{
		{"title", m.Title},
		{"features", m.Features},
		{"ideal_customer_profile", m.IdealCustomerProfile},
		{"seller_offering", m.SellerOffering},
		{"target_countries", m.TargetCountries},
		{"seller_industry", m.SellerIndustry},
		{"target_cities", m.TargetCities},
		{"excluded_industries", m.ExcludedIndustries},
		{"output_language", m.OutputLanguage},
		{"blacklist_ids", m.BlacklistIDs},
		{"priority", m.Priority},
		{"webhook_url", m.WebhookURL},
		{"contact_roles", m.ContactRoles},
		{"profile_name", m.ProfileName},
		{"profile_id", m.ProfileID},
		{"briefing_quantity", m.BriefingQuantity},
		{"keepers", m.Keepers},
	}
}

// requireDescription adds an error for each argument that describes the ideal customer and is left out, unless the order names a search
// profile and how many companies are wanted (newest pages). What is unknown may be set.
func (m *discoveryOrderResourceModel) requireDescription(diags *diag.Diagnostics) {
	if !m.ProfileID.IsNull() && !m.BriefingQuantity.IsNull() {
		return
	}
	for _, argument := range m.arguments() {
		if slices.Contains([]string{"ideal_customer_profile", "seller_offering", "target_countries"}, argument.name) && argument.value.IsNull() {
			missing := missingDescriptionMessage(argument.name)
			diags.AddAttributeError(path.Root(argument.name), missing.summary, missing.detail)
		}
	}
}

// orderArgumentNames are the names of all arguments that are sent to the API.
func orderArgumentNames() []string {
	var names []string
	for _, argument := range new(discoveryOrderResourceModel).arguments() {
		if argument.name != "keepers" {
			names = append(names, argument.name)
		}
	}
	return names
}

// replacedArguments are the arguments in which plan asks for another order than
// state holds. It alone decides whether an order is placed again.
//
// An imported order was not placed from this configuration: what adoptable
// says is taken over from it as it is.
func replacedArguments(state, plan *discoveryOrderResourceModel, imported bool) []orderArgument {
	held := state.arguments()
	var replaced []orderArgument
	for i, planned := range plan.arguments() {
		prior := held[i].value
		adopted := imported && adoptable(planned.name, prior, planned.value)
		if !adopted && !sameArgument(planned.name, prior, planned.value) {
			replaced = append(replaced, planned)
		}
	}
	return replaced
}

// leftOutArguments names the arguments of an imported order that the configuration leaves out, but for priority: the API shows a
// default where nobody has set it.
func leftOutArguments(state, plan *discoveryOrderResourceModel) []string {
	held := state.arguments()
	var names []string
	for i, planned := range plan.arguments() {
		if planned.value.IsNull() && !held[i].value.IsNull() && planned.name != "priority" {
			names = append(names, planned.name)
		}
	}
	return names
}

// adoptable reports whether the configuration may say what the API shows
// otherwise, of an imported order: the API does not show every argument (U28),
// it shows defaults that nobody set, and it may spell in its own way, such as
// countries as codes (U27).
func adoptable(name string, shown, planned attr.Value) bool {
	if shown.IsNull() || planned.IsNull() {
		return true
	}
	if !fullyKnown(planned) {
		return false
	}
	if shownSet, plannedSet, ok := bothSets(shown, planned); ok && name == "target_countries" {
		return openprospect.SameCountries(trimmedElements(shownSet), trimmedElements(plannedSet))
	}
	if name == "webhook_url" {
		shownText, isText := shown.(types.String)
		plannedText, _ := planned.(types.String)
		return isText && openprospect.SameURL(shownText.ValueString(), plannedText.ValueString())
	}
	return sameText(shown, planned, func(s string) string { return strings.ToLower(openprospect.CanonicalText(s)) })
}

func bothSets(a, b attr.Value) (types.Set, types.Set, bool) {
	setA, okA := a.(types.Set)
	setB, okB := b.(types.Set)
	return setA, setB, okA && okB
}

// respelledArguments are the arguments that plan spells differently from state
// without asking for another order, as state spells them.
func respelledArguments(state, plan *discoveryOrderResourceModel) []orderArgument {
	planned := plan.arguments()
	var respelled []orderArgument
	for i, held := range state.arguments() {
		value := planned[i].value
		// Terraform lets a provider keep the prior value only where there is one on both sides.
		if held.value.IsNull() || value.IsNull() || held.value.Equal(value) {
			continue
		}
		if sameArgument(held.name, held.value, value) {
			respelled = append(respelled, held)
		}
	}
	return respelled
}

// sameArgument reports whether two values of an argument ask for the same.
// Leading and trailing white space, the form of line ends, the order of elements and the case of a UUID do not count.
// A value that is not known yet is never the same.
func sameArgument(name string, prior, planned attr.Value) bool {
	if prior.Equal(planned) {
		return true
	}
	switch name {
	case "priority":
		prior, planned = orNormal(prior), orNormal(planned)
	case "keepers":
		prior, planned = orEmpty(prior), orEmpty(planned)
	}
	if prior.IsNull() || planned.IsNull() || !fullyKnown(planned) {
		return false
	}
	canonical := openprospect.CanonicalText
	if name == "blacklist_ids" || name == "profile_id" {
		canonical = canonicalID
	}
	return sameText(prior, planned, canonical)
}

func canonicalID(id string) string { return strings.ToLower(strings.TrimSpace(id)) }

// sameText compares two known values by the canonical form of their texts; others must be equal.
func sameText(a, b attr.Value, canonical func(string) string) bool {
	if textA, ok := a.(types.String); ok {
		textB, ok := b.(types.String)
		return ok && canonical(textA.ValueString()) == canonical(textB.ValueString())
	}
	if setA, setB, ok := bothSets(a, b); ok {
		return slices.Equal(canonicalElements(setA, canonical), canonicalElements(setB, canonical))
	}
	return a.Equal(b)
}

// orNormal returns the priority that the API takes for one that is not set (guide).
func orNormal(priority attr.Value) attr.Value {
	if priority.IsNull() {
		return types.StringValue(priorityNormal)
	}
	return priority
}

// orEmpty returns the keepers that stand for none.
func orEmpty(keepers attr.Value) attr.Value {
	if keepers.IsNull() {
		return types.MapValueMust(types.StringType, map[string]attr.Value{})
	}
	return keepers
}

// fullyKnown reports whether neither the value nor an element of it is unknown.
func fullyKnown(value attr.Value) bool {
	if value.IsUnknown() {
		return false
	}
	switch value := value.(type) {
	case types.Set:
		return !slices.ContainsFunc(value.Elements(), attr.Value.IsUnknown)
	case types.Map:
		for _, element := range value.Elements() {
			if element.IsUnknown() {
				return false
			}
		}
	}
	return true
}

func trimmed(text types.String) string { return strings.TrimSpace(text.ValueString()) }

// trimmedElements are the known strings of a set without leading and trailing
// white space, sorted; nil for a set that is null, unknown or empty.
func trimmedElements(set types.Set) []string { return canonicalElements(set, strings.TrimSpace) }

func canonicalElements(set types.Set, canonical func(string) string) []string {
	var elements []string
	for _, element := range set.Elements() {
		if text, ok := element.(types.String); ok && !text.IsNull() && !text.IsUnknown() {
			elements = append(elements, canonical(text.ValueString()))
		}
	}
	slices.Sort(elements)
	return elements
}

// setOrNull maps the API's list to a set: null and empty are the same to it (U29).
func setOrNull(list []string) types.Set {
	if len(list) == 0 {
		return types.SetNull(types.StringType)
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(list)))
	elements := make([]attr.Value, 0, len(sorted))
	for _, element := range sorted {
		elements = append(elements, types.StringValue(element))
	}
	return types.SetValueMust(types.StringType, elements)
}

func costOrNull(cost *openprospect.Cost) types.Object {
	if cost == nil {
		return types.ObjectNull(estimatedCostTypes)
	}
	return types.ObjectValueMust(estimatedCostTypes, map[string]attr.Value{
		"total":    types.Float64Value(cost.Total),
		"currency": stringOrNull(cost.Currency),
	})
}
