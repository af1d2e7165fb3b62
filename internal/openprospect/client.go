package openprospect

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Defaults of Config.
const (
	DefaultBaseURL               = "https://api.openprospect.io/api/v1"
	DefaultRequestTimeout        = 30 * time.Second
	DefaultMaxRetries            = 4
	DefaultMaxRetryWait          = 2 * time.Minute
	DefaultMaxConcurrentRequests = 4
	DefaultPollInterval          = 60 * time.Second
)

// defaultUserAgent is sent when the caller does not say who it is.
const defaultUserAgent = "openprospect-go"

// apiPath is where the API lives below a bare host (U1).
const apiPath = "/api/v1"

// Config says how a Client reaches the API. The zero value of each field but
// APIKey and MaxRetries means its default.
type Config struct {
	// APIKey is sent as a bearer token. It never appears in an error or a log line.
	APIKey string
	// BaseURL is the API's address, with or without /api/v1 (U1).
	BaseURL string
	// AllowHTTP permits plain http to any host, not only to a loopback address.
	AllowHTTP bool
	// Headers go along with every request, for gateways in front of the API. CheckHeaders says what they may hold.
	// Values of eight characters or more never appear in an error or a log line.
	Headers map[string]string
	// UserAgent identifies the caller.
	UserAgent string
	// RequestTimeout bounds one attempt, its answer's body included.
	RequestTimeout time.Duration
	// MaxRetries is how often a failed request is sent again; 0 means never.
	MaxRetries int
	// MaxRetryWait is the longest single wait that the server may ask for
	// before the request fails with that wait in the message.
	MaxRetryWait time.Duration
	// MaxConcurrentRequests is how many requests may be under way at once.
	MaxConcurrentRequests int
	// Backoff says how long to wait before the given retry (1 is the first)
	// when the server does not say. Nil is exponential with jitter.
	Backoff Backoff
	// Transport carries the requests; nil is a clone of Go's default transport.
	Transport http.RoundTripper
	// Logger receives one line a request and, with bodies, one more; nil drops them.
	Logger Logger
}

// Logger receives what the client does: message is constant text, fields hold
// the particulars. Level is "debug" or "trace". The API key is never in it, and personal data
// is masked before it is shown: bodies are values that implement fmt.Stringer and
// encoding.TextMarshaler, so that the work of masking is done only for a line that is written.
type Logger func(ctx context.Context, level, message string, fields map[string]any)

// Client calls the OpenProspect API. It is safe for concurrent use.
type Client struct {
	base           *url.URL
	apiKey         string
	headers        map[string]string
	userAgent      string
	transport      http.RoundTripper
	requestTimeout time.Duration
	maxRetries     int
	maxRetryWait   time.Duration
	backoff        Backoff
	logger         Logger
	redact         *redactor

	// slots bounds the requests under way; one is held for an attempt, never during a wait.
	slots chan struct{}
	gate  gate
	// maxPages bounds every walk of a list, maxAnswer the body of a success in bytes.
	maxPages  int
	maxAnswer int

	limits pageLimits
	// removeKey is the index in removeBodyKeys of the key that the API took last (U17).
	removeKey atomic.Int32

	// answered says that the API has answered a request with a success.
	answered atomic.Bool

	// creating serialises CreateBlacklist, so that two lost answers are never mixed up.
	creating chan struct{}
	seenMu   sync.Mutex
	// seen holds the names of the blacklists that exist, by id; "" if only entries were read.
	seen map[string]string
}

// New returns a client, or an error when the configuration cannot work.
func New(config Config) (*Client, error) {
	key := strings.TrimSpace(config.APIKey)
	if key == "" {
		return nil, errors.New("the API key is empty")
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("the API key contains white space or characters other than printable ASCII, so it cannot be sent in a header")
	}
	baseURL := config.BaseURL
	if baseURL == "" {
		baseURL = DefaultBaseURL
	}
	base, err := ParseBaseURL(baseURL, config.AllowHTTP)
	if err != nil {
		return nil, err
	}
	if err := CheckHeaders(config.Headers); err != nil {
		return nil, err
	}
	if config.RequestTimeout < 0 || config.MaxRetries < 0 || config.MaxRetryWait < 0 || config.MaxConcurrentRequests < 0 {
		return nil, errors.New("request timeout, retries, retry wait and concurrent requests must not be negative")
	}
	c := &Client{
		base:           base,
		apiKey:         key,
		headers:        config.Headers,
		userAgent:      orDefault(config.UserAgent, defaultUserAgent),
		transport:      config.Transport,
		requestTimeout: orDefault(config.RequestTimeout, DefaultRequestTimeout),
		maxRetries:     config.MaxRetries,
		maxRetryWait:   orDefault(config.MaxRetryWait, DefaultMaxRetryWait),
		backoff:        config.Backoff,
		logger:         config.Logger,
		redact:         newRedactor(append(secretsOf(config.Headers), key)...),
		slots:          make(chan struct{}, orDefault(config.MaxConcurrentRequests, DefaultMaxConcurrentRequests)),
		maxPages:       defaultMaxPages,
		maxAnswer:      defaultMaxAnswer,
		creating:       make(chan struct{}, 1),
		seen:           make(map[string]string),
	}
	if c.transport == nil {
		c.transport = newTransport(cap(c.slots))
	}
	if c.backoff == nil {
		c.backoff = exponentialBackoff
	}
	return c, nil
}

// Answered reports whether the API has answered any request with a success, which shows that address and key are right.
func (c *Client) Answered() bool { return c.answered.Load() }

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// newTransport keeps as many idle connections as requests run at once; Go's default of two a host
// would open a new one for most of the others.
func newTransport(connections int) http.RoundTripper {
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	transport = transport.Clone()
	transport.MaxIdleConnsPerHost = connections
	return transport
}

// ParseBaseURL normalises an API address: with or without /api/v1, without
// trailing slashes (U1). It refuses anything but https, or http on loopback
// unless http is allowed everywhere. Its errors do not repeat the address,
// which may hold a password.
func ParseBaseURL(raw string, allowHTTP bool) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	switch {
	case err != nil:
		return nil, errors.New("the base URL is not a URL")
	case u.Hostname() == "" || u.Opaque != "":
		return nil, errors.New("the base URL has no host: use a URL such as " + DefaultBaseURL)
	case u.User != nil:
		return nil, errors.New("the base URL must not contain a user name or password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(raw, "#"):
		return nil, errors.New("the base URL must not have a query or a fragment")
	case u.Scheme != "https" && u.Scheme != "http", u.Scheme == "http" && !allowHTTP && !Loopback(u.Hostname()):
		return nil, fmt.Errorf("the base URL must use https, or http on a loopback address, not %q", u.Scheme)
	}
	base := &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}
	clean := path.Clean("/" + u.EscapedPath())
	if clean == "/" {
		clean = apiPath
	}
	if base.Path, err = url.PathUnescape(clean); err != nil {
		return nil, errors.New("the path of the base URL is not well-formed")
	}
	if base.EscapedPath() != clean {
		base.RawPath = clean
	}
	return base, nil
}

// Loopback reports whether the host is this machine itself.
func Loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// errPathElement is an id that would name another resource than the one meant.
var errPathElement = errors.New(`an ID must not be empty, "." or ".."`)

// endpoint joins path elements, each escaped; ids are opaque and may hold slashes.
func endpoint(elements ...string) (string, error) {
	var b strings.Builder
	for _, element := range elements {
		if element == "" || element == "." || element == ".." {
			return "", errPathElement
		}
		b.WriteByte('/')
		b.WriteString(url.PathEscape(element))
	}
	return b.String(), nil
}
