package gather

import (
	"encoding/json"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// open is an incident as it comes from the API server: each time in memory of its own.
func open(t *testing.T, name string) *v1alpha1.Incident {
	t.Helper()
	made := fixture.Created(asked, fixture.In("hotel", fixture.Incident(name, fixture.WithJournal(fixture.Entry("said-sorry").By("alice").Reached("Phone")))))
	at := metav1.NewTime(asked)
	made.Status = v1alpha1.IncidentStatus{
		Phase: v1alpha1.PhaseOpen, SLA: v1alpha1.SLAOnTrack, Severity: v1alpha1.SeverityHigh, CurrentStep: "review", Owner: "bob",
		Policy:     &v1alpha1.PinnedPolicy{Name: "desk", Revision: "desk-1"},
		Pins:       []v1alpha1.Pin{{Revision: "desk-1", At: at}},
		Conditions: []metav1.Condition{{Type: "OnTrack", Status: "True", Reason: "NothingLate", Message: "nothing is or was late", LastTransitionTime: at}},
		Clocks:     []v1alpha1.Clock{{Name: "Step/review", Kind: v1alpha1.ClockStep, Type: v1alpha1.StepReview, State: v1alpha1.StateRunning, Reason: "WaitsForPolicy", DueAt: &at}},
		Recorded:   []v1alpha1.Recorded{{Key: "journal/said-sorry", At: metav1.NewTime(asked.Add(time.Minute)), Source: "ManagedFields"}},
	}
	text, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	read := &v1alpha1.Incident{}
	if err := json.Unmarshal(text, read); err != nil {
		t.Fatal(err)
	}
	return read
}

func TestWhatIncidentsShareIsInMemoryOnce(t *testing.T) {
	for name, of := range map[string]func(*v1alpha1.Incident) string{
		"the kind":                          func(i *v1alpha1.Incident) string { return i.Kind },
		"the namespace":                     func(i *v1alpha1.Incident) string { return i.Namespace },
		"the service":                       func(i *v1alpha1.Incident) string { return string(i.Spec.Service) },
		"who wrote":                         func(i *v1alpha1.Incident) string { return string(i.Spec.Journal[0].By) },
		"the phase":                         func(i *v1alpha1.Incident) string { return string(i.Status.Phase) },
		"the revision":                      func(i *v1alpha1.Incident) string { return string(i.Status.Policy.Revision) },
		"the revision that it is pinned to": func(i *v1alpha1.Incident) string { return string(i.Status.Pins[0].Revision) },
		"the message of a condition":        func(i *v1alpha1.Incident) string { return i.Status.Conditions[0].Message },
		"the name of a clock":               func(i *v1alpha1.Incident) string { return i.Status.Clocks[0].Name },
		"where a time was taken from":       func(i *v1alpha1.Incident) string { return string(i.Status.Recorded[0].Source) },
	} {
		t.Run(name, func(t *testing.T) {
			one, other := open(t, "coffee"), open(t, "towel")
			if of(one) == "" || unsafe.StringData(of(one)) == unsafe.StringData(of(other)) {
				t.Fatalf("%q is not there, or is shared before anything was done", of(one))
			}
			Share(one)
			Share(other)
			if unsafe.StringData(of(one)) != unsafe.StringData(of(other)) {
				t.Errorf("%q is in memory twice", of(one))
			}
		})
	}
}

func TestSharingChangesNothing(t *testing.T) {
	for name, inc := range map[string]*v1alpha1.Incident{"open": open(t, "coffee"), "empty": {}} {
		t.Run(name, func(t *testing.T) {
			before := inc.DeepCopy()
			Share(inc)
			if diff := cmp.Diff(before, inc); diff != "" {
				t.Error(diff)
			}
		})
	}
}
