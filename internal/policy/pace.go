package policy

import (
	"fmt"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Pace is what is owed at one severity beside the steps. What is nil is not owed.
type Pace struct {
	// Response is the time to our own answer to a contact from the customer.
	Response *Deadline
	// Update is the longest silence, and UpdateHeld the longest while a hold lasts.
	Update, UpdateHeld *Deadline
	// Resolution is the total time to resolution, across reopenings.
	Resolution *Deadline
	// Assign is the time until the incident has an owner, Accept until the owner has
	// taken it on.
	Assign, Accept *Deadline
}

// Pace is what is owed at a severity beside the steps.
func (p *Plan) Pace(severity v1alpha1.Severity) *Pace {
	return &p.pace[Rank(severity)]
}

// paces compiles what is owed beside the steps, with what single severities replace.
func (k *compiler) paces() {
	s := k.spec
	general := Pace{}
	k.pace(&general, "spec", s.Responses, s.Updates, s.Resolution, s.Assignment)
	for i := range k.plan.pace {
		k.plan.pace[i] = general
	}
	for i, o := range s.BySeverity {
		k.pace(&k.plan.pace[Rank(o.Severity)], fmt.Sprintf("spec.bySeverity[%d]", i), o.Responses, o.Updates, o.Resolution, o.Assignment)
	}
}

func (k *compiler) pace(out *Pace, field string, r *v1alpha1.Responses, u *v1alpha1.Updates, l *v1alpha1.ResolutionLimit, a *v1alpha1.AssignmentLimits) {
	if r != nil {
		out.Response = k.within(field+".responses.within", r.Within, r.Clock)
	}
	if u != nil {
		out.Update = k.within(field+".updates.every", u.Every, u.Clock)
		out.UpdateHeld = nil
		if u.WhileHeld != "" {
			out.UpdateHeld = k.within(field+".updates.whileHeld", u.WhileHeld, u.Clock)
		}
	}
	if l != nil {
		out.Resolution = k.within(field+".resolution.within", l.Within, l.Clock)
	}
	if a != nil {
		out.Assign, out.Accept = nil, nil
		if a.AssignWithin != "" {
			out.Assign = k.within(field+".assignment.assignWithin", a.AssignWithin, v1alpha1.ClockWall)
		}
		if a.AcceptWithin != "" {
			out.Accept = k.within(field+".assignment.acceptWithin", a.AcceptWithin, v1alpha1.ClockWall)
		}
	}
}

// within compiles a duration on a clock.
func (k *compiler) within(field string, d v1alpha1.Duration, clock v1alpha1.ClockType) *Deadline {
	v, err := ParseDuration(d)
	if err != nil {
		k.add(v1alpha1.InvalidSpecReason, field, "%v", err)
		return nil
	}
	if clock == v1alpha1.ClockBusiness && k.spec.CalendarName == "" {
		k.add(v1alpha1.InvalidSpecReason, field, "it counts business time, and the policy names no calendar; set spec.calendarName, or count on the Wall clock")
		return nil
	}
	return &Deadline{Within: v, Business: clock == v1alpha1.ClockBusiness}
}

// optional compiles a duration that may be absent.
func (k *compiler) optional(field string, d v1alpha1.Duration, absent time.Duration) time.Duration {
	if d == "" {
		return absent
	}
	v, err := ParseDuration(d)
	if err != nil {
		k.add(v1alpha1.InvalidSpecReason, field, "%v", err)
	}
	return v
}
