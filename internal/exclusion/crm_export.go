package exclusion

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// maxCRMProblems is how many problems of one export are told: enough to mend a file in few rounds.
const maxCRMProblems = 10

// saveWithLineFeeds is what helps against carriage returns, which the CSV reader takes for a part of the cell.
const saveWithLineFeeds = `Save the export as "CSV UTF-8", not as "CSV (Macintosh)"`

// maxCRMRowsAhead is for how many rows there is room ahead; a text of nothing but line ends needs none.
const maxCRMRowsAhead = 100_000

// crmPlaceholders are cells that spreadsheets and people fill in for "nothing". None of them is a
// company, a domain or a city, and an entry whose city is "n/a" would match nobody. Words that can be a
// name ("None", "NA": Namibia) are not among them.
var crmPlaceholders = map[string]bool{
	"-": true, "--": true, "---": true, "–": true, "—": true,
	"n/a": true, "#n/a": true, "n.a.": true, "k.a.": true,
	"http://": true, "https://": true,
}

// EntriesFromCRMExport makes the document of entries of the text of a CRM's CSV export.
//
// The text is UTF-8, with or without byte order mark; fields are quoted as in RFC 4180 and separated by comma, semicolon or
// tab, whichever the header uses, or what Excel's first line "sep=;" says. The first row is
// the header; CRMColumns says what it may be called. White space and invisible characters around a cell are not part of it, and a
// cell that holds a placeholder such as "-" or "n/a" is empty. Blank rows are skipped.
//
// Each entry's key is its strongest identity: the external id, else the domain, else name and city, else the name. Rows that
// are the same but for spelling become one entry. The result does not depend on the order of the rows.
//
// It is an error, which names the line, when a row has another number of fields than the header,
// a website that has no domain, or nothing that identifies a company, and, naming both lines, when two rows
// are one company to the API but differ otherwise. Up to ten such errors are told at once.
func EntriesFromCRMExport(text string) (string, error) {
	rows, err := readCRMRows(text)
	if err != nil {
		return "", err
	}
	return renderCRMRows(rows)
}

// crmRow is a row of an export.
type crmRow struct {
	line    int
	company Company
	tier    tier
}

// crmProblems collects what is wrong with rows.
type crmProblems struct {
	texts []string
	more  int
}

func (p *crmProblems) add(line int, problem error) {
	if len(p.texts) == maxCRMProblems {
		p.more++
		return
	}
	p.texts = append(p.texts, fmt.Sprintf("line %d: %s", line, problem))
}

func (p *crmProblems) err() error {
	if len(p.texts) == 0 {
		return nil
	}
	text := strings.Join(p.texts, "\n")
	if p.more > 0 {
		text += fmt.Sprintf("\nand %d more", p.more)
	}
	return errors.New(text)
}

// crmExport is an export of which the header was read.
type crmExport struct {
	reader *csv.Reader
	header crmHeader
	// linesBefore is how many lines of the text the reader does not see.
	linesBefore int
}

func openCRMExport(text string) (*crmExport, error) {
	text, separator, linesBefore := cutSeparatorLine(text)
	// The reader would take all lines for the header, of which other columns are ignored.
	if first, _, _ := strings.Cut(strings.TrimSpace(text), "\n"); strings.Contains(strings.TrimSpace(first), "\r") {
		return nil, errors.New(`the lines end in a carriage return only. ` + saveWithLineFeeds)
	}
	switch separator {
	case 0:
		separator = sniffSeparator(text)
	case utf8.RuneError:
		return nil, fmt.Errorf("line 1: %q is not a valid separator", separator)
	}
	export := &crmExport{reader: newCSVReader(text, separator), linesBefore: linesBefore}
	export.reader.ReuseRecord = true
	record, err := export.reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the text is empty. Its first line must contain the names of the columns")
	}
	if err != nil {
		return nil, csvError(err, linesBefore)
	}
	export.header, err = readCRMHeader(record)
	return export, err
}

// readCRMRows returns one row a company.
func readCRMRows(text string) ([]crmRow, error) {
	text, err := checkCRMText(text)
	if err != nil {
		return nil, err
	}
	export, err := openCRMExport(text)
	if err != nil {
		return nil, err
	}

	// Growing both in steps would cost a quarter of the time.
	size := min(strings.Count(text, "\n"), maxCRMRowsAhead)
	rows := make([]crmRow, 0, size)
	places := make(map[tier]int, size)
	var problems crmProblems
	for {
		record, err := export.reader.Read()
		if errors.Is(err, io.EOF) {
			return rows, problems.err()
		}
		if err != nil {
			return nil, errors.Join(problems.err(), csvError(err, export.linesBefore))
		}
		if isBlank(record) {
			continue
		}
		line, _ := export.reader.FieldPos(0)
		line += export.linesBefore
		row, err := export.header.row(record, line)
		if err != nil {
			problems.add(line, err)
			continue
		}
		place, known := places[row.tier]
		if !known {
			places[row.tier] = len(rows)
			rows = append(rows, row)
		} else if err := rows[place].merge(row); err != nil {
			problems.add(line, err)
		}
	}
}

// checkCRMText refuses what is no UTF-8 text, and takes the byte order mark off.
func checkCRMText(text string) (string, error) {
	const decode = `. Save the export as "CSV UTF-8", or read it with textdecodebase64(filebase64("customers.csv"), %q)`
	switch {
	case strings.HasPrefix(text, "\xff\xfe"), strings.HasPrefix(text, "\xfe\xff"), strings.Contains(text, "\x00"):
		return "", fmt.Errorf("the text is UTF-16"+decode, "UTF-16LE")
	case !utf8.ValidString(text):
		return "", fmt.Errorf("the text is not UTF-8"+decode, "windows-1252")
	case strings.HasPrefix(text, "ï»¿"):
		return "", errors.New(`the text is UTF-8 that was read with another encoding, because it begins with "ï»¿". ` +
			`Read it with file("customers.csv"). If that fails, save the export as "CSV UTF-8" again`)
	}
	return strings.TrimPrefix(text, "\ufeff"), nil
}

// cutSeparatorLine cuts off the first line that tells Excel the separator; 0 when there is none.
func cutSeparatorLine(text string) (rest string, separator rune, lines int) {
	line, rest, _ := strings.Cut(text, "\n")
	line = strings.Trim(strings.TrimSuffix(line, "\r"), `"`)
	const prefix = "sep="
	if len(line) <= len(prefix) || !strings.EqualFold(line[:len(prefix)], prefix) {
		return text, 0, 0
	}
	separator, size := utf8.DecodeRuneInString(line[len(prefix):])
	if len(line) != len(prefix)+size {
		return text, 0, 0
	}
	return rest, separator, 1
}

// sniffSeparator returns the separator by which the header has the most names that are understood, or
// else the most columns.
func sniffSeparator(text string) rune {
	best, bestKnown, bestColumns := ',', 0, 0
	for _, separator := range []rune{',', ';', '\t'} {
		header, err := newCSVReader(text, separator).Read()
		if err != nil {
			continue
		}
		known := countCRMNames(header)
		if known > bestKnown || known == bestKnown && len(header) > bestColumns {
			best, bestKnown, bestColumns = separator, known, len(header)
		}
	}
	return best
}

func newCSVReader(text string, separator rune) *csv.Reader {
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma = separator
	// Rows are counted here, so that blank ones may have any number of fields.
	reader.FieldsPerRecord = -1
	return reader
}

// csvError says in the text's own line numbers what is wrong with its quoting.
func csvError(err error, linesBefore int) error {
	var parseError *csv.ParseError
	if !errors.As(err, &parseError) {
		return fmt.Errorf("reading the text as CSV: %w", err)
	}
	where := fmt.Sprintf("line %d", parseError.StartLine+linesBefore)
	if parseError.Line != parseError.StartLine {
		where = fmt.Sprintf("lines %d to %d", parseError.StartLine+linesBefore, parseError.Line+linesBefore)
	}
	switch {
	case errors.Is(parseError.Err, csv.ErrQuote):
		return fmt.Errorf(`%s: a quoted field has no end, or has text after its end. Write a quote inside a field as ""`, where)
	case errors.Is(parseError.Err, csv.ErrBareQuote):
		return fmt.Errorf(`%s: a field without quotes contains a quote. Quote the whole field, and write the quote as ""`, where)
	}
	return fmt.Errorf("%s: %w", where, parseError.Err)
}

func isBlank(record []string) bool {
	return !slices.ContainsFunc(record, func(cell string) bool { return trimCell(cell) != "" })
}

// row reads one row.
func (h crmHeader) row(record []string, line int) (crmRow, error) {
	if len(record) != h.width {
		return crmRow{}, fmt.Errorf(
			"the number of fields is %d, but the header has %d. If a field contains a separator, quote the field",
			len(record),
			h.width,
		)
	}
	fields := openprospect.EntryFields{
		ExternalID:  h.cell(record, crmExternalID),
		WebsiteURL:  h.cell(record, crmWebsiteURL),
		CompanyName: h.cell(record, crmCompanyName),
		City:        h.cell(record, crmCity),
		Country:     h.cell(record, crmCountry),
	}
	for place, name := range documentFieldNames {
		if text := *documentField(&fields, place); strings.Contains(text, "\r") {
			return crmRow{}, fmt.Errorf("the %s %q contains a carriage return. %s, or correct the field", name, shorten(text), saveWithLineFeeds)
		}
	}
	if fields.WebsiteURL != "" {
		if _, err := Domain(fields.WebsiteURL); err != nil {
			return crmRow{}, fmt.Errorf("%w. Correct it, or leave it empty to match the company by its other fields", err)
		}
	}
	row := crmRow{line: line, company: NewCompany(fields)}
	if row.tier = row.company.identity().tier(); row.tier.method == "" {
		return crmRow{}, errors.New("no field identifies the company: external_id, website_url and company_name are all empty")
	}
	return row, nil
}

// cell returns the first of the field's columns that is not empty.
func (h crmHeader) cell(record []string, field int) string {
	for _, column := range h.columns[field] {
		if cell := trimCell(record[column]); cell != "" && !isPlaceholder(cell) {
			return cell
		}
	}
	return ""
}

// trimCell takes off what cannot be seen at the ends of a cell: white space, control characters, and marks such as the zero
// width space, which are pasted along with a text and would be a name that no company has.
func trimCell(cell string) string {
	return strings.TrimFunc(cell, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf)
	})
}

func isPlaceholder(cell string) bool {
	const longest = len("https://")
	return len(cell) <= longest && crmPlaceholders[strings.ToLower(cell)]
}

// merge takes in another row for the same company, which may differ by spelling alone.
func (r *crmRow) merge(other crmRow) error {
	if r.company.SameFields(other.company) {
		if compareFields(other.company.Fields(), r.company.Fields()) < 0 {
			r.company = other.company
		}
		return nil
	}
	a, b := r.company.identity(), other.company.identity()
	there, here := r.company.Fields(), other.company.Fields()
	var differences []string
	for _, field := range []struct {
		name        string
		differs     bool
		there, here string
	}{
		{"website_url", a.website != b.website, there.WebsiteURL, here.WebsiteURL},
		{"company_name", a.name != b.name, there.CompanyName, here.CompanyName},
		{"city", a.city != b.city, there.City, here.City},
		{"country", a.country != b.country, there.Country, here.Country},
	} {
		if field.differs {
			differences = append(differences, fmt.Sprintf("another %s (%q there, %q here)", field.name, shorten(field.there), shorten(field.here)))
		}
	}
	advice := cmp.Or(r.company.platformAdvice("fill in name and city"), "Correct or remove one of the two")
	return fmt.Errorf("to the API, this is the same company as line %d: both have the %s. But it has %s. %s",
		r.line, r.tier, strings.Join(differences, ", "), advice)
}

// compareFields orders spellings of an entry, so that the same one is kept whichever comes first.
func compareFields(a, b openprospect.EntryFields) int {
	return cmp.Or(
		cmp.Compare(a.ExternalID, b.ExternalID),
		cmp.Compare(a.WebsiteURL, b.WebsiteURL),
		cmp.Compare(a.CompanyName, b.CompanyName),
		cmp.Compare(a.City, b.City),
		cmp.Compare(a.Country, b.Country),
	)
}

// renderCRMRows returns the document of rows that are different companies.
func renderCRMRows(rows []crmRow) (string, error) {
	companies := make(map[string]Company, len(rows))
	for i, key := range crmKeys(rows) {
		companies[key] = rows[i].company
	}
	text := render(companies).Text()
	if len(text) > MaxDocumentBytes {
		return "", fmt.Errorf("the %d companies take %d bytes, but at most %d are allowed. Split them across several exports and "+
			"blacklists",
			len(rows), len(text), MaxDocumentBytes)
	}
	return text, nil
}

// crmTiers are the match methods, strongest first.
var crmTiers = []MatchMethod{MatchExternalID, MatchWebsiteURL, MatchCompanyNameAndCity, MatchCompanyName}

// crmKeys sorts the rows and returns for each the key that an import would choose, so that importing a list made of the
// same rows changes no key. Where two keys are equal, as an external id that looks like a domain, the weaker one says
// what it is.
func crmKeys(rows []crmRow) []string {
	slices.SortFunc(rows, func(a, b crmRow) int {
		return cmp.Or(
			slices.Index(crmTiers, a.tier.method)-slices.Index(crmTiers, b.tier.method),
			cmp.Compare(a.tier.value, b.tier.value),
			cmp.Compare(a.tier.city, b.tier.city),
		)
	})
	keys := make([]string, len(rows))
	taken := make(map[string]bool, len(rows))
	for i, row := range rows {
		key := naturalKey(Entry{Company: row.company})
		for taken[key] {
			key += " (" + string(row.tier.method) + ")"
		}
		keys[i], taken[key] = key, true
	}
	return keys
}
