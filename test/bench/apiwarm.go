package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/vodstack/vodstack/test/rest"
)

const (
	warmRounds = 200
	medianOver = 15 * time.Millisecond
	worstOver  = 50 * time.Millisecond
)

// apiWarm times POST /videos through the HTTP API, in turn with GET /healthz
// on the same API, which does nothing: the gateway and the function's
// invocation are in both.
func apiWarm(ctx context.Context, b *bench) error {
	if err := b.open(ctx); err != nil {
		return err
	}
	client := &rest.Client{URL: b.stack.Outputs["ApiUrl"]}
	say("%d warm calls each of POST /videos and GET /healthz", warmRounds)
	var posts, healths []time.Duration
	for i := range warmRounds + 5 {
		if i == 5 {
			posts, healths = nil, nil // until now the function was cold
		}
		post, err := timed(ctx, client, http.MethodPost, "/videos", http.StatusCreated, map[string]any{
			"fileName": fmt.Sprintf("bench %d.mp4", i), "contentType": "video/mp4", "size": 1234567, "title": "bench",
		})
		if err != nil {
			return err
		}
		health, err := timed(ctx, client, http.MethodGet, "/healthz", http.StatusOK, nil)
		if err != nil {
			return err
		}
		posts, healths = append(posts, post), append(healths, health)
	}
	b.report.add(fmt.Sprintf("GET /healthz through the HTTP API, warm, of %d", warmRounds), spread(healths))
	b.report.add(fmt.Sprintf("POST /videos through the HTTP API, warm, of %d", warmRounds), spread(posts))
	over := func(q float64) time.Duration { return quantile(posts, q) - quantile(healths, q) }
	b.report.promise("  POST /videos over GET /healthz, p50", fmt.Sprintf("%+.1f ms", over(0.5).Seconds()*1000), "≤ +15 ms", over(0.5) <= medianOver)
	b.report.promise("  POST /videos over GET /healthz, p99", fmt.Sprintf("%+.1f ms", over(0.99).Seconds()*1000), "≤ +50 ms", over(0.99) <= worstOver)
	return nil
}

// timed is how long a call takes until its whole answer is there.
func timed(ctx context.Context, client *rest.Client, method, path string, status int, body any) (time.Duration, error) {
	began := time.Now()
	answer, err := client.Do(ctx, method, path, body)
	took := time.Since(began)
	if err == nil && answer.Status != status {
		err = fmt.Errorf("%s %s: %s, want %d", method, path, answer, status)
	}
	return took, err
}
