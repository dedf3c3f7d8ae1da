package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"path/filepath"
	"testing"
)

// TestAnInterruptedCommandTakesItsChildren interrupts a shell that has started a
// child of its own, as "go build" starts compilers.
func TestAnInterruptedCommandTakesItsChildren(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := command(ctx, ".", "sh", "-c", "sleep 600 & echo started; wait")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(stdout)
	if _, err := out.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	cancel()
	// The child holds the pipe too, so the pipe's end means that both are gone.
	if _, err := out.ReadString('\n'); !errors.Is(err, io.EOF) {
		t.Errorf("reading on: %v; want %v", err, io.EOF)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the interrupted command reports success")
	}
}

func TestTheLockIsExclusive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	log := &console{w: t.Output()}
	unlock, err := lock(t.Context(), path, log)
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lock(ended, path, log); !errors.Is(err, context.Canceled) {
		t.Errorf("a second lock: %v; want %v", err, context.Canceled)
	}
	unlock()
	again, err := lock(t.Context(), path, log)
	if err != nil {
		t.Fatalf("after unlocking: %v", err)
	}
	again()
}
