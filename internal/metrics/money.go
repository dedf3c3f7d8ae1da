package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Money are the metrics of budgets. Gauges are labelled with the budget, of which there
// are few; everything else has labels from closed sets.
type Money struct {
	granted   *prometheus.CounterVec
	denied    *prometheus.CounterVec
	pending   *prometheus.CounterVec
	released  *prometheus.CounterVec
	approval  prometheus.Histogram
	batch     prometheus.Histogram
	commit    prometheus.Histogram
	takeovers prometheus.Counter
	safe      *safe
}

// How a remedy was granted.
const (
	// GrantedWithin means within an allowance.
	GrantedWithin = "Allowance"
	// GrantedApproved means approved by a person.
	GrantedApproved = "Approved"
	// GrantedOwed means due by contract or law.
	GrantedOwed = "Owed"
)

// NewMoney makes the metrics of budgets and registers them.
func NewMoney(registry prometheus.Registerer) *Money {
	counter := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
	}
	m := &Money{
		granted: counter("amends_remedies_granted_total", "Remedies granted, by what they were granted under: Allowance, Approved or Owed.", "under"),
		denied: counter("amends_remedies_denied_total",
			"Requests for a remedy that were denied by the ledger, by the limit that denied them, or None where an approval was missing or refused.", "limit"),
		pending:  counter("amends_remedies_pending_total", "Requests for which money was set aside, by what they wait for: AwaitingApproval or Offered.", "phase"),
		released: counter("amends_remedies_released_total", "Requests whose money was given back, by the phase in which they were: AwaitingApproval, Offered, Granted or Requested.", "from"),
		approval: histogram("amends_approval_latency_seconds", "How long requests waited for an approval, from the instant at which they began to wait to the decision."),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "amends_ledger_entries", Help: "How many transitions were in flight in each write of a ledger, at most 128.",
			Buckets: []float64{0, 1, 2, 4, 8, 16, 32, 64, 96, 127, 128},
		}),
		commit: histogram("amends_ledger_commit_seconds", "How long each write of a ledger took."),
		takeovers: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "amends_ledger_takeovers_total", Help: "How often this process took over the ledger of a budget.",
		}),
		safe: newSafe(),
	}
	registry.MustRegister(m.granted, m.denied, m.pending, m.released, m.approval, m.batch, m.commit, m.takeovers, m.safe)
	return m
}

// Granted counts a grant, and how long it was waited for if it was approved.
func (m *Money) Granted(under string, awaited time.Duration) {
	m.granted.WithLabelValues(under).Inc()
	if awaited > 0 {
		m.approval.Observe(awaited.Seconds())
	}
}

// Denied counts a denial by a limit.
func (m *Money) Denied(limit string) {
	if limit == "" {
		limit = None
	}
	m.denied.WithLabelValues(limit).Inc()
}

// Pending counts a request that waits for a person.
func (m *Money) Pending(p v1alpha1.CompensationPhase) {
	m.pending.WithLabelValues(string(p)).Inc()
}

// Released counts money that was given back.
func (m *Money) Released(from v1alpha1.CompensationPhase) {
	if from == "" {
		from = v1alpha1.CompensationRequested
	}
	m.released.WithLabelValues(string(from)).Inc()
}

// Commit observes a write of a ledger.
func (m *Money) Commit(entries int, took time.Duration) {
	m.batch.Observe(float64(entries))
	m.commit.Observe(took.Seconds())
}

// TookOver counts a takeover.
func (m *Money) TookOver() {
	m.takeovers.Inc()
}

// Standing is how much of a budget's money is where, in units of its currency.
type Standing struct {
	// Currency is the currency's code.
	Currency v1alpha1.Currency
	// Limit, Spent, Reserved, Owed and Available are of the running period.
	Limit, Spent, Reserved, Owed, Available float64
}

// Budget shows how a budget stands.
func (m *Money) Budget(key types.NamespacedName, s Standing) {
	m.safe.set(key, s)
}

// BudgetGone forgets a budget.
func (m *Money) BudgetGone(key types.NamespacedName) {
	m.safe.remove(key)
}

// safe shows the money of each budget.
type safe struct {
	mu   sync.Mutex
	of   map[types.NamespacedName]Standing
	desc *prometheus.Desc
}

func newSafe() *safe {
	return &safe{
		of: map[types.NamespacedName]Standing{},
		desc: prometheus.NewDesc("amends_budget_amount", "The money of each budget in its running period, in units of its currency: Limit, Spent, Reserved, Owed or Available.",
			[]string{"namespace", "budget", "currency", "amount"}, nil),
	}
}

func (s *safe) set(key types.NamespacedName, now Standing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of[key] = now
}

func (s *safe) remove(key types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.of, key)
}

// Describe implements prometheus.Collector.
func (s *safe) Describe(ch chan<- *prometheus.Desc) {
	ch <- s.desc
}

// Collect implements prometheus.Collector.
func (s *safe) Collect(ch chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, now := range s.of {
		for what, amount := range map[string]float64{
			"Limit": now.Limit, "Spent": now.Spent, "Reserved": now.Reserved, "Owed": now.Owed, "Available": now.Available,
		} {
			ch <- prometheus.MustNewConstMetric(s.desc, prometheus.GaugeValue, amount, key.Namespace, key.Name, string(now.Currency), what)
		}
	}
}
