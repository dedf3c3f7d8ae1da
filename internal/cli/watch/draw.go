package watch

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/amends-dev/amends/internal/cli/view"
)

// What of the screen is not the list, and not the open incident.
const (
	listFrame = 3 // title, heads, keys
	openFrame = 1 // keys
)

// View is the picture. It has the alternate screen to itself, so that nothing is left of
// it in the scrollback.
func (m *Model) View() tea.View {
	v := tea.NewView(strings.Join(m.Lines(), "\n"))
	v.AltScreen = true
	return v
}

// Lines are the rows of the picture: never more than the terminal has, and none wider.
func (m *Model) Lines() []string {
	if m.width <= 0 || m.height <= 0 {
		return nil
	}
	var out []string
	switch {
	case m.help:
		out = m.drawHelp()
	case m.open != nil:
		out = m.drawOpen()
	default:
		out = m.drawList()
	}
	out = out[:min(len(out), m.height)]
	for i := range out {
		out[i] = view.Clip(out[i], m.width)
	}
	return out
}

// frame is how things are drawn now.
func (m *Model) frame() *view.Frame {
	return &view.Frame{Now: m.now, Zone: m.Zone, Width: m.width, Paint: m.Paint}
}

// drawList is the list.
func (m *Model) drawList() []string {
	list := m.sorted()
	if m.rows == nil {
		m.rows = m.frame().List(list, view.Listing{Namespaces: m.Namespaces})
	}
	room := max(0, m.height-listFrame)
	at := m.at()
	// The cursor is always on the screen, and the list fills it.
	m.top = min(max(m.top, at-room+1), at)
	m.top = max(0, min(m.top, len(list)-room))
	out := []string{m.title(), m.Paint.Paint(view.Faint, m.rows[0])}
	for i := m.top; i < min(len(list), m.top+room); i++ {
		row := m.rows[i+1]
		if i == at {
			row = m.marked(row)
		}
		out = append(out, row)
	}
	if len(list) == 0 && room > 0 {
		out = append(out, m.empty())
	}
	return append(m.fill(out), m.keys("↑↓ move  enter open  s sort  f filter  / find  ? help  q quit"))
}

// marked marks the row of the cursor, whatever its colour; without colours, by a sign in
// its last column.
func (m *Model) marked(row string) string {
	if !m.Paint {
		return view.Clip(row, m.width-2) + " ◀"
	}
	bare := strings.NewReplacer("\x1b[0m", "").Replace(row)
	if begin, rest, ok := strings.Cut(bare, "m"); ok && strings.HasPrefix(begin, "\x1b[") {
		bare = rest
	}
	return m.Paint.Paint(view.Marked, view.Clip(bare+strings.Repeat(" ", max(0, m.width-view.Width(bare))), m.width))
}

// empty says why there is nothing to be seen.
func (m *Model) empty() string {
	switch {
	case !m.loaded:
		return "  reading …"
	case len(m.all) == 0:
		return "  no incidents"
	}
	return fmt.Sprintf("  none of the %d incidents is to be shown: f changes the filter, esc forgets what was typed", len(m.all))
}

// title says what is shown.
func (m *Model) title() string {
	late := 0
	for _, inc := range m.all {
		if filters[1].keep(m, inc) {
			late++
		}
	}
	words := fmt.Sprintf("%s  %d of %d", m.Where, len(m.sorted()), len(m.all))
	if late > 0 {
		words += fmt.Sprintf(", %d late", late)
	}
	words += fmt.Sprintf("   by %s   only %s", orders[m.sort].name, filters[m.filter].name)
	if m.typing || m.query != "" {
		words += "   find: " + m.query
		if m.typing {
			words += "▏"
		}
	}
	return m.Paint.Paint(view.Strong, view.Clip(words, m.width))
}

// drawOpen is the one screen of an incident, scrolled.
func (m *Model) drawOpen() []string {
	inc := m.all[*m.open]
	if inc == nil {
		words := "reading " + m.open.Name + " …"
		if m.loaded {
			words = m.open.Name + " is gone"
		}
		return append(m.fill([]string{words}), m.keys("esc back  q quit"))
	}
	rows := m.frame().Status(inc, m.remedies[*m.open])
	room := max(0, m.height-openFrame)
	m.scroll = max(0, min(m.scroll, len(rows)-room))
	more := ""
	if rest := len(rows) - room - m.scroll; rest > 0 {
		more = fmt.Sprintf("  (%d more below)", rest)
	}
	rows = rows[m.scroll:min(len(rows), m.scroll+room)]
	return append(m.fill(rows), m.keys("↑↓ scroll  esc back  ? help  q quit"+more))
}

// fill brings rows up to all but the last of the screen.
func (m *Model) fill(rows []string) []string {
	rows = rows[:min(len(rows), max(0, m.height-1))]
	for len(rows) < m.height-1 {
		rows = append(rows, "")
	}
	return rows
}

// keys is the last row: what one may press, or what is wrong with the connection.
func (m *Model) keys(words string) string {
	if m.trouble != "" {
		return m.Paint.Paint(view.Warning, view.Clip("! "+m.trouble, m.width))
	}
	return m.Paint.Paint(view.Faint, view.Clip(words, m.width))
}

// drawHelp explains the keys.
func (m *Model) drawHelp() []string {
	return append(m.fill([]string{
		m.Paint.Paint(view.Strong, "Keys"), "",
		"  ↑ ↓ k j        one up, one down", "  PgUp PgDn      a page", "  Home End g G   first, last",
		"  enter          open the incident under the cursor", "  esc            back; in the list, forget what was typed",
		"  s              sort by due, severity, age, name", "  f              show what is owed, late, mine, all",
		"  /              find by name, service, owner, customer, summary", "  q Ctrl-C       quit", "",
		"  Colours: red is late now, yellow was late or will be, green is met.",
	}), m.keys("any key goes back"))
}
