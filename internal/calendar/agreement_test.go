package calendar_test

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/amends-dev/amends/internal/calendar"
)

const daySeconds = 24 * 60 * 60

// scene is a calendar, the oracle for it, and the time about which to ask: the time
// that the oracle sees, without the days at its ends, where hours are cut off.
type scene struct {
	cal      *calendar.Calendar
	oracle   *oracle
	from, to int64
}

// newScene makes a calendar and looks at some days around a date. It returns nil for
// a calendar of hours that the clocks skip.
func newScene(t testing.TB, pick pick, p place, days int) *scene {
	t.Helper()
	around := p.date(pick)
	spec := generate(pick, p.zone, around)
	cal, problems := calendar.Compile(spec)
	if cal == nil && len(spec.Weekly) == 0 && problems[0].Reason == calendar.ReasonExhausted {
		return nil
	}
	if len(problems) > 0 {
		t.Fatalf("the spec has problems: %v\n%s", problems, show(spec))
	}
	const edge = 3 * daySeconds
	from := around.Unix() - int64(days)*daySeconds/2
	to := from + int64(days)*daySeconds
	return &scene{cal: cal, oracle: newOracle(spec, p.step, from-edge, to+edge), from: from, to: to}
}

// ask compares one random question of each kind.
func (s *scene) ask(t testing.TB, pick pick) {
	t.Helper()
	from := s.instant(pick)
	to := s.instant(pick)
	if to < from {
		from, to = to, from
	}
	counted := s.oracle.counted(to) - s.oracle.counted(from)
	d := 1 + int64(pick(3*daySeconds))
	if pick(2) == 0 && counted > 0 {
		d = counted // ends exactly at an instant of the calendar's own choice
	}
	s.oracle.agree(t, s.cal, from, to, d)
}

// instant chooses an instant: any second, or a change of the calendar.
func (s *scene) instant(pick pick) int64 {
	at := s.from + int64(pick(int(s.to-s.from)))
	if pick(3) > 0 {
		return at
	}
	changes := s.oracle.openings
	if pick(2) == 0 {
		changes = s.oracle.closings
	}
	if change, ok := firstAfter(changes, at); ok && change < s.to {
		return change
	}
	return at
}

// askDays compares all business days after an instant, and all stretches.
func (s *scene) askDays(t testing.TB, pick pick) {
	t.Helper()
	s.oracle.agreeOnDays(t, s.cal, s.instant(pick), s.to)
	s.oracle.agreeOnStretches(t, s.cal, s.from, s.to)
}

func TestAgreesWithTheOracle(t *testing.T) {
	t.Parallel()
	calendars, questions, atLeast := 64, 120, int64(100_000)
	if raceEnabled { // many times slower, and nothing here is concurrent
		calendars, questions, atLeast = 6, 40, 1000
	}
	var asked atomic.Int64
	t.Run("zones", func(t *testing.T) {
		for i, p := range places {
			t.Run(string(p.zone), func(t *testing.T) {
				t.Parallel()
				rng := rand.New(rand.NewPCG(2026, uint64(i)))
				for range calendars {
					s := newScene(t, rng.IntN, p, 20)
					if s == nil {
						continue
					}
					s.askDays(t, rng.IntN)
					for range questions {
						s.ask(t, rng.IntN)
						asked.Add(1)
					}
				}
			})
		}
	})
	if n := asked.Load(); n < atLeast && !t.Failed() {
		t.Errorf("only %d cases were compared, want at least %d", n, atLeast)
	}
}

// fromBytes picks from bytes, two at a time where one is not enough, then zeroes.
func fromBytes(data []byte) pick {
	return func(n int) int {
		value := 0
		for limit := 1; limit < n; limit <<= 8 {
			value <<= 8
			if len(data) > 0 {
				value, data = value|int(data[0]), data[1:]
			}
		}
		return value % n
	}
}

func FuzzCalendar(f *testing.F) {
	for i := range places {
		rng := rand.New(rand.NewPCG(7, uint64(i)))
		data := []byte{byte(i)}
		for range 96 {
			data = append(data, byte(rng.IntN(256)))
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		pick := fromBytes(data)
		s := newScene(t, pick, places[pick(len(places))], 8)
		if s == nil {
			return
		}
		s.askDays(t, pick)
		for range 8 {
			s.ask(t, pick)
		}
	})
}
