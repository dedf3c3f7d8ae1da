package ledgermodel

import (
	"fmt"
	"os"
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/faulttest/statespace"
	"github.com/amends-dev/amends/internal/ledger"
)

// search visits every state that can be reached.
func (m *model) search(t troubles) statespace.Result {
	w := statespace.World[state, string]{
		Key: (*state).key, Steps: m.steps, Wrong: (*state).wrong, AtRest: m.atRest, Missing: (*state).unanswered,
	}
	return w.Search(begin(t))
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
	m.search(much).Holds(t)
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
			m.search(few).Breaks(t)
		})
	}
}
