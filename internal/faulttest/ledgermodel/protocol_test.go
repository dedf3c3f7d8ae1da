package ledgermodel

import (
	"fmt"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/faulttest/statespace"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/ledger/ledgertest"
)

// bugs are changes of one line each to the protocol.
type bugs struct {
	forgetsFlights, listsFirst, listsCached, recordsFirst, foldsEarly, budgetUnlocked,
	requestUnlocked, lostIsDone, lostIsLost, ignoresEpoch, conflictIsDone, recounts bool
}

// model is the rules by which the world goes on.
type model struct {
	bugs

	judged map[string]judgement
}

// steps are all ways in which a state can go on.
func (m *model) steps(s *state) []statespace.Step[state] {
	var out []statespace.Step[state]
	add := func(what string, next state, broken string) {
		out = append(out, statespace.Step[state]{What: what, Next: next, Broken: broken})
	}
	if s.withdrawals > 0 && !ledger.Finished(s.comps[0].phase) {
		next := *s
		next.withdrawals--
		next.comps[0].withdrawn = true
		next.comps[0].version++
		add("c0 is withdrawn", next, "")
	}
	if s.late.set {
		next := *s
		next.late = lateWrite{}
		broken := ""
		if l := &s.late; l.status != nil {
			_, broken = next.writeBudget(l.version, l.status)
		} else {
			_, broken = next.writeRequest(l.request, l.version, l.phase)
		}
		add("a write arrives late", next, broken)
	}
	for i := range s.ops {
		m.stepsOf(s, i, add)
	}
	return out
}

// stepsOf are those of one operator.
func (m *model) stepsOf(s *state, i int, add func(string, state, string)) {
	o := &s.ops[i]
	name := fmt.Sprintf("op%d ", i)
	if s.crashes > 0 && o.place != idle {
		next := *s
		next.crashes--
		next.ops[i] = next.fresh()
		add(name+"crashes", next, "")
	}
	for j := range s.comps {
		if o.known[j].version != s.comps[j].version {
			next := *s
			next.ops[i].known[j] = s.comps[j]
			add(fmt.Sprintf("%ssees c%d", name, j), next, "")
		}
	}
	act := func(what string, do func(next *state, o *operator) string) {
		next := *s
		broken := do(&next, &next.ops[i])
		add(name+what, next, broken)
	}
	switch o.place {
	case idle:
		if s.takeovers > 0 {
			m.takeover(s, i, name, add)
		}
	case listed:
		m.raise(s, i, name, add)
	case fenced:
		act("lists", func(n *state, o *operator) string {
			o.place, o.known = holding, n.comps
			if m.forgetsFlights {
				o.status = o.status.DeepCopy()
				o.status.Entries = nil
			}
			if m.listsCached {
				o.known = s.ops[i].known
			}
			return ""
		})
	case holding:
		m.hold(s, i, name, add)
	case unsure:
		act("looks at the budget", m.reread)
	case looking:
		act("looks at a request", func(n *state, o *operator) string {
			o.place, o.known[o.at] = holding, n.comps[o.at]
			return ""
		})
	}
}

// takeover begins one.
func (m *model) takeover(s *state, i int, name string, add func(string, state, string)) {
	next := *s
	next.takeovers--
	o := &next.ops[i]
	switch {
	case m.listsFirst:
		o.place, o.known = listed, next.comps
		add(name+"lists too early", next, "")
	default:
		m.raise(&next, i, name, add)
	}
}

// raise reads the budget and raises its epoch. The read and the write are two requests;
// a rival between them is a conflict, which is tried again: so one step is enough.
func (m *model) raise(s *state, i int, name string, add func(string, state, string)) {
	raised := s.status.DeepCopy()
	raised.Epoch++
	raised.Sequence++
	next := *s
	version := next.version
	_, broken := next.writeBudget(version, raised)
	o := &next.ops[i]
	o.version, o.status, o.epoch, o.place = next.version, raised, raised.Epoch, fenced
	if m.listsFirst {
		o.place = holding
	}
	add(name+"raises the epoch", next, broken)
	if s.losses > 0 {
		// The answer is lost: whose epoch it is, is not known, and it is raised once more.
		lost := *s
		lost.losses--
		_, broken := lost.writeBudget(version, raised)
		lost.ops[i].place = idle
		add(name+"raises the epoch, and the answer is lost", lost, broken)
		late := *s
		late.losses--
		late.late = lateWrite{set: true, version: version, status: raised}
		late.ops[i].place = idle
		add(name+"raises the epoch, which will arrive late", late, "")
	}
}

// book is what an operator knows, as a book.
func (m *model) book(o *operator) *ledger.Book {
	known := o.known
	for i := range known {
		if o.done[i] {
			known[i].phase = v1alpha1.CompensationGranted
		}
	}
	status := o.status
	if m.foldsEarly {
		for i := range known {
			if e := entryOf(status, i); e != nil && e.To == v1alpha1.ChargeSpent {
				known[i].phase = v1alpha1.CompensationGranted
			}
		}
	}
	if m.recounts {
		status = recounted(status, known)
	}
	return ledger.NewBook(theTerms, status, compensations(known))
}

// recounted writes down what a list says.
func recounted(s *v1alpha1.RecoveryBudgetStatus, known [requests]comp) *v1alpha1.RecoveryBudgetStatus {
	out := s.DeepCopy()
	for i := range out.Periods {
		sum := int64(0)
		for _, c := range known {
			if c.phase == v1alpha1.CompensationGranted {
				sum += asked
			}
		}
		out.Periods[i].Spent = &sum
	}
	return out
}

// hold is what an operator with a book does next: it records what is in flight, else
// judges what is asked.
func (m *model) hold(s *state, i int, name string, add func(string, state, string)) {
	o := &s.ops[i]
	for j := range o.known {
		if phase, ok := m.toRecord(o, j); ok {
			m.record(s, i, j, phase, name, add)
			return
		}
	}
	status, tells := m.judge(o)
	if m.recordsFirst && m.recordFirst(s, i, status, name, add) {
		return
	}
	m.store(s, i, status, tells, name, add)
}

// judgement is what an operator makes of what it knows.
type judgement struct {
	status *v1alpha1.RecoveryBudgetStatus
	tells  [requests]bool
}

// judge judges everything that is asked, by the rules of the ledger. What it comes to is
// a function of what is known, and kept.
func (m *model) judge(o *operator) (*v1alpha1.RecoveryBudgetStatus, [requests]bool) {
	known := o.known
	for j := range known {
		known[j].version = 0
	}
	key := fmt.Sprintf("%s %d %v %v", ledgerKey(o.status), o.epoch, known, o.done)
	if was, ok := m.judged[key]; ok {
		return was.status, was.tells
	}
	var out judgement
	book := m.book(o)
	book.Begin()
	book.Fold()
	book.Turn(now)
	for j := range o.known {
		c, ok := claim(j, o.known[j])
		if !ok {
			continue
		}
		v, err := book.Consider(&c, now)
		if err != nil {
			panic(err)
		}
		if v.Kind == ledger.Move || v.Kind == ledger.Tell {
			book.Take(&v)
			out.tells[j] = v.Kind == ledger.Tell
		}
	}
	status := book.Status(o.status, 1, o.epoch, now)
	out.status = &status
	if m.judged == nil {
		m.judged = map[string]judgement{}
	}
	m.judged[key] = out
	return out.status, out.tells
}

// recordFirst is a faulty operator's: it grants before the ledger says so.
func (m *model) recordFirst(s *state, i int, status *v1alpha1.RecoveryBudgetStatus, name string, add func(string, state, string)) bool {
	for j := range s.ops[i].known {
		e := entryOf(status, j)
		if e != nil && e.To == v1alpha1.ChargeSpent && entryOf(s.ops[i].status, j) == nil {
			m.record(s, i, j, v1alpha1.CompensationGranted, name, add)
			return true
		}
	}
	return false
}

// toRecord is the phase that an operator has to write onto a request, if any.
func (m *model) toRecord(o *operator, j int) (v1alpha1.CompensationPhase, bool) {
	c := o.known[j]
	e := entryOf(o.status, j)
	switch {
	case o.done[j], ledger.Finished(c.phase):
		return "", false
	case e == nil:
		// What was granted meanwhile is not denied: it is read again before it is written.
		if o.tells[j] && c.phase != v1alpha1.CompensationGranted {
			if c.withdrawn {
				return v1alpha1.CompensationReleased, true
			}
			return v1alpha1.CompensationDenied, true
		}
		return "", false
	case m.foldsEarly:
		return "", false
	case e.To == v1alpha1.ChargeNone, c.withdrawn && c.phase != v1alpha1.CompensationGranted:
		return v1alpha1.CompensationReleased, true
	case c.phase != v1alpha1.CompensationGranted:
		return v1alpha1.CompensationGranted, true
	}
	return "", false
}

// record writes a phase onto a request, with everything that can come of it.
func (m *model) record(s *state, i, j int, phase v1alpha1.CompensationPhase, name string, add func(string, state, string)) {
	what := fmt.Sprintf("%srecords %s on c%d", name, phase, j)
	version := s.ops[i].known[j].version
	if m.requestUnlocked {
		version = s.comps[j].version
	}
	next := *s
	taken, broken := next.writeRequest(j, version, phase)
	o := &next.ops[i]
	switch {
	case taken:
		o.known[j], o.tells[j] = next.comps[j], false
	case m.conflictIsDone:
		o.done[j] = true
	default:
		o.place, o.at = looking, j
	}
	add(what, next, broken)
	if s.losses == 0 {
		return
	}
	lost := *s
	lost.losses--
	_, broken = lost.writeRequest(j, version, phase)
	lost.ops[i].place, lost.ops[i].at = looking, j
	add(what+", and the answer is lost", lost, broken)
	late := *s
	late.losses--
	late.late = lateWrite{set: true, version: version, request: j, phase: phase}
	late.ops[i].place, late.ops[i].at = looking, j
	add(what+", which will arrive late", late, "")
}

// store writes the budget, with everything that can come of it.
func (m *model) store(s *state, i int, status *v1alpha1.RecoveryBudgetStatus, tells [requests]bool, name string, add func(string, state, string)) {
	o := &s.ops[i]
	if status.Sequence == o.status.Sequence {
		if tells != [requests]bool{} {
			// What moves no money is told only while the ledger is as it is known.
			next := *s
			p := &next.ops[i]
			if next.version == p.version {
				p.tells = tells
			} else {
				p.place = idle
			}
			add(name+"makes sure that the ledger is its own", next, "")
		}
		return
	}
	what := name + "writes " + ledgerKey(status)
	version := o.version
	if m.budgetUnlocked {
		version = s.version
	}
	next := *s
	taken, broken := next.writeBudget(version, status)
	p := &next.ops[i]
	p.tells = tells
	switch {
	case taken:
		p.version, p.status = next.version, status
	case m.ignoresEpoch:
		p.version = next.version
	default:
		p.tells = o.tells
		p.place, p.sent = unsure, nil
	}
	add(what, next, broken)
	if s.losses == 0 {
		return
	}
	lost := *s
	lost.losses--
	_, broken = lost.writeBudget(version, status)
	m.noAnswer(&lost.ops[i], status, tells, lost.version)
	add(what+", and the answer is lost", lost, broken)
	late := *s
	late.losses--
	late.late = lateWrite{set: true, version: version, status: status}
	m.noAnswer(&late.ops[i], status, tells, late.version)
	add(what+", which will arrive late", late, "")
}

// noAnswer is what an operator makes of an answer that did not come.
func (m *model) noAnswer(o *operator, sent *v1alpha1.RecoveryBudgetStatus, tells [requests]bool, live int) {
	switch {
	case m.lostIsDone:
		o.status, o.version, o.tells = sent, live, tells
	case m.lostIsLost:
		o.version = live
	default:
		o.place, o.sent, o.tells = unsure, sent, tells
	}
}

// reread finds out what became of a write of the budget.
func (m *model) reread(n *state, o *operator) string {
	sent := o.sent
	o.sent, o.place = nil, holding
	switch {
	case n.status.Epoch != o.epoch:
		o.place, o.tells = idle, [requests]bool{}
	case sent != nil && ledgerKey(n.status) == ledgerKey(sent):
		o.version, o.status = n.version, n.status
	case n.status.Sequence != o.status.Sequence:
		o.place, o.tells = idle, [requests]bool{} // It is made anew by a takeover.
	default:
		o.version, o.tells = n.version, [requests]bool{}
	}
	return ""
}

// writeBudget is the API server's part: it locks and guards.
func (s *state) writeBudget(version int, status *v1alpha1.RecoveryBudgetStatus) (taken bool, broken string) {
	if version != s.version {
		return false, ""
	}
	if err := ledgertest.Guard(budget(s.status), budget(status)); err != nil {
		return false, "the guard refuses: " + err.Error()
	}
	s.version++
	s.status = status
	return true, ""
}

// writeRequest is the API server's part for a request: phases only move forward, and
// money is granted only once the ledger says so.
func (s *state) writeRequest(i, version int, phase v1alpha1.CompensationPhase) (taken bool, broken string) {
	c := &s.comps[i]
	if version != c.version {
		return false, ""
	}
	e := entryOf(s.status, i)
	switch {
	case ledger.Finished(c.phase) && phase != c.phase:
		return false, fmt.Sprintf("c%d goes from %s to %s", i, c.phase, phase)
	case c.phase == v1alpha1.CompensationGranted && phase == v1alpha1.CompensationDenied:
		return false, fmt.Sprintf("the grant of c%d is lost", i)
	case phase == v1alpha1.CompensationGranted && (e == nil || e.To != v1alpha1.ChargeSpent):
		return false, fmt.Sprintf("c%d is granted and the ledger does not say so", i)
	case phase == v1alpha1.CompensationGranted && c.withdrawn:
		return false, fmt.Sprintf("c%d is granted after it was taken back", i)
	}
	c.version++
	c.phase = phase
	return true, ""
}
