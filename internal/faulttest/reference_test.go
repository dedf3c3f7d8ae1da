package faulttest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// record is what an undisturbed play leaves behind, to hold others against.
type record struct {
	endings   map[strictness]ending
	told      map[string]int
	writes    int
	revisions int
	// instants are those at which anything was written.
	instants []time.Time
}

var (
	referencesMu sync.Mutex
	references   = map[string]func() *record{}
)

// reference plays a story without a fault, once.
func reference(t testing.TB, s *story) *record {
	t.Helper()
	referencesMu.Lock()
	once, ok := references[s.name]
	if !ok {
		once = sync.OnceValue(func() *record {
			p := begin(t, s, let).run()
			p.nothingLate(true)
			p.unharmed()
			if p.refused {
				t.Errorf("%s: a person was refused something:\n%s", s.name, strings.Join(p.trail, "\n"))
			}
			r := &record{endings: p.endings(), told: maps.Clone(p.told), writes: p.writes, revisions: p.revision(), instants: p.instants()}
			p.absorbed()
			p.unharmed()
			return r
		})
		references[s.name] = once
	}
	referencesMu.Unlock()
	return once()
}

// absorbed checks that once input has stopped nothing more is written, not even by an
// operator that knows nothing of what came before. A ledger is taken over by it, which
// is one write.
func (p *play) absorbed() {
	before := p.revision()
	p.start("afterwards", let).settle()
	for _, c := range p.history[before:] {
		if c.kind != "RecoveryBudget" {
			p.wound("%s was written by an operator that came when all was done", c.ref)
		}
	}
}

// endings are those of every strictness.
func (p *play) endings() map[strictness]ending {
	return map[strictness]ending{exact: p.ending(exact), late: p.ending(late), unmet: p.ending(unmet), outcome: p.ending(outcome)}
}

// compare holds a play against the undisturbed one.
func (p *play) compare(want *record, s strictness) {
	p.Helper()
	p.nothingLate(false)
	switch {
	case s == exact && p.refused:
		p.wound("a person was refused something, though no operator was away")
	case s == late && p.story.takesBack:
		s = outcome
	case s == late && p.metLate():
		s = unmet
	}
	if !p.refused {
		whole := maps.Clone(want.endings[s])
		for _, r := range p.neverAnswered() {
			delete(whole, r.String())
		}
		if diff := p.ending(s).differs(whole); diff != "" {
			p.wound("it ends otherwise than undisturbed (-) :\n%s", diff)
		}
	}
	p.absorbed()
	for _, event := range slices.Sorted(maps.Keys(p.told)) {
		most := want.told[event]
		if s != exact {
			most = max(most, 1) // What was missed is told in other words.
		}
		if p.turnedBack {
			most *= 2 // What had not come yet by a clock that was set back comes once more.
		}
		if n := p.told[event]; n > most {
			p.wound("told %d times, undisturbed %d: %s", n, most, event)
		}
	}
}

// toldAll checks that an operator that lives on tells everything that an undisturbed one
// tells. One that dies right after a write leaves what it says untold.
func (p *play) toldAll(want *record) {
	for _, event := range slices.Sorted(maps.Keys(want.told)) {
		if n := p.told[event]; n < want.told[event] {
			p.wound("told %d times, undisturbed %d: %s", n, want.told[event], event)
		}
	}
}

// trailing is how many writes are shown of a play that went wrong.
const trailing = 60

// judged tells what is wrong with a play, in short, or nothing.
func (p *play) judged() string {
	if len(p.hurt) == 0 {
		return ""
	}
	return strings.Join(p.hurt, "\n") + "\nthe last writes:\n" + strings.Join(p.trail[max(0, len(p.trail)-trailing):], "\n")
}

// tried counts what was tried, and is told at the end of a test.
type tried struct {
	mu     sync.Mutex
	plays  int
	writes int
	// other are plays in which a person was refused something, because the operator was
	// behind: their ends are not those of the story, and were not held against it.
	other int
}

func (c *tried) add(p *play) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.plays++
	c.writes += p.writes
	if p.refused {
		c.other++
	}
}

func (c *tried) String() string {
	return fmt.Sprintf("%d plays, %d writes; in %d a person was refused something", c.plays, c.writes, c.other)
}
