package openprospect_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// guideCompany is the company of the guide's answer (step 4).
const guideCompany = `{
  "id": "b2c3d4e5-f6a7-8901-bcde-f12345678901",
  "name": "CloudOps Technologies GmbH",
  "website_url": "https://www.cloudops-tech.de",
  "normalized_url": "cloudops-tech.de",
  "business_type": "B2B SaaS",
  "city": "Berlin",
  "country": "Germany",
  "description": "Cloud operations platform for enterprise DevOps teams...",
  "employee_count": 85,
  "phone_numbers": ["+49 30 98765432"],
  "social_media_links": [{"platform": "linkedin", "url": "https://linkedin.com/company/cloudops-tech"}],
  "match_score": 9,
  "match_reasons": ["Industry match", "Size match", "Location match", "Growth signals"],
  "match_reasoning": "Strong ICP fit: B2B SaaS company in Berlin with 85 employees...",
  "web_technologies": ["React", "AWS", "Kubernetes"],
  "web_technologies_analyzed_at": "2026-03-02T14:00:00.000000Z",
  "source_id": null,
  "delivered_at": "2026-03-02T14:30:00.000000Z",
  "legal_registration_info": null,
  "prospects": [{
    "id": "f6a7b8c9-d0e1-2345-f6a7-b8c9d0e12345",
    "company_id": "b2c3d4e5-f6a7-8901-bcde-f12345678901",
    "first_name": "Thomas",
    "last_name": "Weber",
    "job_title": "CTO",
    "email": "t.weber@cloudops-tech.de",
    "phone_number": null,
    "linkedin_url": "https://linkedin.com/in/thomasweber",
    "qualification_score": 9,
    "qualification_reason": "C-level technology decision maker",
    "email_type": "PERSONAL",
    "validation_confidence": 92,
    "bounce_risk_score": 8
  }]
}`

func pointer[T any](value T) *T { return &value }

func TestResultsOfTheGuide(t *testing.T) {
	want := openprospect.Company{
		ID: "b2c3d4e5-f6a7-8901-bcde-f12345678901", Name: "CloudOps Technologies GmbH", WebsiteURL: "https://www.cloudops-tech.de",
		NormalizedURL: "cloudops-tech.de", BusinessType: "B2B SaaS", City: "Berlin", Country: "Germany",
		Description:   "Cloud operations platform for enterprise DevOps teams...",
		EmployeeCount: pointer(int64(85)), PhoneNumbers: []string{"+49 30 98765432"},
		SocialMediaLinks: []openprospect.SocialMediaLink{{Platform: "linkedin", URL: "https://linkedin.com/company/cloudops-tech"}},
		MatchScore:       pointer(9.0), MatchReasons: []string{"Industry match", "Size match", "Location match", "Growth signals"},
		MatchReasoning:  "Strong ICP fit: B2B SaaS company in Berlin with 85 employees...",
		WebTechnologies: []string{"React", "AWS", "Kubernetes"}, WebTechnologiesAnalyzedAt: "2026-03-02T14:00:00.000000Z",
		DeliveredAt: "2026-03-02T14:30:00.000000Z",
		Prospects: []openprospect.Prospect{{
			ID: "f6a7b8c9-d0e1-2345-f6a7-b8c9d0e12345", CompanyID: "b2c3d4e5-f6a7-8901-bcde-f12345678901",
			FirstName: "Thomas", LastName: "Weber", JobTitle: "CTO", Email: "t.weber@cloudops-tech.de",
			LinkedinURL: "https://linkedin.com/in/thomasweber", QualificationScore: pointer(9.0),
			QualificationReason: "C-level technology decision maker", EmailType: "PERSONAL",
			ValidationConfidence: pointer(92.0), BounceRiskScore: pointer(8.0),
		}},
	}
	a := newAPI(t, answers(200, `{"items":[`+guideCompany+`],"total":47,"limit":1,"offset":0,"has_more":true}`))
	got, err := a.client.GetOrderResults(
		t.Context(),
		"o1",
		openprospect.ResultsOptions{MaxCompanies: 1, DeliveredSince: "2026-03-01T00:00:00Z"},
	)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Ready || got.Total != 47 || len(got.Companies) != 1 || !reflect.DeepEqual(got.Companies[0], want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	if len(a.sent()) != 1 || a.sent()[0].path != "/orders/o1/results" ||
		a.sent()[0].query != "delivered_since=2026-03-01T00%3A00%3A00Z&limit=1" {
		t.Errorf("sent %v", a.sent())
	}
}

func TestResultsWhoseNumbersAreNot(t *testing.T) {
	a := newAPI(t, answers(200, `{"results":[
		{"id":"c1","name":"n","employee_count":"50-100","match_score":"8.5","phone_numbers":null,"prospects":null,"social_media_links":null,
		"legal_registration_info":{ "court": "Berlin",  "number": [1] }},
		{"id":"c2","employee_count":85.0,"match_score":null,"prospects":[{"first_name":null,"qualification_score":"high"}],
		"legal_registration_info":"HRB 1"},
		{"id":"c3","employee_count":85.5,"match_score":"n/a"},
		{"id":null,"name":null},{},
		{"id":"c6","employee_count":9007199254740991},{"id":"c7","employee_count":9007199254740993}
	],"total":7}`))
	got, err := a.client.GetOrderResults(t.Context(), "o1", openprospect.ResultsOptions{})
	if err != nil || len(got.Companies) != 7 || got.Total != 7 {
		t.Fatalf("%+v, %v", got, err)
	}
	one, two, three := got.Companies[0], got.Companies[1], got.Companies[2]
	if one.EmployeeCount != nil || *one.MatchScore != 8.5 || one.LegalRegistrationInfo != `{"court":"Berlin","number":[1]}` {
		t.Errorf("%+v", one)
	}
	if *two.EmployeeCount != 85 || two.MatchScore != nil || two.Prospects[0].QualificationScore != nil ||
		two.LegalRegistrationInfo != `"HRB 1"` {
		t.Errorf("%+v", two)
	}
	if three.EmployeeCount != nil || three.MatchScore != nil {
		t.Errorf("%+v", three)
	}
	if exact, rounded := got.Companies[5], got.Companies[6]; *exact.EmployeeCount != 1<<53-1 || rounded.EmployeeCount != nil {
		t.Errorf("%+v, %+v: no number is better than a wrong one", exact, rounded)
	}
}

func companyRows(count int) []string {
	var rows []string
	for i := range count {
		rows = append(rows, fmt.Sprintf(`{"id":"c%d","name":"n","match_score":%d}`, i, i%10))
	}
	return rows
}

func TestResultsSelection(t *testing.T) {
	for _, test := range []struct {
		name     string
		options  openprospect.ResultsOptions
		got      int
		requests int
		first    string
	}{
		{"all", openprospect.ResultsOptions{}, 470, 5, "limit=100"},
		{"a bound within a page", openprospect.ResultsOptions{MaxCompanies: 30}, 30, 1, "limit=30"},
		{"a bound of a page", openprospect.ResultsOptions{MaxCompanies: 100}, 100, 1, "limit=100"},
		{"a bound beyond a page", openprospect.ResultsOptions{MaxCompanies: 101}, 101, 2, "limit=100"},
		{"a bound beyond all", openprospect.ResultsOptions{MaxCompanies: 1000}, 470, 5, "limit=100"},
		{"a score", openprospect.ResultsOptions{MinMatchScore: pointer(9.0)}, 47, 5, "limit=100"},
		{
			"a score and a bound: pages are read until it is met", openprospect.ResultsOptions{MinMatchScore: pointer(9.0), MaxCompanies: 15}, 15,
			2, "limit=100",
		},
		{"a score that none has", openprospect.ResultsOptions{MinMatchScore: pointer(9.5), MaxCompanies: 15}, 0, 5, "limit=100"},
	} {
		list := &pagedList{rows: companyRows(470)}
		a := newAPI(t, list.ServeHTTP)
		got, err := a.client.GetOrderResults(t.Context(), "o1", test.options)
		if err != nil || len(got.Companies) != test.got || got.Total != 470 || !got.Ready {
			t.Errorf("%s: %d companies of %d, %v", test.name, len(got.Companies), got.Total, err)
			continue
		}
		if len(a.sent()) != test.requests || a.sent()[0].query != test.first {
			t.Errorf("%s: %d requests, the first %s", test.name, len(a.sent()), a.sent()[0].query)
		}
		if !slices.IsSortedFunc(got.Companies, func(a, b openprospect.Company) int {
			return strings.Compare(fmt.Sprintf("%5s", a.ID), fmt.Sprintf("%5s", b.ID))
		}) {
			t.Errorf("%s: not in the API's order", test.name)
		}
	}
}

func TestResultsThatAreNotReady(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
		ready  bool
		failed bool
	}{
		{200, `{"items":[],"total":0,"limit":100,"offset":0,"has_more":false}`, false, false},
		{200, `{"items":null}`, false, false},
		{409, `{"code":"ORDER_NOT_COMPLETED","message":"m"}`, false, false},
		{422, `{"code":"VALIDATION_ERROR","message":"order is not completed"}`, false, false},
		{425, ``, false, false},
		{404, `{"code":"RESULTS_NOT_FOUND","message":"m"}`, false, false},
		{404, `{"code":"ORDER_NOT_FOUND","message":"m"}`, false, true},
		{404, `{"code":"ENTITY_NOT_FOUND","entity_type":"order"}`, false, true},
		{404, `{"detail":"Not Found"}`, false, true},
		{422, `{"detail":[{"loc":["query","delivered_since"],"msg":"not a timestamp"}]}`, false, true},
		{422, `{"detail":[{"loc":["path","order_id"],"msg":"The order is not completed"}]}`, false, false},
		{403, `{}`, false, true},
	} {
		a := newAPI(t, answers(test.status, test.body))
		got, err := a.client.GetOrderResults(t.Context(), "o1", openprospect.ResultsOptions{})
		if (err != nil) != test.failed {
			t.Errorf("%d %s: %v", test.status, test.body, err)
		} else if err == nil && (got.Ready || len(got.Companies) > 0 || got.Total != 0) {
			t.Errorf("%d %s: %+v", test.status, test.body, got)
		}
		if len(a.sent()) != 1 {
			t.Errorf("%d %s: %d requests", test.status, test.body, len(a.sent()))
		}
	}
}

func TestResultsNeverRepeatACompany(t *testing.T) {
	list := &pagedList{rows: companyRows(150)}
	done := false
	list.during = func(l *pagedList, offset int) {
		if offset > 0 && !done {
			done = true
			l.rows = append([]string{`{"id":"new","name":"n"}`}, l.rows...)
		}
	}
	a := newAPI(t, func(w http.ResponseWriter, r *http.Request) { list.ServeHTTP(w, r) })
	got, err := a.client.GetOrderResults(t.Context(), "o1", openprospect.ResultsOptions{MaxCompanies: 1000})
	if err != nil || len(got.Companies) != 151 || got.Companies[0].ID != "new" {
		t.Errorf("%d companies, %v", len(got.Companies), err)
	}
}
