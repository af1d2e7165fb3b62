package provider_test

import (
	"encoding/xml"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// TestGuidesInOrder keeps the guides in the order of their numbers, whether a registry sorts them by file name or by title.
func TestGuidesInOrder(t *testing.T) {
	t.Parallel()
	overview := readFile(t, filepath.Join(repository, "docs", "index.md"))
	title := regexp.MustCompile(`(?m)^page_title: "(\d\d) (.+)"$`)
	guides := filesBelow(t, filepath.Join(repository, "docs", "guides"), ".md")
	if len(guides) < 10 {
		t.Fatalf("only %d guides", len(guides))
	}
	for i, path := range guides {
		number := fmt.Sprintf("%02d", i+1)
		name := strings.TrimSuffix(filepath.Base(path), ".md")
		found := title.FindStringSubmatch(readFile(t, path))
		if found == nil || found[1] != number || !strings.HasPrefix(name, number+"-") {
			t.Errorf("%s: the title is %q, want the number %s in both", path, found, number)
			continue
		}
		line := fmt.Sprintf("\n%d. [%s](", i+1, found[2])
		if !strings.Contains(overview, line) || !strings.Contains(overview, "docs/guides/"+name+")") {
			t.Errorf("the overview does not list %s as %q", name, line)
		}
	}
}

// messagesOfTerraform are headings of the guide that Terraform prints, and not the provider: see TestAccTroubleshootingOfTerraform.
var messagesOfTerraform = []string{"Invalid provider configuration", "contents of … are not valid UTF-8"}

// TestTroubleshootingQuotesMessages finds headings of the guide that nobody will see: each is in a text of the code, with … for
// what it fills in. Several messages share a heading with " / " between them.
func TestTroubleshootingQuotesMessages(t *testing.T) {
	t.Parallel()
	texts := slices.Clone(messagesOfTerraform)
	for _, room := range []string{"provider", "exclusion", "openprospect"} {
		texts = append(texts, textsOf(t, filepath.Join("..", room))...)
	}
	for status := 400; status < 600; status++ {
		texts = append(texts, fmt.Sprintf("%d %s", status, http.StatusText(status)))
	}
	var patterns []*regexp.Regexp
	for _, text := range texts {
		if strings.Contains(text, filledIn) {
			patterns = append(patterns, regexp.MustCompile("^"+strings.ReplaceAll(regexp.QuoteMeta(text), filledIn, ".+")+"$"))
		}
	}
	page := readFile(t, filepath.Join(repository, "docs", "guides", "10-troubleshooting.md"))
	quoted := regexp.MustCompile(`(?m)^### (.+)$`).FindAllStringSubmatch(page, -1)
	if len(quoted) < 40 {
		t.Errorf("only %d messages", len(quoted))
	}
	for _, heading := range quoted {
		for _, message := range strings.Split(heading[1], " / ") {
			// Part of a text, or all of it with something filled in.
			part := slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, message) })
			if !part && !slices.ContainsFunc(patterns, func(pattern *regexp.Regexp) bool { return pattern.MatchString(message) }) {
				t.Errorf("no code prints %q", message)
			}
		}
	}
}

// filledIn stands for what a text fills in.
const filledIn = "…"

// textsOf returns the texts of a package that say something: those that are joined by + as one, and as two.
func textsOf(t *testing.T, directory string) []string {
	t.Helper()
	var texts []string
	for _, path := range filesBelow(t, directory, ".go") {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if expression, ok := node.(ast.Expr); ok {
				if text := textOf(expression); len(strings.ReplaceAll(text, filledIn, "")) >= len("Missing ") {
					texts = append(texts, text)
				}
			}
			return true
		})
	}
	return texts
}

var verb = regexp.MustCompile(`%\[?\d*\]?[a-z]`)

// textOf returns a string, or strings that are joined; all else is filled in.
func textOf(expression ast.Expr) string {
	switch e := expression.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return verb.ReplaceAllLiteralString(text, filledIn)
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return textOf(e.X) + textOf(e.Y)
		}
	}
	return filledIn
}

// TestOrderLifecyclePicture looks for each status in the picture and in the table below it. The picture is drawn by hand.
func TestOrderLifecyclePicture(t *testing.T) {
	t.Parallel()
	picture := readFile(t, filepath.Join(repository, ".github", "order-lifecycle.svg"))
	if err := xml.Unmarshal([]byte(picture), new(struct{})); err != nil {
		t.Fatal(err)
	}
	page := readFile(t, filepath.Join(repository, "docs", "guides", "03-ordering.md"))
	for _, status := range []string{
		openprospect.StatusReceived, openprospect.StatusAccepted, openprospect.StatusInProgress, openprospect.StatusCompleted,
		openprospect.StatusCancelled, openprospect.StatusRejected, openprospect.StatusFailed,
	} {
		if !strings.Contains(picture, ">"+status+"</text>") || !strings.Contains(page, "\n| `"+status+"` | ") {
			t.Errorf("%s is not in the picture, or not in the table", status)
		}
	}
}

// TestGitLabPipeline reads the guide's pipeline: GitLab itself is not at hand.
func TestGitLabPipeline(t *testing.T) {
	t.Parallel()
	var pipeline struct {
		Stages []string  `yaml:"stages"`
		Plan   gitlabJob `yaml:"plan"`
		Policy gitlabJob `yaml:"policy"`
		Apply  gitlabJob `yaml:"apply"`
	}
	content := readFile(t, filepath.Join(examples, "guides", "gitlab", "gitlab-ci.yml"))
	if err := yaml.Unmarshal([]byte(content), &pipeline); err != nil {
		t.Fatal(err)
	}
	jobs := []gitlabJob{pipeline.Plan, pipeline.Policy, pipeline.Apply}
	for i, job := range jobs {
		if len(job.Script) == 0 || job.Stage != pipeline.Stages[i] || len(job.Rules) == 0 {
			t.Errorf("the job of stage %s is %+v", pipeline.Stages[i], job)
		}
	}
	if pipeline.Apply.Rules[0]["when"] != "manual" || pipeline.Apply.Environment == "" {
		t.Errorf("nobody approves the apply: %+v", pipeline.Apply)
	}
	saved := pipeline.Apply.Script[0][strings.LastIndex(pipeline.Apply.Script[0], " ")+1:]
	if !slices.Contains(pipeline.Plan.Artifacts.Paths, "prospecting/"+saved) || !strings.Contains(pipeline.Plan.Script[0], "-out="+saved) {
		t.Errorf("the plan does not hand over %q: %+v", saved, pipeline.Plan)
	}
}

type gitlabJob struct {
	Stage       string           `yaml:"stage"`
	Environment string           `yaml:"environment"`
	Rules       []map[string]any `yaml:"rules"`
	Script      []string         `yaml:"script"`
	Artifacts   struct {
		Paths []string `yaml:"paths"`
	} `yaml:"artifacts"`
}
