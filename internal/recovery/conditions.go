package recovery

import (
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/stamp"
)

// conditions are all that can be told, in a fixed order. Each holds since the instant
// of the fact, or the due instant, that made it so.
func (r *run) conditions() []metav1.Condition {
	out := append(make([]metav1.Condition, 0, usualConditions), r.boundCondition())
	if r.plan != nil {
		out = append(out, r.onTrackCondition(), r.resolvedCondition())
	}
	if r.plan != nil || r.over() {
		out = append(out, r.closedCondition())
	}
	if r.plan != nil && (r.plan.FirstOf(v1alpha1.StepDocumentation) >= 0) {
		out = append(out, r.documentedCondition())
	}
	if r.accepted != "" {
		out = append(out, r.acceptedCondition())
	}
	out = append(r.customerConditions(out), r.journalCondition())
	if n := len(r.inc.Spec.Journal); n >= nearlyFull {
		out = append(out, r.condition(v1alpha1.JournalNearlyFullCondition, true, v1alpha1.EightyEntriesReason,
			fmt.Sprintf("the journal has %d of 100 entries, and its last ten places are for completion, outcome, cancel, merge and note; bring the incident to its end, or merge it into a new one", n), r.placeAt(nearlyFull-1)))
	}
	return append(out, r.abnormal()...)
}

// usualConditions is how many conditions an incident has as a rule.
const usualConditions = 10

// nearlyFull is the number of entries from which the journal's end is told.
const nearlyFull = 80

// placeAt is the time of the entry at a place of the journal.
func (r *run) placeAt(place int) time.Time {
	for i := range r.facts {
		if r.facts[i].Place == place {
			return r.facts[i].At
		}
	}
	return r.start
}

func (r *run) boundCondition() metav1.Condition {
	if r.plan != nil {
		return r.condition(v1alpha1.PolicyBoundCondition, true, v1alpha1.BoundReason,
			"RecoveryPolicy "+r.plan.Policy+" at revision "+r.plan.Revision, r.pins[0].At.UTC())
	}
	p := r.problem()
	return r.condition(v1alpha1.PolicyBoundCondition, false, p.Reason, p.Message, r.inc.CreationTimestamp.UTC())
}

func (r *run) problem() Problem {
	if r.snapshot.Problem != nil {
		return *r.snapshot.Problem
	}
	return Problem{Reason: v1alpha1.PolicyNotReadyReason, Message: "the policy was not read yet"}
}

func (r *run) onTrackCondition() metav1.Condition {
	if r.late.on {
		return r.condition(v1alpha1.OnTrackCondition, false, v1alpha1.OverdueReason, lateText(r.lateBefore(r.end())), r.late.at)
	}
	if !r.everLate() {
		if r.risk.on {
			return r.condition(v1alpha1.OnTrackCondition, true, v1alpha1.AtRiskReason,
				fmt.Sprintf("nothing is late yet, but the resolution will be, as was clear at %s: %s", stampText(r.risk.at), r.riskWhy), r.late.at)
		}
		return r.condition(v1alpha1.OnTrackCondition, true, v1alpha1.NothingLateReason, "nothing is or was late", r.late.at)
	}
	since := r.late.at
	for _, c := range r.clocks {
		since = stamp.Later(since, c.breachedAt) // of a breach that a fact disputes, which was seen later
	}
	return r.condition(v1alpha1.OnTrackCondition, true, v1alpha1.MissedReason, "nothing is late now; something was late before", since)
}

// lateText says when a clock that is late was due. A retarget may have given it a
// later due instant since, which does not undo that it was late.
func lateText(c *clock) string {
	if c.dueAt.IsZero() || c.dueAt.After(c.breachedAt) {
		return fmt.Sprintf("%s was due at %s", c.name(), stampText(c.breachedAt))
	}
	return fmt.Sprintf("%s was due at %s", c.name(), stampText(c.dueAt))
}

func (r *run) resolvedCondition() metav1.Condition {
	switch {
	case r.resolved.on:
		return r.condition(v1alpha1.ResolvedCondition, true, v1alpha1.StepsSettledReason, "what resolves the incident is settled", r.resolved.at)
	case r.over():
		reason, message := r.overText()
		return r.condition(v1alpha1.ResolvedCondition, false, reason, message, r.resolved.at)
	}
	return r.condition(v1alpha1.ResolvedCondition, false, v1alpha1.StepsOpenReason, "not settled: "+r.openSteps(r.plan.Resolves), r.resolved.at)
}

func (r *run) closedCondition() metav1.Condition {
	switch {
	case r.over():
		reason, message := r.overText()
		return r.condition(v1alpha1.ClosedCondition, true, reason, message, r.closed.at)
	case r.closed.on:
		return r.condition(v1alpha1.ClosedCondition, true, v1alpha1.StepsSettledReason, "every step is settled", r.closed.at)
	}
	open := r.openItems(r.now)
	if steps := r.openSteps(func(int) bool { return true }); steps != "" {
		open = append([]string{steps}, open...)
	}
	return r.condition(v1alpha1.ClosedCondition, false, v1alpha1.StepsOpenReason, "not settled: "+strings.Join(open, ", "), r.closed.at)
}

func (r *run) overText() (reason, message string) {
	if r.phase == v1alpha1.PhaseMerged {
		return v1alpha1.MergedReason, "merged into " + r.endedBy
	}
	return v1alpha1.CancelledReason, "cancelled: " + r.endedBy
}

// openSteps are the names of the steps that count and are not settled.
func (r *run) openSteps(counts func(i int) bool) string {
	var names []string
	for i := range r.steps {
		if r.steps[i].state != stepSettled && counts(i) {
			names = append(names, string(r.plan.Steps[i].Name))
		}
	}
	return strings.Join(names, ", ")
}

// isDocumented says whether every documentation step of the round is settled and a
// finding is there.
func (r *run) isDocumented() bool {
	return r.plan != nil && (r.plan.FirstOf(v1alpha1.StepDocumentation) >= 0) && r.documentationSettled() && r.inRound(isFinding)
}

func (r *run) documentationSettled() bool {
	return r.settledAll(func(i int) bool { return r.plan.Steps[i].Type == v1alpha1.StepDocumentation })
}

func isFinding(e *v1alpha1.JournalEntry) bool {
	return e.Finding != nil
}

func (r *run) documentedCondition() metav1.Condition {
	reason, message := v1alpha1.StepsSettledReason, "the documentation is settled and a finding is recorded"
	switch {
	case r.documented.on:
	case r.documentationSettled():
		reason, message = v1alpha1.FindingMissingReason, "the documentation is settled and no finding is recorded; append a finding"
	default:
		reason, message = v1alpha1.StepsOpenReason, "the documentation is not settled"
	}
	return r.condition(v1alpha1.DocumentedCondition, r.documented.on, reason, message, r.documented.at)
}

func (r *run) acceptedCondition() metav1.Condition {
	if r.accepted == v1alpha1.AcceptedYes {
		return r.condition(v1alpha1.CustomerAcceptedCondition, true, v1alpha1.AcceptedByCustomerReason, "the customer accepted the resolution", r.acceptedAt)
	}
	return r.condition(v1alpha1.CustomerAcceptedCondition, false, v1alpha1.NotAcceptedYetReason, "the customer has not accepted the resolution yet", r.acceptedAt)
}

// hasRemarks says whether something in the incident does not count.
func (r *run) hasRemarks() bool {
	if len(r.refused)+len(r.headerBad)+len(r.failed) > 0 {
		return true
	}
	for i := range r.steps {
		if len(r.steps[i].pending) > 0 {
			return true
		}
	}
	for _, p := range r.promises {
		if p.open() && p.claim != nil {
			return true
		}
	}
	return false
}

// failedNow are the expressions that failed: over a verdict that stands, or over a
// completion that still waits.
func (r *run) failedNow() []remark {
	out := slices.Clone(r.failed)
	for i := range r.steps {
		for _, p := range r.steps[i].pending {
			for _, m := range p.failed {
				if !slices.Contains(out, m) {
					out = append(out, m)
				}
			}
		}
	}
	return out
}

// journalCondition lists what does not count, with what to do about it. Its reason is
// that of the first kind there is.
func (r *run) journalCondition() metav1.Condition {
	reason := v1alpha1.AllEntriesCountReason
	var texts []string
	add := func(why, text string) {
		if len(texts) == 0 {
			reason = why
		}
		texts = append(texts, text)
	}
	for _, m := range r.refused {
		add(v1alpha1.EntriesRefusedReason, "entry "+m.subject+" counts for nothing: "+m.text)
	}
	for _, m := range r.headerBad {
		add(v1alpha1.HeaderRefusedReason, m.subject+": "+m.text)
	}
	for _, m := range r.failedNow() {
		add(v1alpha1.ExpressionFailedReason, "the policy's expression in "+m.subject+": "+m.text)
	}
	for i := range r.steps {
		for _, p := range r.steps[i].pending {
			add(v1alpha1.DemandsUnmetReason, fmt.Sprintf("entry %s does not complete %s yet: %s", p.fact.Entry.ID, r.plan.Steps[i].Name, p.missing))
		}
	}
	for _, p := range r.promises {
		if p.open() && p.claim != nil {
			add(v1alpha1.OutcomeUnprovenReason, fmt.Sprintf("entry %s keeps the promise %s only with a contact that reached the customer, or with a note that says how one can see it", p.claim.Entry.ID, p.id))
		}
	}
	if len(texts) == 0 {
		return r.condition(v1alpha1.JournalAcceptedCondition, true, reason, "every entry counts", r.journal.at)
	}
	return r.condition(v1alpha1.JournalAcceptedCondition, false, reason, strings.Join(texts, "; "), r.journal.at)
}

// abnormal are the conditions that are there only while they are true.
func (r *run) abnormal() []metav1.Condition {
	switch p := r.problem(); {
	case r.plan == nil && !r.over() && p.Stalled:
		return []metav1.Condition{r.condition(v1alpha1.StalledCondition, true, p.Reason, p.Message, r.inc.CreationTimestamp.UTC())}
	case r.plan == nil && !r.over():
		return []metav1.Condition{r.condition(v1alpha1.ReconcilingCondition, true, p.Reason, p.Message, r.inc.CreationTimestamp.UTC())}
	}
	if r.untold.on {
		return []metav1.Condition{r.condition(v1alpha1.StalledCondition, true, v1alpha1.CalendarExhaustedReason,
			"the calendar has no opening within 400 days of a start, so that a due instant cannot be told", r.untold.at)}
	}
	return nil
}
