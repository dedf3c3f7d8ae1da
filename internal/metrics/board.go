package metrics

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// standing is where an incident stands, as far as it is counted.
type standing struct {
	phase    v1alpha1.Phase
	severity v1alpha1.Severity
	sla      v1alpha1.SLA
}

// board counts incidents by where they stand. Each is kept by its key, so that
// counting one twice changes nothing.
type board struct {
	mu    sync.Mutex
	of    map[types.NamespacedName]standing
	count map[standing]int
	desc  *prometheus.Desc
}

func newBoard() *board {
	return &board{
		of:    map[types.NamespacedName]standing{},
		count: map[standing]int{},
		desc: prometheus.NewDesc("amends_incidents", "Incidents by phase, severity and SLA.",
			[]string{"phase", "severity", "sla"}, nil),
	}
}

func (b *board) set(key types.NamespacedName, s *v1alpha1.IncidentStatus) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop(key)
	now := standing{s.Phase, s.Severity, s.SLA}
	b.of[key] = now
	b.count[now]++
}

func (b *board) remove(key types.NamespacedName) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop(key)
}

func (b *board) drop(key types.NamespacedName) {
	if was, ok := b.of[key]; ok {
		delete(b.of, key)
		if b.count[was]--; b.count[was] == 0 {
			delete(b.count, was)
		}
	}
}

// Describe implements prometheus.Collector.
func (b *board) Describe(ch chan<- *prometheus.Desc) {
	ch <- b.desc
}

// Collect implements prometheus.Collector.
func (b *board) Collect(ch chan<- prometheus.Metric) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for s, n := range b.count {
		sla := string(s.sla)
		if sla == "" {
			sla = None
		}
		ch <- prometheus.MustNewConstMetric(b.desc, prometheus.GaugeValue, float64(n), string(s.phase), string(s.severity), sla)
	}
}
