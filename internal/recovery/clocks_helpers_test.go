package recovery_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// beat is a scene with more to look at than its clocks.
type beat struct {
	scene
	// announced is what was told, see announced; nil where it is not looked at.
	announced []string
	// check looks at the status of a late decision.
	check func(t *testing.T, s *v1alpha1.IncidentStatus)
}

func beats(t *testing.T, list map[string]beat) {
	t.Helper()
	for name, b := range list {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b.play(t)
			w := newWorld(t, b.policy, b.incident...).tell(b.journal...)
			w.decide(after(b.now))
			if b.announced != nil {
				if diff := cmp.Diff(b.announced, announced(&w.inc.Status)); diff != "" {
					t.Errorf("it has told otherwise (-want +got):\n%s", diff)
				}
			}
			if b.check != nil {
				b.check(t, &w.inc.Status)
			}
		})
	}
}

// announced is what was told, each on one line, with whom a level is.
func announced(s *v1alpha1.IncidentStatus) []string {
	out := []string{}
	for _, a := range s.Announced {
		line := a.Key + " " + offset(a.At.Time)
		if a.Notify != nil {
			line += " to " + string(a.Notify.User) + string(a.Notify.Group)
		}
		out = append(out, line)
	}
	return out
}

// with changes a policy.
func with(spec v1alpha1.RecoveryPolicySpec, changes ...func(*v1alpha1.RecoveryPolicySpec)) v1alpha1.RecoveryPolicySpec {
	for _, change := range changes {
		change(&spec)
	}
	return spec
}

// holding allows holds.
func holding(rules ...v1alpha1.HoldRule) func(*v1alpha1.RecoveryPolicySpec) {
	return func(s *v1alpha1.RecoveryPolicySpec) { s.Holds = append(slices.Clip(s.Holds), rules...) }
}

// pausing is a reason to hold without a cap.
func pausing(reason v1alpha1.HoldReason, steps ...v1alpha1.Name) v1alpha1.HoldRule {
	return v1alpha1.HoldRule{Reason: reason, Pauses: v1alpha1.Pauses{Steps: steps}}
}

// also lets a reason pause clocks that are no steps.
func also(rule v1alpha1.HoldRule, clocks ...v1alpha1.ClockKind) v1alpha1.HoldRule {
	rule.Pauses.Clocks = clocks
	return rule
}

// capped caps each hold for a reason, and all of them together.
func capped(rule v1alpha1.HoldRule, each, total v1alpha1.Duration) v1alpha1.HoldRule {
	rule.MaxEach, rule.MaxTotal = each, total
	return rule
}

// answering owes an answer to the customer's contacts.
func answering(within v1alpha1.Duration) func(*v1alpha1.RecoveryPolicySpec) {
	return func(s *v1alpha1.RecoveryPolicySpec) { s.Responses = &v1alpha1.Responses{Within: within} }
}

// updating owes updates.
func updating(every, whileHeld v1alpha1.Duration) func(*v1alpha1.RecoveryPolicySpec) {
	return func(s *v1alpha1.RecoveryPolicySpec) {
		s.Updates = &v1alpha1.Updates{Every: every, WhileHeld: whileHeld}
	}
}

// resolving owes a resolution.
func resolving(within v1alpha1.Duration) func(*v1alpha1.RecoveryPolicySpec) {
	return func(s *v1alpha1.RecoveryPolicySpec) { s.Resolution = &v1alpha1.ResolutionLimit{Within: within} }
}

// assigning owes an owner, and an acceptance.
func assigning(assign, accept v1alpha1.Duration) func(*v1alpha1.RecoveryPolicySpec) {
	return func(s *v1alpha1.RecoveryPolicySpec) {
		s.Assignment = &v1alpha1.AssignmentLimits{AssignWithin: assign, AcceptWithin: accept}
	}
}

// escalating tells levels.
func escalating(levels ...v1alpha1.EscalationLevel) func(*v1alpha1.RecoveryPolicySpec) {
	return func(s *v1alpha1.RecoveryPolicySpec) { s.Escalation = append(slices.Clip(s.Escalation), levels...) }
}

// level is a level that is told at once.
func level(name v1alpha1.Name, triggers ...v1alpha1.Trigger) v1alpha1.EscalationLevel {
	return v1alpha1.EscalationLevel{Level: name, Triggers: triggers, Notify: v1alpha1.Notify{Group: v1alpha1.User(name)}}
}

// later lets a level wait.
func later(l v1alpha1.EscalationLevel, delay v1alpha1.Duration) v1alpha1.EscalationLevel {
	l.After = delay
	return l
}

// severe replaces what is owed at a severity.
func severe(severity v1alpha1.Severity, changes ...func(*v1alpha1.SeverityOverlay)) func(*v1alpha1.RecoveryPolicySpec) {
	return func(s *v1alpha1.RecoveryPolicySpec) {
		o := v1alpha1.SeverityOverlay{Severity: severity}
		for _, change := range changes {
			change(&o)
		}
		s.BySeverity = append(slices.Clip(s.BySeverity), o)
	}
}

// until is a hold with an end.
func until(d, end string, id v1alpha1.Name, reason v1alpha1.HoldReason) fixture.EntryBuilder {
	return at(d, entry(id).HoldUntil(reason, after(end)))
}

func hold(d string, id v1alpha1.Name, reason v1alpha1.HoldReason) fixture.EntryBuilder {
	return at(d, entry(id).Hold(reason))
}

func resume(d string, id v1alpha1.Name) fixture.EntryBuilder {
	return at(d, entry("resume-"+id+"-"+v1alpha1.Name(d)).Resume(id))
}

// heard is a contact that the customer made, reached one of ours by a person.
func heard(d string) fixture.EntryBuilder {
	return at(d, entry("heard-"+v1alpha1.Name(d)).Heard("Phone"))
}

func reached(d string) fixture.EntryBuilder {
	return at(d, entry("reached-"+v1alpha1.Name(d)).Reached("Phone"))
}

// contacting is a contact that a change makes a special one.
func contacting(d string, change func(*v1alpha1.Contact)) fixture.EntryBuilder {
	return reached(d).With(func(e *v1alpha1.JournalEntry) { change(e.Contact) })
}

func byMachine(c *v1alpha1.Contact) { c.Automated = true }
func toAll(c *v1alpha1.Contact)     { c.Audience = v1alpha1.AudienceAll }
func thanks(c *v1alpha1.Contact) {
	*c = v1alpha1.Contact{Direction: v1alpha1.FromCustomer, Channel: "Phone", AcknowledgementOnly: true}
}

// promised is a promise that is due within a time.
func promised(d string, id v1alpha1.Name, within v1alpha1.Duration) fixture.EntryBuilder {
	return at(d, entry(id).Promise("we call back", within))
}

// superseding is a promise in place of another one.
func superseding(d string, id, old v1alpha1.Name, due string) fixture.EntryBuilder {
	return at(d, entry(id).PromiseBy("we call later", after(due)).With(func(e *v1alpha1.JournalEntry) { e.Promise.Supersedes = old }))
}

// outcome is what became of a promise.
func outcome(d string, promise v1alpha1.Name, result v1alpha1.Result) fixture.EntryBuilder {
	id := promise + "-" + map[v1alpha1.Result]v1alpha1.Name{"Kept": "kept", "Attempted": "tried", "Broken": "broken", "Released": "released"}[result]
	return at(d, entry(id+"-"+v1alpha1.Name(d)).PromiseOutcome(promise, result))
}

// noted adds a note.
func noted(e fixture.EntryBuilder) fixture.EntryBuilder { return e.Note("the receipt is in the post") }

// assigned hands the incident over.
func assigned(d string, owner v1alpha1.User) fixture.EntryBuilder {
	return at(d, entry("to-"+v1alpha1.Name(owner)).Assignment(owner))
}

// wakes checks when a decision at an instant asks to be woken.
func wakes(t *testing.T, w *world, now, want string) {
	t.Helper()
	d := w.decide(after(now))
	var at time.Time
	if want != "" {
		at = after(want)
	}
	if !d.WakeAt.Equal(at) {
		t.Errorf("at %s it wakes at %s, want %s", now, offset(d.WakeAt), want)
	}
}

// isAnnounced checks that a key was told, or not.
func isAnnounced(t *testing.T, s *v1alpha1.IncidentStatus, key string, want bool) {
	t.Helper()
	if got := slices.ContainsFunc(s.Announced, func(a v1alpha1.Announced) bool { return a.Key == key }); got != want {
		t.Errorf("that %s was told is %t, want %t: %q", key, got, want, announced(s))
	}
}
