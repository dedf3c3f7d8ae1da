package simulate

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/amends-dev/amends/internal/manifest"
)

// Verb says what an act does.
type Verb string

const (
	// Create creates an object, without the facts in it: those come in their own time.
	Create Verb = "Created"
	// Edit puts another spec in the place of the object's own.
	Edit Verb = "Edited"
	// Patch applies a JSON patch: it adds a fact, as a rule.
	Patch Verb = "Patched"
	// Delete deletes an object.
	Delete Verb = "Deleted"
)

// Act is one thing that somebody does at an instant.
type Act struct {
	At                    time.Time
	Verb                  Verb
	Kind, Namespace, Name string
	// Object is what is created, or put in the place of what was.
	Object map[string]any
	// Operations are those of a patch. A fact in it carries its time.
	Operations []manifest.Operation
	// From is where it stands in the files.
	From manifest.Position
}

// Options say how to play.
type Options struct {
	// Start is when the simulation begins, unless the files say it.
	Start time.Time
	// Every is the time between facts that have none; zero is 30 s.
	Every time.Duration
	// Until ends the simulation; zero is 400 days after the last act.
	Until time.Time
	// Down are the times in which the operator is away.
	Down []Away
}

// Away is a time in which the operator is away.
type Away struct{ From, Until time.Time }

// every is the time between facts that have none.
const every = 30 * time.Second

// Script lays out in time what is done. What the timetable says goes before what the
// options say.
func Script(docs []*manifest.Document, o Options) ([]Act, Options, error) {
	table, docs, err := timetable(docs)
	if err != nil {
		return nil, o, err
	}
	if o, err = o.with(&table, docs); err != nil {
		return nil, o, err
	}
	s := &script{options: o, table: table, cursor: o.Start, known: map[string]bool{}, places: placesOf(docs), used: make([]bool, len(table.Acts))}
	for _, d := range docs {
		if err := s.document(d); err != nil {
			return nil, o, err
		}
	}
	if i := slices.Index(s.used, false); i >= 0 {
		return nil, o, fmt.Errorf("the timetable tells when %q comes, and there is no such file", table.Acts[i].File)
	}
	slices.SortStableFunc(s.acts, func(a, b Act) int { return a.At.Compare(b.At) })
	return s.acts, o, o.ends(s.acts)
}

// with takes over what a timetable says, and what is left to be found out.
func (o Options) with(t *Timetable, docs []*manifest.Document) (Options, error) {
	if t.Start != nil {
		o.Start = *t.Start
	} else if first := earliest(docs); !first.IsZero() {
		o.Start = first
	}
	o.Start = whole(o.Start)
	if t.Every != "" {
		d, err := time.ParseDuration(t.Every)
		if err != nil || d < time.Second || d%time.Second != 0 {
			return o, fmt.Errorf("every: %q is no time between facts; write a duration in whole seconds, at least 1s", t.Every)
		}
		o.Every = d
	}
	o.Every = cmp.Or(o.Every, every)
	until, err := t.Until.from(o.Start)
	if err != nil {
		return o, fmt.Errorf("until: %w", err)
	}
	if !until.IsZero() {
		o.Until = until
	}
	for i, span := range t.Down {
		away, err := span.away(o.Start)
		if err != nil {
			return o, fmt.Errorf("down[%d]: %w", i, err)
		}
		o.Down = append(o.Down, away)
	}
	return o, nil
}

// away is a span in which the operator is away.
func (s *Span) away(start time.Time) (Away, error) {
	from, errFrom := s.From.from(start)
	until, errUntil := s.Until.from(start)
	switch {
	case cmp.Or(errFrom, errUntil) != nil:
		return Away{}, cmp.Or(errFrom, errUntil)
	case until.IsZero():
		return Away{}, errors.New("until is missing: say when the operator is back")
	case !from.Before(until):
		return Away{}, fmt.Errorf("from %s is not before until %s: the operator goes first, and is back later", s.From, s.Until)
	}
	return Away{from, until}, nil
}

// ends refuses an end that comes before there is any object to play with.
func (o *Options) ends(acts []Act) error {
	first := slices.IndexFunc(acts, func(a Act) bool { return a.Verb == Create })
	if o.Until.IsZero() || first < 0 || !o.Until.Before(acts[first].At) {
		return nil
	}
	return fmt.Errorf("until %s: there is nothing by then, the first object comes at %s; write a later until, or an earlier start",
		o.Until.UTC().Format(time.RFC3339), acts[first].At.Format(time.RFC3339))
}

// earliest is the earliest creation that the objects give for themselves. What is not played,
// such as a Role that kubectl get wrote out with the others, has no part in it.
func earliest(docs []*manifest.Document) time.Time {
	var first time.Time
	for _, d := range docs {
		if at := timeAt(d.Object, "metadata", "creationTimestamp"); d.Known() && !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// timeAt is an instant of an object, or zero.
func timeAt(object map[string]any, path ...string) time.Time {
	for _, p := range path[:len(path)-1] {
		object, _ = object[p].(map[string]any)
	}
	text, _ := object[path[len(path)-1]].(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return whole(at)
}

// script is the layout under way.
type script struct {
	options Options
	table   Timetable
	// cursor is the time of the last fact that had none of its own.
	cursor time.Time
	known  map[string]bool
	places *places
	used   []bool
	acts   []Act
}

func (s *script) next() time.Time {
	s.cursor = s.cursor.Add(s.options.Every)
	return s.cursor
}

func (s *script) document(d *manifest.Document) error {
	switch {
	case d.Patch != nil:
		return s.patch(d)
	case !d.Known():
		return nil // Roles and the like say who may; nobody is asked here.
	}
	at, err := s.when(d)
	if err != nil {
		return err
	}
	id := d.Kind + "/" + d.Namespace + "/" + d.Name
	act := Act{At: at, Verb: Create, Kind: d.Kind, Namespace: d.Namespace, Name: d.Name, From: d.At("kind")}
	if s.known[id] {
		if d.Name == "" {
			return fmt.Errorf("%s: several %ss have no name; give each a metadata.name, by which they are told apart", d.At("metadata"), d.Kind)
		}
		if !dated(d) {
			return fmt.Errorf("%s: %s %s is there twice; give the later one the annotation %s with the moment at which it is applied", d.At("metadata.name"), d.Kind, d.Name, atAnnotation)
		}
		act.Verb = Edit
	}
	s.known[id] = true
	object := runtime.DeepCopyJSON(d.Object)
	delete(object, "status")
	facts := takeFacts(d.Kind, object)
	act.Object = object
	if act.Verb == Edit && timeAt(d.Object, "metadata", "deletionTimestamp").Equal(at) {
		act.Verb = Delete
		s.acts = append(s.acts, act)
		s.known[id] = false
		return nil
	}
	s.acts = append(s.acts, act)
	s.facts(&act, facts)
	return nil
}

// dated says whether an object says itself when it is applied.
func dated(d *manifest.Document) bool {
	return annotation(d) != "" || !timeAt(d.Object, "metadata", "creationTimestamp").IsZero() || !timeAt(d.Object, "metadata", "deletionTimestamp").IsZero()
}

func annotation(d *manifest.Document) Moment {
	meta, _ := d.Object["metadata"].(map[string]any)
	all, _ := meta["annotations"].(map[string]any)
	text, _ := all[atAnnotation].(string)
	return Moment(text)
}

// when is the moment at which an object is applied: as the timetable says, or its
// annotation, or its own creation; else at the start, a Compensation in its turn.
func (s *script) when(d *manifest.Document) (time.Time, error) {
	if rows := s.rows(d); len(rows) > 0 {
		return rows[0].At.from(s.options.Start)
	}
	if m := annotation(d); m != "" {
		at, err := m.from(s.options.Start)
		if err != nil {
			return at, fmt.Errorf("%s: %w", d.At("metadata.annotations"), err)
		}
		return at, nil
	}
	for _, field := range []string{"deletionTimestamp", "creationTimestamp"} {
		if at := timeAt(d.Object, "metadata", field); !at.IsZero() {
			return at, nil
		}
	}
	if d.Kind == "Compensation" {
		return s.next(), nil
	}
	return s.options.Start, nil
}

// rows are the rows of the timetable for a document's file.
func (s *script) rows(d *manifest.Document) []Row {
	var out []Row
	name := "/" + strings.TrimPrefix(filepath.ToSlash(d.File), "/")
	for i, row := range s.table.Acts {
		if strings.HasSuffix(name, "/"+strings.TrimPrefix(row.File, "/")) {
			s.used[i] = true
			out = append(out, row)
		}
	}
	return out
}

// fact is a fact that stands in an object.
type fact struct {
	operation manifest.Operation
	at        time.Time
}

// takeFacts takes the facts out of an object: they come in their own time.
func takeFacts(kind string, object map[string]any) []fact {
	spec, _ := object["spec"].(map[string]any)
	var out []fact
	switch kind {
	case "Incident":
		list, _ := spec["journal"].([]any)
		delete(spec, "journal")
		for _, value := range list {
			out = append(out, factOf(journalPath, value))
		}
	case "Compensation":
		for _, name := range []string{"decision", "choice", "delivery", "withdrawal"} {
			if value, ok := spec[name]; ok {
				delete(spec, name)
				out = append(out, factOf("/spec/"+name, value))
			}
		}
	}
	return out
}

// journalPath is where a patch appends an entry.
const journalPath = "/spec/journal/-"

// factOf is a fact with the time that it gives for itself: recordedAt, else at.
func factOf(path string, value any) fact {
	f := fact{operation: manifest.Operation{Op: "add", Path: path, Value: value}}
	object, _ := value.(map[string]any)
	if f.at = timeAt(object, "recordedAt"); f.at.IsZero() {
		f.at = timeAt(object, "at")
	}
	return f
}

// facts lays out the facts of an object, each after the one before it where it has no
// time.
func (s *script) facts(of *Act, facts []fact) {
	last := of.At
	for _, f := range facts {
		if f.at.IsZero() {
			f.at = last.Add(s.options.Every)
		}
		last = f.at
		s.add(of.Kind, of.Namespace, of.Name, []manifest.Operation{f.operation}, f.at, of.From)
	}
}

// add adds a patch, whose facts carry its time from then on.
func (s *script) add(kind, namespace, name string, operations []manifest.Operation, at time.Time, from manifest.Position) {
	stamped := make([]manifest.Operation, len(operations))
	for i, o := range operations {
		stamped[i] = o
		value, ok := o.Value.(map[string]any)
		if !ok || !isFact(o.Path) || o.Op == "test" {
			continue
		}
		value = runtime.DeepCopyJSON(value)
		if value["recordedAt"] == nil { // One that is no time is refused, as the API server would.
			value["recordedAt"] = at.Format(time.RFC3339)
		}
		stamped[i].Value = value
	}
	s.acts = append(s.acts, Act{At: at, Verb: Patch, Kind: kind, Namespace: namespace, Name: name, Operations: stamped, From: from})
}

// isFact says whether a path is that of a fact, which carries a recordedAt.
func isFact(path string) bool {
	switch path {
	case journalPath, "/spec/choice", "/spec/decision", "/spec/delivery", "/spec/withdrawal":
		return true
	}
	return false
}

// patchedAt is the time that the first operation of a patch gives that gives one, or zero.
func patchedAt(patch []manifest.Operation) time.Time {
	for _, o := range patch {
		if at := factOf(o.Path, o.Value).at; !at.IsZero() {
			return at
		}
	}
	return time.Time{}
}

// patch lays out a JSON patch, at each moment and on each object that it is for.
func (s *script) patch(d *manifest.Document) error {
	rows := s.rows(d)
	if len(rows) == 0 {
		rows = []Row{{}}
	}
	for _, row := range rows {
		at, err := row.At.from(s.options.Start)
		if err != nil {
			return fmt.Errorf("%s: %w", row.File, err)
		}
		if at.IsZero() {
			at = patchedAt(d.Patch)
		}
		if at.IsZero() {
			at = s.next()
		}
		targets, err := s.places.targets(d, row.To)
		if err != nil {
			return err
		}
		for _, to := range targets {
			s.add(to.Kind, to.Namespace, to.Name, d.Patch, at, d.At("[0]"))
		}
	}
	return nil
}
