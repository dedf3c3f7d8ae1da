package offline

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/amends-dev/amends/internal/text"
)

// maxInput bounds an iCalendar file.
const maxInput = 16 << 20

func readInput(name string, stdin io.Reader) ([]byte, error) {
	from := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		from = f
	}
	if from == nil {
		return nil, errors.New("there is no standard input")
	}
	data, err := io.ReadAll(io.LimitReader(from, maxInput+1))
	if err == nil && len(data) > maxInput {
		err = fmt.Errorf("%s is larger than %d MiB", name, maxInput>>20)
	}
	return data, err
}

// closed is a holiday: its first and last day.
type closed struct {
	name        string
	first, last time.Time
}

// The bounds of a calendar, as its schema has them.
const (
	maxHolidayName = 63
	maxHolidays    = 400
)

// The first and the last year from which one writes out: a slip of the finger would count
// through millions of them.
const (
	minYear = 1900
	maxYear = 2999
)

// convert makes a BusinessCalendar of an iCalendar file, and says what it left out.
func (o *importing) convert(data []byte) (out []byte, remarks []string, err error) {
	if o.name == "" || o.zone == "" {
		return nil, nil, errors.New("give the calendar a --name and a --timezone")
	}
	if o.years < 1 || o.years > 20 {
		return nil, nil, fmt.Errorf("--years %d: from 1 to 20", o.years)
	}
	if o.from < minYear || o.from > maxYear {
		return nil, nil, fmt.Errorf("--from %d: a year from %d to %d", o.from, minYear, maxYear)
	}
	cal, err := parsed(data)
	if err != nil {
		return nil, nil, err
	}
	hours, err := weekly(o.hours)
	if err != nil {
		return nil, nil, err
	}
	days, remarks := o.holidays(cal.Events())
	if len(days) > maxHolidays {
		return nil, nil, fmt.Errorf("there are %d holidays in %d years; a calendar has at most %d: give fewer --years", len(days), o.years, maxHolidays)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: recovery.amends.dev/v1alpha1\nkind: BusinessCalendar\nmetadata:\n  name: %s\nspec:\n  timeZone: %s\n  weekly:\n%s\n",
		o.name, o.zone, strings.Join(hours, "\n"))
	if len(days) > 0 {
		b.WriteString("  holidays:\n")
	} else {
		remarks = append(remarks, fmt.Sprintf("no holiday was written: the file has no all-day event in %d to %d that can be written out", o.from, o.from+o.years-1))
	}
	for _, d := range days {
		until := ""
		if d.last.After(d.first) {
			until = fmt.Sprintf(", until: %q", d.last.Format(time.DateOnly))
		}
		fmt.Fprintf(&b, "  - {name: %q, date: %q%s}\n", d.name, d.first.Format(time.DateOnly), until)
	}
	return []byte(b.String()), remarks, nil
}

// parsed reads an iCalendar file from its beginning to its end. An empty one, such as a
// download that has failed leaves, or one that was cut off would make a calendar that is
// open on holidays.
func parsed(data []byte) (*ics.Calendar, error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	if len(data) == 0 {
		return nil, errors.New("it is no iCalendar file: it is empty; one begins with BEGIN:VCALENDAR")
	}
	cal, err := ics.ParseCalendar(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("it is no iCalendar file: %w", err)
	}
	if !bytes.HasSuffix(data, []byte("END:VCALENDAR")) {
		return nil, errors.New("the iCalendar file is cut off: it does not end with END:VCALENDAR; fetch it anew")
	}
	return cal, nil
}

// holidays are the all-day events of the years that are asked for, in order, each once.
func (o *importing) holidays(events []*ics.VEvent) (days []closed, remarks []string) {
	first := time.Date(o.from, time.January, 1, 0, 0, 0, 0, time.UTC)
	end := first.AddDate(o.years, 0, 0)
	replaced := replacements(events)
	timed, past := 0, 0
	for _, e := range events {
		h, ok := read(e)
		switch {
		case !ok:
			timed++
			continue
		case strings.EqualFold(property(e, ics.ComponentPropertyStatus), "CANCELLED"):
			continue
		}
		starts, why := occurrences(e, h.first, end)
		if why != "" {
			remarks = append(remarks, fmt.Sprintf("left out: %s, which comes back in a way that is not written out here (%s)", h.name, why))
			continue
		}
		length := h.last.Sub(h.first)
		found := false
		for _, start := range starts {
			once := closed{h.name, start, start.Add(length)}
			if once.last.Before(first) || !start.Before(end) || replaced[occurrence(e, start)] && !isReplacement(e) {
				continue
			}
			found = true
			days = append(days, once)
		}
		if !found {
			past++
		}
	}
	if timed > 0 {
		remarks = append(remarks, fmt.Sprintf("left out: %s at a time of day", count(timed, "event")))
	}
	if past > 0 {
		remarks = append(remarks, fmt.Sprintf("left out: %s with no day in %d to %d", count(past, "event"), o.from, o.from+o.years-1))
	}
	slices.SortFunc(days, func(a, b closed) int {
		return cmp.Or(a.first.Compare(b.first), a.last.Compare(b.last), cmp.Compare(a.name, b.name))
	})
	return slices.Compact(days), remarks
}

// read is an all-day event as a holiday; false for one at a time of day.
func read(e *ics.VEvent) (closed, bool) {
	first, ok := date(property(e, ics.ComponentPropertyDtStart))
	if !ok {
		return closed{}, false
	}
	name := strings.Join(strings.Fields(ics.FromText(property(e, ics.ComponentPropertySummary))), " ")
	h := closed{name: text.Truncate(cmp.Or(name, "Holiday"), maxHolidayName), first: first, last: first}
	// The end of an all-day event is the day after its last one.
	if end, ok := date(property(e, ics.ComponentPropertyDtEnd)); ok && end.After(first) {
		h.last = end.AddDate(0, 0, -1)
	} else if n := daysIn(property(e, ics.ComponentPropertyDuration)); n > 1 {
		h.last = first.AddDate(0, 0, n-1)
	}
	return h, true
}

func property(e *ics.VEvent, name ics.ComponentProperty) string {
	p := e.GetProperty(name)
	if p == nil {
		return ""
	}
	return strings.TrimSpace(p.Value)
}

// date reads a day without a time.
func date(value string) (time.Time, bool) {
	at, err := time.Parse("20060102", value)
	return at, err == nil
}

// daysIn reads a duration of days or weeks; 0 for another.
func daysIn(value string) int {
	var n int
	if _, err := fmt.Sscanf(value, "P%dD", &n); err == nil {
		return n
	}
	if _, err := fmt.Sscanf(value, "P%dW", &n); err == nil {
		return 7 * n
	}
	return 0
}

// occurrence names one day of an event that comes back.
func occurrence(e *ics.VEvent, start time.Time) string {
	return property(e, ics.ComponentPropertyUniqueId) + "/" + start.Format(time.DateOnly)
}

func isReplacement(e *ics.VEvent) bool {
	return property(e, ics.ComponentPropertyRecurrenceId) != ""
}

// replacements are the days for which another event stands.
func replacements(events []*ics.VEvent) map[string]bool {
	out := map[string]bool{}
	for _, e := range events {
		if at, ok := date(property(e, ics.ComponentPropertyRecurrenceId)); ok {
			out[occurrence(e, at)] = true
		}
	}
	return out
}
