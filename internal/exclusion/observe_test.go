package exclusion_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

func TestObserve(t *testing.T) {
	t.Parallel()
	acme, other := fields{WebsiteURL: "acme.com", CompanyName: "Acme"}, fields{WebsiteURL: "other.com"}
	tests := []struct {
		name  string
		text  string
		rows  map[string]exclusion.Row
		list  []fields
		whole bool
		want  string
		state map[string]exclusion.Row
		// missing, changed and foreign are keys.
		missing, changed, foreign []string
		walks                     int
	}{
		{
			name: "all as it was, spelt as the user spells it",
			text: `{ "a": {"website_url": "https://www.acme.com/", "company_name": "ACME", "city": ""} }`,
			rows: map[string]exclusion.Row{"a": {ID: "id-1", Added: true}}, list: []fields{acme}, whole: true,
			want:  `{ "a": {"website_url": "https://www.acme.com/", "company_name": "ACME", "city": ""} }`,
			state: map[string]exclusion.Row{"a": {ID: "id-1", Added: true}}, walks: 1,
		},
		{
			name: "ids are not known", text: `{"a":{"website_url":"other.com"},"b":{"website_url":"acme.com","company_name":"Acme"}}`,
			rows: map[string]exclusion.Row{"a": {Added: true}}, list: []fields{acme, other}, whole: true,
			want:  `{"a":{"website_url":"other.com"},"b":{"website_url":"acme.com","company_name":"Acme"}}`,
			state: map[string]exclusion.Row{"a": {ID: "id-2", Added: true}, "b": {ID: "id-1"}}, walks: 1,
		},
		{
			name: "one is gone", text: `{"a":{"website_url":"other.com"}, "b":{"website_url":"gone.com"}}`,
			rows: map[string]exclusion.Row{"a": {ID: "id-1"}, "b": {ID: "id-9"}}, list: []fields{other}, whole: true,
			want:  `{"a":{"website_url":"other.com"}}`,
			state: map[string]exclusion.Row{"a": {ID: "id-1"}}, missing: []string{"b"}, walks: 2,
		},
		{
			name: "somebody took it off and put it back", text: `{"a":{"website_url":"other.com"}}`,
			rows: map[string]exclusion.Row{"a": {ID: "id-9", Added: true}}, list: []fields{other}, whole: true,
			want:  `{"a":{"website_url":"other.com"}}`,
			state: map[string]exclusion.Row{"a": {ID: "id-1"}}, walks: 1,
		},
		{
			name: "the row reads otherwise", text: `{"a":{"website_url":"https://acme.com","company_name":"Old"},"b":{"website_url":"other.com"}}`,
			rows: map[string]exclusion.Row{"a": {ID: "id-1"}, "b": {ID: "id-2"}}, list: []fields{acme, other}, whole: true,
			want:  `{"a":{"company_name":"Acme","website_url":"https://acme.com"},"b":{"website_url":"other.com"}}`,
			state: map[string]exclusion.Row{"a": {ID: "id-1"}, "b": {ID: "id-2"}}, changed: []string{"a"}, walks: 1,
		},
		{
			name: "the row reads otherwise in one field, the others are spelt as the user spells them",
			text: `{"a":{"city":"BERLIN","company_name":"Old","country":"germany","external_id":"7"}}`,
			rows: map[string]exclusion.Row{"a": {ID: "id-1"}},
			list: []fields{{ExternalID: "7", CompanyName: "Acme", City: "Berlin", Country: "Germany"}}, whole: true,
			want:  `{"a":{"city":"BERLIN","company_name":"Acme","country":"germany","external_id":"7"}}`,
			state: map[string]exclusion.Row{"a": {ID: "id-1"}}, changed: []string{"a"}, walks: 1,
		},
		{
			name: "the row reads otherwise in all fields",
			text: `{"a":{"city":"Berlin","company_name":"Old","country":"Germany","external_id":"7","website_url":"old.com"}}`,
			rows: map[string]exclusion.Row{"a": {ID: "id-1"}},
			list: []fields{{ExternalID: "8", CompanyName: "Acme", City: "Wien", Country: "Austria", WebsiteURL: "acme.com"}}, whole: true,
			want:  `{"a":{"city":"Wien","company_name":"Acme","country":"Austria","external_id":"8","website_url":"acme.com"}}`,
			state: map[string]exclusion.Row{"a": {ID: "id-1"}}, changed: []string{"a"}, walks: 1,
		},
		{
			name: "foreign entries",
			text: `{"a":{"website_url":"other.com"}}`,
			rows: map[string]exclusion.Row{"a": {ID: "id-2"}},
			list: []fields{
				acme,
				other,
				{ExternalID: "42", WebsiteURL: "acme.com"},
				{CompanyName: "Foo", City: "Bar"},
				{CompanyName: "Foo"},
				{Country: "X"},
			},
			whole: true,
			want: `{"a":{"website_url":"other.com"},"42":{"external_id":"42","website_url":"acme.com"},"Foo":{"company_name":"Foo"},"Foo, ` +
				`Bar":{"city":"Bar","company_name":"Foo"},"acme.com":{"company_name":"Acme","website_url":"acme.com"},"id-6":{"country":"X"}}`,
			state: map[string]exclusion.Row{
				"a": {ID: "id-2"}, "acme.com": {ID: "id-1"}, "42": {ID: "id-3"}, "Foo, Bar": {ID: "id-4"}, "Foo": {ID: "id-5"}, "id-6": {ID: "id-6"},
			},
			foreign: []string{"acme.com", "42", "Foo, Bar", "Foo", "id-6"},
			walks:   1,
		},
		{
			name:  "natural keys that are one text to Terraform",
			text:  `{}`,
			list:  []fields{{ExternalID: "M\u00fcller"}, {ExternalID: "Mu\u0308ller"}},
			whole: true,
			want:  "{\"M\u00fcller\":{\"external_id\":\"M\u00fcller\"},\"M\u00fcller (id-2)\":{\"external_id\":\"Mu\u0308ller\"}}",
			state: map[string]exclusion.Row{
				"M\u00fcller":        {ID: "id-1"},
				"M\u00fcller (id-2)": {ID: "id-2"},
			},
			foreign: []string{"M\u00fcller", "M\u00fcller (id-2)"},
			walks:   1,
		},
		{
			name:  "natural keys that clash",
			text:  `{"acme.com":{"website_url":"other.com"}}`,
			rows:  map[string]exclusion.Row{"acme.com": {ID: "id-1"}},
			list:  []fields{other, {WebsiteURL: "acme.com"}, {WebsiteURL: "acme.com", City: "X"}},
			whole: true,
			want: `{"acme.com":{"website_url":"other.com"},"acme.com (id-2)":{"website_url":"acme.com"},"acme.com (id-3)":{"city":"X",` +
				`"website_url":"acme.com"}}`,
			state:   map[string]exclusion.Row{"acme.com": {ID: "id-1"}, "acme.com (id-2)": {ID: "id-2"}, "acme.com (id-3)": {ID: "id-3"}},
			foreign: []string{"acme.com (id-2)", "acme.com (id-3)"},
			walks:   1,
		},
		{
			name: "the same twice", text: `{"a":{"website_url":"other.com"}}`,
			rows: map[string]exclusion.Row{"a": {ID: "id-2"}}, list: []fields{other, other, acme, acme}, whole: true,
			want:    `{"a":{"website_url":"other.com"},"acme.com":{"company_name":"Acme","website_url":"acme.com"}}`,
			state:   map[string]exclusion.Row{"a": {ID: "id-2", More: []string{"id-1"}}, "acme.com": {ID: "id-3", More: []string{"id-4"}}},
			foreign: []string{"acme.com"}, walks: 1,
		},
		{
			name: "a part of the list", text: `{"a":{"website_url":"other.com"}}`,
			rows: map[string]exclusion.Row{"a": {ID: "id-2", Added: true}}, list: []fields{acme, other, other}, whole: false,
			want:  `{"a":{"website_url":"other.com"}}`,
			state: map[string]exclusion.Row{"a": {ID: "id-2", Added: true}}, walks: 1,
		},
		{
			name: "import of an empty list", text: `{}`, whole: true, want: `{}`, state: map[string]exclusion.Row{}, walks: 1,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			api := &fakeAPI{}
			api.put(test.list...)
			got, err := newTestList(api).Observe(t.Context(), mustParse(t, test.text), test.rows, test.whole)
			if err != nil {
				t.Fatal(err)
			}
			if got.Document.Text() != test.want {
				t.Errorf("got  %s\nwant %s", got.Document.Text(), test.want)
			}
			if !maps.EqualFunc(got.Rows, test.state, sameRow) {
				t.Errorf("rows %+v\nwant %+v", got.Rows, test.state)
			}
			for what, keys := range map[string][2][]string{
				"missing": {got.Missing, test.missing}, "changed": {got.Changed, test.changed}, "foreign": {got.Foreign, test.foreign},
			} {
				slices.Sort(keys[0])
				slices.Sort(keys[1])
				if !slices.Equal(keys[0], keys[1]) {
					t.Errorf("%s: %v, want %v", what, keys[0], keys[1])
				}
			}
			if lists, _, _ := api.requests(); lists != test.walks {
				t.Errorf("%d walks, want %d", lists, test.walks)
			}
		})
	}
}

func sameRow(a, b exclusion.Row) bool {
	return a.ID == b.ID && a.Added == b.Added && slices.Equal(a.More, b.More)
}

func TestObserveConfirmsWhatIsMissing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{lag: time.Second, latency: time.Second}
		api.put(fields{WebsiteURL: "late.com"})
		document := exclusion.Render(map[string]fields{"a": {WebsiteURL: "late.com"}})
		// Without latency the first walk would be too early to show it; with it, the second is late enough.
		api.latency = time.Second / 2
		got, err := newTestList(api).Observe(t.Context(), document, map[string]exclusion.Row{"a": {ID: "id-1"}}, true)
		if err != nil || len(got.Missing) != 0 || got.Document != document {
			t.Errorf("%+v, %v", got, err)
		}
		if lists, _, _ := api.requests(); lists != 2 {
			t.Errorf("%d walks", lists)
		}
	})
}

// An imported list keeps its rows when the user's keys take the place of the natural ones.
func TestImportAndRelabel(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{}
	all := numbered(50)
	api.put(all...)
	list := newTestList(api)
	imported, err := list.Observe(t.Context(), exclusion.Render(nil), nil, true)
	if err != nil || imported.Document.Len() != 50 {
		t.Fatalf("%+v, %v", imported, err)
	}
	planned := make(map[string]fields)
	for _, row := range all {
		planned["crm "+row.CompanyName] = row
	}
	before := api.current()
	applied, err := list.Apply(
		t.Context(),
		exclusion.Update{Prior: imported.Document, Planned: exclusion.Render(planned), Rows: imported.Rows},
	)
	if err != nil || !slices.EqualFunc(api.current(), before, equal) {
		t.Errorf("%v; the list changed", err)
	}
	for _, row := range before {
		if got := applied.Rows["crm "+row.Fields().CompanyName]; got.ID != row.ID {
			t.Errorf("%+v has the row %+v", row, got)
		}
	}
	if _, posts, deletes := api.requests(); posts+deletes != 0 {
		t.Errorf("%d POSTs, %d DELETEs", posts, deletes)
	}
}

func BenchmarkList(b *testing.B) {
	for _, count := range []int{10_000, 100_000} {
		api := &fakeAPI{}
		entries := customers(count)
		document := exclusion.Render(entries)
		rows := make(map[string]exclusion.Row, count)
		keys := document.Keys()
		var all []fields
		for _, row := range document.All() {
			all = append(all, row.Fields())
		}
		for i, id := range api.put(all...) {
			rows[keys[i]] = exclusion.Row{ID: id}
		}
		changed := maps.Clone(entries)
		changed["crm-000500"] = fields{CompanyName: "Renamed", ExternalID: "x"}
		planned := exclusion.Render(changed)
		b.Run(fmt.Sprintf("Observe/%d", count), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if got, err := newTestList(api).Observe(b.Context(), document, rows, true); err != nil || got.Document != document {
					b.Fatal(got, err)
				}
			}
		})
		b.Run(fmt.Sprintf("Apply/%d", count), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				list := newTestList(&fakeAPI{})
				if _, err := list.Apply(b.Context(), exclusion.Update{Prior: document, Planned: planned, Rows: rows}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("Claim/%d", count), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := newTestList(api).Claim("a", exclusion.Plan{Keeps: document.Entries(rows), Whole: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
