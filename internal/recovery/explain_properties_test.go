package recovery

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

// failer is a test, or a case of a property.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// checkExplanation holds an explanation against Decide and against what it says itself.
func checkExplanation(t failer, s *Snapshot, x *Explanation, now time.Time) {
	t.Helper()
	status := Decide(s, now).Status
	i := slices.IndexFunc(status.Clocks, func(c v1alpha1.Clock) bool { return c.Name == x.Clock.Name })
	if i < 0 {
		t.Fatalf("%s is not in the status", x.Clock.Name)
	}
	if diff := cmp.Diff(status.Clocks[i], x.Clock); diff != "" {
		t.Errorf("%s is not the clock that Decide writes (-Decide +Explain):\n%s", x.Clock.Name, diff)
	}
	if due := new(instants).take(x.DueAt); !due.Equal(x.Clock.DueAt) {
		t.Errorf("%s is due at %s, and the clock at %s", x.Clock.Name, x.DueAt, x.Clock.DueAt)
	}
	if x.Counts == "nothing" {
		return // Only a breach is left of it.
	}
	end := checkStretches(t, x, now)
	checkAmounts(t, x, end)
	checkChanges(t, x)
	checkReckoning(t, s, x, now, end)
}

// checkStretches checks that they cover the time without a gap, and says where the past
// ends.
func checkStretches(t failer, x *Explanation, now time.Time) time.Time {
	t.Helper()
	name := x.Clock.Name
	end := now.Truncate(time.Second)
	if x.Clock.State == v1alpha1.StateDone {
		end = x.Clock.DoneAt.UTC()
	}
	if x.Clock.State == v1alpha1.StateCancelled {
		end = x.Changes[len(x.Changes)-1].At
	}
	at := x.CountsFrom
	for i, s := range x.Stretches {
		switch {
		case !s.From.Equal(at) || !s.To.After(s.From):
			t.Errorf("%s: stretch %d goes from %s to %s, and the one before ends at %s", name, i, s.From, s.To, at)
		case s.Why == "":
			t.Errorf("%s: stretch %d does not say why", name, i)
		case s.Counted && s.Counts != s.To.Sub(s.From), !s.Counted && s.Counts != 0:
			t.Errorf("%s: stretch %d from %s to %s counts %s", name, i, s.From, s.To, s.Counts)
		case s.Future == s.From.Before(end):
			t.Errorf("%s: stretch %d from %s is said to lie ahead: %v; the end is %s", name, i, s.From, s.Future, end)
		}
		if i > 0 {
			if p := x.Stretches[i-1]; p.Why == s.Why && p.Counted == s.Counted && p.Future == s.Future {
				t.Errorf("%s: the stretches %d and %d should be one: %q", name, i-1, i, s.Why)
			}
		}
		at = s.To
	}
	want := end
	if x.Clock.State == v1alpha1.StateRunning && x.DueAt.After(want) {
		want = x.DueAt
	}
	if !at.Equal(want) {
		t.Errorf("%s: the stretches end at %s, want %s", name, at, want)
	}
	return end
}

// checkAmounts checks that what counts adds up to what has elapsed, to what is owed, and
// up to the due instant to exactly that.
func checkAmounts(t failer, x *Explanation, end time.Time) {
	t.Helper()
	var past, ahead, untilDue time.Duration
	for _, s := range x.Stretches {
		if s.Future {
			ahead += s.Counts
		} else {
			past += s.Counts
		}
		if s.Counted && s.From.Before(x.DueAt) {
			untilDue += min(s.Counts, x.DueAt.Sub(s.From))
		}
	}
	name := x.Clock.Name
	if past != x.Elapsed {
		t.Errorf("%s: the stretches add up to %s, and %s have elapsed", name, past, x.Elapsed)
	}
	if x.Owed > 0 && x.Elapsed+x.Left != x.Owed {
		t.Errorf("%s: elapsed %s and left %s are not %s", name, x.Elapsed, x.Left, x.Owed)
	}
	if x.Clock.State != v1alpha1.StateRunning {
		return
	}
	if x.DueAt.IsZero() {
		// An update may be left without one by a calendar that did not open while held.
		if x.Owed > 0 && x.Clock.Kind != v1alpha1.ClockUpdate && x.Clock.Reason != v1alpha1.ClockCalendarExhaustedReason {
			t.Errorf("%s: it runs, %s are owed, and it is never due", name, x.Owed)
		}
		return
	}
	if x.DueAt.After(end) && ahead != x.Left {
		t.Errorf("%s: ahead lie %s, and %s are left", name, ahead, x.Left)
	}
	if x.Owed > 0 && untilDue != x.Owed {
		t.Errorf("%s: up to the due instant %s count, and %s are owed", name, untilDue, x.Owed)
	}
}

// checkChanges checks that one change leads to the next, and all of them to the due
// instant; and that each has a cause that is known.
func checkChanges(t failer, x *Explanation) {
	t.Helper()
	var due time.Time
	var at time.Time
	for i, c := range x.Changes {
		if c.What == "" || c.What == countedAnew || c.What == "cancelled" || strings.HasSuffix(c.What, " ended") {
			t.Errorf("%s: change %d has no cause: %+v", x.Clock.Name, i, c)
		}
		if c.At.Before(at) {
			t.Errorf("%s: change %d comes before the one before: %+v", x.Clock.Name, i, c)
		}
		at = c.At
		if c.From.IsZero() && c.To.IsZero() {
			continue
		}
		if !c.From.Equal(due) {
			t.Errorf("%s: change %d moves it from %s, and it was due at %s: %+v", x.Clock.Name, i, c.From, due, c)
		}
		due = c.To
	}
	if !due.Equal(x.DueAt) {
		t.Errorf("%s: the changes lead to %s, and it is due at %s", x.Clock.Name, due, x.DueAt)
	}
}

// checkReckoning reckons anew, with the plan's own arithmetic: what has elapsed without
// the union of the pauses, and where what is left leads to from now.
func checkReckoning(t failer, s *Snapshot, x *Explanation, now, end time.Time) {
	t.Helper()
	r := newRun(s, now)
	r.pin()
	r.play()
	c := r.clockNamed(x.Clock.Name)
	if x.Owed == 0 || r.plan == nil || len(r.pins) > 1 && (!c.running() || !c.breachedAt.IsZero()) {
		return // Not counted, or perhaps under another revision than the last.
	}
	waits := slices.IndexFunc(x.Stretches, func(s Stretch) bool { return s.Why == contactHoursWait })
	d := &policy.Deadline{Within: x.Owed, Business: strings.Contains(x.Counts, "business time")}
	if waits < 0 && len(r.pins) < 2 {
		elapsed := r.plan.Counted(d, x.CountsFrom, end)
		until := x.CountsFrom
		for _, p := range r.pauses(c) {
			from, to := p.from, p.to
			if from.Before(until) {
				from = until
			}
			if to.IsZero() || to.After(end) {
				to = end
			}
			if to.After(from) {
				elapsed -= r.plan.Counted(d, from, to)
				until = to
			}
		}
		if elapsed != x.Elapsed {
			t.Errorf("%s: %s have elapsed, want %s", x.Clock.Name, x.Elapsed, elapsed)
		}
	}
	if c.running() && x.DueAt.After(end) && (waits < 0 || x.Stretches[waits].Future) {
		due := x.DueAt
		if waits >= 0 {
			due = x.Stretches[waits].From
		}
		at, err := r.plan.Due(&policy.Deadline{Within: x.Left, Business: d.Business}, end)
		if err != nil || !at.Equal(due) {
			t.Errorf("%s: counting on from %s for %s leads to %s (%v), want %s", x.Clock.Name, end, x.Left, at, err, due)
		}
	}
}

// explainDice draws policies and journals for explanations.
type explainDice struct{ *rapid.T }

func (d explainDice) n(most int) int { return rapid.IntRange(0, most-1).Draw(d.T, "n") }

func (d explainDice) one(in int) bool { return d.n(in) == in-1 }

func oneOf[T any](d explainDice, list ...T) T { return list[d.n(len(list))] }

// within is a duration on a clock; what counts a duration can be paused.
func (d explainDice) within() *v1alpha1.Due {
	if d.one(2) {
		return &v1alpha1.Due{Within: oneOf[v1alpha1.Duration](d, "10m", "90m", "8h", "26h30m")}
	}
	return &v1alpha1.Due{Within: oneOf[v1alpha1.Duration](d, "30m", "4h", "8h", "20h"), Clock: v1alpha1.ClockBusiness}
}

func (d explainDice) clock() v1alpha1.ClockType {
	return oneOf(d, v1alpha1.ClockWall, v1alpha1.ClockBusiness)
}

func (d explainDice) spec(start time.Time) v1alpha1.RecoveryPolicySpec {
	spec := v1alpha1.RecoveryPolicySpec{CalendarName: "office", ReopenWithin: "400h"}
	var pausable, overlaid []v1alpha1.Name
	for i := range 1 + d.n(4) {
		s := v1alpha1.Step{
			Name: v1alpha1.Name(fmt.Sprintf("s%d", i)), Type: oneOf(d, v1alpha1.StepCustom, v1alpha1.StepCustom, v1alpha1.StepResolution, v1alpha1.StepApology, v1alpha1.StepFollowUp),
			Demands: []v1alpha1.Demand{},
		}
		if s.Type == v1alpha1.StepFollowUp {
			s.FollowUp = oneOf(d, v1alpha1.FollowUpImmediate, v1alpha1.FollowUpClosing)
		}
		if d.one(3) {
			s.After = []v1alpha1.Name{}
		}
		switch d.n(8) {
		case 0:
		case 1:
			s.Due = &v1alpha1.Due{BusinessDays: int32(1 + d.n(3))}
		case 2:
			at := metav1.NewTime(start.Add(time.Duration(d.n(5000)) * time.Minute))
			s.Due = &v1alpha1.Due{At: &at}
		default:
			s.Due = d.within()
			overlaid = append(overlaid, s.Name)
			if s.Type != v1alpha1.StepApology {
				pausable = append(pausable, s.Name)
			}
		}
		if s.Due == nil && d.one(2) || s.Due != nil && s.Due.Within == "26h30m" {
			s.NotBefore = &v1alpha1.Due{Within: "3h"}
		}
		spec.Steps = append(spec.Steps, s)
	}
	if d.one(2) {
		spec.Responses = &v1alpha1.Responses{Within: "2h", Clock: d.clock()}
	}
	if d.one(2) {
		spec.Updates = &v1alpha1.Updates{Every: oneOf[v1alpha1.Duration](d, "1h", "6h"), Clock: d.clock()}
		if d.one(2) {
			spec.Updates.WhileHeld = oneOf[v1alpha1.Duration](d, "40m", "12h")
		}
	}
	if d.one(2) {
		spec.Resolution = &v1alpha1.ResolutionLimit{Within: oneOf[v1alpha1.Duration](d, "5h", "30h"), Clock: d.clock()}
	}
	if d.one(2) {
		spec.Assignment = &v1alpha1.AssignmentLimits{AssignWithin: "30m", AcceptWithin: "20m"}
	}
	d.overlay(&spec, overlaid)
	d.holds(&spec, pausable)
	return spec
}

func (d explainDice) overlay(spec *v1alpha1.RecoveryPolicySpec, overlaid []v1alpha1.Name) {
	if !d.one(2) {
		return
	}
	o := v1alpha1.SeverityOverlay{Severity: v1alpha1.SeverityCritical}
	for _, name := range overlaid {
		if due := d.within(); !slices.ContainsFunc(spec.Steps, func(s v1alpha1.Step) bool { return s.Name == name && s.NotBefore != nil }) {
			o.Steps = append(o.Steps, v1alpha1.StepOverlay{Name: name, Due: due})
		}
	}
	if d.one(2) {
		o.Updates = &v1alpha1.Updates{Every: "30m", Clock: d.clock()}
	}
	if d.one(2) {
		o.Resolution = &v1alpha1.ResolutionLimit{Within: "2h", Clock: d.clock()}
	}
	spec.BySeverity = []v1alpha1.SeverityOverlay{o}
}

func (d explainDice) holds(spec *v1alpha1.RecoveryPolicySpec, pausable []v1alpha1.Name) {
	for _, reason := range []v1alpha1.HoldReason{"Parts", v1alpha1.WaitingForCustomer} {
		if d.one(5) {
			continue
		}
		h := v1alpha1.HoldRule{Reason: reason}
		for _, name := range pausable {
			if !d.one(4) {
				h.Pauses.Steps = append(h.Pauses.Steps, name)
			}
		}
		for _, c := range []v1alpha1.ClockKind{v1alpha1.ClockResolution, v1alpha1.ClockUpdate} {
			if d.one(2) {
				h.Pauses.Clocks = append(h.Pauses.Clocks, c)
			}
		}
		if d.one(3) {
			h.MaxEach = oneOf[v1alpha1.Duration](d, "45m", "20h")
		}
		if d.one(3) {
			h.MaxTotal = oneOf[v1alpha1.Duration](d, "1h", "30h")
		}
		spec.Holds = append(spec.Holds, h)
	}
}

// calendar is one of a few, one of which never opens again.
func (d explainDice) calendar() v1alpha1.BusinessCalendarSpec {
	out := office
	switch d.n(6) {
	case 0:
		out.Weekly = []v1alpha1.WeeklyOpening{{Days: office.Weekly[0].Days, Hours: []v1alpha1.Opening{{From: "22:00", To: "06:00"}}}}
	case 1:
		out.Weekly = nil
		out.Openings = []v1alpha1.ExtraOpening{{Date: "2026-10-02", Hours: []v1alpha1.Opening{{From: "09:00", To: "20:00"}}}}
	case 2, 3:
		out.Holidays = []v1alpha1.Holiday{{Name: "German Unity", Date: "2026-10-02"}, {Name: "Fair", Date: "2026-10-05", Closed: []v1alpha1.Opening{{From: "12:00", To: "15:00"}}}}
		out.Openings = []v1alpha1.ExtraOpening{{Date: "2026-10-03", Hours: []v1alpha1.Opening{{From: "10:00", To: "14:00"}}}}
	}
	return out
}

// compile makes a plan; nil where the policy is wrong in one of the ways that are rare.
func (d explainDice) compile(revision string, start time.Time) *policy.Plan {
	content := policy.Content{Policy: policy.Complete(d.spec(start)), Calendars: map[string]v1alpha1.BusinessCalendarSpec{"office": d.calendar()}}
	d.tell(revision, content)
	plan, wrong := policy.Compile("p", revision, content)
	if len(wrong) > 0 {
		d.Skip(policy.Describe(wrong))
	}
	return plan
}

// tell shows a part of a case that fails.
func (d explainDice) tell(name string, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		d.Fatal(err)
	}
	d.Logf("%s: %s", name, data)
}

// journal is a journal in the order of its times.
func (d explainDice) journal(start time.Time) []v1alpha1.JournalEntry {
	var out []v1alpha1.JournalEntry
	at := start
	for i := range d.n(14) {
		at = at.Add(time.Duration(oneOf(d, 0, 7, 30, 60, 200, 1000)+d.n(20)) * time.Minute)
		b := fixture.Entry(v1alpha1.Name(fmt.Sprintf("e%d", i))).RecordedAt(at)
		if !d.one(5) {
			b = b.By(oneOf[v1alpha1.User](d, "alice", "bob"))
		}
		out = append(out, d.entry(b, at).Build())
	}
	return out
}

func (d explainDice) entry(b fixture.EntryBuilder, at time.Time) fixture.EntryBuilder {
	id := func() v1alpha1.Name { return v1alpha1.Name(fmt.Sprintf("e%d", d.n(14))) }
	step := func() v1alpha1.Name { return v1alpha1.Name(fmt.Sprintf("s%d", d.n(4))) }
	if d.one(8) {
		b = b.Heard("Email")
	} else if d.one(4) {
		b = b.Reached("Phone")
	}
	reason := oneOf[v1alpha1.HoldReason](d, "Parts", "Parts", v1alpha1.WaitingForCustomer)
	switch d.n(22) {
	case 0, 1, 2, 3:
		return b.Completion(step())
	case 4:
		return b.Skip(step(), "not needed")
	case 5, 6, 7:
		return b.Hold(reason)
	case 8, 9:
		return b.HoldUntil(reason, at.Add(time.Duration(1+d.n(600))*time.Minute))
	case 10, 11:
		return b.Resume(id())
	case 12, 13:
		return b.Retarget(oneOf[v1alpha1.Severity](d, "Low", "Critical"), "so it is")
	case 14:
		return b.Promise("soon", "40m").With(func(e *v1alpha1.JournalEntry) { e.Promise.Supersedes = oneOf(d, "", id()) })
	case 15:
		return b.PromiseBy("then", at.Add(time.Duration(1+d.n(900))*time.Minute)).With(func(e *v1alpha1.JournalEntry) { e.Promise.ForStep = step() })
	case 16:
		return b.PromiseOutcome(id(), oneOf(d, v1alpha1.ResultKept, v1alpha1.ResultBroken, v1alpha1.ResultReleased))
	case 17:
		return b.Task(v1alpha1.TaskHelp, "help", "2h")
	case 18:
		return b.Reopen("NotFixed")
	case 19:
		return b.Assignment("carol")
	case 20:
		return b.Amend(v1alpha1.Amend{Customer: d.customer()})
	}
	if d.one(6) {
		return b.Cancel("Mistake")
	}
	return b.Heard("Phone")
}

func (d explainDice) customer() *v1alpha1.Customer {
	out := &v1alpha1.Customer{ID: "guest-1"}
	if d.one(2) {
		out.ContactHours = &v1alpha1.ContactHours{From: "11:00", To: "15:00"}
	}
	if d.one(3) {
		out.TimeZone = "America/New_York"
	}
	return out
}

// TestExplainProperties plays random incidents with a few looks on the way, and explains
// every clock at the last one.
func TestExplainProperties(t *testing.T) {
	starts := []time.Time{berlin(t, "2026-10-01 10:20:00"), berlin(t, "2026-10-02 16:30:00"), berlin(t, "2026-10-23 12:00:00")}
	rapid.Check(t, func(t *rapid.T) {
		d := explainDice{t}
		start := oneOf(d, starts...).Add(time.Duration(d.n(600)) * time.Minute)
		inc := fixture.Incident("inc", fixture.ForCustomer(*d.customer()))
		inc.CreationTimestamp.Time = start
		s := &Snapshot{Incident: inc, Plan: d.compile("p-1", start)}
		journal := d.journal(start)
		d.tell("journal", journal)
		looks := 1 + d.n(3)
		now := start
		for i := range looks {
			now = now.Add(time.Duration(d.n(3000)) * time.Minute).Add(time.Duration(d.n(2000)) * time.Millisecond)
			inc.Spec.Journal = nil
			for _, e := range journal {
				// Some facts are seen late.
				if !e.RecordedAt.After(now) && (i == looks-1 || !d.one(6)) {
					inc.Spec.Journal = append(inc.Spec.Journal, e)
				}
			}
			if s.Next != nil {
				s.Rollouts, s.Next = append(s.Rollouts, s.Next), nil
			}
			if i > 0 && d.one(3) {
				s.Next = d.compile(fmt.Sprintf("p-%d", i+1), start)
			}
			decided := Decide(s, now)
			if i < looks-1 {
				if len(decided.Status.Pins) < 2+len(s.Rollouts) {
					s.Next = nil // The incident has ended, and follows it no more.
				}
				inc.Status = decided.Status
			}
		}
		for _, c := range Decide(s, now).Status.Clocks {
			x, err := Explain(s, c.Name, now)
			if err != nil {
				t.Fatalf("%v", err)
			}
			checkExplanation(t, s, &x, now)
			if lines := x.Lines(nil); len(lines) < 4 {
				t.Errorf("%s: too little is said: %q", c.Name, lines)
			}
		}
	})
}
