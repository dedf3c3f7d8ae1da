package simulate

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// What kinds of events a transcript has.
const (
	// Applied is an object that was created, edited or deleted; the reason says which.
	Applied = "Applied"
	// Recorded is a fact that was added to an incident or a Compensation.
	Recorded = "Recorded"
	// Refused is what the API server would have refused.
	Refused = "Refused"
	// Clock is a clock that has started, moved or ended.
	Clock = "Clock"
	// Condition is a condition that says something else than before.
	Condition = "Condition"
	// Stands is how an object stands as a whole.
	Stands = "Stands"
	// Told is an event of the operator that is good to know.
	Told = "Told"
	// Warned is an event of the operator that somebody should look at.
	Warned = "Warned"
)

// Event is one thing that happened.
type Event struct {
	// At is when, in UTC.
	At time.Time `json:"at"`
	// Incident is the incident that it is about; empty for what is about none.
	Incident string `json:"incident"`
	// Kind and Name are those of the object that it happened to.
	Kind string `json:"kind"`
	Name string `json:"name"`
	// What is Applied, Recorded, Refused, Clock, Condition, Stands, Told or Warned.
	What string `json:"what"`
	// Reason is one word for programs: the reason of the event or condition, the state of
	// the clock, the kind of the fact.
	Reason string `json:"reason"`
	// Message is for people.
	Message string `json:"message"`
}

// Final is how an object stands at the end.
type Final struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	// Status is its status, as the operator would have written it.
	Status any `json:"status"`
}

// Transcript is what happened, in order, and how everything stands at the end.
type Transcript struct {
	// Events are what happened.
	Events []Event `json:"events"`
	// Objects are how everything stands at the end, by kind and name.
	Objects []Final `json:"objects"`
	// Until is the last instant that was looked at.
	Until time.Time `json:"until"`
	// Cut says that more would have been due, but the end of the simulation came first.
	Cut bool `json:"cut,omitempty"`
}

// WriteJSON writes the transcript for programs.
func (t *Transcript) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(t)
}

// WriteText writes the transcript for people, a line for each event; how single clocks
// and conditions move only where all is asked for.
func (t *Transcript) WriteText(w io.Writer, all bool) error {
	shown := slices.DeleteFunc(slices.Clone(t.Events), func(e Event) bool { return !all && (e.What == Clock || e.What == Condition) })
	width := 0
	for i := range shown {
		width = max(width, len(shown[i].subject()))
	}
	for i := range shown {
		e := &shown[i]
		if _, err := fmt.Fprintf(w, "%s  %-*s  %-9s  %s\n", e.At.UTC().Format(time.DateTime), width, e.subject(), e.What, e.text()); err != nil {
			return err
		}
	}
	if t.Cut {
		_, err := fmt.Fprintf(w, "The simulation ends here, at %s; more would be due.\n", t.Until.UTC().Format(time.DateTime))
		return err
	}
	return nil
}

func (e *Event) subject() string {
	return e.Kind + "/" + e.Name
}

func (e *Event) text() string {
	if e.Reason == "" || e.What == Clock || e.What == Stands {
		return e.Message
	}
	return e.Reason + ": " + e.Message
}
