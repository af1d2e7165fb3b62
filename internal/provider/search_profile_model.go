package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// defaultProfileTimeout bounds the wait for a search profile unless timeouts say otherwise.
const defaultProfileTimeout = 10 * time.Minute

// profileTimeoutTypes are the fields of timeouts.
var profileTimeoutTypes = map[string]attr.Type{"create": types.StringType}

// searchProfileModel is a search profile as the resource holds it.
type searchProfileModel struct {
	Name                 types.String   `tfsdk:"name"`
	IdealCustomerProfile types.String   `tfsdk:"ideal_customer_profile"`
	SellerOffering       types.String   `tfsdk:"seller_offering"`
	TargetCountries      types.Set      `tfsdk:"target_countries"`
	SellerIndustry       types.String   `tfsdk:"seller_industry"`
	TargetCities         types.Set      `tfsdk:"target_cities"`
	TargetIndustries     types.Set      `tfsdk:"target_industries"`
	ExcludedIndustries   types.Set      `tfsdk:"excluded_industries"`
	ContactRoles         types.Set      `tfsdk:"contact_roles"`
	OutputLanguage       types.String   `tfsdk:"output_language"`
	Keepers              types.Map      `tfsdk:"keepers"`
	Timeouts             timeouts.Value `tfsdk:"timeouts"`
	ID                   types.String   `tfsdk:"id"`
	CreationID           types.String   `tfsdk:"creation_id"`
	Status               types.String   `tfsdk:"status"`
}

// arguments are all arguments that make a profile the profile it is, in the order of the documentation. A change of any of them is
// another profile, for the API has no update.
func (m *searchProfileModel) arguments() []orderArgument {
	return []orderArgument{
		{"name", m.Name},
		{"ideal_customer_profile", m.IdealCustomerProfile},
		{"seller_offering", m.SellerOffering},
		{"target_countries", m.TargetCountries},
		{"seller_industry", m.SellerIndustry},
		{"target_cities", m.TargetCities},
		{"target_industries", m.TargetIndustries},
		{"excluded_industries", m.ExcludedIndustries},
		{"contact_roles", m.ContactRoles},
		{"output_language", m.OutputLanguage},
		{"keepers", m.Keepers},
	}
}

// mayEqual reports whether the arguments that are known of the planned profile make it the same profile. Its name and the description of
// the ideal customer must be known.
func (m *searchProfileModel) mayEqual(planned *searchProfileModel) bool {
	if planned.Name.IsUnknown() || planned.IdealCustomerProfile.IsUnknown() {
		return false
	}
	held := m.arguments()
	for i, argument := range planned.arguments() {
		if fullyKnown(argument.value) && !sameArgument(argument.name, held[i].value, argument.value) {
			return false
		}
	}
	return true
}

// searchProfileArgumentNames are the names of the arguments that the API knows under the same name.
func searchProfileArgumentNames() []string {
	var names []string
	for _, argument := range new(searchProfileModel).arguments() {
		if argument.name != "keepers" && argument.name != "name" {
			names = append(names, argument.name)
		}
	}
	return names
}

func (m *searchProfileModel) toAPI() openprospect.SearchProfileRequest {
	request := openprospect.SearchProfileRequest{
		Name:                 m.Name.ValueString(),
		IdealCustomerProfile: m.IdealCustomerProfile.ValueString(),
		SellerOffering:       m.SellerOffering.ValueString(),
		TargetCountries:      trimmedElements(m.TargetCountries),
		SellerIndustry:       m.SellerIndustry.ValueString(),
		TargetCities:         trimmedElements(m.TargetCities),
		TargetIndustries:     trimmedElements(m.TargetIndustries),
		ExcludedIndustries:   trimmedElements(m.ExcludedIndustries),
		ContactRoles:         trimmedElements(m.ContactRoles),
		OutputLanguage:       m.OutputLanguage.ValueString(),
		Keepers:              map[string]string{},
	}
	for key, value := range m.Keepers.Elements() {
		if text, ok := value.(types.String); ok {
			request.Keepers[key] = text.ValueString()
		}
	}
	return request
}

// made records the profile. Nothing is unknown afterwards.
func (m *searchProfileModel) made(profile *openprospect.SearchProfile) {
	m.ID = types.StringValue(profile.ID)
	m.CreationID = types.StringValue(profile.CreationID)
	m.Status = types.StringValue(openprospect.StatusSucceeded)
}
