package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestProgressLine(t *testing.T) {
	m := newMeter(&console{w: t.Output()}, "kube-apiserver")
	steps := []struct {
		name string
		do   func()
		want string
	}{
		{"a phase", func() { m.phase("looking for its modules") }, "kube-apiserver: looking for its modules, 3m20s"},
		{"a download", func() { m.read("go: downloading k8s.io/api v0.37.1") }, "kube-apiserver: looking for its modules, 1 downloaded, 3m20s"},
		{"compiling", func() { m.compile(map[string]bool{"a/b": true, "fmt": true}) }, "kube-apiserver: 0 of 2 packages, 3m20s"},
		{"a package", func() { m.read("fmt") }, "kube-apiserver: 1 of 2 packages, 3m20s"},
		{"the same again", func() { m.read("fmt") }, "kube-apiserver: 1 of 2 packages, 3m20s"},
		{"one that was cached", func() { m.read("strings") }, "kube-apiserver: 1 of 2 packages, 3m20s"},
		{"the last", func() { m.read("a/b") }, "kube-apiserver: linking, 3m20s"},
	}
	for _, s := range steps {
		s.do()
		if got := m.line(200*time.Second + 700*time.Millisecond); got != s.want {
			t.Errorf("after %s: %q; want %q", s.name, got, s.want)
		}
	}
}

func TestWatchKeepsWhatWasComplained(t *testing.T) {
	m := newMeter(&console{w: t.Output()}, "etcd")
	m.compile(map[string]bool{"a/b": true})
	err := m.watch(command(t.Context(), ".", "sh", "-c", "echo a/b; echo a/b >&2; echo '# a/b' >&2; echo 'x.go:1: no such thing' >&2; exit 3"))
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "x.go:1: no such thing") {
		t.Errorf("error %v; want the status and the complaint", err)
	}
	if got := m.line(0); got != "etcd: linking, 0s" {
		t.Errorf("line %q; want the package counted", got)
	}
	if err := m.watch(command(t.Context(), ".", "true")); err != nil {
		t.Errorf("a command that succeeds: %v", err)
	}
}

func TestATerminalLineIsOverwritten(t *testing.T) {
	var out bytes.Buffer
	c := &console{w: &out, terminal: true}
	c.update("etcd: 10 of 20")
	c.update("etcd: done")
	c.printf("bye")
	if got, want := out.String(), "\retcd: 10 of 20\retcd: done    \r          \rbye\n"; got != want {
		t.Errorf("wrote %q; want %q", got, want)
	}
}

func TestLastLine(t *testing.T) {
	failed := errors.New("exit status 2")
	for text, want := range map[string]string{
		"":                      "exit status 2",
		"\n \n":                 "exit status 2",
		"first\nno such host\n": "no such host",
	} {
		if got := lastLine(text, failed); got != want {
			t.Errorf("lastLine(%q) = %q; want %q", text, got, want)
		}
	}
}
