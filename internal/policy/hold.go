package policy

import (
	"fmt"
	"strings"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// HoldRule is a compiled reason to hold.
type HoldRule struct {
	Reason v1alpha1.HoldReason
	// Steps are the places of the steps that it pauses.
	Steps []int
	// Resolution and Update say that it pauses those clocks.
	Resolution, Update bool
	// Slows says that it pauses the resolution: its clock, or a step that resolves.
	Slows bool
	// MaxEach and MaxTotal cap one hold and all holds for the reason; zero is no cap.
	MaxEach, MaxTotal time.Duration
}

// HoldFor is the rule for a reason, or nil where the policy does not allow it.
func (p *Plan) HoldFor(reason v1alpha1.HoldReason) *HoldRule {
	for i := range p.Holds {
		if p.Holds[i].Reason == reason {
			return &p.Holds[i]
		}
	}
	return nil
}

// HoldReasons are the allowed reasons, for a message.
func (p *Plan) HoldReasons() string {
	if len(p.Holds) == 0 {
		return "none"
	}
	out := make([]string, len(p.Holds))
	for i, h := range p.Holds {
		out[i] = string(h.Reason)
	}
	return strings.Join(out, ", ")
}

func (k *compiler) holds() {
	for i, h := range k.spec.Holds {
		field := fmt.Sprintf("spec.holds[%d]", i)
		rule := HoldRule{
			Reason:   h.Reason,
			MaxEach:  k.optional(field+".maxEach", h.MaxEach, 0),
			MaxTotal: k.optional(field+".maxTotal", h.MaxTotal, 0),
		}
		for j, name := range h.Pauses.Steps {
			if at := k.pausable(fmt.Sprintf("%s.pauses.steps[%d]", field, j), name); at >= 0 {
				rule.Steps = append(rule.Steps, at)
				rule.Slows = rule.Slows || k.plan.Resolves(at)
			}
		}
		for j, c := range h.Pauses.Clocks {
			switch c {
			case v1alpha1.ClockResolution:
				rule.Resolution, rule.Slows = true, true
			case v1alpha1.ClockUpdate:
				rule.Update = true
			default:
				k.add(v1alpha1.InvalidSpecReason, fmt.Sprintf("%s.pauses.clocks[%d]", field, j), "%s is never paused; a hold pauses steps and the clocks Resolution and Update", c)
			}
		}
		k.plan.Holds = append(k.plan.Holds, rule)
	}
}

// pausable is the place of a step that a hold may pause, or -1. A hold stops what is
// counted, so that only a deadline that counts can be paused.
func (k *compiler) pausable(field string, name v1alpha1.Name) int {
	at := k.plan.StepNamed(name)
	if at < 0 {
		k.add(v1alpha1.InvalidSpecReason, field, "there is no step %q; the steps are %s", name, k.plan.StepNames())
		return at
	}
	s := &k.plan.Steps[at]
	if s.Type == v1alpha1.StepApology {
		k.add(v1alpha1.InvalidSpecReason, field, "the step %q is an Apology, which is never paused", name)
	}
	for i := range s.limits {
		if d := s.limits[i].Due; d != nil && d.Within == 0 {
			k.add(v1alpha1.InvalidSpecReason, field, "the step %q is due at the close of a business day or at an instant, which a hold cannot move; give it a due within a duration, or take it out of pauses", name)
			break
		}
	}
	return at
}
