package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// row is one figure beside its aim and what the nearest peer does.
type row struct {
	// letter names the aim that it belongs to; rows are in their order.
	letter                         string
	what, measured, aim, met, peer string
}

// beside adds the peer's figure.
func (r row) beside(peer string) row {
	r.peer = peer
	return r
}

// judged says whether a figure keeps to its aim, with the share of the aim that it uses up.
func judged(value, aim float64) string {
	switch {
	case aim == 0 && value == 0:
		return "met"
	case aim == 0:
		return "missed"
	case value <= aim:
		return fmt.Sprintf("met (%.2f)", value/aim)
	default:
		return fmt.Sprintf("missed (%.2f)", value/aim)
	}
}

// all is met where each of the judgements is; it shows the one that is nearest to its
// limit or the furthest beyond it.
func all(judgements ...string) string {
	return slices.MaxFunc(judgements, func(a, b string) int {
		aMissed, aShare := judgement(a)
		bMissed, bShare := judgement(b)
		return cmp.Or(cmp.Compare(aMissed, bMissed), cmp.Compare(aShare, bShare))
	})
}

// judgement reads what judged says: 1 where the aim was missed, and the share of it.
func judgement(j string) (missed int, share float64) {
	word, rest, _ := strings.Cut(j, " ")
	if word == "missed" {
		missed = 1
	}
	share, err := strconv.ParseFloat(strings.Trim(rest, "()"), 64)
	if err != nil {
		return missed, 0
	}
	return missed, share
}

// seconds is a duration as a figure to judge.
func seconds(d time.Duration) float64 { return d.Seconds() }

// percentile is the smallest of the durations that p percent of them do not exceed.
func percentile(list []time.Duration, p int) time.Duration {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	at := (len(sorted)*p + 99) / 100
	return sorted[max(at, 1)-1]
}

// spread tells how durations are spread.
func spread(list []time.Duration) string {
	return fmt.Sprintf("p50 %s, p99 %s, max %s, of %d", short(percentile(list, 50)), short(percentile(list, 99)), short(percentile(list, 100)), len(list))
}

// short writes a duration with three digits or so.
func short(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + short(-d)
	case d < time.Millisecond:
		return d.Round(time.Microsecond).String()
	case d < time.Second:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}
