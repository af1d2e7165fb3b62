package provider

import (
	"strings"
	"testing"
)

func TestSlips(t *testing.T) {
	t.Parallel()
	const fine = "(known)"
	for name, test := range map[string]struct {
		check func(string) (string, bool)
		// want is what was meant by each value, "" where nothing is close.
		want map[string]string
	}{
		"feature": {featureSlip, map[string]string{
			"CONTACTS": fine, "contacts": "CONTACTS", "COMPANY_DTA": "COMPANY_DATA", "company-data": "COMPANY_DATA", "TECHNOLOGIE": "TECHNOLOGIES",
			"LEGAL_DATA": "", "CON": "",
		}},
		"country": {countrySlip, map[string]string{
			"Germany": fine, "germany": fine, "DE": fine, "de": fine, "DEU": fine, "UK": fine, "USA": fine, "United States": fine,
			"United States of America": fine,
			"The Netherlands":          fine, "Bosnia and Herzegovina": fine, "Cote d'Ivoire": fine, "Turkey": fine, "Türkiye": fine,
			"Czech Republic": fine, "St. Lucia": fine,
			"Germnay": "Germany", "Autria": "Austria", "Swizerland": "Switzerland", "Polnd": "Poland", "Span": "Spain",
			"Untied Kingdom": "United Kingdom",
			"Deutschland":    "", "DACH": "", "Europe": "", "EU": "", "XX": "",
		}},
		"language": {languageSlip, map[string]string{
			"en": fine, "de-AT": fine, "de_DE": fine, "zh-Hans": fine, "deu": fine,
			"deutsch": "de", "German": "de", "english": "en", "français": "fr", "xx": "", "klingonish": "",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for value, want := range test.want {
				meant, known := test.check(value)
				if known {
					meant += fine
				}
				if meant != want {
					t.Errorf("%q: got %q, want %q", value, meant, want)
				}
			}
		})
	}
}

func TestSlipMessage(t *testing.T) {
	t.Parallel()
	for want, slips := range map[string][]slip{
		"Unknown features. Did you mean COMPANY_DATA, CONTACTS?\n" +
			`The provider does not know the features "COMPANY_DTA" (did you mean "COMPANY_DATA"?), "contacts" (did you mean "CONTACTS"?). ` +
			`Advice.`: {{"COMPANY_DTA", "COMPANY_DATA"}, {"contacts", "CONTACTS"}},
		"Unknown feature\n" + `The provider does not know the feature "LEGAL_DATA". Advice.`: {{"LEGAL_DATA", ""}},
	} {
		got := slipMessage("feature", slips, "Advice.")
		if text := got.summary + "\n" + got.detail; !strings.HasPrefix(text, want) {
			t.Errorf("got %s\nwant %s", text, want)
		}
	}
}
