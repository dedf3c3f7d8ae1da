package lint

import (
	"regexp"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/manifest"
	"github.com/amends-dev/amends/internal/policy"
)

// policies compiles the policies, and looks at those that compile for what can never
// work as it was meant.
func (l *linter) policies() {
	for _, k := range ordered(l.world.policies) {
		p := l.world.policies[k]
		if !l.compile(p) {
			continue
		}
		l.steps(p)
		l.deadlines(p)
		l.pace(p)
		l.holds(p)
		l.escalation(p)
		l.catalogue(p)
	}
}

// always is a calendar that is always open. It stands in for one that is not there or
// wrong, so that the rest of a policy can be looked at.
var always = v1alpha1.BusinessCalendarSpec{
	TimeZone: "UTC",
	Weekly: []v1alpha1.WeeklyOpening{{
		Days:  []v1alpha1.Weekday{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
		Hours: []v1alpha1.Opening{{From: "00:00", To: "24:00"}},
	}},
}

// compile compiles a policy, and says whether nothing is wrong with it.
func (l *linter) compile(p *compiledPolicy) bool {
	content := policy.Content{Policy: p.spec, Calendars: map[string]v1alpha1.BusinessCalendarSpec{}}
	for _, name := range policy.CalendarNames(p.spec) {
		content.Calendars[name] = always
		if c, ok := find(l.world.calendars, "BusinessCalendar", p.doc.Namespace, name); ok && c.compiled != nil {
			content.Calendars[name] = c.spec
		} else if !l.world.described("BusinessCalendar", p.doc.Namespace, name) {
			l.add(ruleCalendarNotFound, p.doc, calendarField(p, name), "there is no BusinessCalendar %q among the files; the policy waits until it is there", name)
		}
	}
	var wrong []policy.Problem
	p.plan, wrong = policy.Compile(p.doc.Name, p.doc.Name, content)
	for _, problem := range wrong {
		l.add(policyRule(p, problem), p.doc, problem.Field, "%s", problem.Message)
	}
	selector, err := policy.CompileSelector(p.spec.Selector)
	if err == nil {
		p.selector = selector
	}
	return len(wrong) == 0
}

// sharper tells of a policy that a rule of the API server does not hold for, where the
// compiler can say better at which place below the rule's own.
func (l *linter) sharper(d *manifest.Document, field string) bool {
	var given v1alpha1.RecoveryPolicy
	if d.Kind != "RecoveryPolicy" || d.Into(&given) != nil {
		return false
	}
	p := &compiledPolicy{doc: d, spec: policy.Complete(given.Spec)}
	content := policy.Content{Policy: p.spec, Calendars: map[string]v1alpha1.BusinessCalendarSpec{}}
	for _, name := range policy.CalendarNames(p.spec) {
		content.Calendars[name] = always
	}
	_, wrong := policy.Compile(d.Name, d.Name, content)
	before := len(l.findings)
	for _, problem := range wrong {
		if strings.HasPrefix(problem.Field, field) && problem.Field != field {
			l.add(policyRule(p, problem), d, problem.Field, "%s", problem.Message)
		}
	}
	return len(l.findings) > before
}

// calendarField is the first field that names a calendar.
func calendarField(p *compiledPolicy, name string) string {
	if string(p.spec.CalendarName) == name {
		return "spec.calendarName"
	}
	for i, level := range p.spec.Escalation {
		if string(level.Hours) == name {
			return index("spec.escalation", i) + ".hours"
		}
	}
	return "spec"
}

var (
	aStep     = regexp.MustCompile(`^spec\.steps\[\d+\]$`)
	aDeadline = regexp.MustCompile(`\.(due|target|notBefore|within|every|whileHeld|deliverWithin)$`)
)

// policyRule is the rule that a problem of a policy falls under, by its field.
func policyRule(p *compiledPolicy, problem policy.Problem) string {
	f := problem.Field
	switch {
	case strings.HasSuffix(f, ".when"), strings.HasSuffix(f, ".expression"):
		return ruleExpression
	case f == "spec.steps":
		return ruleStepCycle
	case aStep.MatchString(f):
		return ruleDeadlines
	case strings.Contains(f, ".pauses."):
		if strings.Contains(problem.Message, "there is no step") {
			return ruleUnknownStep
		}
		return ruleHoldCannotPause
	case strings.HasSuffix(f, ".after"), strings.HasPrefix(f, "spec.bySeverity") && strings.HasSuffix(f, ".name"):
		return ruleUnknownStep
	case p.spec.CalendarName == "" && aDeadline.MatchString(f):
		return ruleNoCalendar
	}
	return rulePolicyInvalid
}
