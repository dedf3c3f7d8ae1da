package faulttest

import (
	"fmt"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
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

// subsets are those of a window. The first of it always goes unseen: else it is another
// window.
func subsets() []int {
	var out []int
	for subset := 1; subset < 1<<(window-1); subset += 2 {
		out = append(out, subset)
	}
	return out
}

// unseen makes a play in which a subset of the acts from the first on go unseen by
// themselves.
func unseen(t testing.TB, s *story, first, subset int) *play {
	t.Helper()
	p := begin(t, s, let)
	p.rests = func(n int) bool { return n >= first && n < first+window-1 && subset&(1<<(n-first)) != 0 }
	p.after = func(n int) { p.deaf = p.rests(n) }
	p.end = func() { p.deaf = false }
	return p
}

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
				for _, subset := range subsets() {
					if !everything() && (first+subset/2)%12 != 2 {
						continue
					}
					p := unseen(t, s, first, subset).run()
					p.compare(want, late)
					count.add(p)
					if wrong := p.judged(); wrong != "" {
						t.Errorf("unseen %s of the acts from %d: %s", fmt.Sprintf("%03b", subset), first, wrong)
					}
				}
			}
		})
	}
}

// takesTheNewest is an operator that takes one fact from each copy of an incident that it
// sees, the newest: the one that must have brought the copy.
func takesTheNewest(o *operator) {
	type memory struct {
		seen  int
		taken []v1alpha1.JournalEntry
	}
	remembered := map[types.UID]*memory{}
	o.view.glasses = func(object client.Object) {
		inc, ok := object.(*v1alpha1.Incident)
		if !ok {
			return
		}
		m := remembered[inc.UID]
		if m == nil {
			m = &memory{}
			remembered[inc.UID] = m
		}
		if n := len(inc.Spec.Journal); n > m.seen {
			m.seen, m.taken = n, append(m.taken, inc.Spec.Journal[n-1])
		}
		inc.Spec.Journal = slices.Clone(m.taken)
	}
}

// wantsEach is an operator that goes on with the copy that it has of an incident until
// the very next one comes.
func wantsEach(o *operator) {
	held := map[types.UID]*v1alpha1.Incident{}
	o.view.glasses = func(object client.Object) {
		inc, ok := object.(*v1alpha1.Incident)
		if !ok {
			return
		}
		if was := held[inc.UID]; was == nil || inc.Generation <= was.Generation+1 {
			held[inc.UID] = inc.DeepCopy()
			return
		}
		held[inc.UID].Spec.DeepCopyInto(&inc.Spec)
		inc.Generation = held[inc.UID].Generation
	}
}

// The search finds operators that live on the changes that they see, and not on what is
// there. Where they see each one, they do as they should.
func TestMissedStatesAreFound(t *testing.T) {
	for name, bug := range map[string]func(*operator){
		"it takes one fact from each copy": takesTheNewest,
		"it wants each copy":               wantsEach,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := samples(t, "failed-twice")[0]
			want := reference(t, s)
			p := begin(t, s, let).spoil(bug).run()
			p.compare(want, late)
			p.unharmed()
			for first := range s.acts {
				for _, subset := range subsets() {
					p := unseen(t, s, first, subset).spoil(bug).run()
					p.compare(want, late)
					if p.blamed(t, "it ends otherwise than undisturbed") {
						return
					}
				}
			}
			t.Error("it was not found")
		})
	}
}
