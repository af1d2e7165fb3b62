package openprospect

import (
	"os"
	"testing"
	"time"
)

// shippedPauses are the pauses of the provider, which the tests shorten.
var shippedPauses = catchUpPauses

func TestMain(m *testing.M) {
	catchUpPauses = []time.Duration{0, 0, 0, 0}
	os.Exit(m.Run())
}
