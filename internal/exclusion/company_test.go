package exclusion_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

func TestDomain(t *testing.T) {
	t.Parallel()
	tests := []struct{ url, want, reason string }{
		{"acme.com", "acme.com", "a bare domain"},
		{"https://www.Acme-Corp.com", "acme-corp.com", "the guide's example"},
		{"HTTP://WWW.ACME.COM:443/About?q=1#top", "acme.com", "everything that a URL can carry"},
		{"  acme.com\t", "acme.com", "white space of a CSV"},
		{"acme.com.", "acme.com", "a trailing dot is the DNS root"},
		{"//acme.com/x", "acme.com", "scheme-relative"},
		{"acme.com/https://other.com", "acme.com", "a path is not a scheme"},
		{"acme.com?u=a@b.com", "acme.com", "an @ behind the host is no user"},
		{"https://user:secret@acme.com:8443", "acme.com", "user and password"},
		{"info@acme.com", "acme.com", "an e-mail address names its domain"},
		{"acme.com:", "acme.com", "an empty port (RFC 3986)"},
		{`https:\\acme.com`, "", "backslashes before the host name nothing"},
		{`acme.com\path`, "acme.com", "browsers take a backslash for a slash"},
		{"shop.acme.com", "shop.acme.com", "another host than acme.com"},
		{"www.shop.acme.com", "shop.acme.com", "www goes, the subdomain stays"},
		{"www.www.acme.com", "acme.com", "so that it is idempotent"},
		{"www.com", "www.com", "com is no company's domain"},
		{"www.co.uk", "www.co.uk", "neither is co.uk"},
		{"www2.acme.com", "www2.acme.com", "only www is nothing"},
		{"bücher.example", "xn--bcher-kva.example", "IDN to punycode"},
		{"BÜCHER.example", "xn--bcher-kva.example", "upper-case IDN"},
		{"bu\u0308cher.example", "xn--bcher-kva.example", "decomposed umlaut"},
		{"xn--bcher-kva.example", "xn--bcher-kva.example", "punycode stays"},
		{"XN--BCHER-KVA.example", "xn--bcher-kva.example", "upper-case punycode"},
		{"faß.de", "xn--fa-hia.de", "IDNA 2008: not fass.de"},
		{"ａｃｍｅ．ｃｏｍ", "acme.com", "full-width letters and dot"},
		{"例え。テスト", "xn--r8jz45g.xn--zckzah", "ideographic full stop"},
		{"my_shop.acme.com", "my_shop.acme.com", "underscores occur in hosts"},
		{"r3---sn-x.acme.com", "r3---sn-x.acme.com", "so do hyphens in the third place"},
		{"acme.co.uk", "acme.co.uk", "below a public suffix"},
		{"github.io", "github.io", "a private suffix belongs to a company"},
		{"acme.github.io", "acme.github.io", "below a private suffix"},
		{"acme.internal", "acme.internal", "an unlisted top-level domain"},
		{"", "", "empty"},
		{" \n", "", "blank"},
		{"https://", "", "no host"},
		{"https:///path", "", "no host"},
		{"n/a", "", "what CRMs hold"},
		{"localhost", "", "one label"},
		{"http://localhost:8080", "", "one label"},
		{"com", "", "a top-level domain"},
		{"co.uk", "", "a public suffix"},
		{"192.168.0.1", "", "IPv4"},
		{"http://192.168.0.1:80/x", "", "IPv4"},
		{"1.2.3", "", "a number is no top-level domain"},
		{"[::1]:80", "", "IPv6"},
		{"2001:db8::1", "", "bare IPv6"},
		{"acme..com", "", "an empty label"},
		{".acme.com", "", "an empty label"},
		{"acme.com..", "", "an empty label"},
		{"acme corp.com", "", "a blank inside"},
		{"acme.com, acme.de", "", "two websites"},
		{"acme.com:http", "", "no port"},
		{"acme%2ecom", "", "percent-encoding is no host"},
		{"xn--a.com", "", "broken punycode"},
		{"h2+x-y.z://acme.com", "acme.com", "any scheme (RFC 3986)"},
		{"az09://acme.com", "acme.com", "any scheme (RFC 3986)"},
		{"2h://acme.com", "", "a scheme begins with a letter"},
		{strings.Repeat("a", 63) + ".com", strings.Repeat("a", 63) + ".com", "the longest label"},
		{strings.Repeat("a.", 125) + "com", strings.Repeat("a.", 125) + "com", "the longest name"},
		{strings.Repeat("a", 64) + ".com", "", "a label of more than 63 bytes"},
		{strings.Repeat("a.", 130) + "com", "", "a name of more than 253 bytes"},
		{"\xff.com", "", "not UTF-8"},
	}
	for _, test := range tests {
		got, err := exclusion.Domain(test.url)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("Domain(%q) = %q, %v, want %q (%s)", test.url, got, err, test.want, test.reason)
		}
	}
}

func TestDomainErrors(t *testing.T) {
	t.Parallel()
	for host, word := range map[string]string{
		"192.168.0.1": "an IP address has no domain", "1.2.3": "ends in a number", "/acme": "it contains no host name",
	} {
		if _, err := exclusion.Domain(host); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v, want %q", host, err, word)
		}
	}
}

func TestMatchMethod(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fields openprospect.EntryFields
		want   exclusion.MatchMethod
		reason string
	}{
		{openprospect.EntryFields{ExternalID: "1", WebsiteURL: "acme.com", CompanyName: "Acme"}, exclusion.MatchExternalID, "the strongest tier"},
		{
			openprospect.EntryFields{WebsiteURL: "acme.com", CompanyName: "Acme", City: "Berlin"},
			exclusion.MatchWebsiteURL,
			"a domain beats a name",
		},
		{openprospect.EntryFields{WebsiteURL: "n/a", CompanyName: "Acme", City: "Berlin"}, exclusion.MatchCompanyNameAndCity, "no domain in it"},
		{openprospect.EntryFields{CompanyName: "Acme", Country: "Germany"}, exclusion.MatchCompanyName, "a country is no tier"},
		{openprospect.EntryFields{WebsiteURL: "localhost"}, "", "nothing can match"},
		{openprospect.EntryFields{City: "Berlin", Country: "Germany"}, "", "nothing can match"},
		{openprospect.EntryFields{ExternalID: " ", CompanyName: "\t"}, "", "blank is absent"},
		{openprospect.EntryFields{}, "", "nothing at all"},
	}
	for _, test := range tests {
		company := of(test.fields)
		if got := company.MatchMethod(); got != test.want {
			t.Errorf("%+v matches by %q, want %q (%s)", test.fields, got, test.want, test.reason)
		}
		if got := company.Same(company); got != (test.want != "") {
			t.Errorf("%+v is the same company as itself: %v, although it matches by %q", test.fields, got, test.want)
		}
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	type fields = openprospect.EntryFields
	tests := []struct {
		a, b                    fields
		sameFields, sameCompany bool
		reason                  string
	}{
		{fields{WebsiteURL: "https://www.acme.com/"}, fields{WebsiteURL: "ACME.com"}, true, true, "websites compare by domain"},
		{fields{CompanyName: " Acme "}, fields{CompanyName: "ACME"}, true, true, "white space at the ends and case"},
		{fields{CompanyName: "Gro\u0308ße"}, fields{CompanyName: "GRÖße"}, true, true, "composed and decomposed"},
		{fields{CompanyName: "\u0391\u0301"}, fields{CompanyName: "\u0386"}, true, true, "composed and decomposed, without a Latin letter"},
		{fields{CompanyName: "Strauß"}, fields{CompanyName: "Strauss"}, false, false, "two names"},
		{fields{CompanyName: "Acme  Corp"}, fields{CompanyName: "Acme Corp"}, false, false, "inner white space is kept"},
		{fields{ExternalID: "a1"}, fields{ExternalID: "A1"}, false, false, "external ids are exact"},
		{fields{ExternalID: "1", CompanyName: "A"}, fields{ExternalID: "1", CompanyName: "B"}, false, true, "one company by id"},
		{
			fields{ExternalID: "1", WebsiteURL: "a.com"},
			fields{ExternalID: "2", WebsiteURL: "a.com"},
			false,
			false,
			"two CRM accounts with one website",
		},
		{fields{WebsiteURL: "a.com", City: "X"}, fields{WebsiteURL: "a.com", City: "Y"}, false, true, "one company by domain"},
		{fields{CompanyName: "A", City: "X"}, fields{CompanyName: "A", City: "Y"}, false, false, "two cities"},
		{fields{CompanyName: "A", City: "X"}, fields{CompanyName: "A"}, false, false, "two tiers"},
		{fields{CompanyName: "A", Country: "X"}, fields{CompanyName: "A", Country: "Y"}, false, true, "a country is no tier"},
		{fields{CompanyName: "1:a", City: ""}, fields{CompanyName: "1", City: ":a"}, false, false, "fields do not run together"},
	}
	for _, test := range tests {
		a, b := of(test.a), of(test.b)
		if got := a.SameFields(b); got != test.sameFields {
			t.Errorf("%+v and %+v have the same fields: %v (%s)", test.a, test.b, got, test.reason)
		}
		if got := a.Same(b); got != test.sameCompany {
			t.Errorf("%+v and %+v are the same company: %v (%s)", test.a, test.b, got, test.reason)
		}
	}
}

func TestCompanyString(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fields openprospect.EntryFields
		want   string
	}{
		{
			openprospect.EntryFields{CompanyName: "Acme", WebsiteURL: "https://www.acme.com/x", City: "Berlin", ExternalID: "42"},
			"Acme, acme.com, Berlin, external id 42",
		},
		{openprospect.EntryFields{WebsiteURL: "n/a"}, "n/a"},
		{openprospect.EntryFields{ExternalID: "42"}, "external id 42"},
		{openprospect.EntryFields{Country: "Germany"}, "an entry without a name"},
		{openprospect.EntryFields{CompanyName: strings.Repeat("ü", 101)}, strings.Repeat("ü", 100) + "..."},
	}
	for _, test := range tests {
		if got := of(test.fields).String(); got != test.want {
			t.Errorf("%+v is described as %q, want %q", test.fields, got, test.want)
		}
	}
}

// hostLike draws texts that look more or less like a website.
func hostLike() *rapid.Generator[string] {
	label := rapid.OneOf(
		rapid.StringMatching(`[a-zA-Z0-9_-]{1,8}`),
		rapid.SampledFrom([]string{"www", "WWW", "com", "co.uk", "github.io", "xn--bcher-kva", "bücher", "ＷＷＷ", "ß", "א", "。", ""}),
		rapid.StringN(0, 4, 16),
	)
	return rapid.Custom(func(t *rapid.T) string {
		scheme := rapid.SampledFrom([]string{"", "http://", "HTTPS://", "//", "ftp://"}).Draw(t, "scheme")
		host := strings.Join(rapid.SliceOfN(label, 1, 5).Draw(t, "labels"), ".")
		tail := rapid.SampledFrom([]string{"", ".", ":80", "/", "/a/b?c#d", "?x@y"}).Draw(t, "tail")
		return scheme + host + tail
	})
}

func TestDomainIsIdempotent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		checkDomain(t, hostLike().Draw(t, "url"))
	})
}

func checkDomain(t interface{ Fatalf(string, ...any) }, url string) {
	domain, err := exclusion.Domain(url)
	if err != nil {
		if domain != "" {
			t.Fatalf("Domain(%q) = %q with an error", url, domain)
		}
		return
	}
	if again, err := exclusion.Domain(domain); again != domain || err != nil {
		t.Fatalf("Domain(%q) = %q, whose domain is %q, %v", url, domain, again, err)
	}
	for _, spelling := range []string{"https://" + domain + "/", "WWW." + domain, strings.ToUpper(domain) + ":8080"} {
		if got, err := exclusion.Domain(spelling); got != domain || err != nil {
			t.Fatalf("Domain(%q) = %q, %v, want %q", spelling, got, err, domain)
		}
	}
	if strings.Trim(domain, "abcdefghijklmnopqrstuvwxyz0123456789-._") != "" {
		t.Fatalf("Domain(%q) = %q is not a host name", url, domain)
	}
}

func FuzzDomain(f *testing.F) {
	for _, url := range []string{
		"https://www.acme.com:443/x", "bücher.example", "xn--a.com", "[::1]", "a@b@c.de", "\xff", "www.www.com", "ß。com",
	} {
		f.Add(url)
	}
	f.Fuzz(func(t *testing.T, url string) { checkDomain(t, url) })
}

func TestSameFieldsIgnoresSpelling(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"İ", "I\u0307", "ΟΔΟΣ", "Å", "\u212b", "ǅ", "", " x\u00a0"}))
	rapid.Check(t, func(t *rapid.T) {
		fields := openprospect.EntryFields{
			CompanyName: text.Draw(t, "name"), City: text.Draw(t, "city"), Country: text.Draw(t, "country"),
			ExternalID: text.Draw(t, "external id"), WebsiteURL: hostLike().Draw(t, "website"),
		}
		respelled := fields
		respelled.CompanyName = "\t" + fields.CompanyName + " "
		respelled.City = strings.ToLower(fields.City)
		respelled.ExternalID = strings.TrimSpace(fields.ExternalID)
		if domain, err := exclusion.Domain(fields.WebsiteURL); err == nil {
			respelled.WebsiteURL = domain
		}
		if !of(fields).SameFields(of(respelled)) {
			t.Fatalf("%+q and %+q differ", fields, respelled)
		}
		other := fields
		other.ExternalID += "x"
		if of(fields).SameFields(of(other)) {
			t.Fatalf("%+q and %+q are the same", fields, other)
		}
	})
}
