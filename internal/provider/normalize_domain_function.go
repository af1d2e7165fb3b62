package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
)

var _ function.Function = (*normalizeDomainFunction)(nil)

func newNormalizeDomainFunction() function.Function { return &normalizeDomainFunction{} }

type normalizeDomainFunction struct{}

func (f *normalizeDomainFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "normalize_domain"
}

func (f *normalizeDomainFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The domain by which OpenProspect matches a website",
		MarkdownDescription: "Returns the domain by which OpenProspect matches a company's website. Use it to recognize two " +
			"spellings of the same website. The result is in lower case and punycode, without scheme, user, port, path and " +
			"leading `www.`. Other subdomains stay.\n\n" +
			"| `url` | Result |\n" +
			"|---|---|\n" +
			"| `https://www.Acme-Corp.com/about?ref=1` | `acme-corp.com` |\n" +
			"| `ACME.com:443` | `acme.com` |\n" +
			"| `info@acme.com` | `acme.com` |\n" +
			"| `shop.acme.com` | `shop.acme.com` |\n" +
			"| `https://bücher.example` | `xn--bcher-kva.example` |\n" +
			"| `acme.co.uk` | `acme.co.uk` |\n" +
			"| `n/a`, `localhost`, `co.uk`, `192.168.0.1`, empty | error |\n\n" +
			"Input without a registrable domain (for example `localhost`) is an error, and so is null. To test a value, use " +
			"`can(provider::openprospect::normalize_domain(x))`.\n\n" +
			"The function sends no request and needs no API key. OpenTofu before 1.12 may still ask for the key.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "url",
				MarkdownDescription: "A URL, a host name or an e-mail address.",
			},
		},
		Return: function.StringReturn{},
	}
}

func (f *normalizeDomainFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var url string
	if resp.Error = req.Arguments.Get(ctx, &url); resp.Error != nil {
		return
	}
	domain, err := exclusion.Domain(url)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, domain)
}
