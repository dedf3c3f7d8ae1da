//go:build !race

package calendar_test

// raceEnabled tells that the race detector slows the tests down.
const raceEnabled = false
