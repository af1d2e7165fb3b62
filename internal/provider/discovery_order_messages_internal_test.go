package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/openprospect/terraform-provider-openprospect/internal/openprospect"
)

// Terraform's test framework cannot see warnings, so what they say is tested here.
func TestOrderMessages(t *testing.T) {
	ended := func(status string) (order forgottenOrder) {
		order.state.ID, order.state.Status = types.StringValue("o1"), types.StringValue(status)
		return order
	}
	protected := replacedOrder{ID: "o1", Title: "DACH SaaS", Status: "ACCEPTED", DeletionPolicy: "PREVENT"}
	for name, test := range map[string]struct {
		got      message
		want     []string
		unwanted string
	}{
		"placing": {
			got:  placingMessage(types.StringValue(" DACH SaaS\n")),
			want: []string{`Paid discovery order: "DACH SaaS"`, "neither change nor cancel"},
		},
		"placing, title not known yet": {
			got:  placingMessage(types.StringUnknown()),
			want: []string{"Paid", "known after apply"},
		},
		"replacing": {
			got: replacingMessage(types.StringValue("DACH SaaS"), "o1", "IN_PROGRESS",
				[]orderArgument{{"title", types.StringValue("DACH SaaS")}, {"target_cities", setOf("Berlin")}}),
			want: []string{`Paid discovery order: "DACH SaaS"`, "paid for separately, because these arguments change: title, " +
				"target_cities", "forgets the old order o1 " +
				"(IN_PROGRESS)", "goes on", "cannot cancel", "undo the change before", "that would place a third order. Import the old order instead."},
			unwanted: "known after apply",
		},
		"replacing because of what is not known yet": {
			got: replacingMessage(types.StringValue("DACH SaaS"), "o1", "RECEIVED",
				[]orderArgument{{"ideal_customer_profile", types.StringUnknown()}}),
			want: []string{"ideal_customer_profile (known after apply: a new order is placed even if it turns out to be the same)"},
		},
		"replacing one that has ended": {
			got: replacingMessage(
				types.StringValue("DACH SaaS"), "o1", "COMPLETED", []orderArgument{{"title", types.StringValue("DACH SaaS")}},
			),
			want:     []string{"old order o1 (COMPLETED)", "remains at OpenProspect"},
			unwanted: "goes on",
		},
		"prevented": {
			got: preventedMessage(protected, nil),
			want: []string{
				`the discovery order "DACH SaaS" (o1, last known status: ACCEPTED)`, `deletion_policy = "PREVENT"`, `"ABANDON" alone first`,
				"Add a `moved` block", "from = openprospect_discovery_order.<old name>", "module.<module>", "terraform untaint",
				"terraform state rm", "import",
			},
			unwanted: "arguments change",
		},
		"prevented, status not known": {
			got:  preventedMessage(replacedOrder{ID: "o1", Title: "DACH SaaS", DeletionPolicy: "PREVENT"}, nil),
			want: []string{`"DACH SaaS" (o1, status unknown). This plan`},
		},
		"prevented by the configuration": {
			got: preventedMessage(
				replacedOrder{ID: "o1", DeletionPolicy: "ABANDON"}, []orderArgument{{"title", types.StringValue("DACH SaaS")}},
			),
			want:     []string{`keep deletion_policy = "ABANDON" in the configuration until the new order is placed`},
			unwanted: "alone first",
		},
		"prevented, imported": {
			got:      preventedMessage(replacedOrder{ID: "o1"}, []orderArgument{{"title", types.StringValue("DACH SaaS")}}),
			want:     []string{"Write them as they were ordered", `To place another paid order instead, set deletion_policy = "ABANDON"`},
			unwanted: "undo the change",
		},
		"prevented because of a change": {
			got: preventedMessage(
				protected, []orderArgument{{"title", types.StringValue("DACH SaaS")}, {"blacklist_ids", types.SetUnknown(types.StringType)}},
			),
			want: []string{
				"ACCEPTED). This plan would replace it, because these arguments change: title, blacklist_ids (known after apply",
				"undo the change", "ignore_changes", "terraform state mv",
			},
			unwanted: "moved {",
		},
		"invisible": {
			got:  invisibleMessage("o1", "ACCEPTED"),
			want: []string{"o1 (last status: ACCEPTED)", "API key", "stays in state", "terraform state rm"},
		},
		"irreplaceable": {
			got:      irreplaceableMessage("o1", nil),
			want:     []string{"o1. But", "Is this the right API key?", "terraform state rm", "terraform untaint"},
			unwanted: "arguments change",
		},
		"irreplaceable because of a change": {
			got:  irreplaceableMessage("o1", []orderArgument{{"title", types.StringValue("DACH SaaS")}}),
			want: []string{"o1, because these arguments change: title. But"},
		},
		"forgotten while it goes on": {
			got:      forgottenMessage("o1", "IN_PROGRESS"),
			want:     []string{"forgotten, not cancelled: o1", "o1 (IN_PROGRESS)", "goes on", "terraform import", "'o1'"},
			unwanted: "remains",
		},
		"forgotten after it ended": {
			got:      forgottenMessage("o1", "COMPLETED"),
			want:     []string{"forgotten: o1", "o1 (COMPLETED)", "remains at OpenProspect", "terraform import"},
			unwanted: "not cancelled",
		},
		"recovered": {
			got:  recoveredMessage("o1"),
			want: []string{"o1", "was lost", "is now in state", "not sent again"},
		},
		"renamed": {
			got:      renamedMessage(renamedOrder{forgotten: ended("COMPLETED"), placed: &placedOrder{}}),
			want:     []string{"o1, last known status: COMPLETED", "You would pay twice.", "from = openprospect_discovery_order.<old name>"},
			unwanted: "openprospect_search_profile",
		},
		"renamed after it was rejected, with its profile": {
			got: renamedMessage(renamedOrder{forgotten: ended("REJECTED"), placed: &placedOrder{}, withProfile: true}),
			want: []string{
				"The first one ended as REJECTED. You would pay for the second one.", "a `moved` block for each of them",
				"from = openprospect_search_profile.<old name>", "from = openprospect_discovery_order.<old name>",
			},
			unwanted: "pay twice",
		},
		"empty blacklist": {
			got:  emptyBlacklistMessage("b1"),
			want: []string{"b1", "No order was placed", "openprospect_blacklist_entries.<name>.blacklist_id", "allow_empty_blacklists = true"},
		},
		"status not known": {
			got:  forgottenMessage("o1", ""),
			want: []string{"o1 (status unknown)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := test.got.summary + "\n" + test.got.detail
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("want %q in:\n%s", want, text)
				}
			}
			if test.unwanted != "" && strings.Contains(text, test.unwanted) {
				t.Errorf("do not want %q in:\n%s", test.unwanted, text)
			}
		})
	}
}

func TestOrderWaitProblem(t *testing.T) {
	order := func(status, notes, message string) *openprospect.Order {
		return &openprospect.Order{ID: "o1", Status: status, AdminNotes: notes, Message: message}
	}
	for name, test := range map[string]struct {
		wait orderWait
		// want is empty for a wait that ended well.
		want []string
	}{
		"completed": {wait: orderWait{order: order("COMPLETED", "", "")}},
		"rejected, with the vendor's reason": {
			wait: orderWait{order: order("REJECTED", "ICP too vague", "Order received.")},
			want: []string{"ended as REJECTED", "o1", "ICP too vague", "does not order again by itself", "its keepers", "-replace="},
		},
		"failed, with the API's message": {
			wait: orderWait{order: order("FAILED", "", "Fulfilment failed")},
			want: []string{"ended as FAILED", "Fulfilment failed", "support"},
		},
		"cancelled, with notes that are not for a log": {
			wait: orderWait{order: order(
				"CANCELLED", "Asked Thomas,\nt.weber@cloudops-tech.de, +49 30 98765432\x1b[31m "+strings.Repeat("x", 500), "",
			)},
			want: []string{"OpenProspect notes: Asked Thomas, ***, *** [31m xxx", "x…\n"},
		},
		"failed, with a message that is not for a log": {
			wait: orderWait{order: order("FAILED", "", "Ask t.weber@cloudops-tech.de")},
			want: []string{"OpenProspect says: Ask ***"},
		},
		"cancelled without a reason": {
			wait: orderWait{order: order("CANCELLED", "", "")},
			want: []string{"ended as CANCELLED", "names no reason"},
		},
		"time is over": {
			wait: orderWait{order: order("RECEIVED", "", ""), err: fmt.Errorf("stopped: %w", context.DeadlineExceeded), timeout: time.Hour},
			want: []string{"not complete after 1h0m0s", "o1 (RECEIVED)", "resume text"},
		},
		"time is over before anything was read": {
			wait: orderWait{status: "ACCEPTED", err: fmt.Errorf("stopped: %w", context.DeadlineExceeded), timeout: time.Second},
			want: []string{"not complete after 1s", "o1 (ACCEPTED)", "resume text"},
		},
		"interrupted": {
			wait: orderWait{order: order("ACCEPTED", "", ""), err: fmt.Errorf("stopped: %w", context.Canceled), interrupted: true},
			want: []string{"Stopped waiting", "interrupted", "o1 (ACCEPTED)", "resume text"},
		},
		"key revoked while waiting": {
			wait: orderWait{order: order("ACCEPTED", "", ""), err: &openprospect.Error{Method: "GET", Path: "/orders/o1", StatusCode: 401}},
			want: []string{"Unable to wait", "o1 (ACCEPTED)", "revoked or expired", "resume text"},
		},
		"network": {
			wait: orderWait{err: errors.New("no route to host")},
			want: []string{"Unable to wait", "no route to host", "resume text"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.wait.id = "o1"
			problem, ok := test.wait.problem("resume text")
			if ok != (len(test.want) == 0) {
				t.Fatalf("ok = %t, problem %+v", ok, problem)
			}
			text := problem.summary + "\n" + problem.detail
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("want %q in:\n%s", want, text)
				}
			}
		})
	}
}

func TestResultsIncomplete(t *testing.T) {
	thousand := make([]companyModel, defaultMaxCompanies)
	for name, test := range map[string]struct {
		model orderResultsModel
		count int64
		ready bool
		want  string
	}{
		"all read":                {orderResultsModel{Total: types.Int64Value(2), Companies: thousand[:2]}, 2, true, ""},
		"none found":              {orderResultsModel{Total: types.Int64Value(0)}, 0, false, ""},
		"found but not shown yet": {orderResultsModel{Total: types.Int64Value(0)}, 47, false, "does not return them yet"},
		"none since":              {orderResultsModel{DeliveredSince: types.StringValue("2026-03-02")}, 47, false, ""},
		"more than the default": {
			orderResultsModel{Total: types.Int64Value(1001), Companies: thousand}, 1001, true, "1001 companies, but only the first 1000 were read",
		},
		"exactly the default": {orderResultsModel{Total: types.Int64Value(1000), Companies: thousand}, 1000, true, ""},
		"more than was chosen to read": {
			orderResultsModel{Total: types.Int64Value(1001), MaxCompanies: types.Int64Value(1000), Companies: thousand}, 1001, true, "",
		},
		"filtered": {orderResultsModel{Total: types.Int64Value(1001), Companies: thousand[:20]}, 1001, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			problem, incomplete := test.model.incomplete(&openprospect.Order{ID: "o1", Status: "COMPLETED", CompanyCount: test.count}, test.ready)
			if incomplete != (test.want != "") || !strings.Contains(problem.detail, test.want) {
				t.Errorf("got %t %q, want %q", incomplete, problem.detail, test.want)
			}
		})
	}
}
