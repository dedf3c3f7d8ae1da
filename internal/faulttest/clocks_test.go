package faulttest

import (
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// The wall clock is wrong by a little while nobody does anything, and right again before
// somebody does: by as much as clocks that are kept in step differ.
func TestClockIsALittleWrong(t *testing.T) {
	for _, by := range []time.Duration{-10 * time.Second, 10 * time.Second} {
		for _, s := range stories(t) {
			t.Run(fmt.Sprint(by, " ", s.name), func(t *testing.T) {
				t.Parallel()
				want := reference(t, s)
				for n := range s.acts {
					if everything() || n%6 == 1 {
						setWrong(t, s, want, n, by)
					}
				}
			})
		}
	}
}

// The wall clock is set back by an hour and set right again.
func TestClockIsSetBack(t *testing.T) {
	for _, s := range stories(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, s)
			for n := range s.acts {
				if everything() || n%6 == 2 {
					setWrong(t, s, want, n, -time.Hour)
				}
			}
		})
	}
}

// The wall clock is set forward by an hour and set right again. What falls due in that
// hour is breached too early, and that stays: a breach is not taken back. All else must
// hold, after every write.
func TestClockIsSetForward(t *testing.T) {
	for _, s := range stories(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			for n := range s.acts {
				if !everything() && n%6 != 3 {
					continue
				}
				clockWrong(t, s, n, time.Hour).run().sound(n)
			}
		})
	}
}

// setWrong plays a story in which the clock is wrong for a moment before an act, and
// compares its end with that of one in which it was not.
func setWrong(t *testing.T, s *story, want *record, n int, by time.Duration) {
	t.Helper()
	p := clockWrong(t, s, n, by).run()
	p.compare(want, late)
	p.sound(n)
}

// sound fails the test where a play went wrong whose clock was wrong before an act.
func (p *play) sound(n int) {
	p.Helper()
	if wrong := p.judged(); wrong != "" {
		p.Errorf("before act %d: %s", n, wrong)
	}
}

// clockWrong makes a play in which the clock is wrong for a moment before an act.
func clockWrong(t *testing.T, s *story, n int, by time.Duration) *play {
	t.Helper()
	p := begin(t, s, let)
	p.before = func(next int) {
		if next != n {
			return
		}
		right := p.clock.Now()
		p.turnedBack = by < -time.Minute
		p.clock.SetTime(right.Add(by))
		p.note("-- the clock is set wrong by %s", by)
		p.ahead = right.Add(max(by, 0))
		p.settle()
		p.clock.SetTime(right)
		p.note("-- the clock is set right")
		p.settle()
	}
	return p
}

// Many deadlines fall into one instant: each is written in it, once.
func TestOneInstant(t *testing.T) {
	many := 40
	if everything() {
		many = 400
	}
	p := begin(t, oneInstant(many), let).run()
	p.inThatInstant(many)
	p.unharmed()
}

// oneInstant is a story of many incidents that are all due after ten minutes.
func oneInstant(many int) *story {
	s := &story{name: "one instant", opens: opening, until: 20 * time.Minute}
	s.creates(0, fixture.Policy("quick", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("10m"))))
	for n := range many {
		s.creates(0, fixture.Incident(fmt.Sprintf("incident-%03d", n), fixture.UnderPolicy("quick")))
	}
	return s
}

// inThatInstant checks that all of them are breached when they were due, and each is
// written twice.
func (p *play) inThatInstant(many int) {
	p.Helper()
	p.nothingLate(true)
	p.absorbed()
	due := opening.Add(10 * time.Minute)
	writes := map[string]int{}
	for _, c := range p.history {
		inc, ok := c.object.(*v1alpha1.Incident)
		if !ok || len(inc.Status.Clocks) == 0 {
			continue
		}
		writes[c.name]++
		if b := inc.Status.Clocks[0].BreachedAt; b != nil && !b.Time.Equal(due) {
			p.wound("%s: breached at %s, want %s", c.name, b, due)
		}
	}
	for name, n := range writes {
		if n != 2 {
			p.wound("%s: %d writes, want one at the start and one at the breach", name, n)
		}
	}
	if len(writes) != many {
		p.wound("%d incidents, want %d", len(writes), many)
	}
}

const nightShift = `
apiVersion: recovery.amends.dev/v1alpha1
kind: BusinessCalendar
metadata: {name: night}
spec:
  timeZone: Europe/Berlin
  weekly: [{days: [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday], hours: [{from: "22:00", to: "06:00"}]}]
---
apiVersion: recovery.amends.dev/v1alpha1
kind: RecoveryPolicy
metadata: {name: night}
spec:
  priority: 1
  selector: {matchLabels: {site: night}}
  calendarName: night
  steps:
  - {name: apologise, type: Apology, due: {within: 7h, clock: Business}}
  - {name: at-once, type: Custom, after: [], due: {within: 7h}}
---
apiVersion: recovery.amends.dev/v1alpha1
kind: Incident
metadata: {name: in-the-night, labels: {site: night}}
spec: {summary: The light went out, customer: {id: guest-1}, severity: High, service: rooms, detectedBy: Customer}
`

// night is one on which the incident in the night happens.
type night struct {
	name string
	// opens is before the night begins; business is when its seventh counted hour ends.
	opens, business time.Time
}

// nights are those on which the clocks change.
var nights = []night{
	// 22:00 to 06:00 summer time is 21:00 to 04:00: the seventh hour ends with the night.
	{"Europe/Berlin 2026-03-29", time.Date(2026, 3, 28, 20, 30, 0, 0, time.UTC), time.Date(2026, 3, 29, 4, 0, 0, 0, time.UTC)},
	// 22:00 summer time to 06:00 is 20:00 to 05:00: the seventh ends two hours before.
	{"Europe/Berlin 2026-10-25", time.Date(2026, 10, 24, 19, 30, 0, 0, time.UTC), time.Date(2026, 10, 25, 3, 0, 0, 0, time.UTC)},
}

// story is what happens in the night.
func (x *night) story(t testing.TB) *story {
	t.Helper()
	s := &story{name: x.name, opens: x.opens, until: 20 * time.Hour}
	for _, doc := range documents(nightShift) {
		s.creates(0, object(t, x.name, doc))
	}
	return s
}

// judge checks when the clocks of the incident were due and breached.
func (x *night) judge(p *play) {
	p.dues(map[string]time.Time{"Step/apologise": x.business, "Step/at-once": x.opens.Add(7 * time.Hour)})
}

// On the nights on which the clocks change, seven counted hours are seven hours on the
// line of instants; the night is seven or nine of them long, not eight. The operator is
// stopped at every write of it.
func TestClocksChange(t *testing.T) {
	for _, x := range nights {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			s := x.story(t)
			want := reference(t, s)
			for n := 1; n <= want.writes; n++ {
				if !everything() && n%4 != 2 {
					continue
				}
				p := begin(t, s, at(n, modes[n%len(modes)].fate)).run()
				p.compare(want, exact)
				x.judge(p)
				if wrong := p.judged(); wrong != "" {
					t.Errorf("write %d: %s", n, wrong)
				}
			}
		})
	}
}

// dues checks when clocks of the incident were due and breached.
func (p *play) dues(want map[string]time.Time) {
	inc := p.current("Incident", "in-the-night").(*v1alpha1.Incident)
	for i := range inc.Status.Clocks {
		c := &inc.Status.Clocks[i]
		at, ok := want[c.Name]
		if !ok {
			p.wound("there is a clock %s", c.Name)
			continue
		}
		delete(want, c.Name)
		if !c.DueAt.Time.Equal(at) || c.BreachedAt == nil || !c.BreachedAt.Equal(&metav1.Time{Time: at}) {
			p.wound("%s: due %s, breached %v, want both at %s", c.Name, c.DueAt.UTC(), c.BreachedAt, at)
		}
	}
	for name := range want {
		p.wound("there is no clock %s", name)
	}
}
