// Package ptytest is a pseudo-terminal for tests: a program writes to it as to a real
// one, and the test reads what was written and presses keys.
package ptytest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// Terminal is a pseudo-terminal.
type Terminal struct {
	// Screen is the program's side: its standard input and output.
	Screen *os.File

	master  *os.File
	mu      sync.Mutex
	written bytes.Buffer
	more    chan struct{}
}

// Open opens a terminal of a size. Where there is none to be had, the test is skipped.
func Open(t testing.TB, width, height uint16) *Terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	screen, err := other(master)
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	if err := unix.IoctlSetWinsize(int(screen.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: height, Col: width}); err != nil {
		t.Fatal(err)
	}
	out := &Terminal{Screen: screen, master: master, more: make(chan struct{}, 1)}
	go out.read()
	t.Cleanup(func() { _, _ = screen.Close(), master.Close() })
	return out
}

// other opens the program's side.
func other(master *os.File) (*os.File, error) {
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		return nil, err
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		return nil, err
	}
	return os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
}

func (p *Terminal) read() {
	buffer := make([]byte, 1<<16)
	for {
		n, err := p.master.Read(buffer)
		if err != nil {
			return
		}
		p.mu.Lock()
		p.written.Write(buffer[:n])
		p.mu.Unlock()
		select {
		case p.more <- struct{}{}:
		default:
		}
	}
}

// Text is all that was written so far.
func (p *Terminal) Text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.written.String()
}

// Press presses keys.
func (p *Terminal) Press(t testing.TB, keys string) {
	t.Helper()
	if _, err := p.master.WriteString(keys); err != nil {
		t.Fatal(err)
	}
}

// Await waits until the program has written something.
func (p *Terminal) Await(ctx context.Context, t testing.TB, what string) {
	t.Helper()
	for !strings.Contains(p.Text(), what) {
		select {
		case <-p.more:
		case <-ctx.Done():
			t.Fatalf("it does not write %q; it wrote %q", what, p.Text())
		}
	}
}
