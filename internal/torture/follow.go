//go:build linux

package main

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

var (
	importCommand = regexp.MustCompile(`terraform import '?([a-z_]+)\.[^ ']*'? '?([^ '\n]+)'?`)
	// subject is the resource that an error is about.
	subject = regexp.MustCompile(`\n\s+with ([a-z_]+\.[^,\n]+),\n`)
	// otherFields refuses that a company changes hands and fields in one plan.
	otherFields = regexp.MustCompile(`one resource removes .* \(entry ([^)]+)\), and another one adds the same company with other fields`)
	// heldByOther refuses to remove an entry that another resource has in its state, as an interrupted run leaves it.
	heldByOther = regexp.MustCompile(`one resource removes .* \(entry ([^)]+)\), and another one has the same entry in its state`)
	// unnamed refuses to replace an authoritative list and take companies off it in one plan.
	unnamed = regexp.MustCompile(
		`The blacklist (?:"[^"]*" \()?([^ ()]+)\)? contains .* besides the .* in entries\. In authoritative mode, the apply would remove`)
)

const listAddress = "openprospect_blacklist_entries.customers"

// follow does what the errors say, as their reader would. What a warning says of an import, such as how to take back an
// order that was forgotten, stops nobody.
func (s *schedule) follow(output string) error {
	for _, text := range errorTexts(output) {
		about := subject.FindStringSubmatch(text)
		// Terraform wraps long lines.
		text = strings.Join(strings.Fields(text), " ")
		if match := otherFields.FindStringSubmatch(text); match != nil {
			return s.handOverFirst(match[1])
		}
		if strings.Contains(text, "Discovery order would be placed twice") {
			s.note("a moved block for the order")
			s.world.renamedFrom = append(s.world.renamedFrom, s.world.formerName)
			s.world.formerName = ""
			return s.configure()
		}
		failedAgain := strings.Contains(text, "add or change a value of keepers") && s.failedProfiles > 0
		if strings.Contains(text, "add or change a value of keepers") {
			s.failedProfiles++
		}
		if failedAgain || strings.Contains(text, "Add or change a value of keepers") {
			s.world.keepers++
			s.note("another key for the profile")
			return s.configure()
		}
		if match := heldByOther.FindStringSubmatch(text); match != nil {
			return s.forgetHolder(match[1])
		}
		if match := unnamed.FindStringSubmatch(text); match != nil && s.inState(listAddress) {
			return s.nameAllFirst(match[1])
		}
		for _, command := range importCommand.FindAllStringSubmatch(text, -1) {
			kind, id := command[1], command[2]
			if kind == "openprospect_discovery_order" {
				s.stats.DuplicatesStopped++
				return s.resolveOrder()
			}
			if about == nil || !strings.HasPrefix(about[1], kind+".") || strings.ContainsAny(id, "<>") {
				continue
			}
			return s.importResource(about[1], id)
		}
	}
	return nil
}

// forgetHolder takes out of state the resource that has the entry besides the one that gives it up: the single entry that is
// to have it, or else the list. The next create adopts the entry. A deposed object goes with its resource.
func (s *schedule) forgetHolder(entryID string) error {
	address := listAddress
	entry, found := s.entryOnServer(entryID)
	for key, wanted := range s.world.singles {
		single := fmt.Sprintf("openprospect_blacklist_entry.single[%q]", key)
		if id, err := s.idInState(single); err != nil {
			return err
		} else if id == entryID && found && bare(wanted.WebsiteURL) == bare(entry.WebsiteURL) {
			address = single
		}
	}
	return s.forget(address)
}

func (s *schedule) forget(address string) error {
	s.note("terraform state rm %s", address)
	code, output, err := s.terraform("state", "rm", address)
	if err == nil && code != 0 {
		err = fmt.Errorf("%s cannot be taken out of state:\n%s", address, output)
	}
	return err
}

// idInState returns the id of a resource's current object, "" if there is none.
func (s *schedule) idInState(address string) (string, error) {
	instances, err := s.stateInstances()
	if err != nil {
		return "", err
	}
	for _, instance := range instances {
		if instance.address == address && !instance.deposed {
			return instance.id, nil
		}
	}
	return "", nil
}

func (s *schedule) inState(address string) bool {
	id, err := s.idInState(address)
	return err == nil && id != ""
}

func (s *schedule) entryOnServer(id string) (simulator.Entry, bool) {
	for _, list := range s.api.Blacklists() {
		for _, entry := range list.Entries {
			if entry.ID == id {
				return entry, true
			}
		}
	}
	return simulator.Entry{}, false
}

// handOverFirst lets the company change hands with the fields that it has. The next plan is what was wanted.
func (s *schedule) handOverFirst(entryID string) error {
	entry, found := s.entryOnServer(entryID)
	if !found {
		return fmt.Errorf("a change of hands of entry %s was refused, which is on no list", entryID)
	}
	for _, entries := range []map[string]company{s.world.bulk, s.world.singles} {
		for key, wanted := range entries {
			if bare(wanted.WebsiteURL) != bare(entry.WebsiteURL) {
				continue
			}
			s.note("first step: %s as %v", key, entry)
			entries[key] = company{entry.CompanyName, wanted.WebsiteURL, entry.City, entry.ExternalID}
			err := s.step()
			entries[key] = wanted
			return errors.Join(err, s.configure())
		}
	}
	return fmt.Errorf("a change of hands of entry %s was refused, which nobody wants", entryID)
}

// nameAllFirst names in the document all companies that are on the blacklist, so that a replacement takes none off. The next
// plan is what was wanted.
func (s *schedule) nameAllFirst(blacklistID string) error {
	wanted := s.world.bulk
	s.world.bulk = maps.Clone(wanted)
	list, _ := s.api.Blacklist(blacklistID)
	for _, entry := range list.Entries {
		// The document takes a company once, with the fields that it has on the list.
		maps.DeleteFunc(s.world.bulk, func(_ string, named company) bool { return bare(named.WebsiteURL) == bare(entry.WebsiteURL) })
		key := "first-" + entry.ID
		for name, named := range wanted {
			if bare(named.WebsiteURL) == bare(entry.WebsiteURL) {
				key = name
			}
		}
		s.world.bulk[key] = company{entry.CompanyName, entry.WebsiteURL, entry.City, entry.ExternalID}
	}
	s.note("first step: the document with the keys %q", slices.Sorted(maps.Keys(s.world.bulk)))
	err := s.step()
	s.world.bulk = wanted
	return errors.Join(err, s.configure())
}

// step applies the configuration as it is for the moment.
func (s *schedule) step() error {
	if s.stats.Steps++; s.stats.Steps > maxSteps {
		return errors.New("changes are still refused after they were made in several steps")
	}
	if err := s.configure(); err != nil {
		return err
	}
	plan, err := s.plan()
	if err != nil || plan == nil {
		return err
	}
	return s.apply(plan)
}

// resolveOrder looks in the dashboard for the order that was to be placed. If it is there it is imported, otherwise it
// really is a new one.
func (s *schedule) resolveOrder() error {
	for _, order := range s.api.Orders() {
		if s.described(order) != profile(s.world.search) {
			continue
		}
		if err := s.importResource(s.world.orderAddress(), order.ID); err != nil {
			return err
		}
		// The API does not show the profile again, so the first apply takes it from
		// the configuration: before anything else is changed.
		plan, err := s.plan()
		if err != nil || plan == nil {
			return err
		}
		return s.apply(plan)
	}
	s.note("no such order in the dashboard: allow_duplicate")
	s.world.allowDuplicate = true
	return s.configure()
}

func (s *schedule) importResource(address, id string) error {
	s.api.ClearFaults()
	s.stats.Imports++
	code, output, err := s.terraform("import", "-input=false", "-no-color", address, id)
	if err != nil {
		return err
	}
	s.note("import %s %s: %d", address, id, code)
	if code != 0 && !strings.Contains(output, "already managed by Terraform") {
		return fmt.Errorf("an import that the provider asked for failed: %s %s\n%s", address, id, output)
	}
	return nil
}
