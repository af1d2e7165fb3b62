package exclusion_test

import "testing"

func TestSharedPlatform(t *testing.T) {
	t.Parallel()
	for website, want := range map[string]string{
		"https://www.linkedin.com/company/acme": "linkedin.com",
		"de.linkedin.com/company/acme":          "linkedin.com",
		"M.Facebook.com/acme":                   "facebook.com",
		"sites.google.com/view/acme":            "sites.google.com",
		"google.com":                            "",
		"acme-linkedin.com":                     "",
		"linkedin.com.acme.de":                  "",
		"acme.github.io":                        "",
		"acme.de":                               "",
		"n/a":                                   "",
		"":                                      "",
	} {
		if got := of(fields{WebsiteURL: website, CompanyName: "Acme"}).SharedPlatform(); got != want {
			t.Errorf("%q is on the platform %q, want %q", website, got, want)
		}
	}
}

func TestWeak(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fields fields
		want   bool
	}{
		{fields{CompanyName: "Acme"}, true},
		{fields{CompanyName: "Acme", Country: "Germany"}, true},
		{fields{CompanyName: "Acme", WebsiteURL: "n/a"}, true},
		{fields{CompanyName: "Acme", ExternalID: "1"}, true},
		{fields{ExternalID: "1"}, true},
		{fields{ExternalID: "1", City: "Berlin"}, true},
		{fields{CompanyName: "Acme", City: "Berlin"}, false},
		{fields{WebsiteURL: "acme.com"}, false},
		{fields{WebsiteURL: "acme.com", ExternalID: "1"}, false},
		{fields{CompanyName: "Acme", City: "Berlin", ExternalID: "1", WebsiteURL: "n/a"}, false},
	} {
		if got := of(test.fields).Weak(); got != test.want {
			t.Errorf("%+v is weak: %v", test.fields, got)
		}
	}
}
