package jpegluma

// lookup is how many bits of a code are looked up at once; longer codes are
// rare.
const lookup = 9

// A huffman is a table of codes.
type huffman struct {
	// short has, for every beginning of lookup bits, a symbol and in the low
	// byte the length of its code; 0 where the code is longer.
	short   [1 << lookup]uint16
	symbols []byte
	// By length: the largest code, -1 for none, and what to add to a code to
	// get the index of its symbol.
	largest, offset [17]int
}

// newHuffman reads a table and returns what follows it.
func newHuffman(data []byte) (*huffman, []byte, error) {
	if len(data) < 16 {
		return nil, nil, errBroken
	}
	total := 0
	for _, n := range data[:16] {
		total += int(n)
	}
	if total == 0 || total > 256 || len(data) < 16+total {
		return nil, nil, errBroken
	}
	h := &huffman{symbols: data[16 : 16+total]}
	code, index := 0, 0
	for length := 1; length <= 16; length++ {
		n := int(data[length-1])
		h.largest[length], h.offset[length] = code+n-1, index-code
		if n == 0 {
			h.largest[length] = -1
		}
		if code+n > 1<<length {
			return nil, nil, errBroken
		}
		for range n {
			if length <= lookup {
				h.fill(code<<(lookup-length), 1<<(lookup-length), uint16(h.symbols[index])<<8|uint16(length))
			}
			code, index = code+1, index+1
		}
		code <<= 1
	}
	return h, data[16+total:], nil
}

func (h *huffman) fill(from, n int, entry uint16) {
	for i := range n {
		h.short[from+i] = entry
	}
}

// A reader reads the bits of a scan. Behind the end there are zeros, so that
// codes can be looked up there; using one is an error.
type reader struct {
	data []byte
	held uint64 // the next bits, from the highest on
	n    int    // how many of them are there
	over int    // how many of them are behind the end
}

// fill makes sure that there are 32 bits.
func (r *reader) fill() {
	for r.n <= 56 {
		var b byte
		switch {
		case len(r.data) == 0 || r.data[0] == 0xff && (len(r.data) < 2 || r.data[1] != 0):
			r.over += 8
		case r.data[0] == 0xff: // followed by a stuffed 0
			b, r.data = 0xff, r.data[2:]
		default:
			b, r.data = r.data[0], r.data[1:]
		}
		r.held |= uint64(b) << (56 - r.n)
		r.n += 8
	}
}

func (r *reader) skip(n int) error {
	r.held <<= n
	if r.n -= n; r.n < r.over {
		return errBroken
	}
	return nil
}

// symbol reads one code.
func (r *reader) symbol(h *huffman) (byte, error) {
	if r.n < 32 {
		r.fill()
	}
	if entry := h.short[r.held>>(64-lookup)]; entry != 0 {
		return byte(entry >> 8), r.skip(int(entry & 0xff))
	}
	for length := lookup + 1; length <= 16; length++ {
		code := int(r.held >> (64 - length))
		if code <= h.largest[length] {
			if index := code + h.offset[length]; index >= 0 && index < len(h.symbols) {
				return h.symbols[index], r.skip(length)
			}
		}
	}
	return 0, errBroken
}

// value reads a number of that many bits, 15 at most; those that begin with a
// zero are negative.
func (r *reader) value(size uint) (int, error) {
	if size == 0 {
		return 0, nil
	}
	if r.n < 32 {
		r.fill()
	}
	v := int(r.held >> (64 - size))
	if v < 1<<(size-1) {
		v += 1 - 1<<size
	}
	return v, r.skip(int(size))
}

// restart goes on behind the next restart marker.
func (r *reader) restart() error {
	r.held, r.n, r.over = 0, 0, 0
	for len(r.data) >= 2 {
		if r.data[0] == 0xff && r.data[1] >= rst0 && r.data[1] <= rst7 {
			r.data = r.data[2:]
			return nil
		}
		if r.data[0] != 0xff || r.data[1] != 0xff {
			return errBroken
		}
		r.data = r.data[1:]
	}
	return errBroken
}
