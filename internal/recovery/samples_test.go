package recovery_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/recovery"
)

// ending is how a sample's incident ends.
type ending struct {
	phase v1alpha1.Phase // Closed, unless given
	sla   v1alpha1.SLA   // Met, unless given
	round int32          // 1, unless given
	// pauses are what the story waits for before an entry, beside the half minute.
	pauses map[string]time.Duration
}

// endings are those that are meant to be other than closed and met in round one.
var endings = map[string]ending{
	"coffee-0418":  {sla: v1alpha1.SLAMissed, pauses: map[string]time.Duration{"03-where-is-it": 10 * time.Minute}},
	"heating-4417": {sla: v1alpha1.SLAMissed, pauses: map[string]time.Duration{"04-nobody-called": 10 * time.Minute}},
	"brakes-0912":  {round: 2},
	"order-6102":   {phase: v1alpha1.PhaseCancelled, sla: v1alpha1.SLAOnTrack},
}

// TestSamplesEndAsMeant plays the sample stories as they are shipped, an entry every half
// minute, and lets time pass between them: each ends closed, with nothing late, unless
// it is meant to end otherwise; and every entry counts.
func TestSamplesEndAsMeant(t *testing.T) {
	for _, dir := range sampleDirs(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			s := readSample(t, dir)
			for _, inc := range s.incidents {
				playSample(t, s, inc, endings[inc.Name])
			}
		})
	}
}

func playSample(t *testing.T, s *sample, inc *v1alpha1.Incident, want ending) {
	t.Helper()
	now := time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)
	inc.CreationTimestamp = metav1.NewTime(now)
	look := func() {
		inc.Status = recovery.Decide(&recovery.Snapshot{Incident: inc, Plan: s.plan}, now).Status
	}
	look()
	for _, file := range s.journal(t, inc) {
		now = now.Add(30*time.Second + want.pauses[strings.TrimSuffix(filepath.Base(file), ".json")])
		entry := readEntry(t, file)
		entry.RecordedAt = &metav1.Time{Time: now}
		inc.Spec.Journal = append(inc.Spec.Journal, entry)
		look()
	}
	status := &inc.Status
	if phase := cmp.Or(want.phase, v1alpha1.PhaseClosed); status.Phase != phase || status.SLA != cmp.Or(want.sla, v1alpha1.SLAMet) || status.Round != max(1, want.round) {
		t.Errorf("%s: phase %s, SLA %s, round %d", inc.Name, status.Phase, status.SLA, status.Round)
	}
	for _, kind := range []string{v1alpha1.JournalAcceptedCondition, v1alpha1.ClosedCondition} {
		if c := condition(t, status, kind); c.Status != metav1.ConditionTrue {
			t.Errorf("%s: %s: %s", inc.Name, kind, c.Message)
		}
	}
	for _, c := range status.Clocks {
		if c.State != v1alpha1.StateDone && c.Kind != v1alpha1.ClockTask && c.Reason != v1alpha1.ClockReleasedReason && status.Phase == v1alpha1.PhaseClosed {
			t.Errorf("%s: %s is %s (%s)", inc.Name, c.Name, c.State, c.Reason)
		}
	}
}

// TestSamplesSelectOnePolicy binds the samples as if all of them were applied to one
// namespace: each incident gets the policy of its own folder, and no two tie.
func TestSamplesSelectOnePolicy(t *testing.T) {
	var all []policy.Candidate
	var samples []*sample
	for _, dir := range sampleDirs(t) {
		s := readSample(t, dir)
		selector, err := policy.CompileSelector(s.policy.Spec.Selector)
		if err != nil {
			t.Fatal(dir, err)
		}
		samples = append(samples, s)
		all = append(all, policy.Candidate{Name: s.policy.Name, Priority: s.policy.Spec.Priority, Selector: selector})
	}
	for _, s := range samples {
		for _, inc := range s.incidents {
			got := string(inc.Spec.PolicyName)
			if got == "" {
				var problem *policy.Problem
				if got, problem = policy.Select(policy.NewHeader(inc), all); problem != nil {
					t.Errorf("%s: %s", inc.Name, problem.Message)
				}
			}
			if got != s.policy.Name {
				t.Errorf("%s is bound to %q, want %q", inc.Name, got, s.policy.Name)
			}
		}
	}
}

// sample is a folder of config/samples.
type sample struct {
	dir       string
	incidents []*v1alpha1.Incident
	policy    v1alpha1.RecoveryPolicy
	plan      *policy.Plan
}

func sampleDirs(t *testing.T) []string {
	t.Helper()
	journals, err := filepath.Glob("../../config/samples/*/journal")
	if err != nil || len(journals) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	dirs := make([]string, len(journals))
	for i, journal := range journals {
		dirs[i] = filepath.Dir(journal)
	}
	return dirs
}

// journal is the files of an incident's entries, in order: those of a folder with its
// name, where the sample has several incidents.
func (s *sample) journal(t *testing.T, inc *v1alpha1.Incident) []string {
	t.Helper()
	dir := filepath.Join(s.dir, "journal")
	if len(s.incidents) > 1 {
		dir = filepath.Join(dir, inc.Name)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no entries of %s in %s: %v", inc.Name, dir, err)
	}
	return files
}

func readSample(t *testing.T, dir string) *sample {
	t.Helper()
	s := &sample{dir: dir}
	content := policy.Content{Calendars: map[string]v1alpha1.BusinessCalendarSpec{}}
	files, _ := filepath.Glob(filepath.Join(dir, "*.yaml"))
	for _, file := range files {
		for doc := range bytes.SplitSeq(readFile(t, file), []byte("\n---")) {
			var kind metav1.TypeMeta
			if err := yaml.Unmarshal(doc, &kind); err != nil {
				t.Fatal(file, err)
			}
			var err error
			switch kind.Kind {
			case "Incident":
				inc := &v1alpha1.Incident{}
				err = yaml.UnmarshalStrict(doc, inc)
				s.incidents = append(s.incidents, inc)
			case "RecoveryPolicy":
				err = yaml.UnmarshalStrict(doc, &s.policy)
			case "BusinessCalendar":
				var cal v1alpha1.BusinessCalendar
				err = yaml.UnmarshalStrict(doc, &cal)
				content.Calendars[cal.Name] = cal.Spec
			}
			if err != nil {
				t.Fatal(file, err)
			}
		}
	}
	content.Policy = policy.Complete(s.policy.Spec)
	var wrong []policy.Problem
	if s.plan, wrong = policy.Compile(s.policy.Name, s.policy.Name+"-1", content); len(wrong) > 0 {
		t.Fatal(policy.Describe(wrong))
	}
	return s
}

func readEntry(t *testing.T, file string) v1alpha1.JournalEntry {
	t.Helper()
	var ops []struct {
		Value v1alpha1.JournalEntry `json:"value"`
	}
	if err := json.Unmarshal(readFile(t, file), &ops); err != nil || len(ops) != 1 {
		t.Fatalf("%s: %d operations, %v", file, len(ops), err)
	}
	return ops[0].Value
}

func readFile(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
