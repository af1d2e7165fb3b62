package exclusion

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// maxNesting bounds the depth of a value that has no place in a document anyway.
const maxNesting = 100

// scanner reads a document's JSON in one pass. encoding/json reads the same language, but three times slower, and
// does not say where in the text an entry stands.
type scanner struct {
	text     string
	pos      int
	problems DocumentError
}

// scanDocument reads the members of a document; d.index is not set yet.
func scanDocument(text string) (*Document, error) {
	if !utf8.ValidString(text) {
		return nil, errors.New("the text is not valid UTF-8")
	}
	s := &scanner{text: text}
	// Half of a common entry's size: one growth at most for a common document.
	d := &Document{text: text, members: make([]member, 0, len(text)/120)}
	if s.peek() != '{' {
		return nil, s.expected("a JSON object")
	}
	err := s.object(func(start int, key string) error {
		value := s.pos
		fields, err := s.entry(key)
		d.members = append(d.members, member{key: key, company: NewCompany(fields), start: start, value: value, end: s.pos})
		return err
	})
	if err != nil {
		return nil, err
	}
	if s.peek() != 0 || s.pos < len(text) {
		return nil, s.expected("the end of the JSON")
	}
	return d, s.problems.orNil()
}

// entry reads the value of one key.
func (s *scanner) entry(key string) (openprospect.EntryFields, error) {
	var fields openprospect.EntryFields
	if s.peek() != '{' {
		s.problems.add(Problem{Key: key, Text: "must be an object with some of the fields " + fieldNames() + ", not " + s.kind()})
		return fields, s.skip(0)
	}
	var seen [len(documentFieldNames)]bool
	err := s.object(func(_ int, name string) error {
		place := slices.Index(documentFieldNames[:], name)
		if place < 0 {
			s.problems.add(Problem{Key: key, Field: name, Text: "unknown field. The fields are " + fieldNames()})
			return s.skip(0)
		}
		if seen[place] {
			s.problems.add(Problem{Key: key, Field: name, Text: "duplicate field"})
		}
		seen[place] = true
		return s.field(key, name, documentField(&fields, place))
	})
	return fields, err
}

func (s *scanner) field(key, name string, value *string) error {
	switch s.peek() {
	case '"':
		text, err := s.string()
		*value = strings.TrimSpace(text)
		return err
	case 'n':
		return s.skip(0)
	}
	s.problems.add(Problem{Key: key, Field: name, Text: "must be a string or null, not " + s.kind()})
	return s.skip(0)
}

func fieldNames() string {
	return strings.Join(documentFieldNames[:], ", ")
}

// object reads an object; value reads the value of each member, whose key begins at start.
func (s *scanner) object(value func(start int, key string) error) error {
	s.pos++
	if s.peek() == '}' {
		s.pos++
		return nil
	}
	for {
		if s.peek() != '"' {
			return s.expected("a key in double quotes")
		}
		start := s.pos
		key, err := s.string()
		if err != nil {
			return err
		}
		if s.peek() != ':' {
			return s.expected("a colon")
		}
		s.pos++
		s.peek()
		if err := value(start, key); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.pos++
		case '}':
			s.pos++
			return nil
		default:
			return s.expected("a comma or a closing brace")
		}
	}
}

// peek skips white space and returns the next byte; 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) string() (string, error) {
	start := s.pos
	escaped := false
	for s.pos++; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; {
		case c == '"':
			s.pos++
			if !escaped {
				return s.text[start+1 : s.pos-1], nil
			}
			var value string
			if err := json.Unmarshal([]byte(s.text[start:s.pos]), &value); err != nil {
				s.pos = start
				return "", s.expected("a string with valid escapes")
			}
			return value, nil
		case c == '\\':
			escaped = true
			s.pos++
		case c < ' ':
			return "", s.expected("no control character in a string")
		}
	}
	s.pos = start
	return "", s.expected("a string that ends")
}

// kind says what the next value is.
func (s *scanner) kind() string {
	switch c := s.peek(); {
	case c == '{':
		return "an object"
	case c == '[':
		return "a list"
	case c == '"':
		return "a string"
	case c == 't' || c == 'f':
		return "true or false"
	case c == 'n':
		return "null"
	case c == '-' || '0' <= c && c <= '9':
		return "a number"
	}
	return "that"
}

// skip reads over a value of any kind.
func (s *scanner) skip(depth int) error {
	if depth > maxNesting {
		return s.expected("fewer levels")
	}
	switch s.peek() {
	case '{':
		return s.object(func(int, string) error { return s.skip(depth + 1) })
	case '[':
		return s.list(depth)
	case '"':
		_, err := s.string()
		return err
	}
	start := s.pos
	for s.pos < len(s.text) && !strings.ContainsRune(" \t\r\n,]}:", rune(s.text[s.pos])) {
		s.pos++
	}
	if !json.Valid([]byte(s.text[start:s.pos])) {
		s.pos = start
		return s.expected("a value")
	}
	return nil
}

func (s *scanner) list(depth int) error {
	s.pos++
	if s.peek() == ']' {
		s.pos++
		return nil
	}
	for {
		if err := s.skip(depth + 1); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.pos++
		case ']':
			s.pos++
			return nil
		default:
			return s.expected("a comma or a closing bracket")
		}
	}
}

// expected says where the text is no JSON.
func (s *scanner) expected(what string) error {
	s.pos = min(s.pos, len(s.text))
	line := strings.Count(s.text[:s.pos], "\n") + 1
	column := utf8.RuneCountInString(s.text[strings.LastIndexByte(s.text[:s.pos], '\n')+1:s.pos]) + 1
	return fmt.Errorf("line %d, column %d: expected %s", line, column, what)
}
