package work

import (
	"fmt"
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Completion says that a step is done.
type Completion struct {
	// Step is the name of the step.
	Step string
	// Accepted says whether the customer accepted.
	Accepted string
	// NoRemedy says why the customer gets no remedy.
	NoRemedy string
}

// Fill writes the completion.
func (f Completion) Fill(s *Scene, e *v1alpha1.JournalEntry) error {
	step, err := s.step(f.Step)
	if err != nil {
		return err
	}
	accepted, err := maybeOneOf[v1alpha1.Accepted]("--accepted", f.Accepted, Accepteds)
	if err != nil {
		return err
	}
	e.ID = join("done", step)
	e.Completion = &v1alpha1.Completion{Step: step, Accepted: accepted, NoRemedyReason: v1alpha1.Text(f.NoRemedy)}
	return nil
}

// Skip leaves a step out.
type Skip struct {
	// Step is the name of the step.
	Step string
	// Reason says why.
	Reason string
}

// Fill writes the skip.
func (f Skip) Fill(s *Scene, e *v1alpha1.JournalEntry) error {
	step, err := s.step(f.Step)
	if err != nil {
		return err
	}
	for i := range s.Incident.Status.Clocks {
		if c := &s.Incident.Status.Clocks[i]; stepOf(c) == step && c.Type == v1alpha1.StepApology {
			return fmt.Errorf("%s is an apology, which cannot be skipped: the customer is owed it whatever the cause", step)
		}
	}
	reason, err := text("the reason", f.Reason)
	e.ID, e.Skip = join("skip", step), &v1alpha1.Skip{Step: step, Reason: reason}
	return err
}

// step checks the name of a step: an entry that names none of the policy counts for
// nothing, and cannot be taken back.
func (s *Scene) step(typed string) (v1alpha1.Name, error) {
	step, err := name("step", typed)
	if err != nil {
		return "", err
	}
	known := slices.Clone(s.Steps)
	for i := range s.Incident.Status.Clocks {
		if n := stepOf(&s.Incident.Status.Clocks[i]); n != "" && !slices.Contains(known, n) {
			known = append(known, n)
		}
	}
	if s.Steps == nil || slices.Contains(known, step) {
		return step, nil
	}
	hint := ""
	if n := nearest(step, known); n != "" {
		hint = fmt.Sprintf("; did you mean %s?", n)
	}
	return step, s.doubt(fmt.Errorf("there is no step %q; the steps are %s%s", step, list(known), hint))
}
