//go:build race

package bookkeeper

// raceEnabled tells that the race detector slows the tests down.
const raceEnabled = true
