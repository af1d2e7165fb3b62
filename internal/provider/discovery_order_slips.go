package provider

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"
)

// otherCountryNames are in common use, but not how Unicode names these countries.
var otherCountryNames = []string{
	"Burma", "Cabo Verde", "Congo", "Czech Republic", "Democratic Republic of the Congo", "East Timor", "England", "Eswatini", "Great Britain",
	"Holland", "Hong Kong", "Ivory Coast", "Korea", "Macao", "Macau", "Myanmar", "North Macedonia", "Northern Ireland", "Palestine",
	"Republic of Ireland", "Republic of the Congo", "Scotland", "Türkiye", "United States of America", "Vatican", "Wales",
}

// slip is a value that is probably not what was meant.
type slip struct {
	value string
	// meant is what it may be meant to be; "" if nothing is close.
	meant string
}

// warnOfSlips warns of what the API may refuse, or of what a search may find nothing for, before it is paid for.
func warnOfSlips(diags *diag.Diagnostics, plan discoveryOrderResourceModel) {
	warn := func(attribute, noun string, slips []slip, advice string) {
		if len(slips) > 0 {
			slipped := slipMessage(noun, slips, advice)
			diags.AddAttributeWarning(path.Root(attribute), slipped.summary, slipped.detail)
		}
	}
	warn("features", "feature", slipsOf(trimmedElements(plan.Features), featureSlip),
		"Known features are "+strings.Join(knownFeatures, ", ")+".")
	warn("target_countries", "country", slipsOf(trimmedElements(plan.TargetCountries), countrySlip),
		"Use English names such as Germany, or ISO 3166 codes such as DE.")
	if language := trimmed(plan.OutputLanguage); language != "" {
		warn("output_language", "language", slipsOf([]string{language}, languageSlip), "Use a BCP 47 tag such as en or de.")
	}
}

func slipsOf(values []string, check func(string) (meant string, known bool)) []slip {
	var slips []slip
	for _, value := range values {
		if meant, known := check(value); !known {
			slips = append(slips, slip{value, meant})
		}
	}
	return slips
}

// featureSlip reports whether the guide names the feature, and else the one that it names in another case or with another letter.
func featureSlip(feature string) (meant string, known bool) {
	if slices.Contains(knownFeatures, feature) {
		return "", true
	}
	return closest(strings.ToUpper(feature), knownFeatures, 1), false
}

// countrySlip reports whether it is an ISO 3166 code or the English name of a country, and else the name that is closest to it.
func countrySlip(country string) (meant string, known bool) {
	if region, err := language.ParseRegion(country); err == nil && region.IsCountry() {
		return "", true
	}
	wanted := foldName(country)
	names := make(map[string]string)
	for _, name := range countryNames() {
		names[foldName(name)] = name
	}
	if _, known := names[wanted]; known {
		return "", true
	}
	folded := make([]string, 0, len(names))
	for name := range names {
		folded = append(folded, name)
	}
	slices.Sort(folded)
	return names[closest(wanted, folded, 2)], false
}

// countryNames returns the English names of all countries that have an ISO 3166 code.
func countryNames() []string {
	names := slices.Clone(otherCountryNames)
	for first := 'A'; first <= 'Z'; first++ {
		for second := 'A'; second <= 'Z'; second++ {
			region, err := language.ParseRegion(string([]rune{first, second}))
			if name := display.English.Regions().Name(region); err == nil && region.IsCountry() && name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}

// languageSlip reports whether it is a BCP 47 tag, and else the tag of the language that it names in English or in that language.
func languageSlip(name string) (meant string, known bool) {
	if _, err := language.Parse(name); err == nil {
		return "", true
	}
	for _, tag := range display.Supported.Tags() {
		if strings.EqualFold(name, display.English.Tags().Name(tag)) || strings.EqualFold(name, display.Self.Name(tag)) {
			return tag.String(), false
		}
	}
	return "", false
}

// foldName drops what spellings of one name differ in: case, accents, punctuation and a leading "the".
func foldName(name string) string {
	var folded strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(strings.ReplaceAll(name, "&", " and "))) {
		switch {
		case unicode.IsLetter(r):
			folded.WriteRune(r)
		case unicode.IsSpace(r), r == '-':
			folded.WriteRune(' ')
		}
	}
	return strings.TrimPrefix(strings.Join(strings.Fields(folded.String()), " "), "the ")
}

// closest returns the candidate that the fewest changes of a letter lead to, at most limit of them; "" if there is none. Short words
// are close to many others, so only one letter in three may change.
func closest(word string, candidates []string, limit int) string {
	best, fewest := "", min(limit, len(word)/3)+1
	for _, candidate := range candidates {
		if changes := editDistance(word, candidate); changes < fewest {
			best, fewest = candidate, changes
		}
	}
	return best
}

// editDistance counts the letters that are to be added, removed or replaced to turn one word into the other.
func editDistance(a, b string) int {
	wordA, wordB := []rune(a), []rune(b)
	row := make([]int, len(wordB)+1)
	for j := range row {
		row[j] = j
	}
	for i, letter := range wordA {
		diagonal := row[0]
		row[0] = i + 1
		for j, other := range wordB {
			replaced := diagonal
			if letter != other {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(wordB)]
}

// slipMessage warns of values of an argument.
func slipMessage(noun string, slips []slip, advice string) message {
	values, meant := make([]string, 0, len(slips)), []string(nil)
	for _, slip := range slips {
		value := fmt.Sprintf("%q", slip.value)
		if slip.meant != "" {
			value += fmt.Sprintf(" (did you mean %q?)", slip.meant)
			meant = append(meant, slip.meant)
		}
		values = append(values, value)
	}
	if len(slips) > 1 {
		noun = map[string]string{"feature": "features", "country": "countries"}[noun]
	}
	summary := "Unknown " + noun
	if len(meant) > 0 {
		summary += ". Did you mean " + strings.Join(meant, ", ") + "?"
	}
	return message{
		summary,
		fmt.Sprintf("The provider does not know the %s %s. %s It sends the value unchanged.", noun, strings.Join(values, ", "), advice),
	}
}
