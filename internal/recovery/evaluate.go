package recovery

import (
	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/stamp"
)

// evaluation is an expression about an entry with everything else that it sees. A
// completion that waits is looked at again with every fact; what it requires is
// evaluated again only where the answer may be another one.
type evaluation struct {
	program  *policy.Program
	place    int // of the entry in the journal, or -1
	severity v1alpha1.Severity
	round    int
	header   int // how often the header was amended
}

// verdict is the answer of an evaluation.
type verdict struct {
	holds bool
	err   error
}

// evaluate asks an expression, once for all that it sees. What one completion requires
// shares a budget; completions do not share one, because a verdict that is latched costs
// nothing any more, and must not leave more to the others than they had before.
func (r *run) evaluate(p *policy.Program, f *stamp.Fact) (bool, error) {
	key := evaluation{program: p, place: -1, severity: r.severity, round: r.round, header: r.amended}
	var entry *v1alpha1.JournalEntry
	if f != nil {
		key.place, entry = f.Place, f.Entry
	}
	v, known := r.verdicts[key]
	if !known {
		if r.verdicts == nil {
			r.verdicts, r.budgets = map[evaluation]verdict{}, map[int]*policy.Budget{}
		}
		budget := r.budgets[key.place]
		if budget == nil || f == nil {
			budget = policy.NewBudget()
			r.budgets[key.place] = budget
		}
		v.holds, v.err = p.EvalWithin(r.vars(entry), budget)
		r.verdicts[key] = v
	}
	return v.holds, v.err
}
