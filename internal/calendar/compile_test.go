package calendar_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/calendar"
)

func TestCompileNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	const monday = `"weekly": [{"days": ["Monday"], "hours": [{"from": "09:00", "to": "17:00"}]}]`
	for name, tc := range map[string]struct {
		spec string
		want []string // path and a part of the message
	}{
		"no time zone": {
			`{` + monday + `}`,
			[]string{"spec.timeZone", "needs a time zone"},
		},
		"a zone that does not exist": {
			`{"timeZone": "Europe/Berln", ` + monday + `}`,
			[]string{"spec.timeZone", `"Europe/Berln" is not a time zone that is known here`},
		},
		"the zone of the machine": {
			`{"timeZone": "Local", ` + monday + `}`,
			[]string{"spec.timeZone", `"Local" would mean another clock on each machine`},
		},
		"a day that does not exist": {
			`{"timeZone": "UTC", "weekly": [{"days": ["Mon"], "hours": [{"from": "09:00", "to": "17:00"}]}]}`,
			[]string{"spec.weekly[0].days[0]", `"Mon" is not a day of the week`},
		},
		"a day twice in one entry": {
			`{"timeZone": "UTC", "weekly": [{"days": ["Monday", "Monday"], "hours": [{"from": "09:00", "to": "17:00"}]}]}`,
			[]string{"spec.weekly[0].days[1]", "Monday is listed twice"},
		},
		"weekly hours without days and hours": {
			`{"timeZone": "UTC", "weekly": [{}]}`,
			[]string{"spec.weekly[0].days", "no days", "spec.weekly[0].hours", "no hours"},
		},
		"an hour after midnight": {
			`{"timeZone": "UTC", "weekly": [{"days": ["Monday"], "hours": [{"from": "09:00", "to": "25:00"}]}]}`,
			[]string{"spec.weekly[0].hours[0].to", `"25:00" is not a time of day; give HH:MM from 00:00 to 24:00`},
		},
		"minutes after the hour": {
			`{"timeZone": "UTC", "weekly": [{"days": ["Monday"], "hours": [{"from": "09:60", "to": "24:01"}]}]}`,
			[]string{"spec.weekly[0].hours[0].from", `"09:60"`, "spec.weekly[0].hours[0].to", `"24:01"`},
		},
		"times in another form": {
			`{"timeZone": "UTC", "weekly": [{"days": ["Monday"], "hours": [{"from": "9:00", "to": "+9:00"}, {"from": "", "to": "09.00"}]}]}`,
			[]string{
				"spec.weekly[0].hours[0].from", `"9:00"`, "spec.weekly[0].hours[0].to", `"+9:00"`,
				"spec.weekly[0].hours[1].from", `""`, "spec.weekly[0].hours[1].to", `"09.00"`,
			},
		},
		"hours of no length": {
			`{"timeZone": "UTC", "weekly": [{"days": ["Monday"], "hours": [{"from": "09:00", "to": "09:00"}]}]}`,
			[]string{"spec.weekly[0].hours[0]", "09:00 to 09:00 are empty"},
		},
		"hours that begin at 24:00": {
			`{"timeZone": "UTC", "weekly": [{"days": ["Monday"], "hours": [{"from": "24:00", "to": "01:00"}]}]}`,
			[]string{"spec.weekly[0].hours[0].from", "cannot begin at 24:00"},
		},
		"hours that overlap on one day": {
			`{"timeZone": "UTC", "weekly": [
				{"days": ["Monday", "Tuesday"], "hours": [{"from": "09:00", "to": "12:00"}]},
				{"days": ["Tuesday"], "hours": [{"from": "11:59", "to": "17:00"}]}]}`,
			[]string{"spec.weekly[1].hours[0]", "Tuesday 11:59 to 17:00 overlaps Tuesday 09:00 to 12:00 (spec.weekly[0].hours[0])"},
		},
		"hours that overlap on several days are named once": {
			`{"timeZone": "UTC", "weekly": [
				{"days": ["Monday", "Tuesday"], "hours": [{"from": "09:00", "to": "12:00"}, {"from": "10:00", "to": "11:00"}]}]}`,
			[]string{"spec.weekly[0].hours[1]", "Monday 10:00 to 11:00 overlaps Monday 09:00 to 12:00"},
		},
		"hours that overlap over midnight": {
			`{"timeZone": "UTC", "weekly": [
				{"days": ["Monday"], "hours": [{"from": "22:00", "to": "06:00"}]},
				{"days": ["Tuesday"], "hours": [{"from": "05:00", "to": "12:00"}]}]}`,
			[]string{"spec.weekly[1].hours[0]", "Tuesday 05:00 to 12:00 overlaps Monday 22:00 to 06:00 of the next day"},
		},
		"hours that overlap over the end of the week": {
			`{"timeZone": "UTC", "weekly": [
				{"days": ["Monday"], "hours": [{"from": "00:00", "to": "24:00"}]},
				{"days": ["Sunday"], "hours": [{"from": "22:00", "to": "00:01"}]}]}`,
			[]string{"spec.weekly[0].hours[0]", "Monday 00:00 to 24:00 overlaps Sunday 22:00 to 00:01 of the next day"},
		},
		"hours that overlap from Saturday to Sunday": {
			`{"timeZone": "UTC", "weekly": [
				{"days": ["Saturday"], "hours": [{"from": "12:00", "to": "11:00"}]},
				{"days": ["Sunday"], "hours": [{"from": "00:00", "to": "01:00"}]}]}`,
			[]string{"spec.weekly[1].hours[0]", "Sunday 00:00 to 01:00 overlaps Saturday 12:00 to 11:00 of the next day"},
		},
		"a holiday without a name on a day that does not exist": {
			`{"timeZone": "UTC", ` + monday + `, "holidays": [{"date": "2026-02-29"}]}`,
			[]string{"spec.holidays[0].name", "needs a name", "spec.holidays[0].date", `"2026-02-29" is not a date`},
		},
		"a holiday that ends before it begins": {
			`{"timeZone": "UTC", ` + monday + `, "holidays": [{"name": "X", "date": "2026-10-07", "until": "2026-10-01"}]}`,
			[]string{"spec.holidays[0].until", `"2026-10-01" lies before the date 2026-10-07`},
		},
		"a holiday outside the years covered": {
			`{"timeZone": "UTC", ` + monday + `, "holidays": [{"name": "X", "date": "0206-10-07", "until": "2201-01-01"}]}`,
			[]string{"spec.holidays[0].date", "from 1970-01-01 to 2200-12-31", "spec.holidays[0].until", "from 1970-01-01 to 2200-12-31"},
		},
		"closed hours over midnight": {
			`{"timeZone": "UTC", ` + monday + `, "holidays": [{"name": "X", "date": "2026-10-07", "closed": [{"from": "12:00", "to": "00:00"}]}]}`,
			[]string{"spec.holidays[0].closed[0]", "do not end on the same day"},
		},
		"an opening without hours on a date in another form": {
			`{"timeZone": "UTC", "openings": [{"date": "2026-1-2"}]}`,
			[]string{"spec.openings[0].date", `"2026-1-2" is not a date`, "spec.openings[0].hours", "no hours"},
		},
		"nothing": {
			`{"timeZone": "UTC"}`,
			[]string{"spec", "never opens"},
		},
		"holidays for ever": {
			`{"timeZone": "America/Los_Angeles", ` + monday + `, "holidays": [{"name": "X", "date": "1970-01-01", "until": "2200-12-31"}]}`,
			[]string{"spec.holidays", "close all opening hours for ever"},
		},
		"one opening inside a gap": {
			`{"timeZone": "Europe/Berlin", "openings": [{"date": "2026-03-29", "hours": [{"from": "02:00", "to": "03:00"}]}]}`,
			[]string{"spec.openings", "the clocks in Europe/Berlin skip"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var spec v1alpha1.BusinessCalendarSpec
			if err := json.Unmarshal([]byte(tc.spec), &spec); err != nil {
				t.Fatal(err)
			}
			c, problems := calendar.Compile(spec)
			if c != nil {
				t.Error("a calendar came with the problems")
			}
			if len(problems) != len(tc.want)/2 {
				t.Fatalf("problems = %v, want %d", problems, len(tc.want)/2)
			}
			for i, p := range problems {
				if p.Path != tc.want[2*i] || !strings.Contains(p.Message, tc.want[2*i+1]) {
					t.Errorf("problem %d = %s, want %q with %q", i, p, tc.want[2*i], tc.want[2*i+1])
				}
			}
		})
	}
}

func TestCompileBoundsLists(t *testing.T) {
	t.Parallel()
	hours := []v1alpha1.Opening{{From: "09:00", To: "17:00"}}
	spec := v1alpha1.BusinessCalendarSpec{
		TimeZone: "UTC",
		Weekly:   make([]v1alpha1.WeeklyOpening, 15),
		Holidays: make([]v1alpha1.Holiday, 401),
		Openings: make([]v1alpha1.ExtraOpening, 201),
	}
	inner := v1alpha1.BusinessCalendarSpec{
		TimeZone: "UTC",
		Weekly:   []v1alpha1.WeeklyOpening{{Days: append(allDays, "Monday"), Hours: make([]v1alpha1.Opening, 13)}},
		Holidays: []v1alpha1.Holiday{{Name: strings.Repeat("é", 64), Date: "2026-10-02", Closed: make([]v1alpha1.Opening, 5)}},
		Openings: []v1alpha1.ExtraOpening{{Date: "2026-10-02", Hours: make([]v1alpha1.Opening, 13)}},
	}
	var got []string
	for _, s := range []v1alpha1.BusinessCalendarSpec{spec, inner} {
		_, problems := calendar.Compile(s)
		for _, p := range problems {
			got = append(got, p.String())
		}
	}
	want := []string{
		"spec.weekly: 15 entries are too many; give at most 14",
		"spec.holidays: 401 holidays are too many; give at most 400",
		"spec.openings: 201 openings are too many; give at most 200",
		"spec.weekly[0].days: 8 days are too many; give at most 7",
		"spec.weekly[0].hours: 13 openings are too many; give at most 12",
		`spec.holidays[0].name: "` + strings.Repeat("é", 64) + `" has 64 characters; give at most 63`,
		"spec.holidays[0].closed: 5 closed hours are too many; give at most 4",
		"spec.openings[0].hours: 13 openings are too many; give at most 12",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	_, problems := calendar.Compile(v1alpha1.BusinessCalendarSpec{
		TimeZone: "UTC",
		Weekly:   []v1alpha1.WeeklyOpening{{Days: allDays, Hours: hours}},
		Holidays: []v1alpha1.Holiday{{Name: strings.Repeat("é", 63), Date: "2026-10-02"}},
	})
	if len(problems) > 0 {
		t.Errorf("a name of 63 letters has problems: %v", problems)
	}
}

func TestCompileAcceptsHoursThatTouch(t *testing.T) {
	t.Parallel()
	c := mustCompile(t, v1alpha1.BusinessCalendarSpec{
		TimeZone: "Europe/Berlin",
		Weekly: append(
			week([]v1alpha1.Weekday{"Sunday"}, "22:00", "00:00"),
			append(week([]v1alpha1.Weekday{"Monday"}, "00:00", "09:00", "17:00", "18:00", "09:00", "17:00"),
				week([]v1alpha1.Weekday{"Saturday"}, "12:00", "11:00")...)...),
	})
	start := local(t, c, "2026-10-04 20:00")
	opening, _ := c.NextOpening(start)
	closing, _ := c.NextClosing(start)
	isAt(t, c, "NextOpening", opening, nil, "2026-10-04 22:00")
	isAt(t, c, "NextClosing", closing, nil, "2026-10-05 18:00")
	due, err := c.Due(start, 2*time.Hour)
	isAt(t, c, "Due where two hours touch", due, err, "2026-10-05 00:00")
}

func TestCompileKeepsToZones(t *testing.T) {
	t.Parallel()
	for _, zone := range []v1alpha1.TimeZone{
		"../etc/passwd", "..", "Europe/../../etc/passwd", "/etc/localtime", `\etc`, "./UTC", "Europe/", "Europe", "",
		"local", "LOCAL", "localtime", "posixrules", "posix/Europe/Berlin", "right/Europe/Berlin", "Factory", "zone.tab",
		"tzdata.zi", "Europe/Berlin\x00", "Europe Berlin", "+02:00", "-1", v1alpha1.TimeZone(strings.Repeat("A", 65)), "É",
	} {
		c, problems := calendar.Compile(v1alpha1.BusinessCalendarSpec{TimeZone: zone, Weekly: office.Weekly})
		if c != nil || len(problems) != 1 || problems[0].Path != "spec.timeZone" {
			t.Errorf("time zone %q: problems = %v, want one on spec.timeZone", zone, problems)
		}
	}
	for _, zone := range []v1alpha1.TimeZone{"UTC", "Etc/GMT+5", "America/Port-au-Prince", "America/Argentina/Buenos_Aires", "EST5EDT"} {
		c := mustCompile(t, v1alpha1.BusinessCalendarSpec{TimeZone: zone, Weekly: office.Weekly})
		if got := c.Location().String(); got != string(zone) {
			t.Errorf("Location = %s, want %s", got, zone)
		}
	}
}

// FuzzCompile feeds any JSON: nothing may panic, hang or come out half checked.
func FuzzCompile(f *testing.F) {
	for _, spec := range []v1alpha1.BusinessCalendarSpec{office, always, nights, goldenWeek} {
		f.Add([]byte(show(spec)))
	}
	f.Add([]byte(`{"timeZone": "../etc", "weekly": [{"days": ["Mon"], "hours": [{"from": "25:00", "to": "24:00"}]}]}`))
	f.Add([]byte(`{"timeZone": "UTC", "holidays": [{"name": "x", "date": "2026-13-01", "until": "9999-12-31", "closed": [{}]}]}`))
	start := time.Date(2026, 10, 2, 14, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, data []byte) {
		var spec v1alpha1.BusinessCalendarSpec
		if json.Unmarshal(data, &spec) != nil {
			return
		}
		c, problems := calendar.Compile(spec)
		if (c == nil) != (len(problems) > 0) {
			t.Fatalf("calendar %v with problems %v", c, problems)
		}
		for _, p := range problems {
			if !strings.HasPrefix(p.Path, "spec") || p.Message == "" || p.Reason == "" {
				t.Errorf("the problem %+v says too little", p)
			}
		}
		if c == nil {
			return
		}
		due, err := c.Due(start, 100*time.Hour)
		if err == nil && c.Counted(start, due) != 100*time.Hour {
			t.Errorf("Due = %s counts %s", due, c.Counted(start, due))
		}
		_, _ = c.CloseOfBusinessDay(start, 250)
		_, _ = c.NextClosing(start)
		_ = fmt.Sprint(c.Location())
	})
}
