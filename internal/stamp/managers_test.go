package stamp

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/amends-dev/amends/api/v1alpha1"
)

func raw(fields string) metav1.ManagedFieldsEntry {
	m := manager("kubectl", timeAt(after(10)))
	m.FieldsV1 = metav1.NewFieldsV1(fields)
	return m
}

func TestWhichManagerTellsTheTime(t *testing.T) {
	apply := manager("gitops", timeAt(after(15)), "sorry")
	apply.Operation = metav1.ManagedFieldsOperationApply
	foreign := manager("tool", timeAt(after(5)), "sorry")
	foreign.Subresource = "status"
	scale := manager("tool", timeAt(after(5)), "sorry")
	scale.Subresource = "scale"
	none := manager("tool", timeAt(after(5)))
	none.FieldsV1 = nil
	empty := manager("tool", timeAt(after(5)))
	empty.FieldsV1 = &metav1.FieldsV1{}

	owned := manager("kubectl", timeAt(after(20)), "sorry")
	spec := func(fields string) managed { return managed{raw(`{"f:spec":{` + fields + `}}`)} }
	part := func(fields string) managed { return spec(`"f:journal":` + fields) }
	later := manager("x", timeAt(after(30)), "sorry")

	cases := map[string]struct {
		managers managed
		want     int // seconds after the creation; 0 when nobody tells
	}{
		"one owner":                             {managed{owned}, 20},
		"several owners: the earliest":          {managed{owned, apply, later}, 15},
		"several owners, the earliest first":    {managed{apply, owned}, 15},
		"an apply without a time is passed":     {managed{manager("x", nil, "sorry"), owned}, 20},
		"only an apply without a time":          {managed{manager("x", nil, "sorry")}, 0},
		"a zero time is none":                   {managed{manager("x", &metav1.Time{}, "sorry"), owned}, 20},
		"managers of subresources do not count": {managed{foreign, scale, owned}, 20},
		"only managers of subresources":         {managed{foreign, scale}, 0},
		"managers without fields":               {managed{none, empty, owned}, 20},
		"a client ended the tracking":           {managed{{}}, 0},

		"the entry as a leaf":             {part(`{"k:{\"id\":\"sorry\"}":{}}`), 10},
		"the entry alone":                 {part(`{"k:{\"id\":\"sorry\"}":{".":{}}}`), 10},
		"a redacted text of the entry":    {part(`{"k:{\"id\":\"sorry\"}":{"f:note":{}}}`), 10},
		"another way to escape the key":   {part(`{"k:{\u0022id\u0022:\u0022sorry\u0022}":{}}`), 10},
		"white space between the names":   {part("{ \"k:{\\\"id\\\":\\\"sorry\\\"}\" : {\n} }"), 10},
		"an empty journal":                {part(`{}`), 0},
		"a journal that is null":          {part(`null`), 0},
		"another name":                    {part(`{"k:{\"name\":\"sorry\"}":{}}`), 0},
		"a key with more names":           {part(`{"k:{\"id\":\"sorry\",\"x\":1}":{}}`), 0},
		"a value of a set":                {part(`{"v:\"sorry\"":{},"i:0":{},".":{},"f:sorry":{}}`), 0},
		"the entry below another list":    {spec(`"f:other":{"k:{\"id\":\"sorry\"}":{}}`), 0},
		"the entry below status":          {managed{raw(`{"f:status":{"f:journal":{"k:{\"id\":\"sorry\"}":{}}}}`)}, 0},
		"the entry one level too deep":    {spec(`"f:x":{"f:journal":{"k:{\"id\":\"sorry\"}":{}}}`), 0},
		"names that differ in case":       {managed{raw(`{"F:Spec":{"F:Journal":{"k:{\"id\":\"sorry\"}":{}}}}`)}, 0},
		"the entry deep inside the entry": {part(`{"k:{\"id\":\"x\"}":{"k:{\"id\":\"sorry\"}":{}}}`), 0},
		"of a name given twice the last":  {spec(`"f:journal":{"k:{\"id\":\"sorry\"}":{}},"f:journal":{".":{}}`), 0},
	}
	for _, bad := range []string{
		"", " ", "{", "null", "[]", "7", `"f:spec"`, "{}{}", `{"f:spec"}`, `{"f:spec":[]}`, `{"f:spec":7}`,
		`{"f:spec":{"f:journal":[]}}`,
		`{"f:spec":{"f:journal":"k:{\"id\":\"sorry\"}"}}`, `{"f:spec":{"f:journal":{"k:{\"id\":\"sorry\"}":7}}}`,
		`{"f:spec":{"f:journal":{"k:{\"id\":\"sorry\"}":{}}}`, `{"f:spec":{"f:journal":{"k:{\"id\":\"sorry\"}":{}}}}x`,
		"{\"f:spec\":{\"f:journal\":{\"k:{\\\"id\\\":\\\"sorry\xff\\\"}\":{}}}}", "\x00\x01\x02",
		`{"f:spec":{"f:journal":{"k:":{},"k:{":{},"":{}}}}`,
		strings.Repeat(`{"f:spec":`, 200_000), strings.Repeat(`{"f:spec":`, 20_000) + `{}` + strings.Repeat(`}`, 20_000),
		`{"f:spec":{"f:journal":{"k:{\"id\":\"sorry\"}":` + strings.Repeat(`{"f:x":`, 20_000) + `{}` +
			strings.Repeat(`}`, 20_003),
	} {
		name := fmt.Sprintf("fields that cannot be read: %.60q", bad)
		cases[name] = struct {
			managers managed
			want     int
		}{managed{raw(bad)}, 0}
		cases[name+", beside ones that can"] = struct {
			managers managed
			want     int
		}{managed{raw(bad), owned}, 20}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			inc := incident(bare("sorry"))
			inc.ManagedFields = c.managers
			facts, recorded := Facts(inc, after(100))
			want, source := after(100), v1alpha1.SourceObserved
			if c.want > 0 {
				want, source = after(c.want), v1alpha1.SourceManagedFields
			}
			if got := facts[0]; !got.At.Equal(want) || got.Source() != source {
				t.Errorf("At = %v from %s, want %v from %s", got.At, got.Source(), want, source)
			}
			if len(recorded) != 1 || recorded[0].Source != source {
				t.Errorf("recorded = %v, want one element from %s", recorded, source)
			}
		})
	}
}

// The API server keeps the times of a few update managers and joins the older ones into one, with
// the time of the latest of them. The entries of those then have a later time than their own, and
// never an earlier one.
func TestOnlyTheLastManagersHaveTheirOwnTimes(t *testing.T) {
	var journal entries
	for i := range 13 {
		journal = append(journal, bare(v1alpha1.Name(fmt.Sprintf("e%02d", i))))
	}
	inc := incident(journal...)
	inc.ManagedFields = managed{
		manager("ancient-changes", timeAt(after(5)), "e00", "e01", "e02", "e03", "e04"), statusManager(after(1)),
	}
	for i := 5; i < 13; i++ {
		m := manager(fmt.Sprintf("person-%02d", i), timeAt(after(i+1)), journal[i].ID)
		inc.ManagedFields = append(inc.ManagedFields, m)
	}

	facts, _ := Facts(inc, after(60))

	for _, f := range facts {
		want := after(max(f.Place+1, 5))
		if !f.At.Equal(want) || f.Source() != v1alpha1.SourceManagedFields {
			t.Errorf("%s is at %v from %s, want %v from ManagedFields", f.Entry.ID, f.At, f.Source(), want)
		}
	}
}

func TestManagersOfManyEntries(t *testing.T) {
	inc := incident(bare("a"), stamped("b", after(3)), bare("c"), bare("d"))
	inc.ManagedFields = managed{
		manager("alice", timeAt(after(40)), "a", "b", "c"),
		manager("bob", timeAt(after(20)), "c"),
		manager("carol", timeAt(after(30)), "a", "c"),
	}

	facts, recorded := Facts(inc, after(100))

	got := map[v1alpha1.Name]string{}
	for _, f := range facts {
		got[f.Entry.ID] = fmt.Sprint(f.At.Sub(created), " ", f.Source())
	}
	noDiff(t, "facts", map[v1alpha1.Name]string{
		"a": "30s ManagedFields", "b": "3s Entry", "c": "20s ManagedFields", "d": "1m40s Observed",
	}, got)
	if len(recorded) != 3 {
		t.Errorf("recorded has %d elements, want 3: the entry with a time of its own gets none", len(recorded))
	}
}

// ids are what the API server accepts as the id of an entry.
var ids = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// FuzzJournalKeys holds the reader against the one of the API server: of whatever that one can
// read, and writes back in its own form, both find the same entries. What nobody can read must not
// stop anything.
func FuzzJournalKeys(f *testing.F) {
	for _, seed := range []string{
		"", "{", "null", "{}", "[]", `{"f:spec":{}}`, `{"f:spec":{"f:journal":{}}}`,
		fieldsOf(), fieldsOf("a"), fieldsOf("a", "said-sorry", "b-2"),
		`{"f:spec":{"f:journal":{"k:{\"id\":\"sorry\"}":{}}}}`,
		`{"f:spec":{"f:journal":{"k:{\"id\":\"sorry\"}":{".":{},"f:note":{}}}}}`,
		`{"f:spec":{"f:journal":{"k:{ \"id\" : \"sorry\" }":{"f:note":{}},"k:{\"id\":7}":{},"v:1":{},"i:0":{}}}}`,
		`{"f:status":{"f:journal":{"k:{\"id\":\"sorry\"}":{}}},"F:SPEC":{},"f:spec":{"f:journal":{"f:x":{}}}}`,
		`{"f:spec":{"f:journal":{"k:{\"id\":\"a\"}":{}},"f:journal":{"k:{\"id\":\"b\"}":{}}}}`,
		`{"f:spec":{"f:journal":{"k:{\"id\":\"a\",\"x\":1}":{},"k:{\"x\":\"a\"}":{".":{}}}}}`,
		`{"f:spec":null}`, `{"f:spec":[1]}`, `{"f:spec":{"f:journal":"x"}}`, "\xff\x00", strings.Repeat("{\"f:spec\":", 300),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		journalKeys(metav1.NewFieldsV1(text))

		var set fieldpath.Set
		if err := set.FromJSON(strings.NewReader(text)); err != nil {
			return
		}
		canonical, err := set.ToJSON()
		if err != nil {
			return
		}
		keys := journalKeys(metav1.NewFieldsV1(string(canonical)))
		want := journalIDs(&set)
		for id := range want {
			if _, found := keys[entryKey(id)]; !found {
				t.Errorf("the entry %q is not found in %s", id, canonical)
			}
		}
		found := 0
		for key := range keys {
			if id, ok := strings.CutPrefix(key, `k:{"id":"`); ok && ids.MatchString(strings.TrimSuffix(id, `"}`)) {
				found++
			}
		}
		if found != len(want) {
			t.Errorf("%d entries are found in %s, want %v", found, canonical, slices.Collect(maps.Keys(want)))
		}
	})
}

// journalIDs are the ids of the entries of which the set has a part.
func journalIDs(set *fieldpath.Set) map[v1alpha1.Name]struct{} {
	found := map[v1alpha1.Name]struct{}{}
	set.Iterate(func(path fieldpath.Path) {
		if len(path) < 3 || !isField(path[0], "spec") || !isField(path[1], "journal") || path[2].Key == nil {
			return
		}
		key := *path[2].Key
		if len(key) != 1 || key[0].Name != "id" || !key[0].Value.IsString() || !ids.MatchString(key[0].Value.AsString()) {
			return
		}
		found[v1alpha1.Name(key[0].Value.AsString())] = struct{}{}
	})
	return found
}

func isField(element fieldpath.PathElement, name string) bool {
	return element.FieldName != nil && *element.FieldName == name
}
