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
			fmt.Sprintf("The API rejected %s: %s.\n\n"+
				"%s\n\n"+
				"Correct it and apply again. If the configuration is right, report this message: %s",
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
		return "Apply again as soon as possible to add it. Until then, discovery may find this company."
	case errors.As(err, &exists):
		return adviceForExisting(exists)
	case errors.As(err, &claim):
		if claim.Whole {
			return "One resource manages this whole blacklist and would remove what the other one adds. Keep the company in one " +
				"of the two, or set mode = \"additive\" on openprospect_blacklist_entries."
		}
		return "Keep one of the two resources. To remove the other one and keep the entry, run `terraform state rm` on it first, " +
			"or use a removed block with destroy = false."
	case errors.As(err, &handOver):
		return adviceForHandOver(handOver)
	case errors.As(err, &duplicate):
		return "No order was placed. Compare the order in the dashboard: the API does not return the profile, the blacklists, " +
			"the contact roles and the profile_* arguments of an order.\n\n" +
			"If it is this one, an interrupted run placed it. Import it:\n\n" +
			importCommands("openprospect_discovery_order.<name>", orderIDs(duplicate.Twins)) + "\n\n" +
			"Do not import an order that another resource manages, or one that this change replaces. To place another order and " +
			"pay for it, set allow_duplicate = true, apply, and remove that line again."
	case errors.As(err, &orderOutcome):
		if len(orderOutcome.Candidates) == 0 {
			seen := "No matching order was found, but it may still appear."
			if orderOutcome.ListError != nil {
				seen = "The list of orders could not be read, so the order may have been placed."
			}
			return seen + " Check the list of orders in the dashboard before you apply again. If the order is there, import " +
				"it:\n\n" +
				importCommands("openprospect_discovery_order.<name>", []string{"<order id>"})
		}
		return "One of these orders may be yours. Compare them in the dashboard, and import the right one before you apply " +
			"again:\n\n" +
			importCommands("openprospect_discovery_order.<name>", orderIDs(orderOutcome.Candidates))
	case errors.As(err, &taken):
		return "A blacklist with this name probably exists. To manage it with Terraform, import it:\n\n" +
			importCommands("openprospect_blacklist.<name>", []string{"name=" + taken.Name}) + "\n\n" +
			"Otherwise, choose another name."
	case errors.As(err, &ambiguous):
		return adviceForAmbiguous(ambiguous)
	case errors.Is(err, context.Canceled):
		return "The run was interrupted. Run Terraform again. It continues from what is on the server."
	case apiError != nil && apiError.StatusCode >= http.StatusMultipleChoices && apiError.StatusCode < http.StatusBadRequest:
		return "Check base_url and any proxy in between. The API key was not sent to the other address."
	case openprospect.NotFromAPI(err) && apiError.StatusCode < http.StatusInternalServerError:
		return whoAnswered(apiError) + "Check base_url and any proxy in between. Nothing was removed from state."
	case openprospect.Unconnected(err):
		if strings.Contains(err.Error(), "certificate") {
			return "If a proxy replaces certificates, set the environment variable SSL_CERT_FILE to a file with its certificate " +
				"authority. Otherwise, check base_url."
		}
		return "Check the network, the proxy (HTTPS_PROXY) and base_url."
	case apiError == nil && openprospect.Unanswered(err), apiError != nil && apiError.StatusCode < http.StatusMultipleChoices:
		return whoAnswered(apiError) + "The provider got no usable answer. Nothing was removed from state. Run Terraform again. If the error " +
			"stays, check base_url and any proxy in between, and report it: " + issuesURL
	case apiError == nil:
		return ""
	}
	switch apiError.StatusCode {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return "The API rejected the request. Correct the configuration. If the configuration is right, report this message: " + issuesURL
	case http.StatusUnauthorized:
		return cmp.Or(apiError.Host, "The API") + " does not accept the API key: it is wrong, revoked or expired. " + createKey +
			" Set it in " + envAPIKey + " or in the provider argument api_key. Nothing was removed from state."
	case http.StatusForbidden:
		return adviceForForbidden(apiError)
	case http.StatusNotFound:
		if !openprospect.IsNotFound(err) {
			return whoAnswered(apiError) + "This 404 does not mean that the object is gone. Check the configuration, the API " +
				"key, base_url and any proxy in between. Nothing was removed from state."
		}
		return "The ID is wrong, the object was removed outside Terraform, or it belongs to an account that this API key cannot " +
			"see. Check the ID and the API key, then run Terraform again."
	case http.StatusConflict:
		return "The object does not allow this at the moment: it may be in use, or somebody else may have changed it. This " +
			"request changed nothing. Check the object in the dashboard, then apply again."
	case http.StatusTooManyRequests:
		if apiError.RetryAfter == 0 {
			return "The hourly request budget of the API key is used up, and the API does not say for how long. Try again in up " +
				"to an hour, or use a key of a higher tier."
		}
		return "The hourly request budget of the API key is used up. Wait for the time above, raise max_retry_wait so that the " +
			"provider waits for it, or use a key of a higher tier. If one plan needs more than an hour's budget, waiting does not help: " +
			"set drift_detection on large lists."
	}
	if apiError.StatusCode >= http.StatusInternalServerError || apiError.StatusCode == http.StatusRequestTimeout {
		return cmp.Or(apiError.Host, "The API") + " failed, or a gateway in front of it. Nothing was removed from state. Apply " +
			"again in a few minutes. If the error stays, check base_url and any proxy in between, and send this message to " +
			"OpenProspect's support."
	}
	return "The API rejected the request. Nothing was removed from state. Check your account in the OpenProspect dashboard, or " +
		"send this message to OpenProspect's support."
}

// whoAnswered names the server, where the error does not name it already.
func whoAnswered(apiError *openprospect.Error) string {
	if apiError == nil || apiError.Host == "" || strings.Contains(apiError.Message, apiError.Host) {
		return ""
	}
	return "The answer came from " + apiError.Host + ". "
}

// adviceForForbidden is for a 403. The error names the scope already.
func adviceForForbidden(apiError *openprospect.Error) string {
	lacks, set := "this scope", "has all scopes that this provider needs."
	switch apiError.Scope {
	case "":
		lacks = "a scope"
	case scopeSearchesRead:
		set = "does not include it."
	}
	return "The API key lacks " + lacks + ", or it cannot access this object. " +
		"The scope set \"Discovery partner\" in the dashboard " + set + " Nothing was removed from state."
}

// createKey says where keys come from.
const createKey = "Create a key in the OpenProspect dashboard under Settings > Developer > API Keys."

// reportBug ends messages that nobody should see.
const reportBug = "This is a bug in the provider. Please report it: " + issuesURL

// issuesURL is where users report what the provider cannot know.
const issuesURL = "https://github.com/openprospect/terraform-provider-openprospect/issues"

// addPrivateStateError is for what Terraform keeps beside a resource and nobody can see or mend.
func addPrivateStateError(diags *diag.Diagnostics, noun string, err error) {
	diags.AddError("Unable to read private state of "+noun,
		fmt.Sprintf("The private state that Terraform stores for the %s is not readable: %s. Run `terraform state rm` on the "+
			"resource and import it again. Neither changes anything at OpenProspect.", noun, err))
}

func adviceForAmbiguous(ambiguous *openprospect.AmbiguousBlacklistError) string {
	const address = "openprospect_blacklist.<name>"
	if len(ambiguous.Candidates) > 0 {
		return "If one of these is the new blacklist, import it:\n\n" +
			importCommands(address, blacklistIDs(ambiguous.Candidates))
	}
	advice := "It may still appear. Check the dashboard before you apply again, because an apply creates a second one."
	if ambiguous.ListError != nil {
		advice = "Check the list of blacklists in the dashboard before you apply again, because an apply creates a second one."
	}
	return advice + " If it is there, import it:\n\n" + importCommands(address, []string{"<blacklist id>"})
}

func adviceForExisting(exists *exclusion.ExistsError) string {
	if exists.Claimed {
		return "Keep one of the two resources, or give them fields that identify different companies."
	}
	return "To manage the existing entry, import it. The next apply then changes its fields:\n\n" +
		importCommands("openprospect_blacklist_entry.<name>", []string{exists.BlacklistID + "/" + exists.Entry.ID}) + "\n\n" +
		"Or remove the entry in the dashboard and apply again."
}

func adviceForHandOver(handOver *exclusion.HandOverError) string {
	if !handOver.Held {
		return "The old entry is in the way of the new one, and the company would be off the blacklist in between. If you " +
			"renamed the resource and changed its fields, add a moved block. Otherwise, use two applies: first move the company " +
			"with its present fields, then change the fields."
	}
	return "The company is to stay, but this apply would remove it from the blacklist. Nothing was changed. Find your case:\n\n" +
		"  - You have just added an import block: remove it. Creating the resource takes the entry over.\n" +
		"  - You remove a whole resource: add a removed block with lifecycle { destroy = false } for it.\n" +
		"  - You remove one instance of a resource: run `terraform state rm` on that instance.\n" +
		"  - You remove a key from openprospect_blacklist_entries: run `terraform state rm` on the other resource and apply. It " +
		"is created again and takes the entry over.\n" +
		"  - The plan removes a deposed object, left by an interrupted replacement: run `terraform state rm` on the resource and " +
		"apply."
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
