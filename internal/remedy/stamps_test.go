package remedy_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/remedy"
)

// owner is a manager that owns fields of a request since an instant.
func owner(subresource string, when time.Duration, fields string) metav1.ManagedFieldsEntry {
	return metav1.ManagedFieldsEntry{Manager: "kubectl", Subresource: subresource, Time: stampOf(when), FieldsV1: metav1.NewFieldsV1(fields)}
}

func TestTheTimeOfAFact(t *testing.T) {
	const minute = time.Minute
	now := at(10*minute + 300*time.Millisecond)
	own := func(when time.Duration) *metav1.Time { return stampOf(when) }
	decision := `{"f:spec":{"f:decision":{".":{},"f:verdict":{}}}}`
	cases := map[string]struct {
		own      *metav1.Time
		managers []metav1.ManagedFieldsEntry
		want     time.Duration
		stamped  bool
	}{
		"its own":                             {own(3 * minute), nil, 3 * minute, true},
		"its own, against a manager's":        {own(3 * minute), []metav1.ManagedFieldsEntry{owner("", minute, decision)}, 3 * minute, true},
		"its own, a little ahead":             {own(10*minute + 5*time.Second), nil, 10*minute + 5*time.Second, true},
		"its own, before the request":         {own(-minute), nil, 0, true},
		"its own, too far ahead":              {own(11 * minute), nil, 10 * minute, false},
		"none at all":                         {nil, nil, 10 * minute, false},
		"none, and a manager":                 {nil, []metav1.ManagedFieldsEntry{owner("", 4*minute, decision)}, 4 * minute, false},
		"none, and two managers":              {nil, []metav1.ManagedFieldsEntry{owner("", 5*minute, decision), owner("", 4*minute, decision)}, 4 * minute, false},
		"none, and a manager of the status":   {nil, []metav1.ManagedFieldsEntry{owner("status", 4*minute, decision)}, 10 * minute, false},
		"none, and a manager of other fields": {nil, []metav1.ManagedFieldsEntry{owner("", 4*minute, `{"f:spec":{"f:choice":{}}}`)}, 10 * minute, false},
		"none, and a manager without a time":  {nil, []metav1.ManagedFieldsEntry{{FieldsV1: metav1.NewFieldsV1(decision)}}, 10 * minute, false},
		"none, and what cannot be read":       {nil, []metav1.ManagedFieldsEntry{owner("", 4*minute, `{"f:spec":`)}, 10 * minute, false},
		"none, and a manager ahead of now":    {nil, []metav1.ManagedFieldsEntry{owner("", 20*minute, decision)}, 10 * minute, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := desk(t, approving("duty-manager", "", 0))
			w.request.Spec.Decision.RecordedAt, w.request.ManagedFields = c.own, c.managers
			if got := remedy.StampsOf(w.request, now); !got.Decision.Equal(at(c.want)) || got != (remedy.Stamps{Decision: got.Decision}) {
				t.Errorf("%+v, want the decision at %s and nothing else", got, at(c.want))
			}
			if got := remedy.Stamped(w.request, now); got != c.stamped {
				t.Errorf("Stamped %v, want %v", got, c.stamped)
			}
		})
	}
}

// What the status tells already needs no look into managedFields.
func TestOnlyFactsThatCanCountNeedAStamp(t *testing.T) {
	w := desk(t, twoOffers, choosing("voucher", 0), approving("duty-manager", "", 0))
	w.request.Spec.Choice.RecordedAt, w.request.Spec.Decision.RecordedAt = nil, nil
	for phase, want := range map[v1alpha1.CompensationPhase]bool{
		"": false, v1alpha1.CompensationAwaitingApproval: false, v1alpha1.CompensationOffered: false,
		v1alpha1.CompensationGranted: true, v1alpha1.CompensationDenied: true, v1alpha1.CompensationReleased: true, v1alpha1.CompensationDelivered: true,
	} {
		w.request.Status.Phase = phase
		if got := remedy.Stamped(w.request, asked); got != want {
			t.Errorf("%q: Stamped %v, want %v", phase, got, want)
		}
	}
	delivering(0)(w)
	w.request.Spec.Delivery.RecordedAt = nil
	w.request.Status.Phase = v1alpha1.CompensationGranted
	if remedy.Stamped(w.request, asked) {
		t.Error("a delivery without a time needs none")
	}
}

func TestEveryFactIsStamped(t *testing.T) {
	w := desk(t, twoOffers, choosing("voucher", time.Minute), approving("duty-manager", "", 2*time.Minute), delivering(3*time.Minute), withdrawing(4*time.Minute))
	got := remedy.StampsOf(w.request, at(time.Hour))
	want := remedy.Stamps{Choice: at(time.Minute), Decision: at(2 * time.Minute), Delivery: at(3 * time.Minute), Withdrawal: at(4 * time.Minute)}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
