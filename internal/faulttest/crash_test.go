package faulttest

import (
	"fmt"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/fixture/byhand"
)

// Every story ends as it should when nothing goes wrong, and every breach is written in
// the very second in which it is certain.
func TestUndisturbed(t *testing.T) {
	for _, s := range stories(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			r := reference(t, s)
			t.Logf("%d acts, %d writes of the operator, %d events", len(s.acts), r.writes, len(r.told))
		})
	}
}

// modes are the ways in which a write can go wrong.
var modes = []struct {
	name string
	fate fate
}{
	{"stopped before the write", fate{diesBefore: true}},
	{"stopped after the write", fate{diesAfter: true}},
	{"the reply is lost", fate{lost: true}},
}

// at is a hand that does something at the n-th write.
func at(n int, f fate) hand {
	return func(c *call) fate {
		if c.number == n && !c.read {
			return f
		}
		return fate{}
	}
}

// The operator is stopped at every write of every story, in every way, and started anew:
// the end is the same.
func TestCrashAtEveryWrite(t *testing.T) {
	var count tried
	t.Cleanup(func() { t.Log(&count) })
	for _, s := range stories(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, s)
			for n := 1; n <= want.writes; n++ {
				for i, mode := range modes {
					if !everything() && (n%len(modes) != i || s.takesBack && n%2 == 0) {
						continue
					}
					p := begin(t, s, at(n, mode.fate)).run()
					p.compare(want, exact)
					if mode.fate.lost {
						p.toldAll(want)
					}
					count.add(p)
					if wrong := p.judged(); wrong != "" {
						t.Errorf("write %d of %d, %s: %s", n, want.writes, mode.name, wrong)
					}
				}
			}
		})
	}
}

// The operator is stopped twice, the second time while it recovers from the first.
func TestCrashWhileRecovering(t *testing.T) {
	if !everything() {
		t.Skip("make faults tries it")
	}
	var count tried
	t.Cleanup(func() { t.Log(&count) })
	for _, s := range stories(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, s)
			for n := 1; n <= want.writes; n++ {
				first, second := modes[n%3], modes[(n/3)%3]
				p := begin(t, s, func(c *call) fate {
					switch {
					case c.read:
					case c.number == n:
						return first.fate
					case c.number == n+1:
						return second.fate
					}
					return fate{}
				}).run()
				p.compare(want, exact)
				count.add(p)
				if wrong := p.judged(); wrong != "" {
					t.Errorf("write %d, %s, then %s: %s", n, first.name, second.name, wrong)
				}
			}
		})
	}
}

// tellsFirst is an operator that tells what it is about to write.
func tellsFirst(o *operator) {
	inner := o.hand
	o.hand = func(c *call) fate {
		if c.writesStatus("Incident") {
			recorder{o}.Eventf(c.object, nil, "Normal", "AboutToWrite", "Write", "the status of version %s", o.view.version(c.object))
		}
		return inner(c)
	}
}

// version is the generation of an object in the cache.
func (v *view) version(o client.Object) string {
	if known := v.Held(byhand.KindOf(o), o.GetName()); known != nil {
		return fmt.Sprint(known.GetGeneration())
	}
	return "none"
}

// countsInMemory is an operator that adds one to a count whenever it sees a breach that
// it does not remember: the label of a method that cannot be repeated.
func countsInMemory(o *operator) {
	o.parts = append(o.parts, byhand.Part{Kind: "Incident", Does: &forgetful{o: o, live: o.apiClient(), counted: map[string]bool{}}})
}

// The enumeration finds operators that cannot be stopped anywhere.
func TestCrashesAreFound(t *testing.T) {
	for name, bug := range map[string]func(*operator){
		"it tells before it writes":   tellsFirst,
		"it counts what it remembers": countsInMemory,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := samples(t, "coffee-in-the-wind")[0]
			// Without its last entry nobody says sorry, and the step is breached.
			s.acts = s.acts[:len(s.acts)-1]
			want := undisturbedWith(t, s, bug)
			for n := 1; n <= want.writes; n++ {
				for _, mode := range modes {
					p := begin(t, s, at(n, mode.fate)).spoil(bug)
					p.run().compare(want, exact)
					if len(p.hurt) > 0 {
						t.Logf("found at write %d, %s: %s", n, mode.name, p.hurt[0])
						return
					}
				}
			}
			t.Error("it was not found")
		})
	}
}

// undisturbedWith is the reference of a faulty operator: what it does undisturbed.
func undisturbedWith(t *testing.T, s *story, bug func(*operator)) *record {
	t.Helper()
	p := begin(t, s, let).spoil(bug).run()
	return &record{endings: p.endings(), told: p.told, writes: p.writes}
}

// stories are those that are tried: all of them in make faults, else two that have much
// in them.
func stories(t testing.TB) []*story {
	t.Helper()
	if everything() {
		return append(samples(t), theTill(t))
	}
	return append(samples(t, "coffee-in-the-wind", "failed-twice"), shortTill(t))
}
