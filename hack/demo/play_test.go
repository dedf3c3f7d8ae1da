package main

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/recovery"
)

// TestTheStoriesEndAsTold lets the engine decide each story as the demo plays it, also
// where the machine is so slow that every act comes late: the end is the same.
func TestTheStoriesEndAsTold(t *testing.T) {
	plans := compile(t)
	for _, late := range []time.Duration{0, 3 * time.Second} {
		for _, s := range readStories(t) {
			t.Run(s.Incident.Name+" late by "+late.String(), func(t *testing.T) {
				inc, told := decideAll(t, s, plans, late)
				for _, wrong := range s.Expect.unmet(inc, told) {
					t.Error(wrong)
				}
			})
		}
	}
}

// Before its last act, no story has come to its end: what the demo waits for is not
// there from the beginning.
func TestTheStoriesDoNotEndEarly(t *testing.T) {
	plans := compile(t)
	for _, s := range readStories(t) {
		inc, told := decideAll(t, &story{Incident: s.Incident, Acts: s.Acts[:len(s.Acts)/2]}, plans, 0)
		if len(s.Expect.unmet(inc, told)) == 0 {
			t.Errorf("%s is as expected after half of its acts", s.Incident.Name)
		}
	}
}

// decideAll plays a story second by second, as an operator that misses nothing.
func decideAll(t *testing.T, s *story, plans map[v1alpha1.ObjectName]*policy.Plan, late time.Duration) (*v1alpha1.Incident, map[string]int) {
	t.Helper()
	start := time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)
	inc := s.Incident.DeepCopy()
	inc.CreationTimestamp = metav1.NewTime(start)
	plan := plans[inc.Spec.PolicyName]
	if inc.Spec.PolicyName == "" {
		plan = plans["pool-bar"] // the only one with a selector
	}
	told := map[string]int{}
	acts := s.Acts
	for now := start; !now.After(start.Add(time.Minute)); now = now.Add(time.Second) {
		for len(acts) > 0 && !start.Add(acts[0].At.Duration+late).After(now) {
			entry := *acts[0].Entry.DeepCopy()
			entry.RecordedAt = &metav1.Time{Time: now}
			inc.Spec.Journal = append(inc.Spec.Journal, entry)
			acts = acts[1:]
		}
		decision := recovery.Decide(&recovery.Snapshot{Incident: inc, Plan: plan}, now.Add(20*time.Millisecond))
		inc.Status = decision.Status
		for _, n := range decision.Notices {
			told[n.Reason]++
		}
	}
	return inc, told
}

func compile(t *testing.T) map[v1alpha1.ObjectName]*policy.Plan {
	t.Helper()
	all, err := policies()
	if err != nil {
		t.Fatal(err)
	}
	out := map[v1alpha1.ObjectName]*policy.Plan{}
	for _, p := range all {
		plan, wrong := policy.Compile(p.Name, p.Name+"-1", policy.Content{Policy: policy.Complete(p.Spec)})
		if len(wrong) > 0 {
			t.Fatalf("policy %s: %s", p.Name, policy.Describe(wrong))
		}
		out[v1alpha1.ObjectName(p.Name)] = plan
	}
	return out
}
