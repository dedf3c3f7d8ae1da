package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/amends-dev/amends/internal/fixture/plane"
)

// sample is a line of a counter that carries all labels.
func sample(line, name string, labels ...string) (value float64, ok bool) {
	if !strings.HasPrefix(line, name+"{") {
		return 0, false
	}
	for _, l := range labels {
		if !strings.Contains(line, l) {
			return 0, false
		}
	}
	value, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, '}')+1:]), 64)
	return value, err == nil
}

var (
	verbLabel        = regexp.MustCompile(`[{,]verb="(POST|PATCH|PUT|DELETE)"`)
	resourceLabel    = regexp.MustCompile(`[{,]resource="([a-z]+)"`)
	subresourceLabel = regexp.MustCompile(`[{,]subresource="([a-z]+)"`)
)

// writesIn counts all writes that the API server has answered, by verb and resource.
func writesIn(page string) map[string]int64 {
	out := map[string]int64{}
	for line := range strings.Lines(page) {
		value, ok := sample(line, "apiserver_request_total")
		verb, resource := verbLabel.FindStringSubmatch(line), resourceLabel.FindStringSubmatch(line)
		if !ok || verb == nil || resource == nil {
			continue
		}
		what := verb[1] + " " + resource[1]
		if sub := subresourceLabel.FindStringSubmatch(line); sub != nil {
			what += "/" + sub[1]
		}
		out[what] += int64(value)
	}
	return out
}

// statusWrites are the operator's writes of incidents, as they are counted.
const statusWrites = "PUT incidents/status"

// writes counts all writes so far but those of leases, which go on for ever.
func (w *world) writes(ctx context.Context) (map[string]int64, error) {
	page, err := w.serverMetrics(ctx)
	out := writesIn(page)
	maps.DeleteFunc(out, func(what string, _ int64) bool { return strings.HasSuffix(what, " leases") })
	return out, err
}

// more is what was written between two counts.
func more(before, after map[string]int64) map[string]int64 {
	out := map[string]int64{}
	for what, n := range after {
		if n > before[what] {
			out[what] = n - before[what]
		}
	}
	return out
}

// knows is how many incidents the operator has decided on and keeps.
func (p *program) knows(ctx context.Context) (int64, error) {
	page, err := plane.ReadPage(ctx, "http://"+p.metrics+"/metrics")
	return incidentsIn(page), err
}

var incidentsLine = regexp.MustCompile(`(?m)^amends_incidents\{[^}]*\} ([0-9.e+]+)$`)

// incidentsIn adds up how many incidents the operator knows, wherever they stand.
func incidentsIn(page string) (n int64) {
	for _, m := range incidentsLine.FindAllStringSubmatch(page, -1) {
		if v, err := strconv.ParseFloat(m[1], 64); err == nil {
			n += int64(v)
		}
	}
	return n
}

// settledWrites counts all writes once none is added for a while: events are sent behind
// the statuses.
func (w *world) settledWrites(ctx context.Context) (map[string]int64, time.Time, error) {
	var last map[string]int64
	var at time.Time
	for still := 0; still < 10; still++ {
		now, err := w.writes(ctx)
		if err != nil {
			return nil, at, err
		}
		if last == nil || len(more(last, now)) > 0 {
			last, at, still = now, time.Now(), 0
		}
		pause(ctx, 100*time.Millisecond)
	}
	return last, at, ctx.Err()
}

// bucket is how many were at most so many seconds.
type bucket struct {
	Limit float64
	Count int64
}

// histogram is in the order of the limits; the last has none.
type histogram []bucket

var inf = math.Inf(1)

var limitLabel = regexp.MustCompile(`[{,]le="([^"]+)"`)

// histogramIn reads a histogram without other labels.
func histogramIn(page, name string) histogram {
	var out histogram
	for line := range strings.Lines(page) {
		value, ok := sample(line, name+"_bucket")
		limit := limitLabel.FindStringSubmatch(line)
		if !ok || limit == nil {
			continue
		}
		if le, err := strconv.ParseFloat(limit[1], 64); err == nil {
			out = append(out, bucket{le, int64(value)})
		}
	}
	return out
}

// since is what came after an earlier reading.
func (h histogram) since(before histogram) histogram {
	var out histogram
	for i, b := range h {
		if i < len(before) {
			b.Count -= before[i].Count
		}
		out = append(out, b)
	}
	return out
}

// total is how many there are.
func (h histogram) total() int64 {
	if len(h) == 0 {
		return 0
	}
	return h[len(h)-1].Count
}

// within is the limit that so many in a hundred do not exceed.
func (h histogram) within(percent int64) float64 {
	for _, b := range h {
		if b.Count*100 >= h.total()*percent {
			return b.Limit
		}
	}
	return inf
}

func (h histogram) text() string {
	part := func(percent int64) string {
		limit := h.within(percent)
		if limit == inf && len(h) > 1 {
			return "> " + short(time.Duration(h[len(h)-2].Limit*float64(time.Second)))
		}
		return "≤ " + short(time.Duration(limit*float64(time.Second)))
	}
	return fmt.Sprintf("p99 %s, all %s, of %d", part(99), part(100), h.total())
}
