package policy

import (
	"iter"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/calendar"
)

// Plan is a compiled policy: what is owed, ready to be decided on. It never changes
// and may be read from many goroutines at once.
type Plan struct {
	// Policy is the name of the RecoveryPolicy.
	Policy string
	// Revision is the name of the revision that it was compiled from.
	Revision string
	// Steps are the steps in the order of the policy.
	Steps []Step
	// Categories are the allowed categories; none means any.
	Categories []v1alpha1.Category
	// Catalogue are the remedies by name.
	Catalogue map[v1alpha1.Name]v1alpha1.CatalogueOption
	// ReopenWithin is how long an incident can be reopened.
	ReopenWithin time.Duration
	// MaxSupersedes is how often a promise may be superseded.
	MaxSupersedes int
	// ContactGrace is added to the opening of the customer's own hours.
	ContactGrace time.Duration
	// Holds are the allowed reasons to hold.
	Holds []HoldRule
	// Escalation is who is told, in the order of the policy.
	Escalation []Level
	// OnDissatisfied is Escalate or Reopen.
	OnDissatisfied v1alpha1.OnDissatisfied
	// CalendarName is the calendar on which business time counts, or empty.
	CalendarName string
	// DeliverWithin is the time from a grant to its delivery, or nil.
	DeliverWithin *Deadline

	extra         [4]v1alpha1.ExtraDemand
	resolving     []bool
	resolvesLater bool
	pace          [4]Pace
	calendar      *calendar.Calendar
}

// Step is a compiled step.
type Step struct {
	Name     v1alpha1.Name
	Type     v1alpha1.StepType
	FollowUp v1alpha1.FollowUpKind
	// After are the places in Plan.Steps of the steps that are settled before.
	After []int
	// When is nil where the step always applies.
	When *Program
	// NotBefore is nil where the step starts as soon as the steps before it are settled.
	NotBefore *Deadline
	Demands   []v1alpha1.Demand
	Requires  []Requirement

	limits [4]Limits
}

// Requirement is a compiled demand in the policy's own words.
type Requirement struct {
	Expression *Program
	Message    string
}

// Limits are the deadlines of a step at one severity.
type Limits struct {
	// Target is nil where there is no aim beyond the commitment.
	Target *Deadline
	// Due is nil where the step has no deadline.
	Due *Deadline
	// WarnAt are percentages of the counted time, ascending.
	WarnAt []int
}

// Limits are the deadlines that hold at a severity.
func (s *Step) Limits(severity v1alpha1.Severity) *Limits {
	return &s.limits[Rank(severity)]
}

// Deadline is a compiled Due: exactly one of Within, BusinessDays and At is set.
type Deadline struct {
	// Within is a duration in whole seconds.
	Within time.Duration
	// Business says that Within counts on the calendar.
	Business bool
	// BusinessDays is a number of business days after the day of the start.
	BusinessDays int
	// At is an instant.
	At time.Time
}

// Due is the instant of a deadline that counts from start. The error is one of
// calendar.ErrExhausted.
func (p *Plan) Due(d *Deadline, start time.Time) (time.Time, error) {
	switch {
	case !d.At.IsZero():
		return d.At, nil
	case d.BusinessDays > 0:
		return p.calendar.CloseOfBusinessDay(start, d.BusinessDays)
	case d.Business:
		return p.calendar.Due(start, d.Within)
	}
	return start.Add(d.Within), nil
}

// Counted is how much a deadline counts between two instants. It asks for one that
// counts a duration.
func (p *Plan) Counted(d *Deadline, from, to time.Time) time.Duration {
	if d.Business {
		return p.calendar.Counted(from, to)
	}
	return to.Sub(from)
}

// Stretches walks the policy's calendar from from to to, and yields nothing where the
// policy has none. The open stretches add up to what a deadline on business time counts.
func (p *Plan) Stretches(from, to time.Time) iter.Seq[calendar.Stretch] {
	if p.calendar == nil {
		return func(func(calendar.Stretch) bool) {}
	}
	return p.calendar.Stretches(from, to)
}

// Location is the time zone of the policy's calendar, or nil.
func (p *Plan) Location() *time.Location {
	if p.calendar == nil {
		return nil
	}
	return p.calendar.Location()
}

// Percent is the instant at which a percentage of the time that the deadline counts
// between start and due has passed, rounded up to a whole second.
func (p *Plan) Percent(d *Deadline, start, due time.Time, percent int) time.Time {
	if d.Business || d.BusinessDays > 0 {
		return p.calendar.PercentAt(start, due, percent)
	}
	return start.Add(calendar.PercentOf(due.Sub(start), percent))
}

// StepNamed is the place of a step, or -1.
func (p *Plan) StepNamed(name v1alpha1.Name) int {
	for i := range p.Steps {
		if p.Steps[i].Name == name {
			return i
		}
	}
	return -1
}

// PercentOf is a percentage of a duration, rounded up to a whole second.
func PercentOf(d time.Duration, percent int) time.Duration {
	return calendar.PercentOf(d, percent)
}
