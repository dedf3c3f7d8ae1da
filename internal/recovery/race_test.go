//go:build race

package recovery_test

// checks is how many cases a property is checked with; the race detector makes each of
// them ten times as long.
const checks = "120"
