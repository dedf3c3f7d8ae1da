package ledger_test

import (
	"fmt"
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// forge writes a status by hand: the ledger knows nothing of it.
func (d *desk) forge(name string, phase v1alpha1.CompensationPhase, amount v1alpha1.Money) *ledger.Claim {
	out := d.claim(name, amount)
	d.comps[name].Status.Phase, d.comps[name].Status.Amount = phase, amount
	return out
}

// vanish takes a Compensation away past its finalizer, while nobody looks.
func (d *desk) vanish(name string) {
	delete(d.comps, name)
	d.restart()
}

// What the sums hold leaves them once, whoever says that it is theirs, and nothing else
// does.
func TestMoneyLeavesTheSumsOnce(t *testing.T) {
	d := open(t, "2026-10-02 09:00:00", spec())
	honest := d.claim("honest", "10.00", unallowed)
	d.turn(honest)
	d.batch()
	forged, given := d.forge("forged", offered, "10.00"), d.forge("given", granted, "1.00")
	d.restart()
	holds := func(c *ledger.Claim, want bool) ledger.Verdict {
		t.Helper()
		v, err := d.book.Consider(c, d.now)
		if err != nil || v.Kind != ledger.Move || d.book.Holds(&v) != want {
			t.Fatalf("%s comes to %v, %v, and the sums hold it: %v, want %v", c.Name, v.Kind, err, !want, want)
		}
		return v
	}
	holds(takenBack(given), false)
	holds(takenBack(forged), true) // It cannot be told from the one that is honest.
	v := holds(takenBack(honest), true)
	d.book.Take(&v)
	holds(takenBack(forged), false)
	holds(chosen(forged, "5.00"), false)
	holds(d.claim("asks", "3.00"), true)
	d.write()
	d.book.Land(honest.UID, true)
	d.batch()
	holds(takenBack(forged), false)
	if p := d.budget.Status.Periods[0]; *p.Reserved != 0 || *p.Spent != 0 {
		t.Errorf("spent %d and reserved %d, want nothing", *p.Spent, *p.Reserved)
	}
}

// What is set aside for nobody is given back once its period is to be closed: not before,
// not while there is no room for the entry, and also beside what was only written by hand.
func TestWhatIsSetAsideForNobody(t *testing.T) {
	d := open(t, "2026-08-15 12:00:00", spec(monthly))
	d.turn(d.claim("gone", "50.00", unallowed))
	d.batch()
	d.forge("forged", offered, "100.00")
	d.vanish("gone")

	d.now = at(t, "2026-09-30 12:00:00")
	d.batch()
	var claims []*ledger.Claim
	for i := range ledger.MaxEntries {
		claims = append(claims, d.claim(fmt.Sprintf("c%03d", i), "1.00"))
	}
	_, decided := d.batch(claims...)
	d.now = at(t, "2026-10-01 00:00:00")
	if expired := d.book.Expired(d.now); len(expired) > 0 {
		t.Errorf("expired: %+v", expired)
	}
	d.batch()
	if n, p := len(d.budget.Status.Entries), d.budget.Status.Periods[0]; n != ledger.MaxEntries || *p.Reserved != 50_00 {
		t.Fatalf("%d entries, and %d reserved", n, *p.Reserved)
	}
	for _, name := range decided {
		d.record(name)
	}
	d.batch()
	if n := len(d.budget.Status.Entries); n != 1 {
		t.Fatalf("%d entries, want the one that is nobody's", n)
	}
	// Whoever takes over finishes it.
	d.restart()
	d.batch()
	if p := d.budget.Status.Periods[0]; !p.Closed || *p.Reserved != 0 || *p.Spent != 0 || len(d.budget.Status.Entries) != 0 {
		t.Errorf("August: %+v", p)
	}
}
