package cli_test

import (
	"os"
	"testing"

	"github.com/amends-dev/amends/internal/fixture/planetest"
)

func TestMain(m *testing.M) { os.Exit(planetest.Main(m)) }
