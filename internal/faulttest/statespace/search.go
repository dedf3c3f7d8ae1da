// Package statespace visits every state that a small world can come to, so that what must
// hold in it is not tried but searched. Tests alone use it.
package statespace

import (
	"slices"
	"strings"
	"testing"
)

// Step is one way in which a world goes on.
type Step[S any] struct {
	// What tells it, in a few words.
	What string
	Next S
	// Broken says what is wrong with the step by itself; empty where nothing is.
	Broken string
}

// World is a set of states, given by how they follow each other and by what must hold.
type World[S any, K comparable] struct {
	// Key tells states apart: two with the same key go on in the same ways.
	Key func(*S) K
	// Steps are all ways in which a state goes on; none where it is an end.
	Steps func(*S) []Step[S]
	// Wrong says what is wrong with a state; empty where nothing is. It is nil where the steps
	// say it all.
	Wrong func(*S) string
	// AtRest says whether nobody in it has anything left to do, and Missing what should
	// have been done by then; empty where nothing is missing.
	AtRest  func(*S) bool
	Missing func(*S) string
}

// Result is what a search came to.
type Result struct {
	// States and Steps count what was visited, and Rests the states at rest among them.
	States, Steps, Rests int
	// Broken is the first thing that is wrong, with the way to it: no shorter way leads to
	// anything wrong. It is empty where the states close and nothing is wrong.
	Broken string
}

// Holds fails the test where anything is wrong, or where nothing ever comes to rest, so that
// nothing could be missing.
func (r Result) Holds(t testing.TB) {
	t.Helper()
	if r.Broken != "" {
		t.Error(r.Broken)
	}
	if r.Rests == 0 {
		t.Error("nothing ever comes to rest")
	}
	t.Logf("%d states, %d steps, %d of the states at rest", r.States, r.Steps, r.Rests)
}

// Breaks fails the test where nothing is wrong: a bug that was put in was not found.
func (r Result) Breaks(t testing.TB) {
	t.Helper()
	if r.Broken == "" {
		t.Fatalf("not found in %d states", r.States)
	}
	t.Logf("found after %d states:\n%s", r.States, r.Broken)
}

// visit is a state and how it was reached.
type visit[S any] struct {
	state  S
	parent int
	what   string
}

// Search visits every state that can be reached from the first, nearest first, until
// something is wrong or there are no more.
func (w *World[S, K]) Search(first S) Result {
	seen := map[K]bool{w.Key(&first): true}
	visits := []visit[S]{{state: first, parent: -1}}
	out := Result{}
	for at := 0; at < len(visits) && out.Broken == ""; at++ {
		s := visits[at].state
		out.Broken = told(w.judge(&s, &out), visits, at)
		if out.Broken != "" {
			break
		}
		for _, step := range w.Steps(&s) {
			out.Steps++
			if step.Broken != "" {
				out.Broken = told(step.Broken, visits, at) + "\n" + step.What
				break
			}
			if key := w.Key(&step.Next); !seen[key] {
				seen[key] = true
				visits = append(visits, visit[S]{step.Next, at, step.What})
			}
		}
	}
	out.States = len(visits)
	return out
}

// judge says what is wrong with a state.
func (w *World[S, K]) judge(s *S, out *Result) string {
	if w.Wrong != nil {
		if wrong := w.Wrong(s); wrong != "" {
			return wrong
		}
	}
	if !w.AtRest(s) {
		return ""
	}
	out.Rests++
	return w.Missing(s)
}

// told is what is wrong with a state and the steps to it; empty where nothing is wrong.
func told[S any](wrong string, visits []visit[S], at int) string {
	if wrong == "" {
		return ""
	}
	var way []string
	for ; at > 0; at = visits[at].parent {
		way = append(way, visits[at].what)
	}
	slices.Reverse(way)
	return strings.Join(append([]string{wrong}, way...), "\n")
}
