// Package provider is the Terraform side of the provider: schemas, models, plan
// logic and diagnostics. Package exclusion knows what an exclusion is, package
// openprospect how to call the API. Numbers in comments, such as (U19), are the
// points of internal/openprospect/UNKNOWNS.md.
package provider

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// Environment variables that stand in for provider arguments.
const (
	envAPIKey  = "OPENPROSPECT_API_KEY"
	envBaseURL = "OPENPROSPECT_BASE_URL"
)

var (
	_ provider.Provider                       = (*openprospectProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*openprospectProvider)(nil)
	_ provider.ProviderWithFunctions          = (*openprospectProvider)(nil)
	_ provider.ProviderWithListResources      = (*openprospectProvider)(nil)
	_ provider.ProviderWithValidateConfig     = (*openprospectProvider)(nil)
)

// New returns the provider's factory; version is the release's.
func New(version string) func() provider.Provider {
	return func() provider.Provider {
		return &openprospectProvider{version: version}
	}
}

type openprospectProvider struct {
	version string
}

type providerModel struct {
	APIKey                types.String `tfsdk:"api_key"`
	BaseURL               types.String `tfsdk:"base_url"`
	AllowHTTP             types.Bool   `tfsdk:"allow_http"`
	Headers               types.Map    `tfsdk:"headers"`
	RequestTimeout        types.String `tfsdk:"request_timeout"`
	MaxRetries            types.Int64  `tfsdk:"max_retries"`
	MaxRetryWait          types.String `tfsdk:"max_retry_wait"`
	MaxConcurrentRequests types.Int64  `tfsdk:"max_concurrent_requests"`
	PollInterval          types.String `tfsdk:"poll_interval"`
	SkipValidation        types.Bool   `tfsdk:"skip_credentials_validation"`
}

func (p *openprospectProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "openprospect"
	resp.Version = p.version
}

func (p *openprospectProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manage [OpenProspect](https://openprospect.io) blacklists and discovery orders with Terraform.",
		Attributes: map[string]schema.Attribute{
			"api_key": schema.StringAttribute{
				MarkdownDescription: "API key with the scopes `orders:read`, `orders:write`, `blacklists:read` and " +
					"`blacklists:write` (the scope set _Discovery partner_ in the dashboard). Defaults to the environment " +
					"variable `" + envAPIKey + "`, which is safer: a saved plan stores the values of Terraform variables in " +
					"plain text, unless they are ephemeral (Terraform 1.10, OpenTofu 1.11).",
				Optional:   true,
				Sensitive:  true,
				Validators: []validator.String{apiKeyValidator{}},
			},
			"base_url": schema.StringAttribute{
				MarkdownDescription: "URL of the API, with or without `/api/v1`. Must use `https`, or `http` on a loopback " +
					"address. Defaults to the environment variable `" + envBaseURL + "`, then to `" + openprospect.DefaultBaseURL +
					"`.",
				Optional: true,
			},
			"allow_http": schema.BoolAttribute{
				MarkdownDescription: "Whether `base_url` may use `http` on any host. The API key is then sent without " +
					"encryption, so use this only for a simulator. Defaults to `false`.",
				Optional: true,
			},
			"headers": schema.MapAttribute{
				MarkdownDescription: "HTTP headers to send with every request, for a gateway in front of the API. You cannot set " +
					"headers that the provider sets itself, such as `Authorization`. Logs and messages mask values of 8 " +
					"characters or more.",
				ElementType: types.StringType,
				Optional:    true,
				Sensitive:   true,
				Validators:  []validator.Map{headersValidator{}},
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "Timeout of one request. A Go duration such as `30s` or `2m`, at least `10ms`. Defaults to " +
					"`30s`.",
				Optional:   true,
				Validators: []validator.String{durationValidator{min: 10 * time.Millisecond}},
			},
			"max_retries": schema.Int64Attribute{
				MarkdownDescription: "How often to retry a failed request where that is safe, 0 to 20. Defaults to 4. A request " +
					"that places an order is only retried if the API says that it did not process it (429).",
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(0, 20)},
			},
			"max_retry_wait": schema.StringAttribute{
				MarkdownDescription: "Longest time to wait when the API limits the rate of requests (429). If the API asks for a " +
					"longer wait, the run fails and shows that time. A Go duration such as `30s` or `65m`, at least `1ms`. " +
					"Defaults to `2m`. The smallest tier of the API can ask for up to an hour.",
				Optional:   true,
				Validators: []validator.String{durationValidator{min: time.Millisecond}},
			},
			"max_concurrent_requests": schema.Int64Attribute{
				MarkdownDescription: "Maximum number of concurrent requests, 1 to 64. Defaults to 4.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(1, 64)},
			},
			"poll_interval": schema.StringAttribute{
				MarkdownDescription: "How often to read an order while waiting for it. Each read counts against the hourly limit " +
					"of the API. A Go duration such as `30s` or `2m`, at least `1ms`. Defaults to `60s`.",
				Optional:   true,
				Validators: []validator.String{durationValidator{min: time.Millisecond}},
			},
			"skip_credentials_validation": schema.BoolAttribute{
				MarkdownDescription: "Set to `true` to skip the check of the API key and its scopes in the first plan that " +
					"creates something. Without the check, a wrong key fails the apply and not the plan. The check takes at most " +
					"one request in the plan and one in the apply. Defaults to `false`.",
				Optional: true,
			},
		},
	}
}

// ValidateConfig checks what two arguments decide together. Configure checks it again, with the environment's values.
func (p *openprospectProvider) ValidateConfig(
	ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse,
) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if config.BaseURL.IsNull() || config.BaseURL.IsUnknown() || config.AllowHTTP.IsUnknown() {
		return
	}
	if _, err := openprospect.ParseBaseURL(config.BaseURL.ValueString(), config.AllowHTTP.ValueBool()); err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("base_url"), "Invalid OpenProspect base URL",
			fmt.Sprintf("base_url: %s.%s", err, adviceForHTTP(config.BaseURL.ValueString())))
	}
}

// Configure makes the client and calls no network: a plan of resources that
// need no request stays offline, and a broken network is reported by the
// operation that hits it.
func (p *openprospectProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}

	if unknown := config.unknown(); len(unknown) > 0 {
		if req.ClientCapabilities.DeferralAllowed {
			resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
		}
		setResponseData(&providerData{unknown: unknown}, resp)
		return
	}

	clientConfig := config.clientConfig()
	if strings.TrimSpace(clientConfig.APIKey) == "" {
		resp.Diagnostics.AddAttributeError(path.Root("api_key"), "Missing OpenProspect API key",
			"Set the environment variable "+envAPIKey+", or set the provider argument api_key from a secret store. "+createKey)
		return
	}
	base, err := openprospect.ParseBaseURL(clientConfig.BaseURL, clientConfig.AllowHTTP)
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("base_url"), "Invalid OpenProspect base URL",
			fmt.Sprintf("The URL comes from the argument base_url or the environment variable %s: %s.%s",
				envBaseURL, err, adviceForHTTP(clientConfig.BaseURL)))
		return
	}
	if base.Scheme == "http" && !openprospect.Loopback(base.Hostname()) {
		resp.Diagnostics.AddAttributeWarning(path.Root("allow_http"), "API key sent without encryption",
			fmt.Sprintf("allow_http lets the provider call %s over plain http, so others on the network can read the API key. "+
				"Use this only for a simulator.", base.Host))
	}
	clientConfig.UserAgent = userAgent(req.TerraformVersion, p.version)
	clientConfig.Logger = terraformLog

	client, err := openprospect.New(clientConfig)
	if err != nil {
		resp.Diagnostics.AddError("Unable to configure the OpenProspect provider", err.Error())
		return
	}
	data := newProviderData(client, config.pollInterval())
	data.preflight.skipKey = config.SkipValidation.ValueBool()
	setResponseData(data, resp)
}

// adviceForHTTP is for an address of which only the scheme is at fault.
func adviceForHTTP(address string) string {
	if _, err := openprospect.ParseBaseURL(address, true); err != nil {
		return ""
	}
	return " For a simulator on another host, set allow_http = true."
}

// setResponseData hands the data to every kind of thing that the provider offers.
func setResponseData(data *providerData, resp *provider.ConfigureResponse) {
	resp.ResourceData, resp.DataSourceData = data, data
	resp.EphemeralResourceData, resp.ListResourceData = data, data
}

func (p *openprospectProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		newBlacklistResource,
		newBlacklistEntryResource,
		newBlacklistEntriesResource,
		newDiscoveryOrderResource,
		newProspectSearchBlacklistsResource,
		newSearchProfileResource,
	}
}

func (p *openprospectProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newBlacklistDataSource,
		newBlacklistEntriesDataSource,
		newBlacklistsDataSource,
		newDiscoveryOrderDataSource,
		newDiscoveryOrdersDataSource,
		newDiscoveryOrderResultsDataSource,
		newProspectSearchesDataSource,
	}
}

func (p *openprospectProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		newDiscoveryOrderResultsEphemeralResource,
	}
}

func (p *openprospectProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		newBlacklistListResource,
		newBlacklistEntryListResource,
		newDiscoveryOrderListResource,
	}
}

func (p *openprospectProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		newBlacklistEntriesFunction,
		newNormalizeDomainFunction,
	}
}

// unknown names the arguments whose value is not known yet, in schema order.
func (m providerModel) unknown() []string {
	var names []string
	for _, argument := range []struct {
		name    string
		unknown bool
	}{
		{"api_key", m.APIKey.IsUnknown()},
		{"base_url", m.BaseURL.IsUnknown()},
		{"allow_http", m.AllowHTTP.IsUnknown()},
		{"headers", m.Headers.IsUnknown() || slices.ContainsFunc(slices.Collect(maps.Values(m.Headers.Elements())), attr.Value.IsUnknown)},
		{"request_timeout", m.RequestTimeout.IsUnknown()},
		{"max_retries", m.MaxRetries.IsUnknown()},
		{"max_retry_wait", m.MaxRetryWait.IsUnknown()},
		{"max_concurrent_requests", m.MaxConcurrentRequests.IsUnknown()},
		{"poll_interval", m.PollInterval.IsUnknown()},
		{"skip_credentials_validation", m.SkipValidation.IsUnknown()},
	} {
		if argument.unknown {
			names = append(names, argument.name)
		}
	}
	return names
}

// clientConfig merges arguments, environment and defaults, in that order.
func (m providerModel) clientConfig() openprospect.Config {
	config := openprospect.Config{
		APIKey:                stringOrEnv(m.APIKey, envAPIKey),
		BaseURL:               stringOrEnv(m.BaseURL, envBaseURL),
		AllowHTTP:             m.AllowHTTP.ValueBool(),
		Headers:               headerTexts(m.Headers),
		RequestTimeout:        durationOr(m.RequestTimeout, openprospect.DefaultRequestTimeout),
		MaxRetries:            openprospect.DefaultMaxRetries,
		MaxRetryWait:          durationOr(m.MaxRetryWait, openprospect.DefaultMaxRetryWait),
		MaxConcurrentRequests: openprospect.DefaultMaxConcurrentRequests,
	}
	if config.BaseURL == "" {
		config.BaseURL = openprospect.DefaultBaseURL
	}
	if !m.MaxRetries.IsNull() {
		config.MaxRetries = int(m.MaxRetries.ValueInt64())
	}
	if !m.MaxConcurrentRequests.IsNull() {
		config.MaxConcurrentRequests = int(m.MaxConcurrentRequests.ValueInt64())
	}
	return config
}

func (m providerModel) pollInterval() time.Duration {
	return durationOr(m.PollInterval, openprospect.DefaultPollInterval)
}

// userAgent is the form that the Registry's providers use; TF_APPEND_USER_AGENT
// is Terraform's own way to add to it.
func userAgent(terraformVersion, providerVersion string) string {
	agent := fmt.Sprintf("Terraform/%s (+https://www.terraform.io) terraform-provider-openprospect/%s", terraformVersion, providerVersion)
	if extra := os.Getenv("TF_APPEND_USER_AGENT"); extra != "" {
		agent += " " + extra
	}
	return agent
}
