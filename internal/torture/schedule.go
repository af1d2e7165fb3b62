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
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
	"github.com/openprospect/terraform-provider-openprospect/internal/terraformcli"
)

// apiKey is searched for in everything that a run leaves behind.
const apiKey = "lnc_test_CAMPAIGNSECRETKEY0123456789abc"

// schedule is one configuration that goes through rounds of changes and applies under faults, then an apply without faults
// that must make everything right.
type schedule struct {
	random    *rand.Rand
	cli       *terraformcli.CLI
	directory string
	// environ is added to terraform's environment.
	environ []string
	api     *simulator.Server
	world   *world
	process run
	trace   bool
	// log is what happened, for whoever has to find out why it went wrong.
	log   strings.Builder
	stats stats
	// events before this one have been checked.
	checked int
	// companyUnique is true if the server sees the same company in an entry with other fields, so that the old one has to
	// go first.
	companyUnique bool
	// lags is true if reads may miss what was just written.
	lags bool
	// planned is what terraform printed with the last plan, said what it printed with all applies.
	planned string
	said    strings.Builder
	// elsewhere is a blacklist that somebody assigns to the running search in the dashboard.
	elsewhere string
	// failedProfiles is how often an error has said that the creation of a profile failed.
	failedProfiles int
	// left are companies that are on a list and in no configuration.
	left []company
}

// maxSteps is more than any schedule has companies that change hands and fields at once.
const maxSteps = 40

// stats count what happened in a schedule.
type stats struct {
	Applies, FailedApplies, Signals, Faults, Imports, DuplicatesStopped, Orders, Orphans, Leftovers int
	// OffForAWhile are companies that were off a list between two moments at which they were on it.
	OffForAWhile int
	// Steps are changes that were refused in one plan and made in several, as the message said.
	Steps int
	// Pipelines are pairs of them, Overlaps companies that both added at the same moment.
	Pipelines, Overlaps int
	// Missed are signals whose request never came, Torn are states that a killed terraform left half written.
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
		s.companyUnique = chosen.Name == "company_unique"
		s.lags = strings.HasPrefix(chosen.Name, "read_after_write")
		s.note("switch %s", chosen.Name)
	}
	api, err := simulator.Start(options)
	if err != nil {
		return nil, fmt.Errorf("starting the simulator: %w", err)
	}
	s.api = api
	s.world = newWorld(random)
	if !twoPipelines(seed) {
		s.world.newest = options.Behavior.Newest
		s.world.running = api.AddProspectSearch("Running")
		s.elsewhere = api.AddBlacklist("Elsewhere", "")
	}
	if s.world.newest && random.IntN(4) == 0 {
		api.FailProfiles(1 + random.IntN(2))
	}
	s.trace = random.IntN(4) == 0
	return s, nil
}

func (s *schedule) note(format string, arguments ...any) {
	fmt.Fprintf(&s.log, format+"\n", arguments...)
}

// run runs the schedule. An error is a rule that was broken.
func (s *schedule) run(ctx context.Context) error {
	for round := range 2 + s.random.IntN(2) {
		s.note("--- round %d", round+1)
		if round > 0 {
			for range 1 + s.random.IntN(3) {
				s.note("change: %s", s.world.change(s.random))
			}
			s.changeByHand()
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

// changeByHand changes the server as somebody in the dashboard would.
func (s *schedule) changeByHand() {
	if s.random.IntN(4) != 0 {
		return
	}
	if search, found := s.api.ProspectSearch(
		s.world.running,
	); found && s.random.IntN(3) == 0 &&
		!slices.Contains(search.BlacklistIDs, s.elsewhere) {
		s.api.AssignBlacklists(search.ID, append(search.BlacklistIDs, s.elsewhere)...)
		s.note("somebody assigns a blacklist to the running search")
		return
	}
	lists := s.api.Blacklists()
	if len(lists) == 0 {
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

// round plans without faults (a plan changes nothing, so faults in it are only tried now and then) and applies under faults.
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
	planned, err := s.plan(s.replacements()...)
	if err != nil || planned == nil {
		return err
	}
	s.faults(s.random.IntN(3))
	err = s.apply(planned)
	s.api.ClearFaults()
	return err
}

// replacements asks now and then for a replacement that the configuration does not ask for.
func (s *schedule) replacements() []string {
	if s.random.IntN(8) != 0 {
		return nil
	}
	address := "openprospect_blacklist_entries.customers"
	if key, some := pick(s.random, s.world.singles); some && s.random.IntN(2) == 0 {
		address = fmt.Sprintf("openprospect_blacklist_entry.single[%q]", key)
	}
	s.note("-replace=%s", address)
	return []string{"-replace=" + address}
}

func (s *schedule) configure() error {
	text, err := s.world.configuration(s.api.URL())
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.directory, "main.tf.json"), text, 0o600)
}

// faults injects up to three faults and, if signals is 1, a signal.
func (s *schedule) faults(signals int) {
	s.spoilAnswers(routes)
	if signals == 1 {
		fault := randomSignal(s.random, 9, routes, s.process.strike)
		s.note("fault %s", fault.Name)
		s.api.Inject(fault)
		s.stats.Signals++
	}
}

func (s *schedule) spoilAnswers(routes []route) {
	for i := range s.random.IntN(4) {
		fault := randomFault(s.random, i, routes)
		s.note("fault %s", fault.Name)
		s.api.Inject(fault)
		s.stats.Faults++
	}
}

// plan returns the saved plan, or nil if terraform refused. Then what its message says has been done.
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
	if err := errors.Join(s.checkEvents(plan, before), s.checkAssignment(plan, assigned.BlacklistIDs)); err != nil {
		return err
	}
	s.said.WriteString(output)
	if code == 0 {
		// The message that asked for it says to take it out again.
		s.world.allowDuplicate = false
		s.world.formerName = ""
		if destroys(plan) {
			return nil
		}
		return errors.Join(s.checkComplete(), s.checkExcluded(before, output))
	}
	s.stats.FailedApplies++
	s.note("apply ended with %d:\n%s", code, output)
	if code > 0 {
		if err := checkAdvice(output); err != nil {
			return err
		}
	}
	return s.follow(output)
}

// destroys reports whether a plan leaves nothing.
func destroys(plan *tfjson.Plan) bool {
	return !slices.ContainsFunc(plan.ResourceChanges, func(change *tfjson.ResourceChange) bool { return !change.Change.Actions.Delete() })
}

// maxRounds is how many applies may be needed until the plan is empty.
const maxRounds = 8

// settle applies without faults until the plan is empty. What the messages ask for may take a few rounds, but never many.
func (s *schedule) settle() error {
	var last string
	for range maxRounds {
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
	if err := s.checkEvents(plan, before); err != nil {
		return err
	}
	// A blacklist that somebody else added to is not destroyed without force_destroy, and the API may refuse one that an order
	// still names. Both messages have to say so.
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
	environ := s.cli.Environ(append([]string{"OPENPROSPECT_API_KEY=" + apiKey}, s.environ...)...)
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

// leaks looks for the key, and for a crash, in the output and in every file of the working directory: state, plans and logs.
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
			return fmt.Errorf("the API key is in %s", name)
		}
		for _, crash := range []string{"panic:", "fatal error:"} {
			if strings.Contains(text, crash) {
				return fmt.Errorf("%q is in %s:\n%s", crash, name, text)
			}
		}
	}
	_ = os.Remove(filepath.Join(s.directory, "trace.log"))
	return nil
}

// unpackPlan adds the files of a saved plan, which is a compressed archive. A plan that was interrupted cannot be read.
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
