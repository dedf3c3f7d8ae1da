package faulttest

import (
	"fmt"
	"testing"
)

// blindFor is for how many acts of a story a cache stands still.
const blindFor = 2

// standStill makes a play whose operator sees nothing after a revision, until so many
// acts of people have gone unseen.
func standStill(t testing.TB, s *story, revision int, recovery func(p *play, o *operator)) *play {
	t.Helper()
	p := begin(t, s, let)
	p.acting[0].view.limit = revision
	unseen := 0
	over := false
	thaw := func() {
		if !over {
			over = true
			recovery(p, p.acting[0])
		}
	}
	p.after = func(int) {
		if o := p.acting[0]; !over && o.view.limit > 0 && o.view.limit < p.revision() {
			if unseen++; unseen > blindFor {
				thaw()
			}
		}
	}
	p.end = thaw
	return p
}

// Recoveries of an operator whose cache stood still.
var recoveries = []struct {
	name string
	do   func(p *play, o *operator)
}{
	{"the cache follows again", func(_ *play, o *operator) { o.view.limit = 0 }},
	{"another operator takes over", func(p *play, _ *operator) { p.acting[0] = p.again() }},
	{"another operator takes over and its cache is as old", func(p *play, o *operator) {
		limit := o.view.limit
		next := p.begun(limit)
		p.acting[0] = next
		next.settle()
		next.view.limit = 0
	}},
}

// begun is an operator that starts with an old cache.
func (p *play) begun(limit int) *operator {
	o := p.again()
	o.view = newView(p.world)
	o.view.limit = limit
	o.view.follow()
	o.wire()
	return o
}

// The cache stands still at each revision while the world moves on; then it follows
// again, or somebody takes over: the end is the same.
func TestStaleAtEveryRevision(t *testing.T) {
	var count tried
	t.Cleanup(func() { t.Log(&count) })
	for _, s := range stories(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, s)
			for revision := 1; revision < want.revisions; revision++ {
				for i, recovery := range recoveries {
					if !everything() && revision%(4*len(recoveries)) != 4*i {
						continue
					}
					p := standStill(t, s, revision, recovery.do).run()
					p.compare(want, late)
					count.add(p)
					if wrong := p.judged(); wrong != "" {
						t.Errorf("still at %d of %d, %s: %s", revision, want.revisions, recovery.name, wrong)
					}
				}
			}
		})
	}
}

// window is how many acts in a row may go unseen one by one.
const window = 4

// Watch events are merged: of each few acts in a row, every subset is seen only
// together with what comes next.
func TestUnobservedStates(t *testing.T) {
	var count tried
	t.Cleanup(func() { t.Log(&count) })
	for _, s := range stories(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, s)
			for first := range s.acts {
				// The first of the window always goes unseen: else it is another window.
				for subset := 1; subset < 1<<(window-1); subset += 2 {
					if !everything() && (first+subset/2)%12 != 2 {
						continue
					}
					p := begin(t, s, let)
					unseen := func(n int) bool { return n >= first && n < first+window-1 && subset&(1<<(n-first)) != 0 }
					p.rests = unseen
					p.after = func(n int) { p.deaf = unseen(n) }
					p.end = func() { p.deaf = false }
					p.run().compare(want, late)
					count.add(p)
					if wrong := p.judged(); wrong != "" {
						t.Errorf("unseen %s of the acts from %d: %s", fmt.Sprintf("%03b", subset), first, wrong)
					}
				}
			}
		})
	}
}
