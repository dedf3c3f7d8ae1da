package ledgermodel

import (
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/money"
)

const (
	operators = 2
	requests  = 2
	// limit is the pool, and asked what each request asks: both do not fit.
	limit, asked = 10_000, 6_000
)

// now is the one instant of the model.
var now = time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)

func spec() v1alpha1.RecoveryBudgetSpec {
	return v1alpha1.RecoveryBudgetSpec{
		Currency: "EUR", TimeZone: "Europe/Berlin", Pool: v1alpha1.Pool{Period: "Month", Amount: "100.00"},
		Allowances: []v1alpha1.Allowance{{Name: "any"}},
	}
}

func terms() *ledger.Terms {
	t, problems := ledger.Compile(spec())
	if len(problems) > 0 {
		panic(problems[0].String())
	}
	return t
}

var theTerms = terms()

// comp is a request as the API server has it, or as an operator knows it.
type comp struct {
	version   int
	phase     v1alpha1.CompensationPhase
	withdrawn bool
}

// place is where an operator stands in the protocol.
type place int

const (
	// idle operators hold no ledger.
	idle place = iota
	// fenced has raised the epoch and has not listed yet.
	fenced
	// listed has listed, before it raises the epoch: only a faulty one does.
	listed
	// holding has a book.
	holding
	// unsure has written the budget and got no answer.
	unsure
	// looking has written a request and got no answer, or a conflict.
	looking
)

// operator is what one process remembers.
type operator struct {
	place place
	epoch int64
	// version and status are the budget as it knows it; sent is what it wrote last.
	version      int
	status, sent *v1alpha1.RecoveryBudgetStatus
	// known are the requests as it knows them, and tells those that it is about to deny.
	known [requests]comp
	tells [requests]bool
	// at is the request that it looks at.
	at int
	// done are requests that a faulty operator takes for recorded.
	done [requests]bool
}

// late is a write that was given up and may still arrive.
type lateWrite struct {
	set     bool
	version int
	status  *v1alpha1.RecoveryBudgetStatus
	request int
	phase   v1alpha1.CompensationPhase
}

// state is the whole world.
type state struct {
	version int
	status  *v1alpha1.RecoveryBudgetStatus
	comps   [requests]comp
	ops     [operators]operator
	late    lateWrite
	// what may still go wrong.
	troubles
}

// troubles are how often each thing may go wrong in one world.
type troubles struct{ crashes, losses, takeovers, withdrawals int }

// begin is the first state.
func begin(t troubles) state {
	s := state{version: 1, status: &v1alpha1.RecoveryBudgetStatus{}, troubles: t}
	for i := range s.comps {
		s.comps[i] = comp{version: 1, phase: v1alpha1.CompensationRequested}
	}
	for i := range s.ops {
		s.ops[i] = s.fresh()
	}
	return s
}

// fresh is a process that has just started, with a cache that has read everything.
func (s *state) fresh() operator {
	return operator{version: s.version, status: s.status, known: s.comps}
}

// key tells states apart. A version matters only as far as it is the present one.
func (s *state) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s|%d%d%d%d", ledgerKey(s.status), s.crashes, s.losses, s.takeovers, s.withdrawals)
	for i := range s.comps {
		fmt.Fprintf(&b, "|%s%t", s.comps[i].phase, s.comps[i].withdrawn)
	}
	for i := range s.ops {
		o := &s.ops[i]
		fmt.Fprintf(&b, "|%d e%d %t %s %s %d%v%v", o.place, o.epoch, o.version == s.version, ledgerKey(o.status), ledgerKey(o.sent), o.at, o.tells, o.done)
		for j := range o.known {
			fmt.Fprintf(&b, " %t%s%t", o.known[j].version == s.comps[j].version, o.known[j].phase, o.known[j].withdrawn)
		}
	}
	if l := &s.late; l.set {
		current := s.version
		if l.status == nil {
			current = s.comps[l.request].version
		}
		fmt.Fprintf(&b, "|late %t %s %d%s", l.version == current, ledgerKey(l.status), l.request, l.phase)
	}
	return b.String()
}

// ledgerKey is all of a ledger that matters.
func ledgerKey(s *v1alpha1.RecoveryBudgetStatus) string {
	if s == nil {
		return "-"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d/%d", s.Epoch, s.Sequence)
	for i := range s.Periods {
		fmt.Fprintf(&b, " %d", *s.Periods[i].Spent)
	}
	for i := range s.Entries {
		e := &s.Entries[i]
		fmt.Fprintf(&b, " %s%s>%s", e.UID, e.From, e.To)
	}
	return b.String()
}

// compensation is a request as an object.
func compensation(i int, c comp) v1alpha1.Compensation {
	out := v1alpha1.Compensation{}
	out.Name, out.UID = fmt.Sprintf("c%d", i), types.UID(uid(i))
	out.CreationTimestamp = metav1.NewTime(now)
	out.Spec.By, out.Spec.Allowance, out.Spec.IncidentName = "ada", "any", incident(i)
	out.Status.Phase = c.phase
	if c.phase == v1alpha1.CompensationGranted {
		out.Status.Amount, out.Status.Allowance = "60.00", "any"
	}
	return out
}

func uid(i int) string { return fmt.Sprintf("u%d", i) }

// incident names the one that a request is for: each is for its own.
func incident(i int) v1alpha1.ObjectName { return v1alpha1.ObjectName(fmt.Sprintf("i%d", i)) }

func compensations(known [requests]comp) []v1alpha1.Compensation {
	var out []v1alpha1.Compensation
	for i, c := range known {
		out = append(out, compensation(i, c))
	}
	return out
}

// claim is what a request asks by what is known of it; false where it asks nothing.
func claim(i int, c comp) (ledger.Claim, bool) {
	amount, err := money.Of("EUR", asked)
	if err != nil {
		panic(err)
	}
	out := ledger.Claim{UID: uid(i), Name: fmt.Sprintf("c%d", i), CreatedAt: now, By: "ada", Incident: "uid-of-" + string(incident(i)), IncidentName: incident(i), Customer: "g", Allowance: "any", Want: ledger.WantGive, Amount: amount}
	switch {
	case ledger.Finished(c.phase):
		return out, false
	case c.withdrawn:
		out.Want, out.Freed = ledger.WantFree, ledger.Freed{Phase: v1alpha1.CompensationReleased, Reason: v1alpha1.WithdrawnReason}
	case c.phase == v1alpha1.CompensationGranted:
		return out, false
	}
	return out, true
}

// entryOf is what is in flight for a request, or nil.
func entryOf(s *v1alpha1.RecoveryBudgetStatus, i int) *v1alpha1.LedgerEntry {
	for n := range s.Entries {
		if s.Entries[n].UID == uid(i) {
			return &s.Entries[n]
		}
	}
	return nil
}

// budget is a status as an object.
func budget(s *v1alpha1.RecoveryBudgetStatus) *v1alpha1.RecoveryBudget {
	out := &v1alpha1.RecoveryBudget{Spec: spec(), Status: *s}
	out.Generation = 1
	return out
}
