package policy

import (
	"fmt"
	"slices"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/calendar"
)

// maxSteps is the most steps of a policy; the API server holds the same bound.
const maxSteps = 20

// Compile makes a Plan of a revision, or says everything that is wrong with it. The
// content is completed; see Complete.
func Compile(policyName, revision string, c Content) (*Plan, []Problem) {
	k := compiler{spec: &c.Policy, plan: &Plan{
		Policy:       policyName,
		Revision:     revision,
		CalendarName: string(c.Policy.CalendarName),
		Categories:   c.Policy.Categories,
		Catalogue:    map[v1alpha1.Name]v1alpha1.CatalogueOption{},
	}}
	compiled := k.calendars(c.Calendars)
	if k.steps() {
		k.overlays()
		k.deadlines()
		k.graph()
		k.resolving()
		k.holds()
	}
	k.paces()
	k.escalation(compiled)
	k.rest()
	if len(k.problems) > 0 {
		return nil, k.problems
	}
	return k.plan, nil
}

type compiler struct {
	problems

	spec *v1alpha1.RecoveryPolicySpec
	plan *Plan
}

// calendars compiles every calendar that the policy names and keeps the one that
// the policy counts on.
func (k *compiler) calendars(specs map[string]v1alpha1.BusinessCalendarSpec) map[string]*calendar.Calendar {
	out := map[string]*calendar.Calendar{}
	for _, name := range CalendarNames(*k.spec) {
		spec, ok := specs[name]
		if !ok {
			k.add(v1alpha1.CalendarNotFoundReason, k.calendarField(name), "there is no BusinessCalendar %q in this namespace; create it, or name another one", name)
			continue
		}
		cal, wrong := calendar.Compile(spec)
		if len(wrong) > 0 {
			reason := v1alpha1.CalendarNotReadyReason
			if wrong[0].Reason == calendar.ReasonExhausted {
				reason = v1alpha1.CalendarExhaustedReason
			}
			k.add(reason, k.calendarField(name), "the BusinessCalendar %q cannot be used: %s", name, wrong[0])
			continue
		}
		out[name] = cal
	}
	k.plan.calendar = out[string(k.spec.CalendarName)]
	return out
}

// calendarField is the first field that names a calendar.
func (k *compiler) calendarField(name string) string {
	if string(k.spec.CalendarName) == name {
		return "spec.calendarName"
	}
	i := slices.IndexFunc(k.spec.Escalation, func(l v1alpha1.EscalationLevel) bool { return string(l.Hours) == name })
	return fmt.Sprintf("spec.escalation[%d].hours", i)
}

// steps compiles the steps, unless there are too many: then nothing is said about what
// names one of them either.
func (k *compiler) steps() bool {
	if len(k.spec.Steps) > maxSteps {
		k.add(v1alpha1.InvalidSpecReason, "spec.steps", "there are %d steps; a policy has at most %d", len(k.spec.Steps), maxSteps)
		return false
	}
	seen := map[v1alpha1.Name]int{}
	for i := range k.spec.Steps {
		s := &k.spec.Steps[i]
		field := stepField(i)
		if first, twice := seen[s.Name]; twice {
			k.add(v1alpha1.InvalidSpecReason, field+".name", "the name %q is taken by %s; every step has a name of its own", s.Name, stepField(first))
		}
		seen[s.Name] = i
		k.plan.Steps = append(k.plan.Steps, k.step(field, s))
	}
	return true
}

func stepField(i int) string {
	return fmt.Sprintf("spec.steps[%d]", i)
}

func (k *compiler) step(field string, s *v1alpha1.Step) Step {
	out := Step{Name: s.Name, Type: s.Type, FollowUp: s.FollowUp, Demands: s.Demands}
	out.NotBefore = k.deadline(field+".notBefore", s.NotBefore)
	limits := Limits{
		Target: k.deadline(field+".target", s.Target),
		Due:    k.deadline(field+".due", s.Due),
		WarnAt: k.warnings(field+".warnAt", s.WarnAt),
	}
	for i := range out.limits {
		out.limits[i] = limits
	}
	out.When = k.program(field+".when", s.When, scopeWhen)
	for i, r := range s.Requires {
		if p := k.program(fmt.Sprintf("%s.requires[%d].expression", field, i), r.Expression, scopeRequires); p != nil {
			out.Requires = append(out.Requires, Requirement{Expression: p, Message: string(r.Message)})
		}
	}
	return out
}

func (k *compiler) program(field string, source v1alpha1.Expression, s scope) *Program {
	if source == "" {
		return nil
	}
	p, err := compileExpression(source, s)
	if err != nil {
		k.add(v1alpha1.InvalidSpecReason, field, "%v", err)
		return nil
	}
	return p
}

// warnings are the thresholds in ascending order.
func (k *compiler) warnings(field string, percents []int32) []int {
	var out []int
	for _, p := range percents {
		if p < 1 || p > 99 {
			k.add(v1alpha1.InvalidSpecReason, field, "%d is no threshold; write percentages from 1 to 99", p)
			continue
		}
		out = append(out, int(p))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// overlays puts the limits of single severities in place of the general ones.
func (k *compiler) overlays() {
	for i, overlay := range k.spec.BySeverity {
		rank := Rank(overlay.Severity)
		for j, s := range overlay.Steps {
			field := fmt.Sprintf("spec.bySeverity[%d].steps[%d]", i, j)
			at := k.plan.StepNamed(s.Name)
			if at < 0 {
				k.add(v1alpha1.InvalidSpecReason, field+".name", "there is no step %q; the steps are %s", s.Name, k.plan.StepNames())
				continue
			}
			limits := &k.plan.Steps[at].limits[rank]
			if s.Target != nil {
				limits.Target = k.deadline(field+".target", s.Target)
			}
			if s.Due != nil {
				limits.Due = k.deadline(field+".due", s.Due)
			}
			if s.WarnAt != nil {
				limits.WarnAt = k.warnings(field+".warnAt", s.WarnAt)
			}
		}
	}
}

// The defaults of what a policy does not say.
const (
	defaultMaxSupersedes = 1
	defaultContactGrace  = time.Hour
)

// rest compiles what stands by itself.
func (k *compiler) rest() {
	s := k.spec
	k.remedies()
	if d, err := ParseDuration(s.ReopenWithin); err != nil {
		k.add(v1alpha1.InvalidSpecReason, "spec.reopenWithin", "%v", err)
	} else {
		k.plan.ReopenWithin = d
	}
	k.plan.ContactGrace = k.optional("spec.contactGrace", s.ContactGrace, defaultContactGrace)
	k.plan.MaxSupersedes = defaultMaxSupersedes
	if s.Promises != nil && s.Promises.MaxSupersedes != nil {
		k.plan.MaxSupersedes = int(*s.Promises.MaxSupersedes)
	}
	k.plan.OnDissatisfied = s.OnDissatisfied
	if s.Selector != nil && s.Selector.Expression != "" {
		k.program("spec.selector.expression", s.Selector.Expression, scopeSelector)
	}
}
