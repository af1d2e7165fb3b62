package exclusion

import (
	"encoding/binary"
	"hash/fnv"
)

// filter is a Bloom filter: a set of texts in 20 bits each. Of a text that it holds it always says so, and of one in
// 15,000 others as well.
type filter []byte

const (
	filterBits   = 20
	filterHashes = 14
)

func newFilter(texts int) filter { return make(filter, texts*filterBits/8+1) }

func (f filter) add(text string) {
	f.places(text, func(i int, mask byte) bool { f[i] |= mask; return true })
}

func (f filter) mayHold(text string) bool {
	return f.places(text, func(i int, mask byte) bool { return f[i]&mask != 0 })
}

// places calls visit with each bit of a text while it returns true, and reports whether it always did.
func (f filter) places(text string, visit func(i int, mask byte) bool) bool {
	hash := fnv.New128a()
	_, _ = hash.Write([]byte(text))
	sum := hash.Sum(nil)
	place, step := binary.BigEndian.Uint64(sum), binary.BigEndian.Uint64(sum[8:])|1
	bits := uint64(len(f)) * 8
	for range filterHashes {
		bit := place % bits
		if !visit(int(bit/8), 1<<(bit%8)) { //nolint:gosec // less than len(f)
			return false
		}
		place += step
	}
	return true
}
