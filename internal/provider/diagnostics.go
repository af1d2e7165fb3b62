package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/openprospect/terraform-provider-openprospect/internal/exclusion"
	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// addAPIError is the one place where an error of the API, or of the rooms
// below, becomes diagnostics: "Unable to create blacklist", what happened, and
// what to do next. Faults that the API finds with a field go to the attribute
// of that name, if it is among attributes.
func addAPIError(diags *diag.Diagnostics, verb, noun string, err error, attributes ...string) {
	summary := fmt.Sprintf("Unable to %s %s", verb, noun)

	var apiError *openprospect.Error
	atAttributes := errors.As(err, &apiError) && !openprospect.WantsSearchProfile(err)
	if atAttributes && addFieldErrors(diags, summary, err, apiError.FieldErrors, attributes) {
		return
	}

	detail := err.Error()
	if advice := adviceFor(err, apiError); advice != "" {
		detail += "\n\n" + advice
	}
	diags.AddError(summary, detail)
}

// addFieldErrors puts the faults that the API found at the attributes that they
// are about, and reports whether there was any.
func addFieldErrors(diags *diag.Diagnostics, summary string, err error, faults []openprospect.FieldError, attributes []string) bool {
	added := false
	for _, fault := range faults {
		name := attributeOf(fault.Field, attributes)
		if name == "" {
			continue
		}
		diags.AddAttributeError(path.Root(name), summary,
			fmt.Sprintf("The API refused %s: %s.\n\n%s\n\nCorrect it and apply again. If it is right as it stands, report this message: %s",
				name, strings.TrimSuffix(fault.Message, "."), err, issuesURL))
		added = true
	}
	return added
}

// attributeOf finds the attribute in the API's name of a field, such as
// "title", "target_countries.0" or "entries[0].website_url"; "" is none of them.
func attributeOf(field string, attributes []string) string {
	elements := strings.FieldsFunc(field, func(r rune) bool { return strings.ContainsRune(".[]/", r) })
	for _, element := range slices.Backward(elements) {
		if slices.Contains(attributes, element) {
			return element
		}
	}
	return ""
}

// adviceFor says what to do next; "" when the error says it already.
func adviceFor(err error, apiError *openprospect.Error) string {
	var duplicate *openprospect.DuplicateOrderError
	var orderOutcome *openprospect.OrderOutcomeError
	var ambiguous *openprospect.AmbiguousBlacklistError
	var taken *openprospect.BlacklistExistsError
	var exists *exclusion.ExistsError
	var claim *exclusion.ClaimError
	var handOver *exclusion.HandOverError
	var offList *exclusion.OffListError
	var failedProfile *openprospect.SearchProfileFailedError
	var profileKey *openprospect.SearchProfileKeyError
	var profileNotReady *openprospect.SearchProfileNotReadyError
	var noProfiles *openprospect.NoSearchProfilesError
	switch {
	case errors.As(err, &failedProfile):
		return adviceForFailedProfile(failedProfile)
	case errors.As(err, &profileKey):
		return adviceForProfileKey
	case errors.As(err, &profileNotReady):
		return adviceForProfileNotReady
	case errors.As(err, &noProfiles):
		return adviceForNoProfiles
	case openprospect.WantsSearchProfile(err):
		return adviceForWantedProfile
	case errors.As(err, &offList):
		return "Apply again as soon as possible: that adds it. Until then discovery may find this company."
	case errors.As(err, &exists):
		return adviceForExisting(exists)
	case errors.As(err, &claim):
		if claim.Whole {
			return "One resource manages this whole blacklist and would remove what the other one adds. " +
				"Keep the company in one of the two, or set mode = \"additive\" on openprospect_blacklist_entries."
		}
		return "Keep one of the two resources. To take one out of the configuration without destroying the entry, run `terraform state rm` " +
			"on it first, or use a removed block with destroy = false."
	case errors.As(err, &handOver):
		return adviceForHandOver(handOver)
	case errors.As(err, &duplicate):
		return "No order was placed. The API does not show an order's profile, blacklists, contact roles and profile_* arguments again, so " +
			"look at the order in the dashboard. " +
			"If it is this one, placed by a run that was cut short, import it:\n\n" +
			importCommands("openprospect_discovery_order.<name>", orderIDs(duplicate.Twins)) +
			"\n\nDo not import an order that another resource manages, or one that this change is to replace. " +
			"If you do want another, separately paid order, set allow_duplicate = true, apply, and take it out again."
	case errors.As(err, &orderOutcome):
		if len(orderOutcome.Candidates) == 0 {
			seen := "No order was found that could be this one, but it may still appear."
			if orderOutcome.ListError != nil {
				seen = "The list of orders could not be read, so the order may have been placed."
			}
			return seen + " Look at the list of orders in the dashboard before you apply again; if it is there, import it:\n\n" +
				importCommands("openprospect_discovery_order.<name>", []string{"<order id>"})
		}
		return "One of these orders may be this one. Compare them in the dashboard and import the right one before you apply again:\n\n" +
			importCommands("openprospect_discovery_order.<name>", orderIDs(orderOutcome.Candidates))
	case errors.As(err, &taken):
		return "There seems to be a blacklist of this name already. If Terraform is to manage it, import it:\n\n" +
			importCommands("openprospect_blacklist.<name>", []string{"name=" + taken.Name}) +
			"\n\nOtherwise choose another name."
	case errors.As(err, &ambiguous):
		return adviceForAmbiguous(ambiguous)
	case errors.Is(err, context.Canceled):
		return "The run was interrupted. Run Terraform again: it goes on from what is on the server."
	case apiError != nil && apiError.StatusCode >= http.StatusMultipleChoices && apiError.StatusCode < http.StatusBadRequest:
		return "Check base_url and any proxy in between; the key was not sent to the other address."
	case openprospect.NotFromAPI(err) && apiError.StatusCode < http.StatusInternalServerError:
		return "Check base_url and any proxy in between. Nothing was removed from state."
	case openprospect.Unconnected(err):
		if strings.Contains(err.Error(), "certificate") {
			return "If a proxy replaces certificates, name the file with its certificate authority in the environment variable SSL_CERT_FILE. " +
				"Otherwise check base_url."
		}
		return "Check the network, the proxy (HTTPS_PROXY) and base_url."
	case apiError == nil && openprospect.Unanswered(err), apiError != nil && apiError.StatusCode < http.StatusMultipleChoices:
		return "No answer came, or none that makes sense. Nothing was removed from state. Run Terraform again. " +
			"If it stays, check base_url and any proxy in between, and report it: " + issuesURL
	case apiError == nil:
		return ""
	}
	switch apiError.StatusCode {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return "The API refused what was sent. Correct the configuration. If it is right as it stands, report this message: " + issuesURL
	case http.StatusUnauthorized:
		return cmp.Or(apiError.Host, "The API") + " does not accept the API key: it is wrong, revoked or expired. " +
			"Keys are made in the OpenProspect dashboard under Settings > Developer > API Keys; set the new one in " + envAPIKey +
			" or in the provider argument api_key. Nothing was removed from state."
	case http.StatusForbidden:
		return "The API key lacks a scope, or has no access to this object. " +
			"The dashboard's scope set \"Discovery partner\" has all that this provider needs. Nothing was removed from state."
	case http.StatusNotFound:
		if !openprospect.IsNotFound(err) {
			return "This 404 does not mean that the object is gone. Check the configuration, the API key, base_url and any proxy in between. " +
				"Nothing was removed from state."
		}
		return "The id is wrong, the object was removed outside Terraform, or it belongs to an account that this API key cannot see. " +
			"Check the id and the API key, then run Terraform again."
	case http.StatusConflict:
		return "The API refuses this in the present state of the object: it may be in use, or somebody else may have changed it. " +
			"Look at it in the dashboard, then apply again. This request changed nothing."
	case http.StatusTooManyRequests:
		if apiError.RetryAfter == 0 {
			return "The API key's hourly request budget is used up, and the API does not say for how long: try again in up to an hour, or use " +
				"a key of a higher tier."
		}
		return "The API key's hourly request budget is used up. " +
			"Wait for the time given, raise max_retry_wait to let the provider wait for it, or use a key of a higher tier."
	}
	if apiError.StatusCode >= http.StatusInternalServerError || apiError.StatusCode == http.StatusRequestTimeout {
		return "The API, or a gateway in front of it, failed. Nothing was removed from state. Apply again in a few minutes. " +
			"If it stays, check base_url and any proxy in between, and ask OpenProspect's support, with this message."
	}
	return "The API refused this. Nothing was removed from state. " +
		"Look at the account in the OpenProspect dashboard, or ask OpenProspect's support, with this message."
}

// issuesURL is where users report what the provider cannot know.
const issuesURL = "https://github.com/openprospect/terraform-provider-openprospect/issues"

// addPrivateStateError is for what Terraform keeps beside a resource and nobody can see or mend.
func addPrivateStateError(diags *diag.Diagnostics, noun string, err error) {
	diags.AddError("Unreadable private state of "+noun,
		fmt.Sprintf("What Terraform keeps in state beside the %s cannot be read: %s. "+
			"Run `terraform state rm` on the resource and import it again; neither changes anything at OpenProspect.", noun, err))
}

func adviceForAmbiguous(ambiguous *openprospect.AmbiguousBlacklistError) string {
	const address = "openprospect_blacklist.<name>"
	if len(ambiguous.Candidates) > 0 {
		return "If one of these is the one that was to be made, import it:\n\n" + importCommands(address, blacklistIDs(ambiguous.Candidates))
	}
	advice := "It may still appear: look in the dashboard before you apply again, since an apply makes a second one."
	if ambiguous.ListError != nil {
		advice = "Whether it was created could not be looked up. " +
			"Look at the list of blacklists in the dashboard before you apply again: applying makes a second one."
	}
	return advice + " If it is there, import it:\n\n" + importCommands(address, []string{"<blacklist id>"})
}

func adviceForExisting(exists *exclusion.ExistsError) string {
	if exists.Claimed {
		return "Keep one of the two resources, or give them fields by which they are different companies."
	}
	return "The blacklist already has this company, with other fields. " +
		"Import the existing entry, and let the next apply change its fields:\n\n" +
		importCommands("openprospect_blacklist_entry.<name>", []string{exists.BlacklistID + "/" + exists.Entry.ID}) +
		"\n\nOr remove it from the blacklist in the dashboard and apply again."
}

func adviceForHandOver(handOver *exclusion.HandOverError) string {
	if !handOver.Held {
		return "The old entry is in the way of the new one, and the company would be off the blacklist in between. " +
			"Did you rename the resource and change its fields? Then add a moved block. " +
			"Otherwise do it in two applies: first move the company with its present fields, then change the fields."
	}
	return "Applied like this, the company would be off the blacklist although it is to stay. Nothing was changed. Do one of these:\n\n" +
		"  - If you have just added an import block, leave it out: creating the resource takes the entry over.\n" +
		"  - If a whole resource goes, add a removed block with lifecycle { destroy = false } for it.\n" +
		"  - If one instance of a resource goes, run `terraform state rm` on that instance.\n" +
		"  - If it is openprospect_blacklist_entries that gives up a key, run `terraform state rm` on the other resource and apply: " +
		"it is created again and takes the entry over.\n" +
		"  - If it is a deposed object, left by a replacement that was cut short, run `terraform state rm` on the resource and apply."
}

func orderIDs(orders []openprospect.Order) []string {
	ids := make([]string, 0, len(orders))
	for i := range orders {
		ids = append(ids, orders[i].ID)
	}
	return ids
}

// importCommands are ready to paste but for the resource's name.
func importCommands(address string, ids []string) string {
	lines := make([]string, 0, len(ids))
	for _, id := range ids {
		lines = append(lines, fmt.Sprintf("  terraform import '%s' '%s'", address, strings.ReplaceAll(id, "'", `'\''`)))
	}
	return strings.Join(lines, "\n")
}
