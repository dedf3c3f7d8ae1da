package recovery

import (
	"fmt"
	"strings"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// causes are what may have moved the due instant in an event, in the order in which they
// did.
func (w *watcher) causes(e event) []Change {
	out := w.heldOrResumed(e)
	if what := w.cause(e); what != "" {
		out = append(out, w.change(e, what))
	}
	return out
}

// cause is what may have moved the due instant beside holds, or nothing.
func (w *watcher) cause(e event) string {
	c, was := w.clock, &w.was
	switch {
	case len(c.gaps) > len(was.gaps):
		return fmt.Sprintf("goes on in round %d; the time since it was resolved does not count", w.r.round)
	case !c.slot.Equal(was.slot):
		return "the customer chose a slot"
	case c.due == was.due && c.dueAt.Equal(was.dueAt) && open(was):
		return ""
	case e.rolled:
		return w.rolledOut()
	case e.severity != w.r.severity:
		return fmt.Sprintf("the severity %s became %s", e.severity, w.r.severity)
	case e.fact != nil && e.fact.Entry.Amend != nil && e.fact.Entry.Amend.Customer != nil:
		return "the customer's contact hours were amended"
	case c.kind == v1alpha1.ClockUpdate && c.due != was.due:
		return w.otherPace(e)
	}
	return ""
}

// rolledOut names the revision that took over.
func (w *watcher) rolledOut() string {
	return fmt.Sprintf("revision %s of policy %s was rolled out", w.r.plan.Revision, w.r.plan.Policy)
}

// otherPace says how often the customer is to hear from us, since a hold began or ended.
func (w *watcher) otherPace(e event) string {
	text := "updates are due every " + shortDuration(w.clock.due.Within)
	if w.clock.due == w.r.plan.Pace(w.r.severity).UpdateHeld {
		text += " while it is held"
	}
	switch {
	case w.basis.kept:
		return text + ", and no later than was due before"
	case w.basis.from.Equal(e.at):
		return text + ", counted from here"
	}
	return text
}

// resumed says why a hold no longer pauses the clock.
func (w *watcher) resumed(h *hold, e event) string {
	text := fmt.Sprintf("hold %s for %s ", h.id, h.rule.Reason)
	switch {
	case h.active():
		return text + "does not pause it any more"
	case e.fact == nil && h.endedAt.Equal(h.endsAt):
		return text + "ended by " + w.limit(h)
	case e.fact == nil && e.rolled:
		return text + "ended, as the new revision allows no such hold"
	case e.fact != nil && e.fact.Entry.Resume != nil && e.fact.Entry.Resume.Hold == h.id:
		return text + "was resumed"
	case w.r.final():
		return text + "ended with the incident"
	case e.fact != nil && e.fact.Entry.Contact != nil:
		return text + "ended by a contact from the customer"
	}
	return text + "ended"
}

// limit is what ends a hold by itself: what it said, or a cap of the policy.
func (w *watcher) limit(h *hold) string {
	if e := w.r.entry(h.id); e != nil && e.Hold != nil && e.Hold.Until != nil && e.Hold.Until.UTC().Truncate(time.Second).Equal(h.endsAt) {
		return "its until"
	}
	if d := h.rule.MaxEach; d > 0 && h.from.Add(d).Equal(h.endsAt) {
		return "cap: one hold lasts " + shortDuration(d) + " at most"
	}
	if d := h.rule.MaxTotal; d > 0 {
		return "cap: all holds for it last " + shortDuration(d) + " at most"
	}
	return "cap"
}

// started says what started the clock.
func (w *watcher) started(e event) Change {
	c := w.clock
	out := w.change(e, w.beginning(e))
	out.At = c.startedAt
	if c.kind != v1alpha1.ClockPromise && c.kind != v1alpha1.ClockTask {
		out.What += "; severity " + string(w.r.severity)
	}
	if !c.slot.IsZero() {
		out.What += "; the customer chose the slot"
	}
	return out
}

// beginning says in which way a clock of its kind started.
func (w *watcher) beginning(e event) string {
	c := w.clock
	switch c.kind {
	case v1alpha1.ClockStep:
		return w.stepBeginning()
	case v1alpha1.ClockResponse:
		return "the customer got in touch"
	case v1alpha1.ClockAcceptance:
		return "assigned to " + string(w.r.owner)
	case v1alpha1.ClockTask:
		return "set"
	case v1alpha1.ClockPromise:
		if entry := w.r.entryOf(c); entry != nil && entry.Promise != nil && entry.Promise.Supersedes != "" {
			return fmt.Sprintf("the customer was told that it takes the place of promise %s", entry.Promise.Supersedes)
		}
		return "promised"
	}
	switch owed := !c.startedAt.Equal(c.countsFrom); {
	case w.sinceRollout(e):
		return w.rolledOut() + ", since when it is owed"
	case owed || e.fact != nil && e.severity != w.r.severity:
		return fmt.Sprintf("owed since the severity %s became %s", e.severity, w.r.severity)
	case c.kind == v1alpha1.ClockUpdate && c.name() != clockName(v1alpha1.ClockUpdate, updatesFromStart, c.round):
		return "the customer heard from us"
	}
	return w.roundBeginning()
}

// sinceRollout says whether a revision brought the clock, and not a round that the
// revision was the first to run.
func (w *watcher) sinceRollout(e event) bool {
	return e.rolled && !w.clock.startedAt.Equal(w.r.roundAt)
}

// roundBeginning says what began the round.
func (w *watcher) roundBeginning() string {
	if w.r.round > 1 {
		return fmt.Sprintf("started with round %d", w.r.round)
	}
	return "started with the report"
}

// stepBeginning says what the step was waiting for.
func (w *watcher) stepBeginning() string {
	r, c := w.r, w.clock
	s, p := &r.steps[c.step], &r.plan.Steps[c.step]
	if s.again > 0 {
		return "put back to Running, because a promise was broken"
	}
	var names []string
	for _, i := range p.After {
		if r.steps[i].settledAt.Equal(s.eligibleAt) {
			names = append(names, string(r.plan.Steps[i].Name))
		}
	}
	text := w.roundBeginning()
	switch {
	case !s.addedAt.IsZero() && s.addedAt.Equal(s.eligibleAt):
		text = w.rolledOut() + ", which has this step"
	case len(names) > 0:
		text = "started when " + strings.Join(names, ", ") + " was settled"
	}
	if p.NotBefore != nil && c.startedAt.After(c.countsFrom) {
		wait := basis{plan: r.plan, deadline: p.NotBefore}
		text += ", and its notBefore had passed (" + wait.describe() + ")"
	}
	return text
}

// ends says what ended a clock, by the reason that it gives.
var ends = map[string]string{
	v1alpha1.ClockSkippedReason:       "skipped",
	v1alpha1.ClockOutOfOrderReason:    "done before its turn",
	v1alpha1.ClockIncidentEndedReason: "ended with the incident",
	v1alpha1.ClockReopenedReason:      "ended with its round",
	v1alpha1.ClockSupersededReason:    "another took its place",
	v1alpha1.ClockReleasedReason:      "released",
	v1alpha1.ClockDeclinedReason:      "declined",
	v1alpha1.ClockKeptReason:          "kept",
	v1alpha1.ClockBrokenReason:        "said to be broken",
	v1alpha1.ClockResolvedReason:      "ended when the incident was resolved",
	v1alpha1.ClockRetargetedReason:    "no longer owed at this severity",
	v1alpha1.ClockRolledOutReason:     "no longer owed under the new revision",
}

// ended says what ended the clock. A step that is done keeps the reason that it had, if
// it had one; only that of a step done before its turn says how it ended.
func (w *watcher) ended(e event) Change {
	c := w.clock
	text, known := ends[c.reason]
	switch done := c.state == v1alpha1.StateDone; {
	case done && (!known || c.kind == v1alpha1.ClockStep && c.reason != v1alpha1.ClockOutOfOrderReason):
		text = "done"
	case !known:
		text = "cancelled"
	}
	return w.change(e, text)
}
