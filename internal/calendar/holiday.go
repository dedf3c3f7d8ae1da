package calendar

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// holiday is a checked holiday: what it closes on each date of its range.
type holiday struct {
	first, last int
	closed      []hours
}

// holidays checks the holidays. It returns what they close together, as ranges of
// dates that do not meet, and their names.
func (k *compiler) holidays(list []v1alpha1.Holiday) ([]closure, []string) {
	if !k.atMost("spec.holidays", len(list), maxHolidays, "holidays") {
		return nil, nil
	}
	checked := make([]holiday, 0, len(list))
	names := make([]string, 0, len(list))
	for i, h := range list {
		checked = append(checked, k.holiday(fmt.Sprintf("spec.holidays[%d]", i), h))
		names = append(names, h.Name)
	}
	if len(k.problems) > 0 {
		return nil, nil
	}
	return closures(checked), names
}

func (k *compiler) holiday(path string, h v1alpha1.Holiday) holiday {
	k.holidayName(path+".name", h.Name)
	first, err := parseDate(h.Date)
	if err != nil {
		k.invalid(path+".date", err)
	}
	out := holiday{first: first, last: first, closed: k.closed(path+".closed", h.Closed)}
	if h.Until == "" {
		return out
	}
	last, errUntil := parseDate(h.Until)
	switch {
	case errUntil != nil:
		k.invalid(path+".until", errUntil)
	case err == nil && last < first:
		k.add(path+".until", ReasonInvalid, "%s lies before the date %s; give the same date or a later one", quote(h.Until), h.Date)
	default:
		out.last = last
	}
	return out
}

// closed checks the hours that a holiday closes. None are the whole day.
func (k *compiler) closed(path string, list []v1alpha1.Opening) []hours {
	if len(list) == 0 {
		return []hours{{0, dayMinutes}}
	}
	if !k.atMost(path, len(list), maxClosed, "closed hours") {
		return nil
	}
	var out []hours
	for i, o := range list {
		if h, ok := k.opening(fmt.Sprintf("%s[%d]", path, i), o, true); ok {
			out = append(out, h)
		}
	}
	return out
}

// closures splits the ranges of holidays at each other's ends and joins what they
// close on the dates that they share.
func closures(list []holiday) []closure {
	edges := make([]int, 0, 2*len(list))
	for _, h := range list {
		edges = append(edges, h.first, h.last+1)
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	var out []closure
	for i := range max(0, len(edges)-1) {
		cl := closure{first: edges[i], last: edges[i+1] - 1}
		for n, h := range list {
			if h.first > cl.first || h.last < cl.first {
				continue
			}
			for _, c := range h.closed {
				cl.hours = append(cl.hours, closedHours{c, n})
			}
		}
		if len(cl.hours) > 0 {
			cl.hours = disjoint(cl.hours)
			out = append(out, cl)
		}
	}
	return out
}

// disjoint sorts closed hours and cuts from each what an earlier one closes already.
func disjoint(list []closedHours) []closedHours {
	slices.SortStableFunc(list, func(a, b closedHours) int { return cmp.Compare(a.from, b.from) })
	out := make([]closedHours, 0, len(list))
	end := 0
	for _, c := range list {
		if c.from = max(c.from, end); c.from < c.to {
			out = append(out, c)
			end = c.to
		}
	}
	return out
}
