// Package metrics holds the operator's own metrics. Labels come from closed sets:
// kinds, types, severities, phases; never names of objects or messages.
package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// None is the value of a label that does not apply.
const None = "None"

// Metrics are the operator's metrics.
type Metrics struct {
	met        *prometheus.CounterVec
	breached   *prometheus.CounterVec
	notices    *prometheus.CounterVec
	reconciles *prometheus.CounterVec
	escalated  *prometheus.CounterVec
	detection  prometheus.Histogram
	observed   prometheus.Histogram
	board      *board
}

// New makes the metrics and registers them.
func New(registry prometheus.Registerer) *Metrics {
	clockLabels := []string{"kind", "type", "severity"}
	m := &Metrics{
		met: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "amends_incident_clocks_met_total", Help: "Clocks that were done in time.",
		}, clockLabels),
		breached: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "amends_incident_clocks_breached_total", Help: "Clocks whose due instant passed before they were done.",
		}, clockLabels),
		notices: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "amends_incident_notices_total", Help: "What was told of incidents, by the reason of the event.",
		}, []string{"reason"}),
		reconciles: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "amends_reconciles_total", Help: "Reconciles by controller and outcome: Written, Unchanged, Conflict, Behind, Gone or Failed.",
		}, []string{"controller", "outcome"}),
		escalated: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "amends_escalations_total", Help: "Escalation levels that were told, by what they were told of.",
		}, []string{"trigger"}),
		detection: histogram("amends_deadline_lateness_seconds", "How late after its instant a deadline was taken up."),
		observed:  histogram("amends_breach_observation_lateness_seconds", "How late after its due instant a breach was observed and written; at least one second, because only then it is certain."),
		board:     newBoard(),
	}
	registry.MustRegister(m.met, m.breached, m.notices, m.reconciles, m.escalated, m.detection, m.observed, m.board)
	return m
}

func histogram(name, help string) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: name, Help: help,
		Buckets:                     []float64{0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 1.1, 1.25, 1.5, 2, 5, 10, 60, 600, 3600},
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100, NativeHistogramMinResetDuration: time.Hour,
	})
}

// ClockMet counts a clock that was done in time.
func (m *Metrics) ClockMet(c *v1alpha1.Clock, s v1alpha1.Severity) {
	m.met.WithLabelValues(clockValues(c, s)...).Inc()
}

// ClockBreached counts a breach, and how late it was observed.
func (m *Metrics) ClockBreached(c *v1alpha1.Clock, s v1alpha1.Severity) {
	m.breached.WithLabelValues(clockValues(c, s)...).Inc()
	if c.BreachedAt != nil && c.ObservedAt != nil {
		m.observed.Observe(c.ObservedAt.Sub(c.BreachedAt.Time).Seconds())
	}
}

func clockValues(c *v1alpha1.Clock, s v1alpha1.Severity) []string {
	kind := string(c.Type)
	if kind == "" {
		kind = None
	}
	return []string{string(c.Kind), kind, string(s)}
}

// Notice counts something that was told.
func (m *Metrics) Notice(reason string) {
	m.notices.WithLabelValues(reason).Inc()
}

// Escalated counts a level that was told.
func (m *Metrics) Escalated(t v1alpha1.Trigger) {
	m.escalated.WithLabelValues(string(t)).Inc()
}

// Outcome is how a reconcile ended.
type Outcome string

// The outcomes of a reconcile.
const (
	// Written means the status was written.
	Written Outcome = "Written"
	// Unchanged means there was nothing to write.
	Unchanged Outcome = "Unchanged"
	// Conflict means somebody wrote first; the newer state is read and decided on anew.
	Conflict Outcome = "Conflict"
	// Behind means the cache has not seen our own last write yet.
	Behind Outcome = "Behind"
	// Gone means the object does not exist any more.
	Gone Outcome = "Gone"
	// Failed means an error that is tried again.
	Failed Outcome = "Failed"
)

// Reconciled counts a reconcile of a controller.
func (m *Metrics) Reconciled(controller string, o Outcome) {
	m.reconciles.WithLabelValues(controller, string(o)).Inc()
}

// DeadlineTaken observes how late a deadline was taken up.
func (m *Metrics) DeadlineTaken(_ types.NamespacedName, due, at time.Time) {
	m.detection.Observe(at.Sub(due).Seconds())
}

// Incident shows where an incident stands.
func (m *Metrics) Incident(key types.NamespacedName, s *v1alpha1.IncidentStatus) {
	m.board.set(key, s)
}

// IncidentGone forgets an incident.
func (m *Metrics) IncidentGone(key types.NamespacedName) {
	m.board.remove(key)
}
