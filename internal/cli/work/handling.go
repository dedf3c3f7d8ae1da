package work

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Hold pauses what the policy lets its reason pause.
type Hold struct {
	// Reason is one of those that the policy lists.
	Reason string
	// Until is when it ends by itself.
	Until string
	// Allowed are the reasons that the policy lists; nil where they are not known.
	Allowed []string
}

// Fill writes the hold.
func (f Hold) Fill(s *Scene, e *v1alpha1.JournalEntry) error {
	reason := v1alpha1.HoldReason(f.Reason)
	if f.Allowed != nil {
		allowed, err := f.allowed()
		if err := s.doubt(err); err != nil {
			return err
		}
		reason = cmp.Or(allowed, reason)
	}
	e.ID, e.Hold = join("hold", kebab(string(reason))), &v1alpha1.Hold{Reason: reason}
	if f.Until == "" {
		return nil
	}
	until, err := Future(f.Until, s.Now, s.Zone)
	if err != nil {
		return wrongf("--until: %w", err)
	}
	e.Hold.Until = stamp(until)
	return nil
}

// allowed is the reason as the policy writes it.
func (f Hold) allowed() (v1alpha1.HoldReason, error) {
	if len(f.Allowed) == 0 {
		return "", errors.New("the policy of this incident allows no holds: its clocks are never paused")
	}
	reason, err := oneOf[v1alpha1.HoldReason]("reason", f.Reason, f.Allowed)
	if err != nil {
		// The policy does not have it, as it may not have a step: nothing is wrong with
		// the words themselves.
		return "", errors.New(err.Error())
	}
	return reason, nil
}

// Resume ends a hold.
type Resume struct {
	// Hold is the hold; empty, it is the only one that lasts.
	Hold string
}

// Fill writes the resume.
func (f Resume) Fill(s *Scene, e *v1alpha1.JournalEntry) error {
	id, err := pick("hold", f.Hold, Holds(s.Incident))
	e.ID, e.Resume = join("resume", id), &v1alpha1.Resume{Hold: id}
	return err
}

// Retarget changes the severity.
type Retarget struct {
	// Severity is the severity from now on.
	Severity string
	// Reason says why; a milder one needs it.
	Reason string
}

// Fill writes the retarget.
func (f Retarget) Fill(s *Scene, e *v1alpha1.JournalEntry) error {
	severity, err := oneOf[v1alpha1.Severity]("severity", f.Severity, Severities)
	if err != nil {
		return err
	}
	now := EffectiveSeverity(s.Incident)
	from, to := slices.Index(Severities, string(now)), slices.Index(Severities, string(severity))
	switch {
	case from == to:
		return fmt.Errorf("the severity is %s already", severity)
	case to < from && strings.TrimSpace(f.Reason) == "":
		return fmt.Errorf("%s is milder than %s: say why, because the customer is owed less from then on", severity, now)
	}
	e.ID = join("severity", kebab(string(severity)))
	e.Retarget = &v1alpha1.Retarget{Severity: severity, Reason: v1alpha1.Text(strings.TrimSpace(f.Reason))}
	return nil
}

// EffectiveSeverity is the severity that holds now.
func EffectiveSeverity(inc *v1alpha1.Incident) v1alpha1.Severity {
	if inc.Status.Severity != "" {
		return inc.Status.Severity
	}
	return inc.Spec.Severity
}

// Assignment hands the incident over.
type Assignment struct {
	// Owner is who has it from now on; "me" is who types.
	Owner string
}

// Fill writes the assignment.
func (f Assignment) Fill(s *Scene, e *v1alpha1.JournalEntry) error {
	owner := v1alpha1.User(strings.TrimSpace(f.Owner))
	switch owner {
	case "":
		return wrong("to whom? Name a person or a group, or me")
	case "me":
		owner = s.Me
	}
	e.ID, e.Assignment = "assign", &v1alpha1.Assignment{Owner: owner}
	return nil
}

// Acceptance takes an assignment on.
type Acceptance struct {
	// Assignment is the entry that made it; empty, it is the latest one.
	Assignment string
}

// Fill writes the acceptance. The latest assignment is named, so that one that comes in
// between is not taken on unread.
func (f Acceptance) Fill(s *Scene, e *v1alpha1.JournalEntry) error {
	var made []v1alpha1.Name
	for i := range s.Incident.Spec.Journal {
		if s.Incident.Spec.Journal[i].Assignment != nil {
			made = append(made, s.Incident.Spec.Journal[i].ID)
		}
	}
	switch {
	case len(made) == 0:
		return errors.New("nobody was assigned yet: take it with the command assign, then accept it")
	case f.Assignment == "":
		e.Acceptance = &v1alpha1.Acceptance{Assignment: made[len(made)-1]}
	case slices.Contains(made, v1alpha1.Name(f.Assignment)):
		e.Acceptance = &v1alpha1.Acceptance{Assignment: v1alpha1.Name(f.Assignment)}
	default:
		return fmt.Errorf("there is no assignment %q; there are %s", f.Assignment, list(made))
	}
	e.ID = "accept"
	return nil
}

// Reopen starts another round.
type Reopen struct {
	// Reason says why it is not over.
	Reason string
}

// Fill writes the reopen.
func (f Reopen) Fill(s *Scene, e *v1alpha1.JournalEntry) error {
	if phase := s.Incident.Status.Phase; phase == v1alpha1.PhaseOpen || phase == "" {
		return errors.New("it is still open: there is nothing to reopen")
	}
	reason, err := maybeOneOf[v1alpha1.ReopenReason]("--reason", f.Reason, ReopenReasons)
	e.ID, e.Reopen = "reopen", &v1alpha1.Reopen{Reason: reason}
	return err
}

// Cancel ends the incident as none.
type Cancel struct {
	// Reason says why it was none.
	Reason string
}

// Fill writes the cancel.
func (f Cancel) Fill(s *Scene, e *v1alpha1.JournalEntry) error {
	if phase := s.Incident.Status.Phase; phase == v1alpha1.PhaseCancelled || phase == v1alpha1.PhaseMerged {
		return fmt.Errorf("it is %s already", strings.ToLower(string(phase)))
	}
	reason, err := oneOf[v1alpha1.CancelReason]("reason", f.Reason, CancelReasons)
	e.ID, e.Cancel = "cancel", &v1alpha1.Cancel{Reason: reason}
	return err
}

// Merge ends the incident in favour of another one.
type Merge struct {
	// Into is the other one.
	Into string
}

// Fill writes the merge.
func (f Merge) Fill(s *Scene, e *v1alpha1.JournalEntry) error {
	if f.Into == s.Incident.Name {
		return wrong("an incident cannot be merged into itself")
	}
	e.ID, e.Merge = "merge", &v1alpha1.Merge{Into: v1alpha1.ObjectName(f.Into)}
	return nil
}
