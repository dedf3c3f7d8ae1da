package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Content is what a revision holds: a completed policy and every calendar that it
// names. It depends on nothing outside itself, so that deleting or editing a policy
// or a calendar never changes a running clock.
type Content struct {
	// Policy is the completed spec.
	Policy v1alpha1.RecoveryPolicySpec `json:"policy"`
	// Calendars are the specs of the calendars that the policy names, by name.
	Calendars map[string]v1alpha1.BusinessCalendarSpec `json:"calendars,omitempty"`
}

// CalendarNames are the calendars that a policy names, each once, in order of first
// mention.
func CalendarNames(spec v1alpha1.RecoveryPolicySpec) []string {
	var names []string
	seen := map[string]bool{"": true}
	add := func(name v1alpha1.ObjectName) {
		if !seen[string(name)] {
			seen[string(name)] = true
			names = append(names, string(name))
		}
	}
	add(spec.CalendarName)
	for _, l := range spec.Escalation {
		add(l.Hours)
	}
	return names
}

// Encode is the canonical JSON of the content, and the name of the revision: the
// policy's name and a hash of the content. Equal content has an equal name.
func Encode(policyName string, c Content) (name string, data []byte, err error) {
	data, err = json.Marshal(c)
	if err != nil {
		return "", nil, fmt.Errorf("encoding policy %s: %w", policyName, err)
	}
	sum := sha256.Sum256(data)
	return policyName + "-" + hex.EncodeToString(sum[:])[:12], data, nil
}

// Decode reads the content of a revision.
func Decode(data []byte) (Content, error) {
	var c Content
	if err := json.Unmarshal(data, &c); err != nil {
		return Content{}, fmt.Errorf("decoding a revision: %w", err)
	}
	return c, nil
}
