package faulttest

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// knowsOneTime is an operator that takes its own clock for the API server's: where its
// clock was set back, what was recorded before lies after all that it knows.
func knowsOneTime(o *operator) {
	o.view.glasses = func(object client.Object) {
		if inc, ok := object.(*v1alpha1.Incident); ok {
			now := metav1.NewTime(o.w.clock.Now().UTC().Truncate(time.Second))
			inc.ManagedFields = []metav1.ManagedFieldsEntry{{Time: &now}}
		}
	}
}

// datesByItsClock is an operator that dates a breach by when it comes to write it, and
// not by when it was due. It comes a second later, where its clock is right.
func datesByItsClock(o *operator) {
	inner := o.hand
	o.hand = func(c *call) fate {
		for _, clock := range freshBreaches(o, c) {
			clock.BreachedAt = &metav1.Time{Time: o.w.clock.Now().UTC().Truncate(time.Second).Add(-time.Second)}
		}
		return inner(c)
	}
}

// oneASecond is an operator that writes one breach a second.
func oneASecond(o *operator) {
	inner := o.hand
	o.hand = func(c *call) fate {
		if len(freshBreaches(o, c)) > 0 {
			defer o.w.clock.Step(time.Second)
		}
		return inner(c)
	}
}

// freshBreaches are those that a call is about to write. They are a part of what is sent.
func freshBreaches(o *operator, c *call) []*v1alpha1.Clock {
	if !c.writesStatus("Incident") {
		return nil
	}
	written := map[string]bool{}
	if was, ok := o.w.current("Incident", c.object.GetName()).(*v1alpha1.Incident); ok {
		for i := range was.Status.Clocks {
			if x := &was.Status.Clocks[i]; x.BreachedAt != nil {
				written[x.Name] = true
			}
		}
	}
	var out []*v1alpha1.Clock
	clocks := c.object.(*v1alpha1.Incident).Status.Clocks
	for i := range clocks {
		if x := &clocks[i]; x.BreachedAt != nil && !written[x.Name] {
			out = append(out, x)
		}
	}
	return out
}

// knowsNoSummer is an operator that reckons with the offset that a time zone has in winter.
func knowsNoSummer(o *operator) {
	o.view.glasses = func(object client.Object) {
		if c, ok := object.(*v1alpha1.BusinessCalendar); ok && c.Spec.TimeZone == "Europe/Berlin" {
			c.Spec.TimeZone = "Etc/GMT-1" // Which is an hour before Greenwich.
		}
	}
}

// The tests of wrong clocks find operators that stand on their own. Where the clock is
// right, they do as they should.
func TestTrustInTheClockIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		bug   func(*operator)
		by    time.Duration
		wrong string
	}{
		"it knows no other time": {knowsOneTime, -time.Hour, "it ends otherwise than undisturbed"},
		"it dates by its clock":  {datesByItsClock, time.Hour, "and dated"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := samples(t, "coffee-in-the-wind")[0]
			s.acts = s.acts[:len(s.acts)-1] // So that the step is breached.
			s.name += ", and nobody says sorry"
			want := reference(t, s)
			p := begin(t, s, let).spoil(c.bug).run()
			p.compare(want, late)
			p.unharmed()
			for n := range s.acts {
				p := clockWrong(t, s, n, c.by).spoil(c.bug).run()
				if c.by < 0 {
					p.compare(want, late) // What is breached too early stays.
				}
				if p.blamed(t, c.wrong) {
					return
				}
			}
			t.Error("it was not found")
		})
	}
}

// The test of many deadlines finds an operator that has no time for all of them; it has
// for one.
func TestSlownessIsFound(t *testing.T) {
	p := begin(t, oneInstant(1), let).spoil(oneASecond).run()
	p.inThatInstant(1)
	p.unharmed()
	p = begin(t, oneInstant(5), let).spoil(oneASecond).run()
	p.inThatInstant(5)
	if !p.blamed(t, "and seen at") {
		t.Error("it was not found")
	}
}

// The nights on which the clocks change find an operator that does not change them. On
// another night it does as it should.
func TestUnchangedClocksAreFound(t *testing.T) {
	winter := night{"Europe/Berlin 2026-11-08", time.Date(2026, 11, 7, 20, 30, 0, 0, time.UTC), time.Date(2026, 11, 8, 4, 0, 0, 0, time.UTC)}
	p := begin(t, winter.story(t), let).spoil(knowsNoSummer).run()
	winter.judge(p)
	p.unharmed()
	for _, x := range nights {
		p := begin(t, x.story(t), let).spoil(knowsNoSummer).run()
		x.judge(p)
		if p.blamed(t, "Step/apologise: due") {
			return
		}
	}
	t.Error("it was not found")
}
