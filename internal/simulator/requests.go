package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// decode reads a request's body as a JSON object.
func (s *Server) decode(c call) (map[string]any, *answer) {
	decoder := json.NewDecoder(bytes.NewReader(c.body))
	var value any
	if err := decoder.Decode(&value); err != nil {
		a := s.problem(http.StatusBadRequest, "INVALID_JSON", "Request body is not valid JSON", nil)
		return nil, &a
	}
	if _, err := decoder.Token(); err != io.EOF {
		a := s.problem(http.StatusBadRequest, "INVALID_JSON", "Request body holds more than one JSON value", nil)
		return nil, &a
	}
	fields, isObject := value.(map[string]any)
	if !isObject {
		return nil, s.refuse(&wrong{"body", "body must be a JSON object"})
	}
	return fields, nil
}

// wrong is what is wrong with a field of a request.
type wrong struct{ field, message string }

// refuse is a 422 that names every fault; nil when there is none. The guide's
// messages are about one field, so the first is the message of them all.
func (s *Server) refuse(faults ...*wrong) *answer {
	faults = slices.DeleteFunc(faults, func(fault *wrong) bool { return fault == nil })
	if len(faults) == 0 {
		return nil
	}
	var listed, raw []any
	for _, fault := range faults {
		listed = append(listed, members{{"field", fault.field}, {"error", fault.message}})
		raw = append(raw, members{{"loc", []any{"body", fault.field}}, {"msg", fault.message}, {"type", "value_error"}})
	}
	a := answer{status: http.StatusUnprocessableEntity, body: members{{"detail", raw}}, note: faults[0].message}
	if s.options.Behavior.ErrorShape != 6 {
		a = s.problem(a.status, "VALIDATION_ERROR", faults[0].message, members{{"validation_errors", listed}})
	}
	return &a
}

// unknownFields finds the first field that the API does not know; where it
// leaves such fields out, it does, and returns their names.
func (s *Server) unknownFields(fields map[string]any, known ...string) (stripped []string, fault *wrong) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		switch {
		case slices.Contains(known, name):
		case s.options.Behavior.StripUnknownFields:
			stripped = append(stripped, name)
			delete(fields, name)
		default:
			return nil, &wrong{name, name + " is not allowed"}
		}
	}
	return stripped, nil
}

// namingStripped adds the names of fields that were left out.
func namingStripped(body members, stripped []string) members {
	if len(stripped) > 0 {
		body.set("stripped_fields", stripped)
	}
	return body
}

// required finds that a field of any type is missing.
func required(fields map[string]any, name string) *wrong {
	if fields[name] == nil {
		return &wrong{name, name + " is required"}
	}
	return nil
}

// text checks a string field: its length is counted in characters.
func text(fields map[string]any, name string, maximum int, required bool) *wrong {
	value, given := fields[name]
	if !given || value == nil {
		if required {
			return &wrong{name, name + " is required"}
		}
		return nil
	}
	s, isString := value.(string)
	switch {
	case !isString:
		return &wrong{name, name + " must be a string"}
	case required && strings.TrimSpace(s) == "":
		return &wrong{name, name + " is required"}
	case maximum > 0 && utf8.RuneCountInString(s) > maximum:
		return &wrong{name, fmt.Sprintf("%s must be at most %d characters", name, maximum)}
	}
	return nil
}

// texts checks a list of strings.
func texts(fields map[string]any, name string, required bool) *wrong {
	value, given := fields[name]
	if !given || value == nil {
		if required {
			return &wrong{name, name + " is required"}
		}
		return nil
	}
	list, isList := value.([]any)
	if !isList {
		return &wrong{name, name + " must be a list"}
	}
	if required && len(list) == 0 {
		return &wrong{name, name + " is required"}
	}
	for _, element := range list {
		if s, isString := element.(string); !isString || s == "" {
			return &wrong{name, name + " must hold non-empty strings"}
		}
	}
	return nil
}

var uuidPattern = regexp.MustCompile(`^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)

func stringsOf(value any) []string {
	list, _ := value.([]any)
	result := make([]string, 0, len(list))
	for _, element := range list {
		s, _ := element.(string)
		result = append(result, s)
	}
	return result
}

func stringOf(value any) string {
	s, _ := value.(string)
	return s
}

// window is the part of a list that a request asks for.
type window struct{ limit, offset int }

const defaultLimit, largestLimit = 50, 100

// window reads limit and offset (guide: 1 to 100, default 50; from 0).
func (s *Server) window(query url.Values, largest int, known ...string) (window, *answer) {
	w := window{limit: min(defaultLimit, largest)}
	for name, values := range query {
		if name != "limit" && name != "offset" && !slices.Contains(known, name) {
			return w, s.refuse(&wrong{name, name + " is not a known parameter"})
		}
		if name != "limit" && name != "offset" {
			continue
		}
		number, err := strconv.Atoi(values[0])
		low, high, message := 0, math.MaxInt, "offset must be at least 0"
		if name == "limit" {
			low, high, message = 1, largest, fmt.Sprintf("limit must be between 1 and %d", largest)
		}
		if err != nil || number < low || number > high {
			return w, s.refuse(&wrong{name, message})
		}
		if name == "limit" {
			w.limit = number
		} else {
			w.offset = number
		}
	}
	if clamp := s.options.Behavior.ClampLimit; clamp > 0 {
		w.limit = min(w.limit, clamp)
	}
	return w, nil
}

// page cuts rows to the window and wraps them as lists are wrapped. The total
// is of all rows.
func (s *Server) page(rows []any, w window, resource string) answer {
	total := len(rows)
	rows = rows[min(w.offset, total):]
	rows = rows[:min(w.limit, len(rows))]
	return ok(s.envelope(rows, total, w, resource))
}

func (s *Server) envelope(rows []any, total int, w window, resource string) any {
	behavior := s.options.Behavior
	var list any = rows
	if rows == nil {
		list = []any{}
	}
	if len(rows) == 0 && behavior.NullForEmptyList {
		list = nil
	}
	key := "items"
	switch behavior.ListKey {
	case "array":
		if list == nil {
			return json.RawMessage("null")
		}
		return list
	case "resource":
		key = resource
	case "data":
		key = "data"
	}
	body := members{{key, list}, {"total", total}, {"limit", w.limit}, {"offset", w.offset}, {"has_more", w.offset+len(rows) < total}}
	if behavior.WithoutTotal {
		body = body.without("total")
	}
	if behavior.WithoutHasMore {
		body = body.without("has_more")
	}
	return body
}
