package lint

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/amends-dev/amends/internal/manifest"
	"github.com/amends-dev/amends/internal/simulate"
)

// Under a policy by which nothing is ever due, a task that is late is a breach all the
// same, so that a level which hears of breaches is no mistake.
func TestBreachCanAlwaysFire(t *testing.T) {
	t.Parallel()
	const policy = `apiVersion: recovery.amends.dev/v1alpha1
kind: RecoveryPolicy
metadata: {name: desk, namespace: hotel}
spec:
  steps:
  - {name: apologise, type: Apology}
  - {name: resolve, type: Resolution}
  escalation:
  - {level: lead, triggers: [Breach], notify: {user: tom}}
`
	docs, bad := manifest.Parse("policy.yaml", []byte(policy))
	found, err := Run(context.Background(), docs, bad, Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(found, func(f Finding) bool { return f.Rule == ruleTriggerNever }) {
		t.Errorf("it says that Breach never happens: %v", found)
	}
	incident, bad := manifest.Parse("incident.yaml", []byte(`apiVersion: recovery.amends.dev/v1alpha1
kind: Incident
metadata: {name: x, namespace: hotel, creationTimestamp: "2026-10-02T12:00:00Z"}
spec:
  summary: Something failed
  customer: {id: customer-1}
  severity: Low
  service: desk
  detectedBy: Staff
  policyName: desk
  journal:
  - {id: help-1, by: alice, recordedAt: "2026-10-02T12:01:00Z", task: {kind: Help, text: Bring a towel, within: 5m}}
`))
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	out, err := simulate.Simulate(context.Background(), slices.Concat(docs, incident), simulate.Options{Start: now})
	if err != nil {
		t.Fatal(err)
	}
	told := slices.ContainsFunc(out.Events, func(e simulate.Event) bool {
		return strings.Contains(e.Message, "lead") && strings.Contains(e.Message, "Task/help-1")
	})
	if !told {
		t.Errorf("nobody is told that the task is late: %+v", out.Events)
	}
}
