//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// changes reports whether a plan does anything.
func changes(plan *tfjson.Plan) bool {
	return slices.ContainsFunc(plan.ResourceChanges, func(change *tfjson.ResourceChange) bool {
		return !change.Change.Actions.NoOp() && !change.Change.Actions.Read() || change.PreviousAddress != ""
	})
}

// removals are what a plan shows as going away.
type removals struct {
	// entries are ids of single entries, rows the blacklist and the identity of a list's entries: their rows may be removed.
	entries, rows map[string]bool
	// companies are blacklists and identities that some resource gives up: they may be off the list for a while. replaced are
	// those that a replacement adds again.
	companies, replaced map[string]bool
	blacklists          map[string]bool
}

func shownRemovals(plan *tfjson.Plan) (removals, error) {
	shown := removals{
		entries: map[string]bool{}, rows: map[string]bool{},
		companies: map[string]bool{}, replaced: map[string]bool{}, blacklists: map[string]bool{},
	}
	for _, change := range plan.ResourceChanges {
		before, _ := change.Change.Before.(map[string]any)
		if before == nil || change.Change.Actions.NoOp() {
			continue
		}
		after, _ := change.Change.After.(map[string]any)
		replaced := change.Change.Actions.Replace()
		if replaced || change.Change.Actions.Delete() {
			after = nil
		}
		id, _ := before["id"].(string)
		switch change.Type {
		case "openprospect_blacklist":
			if after == nil {
				shown.blacklists[id] = true
			}
		case "openprospect_blacklist_entry":
			shown.entries[id] = true
			shown.giveUp(before, []company{companyOf(before)}, []company{companyOf(after)}, replaced)
		case "openprospect_blacklist_entries":
			old, err := document(before["entries"])
			if err != nil {
				return shown, err
			}
			kept, err := document(after["entries"])
			if err != nil {
				return shown, err
			}
			remaining := slices.Collect(maps.Values(kept))
			for _, was := range old {
				if !slices.Contains(remaining, was) {
					shown.rows[fmt.Sprint(before["blacklist_id"], " ", was.identity())] = true
				}
			}
			shown.giveUp(before, slices.Collect(maps.Values(old)), remaining, replaced)
		}
	}
	return shown, nil
}

// giveUp notes the companies that a resource has before an apply and not after it.
func (shown removals) giveUp(before map[string]any, old, kept []company, replaced bool) {
	for _, was := range old {
		if slices.ContainsFunc(kept, func(is company) bool { return is.identity() == was.identity() }) {
			continue
		}
		key := fmt.Sprint(before["blacklist_id"], " ", was.identity())
		shown.companies[key] = true
		if replaced {
			shown.replaced[key] = true
		}
	}
}

// companyOf is the company of a single entry.
func companyOf(attributes map[string]any) company {
	website, _ := attributes["website_url"].(string)
	return company{WebsiteURL: website}
}

func document(value any) (map[string]company, error) {
	text, _ := value.(string)
	entries := map[string]company{}
	if text == "" {
		return entries, nil
	}
	if err := json.Unmarshal([]byte(text), &entries); err != nil {
		return nil, fmt.Errorf("reading an entries document: %w", err)
	}
	return entries, nil
}

// checkEvents replays what the last run did to the server. Nothing went that the plan did not show. A company was off a list that
// it was on before only where the plan showed that a resource gives it up; if another one adds it, the plan warned of that.
// The exception is a server that sees the same company in old and new fields, which leaves no other way.
func (s *schedule) checkEvents(plan *tfjson.Plan, before []simulator.Blacklist) error {
	shown, err := shownRemovals(plan)
	if err != nil {
		return err
	}
	on := map[string]int{}
	wasOn := map[string]bool{}
	off := map[string]bool{}
	for _, list := range before {
		for _, entry := range list.Entries {
			key := list.ID + " " + bare(entry.WebsiteURL)
			on[key]++
			wasOn[key] = true
		}
	}
	for _, event := range s.api.Events()[s.checked:] {
		key := event.BlacklistID + " " + bare(event.Entry.WebsiteURL)
		switch event.Kind {
		case "blacklist_removed":
			if event.Request != 0 && !shown.blacklists[event.BlacklistID] {
				return fmt.Errorf("blacklist %s was removed and no plan had shown it", event.BlacklistID)
			}
		case "entry_added":
			on[key]++
			if !off[key] {
				continue
			}
			s.stats.OffForAWhile++
			if !shown.replaced[key] && !s.companyUnique && !s.warnedOfChangeOfHands(event.Entry) {
				return fmt.Errorf("NO WARNING: %s was off %s until request %d, and the plan had not warned of it",
					event.Entry.WebsiteURL, event.BlacklistID, event.Request)
			}
			delete(off, key)
		case "entry_removed":
			on[key]--
			if event.Request == 0 {
				continue
			}
			planned := shown.entries[event.Entry.ID] || shown.rows[key] || shown.blacklists[event.BlacklistID]
			if !planned && !s.addedByThisRun(event) {
				return fmt.Errorf("%s was removed from %s by request %d and no plan had shown it",
					event.Entry.WebsiteURL, event.BlacklistID, event.Request)
			}
			if on[key] > 0 || !wasOn[key] {
				continue
			}
			off[key] = true
			if !shown.companies[key] && !shown.blacklists[event.BlacklistID] && !s.companyUnique {
				return fmt.Errorf("OFF FOR A WHILE: %s was taken off %s by request %d, and no plan had shown it",
					event.Entry.WebsiteURL, event.BlacklistID, event.Request)
			}
		}
	}
	return s.ordersOnce()
}

// warnedOfChangeOfHands reports whether the plan has said that the company may be off the list for a while. Of several
// warnings with one summary, Terraform prints the first and counts the others.
func (s *schedule) warnedOfChangeOfHands(entry simulator.Entry) bool {
	return slices.ContainsFunc(messages(s.planned, "Warning: Companies move between resources"), func(text string) bool {
		text = strings.Join(strings.Fields(text), " ")
		return strings.Contains(text, bare(entry.WebsiteURL)) || strings.Contains(text, "similar warning")
	})
}

// addedByThisRun reports whether the removed entry was added by this same run: that it may take back.
func (s *schedule) addedByThisRun(removed simulator.Event) bool {
	return slices.ContainsFunc(s.api.Events()[s.checked:], func(event simulator.Event) bool {
		return event.Kind == "entry_added" && event.Entry.ID == removed.Entry.ID && event.Request != 0
	})
}

// checkAssignment checks that no blacklist was taken off the running search that the plan did not show.
func (s *schedule) checkAssignment(plan *tfjson.Plan, before []string) error {
	var shown []any
	for _, change := range plan.ResourceChanges {
		was, _ := change.Change.Before.(map[string]any)
		if change.Type == "openprospect_prospect_search_blacklists" && was != nil && !change.Change.Actions.NoOp() {
			shown, _ = was["blacklist_ids"].([]any)
		}
	}
	after, _ := s.api.ProspectSearch(s.world.running)
	for _, id := range before {
		_, exists := s.api.Blacklist(id)
		if exists && !slices.Contains(after.BlacklistIDs, id) && !slices.Contains(shown, any(id)) {
			return fmt.Errorf("blacklist %s was taken off the running search and no plan had shown it", id)
		}
	}
	return nil
}

// described returns the text that an order is for, from the order itself or from the profile that it names.
func (s *schedule) described(order simulator.Order) any {
	for _, made := range s.api.ProfileCreations() {
		if made.ProfileID != "" && made.ProfileID == order.Request["profile_id"] {
			return made.Request["ideal_customer_profile"]
		}
	}
	return order.Request["ideal_customer_profile"]
}

// profilesOnce checks that no text has two profiles, unless a key was refused.
func (s *schedule) profilesOnce() error {
	seen := map[any]bool{}
	for _, made := range s.api.ProfileCreations() {
		text := made.Request["ideal_customer_profile"]
		if made.ProfileID != "" && seen[text] && s.world.keepers == 0 {
			return fmt.Errorf("DUPLICATE PROFILE: there are two of %q", text)
		}
		seen[text] = seen[text] || made.ProfileID != ""
	}
	return nil
}

// ordersOnce checks that no profile was ordered twice.
func (s *schedule) ordersOnce() error {
	seen := map[any]string{}
	for _, order := range s.api.Orders() {
		text := s.described(order)
		if first, twice := seen[text]; twice {
			return fmt.Errorf("DUPLICATE ORDER: %s and %s are both for %q", first, order.ID, text)
		}
		seen[text] = order.ID
	}
	s.stats.Orders = len(seen)
	return nil
}

var (
	// heading begins a message; with -no-color, terraform draws no boxes.
	heading = regexp.MustCompile(`(?m)^(Error|Warning): `)
	// advice is what a message must hold: what to do next.
	advice = regexp.MustCompile(`(?i)again|import|check|set |wait|remove|look|compare|use |raise|apply|report|restore|known|ask `)
)

// errorTexts returns the errors that terraform printed.
func errorTexts(output string) []string { return messages(output, "Error: ") }

// messages returns those of terraform's messages that begin so, each up to the next one.
func messages(output, prefix string) []string {
	var texts []string
	starts := heading.FindAllStringIndex(output, -1)
	for i, start := range starts {
		end := len(output)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		if text, found := strings.CutPrefix(output[start[0]:end], prefix); found {
			texts = append(texts, text)
		}
	}
	return texts
}

// checkAdvice checks that each error message says what to do next. Messages of Terraform itself (a provider that died, an
// interrupt) are left out.
func checkAdvice(output string) error {
	for _, text := range errorTexts(output) {
		if strings.Contains(text, "Plugin did not respond") || strings.Contains(text, "plugin process exited") ||
			strings.Contains(text, "operation canceled") || strings.Contains(text, "Request cancelled") ||
			strings.Contains(text, "execution halted") {
			continue
		}
		if !advice.MatchString(text) {
			return fmt.Errorf("a message does not say what to do next:\n%s", text)
		}
	}
	return nil
}

// compare holds configuration, state and server against each other.
func (s *schedule) compare() error {
	ids, err := s.stateIDs()
	if err != nil {
		return err
	}
	if err := s.compareEntries(ids); err != nil {
		return err
	}
	customers, _ := s.api.Blacklist(ids["openprospect_blacklist.customers"])
	if customers.Description != s.world.description {
		return fmt.Errorf("the description is %q, not %q", customers.Description, s.world.description)
	}
	order, found := s.api.Order(ids[s.world.orderAddress()])
	if !found || s.described(order) != profile(s.world.search) {
		return fmt.Errorf("state holds order %q, which is not search %d", ids[s.world.orderAddress()], s.world.search)
	}
	running, _ := s.api.ProspectSearch(s.world.running)
	wanted := s.world.assigned(ids["openprospect_blacklist.customers"], ids["openprospect_blacklist.oneoffs"])
	if s.world.running != "" && !slices.Equal(slices.Sorted(slices.Values(running.BlacklistIDs)), slices.Sorted(slices.Values(wanted))) {
		return fmt.Errorf("LOST ASSIGNMENT: assigned are %q, want %q", running.BlacklistIDs, wanted)
	}
	s.stats.Orphans = len(s.api.Blacklists()) - 2
	if s.elsewhere != "" {
		s.stats.Orphans--
	}
	return errors.Join(s.ordersOnce(), s.profilesOnce())
}

// compareEntries checks that both lists hold what is wanted, and that one that is managed as a whole holds nothing else.
func (s *schedule) compareEntries(ids map[string]string) error {
	return s.eachList(ids, s.checkList)
}

// checkComplete checks that an apply that succeeded has put on the lists all that is wanted. What somebody else has added
// meanwhile it may not have seen.
func (s *schedule) checkComplete() error {
	ids, err := s.stateIDs()
	if err != nil {
		return err
	}
	return s.eachList(ids, func(list simulator.Blacklist, wanted []company, _ bool) error {
		for _, want := range wanted {
			if !slices.ContainsFunc(list.Entries, func(entry simulator.Entry) bool {
				return entry.CompanyName == want.CompanyName && bare(entry.WebsiteURL) == bare(want.WebsiteURL)
			}) {
				return fmt.Errorf("LOST ENTRY: %v is not on %s after a complete apply", want, list.Name)
			}
		}
		return nil
	})
}

// checkExcluded checks that an apply that succeeded has placed an order only when all that is wanted was on its blacklist,
// or has said that it came later.
func (s *schedule) checkExcluded(before []simulator.Blacklist, output string) error {
	ids, err := s.stateIDs()
	if err != nil || strings.Contains(output, "Company added after an order was placed") {
		return err
	}
	customers := ids["openprospect_blacklist.customers"]
	on := map[string]int{}
	for _, list := range before {
		for _, entry := range list.Entries {
			if list.ID == customers {
				on[bare(entry.WebsiteURL)]++
			}
		}
	}
	var atOrder map[string]int
	for _, event := range s.api.Events()[s.checked:] {
		switch {
		case event.Kind == "entry_added" && event.BlacklistID == customers:
			on[bare(event.Entry.WebsiteURL)]++
		case event.Kind == "entry_removed" && event.BlacklistID == customers:
			on[bare(event.Entry.WebsiteURL)]--
		case event.Kind == "order_created":
			atOrder = maps.Clone(on)
		}
	}
	if atOrder == nil {
		return nil
	}
	for _, wanted := range s.world.bulk {
		if atOrder[bare(wanted.WebsiteURL)] < 1 {
			return fmt.Errorf("HALF A LIST: %v was not on the blacklist when the order was placed", wanted)
		}
	}
	return nil
}

// eachList checks both lists, each with the companies that are wanted on it.
func (s *schedule) eachList(ids map[string]string, check func(list simulator.Blacklist, wanted []company, exact bool) error) error {
	customers, found := s.api.Blacklist(ids["openprospect_blacklist.customers"])
	if !found {
		return errors.New("the blacklist of the customers is not on the server")
	}
	oneoffs, found := s.api.Blacklist(ids["openprospect_blacklist.oneoffs"])
	if !found {
		return errors.New("the blacklist of the one-offs is not on the server")
	}
	bulk, singles := slices.Collect(maps.Values(s.world.bulk)), slices.Collect(maps.Values(s.world.singles))
	if s.world.mode == additive {
		return check(customers, append(bulk, singles...), false)
	}
	if err := check(customers, bulk, true); err != nil {
		return err
	}
	return check(oneoffs, singles, false)
}

// checkList checks that every wanted company is on the list once and, where exact, no other. Elsewhere there may be companies
// that somebody else added and companies that an additive list had adopted and leaves, with a warning. Where a signal ended
// a run before it could write its state, what that run left behind may be there: nothing tells the next run that those were
// Terraform's, and a company too many is excluded rather than one too few.
func (s *schedule) checkList(list simulator.Blacklist, wanted []company, exact bool) error {
	rows := map[company]int{}
	for _, entry := range list.Entries {
		rows[company{entry.CompanyName, bare(entry.WebsiteURL), entry.City, entry.ExternalID}]++
	}
	for _, want := range wanted {
		want.WebsiteURL = bare(want.WebsiteURL)
		switch rows[want] {
		case 0:
			return fmt.Errorf("LOST ENTRY: %v is not on %s", want, list.Name)
		case 1:
			delete(rows, want)
		default:
			return fmt.Errorf("DOUBLED ENTRY: %v is on %s %d times", want, list.Name, rows[want])
		}
	}
	for row := range rows {
		if !exact && (s.stats.Signals > 0 || s.warnedOf(row)) {
			s.left = append(s.left, row)
			s.stats.Leftovers++
			continue
		}
		if exact || !strings.Contains(row.WebsiteURL, "foreign-") {
			return fmt.Errorf("STRAY ENTRY: %v is on %s and in no configuration", row, list.Name)
		}
	}
	return nil
}

// warnedOf reports whether an apply has said that it leaves the company on the blacklist.
func (s *schedule) warnedOf(row company) bool {
	return slices.ContainsFunc(messages(s.said.String(), "Warning: Companies stay on the blacklist"), func(text string) bool {
		return strings.Contains(strings.Join(strings.Fields(text), " "), row.CompanyName+", ")
	})
}

// stateIDs returns the ids in state by the address without key; none where no run has written a state.
func (s *schedule) stateIDs() (map[string]string, error) {
	instances, err := s.stateInstances()
	if err != nil || len(instances) == 0 {
		return nil, err
	}
	ids := map[string]string{}
	for _, instance := range instances {
		if !instance.deposed {
			ids[instance.resource] = instance.id
		}
	}
	return ids, nil
}

// stateInstance is one object in state.
type stateInstance struct {
	// resource is the address without key.
	resource, address, id string
	deposed               bool
}

func (s *schedule) stateInstances() ([]stateInstance, error) {
	var state struct {
		Resources []struct {
			Type      string `json:"type"`
			Name      string `json:"name"`
			Instances []struct {
				IndexKey   any            `json:"index_key"`
				Deposed    string         `json:"deposed"`
				Attributes map[string]any `json:"attributes"`
			} `json:"instances"`
		} `json:"resources"`
	}
	text, err := os.ReadFile(filepath.Join(s.directory, "terraform.tfstate"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	var instances []stateInstance
	for _, resource := range state.Resources {
		for _, instance := range resource.Instances {
			found := stateInstance{resource: resource.Type + "." + resource.Name, deposed: instance.Deposed != ""}
			found.address = found.resource
			if instance.IndexKey != nil {
				found.address += fmt.Sprintf("[%q]", instance.IndexKey)
			}
			found.id, _ = instance.Attributes["id"].(string)
			instances = append(instances, found)
		}
	}
	return instances, nil
}
