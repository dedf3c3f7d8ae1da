package recovery_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/recovery"
)

// zero is when every incident of these tests is created: a Friday, 10:20 in Berlin.
var zero = fixture.Instant("2026-10-02T08:20:00Z")

// after is an instant, given as a duration since zero.
func after(d string) time.Time {
	v, err := time.ParseDuration(d)
	if err != nil {
		panic(err)
	}
	return zero.Add(v)
}

// at gives an entry the time at which it was recorded.
func at(d string, e fixture.EntryBuilder) fixture.EntryBuilder {
	return e.RecordedAt(after(d))
}

// offset writes an instant as the time since zero.
func offset(t time.Time) string {
	s := t.Sub(zero).String()
	if short, ok := strings.CutSuffix(s, "m0s"); ok {
		s = short + "m"
	}
	if short, ok := strings.CutSuffix(s, "h0m"); ok {
		s = short + "h"
	}
	return s
}

// calendars are the calendars that the policies of these tests may name.
func calendars() map[string]v1alpha1.BusinessCalendarSpec {
	return map[string]v1alpha1.BusinessCalendarSpec{
		"office": fixture.Calendar("office", "Europe/Berlin").Spec,
		// One opening and no other ever after.
		"once": fixture.Calendar("once", "Europe/Berlin", fixture.Weekly(), fixture.ExtraOpening("2026-10-02", "09:00", "17:00")).Spec,
	}
}

// compile makes a plan of a spec that is right.
func compile(tb testing.TB, name string, spec v1alpha1.RecoveryPolicySpec) *policy.Plan {
	tb.Helper()
	plan, problems := policy.Compile(name, name+"-r1", policy.Content{Policy: policy.Complete(spec), Calendars: calendars()})
	if len(problems) > 0 {
		tb.Fatalf("the policy has problems: %s", policy.Describe(problems))
	}
	return plan
}

// steps is a policy of these steps.
func steps(list ...v1alpha1.Step) v1alpha1.RecoveryPolicySpec {
	return fixture.Policy("desk", list...).Spec
}

// when makes a step conditional.
func when(expression v1alpha1.Expression) fixture.StepOption {
	return func(s *v1alpha1.Step) { s.When = expression }
}

// requires adds a demand in the policy's own words.
func requires(expression v1alpha1.Expression, message v1alpha1.Text) fixture.StepOption {
	return func(s *v1alpha1.Step) {
		s.Requires = append(s.Requires, v1alpha1.Requirement{Expression: expression, Message: message})
	}
}

// custom is a step that demands nothing.
func custom(name v1alpha1.Name, opts ...fixture.StepOption) v1alpha1.Step {
	return fixture.Step(name, v1alpha1.StepCustom, opts...)
}

// world is an incident with all that Decide looks at.
type world struct {
	tb  testing.TB
	inc *v1alpha1.Incident
	recovery.Snapshot
}

// newWorld is an incident under a policy, created at zero.
func newWorld(tb testing.TB, spec v1alpha1.RecoveryPolicySpec, opts ...fixture.IncidentOption) *world {
	tb.Helper()
	inc := fixture.In("hotel-b", fixture.Created(zero, fixture.Incident("coffee", opts...)))
	w := &world{tb: tb, inc: inc}
	w.Plan = compile(tb, "desk", spec)
	return w
}

// tell appends entries to the journal.
func (w *world) tell(entries ...fixture.EntryBuilder) *world {
	for _, e := range entries {
		w.inc.Spec.Journal = append(w.inc.Spec.Journal, e.Build())
	}
	w.inc.Generation = int64(1 + len(w.inc.Spec.Journal))
	return w
}

// ask asks for a decision and writes nothing. Decide must not change what it reads.
func (w *world) ask(now time.Time) recovery.Decision {
	w.tb.Helper()
	before := show(w.tb, w.inc)
	s := w.Snapshot
	s.Incident = w.inc
	d := recovery.Decide(&s, now)
	if after := show(w.tb, w.inc); after != before {
		w.tb.Fatalf("Decide changed the incident (-before +after):\n%s", cmp.Diff(before, after))
	}
	return d
}

// decide asks for a decision and writes it. Asked again at the same instant, nothing
// may have changed and nothing is told.
func (w *world) decide(now time.Time) recovery.Decision {
	w.tb.Helper()
	d := w.ask(now)
	w.write(d.Status)
	again := w.ask(now)
	if diff := cmp.Diff(show(w.tb, d.Status), show(w.tb, again.Status)); diff != "" {
		w.tb.Fatalf("asked again at %s the answer differs (-first +second):\n%s", offset(now), diff)
	}
	if len(again.Notices) > 0 {
		w.tb.Fatalf("asked again at %s, it tells again: %v", offset(now), tell(again.Notices))
	}
	if !again.WakeAt.Equal(d.WakeAt) {
		w.tb.Fatalf("asked again at %s, it wakes at %s and not at %s", offset(now), offset(again.WakeAt), offset(d.WakeAt))
	}
	if !d.WakeAt.IsZero() && !d.WakeAt.After(now) {
		w.tb.Fatalf("at %s it asks to be woken at %s, which has come already", offset(now), offset(d.WakeAt))
	}
	return d
}

// write stores a status as the API server does.
func (w *world) write(s v1alpha1.IncidentStatus) {
	w.tb.Helper()
	w.inc.Status = stored(w.tb, s)
}

func stored(tb testing.TB, s v1alpha1.IncidentStatus) v1alpha1.IncidentStatus {
	tb.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		tb.Fatal(err)
	}
	var out v1alpha1.IncidentStatus
	if err := json.Unmarshal(data, &out); err != nil {
		tb.Fatal(err)
	}
	return out
}

// show is an object as the API server would store it.
func show(tb testing.TB, v any) string {
	tb.Helper()
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

// live plays the incident on time up to an instant: a decision at the creation, at
// each fact, and whenever one asks to be woken. See is called with each.
func (w *world) live(until time.Time, see func(now time.Time, d recovery.Decision)) {
	w.tb.Helper()
	journal := w.inc.Spec.Journal
	w.inc.Spec.Journal = nil
	var wake time.Time
	for now := zero; ; {
		for len(journal) > 0 && !journal[0].RecordedAt.After(now) {
			w.inc.Spec.Journal = append(w.inc.Spec.Journal, journal[0])
			journal = journal[1:]
		}
		w.inc.Generation = int64(1 + len(w.inc.Spec.Journal))
		d := w.decide(now)
		if see != nil {
			see(now, d)
		}
		if !now.Before(until) {
			return
		}
		wake, now = d.WakeAt, until
		if !wake.IsZero() && wake.Before(now) {
			now = wake
		}
		if len(journal) > 0 && journal[0].RecordedAt.Time.Before(now) {
			now = journal[0].RecordedAt.Time
		}
	}
}

// record is a status without what may differ between one that was written on time
// and one that was written late.
func record(s v1alpha1.IncidentStatus) v1alpha1.IncidentStatus {
	out := *s.DeepCopy()
	for i := range out.Announced {
		out.Announced[i].ObservedAt = nil
	}
	for i := range out.Clocks {
		out.Clocks[i].ObservedAt = nil
	}
	return out
}

// clockLine is a clock on one line, for example
//
//	fix: Done Completed 0s–6m, due 10m, target 5m, was due 8h, breached 10m, disputed by e
func clockLine(c *v1alpha1.Clock) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", strings.TrimPrefix(c.Name, "Step/"), c.State)
	if c.Reason != "" {
		b.WriteString(" " + c.Reason)
	}
	for _, part := range []struct {
		before string
		at     *metav1.Time
	}{
		{" ", c.StartedAt}, {"–", c.DoneAt}, {", due ", c.DueAt}, {", target ", c.TargetAt},
		{", was due ", c.OriginalDueAt}, {", breached ", c.BreachedAt},
	} {
		if part.at != nil {
			b.WriteString(part.before + offset(part.at.Time))
		}
	}
	if c.DisputedBy != "" {
		b.WriteString(", disputed by " + string(c.DisputedBy))
	}
	return b.String()
}

// summary is how an incident stands, on one line.
func summary(s *v1alpha1.IncidentStatus) string {
	text := string(s.Phase)
	if s.SLA != "" {
		text += " " + string(s.SLA)
	}
	if s.Round > 1 {
		text += fmt.Sprintf(" round %d", s.Round)
	}
	if s.CurrentStep != "" {
		text += ", at " + string(s.CurrentStep)
	}
	if s.NextDueAt != nil {
		text += ", next " + offset(s.NextDueAt.Time)
	}
	return text
}

// look is how an incident stands, a line for the whole and a line for each clock.
func look(s *v1alpha1.IncidentStatus) []string {
	out := []string{summary(s)}
	for i := range s.Clocks {
		out = append(out, clockLine(&s.Clocks[i]))
	}
	return out
}

// condition finds a condition; it is there.
func condition(tb testing.TB, s *v1alpha1.IncidentStatus, kind string) *metav1.Condition {
	tb.Helper()
	c := apimeta.FindStatusCondition(s.Conditions, kind)
	if c == nil {
		tb.Fatalf("there is no condition %s", kind)
		return &metav1.Condition{}
	}
	return c
}

// isCondition checks a condition: its status and reason, since when, and what its
// message says.
func isCondition(tb testing.TB, s *v1alpha1.IncidentStatus, kind string, status metav1.ConditionStatus, reason, since string, says ...string) {
	tb.Helper()
	c := condition(tb, s, kind)
	if c.Status != status || c.Reason != reason {
		tb.Errorf("%s is %s %s, want %s %s: %s", kind, c.Status, c.Reason, status, reason, c.Message)
	}
	if since != "" && !c.LastTransitionTime.Time.Equal(after(since)) {
		tb.Errorf("%s is so since %s, want %s", kind, offset(c.LastTransitionTime.Time), since)
	}
	for _, part := range says {
		if !strings.Contains(c.Message, part) {
			tb.Errorf("%s does not say %q: %s", kind, part, c.Message)
		}
	}
}

// tell is each notice on one line.
func tell(notices []recovery.Notice) []string {
	var out []string
	for _, n := range notices {
		text := n.Reason
		if n.Warning {
			text = "! " + text
		}
		if n.Clock != nil {
			text += " " + strings.TrimPrefix(n.Clock.Name, "Step/")
		}
		out = append(out, text)
	}
	return out
}

// scene is an incident and how it stands at an instant.
type scene struct {
	policy   v1alpha1.RecoveryPolicySpec
	incident []fixture.IncidentOption
	journal  []fixture.EntryBuilder // in order of their times
	now      string
	want     []string // see look
	// refused is the reason of JournalAccepted where it is false, and says what its
	// message says.
	refused string
	says    []string
}

// play checks a scene twice: with one late decision, and on time.
func (c scene) play(t *testing.T) {
	t.Helper()
	now := after(c.now)
	late := newWorld(t, c.policy, c.incident...).tell(c.journal...)
	late.decide(now)
	status := &late.inc.Status
	if diff := cmp.Diff(c.want, look(status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
	if c.refused == "" {
		isCondition(t, status, v1alpha1.JournalAcceptedCondition, metav1.ConditionTrue, v1alpha1.AllEntriesCountReason, "")
	} else {
		isCondition(t, status, v1alpha1.JournalAcceptedCondition, metav1.ConditionFalse, c.refused, "", c.says...)
	}
	onTime := newWorld(t, c.policy, c.incident...).tell(c.journal...)
	onTime.live(now, nil)
	if diff := cmp.Diff(show(t, record(onTime.inc.Status)), show(t, record(*status))); diff != "" {
		t.Errorf("late does not equal on time (-on time +late):\n%s", diff)
	}
}

func playAll(t *testing.T, scenes map[string]scene) {
	t.Helper()
	for name, c := range scenes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.play(t)
		})
	}
}

// entry is short for the beginning of an entry.
func entry(id v1alpha1.Name) fixture.EntryBuilder { return fixture.Entry(id).By("alice") }

// done completes a step with a person's contact to the customer.
func done(d string, step v1alpha1.Name) fixture.EntryBuilder {
	return at(d, entry("did-"+step).Reached("Phone").Note("as the customer put it").Completion(step))
}

// clockNamed finds a clock by the name of its step; it is there.
func clockNamed(tb testing.TB, s *v1alpha1.IncidentStatus, name string) *v1alpha1.Clock {
	tb.Helper()
	i := slices.IndexFunc(s.Clocks, func(c v1alpha1.Clock) bool { return c.Name == "Step/"+name })
	if i < 0 {
		tb.Fatalf("there is no clock of %s", name)
	}
	return &s.Clocks[i]
}
