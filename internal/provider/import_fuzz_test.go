package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/openprospect/terraform-provider-openprospect/internal/simulator"
)

// FuzzImport imports each resource by any id: an error or one resource, by readings of nothing but blacklists.
func FuzzImport(f *testing.F) {
	sim, err := simulator.Start(simulator.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(sim.Close)
	blacklist := sim.AddBlacklist("Customers", "", acme)
	for _, id := range []string{
		"", "b1", "name=", "name=Customers", "name=\x00", "../orders", "%2e%2e", "a/b", "?limit=1", "b1/e1", "/", " ", "\xff", "ä",
		blacklist, strings.ToUpper(blacklist), strings.ToUpper(blacklist) + "/e1", blacklist + "/website_url=acme-corp.com",
		blacklist + "/company_name=nobody", blacklist + "/external_id=", "../x/website_url=acme.com", "./website_url=acme.com",
	} {
		f.Add(id)
	}
	var server tfprotov6.ProviderServer
	f.Fuzz(func(t *testing.T, id string) {
		if server == nil {
			server = protocolServer(t)
			expectNoErrors(t, configureProvider(t, server, map[string]tftypes.Value{
				"api_key": text(sim.APIKey()), "base_url": text(sim.URL()), "max_retries": number(0),
			}))
		}
		for _, name := range []string{"openprospect_blacklist", "openprospect_blacklist_entry", "openprospect_blacklist_entries", orderType} {
			sim.ResetJournal()
			resp, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: name, ID: id})
			if err != nil {
				t.Fatal(err)
			}
			if refused := len(resp.Diagnostics) > 0; refused == (len(resp.ImportedResources) == 1) {
				t.Errorf("%s %q: %d resources and %d diagnostics", name, id, len(resp.ImportedResources), len(resp.Diagnostics))
			}
			for _, request := range sim.Journal() {
				if request.Method != http.MethodGet || request.Path != "/blacklists" && !strings.HasPrefix(request.Path, "/blacklists/") {
					t.Errorf("%s %q: %s %s was sent", name, id, request.Method, request.Path)
				}
			}
			if unexpected := sim.Unexpected(); len(unexpected) > 0 {
				t.Fatalf("%s %q: %q", name, id, unexpected)
			}
		}
	})
}
