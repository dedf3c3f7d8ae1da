package incidentmodel

import (
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// status is the one content with the status of another: what a status write makes of it.
func (l *library) status(of, from content) content {
	pair := [2]content{of, from}
	made, ok := l.mixed[pair]
	if !ok {
		next := l.contents[of].DeepCopy()
		l.contents[from].Status.DeepCopyInto(&next.Status)
		made = l.keep(next)
		l.mixed[pair] = made
	}
	return made
}

func (l *library) sameStatus(a, b content) bool {
	return equality.Semantic.DeepEqual(l.contents[a].Status, l.contents[b].Status)
}

// examine checks what must hold of every write: a breach is one, dated at its due instant
// and for good, and what is final stays.
func (l *library) examine(from, to content, now tick) string {
	was, is := &l.contents[from].Status, &l.contents[to].Status
	if was.Phase == v1alpha1.PhaseClosed && is.Phase != was.Phase {
		return fmt.Sprintf("%s was Closed and is %s", l.contents[to].Name, is.Phase)
	}
	for i := range was.Clocks {
		c := &was.Clocks[i]
		if c.BreachedAt == nil && c.DoneAt == nil {
			continue
		}
		stays := clock(is, c.Name)
		if stays == nil || !stays.BreachedAt.Equal(c.BreachedAt) || c.DoneAt != nil && !c.DoneAt.Equal(stays.DoneAt) {
			return fmt.Sprintf("what was written of %s is taken back", c.Name)
		}
	}
	for i := range is.Clocks {
		if wrong := untrue(&is.Clocks[i], instants[now]); wrong != "" {
			return wrong
		}
	}
	return ""
}

// untrue says what is wrong with a clock that was written at an instant.
func untrue(c *v1alpha1.Clock, now time.Time) string {
	switch {
	case c.BreachedAt == nil:
		return ""
	case !c.BreachedAt.Equal(c.DueAt):
		return fmt.Sprintf("the breach of %s is dated %s", c.Name, c.BreachedAt)
	case now.Before(c.BreachedAt.Add(time.Second)):
		return fmt.Sprintf("%s is breached before that can be known", c.Name)
	case c.DoneAt != nil && !c.DoneAt.After(c.DueAt.Time):
		return fmt.Sprintf("%s is breached, and was done in time", c.Name)
	}
	return ""
}

func clock(s *v1alpha1.IncidentStatus, name string) *v1alpha1.Clock {
	for i := range s.Clocks {
		if s.Clocks[i].Name == name {
			return &s.Clocks[i]
		}
	}
	return nil
}

// atRest says that the last instant has come and that nobody has anything left to do.
func (m *model) atRest(s *state) bool {
	if s.now < m.lastTick() || s.late.set {
		return false
	}
	for n := range s.ops {
		o := &s.ops[n]
		if m.alone && n > 0 {
			break
		}
		if o.sends.set || o.looks != [incidents]bool{} || o.known != s.objects || o.answers != s.answers {
			return false
		}
	}
	return true
}

// missing says what should have been done by then: everything that the facts ask for, as
// one would have written it who was always there; and all of it told, where the operator
// lives that wrote it.
func (m *model) missing(s *state) string {
	for i := range s.objects {
		if m.single && i == 0 {
			continue
		}
		stands := s.objects[i].content
		ends, tells := m.undisturbed(i, s)
		if diff := cmp.Diff(m.contents[ends].Status, m.contents[stands].Status, cmpopts.IgnoreFields(v1alpha1.Clock{}, "ObservedAt"), cmpopts.IgnoreFields(v1alpha1.Announced{}, "ObservedAt")); diff != "" {
			return fmt.Sprintf("incident %d ends otherwise than undisturbed (-undisturbed +this):\n%s", i, diff)
		}
		if untold := tells &^ s.told[i]; untold != 0 && !s.crashed && (!s.lost || m.alone) {
			return fmt.Sprintf("untold of incident %d: %v", i, m.describe(untold))
		}
	}
	return ""
}

// undisturbed is how an incident ends where one operator sees everything at once, and what
// of it must be told whoever sees it when: breaches, and what is done.
func (m *model) undisturbed(i int, s *state) (content, tidings) {
	var answered answer
	stands := m.created[i]
	var tells tidings
	look := func(now tick) {
		j := m.decide(stands, answered, now)
		stands, tells = j.content, tells|j.tells
	}
	final := m.contents[s.objects[i].content]
	for now := range m.lastTick() + 1 {
		look(now)
		if a := s.answers[i]; a.verdict != asked && a.at == now {
			answered = a
			look(now)
		}
		if journal := final.Spec.Journal; len(journal) > 0 && journal[0].RecordedAt.Time.Equal(instants[now]) {
			stands = m.record(stands, now)
			look(now)
		}
	}
	return stands, tells & m.lasting()
}

// lasting are the tidings that stay true: nobody who comes late may keep them back.
func (l *library) lasting() (out tidings) {
	for i, text := range l.news {
		for _, reason := range []string{v1alpha1.EventDeadlineBreached, v1alpha1.EventStepDone} {
			if len(text) > len(reason) && text[:len(reason)] == reason {
				out |= 1 << i
			}
		}
	}
	return out
}
