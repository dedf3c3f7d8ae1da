package remedy_test

import (
	"testing"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/money"
	"github.com/amends-dev/amends/internal/remedy"
)

// course is what is to be done with a request that was judged before.
type course struct {
	changes []change
	now     time.Duration
	do      remedy.Do
	want    ledger.Want
	// amount is what the claim asks, approved what an approver gave of it.
	amount, approved v1alpha1.Money
	// phase and reason are those of the money that is given back, or of the status.
	phase  v1alpha1.CompensationPhase
	reason string
	says   []string
	wake   time.Duration
}

func (c *course) check(t *testing.T) {
	t.Helper()
	w := desk(t, c.changes...)
	j := w.judge(at(c.now))
	if remedy.Settled(w.request) && j.Do != remedy.Nothing {
		t.Errorf("it is said to be settled, and Do is %d", j.Do)
	}
	if j.Do != c.do || j.Claim.Want != c.want {
		t.Fatalf("Do %d, want %q, freed %+v; want Do %d and %q", j.Do, j.Claim.Want, j.Claim.Freed, c.do, c.want)
	}
	if c.amount != "" && !j.Claim.Amount.Equal(cny(c.amount)) {
		t.Errorf("amount %s, want %s", j.Claim.Amount.Text(), c.amount)
	}
	var approved v1alpha1.Money
	if j.Claim.Approved != nil {
		approved = j.Claim.Approved.Amount.Money()
	}
	if approved != c.approved {
		t.Errorf("approved %q, want %q", approved, c.approved)
	}
	if c.phase != "" && c.do == remedy.Write && j.Status.Phase != c.phase {
		t.Errorf("phase %s, want %s", j.Status.Phase, c.phase)
	}
	if c.want == ledger.WantFree && (j.Claim.Freed.Phase != c.phase || j.Claim.Freed.Reason != c.reason) {
		t.Errorf("freed as %s, %s, want %s, %s", j.Claim.Freed.Phase, j.Claim.Freed.Reason, c.phase, c.reason)
	}
	says(t, j.Claim.Freed.Message, c.says...)
	wake := time.Time{}
	if c.wake != 0 {
		wake = at(c.wake)
	}
	if !j.WakeAt.Equal(wake) {
		t.Errorf("wakes at %s, want %s", j.WakeAt, wake)
	}
}

func list(changes ...change) []change { return changes }

func TestWhileItAwaitsApproval(t *testing.T) {
	const (
		denied   = v1alpha1.CompensationDenied
		released = v1alpha1.CompensationReleased
		minute   = time.Minute
		due      = 15 * time.Minute
	)
	two := []change{offering(offered("refund", "200.00"), offered("voucher", "150.00"), offered("lounge-pass", "15.00")), awaiting("200.00")}
	by := func(who v1alpha1.User, v v1alpha1.CompensationVerdict, level v1alpha1.Name) change {
		return deciding(v1alpha1.CompensationDecision{Verdict: v, By: who, Level: level, Reason: "too dear"}, minute)
	}
	cases := map[string]course{
		"nothing happens, and the budget escalates": {changes: list(awaiting("40.00")), now: time.Hour},
		"nothing happens, and the budget denies":    {changes: list(denyingOnTimeout, awaiting("40.00")), now: minute, wake: due + time.Second},
		"approved":                                  {changes: list(awaiting("40.00"), approving("duty-manager", "", minute)), now: minute, do: remedy.Ask, want: ledger.WantGive, amount: "40.00", approved: "40.00"},
		"approved in part":                          {changes: list(awaiting("40.00"), approving("duty-manager", "25.00", minute)), now: minute, do: remedy.Ask, want: ledger.WantGive, amount: "40.00", approved: "25.00"},
		"approved by an unknown level": {changes: list(awaiting("40.00"), approving("owner", "", minute)), now: minute, do: remedy.Ask, want: ledger.WantFree,
			phase: denied, reason: v1alpha1.ApprovalLevelTooLowReason, says: []string{`"owner"`, "duty-manager and general-manager", "ask anew"}},
		"approved by a level, and the budget has none any more": {changes: list(awaiting("40.00"), withoutApproval, approving("duty-manager", "", minute)), now: minute,
			do: remedy.Ask, want: ledger.WantFree, phase: denied, reason: v1alpha1.ApprovalLevelTooLowReason, says: []string{"nor any other now"}},
		"approved with too many decimals": {changes: list(awaiting("40.00"), approving("duty-manager", "1.001", minute)), now: minute, do: remedy.Ask, want: ledger.WantFree,
			phase: denied, reason: v1alpha1.AmountInvalidReason, says: []string{"spec.decision.amount"}},
		"nothing of it approved": {changes: list(awaiting("40.00"), approving("duty-manager", "0", minute)), now: minute, do: remedy.Ask, want: ledger.WantFree,
			phase: denied, reason: v1alpha1.AmountZeroReason},
		"approved by who asked": {changes: list(awaiting("40.00"), by("alice", v1alpha1.VerdictApproved, "duty-manager")), now: minute, do: remedy.Ask, want: ledger.WantFree,
			phase: denied, reason: v1alpha1.SelfApprovalReason, says: []string{"alice", "have somebody else decide as duty-manager or general-manager"}},
		"approved by who asked, and the incident was given much": {changes: list(awaiting("40.00"), alsoGiven("front-desk", "960.01"), by("alice", v1alpha1.VerdictApproved, "duty-manager")), now: minute, do: remedy.Ask, want: ledger.WantFree,
			phase: denied, reason: v1alpha1.SelfApprovalReason, says: []string{"have somebody else decide as general-manager"}},
		"approved by who asked, and another budget gave much": {changes: list(awaiting("40.00"), alsoGiven("kitchen", "960.01"), by("alice", v1alpha1.VerdictApproved, "duty-manager")), now: minute, do: remedy.Ask, want: ledger.WantFree,
			phase: denied, reason: v1alpha1.SelfApprovalReason, says: []string{"have somebody else decide as duty-manager or general-manager"}},
		"approved by who asked, and nobody may approve so much": {changes: list(awaiting("40.00"), levelled(v1alpha1.ApprovalLevel{Name: "clerk", UpTo: "39.99"}), by("alice", v1alpha1.VerdictApproved, "clerk")), now: minute, do: remedy.Ask, want: ledger.WantFree,
			phase: denied, reason: v1alpha1.SelfApprovalReason, says: []string{"no approval level of budget front-desk goes so far: ask anew for less"}},
		"approved by who asked, and the budget is wrong": {changes: list(awaiting("40.00"), levelled(v1alpha1.ApprovalLevel{Name: "clerk", UpTo: "1.001"}), by("alice", v1alpha1.VerdictApproved, "clerk")), now: minute, do: remedy.Ask, want: ledger.WantFree,
			phase: denied, reason: v1alpha1.SelfApprovalReason, says: []string{"ask anew, and have somebody else decide"}},
		"approved by who typed it": {changes: list(func(w *world) { w.request.Spec.RecordedBy = "bob" }, awaiting("40.00"), by("bob", v1alpha1.VerdictApproved, "duty-manager")), now: minute,
			do: remedy.Ask, want: ledger.WantFree, phase: denied, reason: v1alpha1.SelfApprovalReason, says: []string{"bob"}},
		"denied": {changes: list(awaiting("40.00"), by("tom", v1alpha1.VerdictDenied, "duty-manager")), now: minute, do: remedy.Ask, want: ledger.WantFree,
			phase: denied, reason: v1alpha1.DeniedByApproverReason, says: []string{"tom denied it as duty-manager: too dear"}},
		"withdrawn":                {changes: list(awaiting("40.00"), withdrawing(minute)), now: minute, do: remedy.Ask, want: ledger.WantFree, phase: released, reason: v1alpha1.WithdrawnReason},
		"deleted":                  {changes: list(awaiting("40.00"), deleting(minute)), now: minute, do: remedy.Ask, want: ledger.WantFree, phase: released, reason: v1alpha1.DeletedReason},
		"approved, then withdrawn": {changes: list(awaiting("40.00"), approving("duty-manager", "", minute), withdrawing(2*minute)), now: 2 * minute, do: remedy.Ask, want: ledger.WantFree, phase: released, reason: v1alpha1.WithdrawnReason},
		"denied, then withdrawn":   {changes: list(awaiting("40.00"), by("tom", v1alpha1.VerdictDenied, "duty-manager"), withdrawing(2*minute)), now: 2 * minute, do: remedy.Ask, want: ledger.WantFree, phase: denied, reason: v1alpha1.DeniedByApproverReason},
		"another incident takes the name": {changes: list(awaiting("40.00"), replacing(minute)), now: minute, do: remedy.Ask, want: ledger.WantFree,
			phase: denied, reason: v1alpha1.IncidentReplacedReason},
		"its incident is cancelled":          {changes: list(awaiting("40.00"), ended(v1alpha1.PhaseCancelled)), now: minute},
		"its incident becomes less severe":   {changes: list(awaiting("40.00"), func(w *world) { w.incident.Status.Severity = v1alpha1.SeverityLow }), now: minute},
		"the policy drops the option":        {changes: list(awaiting("40.00"), func(w *world) { w.terms.Money.Catalogue = nil }), now: minute},
		"the policy's revision is lost":      {changes: list(awaiting("40.00"), func(w *world) { w.terms = nil }, approving("duty-manager", "", minute)), now: minute, do: remedy.Ask, want: ledger.WantGive, amount: "40.00", approved: "40.00"},
		"approved while the budget is gone":  {changes: list(awaiting("40.00"), func(w *world) { w.budget = nil }, approving("duty-manager", "", minute)), now: minute},
		"withdrawn while the budget is gone": {changes: list(awaiting("40.00"), func(w *world) { w.budget = nil }, withdrawing(minute)), now: minute, do: remedy.Write, phase: released},
		"approved at the due instant, late":  {changes: list(denyingOnTimeout, awaiting("40.00"), approving("duty-manager", "", due)), now: time.Hour, do: remedy.Ask, want: ledger.WantGive, amount: "40.00", approved: "40.00"},
		"approved a second later":            {changes: list(denyingOnTimeout, awaiting("40.00"), approving("duty-manager", "", due+time.Second)), now: due + time.Second, do: remedy.Ask, want: ledger.WantFree, phase: denied, reason: v1alpha1.ApprovalTimedOutReason},
		"denied a second later": {changes: list(denyingOnTimeout, awaiting("40.00"), func(w *world) {
			by("tom", v1alpha1.VerdictDenied, "duty-manager")(w)
			w.request.Spec.Decision.RecordedAt = stampOf(due + time.Second)
		}), now: time.Hour, do: remedy.Ask, want: ledger.WantFree, phase: denied, reason: v1alpha1.ApprovalTimedOutReason},
		"withdrawn a second later":            {changes: list(denyingOnTimeout, awaiting("40.00"), withdrawing(due+time.Second)), now: time.Hour, do: remedy.Ask, want: ledger.WantFree, phase: denied, reason: v1alpha1.ApprovalTimedOutReason},
		"nobody decides, at the due instant":  {changes: list(denyingOnTimeout, awaiting("40.00")), now: due, wake: due + time.Second},
		"nobody decides, a second later":      {changes: list(denyingOnTimeout, awaiting("40.00")), now: due + time.Second, do: remedy.Ask, want: ledger.WantFree, phase: denied, reason: v1alpha1.ApprovalTimedOutReason, says: []string{"2026-10-02T08:35:00Z", "ask anew, and have it decided in time as duty-manager or general-manager"}},
		"nobody decides, and clocks differ":   {changes: list(denyingOnTimeout, awaiting("40.00"), func(w *world) { w.skew = 2 * time.Second }), now: due + time.Second, wake: due + 3*time.Second},
		"several, none chosen, approved":      {changes: append(list(approving("duty-manager", "", minute)), two...), now: minute, do: remedy.Ask, want: ledger.WantOffer, amount: "200.00", approved: "200.00"},
		"several, a cheaper one chosen":       {changes: append(list(choosing("voucher", minute)), two...), now: minute, do: remedy.Ask, want: ledger.WantGive, amount: "150.00"},
		"several, the dearest chosen":         {changes: append(list(choosing("refund", minute)), two...), now: minute},
		"chosen and judged by it":             {changes: append(list(choosing("voucher", minute)), two[0], awaiting("150.00")), now: minute},
		"chosen, judged by it and approved":   {changes: append(list(choosing("voucher", minute), approving("duty-manager", "", 2*minute)), two[0], awaiting("150.00")), now: 2 * minute, do: remedy.Ask, want: ledger.WantGive, amount: "150.00", approved: "150.00"},
		"chosen, then approved, both at once": {changes: append(list(choosing("voucher", minute), approving("duty-manager", "", 2*minute)), two...), now: 2 * minute, do: remedy.Ask, want: ledger.WantGive, amount: "150.00"},
		"approved, then chosen, both at once": {changes: append(list(approving("duty-manager", "", minute), choosing("voucher", 2*minute)), two...), now: 2 * minute, do: remedy.Ask, want: ledger.WantGive, amount: "150.00", approved: "150.00"},
		"chosen what is dearer than approved": {changes: append(list(approving("duty-manager", "100.00", minute), choosing("voucher", 2*minute)), two...), now: 2 * minute, do: remedy.Ask, want: ledger.WantGive, amount: "150.00", approved: "100.00"},
		"chosen, then withdrawn":              {changes: append(list(choosing("voucher", minute), withdrawing(2*minute)), two...), now: 2 * minute, do: remedy.Ask, want: ledger.WantFree, phase: released, reason: v1alpha1.WithdrawnReason},
		"chosen after the time was up":        {changes: append(list(denyingOnTimeout, choosing("voucher", due+time.Second)), two...), now: time.Hour, do: remedy.Ask, want: ledger.WantFree, phase: denied, reason: v1alpha1.ApprovalTimedOutReason},
	}
	for name, c := range cases {
		t.Run(name, c.check)
	}
}

// awaitingLate is a request that was written as one that awaits an approval so much later
// than it could have been.
func awaitingLate(by time.Duration) change {
	return func(w *world) {
		w.record(ledger.Outcome{Phase: v1alpha1.CompensationAwaitingApproval, State: reserved, Amount: cny("40.00"), Level: "duty-manager"}, at(by))
	}
}

// While nobody could decide, nobody is late: silence denies once people could decide for as
// long as the budget gives. The clock of the approval goes on by the facts alone.
func TestAnApprovalThatWasAskedLate(t *testing.T) {
	const (
		denied = v1alpha1.CompensationDenied
		late   = 4 * time.Hour
		until  = late + 15*time.Minute
	)
	cases := map[string]course{
		"nobody has decided yet":       {changes: list(denyingOnTimeout, awaitingLate(late)), now: late + time.Second, wake: until + time.Second},
		"nobody decides":               {changes: list(denyingOnTimeout, awaitingLate(late)), now: until + time.Second, do: remedy.Ask, want: ledger.WantFree, phase: denied, reason: v1alpha1.ApprovalTimedOutReason, says: []string{"nobody decided by 2026-10-02T12:35:00Z"}},
		"approved as late as it may":   {changes: list(denyingOnTimeout, awaitingLate(late), approving("duty-manager", "", until)), now: until + time.Hour, do: remedy.Ask, want: ledger.WantGive, amount: "40.00", approved: "40.00"},
		"approved a second later":      {changes: list(denyingOnTimeout, awaitingLate(late), approving("duty-manager", "", until+time.Second)), now: until + time.Hour, do: remedy.Ask, want: ledger.WantFree, phase: denied, reason: v1alpha1.ApprovalTimedOutReason},
		"withdrawn meanwhile":          {changes: list(denyingOnTimeout, awaitingLate(late), withdrawing(until)), now: until, do: remedy.Ask, want: ledger.WantFree, phase: v1alpha1.CompensationReleased, reason: v1alpha1.WithdrawnReason},
		"the budget escalates":         {changes: list(awaitingLate(late)), now: 24 * time.Hour},
		"it had waited for its budget": {changes: list(denyingOnTimeout, stalled, waitingForIt, func(w *world) { w.budget.Status.Conditions = nil }, awaitingLate(late)), now: late + time.Second, wake: until + time.Second},
	}
	for name, c := range cases {
		t.Run(name, c.check)
	}
	t.Run("what was asked in time stays so", func(t *testing.T) {
		w := desk(t, denyingOnTimeout, twoOffers, awaiting("200.00"), choosing("voucher", 10*time.Minute))
		w.record(ledger.Outcome{Phase: v1alpha1.CompensationAwaitingApproval, State: reserved, Amount: cny("150.00"), Level: "duty-manager"}, at(10*time.Minute))
		if c := conditionOf(&w.request.Status, v1alpha1.ReconcilingCondition); c != nil || w.request.Status.Amount != "150.00" {
			t.Errorf("%s is set aside, and people could decide late: %+v", w.request.Status.Amount, c)
		}
	})
	t.Run("what was asked late stays so", func(t *testing.T) {
		w := desk(t, denyingOnTimeout, twoOffers, awaitingLate(late), choosing("voucher", late+time.Minute))
		w.record(ledger.Outcome{Phase: v1alpha1.CompensationAwaitingApproval, State: reserved, Amount: cny("150.00"), Level: "duty-manager"}, at(late+time.Minute))
		if c := conditionOf(&w.request.Status, v1alpha1.ReconcilingCondition); c == nil || !c.LastTransitionTime.Equal(stampOf(late)) || w.request.Status.Amount != "150.00" {
			t.Errorf("%s is set aside, and people could decide since %+v", w.request.Status.Amount, c)
		}
	})
	for name, c := range map[string]struct {
		changes []change
		says    string
	}{
		"denies":    {list(denyingOnTimeout, awaitingLate(late)), "until 2026-10-02T12:35:00Z, and it is denied then"},
		"escalates": {list(awaitingLate(late)), "until 2026-10-02T08:35:00Z, and it is escalated then"},
	} {
		t.Run("the record where the budget "+name, func(t *testing.T) {
			w := desk(t, c.changes...)
			s := &w.request.Status
			if !s.AwaitingSince.Equal(stampOf(0)) || !s.ApprovalDueAt.Equal(stampOf(15*time.Minute)) || !s.DueAt.Equal(s.ApprovalDueAt) {
				t.Errorf("since %s, due %s and %s; want the clock to go by the facts", s.AwaitingSince, s.ApprovalDueAt, s.DueAt)
			}
			says(t, w.ready(t).Message, c.says)
			before := *s.DeepCopy()
			awaitingLate(late + time.Hour)(w)
			if !sameStatus(before, *s) {
				t.Errorf("recorded again it differs: %+v", *s)
			}
			w.record(freed(denied, v1alpha1.ApprovalTimedOutReason), at(until+time.Second))
			if !s.DecidedAt.Equal(stampOf(15 * time.Minute)) {
				t.Errorf("denied at %s, want the due instant", s.DecidedAt)
			}
		})
	}
}

func TestWhileTheCustomerChooses(t *testing.T) {
	const minute = time.Minute
	cases := map[string]course{
		"nothing happens":                  {changes: list(twoOffers, toChoose), now: time.Hour},
		"the cheaper one is chosen":        {changes: list(twoOffers, toChoose, choosing("voucher", minute)), now: minute, do: remedy.Ask, want: ledger.WantGive, amount: "150.00"},
		"the dearest is chosen":            {changes: list(twoOffers, toChoose, choosing("refund", minute)), now: minute, do: remedy.Ask, want: ledger.WantGive, amount: "200.00"},
		"chosen, and approved before":      {changes: list(twoOffers, approving("duty-manager", "", 0), toChoose, choosing("voucher", minute)), now: minute, do: remedy.Ask, want: ledger.WantGive, amount: "150.00", approved: "150.00"},
		"withdrawn":                        {changes: list(twoOffers, toChoose, withdrawing(minute)), now: minute, do: remedy.Ask, want: ledger.WantFree, phase: v1alpha1.CompensationReleased, reason: v1alpha1.WithdrawnReason},
		"chosen, then withdrawn":           {changes: list(twoOffers, toChoose, choosing("voucher", minute), withdrawing(2*minute)), now: 2 * minute, do: remedy.Ask, want: ledger.WantFree, phase: v1alpha1.CompensationReleased, reason: v1alpha1.WithdrawnReason},
		"deleted":                          {changes: list(twoOffers, toChoose, deleting(minute)), now: minute, do: remedy.Ask, want: ledger.WantFree, phase: v1alpha1.CompensationReleased, reason: v1alpha1.DeletedReason},
		"another incident takes the name":  {changes: list(twoOffers, toChoose, replacing(minute)), now: minute, do: remedy.Ask, want: ledger.WantFree, phase: v1alpha1.CompensationDenied, reason: v1alpha1.IncidentReplacedReason},
		"its incident is closed":           {changes: list(twoOffers, toChoose, ended(v1alpha1.PhaseClosed)), now: minute},
		"its incident becomes less severe": {changes: list(twoOffers, toChoose, choosing("refund", minute), func(w *world) { w.incident.Status.Severity = v1alpha1.SeverityLow }), now: minute, do: remedy.Ask, want: ledger.WantGive, amount: "200.00"},
		"chosen while the budget is gone":  {changes: list(twoOffers, toChoose, choosing("refund", minute), func(w *world) { w.budget = nil }), now: minute},
	}
	for name, c := range cases {
		t.Run(name, c.check)
	}
}

func TestOnceGranted(t *testing.T) {
	const minute = time.Minute
	closedPhase := func(p v1alpha1.CompensationPhase) change {
		return func(w *world) { w.request.Status.Phase, w.request.Status.ObservedGeneration = p, w.request.Generation }
	}
	cases := map[string]course{
		"nothing happens":               {changes: list(given), now: time.Hour},
		"delivered":                     {changes: list(given, delivering(minute)), now: minute, do: remedy.Write, phase: v1alpha1.CompensationDelivered},
		"withdrawn":                     {changes: list(given, withdrawing(minute)), now: minute, do: remedy.Ask, want: ledger.WantFree, phase: v1alpha1.CompensationReleased, reason: v1alpha1.WithdrawnReason},
		"deleted: the money stays":      {changes: list(given, deleting(minute)), now: minute},
		"deleted and delivered":         {changes: list(given, deleting(minute), delivering(2*minute)), now: 2 * minute, do: remedy.Write, phase: v1alpha1.CompensationDelivered},
		"its incident is replaced":      {changes: list(given, replacing(minute)), now: minute},
		"its incident is cancelled":     {changes: list(given, ended(v1alpha1.PhaseCancelled)), now: minute},
		"delivered: it is final":        {changes: list(given, closedPhase(v1alpha1.CompensationDelivered), delivering(0)), now: minute},
		"released: it is final":         {changes: list(closedPhase(v1alpha1.CompensationReleased), withdrawing(0)), now: minute},
		"denied: a withdrawal is vain":  {changes: list(closedPhase(v1alpha1.CompensationDenied), withdrawing(0)), now: minute},
		"denied: a choice is vain":      {changes: list(twoOffers, closedPhase(v1alpha1.CompensationDenied), choosing("refund", 0)), now: minute},
		"withdrawn, and no budget left": {changes: list(given, withdrawing(minute), func(w *world) { w.budget = nil }), now: minute, do: remedy.Write, phase: v1alpha1.CompensationReleased},
	}
	for name, c := range cases {
		t.Run(name, c.check)
	}
}

// A fact that changes nothing is seen all the same: whoever waits for that is not left to
// wait for ever.
func TestAVainFactIsSeen(t *testing.T) {
	w := desk(t, given, deleting(time.Minute))
	w.request.Generation++
	j := w.judge(at(time.Minute))
	if j.Do != remedy.Write || j.Status.ObservedGeneration != 2 || conditionOf(&j.Status, v1alpha1.ReadyCondition).ObservedGeneration != 2 {
		t.Fatalf("%+v, want the status to speak of generation 2", j)
	}
	w.request.Status = j.Status
	if j := w.judge(at(time.Hour)); j.Do != remedy.Nothing {
		t.Errorf("Do %d, want nothing", j.Do)
	}
	if !remedy.Settled(w.request) {
		t.Error("it is not said to be settled")
	}
}

// Amounts of one request are compared in the budget's smallest unit, however they are
// written.
func TestAmountsAreComparedAsMoney(t *testing.T) {
	a, err := money.Parse("JPY", "10.5")
	if err == nil {
		t.Fatalf("JPY has no decimals, and got %s", a.Text())
	}
	w := desk(t, func(w *world) { w.budget.Spec.Currency = "JPY" }, offering(offered("voucher", "10.5")))
	if j := w.judge(at(0)); j.Status.Phase != v1alpha1.CompensationDenied || conditionOf(&j.Status, v1alpha1.ReadyCondition).Reason != v1alpha1.AmountInvalidReason {
		t.Errorf("%+v, want it Denied, AmountInvalid", j)
	}
}
