package operatortest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// A person spends 1,999.00 of a 2,000-a-day allowance over several incidents: the next
// 1.00 is granted, and the next 0.01 awaits approval.
func TestTwoThousandADay(t *testing.T) {
	t.Parallel()
	s := open(t)
	// A day that does not end while the test runs.
	zone := v1alpha1.TimeZone("UTC")
	if now := time.Now().UTC(); now.Hour() == 23 {
		zone = "Asia/Shanghai"
	}
	budget := fixture.Budget("front-desk", "EUR", "60000.00",
		fixture.Allowing(v1alpha1.Allowance{Name: "frontline", PerPersonPerDay: "2000.00"}),
		fixture.ApprovedBy("15m", v1alpha1.ApprovalLevel{Name: "duty-manager"}))
	budget.Spec.TimeZone = zone
	desk := s.openTill(budget, 3)
	for i, want := range []struct {
		amount v1alpha1.Money
		phase  v1alpha1.CompensationPhase
	}{
		{"500.00", v1alpha1.CompensationGranted},
		{"999.00", v1alpha1.CompensationGranted},
		{"500.00", v1alpha1.CompensationGranted},
		{"1.00", v1alpha1.CompensationGranted},
		{"0.01", v1alpha1.CompensationAwaitingApproval},
	} {
		c, err := desk.ask(t.Context(), fmt.Sprintf("r%d", i), "front-desk", i%3, want.amount)
		if err != nil {
			t.Fatal(err)
		}
		if c.Status.Phase != want.phase {
			t.Errorf("%s is %s, want %s:\n%s", want.amount, c.Status.Phase, want.phase, asYAML(c.Status))
		}
	}
	b := desk.ledger("front-desk")
	if b.Status.Spent != "2000.00" || b.Status.Reserved != "0.01" || b.Status.Available != "57999.99" || *b.Status.UsedPercent != 3 {
		t.Errorf("the ledger:\n%s", asYAML(b.Status))
	}
}

// The pool is half a percent of the revenue. When it is used up, requests are denied; a
// raised revenue opens it again.
func TestHalfAPercent(t *testing.T) {
	t.Parallel()
	s := open(t)
	budget := frontline("front-desk", "")
	budget.Spec.WarnAt = []int32{80, 100}
	budget.Spec.Pool = v1alpha1.Pool{Period: "Year", PercentOf: &v1alpha1.PercentOf{Amount: "12345678.90", Percent: "0.5", Basis: "Planned", AsOf: "2026-01-01"}}
	desk := s.openTill(budget, 1)
	give := func(name string, amount v1alpha1.Money, want v1alpha1.CompensationPhase) {
		t.Helper()
		c, err := desk.ask(t.Context(), name, "front-desk", 0, amount)
		if err != nil {
			t.Fatal(err)
		}
		if c.Status.Phase != want {
			t.Errorf("%s is %s, want %s:\n%s", name, c.Status.Phase, want, asYAML(c.Status))
		}
	}
	give("all-of-it", "61728.39", v1alpha1.CompensationGranted)
	give("a-cent", "0.01", v1alpha1.CompensationDenied)
	desk.awaitBudget("front-desk", "to be exhausted", func(b *v1alpha1.RecoveryBudget) bool {
		return isTrue(b.Status.Conditions, v1alpha1.ExhaustedCondition) && b.Status.Available == "0.00"
	})
	s.awaitNotice("front-desk", v1alpha1.EventPoolExhausted)
	s.awaitNotice("front-desk", v1alpha1.EventThresholdReached)

	edit(s, fixture.Budget("front-desk", "EUR", ""), func(b *v1alpha1.RecoveryBudget) { b.Spec.Pool.PercentOf.Amount = "12345680.90" })
	// Whoever asks before the operator has seen the edit is judged by what was.
	desk.awaitBudget("front-desk", "to have the new limit", func(b *v1alpha1.RecoveryBudget) bool { return b.Status.Limit == "61728.40" })
	give("another-cent", "0.01", v1alpha1.CompensationGranted)
	give("too-much", "0.01", v1alpha1.CompensationDenied)
	desk.counted("front-desk")
}

// More requests come at once than a ledger holds in flight: the rest waits for the next
// write, and none is denied for it.
func TestMoreAtOnceThanALedgerHolds(t *testing.T) {
	t.Parallel()
	const many, incidents = 129, 5
	s := open(t)
	desk := s.openTill(frontline("pool", "1.29"), incidents)
	var group sync.WaitGroup
	for i := range many {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
			defer cancel()
			c, err := desk.ask(ctx, fmt.Sprintf("r%d", i), "pool", i%incidents, "0.01")
			if err != nil {
				t.Error(err)
				return
			}
			if c.Status.Phase != v1alpha1.CompensationGranted {
				t.Errorf("r%d is %s:\n%s", i, c.Status.Phase, asYAML(c.Status))
			}
		})
	}
	group.Wait()
	if granted := desk.counted("pool"); granted != many {
		t.Errorf("%d are granted, want %d", granted, many)
	}
}

// Deleting what was granted gives nothing back, and a limit that is lowered below what is
// spent revokes nothing.
func TestNothingIsForgotten(t *testing.T) {
	t.Parallel()
	s := open(t)
	desk := s.openTill(frontline("pool", "100.00"), 1)
	ask := func(name string, amount v1alpha1.Money, want v1alpha1.CompensationPhase) {
		t.Helper()
		c, err := desk.ask(t.Context(), name, "pool", 0, amount)
		if err != nil {
			t.Fatal(err)
		}
		if c.Status.Phase != want {
			t.Errorf("%s is %s, want %s:\n%s", name, c.Status.Phase, want, asYAML(c.Status))
		}
	}
	ask("all-of-it", "100.00", v1alpha1.CompensationGranted)
	s.remove(&v1alpha1.Compensation{ObjectMeta: metav1.ObjectMeta{Name: "all-of-it"}})
	ask("again", "0.01", v1alpha1.CompensationDenied)

	edit(s, fixture.Budget("pool", "EUR", ""), func(b *v1alpha1.RecoveryBudget) { b.Spec.Pool.Amount = "40.00" })
	b := desk.awaitBudget("pool", "to be over-committed", func(b *v1alpha1.RecoveryBudget) bool {
		return isTrue(b.Status.Conditions, v1alpha1.OverCommittedCondition)
	})
	if b.Status.Spent != "100.00" || b.Status.Available != "0.00" || *b.Status.UsedPercent != 250 {
		t.Errorf("the ledger:\n%s", asYAML(b.Status))
	}
	s.awaitNotice("pool", v1alpha1.EventOverCommitted)
	edit(s, fixture.Budget("pool", "EUR", ""), func(b *v1alpha1.RecoveryBudget) { b.Spec.Pool.Amount = "100.01" })
	desk.awaitBudget("pool", "to have room again", func(b *v1alpha1.RecoveryBudget) bool { return b.Status.Available == "0.01" })
	ask("once-more", "0.01", v1alpha1.CompensationGranted)
}
