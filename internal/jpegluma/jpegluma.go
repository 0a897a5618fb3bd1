// Package jpegluma measures how bright a JPEG is, and how much its pixels
// differ, from its coefficients: a block's mean is its first coefficient, and
// its variance the sum of the squares of the others. The picture is never
// made, which is most of a decoder's work, and a scan may end as soon as
// enough of it is seen.
package jpegluma

import (
	"errors"
	"fmt"
)

// A Block is what 8×8 pixels of luma are like.
type Block struct {
	Mean     float64 // 0 to 255
	Variance float64
}

// ErrUnsupported says that a JPEG is of a kind that this package doesn't read:
// progressive, arithmetic, lossless, more than 8 bits, several scans, or
// colours other than grey and YCbCr.
var ErrUnsupported = errors.New("unsupported kind of JPEG")

var errBroken = errors.New("broken JPEG")

// The markers that matter, by their second byte.
const (
	sof0, sof1 = 0xc0, 0xc1 // baseline and extended sequential, Huffman
	sofLast    = 0xcf
	dht        = 0xc4
	reserved   = 0xc8
	rst0, rst7 = 0xd0, 0xd7
	soi, eoi   = 0xd8, 0xd9
	sos        = 0xda
	dqt        = 0xdb
	dri        = 0xdd
	app14      = 0xee
)

type component struct {
	id         byte
	h, v       int // blocks of a unit, across and down
	quant      byte
	dc, ac     *huffman
	prediction int
}

type scanner struct {
	width, height int
	components    []component
	quants        [4][64]uint16
	defined       [4]bool // quants that are there
	tables        [2][4]*huffman
	restart       int  // units between restart markers, 0 for none
	noTransform   bool // the components are red, green and blue
}

// Scan calls each for every block of luma, in the order of the file, with the
// number of all blocks, until it returns false.
func Scan(data []byte, each func(b Block, total int) bool) error {
	if len(data) < 2 || data[0] != 0xff || data[1] != soi {
		return errBroken
	}
	var s scanner
	for rest := data[2:]; ; {
		marker, segment, after, err := next(rest)
		if err != nil {
			return err
		}
		rest = after
		if marker == sos {
			if err := s.header(segment); err != nil {
				return err
			}
			return s.scan(rest, each)
		}
		if err := s.segment(marker, segment); err != nil {
			return err
		}
	}
}

// next cuts a marker and its segment off.
func next(data []byte) (marker byte, segment, rest []byte, err error) {
	for len(data) >= 2 && data[0] == 0xff && data[1] == 0xff { // fill bytes
		data = data[1:]
	}
	if len(data) < 4 || data[0] != 0xff || data[1] == eoi || data[1] == 0 {
		return 0, nil, nil, errBroken
	}
	length := int(data[2])<<8 | int(data[3])
	if length < 2 || 2+length > len(data) {
		return 0, nil, nil, errBroken
	}
	return data[1], data[4 : 2+length], data[2+length:], nil
}

func (s *scanner) segment(marker byte, data []byte) error {
	switch {
	case marker == sof0 || marker == sof1:
		return s.frame(data)
	case marker == dht:
		return s.huffmanTables(data)
	case marker == dqt:
		return s.quantizers(data)
	case marker == dri:
		if len(data) != 2 {
			return errBroken
		}
		s.restart = int(data[0])<<8 | int(data[1])
	case marker == app14 && len(data) >= 12 && string(data[:5]) == "Adobe":
		s.noTransform = data[11] == 0
	case marker > sof1 && marker <= sofLast && marker != reserved:
		return fmt.Errorf("%w: frame type %#x", ErrUnsupported, marker)
	}
	return nil
}

func (s *scanner) frame(data []byte) error {
	if len(data) < 6 || len(data) != 6+3*int(data[5]) || s.components != nil {
		return errBroken
	}
	if data[0] != 8 || data[5] != 1 && data[5] != 3 {
		return fmt.Errorf("%w: %d components of %d bits", ErrUnsupported, data[5], data[0])
	}
	s.height, s.width = int(data[1])<<8|int(data[2]), int(data[3])<<8|int(data[4])
	if s.width == 0 || s.height == 0 {
		return errBroken
	}
	for c := data[6:]; len(c) > 0; c = c[3:] {
		one := component{id: c[0], h: int(c[1] >> 4), v: int(c[1] & 15), quant: c[2]}
		if one.h < 1 || one.h > 4 || one.v < 1 || one.v > 4 || one.quant > 3 {
			return errBroken
		}
		s.components = append(s.components, one)
	}
	if len(s.components) == 1 { // a single component has no units of several blocks
		s.components[0].h, s.components[0].v = 1, 1
	} else if s.components[0].id == 'R' {
		s.noTransform = true
	}
	return nil
}

func (s *scanner) quantizers(data []byte) error {
	for len(data) > 0 {
		wide, to, n := data[0]>>4, data[0]&15, 64
		if wide == 1 {
			n = 128
		}
		if wide > 1 || to > 3 || len(data) < 1+n {
			return errBroken
		}
		for i := range 64 {
			if wide == 1 {
				s.quants[to][i] = uint16(data[1+2*i])<<8 | uint16(data[2+2*i])
			} else {
				s.quants[to][i] = uint16(data[1+i])
			}
		}
		s.defined[to] = true
		data = data[1+n:]
	}
	return nil
}

func (s *scanner) huffmanTables(data []byte) error {
	for len(data) > 0 {
		class, to := data[0]>>4, data[0]&15
		if class > 1 || to > 3 {
			return errBroken
		}
		table, rest, err := newHuffman(data[1:])
		if err != nil {
			return err
		}
		s.tables[class][to], data = table, rest
	}
	return nil
}

// header reads the start of a scan, which must be of all components.
func (s *scanner) header(data []byte) error {
	n := len(s.components)
	if n == 0 || len(data) < 1 {
		return errBroken
	}
	if int(data[0]) != n || s.noTransform && n == 3 {
		return fmt.Errorf("%w: several scans, or no YCbCr", ErrUnsupported)
	}
	if len(data) != 4+2*n {
		return errBroken
	}
	for i := range s.components {
		c, id, tables := &s.components[i], data[1+2*i], data[2+2*i]
		if c.id != id || tables>>4 > 3 || tables&15 > 3 || !s.defined[c.quant] {
			return errBroken
		}
		c.dc, c.ac = s.tables[0][tables>>4], s.tables[1][tables&15]
		if c.dc == nil || c.ac == nil {
			return errBroken
		}
	}
	return nil
}

// scan reads all units of the picture.
func (s *scanner) scan(data []byte, each func(b Block, total int) bool) error {
	luma := &s.components[0]
	maxH, maxV := 1, 1
	for _, c := range s.components {
		maxH, maxV = max(maxH, c.h), max(maxV, c.v)
	}
	if luma.h != maxH || luma.v != maxV {
		return fmt.Errorf("%w: less luma than colour", ErrUnsupported)
	}
	across, down := (s.width+8*maxH-1)/(8*maxH), (s.height+8*maxV-1)/(8*maxV)
	wide, high := (s.width+7)/8, (s.height+7)/8
	bits := reader{data: data}
	for unit := range across * down {
		if s.restart > 0 && unit > 0 && unit%s.restart == 0 {
			if err := bits.restart(); err != nil {
				return err
			}
			for i := range s.components {
				s.components[i].prediction = 0
			}
		}
		for i := range s.components {
			c := &s.components[i]
			for block := range c.h * c.v {
				b, err := s.block(&bits, c, i == 0)
				if err != nil {
					return err
				}
				x, y := unit%across*c.h+block%c.h, unit/across*c.v+block/c.h
				if i == 0 && x < wide && y < high && !each(b, wide*high) {
					return nil
				}
			}
		}
	}
	return nil
}

// block reads one block; of colours it is only read over.
func (s *scanner) block(bits *reader, c *component, wanted bool) (b Block, err error) {
	size, err := bits.symbol(c.dc)
	if err != nil {
		return b, err
	}
	if size > 15 {
		return b, errBroken
	}
	difference, err := bits.value(uint(size))
	if err != nil {
		return b, err
	}
	c.prediction += difference
	quant := &s.quants[c.quant]
	energy := 0.0
	for k := 1; k < 64; k++ {
		symbol, err := bits.symbol(c.ac)
		if err != nil {
			return b, err
		}
		run, size := int(symbol>>4), uint(symbol&15)
		if size == 0 {
			if run != 15 {
				break // no more in this block
			}
			k += 15
			continue
		}
		if k += run; k > 63 {
			return b, errBroken
		}
		level, err := bits.value(size)
		if err != nil {
			return b, err
		}
		if wanted {
			amplitude := float64(level) * float64(quant[k])
			energy += amplitude * amplitude
		}
	}
	mean := 128 + float64(c.prediction)*float64(quant[0])/8
	return Block{Mean: min(max(mean, 0), 255), Variance: energy / 64}, nil
}
