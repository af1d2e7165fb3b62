package openprospect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Company is a discovered company (guide, step 4). A string is "" and a list nil
// where the API sends null or nothing.
type Company struct {
	ID                        string
	Name                      string
	WebsiteURL                string
	NormalizedURL             string
	BusinessType              string
	City                      string
	Country                   string
	Description               string
	EmployeeCount             *int64
	PhoneNumbers              []string
	SocialMediaLinks          []SocialMediaLink
	MatchScore                *float64
	MatchReasons              []string
	MatchReasoning            string
	WebTechnologies           []string
	WebTechnologiesAnalyzedAt string
	SourceID                  string
	DeliveredAt               string
	// LegalRegistrationInfo is free-form JSON (U33); "" when null.
	LegalRegistrationInfo string
	Prospects             []Prospect
}

// SocialMediaLink is a company's page on a social network.
type SocialMediaLink struct {
	Platform string
	URL      string
}

// Prospect is a person at a discovered company: personal data.
type Prospect struct {
	ID                   string
	CompanyID            string
	FirstName            string
	LastName             string
	JobTitle             string
	Email                string
	PhoneNumber          string
	LinkedinURL          string
	QualificationScore   *float64
	QualificationReason  string
	EmailType            string
	ValidationConfidence *float64
	BounceRiskScore      *float64
}

// ResultsOptions select results.
type ResultsOptions struct {
	// DeliveredSince is an ISO 8601 timestamp; "" is all.
	DeliveredSince string
	// MinMatchScore leaves out companies of a lower or no score; nil is all.
	// The API has no such filter: pages are read and filtered here.
	MinMatchScore *float64
	// MaxCompanies bounds the answer; 0 is no bound. Pages beyond it are not read.
	MaxCompanies int
}

// Results are the companies that an order has found so far.
type Results struct {
	Companies []Company
	// Total is what the API says it holds (before MinMatchScore); without a total from the API, the
	// number of companies read.
	Total int64
	// Ready is false when the API answered that there are no results yet, by a status of its own or an
	// empty page (U31).
	Ready bool
}

// resultsNoun is also the envelope's key beside "items".
const resultsNoun = "results"

type wireCompany struct {
	ID                        text            `json:"id"`
	Name                      text            `json:"name"`
	WebsiteURL                text            `json:"website_url"`
	NormalizedURL             text            `json:"normalized_url"`
	BusinessType              text            `json:"business_type"`
	City                      text            `json:"city"`
	Country                   text            `json:"country"`
	Description               text            `json:"description"`
	EmployeeCount             number          `json:"employee_count"`
	PhoneNumbers              textList        `json:"phone_numbers"`
	SocialMediaLinks          []wireLink      `json:"social_media_links"`
	MatchScore                number          `json:"match_score"`
	MatchReasons              textList        `json:"match_reasons"`
	MatchReasoning            text            `json:"match_reasoning"`
	WebTechnologies           textList        `json:"web_technologies"`
	WebTechnologiesAnalyzedAt text            `json:"web_technologies_analyzed_at"`
	SourceID                  text            `json:"source_id"`
	DeliveredAt               text            `json:"delivered_at"`
	LegalRegistrationInfo     json.RawMessage `json:"legal_registration_info"`
	Prospects                 []wireProspect  `json:"prospects"`
}

type wireLink struct {
	Platform text `json:"platform"`
	URL      text `json:"url"`
}

type wireProspect struct {
	ID                   text   `json:"id"`
	CompanyID            text   `json:"company_id"`
	FirstName            text   `json:"first_name"`
	LastName             text   `json:"last_name"`
	JobTitle             text   `json:"job_title"`
	Email                text   `json:"email"`
	PhoneNumber          text   `json:"phone_number"`
	LinkedinURL          text   `json:"linkedin_url"`
	QualificationScore   number `json:"qualification_score"`
	QualificationReason  text   `json:"qualification_reason"`
	EmailType            text   `json:"email_type"`
	ValidationConfidence number `json:"validation_confidence"`
	BounceRiskScore      number `json:"bounce_risk_score"`
}

func (w wireCompany) company() Company {
	company := Company{
		ID: string(w.ID), Name: string(w.Name), WebsiteURL: string(w.WebsiteURL), NormalizedURL: string(w.NormalizedURL),
		BusinessType: string(w.BusinessType), City: string(w.City), Country: string(w.Country), Description: string(w.Description),
		EmployeeCount: w.EmployeeCount.integer(), PhoneNumbers: w.PhoneNumbers,
		MatchScore: w.MatchScore.float(), MatchReasons: w.MatchReasons, MatchReasoning: string(w.MatchReasoning),
		WebTechnologies: w.WebTechnologies, WebTechnologiesAnalyzedAt: string(w.WebTechnologiesAnalyzedAt),
		SourceID: string(w.SourceID), DeliveredAt: string(w.DeliveredAt),
	}
	if info := w.LegalRegistrationInfo; jsonKind(info) != "null" {
		var compact bytes.Buffer
		if json.Compact(&compact, info) == nil {
			company.LegalRegistrationInfo = compact.String()
		}
	}
	for _, link := range w.SocialMediaLinks {
		company.SocialMediaLinks = append(company.SocialMediaLinks, SocialMediaLink{Platform: string(link.Platform), URL: string(link.URL)})
	}
	for _, prospect := range w.Prospects {
		company.Prospects = append(company.Prospects, prospect.prospect())
	}
	return company
}

func (w wireProspect) prospect() Prospect {
	return Prospect{
		ID: string(w.ID), CompanyID: string(w.CompanyID), FirstName: string(w.FirstName), LastName: string(w.LastName),
		JobTitle: string(w.JobTitle), Email: string(w.Email), PhoneNumber: string(w.PhoneNumber), LinkedinURL: string(w.LinkedinURL),
		QualificationScore: w.QualificationScore.float(), QualificationReason: string(w.QualificationReason),
		EmailType: string(w.EmailType), ValidationConfidence: w.ValidationConfidence.float(), BounceRiskScore: w.BounceRiskScore.float(),
	}
}

func decodeCompanies(raw json.RawMessage) ([]Company, error) {
	var wires []wireCompany
	if err := json.Unmarshal(raw, &wires); err != nil {
		return nil, err
	}
	found := make([]Company, len(wires))
	for i, wire := range wires {
		found[i] = wire.company()
	}
	return found, nil
}

// GetOrderResults reads the results of an order, page by page. An order that is not
// complete returns an empty answer with Ready false, not an error (U31); an order
// that does not exist is an error.
func (c *Client) GetOrderResults(ctx context.Context, orderID string, options ResultsOptions) (*Results, error) {
	path, err := endpoint("orders", orderID, "results")
	if err != nil {
		return nil, c.unsent(call{method: http.MethodGet, path: "/orders/…/results"}, err.Error(), nil)
	}
	list := listing[Company]{
		noun: resultsNoun, path: path, query: url.Values{}, decode: decodeCompanies,
		id: func(company Company) string { return company.ID },
	}
	if options.DeliveredSince != "" {
		list.query.Set("delivered_since", options.DeliveredSince)
	}
	if options.MaxCompanies > 0 {
		list.enough = func(read *walk[Company]) bool { return len(options.wanted(read.rows)) >= options.MaxCompanies }
		if options.MinMatchScore == nil {
			list.limit = options.MaxCompanies
		}
	}
	found, err := readList(ctx, c, list)
	switch {
	case notReady(err):
		return &Results{}, nil
	case err != nil:
		return nil, err
	}
	results := &Results{Companies: options.wanted(found.rows), Total: int64(len(found.rows)), Ready: len(found.rows) > 0}
	if found.total != nil {
		results.Total = *found.total
	}
	return results, nil
}

// wanted returns the companies that the options select.
func (o ResultsOptions) wanted(companies []Company) []Company {
	var wanted []Company
	for _, company := range companies {
		if o.MaxCompanies > 0 && len(wanted) == o.MaxCompanies {
			break
		}
		if o.MinMatchScore == nil || company.MatchScore != nil && *company.MatchScore >= *o.MinMatchScore {
			wanted = append(wanted, company)
		}
	}
	return wanted
}

// notReady reports an answer that means "no results yet" (U31): 409, 425, a 404 that speaks of results rather
// than of the order, or a 422 that finds no fault with the query.
func notReady(err error) bool {
	var answered *Error
	if !errors.As(err, &answered) {
		return false
	}
	switch answered.StatusCode {
	case http.StatusConflict, http.StatusTooEarly:
		return true
	case http.StatusNotFound:
		return IsNotFound(err) && strings.Contains(strings.ToUpper(answered.Code), "RESULT")
	case http.StatusUnprocessableEntity:
		return !answered.mentions("delivered_since", "limit", "offset")
	}
	return false
}
