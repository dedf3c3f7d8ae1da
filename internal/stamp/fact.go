package stamp

import (
	"cmp"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Tolerance is how far a recordedAt may lie after now and still be taken at its word. It is the
// distance that the admission policy allows between a recordedAt and the API server's own time.
const Tolerance = 5 * time.Second

// keyPrefix sets the keys of journal entries apart from other keys in status.recorded.
const keyPrefix = "journal/"

// Fact is one entry of a journal and the time that counts for it.
type Fact struct {
	// Entry is the entry in the spec of the incident that Facts was given. It is shared, and not
	// to be changed.
	Entry *v1alpha1.JournalEntry
	// Place is the index of the entry in the journal.
	Place int
	// At is the accepted time: UTC, in whole seconds.
	At time.Time
	// Recorded is what status.recorded says of the fact. It is nil where At is the entry's own:
	// nobody wrote it down. It is not to be changed.
	Recorded *v1alpha1.Recorded
	// FirstSeen says that At was settled in this call: its element of status.recorded is new and
	// still to be written.
	FirstSeen bool
}

// Source says where At comes from.
func (f *Fact) Source() v1alpha1.RecordedSource {
	if f.Recorded == nil {
		return v1alpha1.SourceEntry
	}
	return f.Recorded.Source
}

// Key is the key in status.recorded of the journal entry with this id.
func Key(id v1alpha1.Name) string {
	return keyPrefix + string(id)
}

// Compare orders facts by their accepted time, and those of one second by their place in the
// journal. It is zero only for a fact and itself.
func Compare(a, b Fact) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Place, b.Place))
}

// Facts returns a fact for each entry of the journal, in the order of Compare, and the whole list
// that status.recorded is to be: what it holds, unchanged and in its order, and after it one
// element for each entry whose time had to be settled, in the order of the journal. The incident
// is not changed; the list is a copy, but shares what its elements point to.
//
// Once the list is written to the incident, every later call returns the same facts, save
// FirstSeen.
func Facts(inc *v1alpha1.Incident, now time.Time) (facts []Fact, recorded []v1alpha1.Recorded) {
	if inc == nil {
		return nil, nil
	}
	created := whole(inc.CreationTimestamp.Time)
	recorded = slices.Clone(inc.Status.Recorded)
	latched := byID(recorded)
	facts = make([]Fact, len(inc.Spec.Journal))
	var unsettled []int
	for place := range facts {
		entry, fact := &inc.Spec.Journal[place], &facts[place]
		fact.Entry, fact.Place = entry, place
		if index, ok := latched[string(entry.ID)]; ok {
			fact.take(&recorded[index])
		} else if at, ok := own(entry); ok && at.Sub(now) <= Tolerance {
			fact.At = Later(at, created)
		} else {
			unsettled = append(unsettled, place)
		}
	}
	if len(unsettled) > 0 {
		recorded = settle(inc, now, facts, unsettled, recorded)
	}
	for i := 1; i < len(facts); i++ {
		if facts[i].At.Before(facts[i-1].At) { // which is rare
			slices.SortFunc(facts, Compare)
			break
		}
	}
	return facts, recorded
}

// settle finds a time for the facts at these places, which have none, and appends an element for
// each to recorded. The facts are in the order of the journal.
func settle(
	inc *v1alpha1.Incident, now time.Time, facts []Fact, places []int, recorded []v1alpha1.Recorded,
) []v1alpha1.Recorded {
	var (
		created  = whole(inc.CreationTimestamp.Time)
		seen     = whole(now)
		observed = metav1.NewMicroTime(now.UTC().Truncate(time.Microsecond))
		owned    = owners(inc.ManagedFields, facts, places)
		latest   time.Time
		// The API server refuses a repeated id. Should one come all the same, its entries share
		// one element: the list could not be written with the same key twice.
		added = make(map[v1alpha1.Name]int, len(places))
	)
	if at, known := serverTime(inc); known {
		latest = at
	}
	recorded = slices.Grow(recorded, len(places)) // so that its elements stay where they are
	for _, place := range places {
		fact := &facts[place]
		id := fact.Entry.ID
		index, ok := added[id]
		if !ok {
			element := v1alpha1.Recorded{Key: Key(id), Source: v1alpha1.SourceObserved, ObservedAt: &observed}
			at := seen
			if owner, ok := owned[id]; ok {
				at, element.Source = Earlier(owner, seen), v1alpha1.SourceManagedFields
			}
			// Its own time is ahead of this clock, and not of the API server's: then it is this
			// clock that is behind, for example because it was set back.
			if own, ok := own(fact.Entry); ok && own.Sub(latest) <= Tolerance {
				at, element.Source, element.ObservedAt = own, v1alpha1.SourceEntry, nil
			}
			element.At = metav1.NewTime(Later(at, created))
			index = len(recorded)
			added[id], recorded = index, append(recorded, element)
		}
		fact.take(&recorded[index])
		fact.FirstSeen = true
	}
	return recorded
}

// take sets what the element of status.recorded says of the fact.
func (f *Fact) take(element *v1alpha1.Recorded) {
	f.At, f.Recorded = whole(element.At.Time), element
}

// byID maps the ids of journal entries to the index of their element. Of a repeated key, which the
// API server refuses, the first element holds.
func byID(recorded []v1alpha1.Recorded) map[string]int {
	if len(recorded) == 0 {
		return nil
	}
	index := make(map[string]int, len(recorded))
	for i := range recorded {
		id, ok := strings.CutPrefix(recorded[i].Key, keyPrefix)
		if !ok {
			continue
		}
		if _, repeated := index[id]; !repeated {
			index[id] = i
		}
	}
	return index
}

// own is the time that the entry itself carries, if any. The zero time is none, as everywhere in
// the Kubernetes API.
func own(entry *v1alpha1.JournalEntry) (at time.Time, ok bool) {
	if entry.RecordedAt.IsZero() {
		return time.Time{}, false
	}
	return whole(entry.RecordedAt.Time), true
}
