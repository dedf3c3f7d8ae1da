package policy

import (
	"fmt"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Problem is one thing that is wrong with a spec, for the person who wrote it.
type Problem struct {
	// Reason is the condition reason, one of the constants of the API package.
	Reason string
	// Field is the path of the field, for example spec.steps[2].after[0].
	Field string
	// Message says what is wrong with the value and what is allowed.
	Message string
}

// String is the field and the message, as they stand in a condition.
func (p Problem) String() string {
	return p.Field + ": " + p.Message
}

// ToMend says whether a person must mend it. A calendar that is not there yet is waited for:
// it comes by itself.
func (p Problem) ToMend() bool { return p.Reason != v1alpha1.CalendarNotFoundReason }

// problems collects what is wrong.
type problems []Problem

func (p *problems) add(reason, field, format string, args ...any) {
	*p = append(*p, Problem{Reason: reason, Field: field, Message: fmt.Sprintf(format, args...)})
}

// Describe joins problems to one message, in order.
func Describe(list []Problem) string {
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = p.String()
	}
	return strings.Join(texts, "; ")
}
