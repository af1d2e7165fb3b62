package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// Titles of the scenes that are in the picture.
const (
	firstPlanTitle = "Plan: a CRM export of 40 companies becomes a blacklist, and an order excludes them"
	keptOutTitle   = "What the blacklists kept out"
	renamedTitle   = "One company is renamed in the CRM: the plan shows that company and no other"
)

const (
	orderAddress   = "openprospect_discovery_order.dach_saas"
	entriesAddress = "openprospect_blacklist_entries.customers"

	customersName    = "Existing customers"
	doNotContactName = "Do not contact"
	customers        = 40
	doNotContact     = 2

	// placingWarning begins the warning of an order that is placed, and forgottenWarning that of one that Terraform forgets.
	placingWarning   = "Paid discovery order: "
	forgottenWarning = "Discovery order forgotten: "

	// guideCompany is a company that the simulated search finds for every order.
	guideCompany = "CloudOps Technologies GmbH"
	// companiesFound is how many it finds, as in the API's guide.
	companiesFound = 47
	// rowsShown is how many of them the table shows.
	rowsShown = 10
)

func (s *story) firstPlan(ctx context.Context) error {
	plan, warnings, err := s.configuration.plan(ctx)
	if err != nil {
		return err
	}
	if err := s.showChanges(plan); err != nil {
		return err
	}
	s.warn(warnings)
	for _, change := range changes(plan) {
		if err := s.check(
			change.Change.Actions.Create(),
			"%s is planned to %v, not to be created",
			change.Address,
			change.Change.Actions,
		); err != nil {
			return err
		}
	}
	// It only asks whether the API key works.
	if err := s.check(s.api.Count("", "") <= 1, "a plan of new things made %d requests", s.api.Count("", "")); err != nil {
		return err
	}
	return s.warned(warnings, placingWarning)
}

// showChanges prints one line a resource.
func (s *story) showChanges(plan *tfjson.Plan) error {
	for _, change := range changes(plan) {
		line := indent + styleSign(sign(change.Change.Actions)) + " " + change.Address
		if change.Address == entriesAddress {
			document, err := entriesOf(change.Change.After)
			if err != nil {
				return err
			}
			if err := s.check(len(document) == customers, "%d companies are planned, not %d", len(document), customers); err != nil {
				return err
			}
			line += fmt.Sprintf("  (%d companies)", len(document))
		}
		s.say("%s", line)
	}
	s.say("%s%s", indent, planSummary(plan))
	return nil
}

func (s *story) firstApply(ctx context.Context) error {
	warnings, err := s.configuration.applyPlan(ctx)
	if err != nil {
		return err
	}
	// Some versions of terraform repeat the plan's warning here.
	warnings = slices.DeleteFunc(warnings, func(d diagnostic) bool { return strings.HasPrefix(d.Summary, placingWarning) })
	s.warn(warnings)
	if err := s.check(len(warnings) == 0, "the first apply warns"); err != nil {
		return err
	}
	order, err := s.order()
	if err != nil {
		return err
	}
	if err := s.configuration.output(ctx, "order_id", &s.orderID); err != nil {
		return err
	}
	if err := s.check(s.orderID == order.ID, "terraform's order is %q, the API's %q", s.orderID, order.ID); err != nil {
		return err
	}
	s.say("%sOn the server:", indent)
	var ids []string
	for _, expected := range []struct {
		name  string
		count int
	}{{customersName, customers}, {doNotContactName, doNotContact}} {
		at := slices.IndexFunc(s.api.Blacklists(), func(b simulator.Blacklist) bool { return b.Name == expected.name })
		if err := s.check(at >= 0, "the API has no blacklist %q", expected.name); err != nil {
			return err
		}
		blacklist := s.api.Blacklists()[at]
		ids = append(ids, blacklist.ID)
		s.say("%s- blacklist %s: %d companies", indent, strconv.Quote(blacklist.Name), len(blacklist.Entries))
		if err := s.check(
			len(blacklist.Entries) == expected.count,
			"%q holds %d companies, not %d",
			blacklist.Name,
			len(blacklist.Entries),
			expected.count,
		); err != nil {
			return err
		}
	}
	s.say("%s- order %s: %v, %s", indent, order.ID, order.Request["title"], order.Status)
	if err := s.check(order.Status == "RECEIVED", "the order is %s, not RECEIVED", order.Status); err != nil {
		return err
	}
	if err := s.excludes(order, ids); err != nil {
		return err
	}
	if err := s.orderedLast(); err != nil {
		return err
	}
	return s.check(s.api.Count("POST", "/orders") == 1, "the order was sent %d times", s.api.Count("POST", "/orders"))
}

// excludes checks that an order names those blacklists.
func (s *story) excludes(order simulator.Order, ids []string) error {
	var named []string
	list, _ := order.Request["blacklist_ids"].([]any)
	for _, id := range list {
		named = append(named, fmt.Sprint(id))
	}
	slices.Sort(named)
	slices.Sort(ids)
	return s.check(slices.Equal(named, ids), "the order names the blacklists %v, not %v", named, ids)
}

// orderedLast checks that no company was added after the order had been placed:
// it would not have been excluded.
func (s *story) orderedLast() error {
	events := s.api.Events()
	at := slices.IndexFunc(events, func(e simulator.Event) bool { return e.Kind == "order_created" })
	added := 0
	for _, event := range events[:at] {
		if event.Kind == "entry_added" {
			added++
		}
	}
	return s.check(
		added == customers+doNotContact,
		"when the order was placed, %d companies were excluded, not %d",
		added,
		customers+doNotContact,
	)
}

// foundCompany is a row of the results.
type foundCompany struct {
	Name       string   `json:"name"`
	City       string   `json:"city"`
	Country    string   `json:"country"`
	MatchScore *float64 `json:"match_score"`
	WebsiteURL string   `json:"website_url"`
}

func (s *story) review(ctx context.Context) error {
	s.say("%sA second configuration waits for the order. Its status:", indent)
	watched, unwatch := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.watch(watched)
	}()
	warnings, err := s.results.apply(ctx, tfexec.Var("order_id="+s.orderID), tfexec.Var("poll_interval=300ms"))
	unwatch()
	<-ended
	if err != nil {
		return err
	}
	s.warn(warnings)

	var status string
	var total int
	var companies []foundCompany
	for name, value := range map[string]any{"status": &status, "total": &total, "companies": &companies} {
		if err := s.results.output(ctx, name, value); err != nil {
			return err
		}
	}
	if err := s.check(
		status == "COMPLETED" && total == companiesFound,
		"the order is %s with %d companies, not COMPLETED with %d",
		status,
		total,
		companiesFound,
	); err != nil {
		return err
	}
	if err := s.check(
		slices.ContainsFunc(companies, func(c foundCompany) bool { return c.Name == guideCompany }),
		"%s is not among the companies",
		guideCompany,
	); err != nil {
		return err
	}
	s.found = companies
	return s.showCompanies(companies, total)
}

// watch prints the order's statuses as they come.
func (s *story) watch(ctx context.Context) {
	began := time.Now()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	seen := ""
	for {
		if order, found := s.api.Order(s.orderID); found && order.Status != seen {
			seen = order.Status
			s.say("%s%5.1fs  %s", indent, time.Since(began).Seconds(), cyan.of(seen))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (s *story) showCompanies(companies []foundCompany, total int) error {
	slices.SortStableFunc(companies, func(a, b foundCompany) int {
		switch {
		case score(a) > score(b):
			return -1
		case score(a) < score(b):
			return 1
		}
		return 0
	})
	shown := companies[:min(rowsShown, len(companies))]
	rows := make([][]string, 0, len(shown))
	for _, c := range shown {
		rows = append(rows, []string{c.Name, c.City, c.Country, strconv.FormatFloat(score(c), 'f', 1, 64), c.WebsiteURL})
	}
	s.say("\n%s%d companies, %d with a match score of 7 or more. The best %d:\n", indent, total, len(companies), len(shown))
	if err := table(s.out, []string{"COMPANY", "CITY", "COUNTRY", "SCORE", "WEBSITE"}, rows); err != nil {
		return err
	}
	s.say("")
	return nil
}

func score(c foundCompany) float64 {
	if c.MatchScore == nil {
		return 0
	}
	return *c.MatchScore
}

// planBudget is what a plan without changes may cost: a request for each blacklist, for each hundred
// companies on each, and for the order.
const planBudget = 2 + 2 + 1

func (s *story) secondPlan(ctx context.Context) error {
	plan, warnings, err := s.configuration.plan(ctx)
	if err != nil {
		return err
	}
	s.warn(warnings)
	if err := s.check(len(warnings) == 0, "a plan without changes warns"); err != nil {
		return err
	}
	if err := s.check(len(changes(plan)) == 0 && outputsStay(plan), "the plan is not empty: %s", planSummary(plan)); err != nil {
		return err
	}
	s.say("%sNo changes. The order is now COMPLETED, but the configuration still matches.", indent)
	return s.check(s.api.Count("", "") <= planBudget, "the plan cost %d requests, more than %d", s.api.Count("", ""), planBudget)
}

func outputsStay(plan *tfjson.Plan) bool {
	for _, change := range plan.OutputChanges {
		if !change.Actions.NoOp() {
			return false
		}
	}
	return true
}

// renamedPlan plans two edits, and shows what the plan says about the blacklist.
func (s *story) renamedPlan(ctx context.Context) error {
	if err := s.edit("customers.csv", "adidas AG", "adidas Group AG"); err != nil {
		return err
	}
	if err := s.edit(
		"ideal-customer-profile.txt",
		"software solutions",
		"software solutions. Ideally they have raised Series A-C funding.",
	); err != nil {
		return err
	}
	plan, warnings, err := s.configuration.plan(ctx)
	if err != nil {
		return err
	}
	s.planWarnings = warnings
	if s.planText, err = s.configuration.planText(ctx); err != nil {
		return err
	}
	planned := map[string]*tfjson.ResourceChange{}
	for _, change := range changes(plan) {
		planned[change.Address] = change
	}
	entries, order := planned[entriesAddress], planned[orderAddress]
	if err := s.check(
		len(planned) == 2 && entries != nil && order != nil,
		"the plan changes %v",
		slices.Sorted(maps.Keys(planned)),
	); err != nil {
		return err
	}
	if err := s.check(order.Change.Actions.Replace(), "the order is planned to %v, not to be replaced", order.Change.Actions); err != nil {
		return err
	}
	if err := s.check(entries.Change.Actions.Update(), "the list is planned to %v, not to be updated", entries.Change.Actions); err != nil {
		return err
	}
	if err := s.oneCompanyRenamed(entries.Change); err != nil {
		return err
	}
	return s.showPlanned(entriesAddress)
}

// reorderPlan shows what the same plan says about the order.
func (s *story) reorderPlan(context.Context) error {
	if err := s.showPlanned(orderAddress); err != nil {
		return err
	}
	s.warn(s.planWarnings)
	s.say("%sThe demo does not apply this plan.", indent)
	return s.warned(s.planWarnings, placingWarning)
}

// showPlanned prints what the last plan says about one resource.
func (s *story) showPlanned(address string) error {
	block, found := planBlock(s.planText, address)
	if err := s.check(found, "the plan says nothing about %s:\n%s", address, s.planText); err != nil {
		return err
	}
	planned(s.out, block)
	return nil
}

// oneCompanyRenamed checks that a change of the list is that of one company's name.
func (s *story) oneCompanyRenamed(change *tfjson.Change) error {
	before, err := entriesOf(change.Before)
	if err != nil {
		return err
	}
	after, err := entriesOf(change.After)
	if err != nil {
		return err
	}
	var changed []string
	for key, entry := range after {
		if !reflect.DeepEqual(before[key], entry) {
			changed = append(changed, key)
		}
	}
	if err := s.check(
		len(before) == len(after) && slices.Equal(changed, []string{"DAX-01"}),
		"the plan changes the companies %v",
		changed,
	); err != nil {
		return err
	}
	return s.check(after["DAX-01"]["company_name"] == "adidas Group AG", "the company's new name is %q", after["DAX-01"]["company_name"])
}

// entriesOf decodes the document of a planned openprospect_blacklist_entries.
func entriesOf(values any) (map[string]map[string]string, error) {
	attributes, _ := values.(map[string]any)
	text, _ := attributes["entries"].(string)
	document := map[string]map[string]string{}
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return nil, fmt.Errorf("reading the planned entries: %w", err)
	}
	return document, nil
}

func (s *story) cleanUp(ctx context.Context) error {
	warnings, err := s.configuration.destroy(ctx)
	if err != nil {
		return err
	}
	// The plan of a destruction warns as its apply does.
	warnings = slices.Compact(warnings)
	s.warn(warnings)
	if err := s.warned(warnings, forgottenWarning); err != nil {
		return err
	}
	order, err := s.order()
	if err != nil {
		return err
	}
	if err := s.check(
		order.ID == s.orderID && strings.Contains(warnings[0].Detail, order.ID),
		"the warning does not name the order %s",
		order.ID,
	); err != nil {
		return err
	}
	if err := s.check(len(s.api.Blacklists()) == 0, "%d blacklists are left", len(s.api.Blacklists())); err != nil {
		return err
	}
	s.say("%sOn the server: no blacklists. The order is still there, %s.", indent, order.Status)
	return s.check(s.api.Count("POST", "") == 0, "cleaning up sent a POST")
}
