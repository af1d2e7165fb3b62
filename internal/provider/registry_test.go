package provider_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestRegistry names everything that users can write: an addition or a removal
// is a decision, and stands in the changelog.
func TestRegistry(t *testing.T) {
	t.Parallel()

	schemas := providerSchema(t)
	changelog := readFile(t, filepath.Join(repository, "CHANGELOG.md"))
	for _, test := range []struct {
		kind string
		got  []string
		want []string
	}{
		{"Resource", slices.Sorted(maps.Keys(schemas.ResourceSchemas)), []string{
			"openprospect_blacklist",
			"openprospect_blacklist_entries",
			"openprospect_blacklist_entry",
			"openprospect_discovery_order",
			"openprospect_prospect_search_blacklists",
			"openprospect_search_profile",
		}},
		{"Data Source", slices.Sorted(maps.Keys(schemas.DataSourceSchemas)), []string{
			"openprospect_blacklist",
			"openprospect_blacklist_entries",
			"openprospect_blacklists",
			"openprospect_discovery_order",
			"openprospect_discovery_order_results",
			"openprospect_discovery_orders",
			"openprospect_prospect_searches",
		}},
		{"Ephemeral Resource", slices.Sorted(maps.Keys(schemas.EphemeralResourceSchemas)), []string{
			"openprospect_discovery_order_results",
		}},
		{"List Resource", slices.Sorted(maps.Keys(schemas.ListResourceSchemas)), []string{
			"openprospect_blacklist",
			"openprospect_blacklist_entry",
			"openprospect_discovery_order",
		}},
		{"Function", slices.Sorted(maps.Keys(schemas.Functions)), []string{
			"blacklist_entries",
			"normalize_domain",
		}},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.kind, diff)
		}
		for _, name := range test.got {
			if line := fmt.Sprintf("* **New %s:** `%s`\n", test.kind, name); !strings.Contains(changelog, line) {
				t.Errorf("CHANGELOG.md lacks the line %s", line)
			}
		}
	}
}

// TestEverythingIsDescribed walks all schemas: the registry's pages are made of the descriptions.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()

	schemas := providerSchema(t)
	checkDescribed(t, "provider", schemas.Provider)
	for name, schema := range schemas.ResourceSchemas {
		checkDescribed(t, "resource "+name, schema)
	}
	for name, schema := range schemas.DataSourceSchemas {
		checkDescribed(t, "data source "+name, schema)
	}
	for name, schema := range schemas.EphemeralResourceSchemas {
		checkDescribed(t, "ephemeral resource "+name, schema)
	}
	for name, schema := range schemas.ListResourceSchemas {
		checkDescribed(t, "list resource "+name, schema)
	}
	for name, function := range schemas.Functions {
		if function.Summary == "" || function.Description == "" {
			t.Errorf("function %s has no summary or no description", name)
		}
	}
}

func checkDescribed(t *testing.T, what string, schema *tfprotov6.Schema) {
	t.Helper()
	if schema.Block.Description == "" || schema.Block.DescriptionKind != tfprotov6.StringKindMarkdown {
		t.Errorf("%s has no Markdown description", what)
	}
	checkAttributesDescribed(t, what, schema.Block.Attributes)
	for _, block := range schema.Block.BlockTypes {
		t.Errorf("%s: %s is a block; this provider uses nested attributes", what, block.TypeName)
	}
}

func checkAttributesDescribed(t *testing.T, what string, attributes []*tfprotov6.SchemaAttribute) {
	t.Helper()
	for _, attribute := range attributes {
		name := what + ": " + attribute.Name
		if attribute.Description == "" || attribute.DescriptionKind != tfprotov6.StringKindMarkdown {
			t.Errorf("%s has no Markdown description", name)
		}
		if attribute.NestedType != nil {
			checkAttributesDescribed(t, name, attribute.NestedType.Attributes)
		}
	}
}

func TestEverythingImportableHasAnIdentity(t *testing.T) {
	t.Parallel()

	server := protocolServer(t)
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range importable(t) {
		identity, ok := identities.IdentitySchemas[name]
		if !ok {
			t.Errorf("resource %s has no identity", name)
			continue
		}
		for _, attribute := range identity.IdentityAttributes {
			if attribute.Description == "" {
				t.Errorf("resource %s: identity attribute %s has no description", name, attribute.Name)
			}
		}
	}
}
