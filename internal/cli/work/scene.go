package work

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Scene is what is known when an entry is made.
type Scene struct {
	// Incident is the incident as it was read.
	Incident *v1alpha1.Incident
	// Me is who types, as the API server knows them.
	Me v1alpha1.User
	// Now is the time of the API server.
	Now time.Time
	// Zone is where the person who types is; times without a zone are read in it.
	Zone *time.Location
	// Steps are the names of the policy's steps; nil where they are not known.
	Steps []v1alpha1.Name
	// Unsure says that the policy at hand may not be what the operator judges by: what it
	// does not know is a hint then, and no mistake.
	Unsure bool
	// Hints are what was found so.
	Hints []string
}

// doubt makes a hint of a mistake, where the policy at hand may not be the one that holds.
func (s *Scene) doubt(mistake error) error {
	if mistake == nil || !s.Unsure {
		return mistake
	}
	s.Hints = append(s.Hints, mistake.Error()+"; so says the policy as it stands now, but the incident may follow another revision of it, by which the operator judges")
	return nil
}

// Fact is what kind of fact an entry tells.
type Fact interface {
	// Fill writes the member into the entry, and a word for its id.
	Fill(s *Scene, e *v1alpha1.JournalEntry) error
}

// Common is what every entry may carry beside its member.
type Common struct {
	// ID names the entry; empty, one is made.
	ID string
	// Note is what there is to say beside.
	Note string
	// By is who did it, where that is not who types.
	By string
	// At is a claimed earlier time.
	At string
	// Contact is the contact that stands beside.
	Contact Contact
}

var namePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Build makes an entry. It carries no recordedAt: that is the API server's time.
func Build(s *Scene, c *Common, f Fact) (v1alpha1.JournalEntry, error) {
	e := v1alpha1.JournalEntry{By: s.Me, Note: strings.TrimSpace(c.Note)}
	contact, err := c.Contact.build()
	if err != nil {
		return e, err
	}
	e.Contact = contact
	if err := f.Fill(s, &e); err != nil {
		return e, err
	}
	if by := v1alpha1.User(strings.TrimSpace(c.By)); by != "" && by != s.Me {
		e.By, e.RecordedBy = by, s.Me
	}
	if c.At != "" {
		if e.Hold != nil || e.Resume != nil || e.Retarget != nil {
			return e, wrong("--at: hold, resume and retarget count from when they are recorded, so that they carry no earlier time")
		}
		at, err := Past(c.At, s.Now, s.Zone)
		if err != nil {
			return e, wrongf("--at: %w", err)
		}
		e.At = stamp(at)
	}
	if c.ID == "" {
		e.ID = free(s.Incident, e.ID)
		return e, nil
	}
	if !namePattern.MatchString(c.ID) {
		return e, wrongf("--id %q: an id has lower-case letters, digits and dashes, at most 63, for example said-sorry", c.ID)
	}
	e.ID = v1alpha1.Name(c.ID)
	return e, nil
}

// numbered marks a word that is numbered from the first one on.
const numbered = "-#"

// free is a word that no entry of the journal has as its id: the word, or the word and
// a number. Words are made of what kind of fact it is, and never of a text, because an id
// stays when a text is redacted.
func free(inc *v1alpha1.Incident, word v1alpha1.Name) v1alpha1.Name {
	const longest = 58 // room for a dash and a number
	base, fromOne := strings.CutSuffix(string(word), numbered)
	if len(base) > longest {
		base = strings.TrimRight(base[:longest], "-")
	}
	taken := func(id v1alpha1.Name) bool {
		return slices.ContainsFunc(inc.Spec.Journal, func(e v1alpha1.JournalEntry) bool { return e.ID == id })
	}
	if !fromOne && !taken(v1alpha1.Name(base)) {
		return v1alpha1.Name(base)
	}
	n := 2
	if fromOne {
		n = 1
	}
	for ; ; n++ {
		if id := v1alpha1.Name(base + "-" + strconv.Itoa(n)); !taken(id) {
			return id
		}
	}
}

// kebab writes a CamelCase word in lower case with dashes.
func kebab(word string) v1alpha1.Name {
	var b strings.Builder
	for i, r := range word {
		if upper := r >= 'A' && r <= 'Z'; upper {
			if i > 0 {
				b.WriteByte('-')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return v1alpha1.Name(b.String())
}

// join makes a word of two.
func join(a string, b v1alpha1.Name) v1alpha1.Name {
	return v1alpha1.Name(a + "-" + string(b))
}

func stamp(at time.Time) *metav1.Time {
	out := metav1.NewTime(at.UTC().Truncate(time.Second))
	return &out
}

// text is a text that must be there.
func text(what, value string) (v1alpha1.Text, error) {
	value = strings.TrimSpace(value)
	if value == "" {
		return "", wrongf("%s: say it in words", what)
	}
	return v1alpha1.Text(value), nil
}

// name is a name of the user's own.
func name(what, value string) (v1alpha1.Name, error) {
	if !namePattern.MatchString(value) {
		return "", wrongf("%s %q: a name has lower-case letters, digits and dashes, at most 63", what, value)
	}
	return v1alpha1.Name(value), nil
}

// TwiceWithin is how soon the same fact by the same person is taken for the same command
// sent twice, not for a second fact.
const TwiceWithin = time.Minute

// Twice is the last entry of the journal, where it tells the same as this one, by the
// same person and a moment ago; else nil. Where another fact lies between, the same words
// are a new fact: to hold, to resume and to hold again are three.
func Twice(s *Scene, e *v1alpha1.JournalEntry) *v1alpha1.JournalEntry {
	n := len(s.Incident.Spec.Journal)
	if n == 0 {
		return nil
	}
	last := &s.Incident.Spec.Journal[n-1]
	if last.RecordedAt == nil || s.Now.Sub(last.RecordedAt.Time) > TwiceWithin {
		return nil
	}
	bare, own := last.DeepCopy(), e.DeepCopy()
	bare.ID, bare.RecordedAt, own.ID, own.RecordedAt = "", nil, "", nil
	if !equality.Semantic.DeepEqual(bare, own) {
		return nil
	}
	return last
}
