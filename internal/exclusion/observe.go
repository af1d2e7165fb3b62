package exclusion

import (
	"context"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Row is the row of the list for one key of a document.
type Row struct {
	// ID is the entry's; "" while it is not known.
	ID string
	// More are further entries with the same fields: nothing keeps a server from holding one twice (U13). Only a document
	// for the whole list has them.
	More []string
	// Added is true if the document's resource added the entry, rather than found it on the list.
	Added bool
}

// Entries returns the entries of the row: one, whose ID may be "", and one for each double.
func (r Row) Entries(company Company) []Entry {
	entries := []Entry{{ID: r.ID, Company: company}}
	for _, id := range r.More {
		entries = append(entries, Entry{ID: id, Company: company})
	}
	return entries
}

// Observed is what a document looks like on the list.
type Observed struct {
	// Document is the one that was asked for, with the same bytes for all entries that are as they were.
	Document *Document
	Rows     map[string]Row
	// Missing are keys whose entry is no longer on the list, Changed those whose entry has other fields, Foreign those made
	// for entries that the document did not name. All in no particular order.
	Missing []string
	Changed []string
	Foreign []string
	// Others describes what else is on the list; nil where the document is for the whole list.
	Others *Others
}

// Observe looks up a document's entries on the list, by their rows and else by their fields. What differs is corrected in
// the document: entries that are gone are left out, after a second fetch has confirmed it; where the document is for the
// whole list, entries that it does not name get a natural key: their external id, else their domain, else name and city.
// The user's spelling stays where it means the same.
//
// Observing an empty document for the whole list returns the document of the list: an import.
func (l *List) Observe(ctx context.Context, prior *Document, rows map[string]Row, whole bool) (Observed, error) {
	newerThan := anySnapshot
	for {
		var o *observation
		var confirmed bool
		err := l.withSnapshot(ctx, newerThan, func(s *snapshot) {
			o = observe(s, prior, rows)
			confirmed = o.confirmed(&l.cache)
			switch {
			case confirmed && whole:
				o.addForeign()
			case confirmed:
				o.others = newOthers(s, o.used)
			}
			newerThan = s.sequence
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
	// used are the entries that have a key.
	used    map[string]bool
	missing []string
	changed []string
	foreign []string
	set     map[string]Company
	others  *Others
}

// observe finds the row of each key. Called under the lock.
func observe(s *snapshot, prior *Document, rows map[string]Row) *observation {
	o := &observation{
		list: s, prior: prior, was: rows,
		rows: make(map[string]Row, len(prior.members)),
		used: make(map[string]bool, len(prior.members)),
		set:  make(map[string]Company),
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
		o.assign(m, entry, row.Added)
	}
	for _, m := range lost {
		o.findByFields(m)
	}
	return o
}

// assign notes that an entry is that of a key.
func (o *observation) assign(m *member, entry Entry, added bool) {
	o.used[entry.ID] = true
	o.rows[m.key] = Row{ID: entry.ID, Added: added}
	if !m.company.SameFields(entry.Company) {
		o.changed = append(o.changed, m.key)
		o.set[m.key] = respell(m.company, entry.Company)
	}
}

// findByFields looks for a key's entry by its fields.
func (o *observation) findByFields(m *member) {
	for _, entry := range o.list.withFields(m.company) {
		if !o.used[entry.ID] {
			row := o.was[m.key]
			o.assign(m, entry, row.Added && row.ID == "")
			return
		}
	}
	o.missing = append(o.missing, m.key)
}

// confirmed reports whether all that is missing was missing before. Called under the lock.
func (o *observation) confirmed(c *cache) bool {
	for _, key := range o.missing {
		if !c.confirmsMiss(o.was[key].ID) {
			return false
		}
	}
	return true
}

// addForeign makes a key for each entry that the document does not name. Called under the lock.
func (o *observation) addForeign() {
	if len(o.used) == o.list.live {
		return
	}
	holders := make(map[identity]string, len(o.prior.members))
	for key, row := range o.rows {
		entry, _ := o.list.find(row.ID)
		holders[entry.identity()] = key
	}
	for _, entry := range o.list.rows {
		if entry.ID == "" || o.used[entry.ID] {
			continue
		}
		if key, found := holders[entry.identity()]; found {
			row := o.rows[key]
			row.More = append(row.More, entry.ID)
			o.rows[key] = row
			continue
		}
		key := o.unusedKey(naturalKey(entry), entry.ID)
		holders[entry.identity()] = key
		o.rows[key] = Row{ID: entry.ID}
		o.set[key] = entry.Company
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
	return Observed{
		Document: document, Rows: o.rows, Missing: o.missing, Changed: o.changed, Foreign: o.foreign, Others: o.others,
	}, nil
}

// naturalKey is a readable key for an entry that no user has named. It is composed (NFC), as Terraform composes any text
// that it keeps: rows are known by their keys.
func naturalKey(entry Entry) string {
	if entry.identity().externalID != "" {
		return norm.NFC.String(entry.identity().externalID)
	}
	if entry.identity().hasDomain {
		return entry.identity().website
	}
	key := strings.TrimSpace(entry.Fields().CompanyName)
	if city := strings.TrimSpace(entry.Fields().City); key != "" && city != "" {
		key += ", " + city
	}
	if key == "" {
		return entry.ID
	}
	return norm.NFC.String(key)
}

// respell returns the server's company with the user's spelling of every field that means the same.
func respell(user, server Company) Company {
	fields, theirs := server.Fields(), user.Fields()
	a, b := user.identity(), server.identity()
	if a.externalID == b.externalID {
		fields.ExternalID = theirs.ExternalID
	}
	if a.website == b.website {
		fields.WebsiteURL = theirs.WebsiteURL
	}
	if a.name == b.name {
		fields.CompanyName = theirs.CompanyName
	}
	if a.city == b.city {
		fields.City = theirs.City
	}
	if a.country == b.country {
		fields.Country = theirs.Country
	}
	return NewCompany(fields)
}
