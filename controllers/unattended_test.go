package controllers

import (
	"context"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	testingclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

func TestNeglected(t *testing.T) {
	reported := fixture.Instant("2026-10-02T08:20:00Z")
	due := metav1.NewTime(reported.Add(time.Hour))
	attended := func(inc *v1alpha1.Incident) {
		inc.Generation, inc.Status.ObservedGeneration = 1, 1
		inc.Status.Clocks = []v1alpha1.Clock{{Name: "Step/apologise", State: v1alpha1.StateRunning, DueAt: &due}}
	}
	for name, c := range map[string]struct {
		with func(*v1alpha1.Incident)
		// after is how long after the report it is looked at.
		after time.Duration
		want  bool
	}{
		"just reported":                   {func(inc *v1alpha1.Incident) { inc.Generation = 1 }, time.Minute, false},
		"never looked at":                 {func(inc *v1alpha1.Incident) { inc.Generation = 1 }, 3 * time.Minute, true},
		"attended to, and nothing is due": {attended, 30 * time.Minute, false},
		"due, and about to be breached":   {attended, time.Hour + time.Minute, false},
		"due, and no breach is written":   {attended, time.Hour + 3*time.Minute, true},
		"due, and the breach is written": {func(inc *v1alpha1.Incident) {
			attended(inc)
			inc.Status.Clocks[0].BreachedAt = &due
		}, 2 * time.Hour, false},
		"an entry that came a moment ago": {func(inc *v1alpha1.Incident) {
			attended(inc)
			inc.Generation = 2
			at := metav1.NewTime(reported.Add(30 * time.Minute))
			inc.ManagedFields = []metav1.ManagedFieldsEntry{{Time: &at}}
		}, 31 * time.Minute, false},
		"an entry that nobody took up": {func(inc *v1alpha1.Incident) {
			attended(inc)
			inc.Generation = 2
			at := metav1.NewTime(reported.Add(30 * time.Minute))
			inc.ManagedFields = []metav1.ManagedFieldsEntry{{Time: &at}}
		}, 33 * time.Minute, true},
		"deleted, and held by somebody else": {func(inc *v1alpha1.Incident) {
			attended(inc)
			inc.Generation, inc.DeletionTimestamp, inc.Finalizers = 2, &metav1.Time{Time: reported}, []string{"example.com/audit"}
		}, 2 * time.Hour, false},
		"deleted a moment ago, with money under way": {func(inc *v1alpha1.Incident) {
			attended(inc)
			inc.Generation, inc.DeletionTimestamp, inc.Finalizers = 2, &metav1.Time{Time: reported.Add(30 * time.Minute)}, []string{v1alpha1.MoneyFinalizer}
		}, 31 * time.Minute, false},
		"deleted, with money under way, and nobody took it up": {func(inc *v1alpha1.Incident) {
			attended(inc)
			inc.Generation, inc.DeletionTimestamp, inc.Finalizers = 2, &metav1.Time{Time: reported.Add(30 * time.Minute)}, []string{v1alpha1.MoneyFinalizer}
		}, 33 * time.Minute, true},
		"a person must mend it first": {func(inc *v1alpha1.Incident) {
			attended(inc)
			inc.Status.Conditions = []metav1.Condition{{Type: v1alpha1.StalledCondition, Status: metav1.ConditionTrue}}
		}, 2 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			inc := fixture.Created(reported, fixture.Incident("coffee"))
			inc.ManagedFields = nil
			c.with(inc)
			if got := neglected(inc, reported.Add(c.after)); got != c.want {
				t.Errorf("neglected = %t; want %t", got, c.want)
			}
		})
	}
}

// counting counts how often everything is listed.
type counting struct {
	client.Reader

	lists int
}

// List implements client.Reader, with one incident that nobody has looked at.
func (c *counting) List(_ context.Context, into client.ObjectList, _ ...client.ListOption) error {
	c.lists++
	inc := fixture.Created(fixture.Instant("2026-10-02T08:20:00Z"), fixture.Incident("coffee"))
	inc.Generation, inc.ManagedFields = 1, nil
	into.(*v1alpha1.IncidentList).Items = []v1alpha1.Incident{*inc}
	return nil
}

// Somebody who asks again and again does not make the operator look at everything each time.
func TestTheUnattendedAreCountedFromTimeToTime(t *testing.T) {
	wall := testingclock.NewFakeClock(fixture.Instant("2026-10-02T09:20:00Z"))
	all := &counting{}
	u := newUnattended(all, wall)
	for i, c := range []struct {
		step  time.Duration
		lists int
	}{{0, 1}, {countedFor - time.Second, 1}, {time.Second, 2}, {-40 * time.Second, 3}} {
		wall.SetTime(wall.Now().Add(c.step))
		if got, ok := u.counted(); got != 1 || !ok {
			t.Errorf("look %d: %d are unattended, %t; want 1", i, got, ok)
		}
		if all.lists != c.lists {
			t.Errorf("look %d: everything was listed %d times, want %d", i, all.lists, c.lists)
		}
	}
}
