//go:build linux

package main

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
	"github.com/openprospect/terraform-provider-openprospect/internal/terraformcli"
)

// apiKey is searched for in everything that a run leaves behind.
const apiKey = "lnc_test_CAMPAIGNSECRETKEY0123456789abc"

// schedule is one life of a configuration: rounds of changes and applies under
// faults, then a fault-free apply that must make everything right.
type schedule struct {
	random    *rand.Rand
	cli       *terraformcli.CLI
	directory string
	api       *simulator.Server
	world     *world
	process   run
	trace     bool
	// story is what happened, for whoever has to find out why it went wrong.
	story strings.Builder
	stats stats
	// events before this one have been checked.
	checked int
	// swaps says that the server takes an entry with other fields for the same
	// company, so that the old one has to go first.
	swaps bool
	// planned is what terraform printed with the last plan.
	planned string
	// elsewhere is a blacklist that somebody assigns to the running search in the dashboard.
	elsewhere string
	// steps is how many hand-overs were done in two steps.
	steps int
	// left are companies that are on a list and in no configuration, said is what
	// terraform printed in applies that went through.
	left []company
	said strings.Builder
}

// maxSteps is more than any schedule has companies that change hands under another name.
const maxSteps = 20

// stats count what a schedule went through.
type stats struct {
	Applies, FailedApplies, Blows, Faults, Imports, DuplicatesStopped, Orders, Orphans, Leftovers int
	// Missed are signals whose request never came, Torn are states that a killed
	// terraform left half written.
	Missed, Torn int
}

func newSchedule(seed uint64, cli *terraformcli.CLI, directory string) (*schedule, error) {
	random := rand.New(rand.NewPCG(seed, 0))
	s := &schedule{random: random, cli: cli, directory: directory}
	options := simulator.Options{APIKey: apiKey, Review: simulator.Review{Reads: 1 + random.IntN(3)}}
	generations := simulator.Generations()
	generation := generations[random.IntN(len(generations))]
	generation.Set(&options.Behavior)
	s.note("generation %s", generation.Name)
	if random.IntN(4) == 0 {
		options.Review.Final = []string{"CANCELLED", "REJECTED", "FAILED"}[random.IntN(3)]
	}
	if switches := simulator.Switches(); random.IntN(2) == 0 {
		chosen := switches[random.IntN(len(switches))]
		chosen.Set(&options.Behavior)
		s.swaps = chosen.Name == "company_unique"
		s.note("switch %s", chosen.Name)
	}
	api, err := simulator.Start(options)
	if err != nil {
		return nil, fmt.Errorf("starting the simulator: %w", err)
	}
	s.api = api
	s.world = newWorld(random)
	s.world.newest = options.Behavior.Newest
	s.world.running = api.AddProspectSearch("Running")
	s.elsewhere = api.AddBlacklist("Elsewhere", "")
	if s.world.newest && random.IntN(4) == 0 {
		api.FailProfiles(1 + random.IntN(2))
	}
	s.trace = random.IntN(4) == 0
	return s, nil
}

func (s *schedule) note(format string, arguments ...any) {
	fmt.Fprintf(&s.story, format+"\n", arguments...)
}

// live runs the schedule; an error is a rule that was broken.
func (s *schedule) live(ctx context.Context) error {
	for round := range 2 + s.random.IntN(2) {
		s.note("--- round %d", round+1)
		if round > 0 {
			for range 1 + s.random.IntN(3) {
				s.note("change: %s", s.world.change(s.random))
			}
			s.meddle()
		}
		if err := s.round(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	s.note("--- settling")
	s.api.ClearFaults()
	if err := s.settle(); err != nil {
		return err
	}
	if err := s.compare(); err != nil {
		return err
	}
	s.note("--- destroying")
	return s.destroy()
}

// meddle changes the server as somebody in the dashboard would.
func (s *schedule) meddle() {
	if s.random.IntN(4) != 0 {
		return
	}
	lists := s.api.Blacklists()
	if len(lists) == 0 {
		return
	}
	if search, _ := s.api.ProspectSearch(s.world.running); s.random.IntN(3) == 0 && !slices.Contains(search.BlacklistIDs, s.elsewhere) {
		s.api.AssignBlacklists(search.ID, append(search.BlacklistIDs, s.elsewhere)...)
		s.note("somebody assigns a blacklist to the running search")
		return
	}
	list := lists[s.random.IntN(len(lists))]
	if len(list.Entries) > 0 && s.random.IntN(2) == 0 {
		gone := list.Entries[s.random.IntN(len(list.Entries))]
		s.api.RemoveEntries(list.ID, gone.ID)
		s.note("somebody removes %s", gone.WebsiteURL)
		return
	}
	foreign := fmt.Sprintf("https://foreign-%d.example.com", s.random.IntN(1000))
	s.api.AddEntries(list.ID, simulator.Entry{CompanyName: "Foreign", WebsiteURL: foreign})
	s.note("somebody adds %s", foreign)
}

// round plans without faults (a plan changes nothing; what faults do to it is
// tried now and then) and applies under faults.
func (s *schedule) round() error {
	if err := s.configure(); err != nil {
		return err
	}
	if s.random.IntN(4) == 0 {
		s.faults(0)
		if _, _, err := s.terraform("plan", "-input=false", "-no-color"); err != nil {
			return err
		}
		s.api.ClearFaults()
	}
	planned, err := s.plan()
	if err != nil || planned == nil {
		return err
	}
	s.faults(s.random.IntN(3))
	err = s.apply(planned)
	s.api.ClearFaults()
	return err
}

func (s *schedule) configure() error {
	text, err := s.world.configuration(s.api.URL())
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.directory, "main.tf.json"), text, 0o600)
}

// faults injects up to three faults and, when blows is 1, a signal.
func (s *schedule) faults(blows int) {
	for i := range s.random.IntN(4) {
		fault := randomFault(s.random, i)
		s.note("fault %s", fault.Name)
		s.api.Inject(fault)
		s.stats.Faults++
	}
	if blows == 1 {
		fault := randomBlow(s.random, 9, s.process.strike)
		s.note("fault %s", fault.Name)
		s.api.Inject(fault)
		s.stats.Blows++
	}
}

// plan gives the saved plan, or nil when terraform refused: then its message
// has been followed where it names an import.
func (s *schedule) plan(options ...string) (*tfjson.Plan, error) {
	code, output, err := s.terraform(append([]string{"plan", "-input=false", "-no-color", "-out=saved.plan"}, options...)...)
	if err != nil {
		return nil, err
	}
	s.planned = output
	if code != 0 {
		s.note("plan refused:\n%s", output)
		return nil, s.follow(output)
	}
	_, shown, err := s.terraform("show", "-json", "-no-color", "saved.plan")
	if err != nil {
		return nil, err
	}
	var plan tfjson.Plan
	if err := plan.UnmarshalJSON([]byte(lastLine(shown))); err != nil {
		return nil, fmt.Errorf("reading the plan: %w\n%s", err, shown)
	}
	return &plan, nil
}

// lastLine skips terraform's warning about development overrides.
func lastLine(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	return lines[len(lines)-1]
}

// apply applies the saved plan and checks what happened on the server.
func (s *schedule) apply(plan *tfjson.Plan) error {
	before := s.api.Blacklists()
	assigned, _ := s.api.ProspectSearch(s.world.running)
	s.checked = len(s.api.Events())
	s.stats.Applies++
	code, output, err := s.terraform("apply", "-input=false", "-no-color", "-auto-approve", "saved.plan")
	if err != nil {
		return err
	}
	// What an orphaned request still does on the server belongs to this run.
	s.api.ClearFaults()
	if err := errors.Join(s.watch(plan, before), s.watchAssignment(plan, assigned.BlacklistIDs)); err != nil {
		return err
	}
	if code == 0 {
		s.said.WriteString(output)
		// The message that asked for it says to take it out again.
		s.world.allowDuplicate = false
		if destroys(plan) {
			return nil
		}
		return s.complete()
	}
	s.stats.FailedApplies++
	s.note("apply ended with %d:\n%s", code, output)
	if code > 0 {
		if err := says(output); err != nil {
			return err
		}
	}
	return s.follow(output)
}

// destroys reports whether a plan leaves nothing.
func destroys(plan *tfjson.Plan) bool {
	return !slices.ContainsFunc(plan.ResourceChanges, func(change *tfjson.ResourceChange) bool { return !change.Change.Actions.Delete() })
}

var importCommand = regexp.MustCompile(`terraform import '?([a-z_]+)\.[^ ']*'? '?([^ '\n]+)'?`)

// subject is the resource that an error is about.
var subject = regexp.MustCompile(`\n\s+with ([a-z_]+\.[^,\n]+),\n`)

// follow does what the errors say, as their reader would. What a warning says
// of an import, such as how to take back an order that was forgotten, stops
// nobody.
func (s *schedule) follow(output string) error {
	for _, text := range errorTexts(output) {
		about := subject.FindStringSubmatch(text)
		// Terraform wraps long lines.
		text = strings.Join(strings.Fields(text), " ")
		if changed := changedHands.FindStringSubmatch(text); changed != nil {
			return s.inTwoSteps(changed[1])
		}
		if strings.Contains(text, "Add or change a value of keepers") {
			s.world.keepers++
			s.note("another key for the profile")
			return s.configure()
		}
		if held := heldByOther.FindStringSubmatch(text); held != nil {
			return s.forgetHolder(held[1])
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

// changedHands is the refusal to hand a company over and rename it in one plan.
var changedHands = regexp.MustCompile(`gives up .* \(entry ([^)]+)\), and another one takes the company over with other fields`)

// heldByOther is the refusal to give up an entry that another resource has in
// state, as a run leaves it that was cut short in the middle of a hand-over.
var heldByOther = regexp.MustCompile(`gives up .* \(entry ([^)]+)\), and another one has the same entry in its state`)

// forgetHolder takes the single entry out of state that has taken over what the
// list still has to give up. Where it is the list that holds it, planning again
// is enough.
func (s *schedule) forgetHolder(entryID string) error {
	for key := range s.world.singles {
		address := fmt.Sprintf("openprospect_blacklist_entry.single[%q]", key)
		code, output, err := s.terraform("state", "show", "-no-color", address)
		if err != nil {
			return err
		}
		if code != 0 || !strings.Contains(output, entryID) {
			continue
		}
		s.note("terraform state rm %s", address)
		code, output, err = s.terraform("state", "rm", address)
		if err == nil && code != 0 {
			err = fmt.Errorf("%s cannot be taken out of state:\n%s", address, output)
		}
		return err
	}
	return nil
}

// inTwoSteps first hands the company over as it is. The next plan is what was wanted.
func (s *schedule) inTwoSteps(entryID string) error {
	if s.steps++; s.steps > maxSteps {
		return errors.New("hand-overs are still refused after they were done in two steps")
	}
	for _, list := range s.api.Blacklists() {
		for _, entry := range list.Entries {
			if entry.ID != entryID {
				continue
			}
			for _, entries := range []map[string]company{s.world.bulk, s.world.singles} {
				for key, wanted := range entries {
					if bare(wanted.WebsiteURL) == bare(entry.WebsiteURL) {
						return s.firstStep(entries, key, company{entry.CompanyName, wanted.WebsiteURL, entry.City, entry.ExternalID})
					}
				}
			}
		}
	}
	return fmt.Errorf("a hand-over of entry %s was refused, which nobody has or wants", entryID)
}

func (s *schedule) firstStep(entries map[string]company, key string, asItIs company) error {
	wanted := entries[key]
	entries[key] = asItIs
	s.note("first step: %s as %v", key, asItIs)
	if err := s.configure(); err != nil {
		return err
	}
	plan, err := s.plan()
	if err == nil && plan != nil {
		err = s.apply(plan)
	}
	entries[key] = wanted
	if err != nil {
		return err
	}
	return s.configure()
}

// resolveOrder looks into the dashboard for the order that was to be placed:
// if it is there it is imported, otherwise it really is a new one.
func (s *schedule) resolveOrder() error {
	for _, order := range s.api.Orders() {
		if s.described(order) != profile(s.world.search) {
			continue
		}
		if err := s.importResource("openprospect_discovery_order.search", order.ID); err != nil {
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

// settle applies without faults until the plan is empty: what the messages ask
// for may take a few rounds, but never many.
func (s *schedule) settle() error {
	var last string
	for range 5 {
		if err := s.configure(); err != nil {
			return err
		}
		plan, err := s.plan()
		if err != nil {
			return err
		}
		if plan == nil {
			continue
		}
		if !changes(plan) {
			return nil
		}
		if err := s.apply(plan); err != nil {
			return err
		}
		// The order may be under way for some reads; waiting ended by itself.
		last = describe(plan)
	}
	return fmt.Errorf("the configuration does not settle; the last plan was:\n%s", last)
}

func (s *schedule) destroy() error {
	plan, err := s.plan("-destroy")
	if err != nil {
		return err
	}
	if plan == nil {
		return errors.New("a destroy could not be planned")
	}
	orders := len(s.api.Orders())
	before := s.api.Blacklists()
	s.checked = len(s.api.Events())
	code, output, err := s.terraform("apply", "-input=false", "-no-color", "-auto-approve", "saved.plan")
	if err != nil {
		return err
	}
	if err := s.watch(plan, before); err != nil {
		return err
	}
	// A blacklist that somebody else added to refuses to go without
	// force_destroy, one that an order still names may be refused by the API, and
	// both have to say so.
	if code != 0 && !strings.Contains(output, "force_destroy") && !strings.Contains(output, "in use by") {
		return fmt.Errorf("destroy failed:\n%s", output)
	}
	if len(s.api.Orders()) != orders {
		return errors.New("destroy changed the number of orders")
	}
	return nil
}

// terraform runs one command and searches what it left behind.
func (s *schedule) terraform(arguments ...string) (int, string, error) {
	environ := s.cli.Environ("OPENPROSPECT_API_KEY=" + apiKey)
	if s.trace {
		environ = append(environ, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(s.directory, "trace.log"))
	}
	output, err := s.process.execute(s.cli.Command(s.directory, environ, arguments...))
	code, err := terraformcli.ExitCode(err)
	if err != nil {
		return 0, "", err
	}
	return code, output, s.leaks(output)
}

// leaks looks for the key, and for a crash, in the output and in every file of
// the working directory: state, plans and logs.
func (s *schedule) leaks(output string) error {
	texts := map[string]string{"output": output}
	files, err := os.ReadDir(s.directory)
	if err != nil {
		return fmt.Errorf("looking for leaks: %w", err)
	}
	for _, file := range files {
		if file.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(s.directory, file.Name()))
		if err != nil {
			return fmt.Errorf("looking for leaks: %w", err)
		}
		texts[file.Name()] = string(text)
	}
	if err := unpackPlan(texts); err != nil {
		return err
	}
	for name, text := range texts {
		if strings.Contains(text, apiKey) {
			return fmt.Errorf("the API key stands in %s", name)
		}
		for _, crash := range []string{"panic:", "fatal error:"} {
			if strings.Contains(text, crash) {
				return fmt.Errorf("%q stands in %s:\n%s", crash, name, text)
			}
		}
	}
	_ = os.Remove(filepath.Join(s.directory, "trace.log"))
	return nil
}

// unpackPlan adds the files of a saved plan, which is a compressed archive. One
// that a signal cut off holds nothing that can be read.
func unpackPlan(texts map[string]string) error {
	packed := texts["saved.plan"]
	archive, err := zip.NewReader(strings.NewReader(packed), int64(len(packed)))
	if err != nil {
		return nil //nolint:nilerr // There is no plan, or half of one.
	}
	for _, file := range archive.File {
		reader, err := file.Open()
		if err != nil {
			return fmt.Errorf("reading the plan: %w", err)
		}
		text, err := io.ReadAll(reader)
		if err != nil {
			return fmt.Errorf("reading the plan: %w", err)
		}
		texts["saved.plan/"+file.Name] = string(text)
	}
	return nil
}

func describe(plan *tfjson.Plan) string {
	text, err := json.MarshalIndent(plan.ResourceChanges, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}
