package remedy_test

import (
	"testing"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/remedy"
)

func TestWhatHoldsADeletedRequest(t *testing.T) {
	gone := func(w *world) { w.incident = nil }
	// The money of the request counts in 2026, and can come back until 2027 has passed.
	counted := fixture.Instant("2028-01-01T00:00:00Z")
	soon, late := at(time.Hour), counted
	phase := func(p v1alpha1.CompensationPhase) change {
		return func(w *world) { w.request.Status.Phase = p }
	}
	takenBack := func(w *world) {
		withdrawing(0)(w)
		w.record(freed(v1alpha1.CompensationReleased, v1alpha1.WithdrawnReason), asked)
	}
	cases := map[string]struct {
		changes []change
		now     time.Time
		why     string
		wake    time.Time
	}{
		"granted, this year":                 {list(given), soon, "counts until 2028-01-01T00:00:00Z in a limit of budget front-desk", counted},
		"granted, and its incident gone":     {list(given, gone), soon, "counts until", counted},
		"granted, a second before":           {list(given, gone), late.Add(-time.Second), "counts until", counted},
		"granted, every window passed":       {list(given), late, "a part of the record of Incident coffee", time.Time{}},
		"granted, all passed and gone":       {list(given, gone), late, "", time.Time{}},
		"delivered, all passed and replaced": {list(given, phase(v1alpha1.CompensationDelivered), replacing(0)), late, "", time.Time{}},
		"granted, and the budget gone":       {list(given, gone, func(w *world) { w.budget = nil }), soon, "", time.Time{}},
		"granted, and the budget wrong":      {list(given, gone, func(w *world) { w.budget.Spec.Currency = "ABC" }), soon, "not in force", time.Time{}},
		"released after its period, still spent": {list(given, func(w *world) {
			withdrawing(0)(w)
			o := freed(v1alpha1.CompensationReleased, v1alpha1.WithdrawnReason)
			o.State, o.Amount = spent, cny("40.00")
			w.record(o, asked)
		}, gone), soon, "counts until", counted},
		"released once granted":                      {list(given, takenBack), soon, "a part of the record", time.Time{}},
		"released once granted, and gone":            {list(given, takenBack, gone), soon, "", time.Time{}},
		"released once it awaited":                   {list(awaiting("40.00"), takenBack), soon, "a part of the record", time.Time{}},
		"released once it was offered":               {list(twoOffers, toChoose, takenBack), soon, "a part of the record", time.Time{}},
		"released at once":                           {list(takenBack), soon, "", time.Time{}},
		"denied at once":                             {list(func(w *world) { w.record(ledger.Outcome{Phase: v1alpha1.CompensationDenied}, asked) }), soon, "", time.Time{}},
		"denied once it awaited":                     {list(awaiting("40.00"), func(w *world) { w.record(freed(v1alpha1.CompensationDenied, v1alpha1.DeniedByApproverReason), asked) }), soon, "a part of the record", time.Time{}},
		"denied, and the ledger not through with it": {list(func(w *world) { w.record(ledger.Outcome{Phase: v1alpha1.CompensationDenied}, asked) }, inFlight), soon, "about to confirm", soon.Add(5 * time.Second)},
		"awaits an approval":                         {list(awaiting("40.00")), soon, "being given back", time.Time{}},
		"not looked at":                              {nil, soon, "being given back", time.Time{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := remedy.Held(desk(t, c.changes...).facts(c.now), c.now)
			if (got.Why == "") != (c.why == "") {
				t.Errorf("held because %q, want %q", got.Why, c.why)
			}
			says(t, got.Why, c.why)
			if got.Brief != (c.why == "about to confirm") {
				t.Errorf("brief: %v", got.Brief)
			}
			if !got.WakeAt.Equal(c.wake) {
				t.Errorf("wakes at %s, want %s", got.WakeAt, c.wake)
			}
		})
	}
}

func TestWhatKeepsAnIncident(t *testing.T) {
	for phase, want := range map[v1alpha1.CompensationPhase]bool{
		"": true, v1alpha1.CompensationRequested: true, v1alpha1.CompensationAwaitingApproval: true, v1alpha1.CompensationOffered: true,
		v1alpha1.CompensationGranted: true, v1alpha1.CompensationDenied: false, v1alpha1.CompensationDelivered: false, v1alpha1.CompensationReleased: false,
	} {
		if got := remedy.Unsettled(&v1alpha1.Compensation{Status: v1alpha1.CompensationStatus{Phase: phase}}); got != want {
			t.Errorf("%q: %v, want %v", phase, got, want)
		}
	}
}
