package stamp

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// moment is around the creation, with or without a fraction of a second.
func moment(t *rapid.T, label string) time.Time {
	at := after(rapid.IntRange(-20, 60).Draw(t, label))
	return at.Add(time.Duration(rapid.SampledFrom([]int64{0, 0, 1, 500_000_000, 999_999_999}).Draw(t, label+" fraction")))
}

// anIncident has entries with and without times of their own, some of them recorded, and managers
// of all sorts.
func anIncident(t *rapid.T) *v1alpha1.Incident {
	inc := incident()
	size := rapid.IntRange(0, 12).Draw(t, "entries")
	for i := range size {
		id := v1alpha1.Name(fmt.Sprintf("e%d", i))
		entry := bare(id)
		if rapid.Bool().Draw(t, "own time") {
			entry.RecordedAt = timeAt(moment(t, "recordedAt"))
		}
		inc.Spec.Journal = append(inc.Spec.Journal, entry)
		if rapid.IntRange(0, 4).Draw(t, "recorded") == 0 {
			inc.Status.Recorded = append(inc.Status.Recorded, v1alpha1.Recorded{
				Key: Key(id), At: metav1.Time{Time: whole(moment(t, "recorded at"))}, Source: v1alpha1.SourceObserved,
			})
		}
	}
	for range rapid.IntRange(0, 5).Draw(t, "managers") {
		var owned []v1alpha1.Name
		for i := range size {
			if rapid.Bool().Draw(t, "owns") {
				owned = append(owned, inc.Spec.Journal[i].ID)
			}
		}
		m := manager("someone", timeAt(whole(moment(t, "manager's time"))), owned...)
		switch rapid.IntRange(0, 7).Draw(t, "sort of manager") {
		case 0:
			m.Time = nil
		case 1:
			m.Subresource = "status"
		case 2:
			m.FieldsV1 = metav1.NewFieldsV1(`{"f:spec":`)
		case 3:
			m.FieldsV1 = nil
		}
		inc.ManagedFields = append(inc.ManagedFields, m)
	}
	return inc
}

// stored is what of the list comes back from the API server.
func stored(t *rapid.T, recorded records) records {
	data, err := json.Marshal(recorded)
	if err != nil {
		t.Fatal(err)
	}
	var back records
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	return back
}

// same holds the facts of two calls against each other, wherever their incidents lie in memory.
func same(t *rapid.T, what string, want, got []Fact) {
	plain := func(facts []Fact) []Fact {
		facts = slices.Clone(facts)
		for i := range facts {
			facts[i].FirstSeen = false
		}
		return facts
	}
	if diff := cmp.Diff(plain(want), plain(got)); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

func TestFeedingTheRecordBackChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inc := anIncident(t)
		now := moment(t, "now")
		facts, recorded := Facts(inc, now)

		inc.Status.Recorded = stored(t, recorded)
		if rapid.Bool().Draw(t, "managers are gone") {
			inc.ManagedFields = nil
		}
		again, same2 := Facts(inc, now.Add(time.Duration(rapid.Int64Range(0, 1<<40).Draw(t, "later"))))

		same(t, "facts at a later now", facts, again)
		if diff := cmp.Diff(recorded, same2); diff != "" {
			t.Fatalf("recorded at a later now (-want +got):\n%s", diff)
		}
		if slices.ContainsFunc(again, func(f Fact) bool { return f.FirstSeen }) {
			t.Fatal("a fact is seen first for the second time")
		}
	})
}

func TestLateEqualsOnTimeForFactsWithTheirOwnTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inc := anIncident(t)
		now := moment(t, "now")
		onTime, _ := Facts(inc, now)
		late, _ := Facts(inc, now.Add(time.Duration(rapid.Int64Range(0, 1<<40).Draw(t, "later"))))
		byPlace := func(a, b Fact) int { return a.Place - b.Place }
		slices.SortFunc(onTime, byPlace)
		slices.SortFunc(late, byPlace)
		for i := range onTime {
			if !onTime[i].FirstSeen {
				same(t, "the same fact, late", onTime[i:i+1], late[i:i+1])
			}
		}
	})
}

func TestTheOrderIsTotalAndStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inc := anIncident(t)
		now := moment(t, "now")
		facts, _ := Facts(inc, now)
		if len(facts) != len(inc.Spec.Journal) {
			t.Fatalf("%d facts of %d entries", len(facts), len(inc.Spec.Journal))
		}
		for i := range facts {
			for j := range facts {
				want := 0
				if i < j {
					want = -1
				} else if i > j {
					want = 1
				}
				if got := Compare(facts[i], facts[j]); got != want {
					t.Fatalf("Compare of the facts %d and %d = %d, want %d", i, j, got, want)
				}
			}
		}
		again, _ := Facts(inc, now)
		same(t, "the same call once more", facts, again)

		shuffled := slices.Clone(facts)
		rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed"))).Shuffle(len(shuffled), func(i, j int) {
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		})
		slices.SortFunc(shuffled, Compare)
		same(t, "sorted from any order", facts, shuffled)
	})
}

func TestTheBoundsOfEveryTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inc := anIncident(t)
		before := inc.DeepCopy()
		now := moment(t, "now")
		facts, recorded := Facts(inc, now)

		if diff := cmp.Diff(before, inc); diff != "" {
			t.Fatalf("the incident was changed (-want +got):\n%s", diff)
		}
		kept := len(before.Status.Recorded)
		if diff := cmp.Diff(before.Status.Recorded, slices.Concat(recorded[:kept])); diff != "" {
			t.Fatalf("what was recorded is not kept (-want +got):\n%s", diff)
		}
		written := byID(before.Status.Recorded)
		fresh := 0
		for _, f := range facts {
			if f.At.Location() != time.UTC || f.At.Nanosecond() != 0 {
				t.Fatalf("%v is not a whole second in UTC", f.At)
			}
			if _, ok := written[string(f.Entry.ID)]; ok {
				continue
			}
			if f.FirstSeen {
				fresh++
				if f.At.After(now) && !f.At.Equal(created) && f.Source() != v1alpha1.SourceEntry {
					t.Fatalf("a settled time %v lies after now %v", f.At, now)
				}
			} else if f.Recorded != nil {
				t.Fatalf("a fact with its own time is recorded: %+v", f.Recorded)
			}
			latest, _ := serverTime(before)
			if f.At.Before(created) || f.At.After(Later(now, latest).Add(Tolerance)) {
				t.Fatalf("%v lies outside the creation %v and now %v", f.At, created, now)
			}
		}
		if len(recorded) != kept+fresh {
			t.Fatalf("recorded grew by %d elements for %d settled facts", len(recorded)-kept, fresh)
		}
	})
}

// The cache hides nothing that Facts would have used, also where the operator's clock is
// behind the API server's.
func TestTransformTakesNothingAwayFromTheFacts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inc := anIncident(t)
		now := moment(t, "now")
		facts, recorded := Facts(inc, now)

		cached := inc.DeepCopy()
		for range 2 {
			if _, err := Transform(cached); err != nil {
				t.Fatal(err)
			}
			fromCache, recordedFromCache := Facts(cached, now)
			same(t, "facts from the cache", facts, fromCache)
			if diff := cmp.Diff(recorded, recordedFromCache); diff != "" {
				t.Fatalf("recorded from the cache (-want +got):\n%s", diff)
			}
		}
		cached.Status.Recorded = recorded
		if _, err := Transform(cached); err != nil || len(cached.ManagedFields) != 0 && Stamped(cached) && !onlyTime(cached.ManagedFields) {
			t.Fatalf("managedFields stay in the cache once all is stamped: %v, %v", cached.ManagedFields, err)
		}
	})
}
