package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// program is a running simulate, with the settings that it printed.
type program struct {
	t                      *testing.T
	baseURL, key, interval string
	intro                  string
	lines                  chan string
}

var (
	exported = regexp.MustCompile(`(?m)^  export (\w+)=(\S+)$`)
	interval = regexp.MustCompile(`(?m)^  provider "openprospect" \{\n    poll_interval = "(\S+)"\n  \}$`)
)

// begin runs the program with an address of its own and those arguments until the test ends.
func begin(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	var stderr bytes.Buffer
	code := make(chan int, 1)
	go func() {
		result := run(ctx, append([]string{"-address", "127.0.0.1:0"}, args...), writer, &stderr)
		_ = writer.Close()
		code <- result
	}()
	p := &program{t: t, lines: make(chan string, 1000)}
	started := make(chan string, 1)
	go func() {
		defer close(p.lines)
		scanner := bufio.NewScanner(reader)
		var intro strings.Builder
		for scanner.Scan() {
			if scanner.Text() == "Requests:" {
				started <- intro.String()
				continue
			}
			intro.WriteString(scanner.Text() + "\n")
			p.lines <- scanner.Text()
		}
	}()
	t.Cleanup(func() {
		stop()
		if got := <-code; got != 0 || stderr.Len() > 0 {
			t.Errorf("ended with %d: %s", got, stderr.String())
		}
		for line := range p.lines {
			t.Errorf("printed once more: %s", line)
		}
	})
	select {
	case p.intro = <-started:
	case got := <-code:
		code <- got
		t.Fatalf("ended with %d: %s", got, stderr.String())
	}
	for len(p.lines) > 0 {
		<-p.lines
	}
	for _, export := range exported.FindAllStringSubmatch(p.intro, -1) {
		switch export[1] {
		case "OPENPROSPECT_BASE_URL":
			p.baseURL = export[2]
		case "OPENPROSPECT_API_KEY":
			p.key = export[2]
		default:
			t.Errorf("exports %s", export[1])
		}
	}
	if match := interval.FindStringSubmatch(p.intro); match != nil {
		p.interval = match[1]
	}
	return p
}

// send sends a request with the settings that were printed.
func (p *program) send(method, path, body string) (int, map[string]any) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), method, p.baseURL+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+p.key)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	answer := map[string]any{}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil && err != io.EOF {
		p.t.Fatal(err)
	}
	return response.StatusCode, answer
}

// printed expects the next lines, without the time of day at their beginning.
func (p *program) printed(want ...string) {
	p.t.Helper()
	for _, line := range want {
		select {
		case got := <-p.lines:
			if !strings.HasPrefix(got, "         ") {
				if _, err := time.Parse(time.TimeOnly, got[:8]); err != nil {
					p.t.Errorf("%q does not begin with a time", got)
				}
				got = got[9:]
			}
			if strings.TrimSpace(got) != line {
				p.t.Errorf("printed %q, want %q", got, line)
			}
		case <-time.After(10 * time.Second):
			p.t.Fatalf("did not print %q", line)
		}
	}
}

// order places an order and returns its id.
func (p *program) order(blacklistIDs ...string) string {
	p.t.Helper()
	body, err := json.Marshal(map[string]any{
		"order_type": "DISCOVERY", "title": "Spring", "features": []string{"CONTACTS"}, "ideal_customer_profile": "SaaS",
		"seller_offering": "CRM", "target_countries": []string{"Germany"}, "blacklist_ids": append([]string{}, blacklistIDs...),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	status, answer := p.send("POST", "/orders", string(body))
	if status != 202 {
		p.t.Fatalf("POST /orders: %d %v", status, answer)
	}
	return fmt.Sprint(answer["order_id"])
}

// await reads an order until it ends, and returns every status that it had, with that of the time when it got the status.
func (p *program) await(id string) []string {
	p.t.Helper()
	var statuses []string
	for range 10_000 {
		_, answer := p.send("GET", "/orders/"+id, "")
		status := fmt.Sprint(answer["status"])
		p.printed("GET    200 /orders/" + id + "  " + status)
		if !slices.Contains(statuses, status) {
			statuses = append(statuses, status)
		}
		if slices.Contains([]string{"COMPLETED", "CANCELLED", "REJECTED", "FAILED"}, status) {
			return statuses
		}
		time.Sleep(time.Millisecond)
	}
	p.t.Fatalf("the order never ends: %v", statuses)
	return nil
}

func TestSettings(t *testing.T) {
	t.Parallel()
	p := begin(t)
	if status, answer := p.send("GET", "/auth/validate", ""); status != 200 || fmt.Sprint(answer["scopes"]) !=
		"[orders:read orders:write blacklists:read blacklists:write]" {
		t.Errorf("with the printed settings: %d %v", status, answer)
	}
	p.printed("GET    200 /auth/validate")
	if !strings.Contains(p.intro, "An order stays 5s in each status and ends as COMPLETED.\n") || p.interval != "5s" {
		t.Errorf("printed\n%s", p.intro)
	}
	if slow := begin(t, "-status-time", "1h"); slow.interval != "1m0s" {
		t.Errorf("printed\n%s", slow.intro)
	}
	if strings.Contains(p.intro, "allow_http") {
		t.Errorf("on loopback, printed\n%s", p.intro)
	}
	for _, address := range []string{":0", "0.0.0.0:0", "[::]:0"} {
		everywhere := begin(t, "-address", address)
		if !strings.HasPrefix(everywhere.baseURL, "http://127.0.0.1:") || !strings.Contains(everywhere.intro, "allow_http = true") {
			t.Errorf("%s: printed\n%s", address, everywhere.intro)
		}
		if status, _ := everywhere.send("GET", "/auth/validate", ""); status != 200 {
			t.Errorf("%s: with the printed settings: %d", address, status)
		}
		everywhere.printed("GET    200 /auth/validate")
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[string]string{
		"completed": "[RECEIVED ACCEPTED IN_PROGRESS COMPLETED]",
		"failed":    "[RECEIVED ACCEPTED IN_PROGRESS FAILED]",
		"cancelled": "[RECEIVED CANCELLED]",
		"Rejected":  "[RECEIVED REJECTED]",
	} {
		t.Run(outcome, func(t *testing.T) {
			t.Parallel()
			p := begin(t, "-outcome", outcome, "-status-time", "500ms")
			began := time.Now()
			id := p.order()
			p.printed(`POST   202 /orders  order "Spring" placed`)
			if got := fmt.Sprint(p.await(id)); got != want {
				t.Errorf("statuses %s, want %s", got, want)
			}
			if took := time.Since(began); took < 500*time.Millisecond {
				t.Errorf("it took only %s", took)
			}
		})
	}
}

func TestRequestsPerHour(t *testing.T) {
	t.Parallel()
	p := begin(t, "-requests-per-hour", "2")
	for _, want := range []int{200, 200, 429} {
		if status, answer := p.send("GET", "/blacklists", ""); status != want {
			t.Errorf("%d %v, want %d", status, answer, want)
		}
	}
	p.printed("GET    200 /blacklists", "GET    200 /blacklists", "GET    429 /blacklists  rate limit: wait 3600 s")
}

func TestScopes(t *testing.T) {
	t.Parallel()
	p := begin(t, "-scopes", "orders:read, blacklists:read")
	if status, _ := p.send("GET", "/blacklists?limit=1", ""); status != 200 {
		t.Errorf("a read: %d", status)
	}
	if status, _ := p.send("POST", "/blacklists", `{"name":"Customers"}`); status != 403 {
		t.Errorf("a write: %d", status)
	}
	p.printed("GET    200 /blacklists?limit=1", "POST   403 /blacklists  Missing required scopes: blacklists:write")
}

func TestLatency(t *testing.T) {
	t.Parallel()
	p := begin(t, "-latency", "150ms")
	began := time.Now()
	p.send("GET", "/auth/validate", "")
	if took := time.Since(began); took < 150*time.Millisecond {
		t.Errorf("it took only %s", took)
	}
	p.printed("GET    200 /auth/validate")
}

func TestKeptOut(t *testing.T) {
	t.Parallel()
	csv := "\ufeffcrm_id,company_name,website_url,city,external_id\n1,Acme GmbH,https://acme.de,Berlin,crm-1\n" +
		"2,Globex AG,,Graz,\n3,Initech,,,\n"
	for i := range 10 {
		csv += fmt.Sprintf("%d,Company %d,,,\n", i+4, i)
	}
	p := begin(t, "-status-time", "1ms", "-companies", write(t, csv))
	_, list := p.send("POST", "/blacklists", `{"name":"Customers"}`)
	id := fmt.Sprint(list["id"])
	entries := `{"external_id":"crm-1"},{"company_name":"Globex AG","city":"Graz"},{"company_name":"initech"},` +
		`{"website_url":"cloudops-tech.de"}`
	for i := range 9 {
		entries += fmt.Sprintf(`,{"company_name":"Company %d"}`, i)
	}
	p.send("POST", "/blacklists/"+id+"/entries", `{"entries":[`+entries+`]}`)
	order := p.order(id)
	p.printed(`POST   201 /blacklists  blacklist "Customers" created`,
		`POST   201 /blacklists/`+id+`/entries  13 companies added to "Customers"`, `POST   202 /orders  order "Spring" placed`)
	p.await(order)
	_, answer := p.send("GET", "/orders/"+order+"/results", "")
	p.printed(`GET    200 /orders/`+order+`/results  47 companies found, 13 kept out`,
		`kept out: "CloudOps Technologies GmbH", by website_url "cloudops-tech.de", entry of "Customers"`,
		`kept out: "Acme GmbH", by external_id "crm-1", entry of "Customers"`,
		`kept out: "Globex AG", by company_name "Globex AG" and city "Graz", entry of "Customers"`,
		`kept out: "Initech", by company_name "initech", entry of "Customers"`)
	for i := range 6 {
		p.printed(fmt.Sprintf(`kept out: "Company %d", by company_name "Company %d", entry of "Customers"`, i, i))
	}
	p.printed("kept out: 3 more")
	results, err := json.Marshal(answer)
	if err != nil || strings.Contains(string(results), "Acme GmbH") || !strings.Contains(string(results), `"Company 9"`) {
		t.Errorf("results %s", results)
	}
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "companies.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWrongFlags(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-outcome", "done"}, `invalid value "done" for flag -outcome: must be completed, cancelled, rejected or failed`},
		{[]string{"-latency", "3"}, `invalid value "3" for flag -latency: must be a duration of at least 0s, such as 500ms or 1m`},
		{[]string{"-latency", "-1s"}, `invalid value "-1s" for flag -latency: must be a duration of at least 0s, such as 500ms or 1m`},
		{[]string{"-status-time", "0"}, `invalid value "0" for flag -status-time: must be a duration of at least 1ms, such as 500ms or 1m`},
		{[]string{"-requests-per-hour", "-1"}, `invalid value "-1" for flag -requests-per-hour: must be a whole number, 0 or more`},
		{[]string{"-requests-per-hour", "many"}, `invalid value "many" for flag -requests-per-hour: must be a whole number, 0 or more`},
		{[]string{"-scopes", "orders:read,orders"}, `invalid value "orders:read,orders" for flag -scopes: "orders" is not a scope; ` +
			`use blacklists:read, blacklists:write, orders:read, orders:write, prospect_searches:read`},
		{[]string{"-companies", write(t, "name\nAcme\n")}, `for flag -companies: the header has no column company_name`},
		{[]string{"-companies", write(t, "company_name,city\n,Bonn\n")}, `for flag -companies: line 2 has no company_name`},
		{[]string{"-companies", write(t, "")}, `for flag -companies: reading the header: EOF`},
		{[]string{"-companies", "missing.csv"}, `invalid value "missing.csv" for flag -companies: open missing.csv`},
		{[]string{"-speed", "1"}, `flag provided but not defined: -speed`},
		{[]string{"127.0.0.1:8080"}, `unexpected argument "127.0.0.1:8080"`},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), test.args, &stdout, &stderr); code != 2 || stdout.Len() > 0 {
			t.Errorf("%q: exit code %d, printed %s", test.args, code, stdout.String())
		}
		if got := stderr.String(); !strings.HasPrefix(got, "simulate: ") || !strings.Contains(got, test.want) {
			t.Errorf("%q: got %s, want %s", test.args, got, test.want)
		}
	}
}

func TestAddressInUse(t *testing.T) {
	t.Parallel()
	address := strings.TrimSuffix(strings.TrimPrefix(begin(t).baseURL, "http://"), "/api/v1")
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"-address", address}, &stdout, &stderr); code != 1 || stdout.Len() > 0 {
		t.Errorf("exit code %d, printed %s", code, stdout.String())
	}
	if got := stderr.String(); !strings.HasPrefix(got, "simulate: -address "+address+": ") {
		t.Errorf("got %s", got)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"-help"}, &stdout, &stderr); code != 0 || stderr.Len() > 0 {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
	for _, name := range []string{"address", "companies", "latency", "outcome", "requests-per-hour", "scopes", "status-time"} {
		if !regexp.MustCompile(`(?m)^  -` + name + ` \S+\n.*\S`).MatchString(stdout.String()) {
			t.Errorf("the help does not explain -%s:\n%s", name, stdout.String())
		}
	}
}

// TestGuideListsFlags compares the flags with the table of the guide.
func TestGuideListsFlags(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/guides/09-testing-modules.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| `-([a-z-]+) ").FindAllStringSubmatch(string(page), -1) {
		listed = append(listed, row[1])
	}
	slices.Sort(listed)
	var defined []string
	_, flags := newFlags()
	flags.VisitAll(func(one *flag.Flag) { defined = append(defined, one.Name) })
	if !slices.Equal(listed, defined) {
		t.Errorf("the guide lists %v, want %v", listed, defined)
	}
}
