package work

import (
	"github.com/amends-dev/amends/api/v1alpha1"
)

// Contact is a contact as it is typed. Exactly one of Reached, Tried and Heard is
// given where there is one.
type Contact struct {
	// Reached is the channel of a contact of ours that reached the customer.
	Reached string
	// Tried is the channel of a contact of ours that did not.
	Tried string
	// Heard is the channel on which the customer contacted us.
	Heard string
	// Mood is how the customer sounded.
	Mood string
	// Minutes is how long it took.
	Minutes int32
	// Automated says that no person did it.
	Automated bool
	// Broadcast says that it was for everybody.
	Broadcast bool
	// Acknowledgement says that the customer only said thanks.
	Acknowledgement bool
	// Repeated says that the customer had to tell the story once more.
	Repeated bool
}

// build is the contact, or nil where none was made.
func (c *Contact) build() (*v1alpha1.Contact, error) {
	given := 0
	for _, channel := range []string{c.Reached, c.Tried, c.Heard} {
		if channel != "" {
			given++
		}
	}
	switch {
	case given > 1:
		return nil, wrong("one entry tells one contact: give one of --reached, --tried and --heard")
	case given == 0 && *c != (Contact{}):
		return nil, wrong("which contact was that? Give its channel: --reached Phone, --tried Phone or --heard Phone")
	case given == 0:
		return nil, nil
	case c.Heard != "" && (c.Automated || c.Broadcast):
		return nil, wrong("--automated and --broadcast go with a contact of ours: --reached or --tried")
	case c.Heard == "" && (c.Acknowledgement || c.Repeated):
		return nil, wrong("--thanks and --repeated go with a contact of the customer's: --heard")
	case c.Minutes < 0 || c.Minutes > 1440:
		return nil, wrongf("--minutes %d: it is from 1 to 1440", c.Minutes)
	}
	return c.member()
}

func (c *Contact) member() (*v1alpha1.Contact, error) {
	out := &v1alpha1.Contact{
		Direction: v1alpha1.ToCustomer, Reached: c.Reached != "", Automated: c.Automated,
		AcknowledgementOnly: c.Acknowledgement, Repeated: c.Repeated, Minutes: c.Minutes,
	}
	flag, channel := "--reached", c.Reached
	switch {
	case c.Heard != "":
		flag, channel, out.Direction = "--heard", c.Heard, v1alpha1.FromCustomer
	case c.Tried != "":
		flag, channel = "--tried", c.Tried
	}
	if c.Broadcast {
		out.Audience = v1alpha1.AudienceAll
	}
	var err error
	if out.Channel, err = oneOf[v1alpha1.Channel](flag, channel, Channels); err != nil {
		return nil, err
	}
	out.Mood, err = maybeOneOf[v1alpha1.Mood]("--mood", c.Mood, Moods)
	return out, err
}

// OnlyContact is an entry that tells a contact and nothing else.
type OnlyContact struct{}

// Fill takes the word for the id from the channel.
func (OnlyContact) Fill(_ *Scene, e *v1alpha1.JournalEntry) error {
	if e.Contact == nil {
		return wrong("say which contact: --reached Phone (we reached them), --tried Phone (we did not) or --heard Phone (they contacted us)")
	}
	e.ID = "to-customer"
	if e.Contact.Direction == v1alpha1.FromCustomer {
		e.ID = "from-customer"
	}
	return nil
}

// OnlyNote is an entry that tells a note and nothing else.
type OnlyNote struct {
	// Text is the note.
	Text string
}

// Fill writes the note.
func (n OnlyNote) Fill(_ *Scene, e *v1alpha1.JournalEntry) error {
	words, err := text("note", n.Text)
	e.Note, e.ID = string(words), "note"
	return err
}
