package openprospect

import (
	"os"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	catchUpPauses = []time.Duration{0, 0, 0, 0}
	os.Exit(m.Run())
}
