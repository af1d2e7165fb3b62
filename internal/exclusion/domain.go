package exclusion

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// hosts maps international host names to punycode the way a browser looks them up (UTS 46,
// non-transitional: faß.de is not fass.de). Underscores and hyphens in places that IDNA forbids occur in
// real host names, so they are not an error here; isHost checks the characters.
var hosts = idna.New(
	idna.MapForLookup(),
	idna.BidiRule(),
	idna.Transitional(false),
	idna.StrictDomainName(false),
	idna.CheckHyphens(false),
)

// Limits of DNS names (RFC 1035).
const (
	maxHostLength  = 253
	maxLabelLength = 63
)

// Domain returns the domain that the API matches a website by: the host in lower case and punycode,
// without scheme, user, port, path, query, trailing dot and leading "www." (U14). Other subdomains stay:
// shop.acme.com and acme.com are two websites.
//
// The scheme may be missing ("Acme.com/about", "//acme.com"). It is an error when the text names no host
// that somebody can have registered: an IP address, a single label such as localhost, a public
// suffix such as co.uk, or what is no host name at all. A private suffix such as github.io is a domain: it belongs to a company.
//
// Domain is idempotent: the domain of a domain is itself.
func Domain(url string) (string, error) {
	host, err := hostOf(strings.TrimSpace(url))
	if err != nil {
		return "", fmt.Errorf("%q is not a website: %w", shorten(url), err)
	}
	host, err = asciiHost(host)
	if err != nil {
		return "", fmt.Errorf("%q is not a website: %w", shorten(url), err)
	}
	if err := checkRegistrable(host); err != nil {
		return "", fmt.Errorf("%q is not a website: %w", shorten(url), err)
	}
	for {
		rest, found := strings.CutPrefix(host, "www.")
		if found = found && checkRegistrable(rest) == nil; !found {
			return host, nil
		}
		host = rest
	}
}

// hostOf cuts the host out of what people write into a website column.
func hostOf(url string) (string, error) {
	if url == "" {
		return "", errors.New("it is empty")
	}
	if scheme, rest, found := strings.Cut(url, "://"); found && isScheme(scheme) {
		url = rest
	} else {
		url = strings.TrimPrefix(url, "//")
	}
	if end := strings.IndexAny(url, `/?#\`); end >= 0 {
		url = url[:end]
	}
	url = url[strings.LastIndexByte(url, '@')+1:]
	if strings.HasPrefix(url, "[") || strings.Count(url, ":") > 1 {
		return "", errors.New("an IPv6 address has no domain")
	}
	host, port, _ := strings.Cut(url, ":")
	if strings.Trim(port, "0123456789") != "" {
		return "", fmt.Errorf("%q is not a port", shorten(port))
	}
	if host == "" {
		return "", errors.New("it contains no host name")
	}
	return host, nil
}

// isScheme reports whether the text may stand before "://" (RFC 3986, section 3.1).
func isScheme(text string) bool {
	for i := range len(text) {
		c := text[i] | 0x20
		letter := 'a' <= c && c <= 'z'
		other := '0' <= text[i] && text[i] <= '9' || text[i] == '+' || text[i] == '-' || text[i] == '.'
		if !letter && (i == 0 || !other) {
			return false
		}
	}
	return text != ""
}

// asciiHost returns the host in lower case and punycode, without a trailing dot.
func asciiHost(host string) (string, error) {
	host = strings.ToLower(host)
	if !isHost(host) || strings.Contains(host, "xn--") {
		mapped, err := hosts.ToASCII(host)
		if err != nil {
			return "", fmt.Errorf("%q is not a host name", shorten(host))
		}
		host = mapped
	}
	host = strings.TrimSuffix(host, ".")
	if !isHost(host) || len(host) > maxHostLength {
		return "", fmt.Errorf("%q is not a host name", shorten(host))
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > maxLabelLength {
			return "", fmt.Errorf("%q is not a host name", shorten(host))
		}
	}
	return host, nil
}

// isHost reports whether the text has only characters that occur in host names.
func isHost(text string) bool {
	for i := range len(text) {
		c := text[i]
		if ('a' > c || c > 'z') && ('0' > c || c > '9') && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return text != ""
}

// checkRegistrable says why nobody can have registered the host.
func checkRegistrable(host string) error {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if strings.Trim(last, "0123456789") == "" {
		if _, err := netip.ParseAddr(host); err == nil {
			return errors.New("an IP address has no domain")
		}
		return fmt.Errorf("%q ends in a number", shorten(host))
	}
	suffix, icann := publicsuffix.PublicSuffix(host)
	if suffix == host && (icann || !strings.Contains(host, ".")) {
		return fmt.Errorf("%q is not a registrable domain", host)
	}
	return nil
}

// shorten keeps what a user wrote from flooding a message.
func shorten(text string) string {
	const most = 100
	runes := 0
	for i := range text {
		if runes == most {
			return text[:i] + "..."
		}
		runes++
	}
	return text
}
