package view

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/stamp"
)

// moment is one line of a timeline.
type moment struct {
	at    time.Time
	order int // of what happened in the same second
	who   string
	what  string
	note  string
	tone  Tone
}

// Timeline is all that happened, and when: what people recorded, what the clocks did,
// who was told.
func (f *Frame) Timeline(inc *v1alpha1.Incident, remedies []v1alpha1.Compensation) []string {
	moments := []moment{{at: inc.CreationTimestamp.Time, what: "reported: " + Clean(string(inc.Spec.Summary)), who: string(inc.Spec.DetectedBy), tone: Strong}}
	moments = append(moments, entries(inc, f.Now)...)
	moments = append(moments, ticks(inc)...)
	moments = append(moments, told(inc)...)
	for i := range remedies {
		moments = append(moments, remedy(&remedies[i])...)
	}
	slices.SortStableFunc(moments, func(a, b moment) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.order, b.order)) })
	out := []string{f.Paint.Paint(Faint, Clip("times in "+f.zoneWords()+", and since the report", f.Width))}
	day, who := "", 0
	for i := range moments {
		who = max(who, Width(moments[i].who))
	}
	for i := range moments {
		m := &moments[i]
		if d := m.at.In(f.zone()).Format("Mon 2006-01-02"); d != day {
			day = d
			out = append(out, f.Paint.Paint(Strong, d))
		}
		out = append(out, f.moment(m, inc.CreationTimestamp.Time, min(who, 14))...)
	}
	return out
}

// moment is a line, and its note below it.
func (f *Frame) moment(m *moment, start time.Time, who int) []string {
	since := "+" + Span(max(0, m.at.Sub(start)))
	prefix := m.at.In(f.zone()).Format("15:04:05") + "  " + pad(since, 8) + "  " + pad(Clip(m.who, who), who) + "  "
	rows := hang(prefix, m.what, f.Width)
	for i := range rows {
		rows[i] = f.Paint.Paint(m.tone, rows[i])
	}
	if m.note == "" {
		return rows
	}
	for _, line := range hang(strings.Repeat(" ", Width(prefix)), "“"+m.note+"”", f.Width) {
		rows = append(rows, f.Paint.Paint(Faint, line))
	}
	return rows
}

// entries are what people recorded.
func entries(inc *v1alpha1.Incident, now time.Time) []moment {
	facts, _ := stamp.Facts(inc, now)
	out := make([]moment, 0, len(facts))
	for i := range facts {
		e := facts[i].Entry
		what := Tell(e)
		if e.At != nil {
			what += " (said to be at " + e.At.UTC().Format(time.RFC3339) + ")"
		}
		who := string(e.By)
		if e.RecordedBy != "" {
			who += " via " + string(e.RecordedBy)
		}
		out = append(out, moment{at: facts[i].At, order: orderFact, who: Clean(who), what: what, note: Clean(e.Note)})
	}
	return out
}

// The order of what happened in the same second: a fact, what it ended, what that let
// start, what became late, who was told.
const (
	orderFact = iota + 1
	orderEnd
	orderStart
	orderBreach
	orderTold
)

// ticks are what the clocks did: starts of steps, breaches and ends.
func ticks(inc *v1alpha1.Incident) []moment {
	var out []moment
	for i := range inc.Status.Clocks {
		c := &inc.Status.Clocks[i]
		starts := c.Kind == v1alpha1.ClockStep && c.StartedAt != nil
		if starts {
			out = append(out, moment{at: c.StartedAt.Time, order: orderStart, what: c.Name + " starts", tone: Faint})
		}
		if c.BreachedAt != nil {
			out = append(out, moment{at: c.BreachedAt.Time, order: orderBreach, what: c.Name + " is breached", tone: Bad})
		}
		if c.DoneAt != nil && c.Kind != v1alpha1.ClockUpdate {
			what, tone, order := c.Name+" is done", Good, orderEnd
			if c.BreachedAt != nil {
				what, tone = what+", late", Warning
			}
			if starts && c.StartedAt.Time.Equal(c.DoneAt.Time) {
				order = orderStart // what starts and ends in one second stays together
			}
			out = append(out, moment{at: c.DoneAt.Time, order: order, what: what, tone: tone})
		}
	}
	return out
}

// told are the warnings and the escalation levels that were told.
func told(inc *v1alpha1.Incident) []moment {
	var out []moment
	for i := range inc.Status.Announced {
		a := &inc.Status.Announced[i]
		if words := announced(a); words != "" {
			out = append(out, moment{at: a.At.Time, order: orderTold, what: Clean(words), tone: Warning})
		}
	}
	return out
}

// announced says in words what was told; a breach is told by its clock.
func announced(a *v1alpha1.Announced) string {
	kind, rest, _ := strings.Cut(a.Key, "/")
	switch kind {
	case "Breach":
		return ""
	case "Warning":
		cut := strings.LastIndexByte(rest, '/')
		if cut < 0 {
			return "warned of " + rest
		}
		return "warned: " + rest[cut+1:] + " % of " + rest[:cut] + " is gone"
	case "Escalation":
		level, rest, _ := strings.Cut(rest, "/")
		trigger, what, _ := strings.Cut(rest, "/")
		whom := level
		if a.Notify != nil {
			whom += " (" + cmp.Or(string(a.Notify.User), string(a.Notify.Group)) + ")"
		}
		return "told " + whom + ": " + trigger + " of " + what
	}
	return a.Key
}

// remedy is what became of a request for a remedy.
func remedy(c *v1alpha1.Compensation) []moment {
	out := []moment{{at: c.CreationTimestamp.Time, order: orderFact, who: Clean(string(c.Spec.By)), what: "remedy " + c.Name + ": " + Offers(c), note: Clean(string(c.Spec.Justification))}}
	s := &c.Spec
	if s.Choice != nil && s.Choice.RecordedAt != nil {
		out = append(out, moment{at: s.Choice.RecordedAt.Time, order: orderFact, who: Clean(string(s.Choice.By)), what: "remedy " + c.Name + ": chosen " + string(s.Choice.Offer)})
	}
	if s.Decision != nil && s.Decision.RecordedAt != nil {
		out = append(out, moment{at: s.Decision.RecordedAt.Time, order: orderFact, who: Clean(string(s.Decision.By)), what: "remedy " + c.Name + ": " + strings.ToLower(string(s.Decision.Verdict)), note: Clean(string(s.Decision.Reason))})
	}
	if s.Delivery != nil && s.Delivery.RecordedAt != nil {
		out = append(out, moment{at: s.Delivery.RecordedAt.Time, order: orderFact, who: Clean(string(s.Delivery.By)), what: "remedy " + c.Name + ": delivered", note: Clean(string(s.Delivery.Evidence))})
	}
	if s.Withdrawal != nil && s.Withdrawal.RecordedAt != nil {
		out = append(out, moment{at: s.Withdrawal.RecordedAt.Time, order: orderFact, who: Clean(string(s.Withdrawal.By)), what: "remedy " + c.Name + ": withdrawn", note: Clean(string(s.Withdrawal.Reason))})
	}
	return out
}

// zoneWords names the viewer's zone. That of the machine has no name but its present one.
func (f *Frame) zoneWords() string {
	short := zoneName(f.Now, f.zone())
	if name := f.zone().String(); name != time.Local.String() && name != short {
		return name + " (" + short + ")"
	}
	return short
}
