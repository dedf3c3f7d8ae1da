package view

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Tell says in a few words what an entry tells, without its note.
func Tell(e *v1alpha1.JournalEntry) string {
	var parts []string
	if member := member(e); member != "" {
		parts = append(parts, member)
	}
	if e.Contact != nil {
		parts = append(parts, contact(e.Contact))
	}
	if len(parts) == 0 {
		return "a note"
	}
	return Clean(strings.Join(parts, ", "))
}

// member says what the member of an entry tells.
func member(e *v1alpha1.JournalEntry) string {
	for _, tell := range []func(*v1alpha1.JournalEntry) string{tellWork, tellHandling, tellRecord} {
		if words := tell(e); words != "" {
			return words
		}
	}
	return ""
}

func tellWork(e *v1alpha1.JournalEntry) string {
	switch {
	case e.Completion != nil:
		words := "completed " + string(e.Completion.Step)
		if e.Completion.Accepted != "" {
			words += ", accepted by the customer: " + string(e.Completion.Accepted)
		}
		return words
	case e.Skip != nil:
		return fmt.Sprintf("skipped %s: %s", e.Skip.Step, e.Skip.Reason)
	case e.Need != nil:
		return fmt.Sprintf("need %q", e.Need.Text)
	case e.Promise != nil:
		return fmt.Sprintf("promise %q%s", e.Promise.Text, within(e.Promise.Within))
	case e.Task != nil:
		to := ""
		if e.Task.To != "" {
			to = " for " + string(e.Task.To)
		}
		return fmt.Sprintf("%s task%s %q%s", strings.ToLower(string(e.Task.Kind)), to, e.Task.Text, within(e.Task.Within))
	case e.Outcome != nil && e.Outcome.Promise != "":
		return fmt.Sprintf("promise %s %s", e.Outcome.Promise, strings.ToLower(string(e.Outcome.Result)))
	case e.Outcome != nil:
		return fmt.Sprintf("task %s %s", e.Outcome.Task, strings.ToLower(string(e.Outcome.Result)))
	}
	return ""
}

func within(d v1alpha1.Duration) string {
	if d == "" {
		return ""
	}
	return " within " + string(d)
}

func tellHandling(e *v1alpha1.JournalEntry) string {
	switch {
	case e.Hold != nil:
		return "hold " + string(e.Hold.Reason)
	case e.Resume != nil:
		return "resumed " + string(e.Resume.Hold)
	case e.Retarget != nil:
		return "severity " + string(e.Retarget.Severity) + colon(string(e.Retarget.Reason))
	case e.Assignment != nil:
		return "assigned to " + string(e.Assignment.Owner)
	case e.Acceptance != nil:
		return "taken on"
	case e.Reopen != nil:
		return "reopened" + colon(string(e.Reopen.Reason))
	case e.Cancel != nil:
		return "cancelled: " + string(e.Cancel.Reason)
	case e.Merge != nil:
		return "merged into " + string(e.Merge.Into)
	}
	return ""
}

func colon(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}

func tellRecord(e *v1alpha1.JournalEntry) string {
	switch {
	case e.Impact != nil:
		return "impact"
	case e.Finding != nil:
		return "cause " + string(e.Finding.Cause) + colon(string(e.Finding.Detail))
	case e.Gesture != nil:
		return "gesture " + cmp.Or(string(e.Gesture.Text), string(e.Gesture.Option))
	case e.Feedback != nil:
		return feedback(e.Feedback)
	case e.Amend != nil:
		return "header corrected"
	case e.Link != nil:
		return fmt.Sprintf("link %s %s", e.Link.Name, e.Link.URL)
	}
	return ""
}

func feedback(f *v1alpha1.Feedback) string {
	words := []string{"feedback"}
	if f.Satisfaction > 0 {
		words = append(words, fmt.Sprintf("%d of 5", f.Satisfaction))
	}
	if f.VersusExpectation != "" {
		words = append(words, strings.ToLower(string(f.VersusExpectation))+" expectation")
	}
	if f.WillReturn != "" {
		words = append(words, "will return: "+string(f.WillReturn))
	}
	return strings.Join(words, ", ")
}

// contact says what a contact was.
func contact(c *v1alpha1.Contact) string {
	how := strings.ToLower(string(c.Channel))
	if c.Channel == "InPerson" {
		how = "in person"
	}
	var words string
	switch {
	case c.Direction == v1alpha1.FromCustomer && c.AcknowledgementOnly:
		words = "the customer said thanks, " + how
	case c.Direction == v1alpha1.FromCustomer:
		words = "the customer was in touch, " + how
	case c.Audience == v1alpha1.AudienceAll:
		words = "told everybody, " + how
	case c.Reached:
		words = "reached the customer, " + how
	default:
		words = "did not reach the customer, " + how
	}
	if c.Automated {
		words += ", automated"
	}
	if c.Mood != "" {
		words += ", " + strings.ToLower(string(c.Mood))
	}
	return words
}
