package faulttest

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/fixture/byhand"
)

// One operator is held up at each of its writes, after it has decided; meanwhile the
// other one does all that there is to do, and people act. Then the write arrives.
func TestWriteOfAnotherTime(t *testing.T) {
	var count tried
	t.Cleanup(func() { t.Log(&count) })
	for _, s := range stories(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, s)
			for n := 1; n <= want.writes; n++ {
				if !everything() && n%8 != 4 {
					continue
				}
				p := rivals(t, s, n, nil).run()
				p.compare(want, late)
				count.add(p)
				if wrong := p.judged(); wrong != "" {
					t.Errorf("held up at write %d of %d: %s", n, want.writes, wrong)
				}
			}
		})
	}
}

// rivals makes a play of two operators without a lease. The first is held up at its
// n-th write, while the second settles and the next act of the story happens.
func rivals(t testing.TB, s *story, n int, bug func(*operator)) *play {
	t.Helper()
	p := begin(t, s, let)
	rival := p.again()
	own, ahead := 0, -1
	p.acting[0].hand = func(c *call) fate {
		if c.read {
			return fate{}
		}
		if own++; own != n {
			return fate{}
		}
		rival.settle()
		if next := p.at + 1; next < len(s.acts) {
			ahead = next
			p.clock.SetTime(s.opens.Add(s.acts[next].at))
			p.note("-- %s, while %s is held up", s.acts[next].what, p.acting[0].name)
			s.acts[next].do(p.world)
			rival.settle()
		}
		return fate{}
	}
	if bug != nil {
		bug(p.acting[0])
	}
	p.acting = append(p.acting, rival)
	p.done = func(n int) bool { return n == ahead }
	return p
}

// Two operators take turns at every request that they make, as chance will have it.
func TestTwoAtOnce(t *testing.T) {
	rounds := 1
	if everything() {
		rounds = 25
	}
	var count tried
	t.Cleanup(func() { t.Log(&count) })
	for _, s := range stories(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, s)
			for seed := range rounds {
				p := begin(t, s, let)
				p.acting = append(p.acting, p.again())
				p.baton = rand.New(rand.NewPCG(uint64(seed), 7)) //nolint:gosec // a seeded test
				p.run()
				p.baton = nil
				p.compare(want, late)
				count.add(p)
				if wrong := p.judged(); wrong != "" {
					t.Errorf("seed %d: %s", seed, wrong)
				}
			}
		})
	}
}

// together lets all operators settle, one request of one of them at a time.
func (p *play) together() {
	type runner struct {
		o           *operator
		resume      chan bool
		waits, done bool
	}
	yield := make(chan *runner)
	var all []*runner
	for _, o := range p.acting {
		r := &runner{o: o, resume: make(chan bool)}
		inner := o.hand
		o.hand = func(c *call) fate {
			r.waits = true
			yield <- r
			<-r.resume
			return inner(c)
		}
		all = append(all, r)
		defer func() { o.hand = inner }()
		go func() {
			<-r.resume
			r.o.settle()
			r.done = true
			yield <- r
		}()
		r.waits = true
	}
	for {
		var ready []*runner
		for _, r := range all {
			if !r.done {
				ready = append(ready, r)
			}
		}
		if len(ready) == 0 {
			return
		}
		r := ready[p.baton.IntN(len(ready))]
		r.resume <- true
		<-yield
	}
}

// unlocked is an operator whose status writes carry no version: what was written since
// it has read is overwritten.
func unlocked(o *operator) {
	inner := o.hand
	o.hand = func(c *call) fate {
		f := inner(c) // Others may act in it; what they wrote is overwritten too.
		switch {
		case c.what == "update status":
			// Without any version it is refused; the newest one is in nobody's way.
			if live := o.w.current(byhand.KindOf(c.object), c.object.GetName()); live != nil {
				c.object.SetResourceVersion(live.GetResourceVersion())
			}
		case c.patch != nil:
			unversion(c)
		}
		return f
	}
}

// unversion takes what a patch says of the object's version out of it.
func unversion(c *call) {
	data, err := c.patch.Data(c.object)
	var patch map[string]map[string]any
	if err != nil || json.Unmarshal(data, &patch) != nil {
		return
	}
	delete(patch["metadata"], "resourceVersion")
	if data, err = json.Marshal(patch); err == nil {
		c.patch = client.RawPatch(types.MergePatchType, data)
	}
}

// The search finds an operator that does not lock.
func TestMissingLockIsFound(t *testing.T) {
	for name, find := range map[string]func(s *story, n int) *play{
		"held up at a write": func(s *story, n int) *play { return rivals(t, s, n, unlocked) },
		"an old cache": func(s *story, n int) *play {
			p := standStill(t, s, n, recoveries[0].do)
			unlocked(p.acting[0])
			return p
		},
		"two at once": func(s *story, n int) *play {
			p := begin(t, s, let)
			p.acting = append(p.acting, p.again())
			for _, o := range p.acting {
				unlocked(o)
			}
			p.baton = rand.New(rand.NewPCG(uint64(n), 7)) //nolint:gosec // a seeded test
			return p
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := samples(t, "failed-twice")[0]
			want := reference(t, s)
			for n := 1; n <= want.writes; n++ {
				p := find(s, n).run()
				p.baton = nil
				p.compare(want, late)
				if len(p.hurt) > 0 {
					t.Logf("found in try %d: %s", n, p.hurt[0])
					return
				}
			}
			t.Error("it was not found")
		})
	}
}
