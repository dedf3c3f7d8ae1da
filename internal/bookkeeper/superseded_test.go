package bookkeeper

import (
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// An operator that was overtaken while it wrote a reservation finds that its successor has
// written it, and has moved the money on since: it writes nothing over that.
func TestAnOvertakenWriterWritesNothingOver(t *testing.T) {
	s := freshServer()
	first, second := newAlone(t, s, nil), newAlone(t, s, nil)
	first.turn()
	store, _ := first.attend()
	request := s.create(v1alpha1.CompensationSpec{
		IncidentName: "i1", By: "alice", Offers: []v1alpha1.CompensationOffer{{Name: "a", Custom: "x", Amount: "166.23"}, {Name: "b", Custom: "y", Amount: "113.13"}},
	}).Name
	store.write = once(func(func()) error {
		second.turn()
		second.phase(request, v1alpha1.CompensationAwaitingApproval)
		s.edit(request, func(c *v1alpha1.Compensation) { c.Spec.Choice = &v1alpha1.CompensationChoice{Offer: "b"} })
		for range 3 {
			second.put(request)
			second.clock.Step(foldAfter)
			second.turn()
		}
		return nil
	})
	first.put(request)
	for range 3 {
		first.turn()
		first.clock.Step(retryAfter)
	}
	if is := s.comps[request].Status; is.Amount != "113.13" || is.Phase != v1alpha1.CompensationAwaitingApproval || s.broken != nil {
		t.Errorf("%s of %s is set aside, %v; want 113.13, which the customer chose\n%s", is.Amount, is.Phase, s.broken, show(&s.budget.Status))
	}
}
