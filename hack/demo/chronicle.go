package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// operatorName is the operator among those who act.
const operatorName = "operator"

// tone says how a line is to be read.
type tone int

const (
	toneFact tone = iota
	toneOperator
	toneGood
	toneWarning
	toneBreach
	toneWhy
	toneStage
)

// line is one line of what happened.
type line struct {
	at                  time.Duration
	incident, who, text string
	tone                tone
}

// happening is something that was seen and is not told yet.
type happening struct {
	when     time.Time
	incident string
	who      string
	text     string
	reason   string // of an event
	tone     tone
}

// chronicle keeps what was seen: the incidents as they are, what has been told of them,
// and what is still to be told.
type chronicle struct {
	zero      time.Time
	incidents map[string]*v1alpha1.Incident
	told      map[types.UID]int         // entries told, by incident
	events    map[types.UID]bool        // events told
	counts    map[string]map[string]int // events by incident and reason
	explained map[string]bool           // reasons
	pending   []happening
}

func newChronicle(zero time.Time) *chronicle {
	return &chronicle{
		zero: zero, incidents: map[string]*v1alpha1.Incident{}, told: map[types.UID]int{},
		events: map[types.UID]bool{}, counts: map[string]map[string]int{}, explained: map[string]bool{},
	}
}

// incident takes in an incident as it is now. An older copy that comes late tells
// nothing.
func (c *chronicle) incident(inc *v1alpha1.Incident, now time.Time) {
	told, known := c.told[inc.UID]
	if !known {
		c.add(happening{when: now, incident: inc.Name, who: reporter(inc), text: "reports: " + string(inc.Spec.Summary)})
	}
	for i := told; i < len(inc.Spec.Journal); i++ {
		e := &inc.Spec.Journal[i]
		c.add(happening{when: now, incident: inc.Name, who: cmp.Or(string(e.By), "somebody"), text: describe(e)})
	}
	c.told[inc.UID] = max(told, len(inc.Spec.Journal))
	c.incidents[inc.Name] = inc
}

// reporter is who created an incident, as far as the bookkeeping of field owners
// tells: people here write under their own names.
func reporter(inc *v1alpha1.Incident) string {
	for _, m := range inc.ManagedFields {
		if m.Operation == metav1.ManagedFieldsOperationUpdate && m.Subresource == "" {
			return m.Manager
		}
	}
	return "somebody"
}

// event takes in an event about an incident.
func (c *chronicle) event(e *eventsv1.Event) {
	if e.Regarding.Kind != "Incident" || c.events[e.UID] {
		return
	}
	c.events[e.UID] = true
	of := c.counts[e.Regarding.Name]
	if of == nil {
		of = map[string]int{}
		c.counts[e.Regarding.Name] = of
	}
	of[e.Reason]++
	c.add(happening{
		when: e.EventTime.Time, incident: e.Regarding.Name, who: operatorName,
		text: e.Reason + ": " + relative(e.Note, c.zero), reason: e.Reason, tone: eventTone(e),
	})
}

func eventTone(e *eventsv1.Event) tone {
	switch {
	case e.Reason == v1alpha1.EventDeadlineBreached:
		return toneBreach
	case e.Type == "Warning":
		return toneWarning
	case e.Reason == v1alpha1.EventClosed || e.Reason == v1alpha1.EventResolved:
		return toneGood
	}
	return toneOperator
}

func (c *chronicle) add(h happening) {
	c.pending = append(c.pending, h)
}

// take is what there is to tell now: in order of time, what the operator said of one
// incident at a time in one line, and behind it, the first time that it gives a
// reason, why.
func (c *chronicle) take() []line {
	slices.SortStableFunc(c.pending, func(a, b happening) int { return a.when.Compare(b.when) })
	var out []line
	var reasons [][]string // of each line
	last := map[string]int{}
	for _, h := range c.pending {
		n, ok := last[h.incident]
		if ok && h.reason != "" && out[n].who == h.who {
			out[n].text += "; " + h.text
			out[n].tone = max(out[n].tone, h.tone)
			reasons[n] = append(reasons[n], h.reason)
			continue
		}
		last[h.incident] = len(out)
		out = append(out, line{at: h.when.Sub(c.zero), incident: h.incident, who: h.who, text: h.text, tone: h.tone})
		reasons = append(reasons, []string{h.reason})
	}
	c.pending = nil
	return c.explain(out, reasons)
}

// explain puts behind each line why, for the reasons in it that are new.
func (c *chronicle) explain(lines []line, reasons [][]string) []line {
	var out []line
	for i := range lines {
		out = append(out, lines[i])
		var texts []string
		for _, reason := range reasons[i] {
			if text, ok := why[reason]; ok && !c.explained[reason] {
				c.explained[reason] = true
				texts = append(texts, reason+" because "+text)
			}
		}
		if len(texts) > 0 {
			out = append(out, line{text: "why? " + strings.Join(texts, ". ") + ".", tone: toneWhy})
		}
	}
	return out
}

// names are the names of the incidents, in order of their creation.
func (c *chronicle) names() []string {
	var out []string
	for name := range c.incidents {
		out = append(out, name)
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(c.incidents[a].CreationTimestamp.Compare(c.incidents[b].CreationTimestamp.Time), strings.Compare(a, b))
	})
	return out
}
