package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ datasource.DataSource              = (*discoveryOrderResultsDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*discoveryOrderResultsDataSource)(nil)
)

func newDiscoveryOrderResultsDataSource() datasource.DataSource {
	return &discoveryOrderResultsDataSource{}
}

type discoveryOrderResultsDataSource struct{ data *providerData }

type discoveryOrderResultsModel struct {
	orderResultsModel

	IncludeProspects types.Bool `tfsdk:"include_prospects"`
}

func (d *discoveryOrderResultsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_discovery_order_results"
}

func (d *discoveryOrderResultsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := resultsAttributes("People at the company. Empty unless `include_prospects` is `true`.")
	attributes["include_prospects"] = schema.BoolAttribute{
		MarkdownDescription: "Whether to read the people at each company into state. Defaults to `false`. Their names, addresses " +
			"and numbers are marked as sensitive, but state stores them in plain text.",
		Optional: true,
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the companies that a discovery order has found. Until the order is `COMPLETED`, `companies` " +
			"is empty. `status` shows how far the order is.\n\n" +
			"Terraform stores data sources in state. People (`prospects`) are personal data, so they are left out unless you set " +
			"`include_prospects = true`.\n\n" +
			"Sends one request for the order and one per 100 companies.",
		Attributes: attributes,
	}
}

// resultsAttributes are those that the ephemeral resource has as well; see companyAttributes.
func resultsAttributes(prospects string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"order_id": schema.StringAttribute{
			MarkdownDescription: "ID of the order.",
			Required:            true,
			Validators:          []validator.String{requiredText(0)},
		},
		"min_match_score": schema.Float64Attribute{
			MarkdownDescription: "Lowest match score, from 0 to 10. Companies with a lower score or with none are left out. If " +
				"not set, all companies are included. The API has no such filter, so this saves no requests.",
			Optional:   true,
			Validators: []validator.Float64{floatBetween{0, 10}},
		},
		"delivered_since": schema.StringAttribute{
			MarkdownDescription: "Only companies that were delivered after this ISO 8601 timestamp, such as " +
				"`2026-03-02T14:30:00Z`. If not set, all companies are included.",
			Optional:   true,
			Validators: []validator.String{isTimestamp()},
		},
		"max_companies": schema.Int64Attribute{
			MarkdownDescription: "Maximum number of companies to read, at least 1. Defaults to 1,000. `total` shows how many " +
				"there are.",
			Optional:   true,
			Validators: []validator.Int64{int64validator.AtLeast(1)},
		},
		"status": schema.StringAttribute{MarkdownDescription: "Status of the order.", Computed: true},
		"total": schema.Int64Attribute{
			MarkdownDescription: "Number of companies at the API, before `min_match_score` and `max_companies`. 0 until the " +
				"order is `COMPLETED`.",
			Computed: true,
		},
		"companies": schema.ListNestedAttribute{
			MarkdownDescription: "The companies, in the order of the API.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: companyAttributes(prospects)},
		},
	}
}

// companyAttributes take from the caller when there are people in the companies.
func companyAttributes(prospects string) map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	texts := func(description string) schema.ListAttribute {
		return schema.ListAttribute{MarkdownDescription: description, Computed: true, ElementType: types.StringType}
	}
	return map[string]schema.Attribute{
		"id":             text("ID of the company."),
		"name":           text("Name."),
		"website_url":    text("Website."),
		"normalized_url": text("Domain of the website."),
		"business_type":  text("Type of business."),
		"city":           text("City."),
		"country":        text("Country."),
		"description":    text("Description."),
		"employee_count": schema.Int64Attribute{MarkdownDescription: "Number of employees.", Computed: true},
		"phone_numbers":  texts("Phone numbers of the company."),
		"social_media_links": schema.ListNestedAttribute{
			MarkdownDescription: "Pages on social networks.",
			Computed:            true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"platform": text("Network, such as `linkedin`."),
				"url":      text("Address of the page."),
			}},
		},
		"match_score": schema.Float64Attribute{
			MarkdownDescription: "How well the company matches the profile, 0 to 10.",
			Computed:            true,
		},
		"match_reasons":                texts("Short reasons why the company matches."),
		"match_reasoning":              text("Explanation why the company matches."),
		"web_technologies":             texts("Technologies that the website uses."),
		"web_technologies_analyzed_at": text("When the website was analysed."),
		"source_id":                    text("Your own ID of the company. Null for companies that a discovery order finds."),
		"delivered_at":                 text("When the company was delivered."),
		"legal_registration_info":      text("Legal registration, as JSON for `jsondecode`."),
		"prospect_count":               schema.Int64Attribute{MarkdownDescription: "Number of people found at the company.", Computed: true},
		"prospects": schema.ListNestedAttribute{
			MarkdownDescription: prospects,
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: prospectAttributes()},
		},
	}
}

// prospectAttributes mark what tells who a person is, or how to reach them, as sensitive.
func prospectAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	personal := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true, Sensitive: true}
	}
	number := func(description string) schema.Float64Attribute {
		return schema.Float64Attribute{MarkdownDescription: description, Computed: true}
	}
	return map[string]schema.Attribute{
		"id":                    text("ID of the person."),
		"company_id":            text("ID of the company."),
		"first_name":            personal("First name."),
		"last_name":             personal("Last name."),
		"job_title":             text("Job title."),
		"email":                 personal("E-mail address."),
		"phone_number":          personal("Phone number."),
		"linkedin_url":          personal("LinkedIn page."),
		"qualification_score":   number("How well the person fits, 0 to 10."),
		"qualification_reason":  personal("Why the person fits."),
		"email_type":            text("Type of e-mail address, such as `PERSONAL`."),
		"validation_confidence": number("Confidence that the e-mail address is valid, in percent."),
		"bounce_risk_score":     number("Risk that an e-mail to this address bounces, in percent."),
	}
}

func (d *discoveryOrderResultsDataSource) Configure(
	_ context.Context,
	req datasource.ConfigureRequest,
	resp *datasource.ConfigureResponse,
) {
	d.data = unwrapProviderData(req.ProviderData, &resp.Diagnostics)
}

func (d *discoveryOrderResultsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	if !d.data.ready(&resp.Diagnostics) {
		return
	}
	var config discoveryOrderResultsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	config.read(ctx, d.data.client, config.IncludeProspects.ValueBool(), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}
