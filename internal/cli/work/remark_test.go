package work

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// said is an incident of which the operator says this.
func said(message string) *v1alpha1.Incident {
	inc := fixture.Incident("x", fixture.WithJournal(
		fixture.Entry("hold-lunch").By("alice").Hold("Lunch").Note("gone"),
		fixture.Entry("hold-lunch-2").By("alice").Hold("Lunch"),
		fixture.Entry("promise-2").By("alice").Promise("x", "1h").With(func(e *v1alpha1.JournalEntry) { e.Promise.Supersedes = "promise-1" }),
		fixture.Entry("done-resolve").By("alice").Completion("resolve").Reached("Phone"),
	))
	inc.Status.Conditions = []metav1.Condition{{Type: v1alpha1.JournalAcceptedCondition, Status: metav1.ConditionFalse, Message: message}}
	return inc
}

// all is one of each that the operator says, with semicolons within.
const all = `entry hold-lunch counts for nothing: hold.reason: "Lunch" is none; nor ever was; ` +
	`entry promise-2 counts for nothing: promise.supersedes: the customer was not told; so that one stands; ` +
	`entry promise-2 counts for nothing: another; ` +
	`spec.occurredAt: it lies after; it counts for nothing; ` +
	`the policy's expression in steps[1].requires[0]: no such key; ` +
	`entry done-resolve does not complete resolve yet: RemedyDecided: offer a remedy; or say why there is none; ` +
	`entry kept keeps the promise promise-1 only with a contact that reached the customer`

func TestRemarkOn(t *testing.T) {
	cut := strings.TrimSuffix(all, "reached the customer") + cutMark
	for name, c := range map[string]struct {
		message string
		id      v1alpha1.Name
		want    *Remark
		whole   bool
	}{
		"refused":                       {all, "hold-lunch", &Remark{Text: `hold.reason: "Lunch" is none; nor ever was`}, true},
		"a longer name is another one":  {all, "hold-lunch-2", nil, true},
		"refused twice":                 {all, "promise-2", &Remark{Text: "promise.supersedes: the customer was not told; so that one stands; another"}, true},
		"not yet":                       {all, "done-resolve", &Remark{Later: true, Text: "RemedyDecided: offer a remedy; or say why there is none"}, true},
		"not proved yet":                {all, "kept", &Remark{Later: true, Text: "it keeps the promise promise-1 only with a contact that reached the customer"}, true},
		"all is well":                   {"", "hold-lunch", nil, true},
		"named, though others are not":  {cut, "hold-lunch", &Remark{Text: `hold.reason: "Lunch" is none; nor ever was`}, true},
		"not named, nor are all others": {cut, "hold-lunch-2", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, whole := RemarkOn(said(c.message), c.id)
			if diff := cmp.Diff(c.want, got); diff != "" || whole != c.whole {
				t.Errorf("whole: %v %s", whole, diff)
			}
		})
	}
}

func TestWithoutWhatDoesNotCount(t *testing.T) {
	inc := said(all)
	before := inc.DeepCopy()
	bare, more := Without(inc, "done-resolve")
	if !more {
		t.Fatal("nothing was left out")
	}
	want := inc.DeepCopy()
	want.Spec.Journal[0].Hold = nil
	if diff := cmp.Diff(want, bare); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(before, inc); diff != "" {
		t.Errorf("the incident itself was changed: %s", diff)
	}
	if bare, _ = Without(inc, "another"); bare.Spec.Journal[3].Completion != nil || bare.Spec.Journal[3].Contact == nil {
		t.Errorf("of a completion that does not count, the contact is kept: %+v", bare.Spec.Journal[3])
	}
	if _, more := Without(said(""), "x"); more {
		t.Error("there is nothing to leave out")
	}
}
