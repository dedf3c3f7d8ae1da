package operatortest

import (
	"context"
	"fmt"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// watchFor watches the object of a name, from its current state on.
func (s *site) watchFor(ctx context.Context, list client.ObjectList, name string) watch.Interface {
	s.Helper()
	w, err := s.admin.Watch(ctx, list, client.InNamespace(s.namespace), client.MatchingFields{"metadata.name": name})
	if err != nil {
		s.Fatalf("watch %T %s: %v", list, name, err)
	}
	return w
}

// await waits until an object is as wanted, and returns it.
func await[T client.Object](s *site, list client.ObjectList, name, what string, holds func(T) bool) T {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	var last T
	for ctx.Err() == nil {
		w := s.watchFor(ctx, list, name)
		for event := range w.ResultChan() {
			object, ok := event.Object.(T)
			if !ok || event.Type == watch.Deleted {
				continue
			}
			if last = object; holds(last) {
				w.Stop()
				return last
			}
		}
	}
	s.Fatalf("%s %s: %s did not come within %s; it stands so:\n%s", s.namespace, name, what, patience, asYAML(last))
	return last
}

// awaitGone waits until there is no object of a name.
func (s *site) awaitGone(list client.ObjectList, object client.Object) {
	s.Helper()
	object.SetNamespace(s.namespace)
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	for ctx.Err() == nil {
		w := s.watchFor(ctx, list, object.GetName())
		if err := s.admin.Get(ctx, client.ObjectKeyFromObject(object), object); client.IgnoreNotFound(err) == nil && err != nil {
			w.Stop()
			return
		}
		for event := range w.ResultChan() {
			if event.Type == watch.Deleted {
				w.Stop()
				return
			}
		}
	}
	s.Fatalf("%T %s is still there after %s", object, object.GetName(), patience)
}

func (s *site) awaitIncident(name, what string, holds func(*v1alpha1.Incident) bool) *v1alpha1.Incident {
	s.Helper()
	return await(s, &v1alpha1.IncidentList{}, name, what, holds)
}

func (s *site) awaitPolicy(name, what string, holds func(*v1alpha1.RecoveryPolicy) bool) *v1alpha1.RecoveryPolicy {
	s.Helper()
	return await(s, &v1alpha1.RecoveryPolicyList{}, name, what, holds)
}

func (s *site) awaitCalendar(name, what string, holds func(*v1alpha1.BusinessCalendar) bool) *v1alpha1.BusinessCalendar {
	s.Helper()
	return await(s, &v1alpha1.BusinessCalendarList{}, name, what, holds)
}

// awaitReady waits until a policy is in force in the generation that is written.
func (s *site) awaitReady(policy string) *v1alpha1.RecoveryPolicy {
	s.Helper()
	return s.awaitPolicy(policy, "Ready", func(p *v1alpha1.RecoveryPolicy) bool {
		return p.Status.ObservedGeneration == p.Generation && isTrue(p.Status.Conditions, v1alpha1.ReadyCondition)
	})
}

// awaitSeen waits until the operator has decided on every fact that is there now.
func (s *site) awaitSeen(name string) *v1alpha1.Incident {
	s.Helper()
	return s.awaitIncident(name, "a status of the current generation", func(i *v1alpha1.Incident) bool {
		return i.Status.ObservedGeneration == i.Generation
	})
}

// awaitPhase waits until an incident is in a phase.
func (s *site) awaitPhase(name string, phase v1alpha1.Phase) *v1alpha1.Incident {
	s.Helper()
	return s.awaitIncident(name, "phase "+string(phase), func(i *v1alpha1.Incident) bool { return i.Status.Phase == phase })
}

// awaitBreach waits until a clock is breached.
func (s *site) awaitBreach(name, clock string) *v1alpha1.Incident {
	s.Helper()
	return s.awaitIncident(name, "a breach of "+clock, func(i *v1alpha1.Incident) bool {
		c := findClock(i, clock)
		return c != nil && c.BreachedAt != nil
	})
}

// awaitRunning waits until a clock runs.
func (s *site) awaitRunning(name, clock string) *v1alpha1.Incident {
	s.Helper()
	return s.awaitIncident(name, clock+" to run", func(i *v1alpha1.Incident) bool {
		c := findClock(i, clock)
		return c != nil && c.State == v1alpha1.StateRunning
	})
}

// findClock is the clock of a name, or nil.
func findClock(i *v1alpha1.Incident, name string) *v1alpha1.Clock {
	for n := range i.Status.Clocks {
		if i.Status.Clocks[n].Name == name {
			return &i.Status.Clocks[n]
		}
	}
	return nil
}

// clockOf is the clock of a name, which must be there.
func (s *site) clockOf(i *v1alpha1.Incident, name string) *v1alpha1.Clock {
	s.Helper()
	c := findClock(i, name)
	if c == nil {
		s.Fatalf("%s has no clock %s:\n%s", i.Name, name, asYAML(i))
	}
	return c
}

func isTrue(conditions []metav1.Condition, kind string) bool {
	return apimeta.IsStatusConditionTrue(conditions, kind)
}

// says returns whether a condition has a status and a reason.
func says(conditions []metav1.Condition, kind string, status metav1.ConditionStatus, reason string) bool {
	c := apimeta.FindStatusCondition(conditions, kind)
	return c != nil && c.Status == status && c.Reason == reason
}

// messageOf is the message of a condition, or nothing.
func messageOf(conditions []metav1.Condition, kind string) string {
	if c := apimeta.FindStatusCondition(conditions, kind); c != nil {
		return c.Message
	}
	return ""
}

// notices are the events about an object, by reason, each as often as it was told.
func (s *site) notices(name string) map[string][]eventsv1.Event {
	s.Helper()
	var list eventsv1.EventList
	if err := s.admin.List(s.Context(), &list, client.InNamespace(s.namespace)); err != nil {
		s.Fatal(err)
	}
	out := map[string][]eventsv1.Event{}
	for i := range list.Items {
		event := &list.Items[i]
		if event.Regarding.Name != name {
			continue
		}
		times := int32(1)
		if event.Series != nil {
			times = event.Series.Count
		}
		for range times {
			out[event.Reason] = append(out[event.Reason], *event)
		}
	}
	return out
}

// awaitNotice waits until an event about an object is there: events are sent a moment
// after the status is written.
func (s *site) awaitNotice(name, reason string) *eventsv1.Event {
	s.Helper()
	return s.awaitEvent(name, reason, func(*eventsv1.Event) bool { return true })
}

// awaitSeries waits until an event about an object was repeated, which the recorder counts
// in the first one.
func (s *site) awaitSeries(name, reason string) {
	s.Helper()
	s.awaitEvent(name, reason, func(e *eventsv1.Event) bool { return e.Series != nil })
}

func (s *site) awaitEvent(name, reason string, ok func(*eventsv1.Event) bool) *eventsv1.Event {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	for ctx.Err() == nil {
		w, err := s.admin.Watch(ctx, &eventsv1.EventList{}, client.InNamespace(s.namespace))
		if err != nil {
			s.Fatal(err)
		}
		for event := range w.ResultChan() {
			if told, is := event.Object.(*eventsv1.Event); is && told.Regarding.Name == name && told.Reason == reason && ok(told) {
				w.Stop()
				return told
			}
		}
	}
	s.Fatalf("no such event %s about %s within %s", reason, name, patience)
	return nil
}

// asYAML is an object for a message, without its bookkeeping.
func asYAML(object any) string {
	if o, ok := object.(client.Object); ok && o != nil {
		copied, isObject := o.DeepCopyObject().(client.Object)
		if isObject && copied != nil {
			copied.SetManagedFields(nil)
			object = copied
		}
	}
	text, err := yaml.Marshal(object)
	if err != nil {
		return fmt.Sprintf("%+v", object)
	}
	return string(text)
}

// sameInstant says whether two times of the API are the same, absent ones too.
func sameInstant(a, b *metav1.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Time.Equal(b.Time)
}

// plus is an instant of the API a while later.
func plus(at metav1.Time, d time.Duration) *metav1.Time {
	out := metav1.NewTime(at.Add(d))
	return &out
}
