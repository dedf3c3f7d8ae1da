package incidentmodel

import (
	"fmt"
	"os"
	"testing"

	"github.com/amends-dev/amends/internal/faulttest/statespace"
)

func (m *model) search(t troubles) statespace.Result {
	w := statespace.World[state, state]{
		Key: (*state).key, Steps: m.steps, AtRest: m.atRest, Missing: m.missing,
	}
	return w.Search(m.begin(t))
}

// worlds are what is searched: one incident between two operators, whatever its own course,
// and two incidents where either nothing is late or nobody records anything. All of it at
// once has too many states.
var worlds = []struct {
	scope
	troubles
	// large ones are for make faults.
	large bool
}{
	{scope: scope{single: true}},
	{scope: scope{single: true, alone: true}, troubles: troubles{crashes: 1, losses: 1}},
	{scope: scope{alone: true, still: true}},
	{scope: scope{alone: true, silent: true}},
	{scope: scope{single: true}, troubles: troubles{crashes: 1}, large: true},
	{scope: scope{single: true}, troubles: troubles{losses: 1}, large: true},
	{scope: scope{alone: true, still: true}, troubles: troubles{losses: 1}, large: true},
	{scope: scope{alone: true, silent: true}, troubles: troubles{losses: 1}, large: true},
}

// The set of states closes, and nothing that is written in any of them is wrong.
func TestEveryState(t *testing.T) {
	for _, w := range worlds {
		t.Run(fmt.Sprintf("%+v %+v", w.scope, w.troubles), func(t *testing.T) {
			if w.large && os.Getenv("AMENDS_FAULTS") != "all" {
				t.Skip("make faults searches it")
			}
			m := &model{library: newLibrary(), scope: w.scope}
			m.search(w.troubles).Holds(t)
		})
	}
}

// Each change of one line to the protocol is found.
func TestEveryBugIsFound(t *testing.T) {
	alone, two := scope{single: true, alone: true}, scope{single: true}
	for name, c := range map[string]struct {
		bugs
		scope
		troubles
	}{
		"a status is written without its version":         {bugs{unlocked: true}, two, troubles{}},
		"what is about to be written is told":             {bugs{tellsFirst: true}, two, troubles{}},
		"an answer that did not come is taken for a yes":  {bugs{lostIsDone: true}, alone, troubles{losses: 1}},
		"what was sent is forgotten where no answer came": {bugs{forgetsLost: true}, alone, troubles{losses: 1}},
		"a conflict is left to whoever caused it":         {bugs{conflictIsDone: true}, alone, troubles{losses: 1}},
		"nothing wakes it":                                {bugs{neverWakes: true}, alone, troubles{}},
		"what comes while it is busy is dropped":          {bugs{dropsWhileBusy: true}, scope{alone: true, still: true}, troubles{}},
		"the next watch event is taken for its own":       {bugs{takesNextForOwn: true}, alone, troubles{}},
		"a due instant has passed once it has come":       {bugs{breachesAtDue: true}, alone, troubles{}},
		"a breach is not confirmed":                       {bugs{oldAnswers: true}, alone, troubles{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &model{library: newLibrary(), bugs: c.bugs, scope: c.scope}
			m.search(c.troubles).Breaks(t)
		})
	}
}
