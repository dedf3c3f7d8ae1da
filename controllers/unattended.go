package controllers

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/controllers/incident"
)

const (
	// neglect is how long an incident may wait for an operator before it counts as
	// unattended. It is longer than a change of the lead and the largest clock skew.
	neglect = 2 * time.Minute
	// readingTime bounds a look at all incidents.
	readingTime = 5 * time.Second
)

// unattended counts, when it is asked, the incidents that no operator attends to: where
// several share the work, those that no selector chooses. Whoever does not act cannot say
// so in their status, so that somebody else must.
type unattended struct {
	cached client.Reader
	clock  clock.PassiveClock
	desc   *prometheus.Desc
}

func newUnattended(cached client.Reader, c clock.PassiveClock) *unattended {
	return &unattended{cached: cached, clock: c, desc: prometheus.NewDesc("amends_incidents_unattended",
		"Incidents that no operator has attended to for two minutes: what was recorded has not been taken up, or a due instant has passed and no breach is written.", nil, nil)}
}

// Describe implements prometheus.Collector.
func (u *unattended) Describe(ch chan<- *prometheus.Desc) { ch <- u.desc }

// Collect implements prometheus.Collector. Before the cache has been read it tells
// nothing, which is not the same as none.
func (u *unattended) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readingTime)
	defer cancel()
	var list v1alpha1.IncidentList
	if err := u.cached.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return
	}
	now := u.clock.Now()
	n := 0
	for i := range list.Items {
		if neglected(&list.Items[i], now) {
			n++
		}
	}
	ch <- prometheus.MustNewConstMetric(u.desc, prometheus.GaugeValue, float64(n))
}

// neglected says whether an incident waits for an operator for too long. One that a person
// must mend first does not wait for one.
func neglected(inc *v1alpha1.Incident, now time.Time) bool {
	if apimeta.IsStatusConditionTrue(inc.Status.Conditions, v1alpha1.StalledCondition) {
		return false
	}
	before := now.Add(-neglect)
	if inc.Status.ObservedGeneration != inc.Generation && lastWrite(inc).Before(before) {
		return true
	}
	due := incident.NextUnbreached(&inc.Status)
	return !due.IsZero() && due.Before(before)
}

// lastWrite is when the API server last wrote the incident, as far as the cache knows.
func lastWrite(inc *v1alpha1.Incident) time.Time {
	at := inc.CreationTimestamp.Time
	for i := range inc.ManagedFields {
		if t := inc.ManagedFields[i].Time; t != nil && t.After(at) {
			at = t.Time
		}
	}
	return at
}
