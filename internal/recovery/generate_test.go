package recovery_test

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/recovery"
)

// dice throws a number from 0 to n-1. Properties and the fuzzer throw with their own.
type dice func(n int) int

// one is true once in n throws.
func (d dice) one(n int) bool { return d(n) == n-1 }

// pick is one of a list.
func pick[T any](d dice, list ...T) T { return list[d(len(list))] }

// minutes is a duration between one minute and some, so few of them that instants meet.
func (d dice) minutes(most int) v1alpha1.Duration {
	return v1alpha1.Duration(fmt.Sprintf("%dm", 1+d(most)))
}

var (
	severities = []v1alpha1.Severity{"Low", "Medium", "High", "Critical"}
	stepNames  = []v1alpha1.Name{"s0", "s1", "s2", "s3", "s4", "s5"}
)

// policy is a policy of up to six steps, with all that a policy may say. It may be wrong.
func (d dice) policy() v1alpha1.RecoveryPolicySpec {
	spec := v1alpha1.RecoveryPolicySpec{CalendarName: "office", ReopenWithin: pick[v1alpha1.Duration](d, "10m", "1h", "168h")}
	for i := range 1 + d(len(stepNames)) {
		spec.Steps = append(spec.Steps, d.step(i))
	}
	for i, severity := range severities {
		if d.one(4) {
			spec.BySeverity = append(spec.BySeverity, d.overlay(severity, spec.Steps[d(len(spec.Steps))].Name))
		}
		if i == 0 && d.one(3) {
			spec.Categories = []v1alpha1.Category{"a", "b"}
		}
	}
	if d.one(2) {
		spec.Holds = d.holds(len(spec.Steps))
	}
	if d.one(2) {
		spec.Responses = d.responses()
	}
	if d.one(2) {
		spec.Updates = d.updates()
	}
	if d.one(2) {
		spec.Resolution = d.resolution()
	}
	if d.one(2) {
		spec.Assignment = d.assignment()
	}
	if d.one(3) {
		spec.Promises = &v1alpha1.PromiseLimits{MaxSupersedes: new(int32(d(3)))}
	}
	if d.one(3) {
		spec.ContactGrace = d.minutes(90)
	}
	if d.one(3) {
		spec.OnDissatisfied = v1alpha1.OnDissatisfiedReopen
	}
	if d.one(2) {
		spec.Escalation = d.escalation()
	}
	return spec
}

func (d dice) step(i int) v1alpha1.Step {
	types := []v1alpha1.StepType{"Custom", "Apology", "Review", "Offer", "Mitigation", "Resolution", "FollowUp", "Documentation"}
	s := v1alpha1.Step{Name: stepNames[i], Type: pick(d, types...)}
	if s.Type == v1alpha1.StepFollowUp {
		s.FollowUp = pick[v1alpha1.FollowUpKind](d, "Immediate", "Internal", "Closing")
	}
	if d.one(2) {
		s.After = []v1alpha1.Name{}
		for before := range i {
			if d.one(2) {
				s.After = append(s.After, stepNames[before])
			}
		}
	}
	if !d.one(3) {
		s.Demands = []v1alpha1.Demand{}
		if d.one(3) {
			s.Demands = append(s.Demands, pick[v1alpha1.Demand](d, "CustomerReached", "ByPerson", "CustomersWords", "NeedRecorded", "RemedyDecided", "FindingRecorded"))
		}
	}
	d.deadlines(&s)
	if d.one(6) {
		s.When = pick[v1alpha1.Expression](d, `severity == "High"`, "round == 1", `incident.metadata.labels["x"] == "y"`, `category == "a"`)
	}
	if d.one(8) {
		s.Requires = []v1alpha1.Requirement{{Expression: pick[v1alpha1.Expression](d, `entry.note.size() >= 6`, `tier == "Gold"`), Message: "do it"}}
	}
	return s
}

func (d dice) deadlines(s *v1alpha1.Step) {
	within := 3 + d(40)
	minutes := func(n int) v1alpha1.Duration { return v1alpha1.Duration(fmt.Sprintf("%dm", n)) }
	switch d(6) {
	case 0:
		return
	case 1:
		s.Due = &v1alpha1.Due{Within: minutes(within), Clock: v1alpha1.ClockBusiness}
	case 2:
		s.Due = &v1alpha1.Due{At: stamp(time.Duration(within) * time.Minute)}
	case 3:
		s.Due = &v1alpha1.Due{BusinessDays: 1}
	default:
		s.Due = &v1alpha1.Due{Within: minutes(within)}
	}
	if d.one(3) {
		s.Target = &v1alpha1.Due{Within: minutes(within / 2)}
	}
	if d.one(4) {
		s.NotBefore = &v1alpha1.Due{Within: minutes(1 + within/4)}
	}
	if d.one(2) {
		s.WarnAt = pick(d, []int32{50}, []int32{80, 50}, []int32{10, 99})
	}
}

func (d dice) overlay(severity v1alpha1.Severity, name v1alpha1.Name) v1alpha1.SeverityOverlay {
	o := v1alpha1.SeverityOverlay{Severity: severity}
	switch d(5) {
	case 0:
		o.Responses = d.responses()
	case 1:
		o.Updates = d.updates()
	case 2:
		o.Resolution = d.resolution()
	case 3:
		o.Assignment = d.assignment()
	default:
		o.Steps = []v1alpha1.StepOverlay{{Name: name, Due: &v1alpha1.Due{Within: d.minutes(60)}, WarnAt: []int32{25, 75}}}
	}
	return o
}

func (d dice) clock() v1alpha1.ClockType {
	return pick(d, "", v1alpha1.ClockWall, v1alpha1.ClockBusiness)
}

func (d dice) responses() *v1alpha1.Responses {
	return &v1alpha1.Responses{Within: d.minutes(20), Clock: d.clock()}
}

func (d dice) updates() *v1alpha1.Updates {
	return &v1alpha1.Updates{Every: d.minutes(40), Clock: d.clock(), WhileHeld: pick[v1alpha1.Duration](d, "", "50m")}
}

func (d dice) resolution() *v1alpha1.ResolutionLimit {
	return &v1alpha1.ResolutionLimit{Within: d.minutes(60), Clock: d.clock()}
}

func (d dice) assignment() *v1alpha1.AssignmentLimits {
	return pick(d, &v1alpha1.AssignmentLimits{AssignWithin: "5m"}, &v1alpha1.AssignmentLimits{AcceptWithin: "10m"}, &v1alpha1.AssignmentLimits{AssignWithin: "10m", AcceptWithin: "5m"})
}

func (d dice) holds(steps int) []v1alpha1.HoldRule {
	var out []v1alpha1.HoldRule
	for _, reason := range []v1alpha1.HoldReason{v1alpha1.WaitingForCustomer, "Parts"}[:1+d(2)] {
		rule := v1alpha1.HoldRule{Reason: reason, MaxEach: pick[v1alpha1.Duration](d, "", "10m"), MaxTotal: pick[v1alpha1.Duration](d, "", "15m")}
		for i := range steps {
			if d.one(2) {
				rule.Pauses.Steps = append(rule.Pauses.Steps, stepNames[i])
			}
		}
		if d.one(2) {
			rule.Pauses.Clocks = append(rule.Pauses.Clocks, v1alpha1.ClockResolution)
		}
		if d.one(3) {
			rule.Pauses.Clocks = append(rule.Pauses.Clocks, v1alpha1.ClockUpdate)
		}
		out = append(out, rule)
	}
	return out
}

func (d dice) escalation() []v1alpha1.EscalationLevel {
	all := []v1alpha1.Trigger{"Warning", "Breach", "PromiseBroken", "ApprovalStale", "Unowned", "Unaccepted", "Dissatisfied", "PoolExhausted"}
	out := []v1alpha1.EscalationLevel{{Level: "duty", Triggers: all, Notify: v1alpha1.Notify{Group: "duty"}}}
	if d.one(2) {
		out = append(out, v1alpha1.EscalationLevel{
			Level: "boss", Triggers: all[:1+d(len(all))], Severities: severities[d(4):], After: d.minutes(30),
			Hours: pick[v1alpha1.ObjectName](d, "", "office"), Notify: v1alpha1.Notify{User: "boss"},
		})
	}
	return out
}

func stamp(since time.Duration) *metav1.Time {
	t := metav1.NewTime(zero.Add(since))
	return &t
}

// incident is an incident without a journal.
func (d dice) incident() *v1alpha1.Incident {
	inc := fixture.Created(zero, fixture.Incident("coffee", fixture.OfSeverity(pick(d, severities...))))
	inc.Spec.Category = pick[v1alpha1.Category](d, "", "a", "c")
	inc.Spec.Customer.Tier = pick(d, "", "Gold")
	if d.one(3) {
		inc.Spec.Customer.TimeZone = pick[v1alpha1.TimeZone](d, "", "Asia/Shanghai", "America/New_York")
		inc.Spec.Customer.ContactHours = &v1alpha1.ContactHours{From: "09:00", To: "21:00"}
	}
	if d.one(4) {
		inc.Spec.ReportedAt = stamp(time.Duration(d(20)-10) * time.Minute)
	}
	if d.one(6) {
		inc.Spec.OccurredAt = stamp(time.Duration(d(3)-1) * time.Minute)
	}
	return inc
}

// journal is a journal of up to this many entries, rather fewer than more, in order of
// their times.
func (d dice) journal(most int) []v1alpha1.JournalEntry {
	out := make([]v1alpha1.JournalEntry, min(d(most+1), d(most+1)))
	at := zero
	for i := range out {
		at = at.Add(pick(d, 0, time.Second, time.Minute, time.Minute, 2*time.Minute, 5*time.Minute, 5*time.Minute, 10*time.Minute, 30*time.Minute, 2*time.Hour, 30*time.Hour))
		out[i] = d.entry(i)
		out[i].RecordedAt = stamp(at.Sub(zero))
	}
	return out
}

// earlier is the id of an entry before this one, or of none.
func (d dice) earlier(i int) v1alpha1.Name { return v1alpha1.Name(fmt.Sprintf("e%d", d(i+1))) }

// entry is any fact.
func (d dice) entry(i int) v1alpha1.JournalEntry {
	e := v1alpha1.JournalEntry{ID: v1alpha1.Name(fmt.Sprintf("e%d", i)), By: "alice"}
	if d.one(3) {
		e.Note = pick(d, "short", "a longer note, with more words")
	}
	if d.one(3) {
		e.Contact = d.contact()
	}
	if d.one(8) {
		e.At = stamp(time.Duration(d(60)) * time.Minute)
	}
	step := stepNames[d(len(stepNames))]
	switch kind := d(24); kind {
	default:
		e.Completion = &v1alpha1.Completion{Step: step, Accepted: pick[v1alpha1.Accepted](d, "", "Yes", "NotYet"), NoRemedyReason: pick[v1alpha1.Text](d, "", "none wanted")}
	case 0:
		e.Skip = &v1alpha1.Skip{Step: step, Reason: "not needed"}
	case 1:
		e.Need = &v1alpha1.Need{Text: "a towel"}
	case 2, 3:
		e.Promise = d.promise(i, step)
	case 4:
		e.Task = &v1alpha1.Task{Kind: pick[v1alpha1.TaskKind](d, "Help", "Internal", "Verify", "Care", "Prevention"), Text: "do it", Within: d.minutes(30)}
	case 5, 6:
		e.Outcome = &v1alpha1.Outcome{Promise: d.earlier(i), Result: pick[v1alpha1.Result](d, "Kept", "Attempted", "Broken", "Released")}
	case 7:
		e.Outcome = &v1alpha1.Outcome{Task: d.earlier(i), Result: pick[v1alpha1.Result](d, "Done", "Attempted", "Declined", "Released")}
	case 8, 9:
		e.At, e.Hold = nil, &v1alpha1.Hold{Reason: pick[v1alpha1.HoldReason](d, v1alpha1.WaitingForCustomer, "Parts", "Whim")}
		if d.one(3) {
			e.Hold.Until = stamp(time.Duration(d(120)) * time.Minute)
		}
	case 10:
		e.At, e.Resume = nil, &v1alpha1.Resume{Hold: d.earlier(i)}
	case 11, 12:
		e.At, e.Retarget = nil, &v1alpha1.Retarget{Severity: pick(d, severities...), Reason: pick[v1alpha1.Text](d, "", "we know more")}
	case 13:
		e.Assignment = &v1alpha1.Assignment{Owner: pick[v1alpha1.User](d, "alice", "bob")}
	case 14:
		e.Acceptance = &v1alpha1.Acceptance{Assignment: pick(d, "", d.earlier(i))}
	case 15:
		e.Finding = &v1alpha1.Finding{Cause: "External"}
	case 16:
		e.Gesture = &v1alpha1.Gesture{Text: "a fresh coffee"}
	case 17:
		e.Feedback = &v1alpha1.Feedback{Satisfaction: int32(1 + d(5))}
	case 18:
		e.Amend = &v1alpha1.Amend{Category: "b", Customer: &v1alpha1.Customer{ID: "guest-2", Tier: pick(d, "", "Gold")}}
	case 19:
		e.Reopen = &v1alpha1.Reopen{Reason: "NotFixed"}
	case 20:
		d.rare(&e)
	}
	if e.Contact == nil && e.Note == "" && d.one(8) {
		e.Contact = d.contact()
	}
	return e
}

// rare are the facts that end an incident, and those that do nothing.
func (d dice) rare(e *v1alpha1.JournalEntry) {
	switch d(6) {
	case 0:
		e.Cancel = &v1alpha1.Cancel{Reason: "Mistake"}
	case 1:
		e.Merge = &v1alpha1.Merge{Into: pick[v1alpha1.ObjectName](d, "other", "over", "missing", "coffee")}
	case 2:
		e.Impact = &v1alpha1.Impact{StartedAt: stamp(0)}
	case 3:
		e.Link = &v1alpha1.Link{Name: "ticket", URL: "https://example.com"}
	default:
		e.Note = "a note alone"
	}
}

func (d dice) contact() *v1alpha1.Contact {
	if d.one(2) {
		return &v1alpha1.Contact{Direction: v1alpha1.FromCustomer, Channel: "Phone", AcknowledgementOnly: d.one(4)}
	}
	return &v1alpha1.Contact{
		Direction: v1alpha1.ToCustomer, Channel: "Phone", Reached: !d.one(4), Automated: d.one(4),
		Audience: pick(d, "", v1alpha1.AudienceCustomer, v1alpha1.AudienceAll),
	}
}

func (d dice) promise(i int, step v1alpha1.Name) *v1alpha1.Promise {
	p := &v1alpha1.Promise{Text: "we call back", Within: d.minutes(30)}
	if d.one(4) {
		p.Within, p.Due = "", stamp(time.Duration(d(120))*time.Minute)
	}
	if d.one(3) {
		p.Supersedes = d.earlier(i)
	}
	if d.one(4) {
		p.ForStep = step
	}
	return p
}

// others are the incidents that merges may name.
func others() map[string]recovery.Other {
	return map[string]recovery.Other{"other": {UID: "uid-other", Phase: v1alpha1.PhaseOpen}, "over": {UID: "uid-over", Phase: v1alpha1.PhaseMerged}}
}
