package exclusion

import "strings"

// sharedPlatforms are domains on which many companies have a page. CRM exports hold such pages in the website column,
// and the API matches a website by its domain: an entry for linkedin.com/company/acme would name LinkedIn, not Acme.
// Platforms on which a company has a host of its own, such as acme.github.io or acme.myshopify.com, are not among them.
var sharedPlatforms = map[string]bool{
	"about.me":            true,
	"amazon.com":          true,
	"amazon.de":           true,
	"angel.co":            true,
	"crunchbase.com":      true,
	"ebay.com":            true,
	"ebay.de":             true,
	"etsy.com":            true,
	"facebook.com":        true,
	"fb.com":              true,
	"github.com":          true,
	"instagram.com":       true,
	"kununu.com":          true,
	"linkedin.com":        true,
	"linktr.ee":           true,
	"medium.com":          true,
	"northdata.com":       true,
	"northdata.de":        true,
	"pinterest.com":       true,
	"sites.google.com":    true,
	"t.me":                true,
	"tiktok.com":          true,
	"twitter.com":         true,
	"wellfound.com":       true,
	"wikipedia.org":       true,
	"x.com":               true,
	"xing.com":            true,
	"yelp.com":            true,
	"youtube.com":         true,
	"business.google.com": true,
}

// SharedPlatform returns the domain of the platform on which the company's website is only a page, as
// de.linkedin.com/company/acme is one of linkedin.com; "" if the website has a domain of its own.
func (c Company) SharedPlatform() string {
	if !c.identity().hasDomain {
		return ""
	}
	domain := c.identity().website
	for {
		if sharedPlatforms[domain] {
			return domain
		}
		_, parent, found := strings.Cut(domain, ".")
		if !found {
			return ""
		}
		domain = parent
	}
}

// platformAdvice is for two companies that are one to the API because their websites are pages on one platform; "" for others. Instead
// says what to do where a company has no website of its own.
func (c Company) platformAdvice(instead string) string {
	platform := c.SharedPlatform()
	if platform == "" || c.MatchMethod() != MatchWebsiteURL {
		return ""
	}
	return platform + " is a platform that many companies share. Use the websites of the companies, or leave them out and " + instead
}

// Weak reports whether a discovery order can match the company by its name alone, or not at all. The companies that it finds have
// no external id (guide), so one does not help.
func (c Company) Weak() bool {
	id := c.identity()
	return !id.hasDomain && (id.name == "" || id.city == "")
}
