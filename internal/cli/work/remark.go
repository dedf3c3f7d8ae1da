package work

import (
	"regexp"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Remark is what the operator has to say about one entry that does not count.
type Remark struct {
	// Later says that it counts as soon as what is missing is recorded; else it counts
	// for nothing.
	Later bool
	// Text says why, and what to do.
	Text string
}

// What the operator says in JournalAccepted: a part for each entry, field and expression,
// with semicolons between. A part may hold semicolons of its own.
var (
	partHead  = regexp.MustCompile(`(?:^|; )(?:entry [a-z0-9-]+ (?:counts for nothing: |does not complete [a-z0-9-]+ yet: |keeps the promise )|spec\.[A-Za-z.]+: |the policy's expression in )`)
	entryPart = regexp.MustCompile(`(?s)^entry ([a-z0-9-]+) (counts for nothing: |does not complete [a-z0-9-]+ yet: )?(.*)$`)
)

// cutMark ends a message that was too long for a condition.
const cutMark = "…"

// RemarkOn is what is said about an entry of an incident; nil where nothing is. whole is
// false where the operator had more to say than a condition holds, so that the entry may
// be one of those that are not named.
func RemarkOn(inc *v1alpha1.Incident, id v1alpha1.Name) (remark *Remark, whole bool) {
	remarks, whole := remarks(inc)
	if r := remarks[id]; r != nil {
		return r, true
	}
	return nil, whole
}

// remarks are what is said about entries, by their ids.
func remarks(inc *v1alpha1.Incident) (said map[v1alpha1.Name]*Remark, whole bool) {
	said = map[v1alpha1.Name]*Remark{}
	c := apimeta.FindStatusCondition(inc.Status.Conditions, v1alpha1.JournalAcceptedCondition)
	if c == nil || c.Status == metav1.ConditionTrue {
		return said, true
	}
	starts := partHead.FindAllStringIndex(c.Message, -1)
	for i, at := range starts {
		end := len(c.Message)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		m := entryPart.FindStringSubmatch(strings.TrimPrefix(c.Message[at[0]:end], "; "))
		if m == nil {
			continue
		}
		id, refused := v1alpha1.Name(m[1]), strings.HasPrefix(m[2], "counts")
		if m[2] == "" {
			m[3] = "it " + m[3]
		}
		if there := said[id]; there != nil {
			there.Later, there.Text = there.Later && !refused, there.Text+"; "+m[3]
			continue
		}
		said[id] = &Remark{Later: !refused, Text: m[3]}
	}
	return said, !strings.HasSuffix(c.Message, cutMark)
}

// Without is an incident in which the entries that the operator names as not counting,
// other than one, tell only their contact and their note: what is said about them then
// takes no room any more. more is false where there are none.
func Without(inc *v1alpha1.Incident, keep v1alpha1.Name) (out *v1alpha1.Incident, more bool) {
	said, _ := remarks(inc)
	out = inc.DeepCopy()
	for i := range out.Spec.Journal {
		e := &out.Spec.Journal[i]
		// A promise that replaces another one stands, though it does not replace it.
		if said[e.ID] == nil || e.ID == keep || e.Promise != nil && e.Promise.Supersedes != "" {
			continue
		}
		bare := v1alpha1.JournalEntry{ID: e.ID, By: e.By, RecordedBy: e.RecordedBy, RecordedAt: e.RecordedAt, At: e.At, Note: e.Note, Contact: e.Contact}
		if bare.Note == "" && bare.Contact == nil {
			bare.Note = cutMark
		}
		out.Spec.Journal[i], more = bare, true
	}
	return out, more
}
