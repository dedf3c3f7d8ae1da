package calendar

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

const maxZoneName = 64

// loadZone returns the location of an IANA name. It refuses the names that a zone
// directory may also hold but that mean another place on each machine, or clocks
// that count leap seconds.
func loadZone(name v1alpha1.TimeZone) (*time.Location, error) {
	const want = "give an IANA time zone, for example Europe/Berlin or UTC"
	switch {
	case name == "":
		return nil, fmt.Errorf("a calendar needs a time zone; %s", want)
	case !isZoneName(string(name)):
		return nil, fmt.Errorf("%s is not the name of a time zone; %s", quote(name), want)
	case namesMachine(string(name)):
		return nil, fmt.Errorf("%s would mean another clock on each machine; %s", quote(name), want)
	}
	loc, err := time.LoadLocation(string(name))
	if err != nil {
		return nil, fmt.Errorf("%s is not a time zone that is known here; %s", quote(name), want)
	}
	return loc, nil
}

// isZoneName tells whether a name has the form of a zone's. Without dots and with a
// letter in front it cannot lead out of the zone directory.
func isZoneName(name string) bool {
	if len(name) > maxZoneName || !isLetter(name[0]) {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if !isLetter(c) && !isDigit(c) && !strings.ContainsRune("_+-/", rune(c)) {
			return false
		}
	}
	return true
}

// namesMachine tells whether a name depends on the machine's own files and setting.
func namesMachine(name string) bool {
	lower := strings.ToLower(name)
	switch lower {
	case "local", "localtime", "posixrules", "factory":
		return true
	}
	return strings.HasPrefix(lower, "posix/") || strings.HasPrefix(lower, "right/")
}

func isLetter(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

func isDigit(c byte) bool {
	return '0' <= c && c <= '9'
}

// regime is a time in which a zone keeps one offset from UTC, in seconds since
// 1970-01-01T00:00:00Z.
type regime struct {
	from, to int64
	offset   int64
}

// wallClock is the clock of a zone over a limited time. Its regimes follow each
// other without a gap, and there is at least one.
type wallClock []regime

// newWallClock returns the clock of loc from the beginning of date first to the end
// of date last, both in UTC.
func newWallClock(loc *time.Location, first, last int) wallClock {
	var clock wallClock
	end := int64(last+1) * daySeconds
	for at := int64(first) * daySeconds; at < end; {
		r := regimeAt(loc, at)
		if n := len(clock); n > 0 && clock[n-1].offset == r.offset {
			clock[n-1].to = r.to
		} else {
			clock = append(clock, r)
		}
		at = r.to
	}
	return clock
}

// regimeAt returns the regime that begins at, or holds at, an instant in seconds.
func regimeAt(loc *time.Location, at int64) regime {
	t := time.Unix(at, 0).In(loc)
	_, offset := t.Zone()
	_, until := t.ZoneBounds()
	r := regime{from: at, to: until.Unix(), offset: int64(offset)}
	switch {
	case until.IsZero():
		r.to = (coverTo + 2*beyond) / second
	case r.to <= at:
		// Where a zone continues by rule, time.Time.ZoneBounds takes every year for
		// 365 days, so on the last day of a leap year the bound lies behind. No
		// rule changes the offset on that day after the second change of the year.
		r.to = at - at%daySeconds + daySeconds
	}
	return r
}

// opens returns the first instant at which the clock shows wall or a later time.
func (c wallClock) opens(wall int64) int64 {
	for _, r := range c {
		if r.to+r.offset > wall {
			return max(r.from, wall-r.offset) * second
		}
	}
	return c[len(c)-1].to * second
}

// closes returns the last instant before which the clock still shows a time
// earlier than wall. Before a regime that begins at exactly wall, this is decided by
// the regimes before it.
func (c wallClock) closes(wall int64) int64 {
	for _, r := range slices.Backward(c) {
		if r.from+r.offset < wall {
			return min(r.to, wall-r.offset) * second
		}
	}
	return c[0].from * second
}

// date returns the date that the clock shows at an instant.
func (c wallClock) date(instant int64) int {
	sec := floorDiv(instant, second)
	offset := c[len(c)-1].offset
	for _, r := range c {
		if sec < r.to {
			offset = r.offset
			break
		}
	}
	return int(floorDiv(sec+offset, daySeconds))
}

// dateIn returns the date in loc at an instant.
func dateIn(loc *time.Location, instant int64) int {
	sec := floorDiv(instant, second)
	_, offset := time.Unix(sec, 0).In(loc).Zone()
	return int(floorDiv(sec+int64(offset), daySeconds))
}

// zones keeps the zones that were loaded; there are some six hundred at most.
var zones sync.Map

// LoadZone loads a zone of the IANA database by its name, and refuses those that mean
// another place on each machine.
func LoadZone(name string) (*time.Location, error) {
	if kept, ok := zones.Load(name); ok {
		return kept.(*time.Location), nil
	}
	loc, err := loadZone(v1alpha1.TimeZone(name))
	if err != nil {
		return nil, err
	}
	zones.Store(name, loc)
	return loc, nil
}
