package work

import (
	"fmt"
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Promise is what was promised to the customer.
type Promise struct {
	// Text is what was promised.
	Text string
	// Within and Due say by when; exactly one is given.
	Within, Due string
	// Channel is how we said we would be in touch.
	Channel string
	// Owner is who keeps it.
	Owner string
	// Supersedes is the promise that it replaces.
	Supersedes string
	// ForStep is the step for which the customer chose this slot.
	ForStep string
}

// Fill writes the promise.
func (f Promise) Fill(s *Scene, e *v1alpha1.JournalEntry) error {
	words, err := text("the promise", f.Text)
	if err != nil {
		return err
	}
	p := &v1alpha1.Promise{Text: words, Owner: v1alpha1.User(f.Owner)}
	within, due, err := dueOrWithin(s, f.Within, f.Due)
	if err != nil {
		return err
	}
	if p.Within = within; due != nil {
		p.Due = stamp(*due)
	}
	if p.Channel, err = maybeOneOf[v1alpha1.Channel]("--channel", f.Channel, Channels); err != nil {
		return err
	}
	if f.Supersedes != "" {
		if p.Supersedes, err = pick("promise", f.Supersedes, Promises(s.Incident)); err != nil {
			return fmt.Errorf("--supersedes: %w", err)
		}
	}
	if f.ForStep != "" {
		if p.ForStep, err = s.step(f.ForStep); err != nil {
			return fmt.Errorf("--for-step: %w", err)
		}
	}
	e.ID, e.Promise = "promise"+numbered, p
	return nil
}

// Task is what colleagues owe each other.
type Task struct {
	// Text is what there is to do.
	Text string
	// Kind says what it is for.
	Kind string
	// To is who has it to do.
	To string
	// Within and Due say by when; exactly one is given.
	Within, Due string
}

// Fill writes the task.
func (f Task) Fill(s *Scene, e *v1alpha1.JournalEntry) error {
	words, err := text("the task", f.Text)
	if err != nil {
		return err
	}
	t := &v1alpha1.Task{Text: words, To: v1alpha1.User(f.To)}
	if t.Kind, err = oneOf[v1alpha1.TaskKind]("--kind", f.Kind, TaskKinds); err != nil {
		return err
	}
	within, due, err := dueOrWithin(s, f.Within, f.Due)
	if err != nil {
		return err
	}
	if t.Within = within; due != nil {
		t.Due = stamp(*due)
	}
	e.ID, e.Task = kebab(string(t.Kind))+numbered, t
	return nil
}

// PromiseOutcome tells what became of a promise.
type PromiseOutcome struct {
	// Promise is the promise; empty, it is the only open one.
	Promise string
	// Result is what became of it.
	Result string
}

// Fill writes the outcome.
func (f PromiseOutcome) Fill(s *Scene, e *v1alpha1.JournalEntry) error {
	result, err := oneOf[v1alpha1.Result]("--result", f.Result, PromiseResults)
	if err != nil {
		return err
	}
	candidates := Promises(s.Incident)
	if result == v1alpha1.ResultBroken {
		// A promise that was said to be kept may turn out to be broken.
		candidates = promised(s.Incident)
	}
	id, err := pick("promise", f.Promise, candidates)
	if err != nil {
		return err
	}
	word := map[v1alpha1.Result]string{v1alpha1.ResultKept: "kept", v1alpha1.ResultAttempted: "tried", v1alpha1.ResultBroken: "broke", v1alpha1.ResultReleased: "released"}[result]
	e.ID, e.Outcome = join(word, id), &v1alpha1.Outcome{Promise: id, Result: result}
	return nil
}

// promised are the ids of all promises.
func promised(inc *v1alpha1.Incident) []v1alpha1.Name {
	var out []v1alpha1.Name
	for i := range inc.Spec.Journal {
		if inc.Spec.Journal[i].Promise != nil {
			out = append(out, inc.Spec.Journal[i].ID)
		}
	}
	return out
}

// TaskOutcome tells what became of a task.
type TaskOutcome struct {
	// Task is the task; empty, it is the only open one.
	Task string
	// Result is what became of it.
	Result string
}

// Fill writes the outcome.
func (f TaskOutcome) Fill(s *Scene, e *v1alpha1.JournalEntry) error {
	result, err := oneOf[v1alpha1.Result]("--result", f.Result, TaskResults)
	if err != nil {
		return err
	}
	id, err := pick("task", f.Task, Tasks(s.Incident))
	if err != nil {
		return err
	}
	word := map[v1alpha1.Result]string{v1alpha1.ResultDone: "did", v1alpha1.ResultAttempted: "tried", v1alpha1.ResultDeclined: "declined", v1alpha1.ResultReleased: "released"}[result]
	e.ID, e.Outcome = join(word, id), &v1alpha1.Outcome{Task: id, Result: result}
	return nil
}

// pick is the one that is named among the candidates, or the only one where none is.
func pick(what, typed string, candidates []v1alpha1.Name) (v1alpha1.Name, error) {
	switch {
	case typed != "" && slices.Contains(candidates, v1alpha1.Name(typed)):
		return v1alpha1.Name(typed), nil
	case len(candidates) == 0:
		return "", fmt.Errorf("no %s is open", what)
	case typed != "":
		return "", fmt.Errorf("no %s %q is open; open: %s", what, typed, list(candidates))
	case len(candidates) > 1:
		return "", fmt.Errorf("several are open; name the %s: %s", what, list(candidates))
	}
	return candidates[0], nil
}
