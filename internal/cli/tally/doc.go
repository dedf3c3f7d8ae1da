// Package tally sums incidents up over a period: what was met, what was late, what was
// promised and kept, what was given, and why it failed. It is pure, and counts in whole
// numbers.
package tally
