package policy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

func content(spec v1alpha1.RecoveryPolicySpec) policy.Content {
	return policy.Content{Policy: policy.Complete(spec), Calendars: offices()}
}

func encode(t testing.TB, c policy.Content) (string, []byte) {
	t.Helper()
	name, data, err := policy.Encode("front-desk", c)
	if err != nil {
		t.Fatal(err)
	}
	return name, data
}

func TestCalendarNames(t *testing.T) {
	t.Parallel()
	spec := v1alpha1.RecoveryPolicySpec{Escalation: []v1alpha1.EscalationLevel{{Hours: "night"}, {}, {Hours: "office"}, {Hours: "night"}}}
	if diff := cmp.Diff([]string{"night", "office"}, policy.CalendarNames(spec)); diff != "" {
		t.Errorf("without a calendar of its own (-want +got):\n%s", diff)
	}
	spec.CalendarName = "office"
	if diff := cmp.Diff([]string{"office", "night"}, policy.CalendarNames(spec)); diff != "" {
		t.Errorf("with a calendar of its own (-want +got):\n%s", diff)
	}
	if got := policy.CalendarNames(v1alpha1.RecoveryPolicySpec{}); got != nil {
		t.Errorf("a policy without calendars names %v", got)
	}
}

func TestRevisionName(t *testing.T) {
	t.Parallel()
	name, _ := encode(t, content(v1alpha1.RecoveryPolicySpec{}))
	if prefix, hash, _ := strings.Cut(name, "front-desk-"); prefix != "" || len(hash) != 12 || strings.Trim(hash, "0123456789abcdef") != "" {
		t.Errorf("the name is %q, want the policy's name and twelve hexadecimal digits", name)
	}
	long := strings.Repeat("a", 200)
	name, _, err := policy.Encode(long, content(v1alpha1.RecoveryPolicySpec{}))
	if err != nil || len(name) > 253 {
		t.Errorf("the longest policy has a revision with a name of %d characters, %v", len(name), err)
	}
}

func TestRevisionIsOfTheContent(t *testing.T) {
	t.Parallel()
	base := func() v1alpha1.RecoveryPolicySpec {
		return with(policySpec(sorry(fixture.DueWithin("10m"), fixture.WarnAt(50)), fix(fixture.DueBusiness("8h"))), onCalendar("office"))
	}
	want, _ := encode(t, content(base()))
	for name, change := range map[string]func(*policy.Content){
		"a deadline":               func(c *policy.Content) { c.Policy.Steps[0].Due.Within = "11m" },
		"the same time, otherwise": func(c *policy.Content) { c.Policy.Steps[0].Due.Within = "600s" },
		"a warning":                func(c *policy.Content) { c.Policy.Steps[0].WarnAt = []int32{51} },
		"the order of steps": func(c *policy.Content) {
			c.Policy.Steps[0], c.Policy.Steps[1] = c.Policy.Steps[1], c.Policy.Steps[0]
		},
		"the priority":        func(c *policy.Content) { c.Policy.Priority = 1 },
		"an empty selector":   func(c *policy.Content) { c.Policy.Selector = &v1alpha1.IncidentSelector{} },
		"no demands any more": func(c *policy.Content) { c.Policy.Steps[0].Demands = []v1alpha1.Demand{} },
		"an hour of the calendar": func(c *policy.Content) {
			office := c.Calendars["office"]
			office.Weekly[0].Hours[0].To = "18:00"
		},
		"the name of a calendar": func(c *policy.Content) {
			c.Calendars["desk"] = c.Calendars["office"]
			delete(c.Calendars, "office")
		},
		"one calendar less": func(c *policy.Content) { delete(c.Calendars, "night") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := content(base())
			change(&c)
			if got, _ := encode(t, c); got == want {
				t.Errorf("the revision is %s still", got)
			}
		})
	}
	t.Run("nothing", func(t *testing.T) {
		t.Parallel()
		for range 20 {
			if got, _ := encode(t, content(base())); got != want {
				t.Fatalf("the revision is %s, want %s", got, want)
			}
		}
		other, _, err := policy.Encode("pool-bar", content(base()))
		if _, hash, _ := strings.Cut(want, "front-desk-"); err != nil || other != "pool-bar-"+hash {
			t.Errorf("under another name the revision is %s, %v", other, err)
		}
	})
	t.Run("defaults written out", func(t *testing.T) {
		t.Parallel()
		if got, _ := encode(t, content(policy.Complete(base()))); got != want {
			t.Errorf("the revision is %s, want %s", got, want)
		}
	})
	t.Run("the zone of an instant", func(t *testing.T) {
		t.Parallel()
		one, _ := encode(t, content(policySpec(fix(fixture.DueAt(fixture.Instant("2026-12-24T18:00:00Z"))))))
		two, _ := encode(t, content(policySpec(fix(fixture.DueAt(fixture.Instant("2026-12-24T19:00:00+01:00"))))))
		if one != two {
			t.Errorf("one instant makes the revisions %s and %s", one, two)
		}
	})
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for _, data := range []string{"", "{", `{"policy": 3}`, `[]`} {
		if _, err := policy.Decode([]byte(data)); err == nil {
			t.Errorf("Decode(%q) has no error", data)
		}
	}
}

// drawDue draws a deadline.
func drawDue(t *rapid.T, label string) *v1alpha1.Due {
	switch rapid.IntRange(0, 4).Draw(t, label) {
	case 0:
		return nil
	case 1:
		return business(drawDuration(t, label))
	case 2:
		return &v1alpha1.Due{BusinessDays: rapid.Int32Range(1, 250).Draw(t, label)}
	case 3:
		at := metav1.Unix(rapid.Int64Range(0, 1<<32).Draw(t, label), 0)
		return &v1alpha1.Due{At: &at}
	}
	return within(drawDuration(t, label))
}

func drawDuration(t *rapid.T, label string) v1alpha1.Duration {
	return v1alpha1.Duration(fmt.Sprintf("%d%s", rapid.IntRange(1, 300).Draw(t, label), rapid.SampledFrom([]string{"s", "m", "h"}).Draw(t, label)))
}

// drawSpec draws a policy, right or wrong.
func drawSpec(t *rapid.T) v1alpha1.RecoveryPolicySpec {
	var spec v1alpha1.RecoveryPolicySpec
	types := []v1alpha1.StepType{"Apology", "Review", "Offer", "Mitigation", "Resolution", "FollowUp", "Documentation", "Custom"}
	names := []v1alpha1.Name{"a", "b", "c", "d", "e", "f"}
	text := rapid.StringN(0, 20, 60)
	for i := range rapid.IntRange(0, len(names)).Draw(t, "steps") {
		s := v1alpha1.Step{
			Name: names[i], Type: rapid.SampledFrom(types).Draw(t, "type"), When: v1alpha1.Expression(text.Draw(t, "when")),
			NotBefore: drawDue(t, "notBefore"), Target: drawDue(t, "target"), Due: drawDue(t, "due"),
		}
		if rapid.Bool().Draw(t, "after is given") {
			s.After = append([]v1alpha1.Name{}, rapid.SliceOfN(rapid.SampledFrom(names), 0, 2).Draw(t, "after")...)
		}
		if rapid.Bool().Draw(t, "demands are given") {
			s.Demands = append([]v1alpha1.Demand{}, rapid.SliceOfN(rapid.SampledFrom([]v1alpha1.Demand{"CustomerReached", "NeedRecorded"}), 0, 2).Draw(t, "demands")...)
		}
		s.WarnAt = rapid.SampledFrom([][]int32{nil, {50}, {80, 50}}).Draw(t, "warnAt")
		spec.Steps = append(spec.Steps, s)
	}
	spec.CalendarName = rapid.SampledFrom([]v1alpha1.ObjectName{"", "office", "night"}).Draw(t, "calendar")
	if rapid.Bool().Draw(t, "a selector is given") {
		spec.Selector = &v1alpha1.IncidentSelector{
			MatchLabels: rapid.MapOfN(rapid.StringMatching("[a-z]{1,3}"), rapid.Map(text, func(s string) v1alpha1.LabelValue { return v1alpha1.LabelValue(s) }), 1, 6).Draw(t, "labels"),
			Expression:  v1alpha1.Expression(text.Draw(t, "expression")),
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "overlays") {
		overlay(rapid.SampledFrom(policy.Severities).Draw(t, "severity"), v1alpha1.StepOverlay{
			Name: rapid.SampledFrom(names).Draw(t, "name"), Due: drawDue(t, "overlaid due"), Target: drawDue(t, "overlaid target"),
		})(&spec)
	}
	return spec
}

func TestRevisionProperties(t *testing.T) {
	t.Parallel()
	for name, holds := range map[string]func(*rapid.T, v1alpha1.RecoveryPolicySpec){
		"Complete is idempotent": func(t *rapid.T, spec v1alpha1.RecoveryPolicySpec) {
			once := policy.Complete(spec)
			if diff := cmp.Diff(once, policy.Complete(once)); diff != "" {
				t.Fatalf("completing again changes (-once +twice):\n%s", diff)
			}
		},
		"Decode gives back what was encoded": func(t *rapid.T, spec v1alpha1.RecoveryPolicySpec) {
			name, data, err := policy.Encode("p", content(spec))
			if err != nil {
				t.Fatal(err)
			}
			back, err := policy.Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			again, dataAgain, err := policy.Encode("p", back)
			if err != nil || again != name || !bytes.Equal(data, dataAgain) {
				t.Fatalf("encoded again it is %s, not %s (%v):\n%s\n%s", again, name, err, data, dataAgain)
			}
			before, _ := json.Marshal(content(spec))
			after, _ := json.Marshal(back)
			if diff := cmp.Diff(string(before), string(after)); diff != "" {
				t.Fatalf("the content differs (-before +after):\n%s", diff)
			}
		},
		"a revision compiles as the content it is of": func(t *rapid.T, spec v1alpha1.RecoveryPolicySpec) {
			_, data, err := policy.Encode("p", content(spec))
			if err != nil {
				t.Fatal(err)
			}
			back, err := policy.Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			_, live := policy.Compile("p", "r", content(spec))
			_, pinned := policy.Compile("p", "r", back)
			if diff := cmp.Diff(live, pinned); diff != "" {
				t.Fatalf("the problems differ (-live +pinned):\n%s", diff)
			}
		},
		"another spec has another revision": func(t *rapid.T, spec v1alpha1.RecoveryPolicySpec) {
			other := drawSpec(t)
			one, dataOne, errOne := policy.Encode("p", content(spec))
			two, dataTwo, errTwo := policy.Encode("p", content(other))
			if errOne != nil || errTwo != nil || (one == two) != bytes.Equal(dataOne, dataTwo) {
				t.Fatalf("%s (%v) and %s (%v):\n%s\n%s", one, errOne, two, errTwo, dataOne, dataTwo)
			}
		},
		"there is a plan exactly where there is no problem": func(t *rapid.T, spec v1alpha1.RecoveryPolicySpec) {
			p, problems := compile(spec)
			if (p == nil) != (len(problems) > 0) {
				t.Fatalf("there is a plan: %t; problems: %s", p != nil, policy.Describe(problems))
			}
			for _, problem := range problems {
				if problem.Reason == "" || !strings.HasPrefix(problem.Field, "spec.") || problem.Message == "" {
					t.Fatalf("a problem says too little: %+v", problem)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) { holds(t, drawSpec(t)) })
		})
	}
}
