package metrics

import (
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Money are the metrics of budgets. Gauges of a budget are labelled with it, of which
// there are few; everything else has labels from closed sets.
type Money struct {
	granted   *prometheus.CounterVec
	denied    *prometheus.CounterVec
	pending   *prometheus.CounterVec
	released  *prometheus.CounterVec
	approval  prometheus.Histogram
	batch     prometheus.Histogram
	fill      prometheus.Histogram
	commit    prometheus.Histogram
	takeovers prometheus.Counter
	safe      *safe
	waiting   *waiting
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

// OtherReason stands for a reason that is none of DenialReasons, and for a limit that is
// none of DenialLimits.
const OtherReason = "Other"

// DenialReasons are the reasons for which a request is denied, as its condition Ready has
// them: the limit that it is above, or what is wrong with it.
func DenialReasons() []string {
	return []string{
		v1alpha1.PoolExhaustedReason, v1alpha1.NoApprovalReason, v1alpha1.TooManyPendingReason, v1alpha1.PeriodClosedReason,
		v1alpha1.DeniedByApproverReason, v1alpha1.ApprovalTimedOutReason, v1alpha1.ApprovalLevelTooLowReason, v1alpha1.SelfApprovalReason,
		v1alpha1.AmountInvalidReason, v1alpha1.AmountZeroReason, v1alpha1.AmountMismatchReason, v1alpha1.CurrencyMismatchReason,
		v1alpha1.OptionUnknownReason, v1alpha1.OptionNotForSeverityReason, v1alpha1.OwedAmongOffersReason, v1alpha1.AllowanceUnknownReason,
		v1alpha1.BudgetNotPolicysReason, v1alpha1.IncidentEndedReason, v1alpha1.IncidentReplacedReason, v1alpha1.TooManyForIncidentReason,
		v1alpha1.MoneyFreedReason, OtherReason,
	}
}

// DenialLimits are the limits of the ledger that deny, and empty for what none of them
// denied.
func DenialLimits() []string {
	return []string{
		"", "CatalogueMaximum", "SeverityBounds", "PerIncident", "PerPersonPerDay", "PerCustomer", "Pool", "TooManyPending",
		"ApprovalLevel", "PeriodClosed", OtherReason,
	}
}

// NewMoney makes the metrics of budgets and registers them.
func NewMoney(registry prometheus.Registerer) *Money {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	entries := func(name, help string) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: []float64{0, 1, 2, 4, 8, 16, 32, 64, 96, 127, 128}})
	}
	m := &Money{
		granted:  counter("amends_remedies_granted_total", "Remedies granted, by what they were granted under: Allowance, Approved or Owed.", "under"),
		denied:   counter("amends_remedies_denied_total", "Requests for a remedy that were denied, by the reason of their condition Ready and the limit that denied them, which is empty where none did.", "reason", "limit"),
		pending:  counter("amends_remedies_pending_total", "Requests for which money was set aside, by what they wait for: AwaitingApproval or Offered.", "phase"),
		released: counter("amends_remedies_released_total", "Requests whose money was given back, by the phase in which they were: AwaitingApproval, Offered, Granted or Requested.", "from"),
		approval: histogram("amends_approval_latency_seconds", "How long requests waited for a person's decision, for or against, from the instant at which they began to wait."),
		batch:    entries("amends_ledger_batch_transitions", "How many transitions of money each write of a ledger added: how many requests share a write."),
		fill:     entries("amends_ledger_in_flight_entries", "How many transitions were in flight after each write of a ledger: how full its log is, of at most 128."),
		commit:   histogram("amends_ledger_commit_seconds", "How long each write of a ledger took."),
		takeovers: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "amends_ledger_takeovers_total", Help: "How often this process took over the ledger of a budget.",
		}),
		safe:    newSafe(),
		waiting: newWaiting(),
	}
	registry.MustRegister(m.granted, m.denied, m.pending, m.released, m.approval, m.batch, m.fill, m.commit, m.takeovers, m.safe, m.waiting)
	return m
}

// Granted counts a grant.
func (m *Money) Granted(under string) {
	m.granted.WithLabelValues(under).Inc()
}

// Decided observes how long a request waited for a person's decision.
func (m *Money) Decided(waited time.Duration) {
	m.approval.Observe(waited.Seconds())
}

// Denied counts a denial for which no limit is the reason, whoever wrote it.
func (m *Money) Denied(reason string) {
	m.DeniedBy(reason, "")
}

// DeniedBy counts a denial by its reason and the limit that denied it. Without metrics it
// counts nothing.
func (m *Money) DeniedBy(reason, limit string) {
	if m == nil {
		return
	}
	if !slices.Contains(DenialReasons(), reason) {
		reason = OtherReason
	}
	if !slices.Contains(DenialLimits(), limit) {
		limit = OtherReason
	}
	m.denied.WithLabelValues(reason, limit).Inc()
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

// Commit observes a write of a ledger: how many transitions it added, how many are in
// flight after it, and how long it took.
func (m *Money) Commit(added, inFlight int, took time.Duration) {
	m.batch.Observe(float64(added))
	m.fill.Observe(float64(inFlight))
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

// WaitingPhases are the phases in which a request waits for something.
func WaitingPhases() []v1alpha1.CompensationPhase {
	return []v1alpha1.CompensationPhase{v1alpha1.CompensationRequested, v1alpha1.CompensationAwaitingApproval, v1alpha1.CompensationOffered}
}

// waiting shows how many requests wait at the moment at which it is asked.
type waiting struct {
	mu    sync.Mutex
	count func(v1alpha1.CompensationPhase) (int, bool)
	desc  *prometheus.Desc
}

func newWaiting() *waiting {
	return &waiting{desc: prometheus.NewDesc("amends_remedies_waiting",
		"Requests for a remedy that wait now, by phase: Requested, AwaitingApproval or Offered.", []string{"phase"}, nil)}
}

// Waiting takes who counts the requests that wait in a phase. Where that is not known, it
// is false, and nothing is shown, which is not the same as none.
func (m *Money) Waiting(count func(v1alpha1.CompensationPhase) (n int, known bool)) {
	m.waiting.mu.Lock()
	defer m.waiting.mu.Unlock()
	m.waiting.count = count
}

// Describe implements prometheus.Collector.
func (w *waiting) Describe(ch chan<- *prometheus.Desc) {
	ch <- w.desc
}

// Collect implements prometheus.Collector.
func (w *waiting) Collect(ch chan<- prometheus.Metric) {
	w.mu.Lock()
	count := w.count
	w.mu.Unlock()
	if count == nil {
		return
	}
	for _, phase := range WaitingPhases() {
		if n, known := count(phase); known {
			ch <- prometheus.MustNewConstMetric(w.desc, prometheus.GaugeValue, float64(n), string(phase))
		}
	}
}
