package lint

import (
	"github.com/amends-dev/amends/internal/calendar"
)

// calendars compiles the calendars.
func (l *linter) calendars() {
	for _, k := range ordered(l.world.calendars) {
		c := l.world.calendars[k]
		var wrong []calendar.Problem
		c.compiled, wrong = calendar.Compile(c.spec)
		for _, p := range wrong {
			rule := ruleCalendarInvalid
			switch {
			case p.Reason == calendar.ReasonExhausted:
				rule = ruleCalendarExhausted
			case p.Path == "spec.timeZone":
				rule = ruleUnknownTimeZone
			}
			l.add(rule, c.doc, p.Path, "%s", p.Message)
		}
	}
}
