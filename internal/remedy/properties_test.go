package remedy_test

import (
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/remedy"
)

// fits is what the allowance of the pretended ledger gives for one request.
const fits = "160.00"

// pretend is a ledger with one limit and no other request in it.
func pretend(c *ledger.Claim, phase v1alpha1.CompensationPhase, held v1alpha1.Name) ledger.Outcome {
	out := ledger.Outcome{Amount: c.Amount, State: spent, Phase: v1alpha1.CompensationGranted, Level: "duty-manager"}
	within := c.Allowance != "" && len(c.Beyond) == 0 && c.Amount.Cmp(cny(fits)) <= 0
	switch {
	case c.Want == ledger.WantFree:
		return ledger.Outcome{Phase: c.Freed.Phase, State: v1alpha1.ChargeNone, Freed: c.Freed}
	case c.Want == ledger.WantOwe:
		out.State = owedState
	case phase == v1alpha1.CompensationOffered:
		out.Allowance = held
		if c.Approved != nil {
			out.Amount = c.Approved.Amount
		}
	case c.Approved != nil && c.Want == ledger.WantOffer:
		out.Phase, out.State, out.Amount = v1alpha1.CompensationOffered, reserved, c.Approved.Amount
	case c.Approved != nil:
		out.Amount = c.Approved.Amount
	case within && c.Want == ledger.WantOffer:
		out.Phase, out.State, out.Allowance = v1alpha1.CompensationOffered, reserved, c.Allowance
	case within:
		out.Allowance = c.Allowance
	default:
		out.Phase, out.State = v1alpha1.CompensationAwaitingApproval, reserved
	}
	return out
}

// forward are the phases that the API server lets follow each phase.
var forward = map[v1alpha1.CompensationPhase][]v1alpha1.CompensationPhase{
	"":                                    {"Requested", "AwaitingApproval", "Offered", "Granted", "Denied", "Released"},
	v1alpha1.CompensationRequested:        {"AwaitingApproval", "Offered", "Granted", "Denied", "Released"},
	v1alpha1.CompensationAwaitingApproval: {"Offered", "Granted", "Denied", "Released"},
	v1alpha1.CompensationOffered:          {"AwaitingApproval", "Granted", "Denied", "Released"},
	v1alpha1.CompensationGranted:          {"Delivered", "Released"},
}

// look has the request judged, and what comes of that written, until nothing more does.
func (w *world) look(t *rapid.T, now time.Time) {
	for range 10 {
		j := w.judge(now)
		next := j.Status
		switch j.Do {
		case remedy.Nothing:
			if !j.WakeAt.IsZero() && !j.WakeAt.After(now) {
				t.Fatalf("it is to be woken at %s, which is not after %s", j.WakeAt, now)
			}
			return
		case remedy.Ask:
			next = remedy.Record(w.facts(now), pretend(&j.Claim, w.request.Status.Phase, w.request.Status.Allowance), now)
		}
		if sameStatus(next, w.request.Status) {
			return
		}
		was := w.request.Status
		w.request.Status = next
		if was.Phase != next.Phase && !slices.Contains(forward[was.Phase], next.Phase) {
			t.Fatalf("from %q to %q, which the API server refuses", was.Phase, next.Phase)
		}
		kept(t, &was, &next)
	}
	t.Fatalf("it does not come to rest: %+v", w.request.Status)
}

// kept checks what the API server holds a status to.
func kept(t *rapid.T, was, is *v1alpha1.CompensationStatus) {
	if was.IncidentUID != "" && was.IncidentUID != is.IncidentUID || was.Customer != "" && was.Customer != is.Customer ||
		was.Purpose != "" && was.Purpose != is.Purpose || was.Entitlement != "" && was.Entitlement != is.Entitlement {
		t.Fatalf("the record was changed from %+v to %+v", was, is)
	}
	instants := func(s *v1alpha1.CompensationStatus) []*time.Time {
		var out []*time.Time
		for _, at := range []interface{ IsZero() bool }{s.AwaitingSince, s.ApprovalDueAt, s.OfferedAt, s.DecidedAt, s.DeliveredAt, s.ReleasedAt} {
			out = append(out, timeIn(at))
		}
		return out
	}
	before, after := instants(was), instants(is)
	for i := range before {
		if before[i] != nil && (after[i] == nil || !after[i].Equal(*before[i])) {
			t.Fatalf("instant %d was moved from %v to %v", i, before[i], after[i])
		}
		if after[i] != nil && after[i].Nanosecond() != 0 {
			t.Fatalf("instant %d has parts of a second: %s", i, after[i])
		}
	}
	if was.Phase == v1alpha1.CompensationGranted && is.Phase != v1alpha1.CompensationReleased && was.Amount != is.Amount {
		t.Fatalf("what was granted as %s is charged as %s", was.Amount, is.Amount)
	}
}

// fact is something that a person appends while the status is written in a phase, where
// the API server lets them.
type fact struct {
	after time.Duration
	do    change
	name  string
}

// No two are of one second: which came first, nobody could tell afterwards.
func facts(t *rapid.T, several bool) []fact {
	var out []fact
	passed := time.Duration(0)
	kinds := []string{"approve", "approve-part", "deny", "withdraw", "none"}
	if several {
		kinds = append(kinds, "choose-dear", "choose-cheap")
	}
	seen := map[string]bool{}
	for range rapid.IntRange(0, 4).Draw(t, "facts") {
		passed += time.Duration(rapid.IntRange(1, 600).Draw(t, "seconds")) * time.Second
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		member := kind[:min(6, len(kind))]
		if kind == "deny" || kind == "approve-part" {
			member = "approv"
		}
		if seen[member] || seen["withdr"] {
			continue
		}
		seen[member] = true
		f := fact{after: passed, name: kind}
		switch kind {
		case "approve":
			f.do = approving("duty-manager", "", passed)
		case "approve-part":
			f.do = approving("duty-manager", "30.00", passed)
		case "deny":
			f.do = deciding(v1alpha1.CompensationDecision{Verdict: v1alpha1.VerdictDenied, By: "tom", Level: "duty-manager"}, passed)
		case "withdraw":
			f.do = withdrawing(passed)
		case "choose-dear":
			f.do = choosing("refund", passed)
		case "choose-cheap":
			f.do = choosing("voucher", passed)
		default:
			f.do = func(*world) {}
		}
		out = append(out, f)
	}
	return out
}

// Whoever looks late, at facts that came while the same status stood written, comes to
// the phase of whoever looked in time, at the same instants.
func TestLateEqualsOnTime(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		several := rapid.Bool().Draw(rt, "several")
		deny := rapid.Bool().Draw(rt, "denying on timeout")
		allowance := rapid.Bool().Draw(rt, "allowance")
		begin := func() *world {
			w := desk(t)
			if several {
				twoOffers(w)
			} else if rapid.Bool().Draw(rt, "dear") {
				offering(offered("refund", "170.00"))(w)
			}
			if deny {
				denyingOnTimeout(w)
			}
			if !allowance {
				withoutAllowance(w)
			}
			return w
		}
		inTime := begin()
		late := &world{}
		*late = *inTime
		late.request = inTime.request.DeepCopy()
		inTime.look(rt, asked)
		late.look(rt, asked)

		passed := time.Duration(0)
		written := late.request.Status.Phase
		for _, f := range facts(rt, several) {
			for ; passed < f.after; passed += 30 * time.Second {
				inTime.look(rt, at(passed))
			}
			passed = f.after
			inTime.look(rt, at(passed))
			if !admitted(f.name, written, inTime.request.Status.Phase) {
				continue
			}
			f.do(inTime)
			f.do(late)
			inTime.look(rt, at(passed))
		}
		for ; passed < 2*time.Hour; passed += time.Minute {
			inTime.look(rt, at(passed))
		}
		late.look(rt, at(3*time.Hour))
		inTime.look(rt, at(3*time.Hour))

		a, b := inTime.request.Status, late.request.Status
		if a.Phase == v1alpha1.CompensationReleased && b.Phase == a.Phase {
			// What was granted for a moment before it was taken back is not made up for.
			a.DecidedAt, b.DecidedAt, a.Purpose, b.Purpose, a.OfferedAt, b.OfferedAt = nil, nil, "", "", nil, nil
		}
		a.Conditions, b.Conditions = nil, nil
		if !sameStatus(a, b) {
			rt.Fatalf("in time:\n%+v\nlate:\n%+v", a, b)
		}
	})
}

// Whatever is there or not, and wherever a request stands, it is judged, and what is
// recorded moves forward and is recorded alike a second time.
func TestJudgeIsTotal(t *testing.T) {
	phases := []v1alpha1.CompensationPhase{"", "Requested", "AwaitingApproval", "Offered", "Granted", "Denied", "Delivered", "Released"}
	outcomes := phases[2:5]
	rapid.Check(t, func(rt *rapid.T) {
		var changes []change
		maybe := func(name string, c change) {
			if rapid.Bool().Draw(rt, name) {
				changes = append(changes, c)
			}
		}
		maybe("several", twoOffers)
		maybe("nothing offered", offering())
		maybe("chosen", choosing(rapid.SampledFrom([]v1alpha1.Name{"voucher", "unknown"}).Draw(rt, "choice"), time.Minute))
		maybe("decided", approving("duty-manager", rapid.SampledFrom([]v1alpha1.Money{"", "1.00", "x"}).Draw(rt, "amount"), time.Minute))
		maybe("delivered", delivering(time.Minute))
		maybe("withdrawn", withdrawing(time.Minute))
		maybe("deleted", deleting(time.Minute))
		maybe("no incident", func(w *world) { w.incident = nil })
		maybe("no terms", func(w *world) { w.terms = nil })
		maybe("no budget", func(w *world) { w.budget = nil })
		maybe("no approval", func(w *world) {
			if w.budget != nil {
				withoutApproval(w)
			}
		})
		maybe("another currency", func(w *world) {
			if w.budget != nil {
				w.budget.Spec.Currency = "JPY"
			}
		})
		maybe("a status by hand", func(w *world) {
			w.request.Status.ApprovalDueAt = stampOf(0)
			w.request.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ReconcilingCondition, Status: metav1.ConditionFalse}}
			if w.budget != nil && w.budget.Spec.Approval != nil {
				denyingOnTimeout(w)
			}
		})
		w := desk(t, changes...)
		w.request.Status.Phase = rapid.SampledFrom(phases).Draw(rt, "phase")
		now := at(time.Hour)
		w.judge(now)
		remedy.Held(w.facts(now), now)
		remedy.Record(w.facts(now), freed(v1alpha1.CompensationDenied, v1alpha1.ApprovalTimedOutReason), now)
		o := ledger.Outcome{Phase: rapid.SampledFrom(outcomes).Draw(rt, "outcome"), State: spent, Amount: cny("1.00")}
		from := w.request.Status.Phase
		w.record(o, now)
		if to := w.request.Status.Phase; to != from && !slices.Contains(forward[from], to) {
			rt.Fatalf("from %q to %q", from, to)
		}
		if again := remedy.Record(w.facts(now), o, now); !sameStatus(again, w.request.Status) {
			rt.Fatalf("recorded twice it differs: %+v and %+v", w.request.Status, again)
		}
	})
}

// admitted says whether the API server lets a fact in, with the status as the late
// operator left it and as the other one has it: the same facts must do for both.
func admitted(kind string, late, inTime v1alpha1.CompensationPhase) bool {
	switch kind {
	case "approve", "approve-part", "deny":
		return late == v1alpha1.CompensationAwaitingApproval && inTime == v1alpha1.CompensationAwaitingApproval
	}
	return true
}

// timeIn is the time of an instant of the API, or nil.
func timeIn(at interface{ IsZero() bool }) *time.Time {
	if at.IsZero() {
		return nil
	}
	out := at.(interface{ UTC() time.Time }).UTC()
	return &out
}
