package calendar

import (
	"cmp"
	"slices"
)

// span is a half-open interval of instants.
type span struct {
	from, to int64
}

// closedSpan is a span that a holiday closes.
type closedSpan struct {
	span
	holiday int // place in Calendar.names
}

// cut appends to out what remains of s without the closed spans, which are sorted
// by both bounds.
func cut(out []span, s span, closed []closedSpan) []span {
	at := s.from
	for _, c := range closed {
		if c.from >= s.to {
			break
		}
		if c.from > at {
			out = append(out, span{at, c.from})
		}
		at = max(at, c.to)
	}
	if at < s.to {
		out = append(out, span{at, s.to})
	}
	return out
}

// cutAll returns what remains of the spans, sorted by their beginning, without the
// closed spans.
func cutAll(spans []span, closed []closedSpan) []span {
	out := make([]span, 0, len(spans))
	for _, s := range spans {
		for len(closed) > 0 && closed[0].to <= s.from {
			closed = closed[1:]
		}
		out = cut(out, s, closed)
	}
	return out
}

// union sorts the spans in place and joins those that overlap or touch. Empty spans
// vanish.
func union(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	out := spans[:0]
	for _, s := range spans {
		switch last := len(out) - 1; {
		case s.from >= s.to:
		case last >= 0 && s.from <= out[last].to:
			out[last].to = max(out[last].to, s.to)
		default:
			out = append(out, s)
		}
	}
	return out
}

// clip keeps what of sorted and disjoint spans lies inside bounds, in place.
func clip(spans []span, bounds span) []span {
	out := spans[:0]
	for _, s := range spans {
		s.from, s.to = max(s.from, bounds.from), min(s.to, bounds.to)
		if s.from < s.to {
			out = append(out, s)
		}
	}
	return out
}
