package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

func TestRowsSurviveTheirEncoding(t *testing.T) {
	t.Parallel()

	keys := []string{"C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9"}
	rows := map[string]exclusion.Row{
		"C1": {ID: "d33b69ce-80ce-4ede-b4df-4b11427f8b55", Added: true},
		"C2": {ID: "D33B69CE-80CE-4EDE-B4DF-4B11427F8B55"},
		"C3": {ID: "entry/4711", Added: true, More: []string{"entry/4712", "74f00d79-7e4a-4ba3-a30c-012de85d6d78"}},
		"C4": {ID: "00000000-0000-0000-0000-000000000000"},
		"C5": {},
		"C6": {Added: true},
		"C7": {ID: "{74f00d79-7e4a-4ba3-a30c-012de85d6d78}"},
		"C8": {ID: "74f00d797e4a4ba3a30c012de85d6d78"},
		"C9": {ID: "74f00d79-7e4a-4ba3-a30c-012de85d6d78", Added: true},
	}
	value, err := encodeRows(keys, rows)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeRows(value, keys)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestRowsOfOtherKeys is a state whose entries were changed by hand: ids of the wrong entries would be removed.
func TestRowsOfOtherKeys(t *testing.T) {
	t.Parallel()

	value, err := encodeRows([]string{"C1", "C2"}, map[string]exclusion.Row{
		"C1": {ID: "d33b69ce-80ce-4ede-b4df-4b11427f8b55", Added: true},
		"C2": {ID: "opaque", Added: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, keys := range map[string][]string{
		"another order": {"C2", "C1"},
		"one less":      {"C1"},
		"one more":      {"C1", "C2", "C3"},
		"one renamed":   {"C1", "C3"},
		"cut elsewhere": {"C1C", "2"},
		"none":          {},
	} {
		if got, err := decodeRows(value, keys); err != nil || len(got) > 0 {
			t.Errorf("%s: got %v, %v, want no rows", name, got, err)
		}
	}
}

func TestRowsThatAreDamaged(t *testing.T) {
	t.Parallel()

	keys := []string{"C1", "C2"}
	sum := fingerprint(keys)
	for name, value := range map[string]string{
		"absent":          "",
		"nothing in it":   `{}`,
		"ids cut":         fmt.Sprintf(`{"keys":%d,"uuids":"0zNpzg==","added":"AA=="}`, sum),
		"no mark of ours": fmt.Sprintf(`{"keys":%d,"uuids":"%s"}`, sum, strings.Repeat("A", 42)+"8="),
	} {
		var stored []byte
		if value != "" {
			stored = []byte(value)
		}
		if got, err := decodeRows(stored, keys); err != nil || len(got) > 0 {
			t.Errorf("%s: got %v, %v, want no rows", name, got, err)
		}
	}
	if _, err := decodeRows([]byte(`{"keys":"C1"}`), keys); err == nil {
		t.Error("another form gives no error")
	}
}

// TestRowsAreCompact bounds what a company costs in state next to its entry.
func TestRowsAreCompact(t *testing.T) {
	t.Parallel()

	const count = 1000
	keys := make([]string, count)
	rows := make(map[string]exclusion.Row, count)
	for i := range keys {
		keys[i] = fmt.Sprintf("crm-%d", i)
		rows[keys[i]] = exclusion.Row{ID: fmt.Sprintf("74f00d79-7e4a-4ba3-a30c-%012d", i), Added: true}
	}
	value, err := encodeRows(keys, rows)
	if err != nil {
		t.Fatal(err)
	}
	if got := float64(len(value)) / count; got > 22 {
		t.Errorf("%.1f bytes an entry, want 22 at most", got)
	}
}
