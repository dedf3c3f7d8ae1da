package simulate

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// stage is where acts are played: objects, and an operator that looks at them.
type stage interface {
	// act does what an act says, at the player's now.
	act(ctx context.Context, a *Act) error
	// settle lets the operator look at everything until nothing changes any more.
	settle(ctx context.Context) error
	// wakes are the instants for which the operator asks.
	wakes() []time.Time
	// turn is when the next period of a budget begins; zero where there is no budget.
	turn() time.Time
}

// player plays acts on a stage, on a virtual clock, and writes the transcript.
type player struct {
	acts []Act
	down []Away
	// now is the virtual clock.
	now time.Time
	// missed says that something came in while the operator was away.
	missed bool
	out    *Transcript
}

// maxLooks bounds how often is looked.
const maxLooks = 100_000

// play plays on a stage until nothing more is due.
func (p *player) play(ctx context.Context, on stage, until time.Time) error {
	for range maxLooks {
		next, ok := p.next(on)
		if !ok {
			return nil
		}
		if next.After(until) {
			p.out.Cut = true
			return nil
		}
		p.now, p.out.Until = next, next
		for len(p.acts) > 0 && !p.acts[0].At.After(p.now) {
			if err := on.act(ctx, &p.acts[0]); err != nil {
				return err
			}
			p.acts = p.acts[1:]
		}
		if !p.away(p.now).IsZero() {
			p.missed = true
			continue
		}
		p.missed = false
		if err := on.settle(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("there was always something due: the simulation was ended after %d looks, at %s", maxLooks, p.now.Format(time.RFC3339))
}

// away is until when the operator is away at an instant, or zero.
func (p *player) away(at time.Time) time.Time {
	for _, d := range p.down {
		if !at.Before(d.From) && at.Before(d.Until) {
			return d.Until
		}
	}
	return time.Time{}
}

// next is the next instant at which something happens. That a period of a budget begins
// is looked at on the way to something else, but is nothing to wait for.
func (p *player) next(on stage) (time.Time, bool) {
	var due []time.Time
	if len(p.acts) > 0 {
		due = append(due, p.acts[0].At)
	}
	if p.missed {
		due = append(due, p.away(p.now))
	}
	for _, at := range on.wakes() {
		due = append(due, p.up(at))
	}
	if len(due) == 0 {
		return time.Time{}, false
	}
	next := slices.MinFunc(due, time.Time.Compare)
	if turn := p.up(on.turn()); turn.After(p.now) && turn.Before(next) {
		return turn, true
	}
	return next, true
}

// up is an instant, or when the operator is back after it.
func (p *player) up(at time.Time) time.Time {
	if back := p.away(at); !back.IsZero() {
		return back
	}
	return at
}

// tell adds an event at the virtual now.
func (p *player) tell(incident, kind, name, what, reason, message string) {
	p.out.Events = append(p.out.Events, Event{At: p.now, Incident: incident, Kind: kind, Name: name, What: what, Reason: reason, Message: message})
}
