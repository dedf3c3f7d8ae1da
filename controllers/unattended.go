package controllers

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/controllers/incident"
)

const (
	// neglect is how long an incident may wait for an operator before it counts as
	// unattended. It is longer than a change of the lead and the largest clock skew.
	neglect = 2 * time.Minute
	// readingTime bounds a look at all incidents.
	readingTime = 5 * time.Second
	// countedFor is how long a count is told without another look: with a hundred thousand
	// incidents one takes a tenth of a second.
	countedFor = 30 * time.Second
)

// unattended counts, when it is asked, the incidents that no operator attends to: where
// several share the work, those that no selector chooses. Whoever does not act cannot say
// so in their status, so that somebody else must.
type unattended struct {
	cached client.Reader
	clock  clock.PassiveClock
	desc   *prometheus.Desc

	mu        sync.Mutex
	count     int
	countedAt time.Time
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
	if n, ok := u.counted(); ok {
		ch <- prometheus.MustNewConstMetric(u.desc, prometheus.GaugeValue, float64(n))
	}
}

// counted is the number of neglected incidents, as of a short while ago.
func (u *unattended) counted() (n int, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := u.clock.Now()
	if age := now.Sub(u.countedAt); age >= 0 && age < countedFor {
		return u.count, true
	}
	ctx, cancel := context.WithTimeout(context.Background(), readingTime)
	defer cancel()
	var list v1alpha1.IncidentList
	if err := u.cached.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return 0, false
	}
	u.count, u.countedAt = 0, now
	for i := range list.Items {
		if neglected(&list.Items[i], now) {
			u.count++
		}
	}
	return u.count, true
}

// neglected says whether an incident waits for an operator for too long. One that a person
// must mend first does not wait for one.
func neglected(inc *v1alpha1.Incident, now time.Time) bool {
	if apimeta.IsStatusConditionTrue(inc.Status.Conditions, v1alpha1.StalledCondition) {
		return false
	}
	if !inc.DeletionTimestamp.IsZero() && !controllerutil.ContainsFinalizer(inc, v1alpha1.MoneyFinalizer) {
		return false // It is gone but for what somebody else does with it.
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
	if gone := inc.DeletionTimestamp; gone != nil && gone.After(at) {
		at = gone.Time // A deletion is a write of the spec's generation, and of no field manager.
	}
	for i := range inc.ManagedFields {
		if t := inc.ManagedFields[i].Time; t != nil && t.After(at) {
			at = t.Time
		}
	}
	return at
}
