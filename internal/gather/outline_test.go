package gather

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/remedy"
)

// A remedy is judged by the outline of its incident as by all of it.
func TestAnOutlineIsEnoughToJudgeARemedy(t *testing.T) {
	said := fixture.Entry("said-sorry").By("alice").Reached("Phone").Completion("apologise")
	amended := fixture.Entry("other-guest").By("alice").With(func(e *v1alpha1.JournalEntry) {
		e.Amend = &v1alpha1.Amend{Customer: &v1alpha1.Customer{ID: "guest-0418"}}
	})
	for name, c := range map[string]struct {
		journal []fixture.EntryBuilder
		phase   v1alpha1.Phase
		kept    int
	}{
		"open":                   {[]fixture.EntryBuilder{said}, v1alpha1.PhaseOpen, 0},
		"of a corrected guest":   {[]fixture.EntryBuilder{said, amended, fixture.Entry("more").By("bob").Note("and more")}, v1alpha1.PhaseOpen, 1},
		"cancelled":              {nil, v1alpha1.PhaseCancelled, 0},
		"not looked at so far":   {[]fixture.EntryBuilder{said}, "", 0},
		"merged into another":    {[]fixture.EntryBuilder{said}, v1alpha1.PhaseMerged, 0},
		"closed, with a comment": {[]fixture.EntryBuilder{said, amended}, v1alpha1.PhaseClosed, 1},
	} {
		t.Run(name, func(t *testing.T) {
			whole := fixture.Created(asked, fixture.In("hotel", fixture.Incident("coffee", fixture.WithJournal(c.journal...))))
			whole.Status.Phase, whole.Status.Severity = c.phase, v1alpha1.SeverityHigh
			if c.phase != "" {
				whole.Status.Pins = []v1alpha1.Pin{{Revision: "one", At: metav1.NewTime(asked)}}
			}
			whole.Status.Recorded = []v1alpha1.Recorded{{Key: "journal/said-sorry", At: metav1.NewTime(asked)}}
			outline := whole.DeepCopy()
			Outline(outline)
			if len(outline.Spec.Journal) != c.kept || outline.Status.Recorded != nil {
				t.Errorf("%d entries are kept, want %d; recorded %v", len(outline.Spec.Journal), c.kept, outline.Status.Recorded)
			}
			request := ofIncident("refund", "coffee", "", time.Minute)
			request.Finalizers = []string{v1alpha1.LedgerFinalizer}
			judge := func(inc *v1alpha1.Incident) remedy.Judgement {
				now := asked.Add(time.Hour)
				api := serving(t, inc, request.DeepCopy(), revisionOf(t, "one", "desk"), fixture.Created(asked, fixture.In("hotel", fixture.Budget("desk", "EUR", "100.00"))))
				facts, err := NewRemedies(New(api, api, 0)).Facts(t.Context(), request, now)
				if err != nil {
					t.Fatal(err)
				}
				return remedy.Judge(facts, now)
			}
			if diff := cmp.Diff(judge(whole), judge(outline)); diff != "" {
				t.Errorf("(-by all of it +by the outline):\n%s", diff)
			}
		})
	}
}
