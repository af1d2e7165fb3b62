package openprospect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// noBody is the message of an error without a body.
const noBody = "the answer has no body"

// decodeError reads any of the published error shapes (U21): {code, message, details}, flat with extra
// keys, nested below "error", "error" as a string, and FastAPI's "detail". What is none of them ends up
// in Message as text.
func decodeError(result *answer) *Error {
	e := result.failure()
	reader := errorReader{err: e}
	body := bytes.TrimSpace(bytes.TrimPrefix(result.body, []byte("\ufeff")))
	var message string
	switch {
	case len(body) == 0:
		message = noBody
	case isHTML(result.header, body):
		message, e.page = result.pageMessage(body), true
	case !json.Valid(body):
		message = string(body)
	case body[0] == '{':
		reader.object(decodeObject(body), 0)
	default:
		reader.details(body, 0)
	}
	if message != "" {
		e.Message, e.notFromAPI = message, true
	}
	e.notReady = result.status == http.StatusServiceUnavailable && parseWait(result.header.Get("Retry-After"), result.at) > 0
	e.RetryAfter = requestedWait(result.header, reader.retryAfter, result.at)
	if e.Code == "" && e.Message == "" && len(e.FieldErrors) == 0 {
		e.Message = maskBody(body)
	}
	clean := result.redact.shown
	for _, field := range []*string{&e.Code, &e.Message, &e.EntityType, &e.Identifier} {
		*field = clean(*field)
	}
	for i := range e.FieldErrors {
		e.FieldErrors[i] = FieldError{Field: clean(e.FieldErrors[i].Field), Message: clean(e.FieldErrors[i].Message)}
	}
	for _, scopes := range [][]string{e.RequiredScopes, e.UserScopes} {
		for i := range scopes {
			scopes[i] = clean(scopes[i])
		}
	}
	return e
}

// errorReader gathers an error from wherever its shape puts the parts; what comes first stays.
type errorReader struct {
	err        *Error
	retryAfter string
}

// maxErrorNesting is deeper than any published shape.
const maxErrorNesting = 4

// upperCode is the form of the API's codes; a text in the same place is a message.
var upperCode = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)

func (r *errorReader) object(fields map[string]json.RawMessage, depth int) {
	if fields == nil || depth > maxErrorNesting {
		return
	}
	e := r.err
	keep(&e.Code, firstText(fields, "code", "error_code"))
	if value := firstText(fields, "error"); upperCode.MatchString(value) {
		keep(&e.Code, value)
	}
	keep(&e.Message, firstText(fields, "message", "msg", "error_description", "title"))
	keep(&e.EntityType, firstText(fields, "entity_type"))
	keep(&e.Identifier, firstText(fields, "identifier"))
	keep(&r.retryAfter, bodyRetryAfter(fields))
	r.scopes(&e.RequiredScopes, fields["required_scopes"])
	r.scopes(&e.UserScopes, fields["user_scopes"])
	for _, key := range []string{"error", "details", "detail", "validation_errors", "errors"} {
		if raw, found := fields[key]; found {
			r.details(raw, depth+1)
		}
	}
}

func (r *errorReader) scopes(into *[]string, raw json.RawMessage) {
	var scopes textList
	if len(*into) == 0 && json.Unmarshal(raw, &scopes) == nil {
		*into = scopes
	}
}

// details reads what may be a text, an object of more parts, or a list of field errors.
func (r *errorReader) details(raw json.RawMessage, depth int) {
	switch jsonKind(raw) {
	case "object":
		r.object(decodeObject(raw), depth)
	case "array":
		var elements []json.RawMessage
		if json.Unmarshal(raw, &elements) == nil {
			for _, element := range elements {
				r.fieldError(element)
			}
		}
	case "string":
		var value text
		if json.Unmarshal(raw, &value) == nil && string(value) != r.err.Code {
			r.note(string(value))
		}
	}
}

// note adds a text that stands beside the message.
func (r *errorReader) note(value string) {
	switch {
	case value == "" || len(r.err.Message) > 4*maxMessage || strings.Contains(r.err.Message, value):
		// A list may hold thousands of texts; what is beyond maxMessage is not shown anyway.
	case r.err.Message == "":
		r.err.Message = value
	default:
		r.err.Message += ": " + value
	}
}

// fieldError reads one element of a list of errors. The value that was sent is left out: it may be personal.
func (r *errorReader) fieldError(raw json.RawMessage) {
	fields := decodeObject(raw)
	if fields == nil {
		var value text
		if json.Unmarshal(raw, &value) == nil {
			r.note(string(value))
		}
		return
	}
	found := FieldError{
		Field:   firstText(fields, "field", "path", "name", "param"),
		Message: firstText(fields, "error", "msg", "message", "reason", "detail"),
	}
	if found.Field == "" {
		found.Field = location(fields["loc"])
	}
	if found != (FieldError{}) {
		r.err.FieldErrors = append(r.err.FieldErrors, found)
	}
}

// location joins FastAPI's loc: ["body", "entries", 3, "city"] is entries.3.city.
func location(raw json.RawMessage) string {
	var parts textList
	if json.Unmarshal(raw, &parts) != nil {
		return ""
	}
	if len(parts) > 1 && parts[0] == "body" {
		parts = parts[1:]
	}
	return strings.Join(parts, ".")
}

func keep(into *string, value string) {
	if *into == "" {
		*into = value
	}
}

var (
	htmlUnseen = regexp.MustCompile(`(?is)<(script|style)\b.*?(</(script|style)\s*>|$)|<!--.*?(-->|$)`)
	htmlTag    = regexp.MustCompile(`(?s)<[^>]*>`)
)

// loginPage finds what a page has that asks for a password. A mere link to one is on many pages.
var loginPage = regexp.MustCompile(`(?i)type=["']?password|<(title|h1)[^>]*>[^<]*\b(log|sign)[ -]?in\b`)

// pageMessage says who answered with a page in the API's place, and what the page says.
func (a *answer) pageMessage(body []byte) string {
	body = body[:min(len(body), maxErrorAnswer)]
	text := string(htmlTag.ReplaceAll(htmlUnseen.ReplaceAll(body, []byte(" ")), []byte(" ")))
	if loginPage.Match(body) {
		return fmt.Sprintf("%s answered with a login page instead of API data: %s", a.host, text)
	}
	return fmt.Sprintf("%s answered with a web page, not the OpenProspect API: %s", a.host, text)
}
