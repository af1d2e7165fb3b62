package exclusion

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// MaxDocumentBytes is how long the text of a Document may be.
const MaxDocumentBytes = 20_000_000

// maxProblems is how many problems of one document are reported: enough to correct a file in few rounds.
const maxProblems = 20

// Document is a list of companies as a user writes it: a JSON object whose keys are the user's own stable labels, and
// whose values are objects with some of the fields company_name, website_url, city, country and external_id. It is
// immutable, and safe for concurrent use.
type Document struct {
	text    string
	members []member
	// ascending is true if the keys are in order, as Terraform's jsonencode writes them: then a search needs no index.
	ascending bool
	index     map[string]int
}

// member is one key of a document with its company and its place in the text.
type member struct {
	key     string
	company Company
	// text[start:end] is the key and its value, text[value:end] the value.
	start, value, end int
}

// Item is one entry of a document under its key.
type Item struct {
	Key string
	Company
}

// Problem is a fault in one entry of a document.
type Problem struct {
	// Key is the entry's; Field is "" when the whole entry is concerned.
	Key, Field string
	Text       string
}

// DocumentError reports the faults of a document.
type DocumentError struct {
	// Problems are the first ones, in the document's order.
	Problems []Problem
	// More is how many more there are.
	More int
}

func (e *DocumentError) Error() string {
	var lines []string
	for _, p := range e.Problems {
		where := fmt.Sprintf("key %q", shorten(p.Key))
		if p.Field != "" {
			where += fmt.Sprintf(", field %q", shorten(p.Field))
		}
		lines = append(lines, where+": "+p.Text)
	}
	if e.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", e.More))
	}
	return strings.Join(lines, "\n")
}

func (e *DocumentError) add(p Problem) {
	if len(e.Problems) < maxProblems {
		e.Problems = append(e.Problems, p)
	} else {
		e.More++
	}
}

// orNil returns nil when there is no problem.
func (e *DocumentError) orNil() error {
	if len(e.Problems) == 0 {
		return nil
	}
	return e
}

// Parse reads a document. White space around a field's text is not part of it; a field that is null or blank is absent.
// It returns an error when the text is longer than MaxDocumentBytes or not a JSON object, and a *DocumentError, which
// names key and field, when a key is blank or occurs twice, or when an entry is anything but an object of the five
// fields with texts or null. What Check reports is no error here: a document made from a list may hold it.
func Parse(text string) (*Document, error) {
	if len(text) > MaxDocumentBytes {
		return nil, fmt.Errorf("entries has %d bytes, but at most %d are allowed. "+
			"Split it across several blacklists", len(text), MaxDocumentBytes)
	}
	d, err := scanDocument(text)
	if err != nil {
		return nil, err
	}
	d.ascending = slices.IsSortedFunc(d.members, func(a, b member) int { return cmp.Compare(a.key, b.key) })
	if !d.ascending {
		d.index = make(map[string]int, len(d.members))
		for i, m := range d.members {
			d.index[m.key] = i
		}
	}
	return d, d.checkKeys()
}

func (d *Document) checkKeys() error {
	var problems DocumentError
	for i, m := range d.members {
		first := d.index[m.key] != i
		if d.ascending {
			first = i > 0 && d.members[i-1].key == m.key
		}
		if first {
			problems.add(Problem{Key: m.key, Text: "duplicate key"})
		}
		if strings.TrimSpace(m.key) == "" {
			problems.add(Problem{Key: m.key, Text: "blank key"})
		}
	}
	return problems.orNil()
}

// Render writes the document of these entries, the keys in order, as Terraform's jsonencode does. Blank fields are left out.
func Render(entries map[string]openprospect.EntryFields) *Document {
	companies := make(map[string]Company, len(entries))
	for key, fields := range entries {
		companies[key] = NewCompany(trimmed(fields))
	}
	return render(companies)
}

func render(companies map[string]Company) *Document {
	d := &Document{ascending: true, members: make([]member, 0, len(companies))}
	text := append(make([]byte, 0, renderedSize(companies)), '{')
	for i, key := range slices.Sorted(maps.Keys(companies)) {
		if i > 0 {
			text = append(text, ',')
		}
		m := member{key: key, company: companies[key], start: len(text)}
		text = append(appendText(text, key), ':')
		m.value = len(text)
		text = appendFields(text, m.company.Fields())
		m.end = len(text)
		d.members = append(d.members, m)
	}
	d.text = string(append(text, '}'))
	return d
}

// renderedSize is about how long the text of these entries is.
func renderedSize(companies map[string]Company) int {
	const syntax = 80
	size := 2
	for key, company := range companies {
		f := company.Fields()
		size += syntax
		for _, text := range [...]string{key, f.City, f.CompanyName, f.Country, f.ExternalID, f.WebsiteURL} {
			size += len(text)
		}
	}
	return size
}

// Text is the document as it was parsed or rendered.
func (d *Document) Text() string { return d.text }

// Len is the number of entries.
func (d *Document) Len() int { return len(d.members) }

// All returns the companies by key, in the document's order.
func (d *Document) All() iter.Seq2[string, Company] {
	return func(yield func(string, Company) bool) {
		for i := range d.members {
			if !yield(d.members[i].key, d.members[i].company) {
				return
			}
		}
	}
}

// Entries returns the entries of the document with their ids, as far as rows knows them. A company that the list holds
// more than once (U13) has as many.
func (d *Document) Entries(rows map[string]Row) []Entry {
	entries := make([]Entry, 0, len(d.members))
	for i := range d.members {
		m := &d.members[i]
		entries = append(entries, rows[m.key].Entries(m.company)...)
	}
	return entries
}

// Keys returns the keys in the document's order.
func (d *Document) Keys() []string {
	keys := make([]string, len(d.members))
	for i := range d.members {
		keys[i] = d.members[i].key
	}
	return keys
}

// Company returns the company of a key.
func (d *Document) Company(key string) (Company, bool) {
	i, found := d.find(key)
	if !found {
		return Company{}, false
	}
	return d.members[i].company, true
}

func (d *Document) find(key string) (int, bool) {
	if d.ascending {
		return slices.BinarySearchFunc(d.members, key, func(m member, key string) int { return cmp.Compare(m.key, key) })
	}
	i, found := d.index[key]
	return i, found
}

// Equal reports whether two documents hold the same fields under the same keys. Formatting, order, and whether an absent
// field is written as "", null or not at all, do not count.
func (d *Document) Equal(other *Document) bool {
	if d.text == other.text {
		return true
	}
	if len(d.members) != len(other.members) {
		return false
	}
	for i := range d.members {
		m := &d.members[i]
		if same := &other.members[i]; same.key == m.key && same.company.Fields() == m.company.Fields() {
			continue
		}
		if company, found := other.Company(m.key); !found || company.Fields() != m.company.Fields() {
			return false
		}
	}
	return true
}

// Check finds entries that cannot work: those that name no company, and two that are the same company to the API (Same).
// The error is a *DocumentError.
func (d *Document) Check() error {
	var problems DocumentError
	holders := make(map[tier]int, len(d.members))
	for i := range d.members {
		m := &d.members[i]
		tier := m.company.identity().tier()
		if tier.method == "" {
			problems.add(Problem{Key: m.key, Text: "no field identifies the company: set external_id, a website_url with a " +
				"domain, or company_name"})
			continue
		}
		if first, found := holders[tier]; found {
			text := fmt.Sprintf("to the API, this is the same company as key %q: both have the %s", shorten(d.members[first].key), tier)
			if advice := m.company.platformAdvice("set company_name and city"); advice != "" {
				text += ". " + advice
			}
			problems.add(Problem{Key: m.key, Text: text})
			continue
		}
		holders[tier] = i
	}
	return problems.orNil()
}

// Patch returns the document with some entries set and some removed. The bytes of all other entries stay as they are.
// New entries are written at the end, in the order of their keys, with the separator of the last entry.
func (d *Document) Patch(set map[string]Company, removed map[string]bool) (*Document, error) {
	if len(set) == 0 && len(removed) == 0 {
		return d, nil
	}
	text := make([]byte, 0, len(d.text)+renderedSize(set))
	separator, colon := ",", ":"
	kept := 0
	for i := range d.members {
		m := &d.members[i]
		if i > 0 {
			separator = d.text[d.members[i-1].end:m.start]
		}
		company, change := set[m.key]
		if removed[m.key] && !change {
			continue
		}
		switch {
		case kept > 0:
			text = append(text, separator...)
		default:
			text = append(text, d.text[:d.members[0].start]...)
		}
		kept++
		if change {
			text = append(text, d.text[m.start:m.value]...)
			text = appendFields(text, trimmed(company.Fields()))
		} else {
			text = append(text, d.text[m.start:m.end]...)
		}
	}
	if strings.Contains(separator, " ") || strings.Contains(separator, "\n") {
		colon = ": "
	}
	if kept == 0 {
		text = append(text, '{')
	}
	for _, key := range slices.Sorted(maps.Keys(set)) {
		if _, found := d.find(key); found {
			continue
		}
		if kept > 0 {
			text = append(text, separator...)
		}
		kept++
		text = append(appendText(text, key), colon...)
		text = appendFields(text, trimmed(set[key].Fields()))
	}
	if len(d.members) > 0 && kept > 0 {
		text = append(text, d.text[d.members[len(d.members)-1].end:]...)
	} else {
		text = append(text, '}')
	}
	return Parse(string(text))
}

// documentFieldNames are the fields of an entry in the order in which they are written: Terraform's jsonencode sorts.
var documentFieldNames = [...]string{"city", "company_name", "country", "external_id", "website_url"}

// documentField returns the field that documentFieldNames has at this place.
func documentField(fields *openprospect.EntryFields, place int) *string {
	return [...]*string{&fields.City, &fields.CompanyName, &fields.Country, &fields.ExternalID, &fields.WebsiteURL}[place]
}

func trimmed(fields openprospect.EntryFields) openprospect.EntryFields {
	for place := range documentFieldNames {
		text := documentField(&fields, place)
		*text = strings.TrimSpace(*text)
	}
	return fields
}

func appendFields(text []byte, fields openprospect.EntryFields) []byte {
	text = append(text, '{')
	for place, name := range documentFieldNames {
		value := *documentField(&fields, place)
		if value == "" {
			continue
		}
		if text[len(text)-1] != '{' {
			text = append(text, ',')
		}
		text = append(text, '"')
		text = append(text, name...)
		text = append(text, '"', ':')
		text = appendText(text, value)
	}
	return append(text, '}')
}

// appendText writes a JSON string as encoding/json, and with it Terraform, does.
func appendText(text []byte, value string) []byte {
	for i := range len(value) {
		if c := value[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			encoded, err := json.Marshal(value)
			if err != nil {
				panic(err) // a string always has a JSON form
			}
			return append(text, encoded...)
		}
	}
	text = append(text, '"')
	text = append(text, value...)
	return append(text, '"')
}
