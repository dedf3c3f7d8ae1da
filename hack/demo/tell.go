package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// describe says in words what an entry tells.
func describe(e *v1alpha1.JournalEntry) string {
	var parts []string
	for _, part := range []string{contactText(e.Contact), stepText(e), dutyText(e), careText(e), headerText(e), noteText(e)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "; ")
}

func contactText(c *v1alpha1.Contact) string {
	if c == nil {
		return ""
	}
	how := string(c.Channel)
	if c.Mood != "" {
		how += ", " + string(c.Mood)
	}
	switch {
	case c.Direction == v1alpha1.FromCustomer:
		return "hears from the guest (" + how + ")"
	case c.Automated:
		return "sends the guest an automated message (" + how + ")"
	case c.Reached:
		return "speaks to the guest (" + how + ")"
	}
	return "tries to reach the guest, in vain (" + how + ")"
}

// stepText tells what moves the steps.
func stepText(e *v1alpha1.JournalEntry) string {
	switch {
	case e.Completion != nil && e.Completion.Accepted == v1alpha1.AcceptedYes:
		return fmt.Sprintf("step %s is done, and the guest accepts", e.Completion.Step)
	case e.Completion != nil:
		return fmt.Sprintf("step %s is done", e.Completion.Step)
	case e.Skip != nil:
		return fmt.Sprintf("step %s is left out: %s", e.Skip.Step, e.Skip.Reason)
	case e.Reopen != nil:
		return "opens it again"
	case e.Cancel != nil:
		return fmt.Sprintf("cancels it: %s", e.Cancel.Reason)
	case e.Merge != nil:
		return fmt.Sprintf("merges it into %s", e.Merge.Into)
	case e.Hold != nil:
		return fmt.Sprintf("pauses what the policy lets %s pause", e.Hold.Reason)
	case e.Resume != nil:
		return fmt.Sprintf("ends the pause %s", e.Resume.Hold)
	case e.Retarget != nil:
		return fmt.Sprintf("the severity is %s", e.Retarget.Severity)
	}
	return ""
}

// dutyText tells what somebody owes, and what became of it.
func dutyText(e *v1alpha1.JournalEntry) string {
	switch {
	case e.Promise != nil:
		return fmt.Sprintf("promises %q, %s", e.Promise.Text, limitText(e.Promise.Within))
	case e.Task != nil:
		return fmt.Sprintf("asks %s for %s, %s: %s", e.Task.To, e.Task.Kind, limitText(e.Task.Within), e.Task.Text)
	case e.Outcome != nil && e.Outcome.Promise != "":
		return fmt.Sprintf("the promise %s is %s", e.Outcome.Promise, e.Outcome.Result)
	case e.Outcome != nil:
		return fmt.Sprintf("the task %s is %s", e.Outcome.Task, e.Outcome.Result)
	case e.Assignment != nil:
		return fmt.Sprintf("hands it over to %s", e.Assignment.Owner)
	case e.Acceptance != nil:
		return "has read the journal and takes it on"
	}
	return ""
}

func limitText(d v1alpha1.Duration) string {
	if d == "" {
		return "by a set time"
	}
	return "within " + string(d)
}

// careText tells what was given and what was learnt.
func careText(e *v1alpha1.JournalEntry) string {
	switch {
	case e.Gesture != nil:
		return "gives, at no cost: " + joined(string(e.Gesture.Option), string(e.Gesture.Text))
	case e.Need != nil:
		return fmt.Sprintf("writes down the need: %q", e.Need.Text)
	case e.Finding != nil:
		return "finds the cause: " + joined(string(e.Finding.Cause), string(e.Finding.Detail))
	case e.Feedback != nil:
		return "feedback: " + feedbackText(e.Feedback)
	case e.Impact != nil:
		return "records the impact"
	}
	return ""
}

func feedbackText(f *v1alpha1.Feedback) string {
	var parts []string
	if f.Satisfaction > 0 {
		parts = append(parts, fmt.Sprintf("%d of 5", f.Satisfaction))
	}
	if f.VersusExpectation != "" {
		parts = append(parts, string(f.VersusExpectation)+" expectation")
	}
	if f.WillReturn != "" {
		parts = append(parts, "will return: "+string(f.WillReturn))
	}
	return strings.Join(parts, ", ")
}

// headerText tells what is said about the incident itself.
func headerText(e *v1alpha1.JournalEntry) string {
	switch {
	case e.Amend != nil:
		return "corrects the header"
	case e.Link != nil:
		return "links to " + e.Link.URL
	}
	return ""
}

func noteText(e *v1alpha1.JournalEntry) string {
	if e.Note == "" {
		return ""
	}
	return fmt.Sprintf("notes %q", e.Note)
}

// joined puts a detail in brackets behind a word, where there are both.
func joined(word, detail string) string {
	switch {
	case word == "":
		return detail
	case detail == "":
		return word
	}
	return word + " (" + detail + ")"
}

// why says in general why the operator gives a reason.
var why = map[string]string{
	v1alpha1.EventPolicyBound:      "the incident names the policy, or the policy's selector holds; the revision stays, whatever is edited later",
	v1alpha1.EventStepStarted:      "the steps before it are settled; its clock runs from that instant",
	v1alpha1.EventStepDone:         "an entry completes it, and all that the step demands is in the journal",
	v1alpha1.EventDeadlineNear:     "the policy says when to warn (warnAt), each time once",
	v1alpha1.EventDeadlineBreached: "stamps have whole seconds, so one second later no entry can be in time any more; the breach is dated at the due instant and stays, whatever follows",
	v1alpha1.EventPromiseBroken:    "a promise to the guest is past due and no contact has kept it; another apology is owed",
	v1alpha1.EventEscalated:        "the policy's escalation names who hears of what",
	v1alpha1.EventClockStarted:     "beside its steps, the policy holds answers, hand-overs, promises and tasks in time",
	v1alpha1.EventResolved:         "what puts it right is settled",
	v1alpha1.EventClosed:           "every step is settled; the SLA is Met only if nothing was ever late",
	v1alpha1.EventReopened:         "the guest came back within the policy's reopenWithin: the same incident, another round, another apology",
}

var instants = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

// relative replaces the instants in a text by seconds since zero, as the demo counts.
func relative(text string, zero time.Time) string {
	return instants.ReplaceAllStringFunc(text, func(s string) string {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return s
		}
		return offset(at.Sub(zero))
	})
}

// offset is a time in the demo, in whole seconds since its start.
func offset(d time.Duration) string {
	return fmt.Sprintf("%+ds", d/time.Second)
}
