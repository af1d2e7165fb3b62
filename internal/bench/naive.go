//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// naive does what a provider without a shared listing and without coalesced
// writes does, by plain HTTP: one POST an entry, and for every read a walk from
// the first page until the entry is found. CPU and memory are not comparable
// (there is no terraform), so only requests and wall time are kept.
type naive struct {
	api  *simulator.Server
	list string
	ids  []string
}

func naiveCosts(n int, latency time.Duration) (map[string]cost, error) {
	api, err := simulator.Start(simulator.Options{Latency: latency})
	if err != nil {
		return nil, fmt.Errorf("starting the simulator: %w", err)
	}
	defer api.Close()
	work := &naive{api: api, list: api.AddBlacklist("Customers", "")}
	costs := map[string]cost{}
	for _, step := range []struct {
		name string
		run  func() error
	}{
		{stepCreate, func() error { return work.create(n) }},
		{stepPlan, work.readAll},
		{stepChange, func() error { return work.change(n) }},
		{stepDestroy, work.removeAll},
	} {
		api.ResetJournal()
		began := time.Now()
		if err := step.run(); err != nil {
			return nil, fmt.Errorf("naive %s: %w", step.name, err)
		}
		c := cost{Wall: time.Since(began), Requests: map[string]int{}}
		for _, request := range api.Journal() {
			c.Requests[request.Method]++
		}
		costs[step.name] = c
	}
	return costs, nil
}

func (w *naive) create(n int) error {
	for i := range n {
		if err := w.add(i); err != nil {
			return err
		}
	}
	return nil
}

func (w *naive) add(i int) error {
	var answer struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	err := w.call(http.MethodPost, "/blacklists/"+w.list+"/entries", map[string]any{"entries": []map[string]string{{
		"company_name": fmt.Sprintf("Customer %06d GmbH", i),
		"website_url":  fmt.Sprintf("https://www.customer-%06d.de", i),
	}}}, &answer)
	if err != nil {
		return err
	}
	if len(answer.Items) != 1 {
		return fmt.Errorf("%d entries in the answer to an addition, want 1", len(answer.Items))
	}
	w.ids = append(w.ids, answer.Items[0].ID)
	return nil
}

func (w *naive) readAll() error {
	for _, id := range w.ids {
		if err := w.read(id); err != nil {
			return err
		}
	}
	return nil
}

func (w *naive) read(id string) error {
	for offset := 0; ; offset += 100 {
		var page struct {
			Items []struct {
				ID string `json:"id"`
			} `json:"items"`
			HasMore bool `json:"has_more"`
		}
		if err := w.call(http.MethodGet, fmt.Sprintf("/blacklists/%s/entries?limit=100&offset=%d", w.list, offset), nil, &page); err != nil {
			return err
		}
		for _, item := range page.Items {
			if item.ID == id {
				return nil
			}
		}
		if !page.HasMore {
			return fmt.Errorf("entry %s is gone", id)
		}
	}
}

// change reads everything for the plan, then replaces one entry.
func (w *naive) change(n int) error {
	if err := w.readAll(); err != nil {
		return err
	}
	if err := w.remove(w.ids[n/2]); err != nil {
		return err
	}
	w.ids = append(w.ids[:n/2], w.ids[n/2+1:]...)
	return w.add(n)
}

func (w *naive) removeAll() error {
	if err := w.readAll(); err != nil {
		return err
	}
	for _, id := range w.ids {
		if err := w.remove(id); err != nil {
			return err
		}
	}
	return nil
}

func (w *naive) remove(id string) error {
	return w.call(http.MethodDelete, "/blacklists/"+w.list+"/entries", map[string]any{"entry_ids": []string{id}}, nil)
}

func (w *naive) call(method, path string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encoding: %w", err)
	}
	request, err := http.NewRequest(method, w.api.URL()+path, bytes.NewReader(text)) //nolint:noctx // ends with the program
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}
	if body == nil {
		request.Body = http.NoBody
	}
	request.Header.Set("Authorization", "Bearer "+w.api.APIKey())
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("calling the simulator: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s", method, path, response.Status)
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}
