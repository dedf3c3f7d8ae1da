package policy

import (
	"fmt"
	"slices"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/calendar"
)

// Level is a compiled escalation level.
type Level struct {
	Name   v1alpha1.Name
	Notify v1alpha1.Notify
	// After is the delay from the trigger's instant.
	After time.Duration

	triggers   []v1alpha1.Trigger
	severities []v1alpha1.Severity
	hours      *calendar.Calendar
}

// Hears says whether the level is told of a trigger at a severity.
func (l *Level) Hears(t v1alpha1.Trigger, s v1alpha1.Severity) bool {
	return slices.Contains(l.triggers, t) && (len(l.severities) == 0 || slices.Contains(l.severities, s))
}

// TellAt is when the level is told of something that happened at an instant: after
// its delay, and within its hours. It is zero where the hours never open again.
func (l *Level) TellAt(at time.Time) time.Time {
	return l.Open(at.Add(l.After))
}

// Open is the first instant within the level's hours that is not before this one. It is
// zero where the hours never open again.
func (l *Level) Open(at time.Time) time.Time {
	if l.hours == nil || l.hours.IsOpen(at) {
		return at
	}
	next, ok := l.hours.NextOpening(at)
	if !ok {
		return time.Time{}
	}
	return next
}

func (k *compiler) escalation(compiled map[string]*calendar.Calendar) {
	for i, l := range k.spec.Escalation {
		k.plan.Escalation = append(k.plan.Escalation, Level{
			Name: l.Level, Notify: l.Notify,
			After:    k.optional(fmt.Sprintf("spec.escalation[%d].after", i), l.After, 0),
			triggers: l.Triggers, severities: l.Severities, hours: compiled[string(l.Hours)],
		})
	}
}
