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
		return !change.Change.Actions.NoOp() && !change.Change.Actions.Read()
	})
}

// removals are what a plan shows as going away.
type removals struct {
	entries    map[string]bool // ids of single entries
	companies  map[string]bool // blacklist id and identity, of bulk entries
	blacklists map[string]bool
}

func shownRemovals(plan *tfjson.Plan) (removals, error) {
	shown := removals{entries: map[string]bool{}, companies: map[string]bool{}, blacklists: map[string]bool{}}
	for _, change := range plan.ResourceChanges {
		before, _ := change.Change.Before.(map[string]any)
		if before == nil || change.Change.Actions.NoOp() {
			continue
		}
		id, _ := before["id"].(string)
		switch change.Type {
		case "openprospect_blacklist":
			if change.Change.Actions.Delete() || change.Change.Actions.Replace() {
				shown.blacklists[id] = true
			}
		case "openprospect_blacklist_entry":
			shown.entries[id] = true
		case "openprospect_blacklist_entries":
			list, _ := before["blacklist_id"].(string)
			old, err := document(before["entries"])
			if err != nil {
				return shown, err
			}
			after, _ := change.Change.After.(map[string]any)
			kept := map[string]company{}
			if after != nil {
				if kept, err = document(after["entries"]); err != nil {
					return shown, err
				}
			}
			remaining := slices.Collect(maps.Values(kept))
			for _, was := range old {
				if !slices.ContainsFunc(remaining, func(is company) bool { return is == was }) {
					shown.companies[list+" "+was.identity()] = true
				}
			}
		}
	}
	return shown, nil
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

// watch replays what the last run did to the server: nothing went that the
// plan did not show, and no company that is on a list before and after was off
// it in between. Two exceptions: a server that takes old and new fields for one
// company leaves no other way, and where one resource gives a company up and
// another one takes it over, the plan may have warned that the order is
// Terraform's.
func (s *schedule) watch(plan *tfjson.Plan, before []simulator.Blacklist) error {
	shown, err := shownRemovals(plan)
	if err != nil {
		return err
	}
	after := s.api.Blacklists()
	on := map[string]int{}
	stays := map[string]bool{}
	for _, list := range before {
		for _, entry := range list.Entries {
			on[list.ID+" "+bare(entry.WebsiteURL)]++
		}
	}
	for _, list := range after {
		for _, entry := range list.Entries {
			if key := list.ID + " " + bare(entry.WebsiteURL); on[key] > 0 {
				stays[key] = true
			}
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
		case "entry_removed":
			on[key]--
			if event.Request == 0 {
				continue
			}
			planned := shown.entries[event.Entry.ID] || shown.companies[key] || shown.blacklists[event.BlacklistID]
			if !planned && !s.recovers(event) {
				return fmt.Errorf("%s was removed from %s by request %d and no plan had shown it", event.Entry.WebsiteURL, event.BlacklistID, event.Request)
			}
			if on[key] == 0 && stays[key] && !s.swaps && !s.warnedOfHandOver(event.Entry) {
				return fmt.Errorf("OFF FOR A WHILE: %s was taken off %s by request %d", event.Entry.WebsiteURL, event.BlacklistID, event.Request)
			}
		}
	}
	return s.ordersOnce()
}

// warnedOfHandOver reports whether the plan has said that the company changes
// hands in an order that only Terraform knows.
func (s *schedule) warnedOfHandOver(entry simulator.Entry) bool {
	return slices.ContainsFunc(messages(s.planned, "Warning: Company changes hands"), func(text string) bool {
		return strings.Contains(strings.Join(strings.Fields(text), " "), bare(entry.WebsiteURL))
	})
}

// recovers reports whether the removed entry was added by this same run: what
// a run added itself it may take back.
func (s *schedule) recovers(removed simulator.Event) bool {
	return slices.ContainsFunc(s.api.Events()[s.checked:], func(event simulator.Event) bool {
		return event.Kind == "entry_added" && event.Entry.ID == removed.Entry.ID && event.Request != 0
	})
}

// watchAssignment: no blacklist was taken off the running search that the plan did not show.
func (s *schedule) watchAssignment(plan *tfjson.Plan, before []string) error {
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

// described is the text that an order is for, in the order itself or in the profile that it names.
func (s *schedule) described(order simulator.Order) any {
	for _, made := range s.api.ProfileCreations() {
		if made.ProfileID != "" && made.ProfileID == order.Request["profile_id"] {
			return made.Request["ideal_customer_profile"]
		}
	}
	return order.Request["ideal_customer_profile"]
}

// profilesOnce: no text has two profiles, unless a key was refused.
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

// ordersOnce: no profile was ordered twice.
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

// errorTexts are the errors that terraform printed.
func errorTexts(output string) []string { return messages(output, "Error: ") }

// messages are those of terraform's that begin so, each up to the next one.
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

// says checks that each error message says what to do next. Terraform's own
// (a provider that died, an interrupt) are its own.
func says(output string) error {
	for _, text := range errorTexts(output) {
		if strings.Contains(text, "Plugin did not respond") || strings.Contains(text, "plugin process exited") ||
			strings.Contains(text, "operation canceled") || strings.Contains(text, "Request cancelled") || strings.Contains(text, "execution halted") {
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
	order, found := s.api.Order(ids["openprospect_discovery_order.search"])
	if !found || s.described(order) != profile(s.world.search) {
		return fmt.Errorf("state holds order %q, which is not search %d", ids["openprospect_discovery_order.search"], s.world.search)
	}
	running, _ := s.api.ProspectSearch(s.world.running)
	wanted := s.world.assigned(ids["openprospect_blacklist.customers"], ids["openprospect_blacklist.oneoffs"])
	if !slices.Equal(slices.Sorted(slices.Values(running.BlacklistIDs)), slices.Sorted(slices.Values(wanted))) {
		return fmt.Errorf("LOST ASSIGNMENT: assigned are %q, want %q", running.BlacklistIDs, wanted)
	}
	s.stats.Orphans = len(s.api.Blacklists()) - 3
	return errors.Join(s.ordersOnce(), s.profilesOnce())
}

// compareEntries: both lists hold what is wanted, and one that is managed as a
// whole holds nothing else.
func (s *schedule) compareEntries(ids map[string]string) error {
	return s.eachList(ids, s.holds)
}

// complete: an apply that says it was complete has put on the lists all that
// is wanted. What somebody else has added meanwhile it may not have seen.
func (s *schedule) complete() error {
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
	if s.world.mode == "additive" {
		return check(customers, append(bulk, singles...), false)
	}
	if err := check(customers, bulk, true); err != nil {
		return err
	}
	return check(oneoffs, singles, false)
}

// holds: every wanted company is on the list once and, where exact, no other.
// Elsewhere there may be companies that somebody else added, companies that an
// additive list had taken over and a warning says that it leaves and, where a
// signal ended a run before it could write its state, what that run left behind:
// nothing tells the next run that those were Terraform's, and a company too
// many is excluded rather than one too few.
func (s *schedule) holds(list simulator.Blacklist, wanted []company, exact bool) error {
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
		if !exact && (s.stats.Blows > 0 || s.warnedOf(row)) {
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

// stateIDs are the ids in state by resource address; none where no run has
// written a state.
func (s *schedule) stateIDs() (map[string]string, error) {
	var state struct {
		Resources []struct {
			Type      string `json:"type"`
			Name      string `json:"name"`
			Instances []struct {
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
	ids := map[string]string{}
	for _, resource := range state.Resources {
		for _, instance := range resource.Instances {
			id, _ := instance.Attributes["id"].(string)
			ids[resource.Type+"."+resource.Name] = id
		}
	}
	return ids, nil
}
