package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// The demo is short enough to be watched, and a Kubernetes user for each who acts.
func TestTheStoriesAreShort(t *testing.T) {
	all := readStories(t)
	cues := schedule(all)
	if last := cues[len(cues)-1].at; last > 50*time.Second {
		t.Errorf("the play takes %s; with the start of the control plane it is to be over in about a minute", last)
	}
	names := map[string]bool{}
	for _, s := range all {
		if len(s.Incident.Name) > incidentWidth {
			t.Errorf("the name %s is wider than its column", s.Incident.Name)
		}
		if names[s.Incident.Name] {
			t.Errorf("two incidents are named %s", s.Incident.Name)
		}
		names[s.Incident.Name] = true
	}
	for name := range cast(all) {
		if len(name) > whoWidth {
			t.Errorf("the name %s is wider than its column", name)
		}
	}
}

func TestSchedule(t *testing.T) {
	entry := func(at time.Duration, id string) act {
		return act{At: metav1.Duration{Duration: at}, Entry: v1alpha1.JournalEntry{ID: v1alpha1.Name(id), By: "lin"}}
	}
	first := &story{ReportedBy: "alice", Acts: []act{entry(2*time.Second, "a"), entry(6*time.Second, "b")}}
	first.Incident.Name = "first"
	second := &story{ReportedBy: "mei", StartsAt: metav1.Duration{Duration: 2 * time.Second}, Acts: []act{entry(time.Second, "c")}}
	second.Incident.Name = "second"

	var got []string
	for _, c := range schedule([]*story{first, second}) {
		what := "report"
		if c.entry != nil {
			what = string(c.entry.ID)
		}
		got = append(got, strings.Join([]string{c.at.String(), c.story.Incident.Name, what, c.by()}, " "))
	}
	want := []string{"0s first report alice", "2s first a lin", "2s second report mei", "3s second c lin", "6s first b lin"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadStory(t *testing.T) {
	const head = "people: {lin: desk}\nreportedBy: lin\nacts:\n- {at: 2s, entry: {id: a, by: lin}}\n"
	cases := map[string]struct {
		content, wrong string
	}{
		"a story that is right":            {content: head},
		"a misspelt field":                 {content: head + "expects: {}\n", wrong: `unknown field "expects"`},
		"a misspelt member of an entry":    {content: head + "- {at: 3s, entry: {id: b, by: lin, complete: {}}}\n", wrong: `unknown field "complete"`},
		"an entry by somebody else":        {content: head + "- {at: 3s, entry: {id: b, by: tom}}\n", wrong: `entry b: by "tom" is none`},
		"an entry before the one above it": {content: head + "- {at: 1s, entry: {id: b, by: lin}}\n", wrong: "entry b: at 1s is not after"},
		"a report by nobody":               {content: "people: {lin: desk}\n", wrong: `reportedBy: "" is none`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := readStory([]byte(c.content))
			if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
				t.Errorf("got %v, want %q", err, c.wrong)
			}
		})
	}
}

func readStories(t *testing.T) []*story {
	t.Helper()
	all, err := stories()
	if err != nil {
		t.Fatal(err)
	}
	return all
}
