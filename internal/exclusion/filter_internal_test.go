package exclusion

import (
	"fmt"
	"testing"
)

// A filter holds what was put in, and hardly anything else.
func TestFilter(t *testing.T) {
	t.Parallel()
	const count = 10_000
	f := newFilter(count)
	for i := range count {
		f.add(fmt.Sprintf("domain company-%d.example", i))
	}
	wrong := 0
	for i := range 2 * count {
		held := f.mayHold(fmt.Sprintf("domain company-%d.example", i))
		switch {
		case i < count && !held:
			t.Fatalf("it does not hold company %d", i)
		case i >= count && held:
			wrong++
		}
	}
	if wrong > 5 {
		t.Errorf("it seems to hold %d of %d others", wrong, count)
	}
	if newFilter(0).mayHold("anything") {
		t.Error("an empty filter holds something")
	}
}
