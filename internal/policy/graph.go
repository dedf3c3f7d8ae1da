package policy

import (
	"slices"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// graph resolves after to places and refuses unknown names and cycles.
func (k *compiler) graph() {
	for i := range k.plan.Steps {
		for j, name := range k.spec.Steps[i].After {
			field := stepField(i) + ".after"
			at := k.plan.StepNamed(name)
			switch {
			case at < 0:
				k.add(v1alpha1.InvalidSpecReason, field, "there is no step %q; the steps are %s", name, k.plan.StepNames())
			case at == i:
				k.add(v1alpha1.InvalidSpecReason, field, "the step %q cannot come after itself", name)
			case slices.Contains(k.spec.Steps[i].After[:j], name):
				k.add(v1alpha1.InvalidSpecReason, field, "the step %q is named twice", name)
			default:
				k.plan.Steps[i].After = append(k.plan.Steps[i].After, at)
			}
		}
	}
	if cycle := k.cycle(); len(cycle) > 0 {
		k.add(v1alpha1.InvalidSpecReason, "spec.steps", "the steps come after each other in a circle, so that none of them could start: %s", strings.Join(cycle, " after "))
	}
}

// cycle is the names of one cycle, first and last the same, or nothing.
func (k *compiler) cycle() []string {
	const (
		unseen = iota
		open
		done
	)
	state := make([]int, len(k.plan.Steps))
	var path []int
	var visit func(i int) []int
	visit = func(i int) []int {
		state[i] = open
		path = append(path, i)
		for _, before := range k.plan.Steps[i].After {
			switch state[before] {
			case open:
				return append(slices.Clone(path[slices.Index(path, before):]), before)
			case unseen:
				if c := visit(before); c != nil {
					return c
				}
			}
		}
		path = path[:len(path)-1]
		state[i] = done
		return nil
	}
	for i := range k.plan.Steps {
		if state[i] != unseen {
			continue
		}
		if c := visit(i); c != nil {
			names := make([]string, len(c))
			for n, at := range c {
				names[n] = string(k.plan.Steps[at].Name)
			}
			return names
		}
	}
	return nil
}

// StepNames are the names of all steps, separated by commas, for a message.
func (p *Plan) StepNames() string {
	names := make([]string, len(p.Steps))
	for i := range p.Steps {
		names[i] = string(p.Steps[i].Name)
	}
	return strings.Join(names, ", ")
}
