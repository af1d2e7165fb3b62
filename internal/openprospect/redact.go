package openprospect

import (
	"bytes"
	"cmp"
	"encoding/json"
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

const (
	// redacted stands where a secret stood.
	redacted = "[redacted]"
	// wholeWordBelow is the length below which a secret may be an ordinary word: it is taken out of texts
	// only where it stands alone, and out of data not at all. The vendor's keys are far longer.
	wholeWordBelow = 16
	// maxEscapes is how many escapes over one another a spelling of a secret is recognised through, such as
	// those of JSON in a JSON string in a URL.
	maxEscapes = 3
)

// redactor takes secrets out of text that came from elsewhere, the API key above all, in every spelling that JSON,
// URLs and HTML have for them.
type redactor struct{ secrets []secret }

// secret is printable ASCII and not empty.
type secret string

// newRedactor takes out longer secrets first, since a shorter one may be a part of them.
func newRedactor(secrets ...string) *redactor {
	r := &redactor{}
	for _, one := range secrets {
		r.secrets = append(r.secrets, secret(one))
	}
	slices.SortStableFunc(r.secrets, func(a, b secret) int { return cmp.Compare(len(b), len(a)) })
	return r
}

func (r *redactor) text(s string) string {
	for _, one := range r.secrets {
		s = one.takenOutOf(s)
	}
	return s
}

func (hidden secret) takenOutOf(s string) string {
	if !strings.Contains(s, string(hidden)) && strings.IndexByte(s, '\\') < 0 && strings.IndexByte(s, '%') < 0 &&
		strings.IndexByte(s, '&') < 0 {
		return s
	}
	var b strings.Builder
	kept := 0
	for start := 0; start < len(s); start++ {
		if !hidden.begins(s, start) {
			continue
		}
		end, found := hidden.end(s, start)
		if !found || !hidden.stands(s, start, end) {
			continue
		}
		b.WriteString(s[kept:start])
		b.WriteString(redacted)
		kept, start = end, end-1
	}
	if kept == 0 {
		return s
	}
	b.WriteString(s[kept:])
	return b.String()
}

// document takes secrets out of JSON whose values end up in state. It returns body itself when none is in it, and
// when it is not JSON: then nobody can read it either.
func (r *redactor) document(body []byte) []byte {
	long := slices.DeleteFunc(slices.Clone(r.secrets), func(s secret) bool { return len(s) < wholeWordBelow })
	r = &redactor{long}
	if s := string(body); r.text(s) == s {
		return body
	}
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	decoder.UseNumber()
	var document any
	if decoder.Decode(&document) != nil || decoder.More() {
		return body
	}
	clean, err := json.Marshal(r.value(document))
	if err != nil {
		return body
	}
	return clean
}

// value takes secrets out of decoded JSON. Doing so before decoding might cut an escape in two.
func (r *redactor) value(value any) any {
	switch v := value.(type) {
	case map[string]any:
		clean := make(map[string]any, len(v))
		for name, member := range v {
			clean[r.text(name)] = r.value(member)
		}
		return clean
	case []any:
		for i, element := range v {
			v[i] = r.value(element)
		}
	case string:
		return r.text(v)
	case json.Number:
		if clean := r.text(v.String()); clean != v.String() {
			return clean
		}
	}
	return value
}

// end is where a spelling of the key that begins at start ends, at the latest, if one begins there.
func (hidden secret) end(s string, start int) (end int, found bool) {
	var here, there [8]int
	ends, next := append(here[:0], start), there[:0]
	for i := range len(hidden) {
		for _, at := range ends {
			if at == len(s) {
				continue
			}
			if s[at] == hidden[i] && !slices.Contains(next, at+1) {
				next = append(next, at+1)
			}
			if !escapes(s[at]) {
				continue
			}
			for _, one := range readings(s, at, maxEscapes) {
				if one.value == int(hidden[i]) && !slices.Contains(next, one.end) {
					next = append(next, one.end)
				}
			}
		}
		if len(next) == 0 {
			return 0, false
		}
		ends, next = next, ends[:0]
	}
	return slices.Max(ends), true
}

// begins tells cheaply where no spelling can begin: at an ordinary escape, of which some languages have
// one for every letter in JSON, and within a long run of backslashes.
func (hidden secret) begins(s string, start int) bool {
	first, rest := s[start], s[start+1:]
	switch {
	case first == hidden[0]:
		return true
	case !escapes(first) || rest == "":
		return false
	case first == '\\' && strings.HasPrefix(rest, `\\\\\\\\`): // maxEscapes of them take fewer
		return false
	case first == '\\' && rest[0] == 'u' && len(rest) > 4:
		return hidden.beginsAs(rest[1:5])
	case first == '\\':
		return rest[0] == hidden[0] || escapes(rest[0])
	case first == '%' && len(rest) > 1:
		return hidden.beginsAs(rest[:2])
	}
	return true
}

// beginsAs reports whether an escape of these digits may stand for the first character, or for one that
// escapes it. Digits that are escaped themselves may stand for anything.
func (hidden secret) beginsAs(digits string) bool {
	value, err := strconv.ParseUint(digits, 16, 16)
	return err != nil || value == uint64(hidden[0]) || value < 0x80 && escapes(byte(value))
}

// stands reports whether what was found is the key, and not a piece of a word that happens to hold a short one.
func (hidden secret) stands(s string, start, end int) bool {
	if len(hidden) >= wholeWordBelow {
		return true
	}
	const longestEscape = len(`\u0020`)
	escaped := strings.ContainsFunc(s[max(0, start-longestEscape):start], func(c rune) bool { return c == '\\' || c == '%' })
	return (start == 0 || escaped || !wordByte(s[start-1])) && (end == len(s) || !wordByte(s[end]))
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= 0x80
}

// reading is a character, or a number, that a text may spell, and where that spelling ends.
type reading struct{ value, end int }

func escapes(c byte) bool { return c == '\\' || c == '%' || c == '&' }

// readings are the characters that s may spell at at through that many unescapings of any kind.
func readings(s string, at, unescapings int) []reading {
	if at >= len(s) {
		return nil
	}
	found := []reading{{int(s[at]), at + 1}}
	if unescapings == 0 || !escapes(s[at]) {
		return found
	}
	for _, first := range readings(s, at, unescapings-1) {
		found = addReadings(found, first)
		switch first.value {
		case '\\':
			for _, second := range readings(s, first.end, unescapings-1) {
				switch second.value {
				case '"', '\\', '/':
					found = addReadings(found, second)
				case 'u':
					found = addReadings(found, hexadecimal(s, second.end, 4, unescapings-1)...)
				}
			}
		case '%':
			found = addReadings(found, hexadecimal(s, first.end, 2, unescapings-1)...)
		case '&':
			found = addReadings(found, entity(s, first.end)...)
		}
	}
	return found
}

func addReadings(found []reading, more ...reading) []reading {
	for _, one := range more {
		if !slices.Contains(found, one) {
			found = append(found, one)
		}
	}
	return found
}

// hexadecimal reads a number of that many digits, each of which may be escaped itself.
func hexadecimal(s string, at, digits, unescapings int) []reading {
	numbers := []reading{{0, at}}
	for range digits {
		var longer []reading
		for _, number := range numbers {
			for _, digit := range readings(s, number.end, unescapings) {
				if value := hexDigit(digit.value); value >= 0 {
					longer = addReadings(longer, reading{number.value<<4 | value, digit.end})
				}
			}
		}
		numbers = longer
	}
	return numbers
}

// hexDigit is the value of a hexadecimal digit, or -1.
func hexDigit(character int) int {
	switch {
	case '0' <= character && character <= '9':
		return character - '0'
	case 'a' <= character && character <= 'f':
		return character - 'a' + 10
	case 'A' <= character && character <= 'F':
		return character - 'A' + 10
	}
	return -1
}

// entity reads an HTML entity of one character, such as &quot; or &#x22;, behind its ampersand.
func entity(s string, at int) []reading {
	const longest = len("#x0000022;")
	name, _, found := strings.Cut(s[at:min(len(s), at+longest)], ";")
	if !found {
		return nil
	}
	if character := html.UnescapeString("&" + name + ";"); len(character) == 1 {
		return []reading{{int(character[0]), at + len(name) + 1}}
	}
	return nil
}

// maxMessage bounds, in characters, what of a server's text goes into an error.
const maxMessage = 500

// shown makes a server's text fit to be shown: as Shown does, and without secrets.
func (r *redactor) shown(s string) string { return Shown(r.text(s)) }

// Shown returns a text that came from a server without personal data, control characters and line breaks, and not too
// long. Diagnostics end up in the logs of pipelines.
func Shown(s string) string {
	s = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = personalText.ReplaceAllString(strings.Join(strings.Fields(s), " "), mask)
	count := 0
	for i := range s {
		if count == maxMessage {
			return s[:i] + "…"
		}
		count++
	}
	return s
}
