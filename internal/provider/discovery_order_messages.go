package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// message is the text of a diagnostic.
type message struct{ summary, detail string }

func addError(diags *diag.Diagnostics, m message)   { diags.AddError(m.summary, m.detail) }
func addWarning(diags *diag.Diagnostics, m message) { diags.AddWarning(m.summary, m.detail) }

// The warnings of a plan come up again in its apply, and with -auto-approve after it: they have to be true there as well. Terraform
// folds warnings of one summary into one, so the summary names the order.

// placingMessage warns of an order that is placed.
func placingMessage(title types.String) message {
	return message{
		"Paid discovery order: " + knownText(title),
		"This plan places an order that costs money. People review it. Once it is placed, the API can neither change nor cancel " +
			"it.",
	}
}

// replacingMessage warns of an order that is placed beside one that cannot be stopped.
func replacingMessage(title types.String, id, status string, changed []orderArgument) message {
	return message{
		"Paid discovery order: " + knownText(title),
		fmt.Sprintf("This plan places a new order, which is paid for separately%s.\n\n"+
			"Terraform forgets the old order %s (%s). %s\n\n"+
			"To keep the old order and place no other, undo the change before you apply. After the apply, do not undo the "+
			"change: that would place a third order. Import the old order instead.",
			because(changed), id, statusText(status), afterwards(status)),
	}
}

// missingDescriptionMessage asks for an argument that only a search profile replaces.
func missingDescriptionMessage(argument string) message {
	return message{
		"Missing " + argument,
		fmt.Sprintf("%s is required, unless the order uses a search profile. Then set both profile_id and briefing_quantity, and "+
			"leave it out.", argument),
	}
}

// because names the arguments whose change replaces an order; "" where there is none.
func because(changed []orderArgument) string {
	if len(changed) == 0 {
		return ""
	}
	names := make([]string, 0, len(changed))
	for _, argument := range changed {
		name := argument.name
		if !fullyKnown(argument.value) {
			name += " (known after apply: a new order is placed even if it turns out to be the same)"
		}
		names = append(names, name)
	}
	return ", because these arguments change: " + strings.Join(names, ", ")
}

// preventedMessage refuses to forget or replace an order. Changed is empty where it is forgotten, or replaced for another reason.
func preventedMessage(order replacedOrder, changed []orderArgument) message {
	does := "forget or replace it"
	cures := renamedAdvice + movedBlock(discoveryOrderType) + movedAddresses + "\n\n" +
		"With -replace? Leave it out.\n" +
		"Tainted? Run `terraform untaint`.\n" +
		"Deposed, after a replacement that was interrupted? Run `terraform state rm` on the resource, and import the order to " +
		"manage.\n" +
		"None of these changes anything at OpenProspect."
	if len(changed) > 0 {
		does = "replace it" + because(changed)
		cures = "To keep the order, undo the change. If blacklist_ids changes because a blacklist is replaced, add it to " +
			"lifecycle { ignore_changes = [...] }. If the indexes of `count` shifted, shift the state as well, with " +
			"`terraform state mv`."
	}
	anyway := fmt.Sprintf("To forget or replace it anyway, apply deletion_policy = %q alone first.", deletionPolicyAbandon)
	switch order.DeletionPolicy {
	case deletionPolicyPrevent:
	case "":
		cures = "The order was imported, and its arguments are not what the configuration says. Write them as they were ordered."
		anyway = fmt.Sprintf("To place another paid order instead, set deletion_policy = %q.", deletionPolicyAbandon)
	default:
		anyway = fmt.Sprintf("To replace it, keep deletion_policy = %q in the configuration until the new order is placed.",
			deletionPolicyAbandon)
	}
	return message{
		"Discovery order is protected",
		fmt.Sprintf("deletion_policy = %q protects the discovery order %s. This plan would %s.\n\n%s\n\n%s",
			deletionPolicyPrevent, heldOrderText(types.StringValue(order.Title), order.ID, order.Status), does, cures, anyway),
	}
}

const discoveryOrderType = "openprospect_discovery_order"

// renamedAdvice and movedAddresses stand before and after the moved blocks that keep an order.
const (
	renamedAdvice  = "Renamed or moved the resource? Add a `moved` block, which keeps the order:\n\n"
	movedAddresses = "In a module, an address begins with module.<module>. With for_each, it ends with [\"<key>\"]."
)

// movedBlock has placeholders, since Terraform tells a provider no addresses.
func movedBlock(resourceType string) string {
	return "moved {\n  from = " + resourceType + ".<old name>\n  to   = " + resourceType + ".<new name>\n}\n\n"
}

// heldOrderText names an order of state. Terraform may plan to destroy one without reading it first, so the status may be an old one.
func heldOrderText(title types.String, id, status string) string {
	last := statusText(status)
	if status != "" {
		last = "last known status: " + status
	}
	return fmt.Sprintf("%s (%s, %s)", knownText(title), id, last)
}

// renamedMessage refuses to place an order again that another resource forgets in the same plan.
func renamedMessage(order renamedOrder) message {
	const address = discoveryOrderType + ".<name>"
	held, replaces := order.forgotten.state, order.placed.replaces != ""
	var detail strings.Builder
	fmt.Fprintf(&detail, "This plan makes Terraform forget the discovery order %s and places another one with the same arguments "+
		"under another address. %s",
		heldOrderText(held.Title, held.ID.ValueString(), held.Status.ValueString()), costOfAnother(held.Status.ValueString()))
	if !replaces {
		advice := renamedAdvice
		if order.withProfile {
			advice = "Its search profile has another address as well. Renamed or moved both? Add a `moved` block for each of them, " +
				"which keeps the order:\n\n" + movedBlock("openprospect_search_profile")
		}
		detail.WriteString("\n\n" + advice + movedBlock(discoveryOrderType) + movedAddresses)
	}
	if replaces || order.forgotten.replaced {
		shift := func(from, to int) string {
			return fmt.Sprintf("\n  terraform state mv '%s[%d]' '%[1]s[%[3]d]'", address, from, to)
		}
		detail.WriteString("\n\nDid the indexes of `count` shift? Then shift the state as well. " +
			"If you removed the first of three elements:\n" +
			"\n  terraform state rm '" + address + "[0]'" + shift(1, 0) + shift(2, 1) + "\n\n" +
			"If you inserted one, begin with the last index, and leave out `state rm`. " +
			"If two resources swapped their names, move one of them to a third name first. " +
			"None of these commands changes anything at OpenProspect.")
	}
	if !fullyKnown(order.placed.plan.BlacklistIDs) {
		detail.WriteString("\n\nThe blacklist_ids are not known yet. If the blacklists were renamed or moved as well, do the same for them.")
	}
	detail.WriteString("\n\nTo place the same order a second time, set allow_duplicate = true. " +
		"Is this plan part of `terraform destroy`? Then run `terraform destroy -refresh=false`.")
	return message{"Discovery order would be placed twice", detail.String()}
}

// costOfAnother says what placing an order again costs, given the status of the first one.
func costOfAnother(status string) string {
	switch status {
	case openprospect.StatusCancelled, openprospect.StatusRejected, openprospect.StatusFailed:
		return "The first one ended as " + status + ". You would pay for the second one."
	}
	return "You would pay twice."
}

// leftOutMessage warns of an import whose configuration does not say all that the API shows of the order.
func leftOutMessage(id string, leftOut []string) message {
	return message{
		"Imported order has more arguments than the configuration: " + id,
		fmt.Sprintf("The API shows these arguments of the discovery order %s, and the configuration leaves them out: %s. The apply "+
			"drops them from state, and the order stays as it is. But if you add them after the apply, the plan places another paid "+
			"order. Add them now, unless they are only defaults of the API. The plan shows their values, but for webhook_url.",
			id, strings.Join(leftOut, ", ")),
	}
}

// invisibleMessage warns of an order that the API does not show.
func invisibleMessage(id, status string) message {
	return message{
		"Discovery order not found",
		fmt.Sprintf("The API says that the discovery order %s (last status: %s) does not exist. It says the same about orders of "+
			"other accounts. Check the API key and base_url.\n\n"+
			"The order stays in state, so that it is not placed a second time. If it is really gone, run `terraform state rm`.",
			id, statusText(status)),
	}
}

// irreplaceableMessage refuses to replace an order that the API does not show.
func irreplaceableMessage(id string, changed []orderArgument) message {
	return message{
		"Refusing to replace a discovery order that this API key cannot see",
		fmt.Sprintf("This plan would place a new paid order in place of the discovery order %s%s. But the API says that the old "+
			"order does not exist. It says the same about orders of other accounts.\n\n"+
			"Is this the right API key? If it is, and you want a new order, run `terraform state rm` on the old one and plan "+
			"again. If the order is tainted, `terraform untaint` keeps it.", id, because(changed)),
	}
}

// forgottenMessage warns of an order that Terraform no longer manages.
func forgottenMessage(id, status string) message {
	summary := "Discovery order forgotten, not cancelled: "
	if openprospect.TerminalStatus(status) {
		summary = "Discovery order forgotten: "
	}
	return message{
		summary + id,
		fmt.Sprintf("With this change, Terraform no longer manages the discovery order %s (%s). %s To manage it again, import "+
			"it:\n\n"+
			"%s",
			id, statusText(status), afterwards(status), importCommands("openprospect_discovery_order.<name>", []string{id})),
	}
}

// endedMessage tells of an order that has ended, and not as it should.
func endedMessage(order *openprospect.Order) message {
	support := ""
	if order.Status == openprospect.StatusFailed {
		support = " OpenProspect's support can say why: send them the ID of the order."
	}
	return message{
		fmt.Sprintf("Discovery order ended as %s: %s", order.Status, order.ID),
		fmt.Sprintf("The discovery order %s ended as %s. %s%s\n\n"+
			"Terraform does not order again by itself. To order again, change the arguments of the resource or its keepers. To "+
			"place exactly the same order, run `terraform apply -replace=<address of the resource>`. Either needs deletion_policy = %q.",
			order.ID, order.Status, reason(order), support, deletionPolicyAbandon),
	}
}

// afterwards says what becomes of an order that Terraform forgets.
func afterwards(status string) string {
	if openprospect.TerminalStatus(status) {
		return "It remains at OpenProspect, with its results if it has any."
	}
	return "It goes on at OpenProspect, and the API cannot cancel it."
}

// recoveredMessage tells of an order whose acceptance had to be looked up.
func recoveredMessage(id string) message {
	return message{
		"Discovery order found after its answer was lost",
		fmt.Sprintf("The answer to the order request was lost. Exactly one new order matches it, %s, and is now in state. The "+
			"request was not sent again.", id),
	}
}

// emptyBlacklistMessage refuses an order that excludes nobody.
func emptyBlacklistMessage(id string) message {
	return message{
		"Blacklist without entries",
		fmt.Sprintf("The blacklist %s has no entries, so the order would exclude nobody. No order was placed.\n\n"+
			"An order that refers to openprospect_blacklist.<name>.id may run before the entries are added. Refer to "+
			"openprospect_blacklist_entries.<name>.blacklist_id, or use depends_on. If the blacklist is meant to be empty, set "+
			"allow_empty_blacklists = true.", id),
	}
}

// orderWait is how waiting for an order went.
type orderWait struct {
	id string
	// status is the order's before the wait.
	status string
	// order is the last that was read; nil when none was.
	order   *openprospect.Order
	err     error
	timeout time.Duration
	// interrupted says that the run was to stop.
	interrupted bool
}

// problem says why the order is not complete; ok when it is. Resume says what
// to do about a wait that was cut short.
func (w orderWait) problem(resume string) (problem message, ok bool) {
	status := statusText(w.status)
	if w.order != nil {
		status = statusText(w.order.Status)
	}
	switch {
	case w.err == nil && w.order.Status == openprospect.StatusCompleted:
		return message{}, true
	case w.err == nil:
		return endedMessage(w.order), false
	case w.interrupted:
		return message{
			"Stopped waiting for a discovery order",
			fmt.Sprintf("The run was interrupted while waiting for the discovery order %s (%s). The order goes on. %s", w.id, status, resume),
		}, false
	case errors.Is(w.err, context.DeadlineExceeded):
		return message{
			fmt.Sprintf("Discovery order not complete after %s", w.timeout),
			fmt.Sprintf("The discovery order %s (%s) was not complete after %s. The order goes on. People review it, which can "+
				"take days. %s", w.id, status, w.timeout, resume),
		}, false
	}
	detail := fmt.Sprintf("Waiting for the discovery order %s (%s) failed: %s", w.id, status, w.err)
	var apiError *openprospect.Error
	errors.As(w.err, &apiError)
	if advice := adviceFor(w.err, apiError); advice != "" {
		detail += "\n\n" + advice
	}
	return message{"Unable to wait for a discovery order", detail + "\n\n" + resume}, false
}

// reason is what the vendor says of how an order ended.
func reason(order *openprospect.Order) string {
	switch {
	case order.AdminNotes != "":
		return "OpenProspect notes: " + openprospect.Shown(order.AdminNotes)
	case order.Message != "":
		return "OpenProspect says: " + openprospect.Shown(order.Message)
	}
	return "The API names no reason."
}

func knownText(text types.String) string {
	if text.IsUnknown() {
		return "(title known after apply)"
	}
	return fmt.Sprintf("%q", strings.TrimSpace(text.ValueString()))
}

func statusText(status string) string {
	if status == "" {
		return "status unknown"
	}
	return status
}
