package openprospect

import (
	"context"
	"encoding/json"
	"net/http"
)

// KeyStatus is what GET /auth/validate says of the API key.
type KeyStatus struct {
	Valid  bool
	Scopes []string
}

// ValidateKey asks the API about the key itself, in one attempt. Older deployments answer 404 (U36).
func (c *Client) ValidateKey(ctx context.Context) (*KeyStatus, error) {
	result, err := c.do(ctx, call{method: http.MethodGet, path: "/auth/validate", once: true})
	if err != nil {
		return nil, err
	}
	document, _ := unwrap(result.body, []string{"valid", "scopes"}, []string{"data"})
	if document == nil {
		failure := result.invalid("the answer is not a JSON object")
		failure.notFromAPI = len(result.body) > 0 && !json.Valid(result.body)
		return nil, failure
	}
	var wire struct {
		Valid  flag     `json:"valid"`
		Scopes textList `json:"scopes"`
	}
	if err := json.Unmarshal(document, &wire); err != nil {
		return nil, result.invalid("the key's status: %v", err)
	}
	return &KeyStatus{Valid: wire.Valid.value || !wire.Valid.known, Scopes: wire.Scopes}, nil
}
