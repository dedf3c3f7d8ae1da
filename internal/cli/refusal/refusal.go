// Package refusal says in people's words what the API server refused, and what to try
// next. It is pure: an error goes in, sentences come out.
package refusal

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// Refusal is a refusal in people's words.
type Refusal struct {
	// Said is what was wrong, a sentence for each thing.
	Said []string
	// Try is what to try next; it may be empty.
	Try []string
}

// String is the refusal as it is printed.
func (r Refusal) String() string {
	lines := slices.Clone(r.Said)
	for _, t := range r.Try {
		lines = append(lines, "  → "+t)
	}
	return strings.Join(lines, "\n")
}

// Of says what an error means. An error that the API server has no part in is for
// people already.
func Of(err error) Refusal {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return unreachable(err)
	}
	s := status.Status()
	r := read(err, &s)
	for _, h := range hints {
		if slices.ContainsFunc(r.Said, func(said string) bool { return strings.Contains(said, h.says) }) && !slices.Contains(r.Try, h.try) {
			r.Try = append(r.Try, h.try)
		}
	}
	return r
}

// unreachable tells of an API server that did not answer.
func unreachable(err error) Refusal {
	switch {
	case utilnet.IsConnectionRefused(err) || strings.Contains(err.Error(), "no such host"):
		return Refusal{Said: []string{"the API server cannot be reached: " + last(err.Error())}, Try: []string{"check --context and the network; nothing was written"}}
	case utilnet.IsTimeout(err) || utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err):
		return Refusal{
			Said: []string{"the API server did not answer: " + last(err.Error())},
			Try:  []string{"whether it was written is not known: look with kubectl amends timeline before you repeat it, or repeat it with the same --id, which does no harm"},
		}
	}
	return Refusal{Said: []string{err.Error()}}
}

// last is the last part of a chain of errors.
func last(text string) string {
	if i := strings.LastIndex(text, "\": "); i >= 0 {
		return text[i+3:]
	}
	return text
}

var (
	rbac = regexp.MustCompile(`User "([^"]+)" cannot (\S+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?`)
	vap  = regexp.MustCompile(`(?s)ValidatingAdmissionPolicy '([^']+)' with binding '[^']+' denied request: (.*)$`)
	// boiler is what stands before the message of a rule.
	boiler = regexp.MustCompile(`^Invalid value: (?:"(?:\\.|[^"\\])*"|[^:"\s]+|null|\{.*?\}): `)
	other  = regexp.MustCompile(`^(?:Unsupported|Duplicate|Required|Forbidden|Too)\b`)
)

// read says what a status means.
func read(err error, s *metav1.Status) Refusal {
	if m := vap.FindStringSubmatch(s.Message); m != nil {
		return Refusal{Said: []string{m[2]}}
	}
	switch {
	case apierrors.IsUnauthorized(err):
		return Refusal{Said: []string{"the API server does not know you"}, Try: []string{"log in again, or name another user with --user or --context"}}
	case apierrors.IsForbidden(err):
		return forbidden(s)
	case apierrors.IsInvalid(err):
		return invalid(s)
	case apierrors.IsNotFound(err):
		return notFound(s)
	case apierrors.IsConflict(err):
		return Refusal{Said: []string{"somebody else wrote at the same time, again and again; nothing was written"}, Try: []string{"try it once more"}}
	case apierrors.IsAlreadyExists(err):
		return Refusal{Said: []string{s.Message}, Try: []string{"give it another name"}}
	}
	return Refusal{Said: []string{s.Message}}
}

// forbidden tells which right is missing.
func forbidden(s *metav1.Status) Refusal {
	m := rbac.FindStringSubmatch(s.Message)
	if m == nil {
		return Refusal{Said: []string{s.Message}}
	}
	user, verb, resource, namespace := m[1], m[2], m[3], m[5]
	where := " in the whole cluster"
	if namespace != "" {
		where = " in namespace " + namespace
	}
	r := Refusal{Said: []string{user + " may not " + verb + " " + resource + where}}
	switch {
	case verb == "patch" || verb == "create":
		r.Try = []string{"ask for the role amends-agent there: kubectl create rolebinding " + safe(user) + inNamespace(namespace) + " --clusterrole=amends-agent --user=" + user}
	case namespace == "" && (verb == "list" || verb == "watch"):
		r.Try = []string{"look in one namespace: leave -A out, and name one with -n"}
	default:
		r.Try = []string{"ask for the role amends-viewer there"}
	}
	return r
}

// inNamespace is the flag that names a namespace: the shell of who grants a role is in
// another one as a rule.
func inNamespace(namespace string) string {
	if namespace == "" {
		return ""
	}
	return " -n " + namespace
}

var unsafe = regexp.MustCompile(`[^a-z0-9.-]+`)

// safe is a name for an object made of a user's.
func safe(user string) string {
	return strings.Trim(unsafe.ReplaceAllString(strings.ToLower(user), "-"), "-.")
}

// invalid tells what each rule says.
func invalid(s *metav1.Status) Refusal {
	if strings.Contains(s.Message, "testing value /metadata/uid failed") || strings.Contains(s.Message, "metadata/uid") {
		return Refusal{Said: []string{"it was deleted and created anew in the meantime: nothing was written"}, Try: []string{"look at it with kubectl amends status, and do it again if it still holds"}}
	}
	if strings.Contains(s.Message, "testing value") {
		return Refusal{Said: []string{"somebody else changed it in the meantime: nothing was written"}, Try: []string{"look at it with kubectl amends timeline, and try again"}}
	}
	var r Refusal
	if s.Details == nil || len(s.Details.Causes) == 0 {
		return Refusal{Said: []string{s.Message}}
	}
	for i := range s.Details.Causes {
		c := &s.Details.Causes[i]
		said := boiler.ReplaceAllString(c.Message, "")
		if c.Field != "" && c.Field != "<nil>" && other.MatchString(said) {
			said = c.Field + ": " + said
		}
		if !slices.Contains(r.Said, said) && !noise(said) {
			r.Said = append(r.Said, said)
		}
	}
	if len(r.Said) == 0 {
		r.Said = []string{s.Message}
	}
	return r
}

// noise is what the API server says beside the matter.
func noise(said string) bool {
	return strings.Contains(said, "some validation rules were not checked because the object was invalid")
}

// notFound tells what is missing, or that Amends is.
func notFound(s *metav1.Status) Refusal {
	if s.Details == nil || s.Details.Name == "" {
		return Refusal{Said: []string{"this cluster does not know Amends: " + s.Message}, Try: []string{"kubectl amends check says what is missing"}}
	}
	r := Refusal{Said: []string{"there is no " + singular(s.Details.Kind) + " " + s.Details.Name + " here"}}
	switch s.Details.Kind {
	case "incidents":
		r.Try = []string{"kubectl amends get -A shows all incidents; name the namespace with -n"}
	case "compensations":
		r.Try = []string{"kubectl amends status INCIDENT shows its remedies; name the namespace with -n"}
	case "namespaces":
		r.Try = []string{"name another namespace with -n"}
	}
	return r
}

func singular(plural string) string {
	switch plural {
	case "recoverypolicies":
		return "policy"
	case "compensations":
		return "remedy"
	case "businesscalendars":
		return "calendar"
	case "recoverybudgets":
		return "budget"
	}
	return strings.TrimSuffix(plural, "s")
}
