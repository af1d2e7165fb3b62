package exclusion_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

func mustParse(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string) *exclusion.Document {
	t.Helper()
	document, err := exclusion.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return document
}

// allFields are the fields of a document by key.
func allFields(document *exclusion.Document) map[string]fields {
	all := make(map[string]fields, document.Len())
	for key, company := range document.All() {
		all[key] = company.Fields()
	}
	return all
}

// fieldsAt are the fields of a key.
func fieldsAt(document *exclusion.Document, key string) (fields, bool) {
	company, found := document.Company(key)
	return company.Fields(), found
}

// companiesOf are the companies that the fields name.
func companiesOf(entries map[string]fields) map[string]exclusion.Company {
	all := make(map[string]exclusion.Company, len(entries))
	for key, row := range entries {
		all[key] = of(row)
	}
	return all
}

func TestParse(t *testing.T) {
	t.Parallel()
	document := mustParse(t, ` { "b" : {"website_url":"b.com","city":null,"country":""} ,
		"a\u00fc":{"company_name":" Acme \"\u00dc\" ","external_id":"7"},"c":{}} `)
	want := map[string]fields{
		"b": {WebsiteURL: "b.com"}, "aü": {CompanyName: `Acme "Ü"`, ExternalID: "7"}, "c": {},
	}
	if got := allFields(document); !maps.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
	if got := document.Keys(); !slices.Equal(got, []string{"b", "aü", "c"}) || document.Len() != 3 {
		t.Errorf("keys %v", got)
	}
	for key, wanted := range want {
		if got, found := document.Company(key); !found || got.Fields() != wanted {
			t.Errorf("%s: %+v, %v", key, got, found)
		}
	}
	if _, found := document.Company("d"); found {
		t.Error("found what is not there")
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text  string
		names []string
	}{
		{``, []string{"line 1, column 1", "JSON object"}},
		{`[]`, []string{"JSON object"}},
		{`null`, []string{"JSON object"}},
		{`{"a":{}`, []string{"comma or a closing brace"}},
		{`{"a":{}}x`, []string{"the end"}},
		{"{\n \"a\":{} \"b\"}", []string{"line 2, column 9"}},
		{`{"a": {"city": 1`, []string{"line 1, column 17"}},
		{`{"a":{},}`, []string{"key in double quotes"}},
		{`{a:{}}`, []string{"key in double quotes"}},
		{`{"a" {}}`, []string{"colon"}},
		{`{"a`, []string{"a string that ends"}},
		{`{"a\`, []string{"a string that ends"}},
		{`{"a\x":{}}`, []string{"valid escapes"}},
		{"{\"a\n\":{}}", []string{"control character"}},
		{"{\"\xff\":{}}", []string{"UTF-8"}},
		{`{"a":{"city":01}}`, []string{"expected a value"}},
		{`{"a":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`, []string{"fewer levels"}},
		{`{"a":null}`, []string{`"a"`, "an object", "null"}},
		{`{"a":"acme.com"}`, []string{`"a"`, "an object", "a string"}},
		{`{"a":[1,"b",{"c":null},true]}`, []string{`"a"`, "a list"}},
		{`{"a":{"city":0}}`, []string{`"a"`, `"city"`, "a number"}},
		{`{"a":{"city":9}}`, []string{`"a"`, `"city"`, "a number"}},
		{`{"a":{"city":-5}}`, []string{`"a"`, `"city"`, "a number"}},
		{`{"a":{"city":{"x":[]}}}`, []string{`"a"`, `"city"`, "an object"}},
		{`{"a":{"city":false}}`, []string{`"a"`, `"city"`, "true or false"}},
		{`{"a":{"website":"acme.com"}}`, []string{`"a"`, `"website"`, "website_url"}},
		{`{"a":{"city":"x","city":"y"}}`, []string{`"a"`, `"city"`, "duplicate field"}},
		{`{"a":{},"b":{},"a":{}}`, []string{`"a"`, "duplicate key"}},
		{`{"b":{},"a":{},"\u0061":{}}`, []string{`"a"`, "duplicate key"}},
		{`{" ":{}}`, []string{"blank key"}},
		{`{"a":{"city":5},"b":7}`, []string{`"a"`, `"city"`, `"b"`}},
		{`{` + strings.TrimSuffix(strings.Repeat(`"a":1,`, 50), ",") + `}`, []string{"and 30 more"}},
		{`{"a":{"company_name":"` + strings.Repeat("x", exclusion.MaxDocumentBytes) + `"}}`, []string{"20000000", "several blacklists"}},
	}
	for _, test := range tests {
		_, err := exclusion.Parse(test.text)
		text := test.text[:min(len(test.text), 60)]
		if err == nil {
			t.Errorf("%s: no error", text)
			continue
		}
		for _, name := range test.names {
			if !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %q does not say %q", text, err, name)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text  string
		names []string
	}{
		{`{}`, nil},
		{`{"a":{"external_id":"1","website_url":"acme.com"},"b":{"external_id":"2","website_url":"acme.com"}}`, nil},
		{`{"a":{"website_url":"acme.com"},"b":{"website_url":"https://www.ACME.com/x"}}`, []string{`"a"`, `"b"`, "acme.com"}},
		{
			`{"a":{"company_name":"Acme","city":"Berlin"},"b":{"company_name":"acme","city":"BERLIN","country":"Germany"}}`,
			[]string{`"a"`, `"b"`, `"berlin"`},
		},
		{`{"a":{"company_name":"Acme","city":"Berlin"},"b":{"company_name":"Acme"}}`, nil},
		{`{"a":{"external_id":"x"},"b":{"external_id":"X"}}`, nil},
		{`{"a":{"city":"Berlin"}}`, []string{`"a"`, "no field identifies the company"}},
		{`{"a":{"website_url":"localhost"}}`, []string{`"a"`, "no field identifies the company"}},
	}
	for _, test := range tests {
		err := mustParse(t, test.text).Check()
		var problems *exclusion.DocumentError
		if errors.As(err, &problems) != (test.names != nil) {
			t.Errorf("%s: %v", test.text, err)
		}
		for _, name := range test.names {
			if err != nil && !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %q does not say %q", test.text, err, name)
			}
		}
	}
}

func TestRenderIsWhatTerraformWrites(t *testing.T) {
	t.Parallel()
	entries := map[string]fields{
		"b": {WebsiteURL: "b.com", CompanyName: "B & <Söhne> \u2028\"", City: "X", Country: "Y", ExternalID: "1"},
		"a": {}, "c\n": {CompanyName: " padded "},
	}
	// jsonencode is encoding/json of cty's sorted attributes.
	written := map[string]map[string]string{
		"b":   {"website_url": "b.com", "company_name": "B & <Söhne> \u2028\"", "city": "X", "country": "Y", "external_id": "1"},
		"a":   {},
		"c\n": {"company_name": "padded"},
	}
	for _, special := range []string{"<", ">", "&", `"`, `\`, "\x7f", "\x01"} {
		entries[special], written[special] = fields{CompanyName: special}, map[string]string{"company_name": special}
	}
	document := exclusion.Render(entries)
	want, err := json.Marshal(written)
	if err != nil || document.Text() != string(want) {
		t.Errorf("got  %s\nwant %s", document.Text(), want)
	}
	if !document.Equal(mustParse(t, document.Text())) {
		t.Error("the rendered document does not parse to itself")
	}
}

func TestPatchLeavesOtherBytesAlone(t *testing.T) {
	t.Parallel()
	pretty := `{
  "a": { "company_name": "A", "city": "" },
  "b": {"website_url":"B.COM"},
  "c": {}
}
`
	tests := []struct {
		name    string
		text    string
		set     map[string]fields
		removed []string
		want    string
	}{
		{"nothing", pretty, nil, nil, pretty},
		{"the first goes", pretty, nil, []string{"a"}, "{\n  \"b\": {\"website_url\":\"B.COM\"},\n  \"c\": {}\n}\n"},
		{
			"the last goes",
			pretty,
			nil,
			[]string{"c"},
			"{\n  \"a\": { \"company_name\": \"A\", \"city\": \"\" },\n  \"b\": {\"website_url\":\"B.COM\"}\n}\n",
		},
		{
			"one changes",
			pretty,
			map[string]fields{"b": {City: "X"}},
			nil,
			"{\n  \"a\": { \"company_name\": \"A\", \"city\": \"\" },\n  \"b\": {\"city\":\"X\"},\n  \"c\": {}\n}\n",
		},
		{"one is added", pretty, map[string]fields{"d": {City: "X"}}, []string{"a", "b"}, "{\n  \"c\": {},\n  \"d\": {\"city\":\"X\"}\n}\n"},
		{"all go", pretty, nil, []string{"a", "b", "c"}, "{}"},
		{"all go, one comes", `{"a":{}}`, map[string]fields{"z": {}}, []string{"a"}, `{"z":{}}`},
		{"into an empty one", ` { } `, map[string]fields{"z": {City: "X"}, "y": {}}, nil, `{"y":{},"z":{"city":"X"}}`},
		{"compact stays compact", `{"a":{},"b":{}}`, map[string]fields{"c": {}}, nil, `{"a":{},"b":{},"c":{}}`},
		{"what is not there cannot go", `{"a":{}}`, nil, []string{"x"}, `{"a":{}}`},
	}
	for _, test := range tests {
		removed := make(map[string]bool)
		for _, key := range test.removed {
			removed[key] = true
		}
		got, err := mustParse(t, test.text).Patch(companiesOf(test.set), removed)
		if err != nil || got.Text() != test.want {
			t.Errorf("%s: %v\ngot  %s\nwant %s", test.name, err, got.Text(), test.want)
		}
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want bool
	}{
		{`{"a":{"city":"X"},"b":{}}`, ` { "b" : {"city":null,"country":"","company_name":" "}, "a":{"city":"X "}}`, true},
		{`{"a":{}}`, `{"b":{}}`, false},
		{`{"a":{}}`, `{"a":{},"b":{}}`, false},
		{`{"a":{"company_name":"Acme"}}`, `{"a":{"company_name":"ACME"}}`, false},
	}
	for _, test := range tests {
		a, b := mustParse(t, test.a), mustParse(t, test.b)
		if a.Equal(b) != test.want || b.Equal(a) != test.want {
			t.Errorf("%s and %s: %v", test.a, test.b, !test.want)
		}
	}
}

// entriesOf draws the entries of a document, among them what makes trouble.
func entriesOf() *rapid.Generator[map[string]fields] {
	text := rapid.OneOf(rapid.SampledFrom([]string{"", "", "a", "A", "b", "Ü", `"<&>\`, "\u2028", "x y", "1"}), rapid.String())
	key := rapid.OneOf(rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "ä", `"`}), rapid.StringN(1, 5, -1)).Filter(func(s string) bool {
		return strings.TrimSpace(s) != ""
	})
	value := rapid.Custom(func(t *rapid.T) fields {
		return fields{
			CompanyName: strings.TrimSpace(text.Draw(t, "name")), City: strings.TrimSpace(text.Draw(t, "city")),
			ExternalID: strings.TrimSpace(text.Draw(t, "external id")),
			WebsiteURL: rapid.SampledFrom([]string{"", "a.com", "b.com", "https://www.a.com", "none"}).Draw(t, "website"),
		}
	})
	return rapid.MapOfN(key, value, 0, 8)
}

func TestRenderAndParseAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		entries := entriesOf().Draw(t, "entries")
		document := mustParse(t, exclusion.Render(entries).Text())
		if got := allFields(document); !maps.Equal(got, entries) {
			t.Fatalf("%+q became %+q", entries, got)
		}
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, []byte(document.Text()), "", "  "); err != nil {
			t.Fatalf("%v", err)
		}
		if !document.Equal(mustParse(t, pretty.String())) {
			t.Fatalf("formatting counts: %s", document.Text())
		}
	})
}

func TestPatchIsRenderOfTheResult(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		entries, set := entriesOf().Draw(t, "entries"), entriesOf().Draw(t, "set")
		removed := make(map[string]bool)
		for key := range entries {
			if rapid.Bool().Draw(t, "remove") {
				removed[key] = true
			}
		}
		var text bytes.Buffer
		text.WriteString(exclusion.Render(entries).Text())
		if rapid.Bool().Draw(t, "pretty") {
			compact := text.String()
			text.Reset()
			_ = json.Indent(&text, []byte(compact), " ", "\t")
		}
		got, err := mustParse(t, text.String()).Patch(companiesOf(set), removed)
		if err != nil {
			t.Fatalf("%v", err)
		}
		want := maps.Clone(entries)
		maps.DeleteFunc(want, func(key string, _ fields) bool { return removed[key] })
		maps.Copy(want, set)
		if !got.Equal(exclusion.Render(want)) || !maps.Equal(allFields(got), want) {
			t.Fatalf("%s\nset %+q\nremoved %v\ngave %s", text.String(), set, removed, got.Text())
		}
	})
}

func TestDiff(t *testing.T) {
	t.Parallel()
	acme, inc := fields{WebsiteURL: "acme.com", CompanyName: "Acme"}, fields{WebsiteURL: "acme.com", CompanyName: "Acme Inc"}
	other, spelt := fields{WebsiteURL: "other.com"}, fields{WebsiteURL: "https://www.acme.com", CompanyName: "ACME"}
	type documents map[string]fields
	tests := []struct {
		name           string
		prior, planned documents
		want           exclusion.Difference
	}{
		{"nothing", documents{"a": acme}, documents{"a": acme}, exclusion.Difference{}},
		{"added", documents{}, documents{"a": acme}, exclusion.Difference{Added: []exclusion.Item{{Key: "a", Company: of(acme)}}}},
		{"removed", documents{"a": acme}, documents{}, exclusion.Difference{Removed: []exclusion.Item{{Key: "a", Company: of(acme)}}}},
		{
			"renamed company",
			documents{"a": acme},
			documents{"a": inc},
			exclusion.Difference{Changed: []exclusion.ChangedItem{{Key: "a", Old: of(acme), New: of(inc)}}},
		},
		{
			"another spelling",
			documents{"a": acme},
			documents{"a": spelt},
			exclusion.Difference{Respelled: []exclusion.ChangedItem{{Key: "a", Old: of(acme), New: of(spelt)}}},
		},
		{
			"another label",
			documents{"acme.com": acme},
			documents{"a": spelt},
			exclusion.Difference{Relabelled: []exclusion.Relabelling{{From: "acme.com", To: "a"}}},
		},
		{
			"swapped labels",
			documents{"a": acme, "b": other},
			documents{"a": other, "b": acme},
			exclusion.Difference{Relabelled: []exclusion.Relabelling{{From: "b", To: "a"}, {From: "a", To: "b"}}},
		},
		{"label reused", documents{"a": acme}, documents{"a": other, "b": acme}, exclusion.Difference{
			Relabelled: []exclusion.Relabelling{{From: "a", To: "b"}}, Added: []exclusion.Item{{Key: "a", Company: of(other)}},
		}},
		{"one for another under another label", documents{"a": acme}, documents{"b": other}, exclusion.Difference{
			Added: []exclusion.Item{{Key: "b", Company: of(other)}}, Removed: []exclusion.Item{{Key: "a", Company: of(acme)}},
		}},
		{"one removed, one changed", documents{"a": acme, "b": other}, documents{"a": inc}, exclusion.Difference{
			Changed: []exclusion.ChangedItem{{Key: "a", Old: of(acme), New: of(inc)}},
			Removed: []exclusion.Item{{Key: "b", Company: of(other)}},
		}},
		{
			"one of two alike",
			documents{"a": acme, "b": acme},
			documents{"b": acme},
			exclusion.Difference{Removed: []exclusion.Item{{Key: "a", Company: of(acme)}}},
		},
	}
	for _, test := range tests {
		got := exclusion.Diff(exclusion.Render(test.prior), exclusion.Render(test.planned))
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", test.want) {
			t.Errorf("%s: got %+v", test.name, got)
		}
		if got.Empty() != (len(test.want.Added)+len(test.want.Removed)+len(test.want.Changed) == 0) {
			t.Errorf("%s: Empty is %v", test.name, got.Empty())
		}
	}
}

// What a change says is enough to make one list of the other.
func TestDiffIsComplete(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		prior, planned := entriesOf().Draw(t, "prior"), entriesOf().Draw(t, "planned")
		var seen []exclusion.Company
		var count []int
		add := func(company exclusion.Company, number int) {
			for i := range seen {
				if seen[i].SameFields(company) {
					count[i] += number
					return
				}
			}
			seen, count = append(seen, company), append(count, number)
		}
		for _, row := range prior {
			add(of(row), 1)
		}
		change := exclusion.Diff(exclusion.Render(prior), exclusion.Render(planned))
		for _, item := range change.Removed {
			add(item.Company, -1)
		}
		for _, item := range change.Added {
			add(item.Company, 1)
		}
		for _, item := range change.Changed {
			add(item.Old, -1)
			add(item.New, 1)
		}
		for _, row := range planned {
			add(of(row), -1)
		}
		for i, left := range count {
			if left != 0 {
				t.Fatalf("%v: %d too many\nprior %+q\nplanned %+q\nchange %+v", seen[i], left, prior, planned, change)
			}
		}
		if reverse := exclusion.Diff(
			exclusion.Render(planned),
			exclusion.Render(prior),
		); len(reverse.Changed) != len(change.Changed) ||
			len(reverse.Added) != len(change.Removed) {
			t.Fatalf("%+v backwards is %+v", change, reverse)
		}
	})
}

// FuzzParse compares the scanner with encoding/json.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		`{"a":{"city":"x\u00e9\n"}}`, `{"a":{},"a":{}}`, `{"a":[1,-2.5e3,true,null]}`, ` {} `, `{"a":{"city":"\ud800"}}`,
		"{\"a\":{\"city\":\"\x7f\"}}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		document, err := exclusion.Parse(text)
		var problems *exclusion.DocumentError
		if err != nil && !errors.As(err, &problems) {
			if json.Valid([]byte(text)) && strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") && strings.ToValidUTF8(text, "") == text &&
				strings.Count(text, "[")+strings.Count(text, "{") < 100 {
				t.Fatalf("%q is valid JSON: %v", text, err)
			}
			return
		}
		if !json.Valid([]byte(text)) {
			t.Fatalf("%q is not valid JSON, but there was no such error: %v", text, err)
		}
		if err != nil {
			return
		}
		var want map[string]map[string]*string
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		for key, got := range allFields(document) {
			for name, value := range map[string]string{
				"company_name": got.CompanyName, "website_url": got.WebsiteURL, "city": got.City, "country": got.Country,
				"external_id": got.ExternalID,
			} {
				if wanted := want[key][name]; wanted == nil && value != "" || wanted != nil && value != strings.TrimSpace(*wanted) {
					t.Fatalf("%q: %q of %q is %q", text, name, key, value)
				}
			}
		}
		if document.Len() != len(want) || !document.Equal(exclusion.Render(allFields(document))) {
			t.Fatalf("%q: %q", text, document.Keys())
		}
	})
}

// customers is a document of so many entries, as a CRM's export gives it.
func customers(count int) map[string]fields {
	entries := make(map[string]fields, count)
	for i := range count {
		entries[fmt.Sprintf("crm-%06d", i)] = fields{
			CompanyName: fmt.Sprintf("Company %d GmbH", i), WebsiteURL: fmt.Sprintf("https://www.company-%d.example", i),
			City: "Berlin", Country: "Germany", ExternalID: fmt.Sprintf("%018d", i),
		}
	}
	return entries
}

func BenchmarkDocument(b *testing.B) {
	for _, count := range []int{10_000, 100_000} {
		entries := customers(count)
		text := exclusion.Render(entries).Text()
		document := mustParse(b, text)
		changed := maps.Clone(entries)
		changed["crm-000500"] = fields{CompanyName: "Renamed"}
		other := exclusion.Render(changed)
		for name, run := range map[string]func(){
			"Parse":  func() { mustParse(b, text) },
			"Check":  func() { _ = document.Check() },
			"Equal":  func() { _ = document.Equal(other) },
			"Diff":   func() { _ = exclusion.Diff(document, other) },
			"Patch":  func() { _, _ = document.Patch(map[string]exclusion.Company{"crm-000500": of(fields{City: "X"})}, nil) },
			"Render": func() { exclusion.Render(entries) },
		} {
			b.Run(fmt.Sprintf("%s/%d", name, count), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					run()
				}
			})
		}
	}
}

// TestProblemsOfADocument are named up to a number, and the others are counted.
func TestProblemsOfADocument(t *testing.T) {
	t.Parallel()
	for count, last := range map[int]string{1: "not a number", 20: "not a number", 21: "and 1 more"} {
		var members []string
		for i := range count {
			members = append(members, fmt.Sprintf(`"k%02d": 1`, i))
		}
		_, err := exclusion.Parse("{" + strings.Join(members, ",") + "}")
		if err == nil || !strings.HasSuffix(err.Error(), last) || strings.Count(err.Error(), "must be an object") != min(count, 20) {
			t.Errorf("%d problems: %v", count, err)
		}
	}
}

func TestTheLongestDocument(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat(" ", exclusion.MaxDocumentBytes-2) + "{}"
	if _, err := exclusion.Parse(longest); err != nil {
		t.Error(err)
	}
	if _, err := exclusion.Parse(longest + " "); err == nil || !strings.Contains(err.Error(), "at most 20000000 are allowed") {
		t.Errorf("one byte more: %v", err)
	}
}

func TestTheDeepestDocument(t *testing.T) {
	t.Parallel()
	for levels, word := range map[int]string{100: "must be a string or null", 101: "fewer levels"} {
		for _, level := range [][2]string{{`{"a":`, "}"}, {"[", "]"}} {
			value := strings.Repeat(level[0], levels) + "1" + strings.Repeat(level[1], levels)
			if _, err := exclusion.Parse(`{"k": {"city": ` + value + "}}"); err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("%d levels of %s: %v, want %q", levels, level[0], err, word)
			}
		}
	}
}
