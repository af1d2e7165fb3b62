package openprospect

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// text is a JSON string that tolerates null (""), numbers and booleans (as written). Ids are opaque
// strings to us even where a server sends numbers.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		// Nearly every string needs no unescaping, and lists have 100,000 of them.
		if inner := data[1 : len(data)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
			*t = text(inner)
			return nil
		}
		return json.Unmarshal(data, (*string)(t))
	case 'n':
		*t = ""
		return nil
	case '[', '{':
		return wrongType(data, "")
	}
	*t = text(data)
	return nil
}

// textList is a JSON list of strings that tolerates null, and a lone string.
type textList []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *textList) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case 'n':
		*l = nil
		return nil
	case '"':
		var one text
		err := json.Unmarshal(data, &one)
		*l = textList{string(one)}
		return err
	case '[':
		var all []*text
		if err := json.Unmarshal(data, &all); err != nil {
			return err
		}
		*l = make(textList, 0, len(all))
		for _, one := range all {
			if one != nil {
				*l = append(*l, string(*one))
			}
		}
		return nil
	}
	return wrongType(data, []string{})
}

// number is a JSON number that tolerates null, numeric strings, and anything else as absent: a range
// such as "50-100" must not make the rest of an answer unreadable (U32).
type number struct {
	value float64
	known bool
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(data []byte) error {
	value, err := strconv.ParseFloat(strings.TrimSpace(strings.Trim(string(data), `"`)), 64)
	*n = number{}
	if err == nil && !math.IsNaN(value) && !math.IsInf(value, 0) {
		*n = number{value: value, known: true}
	}
	return nil
}

// float returns the number, nil when there is none.
func (n number) float() *float64 {
	if !n.known {
		return nil
	}
	return &n.value
}

// integer returns an integral number that float64 holds exactly, nil for any other. 1<<53 is another: 1<<53+1 rounds to it.
func (n number) integer() *int64 {
	const rounded = 1 << 53
	if !n.known || n.value != math.Trunc(n.value) || math.Abs(n.value) >= rounded {
		return nil
	}
	value := int64(n.value)
	return &value
}

// flag is a JSON boolean that tells absent and null from false.
type flag struct{ value, known bool }

// UnmarshalJSON implements json.Unmarshaler.
func (f *flag) UnmarshalJSON(data []byte) error {
	value, err := strconv.ParseBool(strings.Trim(string(data), `"`))
	*f = flag{value: value, known: err == nil}
	return nil
}

// wrongType says what was found where something else was expected.
func wrongType(data []byte, want any) error {
	return &json.UnmarshalTypeError{Value: jsonKind(data), Type: reflect.TypeOf(want)}
}

func jsonKind(data []byte) string {
	if len(data) == 0 {
		return "nothing"
	}
	switch data[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "number"
}

// unwrap returns the object in a JSON document, from below one of the wrapper keys when the document
// itself holds none of the own keys (U4). It is nil when there is no object.
func unwrap(document []byte, own, wrappers []string) (json.RawMessage, map[string]json.RawMessage) {
	const maxNesting = 3
	for range maxNesting {
		fields := decodeObject(document)
		if fields == nil {
			return nil, nil
		}
		if hasAny(fields, own) {
			return document, fields
		}
		inner := firstKind(fields, wrappers, "object")
		if inner == nil {
			return document, fields
		}
		document = inner
	}
	return nil, nil
}

// decodeObject returns the members of a JSON object, nil when it is none.
func decodeObject(document []byte) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(document, &fields) != nil {
		return nil
	}
	return fields
}

func hasAny(fields map[string]json.RawMessage, keys []string) bool {
	for _, key := range keys {
		if raw, found := fields[key]; found && jsonKind(raw) != "null" {
			return true
		}
	}
	return false
}

// firstKind returns the first of the keys that holds a value of that kind.
func firstKind(fields map[string]json.RawMessage, keys []string, kind string) json.RawMessage {
	for _, key := range keys {
		if raw, found := fields[key]; found && jsonKind(raw) == kind {
			return raw
		}
	}
	return nil
}

// firstText returns the first of the keys that holds a string, number or boolean other than "".
func firstText(fields map[string]json.RawMessage, keys ...string) string {
	for _, key := range keys {
		var value text
		if raw, found := fields[key]; found && json.Unmarshal(raw, &value) == nil && value != "" {
			return string(value)
		}
	}
	return ""
}

// parseTimestamp reads the API's timestamps: RFC 3339 with or without fraction; one without a zone is
// read as UTC (U35).
func parseTimestamp(value string) (time.Time, bool) {
	value = strings.TrimSpace(value)
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999",
	} {
		if parsed, err := time.Parse(layout, value); err == nil {
			return parsed, true
		}
	}
	return time.Time{}, false
}
