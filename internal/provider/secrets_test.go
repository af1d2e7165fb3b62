package provider_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
	"github.com/openprospect/terraform-provider-openprospect/internal/terraformcli"
)

// secretKey holds what JSON, URLs and HTML write otherwise.
const secretKey = `lnc_live_"S3cret"/k\y%41&<must>not.leak`

// spellings are the forms in which the key may stand somewhere.
func spellings(t *testing.T, key string) map[string]string {
	t.Helper()
	encoded, err := json.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	inJSON := string(encoded[1 : len(encoded)-1])
	escaped := func(format string) string {
		var b strings.Builder
		for _, c := range []byte(key) {
			fmt.Fprintf(&b, format, c)
		}
		return b.String()
	}
	return map[string]string{
		"plain": key, "JSON": inJSON, "quoted": strings.Trim(strconv.Quote(key), `"`), `JSON, all \u`: escaped(`\u%04x`),
		"a query": url.QueryEscape(key), "a path": url.PathEscape(key), "a URL, all of it": escaped("%%%02X"),
		"base64": base64.StdEncoding.EncodeToString([]byte("Bearer " + key)), "base64 of the key": base64.StdEncoding.EncodeToString([]byte(key)),
		"the secret part": "S3cret", "its tail": "must>not.leak",
	}
}

// personal are the people of the guide's example company, as they must stand in no output and no log, and
// companyPhone its number, which may stand in the output.
var personal = []string{"Thomas", "Weber", "t.weber", "thomasweber", "ceo@"}

const companyPhone = "98765432"

// secretsConfig is everything that can be managed and read. With more there is one of each to be made, with
// fewer there is one to be changed and two to be removed.
const secretsConfig = requiredProviders + `
variable "more" { default = 0 }
variable "fewer" { default = false }
variable "people" { default = false }
variable "timeout" { default = "10s" }
provider "openprospect" {
  poll_interval   = "5ms"
  max_retries     = 0
  request_timeout = var.timeout
}
resource "openprospect_blacklist" "customers" {
  name        = "Customers"
  description = "From the CRM"
}
resource "openprospect_blacklist_entry" "acme" {
  count        = var.fewer ? 0 : 1
  blacklist_id = openprospect_blacklist.customers.id
  website_url  = "acme.com"
}
resource "openprospect_blacklist" "competitors" {
  name = var.fewer ? "Rivals" : "Competitors"
}
resource "openprospect_blacklist" "empty" {
  count = var.fewer ? 0 : 1
  name  = "Empty"
}
resource "openprospect_blacklist_entries" "competitors" {
  blacklist_id = openprospect_blacklist.competitors.id
  entries      = jsonencode({ hooli = { company_name = "Hooli" } })
}
resource "openprospect_discovery_order" "saas" {
  title                  = "SaaS"
  features               = ["COMPANY_DATA"]
  ideal_customer_profile = "SaaS"
  seller_offering        = "Leads"
  target_countries       = ["Germany"]
  blacklist_ids          = [openprospect_blacklist_entries.competitors.blacklist_id]
}
data "openprospect_discovery_order_results" "saas" {
  order_id          = openprospect_discovery_order.saas.id
  include_prospects = var.people
}
data "openprospect_blacklists" "all" {}
resource "openprospect_blacklist" "more" {
  count = var.more
  name  = "More"
}
resource "openprospect_blacklist_entry" "more" {
  count        = var.more
  blacklist_id = openprospect_blacklist.customers.id
  website_url  = "more.com"
}
resource "openprospect_discovery_order" "more" {
  count                  = var.more
  title                  = "More"
  features               = ["COMPANY_DATA"]
  ideal_customer_profile = "More"
  seller_offering        = "Leads"
  target_countries       = ["Austria"]
}
`

// TestAccSecrets runs the real terraform with all logs into every kind of failure. Each answer repeats the
// Authorization header in every spelling; nothing that a run leaves behind may hold it, nor log a person.
func TestAccSecrets(t *testing.T) {
	t.Parallel()
	s := newSecrets(t)
	s.sim.SetOrderStatus(s.sim.Orders()[0].ID, "COMPLETED", "")

	// base64 is our own side's: no server decodes what it is sent to write it so.
	echo := fmt.Sprintf(
		"Authorization: Bearer %s, %s, %s, %s",
		s.forms["JSON"],
		s.forms[`JSON, all \u`],
		s.forms["a query"],
		s.forms["a URL, all of it"],
	)
	problem := func(status int, code string) simulator.Fault {
		return simulator.Fault{Status: status, Header: map[string]string{"X-Request-Id": secretKey}, Body: fmt.Sprintf(
			`{"code":%q,"message":"%s","details":{"required_scopes":["%s"],"validation_errors":[{"field":"name","error":"%s",`+
				`"provided":{"email":"t.weber@example.com","last_name":"Weber"}}]},"entity_type":"%s","identifier":"%s"}`,
			code,
			echo,
			echo,
			echo,
			echo,
			echo,
		)}
	}
	limited := problem(429, "RATE_LIMIT_EXCEEDED")
	limited.Header["Retry-After"] = "7200"
	page := "<html><h1>Bad gateway</h1><pre>" + echo + " t.weber@example.com linkedin.com/in/thomasweber</pre></html>"
	faults := map[string]simulator.Fault{
		"401":                     problem(401, "UNAUTHORIZED"),
		"403":                     problem(403, "AUTHORIZATION_ERROR"),
		"404":                     problem(404, "ORDER_NOT_FOUND"),
		"409":                     problem(409, "CONFLICT"),
		"422":                     problem(422, "VALIDATION_ERROR"),
		"500":                     problem(500, "INTERNAL_ERROR"),
		"429":                     limited,
		"a page":                  {Status: 502, ContentType: "text/html", Body: page},
		"a page for a success":    {Status: 200, ContentType: "text/html", Body: page},
		"broken JSON":             {Status: 200, Body: `{"message":"` + echo},
		"broken JSON of an error": {Status: 400, Body: `{"message":"` + echo},
		"the wrong JSON":          {Status: 200, Body: `{"id":{"` + s.forms["JSON"] + `":["` + echo + `"]}}`},
		"a redirect elsewhere": {
			Status: 307,
			Header: map[string]string{"Location": "https://evil.example/" + s.forms["a path"] + "?" + s.forms["a query"]},
		},
		"a redirect of the key":    {Status: 302, Header: map[string]string{"Location": s.forms["a path"]}, Body: echo},
		"a connection that breaks": {Drop: true},
	}
	list := map[string]string{}
	for _, blacklist := range s.sim.Blacklists() {
		list[blacklist.Name] = "/blacklists/" + blacklist.ID
	}
	reads := []request{{"GET", list["Customers"]}, {"GET", list["Competitors"]}, {"GET", "/blacklists"}}
	creates := []request{{"POST", "/blacklists"}, {"POST", "/blacklists/*/entries"}, {"POST", "/orders"}}
	changes := []request{{"PATCH", list["Competitors"]}, {"DELETE", list["Customers"] + "/entries"}, {"DELETE", list["Empty"]}}
	// Three faults a run, but 429 alone: it holds back the requests that the others would befall.
	names := slices.Sorted(maps.Keys(faults))
	groups := append(
		slices.Collect(slices.Chunk(slices.DeleteFunc(names, func(name string) bool { return name == "429" }), len(reads))),
		[]string{"429"},
	)
	for _, group := range groups {
		s.name = strings.Join(group, ", ")
		s.under(aimed(faults, group, reads), 1, nil, "plan", "-no-color", "-out=refused.plan")
		s.under(aimed(faults, group, creates), 1, []string{"TF_VAR_more=1"}, "apply", "-auto-approve", "-no-color")
		s.under(aimed(faults, group, changes), 1, []string{"TF_VAR_fewer=true"}, "apply", "-auto-approve", "-no-color")
	}

	s.name = "a timeout"
	s.under(
		[]simulator.Fault{{Name: s.name, Method: http.MethodGet, Times: -1, Delay: 3 * time.Second}},
		1,
		[]string{"TF_VAR_timeout=50ms"},
		"plan",
		"-no-color",
	)
	s.name = "a connection that is refused"
	s.run(1, []string{"OPENPROSPECT_BASE_URL=http://127.0.0.1:1/" + url.PathEscape("x")}, "plan", "-no-color")
	s.name = "a certificate that nobody trusts"
	stranger := httptest.NewUnstartedServer(http.NotFoundHandler())
	stranger.Config.ErrorLog = log.New(io.Discard, "", 0)
	stranger.StartTLS()
	defer stranger.Close()
	s.run(1, []string{"OPENPROSPECT_BASE_URL=" + stranger.URL}, "plan", "-no-color")
	s.name = "a success that holds the key"
	kept := []simulator.Fault{{Name: s.name, Method: http.MethodGet, Pattern: "/blacklists/*", Times: -1, Rewrite: func(body []byte) []byte {
		return bytes.ReplaceAll(body, []byte("From the CRM"), []byte(s.forms["JSON"]+s.forms[`JSON, all \u`]))
	}}}
	s.under(kept, 0, nil, "plan", "-no-color", "-out=drift.plan")
	if shown := s.run(0, nil, "show", "-json", "drift.plan"); !strings.Contains(shown, "[redacted][redacted]") {
		t.Errorf("the plan does not show what the server answered: %s", shown)
	}
	s.under(kept, 0, nil, "apply", "-refresh-only", "-auto-approve", "-no-color")

	s.name = "people in state, when asked for"
	s.run(0, []string{"TF_VAR_people=true"}, "apply", "-auto-approve", "-no-color")
	state := readFile(t, filepath.Join(s.directory, "terraform.tfstate"))
	if !strings.Contains(state, guideEmail) || !strings.Contains(state, `"sensitive_attributes"`) {
		t.Error("the people that were asked for are not in state")
	}
	if !s.redacted || !s.masked {
		t.Errorf("the logs show no [redacted] (%t) or no *** (%t): nothing was tested", s.redacted, s.masked)
	}
}

// secrets runs terraform and searches everything that a run leaves behind.
type secrets struct {
	t         *testing.T
	cli       *terraformcli.CLI
	directory string
	sim       *simulator.Server
	forms     map[string]string
	// name is the failure under way.
	name string
	// redacted and masked say that the logs held something to take out.
	redacted, masked bool
}

// newSecrets has applied the configuration.
func newSecrets(t *testing.T) *secrets {
	t.Helper()
	s := &secrets{
		t: t, cli: prepareCLI(t), directory: t.TempDir(), forms: spellings(t, secretKey),
		sim: startSimulator(t, simulator.Options{APIKey: secretKey, Review: simulator.Review{Reads: 1}}),
	}
	writeFile(t, filepath.Join(s.directory, "main.tf"), secretsConfig)
	s.run(0, nil, "apply", "-auto-approve", "-no-color")
	return s
}

func (s *secrets) command(environ []string, arguments ...string) *exec.Cmd {
	return s.cli.Command(s.directory, s.cli.Environ(append([]string{
		"OPENPROSPECT_API_KEY=" + secretKey, "OPENPROSPECT_BASE_URL=" + s.sim.URL(), "GOTRACEBACK=all",
		"TF_LOG=TRACE", "TF_LOG_PATH=" + filepath.Join(s.directory, "trace.log"),
	}, environ...)...), arguments...)
}

// run runs one command, which ends with that code, and returns what it printed.
func (s *secrets) run(want int, environ []string, arguments ...string) string {
	s.t.Helper()
	output, err := s.command(environ, arguments...).CombinedOutput()
	code, err := terraformcli.ExitCode(err)
	if err != nil {
		s.t.Fatal(err)
	}
	if code != want {
		s.t.Errorf("%s: terraform %s ended with %d, want %d:\n%s", s.name, arguments[0], code, want, output)
	}
	s.search(string(output))
	return string(output)
}

// request is a method and the pattern of a path.
type request struct{ method, pattern string }

// aimed returns the faults of these names, each for requests of its own.
func aimed(faults map[string]simulator.Fault, names []string, requests []request) []simulator.Fault {
	var aimed []simulator.Fault
	for i, name := range names {
		fault := faults[name]
		fault.Name, fault.Method, fault.Pattern, fault.Times = name, requests[i].method, requests[i].pattern, -1
		aimed = append(aimed, fault)
	}
	return aimed
}

// under runs one command while the faults befall its requests. State is put back afterwards: to a faulty
// answer that says "gone" or "done" the provider gives credit, while the server has done nothing.
func (s *secrets) under(faults []simulator.Fault, want int, environ []string, arguments ...string) {
	s.t.Helper()
	path := filepath.Join(s.directory, "terraform.tfstate")
	state := readFile(s.t, path)
	defer writeFile(s.t, path, state)
	s.sim.ResetJournal()
	for _, fault := range faults {
		s.sim.Inject(fault)
	}
	s.run(want, environ, arguments...)
	s.sim.ClearFaults()
	for _, fault := range faults {
		if !slices.ContainsFunc(s.sim.Journal(), func(r simulator.Request) bool { return r.Fault == fault.Name }) {
			s.t.Errorf("%s befell no request of terraform %s", fault.Name, arguments[0])
		}
	}
}

// search looks for the key, in each form, in the output and all files of the working directory, and for people
// in output and log.
func (s *secrets) search(output string) {
	s.t.Helper()
	texts := map[string]string{"the output": output}
	for _, path := range filesBelow(s.t, s.directory, "") {
		name := filepath.Base(path)
		texts[name] = readFile(s.t, path)
		if strings.HasSuffix(name, ".plan") {
			unzip(s.t, path, texts)
		}
	}
	trace := texts["trace.log"]
	if !strings.Contains(trace, "[TRACE]") {
		s.t.Errorf("%s: there is no trace", s.name)
	}
	s.redacted = s.redacted || strings.Contains(trace, "[redacted]")
	s.masked = s.masked || strings.Contains(trace, "***")
	if strings.Contains(trace, companyPhone) {
		s.t.Errorf("%s: the log holds a phone number", s.name)
	}
	for name, text := range texts {
		for form, needle := range s.forms {
			if at := strings.Index(text, needle); at >= 0 {
				s.t.Errorf("%s: %s holds the key (%s): …%s…", s.name, name, form, text[max(0, at-300):min(len(text), at+300)])
			}
		}
		if name != "the output" && name != "trace.log" {
			continue
		}
		for _, person := range personal {
			if at := strings.Index(text, person); at >= 0 {
				s.t.Errorf("%s: %s holds personal data: …%s…", s.name, name, text[max(0, at-300):min(len(text), at+100)])
			}
		}
	}
	if err := os.Remove(filepath.Join(s.directory, "trace.log")); err != nil {
		s.t.Error(err)
	}
}

// unzip adds the files within a saved plan to texts.
func unzip(t *testing.T, path string, texts map[string]string) {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	for _, file := range archive.File {
		reader, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(path)+"/"+file.Name] = string(content)
	}
}

// TestSensitiveAttributes names all that Terraform hides in its output.
func TestSensitiveAttributes(t *testing.T) {
	t.Parallel()
	schemas := providerSchema(t)
	people := []string{
		"companies.prospects.email",
		"companies.prospects.first_name",
		"companies.prospects.last_name",
		"companies.prospects.linkedin_url",
		"companies.prospects.phone_number",
		"companies.prospects.qualification_reason",
	}
	expectSame(t, "the provider's", []string{"api_key", "headers"}, sensitive("", schemas.Provider.Block.Attributes))
	expectSame(t, "the data source's", people, sensitive("", schemas.DataSourceSchemas[resultsType].Block.Attributes))
	expectSame(t, "the ephemeral resource's", people, sensitive("", schemas.EphemeralResourceSchemas[resultsType].Block.Attributes))
}

// sensitive returns the paths of the sensitive attributes, sorted.
func sensitive(prefix string, attributes []*tfprotov6.SchemaAttribute) []string {
	var paths []string
	for _, attribute := range attributes {
		if attribute.Sensitive {
			paths = append(paths, prefix+attribute.Name)
		}
		if attribute.NestedType != nil {
			paths = append(paths, sensitive(prefix+attribute.Name+".", attribute.NestedType.Attributes)...)
		}
	}
	slices.Sort(paths)
	return paths
}
