package calendar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/amends-dev/amends/internal/calendar"
)

// subject is a calendar and times around which it has exceptions.
type subject struct {
	cal   *calendar.Calendar
	from  time.Time
	spans time.Duration
}

func drawSubject(t *rapid.T) subject {
	pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "pick") }
	p := places[pick(len(places))]
	around := p.date(pick)
	c, problems := calendar.Compile(generate(pick, p.zone, around))
	if len(problems) > 0 {
		t.Skip("the clocks skip all of its hours")
	}
	return subject{cal: c, from: around.AddDate(0, 0, -14), spans: 28 * 24 * time.Hour}
}

func (s subject) instant(t *rapid.T, label string) time.Time {
	return s.from.Add(time.Duration(rapid.Int64Range(0, int64(s.spans/time.Second)).Draw(t, label)) * time.Second)
}

func duration(t *rapid.T, label string) time.Duration {
	return time.Duration(rapid.Int64Range(1, 100*3600).Draw(t, label)) * time.Second
}

func TestProperties(t *testing.T) {
	t.Parallel()
	for name, holds := range map[string]func(*rapid.T, subject){
		"Due is the earliest instant by which the time has counted": func(t *rapid.T, s subject) {
			start, d := s.instant(t, "start"), duration(t, "d")
			due, err := s.cal.Due(start, d)
			if err != nil {
				return
			}
			if got := s.cal.Counted(start, due); got != d {
				t.Fatalf("Counted(%s, %s) = %s, want %s", start, due, got, d)
			}
			if got := s.cal.Counted(start, due.Add(-1)); got >= d {
				t.Fatalf("Due(%s, %s) = %s, but a moment before %s have counted", start, d, due, got)
			}
			if !s.cal.Includes(due) {
				t.Fatalf("Due(%s, %s) = %s lies in closed time", start, d, due)
			}
		},
		"Back is the latest instant from which the time counts": func(t *rapid.T, s subject) {
			end, d := s.instant(t, "end"), duration(t, "d")
			back, err := s.cal.Back(end, d)
			if err != nil {
				return
			}
			if got := s.cal.Counted(back, end); got != d {
				t.Fatalf("Counted(%s, %s) = %s, want %s", back, end, got, d)
			}
			if got := s.cal.Counted(back.Add(1), end); got >= d {
				t.Fatalf("Back(%s, %s) = %s, but a moment later %s still count", end, d, back, got)
			}
		},
		"Back undoes Due, and Due undoes Back, up to closed time": func(t *rapid.T, s subject) {
			at, d := s.instant(t, "at"), duration(t, "d")
			if due, err := s.cal.Due(at, d); err == nil {
				back, err := s.cal.Back(due, d)
				if err != nil || back.Before(at) || s.cal.Counted(at, back) != 0 {
					t.Fatalf("Back(Due(%s, %s)) = %s, %v", at, d, back, err)
				}
			}
			if back, err := s.cal.Back(at, d); err == nil {
				due, err := s.cal.Due(back, d)
				if err != nil || due.After(at) || s.cal.Counted(due, at) != 0 {
					t.Fatalf("Due(Back(%s, %s)) = %s, %v", at, d, due, err)
				}
			}
		},
		"a later start and a longer time are due later": func(t *rapid.T, s subject) {
			a, b := s.instant(t, "a"), s.instant(t, "b")
			if b.Before(a) {
				a, b = b, a
			}
			d, more := duration(t, "d"), duration(t, "more")
			dueA, errA := s.cal.Due(a, d)
			dueB, errB := s.cal.Due(b, d)
			if errA == nil && errB == nil && dueB.Before(dueA) {
				t.Fatalf("Due(%s) = %s, but Due(%s) = %s", a, dueA, b, dueB)
			}
			longer, err := s.cal.Due(a, d+more)
			if err == nil && !longer.After(dueA) {
				t.Fatalf("Due(%s, %s) = %s, but Due(%s, %s) = %s", a, d, dueA, a, d+more, longer)
			}
			if rest, restErr := s.cal.Due(dueA, more); err == nil && (restErr != nil || rest != longer) {
				t.Fatalf("in two steps %s, %v; in one %s", rest, restErr, longer)
			}
		},
		"Counted adds up": func(t *rapid.T, s subject) {
			a, b, c := s.instant(t, "a"), s.instant(t, "b"), s.instant(t, "c")
			if a.After(b) || b.After(c) {
				return
			}
			if got, want := s.cal.Counted(a, b)+s.cal.Counted(b, c), s.cal.Counted(a, c); got != want {
				t.Fatalf("Counted in two parts = %s, in one = %s", got, want)
			}
			var sum time.Duration
			for st := range s.cal.Stretches(a, c) {
				if st.Kind.IsOpen() {
					sum += st.To.Sub(st.From)
				}
			}
			if want := s.cal.Counted(a, c); sum != want {
				t.Fatalf("the open stretches add up to %s, Counted = %s", sum, want)
			}
		},
		"percentages rise and stay between start and due": func(t *rapid.T, s subject) {
			start := s.instant(t, "start")
			due, err := s.cal.Due(start, duration(t, "d"))
			if err != nil {
				return
			}
			p := rapid.IntRange(1, 99).Draw(t, "percent")
			at, next := s.cal.PercentAt(start, due, p), s.cal.PercentAt(start, due, p+1)
			if at.Before(start) || next.Before(at) || due.Before(next) || s.cal.PercentAt(start, due, 100) != due {
				t.Fatalf("%d percent from %s to %s: %s, then %s", p, start, due, at, next)
			}
			total, passed := s.cal.Counted(start, due), s.cal.Counted(start, at)
			if passed*100 < total*time.Duration(p) || (passed-time.Second)*100 >= total*time.Duration(p) {
				t.Fatalf("%d percent of %s are %s", p, total, passed)
			}
		},
		"business days close one after the other": func(t *rapid.T, s subject) {
			start, n := s.instant(t, "start"), rapid.IntRange(1, 30).Draw(t, "n")
			a, errA := s.cal.CloseOfBusinessDay(start, n)
			b, errB := s.cal.CloseOfBusinessDay(start, n+1)
			switch {
			case errA != nil && errB == nil:
				t.Fatalf("there is business day %d but no %d: %v", n+1, n, errA)
			case errA == nil && errB == nil && b.Before(a):
				t.Fatalf("business day %d closes at %s, before %s", n+1, b, a)
			case errA == nil && !s.cal.Includes(a):
				t.Fatalf("business day %d closes at %s, in closed time", n, a)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) { holds(t, drawSubject(t)) })
		})
	}
}
