package recovery

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

// TestSamplesEndWell plays the sample stories as they are shipped, an entry every half
// minute, and lets time pass between them: each ends closed, with every entry counted
// and nothing late.
func TestSamplesEndWell(t *testing.T) {
	dirs, err := filepath.Glob("../../config/samples/*/journal")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, journal := range dirs {
		dir := filepath.Dir(journal)
		t.Run(filepath.Base(dir), func(t *testing.T) { playSample(t, dir) })
	}
}

func playSample(t *testing.T, dir string) {
	inc, plan := readSample(t, dir)
	now := time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)
	inc.CreationTimestamp = metav1.NewTime(now)
	inc.Status = Decide(&Snapshot{Incident: inc, Plan: plan}, now).Status

	files, _ := filepath.Glob(filepath.Join(dir, "journal", "*.json"))
	for _, file := range files {
		now = now.Add(30 * time.Second)
		entry := readEntry(t, file)
		entry.RecordedAt = &metav1.Time{Time: now}
		inc.Spec.Journal = append(inc.Spec.Journal, entry)
		inc.Status = Decide(&Snapshot{Incident: inc, Plan: plan}, now).Status
	}
	if inc.Status.Phase != v1alpha1.PhaseClosed || inc.Status.SLA != v1alpha1.SLAMet {
		t.Errorf("phase %s, SLA %s", inc.Status.Phase, inc.Status.SLA)
	}
	for _, c := range inc.Status.Conditions {
		if c.Type == v1alpha1.JournalAcceptedCondition && c.Status != metav1.ConditionTrue || c.Type == v1alpha1.ClosedCondition && c.Status != metav1.ConditionTrue {
			t.Errorf("%s: %s", c.Type, c.Message)
		}
	}
	for _, c := range inc.Status.Clocks {
		if c.State != v1alpha1.StateDone && c.Kind != v1alpha1.ClockTask {
			t.Errorf("%s is %s (%s)", c.Name, c.State, c.Reason)
		}
	}
}

func readSample(t *testing.T, dir string) (*v1alpha1.Incident, *policy.Plan) {
	t.Helper()
	var inc v1alpha1.Incident
	var pol v1alpha1.RecoveryPolicy
	content := policy.Content{Calendars: map[string]v1alpha1.BusinessCalendarSpec{}}
	files, _ := filepath.Glob(filepath.Join(dir, "*.yaml"))
	for _, file := range files {
		for _, doc := range bytes.Split(readFile(t, file), []byte("\n---")) {
			var kind metav1.TypeMeta
			if err := yaml.Unmarshal(doc, &kind); err != nil {
				t.Fatal(file, err)
			}
			var err error
			switch kind.Kind {
			case "Incident":
				err = yaml.UnmarshalStrict(doc, &inc)
			case "RecoveryPolicy":
				err = yaml.UnmarshalStrict(doc, &pol)
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
	content.Policy = policy.Complete(pol.Spec)
	plan, wrong := policy.Compile(pol.Name, pol.Name+"-1", content)
	if len(wrong) > 0 {
		t.Fatal(policy.Describe(wrong))
	}
	return &inc, plan
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
