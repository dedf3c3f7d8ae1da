package recovery

import (
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// isContact says whether the customer hears from us when the clock is done.
func (r *run) isContact(c *clock) bool {
	switch c.kind {
	case v1alpha1.ClockResponse, v1alpha1.ClockUpdate, v1alpha1.ClockPromise:
		return true
	case v1alpha1.ClockStep:
		p := &r.plan.Steps[c.step]
		return p.Type == v1alpha1.StepApology || p.Type == v1alpha1.StepReview || p.Type == v1alpha1.StepOffer ||
			slices.Contains(p.Demands, v1alpha1.DemandCustomerReached)
	}
	return false
}

// hasContact says whether a clock tells when the customer hears from us next.
func (r *run) hasContact() bool {
	return slices.ContainsFunc(r.clocks, func(c *clock) bool { return c.running() && !c.dueAt.IsZero() && r.isContact(c) })
}

// promiseCounts counts the promises that count; nil where there is none.
func (r *run) promiseCounts() *v1alpha1.PromiseCounts {
	var out v1alpha1.PromiseCounts
	for _, p := range r.promises {
		switch {
		case p.clock == nil:
		case p.broken:
			out.Broken++
		case p.open():
			out.Open++
		case p.kept:
			out.Kept++
		}
	}
	if out == (v1alpha1.PromiseCounts{}) {
		return nil
	}
	return &out
}
