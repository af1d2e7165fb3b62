// Docs prints the provider's schema as `terraform providers schema -json` does,
// for tfplugindocs. Terraform itself leaves out what it is too old for (identity
// before 1.12, list resources before 1.14); the provider does not.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/openprospect/terraform-provider-openprospect/internal/provider"
)

type object = map[string]any

func main() {
	if err := printSchema(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func printSchema(ctx context.Context) error {
	server := providerserver.NewProtocol6(provider.New("docs")())()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return fmt.Errorf("reading the provider's schema: %w", err)
	}
	for _, diagnostic := range schemas.Diagnostics {
		return fmt.Errorf("reading the provider's schema: %s: %s", diagnostic.Summary, diagnostic.Detail)
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return fmt.Errorf("reading identity schemas: %w", err)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(object{
		"format_version": "1.0",
		// Not the provider's address: tfplugindocs looks for the bare name, or for HashiCorp's namespace.
		"provider_schemas": object{"openprospect": object{
			"provider":                   schemaObject(schemas.Provider),
			"resource_schemas":           each(schemas.ResourceSchemas, schemaObject),
			"data_source_schemas":        each(schemas.DataSourceSchemas, schemaObject),
			"ephemeral_resource_schemas": each(schemas.EphemeralResourceSchemas, schemaObject),
			"list_resource_schemas":      each(schemas.ListResourceSchemas, schemaObject),
			"functions":                  each(schemas.Functions, functionObject),
			"resource_identity_schemas":  each(identities.IdentitySchemas, identityObject),
		}},
	})
}

func each[T any](values map[string]T, convert func(T) object) object {
	converted := object{}
	for name, value := range values {
		converted[name] = convert(value)
	}
	return converted
}

func schemaObject(schema *tfprotov6.Schema) object {
	return object{"version": schema.Version, "block": blockObject(schema.Block)}
}

func blockObject(block *tfprotov6.SchemaBlock) object {
	attributes := object{}
	for _, attribute := range block.Attributes {
		attributes[attribute.Name] = attributeObject(attribute)
	}
	blocks := object{}
	for _, nested := range block.BlockTypes {
		blocks[nested.TypeName] = object{"nesting_mode": nesting(nested.Nesting.String()), "block": blockObject(nested.Block)}
	}
	return object{
		"attributes":       attributes,
		"block_types":      blocks,
		"description":      block.Description,
		"description_kind": kind(block.DescriptionKind),
		"deprecated":       block.Deprecated,
	}
}

func attributeObject(attribute *tfprotov6.SchemaAttribute) object {
	converted := object{
		"description":      attribute.Description,
		"description_kind": kind(attribute.DescriptionKind),
		"required":         attribute.Required,
		"optional":         attribute.Optional,
		"computed":         attribute.Computed,
		"sensitive":        attribute.Sensitive,
		"deprecated":       attribute.Deprecated,
		"write_only":       attribute.WriteOnly,
	}
	if attribute.NestedType == nil {
		converted["type"] = attribute.Type
		return converted
	}
	nested := object{}
	for _, child := range attribute.NestedType.Attributes {
		nested[child.Name] = attributeObject(child)
	}
	converted["nested_type"] = object{"nesting_mode": nesting(attribute.NestedType.Nesting.String()), "attributes": nested}
	return converted
}

func identityObject(schema *tfprotov6.ResourceIdentitySchema) object {
	attributes := object{}
	for _, attribute := range schema.IdentityAttributes {
		attributes[attribute.Name] = object{
			"type":                attribute.Type,
			"description":         attribute.Description,
			"required_for_import": attribute.RequiredForImport,
			"optional_for_import": attribute.OptionalForImport,
		}
	}
	return object{"version": schema.Version, "attributes": attributes}
}

func functionObject(function *tfprotov6.Function) object {
	parameters := []object{}
	for _, parameter := range function.Parameters {
		parameters = append(parameters, parameterObject(parameter))
	}
	converted := object{
		"description": function.Description,
		"summary":     function.Summary,
		"return_type": function.Return.Type,
		"parameters":  parameters,
	}
	if function.VariadicParameter != nil {
		converted["variadic_parameter"] = parameterObject(function.VariadicParameter)
	}
	return converted
}

func parameterObject(parameter *tfprotov6.FunctionParameter) object {
	return object{
		"name":        parameter.Name,
		"description": parameter.Description,
		"is_nullable": parameter.AllowNullValue,
		"type":        parameter.Type,
	}
}

func kind(k tfprotov6.StringKind) string {
	if k == tfprotov6.StringKindMarkdown {
		return "markdown"
	}
	return "plain"
}

// nesting returns the CLI's word for a nesting mode: "SINGLE" is "single".
func nesting(mode string) string {
	return map[string]string{"SINGLE": "single", "LIST": "list", "SET": "set", "MAP": "map", "GROUP": "group"}[mode]
}
