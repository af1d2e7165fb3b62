//go:build linux

package main

import (
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
	apiClient
	list string
	ids  []string
}

func naiveCosts(n int, latency time.Duration) (map[string]cost, error) {
	api, err := simulator.Start(simulator.Options{Latency: latency})
	if err != nil {
		return nil, fmt.Errorf("starting the simulator: %w", err)
	}
	defer api.Close()
	work := &naive{apiClient: apiClient{url: api.URL(), key: api.APIKey()}, list: api.AddBlacklist("Customers", "")}
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
	var answer page
	err := w.call(http.MethodPost, "/blacklists/"+w.list+"/entries", map[string]any{"entries": []company{{
		Name:    fmt.Sprintf("Customer %06d GmbH", i),
		Website: fmt.Sprintf("https://www.customer-%06d.de", i),
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
	for offset := 0; ; offset += pageSize {
		rows, err := w.page("/blacklists/"+w.list+"/entries", offset)
		if err != nil {
			return err
		}
		for _, row := range rows.Items {
			if row.ID == id {
				return nil
			}
		}
		if !rows.HasMore {
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
