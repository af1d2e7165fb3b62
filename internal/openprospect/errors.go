package openprospect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Error is an answer of the API that is not a success, or a success that could not be
// understood. Every *Error names method, path and status; it never holds the API key.
type Error struct {
	Method string
	// Host is the server that was asked, with its scheme.
	Host       string
	Path       string
	StatusCode int
	// Code is the API's own code, such as BLACKLIST_NOT_FOUND; "" when the answer had none.
	Code string
	// Message is the API's text, or the start of a body that was not JSON.
	Message string
	// FieldErrors are the fields that the API found fault with.
	FieldErrors []FieldError
	// Scope is what the call needs according to the documentation; "" where it needs none.
	Scope string
	// RequiredScopes and UserScopes come with a 403, where the API says so.
	RequiredScopes []string
	UserScopes     []string
	// EntityType and Identifier name what was not found, where the API says so.
	EntityType string
	Identifier string
	// RetryAfter is the wait that the server asked for; 0 when it did not.
	RetryAfter time.Duration
	// RequestID is the server's own id of the request, where it sent one.
	RequestID string

	// waitLimit is MaxRetryWait when RetryAfter is beyond it.
	waitLimit time.Duration
	// notFromAPI says that the body is not JSON, so that it was not the API that wrote it. It may be empty.
	notFromAPI bool
	// page says that the body is one for people, and elsewhere that a redirect leads to another place.
	page, elsewhere bool
	// notReady says that the server was not ready and asks to try again later: a 503 with Retry-After.
	notReady bool
	// outcomeUnknown says that an earlier attempt of the same write may have been carried out.
	outcomeUnknown bool
}

// FieldError is one field that the API found fault with.
type FieldError struct {
	Field   string
	Message string
}

// shownFieldErrors bounds how many field errors one message holds: a refused batch may have thousands.
const shownFieldErrors = 20

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d %s", e.Method, e.Path, e.StatusCode, http.StatusText(e.StatusCode))
	said := e.Message
	if e.RetryAfter > 0 {
		said = strings.TrimSuffix(said, ".") // more follows
	}
	for _, part := range []string{e.Code, said} {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	if len(e.FieldErrors) > 0 {
		b.WriteString(" (" + joinFieldErrors(e.FieldErrors) + ")")
	}
	switch {
	case e.StatusCode != http.StatusForbidden || e.notFromAPI:
	case len(e.RequiredScopes) > 0:
		b.WriteString("; this call needs " + scopes(e.RequiredScopes))
		if missing := e.MissingScopes(); len(missing) < len(e.RequiredScopes) {
			b.WriteString("; the API key lacks " + scopes(missing))
		}
	case e.Scope != "":
		b.WriteString("; this call needs " + scopes([]string{e.Scope}))
	}
	if e.EntityType != "" || e.Identifier != "" {
		fmt.Fprintf(&b, " [%s]", strings.TrimSpace(e.EntityType+" "+e.Identifier))
	}
	if e.StatusCode == http.StatusNotFound && missingNoun(e.Code) == "" && !e.page {
		b.WriteString("; the OpenProspect API reports a missing object differently")
	}
	switch {
	case e.waitLimit > 0:
		fmt.Fprintf(&b, "; the server asks to wait %s, but at most %s are allowed", e.RetryAfter, e.waitLimit)
	case e.RetryAfter > 0:
		fmt.Fprintf(&b, "; the server asks to wait %s", e.RetryAfter)
	}
	if e.RequestID != "" {
		b.WriteString(" (request ID " + e.RequestID + ")")
	}
	return b.String()
}

func scopes(names []string) string {
	if len(names) == 1 {
		return "the scope " + names[0]
	}
	return "the scopes " + strings.Join(names, ", ")
}

func joinFieldErrors(fields []FieldError) string {
	var parts []string
	for i, field := range fields {
		if i == shownFieldErrors {
			parts = append(parts, fmt.Sprintf("and %d more", len(fields)-i))
			break
		}
		switch {
		case field.Field == "":
			parts = append(parts, field.Message)
		case field.Message == "":
			parts = append(parts, field.Field)
		default:
			parts = append(parts, field.Field+": "+field.Message)
		}
	}
	return strings.Join(parts, "; ")
}

// MissingScopes are the scopes that the API asked for and the key lacks.
func (e *Error) MissingScopes() []string {
	var missing []string
	for _, scope := range e.RequiredScopes {
		if !slices.Contains(e.UserScopes, scope) {
			missing = append(missing, scope)
		}
	}
	return missing
}

// mentions reports whether the API's text or field errors hold one of the words.
func (e *Error) mentions(words ...string) bool {
	said := e.Message
	for _, field := range e.FieldErrors {
		said += " " + field.Field + " " + field.Message
	}
	said = strings.ToLower(said)
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(said, word) })
}

// requestError is a request that got no complete answer.
type requestError struct {
	method string
	path   string
	// text says what happened; the key is not in it.
	text string
	// cause is a context error or an *Error of an earlier attempt, else nil: the text of any other
	// error may quote what the server sent, the key included.
	cause error
	// sent says that the server may have received some of the request.
	sent bool
	// permanent says that sending it again would end the same way.
	permanent bool
	// unconnected says that there was no connection to the server.
	unconnected bool
}

func (e *requestError) Error() string { return fmt.Sprintf("%s %s: %s", e.method, e.path, e.text) }

func (e *requestError) Unwrap() error { return e.cause }

// outcome says what became of a request that failed.
type outcome int

const (
	// outcomeFailed is a read that failed: there is nothing to be undone or repeated.
	outcomeFailed outcome = iota
	// outcomeRefused is a request that was definitely not carried out.
	outcomeRefused
	// outcomeUnknown is a write that may have been carried out.
	outcomeUnknown
)

func (e *Error) outcome() outcome {
	write := e.Method != http.MethodGet
	switch {
	case write && e.outcomeUnknown:
		return outcomeUnknown
	case write && e.notFromAPI && e.StatusCode == http.StatusNotFound:
		// Not a gateway's way to refuse, as 403 and 413 are: it may stand for an answer that went astray.
		return outcomeUnknown
	case e.StatusCode == http.StatusTemporaryRedirect || e.StatusCode == http.StatusPermanentRedirect:
		return outcomeRefused
	case e.StatusCode >= 400 && e.StatusCode < 500 && e.StatusCode != http.StatusRequestTimeout:
		return outcomeRefused
	case write:
		return outcomeUnknown
	}
	return outcomeFailed
}

func (e *requestError) outcome() outcome {
	switch {
	case !e.sent:
		return outcomeRefused
	case e.method != http.MethodGet:
		return outcomeUnknown
	}
	return outcomeFailed
}

func outcomeOf(err error) outcome {
	var known interface{ outcome() outcome }
	if errors.As(err, &known) {
		return known.outcome()
	}
	return outcomeFailed
}

// IsNotFound reports whether the API itself said that the thing does not
// exist, by a code that names it, such as ORDER_NOT_FOUND. A 404 of a gateway or of
// an unrouted path is not that (U20), nor is one about the key or its organisation.
func IsNotFound(err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.StatusCode != http.StatusNotFound {
		return false
	}
	words := strings.Split(missingNoun(e.Code), "_")
	switch words[len(words)-1] {
	case "BLACKLIST", "ENTRY", "ENTRIES", "ORDER", "SEARCH", "RESULT", "RESULTS":
		return true
	case "ENTITY", "RESOURCE":
		return !ofTheKey.MatchString(e.EntityType)
	}
	return false
}

// ofTheKey are entity types that say that something is wrong with the key rather than with what was asked for.
var ofTheKey = regexp.MustCompile(`(?i)organi[sz]ation|tenant|account|user|key`)

// missingNoun returns what a code says is missing, in upper case; "" when it says nothing of the kind. A router's or a
// gateway's own codes have the same form but speak of the path.
func missingNoun(code string) string {
	noun, found := strings.CutSuffix(strings.ToUpper(code), "_NOT_FOUND")
	switch noun {
	case "ROUTE", "PATH", "URL", "URI", "ENDPOINT", "PAGE", "HOST", "SERVICE", "BACKEND", "UPSTREAM", "SITE", "APPLICATION", "METHOD":
		return ""
	}
	if !found {
		return ""
	}
	return noun
}

// IsConflict reports a 409.
func IsConflict(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.StatusCode == http.StatusConflict
}

// IsInvalid reports that the API found fault with what was sent (400, 422).
func IsInvalid(err error) bool {
	var e *Error
	return errors.As(err, &e) && !e.notFromAPI && (e.StatusCode == http.StatusBadRequest || e.StatusCode == http.StatusUnprocessableEntity)
}

// IsRefused reports whether the API definitely did not carry out the request:
// it answered 4xx (other than 408), or no byte of the request was sent.
func IsRefused(err error) bool { return outcomeOf(err) == outcomeRefused }

// OutcomeUnknown reports whether a write may have been carried out although
// it ended in err: a timeout, a lost connection, a 5xx, an answer that could
// not be read.
func OutcomeUnknown(err error) bool { return outcomeOf(err) == outcomeUnknown }

// Unanswered reports whether a request got no complete answer: it was not sent,
// the connection was lost, or the time was over.
func Unanswered(err error) bool {
	var lost *requestError
	return errors.As(err, &lost)
}

// Unconnected reports whether a request failed because there was no connection to the server: it refused, its name is
// not known, or its certificate is not trusted. A time that was over is not that.
func Unconnected(err error) bool {
	var lost *requestError
	return errors.As(err, &lost) && lost.unconnected
}

// NotFromAPI reports an answer that is not the API's: a web page, another text that is not JSON, or a redirect to
// somewhere else. An empty answer may be the API's.
func NotFromAPI(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.page || e.elsewhere || e.notFromAPI && e.Message != noBody)
}

// listFailed says that what a lost answer is about could not be looked up. It names a failure that is like the first one only once.
func listFailed(noun string, listError, first error) string {
	var list, write *Error
	if errors.As(listError, &list) && errors.As(first, &write) &&
		list.StatusCode == write.StatusCode && list.Code == write.Code && list.Message == write.Message {
		return "the list of " + noun + " could not be read either"
	}
	return fmt.Sprintf("the list of %s could not be read: %v", noun, listError)
}

// contextCause returns err when it is a context's error: the only kind that is passed on to callers.
func contextCause(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}
