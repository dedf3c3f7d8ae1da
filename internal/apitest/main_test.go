// Package apitest checks the contract against a real API server: each rule and
// bound of the five kinds accepts what it should, and refuses the rest in words
// that tell a person what is allowed. It holds tests only.
package apitest

import (
	"os"
	"testing"

	"github.com/amends-dev/amends/internal/fixture/planetest"
)

func TestMain(m *testing.M) { os.Exit(planetest.Main(m)) }
