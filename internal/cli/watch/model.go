package watch

import (
	"cmp"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/view"
)

// Changed brings incidents that are new or changed, and takes away those that are gone.
type Changed struct {
	// Incidents are the new and changed ones.
	Incidents []*v1alpha1.Incident
	// Gone are those that were deleted.
	Gone []Key
}

// Remedies brings the remedies of an incident that was opened.
type Remedies struct {
	// Of is the incident.
	Of Key
	// List are its remedies.
	List []v1alpha1.Compensation
}

// Troubled says that the connection is troubled; it is tried again by itself. An empty
// text says that all is well.
type Troubled string

// Key names an incident.
type Key struct{ Namespace, Name string }

// KeyOf is the key of an incident.
func KeyOf(inc *v1alpha1.Incident) Key { return Key{inc.Namespace, inc.Name} }

// Options are what a live view is made with.
type Options struct {
	// Now is the time of the API server.
	Now func() time.Time
	// Zone is the viewer's.
	Zone *time.Location
	// Paint colours.
	Paint view.Painter
	// Only is the one incident that is watched; nil is a list of all.
	Only *Key
	// Namespaces shows where each incident is.
	Namespaces bool
	// Me is who watches, for the filter of their own.
	Me v1alpha1.User
	// Where says what is watched, for the title.
	Where string
	// Every is how often what counts down is drawn anew; zero is a second.
	Every time.Duration
	// Fetch reads the remedies of an incident that is opened; nil reads none.
	Fetch func(*v1alpha1.Incident) []v1alpha1.Compensation
}

// Model is the live view.
type Model struct {
	Options
	width, height int
	now           time.Time

	all     map[Key]*v1alpha1.Incident
	shown   []*v1alpha1.Incident // those that pass the filter, in order
	trouble string
	loaded  bool

	sort, filter int
	query        string
	typing       bool // the query is being typed
	help         bool

	cursor Key
	top    int // the first row on the screen

	open     *Key // the incident that is open
	scroll   int
	remedies map[Key][]v1alpha1.Compensation

	rows  []string // of the list, with their head; nil is to be drawn anew
	stale bool
}

// New makes a live view.
func New(o Options) *Model {
	m := &Model{Options: o, all: map[Key]*v1alpha1.Incident{}, remedies: map[Key][]v1alpha1.Compensation{}, now: o.Now(), width: 80, height: 24}
	if o.Only != nil {
		m.open = o.Only
	}
	return m
}

// tick says that a second has passed.
type tick struct{}

// later brings the next tick.
func (m *Model) later() tea.Cmd {
	return tea.Tick(cmp.Or(m.Every, time.Second), func(time.Time) tea.Msg { return tick{} })
}

// Init starts the countdown.
func (m *Model) Init() tea.Cmd { return m.later() }

// Update takes a message in.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height, m.rows = msg.Width, msg.Height, nil
	case tick:
		m.now, m.rows = m.Now(), nil
		return m, m.later()
	case Changed:
		return m, m.take(msg)
	case Remedies:
		m.remedies[msg.Of] = msg.List
	case Troubled:
		m.trouble = string(msg)
	case tea.KeyPressMsg:
		return m, m.press(msg)
	}
	return m, nil
}

// take takes changes in.
func (m *Model) take(c Changed) tea.Cmd {
	for _, inc := range c.Incidents {
		m.all[KeyOf(inc)] = inc
	}
	for _, key := range c.Gone {
		delete(m.all, key)
	}
	m.now, m.loaded, m.stale = m.Now(), true, true
	var cmds []tea.Cmd
	for _, inc := range c.Incidents {
		if m.open != nil && *m.open == KeyOf(inc) {
			cmds = append(cmds, m.fetch(inc))
		}
	}
	if m.Only != nil && m.Over() {
		cmds = append(cmds, tea.Quit)
	}
	return tea.Batch(cmds...)
}

// Over says that the one incident that is watched has ended, or is gone.
func (m *Model) Over() bool {
	if m.Only == nil || !m.loaded {
		return false
	}
	inc := m.all[*m.Only]
	return inc == nil || view.Ended(inc)
}

// Watched is the one incident that is watched, as it was last seen; nil where it is gone.
func (m *Model) Watched() *v1alpha1.Incident {
	if m.Only == nil {
		return nil
	}
	return m.all[*m.Only]
}

// fetch reads the remedies of an incident, beside the screen.
func (m *Model) fetch(inc *v1alpha1.Incident) tea.Cmd {
	if m.Fetch == nil {
		return nil
	}
	return func() tea.Msg { return Remedies{Of: KeyOf(inc), List: m.Fetch(inc)} }
}
