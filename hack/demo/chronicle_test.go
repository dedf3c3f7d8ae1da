package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
)

var zero = time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)

func after(d time.Duration) time.Time { return zero.Add(d) }

func coffee(entries ...v1alpha1.JournalEntry) *v1alpha1.Incident {
	inc := &v1alpha1.Incident{Spec: v1alpha1.IncidentSpec{Summary: "Wind", Journal: entries}}
	inc.Name, inc.UID = "coffee", "u1"
	inc.ManagedFields = []metav1.ManagedFieldsEntry{
		{Manager: "amends", Operation: metav1.ManagedFieldsOperationUpdate, Subresource: "status"},
		{Manager: "alice", Operation: metav1.ManagedFieldsOperationUpdate},
	}
	return inc
}

func event(uid types.UID, reason, note string, at time.Duration) *eventsv1.Event {
	e := &eventsv1.Event{
		Type: corev1.EventTypeNormal, Reason: reason, Note: note, EventTime: metav1.NewMicroTime(after(at)),
		Regarding: corev1.ObjectReference{Kind: "Incident", Name: "coffee"},
	}
	e.UID = uid
	return e
}

func texts(lines []line) []string {
	var out []string
	for _, l := range lines {
		out = append(out, l.who+" "+l.text)
	}
	return out
}

func TestChronicle(t *testing.T) {
	gesture := v1alpha1.JournalEntry{ID: "a", By: "alice", Gesture: &v1alpha1.Gesture{Option: "fresh-coffee"}}
	done := v1alpha1.JournalEntry{ID: "b", By: "lin", Completion: &v1alpha1.Completion{Step: "apologise"}}
	c := newChronicle(zero)

	c.incident(coffee(), after(time.Second))
	c.event(event("e2", "StepStarted", "Step/apologise has started and is due at 2026-10-05T09:00:12Z", 1200*time.Millisecond))
	c.event(event("e1", "PolicyBound", "bound", 1100*time.Millisecond))
	got := texts(c.take())
	want := []string{
		"alice reports: Wind",
		"operator PolicyBound: bound; StepStarted: Step/apologise has started and is due at +12s",
		" why? PolicyBound because " + why["PolicyBound"] + ". StepStarted because " + why["StepStarted"] + ".",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what happened in one beat is told in order, the operator's in one line:\n%s", diff)
	}

	c.incident(coffee(gesture, done), after(3*time.Second))
	c.incident(coffee(gesture), after(4*time.Second)) // an old copy, late
	c.event(event("e2", "StepStarted", "the same event, once more", 1200*time.Millisecond))
	c.event(event("e3", "StepStarted", "another step", 3100*time.Millisecond))
	got = texts(c.take())
	want = []string{
		"alice gives, at no cost: fresh-coffee",
		"lin step apologise is done",
		"operator StepStarted: another step",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("nothing is told twice, nor explained twice:\n%s", diff)
	}
	if got := c.counts["coffee"]["StepStarted"]; got != 2 {
		t.Errorf("%d events StepStarted, want 2", got)
	}
	if left := c.take(); len(left) != 0 {
		t.Errorf("told again: %v", texts(left))
	}
}

func TestTheWorstToneOfALineWins(t *testing.T) {
	c := newChronicle(zero)
	breach := event("e1", v1alpha1.EventDeadlineBreached, "late", time.Second)
	breach.Type = corev1.EventTypeWarning
	c.event(breach)
	c.event(event("e2", v1alpha1.EventClosed, "closed", 2*time.Second))
	if lines := c.take(); lines[0].tone != toneBreach {
		t.Errorf("tone %d of %q", lines[0].tone, lines[0].text)
	}
}
