package view

import (
	"strings"
	"testing"

	"github.com/amends-dev/amends/internal/fixture"
)

// The customer's time stands beside ours, and says so where it is another day there.
func TestTheirs(t *testing.T) {
	shanghai, hawaii := mustLoad("Asia/Shanghai"), mustLoad("Pacific/Honolulu")
	f := frame(80)
	for at, want := range map[string][2]string{
		"2026-10-02T12:30:00Z": {"20:30:00", "02:30:00"},  // today, here and there
		"2026-10-02T18:30:00Z": {"Sat 02:30", "08:30:00"}, // tomorrow in Shanghai
		"2026-10-03T12:30:00Z": {"20:30", "02:30"},        // another day, and the same there
		"2026-10-03T06:30:00Z": {"14:30", "Fri 20:30"},    // the day before in Hawaii
		"2026-12-31T20:00:00Z": {"Fri 04:00", "10:00"},    // another year in Shanghai
	} {
		if got := [2]string{f.theirs(fixture.Instant(at), shanghai), f.theirs(fixture.Instant(at), hawaii)}; got != want {
			t.Errorf("%s: %v, want %v", at, got, want)
		}
	}
	if got := f.theirs(noon, nil); got != "-" {
		t.Errorf("without a zone of theirs: %s", got)
	}
}

// A terminal of 80 columns holds the customer's time of clocks and promises; a narrow one
// gives it up before anything else, and a customer next door has none.
func TestTheCustomersTimeOfClocks(t *testing.T) {
	count := func(lines []string) int {
		n := 0
		for _, line := range lines {
			if strings.Contains(line, "CUSTOMER'S") {
				n++
			}
		}
		return n
	}
	if n := count(frame(80).Status(suite(), nil)); n != 3 {
		t.Errorf("%d tables have the customer's time at 80 columns, want NEXT, CLOCKS and PROMISES", n)
	}
	for _, line := range frame(60).Status(suite(), nil) {
		if strings.Contains(line, "CLOCK") && strings.Contains(line, "CUSTOMER'S") && !strings.Contains(line, "STATE") {
			t.Errorf("the state was given up before the customer's time: %s", line)
		}
	}
	near := suite()
	near.Spec.Customer.TimeZone = "Europe/Paris"
	if n := count(frame(80).Status(near, nil)); n != 0 {
		t.Errorf("%d tables have the customer's time, which is ours", n)
	}
}
