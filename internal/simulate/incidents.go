package simulate

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/recovery"
)

// decide brings each incident up to now.
func (r *run) decide(ctx context.Context) (changed bool, err error) {
	for _, key := range r.incidents.keys() {
		inc := r.incidents[key]
		snapshot, err := r.gatherer.Snapshot(ctx, inc)
		if err != nil {
			return changed, err
		}
		decision := recovery.Decide(snapshot, r.now)
		delete(r.incidentWakes, key)
		if !decision.WakeAt.IsZero() {
			r.incidentWakes[key] = decision.WakeAt
		}
		if equality.Semantic.DeepEqual(inc.Status, decision.Status) {
			continue
		}
		was := inc.Status
		inc.Status, changed = decision.Status, true
		r.story(inc, &was, decision.Notices)
	}
	return changed, nil
}

// story tells what has changed about an incident.
func (p *player) story(inc *v1alpha1.Incident, was *v1alpha1.IncidentStatus, notices []recovery.Notice) {
	for i := range inc.Status.Clocks {
		c := &inc.Status.Clocks[i]
		if text := clockText(c); text != clockText(clockNamed(was, c.Name)) {
			p.tell(inc.Name, "Incident", inc.Name, Clock, string(c.State), text)
		}
	}
	p.conditions(inc.Name, "Incident", inc.Name, was.Conditions, inc.Status.Conditions)
	if text := standing(&inc.Status); text != standing(was) {
		p.tell(inc.Name, "Incident", inc.Name, Stands, string(inc.Status.SLA), text)
	}
	for _, n := range notices {
		what := Told
		if n.Warning {
			what = Warned
		}
		p.tell(inc.Name, "Incident", inc.Name, what, n.Reason, n.Message)
	}
}

func clockNamed(s *v1alpha1.IncidentStatus, name string) *v1alpha1.Clock {
	for i := range s.Clocks {
		if s.Clocks[i].Name == name {
			return &s.Clocks[i]
		}
	}
	return nil
}

// clockText is a clock as one line.
func clockText(c *v1alpha1.Clock) string {
	if c == nil {
		return ""
	}
	parts := []string{c.Name + " " + string(c.State)}
	if c.Reason != "" {
		parts[0] += " (" + c.Reason + ")"
	}
	for _, each := range []struct {
		word string
		at   *metav1.Time
	}{
		{"since", c.StartedAt}, {"target", c.TargetAt}, {"due", c.DueAt}, {"was due", c.OriginalDueAt},
		{"done", c.DoneAt}, {"breached", c.BreachedAt},
	} {
		if each.at != nil {
			parts = append(parts, each.word+" "+each.at.UTC().Format(time.RFC3339))
		}
	}
	return strings.Join(parts, ", ")
}

// standing is how an incident stands as a whole.
func standing(s *v1alpha1.IncidentStatus) string {
	out := string(s.Phase)
	if s.SLA != "" {
		out += " " + string(s.SLA)
	}
	if s.Round > 1 {
		out += fmt.Sprintf(", round %d", s.Round)
	}
	if s.CurrentStep != "" {
		out += ", at " + string(s.CurrentStep)
	}
	if s.NextDueAt != nil {
		out += ", next due " + s.NextDueAt.UTC().Format(time.RFC3339)
	}
	return out
}

// conditions tells of conditions that say something else, and of those that are gone.
func (p *player) conditions(incident, kind, name string, was, is []metav1.Condition) {
	find := func(list []metav1.Condition, t string) *metav1.Condition {
		for i := range list {
			if list[i].Type == t {
				return &list[i]
			}
		}
		return nil
	}
	for i := range is {
		before := find(was, is[i].Type)
		if before == nil || before.Status != is[i].Status || before.Reason != is[i].Reason {
			p.tell(incident, kind, name, Condition, is[i].Reason, fmt.Sprintf("%s is %s: %s", is[i].Type, is[i].Status, is[i].Message))
		}
	}
	for i := range was {
		if find(is, was[i].Type) == nil {
			p.tell(incident, kind, name, Condition, "Gone", was[i].Type+" is not told any more")
		}
	}
}
