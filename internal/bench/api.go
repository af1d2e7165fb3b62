//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// apiClient is the plain HTTP client of those that the provider is measured against.
type apiClient struct{ url, key string }

// page is one page of a list of blacklists or entries. Rows are as much of either as anybody here reads.
type page struct {
	Items []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		company
	} `json:"items"`
	HasMore bool `json:"has_more"`
}

// pageSize is the API's largest limit.
const pageSize = 100

func (c apiClient) call(method, path string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encoding: %w", err)
	}
	request, err := http.NewRequest(method, c.url+path, bytes.NewReader(text)) //nolint:noctx // ends with the program
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}
	if body == nil {
		request.Body = http.NoBody
	}
	request.Header.Set("Authorization", "Bearer "+c.key)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("calling the simulator: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s", method, path, response.Status)
	}
	if answer == nil || response.StatusCode == http.StatusNoContent {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

func (c apiClient) page(path string, offset int) (page, error) {
	var p page
	err := c.call(http.MethodGet, fmt.Sprintf("%s?limit=%d&offset=%d", path, pageSize, offset), nil, &p)
	return p, err
}
