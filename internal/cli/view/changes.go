package view

import (
	"fmt"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/work"
)

// Answer is what came of an entry.
type Answer struct {
	// Before and After are the incident before the entry, and as the operator left it.
	Before, After *v1alpha1.Incident
	// Entry is the entry as it stands in the journal.
	Entry *v1alpha1.JournalEntry
	// Repeated says that it stood there before.
	Repeated bool
	// Answered says that the operator has seen it.
	Answered bool
	// Remark is what the operator has to say where the entry does not count.
	Remark *work.Remark
	// Unknown says that it could not be found out whether the entry counts.
	Unknown bool
}

// Recorded says what became of an entry: what it tells, what the operator made of it,
// and what is due next.
func (f *Frame) Recorded(a *Answer) []string {
	out := append(hang("", a.After.Name+": "+Tell(a.Entry), f.Width), f.signature(a.Entry, a.Repeated)...)
	if !a.Answered {
		return append(out, "  the operator has not answered yet; kubectl amends status "+a.After.Name+" shows what it makes of it")
	}
	out = append(out, f.Changes(a.Before, a.After)...)
	out = append(out, f.refused(a)...)
	return append(out, f.Next(a.After)...)
}

// DryRun says what would be recorded.
func (f *Frame) DryRun(inc *v1alpha1.Incident, entry *v1alpha1.JournalEntry) []string {
	return append(hang("", inc.Name+": "+Tell(entry), f.Width), "  the API server would take it as entry "+string(entry.ID)+" (dry run: nothing was written)")
}

// signature says who recorded an entry, and when.
func (f *Frame) signature(entry *v1alpha1.JournalEntry, repeated bool) []string {
	words := "recorded"
	if repeated {
		words = "nothing changed: it was recorded before"
	}
	if entry.RecordedAt != nil {
		words += " at " + f.When(entry.RecordedAt.Time) + " " + zoneName(entry.RecordedAt.Time, f.zone())
	}
	words += " by " + Clean(string(entry.By))
	if entry.RecordedBy != "" {
		words += ", typed by " + Clean(string(entry.RecordedBy))
	}
	rows := hang("  ", words+", as entry "+string(entry.ID), f.Width)
	for i := range rows {
		rows[i] = f.Paint.Paint(Faint, rows[i])
	}
	return rows
}

// Changes says what the operator made of what came: the clocks that started, moved or
// ended, and the phase.
func (f *Frame) Changes(before, after *v1alpha1.Incident) []string {
	was := map[string]*v1alpha1.Clock{}
	for i := range before.Status.Clocks {
		was[before.Status.Clocks[i].Name] = &before.Status.Clocks[i]
	}
	var out []string
	add := func(tone Tone, format string, args ...any) {
		for _, row := range hang("  ", fmt.Sprintf(format, args...), f.Width) {
			out = append(out, f.Paint.Paint(tone, row))
		}
	}
	if a, b := before.Status.Phase, after.Status.Phase; a != b && b != "" {
		add(Strong, "the incident is %s", b)
	}
	if a, b := before.Status.Severity, after.Status.Severity; a != b && a != "" {
		add(Plain, "severity %s, before %s", b, a)
	}
	if a, b := before.Status.Owner, after.Status.Owner; a != b {
		add(Plain, "owner %s", or(Clean(string(b))))
	}
	for i := range after.Status.Clocks {
		c := &after.Status.Clocks[i]
		if tone, words := f.change(was[c.Name], c); words != "" {
			add(tone, "%s %s", c.Name, words)
		}
	}
	return out
}

// change says what became of a clock, or nothing.
func (f *Frame) change(was, is *v1alpha1.Clock) (Tone, string) {
	due := ""
	if is.DueAt != nil {
		due = fmt.Sprintf(", due %s (%s)", f.When(is.DueAt.Time), f.Left(is.DueAt.Time))
	}
	switch {
	case was == nil:
		return started(is, due)
	case was.State != is.State:
		return turned(is, due)
	case was.BreachedAt == nil && is.BreachedAt != nil:
		return Bad, "is breached"
	case !instant(was.DueAt).Equal(instant(is.DueAt)) && is.DueAt != nil:
		return Plain, "moved" + due + reason(is)
	}
	return Plain, ""
}

// started says how a clock stands that was not there before.
func started(is *v1alpha1.Clock, due string) (Tone, string) {
	switch is.State {
	case v1alpha1.StateRunning:
		return Plain, "runs" + due
	case v1alpha1.StateDone:
		return Good, "is done"
	}
	return Faint, "is " + strings.ToLower(string(is.State))
}

// turned says how a clock stands that stood otherwise.
func turned(is *v1alpha1.Clock, due string) (Tone, string) {
	switch {
	case is.State == v1alpha1.StateDone && is.BreachedAt != nil:
		return Warning, "is done, late"
	case is.State == v1alpha1.StateDone:
		return Good, "is done in time"
	case is.State == v1alpha1.StateRunning:
		return Plain, "runs again" + due
	}
	return Faint, "is " + strings.ToLower(string(is.State)) + reason(is)
}

func reason(c *v1alpha1.Clock) string {
	if c.Reason == "" {
		return ""
	}
	return " (" + c.Reason + ")"
}

// refused says so where the entry counts for nothing, or not yet.
func (f *Frame) refused(a *Answer) []string {
	var words string
	switch {
	case a.Remark != nil && a.Remark.Later:
		words = "it does not count yet: " + a.Remark.Text
	case a.Remark != nil:
		words = "it does not count: " + a.Remark.Text
	case a.Unknown:
		words = "whether it counts could not be found out: so much of this journal does not count that the operator does not list it all; kubectl amends status " + a.After.Name + " shows what it does"
	default:
		return nil
	}
	rows := hang("  ", Clean(words), f.Width)
	for i := range rows {
		rows[i] = f.Paint.Paint(Warning, rows[i])
	}
	return rows
}

// Next says what is due next, and what to type once it is done.
func (f *Frame) Next(inc *v1alpha1.Incident) []string {
	asks := Asks(inc)
	if len(asks) == 0 {
		if Ended(inc) {
			return []string{"  nothing is due any more"}
		}
		return nil
	}
	a := &asks[0]
	words := "next: " + a.What
	if a.Clock.DueAt != nil {
		words += fmt.Sprintf(", due %s (%s)", f.When(a.Clock.DueAt.Time), f.Left(a.Clock.DueAt.Time))
	}
	if a.Who != "" {
		words += ", by " + Clean(a.Who)
	}
	out := hang("  ", words, f.Width)
	if a.Command != "" {
		out = append(out, f.Paint.Paint(Faint, "        kubectl amends "+a.Command))
	}
	return out
}

// Opened says that an incident was reported, under which policy, and what is due next.
func (f *Frame) Opened(inc *v1alpha1.Incident, answered bool) []string {
	out := []string{fmt.Sprintf("%s: reported at %s %s", inc.Name, f.When(inc.CreationTimestamp.Time), zoneName(inc.CreationTimestamp.Time, f.zone()))}
	if !answered {
		return append(out, "  the operator has not answered yet; kubectl amends status "+inc.Name+" shows what it makes of it")
	}
	if inc.Status.Policy != nil {
		out = append(out, "  policy "+string(inc.Status.Policy.Name))
	}
	for _, kind := range []string{v1alpha1.StalledCondition, v1alpha1.ReconcilingCondition, v1alpha1.JournalAcceptedCondition} {
		if c := apimeta.FindStatusCondition(inc.Status.Conditions, kind); c != nil && remarkable(c) {
			out = append(out, hang("  ", Clean(c.Message), f.Width)...)
		}
	}
	return append(out, f.Next(inc)...)
}

// Line tells on a line how an incident stands, and below it what changed since it was
// last seen; nothing where nothing did that a person would see. was is nil at first
// sight.
func (f *Frame) Line(was, is *v1alpha1.Incident, namespaces bool) []string {
	name := is.Name
	if namespaces {
		name = is.Namespace + "/" + name
	}
	var changes []string
	if was != nil {
		if changes = append(changes, f.told(was, is)...); len(changes) == 0 {
			return nil
		}
	}
	words := []string{f.Now.In(f.zone()).Format("15:04:05"), name, or(string(is.Status.Phase)), or(slaWord(is.Status.SLA))}
	if what, due, _ := f.next(is); what != "" {
		words = append(words, "next: "+what+" "+due)
	}
	line := f.Paint.Paint(SLATone(is.Status.SLA), Clip(strings.Join(words, "  "), f.Width))
	return append([]string{line}, changes...)
}

// told are the new entries and what the operator made of them.
func (f *Frame) told(was, is *v1alpha1.Incident) []string {
	var out []string
	for i := len(was.Spec.Journal); i < len(is.Spec.Journal); i++ {
		e := &is.Spec.Journal[i]
		out = append(out, hang("  ", Clean(string(e.By))+": "+Tell(e), f.Width)...)
	}
	return append(out, f.Changes(was, is)...)
}
