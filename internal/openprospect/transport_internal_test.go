package openprospect

import (
	"net/http"
	"reflect"
	"testing"
)

// TestTLSIsGosDefault guards against settings that were once meant for a test.
func TestTLSIsGosDefault(t *testing.T) {
	client, err := New(Config{APIKey: "key-of-the-test"})
	if err != nil {
		t.Fatal(err)
	}
	transport, isTransport := client.transport.(*http.Transport)
	if !isTransport {
		t.Fatalf("the transport is a %T", client.transport)
	}
	if tls := transport.TLSClientConfig; tls != nil && (tls.InsecureSkipVerify || tls.MinVersion != 0 || tls.MaxVersion != 0 ||
		tls.RootCAs != nil || tls.ServerName != "" || tls.CipherSuites != nil || tls.VerifyConnection != nil || tls.KeyLogWriter != nil) {
		t.Errorf("TLS is configured: %+v", tls)
	}
	if transport.DialTLSContext != nil || reflect.ValueOf(transport.Proxy).Pointer() != reflect.ValueOf(http.ProxyFromEnvironment).Pointer() {
		t.Error("connections are made otherwise than Go does")
	}
}
