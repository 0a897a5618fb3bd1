package simulation

import (
	"container/heap"
	"math/rand/v2"
)

// clock runs what is due, in the order of time. Times are in seconds.
type clock struct {
	now  float64
	due  timetable
	dice *rand.Rand
	n    int
}

// after has something run later.
func (c *clock) after(seconds float64, do func()) {
	c.n++
	heap.Push(&c.due, appointment{c.now + seconds, c.n, do})
}

// run goes on until nothing is due any more.
func (c *clock) run() {
	for len(c.due) > 0 {
		next := heap.Pop(&c.due).(appointment)
		c.now = next.at
		next.do()
	}
}

type appointment struct {
	at float64
	n  int // keeps the order of what is due at the same time
	do func()
}

type timetable []appointment

func (t timetable) Len() int { return len(t) }
func (t timetable) Less(i, j int) bool {
	return t[i].at < t[j].at || t[i].at == t[j].at && t[i].n < t[j].n
}
func (t timetable) Swap(i, j int) { t[i], t[j] = t[j], t[i] }
func (t *timetable) Push(x any)   { *t = append(*t, x.(appointment)) }
func (t *timetable) Pop() any {
	last := len(*t) - 1
	x := (*t)[last]
	*t = (*t)[:last]
	return x
}

// A bucket is how AWS limits a rate: it holds so many tokens and is refilled
// by so many a second.
type bucket struct {
	size, refill float64
	level, at    float64
}

func newBucket(size, refill float64) *bucket { return &bucket{size: size, refill: refill, level: size} }

// take tells whether a call is let through.
func (b *bucket) take(now float64) bool {
	b.level = min(b.size, b.level+(now-b.at)*b.refill)
	b.at = now
	if b.level < 1 {
		return false
	}
	b.level--
	return true
}
