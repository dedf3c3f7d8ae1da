package lint

import (
	"fmt"
	"strings"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

// longer says that a is certainly later than b: on different clocks that is left to the
// day on which they meet.
func longer(a, b *policy.Deadline) bool {
	switch {
	case a == nil || b == nil:
		return false
	case a.Within > 0 && b.Within > 0:
		return a.Business == b.Business && a.Within > b.Within
	case a.BusinessDays > 0 && b.BusinessDays > 0:
		return a.BusinessDays > b.BusinessDays
	}
	return false
}

// text is a deadline for people.
func text(d *policy.Deadline) string {
	switch {
	case d.BusinessDays > 0:
		return fmt.Sprintf("%d business days", d.BusinessDays)
	case d.Within == 0:
		return d.At.Format(time.RFC3339)
	case d.Business:
		return short(d.Within) + " of business time"
	}
	return short(d.Within)
}

// short is a duration as people write it.
func short(d time.Duration) string {
	var out strings.Builder
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if n := d / unit.size; n > 0 {
			fmt.Fprintf(&out, "%d%s", n, unit.name)
			d -= n * unit.size
		}
	}
	return out.String()
}

// deadlines looks for instants that have passed, and for a severity that gets more time
// than a milder one.
func (l *linter) deadlines(p *compiledPolicy) {
	for i, s := range p.given.Steps {
		l.passed(p, index("spec.steps", i)+".due", s.Due)
		l.passed(p, index("spec.steps", i)+".target", s.Target)
	}
	for i, overlay := range p.given.BySeverity {
		field := index("spec.bySeverity", i)
		for j, s := range overlay.Steps {
			l.passed(p, index(field+".steps", j)+".due", s.Due)
			l.passed(p, index(field+".steps", j)+".target", s.Target)
			at := p.plan.StepNamed(s.Name)
			l.laxer(p, overlay.Severity, index(field+".steps", j)+".due", "the step "+string(s.Name), s.Due != nil,
				func(of v1alpha1.Severity) *policy.Deadline { return p.plan.Steps[at].Limits(of).Due })
		}
		l.laxer(p, overlay.Severity, field+".responses.within", "an answer", overlay.Responses != nil,
			func(of v1alpha1.Severity) *policy.Deadline { return p.plan.Pace(of).Response })
		l.laxer(p, overlay.Severity, field+".updates.every", "the next update", overlay.Updates != nil,
			func(of v1alpha1.Severity) *policy.Deadline { return p.plan.Pace(of).Update })
		l.laxer(p, overlay.Severity, field+".resolution.within", "the resolution", overlay.Resolution != nil,
			func(of v1alpha1.Severity) *policy.Deadline { return p.plan.Pace(of).Resolution })
	}
}

func (l *linter) passed(p *compiledPolicy, field string, d *v1alpha1.Due) {
	if d != nil && d.At != nil && d.At.Time.Before(l.now) {
		l.add(ruleDueInPast, p.doc, field+".at", "%s has passed: every incident would be late at once; give a duration, or an instant to come", d.At.UTC().Format(time.RFC3339))
	}
}

// laxer compares what an overlay gives with what the next milder severity has.
func (l *linter) laxer(p *compiledPolicy, s v1alpha1.Severity, field, what string, given bool, of func(v1alpha1.Severity) *policy.Deadline) {
	rank := policy.Rank(s)
	if !given || rank == 0 {
		return
	}
	milder := policy.Severities[rank-1]
	if own, other := of(s), of(milder); longer(own, other) {
		l.add(ruleSevereLaxer, p.doc, field, "at severity %s %s may take %s, at the milder %s only %s; give the more severe one at most as much", s, what, text(own), milder, text(other))
	}
}

// pace looks at the total time, at updates and at what they do to each other.
func (l *linter) pace(p *compiledPolicy) {
	toldStep, toldUpdate := map[int]bool{}, false
	for _, severity := range policy.Severities {
		pace := p.plan.Pace(severity)
		if pace.Resolution == nil {
			continue
		}
		field := paceField(p, severity, func(o *v1alpha1.SeverityOverlay) bool { return o.Resolution != nil }) + ".resolution"
		for i := range p.plan.Steps {
			due := p.plan.Steps[i].Limits(severity).Due
			if p.plan.Resolves(i) && longer(due, pace.Resolution) && !toldStep[i] {
				toldStep[i] = true
				l.add(ruleResolutionEarly, p.doc, field+".within", "at severity %s everything is to be resolved within %s, and the step %s alone may take %s; make the total longer, or the step shorter",
					severity, text(pace.Resolution), p.plan.Steps[i].Name, text(due))
			}
		}
		if pace.Update != nil && !toldUpdate && !longer(pace.Resolution, pace.Update) && pace.Update.Business == pace.Resolution.Business {
			toldUpdate = true
			l.add(ruleUpdatesNeverDue, p.doc, paceField(p, severity, func(o *v1alpha1.SeverityOverlay) bool { return o.Updates != nil })+".updates.every",
				"an update every %s never falls due before the resolution, which is due within %s; make updates more frequent", text(pace.Update), text(pace.Resolution))
		}
	}
}

// paceField is where the pace of a severity is given: in its overlay, or for all.
func paceField(p *compiledPolicy, s v1alpha1.Severity, given func(*v1alpha1.SeverityOverlay) bool) string {
	for i := range p.spec.BySeverity {
		if p.spec.BySeverity[i].Severity == s && given(&p.spec.BySeverity[i]) {
			return index("spec.bySeverity", i)
		}
	}
	return "spec"
}
