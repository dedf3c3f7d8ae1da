package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Selector is a compiled selector.
type Selector struct {
	severities []v1alpha1.Severity
	labels     map[string]v1alpha1.LabelValue
	expression *Program
}

// CompileSelector compiles a selector; nil stays nil and selects nothing.
func CompileSelector(s *v1alpha1.IncidentSelector) (*Selector, error) {
	if s == nil {
		return nil, nil
	}
	out := &Selector{severities: s.Severities, labels: s.MatchLabels}
	if s.Expression != "" {
		p, err := compileExpression(s.Expression, scopeSelector)
		if err != nil {
			return nil, fmt.Errorf("spec.selector.expression: %w", err)
		}
		out.expression = p
	}
	return out, nil
}

// Matches says whether every part that is given holds. A failing expression does
// not hold, and is the error.
func (s *Selector) Matches(h Header) (bool, error) {
	if s == nil {
		return false, nil
	}
	if len(s.severities) > 0 && !slices.Contains(s.severities, h.Spec.Severity) {
		return false, nil
	}
	for k, want := range s.labels {
		if got, ok := h.Metadata.Labels[k]; !ok || got != string(want) {
			return false, nil
		}
	}
	if s.expression == nil {
		return true, nil
	}
	return s.expression.Eval(Vars{Header: h})
}

// Candidate is a policy that may apply.
type Candidate struct {
	Name     string
	Priority int32
	Selector *Selector
}

// Select chooses the policy of an incident that names none: the highest priority
// whose selector holds. A tie is a problem that names the tied policies, never a
// silent pick.
func Select(h Header, candidates []Candidate) (string, *Problem) {
	var holding []Candidate
	var failed []string
	for _, c := range candidates {
		ok, err := c.Selector.Matches(h)
		if err != nil {
			failed = append(failed, fmt.Sprintf("the selector of %s: %v", c.Name, err))
		}
		if ok {
			holding = append(holding, c)
		}
	}
	if len(holding) == 0 {
		message := "no RecoveryPolicy in this namespace selects this incident; add a policy whose selector holds, or open the incident with spec.policyName"
		if len(failed) > 0 {
			slices.Sort(failed)
			message += "; " + strings.Join(failed, "; ")
		}
		return "", &Problem{Reason: v1alpha1.NoPolicyMatchesReason, Field: "spec.policyName", Message: message}
	}
	slices.SortFunc(holding, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(a.Name, b.Name))
	})
	best := holding[0]
	tied := []string{best.Name}
	for _, c := range holding[1:] {
		if c.Priority == best.Priority {
			tied = append(tied, c.Name)
		}
	}
	if len(tied) > 1 {
		return "", &Problem{
			Reason: v1alpha1.PolicyTieReason,
			Field:  "spec.policyName",
			Message: fmt.Sprintf("the policies %s all select this incident at priority %d; give one of them a higher priority, or narrow a selector",
				strings.Join(tied, " and "), best.Priority),
		}
	}
	return best.Name, nil
}
