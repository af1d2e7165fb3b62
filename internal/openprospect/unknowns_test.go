package openprospect_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestUnknownsAreDefinedAndProven holds UNKNOWNS.md to the code: every point that a comment cites is in it, and every
// point names tests that exist.
func TestUnknownsAreDefinedAndProven(t *testing.T) {
	document, err := os.ReadFile("UNKNOWNS.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, cited := scanSources(t)
	defined := make(map[string]bool)
	for _, section := range strings.Split(string(document), "\n### ")[1:] {
		point, _, _ := strings.Cut(section, ":")
		if defined[point] {
			t.Errorf("%s is defined twice", point)
		}
		defined[point] = true
		_, proof, _ := strings.Cut(section, "\nTests: ")
		named := regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(proof, -1)
		if len(named) == 0 {
			t.Errorf("%s names no test", point)
		}
		for _, test := range named {
			if !tests[test[1]] {
				t.Errorf("%s names %s, which does not exist", point, test[1])
			}
		}
	}
	for point, file := range cited {
		if !defined[point] {
			t.Errorf("%s cites %s, which UNKNOWNS.md does not define", file, point)
		}
	}
}

// scanSources finds the tests of all packages, and the points that comments cite with the file of one citation.
func scanSources(t *testing.T) (tests map[string]bool, cited map[string]string) {
	t.Helper()
	declaration, citation := regexp.MustCompile(`(?m)^func (Test\w+)\(`), regexp.MustCompile(`\bU[0-9]{1,2}\b`)
	tests, cited = make(map[string]bool), make(map[string]string)
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		source, err := os.ReadFile(path)
		for _, found := range declaration.FindAllStringSubmatch(string(source), -1) {
			tests[found[1]] = true
		}
		for _, point := range citation.FindAllString(string(source), -1) {
			cited[point] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests, cited
}
