package main

import (
	"fmt"
	"slices"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// expectation is how a story ends: always Closed, and what is given here.
type expectation struct {
	// SLA is the incident's verdict.
	SLA v1alpha1.SLA `json:"sla"`
	// Breached are the clocks that were late, all of them.
	Breached []string `json:"breached,omitempty"`
	// Events are reasons that the operator must have told of the incident.
	Events []string `json:"events,omitempty"`
	// PromisesKept is how many promises were kept, and so all that were made.
	PromisesKept int32 `json:"promisesKept,omitempty"`
	// Conditions are those that are true in the end.
	Conditions []string `json:"conditions,omitempty"`
}

// unmet says what of an expectation an incident does not show, or nothing. told
// counts its events by reason.
func (e *expectation) unmet(inc *v1alpha1.Incident, told map[string]int) []string {
	if inc == nil {
		return []string{"it is not there"}
	}
	var out []string
	if got := inc.Status.Phase; got != v1alpha1.PhaseClosed {
		out = append(out, fmt.Sprintf("its phase is %s, not %s", orNone(got), v1alpha1.PhaseClosed))
	}
	if got := inc.Status.SLA; got != e.SLA {
		out = append(out, fmt.Sprintf("its SLA is %s, not %s", orNone(got), e.SLA))
	}
	out = append(out, e.unmetClocks(inc)...)
	for _, reason := range e.Events {
		if told[reason] == 0 {
			out = append(out, "there is no event "+reason)
		}
	}
	for _, kind := range e.Conditions {
		switch c := apimeta.FindStatusCondition(inc.Status.Conditions, kind); {
		case c == nil:
			out = append(out, "it has no condition "+kind)
		case c.Status != metav1.ConditionTrue:
			out = append(out, fmt.Sprintf("its condition %s is %s: %s", kind, c.Status, c.Message))
		}
	}
	if e.PromisesKept > 0 {
		if got, want := inc.Status.Promises, (v1alpha1.PromiseCounts{Kept: e.PromisesKept}); got == nil || *got != want {
			out = append(out, fmt.Sprintf("not all of its promises, %d, are kept", e.PromisesKept))
		}
	}
	return out
}

// unmetClocks checks that exactly the expected clocks were breached, each at its due
// instant and noticed afterwards.
func (e *expectation) unmetClocks(inc *v1alpha1.Incident) []string {
	var out []string
	missing := slices.Clone(e.Breached)
	for i := range inc.Status.Clocks {
		c := &inc.Status.Clocks[i]
		if c.BreachedAt == nil {
			continue
		}
		if n := slices.Index(missing, c.Name); n >= 0 {
			missing = slices.Delete(missing, n, n+1)
		} else {
			out = append(out, c.Name+" was breached")
		}
		if !c.BreachedAt.Equal(c.DueAt) {
			out = append(out, fmt.Sprintf("%s: breachedAt %s is not dueAt %s", c.Name, c.BreachedAt, c.DueAt))
		}
		if c.ObservedAt == nil || !c.ObservedAt.After(c.BreachedAt.Time) {
			out = append(out, fmt.Sprintf("%s: observedAt %s is not after breachedAt %s", c.Name, c.ObservedAt, c.BreachedAt))
		}
	}
	for _, name := range missing {
		out = append(out, name+" was not breached")
	}
	return out
}

func orNone[S ~string](s S) string {
	if s == "" {
		return "none yet"
	}
	return string(s)
}
