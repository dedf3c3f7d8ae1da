package stamp

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

func TestTheTimeOfOneFact(t *testing.T) {
	now := after(600).Add(123456789 * time.Nanosecond)
	const seen = "2026-10-02T08:30:00Z"
	const observed = "2026-10-02T08:30:00.123456Z"
	const birth = "2026-10-02T08:20:00Z"
	shanghai := time.FixedZone("CST", 8*60*60)

	entryOnly := func(at string) told { return told{ID: "sorry", At: at, Source: v1alpha1.SourceEntry} }
	settled := func(at string, source v1alpha1.RecordedSource) told {
		return told{ID: "sorry", At: at, Source: source, ObservedAt: observed, FirstSeen: true}
	}
	latch := v1alpha1.Recorded{
		Key: "journal/sorry", At: metav1.Time{Time: after(60)}, Source: v1alpha1.SourceManagedFields,
		ObservedAt: microAt(after(61)),
	}
	latched := told{
		ID: "sorry", At: "2026-10-02T08:21:00Z", Source: v1alpha1.SourceManagedFields, ObservedAt: "2026-10-02T08:21:01Z",
	}

	cases := map[string]struct {
		entry    v1alpha1.JournalEntry
		recorded records
		managers managed
		now      time.Time // without it, the now above
		want     told
	}{
		"rule 1: what is recorded holds against the entry's own time": {
			entry: stamped("sorry", after(30)), recorded: records{latch}, want: latched,
		},
		"rule 1: what is recorded holds against an earlier manager": {
			entry: bare("sorry"), recorded: records{latch},
			managers: managed{manager("kubectl", timeAt(after(30)), "sorry")}, want: latched,
		},
		"rule 1: what is recorded holds before the creation and after now": {
			entry: bare("sorry"), now: after(-100),
			recorded: records{{
				Key: "journal/sorry", At: metav1.Time{Time: after(-50)}, Source: v1alpha1.SourceObserved,
			}},
			want: told{ID: "sorry", At: "2026-10-02T08:19:10Z", Source: v1alpha1.SourceObserved},
		},
		"rule 1: a refusal is told": {
			entry: stamped("sorry", after(30)),
			recorded: records{{
				Key: "journal/sorry", At: metav1.Time{Time: after(30)}, Source: v1alpha1.SourceEntry,
			}},
			want: told{ID: "sorry", At: "2026-10-02T08:20:30Z", Source: v1alpha1.SourceEntry},
		},
		"rule 1: of a repeated key the first holds": {
			entry: bare("sorry"),
			recorded: records{latch, {
				Key: "journal/sorry", At: metav1.Time{Time: after(90)}, Source: v1alpha1.SourceObserved,
			}},
			want: latched,
		},
		"rule 1: the key of a Compensation is no key of an entry": {
			entry: stamped("sorry", after(30)),
			recorded: records{{
				Key: "compensation/sorry", At: metav1.Time{Time: after(90)}, Source: v1alpha1.SourceObserved,
			}},
			want: entryOnly("2026-10-02T08:20:30Z"),
		},

		"rule 2: the entry's own time": {
			entry: stamped("sorry", after(30)), want: entryOnly("2026-10-02T08:20:30Z"),
		},
		"rule 2: an own time in another zone and with a fraction": {
			entry: stamped("sorry", after(30).Add(999*time.Millisecond).In(shanghai)), want: entryOnly("2026-10-02T08:20:30Z"),
		},
		"rule 2: an own time holds against an earlier manager": {
			entry:    stamped("sorry", after(30)),
			managers: managed{manager("kubectl", timeAt(after(10)), "sorry")},
			want:     entryOnly("2026-10-02T08:20:30Z"),
		},
		"rule 2: an own time at the creation": {
			entry: stamped("sorry", created), want: entryOnly(birth),
		},
		"rule 2: an own time before the creation counts from the creation": {
			entry: stamped("sorry", after(-1)), want: entryOnly(birth),
		},
		"rule 2: an own time a thousand years before the creation": {
			entry: stamped("sorry", created.AddDate(-1000, 0, 0)), want: entryOnly(birth),
		},
		"rule 2: exactly five seconds after now is believed, and stays after now": {
			entry: stamped("sorry", after(605)), now: after(600), want: entryOnly("2026-10-02T08:30:05Z"),
		},
		"rule 2: a fraction over five seconds after now is believed, as it is truncated first": {
			entry: stamped("sorry", after(605).Add(900*time.Millisecond)), now: after(600),
			want: entryOnly("2026-10-02T08:30:05Z"),
		},
		"rule 2: now has its fraction when it is compared": {
			entry: stamped("sorry", after(605)), now: after(600).Add(-time.Nanosecond),
			want: told{
				ID: "sorry", At: "2026-10-02T08:29:59Z", Source: v1alpha1.SourceObserved,
				ObservedAt: "2026-10-02T08:29:59.999999Z", FirstSeen: true,
			},
		},
		"rule 2: six seconds after now is not believed": {
			entry: stamped("sorry", after(606)), want: settled(seen, v1alpha1.SourceObserved),
		},
		"rule 2: six seconds after now is not believed, and a manager helps": {
			entry:    stamped("sorry", after(606)),
			managers: managed{manager("kubectl", timeAt(after(10)), "sorry")},
			want:     settled("2026-10-02T08:20:10Z", v1alpha1.SourceManagedFields),
		},
		"rule 2: the end of the calendar is not believed": {
			entry: stamped("sorry", time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)),
			want:  settled(seen, v1alpha1.SourceObserved),
		},
		"rule 2: a time that no clock can show is not believed": {
			entry: stamped("sorry", time.Unix(math.MaxInt64-62135596801, 0)), want: settled(seen, v1alpha1.SourceObserved),
		},
		"rule 2: the zero time is no time": {
			entry: stamped("sorry", time.Time{}), want: settled(seen, v1alpha1.SourceObserved),
		},

		"rule 3: the manager that owns the entry": {
			entry:    bare("sorry"),
			managers: managed{manager("kubectl", timeAt(after(10)), "sorry")},
			want:     settled("2026-10-02T08:20:10Z", v1alpha1.SourceManagedFields),
		},
		"rule 3: a manager's time in another zone and with a fraction": {
			entry: bare("sorry"),
			managers: managed{
				manager("kubectl", timeAt(after(10).Add(time.Millisecond).In(shanghai)), "sorry"),
			},
			want: settled("2026-10-02T08:20:10Z", v1alpha1.SourceManagedFields),
		},
		"rule 3: before the creation counts from the creation": {
			entry:    bare("sorry"),
			managers: managed{manager("kubectl", timeAt(after(-10)), "sorry")},
			want:     settled(birth, v1alpha1.SourceManagedFields),
		},
		"rule 3: after now counts from now": {
			entry:    bare("sorry"),
			managers: managed{manager("kubectl", timeAt(after(601)), "sorry")},
			want:     settled(seen, v1alpha1.SourceManagedFields),
		},
		"rule 3: when now is before the creation, the creation holds": {
			entry: bare("sorry"), now: after(-3),
			managers: managed{manager("kubectl", timeAt(after(10)), "sorry")},
			want: told{
				ID: "sorry", At: birth, Source: v1alpha1.SourceManagedFields, ObservedAt: "2026-10-02T08:19:57Z", FirstSeen: true,
			},
		},

		"rule 4: nobody knows": {
			entry: bare("sorry"), want: settled(seen, v1alpha1.SourceObserved),
		},
		"rule 4: the managers own other entries": {
			entry:    bare("sorry"),
			managers: managed{manager("kubectl", timeAt(after(10)), "sorry-2", "sorr")},
			want:     settled(seen, v1alpha1.SourceObserved),
		},
		"rule 4: when now is before the creation, the creation holds": {
			entry: bare("sorry"), now: after(-3),
			want: told{
				ID: "sorry", At: birth, Source: v1alpha1.SourceObserved, ObservedAt: "2026-10-02T08:19:57Z", FirstSeen: true,
			},
		},
		"rule 4: now in another zone": {
			entry: bare("sorry"), now: now.In(shanghai), want: settled(seen, v1alpha1.SourceObserved),
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			inc := incident(c.entry)
			inc.Status.Recorded = c.recorded
			inc.ManagedFields = c.managers
			before := inc.DeepCopy()
			at := now
			if !c.now.IsZero() {
				at = c.now
			}

			facts, recorded := Facts(inc, at)

			noDiff(t, "facts", []told{c.want}, tell(t, inc, facts))
			want := slices.Clone(c.recorded)
			if c.want.FirstSeen {
				want = append(want, v1alpha1.Recorded{
					Key: "journal/sorry", At: metav1.Time{Time: facts[0].At}, Source: c.want.Source, ObservedAt: facts[0].Recorded.ObservedAt,
				})
			}
			noDiff(t, "recorded", want, recorded)
			noDiff(t, "the incident was changed", before, inc)
		})
	}
}

func TestRecordedIsKeptAndAppendedTo(t *testing.T) {
	old := records{
		{Key: "compensation/77/granted", At: metav1.Time{Time: after(50)}, Source: v1alpha1.SourceObserved},
		{Key: "journal/gone", At: metav1.Time{Time: after(40)}, Source: v1alpha1.SourceObserved},
		{Key: "journal/c", At: metav1.Time{Time: after(30)}, Source: v1alpha1.SourceObserved, ObservedAt: microAt(after(30))},
	}
	inc := incident(bare("d"), stamped("b", after(20)), bare("c"), bare("a"))
	inc.Status.Recorded = slices.Grow(slices.Clone(old), 8)
	inc.ManagedFields = managed{manager("kubectl", timeAt(after(70)), "a", "b", "c")}

	_, recorded := Facts(inc, after(100))

	noDiff(t, "recorded", append(slices.Clone(old),
		v1alpha1.Recorded{
			Key: "journal/d", At: metav1.Time{Time: after(100)}, Source: v1alpha1.SourceObserved,
			ObservedAt: microAt(after(100)),
		},
		v1alpha1.Recorded{
			Key: "journal/a", At: metav1.Time{Time: after(70)}, Source: v1alpha1.SourceManagedFields,
			ObservedAt: microAt(after(100)),
		},
	), recorded)
	if spare := inc.Status.Recorded[:4][3]; spare.Key != "" {
		t.Errorf("Facts wrote %q into the spare room of the list that it was given", spare.Key)
	}
	recorded[0].Key = "journal/changed"
	noDiff(t, "the list that was given changes with the one returned", old, inc.Status.Recorded)
}

func TestFactsAreInOrderOfTimeThenPlace(t *testing.T) {
	inc := incident(
		stamped("late", after(50)),
		bare("unknown"),
		stamped("second", after(20).Add(900*time.Millisecond)),
		stamped("third", after(20)),
		stamped("first", after(-5)),
		bare("recorded"),
	)
	inc.Status.Recorded = records{
		{Key: Key("recorded"), At: metav1.Time{Time: after(20)}, Source: v1alpha1.SourceObserved},
	}

	facts, _ := Facts(inc, after(30))

	noDiff(t, "facts", []told{
		{ID: "first", Place: 4, At: "2026-10-02T08:20:00Z", Source: v1alpha1.SourceEntry},
		{ID: "second", Place: 2, At: "2026-10-02T08:20:20Z", Source: v1alpha1.SourceEntry},
		{ID: "third", Place: 3, At: "2026-10-02T08:20:20Z", Source: v1alpha1.SourceEntry},
		{ID: "recorded", Place: 5, At: "2026-10-02T08:20:20Z", Source: v1alpha1.SourceObserved},
		{
			ID: "late", Place: 0, At: "2026-10-02T08:20:30Z", Source: v1alpha1.SourceObserved,
			ObservedAt: "2026-10-02T08:20:30Z", FirstSeen: true,
		},
		{
			ID: "unknown", Place: 1, At: "2026-10-02T08:20:30Z", Source: v1alpha1.SourceObserved,
			ObservedAt: "2026-10-02T08:20:30Z", FirstSeen: true,
		},
	}, tell(t, inc, facts))
}

func TestCompareIsByTimeThenPlace(t *testing.T) {
	cases := map[string]struct {
		a, b Fact
		want int
	}{
		"earlier first, whatever the place": {Fact{At: after(1), Place: 9}, Fact{At: after(2), Place: 0}, -1},
		"later last, whatever the place":    {Fact{At: after(2), Place: 0}, Fact{At: after(1), Place: 9}, 1},
		"in one second, by place":           {Fact{At: after(1), Place: 3}, Fact{At: after(1), Place: 4}, -1},
		"a fact and itself":                 {Fact{At: after(1), Place: 3}, Fact{At: after(1), Place: 3}, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := Compare(c.a, c.b); got != c.want {
				t.Errorf("Compare = %d, want %d", got, c.want)
			}
		})
	}
}

func TestARepeatedIDSharesOneElement(t *testing.T) {
	inc := incident(bare("twin"), bare("twin"), bare("other"))

	facts, recorded := Facts(inc, after(10))

	keys := make([]string, 0, len(recorded))
	for _, r := range recorded {
		keys = append(keys, r.Key)
	}
	noDiff(t, "keys", []string{"journal/twin", "journal/other"}, keys)
	if len(facts) != 3 || !facts[0].FirstSeen || !facts[1].FirstSeen {
		t.Errorf("facts = %v, want three, all seen first", tell(t, inc, facts))
	}
}

func TestNothingToTell(t *testing.T) {
	cases := map[string]*v1alpha1.Incident{
		"no incident":      nil,
		"no journal":       incident(),
		"a blank incident": {},
	}
	for name, inc := range cases {
		t.Run(name, func(t *testing.T) {
			facts, recorded := Facts(inc, after(10))
			if len(facts) != 0 || recorded != nil {
				t.Errorf("Facts = %v, %v, want none", facts, recorded)
			}
		})
	}
}

func TestAnIncidentThatHasNoCreationYet(t *testing.T) {
	inc := incident(stamped("a", after(-1000)), bare("b"))
	inc.CreationTimestamp = metav1.Time{}

	facts, _ := Facts(inc, after(10))

	noDiff(t, "facts", []told{
		{ID: "a", Place: 0, At: "2026-10-02T08:03:20Z", Source: v1alpha1.SourceEntry},
		{
			ID: "b", Place: 1, At: "2026-10-02T08:20:10Z", Source: v1alpha1.SourceObserved,
			ObservedAt: "2026-10-02T08:20:10Z", FirstSeen: true,
		},
	}, tell(t, inc, facts))
}

// A client may rewrite managedFields, and an operator may come back late: neither moves what was
// written.
func TestARecordedTimeNeverMoves(t *testing.T) {
	inc := incident(bare("a"), bare("b"), stamped("c", after(5000)))
	inc.ManagedFields = managed{manager("kubectl", timeAt(after(10)), "a")}
	first, recorded := Facts(inc, after(20).Add(1234567*time.Nanosecond))

	raw, err := json.Marshal(recorded)
	if err != nil {
		t.Fatal(err)
	}
	for i, managers := range []managed{
		nil,
		{manager("kubectl", timeAt(after(1)), "a", "b", "c")},
		{manager("kubectl", nil, "a", "b", "c")},
		{{}},
	} {
		t.Run(fmt.Sprintf("managers rewritten, way %d", i+1), func(t *testing.T) {
			inc.Status.Recorded = nil
			if err := json.Unmarshal(raw, &inc.Status.Recorded); err != nil {
				t.Fatal(err)
			}
			inc.ManagedFields = managers
			again, rewritten := Facts(inc, after(99999))
			noDiff(t, "facts", settledBefore(tell(t, inc, first)), tell(t, inc, again))
			noDiff(t, "recorded", recorded, rewritten)
		})
	}
}

// settledBefore is what a later call says of the same facts.
func settledBefore(facts []told) []told {
	for i := range facts {
		facts[i].FirstSeen = false
	}
	return facts
}
