package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// member is one member of a JSON object.
type member struct {
	name  string
	value any
}

// members is a JSON object that keeps the order of its members, so that answers
// look as the guide prints them.
type members []member

// MarshalJSON implements json.Marshaler.
func (m members) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, one := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := writeJSON(&b, one.name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := writeJSON(&b, one.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// writeJSON writes a value as web frameworks do: &, < and > stay as they are.
func writeJSON(b *bytes.Buffer, value any) error {
	encoder := json.NewEncoder(b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	b.Truncate(b.Len() - len("\n"))
	return nil
}

// set replaces the value of a member, or adds one at the end.
func (m *members) set(name string, value any) {
	for i := range *m {
		if (*m)[i].name == name {
			(*m)[i].value = value
			return
		}
	}
	*m = append(*m, member{name, value})
}

// rename returns a member another name in its place.
func (m members) rename(from, to string) {
	for i := range m {
		if m[i].name == from {
			m[i].name = to
		}
	}
}

// without returns the object without some members.
func (m members) without(names ...string) members {
	return slices.DeleteFunc(m, func(one member) bool { return slices.Contains(names, one.name) })
}

// sparse returns the object without the members that are null.
func (m members) sparse() members {
	return slices.DeleteFunc(m, func(one member) bool { return one.value == nil })
}

// plural is a number of things.
func plural(count int, one, many string) string {
	if count == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", count, many)
}

// orNull is a text's value, null for "".
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
