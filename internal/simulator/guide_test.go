package simulator_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// Ids of the guide's examples.
const (
	guideBlacklist = "d33b69ce-80ce-4ede-b4df-4b11427f8b55"
	guideOrder     = "74f00d79-7e4a-4ba3-a30c-012de85d6d78"
)

func guideFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "guide", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// guideJSON returns one of the guide's answers without its white space.
func guideJSON(t *testing.T, name string) string {
	t.Helper()
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(guideFile(t, name))); err != nil {
		t.Fatal(err)
	}
	return compact.String()
}

// guideRequest is the body of the guide's example order.
func guideRequest(t *testing.T) string {
	t.Helper()
	script := guideFile(t, "create_order.sh")
	_, body, _ := strings.Cut(script, "-d '")
	body, _, found := strings.Cut(body, "'")
	if !found {
		t.Fatal("the example has no body")
	}
	return body
}

// startGuide starts a simulator that knows the blacklist of the guide's example.
func startGuide(t *testing.T, options simulator.Options) *api {
	t.Helper()
	a := start(t, options)
	a.RenameBlacklist(a.AddBlacklist("Existing Customers", ""), guideBlacklist)
	return a
}

// placeGuideOrder places the guide's order and returns it the guide's id.
func placeGuideOrder(t *testing.T, a *api) {
	t.Helper()
	if got := a.send("POST", "/orders", guideRequest(t)); got.status != 202 {
		t.Fatal(got)
	}
	a.RenameOrder(a.Orders()[0].ID, guideOrder)
}

// The answers to the guide's requests are the guide's, byte for byte.
func TestGuideAnswers(t *testing.T) {
	t.Parallel()
	a := startGuide(t, simulator.Options{Review: simulator.Review{Companies: 1}})
	created := a.send("POST", "/orders", guideRequest(t))
	id := a.Orders()[0].ID
	created.body = strings.Replace(created.body, id, guideOrder, 1)
	a.expect(created, "202 "+guideJSON(t, "create_order.json"))
	a.RenameOrder(id, guideOrder)
	a.expect(a.get("/orders/"+guideOrder), "200 "+guideJSON(t, "get_order.json"))
	a.expect(a.get("/orders"), `200 {"items":[`+guideJSON(t, "get_order.json")+`],"total":1,"limit":50,"offset":0,"has_more":false}`)

	a.Advance(28 * time.Hour) // to the delivery of the guide's example
	a.SetOrderStatus(guideOrder, "COMPLETED", "")
	// The guide's answer shows one company of 47.
	want := strings.Replace(guideJSON(t, "get_results.json"), `"total":47`, `"total":1`, 1)
	a.expect(a.get("/orders/"+guideOrder+"/results"), "200 "+want)
}

// run runs one of the guide's examples, unchanged but for the base URL.
func run(t *testing.T, a *api, program string, names ...string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("%s is not installed", program)
	}
	var script strings.Builder
	for _, name := range names {
		script.WriteString(guideFile(t, name))
	}
	const baseURL = "https://api.openprospect.io/api/v1"
	if !strings.Contains(script.String(), baseURL) {
		t.Fatalf("%v do not name the API", names)
	}
	return runScript(t, path, strings.ReplaceAll(script.String(), baseURL, a.URL()))
}

func runScript(t *testing.T, program, script string) string {
	t.Helper()
	arguments := []string{"-e"}
	if strings.Contains(filepath.Base(program), "node") {
		arguments = []string{"--input-type=module", "-"}
	}
	command := exec.CommandContext(t.Context(), program, arguments...)
	command.Stdin = strings.NewReader(script)
	command.Env = append(os.Environ(), "no_proxy=*", "NO_PROXY=*")
	var stderr strings.Builder
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", program, err, output, stderr.String())
	}
	return string(output)
}

// The guide's curl examples.
func TestGuideCurl(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	a := startGuide(t, simulator.Options{APIKey: "YOUR_API_KEY"})
	a.RenameBlacklist(a.AddBlacklist("Placeholder", ""), "BLACKLIST_ID")

	if got := run(
		t,
		a,
		"sh",
		"create_blacklist.sh",
	); !strings.Contains(
		got,
		`"name":"Existing Customers","description":"Companies already in our CRM"`,
	) {
		t.Errorf("create_blacklist: %s", got)
	}
	if got := run(t, a, "sh", "add_entries.sh"); !strings.Contains(got, `"added":2`) {
		t.Errorf("add_entries: %s", got)
	}
	list, _ := a.Blacklist("BLACKLIST_ID")
	if len(list.Entries) != 2 || list.Entries[0].WebsiteURL != "https://www.acme-corp.com" || list.Entries[1].City != "Munich" {
		t.Errorf("on the list: %+v", list.Entries)
	}
	if got := run(t, a, "sh", "create_order.sh"); !strings.Contains(got, `"status":"RECEIVED"`) {
		t.Fatalf("create_order: %s", got)
	}
	a.RenameOrder(a.Orders()[0].ID, guideOrder)
	if got := run(t, a, "sh", "get_order.sh"); got != guideJSON(t, "get_order.json") {
		t.Errorf("get_order: %s", got)
	}
	if got := run(t, a, "sh", "list_orders.sh"); !strings.Contains(got, `"items":[],"total":0,"limit":10`) {
		t.Errorf("list_orders before completion: %s", got)
	}
	a.SetOrderStatus(guideOrder, "COMPLETED", "")
	if got := run(t, a, "sh", "list_orders.sh"); !strings.Contains(got, guideOrder) {
		t.Errorf("list_orders: %s", got)
	}
	if got := run(t, a, "sh", "get_results.sh"); strings.Count(got, `"normalized_url"`) != 47 ||
		!strings.HasSuffix(got, `"total":47,"limit":50,"offset":0,"has_more":false}`) {
		t.Errorf("get_results: %s", got)
	}
	if unexpected := a.Unexpected(); len(unexpected) > 0 {
		t.Errorf("unexpected: %q", unexpected)
	}
}

// The guide's JavaScript examples. Those after the first use its constants.
func TestGuideJavaScript(t *testing.T) {
	t.Parallel()
	a := startGuide(t, simulator.Options{APIKey: "lnc_live_your_api_key_here"})
	got := run(t, a, "node", "create_order.mjs")
	id := a.Orders()[0].ID
	if want := "Discovery order created: " + id + "\nStatus: RECEIVED\n"; got != want {
		t.Errorf("create_order: got %q, want %q", got, want)
	}
	a.RenameOrder(id, guideOrder)
	// The example polls once a minute until the order is done, which this is.
	a.SetOrderStatus(guideOrder, "COMPLETED", "")
	if got, want := runWithConstants(
		t,
		a,
		"poll_order.mjs",
	), "Order status: COMPLETED\nResults are ready! 47 companies found.\n"; got != want {
		t.Errorf("poll_order: got %q, want %q", got, want)
	}
	got = runWithConstants(t, a, "read_results.mjs")
	if !strings.HasPrefix(got, "Company: CloudOps Technologies GmbH\n  Match Score: 9\n  Prospects: 1\n") ||
		!strings.HasSuffix(got, "\nTotal companies discovered: 47\n") {
		t.Errorf("read_results: %s", got)
	}
	if unexpected := a.Unexpected(); len(unexpected) > 0 {
		t.Errorf("unexpected: %q", unexpected)
	}
}

// The guide's results example pages through more than one page.
func TestGuideJavaScriptPages(t *testing.T) {
	t.Parallel()
	a := startGuide(t, simulator.Options{APIKey: "lnc_live_your_api_key_here", Review: simulator.Review{Companies: 120}})
	placeGuideOrder(t, a)
	a.SetOrderStatus(guideOrder, "COMPLETED", "")
	if got := runWithConstants(t, a, "read_results.mjs"); !strings.HasSuffix(got, "\nTotal companies discovered: 120\n") {
		t.Errorf("read_results: %s", got)
	}
	if got := a.Count("GET", "/orders/*/results"); got != 3 {
		t.Errorf("%d pages, want 3", got)
	}
}

// runWithConstants runs an example below the constants that the guide's first
// JavaScript example defines for all of them.
func runWithConstants(t *testing.T, a *api, name string) string {
	t.Helper()
	program, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	constants, _, _ := strings.Cut(guideFile(t, "create_order.mjs"), "\n\n")
	script := constants + "\n" + guideFile(t, name)
	return runScript(t, program, strings.ReplaceAll(script, "https://api.openprospect.io/api/v1", a.URL()))
}
