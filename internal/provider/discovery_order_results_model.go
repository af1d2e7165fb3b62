package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// companyModel is a discovered company (guide, step 4).
type companyModel struct {
	ID                        types.String           `tfsdk:"id"`
	Name                      types.String           `tfsdk:"name"`
	WebsiteURL                types.String           `tfsdk:"website_url"`
	NormalizedURL             types.String           `tfsdk:"normalized_url"`
	BusinessType              types.String           `tfsdk:"business_type"`
	City                      types.String           `tfsdk:"city"`
	Country                   types.String           `tfsdk:"country"`
	Description               types.String           `tfsdk:"description"`
	EmployeeCount             types.Int64            `tfsdk:"employee_count"`
	PhoneNumbers              types.List             `tfsdk:"phone_numbers"`
	SocialMediaLinks          []socialMediaLinkModel `tfsdk:"social_media_links"`
	MatchScore                types.Float64          `tfsdk:"match_score"`
	MatchReasons              types.List             `tfsdk:"match_reasons"`
	MatchReasoning            types.String           `tfsdk:"match_reasoning"`
	WebTechnologies           types.List             `tfsdk:"web_technologies"`
	WebTechnologiesAnalyzedAt types.String           `tfsdk:"web_technologies_analyzed_at"`
	SourceID                  types.String           `tfsdk:"source_id"`
	DeliveredAt               types.String           `tfsdk:"delivered_at"`
	LegalRegistrationInfo     types.String           `tfsdk:"legal_registration_info"`
	ProspectCount             types.Int64            `tfsdk:"prospect_count"`
	Prospects                 []prospectModel        `tfsdk:"prospects"`
}

type socialMediaLinkModel struct {
	Platform types.String `tfsdk:"platform"`
	URL      types.String `tfsdk:"url"`
}

// prospectModel is a person at a company: personal data.
type prospectModel struct {
	ID                   types.String  `tfsdk:"id"`
	CompanyID            types.String  `tfsdk:"company_id"`
	FirstName            types.String  `tfsdk:"first_name"`
	LastName             types.String  `tfsdk:"last_name"`
	JobTitle             types.String  `tfsdk:"job_title"`
	Email                types.String  `tfsdk:"email"`
	PhoneNumber          types.String  `tfsdk:"phone_number"`
	LinkedinURL          types.String  `tfsdk:"linkedin_url"`
	QualificationScore   types.Float64 `tfsdk:"qualification_score"`
	QualificationReason  types.String  `tfsdk:"qualification_reason"`
	EmailType            types.String  `tfsdk:"email_type"`
	ValidationConfidence types.Float64 `tfsdk:"validation_confidence"`
	BounceRiskScore      types.Float64 `tfsdk:"bounce_risk_score"`
}

// companiesFromAPI gives the companies, with their prospects only if asked for. It is
// never nil: no companies are an empty list to Terraform, not null.
func companiesFromAPI(companies []openprospect.Company, includeProspects bool) []companyModel {
	models := make([]companyModel, len(companies))
	for i := range companies {
		models[i].fromAPI(&companies[i])
		if !includeProspects {
			models[i].Prospects = []prospectModel{}
		}
	}
	return models
}

func (m *companyModel) fromAPI(company *openprospect.Company) {
	*m = companyModel{
		ID:                        stringOrNull(company.ID),
		Name:                      stringOrNull(company.Name),
		WebsiteURL:                stringOrNull(company.WebsiteURL),
		NormalizedURL:             stringOrNull(company.NormalizedURL),
		BusinessType:              stringOrNull(company.BusinessType),
		City:                      stringOrNull(company.City),
		Country:                   stringOrNull(company.Country),
		Description:               stringOrNull(company.Description),
		EmployeeCount:             types.Int64PointerValue(company.EmployeeCount),
		PhoneNumbers:              stringList(company.PhoneNumbers),
		SocialMediaLinks:          make([]socialMediaLinkModel, len(company.SocialMediaLinks)),
		MatchScore:                types.Float64PointerValue(company.MatchScore),
		MatchReasons:              stringList(company.MatchReasons),
		MatchReasoning:            stringOrNull(company.MatchReasoning),
		WebTechnologies:           stringList(company.WebTechnologies),
		WebTechnologiesAnalyzedAt: stringOrNull(company.WebTechnologiesAnalyzedAt),
		SourceID:                  stringOrNull(company.SourceID),
		DeliveredAt:               stringOrNull(company.DeliveredAt),
		LegalRegistrationInfo:     stringOrNull(company.LegalRegistrationInfo),
		ProspectCount:             types.Int64Value(int64(len(company.Prospects))),
		Prospects:                 make([]prospectModel, len(company.Prospects)),
	}
	for i, link := range company.SocialMediaLinks {
		m.SocialMediaLinks[i] = socialMediaLinkModel{stringOrNull(link.Platform), stringOrNull(link.URL)}
	}
	for i := range company.Prospects {
		m.Prospects[i].fromAPI(&company.Prospects[i])
	}
}

func (m *prospectModel) fromAPI(prospect *openprospect.Prospect) {
	*m = prospectModel{
		ID:                   stringOrNull(prospect.ID),
		CompanyID:            stringOrNull(prospect.CompanyID),
		FirstName:            stringOrNull(prospect.FirstName),
		LastName:             stringOrNull(prospect.LastName),
		JobTitle:             stringOrNull(prospect.JobTitle),
		Email:                stringOrNull(prospect.Email),
		PhoneNumber:          stringOrNull(prospect.PhoneNumber),
		LinkedinURL:          stringOrNull(prospect.LinkedinURL),
		QualificationScore:   types.Float64PointerValue(prospect.QualificationScore),
		QualificationReason:  stringOrNull(prospect.QualificationReason),
		EmailType:            stringOrNull(prospect.EmailType),
		ValidationConfidence: types.Float64PointerValue(prospect.ValidationConfidence),
		BounceRiskScore:      types.Float64PointerValue(prospect.BounceRiskScore),
	}
}

// stringList keeps the API's order; null and empty are both an empty list, so
// that expressions need no case for null.
func stringList(list []string) types.List {
	elements := make([]attr.Value, 0, len(list))
	for _, element := range list {
		elements = append(elements, types.StringValue(element))
	}
	return types.ListValueMust(types.StringType, elements)
}
