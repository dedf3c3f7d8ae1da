package faulttest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// weather is an API server in trouble.
type weather struct {
	w       *world
	rand    *rand.Rand
	percent int
	calm    bool
	// met counts what was injected.
	met map[string]int
}

func newWeather(percent int, seed uint64) *weather {
	return &weather{percent: percent, rand: rand.New(rand.NewPCG(seed, 3)), met: map[string]int{}} //nolint:gosec // a seeded test
}

// strike is a hand.
func (x *weather) strike(c *call) fate {
	if x.calm || x.rand.IntN(100) >= x.percent {
		return fate{}
	}
	kind := x.rand.IntN(5)
	if c.read && (kind == 0 || kind == 4) {
		kind = 3 // Reads meet no conflict, and have nothing to be applied.
	}
	switch kind {
	case 0:
		x.met["409"]++
		x.touch(c.object)
		return fate{}
	case 1:
		x.met["429"]++
		return fate{refused: errTooMany()}
	case 2:
		x.met["500"]++
		return fate{refused: errInternal()}
	case 3:
		x.met["timeout, not applied"]++
		return fate{refused: errLost}
	default:
		x.met["timeout, applied"]++
		return fate{lost: true}
	}
}

// touch changes an object, so that a write of the version before it meets a conflict. A
// conflict without a change would bring nobody back.
func (x *weather) touch(o client.Object) {
	if o.GetName() == "" || x.w == nil {
		return
	}
	live := o.DeepCopyObject().(client.Object)
	patch := fmt.Appendf(nil, `{"metadata":{"annotations":{%q:"%d"}}}`, touched, x.met["409"])
	err := x.w.api.Patch(x.w.ctx(), live, client.RawPatch(types.MergePatchType, patch))
	switch {
	case apierrors.IsNotFound(err):
	case err != nil:
		x.w.Fatal(err)
	default:
		x.w.observe(live)
	}
}

// touched is the annotation of an object that somebody else has written.
const touched = "faulttest/touched"

// inTrouble plays a story with an API server in trouble until its end.
func inTrouble(t testing.TB, s *story, percent int, seed uint64) (*play, *weather) {
	t.Helper()
	x := newWeather(percent, seed)
	p := begin(t, s, x.strike)
	x.w = p.world
	p.end = func() {
		x.calm = true
		p.clock.Step(backOff)
	}
	return p.run(), x
}

// Requests fail in every way, more and more of them; nothing is lost, nothing is told
// twice, and nobody storms.
func TestAPITrouble(t *testing.T) {
	rounds := 1
	if everything() {
		rounds = 10
	}
	var count tried
	t.Cleanup(func() { t.Log(&count) })
	for _, s := range stories(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, s)
			for _, level := range []struct{ percent, most int }{{1, 120}, {10, 160}, {50, 400}} {
				for seed := range rounds {
					p, x := inTrouble(t, s, level.percent, uint64(seed))
					asked := p.writes
					p.compare(want, late)
					count.add(p)
					if most := want.writes*level.most/100 + 5; asked > most {
						p.wound("%d writes were asked for, undisturbed %d: a storm", asked, want.writes)
					}
					if wrong := p.judged(); wrong != "" {
						t.Errorf("%d %%, seed %d: %s", level.percent, seed, wrong)
					}
					t.Logf("%d %%, seed %d: %d writes, undisturbed %d; %v", level.percent, seed, asked, want.writes, x.met)
				}
			}
		})
	}
}

// outage is how long nothing can be read or written.
const outage = 30 * time.Second

// Nothing can be reached for half a minute around each instant at which something
// happens.
func TestOutage(t *testing.T) {
	var count tried
	t.Cleanup(func() { t.Log(&count) })
	for _, s := range stories(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, s)
			for i, at := range want.instants {
				if !everything() && i%16 != 5 {
					continue
				}
				from := at.Add(-outage / 6)
				p := away(t, s, from)
				p.run().compare(want, late)
				count.add(p)
				if wrong := p.judged(); wrong != "" {
					t.Errorf("away from %s: %s", from.Format(time.TimeOnly), wrong)
				}
			}
		})
	}
}

// away makes a play in which nothing can be reached for half a minute. It is wounded by an
// object that somebody tries to write much more often than once for each time to wait.
func away(t testing.TB, s *story, from time.Time) *play {
	t.Helper()
	const most = 2 * int(outage/backOff)
	tries := map[ref]int{}
	var p *play
	p = begin(t, s, func(c *call) fate {
		if now := p.clock.Now(); now.Before(from) || !now.Before(from.Add(outage)) {
			return fate{}
		}
		if !c.read {
			if tries[refOf(c.object)]++; tries[refOf(c.object)] == most+1 {
				p.wound("%s was tried %d times within %s, in which nothing can be reached: a storm", refOf(c.object), most+1, outage)
			}
		}
		return fate{refused: errUnreachable()}
	})
	return p
}

// impatient is a reconciler that does not wait before it tries again.
type impatient struct{ reconcile.Reconciler }

// Reconcile tries twenty times.
func (r impatient) Reconcile(ctx context.Context, req reconcile.Request) (result reconcile.Result, err error) {
	for range 20 {
		if result, err = r.Reconciler.Reconcile(ctx, req); err == nil {
			break
		}
	}
	return result, err
}

// The count of requests finds an operator that storms, and the comparison one that
// gives a deadline up when a request fails.
func TestTroubleIsFound(t *testing.T) {
	s := samples(t, "failed-twice")[0]
	want := reference(t, s)
	t.Run("a storm", func(t *testing.T) {
		for _, at := range want.instants {
			p := away(t, s, at.Add(-outage/6))
			for i := range p.acting[0].parts {
				p.acting[0].parts[i].Does = impatient{p.acting[0].parts[i].Does}
			}
			p.run()
			if len(p.hurt) > 0 {
				t.Log(p.hurt[0])
				return
			}
		}
		t.Error("it was not found")
	})
	t.Run("a lost deadline", func(t *testing.T) {
		p := begin(t, s, let)
		p.acting[0].asleep = true
		p.run()
		p.nothingLate(true)
		if len(p.hurt) == 0 {
			t.Error("it was not found")
		} else {
			t.Log(p.hurt[0])
		}
	})
}
