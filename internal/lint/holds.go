package lint

import (
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

// holds looks for holds that pause nothing, and for what waits for a hold in vain.
func (l *linter) holds(p *compiledPolicy) {
	slows := false
	for i := range p.plan.Holds {
		h, field := &p.plan.Holds[i], index("spec.holds", i)
		slows = slows || h.Slows
		if h.MaxEach > 0 && h.MaxTotal > 0 && h.MaxEach > h.MaxTotal {
			l.add(ruleHoldCaps, p.doc, field+".maxEach", "one hold may last %s, and all together %s; give maxEach at most maxTotal", short(h.MaxEach), short(h.MaxTotal))
		}
		for j, name := range p.spec.Holds[i].Pauses.Steps {
			if at := p.plan.StepNamed(name); at >= 0 && !anySeverity(func(s v1alpha1.Severity) bool { return p.plan.Steps[at].Limits(s).Due != nil }) {
				l.add(ruleHoldPausesNothing, p.doc, index(field+".pauses.steps", j), "the step %s has no due, so that there is nothing to pause", name)
			}
		}
		for j, clock := range p.spec.Holds[i].Pauses.Clocks {
			if !hasClock(p, clock) {
				l.add(ruleHoldPausesNothing, p.doc, index(field+".pauses.clocks", j), "the policy has no %s clock to pause; give spec.%s, or take it out", clock,
					map[v1alpha1.ClockKind]string{v1alpha1.ClockResolution: "resolution", v1alpha1.ClockUpdate: "updates"}[clock])
			}
		}
	}
	l.heldUpdates(p, slows)
}

func hasClock(p *compiledPolicy, kind v1alpha1.ClockKind) bool {
	return anySeverity(func(s v1alpha1.Severity) bool {
		if kind == v1alpha1.ClockResolution {
			return p.plan.Pace(s).Resolution != nil
		}
		return p.plan.Pace(s).Update != nil
	})
}

// heldUpdates looks at the silence that is allowed while held.
func (l *linter) heldUpdates(p *compiledPolicy, slows bool) {
	look := func(u *v1alpha1.Updates, field string, pace *policy.Pace) {
		switch {
		case u == nil || pace.UpdateHeld == nil:
		case !slows:
			l.add(ruleHeldUpdates, p.doc, field+".updates.whileHeld", "no hold of this policy pauses the resolution, so that this never counts")
		case longer(pace.Update, pace.UpdateHeld):
			l.add(ruleHeldUpdates, p.doc, field+".updates.whileHeld", "while held the customer would hear from us every %s, and otherwise only every %s; while held nothing happens, so give it at least as long", text(pace.UpdateHeld), text(pace.Update))
		}
	}
	general := slices.IndexFunc(policy.Severities, func(s v1alpha1.Severity) bool {
		return paceField(p, s, func(o *v1alpha1.SeverityOverlay) bool { return o.Updates != nil }) == "spec"
	})
	if general >= 0 {
		look(p.spec.Updates, "spec", p.plan.Pace(policy.Severities[general]))
	}
	for i, o := range p.spec.BySeverity {
		look(o.Updates, index("spec.bySeverity", i), p.plan.Pace(o.Severity))
	}
}

func anySeverity(holds func(v1alpha1.Severity) bool) bool {
	return slices.ContainsFunc(policy.Severities, holds)
}
