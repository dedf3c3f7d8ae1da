package simulate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/manifest"
)

// played is a case on both stages.
type played struct{ simulated, live *Transcript }

// playBoth plays files by the operator's own reconcilers against a real API server, and
// by the simulation. The simulation is given the UIDs that the API server gave: what was
// created in the same second is taken in the order of those.
func playBoth(t *testing.T, mistake func(*live), names ...string) played {
	t.Helper()
	docs, bad, err := manifest.Load(names, nil)
	if err != nil || len(bad) > 0 {
		t.Fatal(err, bad)
	}
	acts, o, err := Script(docs, Options{Start: monday})
	if err != nil {
		t.Fatal(err)
	}
	if o.Until.IsZero() {
		o.Until = acts[len(acts)-1].At.Add(horizon)
	}
	ctx := context.Background()
	l := newLive(t, slices.Clone(acts), o)
	if mistake != nil {
		mistake(l)
	}
	if err := l.play(ctx, l, o.Until); err != nil {
		t.Fatal(err)
	}
	if err := l.fold(ctx); err != nil {
		t.Fatal(err)
	}
	r := newRun(acts, o)
	r.uid = func(n int) types.UID {
		if n > len(l.uids) {
			return numbered(n)
		}
		return l.uids[n-1]
	}
	if err := r.play(ctx, r, o.Until); err != nil {
		t.Fatal(err)
	}
	r.finals()
	return played{r.out, l.finals()}
}

// fold lets the ledgers take in what was confirmed last: that waits for a while, in case
// more comes.
func (l *live) fold(ctx context.Context) error {
	for range maxRounds {
		if len(l.operator.again) == 0 {
			return nil
		}
		l.now = slices.MinFunc(slices.Collect(maps.Values(l.operator.again)), time.Time.Compare)
		if err := l.settle(ctx); err != nil {
			return err
		}
	}
	return errors.New("a ledger never rests")
}

// finals are how everything stands.
func (l *live) finals() *Transcript {
	r := newRun(nil, Options{})
	r.out = l.out
	for of, o := range l.latest {
		r.shelve(types.NamespacedName{Namespace: nowhere, Name: of.name}, o)
	}
	r.finals()
	return r.out
}

// lines are the events of a transcript, a line for each. In one instant the operator
// looks at many objects at once, so that only the order at each object is told.
func lines(t *Transcript) []string {
	events := slices.Clone(t.Events)
	slices.SortStableFunc(events, func(a, b Event) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.subject(), b.subject()))
	})
	out := make([]string, len(events))
	for i := range events {
		e := &events[i]
		out[i] = strings.Join([]string{e.At.UTC().Format(time.RFC3339Nano), e.Incident, e.subject(), e.What, e.Reason, e.Message}, " | ")
	}
	return out
}

// standings are the statuses at the end, as JSON has them.
func standings(t *testing.T, of *Transcript) map[string]map[string]any {
	t.Helper()
	out := map[string]map[string]any{}
	for _, f := range of.Objects {
		data, err := json.Marshal(f.Status)
		if err != nil {
			t.Fatal(err)
		}
		status := map[string]any{}
		if err := json.Unmarshal(data, &status); err != nil {
			t.Fatal(err)
		}
		out[f.Kind+"/"+f.Name] = status
	}
	return out
}

// exempt are the fields of a status that the simulation and the operator need not share.
var exempt = []struct{ kind, field, because string }{
	{"RecoveryBudget", "sequence", "it counts writes of the ledger: the operator puts a grant there before the Compensation has it, and folds it in afterwards, and the simulation, which cannot crash, needs one write for both"},
	{"RecoveryPolicy", "openIncidents", "statistics are not simulated"},
	{"RecoveryPolicy", "overdueIncidents", "statistics are not simulated"},
	{"RecoveryPolicy", "atRiskIncidents", "statistics are not simulated"},
	{"RecoveryPolicy", "breachedIncidents", "statistics are not simulated"},
	{"RecoveryPolicy", "attainment", "statistics are not simulated"},
	{"RecoveryPolicy", "endedWellPercent", "statistics are not simulated"},
}

// differs tells how the two transcripts differ, or nothing.
func (p *played) differs(t *testing.T) string {
	t.Helper()
	is, want := standings(t, p.simulated), standings(t, p.live)
	for _, all := range []map[string]map[string]any{is, want} {
		for name, status := range all {
			for _, x := range exempt {
				if strings.HasPrefix(name, x.kind+"/") {
					delete(status, x.field)
				}
			}
		}
	}
	return gocmp.Diff(lines(p.simulated), lines(p.live)) + gocmp.Diff(is, want)
}

// TestAsTheOperator plays every story of the samples, and every vector, by both. Under the
// race detector, which finds nothing more in more of the same, it is the stories alone.
func TestAsTheOperator(t *testing.T) {
	t.Parallel()
	cases := map[string][]string{}
	tables, errStories := filepath.Glob("testdata/stories/*.yaml")
	for _, table := range tables {
		story := strings.TrimSuffix(filepath.Base(table), ".yaml")
		cases[story] = []string{filepath.Join("../../config/samples", story), table}
	}
	vectors, errVectors := filepath.Glob("testdata/vectors/*")
	if racing {
		vectors = nil
	}
	for _, dir := range vectors {
		cases[filepath.Base(dir)] = []string{dir}
	}
	if err := errors.Join(errStories, errVectors); err != nil || len(cases) != len(tables)+len(vectors) || len(tables) == 0 {
		t.Fatal(len(cases), err)
	}
	for name, files := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := playBoth(t, nil, files...)
			if diff := p.differs(t); diff != "" {
				t.Errorf("(-simulated +live):\n%s", diff)
			}
			t.Logf("%d events", len(p.live.Events))
		})
	}
}

// TestADifferenceIsFound tests the test: an operator with a mistake in it is found out.
func TestADifferenceIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mistake func(*live)
		says    string
	}{
		"a deadline of one step is a minute later": {func(l *live) {
			for i := range l.acts {
				if l.acts[i].Kind == "RecoveryPolicy" {
					object := runtime.DeepCopyJSON(l.acts[i].Object)
					steps, _, _ := unstructured.NestedSlice(object, "spec", "steps")
					_ = unstructured.SetNestedField(steps[0].(map[string]any), "11m", "due", "within")
					_ = unstructured.SetNestedSlice(object, steps, "spec", "steps")
					l.acts[i].Object = object
				}
			}
		}, "Step/apologise"},
		"an event is told in other words": {func(l *live) {
			l.says = func(reason, note string) []string {
				if reason == v1alpha1.EventClockDone {
					note = strings.Replace(note, "in time", "timely", 1)
				}
				return []string{note}
			}
		}, "timely"},
		"an event is told twice": {func(l *live) {
			l.says = func(reason, note string) []string {
				if reason == v1alpha1.EventEscalated {
					return []string{note, note}
				}
				return []string{note}
			}
		}, v1alpha1.EventEscalated},
		"deadlines wake nobody": {func(l *live) { l.deaf = true }, v1alpha1.EventDeadlineBreached},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const story = "coffee-asked-upwards"
			p := playBoth(t, c.mistake, "../../config/samples/"+story, "testdata/stories/"+story+".yaml")
			if diff := p.differs(t); !strings.Contains(diff, c.says) {
				t.Errorf("not found:\n%s", diff)
			}
		})
	}
}
