package openprospect

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// redacted stands where the API key stood.
const redacted = "[redacted]"

// redactor takes the API key out of text that came from elsewhere.
type redactor struct{ spellings []string }

// newRedactor takes a key that is not empty. In JSON the key may be written with escapes, in a URL as well.
func newRedactor(key string) *redactor {
	spellings := []string{key}
	if quoted, err := json.Marshal(key); err == nil {
		spellings = append(spellings, string(quoted[1:len(quoted)-1]))
	}
	spellings = append(spellings, url.QueryEscape(key), url.PathEscape(key))
	slices.Sort(spellings)
	return &redactor{spellings: slices.Compact(spellings)}
}

func (r *redactor) text(s string) string {
	for _, spelling := range r.spellings {
		s = strings.ReplaceAll(s, spelling, redacted)
	}
	return s
}

// bytes gives b itself when the key is not in it.
func (r *redactor) bytes(b []byte) []byte {
	for _, spelling := range r.spellings {
		if bytes.Contains(b, []byte(spelling)) {
			b = bytes.ReplaceAll(b, []byte(spelling), []byte(redacted))
		}
	}
	return b
}

// maxMessage bounds, in characters, what of a server's text goes into an error.
const maxMessage = 500

// shown makes a server's text fit to be shown: without the key, control characters and line breaks,
// and not too long.
func (r *redactor) shown(s string) string {
	s = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(r.text(s), "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	count := 0
	for i := range s {
		if count == maxMessage {
			return s[:i] + "…"
		}
		count++
	}
	return s
}
