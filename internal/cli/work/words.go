package work

import (
	"slices"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// The words that the API takes, in the order in which people should see them.
var (
	// Severities are mildest first.
	Severities = []string{"Low", "Medium", "High", "Critical"}
	// Channels are how a contact is made.
	Channels = []string{"InPerson", "Visit", "Phone", "Video", "Chat", "Message", "Email", "Letter", "Social", "StatusPage", "Other"}
	// Moods are how a customer sounds.
	Moods = []string{"Calm", "Upset", "Angry"}
	// DetectedBys say who noticed first.
	DetectedBys = []string{"Customer", "Staff", "Monitoring", "EarlyWarning"}
	// Accepteds say whether the customer accepted.
	Accepteds = []string{"Yes", "NotYet"}
	// TaskKinds say what a task is for.
	TaskKinds = []string{"Help", "Internal", "Verify", "Care", "Prevention"}
	// PromiseResults are what becomes of a promise.
	PromiseResults = []string{"Kept", "Attempted", "Broken", "Released"}
	// TaskResults are what becomes of a task.
	TaskResults = []string{"Done", "Attempted", "Declined", "Released"}
	// Causes are why a service fails.
	Causes = []string{"Execution", "Process", "System", "Customer", "Expectation", "ThirdParty", "External", "Unknown"}
	// Answers are yes, no and neither.
	Answers = []string{"Yes", "No", "Unknown"}
	// Comparisons compare with what was expected.
	Comparisons = []string{"Below", "Met", "Above"}
	// FeedbackSources say whose judgement it is.
	FeedbackSources = []string{"Customer", "Staff"}
	// ReopenReasons are why it is not over.
	ReopenReasons = []string{"NotFixed", "HappenedAgain", "CustomerDisagrees", "Other"}
	// CancelReasons are why it was none.
	CancelReasons = []string{"Mistake", "Duplicate", "Averted", "CustomerWithdrew"}
)

// oneOf finds a word among those allowed, however it is capitalised.
func oneOf[T ~string](what, value string, allowed []string) (T, error) {
	bare := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "-", "")) }
	for _, word := range allowed {
		if bare(word) == bare(value) {
			return T(word), nil
		}
	}
	return "", wrongf("%s %q: it is one of %s", what, value, strings.Join(allowed, ", "))
}

// maybeOneOf is like oneOf; an empty word stays empty.
func maybeOneOf[T ~string](what, value string, allowed []string) (T, error) {
	if value == "" {
		return "", nil
	}
	return oneOf[T](what, value, allowed)
}

// list names things, for a message.
func list(names []v1alpha1.Name) string {
	if len(names) == 0 {
		return "none"
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = string(n)
	}
	return strings.Join(out, ", ")
}

// nearest is the name that a mistyped one most likely means, or nothing.
func nearest(typed v1alpha1.Name, names []v1alpha1.Name) v1alpha1.Name {
	best, distance := v1alpha1.Name(""), max(2, len(typed)/3)+1
	for _, n := range names {
		if strings.HasPrefix(string(n), string(typed)) && typed != "" {
			return n
		}
		if d := edits(string(typed), string(n)); d < distance {
			best, distance = n, d
		}
	}
	return best
}

// edits counts the letters to be changed, added or left out to turn one word into
// another.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := slices.Clone(row)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(before[j]+cost, before[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
