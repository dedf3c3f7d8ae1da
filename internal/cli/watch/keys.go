package watch

import (
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// press takes a key in.
func (m *Model) press(key tea.KeyPressMsg) tea.Cmd {
	name := key.String()
	switch {
	case name == "ctrl+c":
		return tea.Quit
	case m.help:
		m.help = false
		return nil
	case m.typing:
		m.write(name, key.Text)
		return nil
	case name == "q":
		return tea.Quit
	case name == "?":
		m.help = true
		return nil
	case m.open != nil:
		return m.pressOpen(name)
	}
	return m.pressList(name)
}

// write takes a key of the query in.
func (m *Model) write(name, text string) {
	switch name {
	case "enter":
		m.typing = false
	case "esc":
		m.typing, m.query = false, ""
	case "backspace":
		if _, size := utf8.DecodeLastRuneInString(m.query); size > 0 {
			m.query = m.query[:len(m.query)-size]
		}
	default:
		m.query += text
	}
	m.stale, m.top = true, 0
}

// pressList takes a key of the list in.
func (m *Model) pressList(name string) tea.Cmd {
	page := max(1, m.height-listFrame)
	switch name {
	case "up", "k":
		m.move(-1)
	case "down", "j":
		m.move(1)
	case "pgup", "ctrl+b":
		m.move(-page)
	case "pgdown", "ctrl+f", "space":
		m.move(page)
	case "home", "g":
		m.move(-len(m.sorted()))
	case "end", "G":
		m.move(len(m.sorted()))
	case "s":
		m.sort, m.stale = (m.sort+1)%len(orders), true
	case "f":
		m.filter, m.stale, m.top = (m.filter+1)%len(filters), true, 0
	case "/":
		m.typing = true
	case "esc":
		m.query, m.stale = "", true
	case "enter", "right", "l":
		return m.enter()
	}
	return nil
}

// move moves the cursor, and remembers the incident and not the place: what moves by
// itself takes the cursor along.
func (m *Model) move(by int) {
	list := m.sorted()
	if len(list) == 0 {
		return
	}
	m.cursor = KeyOf(list[min(max(m.at()+by, 0), len(list)-1)])
}

// enter opens the incident under the cursor.
func (m *Model) enter() tea.Cmd {
	list := m.sorted()
	if len(list) == 0 {
		return nil
	}
	inc := list[m.at()]
	key := KeyOf(inc)
	m.cursor, m.open, m.scroll = key, &key, 0
	return m.fetch(inc)
}

// pressOpen takes a key of an open incident in.
func (m *Model) pressOpen(name string) tea.Cmd {
	page := max(1, m.height-openFrame)
	switch name {
	case "up", "k":
		m.scroll--
	case "down", "j":
		m.scroll++
	case "pgup", "ctrl+b":
		m.scroll -= page
	case "pgdown", "ctrl+f", "space":
		m.scroll += page
	case "home", "g":
		m.scroll = 0
	case "end", "G":
		m.scroll = 1 << 20
	case "esc", "left", "h", "backspace":
		if m.Only == nil {
			m.open = nil
		}
	}
	return nil
}
