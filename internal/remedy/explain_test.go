package remedy_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/money"
)

// Every message says which limit, how much is left, who may decide, and what to do.
func TestMessages(t *testing.T) {
	refused := func(limit ledger.Limit, whose string, most, left v1alpha1.Money) ledger.Refusal {
		return ledger.Refusal{Limit: limit, Whose: whose, Max: cny(most), Left: cny(left)}
	}
	tenPending, err := money.Of("CNY", 10)
	if err != nil {
		t.Fatal(err)
	}
	waits := func(level v1alpha1.Name, refusals ...ledger.Refusal) ledger.Outcome {
		return ledger.Outcome{Phase: v1alpha1.CompensationAwaitingApproval, State: reserved, Amount: cny("40.00"), Level: level, Refusals: refusals}
	}
	denies := func(level v1alpha1.Name, refusals ...ledger.Refusal) ledger.Outcome {
		return ledger.Outcome{Phase: v1alpha1.CompensationDenied, State: v1alpha1.ChargeNone, Level: level, Refusals: refusals}
	}
	cases := map[string]struct {
		changes []change
		outcome ledger.Outcome
		status  metav1.ConditionStatus
		reason  string
		message string
	}{
		"granted within an allowance": {nil, granted("40.00", "frontline"), metav1.ConditionTrue, v1alpha1.WithinAllowanceReason,
			"40.00 CNY is within every limit of allowance frontline; give it to the customer, and record it as spec.delivery"},
		"approved": {list(awaiting("40.00"), approving("duty-manager", "25.00", 0)), granted("25.00", ""), metav1.ConditionTrue, v1alpha1.ApprovedReason,
			"25.00 CNY was approved by tom as duty-manager, of 40.00 CNY that was asked; give it to the customer, and record it as spec.delivery"},
		"owed": {list(offering(offered("sla-credit", "300.00"))), ledger.Outcome{Phase: v1alpha1.CompensationGranted, State: owedState, Amount: cny("300.00"), Overdrawn: true}, metav1.ConditionTrue, v1alpha1.OwedReason,
			"300.00 CNY is owed by contract or law: it is due whatever is left in the pool, and needs no allowance and no approval; with it more is owed and spent than the pool of budget front-desk holds; give it to the customer, and record it as spec.delivery"},
		"offered": {list(twoOffers), ledger.Outcome{Phase: v1alpha1.CompensationOffered, State: reserved, Amount: cny("200.00"), Allowance: "frontline"}, metav1.ConditionTrue, v1alpha1.CustomerChoosesReason,
			"200.00 CNY is set aside for the dearest of 2 offers; record what the customer chooses as spec.choice, and the difference is freed"},
		"waits without an allowance": {list(withoutAllowance), waits("duty-manager"), metav1.ConditionFalse, v1alpha1.AwaitingApprovalReason,
			"40.00 CNY is set aside while a person decides, because it names no allowance; duty-manager or general-manager may decide until 2026-10-02T08:35:00Z, and it is escalated then"},
		"waits above two limits": {list(denyingOnTimeout), waits("general-manager", refused(ledger.LimitIncident, "", "500.00", "10.00"), refused(ledger.LimitDay, "alice", "2000.00", "1.00")), metav1.ConditionFalse, v1alpha1.AwaitingApprovalReason,
			"40.00 CNY is set aside while a person decides, because allowance frontline gives at most 500.00 CNY for one incident, of which 10.00 CNY is left, and alice may give at most 2000.00 CNY a day from allowance frontline, of which 1.00 CNY is left; general-manager may decide until 2026-10-02T08:35:00Z, and it is denied then"},
		"waits above the catalogue and the bounds": {nil, waits("duty-manager", refused(ledger.LimitCatalogue, "refund", "200.00", "200.00"), refused(ledger.LimitBounds, "", "450.00", "0.00")), metav1.ConditionFalse, v1alpha1.AwaitingApprovalReason,
			"40.00 CNY is set aside while a person decides, because the catalogue gives at most 200.00 CNY of refund, and at severity High an allowance gives at most 450.00 CNY for one incident, of which 0.00 CNY is left; duty-manager or general-manager may decide until 2026-10-02T08:35:00Z, and it is escalated then"},
		"waits above the customer's limit": {nil, waits("duty-manager", refused(ledger.LimitCustomer, "guest-1", "1000.00", "5.00")), metav1.ConditionFalse, v1alpha1.AwaitingApprovalReason,
			"40.00 CNY is set aside while a person decides, because allowance frontline gives customer guest-1 at most 1000.00 CNY in 720h, of which 5.00 CNY is left; duty-manager or general-manager may decide until 2026-10-02T08:35:00Z, and it is escalated then"},
		"waits, and an allowance that could not give it has room by now": {nil, waits("duty-manager"), metav1.ConditionFalse, v1alpha1.AwaitingApprovalReason,
			"40.00 CNY is set aside while a person decides, because allowance frontline could not give it when it was judged; duty-manager or general-manager may decide until 2026-10-02T08:35:00Z, and it is escalated then"},
		"waits for the highest of levels that are out of order": {list(withoutAllowance, levelled(v1alpha1.ApprovalLevel{Name: "manager", UpTo: "1000.00"}, v1alpha1.ApprovalLevel{Name: "clerk", UpTo: "500.00"})), waits("manager"), metav1.ConditionFalse, v1alpha1.AwaitingApprovalReason,
			"40.00 CNY is set aside while a person decides, because it names no allowance; manager may decide until 2026-10-02T08:35:00Z, and it is escalated then"},
		"waits for nobody": {list(withoutAllowance), waits(""), metav1.ConditionFalse, v1alpha1.AwaitingApprovalReason,
			"40.00 CNY is set aside while a person decides, because it names no allowance; no approval level of budget front-desk goes so far: withdraw it, and ask for less"},
		"the pool": {nil, denies("", refused(ledger.LimitPool, "2026-01-01", "60000.00", "12.00")), metav1.ConditionFalse, v1alpha1.PoolExhaustedReason,
			"the pool of budget front-desk holds 60000.00 CNY for the period from 2026-01-01, of which 12.00 CNY is left; ask for less, or have the budget raised and ask anew; a gesture that costs nothing needs no budget"},
		"the pool, and an allowance": {nil, denies("", refused(ledger.LimitDay, "alice", "1.00", "0.00"), refused(ledger.LimitPool, "", "1.00", "0.00")), metav1.ConditionFalse, v1alpha1.PoolExhaustedReason,
			"the pool of budget front-desk holds 1.00 CNY, of which 0.00 CNY is left, and alice may give at most 1.00 CNY a day from allowance frontline, of which 0.00 CNY is left; ask for less, or have the budget raised and ask anew; a gesture that costs nothing needs no budget"},
		"ten wait already": {nil, denies("", ledger.Refusal{Limit: ledger.LimitPending, Whose: "alice", Max: tenPending, Left: cny("0")}), metav1.ConditionFalse, v1alpha1.TooManyPendingReason,
			"alice has 10 requests that await an approval, and no more than that may wait at once; have some decided as duty-manager or general-manager, or withdraw them, and ask anew"},
		"ten wait already, and a limit": {nil, denies("", refused(ledger.LimitDay, "alice", "1.00", "0.00"), ledger.Refusal{Limit: ledger.LimitPending, Whose: "alice", Max: tenPending, Left: cny("0")}), metav1.ConditionFalse, v1alpha1.TooManyPendingReason,
			"alice has 10 requests that await an approval, and no more than that may wait at once, and alice may give at most 1.00 CNY a day from allowance frontline, of which 0.00 CNY is left; have some decided as duty-manager or general-manager, or withdraw them, and ask anew"},
		"owed beyond what is counted": {list(offering(offered("sla-credit", "300.00"))), ledger.Outcome{Phase: v1alpha1.CompensationRequested, State: v1alpha1.ChargeNone, Refusals: []ledger.Refusal{refused(ledger.LimitOwed, "2026-01-01", "9000000000000.00", "12.00")}}, metav1.ConditionFalse, v1alpha1.BudgetNotReadyReason,
			"budget front-desk can book at most 9000000000000.00 CNY as owed for the period from 2026-01-01, of which 12.00 CNY is left; it stays due, and is booked once there is room: withdraw what was asked for by mistake, or have the policy give it from another budget and ask there"},
		"nobody could approve": {list(withoutApproval), denies("", refused(ledger.LimitDay, "alice", "2000.00", "1.00")), metav1.ConditionFalse, v1alpha1.NoApprovalReason,
			"alice may give at most 2000.00 CNY a day from allowance frontline, of which 1.00 CNY is left, and budget front-desk has nobody who could approve it; ask for what is left, or have spec.approval added to the budget"},
		"approved by too low a level": {list(awaiting("40.00"), approving("duty-manager", "", 0)), denies("general-manager", refused(ledger.LimitLevel, "duty-manager", "1000.00", "20.00")), metav1.ConditionFalse, v1alpha1.ApprovalLevelTooLowReason,
			"level duty-manager approves at most 1000.00 CNY for one incident, of which 20.00 CNY is left; general-manager could approve it: a decision is final, so ask anew and have one of them decide"},
		"no level is high enough": {list(awaiting("40.00"), approving("duty-manager", "", 0)), denies("", refused(ledger.LimitLevel, "duty-manager", "1000.00", "20.00")), metav1.ConditionFalse, v1alpha1.ApprovalLevelTooLowReason,
			"level duty-manager approves at most 1000.00 CNY for one incident, of which 20.00 CNY is left; no level goes so far: ask anew for less"},
		"a closed period": {nil, denies("", ledger.Refusal{Limit: ledger.LimitPeriod, Whose: "2025-01-01"}), metav1.ConditionFalse, v1alpha1.PeriodClosedReason,
			"the period of 2025-01-01 that it would count in is closed; ask anew, and it counts in the running one"},
		"taken back": {list(given, withdrawing(time.Minute)), freed(v1alpha1.CompensationReleased, v1alpha1.WithdrawnReason), metav1.ConditionFalse, v1alpha1.WithdrawnReason,
			"why; its 40.00 CNY is free again for the day and the period that it counted in"},
		"taken back what was owed": {list(offering(offered("sla-credit", "3.00")), func(w *world) {
			w.record(ledger.Outcome{Phase: v1alpha1.CompensationGranted, State: owedState, Amount: cny("3.00")}, asked)
		}, withdrawing(time.Minute)), freed(v1alpha1.CompensationReleased, v1alpha1.WithdrawnReason), metav1.ConditionFalse, v1alpha1.WithdrawnReason, "why; its 3.00 CNY is no longer booked as owed"},
		"taken back too late": {list(given, withdrawing(time.Minute)), ledger.Outcome{Phase: v1alpha1.CompensationReleased, State: spent, Amount: cny("40.00"), Freed: ledger.Freed{Reason: v1alpha1.WithdrawnReason, Message: "why"}},
			metav1.ConditionFalse, v1alpha1.WithdrawnReason, "why; the period that its 40.00 CNY counts in is closed, so that it stays spent there"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := desk(t, c.changes...).record(c.outcome, asked)
			ready := w.ready(t)
			if ready.Status != c.status || ready.Reason != c.reason {
				t.Errorf("Ready is %s, %s; want %s, %s", ready.Status, ready.Reason, c.status, c.reason)
			}
			if ready.Message != c.message {
				t.Errorf("it says\n%s\nwant\n%s", ready.Message, c.message)
			}
			if stalled := conditionOf(&w.request.Status, v1alpha1.StalledCondition) != nil; stalled != (c.outcome.Phase == v1alpha1.CompensationDenied) {
				t.Errorf("Stalled: %v", stalled)
			}
		})
	}
}

// Advice is given with a grant and refuses nothing.
func TestAdvice(t *testing.T) {
	other := func(amount v1alpha1.Money, phase v1alpha1.CompensationPhase, incident string) change {
		return func(w *world) {
			c := *w.request.DeepCopy()
			c.UID = "another"
			c.Status = v1alpha1.CompensationStatus{Phase: phase, Amount: amount, IncidentUID: incident}
			w.others = append(w.others, c)
		}
	}
	cases := map[string]struct {
		changes []change
		cheaper string
		below   string
	}{
		"a free option of the same purpose": {list(offering(offered("refund", "40.00"))), "fresh-coffee costs 0.00 CNY and serves the same purpose, Restore, at severity High", ""},
		"a cheaper extra":                   {list(offering(offered("voucher", "50.00"))), "lounge-pass costs 15.00 CNY", ""},
		"an extra that costs no more":       {list(offering(offered("voucher", "15.00")), other("5.00", v1alpha1.CompensationGranted, "uid-of-coffee")), "", ""},
		"of its own kind":                   {list(offering(custom("40.00"))), "", ""},
		"what is owed":                      {list(offering(offered("sla-credit", "1.00"))), "", ""},
		"below the floor":                   {list(offering(offered("lounge-pass", "15.00"))), "", "the incident was given 15.00 CNY so far, and the policy finds less than 20.00 CNY too little at severity High"},
		"below it alone, not together":      {list(offering(offered("lounge-pass", "15.00")), other("5.00", v1alpha1.CompensationDelivered, "uid-of-coffee")), "", ""},
		"what was denied does not count":    {list(offering(offered("lounge-pass", "15.00")), other("5.00", v1alpha1.CompensationDenied, "uid-of-coffee")), "", "15.00 CNY so far"},
		"nor what another incident got":     {list(offering(offered("lounge-pass", "15.00")), other("5.00", v1alpha1.CompensationGranted, "another")), "", "15.00 CNY so far"},
		"no floor for the severity":         {list(offering(offered("lounge-pass", "15.00")), func(w *world) { w.incident.Status.Severity = v1alpha1.SeverityCritical }), "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := desk(t, c.changes...)
			amount := w.request.Spec.Offers[0].Amount
			outcome := granted(amount, "frontline")
			if w.request.Spec.Offers[0].Option == "sla-credit" {
				outcome.State = owedState
			}
			w.record(outcome, asked)
			for kind, want := range map[string]string{v1alpha1.CheaperOptionAvailableCondition: c.cheaper, v1alpha1.BelowFloorCondition: c.below} {
				got := conditionOf(&w.request.Status, kind)
				switch {
				case want == "" && got != nil:
					t.Errorf("%s: %s", kind, got.Message)
				case want != "" && got == nil:
					t.Errorf("%s is not said", kind)
				case want != "":
					says(t, got.Message, want)
				}
			}
			// The advice stays when it is delivered.
			advised := len(w.request.Status.Conditions)
			delivering(time.Minute)(w)
			if j := w.judge(at(time.Minute)); len(j.Status.Conditions) != advised {
				t.Errorf("%d conditions once delivered, want %d", len(j.Status.Conditions), advised)
			}
		})
	}
}
