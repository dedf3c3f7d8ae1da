//go:build !race

package recovery_test

// checks is how many cases a property is checked with.
const checks = "1200"
