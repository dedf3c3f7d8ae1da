package operatortest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// The values that labels take. A value that is not here would come from what people
// write, and grow without end.
var (
	severities  = []string{"Low", "Medium", "High", "Critical"}
	phases      = []string{"Open", "Resolved", "Closed", "Cancelled", "Merged"}
	slas        = []string{"OnTrack", "AtRisk", "Overdue", "Missed", "Met", "None"}
	clockKinds  = []string{"Step", "Response", "Update", "Promise", "Task", "Assignment", "Acceptance", "Resolution", "Approval", "Delivery"}
	stepTypes   = []string{"Apology", "Review", "Offer", "Mitigation", "Resolution", "FollowUp", "Documentation", "Custom", "None"}
	controllers = []string{"incident", "recoverypolicy", "recoverybudget", "businesscalendar", "compensation"}
	outcomes    = []string{"Written", "Unchanged", "Conflict", "Behind", "Gone", "Failed"}
	triggers    = []string{"Warning", "Breach", "PromiseBroken", "ApprovalStale", "Unowned", "Unaccepted", "Dissatisfied", "PoolExhausted"}
	reasons     = []string{
		v1alpha1.EventPolicyBound, v1alpha1.EventPolicyProblem, v1alpha1.EventStepStarted, v1alpha1.EventStepDone,
		v1alpha1.EventStepSkipped, v1alpha1.EventDeadlineNear, v1alpha1.EventDeadlineBreached, v1alpha1.EventEntryRefused,
		v1alpha1.EventDemandUnmet, v1alpha1.EventResolved, v1alpha1.EventClosed, v1alpha1.EventReopened,
		v1alpha1.EventClockStarted, v1alpha1.EventClockDone, v1alpha1.EventPromiseBroken, v1alpha1.EventEscalated,
		v1alpha1.EventCancelled, v1alpha1.EventMerged, v1alpha1.EventRetargeted, v1alpha1.EventExpressionFailed,
	}
)

// ours is every metric of the operator with its labels and their values.
var ours = func() map[string]map[string][]string {
	clock := map[string][]string{"kind": clockKinds, "type": stepTypes, "severity": severities}
	out := map[string]map[string][]string{
		"amends_incident_clocks_met_total":      clock,
		"amends_incident_clocks_breached_total": clock,
		"amends_incident_notices_total":         {"reason": reasons},
		"amends_escalations_total":              {"trigger": triggers},
		"amends_reconciles_total":               {"controller": controllers, "outcome": outcomes},
		"amends_incidents":                      {"phase": phases, "severity": severities, "sla": slas},
	}
	for _, histogram := range []string{"amends_deadline_lateness_seconds", "amends_breach_observation_lateness_seconds"} {
		out[histogram+"_bucket"] = map[string][]string{"le": nil}
		out[histogram+"_sum"], out[histogram+"_count"] = nil, nil
	}
	return out
}()

// sample is one line of a page of metrics.
type sample struct {
	name   string
	labels map[string]string
	value  float64
}

var (
	sampleLine = regexp.MustCompile(`^(\w+)(?:\{(.*)\})? (\S+)$`)
	labelPair  = regexp.MustCompile(`(\w+)="((?:[^"\\]|\\.)*)"`)
)

// samples are the lines of a page whose metric begins with a prefix.
func samples(page, prefix string) []sample {
	var out []sample
	for line := range strings.Lines(page) {
		m := sampleLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil || !strings.HasPrefix(m[1], prefix) {
			continue
		}
		value, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			continue
		}
		s := sample{name: m[1], labels: map[string]string{}, value: value}
		for _, pair := range labelPair.FindAllStringSubmatch(m[2], -1) {
			s.labels[pair[1]] = pair[2]
		}
		out = append(out, s)
	}
	return out
}

// sum adds up the samples of a metric that have all of these labels.
func sum(page, name string, labels map[string]string) float64 {
	var total float64
next:
	for _, s := range samples(page, name) {
		if s.name != name {
			continue
		}
		for k, v := range labels {
			if s.labels[k] != v {
				continue next
			}
		}
		total += s.value
	}
	return total
}

// strangers are the operator's samples whose name, label or value is not in the lists.
func strangers(page string) []string {
	var out []string
	for _, s := range samples(page, "amends_") {
		labels, known := ours[s.name]
		if !known {
			out = append(out, "metric "+s.name)
			continue
		}
		for label, value := range s.labels {
			allowed, known := labels[label]
			if !known || allowed != nil && !slices.Contains(allowed, value) {
				out = append(out, fmt.Sprintf("%s{%s=%q}", s.name, label, value))
			}
		}
		if len(s.labels) != len(labels) {
			out = append(out, fmt.Sprintf("%s with the labels %v", s.name, s.labels))
		}
	}
	return out
}

// page is the metrics of an operator now.
func (o *operator) page(ctx context.Context) (string, error) {
	return plane.ReadPage(ctx, "http://"+o.metrics+"/metrics")
}

// measuresOnlyWhatIsKnown says which metrics are not in the lists, after all that the
// tests have made the operator count.
func (o *operator) measuresOnlyWhatIsKnown() error {
	page, err := o.page(context.Background())
	if wrong := strangers(page); err == nil && len(wrong) > 0 {
		err = fmt.Errorf("metrics outside the closed lists: %s", strings.Join(wrong, ", "))
	}
	return err
}

// metricsOf is the metrics of the shared operator now.
func (s *site) metricsOf(o *operator) string {
	s.Helper()
	page, err := o.page(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	return page
}

// Runs alone, because it counts.
func TestMetrics(t *testing.T) {
	s := open(t)
	s.create(fixture.Policy("quick", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("4s"), fixture.WarnAt(75))),
		fixture.Policy("calm", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("1h"))))
	s.awaitReady("quick")
	s.awaitReady("calm")
	before := s.metricsOf(s.shared)

	s.report("alice", fixture.Incident("met", fixture.UnderPolicy("calm"), fixture.OfSeverity(v1alpha1.SeverityHigh)))
	s.report("alice", fixture.Incident("open", fixture.UnderPolicy("calm"), fixture.OfSeverity(v1alpha1.SeverityHigh)))
	s.report("alice", fixture.Incident("missed", fixture.UnderPolicy("quick"), fixture.OfSeverity(v1alpha1.SeverityHigh)))
	s.add("met", fixture.Entry("said-sorry").By("alice").Reached("Phone").Completion("apologise"))
	s.awaitPhase("met", v1alpha1.PhaseClosed)
	s.awaitRunning("open", "Step/apologise")
	s.awaitBreach("missed", "Step/apologise")
	s.awaitNotice("missed", v1alpha1.EventDeadlineBreached)

	after := s.metricsOf(s.shared)
	high := map[string]string{"kind": "Step", "type": "Apology", "severity": "High"}
	for _, want := range []struct {
		name   string
		labels map[string]string
		more   float64
	}{
		{"amends_incident_clocks_met_total", high, 1},
		{"amends_incident_clocks_breached_total", high, 1},
		{"amends_incident_clocks_breached_total", nil, 1},
		{"amends_breach_observation_lateness_seconds_count", nil, 1},
		{"amends_incident_notices_total", map[string]string{"reason": v1alpha1.EventDeadlineBreached}, 1},
		{"amends_incident_notices_total", map[string]string{"reason": v1alpha1.EventDeadlineNear}, 1},
		{"amends_incident_notices_total", map[string]string{"reason": v1alpha1.EventClosed}, 1},
		{"amends_incidents", map[string]string{"severity": "High"}, 3},
		{"amends_incidents", map[string]string{"phase": "Closed", "severity": "High", "sla": "Met"}, 1},
		{"amends_incidents", map[string]string{"phase": "Open", "severity": "High", "sla": "OnTrack"}, 1},
		{"amends_incidents", map[string]string{"phase": "Open", "severity": "High", "sla": "Overdue"}, 1},
	} {
		if got := sum(after, want.name, want.labels) - sum(before, want.name, want.labels); got != want.more {
			t.Errorf("%s%v rose by %v, want %v", want.name, want.labels, got, want.more)
		}
	}
	t.Logf("breach observed %.3f s after its due instant", sum(after, "amends_breach_observation_lateness_seconds_sum", nil)-sum(before, "amends_breach_observation_lateness_seconds_sum", nil))
	if wrong := strangers(after); len(wrong) > 0 {
		t.Errorf("metrics outside the closed lists: %s", strings.Join(wrong, ", "))
	}

	s.remove(&v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Name: "open"}})
	s.awaitMetric("amends_incidents", high["severity"], sum(before, "amends_incidents", map[string]string{"severity": "High"})+2)
}

// awaitMetric waits until the samples of a severity add up to a value.
func (s *site) awaitMetric(name, severity string, want float64) {
	s.Helper()
	err := s.shared.poll(s.Context(), fmt.Sprintf("does not show %s of %v", name, want), func(ctx context.Context) bool {
		page, err := s.shared.page(ctx)
		return err == nil && sum(page, name, map[string]string{"severity": severity}) == want
	})
	if err != nil {
		s.Fatal(err)
	}
}

// readMetricsAs reads the metrics of an operator that serves them over TLS, with the
// token of a configuration, once the operator listens.
func (s *site) readMetricsAs(o *operator, config *rest.Config) (status int, page string) {
	s.Helper()
	out := &rest.Config{Host: "https://" + o.metrics, TLSClientConfig: rest.TLSClientConfig{Insecure: true}}
	if config != nil {
		out.BearerToken = config.BearerToken
	}
	httpClient, err := rest.HTTPClientFor(out)
	if err != nil {
		s.Fatal(err)
	}
	err = o.poll(s.Context(), "serves no metrics", func(ctx context.Context) bool {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, out.Host+"/metrics", http.NoBody)
		if err != nil {
			return false
		}
		response, err := httpClient.Do(request)
		if err != nil {
			return false
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		status, page = response.StatusCode, string(body)
		return err == nil
	})
	if err != nil {
		s.Fatal(err)
	}
	return status, page
}

// scraper is a ServiceAccount that may read metrics, or not.
func (s *site) scraper(name string, allowed bool) *rest.Config {
	s.Helper()
	s.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name}})
	if allowed {
		s.create(&rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: s.namespace + "-" + name},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "amends-metrics-reader"},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: s.namespace, Name: name}},
		})
	}
	config, err := s.plane.ServiceAccountConfig(s.Context(), s.namespace, name)
	if err != nil {
		s.Fatal(err)
	}
	return config
}
