package ledgermodel

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// visit is a state and how it was reached.
type visit struct {
	state  state
	parent int
	what   string
}

// result is what a search came to.
type result struct {
	states, steps, rests int
	// broken is the first thing that is wrong, with the way to it.
	broken string
}

// search visits every state that can be reached, nearest first, until something is
// wrong or there are no more.
func (m *model) search(t troubles) result {
	first := begin(t)
	seen := map[string]bool{first.key(): true}
	visits := []visit{{state: first, parent: -1}}
	out := result{}
	for at := 0; at < len(visits); at++ {
		s := visits[at].state
		if wrong := s.wrong(); wrong != "" {
			out.broken = wrong + "\n" + way(visits, at)
			break
		}
		steps := m.steps(&s)
		out.steps += len(steps)
		if m.atRest(&s) {
			out.rests++
			if wrong := s.unanswered(); wrong != "" {
				out.broken = wrong + "\n" + way(visits, at)
				break
			}
		}
		for i := range steps {
			if steps[i].broken != "" {
				out.broken = steps[i].broken + "\n" + way(visits, at) + "\n" + steps[i].what
				out.states = len(visits)
				return out
			}
			if key := steps[i].next.key(); !seen[key] {
				seen[key] = true
				visits = append(visits, visit{steps[i].next, at, steps[i].what})
			}
		}
	}
	out.states = len(visits)
	return out
}

// way tells the steps to a state.
func way(visits []visit, at int) string {
	var out []string
	for ; at > 0; at = visits[at].parent {
		out = append([]string{visits[at].what}, out...)
	}
	return strings.Join(out, "\n")
}

// wrong tells what is wrong with a state: a grant counts once, in the sums or in
// flight, and what is granted fits the pool.
func (s *state) wrong() string {
	granted := int64(0)
	for _, c := range s.comps {
		if c.phase == v1alpha1.CompensationGranted {
			granted += asked
		}
	}
	if granted > limit {
		return fmt.Sprintf("%d is granted of %d", granted, int64(limit))
	}
	spent := int64(0)
	for i := range s.status.Periods {
		spent += *s.status.Periods[i].Spent
	}
	counted := int64(0)
	for i, c := range s.comps {
		switch e := entryOf(s.status, i); {
		case e != nil && e.From == v1alpha1.ChargeSpent:
			counted += asked
		case e == nil && c.phase == v1alpha1.CompensationGranted:
			counted += asked
		}
	}
	if counted != spent {
		return fmt.Sprintf("the ledger has %d spent and the requests %d: %s", spent, counted, ledgerKey(s.status))
	}
	return ""
}

// atRest says that an operator holds the ledger, knows everything as it is, and has
// nothing to do.
func (m *model) atRest(s *state) bool {
	for i := range s.ops {
		o := &s.ops[i]
		if o.place != holding || o.epoch != s.status.Epoch || o.version != s.version || o.known != s.comps || s.late.set {
			continue
		}
		busy := false
		m.hold(s, i, "", func(string, state, string) { busy = true })
		if !busy {
			return true
		}
	}
	return false
}

// unanswered tells what is missing where everything rests.
func (s *state) unanswered() string {
	for i, c := range s.comps {
		if c.phase != v1alpha1.CompensationGranted && !ledger.Finished(c.phase) {
			return fmt.Sprintf("everything rests and c%d is %s", i, c.phase)
		}
		if c.phase == v1alpha1.CompensationGranted && c.withdrawn {
			return fmt.Sprintf("everything rests and c%d, which was taken back, is granted", i)
		}
	}
	return ""
}

// few are the troubles of an ordinary run.
var few = troubles{crashes: 1, losses: 1, takeovers: 2, withdrawals: 1}

// The set of states closes, and in none of them the money is wrong.
func TestEveryState(t *testing.T) {
	m := &model{}
	much := few
	if os.Getenv("AMENDS_FAULTS") == "all" {
		much = troubles{crashes: 2, losses: 1, takeovers: 3, withdrawals: 1}
	}
	r := m.search(much)
	if r.broken != "" {
		t.Error(r.broken)
	}
	if r.rests == 0 {
		t.Error("nothing ever comes to rest")
	}
	t.Logf("%d states, %d steps, %d of the states at rest", r.states, r.steps, r.rests)
}

// Each change of one line to the protocol is found.
func TestEveryBugIsFound(t *testing.T) {
	for name, b := range map[string]bugs{
		"a takeover forgets what is in flight":           {forgetsFlights: true},
		"a takeover lists before it raises the epoch":    {listsFirst: true},
		"a takeover takes the requests from its cache":   {listsCached: true},
		"a request is granted before the ledger says so": {recordsFirst: true},
		"an entry is folded before its request says so":  {foldsEarly: true},
		"the budget is written without its version":      {budgetUnlocked: true},
		"a request is written without its version":       {requestUnlocked: true},
		"an answer that did not come is taken for a yes": {lostIsDone: true},
		"an answer that did not come is taken for a no":  {lostIsLost: true},
		"a conflict is answered by writing again":        {ignoresEpoch: true},
		"a conflict at a request is taken for done":      {conflictIsDone: true},
		"the sums are made from a list":                  {recounts: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &model{bugs: b}
			r := m.search(few)
			if r.broken == "" {
				t.Fatalf("not found in %d states", r.states)
			}
			t.Logf("found after %d states:\n%s", r.states, r.broken)
		})
	}
}
