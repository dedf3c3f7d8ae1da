//go:build !race

package recovery_test

// checks is how many cases a property is checked with; "go test -short" takes a fifth.
const checks = "10000"
