package recovery

import (
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

// cause is something that levels are told about.
type cause struct {
	trigger v1alpha1.Trigger
	what    string    // a clock, or an entry
	at      time.Time // from which delays count
	// until is when it was settled, after which no further level is told; zero is never.
	until time.Time
	// warned is the clock of a warning.
	warned *clock
}

// escalation is a level that is told now.
type escalation struct {
	cause cause
	level *policy.Level
}

// escalate tells each level once of each cause. Delays count from the instant of the
// cause, so that a late replay writes the same; of the levels that came due together
// only the highest is told by an event, and none of a warning that is out of date.
func (r *run) escalate() {
	if !slices.ContainsFunc(r.reigns, func(g reign) bool { return len(g.plan.Escalation) > 0 }) {
		return
	}
	for _, c := range r.causes() {
		var last *policy.Level
		for i, g := range r.reigns {
			until := never
			if i+1 < len(r.reigns) {
				until = r.reigns[i+1].from
			}
			if l := r.tellLevels(c, g, until); l != nil {
				last = l
			}
		}
		if last != nil {
			r.escalations = append(r.escalations, escalation{c, last})
		}
	}
	told := r.escalations
	r.escalations = slices.DeleteFunc(slices.Clone(told), func(e escalation) bool { return outOfDate(e.cause, told) })
}

// tellLevels tells the levels of a plan of a cause, as far as their turn comes while the
// plan holds. What is unsettled when a plan takes over is told to those levels of it
// whose turn would have come before. It is the last level that is new, or nil.
func (r *run) tellLevels(c cause, g reign, until time.Time) *policy.Level {
	var last *policy.Level
	for i := range g.plan.Escalation {
		l := &g.plan.Escalation[i]
		if !l.Hears(c.trigger, r.severityAt(c.at)) {
			continue
		}
		at := l.TellAt(c.at)
		if !at.IsZero() && at.Before(g.from) {
			at = l.Open(g.from)
		}
		if !at.IsZero() && at.Before(until) && r.tell(c, l, at) {
			last = l
		}
	}
	return last
}

// outOfDate says whether a warning is one of a clock that was breached meanwhile, or
// that is warned of once more.
func outOfDate(c cause, told []escalation) bool {
	return c.warned != nil && (!c.warned.breachedAt.IsZero() || slices.ContainsFunc(told, func(e escalation) bool {
		return e.cause.warned == c.warned && e.cause.at.After(c.at)
	}))
}

// tell writes that a level was told of a cause at an instant, if that has come. It says
// whether that is new.
func (r *run) tell(c cause, l *policy.Level, at time.Time) bool {
	if !r.mayTell() || !c.until.IsZero() && c.until.Before(at) {
		return false
	}
	key := escalationKey(c, l)
	switch {
	case findAnnounced(r.announced, key) != nil:
		return false
	case at.After(r.now):
		r.wakeBy(at)
		return false
	}
	notify := l.Notify
	r.announce(v1alpha1.Announced{Key: key, At: metav1.NewTime(at), Notify: &notify})
	return true
}

func escalationKey(c cause, l *policy.Level) string {
	return "Escalation/" + string(l.Name) + "/" + string(c.trigger) + "/" + c.what
}

// causes are everything that a level may be told about, in order of its instant.
func (r *run) causes() []cause {
	var out []cause
	for _, c := range r.clocks {
		if !c.breachedAt.IsZero() {
			out = append(out, cause{trigger: breachTrigger(c.kind), what: c.name(), at: c.breachedAt, until: c.settledFor(c.kind)})
		}
	}
	for i := range r.announced {
		a := &r.announced[i]
		rest, ok := strings.CutPrefix(a.Key, "Warning/")
		if !ok {
			continue
		}
		name := rest[:strings.LastIndexByte(rest, '/')]
		w := cause{trigger: v1alpha1.TriggerWarning, what: rest, at: a.At.UTC()}
		if at := slices.IndexFunc(r.clocks, func(c *clock) bool { return c.name() == name }); at >= 0 {
			w.warned, w.until = r.clocks[at], r.clocks[at].endedAt
		}
		out = append(out, w)
	}
	for _, d := range r.dissatisfied {
		out = append(out, cause{trigger: v1alpha1.TriggerDissatisfied, what: string(d.entry), at: d.at})
	}
	for _, m := range r.remedies {
		if !m.exhaustedAt.IsZero() {
			out = append(out, cause{trigger: v1alpha1.TriggerPoolExhausted, what: "Compensation/" + m.is.Name, at: m.exhaustedAt})
		}
	}
	slices.SortStableFunc(out, func(a, b cause) int { return a.at.Compare(b.at) })
	return out
}

// settledFor is when a breach stops to matter: a promise that was broken stays broken.
func (c *clock) settledFor(kind v1alpha1.ClockKind) time.Time {
	if kind == v1alpha1.ClockPromise {
		return time.Time{}
	}
	return c.endedAt
}

func breachTrigger(kind v1alpha1.ClockKind) v1alpha1.Trigger {
	switch kind {
	case v1alpha1.ClockPromise:
		return v1alpha1.TriggerPromiseBroken
	case v1alpha1.ClockAssignment:
		return v1alpha1.TriggerUnowned
	case v1alpha1.ClockAcceptance:
		return v1alpha1.TriggerUnaccepted
	case v1alpha1.ClockApproval:
		return v1alpha1.TriggerApprovalStale
	}
	return v1alpha1.TriggerBreach
}

// severityAt is the severity that held at an instant.
func (r *run) severityAt(at time.Time) v1alpha1.Severity {
	s := r.inc.Spec.Severity
	for _, c := range r.severities {
		if c.at.After(at) {
			break
		}
		s = c.to
	}
	return s
}
