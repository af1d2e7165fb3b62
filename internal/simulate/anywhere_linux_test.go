package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	modulePath    = "github.com/openprospect/terraform-provider-openprospect"
	moduleVersion = "v0.0.1"
)

// asProgram makes the test binary the program itself.
const asProgram = "SIMULATE_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// interrupt runs a command until it has printed the settings, then sends what Ctrl-C sends: an interrupt to the whole process group. It
// returns what the command wrote to standard error.
func interrupt(t *testing.T, command *exec.Cmd) (stderr string, err error) {
	t.Helper()
	var errors bytes.Buffer
	command.Stderr = &errors
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	serves := false
	for !serves && lines.Scan() {
		serves = lines.Text() == "Requests:"
	}
	if !serves {
		t.Fatalf("%v, stderr:\n%s", command.Wait(), errors.String())
	}
	if err := syscall.Kill(-command.Process.Pid, syscall.SIGINT); err != nil {
		t.Error(err)
	}
	for lines.Scan() {
		t.Errorf("printed after Ctrl-C: %s", lines.Text())
	}
	err = command.Wait()
	return errors.String(), err
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), executable, "-address", "127.0.0.1:0")
	command.Env = append(os.Environ(), asProgram+"=1")
	if stderr, err := interrupt(t, command); err != nil || stderr != "" {
		t.Errorf("%v: %s", err, stderr)
	}
}

// TestRunsFromAnywhere runs the program as the guides say: by its version, in a directory that holds nothing. The module comes from a
// proxy in the file system, and no other module is downloaded.
func TestRunsFromAnywhere(t *testing.T) {
	t.Parallel()
	proxy, cache := t.TempDir(), t.TempDir()
	publish(t, proxy)
	command := exec.CommandContext(t.Context(), "go", "run", modulePath+"/internal/simulate@"+moduleVersion, "-address", "127.0.0.1:0")
	command.Dir = t.TempDir()
	// The module's requirements are in no proxy: they must not be needed.
	command.Env = append(os.Environ(), "GOMODCACHE="+cache, "GOPROXY=file://"+proxy, "GOSUMDB=off",
		"GOFLAGS="+os.Getenv("GOFLAGS")+" -modcacherw", "GOWORK=off", "GOTOOLCHAIN=local")
	stderr, err := interrupt(t, command)
	// go run itself ends with 1 after an interrupt, whatever the program returned.
	if err != nil && command.ProcessState.ExitCode() != 1 {
		t.Error(err)
	}
	for line := range strings.Lines(stderr) {
		if line != "go: downloading "+modulePath+" "+moduleVersion+"\n" {
			t.Errorf("on stderr: %s", line)
		}
	}
}

// publish puts the module into a directory that is laid out as a module proxy.
func publish(t *testing.T, proxy string) {
	t.Helper()
	const root = "../.."
	directory := filepath.Join(proxy, modulePath, "@v")
	if err := os.MkdirAll(directory, 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name string, content []byte) {
		if err := os.WriteFile(filepath.Join(directory, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	write("list", []byte(moduleVersion+"\n"))
	write(moduleVersion+".mod", mod)
	write(moduleVersion+".info", []byte(`{"Version":"`+moduleVersion+`","Time":"`+time.Now().UTC().Format(time.RFC3339)+`"}`))
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if path != root && strings.HasPrefix(entry.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" && !slices.Contains([]string{"go.mod", "go.sum"}, entry.Name()) {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		file, err := archive.Create(modulePath + "@" + moduleVersion + "/" + filepath.ToSlash(name))
		if err != nil {
			return err
		}
		_, err = file.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	write(moduleVersion+".zip", packed.Bytes())
}
