//go:build !linux

package cli_test

import "testing"

func watching(t *testing.T) { t.Skip("needs a pseudo-terminal of Linux") }
