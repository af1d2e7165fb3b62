package provider_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
	"github.com/openprospect/terraform-provider-openprospect/internal/terraformcli"
)

var (
	repository = filepath.Join("..", "..")
	examples   = filepath.Join(repository, "examples")
)

const (
	stringImportFile   = "import-by-string-id.tf"
	identityImportFile = "import-by-identity.tf"
	// requiredProviders is what the registry's own examples leave out.
	requiredProviders = `
terraform {
  required_providers {
    openprospect = {
      source = "openprospect/openprospect"
    }
  }
}
`
)

var (
	// newestExamples are those that need a newer Terraform than the provider does.
	newestExamples = map[string]cliFeature{
		filepath.Join("ephemeral-resources", resultsType): ephemeralResources,
	}
	// appliedExamples use another provider, which is not at hand: the test applies them with a stand-in.
	appliedExamples = map[string]string{
		filepath.Join("guides", "people"): "TestAccDiscoveryOrderResultsEphemeral_writeOnly",
	}
)

// importable are the resources that can be imported, and so have an identity. A search profile cannot: creating it finds it.
func importable(t *testing.T) []string {
	t.Helper()
	names := slices.Sorted(maps.Keys(providerSchema(t).ResourceSchemas))
	return slices.DeleteFunc(names, func(name string) bool { return name == profileType })
}

// copyExample copies a directory of examples, without those below it, to one that terraform may write to. It adds
// what a configuration of one's own has and the registry's examples leave out.
func copyExample(t *testing.T, name string, without ...string) string {
	t.Helper()
	directory := t.TempDir()
	files, err := os.ReadDir(filepath.Join(examples, name))
	if err != nil {
		t.Fatal(err)
	}
	complete := false
	for _, file := range files {
		if file.IsDir() || slices.Contains(without, file.Name()) {
			continue
		}
		content := readFile(t, filepath.Join(examples, name, file.Name()))
		complete = complete || strings.Contains(content, "required_providers")
		writeFile(t, filepath.Join(directory, file.Name()), content)
	}
	if !complete {
		writeFile(t, filepath.Join(directory, "required_providers.tf"), requiredProviders)
	}
	return directory
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// filesBelow returns the paths of the files of a tree that have one of the endings.
func filesBelow(t *testing.T, root string, endings ...string) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && slices.ContainsFunc(endings, func(ending string) bool { return strings.HasSuffix(path, ending) }) {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func validate(t *testing.T, cli *terraformcli.CLI, directory string, environ []string, arguments ...string) {
	t.Helper()
	output, err := cli.Command(directory, environ, append([]string{"validate", "-no-color"}, arguments...)...).CombinedOutput()
	if err != nil {
		t.Errorf("terraform validate: %v\n%s", err, output)
	}
}

// TestAccExamples validates every example with the real provider.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	cli := prepareCLI(t)
	directories := map[string]bool{}
	for _, path := range filesBelow(t, examples, ".tf", ".tfquery.hcl") {
		name, err := filepath.Rel(examples, filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		directories[name] = true
	}
	if len(directories) < 20 {
		t.Fatalf("only %d directories hold examples", len(directories))
	}
	// The subtests run while the provider is still there: t.TempDir goes when all of them have ended.
	for name := range directories {
		t.Run(filepath.ToSlash(name), func(t *testing.T) {
			t.Parallel()
			if test, applied := appliedExamples[name]; applied {
				t.Skipf("applied by %s", test)
			}
			if feature, newer := newestExamples[name]; newer {
				requireFeature(t, feature)
			}
			if len(filesBelow(t, filepath.Join(examples, name), ".tfquery.hcl")) > 0 {
				requireFeature(t, listResources)
				validate(t, cli, copyExample(t, name), cli.Environ(), "-query")
				return
			}
			validate(t, cli, copyExample(t, name, identityImportFile), cli.Environ())
			if _, err := os.Stat(filepath.Join(examples, name, identityImportFile)); err == nil && featureMissing(t, resourceIdentity) == "" {
				validate(t, cli, copyExample(t, name, stringImportFile), cli.Environ())
			}
		})
	}
}

// TestEverythingHasAnExample finds what the registry would show without one.
func TestEverythingHasAnExample(t *testing.T) {
	t.Parallel()
	schemas := providerSchema(t)
	for _, kind := range []struct {
		names     []string
		directory string
		files     []string
	}{
		{[]string{""}, "provider", []string{"provider.tf"}},
		{slices.Sorted(maps.Keys(schemas.ResourceSchemas)), "resources", []string{"resource.tf"}},
		{importable(t), "resources", []string{stringImportFile, identityImportFile, "import.sh"}},
		{slices.Sorted(maps.Keys(schemas.DataSourceSchemas)), "data-sources", []string{"data-source.tf"}},
		{slices.Sorted(maps.Keys(schemas.EphemeralResourceSchemas)), "ephemeral-resources", []string{"ephemeral-resource.tf"}},
		{slices.Sorted(maps.Keys(schemas.ListResourceSchemas)), "list-resources", []string{"list-resource.tfquery.hcl"}},
		{slices.Sorted(maps.Keys(schemas.Functions)), "functions", []string{"function.tf"}},
	} {
		for _, name := range kind.names {
			for _, file := range kind.files {
				if _, err := os.Stat(filepath.Join(examples, kind.directory, name, file)); err != nil {
					t.Errorf("no example: %v", err)
				}
			}
		}
	}
}

// parseHCL reads a file and evaluates the attributes of its blocks, which must be constants.
func parseHCL(t *testing.T, path string) hclsyntax.Blocks {
	t.Helper()
	file, diagnostics := hclparse.NewParser().ParseHCL([]byte(readFile(t, path)), path)
	if diagnostics.HasErrors() {
		t.Fatal(diagnostics)
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		t.Fatalf("%s is no native HCL", path)
	}
	return body.Blocks
}

// constants are the string attributes of a block's body.
func constants(t *testing.T, body *hclsyntax.Body) map[string]string {
	t.Helper()
	values := map[string]string{}
	for name, attribute := range body.Attributes {
		value, diagnostics := attribute.Expr.Value(nil)
		if diagnostics.HasErrors() {
			t.Fatal(diagnostics)
		}
		values[name] = value.AsString()
	}
	return values
}

// TestQueryExamples checks the examples of list resources where Terraform is too old for them.
func TestQueryExamples(t *testing.T) {
	t.Parallel()
	schemas := providerSchema(t)
	for name := range schemas.ListResourceSchemas {
		for _, block := range parseHCL(t, filepath.Join(examples, "list-resources", name, "list-resource.tfquery.hcl")) {
			if block.Type != "list" || len(block.Labels) != 2 || block.Labels[0] != name {
				t.Errorf("got the block %s %v, want list %q", block.Type, block.Labels, name)
			}
			if provider := hcl.ExprAsKeyword(block.Body.Attributes["provider"].Expr); provider != "openprospect" {
				t.Errorf("%s: the provider is %q", name, provider)
			}
			arguments := map[string]tftypes.Value{}
			for _, inner := range block.Body.Blocks {
				for argument, value := range constants(t, inner.Body) {
					arguments[argument] = text(value)
				}
			}
			server, ok := protocolServer(t).(tfprotov6.ListResourceServer)
			if !ok {
				t.Fatal("the provider lists no resources")
			}
			resp, err := server.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
				TypeName: name, Config: dynamicValue(t, schemas.ListResourceSchemas[name], arguments),
			})
			if err != nil {
				t.Fatal(err)
			}
			expectNoErrors(t, resp.Diagnostics)
		}
	}
}

// TestIdentityExamples checks the examples of imports by identity where Terraform is too old for them: each names all
// that the identity takes, and its resource is in the example beside it.
func TestIdentityExamples(t *testing.T) {
	t.Parallel()
	identities, err := protocolServer(t).GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for name, schema := range identities.IdentitySchemas {
		directory := filepath.Join(examples, "resources", name)
		resources := declaredResources(t, filepath.Join(directory, "resource.tf"))
		for _, block := range parseHCL(t, filepath.Join(directory, identityImportFile)) {
			to := block.Body.Attributes["to"].Expr.Range()
			address := readFile(t, filepath.Join(directory, identityImportFile))[to.Start.Byte:to.End.Byte]
			if block.Type != "import" || !slices.Contains(resources, address) {
				t.Errorf("%s: %s of %s, want an import of one of %v", name, block.Type, address, resources)
			}
			value, diagnostics := block.Body.Attributes["identity"].Expr.Value(nil)
			if diagnostics.HasErrors() {
				t.Fatal(diagnostics)
			}
			var want []string
			for _, attribute := range schema.IdentityAttributes {
				want = append(want, attribute.Name)
			}
			expectSame(t, "identity of "+name, slices.Sorted(slices.Values(want)), slices.Sorted(maps.Keys(value.AsValueMap())))
		}
	}
}

// importCommand is one in an import.sh: the address, and the id with or without quotation marks.
var importCommand = regexp.MustCompile(`(?m)^terraform import (\S+) (?:"([^"]+)"|(\S+))$`)

// TestImportCommands carries out what each import.sh says, in an account that holds what its resource.tf declares.
func TestImportCommands(t *testing.T) {
	t.Parallel()
	sim := startSimulator(t, simulator.Options{})
	listID := sim.AddBlacklist("Existing customers", "", simulator.Entry{CompanyName: "Acme Corp", WebsiteURL: "https://www.acme-corp.com"})
	list, _ := sim.Blacklist(listID)
	search := sim.AddProspectSearch("DACH SaaS", listID)
	here := strings.NewReplacer(
		"5ea7c400-7e4a-4ba3-a30c-012de85d6d78", search,
		"d33b69ce-80ce-4ede-b4df-4b11427f8b55", listID,
		"0b7e8d1c-5a3f-4c5e-9f0a-7b2d6c1e4a90", list.Entries[0].ID,
		"74f00d79-7e4a-4ba3-a30c-012de85d6d78", sim.AddOrder(map[string]any{"title": "DACH SaaS Discovery Q1 2026"}),
	)
	server := configuredServer(t, sim)
	for _, name := range importable(t) {
		directory := filepath.Join(examples, "resources", name)
		declared := declaredResources(t, filepath.Join(directory, "resource.tf"))
		script := readFile(t, filepath.Join(directory, "import.sh"))
		commands := importCommand.FindAllStringSubmatch(script, -1)
		if lines := strings.Count(script, "terraform import"); len(commands) == 0 || len(commands) != lines {
			t.Errorf("%s: %d of %d commands are understood", name, len(commands), lines)
		}
		for _, command := range commands {
			if address := command[1]; !slices.Contains(declared, address) || !strings.HasPrefix(address, name+".") {
				t.Errorf("%s: an import of %s, want one of %v", name, address, declared)
			}
			resp, err := server.ImportResourceState(
				t.Context(),
				&tfprotov6.ImportResourceStateRequest{TypeName: name, ID: here.Replace(command[2] + command[3])},
			)
			if err != nil {
				t.Fatal(err)
			}
			imported := readImported(t, server, name, resp)
			if id := imported.attribute(t, "id"); !slices.Contains([]string{listID, list.Entries[0].ID, sim.Orders()[0].ID, search}, id) {
				t.Errorf("%s: %s imports %q", name, command[0], id)
			}
		}
	}
}

// declaredResources are the addresses of the resources in a file.
func declaredResources(t *testing.T, path string) []string {
	t.Helper()
	var addresses []string
	for _, block := range parseHCL(t, path) {
		if block.Type == "resource" {
			addresses = append(addresses, strings.Join(block.Labels, "."))
		}
	}
	return addresses
}

var (
	// fencedBlock is a block of code in a page, and its language.
	fencedBlock = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$")
	// fence is the beginning or the end of one, also where fencedBlock does not see it.
	fence = regexp.MustCompile("(?m)^\\s*```")
)

// pages are what users read.
func pages(t *testing.T) []string {
	t.Helper()
	paths := append(filesBelow(t, filepath.Join(repository, "docs"), ".md"), filesBelow(t, examples, ".md")...)
	return append(paths, filepath.Join(repository, "README.md"))
}

// TestPagesShowExamples finds code that no test sees: HCL is what TestAccPages looks at, other files are examples word
// for word, and all else is what one types or reads in a terminal.
func TestPagesShowExamples(t *testing.T) {
	t.Parallel()
	files := map[string]bool{}
	for _, path := range filesBelow(t, examples, "") {
		files[strings.TrimSpace(readFile(t, path))] = true
	}
	for _, page := range pages(t) {
		content := readFile(t, page)
		blocks := fencedBlock.FindAllStringSubmatch(content, -1)
		if fences := len(fence.FindAllString(content, -1)); fences != 2*len(blocks) {
			t.Errorf("%s: %d blocks are found, but there are %d fences", page, len(blocks), fences)
		}
		for _, block := range blocks {
			switch language := block[1]; language {
			case "terraform", "hcl", "", "sh", "shell", "text":
			case "csv", "json", "rego", "yaml":
				if !files[strings.TrimSpace(block[2])] {
					t.Errorf("%s: a block of %s is not a file of the examples:\n%s", page, language, block[2])
				}
			default:
				t.Errorf("%s: no test knows blocks of %q", page, language)
			}
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	anchor  = regexp.MustCompile(`<a id="([^"]+)">`)
	// notInSlug is what GitHub and the Registry leave out of a heading's anchor.
	notInSlug = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// anchors are the fragments that links to a page can name.
func anchors(content string) []string {
	var names []string
	for _, match := range heading.FindAllStringSubmatch(fencedBlock.ReplaceAllString(content, ""), -1) {
		names = append(names, strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-"))
	}
	for _, match := range anchor.FindAllStringSubmatch(content, -1) {
		names = append(names, match[1])
	}
	return names
}

// TestPagesLinks follows the links between pages, also those that go through the Registry or GitHub. The Registry shows
// the overview at an address without a slash at its end, so that nothing relative would be found from there.
func TestPagesLinks(t *testing.T) {
	t.Parallel()
	const (
		registry = "https://registry.terraform.io/providers/openprospect/openprospect/latest/docs/"
		github   = "https://github.com/openprospect/terraform-provider-openprospect/"
		// Pictures: the Registry shows none by a relative address.
		raw = "https://raw.githubusercontent.com/openprospect/terraform-provider-openprospect/main/"
	)
	overview := filepath.Join(repository, "docs", "index.md")
	followed := 0
	for _, page := range append(pages(t), filepath.Join(repository, ".github", "SECURITY.md")) {
		content := readFile(t, page)
		for _, match := range link.FindAllStringSubmatch(fencedBlock.ReplaceAllString(content, ""), -1) {
			address, fragment, _ := strings.Cut(match[1], "#")
			target := ""
			if path, ok := strings.CutPrefix(address, registry); ok {
				target = filepath.Join(repository, "docs", path+".md")
			} else if path, ok := strings.CutPrefix(address, raw); ok {
				target = filepath.Join(repository, path)
			} else if path, ok := strings.CutPrefix(address, github); ok {
				kind, path, _ := strings.Cut(path, "/main/")
				if kind != "blob" && kind != "tree" {
					continue
				}
				target = filepath.Join(repository, path)
			} else if strings.Contains(address, "://") {
				continue
			} else if address == "" {
				target = page
			} else {
				if page == overview {
					t.Errorf("%s: the link to %s is relative", page, match[1])
				}
				target = filepath.Join(filepath.Dir(page), address)
			}
			followed++
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: the link to %s leads nowhere: %v", page, match[1], err)
			} else if fragment != "" && !slices.Contains(anchors(readFile(t, target)), fragment) {
				t.Errorf("%s: the link to %s: no such heading", page, match[1])
			}
		}
	}
	if followed < 40 {
		t.Errorf("only %d links were followed", followed)
	}
}

var action = regexp.MustCompile(`uses: ([^@\s]+)@(.*)`)

// untriedActions are in a guide only: they need an account elsewhere.
var untriedActions = []string{"aws-actions/configure-aws-credentials"}

// TestPinnedActions looks at the workflows, those of the guide included: one commit and one version of each action.
func TestPinnedActions(t *testing.T) {
	t.Parallel()
	pin := regexp.MustCompile(`^[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	pins := map[string]string{}
	for _, root := range []string{filepath.Join(repository, ".github", "workflows"), examples} {
		before := len(pins)
		for _, path := range filesBelow(t, root, ".yml") {
			for _, match := range action.FindAllStringSubmatch(readFile(t, path), -1) {
				name, version := match[1], match[2]
				if root == examples && pins[name] == "" && !slices.Contains(untriedActions, name) {
					t.Errorf("%s: no workflow of this repository tries %s", path, name)
				}
				if pins[name] == "" {
					pins[name] = version
				}
				if !pin.MatchString(version) || pins[name] != version {
					t.Errorf("%s: %s@%s, want a commit with its version, elsewhere %s", path, name, version, pins[name])
				}
			}
		}
		if root != examples && len(pins) == before {
			t.Errorf("no actions in %s", root)
		}
	}
}

// TestAccPages finds HCL that no test has seen: every block of a page is an example, word for word, or is valid by itself.
func TestAccPages(t *testing.T) {
	t.Parallel()
	cli := prepareCLI(t)
	tested := map[string]bool{}
	for _, path := range filesBelow(t, examples, ".tf", ".hcl") {
		tested[strings.TrimSpace(readFile(t, path))] = true
	}
	blocks := 0
	for _, page := range pages(t) {
		for i, match := range fencedBlock.FindAllStringSubmatch(readFile(t, page), -1) {
			if match[1] != "terraform" && match[1] != "hcl" {
				continue
			}
			blocks++
			block := match[2]
			if tested[strings.TrimSpace(block)] {
				continue
			}
			t.Run(fmt.Sprintf("%s block %d", filepath.Base(page), i+1), func(t *testing.T) {
				t.Parallel()
				validateBlock(t, cli, block)
			})
		}
	}
	if blocks < 20 {
		t.Errorf("only %d blocks of HCL in %d pages", blocks, len(pages(t)))
	}
}

// validateBlock validates a configuration beside the files of the large example, or another one with this CLI configuration.
func validateBlock(t *testing.T, cli *terraformcli.CLI, block string) {
	t.Helper()
	if strings.HasPrefix(block, "provider_installation {") {
		placeholder := regexp.MustCompile(`"/path/to/[^"]*"`)
		if !placeholder.MatchString(block) {
			t.Fatalf("no path to replace in\n%s", block)
		}
		rc := filepath.Join(t.TempDir(), "terraform.rc")
		writeFile(t, rc, placeholder.ReplaceAllString(block, strconv.Quote(cli.Directory)))
		validate(t, cli, copyExample(t, "provider"), append(cli.Environ(), "TF_CLI_CONFIG_FILE="+rc))
		return
	}
	directory := copyExample(t, "gitops", "exclusions.tf", "orders.tf", "outputs.tf", "providers.tf", "variables.tf")
	writeFile(t, filepath.Join(directory, "main.tf"), block)
	if strings.Contains(block, "required_providers") {
		if err := os.Remove(filepath.Join(directory, "required_providers.tf")); err != nil {
			t.Fatal(err)
		}
	}
	validate(t, cli, directory, cli.Environ())
}

// TestAccModuleTest runs the guide's terraform test against a simulator, as the guide says, and once more: the second run places
// the order of the first one again.
func TestAccModuleTest(t *testing.T) {
	t.Parallel()
	cli := prepareCLI(t)
	sim := startSimulator(t, simulator.Options{})
	environ := cli.Environ("OPENPROSPECT_API_KEY="+sim.APIKey(), "OPENPROSPECT_BASE_URL="+sim.URL())

	directory := copyExample(t, filepath.Join("guides", "module-test"))
	const runs = 2
	for range runs {
		output, err := cli.Command(directory, environ, "test", "-no-color").CombinedOutput()
		if err != nil {
			t.Fatalf("terraform test: %v\n%s", err, output)
		}
		if !strings.Contains(string(output), "3 passed, 0 failed") {
			t.Errorf("terraform test says\n%s", output)
		}
	}
	if err := noBlacklistLeft(sim)(nil); err != nil {
		t.Error(err)
	}
	moved, lists := false, 0
	for _, event := range sim.Events() {
		moved = moved || event.Kind == "entry_added" && event.Entry.WebsiteURL == "https://www.zalando.de"
		if event.Kind == "blacklist_created" {
			lists++
		}
	}
	if !moved {
		t.Error("the simulator never saw the second run's company")
	}
	if orders := len(sim.Orders()); lists != runs || orders != runs {
		t.Errorf("%d blacklists and %d orders, want one for each run of the tests: a mocked provider sends nothing", lists, orders)
	}
}
