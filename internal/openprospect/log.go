package openprospect

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// maxLoggedBody bounds, in bytes, what of a body one log line shows.
const maxLoggedBody = 8 << 10

// log writes one line an attempt, and one more with the bodies.
func (c *Client) log(ctx context.Context, call call, body []byte, attempt int, took time.Duration, got exchanged, err error) {
	if c.logger == nil {
		return
	}
	path := c.requestPath(call)
	if len(call.query) > 0 {
		path += "?" + call.query.Encode()
	}
	path = c.redact.text(path)
	fields := map[string]any{
		"method": call.method, "path": path, "status": got.status,
		"duration_ms": took.Milliseconds(), "attempt": attempt,
	}
	if got.status == 0 && err != nil {
		fields["error"] = err.Error()
	}
	c.logger(ctx, "debug", "OpenProspect API request", fields)
	c.logger(ctx, "trace", "OpenProspect API bodies", map[string]any{
		"method": call.method, "path": path, "attempt": attempt,
		"request_body": maskedBody{body, c.redact}, "response_body": maskedBody{got.body, c.redact},
	})
}

// maskedBody shows a body without the key and personal data. The work is done when it is shown.
type maskedBody struct {
	content []byte
	redact  *redactor
}

// String implements fmt.Stringer.
func (b maskedBody) String() string {
	masked := b.redact.text(maskBody(b.content))
	if len(masked) <= maxLoggedBody {
		return masked
	}
	cut := maxLoggedBody
	for !utf8.RuneStart(masked[cut]) {
		cut--
	}
	return fmt.Sprintf("%s… (%d bytes in all)", masked[:cut], len(b.content))
}

// MarshalText implements encoding.TextMarshaler.
func (b maskedBody) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// mask stands where personal data stood.
const mask = "***"

// personalKeys hold personal data wherever they stand.
var personalKeys = map[string]bool{
	"first_name": true, "last_name": true, "full_name": true, "email": true, "emails": true,
	"phone": true, "phone_number": true, "phone_numbers": true, "linkedin_url": true, "job_title": true,
}

// publicProspectKeys are all that is shown of a prospect: a reason or a validation text may name the person.
var publicProspectKeys = map[string]bool{"id": true, "company_id": true}

// personalText finds personal data in any other text: e-mail addresses, international phone numbers and
// pages of people.
var personalText = regexp.MustCompile(`[\w.+%-]+@[\w-]+(\.[\w-]+)+|\+\d[\d ()/.-]{6,}\d|(?i)linkedin\.com/in/[^\s"'?#]+`)

// maskBody returns a body with its personal data masked. What is not JSON is shown only as far as
// it has no structure that could hide a name.
func maskBody(content []byte) string {
	trimmed := bytes.TrimSpace(content)
	if len(trimmed) == 0 {
		return ""
	}
	decoder := json.NewDecoder(bytes.NewReader(trimmed))
	decoder.UseNumber()
	var document any
	if decoder.Decode(&document) != nil || decoder.More() {
		if bytes.ContainsAny(trimmed, "{[") && trimmed[0] != '<' {
			return fmt.Sprintf("(%d bytes that are not valid JSON)", len(content))
		}
		return personalText.ReplaceAllString(strings.ToValidUTF8(string(trimmed), "\uFFFD"), mask)
	}
	masked, err := json.Marshal(maskValue(document, ""))
	if err != nil {
		return fmt.Sprintf("(%d bytes that cannot be shown)", len(content))
	}
	return string(masked)
}

func maskValue(value any, key string) any {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			switch {
			case personalKeys[name]:
				v[name] = maskAll(member)
			case name == "webhook_url":
				v[name] = maskWebhook(member)
			default:
				v[name] = maskValue(member, name)
			}
		}
	case []any:
		for i, element := range v {
			if prospect, ok := element.(map[string]any); ok && key == "prospects" {
				v[i] = maskProspect(prospect)
				continue
			}
			v[i] = maskValue(element, key)
		}
	case string:
		return personalText.ReplaceAllString(v, mask)
	}
	return value
}

func maskProspect(prospect map[string]any) map[string]any {
	for key, value := range prospect {
		if !publicProspectKeys[key] {
			prospect[key] = maskAll(value)
		}
	}
	return prospect
}

// maskWebhook shows only the host: with many services, who has the rest of the address can call it.
func maskWebhook(value any) any {
	text, ok := value.(string)
	address, err := url.Parse(text)
	if !ok || err != nil || address.Host == "" {
		return maskAll(value)
	}
	host := address.Scheme + "://" + address.Host
	if text == host {
		return text
	}
	return host + "/" + mask
}

// maskAll hides a value, but not that it is absent.
func maskAll(value any) any {
	if value == nil || value == "" {
		return value
	}
	return mask
}
