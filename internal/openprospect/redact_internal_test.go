package openprospect

import (
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// oddKey holds what JSON, URLs, HTML and regular expressions have a meaning of their own for.
const oddKey = `lnc_live_A"b\c/d%41&e.*+?(f)$<g>`

// escapeAll spells every character by an escape.
func escapeAll(text, format string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, format, c)
	}
	return b.String()
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	encoded, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded[1 : len(encoded)-1])
}

func TestRedactEverySpelling(t *testing.T) {
	t.Parallel()
	for _, key := range []string{
		oddKey, "lnc_test_S3cretKeyThatMustNotLeak", strings.Repeat(`\`, 20), strings.Repeat(`%`, 20), strings.Repeat("aab", 7),
	} {
		for name, spelling := range map[string]string{
			"plain":                  key,
			"JSON":                   quoted(t, key),
			`JSON, \u in lower case`: escapeAll(key, `\u%04x`),
			`JSON, \u in upper case`: escapeAll(key, `\u%04X`),
			`JSON with \/`:           strings.ReplaceAll(quoted(t, key), "/", `\/`),
			"JSON, one character":    fmt.Sprintf(`\u%04x`, key[0]) + quoted(t, key[1:]),
			"a query":                url.QueryEscape(key),
			"a path":                 url.PathEscape(key),
			"a URL, all of it":       escapeAll(key, "%%%02x"),
			"a URL, in upper case":   escapeAll(key, "%%%02X"),
			"JSON in JSON":           quoted(t, quoted(t, key)),
			"JSON three times":       quoted(t, quoted(t, quoted(t, key))),
			`\u in JSON`:             quoted(t, escapeAll(key, `\u%04x`)),
			"a URL in JSON":          quoted(t, url.QueryEscape(key)),
			`a URL in \u`:            escapeAll(url.QueryEscape(key), `\u%04x`),
			"JSON in a URL":          url.QueryEscape(quoted(t, key)),
			"a URL twice":            url.QueryEscape(url.QueryEscape(key)),
			"HTML":                   html.EscapeString(key),
			"HTML, all of it":        escapeAll(key, "&#%d;"),
			"HTML, hexadecimal":      escapeAll(key, "&#x%X;"),
			"HTML in JSON":           quoted(t, html.EscapeString(key)),
		} {
			want := `before "[redacted]" and '[redacted]' after`
			if got := newRedactor(key).text(`before "` + spelling + `" and '` + spelling + `' after`); got != want {
				t.Errorf("%s of %s: %s", name, key, got)
			}
		}
	}
}

// A key this short may be a word, so it is only taken out where it stands alone.
func TestRedactLeavesTextsAlone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ key, text, want string }{
		{"e", "the server refused the request", "the server refused the request"},
		{"id", "an id: invalid identifier", "an [redacted]: invalid identifier"},
		{"s3cr3t", `{"message":"bad key\ns3cr3t"}`, `{"message":"bad key\n[redacted]"}`},
		{"s3cr3t", "key%20s3cr3t%2C", "key%20[redacted]%2C"},
		{"s3cr3t", "Bearer s3cr3t.", "Bearer [redacted]."},
		{"s3cr3t", `"\u00733cr3t"`, `"[redacted]"`},
		{"s3cr3t", "ss3cr3t s3cr3t2 äs3cr3t", "ss3cr3t s3cr3t2 äs3cr3t"},
		{".*", "anything at all (a.*b)", "anything at all (a.*b)"},
		{`"`, `{"message":"no"}`, `{"message":"no"}`},
		{`\`, `a\nb`, `a\nb`},
		{"s3cr3t", `an escape that is cut off: \u007`, `an escape that is cut off: \u007`},
		{"%", "100%25 of it", "100%25 of it"},
		{"lnc_test_S3cretKey", "xlnc_test_S3cretKeyx", "x[redacted]x"},
		{"lnc_test_S3cretKey", `C:\new %zz \u00zz & &; &#; &#x;`, `C:\new %zz \u00zz & &; &#; &#x;`},
		{"lnc_test_S3cretKey", "lnc_test_S3cretKeylnc_test_S3cretKey", "[redacted][redacted]"},
		{"/srv/test/S3cretKey", `{"at":"\/srv\/test\/S3cretKey"}`, `{"at":"[redacted]"}`},
		{"lnc_test_S3cretKey", `\u%30%306cnc_test_S3cretKey`, "[redacted]"},
		{"Qnc_test_S3cretKey", "%5Gnc_test_S3cretKey", "%5Gnc_test_S3cretKey"},
		{"lnc_test_S3cretKey", strings.Repeat(`\u`, 1000), strings.Repeat(`\u`, 1000)},
		{"lnc_test_S3cretKey", strings.Repeat(`\%5C`, 1000), strings.Repeat(`\%5C`, 1000)},
	} {
		if got := newRedactor(test.key).text(test.text); got != test.want {
			t.Errorf("%s out of %s: %s, want %s", test.key, test.text, got, test.want)
		}
	}
	for _, beside := range []string{"0", "9", "A", "Z", "a", "z", "\x80", "\u00ff"} {
		for _, text := range []string{"the " + beside + "s3cr3t", "s3cr3t" + beside + " it is"} {
			if got := newRedactor("s3cr3t").text(text); got != text {
				t.Errorf("a piece of the word in %q: %q", text, got)
			}
		}
	}
	for _, beside := range []string{"/", ":", "@", "[", "`", "{", "\x7f"} {
		if got, want := newRedactor("s3cr3t").text(beside+"s3cr3t"+beside), beside+redacted+beside; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestRedactSeveralSecrets(t *testing.T) {
	t.Parallel()
	// A part of a longer one must not spoil it.
	r := newRedactor("lnc_test_S3cretKey", "token:lnc_test_S3cretKey:suffix")
	if got := r.text("token:lnc_test_S3cretKey:suffix, lnc_test_S3cretKey"); got != "[redacted], [redacted]" {
		t.Error(got)
	}
}

func TestRedactDocument(t *testing.T) {
	t.Parallel()
	const key = "nothing_but_a_key_42"
	for _, test := range []struct{ name, key, body, want string }{
		{"nothing to hide stays as it is, byte for byte", key, `{ "b": 1.50, "a": "\u00fc\/" }`, `{ "b": 1.50, "a": "\u00fc\/" }`},
		{"values and names", key, `{"a":["` + key + `"],"` + key + `":1e400}`, `{"[redacted]":1e400,"a":["[redacted]"]}`},
		{"the shortest key that is taken out of data", "nothing_but_a_16", `{"a":"nothing_but_a_16"}`, `{"a":"[redacted]"}`},
		{"one character less", "nothing_but_a_1", `{"a":"nothing_but_a_1"}`, `{"a":"nothing_but_a_1"}`},
		{"a spelling", key, `{"a":"\u006eothing_but_a_key_42"}`, `{"a":"[redacted]"}`},
		{"behind a byte order mark", key, "\ufeff{\"a\":\"" + key + `"}`, `{"a":"[redacted]"}`},
		{"an escape that ends in the key's first letter", key, `{"a":"\nothing_but_a_key_42"}`, `{"a":"\nothing_but_a_key_42"}`},
		{"a key that is JSON itself", `":{"a":1},"b":["c"]`, `{"x":{"a":1},"b":["c"]}`, `{"b":["c"],"x":{"a":1}}`},
		{"a short key changes no data", "Customers", `{"name":"Customers"}`, `{"name":"Customers"}`},
		{"what is not JSON is left to its reader", key, key + "{", key + "{"},
	} {
		if got := string(newRedactor(test.key).document([]byte(test.body))); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

// FuzzRedact spells a key at random, up to three escapes over one another, within any text.
func FuzzRedact(f *testing.F) {
	f.Add("lnc_live_0123456789abcdef", "before ", " after", uint64(1))
	f.Add(oddKey, `{"a":"`, `"}`, uint64(2))
	f.Add(`\\\\%%%%&&&&;;;;uuuu`, `\\\`, `%2`, uint64(3))
	f.Add("%5C%22%5C%22%5C%22%5C%22", "%", "5c", uint64(4))
	f.Add("aaaaaaaaaaaaaaaaab", "aaaa", "b", uint64(5))
	f.Fuzz(func(t *testing.T, raw, before, after string, seed uint64) {
		// Brackets would let the mask itself be a part of the key.
		key := strings.Map(func(c rune) rune {
			if c <= ' ' || c > '~' || c == '[' || c == ']' {
				return -1
			}
			return c
		}, raw)
		if len(key) < wholeWordBelow {
			return
		}
		random := rand.New(rand.NewPCG(seed, 0))
		spelled := key
		for range random.IntN(maxEscapes + 1) {
			spelled = spellAtRandom(random, spelled)
		}
		got := newRedactor(key).text(before + spelled + after)
		for _, shown := range unescapedEachWay(got, maxEscapes) {
			if strings.Contains(shown, key) {
				t.Errorf("%q out of %q leaves %q, which decodes to %q", key, before+spelled+after, got, shown)
			}
		}
	})
}

// spellAtRandom escapes text once, for JSON or for a URL, more of it than it needs.
func spellAtRandom(random *rand.Rand, text string) string {
	inURL := random.IntN(2) == 0
	var b strings.Builder
	for _, c := range []byte(text) {
		more := random.IntN(3) == 0
		switch {
		case inURL && (more || c == '%'):
			fmt.Fprintf(&b, []string{"%%%02x", "%%%02X"}[random.IntN(2)], c)
		case !inURL && strings.IndexByte(`"\/`, c) >= 0 && !more:
			b.WriteString(`\` + string(rune(c)))
		case !inURL && more:
			fmt.Fprintf(&b, []string{`\u%04x`, `\u%04X`}[random.IntN(2)], c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// unescapedEachWay returns text through every sequence of that many unescapings.
func unescapedEachWay(text string, times int) []string {
	all := []string{text}
	if times == 0 {
		return all
	}
	for _, unescape := range []func(string) string{unescapeJSON, unescapeURL} {
		if once := unescape(text); once != text {
			all = append(all, unescapedEachWay(once, times-1)...)
		}
	}
	return all
}

func unescapeJSON(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			if strings.IndexByte(`"\/`, text[i+1]) >= 0 {
				i++
				b.WriteByte(text[i])
				continue
			}
			if text[i+1] == 'u' && i+6 <= len(text) {
				if value, err := strconv.ParseUint(text[i+2:i+6], 16, 16); err == nil {
					b.WriteRune(rune(value))
					i += 5
					continue
				}
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

func unescapeURL(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+3 <= len(text) {
			if value, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(value))
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
