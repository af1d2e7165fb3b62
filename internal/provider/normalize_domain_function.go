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
		Summary: "The domain by which a website is matched",
		MarkdownDescription: "Gives the domain by which OpenProspect matches a company's website, so that two spellings of one website " +
			"can be told from two websites: " +
			"in lower case and punycode, without scheme, user, port, path and leading `www.`. Other subdomains stay. " +
			"The domain of a domain is itself.\n\n" +
			"| `url` | result |\n" +
			"|---|---|\n" +
			"| `https://www.Acme-Corp.com/about?ref=1` | `acme-corp.com` |\n" +
			"| `ACME.com:443` | `acme.com` |\n" +
			"| `info@acme.com` | `acme.com` |\n" +
			"| `shop.acme.com` | `shop.acme.com` |\n" +
			"| `https://bücher.example` | `xn--bcher-kva.example` |\n" +
			"| `acme.co.uk` | `acme.co.uk` |\n" +
			"| `n/a`, `localhost`, `co.uk`, `192.168.0.1`, empty | error |\n\n" +
			"What names no domain that somebody can have registered is an error; `can(provider::openprospect::normalize_domain(x))` asks " +
			"without failing. " +
			"A null gives an error, an unknown value an unknown result. Needs no request and no API key; only OpenTofu before 1.12 may " +
			"want the key to be set all the same.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "url",
				MarkdownDescription: "A website as people write it: a URL, a host name, or an e-mail address.",
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
