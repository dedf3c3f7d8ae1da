//go:build linux

package watch

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/amends-dev/amends/internal/cli/ptytest"
)

var moves = regexp.MustCompile("\x1b\\[([0-9]+)(?:;([0-9]+))?[Hd]")

// A thousand incidents on a terminal of 80 by 24: the picture stays within it, nothing is
// written while nothing changes, and the terminal is left as it was found.
func TestOnATerminal(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	screen := ptytest.Open(t, 80, 24)
	ticks := make(chan struct{}, 1<<10)
	m := New(Options{
		Zone: time.UTC, Paint: true, Where: "hotel", Every: 5 * time.Millisecond,
		Now: func() time.Time {
			select {
			case ticks <- struct{}{}:
			default:
			}
			return noon
		},
	})
	p := tea.NewProgram(m, tea.WithInput(screen.Screen), tea.WithOutput(screen.Screen), tea.WithoutSignalHandler(), tea.WithEnvironment([]string{"TERM=xterm-256color"}))
	done := make(chan error, 1)
	go func() {
		_, err := p.Run()
		done <- err
	}()
	p.Send(Changed{Incidents: many(1000)})
	screen.Await(ctx, t, "incident-0003")
	settle(ticks)
	before := len(screen.Text())
	settle(ticks)
	if after := len(screen.Text()); after != before {
		t.Errorf("%d bytes were written while nothing changed: %q", after-before, screen.Text()[before:])
	}

	screen.Press(t, "\x1b[B\x1b[B\r")
	screen.Await(ctx, t, "CLOCKS")
	screen.Press(t, "q")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	screen.Await(ctx, t, "\x1b[?1049l")
	text := screen.Text()
	for _, move := range moves.FindAllStringSubmatch(text, -1) {
		if row, _ := strconv.Atoi(move[1]); row > 24 {
			t.Errorf("it moves to row %d of 24", row)
		}
		if column, _ := strconv.Atoi(move[2]); column > 80 {
			t.Errorf("it moves to column %d of 80", column)
		}
	}
	if !strings.Contains(text, "\x1b[?1049h") {
		t.Error("it does not take the alternate screen, and leaves its traces in the scrollback")
	}
}

// settle lets ticks pass, each of which is drawn.
func settle(ticks chan struct{}) {
	for range 50 {
		<-ticks
	}
}
