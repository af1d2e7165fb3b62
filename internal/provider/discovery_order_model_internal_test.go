package provider

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

func setOf(elements ...string) types.Set {
	values := make([]attr.Value, 0, len(elements))
	for _, element := range elements {
		values = append(values, types.StringValue(element))
	}
	return types.SetValueMust(types.StringType, values)
}

func nullSet() types.Set { return types.SetNull(types.StringType) }

// fullOrder sets every argument.
func fullOrder() discoveryOrderResourceModel {
	return discoveryOrderResourceModel{
		ID: types.StringValue("o1"),
		orderEchoModel: orderEchoModel{
			Title:              types.StringValue("DACH SaaS"),
			Features:           setOf("COMPANY_DATA", "CONTACTS"),
			SellerOffering:     types.StringValue("Lead generation"),
			TargetCountries:    setOf("Germany", "Austria"),
			SellerIndustry:     types.StringValue("Software"),
			TargetCities:       setOf("Berlin"),
			ExcludedIndustries: setOf("Government"),
			OutputLanguage:     types.StringValue("en"),
			Priority:           types.StringValue("EXPRESS"),
			WebhookURL:         types.StringValue("https://example.com/hook"),
			BriefingQuantity:   types.Int64Value(50),
		},
		IdealCustomerProfile: types.StringValue("SaaS with 50 to 500 employees"),
		BlacklistIDs:         setOf("d33b69ce-80ce-4ede-b4df-4b11427f8b55"),
		ContactRoles:         setOf("CEO"),
		ProfileName:          types.StringValue("DACH"),
		ProfileID:            types.StringNull(),
		Keepers:              types.MapValueMust(types.StringType, map[string]attr.Value{"quarter": types.StringValue("1")}),
		WaitForCompletion:    types.BoolValue(false),
		DeletionPolicy:       types.StringValue(deletionPolicyAbandon),
	}
}

func TestReplacedArguments(t *testing.T) {
	for name, test := range map[string]struct {
		change   func(state, plan *discoveryOrderResourceModel)
		imported bool
		want     []string
	}{
		"nothing": {change: func(_, _ *discoveryOrderResourceModel) {}},
		"white space around a text is trimmed before it is sent": {
			change: func(_, plan *discoveryOrderResourceModel) {
				plan.IdealCustomerProfile = types.StringValue("\tSaaS with 50 to 500 employees\n")
			},
		},
		"line ends have the form that a checkout gives them": {
			change: func(state, plan *discoveryOrderResourceModel) {
				state.IdealCustomerProfile, plan.IdealCustomerProfile = types.StringValue("SaaS\nin DACH\n"), types.StringValue("SaaS\r\nin DACH\r\n")
				state.SellerOffering, plan.SellerOffering = types.StringValue("Leads\r\nfor all"), types.StringValue("Leads\rfor all")
			},
		},
		"a line more is another text": {
			change: func(state, plan *discoveryOrderResourceModel) {
				state.IdealCustomerProfile, plan.IdealCustomerProfile = types.StringValue("SaaS\nin DACH"), types.StringValue("SaaS\r\n\r\nin DACH")
			},
			want: []string{"ideal_customer_profile"},
		},
		"white space within a text is another text": {
			change: func(_, plan *discoveryOrderResourceModel) {
				plan.IdealCustomerProfile = types.StringValue("SaaS with 50 to  500 employees")
			},
			want: []string{"ideal_customer_profile"},
		},
		"elements have no order, and white space around them does not count": {
			change: func(_, plan *discoveryOrderResourceModel) { plan.TargetCountries = setOf(" Austria", "Germany ") },
		},
		"an element more": {
			change: func(_, plan *discoveryOrderResourceModel) {
				plan.TargetCountries = setOf("Austria", "Germany", "Switzerland")
			},
			want: []string{"target_countries"},
		},
		"countries are opaque (U27): another case may be another country to the API": {
			change: func(_, plan *discoveryOrderResourceModel) { plan.TargetCountries = setOf("Austria", "germany") },
			want:   []string{"target_countries"},
		},
		"a UUID is the same in either case": {
			change: func(_, plan *discoveryOrderResourceModel) {
				plan.BlacklistIDs = setOf("D33B69CE-80CE-4EDE-B4DF-4B11427F8B55")
			},
		},
		"NORMAL is what the API takes for no priority": {
			change: func(state, plan *discoveryOrderResourceModel) {
				state.Priority, plan.Priority = types.StringNull(), types.StringValue("NORMAL")
			},
		},
		"no priority instead of EXPRESS": {
			change: func(_, plan *discoveryOrderResourceModel) { plan.Priority = types.StringNull() },
			want:   []string{"priority"},
		},
		"EXPRESS instead of no priority": {
			change: func(state, _ *discoveryOrderResourceModel) { state.Priority = types.StringNull() },
			want:   []string{"priority"},
		},
		"a value of an order of ours that had none": {
			change: func(state, _ *discoveryOrderResourceModel) { state.ContactRoles = nullSet() },
			want:   []string{"contact_roles"},
		},
		"no value any more": {
			change: func(_, plan *discoveryOrderResourceModel) { plan.ContactRoles = nullSet() },
			want:   []string{"contact_roles"},
		},
		"a value not known yet may turn out to be another": {
			change: func(_, plan *discoveryOrderResourceModel) { plan.Title = types.StringUnknown() },
			want:   []string{"title"},
		},
		"an element not known yet may turn out to be another": {
			change: func(_, plan *discoveryOrderResourceModel) {
				plan.BlacklistIDs = types.SetValueMust(types.StringType, []attr.Value{types.StringUnknown()})
			},
			want: []string{"blacklist_ids"},
		},
		"empty keepers keep nothing, as none do": {
			change: func(state, plan *discoveryOrderResourceModel) {
				state.Keepers = types.MapNull(types.StringType)
				plan.Keepers = types.MapValueMust(types.StringType, map[string]attr.Value{})
			},
		},
		"no keepers are as good as empty ones": {
			change: func(state, plan *discoveryOrderResourceModel) {
				state.Keepers = types.MapValueMust(types.StringType, map[string]attr.Value{})
				plan.Keepers = types.MapNull(types.StringType)
			},
		},
		"empty keepers instead of some": {
			change: func(_, plan *discoveryOrderResourceModel) {
				plan.Keepers = types.MapValueMust(types.StringType, map[string]attr.Value{})
			},
			want: []string{"keepers"},
		},
		"keepers not known yet instead of none may turn out to be some": {
			change: func(state, plan *discoveryOrderResourceModel) {
				state.Keepers, plan.Keepers = types.MapNull(types.StringType), types.MapUnknown(types.StringType)
			},
			want: []string{"keepers"},
		},
		"imported: what the API does not show is adopted": {
			change: func(state, _ *discoveryOrderResourceModel) {
				state.IdealCustomerProfile, state.BlacklistIDs, state.ContactRoles = types.StringNull(), nullSet(), nullSet()
				state.ProfileName, state.Keepers = types.StringNull(), types.MapNull(types.StringType)
			},
			imported: true,
		},
		"imported: what the API shows and the configuration does not name is left alone": {
			change:   func(_, plan *discoveryOrderResourceModel) { plan.OutputLanguage = types.StringNull() },
			imported: true,
		},
		"imported: the API may show countries as codes (U27)": {
			change:   func(state, _ *discoveryOrderResourceModel) { state.TargetCountries = setOf("AT", "DE") },
			imported: true,
		},
		"imported: codes for the countries that the API knows": {
			change: func(state, plan *discoveryOrderResourceModel) {
				state.TargetCountries, plan.TargetCountries = setOf("DE", "Liechtenstein"), setOf("Germany", "Liechtenstein")
			},
			imported: true,
		},
		"imported: fewer codes than countries are other countries": {
			change:   func(state, _ *discoveryOrderResourceModel) { state.TargetCountries = setOf("DE") },
			imported: true,
			want:     []string{"target_countries"},
		},
		"imported: other countries by name": {
			change:   func(state, _ *discoveryOrderResourceModel) { state.TargetCountries = setOf("France", "Germany") },
			imported: true,
			want:     []string{"target_countries"},
		},
		"imported: the API may change the case of what it shows": {
			change: func(state, _ *discoveryOrderResourceModel) {
				state.OutputLanguage, state.Features = types.StringValue("EN"), setOf("company_data", "contacts")
			},
			imported: true,
		},
		"imported: the API may change line ends": {
			change: func(state, plan *discoveryOrderResourceModel) {
				state.SellerOffering, plan.SellerOffering = types.StringValue("Leads\nfor all"), types.StringValue("Leads\r\nfor all")
			},
			imported: true,
		},
		"an order of ours: codes instead of names are other countries": {
			change: func(_, plan *discoveryOrderResourceModel) { plan.TargetCountries = setOf("AT", "DE") },
			want:   []string{"target_countries"},
		},
		"imported: what is not known yet may be another": {
			change:   func(_, plan *discoveryOrderResourceModel) { plan.Title = types.StringUnknown() },
			imported: true,
			want:     []string{"title"},
		},
		"imported: what both name differently is another order": {
			change:   func(_, plan *discoveryOrderResourceModel) { plan.Title = types.StringValue("Another") },
			imported: true,
			want:     []string{"title"},
		},
		"several, in the order of the documentation": {
			change: func(_, plan *discoveryOrderResourceModel) {
				plan.Keepers = types.MapNull(types.StringType)
				plan.Title = types.StringValue("Another")
			},
			want: []string{"title", "keepers"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			state, plan := fullOrder(), fullOrder()
			test.change(&state, &plan)
			var got []string
			for _, argument := range replacedArguments(&state, &plan, test.imported) {
				got = append(got, argument.name)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("replaced arguments (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRespelledArguments(t *testing.T) {
	state, plan := fullOrder(), fullOrder()
	plan.Title = types.StringValue(" DACH SaaS\n")
	plan.TargetCountries = setOf("Germany ", "Austria")
	plan.SellerOffering = types.StringValue("Something else")
	plan.SellerIndustry = types.StringNull()
	state.Priority, plan.Priority = types.StringNull(), types.StringValue("NORMAL")

	var got []string
	for _, argument := range respelledArguments(&state, &plan) {
		got = append(got, argument.name)
		if !argument.value.Equal(state.Title) && !argument.value.Equal(state.TargetCountries) {
			t.Errorf("%s = %s, want the value of state", argument.name, argument.value)
		}
	}
	// Terraform refuses a plan that keeps a prior value where there is none on either side: priority must not be here.
	if want := []string{"title", "target_countries"}; !slices.Equal(got, want) {
		t.Errorf("respelled arguments: got %v, want %v", got, want)
	}
}

func TestOrderToAPICreate(t *testing.T) {
	order := fullOrder()
	order.Title = types.StringValue("  DACH SaaS\n")
	order.Features = setOf("CONTACTS", " COMPANY_DATA ")
	quantity := int64(50)

	want := openprospect.CreateOrderRequest{
		OrderType:            "DISCOVERY",
		Title:                "DACH SaaS",
		Features:             []string{"COMPANY_DATA", "CONTACTS"},
		IdealCustomerProfile: "SaaS with 50 to 500 employees",
		SellerOffering:       "Lead generation",
		TargetCountries:      []string{"Austria", "Germany"},
		SellerIndustry:       "Software",
		TargetCities:         []string{"Berlin"},
		ExcludedIndustries:   []string{"Government"},
		OutputLanguage:       "en",
		BlacklistIDs:         []string{"d33b69ce-80ce-4ede-b4df-4b11427f8b55"},
		Priority:             "EXPRESS",
		WebhookURL:           "https://example.com/hook",
		ContactRoles:         []string{"CEO"},
		ProfileName:          "DACH",
		BriefingQuantity:     &quantity,
	}
	if diff := cmp.Diff(want, order.toAPICreate()); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

// A minimal order must not send what nobody set: the API might take it for a wish.
func TestOrderToAPICreateSendsOnlyWhatIsSet(t *testing.T) {
	order := discoveryOrderResourceModel{
		orderEchoModel: orderEchoModel{
			Title:           types.StringValue("T"),
			Features:        setOf("COMPANY_DATA"),
			SellerOffering:  types.StringValue("S"),
			TargetCountries: setOf("Germany"),
		},
		IdealCustomerProfile: types.StringValue("I"),
	}
	body, err := json.Marshal(order.toAPICreate())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"order_type":"DISCOVERY","title":"T","features":["COMPANY_DATA"],"ideal_customer_profile":"I","seller_offering":"S",` +
		`"target_countries":["Germany"]}`
	if string(body) != want {
		t.Errorf("body:\n got %s\nwant %s", body, want)
	}
}

func TestOrderArgumentNamesAreInTheRequest(t *testing.T) {
	order := fullOrder()
	order.ProfileID = types.StringValue("d33b69ce-80ce-4ede-b4df-4b11427f8b55")
	body, err := json.Marshal(order.toAPICreate())
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		t.Fatal(err)
	}
	delete(fields, "order_type")
	for _, name := range orderArgumentNames() {
		if _, sent := fields[name]; !sent {
			t.Errorf("argument %s is not sent", name)
		}
		delete(fields, name)
	}
	for name := range fields {
		t.Errorf("field %s is sent but is no argument that can force a replacement", name)
	}
}

func TestOrderProgressMerge(t *testing.T) {
	// An order without recorded keys is an answer that says nothing but id and status.
	silent := &openprospect.Order{ID: "o1", Status: "ACCEPTED"}

	known := discoveryOrderModel{}
	known.orderProgressModel = unknownProgress()
	known.Message = types.StringValue("Awaiting review.")
	known.CompanyCount = types.Int64Value(7)
	known.merge(silent)
	if got := known.Message; !got.Equal(types.StringValue("Awaiting review.")) {
		t.Errorf("message = %s: a key that the answer does not hold must leave it (U28)", got)
	}
	if got := known.CompanyCount; !got.Equal(types.Int64Value(7)) {
		t.Errorf("company_count = %s: a key that the answer does not hold must leave it (U28)", got)
	}
	if got := known.Status; !got.Equal(types.StringValue("ACCEPTED")) {
		t.Errorf("status = %s, want ACCEPTED", got)
	}
	for name, value := range known.attributes() {
		if value.IsUnknown() {
			t.Errorf("%s is unknown: Terraform fails an apply that leaves something unknown, and taints the order", name)
		}
	}

	known.merge(&openprospect.Order{ID: "o1"})
	if got := known.Status; !got.Equal(types.StringValue("ACCEPTED")) {
		t.Errorf("status = %s: an answer without status must leave it", got)
	}
}

func TestOrderExpectProgress(t *testing.T) {
	progress := orderProgressModel{Status: types.StringValue("RECEIVED"), CreatedAt: types.StringValue("2026-03-01T10:30:00.000000Z")}
	progress.expectProgress()
	for name, value := range progress.attributes() {
		if want := name != "created_at"; value.IsUnknown() != want {
			t.Errorf("%s unknown = %t, want %t", name, value.IsUnknown(), want)
		}
	}
	progress.CreatedAt = types.StringNull()
	progress.expectProgress()
	if !progress.CreatedAt.IsUnknown() {
		t.Error("created_at is not known before the first read: promising null would make the read inconsistent with the plan")
	}
}

func TestOrderAdoptKeepsWhatIsHeld(t *testing.T) {
	held := fullOrder()
	held.Title = types.StringValue(" DACH SaaS ")
	held.SellerIndustry = types.StringNull()
	held.TargetCities = nullSet()
	held.DeletionPolicy = types.StringNull()
	held.WaitForCompletion = types.BoolNull()
	held.adopt(&openprospect.Order{
		Title:              "DACH SaaS",
		SellerIndustry:     "Software",
		TargetCities:       []string{},
		ExcludedIndustries: []string{"Non-profit"},
	})

	if got := held.Title.ValueString(); got != " DACH SaaS " {
		t.Errorf("title = %q: what came from a configuration stays", got)
	}
	if got := held.SellerIndustry.ValueString(); got != "Software" {
		t.Errorf("seller_industry = %q, want the echo", got)
	}
	if !held.TargetCities.IsNull() {
		t.Errorf("target_cities = %s: an empty list is the same as none (U29)", held.TargetCities)
	}
	if !held.ExcludedIndustries.Equal(setOf("Government")) {
		t.Errorf("excluded_industries = %s, want what was held", held.ExcludedIndustries)
	}
	if got := held.DeletionPolicy.ValueString(); got != deletionPolicyAbandon {
		t.Errorf("deletion_policy = %q, want the default", got)
	}
	if held.WaitForCompletion.IsNull() || held.WaitForCompletion.ValueBool() {
		t.Errorf("wait_for_completion = %s, want the default", held.WaitForCompletion)
	}
}

func TestSetOrNull(t *testing.T) {
	for name, test := range map[string]struct {
		list []string
		want types.Set
	}{
		"null":                         {nil, nullSet()},
		"empty is null (U29)":          {[]string{}, nullSet()},
		"order does not matter":        {[]string{"b", "a"}, setOf("a", "b")},
		"a set has no element twice":   {[]string{"a", "b", "a"}, setOf("a", "b")},
		"elements are kept as spelled": {[]string{" a"}, setOf(" a")},
	} {
		t.Run(name, func(t *testing.T) {
			if got := setOrNull(test.list); !got.Equal(test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestOrderChecks(t *testing.T) {
	umlauts := strings.Repeat("ü", 500) // 1,000 bytes
	for name, test := range map[string]struct {
		check func(string) error
		value string
		valid bool
	}{
		"characters are counted, not bytes":           {orderText(500).check, umlauts, true},
		"one character too many":                      {orderText(500).check, umlauts + "ü", false},
		"white space around is not sent, nor counted": {orderText(500).check, "\n" + umlauts + " \n", true},
		"empty":              {orderText(500).check, "", false},
		"blank":              {orderText(0).check, " \t\n", false},
		"no limit":           {orderText(0).check, umlauts + umlauts, true},
		"UUID":               {checkUUID, "d33b69ce-80ce-4ede-b4df-4b11427f8b55", true},
		"UUID in upper case": {checkUUID, "D33B69CE-80CE-4EDE-B4DF-4B11427F8B55", true},
		"UUID without dashes is not what the API takes": {checkUUID, "d33b69ce80ce4edeb4df4b11427f8b55", false},
		"UUID in braces is not what the API takes":      {checkUUID, "{d33b69ce-80ce-4ede-b4df-4b11427f8b55}", false},
		"UUID with a line before it":                    {checkUUID, "x\nd33b69ce-80ce-4ede-b4df-4b11427f8b55", false},
		"no UUID":                                       {checkUUID, "customers", false},
		"https":                                         {checkHTTPSURL, "https://example.com/hook?token=1", true},
		"http":                                          {checkHTTPSURL, "http://example.com/hook", false},
		"no host":                                       {checkHTTPSURL, "https:///hook", false},
		"relative":                                      {checkHTTPSURL, "example.com/hook", false},
		"timestamp":                                     {checkTimestamp, "2026-03-02T14:30:00.000000Z", true},
		"timestamp with offset":                         {checkTimestamp, "2026-03-02T14:30:00+01:00", true},
		"timestamp without zone":                        {checkTimestamp, "2026-03-02T14:30:00", true},
		"date":                                          {checkTimestamp, "2026-03-02", true},
		"no date":                                       {checkTimestamp, "yesterday", false},
		"no such day":                                   {checkTimestamp, "2026-02-30T00:00:00Z", false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := test.check(test.value); (err == nil) != test.valid {
				t.Errorf("check(%q) = %v, want valid %t", test.value, err, test.valid)
			}
		})
	}
}

func TestCheckElements(t *testing.T) {
	for name, test := range map[string]struct {
		set  types.Set
		want string
	}{
		"valid":         {setOf("Germany", "Austria"), ""},
		"empty":         {setOf(), "at least one element"},
		"empty element": {setOf("Germany", ""), "empty or blank element"},
		"blank element": {setOf("Germany", " "), "empty or blank element"},
		"twice":         {setOf("Germany", "Germany "), `"Germany" twice`},
		"null element":  {types.SetValueMust(types.StringType, []attr.Value{types.StringNull()}), "null element"},
		"not known yet": {types.SetValueMust(types.StringType, []attr.Value{types.StringUnknown()}), ""},
		"partly known, wrong": {
			types.SetValueMust(types.StringType, []attr.Value{types.StringUnknown(), types.StringValue("")}), "empty or blank element",
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := checkElements(test.set, nil)
			if test.want == "" && err != nil {
				t.Errorf("got %v, want no error", err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}
