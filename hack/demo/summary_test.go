package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

func TestClockTable(t *testing.T) {
	at := func(d time.Duration) *metav1.Time { return &metav1.Time{Time: after(d)} }
	inc := &v1alpha1.Incident{Status: v1alpha1.IncidentStatus{Clocks: []v1alpha1.Clock{
		{Name: "Step/apologise", State: v1alpha1.StateDone, DueAt: at(10 * time.Second), DoneAt: at(16 * time.Second),
			BreachedAt: at(10 * time.Second), ObservedAt: &metav1.MicroTime{Time: after(11012 * time.Millisecond)}},
		{Name: "Step/put-right", State: v1alpha1.StateDone, DueAt: at(30 * time.Second), DoneAt: at(20 * time.Second)},
		{Name: "Task/check", State: v1alpha1.StateRunning},
	}}}
	inc.Name = "noise"
	want := []string{
		"INCIDENT   CLOCK            DUE    DONE   BREACHED   OBSERVED   VERDICT",
		"noise      Step/apologise   +10s   +16s   +10s       +11.01s    late",
		"noise      Step/put-right   +30s   +20s   -          -          in time",
		"noise      Task/check       -      -      -          -          Running",
	}
	if diff := cmp.Diff(want, clockTable([]*v1alpha1.Incident{inc}, zero, 0, false)); diff != "" {
		t.Error(diff)
	}
}

func TestEventText(t *testing.T) {
	got := eventText(map[string]map[string]int{"a": {"Closed": 1, "StepDone": 3}, "b": {"Closed": 1, "Alone": 2}})
	if want := "7 events: 3 StepDone, 2 Alone, 2 Closed"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What the invitation asks to type must name what the stories make.
func TestInvitation(t *testing.T) {
	text := strings.Join(invitation("/tmp/x/kubeconfig", "/somewhere/bin"), "\n")
	for _, want := range []string{"export KUBECONFIG=/tmp/x/kubeconfig", "export PATH=/somewhere/bin:$PATH"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	known := map[string]bool{}
	for _, s := range readStories(t) {
		known[s.Incident.Name] = true
	}
	for _, name := range []string{"noise-1108", "coffee-0417"} {
		if !known[name] || !strings.Contains(text, name) {
			t.Errorf("%s is in no story, or not in the invitation", name)
		}
	}
}
