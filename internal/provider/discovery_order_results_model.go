package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// defaultMaxCompanies bounds what is read, and so what gets into state (U34).
const defaultMaxCompanies = 1000

// orderResultsModel is what an order has found, as the data source and the
// ephemeral resource show it.
type orderResultsModel struct {
	OrderID        types.String   `tfsdk:"order_id"`
	MinMatchScore  types.Float64  `tfsdk:"min_match_score"`
	DeliveredSince types.String   `tfsdk:"delivered_since"`
	MaxCompanies   types.Int64    `tfsdk:"max_companies"`
	Status         types.String   `tfsdk:"status"`
	Total          types.Int64    `tfsdk:"total"`
	Companies      []companyModel `tfsdk:"companies"`
}

// read fills in what the API says of the order and of what it has found.
func (m *orderResultsModel) read(ctx context.Context, client *openprospect.Client, includeProspects bool, diags *diag.Diagnostics) {
	id := trimmed(m.OrderID)

	order, err := client.GetOrder(ctx, id)
	if err != nil {
		addAPIError(diags, "read", "discovery order "+id, err)
		return
	}
	if !isDiscovery(order, diags) {
		return
	}
	m.Status = stringOrNull(order.Status)
	m.Total = types.Int64Value(0)
	m.Companies = []companyModel{}
	if order.Status == openprospect.StatusCompleted {
		results, err := client.GetOrderResults(ctx, id, m.options())
		if err != nil {
			addAPIError(diags, "read", "results of discovery order "+id, err, "delivered_since")
			return
		}
		m.Total = types.Int64Value(results.Total)
		m.Companies = companiesFromAPI(results.Companies, includeProspects)
		if problem, incomplete := m.incomplete(order, results.Ready); incomplete {
			addWarning(diags, problem)
		}
	}
}

func (m *orderResultsModel) options() openprospect.ResultsOptions {
	options := openprospect.ResultsOptions{
		DeliveredSince: m.DeliveredSince.ValueString(),
		MinMatchScore:  m.MinMatchScore.ValueFloat64Pointer(),
		MaxCompanies:   defaultMaxCompanies,
	}
	if !m.MaxCompanies.IsNull() {
		options.MaxCompanies = int(m.MaxCompanies.ValueInt64())
	}
	return options
}

// incomplete tells of companies that nobody chose to leave out.
func (m *orderResultsModel) incomplete(order *openprospect.Order, ready bool) (problem message, incomplete bool) {
	switch {
	case !ready && order.CompanyCount > 0 && m.DeliveredSince.IsNull():
		return message{
			"Results not ready",
			fmt.Sprintf("The discovery order %s (%s) has %d companies, but the API does not return them yet. Read them again later.",
				order.ID, order.Status, order.CompanyCount),
		}, true
	case m.MaxCompanies.IsNull() && len(m.Companies) == defaultMaxCompanies && m.Total.ValueInt64() > defaultMaxCompanies:
		return message{
			"Not all results were read",
			fmt.Sprintf("The discovery order %s has %d companies, but only the first %d were read. "+
				"Set max_companies to read more, or to %d to hide this warning.",
				order.ID, m.Total.ValueInt64(), defaultMaxCompanies, defaultMaxCompanies),
		}, true
	}
	return message{}, false
}

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

// companiesFromAPI returns the companies, with their prospects only if asked for. It is
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
