package incidentmodel

import (
	"fmt"
	"strings"

	"github.com/amends-dev/amends/internal/faulttest/statespace"
)

// bugs are changes of one line each to the protocol.
type bugs struct {
	unlocked, tellsFirst, lostIsDone, forgetsLost, conflictIsDone, neverWakes,
	dropsWhileBusy, takesNextForOwn, breachesAtDue, oldAnswers bool
}

// model is the rules by which the world goes on.
type model struct {
	*library
	bugs
	scope
}

// scope is how much of the world there is.
type scope struct {
	// alone says that there is one operator, so that nobody writes in between.
	alone bool
	// single says that there is one incident, the second.
	single bool
	// still says that no time passes, so that nothing is late.
	still bool
	// silent says that nobody records anything.
	silent bool
}

type adds func(what string, next state, broken string)

// steps are all ways in which a state goes on.
func (m *model) steps(s *state) []statespace.Step[state] {
	var out []statespace.Step[state]
	add := func(what string, next state, broken string) {
		out = append(out, statespace.Step[state]{What: what, Next: next, Broken: broken})
	}
	m.outside(s, add)
	if s.late.set {
		next := *s
		next.late = write{}
		_, broken := m.arrives(&next, &s.late)
		add("a write arrives late", next, broken)
	}
	for i := range s.ops {
		if i == 0 || !m.alone {
			m.stepsOf(s, i, add)
		}
	}
	return out
}

// outside is what goes on without the operators: time passes, people record, the pool answers.
func (m *model) outside(s *state, add adds) {
	if s.now < m.lastTick() {
		next := *s
		next.now++
		for o := range next.ops {
			next.ops[o].wake(next.now)
		}
		add(fmt.Sprintf("it is %s", instants[next.now].Format("15:04:05")), next, "")
	}
	for i := range s.objects {
		if m.single && i == 0 {
			continue
		}
		if !s.recorded[i] && !m.silent {
			next := *s
			next.recorded[i] = true
			next.objects[i] = object{m.record(s.objects[i].content, s.now), s.objects[i].version + 1}
			add(fmt.Sprintf("incident %d is done", i), next, "")
		}
		if s.answers[i].verdict == asked {
			next := *s
			next.answers[i] = answer{granted, s.now}
			if s.answers[1-i].verdict == granted {
				next.answers[i].verdict = denied // The pool has room for one.
			}
			add(fmt.Sprintf("the pool answers incident %d", i), next, "")
		}
	}
}

func (m *model) lastTick() tick {
	if m.still {
		return 0
	}
	return tick(len(instants) - 1)
}

// wake lets an operator look at what asked to be woken by now.
func (o *operator) wake(now tick) {
	for i := range o.wakes {
		if o.wakes[i] <= now {
			o.wakes[i], o.looks[i] = never, true
		}
	}
}

// stepsOf are those of one operator.
func (m *model) stepsOf(s *state, n int, add adds) {
	o := &s.ops[n]
	name := fmt.Sprintf("op%d ", n)
	if s.crashes > 0 {
		m.crash(s, n, name, add)
	}
	for i := range s.objects {
		if o.known[i] != s.objects[i] {
			next := *s
			p := &next.ops[n]
			p.known[i] = s.objects[i]
			p.looks[i] = !m.dropsWhileBusy || !o.sends.set
			add(fmt.Sprintf("%ssees incident %d", name, i), next, "")
		}
		if o.answers[i] != s.answers[i] {
			next := *s
			p := &next.ops[n]
			p.answers[i] = s.answers[i]
			p.looks[i] = !m.dropsWhileBusy || !o.sends.set
			add(fmt.Sprintf("%ssees the answer to incident %d", name, i), next, "")
		}
		if o.looks[i] && !o.sends.set {
			m.look(s, n, i, name, add)
		}
	}
	if o.sends.set {
		m.sent(s, n, name, add)
	}
}

// crash ends a process, and another one starts in its place. What it was sending may still
// arrive.
func (m *model) crash(s *state, n int, name string, add adds) {
	next := *s
	next.crashes--
	next.crashed = true
	next.ops[n] = m.fresh(&next)
	add(name+"crashes", next, "")
	if s.ops[n].sends.set && !s.late.set {
		next.late = s.ops[n].sends
		add(name+"crashes, and its write will arrive", next, "")
	}
}

// look is one reconcile, up to its write.
func (m *model) look(s *state, n, i int, name string, add adds) {
	next := *s
	o := &next.ops[n]
	o.looks[i] = false
	what := fmt.Sprintf("%slooks at incident %d", name, i)
	if m.behind(o, i) {
		add(what+", and waits for its own write", next, "")
		return
	}
	broken := ""
	if a := o.unsaid[i]; a.set && a.version != o.known[i].version && m.sameStatus(a.content, o.known[i].content) {
		o.unsaid[i] = attempt{}
		broken = m.tell(&next, i, a.tells)
	}
	j := m.decide(o.known[i].content, o.answers[i], m.sooner(s.now))
	if j.confirm && !m.oldAnswers {
		j = m.decide(o.known[i].content, s.answers[i], m.sooner(s.now))
	}
	if j.content == o.known[i].content {
		o.wakes[i] = m.alarm(j.wakes)
		add(what, next, broken)
		return
	}
	if m.tellsFirst && broken == "" {
		broken = m.tell(&next, i, j.tells)
	}
	o.sends = write{set: true, incident: uint8(i), version: o.known[i].version, content: j.content, tells: j.tells, wakes: m.alarm(j.wakes)}
	add(what+" and sends what it decided", next, broken)
}

// behind says whether the cache shows what the operator's own last write replaced.
func (m *model) behind(o *operator, i int) bool {
	own := o.replaced[i]
	if m.takesNextForOwn && own != 0 && o.known[i].version > own {
		o.replaced[i] = 0
		return true
	}
	if own == 0 || own == o.known[i].version {
		return own != 0
	}
	o.replaced[i] = 0
	return false
}

// sooner is the tick for which a faulty operator takes this one.
func (m *model) sooner(now tick) tick {
	if m.breachesAtDue && now == dueTick {
		return now + 1
	}
	return now
}

func (m *model) alarm(wakes tick) tick {
	if m.neverWakes {
		return never
	}
	return wakes
}

// sent is everything that can come of a write.
func (m *model) sent(s *state, n int, name string, add adds) {
	sends := s.ops[n].sends
	idle := *s
	idle.ops[n].sends = write{}
	what := fmt.Sprintf("%swrite of incident %d ", strings.TrimSuffix(name, " ")+"'s ", sends.incident)

	next := idle
	taken, broken := m.arrives(&next, &sends)
	if taken {
		if wrong := m.answered(&next, n, &sends); broken == "" {
			broken = wrong
		}
		add(what+"is taken", next, broken)
	} else {
		m.refused(&next, n, &sends)
		add(what+"meets a conflict", next, broken)
	}
	if s.losses == 0 {
		return
	}
	idle.losses--
	idle.lost = true

	next = idle
	m.refused(&next, n, &sends)
	add(what+"meets a conflict that nobody caused", next, "")

	next = idle
	_, broken = m.arrives(&next, &sends)
	if wrong := m.unanswered(&next, n, &sends); broken == "" {
		broken = wrong
	}
	add(what+"arrives, and the answer is lost", next, broken)

	next = idle
	add(what+"is lost", next, m.unanswered(&next, n, &sends))
	if !s.late.set {
		next.late = sends
		add(what+"is given up, and will arrive", next, "")
	}
}

// answered is what an operator does once its write is confirmed.
func (m *model) answered(s *state, n int, w *write) string {
	o := &s.ops[n]
	o.replaced[w.incident], o.unsaid[w.incident], o.wakes[w.incident] = w.version, attempt{}, w.wakes
	if m.tellsFirst {
		return ""
	}
	return m.tell(s, int(w.incident), w.tells)
}

// refused is what it does after a conflict: it looks again soon, whoever caused it.
func (m *model) refused(s *state, n int, w *write) {
	if !m.conflictIsDone {
		s.ops[n].looks[w.incident] = true
	}
}

// unanswered is what it does where no answer came.
func (m *model) unanswered(s *state, n int, w *write) string {
	o := &s.ops[n]
	o.looks[w.incident] = true
	if m.lostIsDone {
		return m.answered(s, n, w)
	}
	// Of several on one version the model remembers the last; they decide alike.
	if !m.forgetsLost {
		o.unsaid[w.incident] = attempt{set: true, version: w.version, content: w.content, tells: w.tells}
	}
	return ""
}

// arrives is the API server's part: it locks.
func (m *model) arrives(s *state, w *write) (taken bool, broken string) {
	stands := &s.objects[w.incident]
	if w.version != stands.version && !m.unlocked {
		return false, ""
	}
	written := m.status(stands.content, w.content)
	if written == stands.content {
		return true, fmt.Sprintf("a write changes nothing in incident %d", w.incident)
	}
	broken = m.examine(stands.content, written, s.now)
	*stands = object{written, stands.version + 1}
	return true, broken
}

// tell makes events. Nothing may be told twice, unless two operators decide the same at the
// same time and one of them gets no answer: what it then sees written may be its own.
func (m *model) tell(s *state, i int, t tidings) string {
	if again := s.told[i] & t; again != 0 && (m.alone || !s.lost) {
		return fmt.Sprintf("told of incident %d twice: %s", i, strings.Join(m.describe(again), ", "))
	}
	s.told[i] |= t
	return ""
}
