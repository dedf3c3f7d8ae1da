package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Where a binary may come from.
const (
	sourceBuilt      = "built"
	sourceDownloaded = "downloaded"
	sourcePath       = "path"  // a link to one on the PATH
	sourceFound      = "found" // somebody put it there
)

// stamp stands beside a binary and says what it was provided for. A binary is
// provided anew when its stamp does not fit the pin; its own version may differ,
// because a download offers few patch releases and kubectl may be older.
type stamp struct {
	module   string  // the pinned module
	pin      version // its version in go.mod
	platform string  // operating system and architecture
	source   string
	actual   version // what the binary says of itself
}

// String is the stamp as one line of a file.
func (s stamp) String() string {
	return fmt.Sprintf("%s %s %s %s %s\n", s.module, s.pin, s.platform, s.source, s.actual)
}

// parseStamp reads what String wrote.
func parseStamp(text string) (stamp, error) {
	f := strings.Fields(text)
	if len(f) != 5 {
		return stamp{}, fmt.Errorf("a stamp has five words, not %d: %q", len(f), text)
	}
	pin, err := parseVersion(f[1])
	if err != nil {
		return stamp{}, err
	}
	actual, err := parseVersion(f[4])
	if err != nil {
		return stamp{}, err
	}
	return stamp{module: f[0], pin: pin, platform: f[2], source: f[3], actual: actual}, nil
}

// fits tells whether a binary with stamp s serves for what is wanted now.
func (s stamp) fits(module string, pin version, platform string) bool {
	return s.module == module && s.pin == pin && s.platform == platform
}

func stampPath(dir, name string) string { return filepath.Join(dir, "."+name+".stamp") }

func writeStamp(dir, name string, s stamp) error {
	return os.WriteFile(stampPath(dir, name), []byte(s.String()), 0o644)
}

// readStamp returns the stamp of a binary; a missing or unreadable one is an
// error and means that nothing is known about the binary.
func readStamp(dir, name string) (stamp, error) {
	data, err := os.ReadFile(stampPath(dir, name))
	if err != nil {
		return stamp{}, err
	}
	return parseStamp(string(data))
}
