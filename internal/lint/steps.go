package lint

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

// index is the path of an element.
func index(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// steps looks for steps that never apply, and for the one that every policy needs.
func (l *linter) steps(p *compiledPolicy) {
	for i := range p.plan.Steps {
		s := &p.plan.Steps[i]
		if s.When != nil && neverHolds(p, s, string(p.spec.Steps[i].When)) {
			l.add(ruleStepUnreachable, p.doc, index("spec.steps", i)+".when",
				"%q holds for no severity, category and round that there is, so that the step %s never applies", p.spec.Steps[i].When, s.Name)
		}
	}
	if p.plan.FirstOf(v1alpha1.StepApology) < 0 {
		l.add(ruleNoApology, p.doc, "spec.steps", "no step is of type Apology; a broken promise and a reopening owe one, and there is none to owe")
	}
}

// beyond are the names in an expression whose values nobody can list.
var (
	beyond     = regexp.MustCompile(`\b(incident|tier)\b`)
	categories = regexp.MustCompile(`\bcategory\b`)
)

// rounds are as many as are looked at: no policy tells the sixth from the fifth.
const rounds = 6

// neverHolds says whether a condition is false for every value that it can see. One that
// sees what cannot be listed may hold.
func neverHolds(p *compiledPolicy, s *policy.Step, source string) bool {
	listed := p.spec.Categories
	if beyond.MatchString(source) || categories.MatchString(source) && len(listed) == 0 {
		return false
	}
	if len(listed) == 0 {
		listed = []v1alpha1.Category{""}
	}
	for _, severity := range policy.Severities {
		for _, category := range listed {
			for round := range rounds {
				v := policy.Vars{Severity: severity, Round: round + 1}
				v.Header.Spec.Category = category
				if ok, err := s.When.Eval(v); ok || err != nil {
					return false
				}
			}
		}
	}
	return true
}

// selects says whether a level or an option with these severities is for a severity.
func selects(list []v1alpha1.Severity, s v1alpha1.Severity) bool {
	return len(list) == 0 || slices.Contains(list, s)
}
