package faulttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// story is what people write, and when.
type story struct {
	name string
	// opens is the instant at which it begins.
	opens time.Time
	acts  []act
	// until is how long it is looked at.
	until time.Duration
	// takesBack says that requests are taken back: what becomes of them in between depends
	// on who saw them when.
	takesBack bool
}

// act is one thing that a person does.
type act struct {
	at   time.Duration
	what string
	do   func(w *world)
}

// tale is an incident of a sample, and when each entry of its journal is recorded. The
// times are those of the engine's own stories.
type tale struct {
	incident, times, until string
	// remedy are the times of the files in remedy/.
	remedy string
	// request is the Compensation that facts in remedy/ are recorded on, where it is not the
	// one that was made last.
	request string
}

var tales = map[string][]tale{
	"coffee-in-the-wind":   {{incident: "coffee-0417", times: "1m 1m30s 2m", until: "1h"}},
	"coffee-asked-upwards": {{incident: "coffee-0418", times: "30s 1m 12m 13m 17m 18m 19m 25m 26m", until: "1h", remedy: "1m10s"}},
	"the-upgrade-that-was-not": {{
		incident: "upgrade-2203", until: "70h",
		times: "1m 2m 3m 4m 8m 9m 40m 41m 50m 55m 56m 57m 1h30m 2h15m 5h 14h 38h 66h 66h5m 66h30m 66h35m",
	}},
	"no-room-at-all": {{incident: "no-room-0733", times: "1m 2m 4m 8m 12m 25m 50m 55m 10h 10h5m 12h", until: "13h", remedy: "10m 14m 30m"}},
	"five-steps":     {{incident: "line-dead-5518", times: "2m 4m 1h 1h5m 1h10m 1h15m 2h 2h5m 96h", until: "97h"}},
	"failed-twice":   {{incident: "heating-4417", times: "1m 3m 4m 17m 19m 19m30s 20m 21m 1h30m 3h 5h 6h 6h5m", until: "7h"}},
	"back-next-week": {{
		incident: "brakes-0912", until: "178h",
		times: "2m 4m 20m 1h 3h 4h 5h 5h1m 169h 169h3m 169h20m 171h 171h5m 173h 176h 177h 177h1m",
	}},
	"the-stuttering-lesson": {{
		incident: "lesson-3107", until: "301h",
		times: "2m 15m 30m 40m 22h5m 22h20m 22h21m 22h25m 22h26m 47h20m 48h 50h 69h10m 72h 117h50m 300h",
	}},
	"half-a-percent":     {{incident: "cold-shower-12", times: "5m", until: "2h", remedy: "2m 4m 10m"}},
	"two-thousand-a-day": {{incident: "lost-suitcase-1", until: "26h", remedy: "1m 2m 3m 4m 9m"}},
	"the-storm": {
		{incident: "order-6101", times: "40m 45m 50m 1h 1h5m 70h 120h 120h5m 121h 121h5m 140h 140h5m", until: "141h"},
		{incident: "order-6102", times: "4h 6h", until: "142h"},
	},
	"the-late-parcel": {{incident: "parcel-5521", times: "1m 2m 5m 9m 10m 11m 1h5m 24h 25h 26h", until: "27h", remedy: "8m 1h 1h30m"}},
	"api-outage": {{
		incident: "outage-acme", times: "5m 10m 40m 3h 4h 20h 21h", until: "22h", remedy: "1h 1h5m 1h10m 3h30m", request: "credit-acme",
	}},
}

// Every sample is a story that is tried.
func TestSamplesAreTried(t *testing.T) {
	tried := map[string]bool{}
	for _, s := range samples(t) {
		tried[s.name] = true
	}
	for name := range tales {
		if !tried[name] {
			t.Errorf("config/samples has no story %s", name)
		}
	}
}

// samples reads the stories of config/samples, in the order of their names.
func samples(t testing.TB, folders ...string) []*story {
	t.Helper()
	root, err := plane.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := filepath.Glob(filepath.Join(root, "config", "samples", "*", "kustomization.yaml"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	var out []*story
	for _, dir := range dirs {
		dir = filepath.Dir(dir)
		if _, known := tales[filepath.Base(dir)]; !known {
			t.Fatalf("%s: nobody says when what of it happens; add it to tales", dir)
		}
		if len(folders) == 0 || slices.Contains(folders, filepath.Base(dir)) {
			out = append(out, sample(t, dir))
		}
	}
	if len(folders) > 0 && len(out) != len(folders) {
		t.Fatalf("%d stories, want %v", len(out), folders)
	}
	return out
}

// sample reads one folder.
func sample(t testing.TB, dir string) *story {
	t.Helper()
	s := &story{name: filepath.Base(dir), opens: opening}
	told := tales[s.name]
	files, _ := filepath.Glob(filepath.Join(dir, "[1-9]*.yaml"))
	for _, file := range files {
		for _, doc := range documents(string(readFile(t, file))) {
			if o := object(t, file, doc); o != nil {
				s.creates(0, o)
			}
		}
	}
	for _, x := range told {
		journal := filepath.Join(dir, "journal")
		if len(told) > 1 {
			journal = filepath.Join(journal, x.incident)
		}
		if _, err := os.Stat(journal); errors.Is(err, fs.ErrNotExist) {
			journal = filepath.Join(dir, "entries") // Between them, something else is done.
		}
		s.journal(t, x, journal)
		s.remedies(t, x, filepath.Join(dir, "remedy"))
		s.until = max(s.until, duration(t, x.until))
	}
	slices.SortStableFunc(s.acts, func(a, b act) int { return int(a.at - b.at) })
	return s
}

func (s *story) journal(t testing.TB, x tale, dir string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	times := strings.Fields(x.times)
	if len(files) != len(times) {
		t.Fatalf("%s: %d entries and %d times", dir, len(files), len(times))
	}
	for i, file := range files {
		s.appends(duration(t, times[i]), x.incident, entry(t, file))
	}
}

func (s *story) remedies(t testing.TB, x tale, dir string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	request := x.request
	for i, at := range strings.Fields(x.remedy) {
		if filepath.Ext(files[i]) != ".yaml" {
			s.records(duration(t, at), request, readFile(t, files[i]))
			continue
		}
		for _, doc := range documents(string(readFile(t, files[i]))) {
			o := object(t, files[i], doc)
			s.creates(duration(t, at), o)
			if x.request == "" {
				request = o.GetName()
			}
		}
	}
}

// creates adds the creation of an object.
func (s *story) creates(at time.Duration, o client.Object) {
	s.acts = append(s.acts, act{at, "create " + refOf(o).String(), func(w *world) {
		w.create(o.DeepCopyObject().(client.Object))
	}})
}

// appends adds an entry to a journal.
func (s *story) appends(at time.Duration, incident string, e v1alpha1.JournalEntry) {
	s.acts = append(s.acts, act{at, "append " + string(e.ID), func(w *world) {
		e.RecordedAt = &metav1.Time{Time: w.clock.Now().UTC().Truncate(time.Second)}
		patch, err := json.Marshal([]map[string]any{{"op": "add", "path": "/spec/journal/-", "value": e}})
		if err != nil {
			w.Fatal(err)
		}
		w.patch(&v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Name: incident}}, types.JSONPatchType, patch)
	}})
}

// records adds a fact to a Compensation: a choice, a decision, a delivery or a
// withdrawal, as a JSON patch of one operation.
func (s *story) records(at time.Duration, compensation string, patch []byte) {
	s.acts = append(s.acts, act{at, "record on " + compensation, func(w *world) {
		var operations []map[string]any
		if err := json.Unmarshal(patch, &operations); err != nil {
			w.Fatal(err)
		}
		if value, ok := operations[0]["value"].(map[string]any); ok {
			value["recordedAt"] = w.clock.Now().UTC().Format(time.RFC3339)
		}
		dated, err := json.Marshal(operations)
		if err != nil {
			w.Fatal(err)
		}
		w.patch(&v1alpha1.Compensation{ObjectMeta: metav1.ObjectMeta{Name: compensation}}, types.JSONPatchType, dated)
	}})
}

// documents are the parts of a YAML file.
func documents(file string) [][]byte { return bytes.Split([]byte(file), []byte("\n---")) }

// object reads an object of this project, or nil of anything else.
func object(t testing.TB, file string, doc []byte) client.Object {
	t.Helper()
	var kind metav1.TypeMeta
	if err := yaml.Unmarshal(doc, &kind); err != nil {
		t.Fatal(file, err)
	}
	scheme := plane.NewScheme()
	if kind.APIVersion != v1alpha1.GroupVersion.String() {
		return nil
	}
	o, err := scheme.New(kind.GroupVersionKind())
	if err == nil {
		err = yaml.UnmarshalStrict(doc, o)
	}
	if err != nil {
		t.Fatal(file, err)
	}
	return o.(client.Object)
}

func entry(t testing.TB, file string) v1alpha1.JournalEntry {
	t.Helper()
	var operations []struct {
		Value v1alpha1.JournalEntry `json:"value"`
	}
	if err := json.Unmarshal(readFile(t, file), &operations); err != nil || len(operations) != 1 {
		t.Fatalf("%s: %d operations, %v", file, len(operations), err)
	}
	return operations[0].Value
}

func readFile(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file) //nolint:gosec // a file of this module
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func duration(t testing.TB, text string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// play is a story under way.
type play struct {
	*world

	story *story
	// turnedBack says that the clock was set back by much.
	turnedBack bool
	// acting operators, each with a memory of its own. One that died is started anew at
	// once, unless heir says otherwise.
	acting []*operator
	// make starts an operator, at the begin and after a crash.
	make func(name string) *operator
	// before each act, if set, and after it has been done but before anybody looks.
	before, after func(n int)
	// rests, if set, tells whether nobody looks after the n-th act.
	rests func(n int) bool
	// deaf operators are not woken by deadlines.
	deaf bool
	// at is the last act that has happened, -1 before the first; done, if set, tells that it has happened already.
	at   int
	done func(n int) bool
	// baton, if set, deals out turns among operators that act at once.
	baton *rand.Rand
	// end, if set, is called when the story is over, before everybody looks once more.
	end func()
	// starts counts processes.
	starts int
}

// begin opens a world for a story with one operator.
func begin(t testing.TB, s *story, h hand) *play {
	t.Helper()
	p := &play{world: newWorld(t, s.opens), story: s, at: -1}
	p.make = func(name string) *operator { return p.start(name, h) }
	p.acting = []*operator{p.again()}
	return p
}

// spoil puts a bug into every operator of a play, before it begins.
func (p *play) spoil(bug func(*operator)) *play {
	sound := p.make
	p.make = func(name string) *operator {
		o := sound(name)
		bug(o)
		return o
	}
	p.acting = []*operator{p.again()}
	return p
}

// again is a new process.
func (p *play) again() *operator {
	p.starts++
	return p.make(fmt.Sprintf("operator-%d", p.starts))
}

// run plays the story to its end.
func (p *play) run() *play {
	p.Helper()
	for n := range p.story.acts {
		if p.done != nil && p.done(n) {
			continue
		}
		a := &p.story.acts[n]
		p.pass(p.story.opens.Add(a.at))
		if p.before != nil {
			p.before(n)
		}
		if p.done != nil && p.done(n) {
			continue // While time passed.
		}
		p.at = n
		p.note("-- %s", a.what)
		a.do(p.world)
		if p.after != nil {
			p.after(n)
		}
		if p.rests == nil || !p.rests(n) {
			p.settle()
		}
	}
	p.pass(p.story.opens.Add(p.story.until))
	if p.end != nil {
		p.end()
	}
	p.settle()
	return p
}

// pass lets time pass to an instant, and wakes the operators when they ask for it.
func (p *play) pass(until time.Time) {
	p.Helper()
	blind := 0
	for range 20_000 {
		next := p.nextWake()
		if p.blind() {
			// It would try again and again; three times show what comes of it.
			blind++
		}
		if next.IsZero() || next.After(until) || blind > 3 {
			if until.After(p.clock.Now()) {
				p.clock.SetTime(until)
			}
			return
		}
		if next.After(p.clock.Now()) {
			p.clock.SetTime(next)
		} else {
			p.clock.Step(time.Second) // What is late is tried again.
		}
		p.settle()
	}
	p.Fatal("an operator is woken for ever")
}

// blind says whether no operator sees what happens.
func (p *play) blind() bool {
	return !slices.ContainsFunc(p.acting, func(o *operator) bool { return !o.view.stale() })
}

func (p *play) nextWake() time.Time {
	var next time.Time
	if p.deaf {
		return next
	}
	for _, o := range p.acting {
		if at := o.wake(); !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// settle lets every operator come to rest, again and again until nobody writes.
func (p *play) settle() {
	p.Helper()
	for range maxRounds {
		before := p.revision()
		if p.baton != nil {
			p.together()
		}
		for i, o := range p.acting {
			if p.baton == nil {
				o.settle()
			}
			if o.dead {
				p.acting[i] = p.again()
				before = -1
			}
		}
		if p.revision() == before || len(p.acting) == 1 && before >= 0 {
			return
		}
	}
	p.wound("the operators do not come to rest")
}
