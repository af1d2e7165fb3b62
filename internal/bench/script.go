//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// company is an entry of the file and of the list. It is comparable.
type company struct {
	Name       string `json:"company_name,omitempty"`
	Website    string `json:"website_url,omitempty"`
	City       string `json:"city,omitempty"`
	Country    string `json:"country,omitempty"`
	ExternalID string `json:"external_id,omitempty"`
}

// Verbs of the script.
const (
	scriptApply   = "apply"
	scriptPlan    = "plan"
	scriptDestroy = "destroy"
)

// runScript is what a team would write instead of the provider: read all pages of the list, compare them with the file,
// one POST, one DELETE. It does not retry, keeps no state and asks nobody. An API without ids in its answers costs it no more,
// since it reads the list each time.
func runScript(verb, file string) error {
	api := apiClient{url: os.Getenv("OPENPROSPECT_BASE_URL"), key: os.Getenv("OPENPROSPECT_API_KEY")}
	wanted := map[company]bool{}
	if verb != scriptDestroy {
		text, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("reading the companies: %w", err)
		}
		var document map[string]company
		if err := json.Unmarshal(text, &document); err != nil {
			return fmt.Errorf("reading the companies: %w", err)
		}
		for _, one := range document {
			wanted[one] = true
		}
	}
	list, err := api.findList("Customers", verb == scriptApply)
	if err != nil {
		return err
	}
	entries := "/blacklists/" + list + "/entries"
	var superfluous []string
	for offset, more := 0, true; more; {
		rows, err := api.page(entries, offset)
		if err != nil {
			return err
		}
		for _, row := range rows.Items {
			if wanted[row.company] {
				delete(wanted, row.company)
			} else {
				superfluous = append(superfluous, row.ID)
			}
		}
		offset, more = offset+len(rows.Items), rows.HasMore
	}
	if verb == scriptPlan {
		if len(wanted)+len(superfluous) > 0 {
			return fmt.Errorf("%d companies to add, %d to remove", len(wanted), len(superfluous))
		}
		return nil
	}
	// The API takes 10,000 companies at a time. For removals no limit is documented.
	for some := range slices.Chunk(slices.Collect(maps.Keys(wanted)), 10_000) {
		if err := api.call(http.MethodPost, entries, map[string]any{"entries": some}, nil); err != nil {
			return err
		}
	}
	if len(superfluous) > 0 {
		if err := api.call(http.MethodDelete, entries, map[string]any{"entry_ids": superfluous}, nil); err != nil {
			return err
		}
	}
	if verb == scriptDestroy {
		return api.call(http.MethodDelete, "/blacklists/"+list, nil, nil)
	}
	return nil
}

// findList returns the id of the blacklist with this name; if there is none, it creates one or fails.
func (c apiClient) findList(name string, create bool) (string, error) {
	for offset, more := 0, true; more; {
		lists, err := c.page("/blacklists", offset)
		if err != nil {
			return "", err
		}
		for _, list := range lists.Items {
			if list.Name == name {
				return list.ID, nil
			}
		}
		offset, more = offset+len(lists.Items), lists.HasMore
	}
	if !create {
		return "", fmt.Errorf("there is no blacklist %q", name)
	}
	var made struct {
		ID string `json:"id"`
	}
	err := c.call(http.MethodPost, "/blacklists", map[string]string{"name": name}, &made)
	return made.ID, err
}

// scriptCosts measures the script through the life of a list, as a process of its own like terraform. Its directory is the
// script's alone.
func scriptCosts(s scenario, directory string, runs int, latency time.Duration) (map[string]cost, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	api, err := simulator.Start(simulator.Options{Latency: latency})
	if err != nil {
		return nil, fmt.Errorf("starting the simulator: %w", err)
	}
	defer api.Close()
	run := func(verb string) (cost, error) {
		command := exec.Command(program, scriptCommand, verb, filepath.Join(directory, "entries.json")) //nolint:noctx // ends by itself
		command.Env = append(os.Environ(), "OPENPROSPECT_API_KEY="+api.APIKey(), "OPENPROSPECT_BASE_URL="+api.URL())
		c, printed, err := measured(command, api)
		if err != nil {
			return cost{}, err
		}
		// It is over too soon to be watched from outside.
		c.Peak, err = strconv.ParseInt(strings.TrimSpace(printed), 10, 64)
		return c, err
	}
	return s.steps(directory, runs, api, map[string]func() (cost, error){
		stepCreate:  func() (cost, error) { return run(scriptApply) },
		stepPlan:    func() (cost, error) { return run(scriptPlan) },
		stepChange:  func() (cost, error) { return run(scriptApply) },
		stepDestroy: func() (cost, error) { return run(scriptDestroy) },
	})
}
