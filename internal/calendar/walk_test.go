package calendar_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
)

func TestStretchesExplainADueInstant(t *testing.T) {
	t.Parallel()
	spec := goldenWeek
	spec.Holidays = append([]v1alpha1.Holiday{
		{Name: "Stocktaking", Date: "2026-10-09", Closed: []v1alpha1.Opening{{From: "12:00", To: "13:00"}, {From: "16:00", To: "24:00"}}},
	}, spec.Holidays...)
	c := mustCompile(t, spec)
	var got []string
	for s := range c.Stretches(local(t, c, "2026-09-30 17:00"), local(t, c, "2026-10-10 10:00")) {
		const layout = "Mon 02 15:04"
		got = append(got, fmt.Sprintf("%s to %s %s %s", s.From.In(c.Location()).Format(layout),
			s.To.In(c.Location()).Format(layout), s.Kind, s.Holiday))
	}
	want := []string{
		"Wed 30 17:00 to Wed 30 18:00 Open ",
		"Wed 30 18:00 to Thu 01 00:00 Closed ",
		"Thu 01 00:00 to Thu 08 00:00 Holiday National Day",
		"Thu 08 00:00 to Thu 08 09:00 Closed ",
		"Thu 08 09:00 to Thu 08 18:00 Open ",
		"Thu 08 18:00 to Fri 09 09:00 Closed ",
		"Fri 09 09:00 to Fri 09 12:00 Open ",
		"Fri 09 12:00 to Fri 09 13:00 Holiday Stocktaking",
		"Fri 09 13:00 to Fri 09 16:00 Open ",
		"Fri 09 16:00 to Sat 10 00:00 Holiday Stocktaking",
		"Sat 10 00:00 to Sat 10 09:00 Closed ",
		"Sat 10 09:00 to Sat 10 10:00 Extra ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Stretches (-want +got):\n%s", diff)
	}
}

func TestStretchesNameOverlappingHolidays(t *testing.T) {
	t.Parallel()
	spec := office
	spec.Holidays = []v1alpha1.Holiday{
		{Name: "Works outing", Date: "2026-10-05", Until: "2026-10-06", Closed: []v1alpha1.Opening{{From: "12:00", To: "24:00"}}},
		{Name: "Repair", Date: "2026-10-06", Closed: []v1alpha1.Opening{{From: "10:00", To: "14:00"}}},
		{Name: "Autumn break", Date: "2026-10-07", Until: "2026-10-09"},
		{Name: "Autumn festival", Date: "2026-10-07"},
	}
	c := mustCompile(t, spec)
	names := map[string]time.Duration{}
	for s := range c.Stretches(local(t, c, "2026-10-05 00:00"), local(t, c, "2026-10-12 00:00")) {
		names[s.Holiday] += s.To.Sub(s.From)
	}
	want := map[string]time.Duration{
		"Works outing": 22 * time.Hour, "Repair": 4 * time.Hour, "Autumn break": 72 * time.Hour,
		"": 70 * time.Hour,
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("time of each holiday (-want +got):\n%s", diff)
	}
}

func TestStretchesCanBeLeft(t *testing.T) {
	t.Parallel()
	c := mustCompile(t, office)
	from := local(t, c, "2026-10-02 12:00")
	for n := range 4 {
		left := n
		for range c.Stretches(from.AddDate(-300, 0, 0), from.AddDate(300, 0, 0)) {
			if left--; left < 0 {
				break
			}
		}
	}
	for s := range c.Stretches(from, from) {
		t.Errorf("an empty time has the stretch %v", s)
	}
}
