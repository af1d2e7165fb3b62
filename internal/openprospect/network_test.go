package openprospect_test

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// networkChild is the base URL that a child process of this test calls.
const networkChild = "OPENPROSPECT_TEST_NETWORK_CHILD"

// TestNetworkOfTheEnvironment calls a TLS server with a certificate of its own, directly and through a proxy. Go reads
// SSL_CERT_FILE, HTTPS_PROXY and NO_PROXY once a process, so each case is a process.
func TestNetworkOfTheEnvironment(t *testing.T) {
	if baseURL := os.Getenv(networkChild); baseURL != "" {
		client := newClient(t, openprospect.Config{APIKey: simulator.DefaultAPIKey, BaseURL: baseURL})
		lists, err := client.ListBlacklists(t.Context())
		fmt.Printf("%d blacklists, error %v\n", len(lists), err)
		return
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the system's own store of certificates is used there")
	}
	api, err := simulator.Start(simulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	api.AddBlacklist("Customers", "")
	secure := httptest.NewTLSServer(api)
	defer secure.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	var tunnels atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tunnels.Add(1)
		tunnel(t, w, r, secure.Listener.Addr().String())
	}))
	defer proxy.Close()

	// Go's test certificate is for example.com and 127.0.0.1, and no proxy is ever used for 127.0.0.1.
	for _, test := range []struct {
		name    string
		baseURL string
		environ []string
		want    string
		tunnels int32
	}{
		{"a certificate that nobody knows", secure.URL, nil, "certificate", 0},
		{"SSL_CERT_FILE", secure.URL, []string{"SSL_CERT_FILE=" + ca}, "1 blacklists, error <nil>", 0},
		{"HTTPS_PROXY", "https://example.com", []string{"SSL_CERT_FILE=" + ca, "HTTPS_PROXY=" + proxy.URL}, "1 blacklists, error <nil>", 1},
		{"NO_PROXY", "https://api.invalid", []string{"HTTPS_PROXY=" + proxy.URL, "NO_PROXY=.invalid"}, "api.invalid", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			tunnels.Store(0)
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNetworkOfTheEnvironment$", "-test.count=1")
			child.Env = append([]string{networkChild + "=" + test.baseURL}, test.environ...)
			output, err := child.CombinedOutput()
			if err != nil || !strings.Contains(string(output), test.want) || tunnels.Load() != test.tunnels {
				t.Errorf("%v, %d tunnels, want %q by %d:\n%s", err, tunnels.Load(), test.want, test.tunnels, output)
			}
		})
	}
}

// tunnel is a proxy's CONNECT: to one server, whatever the client asks for.
func tunnel(t *testing.T, w http.ResponseWriter, r *http.Request, server string) {
	t.Helper()
	if r.Method != http.MethodConnect {
		t.Errorf("the proxy got %s %s", r.Method, r.URL)
		return
	}
	far, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", server)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = far.Close() }()
	w.WriteHeader(http.StatusOK)
	near, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = near.Close() }()
	early := make([]byte, buffered.Reader.Buffered())
	_, _ = io.ReadFull(buffered, early)
	go func() { _, _ = io.Copy(far, io.MultiReader(bytes.NewReader(early), near)) }()
	_, _ = io.Copy(near, far)
}
