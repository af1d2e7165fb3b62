package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// rawNumber is a JSON number in the form it is written in.
func rawNumber(text string) json.RawMessage { return json.RawMessage(text) }

// guideTotal is the total of the guide's example answer.
const guideTotal = 47

// sample is a company that an order may find, with what its results show of it.
type sample struct {
	Company
	kind      string
	employees int
}

var kinds = []string{"B2B SaaS", "Software", "IT services", "Cloud infrastructure", "HR software"}

var places = [][2]string{
	{"Berlin", "Germany"}, {"Munich", "Germany"}, {"Vienna", "Austria"}, {"Zurich", "Switzerland"},
	{"Hamburg", "Germany"}, {"Graz", "Austria"}, {"Basel", "Switzerland"}, {"Leipzig", "Germany"},
}

var stems = []string{
	"Nordlicht", "Alpenblick", "Taktwerk", "Datenhafen", "Klarsicht", "Werkbank", "Rheinfluss", "Bergkette",
	"Wolkenbruch", "Lotsenboot", "Quellcode", "Kompass",
}

var endings = []string{"Software GmbH", "Systems AG", "Cloud GmbH", "Analytics GmbH"}

// sampleAt returns the company of that rank: the guide's, those of the options, and then invented ones without end.
func (s *Server) sampleAt(rank int) sample {
	if rank == 0 {
		return sample{Company{
			Name: "CloudOps Technologies GmbH", WebsiteURL: "https://www.cloudops-tech.de", City: "Berlin", Country: "Germany",
		}, "B2B SaaS", 85}
	}
	n := rank - 1
	if n < len(s.options.Companies) {
		return sample{s.options.Companies[n], kinds[n%len(kinds)], 50 + (n*37)%450}
	}
	n -= len(s.options.Companies)
	stem, ending, place := stems[n%len(stems)], endings[(n/len(stems))%len(endings)], places[n%len(places)]
	name := stem + " " + ending
	domain := strings.ToLower(stem + "-" + strings.Fields(ending)[0])
	if series := n / (len(stems) * len(endings)); series > 0 {
		name = fmt.Sprintf("%s %d", name, series+1)
		domain = fmt.Sprintf("%s-%d", domain, series+1)
	}
	return sample{
		Company{Name: name, WebsiteURL: "https://www." + domain + ".example", City: place[0], Country: place[1]},
		kinds[n%len(kinds)], 50 + (n*37)%450,
	}
}

// discover lets the search of an order find companies, until it has as many as are wanted that no blacklist keeps out. Those
// assigned to the search count, which are the order's unless somebody has assigned others since.
func (s *Server) discover(o *order) {
	wanted := s.options.Review.Companies
	if wanted == 0 {
		wanted = guideTotal
	}
	blacklists := stringsOf(o.Request["blacklist_ids"])
	if one := s.findSearch(o.SearchID); one != nil {
		blacklists = one.blacklists
	}
	lists := s.newFilter(blacklists)
	o.discovered, o.excluded = make([]int, 0, wanted), nil
	for rank := 0; len(o.discovered) < wanted; rank++ {
		if exclusion, excluded := lists.exclude(s.sampleAt(rank).Company); excluded {
			o.excluded = append(o.excluded, exclusion)
		} else {
			o.discovered = append(o.discovered, rank)
		}
	}
}

func (s *Server) orderResults(c call) answer {
	query := c.request.URL.Query()
	w, refused := s.window(query, largestLimit, "delivered_since")
	if refused != nil {
		return *refused
	}
	since, known := parseTimestamp(query.Get("delivered_since"))
	if !known && query.Has("delivered_since") {
		return *s.refuse(&wrong{"delivered_since", "delivered_since must be an ISO 8601 timestamp"})
	}
	o := s.ordersByID[c.ids[0]]
	if o == nil || o.hidden {
		return s.noOrder(c.ids[0])
	}
	s.review(o, false)
	if o.Status != completed {
		return s.noResultsYet(w)
	}
	var rows []any
	for place, rank := range o.discovered {
		// The last company is delivered at the moment of completion.
		ahead := time.Duration(len(o.discovered)-1-place) * time.Millisecond
		if delivered := o.times["completed_at"].Add(-ahead); delivered.After(since) {
			rows = append(rows, s.wireCompany(rank, delivered))
		}
	}
	a := s.page(rows, w, "results")
	if w.offset == 0 {
		a.excluded = slices.Clone(o.excluded)
	}
	a.note = fmt.Sprintf("%s found, %d kept out", plural(len(o.discovered), "company", "companies"), len(o.excluded))
	return a
}

// noResultsYet is what results of an order give that is not completed (U31).
func (s *Server) noResultsYet(w window) answer {
	const code, message = "ORDER_NOT_COMPLETED", "The order is not completed"
	switch s.options.Behavior.ResultsEarly {
	case "409":
		return s.problem(http.StatusConflict, code, message, nil)
	case "422":
		return s.problem(http.StatusUnprocessableEntity, code, message, nil)
	}
	return s.page(nil, w, "results")
}

// parseTimestamp reads ISO 8601: with a zone, or in UTC without one, or a date.
func parseTimestamp(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if parsed, err := time.Parse(layout, text); err == nil {
			return parsed, true
		}
	}
	return time.Time{}, false
}

// wireCompany is a company as the guide shows one (step 4).
func (s *Server) wireCompany(rank int, delivered time.Time) members {
	company := s.sampleAt(rank)
	domain := bareDomain(company.WebsiteURL)
	id := fmt.Sprintf("c0000000-0000-4000-8000-%012x", rank)
	body := members{
		{"id", id},
		{"name", company.Name},
		{"website_url", orNull(company.WebsiteURL)},
		{"normalized_url", orNull(domain)},
		{"business_type", company.kind},
		{"city", orNull(company.City)},
		{"country", orNull(company.Country)},
		{"description", company.kind + " from " + company.City + "."},
		{"employee_count", company.employees},
		{"phone_numbers", nil},
		{"social_media_links", nil},
		{"match_score", float64(95-(rank*7)%60) / 10},
		{"match_reasons", []string{"Industry match", "Size match"}},
		{"match_reasoning", fmt.Sprintf("%s company in %s with %d employees.", company.kind, company.City, company.employees)},
		{"web_technologies", []string{"React"}},
		{"web_technologies_analyzed_at", s.stamp(delivered.Add(-30 * time.Minute))},
		{"source_id", nil},
		{"delivered_at", s.stamp(delivered)},
		{"legal_registration_info", nil},
		{"prospects", []any{}},
	}
	switch {
	case rank == 0:
		body = guideCompany(body)
	case rank%5 == 0:
		body.set("match_score", nil)
		body.set("employee_count", nil)
	case rank%3 == 0:
		body.set("legal_registration_info", members{{"register", "HRB"}, {"number", 10000 + rank}})
	}
	if rank > 0 && rank%2 == 0 && domain != "" {
		body.set("prospects", []any{members{
			{"id", fmt.Sprintf("f0000000-0000-4000-8000-%012x", rank)},
			{"company_id", id},
			{"first_name", "Example"},
			{"last_name", fmt.Sprintf("Person %d", rank)},
			{"job_title", "CEO"},
			{"email", "ceo@" + domain},
			{"phone_number", nil},
			{"linkedin_url", nil},
			{"qualification_score", 7.5},
			{"qualification_reason", nil},
			{"email_type", "PERSONAL"},
			{"validation_confidence", nil},
			{"bounce_risk_score", nil},
		}})
	}
	if s.options.Behavior.OddNumbers {
		body.set("employee_count", "51-200")
		if rank%2 == 0 {
			body.set("employee_count", rawNumber(fmt.Sprintf("%d.0", company.employees)))
		}
	}
	return body
}

// guideCompany makes a row the guide's example company, word for word.
func guideCompany(body members) members {
	const id = "b2c3d4e5-f6a7-8901-bcde-f12345678901"
	body.set("id", id)
	body.set("description", "Cloud operations platform for enterprise DevOps teams...")
	body.set("phone_numbers", []string{"+49 30 98765432"})
	body.set("social_media_links", []any{members{{"platform", "linkedin"}, {"url", "https://linkedin.com/company/cloudops-tech"}}})
	body.set("match_score", 9)
	body.set("match_reasons", []string{"Industry match", "Size match", "Location match", "Growth signals"})
	body.set("match_reasoning", "Strong ICP fit: B2B SaaS company in Berlin with 85 employees...")
	body.set("web_technologies", []string{"React", "AWS", "Kubernetes"})
	body.set("prospects", []any{members{
		{"id", "f6a7b8c9-d0e1-2345-f6a7-b8c9d0e12345"},
		{"company_id", id},
		{"first_name", "Thomas"},
		{"last_name", "Weber"},
		{"job_title", "CTO"},
		{"email", "t.weber@cloudops-tech.de"},
		{"phone_number", nil},
		{"linkedin_url", "https://linkedin.com/in/thomasweber"},
		{"qualification_score", 9},
		{"qualification_reason", "C-level technology decision maker"},
		{"email_type", "PERSONAL"},
		{"validation_confidence", 92},
		{"bounce_risk_score", 8},
	}})
	return body
}
