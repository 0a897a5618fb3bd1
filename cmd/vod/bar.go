package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// bar shows how far something is: moving on a terminal, in a few lines
// elsewhere.
type bar struct {
	out    io.Writer
	name   string
	total  int64
	moving *progressbar.ProgressBar // nil when out is no terminal
	last   int64
	start  time.Time
}

const (
	// lineEvery is the share of the total between two lines.
	lineEvery = 4
	// quiet is how long nothing is said: most uploads are over by then.
	quiet = time.Second
)

func newBar(out io.Writer, name string, total int64, bytes bool) *bar {
	b := &bar{out: out, name: name, total: total, start: time.Now()}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) && total > 0 {
		b.moving = progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(name),
			progressbar.OptionShowBytes(bytes), progressbar.OptionSetWidth(40),
			progressbar.OptionThrottle(50*time.Millisecond), progressbar.OptionSetPredictTime(true),
			progressbar.OptionUseANSICodes(true), progressbar.OptionSetRenderBlankState(true),
		)
	}
	return b
}

// set moves the bar forward to a value; it never goes back.
func (b *bar) set(value int64) {
	value = min(value, b.total)
	if value <= b.last {
		return
	}
	before := b.last
	b.last = value
	if b.moving != nil {
		_ = b.moving.Set64(value) // a bar that cannot be drawn harms nothing
		return
	}
	if value < b.total && time.Since(b.start) > quiet && value*lineEvery/b.total > before*lineEvery/b.total {
		fmt.Fprintf(b.out, "%s %d %%\n", b.name, value*100/b.total)
	}
}

// finish fills the bar.
func (b *bar) finish() {
	if b.moving != nil {
		_ = b.moving.Set64(b.total)
		fmt.Fprintln(b.out)
		return
	}
	fmt.Fprintf(b.out, "%s done in %.1f s\n", b.name, time.Since(b.start).Seconds())
}

// abandon leaves the bar where it is.
func (b *bar) abandon() {
	if b.moving != nil {
		fmt.Fprintln(b.out)
	}
}

// reader counts what is read into the bar.
func (b *bar) reader(r io.Reader) io.Reader { return &counting{Reader: r, bar: b} }

type counting struct {
	io.Reader
	bar *bar
	sum int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.sum += int64(n)
	c.bar.set(c.sum)
	return n, err
}
