package recovery_test

import (
	"testing"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

// bytesAsDice throws what the bytes say, and lowest once they are used up.
func bytesAsDice(data []byte) dice {
	return func(n int) int {
		if len(data) == 0 || n <= 1 {
			return 0
		}
		v := int(data[0])
		data = data[1:]
		return v % n
	}
}

// FuzzJournal lets Decide read any journal under a policy that has everything, or one of
// some others: it never panics, says the same when asked again, and keeps what it has
// written. Where facts are seen on time, the clocks hold what they promise on the way.
func FuzzJournal(f *testing.F) {
	policies := fuzzPolicies(f)
	for seed := range 24 {
		data := make([]byte, 160)
		for i := range data {
			data[i] = byte(seed*31 + i*i*7 + i*13)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := bytesAsDice(data)
		p := pick(d, policies...)
		s := &sim{judge: t, spec: p.spec}
		s.Plan, s.Others = p.plan, others()
		s.Incident = d.incident()
		if d.one(4) {
			s.onTheWay(d.journal(20))
			return
		}
		now := zero
		for journal := d.journal(30); ; {
			n := min(len(journal), 1+d(12))
			for _, e := range journal[:n] {
				if e.RecordedAt.After(now) && !d.one(4) {
					now = e.RecordedAt.Time
				}
				s.Incident.Spec.Journal = append(s.Incident.Spec.Journal, e)
			}
			s.Incident.Generation++
			was := *s.Incident.Status.DeepCopy()
			next := s.decide(now)
			s.keeps(&was, &next.Status, now)
			if journal = journal[n:]; len(journal) == 0 {
				return
			}
			now = now.Add(pick(d, 0, time.Second, time.Hour))
		}
	})
}

// fuzzPolicy is a policy with its plan, compiled once.
type fuzzPolicy struct {
	spec v1alpha1.RecoveryPolicySpec
	plan *policy.Plan
}

// fuzzPolicies are everything, and what fixed throws make; those that are wrong are left
// out.
func fuzzPolicies(f *testing.F) []fuzzPolicy {
	f.Helper()
	specs := []v1alpha1.RecoveryPolicySpec{everything()}
	for seed := range 31 {
		data := make([]byte, 200)
		for i := range data {
			data[i] = byte(seed*57 + i*i*11 + i*29)
		}
		specs = append(specs, bytesAsDice(data).policy())
	}
	var out []fuzzPolicy
	for i, spec := range specs {
		spec = policy.Complete(spec)
		plan, problems := policy.Compile("desk", "desk-r1", policy.Content{Policy: spec, Calendars: calendars()})
		if len(problems) == 0 {
			out = append(out, fuzzPolicy{spec, plan})
		} else if i == 0 {
			f.Fatal(policy.Describe(problems))
		}
	}
	return out
}

// everything is a policy that uses all that a policy can say.
func everything() v1alpha1.RecoveryPolicySpec {
	business := func(d v1alpha1.Duration) *v1alpha1.Due {
		return &v1alpha1.Due{Within: d, Clock: v1alpha1.ClockBusiness}
	}
	return v1alpha1.RecoveryPolicySpec{
		CalendarName: "office", ReopenWithin: "24h", ContactGrace: "30m", OnDissatisfied: v1alpha1.OnDissatisfiedReopen,
		Categories: []v1alpha1.Category{"a", "b"},
		Steps: []v1alpha1.Step{
			{Name: "s0", Type: "Apology", Target: within("5m"), Due: within("10m"), WarnAt: []int32{50, 80}},
			{Name: "s1", Type: "Review", Due: business("30m"), Requires: []v1alpha1.Requirement{{Expression: "entry.note.size() >= 6", Message: "say more"}}},
			{Name: "s2", Type: "Offer", After: []v1alpha1.Name{"s0"}, When: `category == "a"`, Due: &v1alpha1.Due{BusinessDays: 1}},
			{Name: "s3", Type: "Resolution", After: []v1alpha1.Name{"s1", "s2"}, Due: within("2h"), WarnAt: []int32{80}},
			{Name: "s4", Type: "FollowUp", FollowUp: "Immediate", NotBefore: within("10m"), Due: within("1h")},
			{Name: "s5", Type: "Documentation", After: []v1alpha1.Name{"s3"}, Demands: []v1alpha1.Demand{"FindingRecorded"}, Due: within("24h")},
		},
		BySeverity: []v1alpha1.SeverityOverlay{
			{Severity: "Low", Updates: &v1alpha1.Updates{Every: "3h"}},
			{
				Severity: "Critical", Responses: &v1alpha1.Responses{Within: "5m"}, Resolution: &v1alpha1.ResolutionLimit{Within: "1h"},
				Steps: []v1alpha1.StepOverlay{{Name: "s0", Due: within("5m"), WarnAt: []int32{25}}, {Name: "s3", Due: within("30m")}},
			},
		},
		Holds: []v1alpha1.HoldRule{
			{Reason: v1alpha1.WaitingForCustomer, Pauses: v1alpha1.Pauses{Steps: []v1alpha1.Name{"s1", "s3"}, Clocks: []v1alpha1.ClockKind{"Resolution", "Update"}}, MaxEach: "30m", MaxTotal: "1h"},
			{Reason: "Parts", Pauses: v1alpha1.Pauses{Steps: []v1alpha1.Name{"s3", "s4"}}},
		},
		Responses: &v1alpha1.Responses{Within: "20m"}, Updates: &v1alpha1.Updates{Every: "1h", WhileHeld: "4h"},
		Resolution: &v1alpha1.ResolutionLimit{Within: "8h", Clock: v1alpha1.ClockBusiness},
		Assignment: &v1alpha1.AssignmentLimits{AssignWithin: "5m", AcceptWithin: "10m"},
		Promises:   &v1alpha1.PromiseLimits{MaxSupersedes: new(int32(1))},
		Escalation: []v1alpha1.EscalationLevel{
			{Level: "duty", Triggers: []v1alpha1.Trigger{"Warning", "Breach", "PromiseBroken", "Unowned", "Unaccepted", "Dissatisfied"}, Notify: v1alpha1.Notify{Group: "duty"}},
			{Level: "boss", Triggers: []v1alpha1.Trigger{"Breach", "PromiseBroken"}, Severities: []v1alpha1.Severity{"High", "Critical"}, After: "30m", Hours: "office", Notify: v1alpha1.Notify{User: "boss"}},
		},
	}
}
