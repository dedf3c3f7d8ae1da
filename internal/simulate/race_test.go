//go:build race

package simulate

// racing says that the race detector is on, which makes everything many times slower.
const racing = true
