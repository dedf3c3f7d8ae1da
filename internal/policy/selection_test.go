package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

// candidate is a policy with a selector; nil selects nothing.
func candidate(t testing.TB, name string, priority int32, s *v1alpha1.IncidentSelector) policy.Candidate {
	t.Helper()
	selector, err := policy.CompileSelector(s)
	if err != nil {
		t.Fatal(err)
	}
	return policy.Candidate{Name: name, Priority: priority, Selector: selector}
}

func TestSelectorMatches(t *testing.T) {
	t.Parallel()
	header := coffee(gold, fixture.OfSeverity("Medium"))
	type labels = map[string]v1alpha1.LabelValue
	for name, c := range map[string]struct {
		selector *v1alpha1.IncidentSelector
		want     bool
	}{
		"none selects nothing":                  {nil, false},
		"an empty one selects all":              {&v1alpha1.IncidentSelector{}, true},
		"its severity":                          {&v1alpha1.IncidentSelector{Severities: []v1alpha1.Severity{"Low", "Medium"}}, true},
		"another severity":                      {&v1alpha1.IncidentSelector{Severities: []v1alpha1.Severity{"Low", "High"}}, false},
		"its label":                             {&v1alpha1.IncidentSelector{MatchLabels: labels{"site": "hotel-b"}}, true},
		"another value of its label":            {&v1alpha1.IncidentSelector{MatchLabels: labels{"site": "hotel-c"}}, false},
		"a label that it does not have":         {&v1alpha1.IncidentSelector{MatchLabels: labels{"floor": ""}}, false},
		"one of two labels":                     {&v1alpha1.IncidentSelector{MatchLabels: labels{"site": "hotel-b", "floor": "3"}}, false},
		"an expression":                         {&v1alpha1.IncidentSelector{Expression: `incident.spec.customer.tier == "Gold"`}, true},
		"an expression that does not hold":      {&v1alpha1.IncidentSelector{Expression: `incident.spec.customer.tier == "Silver"`}, false},
		"all three":                             {&v1alpha1.IncidentSelector{Severities: []v1alpha1.Severity{"Medium"}, MatchLabels: labels{"site": "hotel-b"}, Expression: `incident.spec.service == "pool-bar"`}, true},
		"all but the severity":                  {&v1alpha1.IncidentSelector{Severities: []v1alpha1.Severity{"High"}, MatchLabels: labels{"site": "hotel-b"}, Expression: `true`}, false},
		"all but the label":                     {&v1alpha1.IncidentSelector{Severities: []v1alpha1.Severity{"Medium"}, MatchLabels: labels{"site": "x"}, Expression: `true`}, false},
		"all but the expression":                {&v1alpha1.IncidentSelector{Severities: []v1alpha1.Severity{"Medium"}, MatchLabels: labels{"site": "hotel-b"}, Expression: `false`}, false},
		"a failing expression after a mismatch": {&v1alpha1.IncidentSelector{Severities: []v1alpha1.Severity{"High"}, Expression: `1 / 0 == 1`}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := candidate(t, "p", 0, c.selector).Selector.Matches(header)
			if err != nil || got != c.want {
				t.Errorf("Matches = %t, %v, want %t", got, err, c.want)
			}
		})
	}
}

func TestCompileSelectorRefuses(t *testing.T) {
	t.Parallel()
	_, err := policy.CompileSelector(&v1alpha1.IncidentSelector{Expression: "incident.spec.custmer"})
	if err == nil || !strings.Contains(err.Error(), "spec.selector.expression") || !strings.Contains(err.Error(), "custmer") {
		t.Errorf("the error is %v, want one that names the field and the mistake", err)
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	all := &v1alpha1.IncidentSelector{}
	low := &v1alpha1.IncidentSelector{Severities: []v1alpha1.Severity{"Low"}}
	high := &v1alpha1.IncidentSelector{Severities: []v1alpha1.Severity{"High"}}
	failing := &v1alpha1.IncidentSelector{Expression: `incident.metadata.labels["vip"] == "yes"`}
	type offer struct {
		name     string
		priority int32
		selector *v1alpha1.IncidentSelector
	}
	for name, c := range map[string]struct {
		offers []offer
		want   string
		reason string
		says   []string
		silent []string
	}{
		"the only one":                          {offers: []offer{{"a", 0, all}}, want: "a"},
		"the highest priority":                  {offers: []offer{{"a", 1, all}, {"b", 3, low}, {"c", 2, all}}, want: "b"},
		"the highest that holds":                {offers: []offer{{"a", 1, all}, {"b", 3, high}}, want: "a"},
		"a tie below the highest is no matter":  {offers: []offer{{"a", 1, all}, {"b", 3, all}, {"c", 1, all}}, want: "b"},
		"one that failed is left out":           {offers: []offer{{"a", 1, all}, {"b", 3, failing}}, want: "a"},
		"a tie":                                 {offers: []offer{{"b", 7, low}, {"x", 3, all}, {"a", 7, all}}, reason: v1alpha1.PolicyTieReason, says: []string{"a and b", "priority 7", "higher priority"}, silent: []string{"x"}},
		"a tie of three":                        {offers: []offer{{"b", 0, all}, {"c", 0, all}, {"a", 0, all}}, reason: v1alpha1.PolicyTieReason, says: []string{"a and b and c"}},
		"none at all":                           {reason: v1alpha1.NoPolicyMatchesReason, says: []string{"no RecoveryPolicy in this namespace selects this incident", "spec.policyName"}},
		"none that holds":                       {offers: []offer{{"a", 1, high}, {"b", 1, nil}}, reason: v1alpha1.NoPolicyMatchesReason, silent: []string{"selector of"}},
		"none that holds, and some that failed": {offers: []offer{{"b", 1, failing}, {"a", 9, failing}, {"c", 1, high}}, reason: v1alpha1.NoPolicyMatchesReason, says: []string{"the selector of a: ", "; the selector of b: ", "no such key: vip"}, silent: []string{"selector of c"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var candidates []policy.Candidate
			for _, o := range c.offers {
				candidates = append(candidates, candidate(t, o.name, o.priority, o.selector))
			}
			got, problem := policy.Select(coffee(), candidates)
			if got != c.want || (problem == nil) != (c.reason == "") {
				t.Fatalf("Select = %q, %v, want %q", got, problem, c.want)
			}
			if problem == nil {
				return
			}
			if problem.Reason != c.reason || problem.Field != "spec.policyName" {
				t.Errorf("the problem is %s at %s, want %s at spec.policyName", problem.Reason, problem.Field, c.reason)
			}
			for _, part := range c.says {
				if !strings.Contains(problem.Message, part) {
					t.Errorf("the message does not say %q: %s", part, problem.Message)
				}
			}
			for _, part := range c.silent {
				if strings.Contains(problem.Message, part) {
					t.Errorf("the message says %q: %s", part, problem.Message)
				}
			}
			slices.Reverse(candidates)
			_, again := policy.Select(coffee(), candidates)
			if diff := cmp.Diff(problem, again); diff != "" {
				t.Errorf("the order of the candidates matters (-one +other):\n%s", diff)
			}
		})
	}
}
