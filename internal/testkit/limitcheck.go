package testkit

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/contract"
)

// LimitTable is what a new video needs of a video table before its row.
type LimitTable interface {
	Claim(ctx context.Context, claim contract.Claim) (contract.Claim, error)
	Count(ctx context.Context, owner string, status contract.Status, most int) (int, error)
}

func (c videoCheck) limited() {
	c.t.Helper()
	c.claimed()
	c.counted()
}

// claimed has many requests with one key, at once and afterwards.
func (c videoCheck) claimed() {
	c.t.Helper()
	key := uuid.NewString()
	ids := make([]string, 8)
	claim := func(i int) {
		kept, err := c.table.Claim(c.ctx, contract.Claim{Key: key, VideoID: uuid.NewString(), ExpireAt: time.Now().Add(time.Hour).Unix()})
		if ids[i] = kept.VideoID; err != nil {
			c.t.Errorf("claim: %v", err)
		}
	}
	var wg sync.WaitGroup
	for i := range len(ids) - 1 {
		wg.Go(func() { claim(i) })
	}
	wg.Wait()
	claim(len(ids) - 1)
	for _, id := range ids {
		if id == "" || id != ids[0] {
			c.t.Errorf("one key has the ids %q", ids)
			break
		}
	}
}

// counted has rows of two owners, of which it counts one's of one status. An
// index follows its table.
func (c videoCheck) counted() {
	c.t.Helper()
	c.owner = "counted-" + uuid.NewString()
	for range 3 {
		c.create()
	}
	for most, want := range map[int]int{2: 2, 3: 3, 10: 3} {
		n, err := c.table.Count(c.ctx, c.owner, contract.StatusNew, most)
		for wait := 0; err == nil && n < want && wait < 50; wait++ {
			time.Sleep(100 * time.Millisecond)
			n, err = c.table.Count(c.ctx, c.owner, contract.StatusNew, most)
		}
		if n != want || err != nil {
			c.t.Errorf("counted %d of 3 as far as %d (%v)", n, most, err)
		}
	}
	if n, err := c.table.Count(c.ctx, c.owner, contract.StatusIngest, 10); n != 0 || err != nil {
		c.t.Errorf("counted %d of another status (%v)", n, err)
	}
}
