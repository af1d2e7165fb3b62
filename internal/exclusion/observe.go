package exclusion

import (
	"context"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// Row is what stands on the list for one key of a document.
type Row struct {
	// ID is the entry's; "" while it is not known.
	ID string
	// More are further entries with the same Key: nothing keeps a server from holding one twice (U13). Only a
	// document that stands for the whole list has them.
	More []string
	// Added says that the document's resource added the entry, rather than having found it on the list.
	Added bool
}

// Observed is what a document looks like on the list.
type Observed struct {
	// Document is the one that was asked for, with the same bytes for all entries that are as they were.
	Document *Document
	Rows     map[string]Row
	// Missing are keys whose entry is on the list no more; Changed those whose entry reads otherwise; Foreign
	// those made for entries that the document did not name. All in no particular order.
	Missing []string
	Changed []string
	Foreign []string
}

// Observe looks up a document's entries on the list, by their rows and else by their Keys. What differs is
// corrected in the document: entries that are gone are left out (after a second walk has confirmed it), and where the document stands for the whole list, entries that it does not name appear
// under a natural key: their external id, else their domain, else name and city. The user's spelling stays where it means the same.
//
// Observing an empty document that stands for the whole list gives the document of the list: an import.
func (l *List) Observe(ctx context.Context, prior *Document, rows map[string]Row, whole bool) (Observed, error) {
	after := uint64(0)
	for {
		var o *observation
		var confirmed bool
		err := l.view(ctx, after, func(s *snapshot) {
			o = observe(s, prior, rows)
			confirmed = o.confirmed(l)
			if confirmed && whole {
				o.addForeign()
			}
			after = s.sequence
		})
		if err != nil {
			return Observed{}, err
		}
		if confirmed {
			return o.result()
		}
	}
}

// observation is one comparison of a document with a snapshot.
type observation struct {
	list  *snapshot
	prior *Document
	was   map[string]Row
	rows  map[string]Row
	// used are the entries that the document accounts for.
	used    map[string]bool
	missing []string
	changed []string
	foreign []string
	set     map[string]openprospect.EntryFields
}

// observe finds the row of each key. Called under the lock.
func observe(s *snapshot, prior *Document, rows map[string]Row) *observation {
	o := &observation{
		list: s, prior: prior, was: rows,
		rows: make(map[string]Row, len(prior.members)),
		used: make(map[string]bool, len(prior.members)),
		set:  make(map[string]openprospect.EntryFields),
	}
	var lost []*member
	for i := range prior.members {
		m := &prior.members[i]
		row := rows[m.key]
		entry, found := s.find(row.ID)
		if !found || o.used[entry.ID] {
			lost = append(lost, m)
			continue
		}
		o.take(m, entry, row.Added)
	}
	for _, m := range lost {
		o.findByKey(m)
	}
	return o
}

// take notes that an entry stands for a key.
func (o *observation) take(m *member, entry openprospect.Entry, added bool) {
	o.used[entry.ID] = true
	o.rows[m.key] = Row{ID: entry.ID, Added: added}
	if fields, same := respell(m.fields, entry.EntryFields); !same {
		o.changed = append(o.changed, m.key)
		o.set[m.key] = fields
	}
}

// findByKey looks for a key's entry by what it says.
func (o *observation) findByKey(m *member) {
	for _, entry := range o.list.withKey(identify(m.fields)) {
		if !o.used[entry.ID] {
			row := o.was[m.key]
			o.take(m, entry, row.Added && row.ID == "")
			return
		}
	}
	o.missing = append(o.missing, m.key)
}

// confirmed reports whether all that is missing was missing before. Called under the lock.
func (o *observation) confirmed(l *List) bool {
	for _, key := range o.missing {
		if !l.confirmsMiss(o.was[key].ID) {
			return false
		}
	}
	return true
}

// addForeign gives the entries that the document does not name a key. Called under the lock.
func (o *observation) addForeign() {
	if len(o.used) == o.list.live {
		return
	}
	holders := make(map[identity]string, len(o.prior.members))
	for key, row := range o.rows {
		entry, _ := o.list.find(row.ID)
		holders[identify(entry.EntryFields)] = key
	}
	for _, entry := range o.list.rows {
		if entry.ID == "" || o.used[entry.ID] {
			continue
		}
		id := identify(entry.EntryFields)
		if key, found := holders[id]; found {
			row := o.rows[key]
			row.More = append(row.More, entry.ID)
			o.rows[key] = row
			continue
		}
		key := o.unusedKey(naturalKey(entry), entry.ID)
		holders[id] = key
		o.rows[key] = Row{ID: entry.ID}
		o.set[key] = entry.EntryFields
		o.foreign = append(o.foreign, key)
	}
}

// unusedKey keeps natural keys apart from each other and from the user's.
func (o *observation) unusedKey(key, id string) string {
	for {
		_, known := o.prior.find(key)
		if _, taken := o.rows[key]; !known && !taken {
			return key
		}
		key += " (" + id + ")"
	}
}

func (o *observation) result() (Observed, error) {
	removed := make(map[string]bool, len(o.missing))
	for _, key := range o.missing {
		removed[key] = true
	}
	document, err := o.prior.Patch(o.set, removed)
	if err != nil {
		return Observed{}, err
	}
	return Observed{Document: document, Rows: o.rows, Missing: o.missing, Changed: o.changed, Foreign: o.foreign}, nil
}

// naturalKey is a readable name for an entry that no user has named. It is composed (NFC), as Terraform makes any text
// that it keeps: rows are known by their keys.
func naturalKey(entry openprospect.Entry) string {
	if id := strings.TrimSpace(entry.ExternalID); id != "" {
		return norm.NFC.String(id)
	}
	if domain, err := Domain(entry.WebsiteURL); err == nil {
		return domain
	}
	key := strings.TrimSpace(entry.CompanyName)
	if city := strings.TrimSpace(entry.City); key != "" && city != "" {
		key += ", " + city
	}
	if key == "" {
		return entry.ID
	}
	return norm.NFC.String(key)
}

// respell gives the server's fields in the user's spelling, and reports whether that is all that differs.
func respell(user, server openprospect.EntryFields) (fields openprospect.EntryFields, same bool) {
	if user == server {
		return user, true
	}
	a, b := identify(user), identify(server)
	if a == b {
		return user, true
	}
	fields = server
	if a.externalID == b.externalID {
		fields.ExternalID = user.ExternalID
	}
	if a.website == b.website {
		fields.WebsiteURL = user.WebsiteURL
	}
	if a.name == b.name {
		fields.CompanyName = user.CompanyName
	}
	if a.city == b.city {
		fields.City = user.City
	}
	if a.country == b.country {
		fields.Country = user.Country
	}
	return fields, false
}
