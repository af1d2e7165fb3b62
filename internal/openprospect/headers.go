package openprospect

import (
	"fmt"
	"maps"
	"net/textproto"
	"slices"
	"strings"
)

// reservedHeaders are set by the client or by Go's transport, or concern a single connection.
var reservedHeaders = []string{
	"Authorization", "Accept", "Accept-Encoding", "Content-Type", "User-Agent", "Idempotency-Key",
	"Host", "Content-Length", "Expect",
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade",
}

// CheckHeaders reports the first header, by name, that a client must not send. The error never holds a value.
func CheckHeaders(headers map[string]string) error {
	seen := make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		value, canonical := strings.TrimSpace(headers[name]), textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case name == "" || strings.ContainsFunc(name, notToken):
			return fmt.Errorf("%q is not a valid header name", name)
		case slices.Contains(reservedHeaders, canonical):
			return fmt.Errorf("the header %s cannot be set: it is set automatically, or belongs to a single connection", name)
		case seen[canonical] != "":
			return fmt.Errorf("%s and %s are the same header", seen[canonical], name)
		case value == "":
			return fmt.Errorf("the header %s has no value", name)
		case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }):
			return fmt.Errorf("the value of the header %s has characters other than printable ASCII", name)
		}
		seen[canonical] = name
	}
	return nil
}

func notToken(r rune) bool {
	letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	return !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

// shortestSecret is the length from which the value of a header counts as a secret: a shorter one is rather a number
// or an ordinary word, which messages need.
const shortestSecret = 8

// secretsOf returns the values that are to be taken out of texts, and the credentials in values such as "Basic YWxp...".
func secretsOf(headers map[string]string) []string {
	var secrets []string
	for _, value := range headers {
		value = strings.TrimSpace(value)
		if len(value) >= shortestSecret {
			secrets = append(secrets, value)
		}
		for _, word := range strings.Fields(value) {
			if word != value && len(word) >= wholeWordBelow {
				secrets = append(secrets, word)
			}
		}
	}
	return secrets
}
