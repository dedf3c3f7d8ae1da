package work

import (
	"errors"
	"regexp"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Need is what the customer needs at heart.
type Need struct {
	// Text is the need, best in the customer's own words.
	Text string
}

// Fill writes the need.
func (f Need) Fill(_ *Scene, e *v1alpha1.JournalEntry) error {
	words, err := text("the need", f.Text)
	e.ID, e.Need = "need", &v1alpha1.Need{Text: words}
	return err
}

// Impact is how long it hurt and what was at stake.
type Impact struct {
	// Started and Ended are when it began and stopped to hurt.
	Started, Ended string
	// AtStake is what the customer stood to lose.
	AtStake string
}

// Fill writes the impact.
func (f Impact) Fill(s *Scene, e *v1alpha1.JournalEntry) error {
	out := &v1alpha1.Impact{AmountAtStake: v1alpha1.Money(f.AtStake)}
	if f == (Impact{}) {
		return wrong("say what: --started 14:05, --ended 14:45 or --at-stake 1200.00")
	}
	if f.Started != "" {
		at, err := Past(f.Started, s.Now, s.Zone)
		if err != nil {
			return wrongf("--started: %w", err)
		}
		out.StartedAt = stamp(at)
	}
	if f.Ended != "" {
		at, err := Past(f.Ended, s.Now, s.Zone)
		if err != nil {
			return wrongf("--ended: %w", err)
		}
		out.EndedAt = stamp(at)
	}
	if out.StartedAt != nil && out.EndedAt != nil && out.EndedAt.Before(out.StartedAt) {
		return untimely("--ended lies before --started; write the dates too")
	}
	if f.AtStake != "" && !amountPattern.MatchString(f.AtStake) {
		return wrongf("--at-stake %q: write the amount without sign, currency or thousands, for example 1200.00", f.AtStake)
	}
	e.ID, e.Impact = "impact", out
	return nil
}

var amountPattern = regexp.MustCompile(`^(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?$`)

// Finding is a cause that was found.
type Finding struct {
	// Cause is why it failed.
	Cause string
	// Detail is what was found.
	Detail string
	// Primary says that it is the main cause.
	Primary bool
	// Preventable says whether it could have been prevented.
	Preventable string
}

// Fill writes the finding.
func (f Finding) Fill(_ *Scene, e *v1alpha1.JournalEntry) error {
	cause, err := oneOf[v1alpha1.Cause]("cause", f.Cause, Causes)
	if err != nil {
		return err
	}
	preventable, err := maybeOneOf[v1alpha1.Preventable]("--preventable", f.Preventable, Answers)
	e.ID = join("cause", kebab(string(cause)))
	e.Finding = &v1alpha1.Finding{Cause: cause, Detail: v1alpha1.Text(strings.TrimSpace(f.Detail)), Primary: f.Primary, Preventable: preventable}
	return err
}

// Gesture is a kindness that costs no budget.
type Gesture struct {
	// Option is an option of the catalogue.
	Option string
	// Text says what was done.
	Text string
}

// Fill writes the gesture.
func (f Gesture) Fill(_ *Scene, e *v1alpha1.JournalEntry) error {
	words := v1alpha1.Text(strings.TrimSpace(f.Text))
	if f.Option == "" && words == "" {
		return wrong("what was done? Say it in words, or name a free option of the catalogue: --option fresh-coffee")
	}
	e.ID, e.Gesture = "gesture", &v1alpha1.Gesture{Text: words}
	if f.Option == "" {
		return nil
	}
	option, err := name("--option", f.Option)
	e.ID, e.Gesture.Option = join("gesture", option), option
	return err
}

// Feedback is how the customer took it.
type Feedback struct {
	// Satisfaction is from 1 to 5; zero is not asked.
	Satisfaction int32
	// Versus compares with what was expected.
	Versus string
	// WillReturn and Retained are answers.
	WillReturn, Retained string
	// Source says whose judgement it is.
	Source string
}

// Fill writes the feedback.
func (f Feedback) Fill(_ *Scene, e *v1alpha1.JournalEntry) error {
	bare := f
	bare.Source = ""
	if bare == (Feedback{}) {
		return wrong("say what the customer said: --satisfaction 1 to 5, --versus Below, Met or Above, --will-return Yes, No or Unknown")
	}
	if f.Satisfaction < 0 || f.Satisfaction > 5 {
		return wrongf("--satisfaction %d: it is from 1, not at all, to 5, fully", f.Satisfaction)
	}
	out := &v1alpha1.Feedback{Satisfaction: f.Satisfaction}
	var errs [4]error
	out.VersusExpectation, errs[0] = maybeOneOf[v1alpha1.VersusExpectation]("--versus", f.Versus, Comparisons)
	out.WillReturn, errs[1] = maybeOneOf[v1alpha1.Answer]("--will-return", f.WillReturn, Answers)
	out.Retained, errs[2] = maybeOneOf[v1alpha1.Answer]("--retained", f.Retained, Answers)
	out.Source, errs[3] = maybeOneOf[v1alpha1.FeedbackSource]("--source", f.Source, FeedbackSources)
	e.ID, e.Feedback = "feedback", out
	return errors.Join(errs[:]...)
}

// Link points elsewhere.
type Link struct {
	// URL is where.
	URL string
	// Name is what it is.
	Name string
}

var urlPattern = regexp.MustCompile(`^(https?://|mailto:)\S+$`)

// Fill writes the link.
func (f Link) Fill(_ *Scene, e *v1alpha1.JournalEntry) error {
	if !urlPattern.MatchString(f.URL) {
		return wrongf("url %q: it begins with https://, http:// or mailto: and has no spaces", f.URL)
	}
	what, err := text("the name of the link", f.Name)
	e.ID, e.Link = "link", &v1alpha1.Link{Name: what, URL: f.URL}
	return err
}

// Amend corrects the header.
type Amend struct {
	// Summary, Category and Service replace those of the header.
	Summary, Category, Service string
	// Customer changes what it gives of the customer.
	Customer Customer
}

// Fill writes the amend. The customer is replaced whole, so that what is not given is
// taken from the one that holds now.
func (f Amend) Fill(s *Scene, e *v1alpha1.JournalEntry) error {
	if f == (Amend{}) {
		return wrong("say what was wrong: --summary, --customer, --tier, --time-zone, --contact-hours, --category or --service; a wrong severity is corrected with retarget")
	}
	out := &v1alpha1.Amend{
		Summary: v1alpha1.Text(strings.TrimSpace(f.Summary)), Category: v1alpha1.Category(f.Category), Service: v1alpha1.Service(f.Service),
	}
	if f.Customer != (Customer{}) {
		customer, err := f.Customer.over(EffectiveCustomer(s.Incident))
		if err != nil {
			return err
		}
		out.Customer = &customer
	}
	e.ID, e.Amend = "amend", out
	return nil
}

// EffectiveCustomer is the customer after all corrections.
func EffectiveCustomer(inc *v1alpha1.Incident) v1alpha1.Customer {
	out := inc.Spec.Customer
	for i := range inc.Spec.Journal {
		if a := inc.Spec.Journal[i].Amend; a != nil && a.Customer != nil {
			out = *a.Customer
		}
	}
	return out
}

// EffectiveSummary is the summary after all corrections.
func EffectiveSummary(inc *v1alpha1.Incident) string {
	out := inc.Spec.Summary
	for i := range inc.Spec.Journal {
		if a := inc.Spec.Journal[i].Amend; a != nil && a.Summary != "" {
			out = a.Summary
		}
	}
	return string(out)
}
