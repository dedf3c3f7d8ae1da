package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// console writes lines for people; on a terminal one line can be overwritten.
type console struct {
	w        io.Writer
	terminal bool
	width    int // of the line that stands to be overwritten
}

func newConsole(f *os.File) *console {
	info, err := f.Stat()
	return &console{w: f, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// printf writes a line that stays.
func (c *console) printf(format string, args ...any) {
	c.clear()
	_, _ = fmt.Fprintf(c.w, format+"\n", args...)
}

// update writes a line that the next one overwrites, on a terminal.
func (c *console) update(line string) {
	if !c.terminal {
		c.printf("%s", line)
		return
	}
	pad := max(0, c.width-len(line))
	_, _ = fmt.Fprintf(c.w, "\r%s%s", line, strings.Repeat(" ", pad))
	c.width = len(line)
}

func (c *console) clear() {
	if c.width > 0 {
		_, _ = fmt.Fprintf(c.w, "\r%s\r", strings.Repeat(" ", c.width))
		c.width = 0
	}
}

// every is how often progress is shown.
func (c *console) every() time.Duration {
	if c.terminal {
		return time.Second
	}
	return 10 * time.Second
}

// tailLines is how much of a failed command's output is kept for the message.
const tailLines = 40

// meter shows how far a build is, from what the go command prints.
type meter struct {
	log     *console
	name    string
	started time.Time

	mu      sync.Mutex
	doing   string          // what is done before compiling
	pending map[string]bool // packages still to compile
	total   int             // packages to compile in all
	fetched int             // modules downloaded
	tail    []string        // what was printed beside progress
}

func newMeter(log *console, name string) *meter {
	return &meter{log: log, name: name, started: time.Now()}
}

// phase names what is done before compiling.
func (m *meter) phase(doing string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.doing = doing
}

// compile starts counting these packages. The map is the meter's from here.
func (m *meter) compile(packages map[string]bool) {
	m.mu.Lock()
	m.doing, m.pending, m.total = "", packages, len(packages)
	m.mu.Unlock()
	if len(packages) > 0 {
		m.log.printf("%s: %d packages to compile", m.name, len(packages))
	}
}

// end says how long it took.
func (m *meter) end() {
	m.log.printf("%s: built in %s", m.name, elapsed(time.Since(m.started)))
}

// line is the progress as people read it, for example
// "kube-apiserver: 812 of 1490 packages, 3m20s".
func (m *meter) line(since time.Duration) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	state := m.doing
	switch {
	case state != "" && m.fetched > 0:
		state = fmt.Sprintf("%s, %d downloaded", state, m.fetched)
	case state == "" && len(m.pending) == 0:
		state = "linking"
	case state == "":
		state = fmt.Sprintf("%d of %d packages", m.total-len(m.pending), m.total)
	}
	return fmt.Sprintf("%s: %s, %s", m.name, state, elapsed(since))
}

// elapsed is a duration in whole seconds.
func elapsed(d time.Duration) string { return d.Truncate(time.Second).String() }

// read takes one line of the go command's output.
func (m *meter) read(line string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.pending[line]:
		delete(m.pending, line)
	case strings.HasPrefix(line, "go: downloading "):
		m.fetched++
	case line != "" && strings.ContainsAny(line, " \t"):
		// A word alone is a package that was counted as cached.
		m.tail = append(m.tail, line)
		m.tail = m.tail[max(0, len(m.tail)-tailLines):]
	}
}

// watch runs a go command and shows progress until it ends. Its error carries
// what the command complained.
func (m *meter) watch(cmd *exec.Cmd) error {
	r, w := io.Pipe()
	cmd.Stderr = w
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			m.read(lines.Text())
		}
		_, _ = io.Copy(io.Discard, r) // after a line beyond all bounds
	}()
	done := make(chan error, 1)
	go func() {
		err := cmd.Run()
		_ = w.Close()
		<-read
		done <- err
	}()
	tick := time.NewTicker(m.log.every())
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return m.explain(err)
		case <-tick.C:
			m.log.update(m.line(time.Since(m.started)))
		}
	}
}

func (m *meter) explain(err error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err == nil || len(m.tail) == 0 {
		return err
	}
	return errors.Join(err, errors.New(strings.Join(m.tail, "\n")))
}
