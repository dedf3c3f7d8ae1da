package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// What a terminal is told. The live view has the alternate screen to itself, so that
// it needs no arithmetic when the window changes, and what stood there before comes
// back.
const (
	enterLive = "\x1b[?1049h\x1b[?25l"
	leaveLive = "\x1b[?25h\x1b[?1049l"
	homeward  = "\x1b[H"
	restOfRow = "\x1b[K"
	restBelow = "\x1b[J"
)

// screen is where the demo shows itself: a terminal that it redraws in place, or
// plain lines.
type screen struct {
	out   io.Writer
	zero  time.Time
	paint painter
	// terminal says that this is one; redraws, that it can be drawn upon.
	terminal, redraws bool
	size              func() (width, height int)

	live  bool
	lines []line // told since the live view began
	shown string
}

// newScreen looks at what it is to write to.
func newScreen(out *os.File, zero time.Time) *screen {
	terminal := term.IsTerminal(int(out.Fd()))
	redraws := terminal && os.Getenv("TERM") != "dumb"
	return &screen{
		out: out, zero: zero, terminal: terminal, redraws: redraws,
		paint: painter(redraws && os.Getenv("NO_COLOR") == ""),
		size:  func() (int, int) { return terminalSize(out, terminal) },
	}
}

// terminalSize is the width and height of a terminal; where there is none, lines are
// without end.
func terminalSize(out *os.File, terminal bool) (width, height int) {
	if !terminal {
		return 0, 0
	}
	if width, height, err := term.GetSize(int(out.Fd())); err == nil && width > 0 && height > 0 {
		return width, height
	}
	width, err := strconv.Atoi(os.Getenv("COLUMNS"))
	if err != nil || width <= 0 {
		width = 80
	}
	return width, 24
}

// stage tells a line about the demo itself, now.
func (s *screen) stage(format string, args ...any) {
	s.tell(line{at: time.Since(s.zero), text: fmt.Sprintf(format, args...), tone: toneStage})
}

// tell shows lines of what happened.
func (s *screen) tell(lines ...line) {
	if s.live {
		s.lines = append(s.lines, lines...)
		return
	}
	width, _ := s.size()
	for i := range lines {
		s.print(s.paint.layout(&lines[i], width)...)
	}
}

// print writes rows as they are.
func (s *screen) print(rows ...string) {
	for _, row := range rows {
		_, _ = fmt.Fprintln(s.out, row) // who does not read any more is told by a signal
	}
}

// text shows a text behind a prefix, in as many rows as it needs.
func (s *screen) text(prefix, text string) {
	width, _ := s.size()
	s.print(hang(prefix, wrap(text, width-utf8.RuneCountInString(prefix)))...)
}

// begin starts the live view, where there can be one.
func (s *screen) begin() {
	if s.redraws {
		s.live = true
		_, _ = io.WriteString(s.out, enterLive)
	}
}

// end leaves the live view and writes down what was told in it. It may be called
// twice.
func (s *screen) end() {
	if !s.live {
		return
	}
	s.live = false
	_, _ = io.WriteString(s.out, leaveLive)
	s.tell(s.lines...)
	s.lines = nil
}

// draw redraws the live view, if anything in it has changed.
func (s *screen) draw(incidents []*v1alpha1.Incident, now time.Time) {
	if !s.live {
		return
	}
	width, height := s.size()
	title := fmt.Sprintf("%s   three failures at a hotel, with deadlines of seconds (Ctrl-C ends it)", offset(now.Sub(s.zero)))
	rows := screenful(title, incidentTable(incidents, now, width, s.paint), s.lines, width, height, s.paint)
	picture := homeward + strings.Join(rows, restOfRow+"\r\n") + restOfRow + restBelow
	if picture != s.shown {
		s.shown = picture
		_, _ = io.WriteString(s.out, picture)
	}
}
