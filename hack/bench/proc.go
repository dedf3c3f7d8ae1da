package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// controlPlane is the processor time that etcd and the API server have used.
func (w *world) controlPlane() (time.Duration, error) {
	paths, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	var total time.Duration
	for _, path := range paths {
		text, err := os.ReadFile(path) //nolint:gosec // a file of /proc
		if err != nil {
			continue // It has ended meanwhile.
		}
		name, parent, used, err := stat(string(text))
		if err != nil {
			return 0, err
		}
		if parent == os.Getpid() && (name == "etcd" || name == "kube-apiserver") {
			total += used
		}
	}
	return total, nil
}

// ticksPerSecond is the unit of times in /proc on Linux.
const ticksPerSecond = 100

// stat reads a line of /proc: the name of a process, its parent, and the processor time
// that it has used.
func stat(text string) (name string, parent int, used time.Duration, err error) {
	open, shut := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if open < 0 || shut < open {
		return "", 0, 0, fmt.Errorf("a line of /proc is not as it was expected: %q", text)
	}
	name = text[open+1 : shut]
	fields := strings.Fields(text[shut+1:])
	if len(fields) < 13 {
		return "", 0, 0, fmt.Errorf("a line of /proc is not as it was expected: %q", text)
	}
	if parent, err = strconv.Atoi(fields[1]); err != nil {
		return "", 0, 0, err
	}
	for _, f := range fields[11:13] { // utime and stime
		ticks, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return "", 0, 0, err
		}
		used += time.Duration(ticks) * time.Second / ticksPerSecond
	}
	return name, parent, used, nil
}
