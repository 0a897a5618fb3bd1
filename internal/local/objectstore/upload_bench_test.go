package objectstore

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/s3api"
	"github.com/versity/versitygw/s3api/middlewares"
)

// BenchmarkUploadThroughTheFront puts 1 GiB to the gateway and to versitygw as
// it is, in turns, and reports the ratio of their speeds. Type
//
//	go test ./internal/local/objectstore -run '^$' -bench Upload -benchtime 4x
func BenchmarkUploadThroughTheFront(b *testing.B) {
	const size = 1 << 30
	plain := startPlain(b)
	var front, without []time.Duration
	for b.Loop() {
		// The second one meets the disk busy with the first.
		if len(front)%2 == 0 {
			without = append(without, putZeros(b, plain, size))
			front = append(front, putZeros(b, store.Address, size))
		} else {
			front = append(front, putZeros(b, store.Address, size))
			without = append(without, putZeros(b, plain, size))
		}
	}
	speed := func(times []time.Duration) float64 { return size / (1 << 20) / median(times).Seconds() }
	b.ReportMetric(speed(front), "MiB/s-front")
	b.ReportMetric(speed(without), "MiB/s-without")
	b.ReportMetric(speed(front)/speed(without), "ratio")
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// startPlain serves the same folder with nothing of this package in between.
func startPlain(b *testing.B) string {
	b.Helper()
	backend, err := store.open()
	if err != nil {
		b.Fatal(err)
	}
	root := middlewares.RootUserConfig{Access: store.AccessKey, Secret: store.SecretKey}
	iam, err := auth.New(&auth.Opts{RootAccount: auth.Account{Access: root.Access, Secret: root.Secret, Role: auth.RoleAdmin}})
	if err != nil {
		b.Fatal(err)
	}
	listening := make(chan struct{})
	server, err := s3api.New(backend, root, store.Region, iam, nil, nil, nil, nil, s3api.WithConcurrencyLimiter(100, 100),
		s3api.WithQuiet(), s3api.WithKeepAlive(), s3api.WithMpMaxParts(10_000), s3api.WithOnListen(func() { close(listening) }))
	if err != nil {
		b.Fatal(err)
	}
	address := freeAddress()
	ended := make(chan error, 1)
	go func() { ended <- server.ServeMultiPort([]string{address}) }()
	select {
	case <-listening:
	case err := <-ended:
		b.Fatal(err)
	}
	b.Cleanup(func() { go server.ShutDown() })
	return address
}

func putZeros(b *testing.B, address string, size int64) time.Duration {
	b.Helper()
	req, err := http.NewRequest(http.MethodPut, fmt.Sprintf("http://%s/%s/bench.bin?X-Amz-Expires=600", address, quietBucket), nil)
	if err != nil {
		b.Fatal(err)
	}
	c, err := client.Options().Credentials.Retrieve(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	url, _, err := newSigner().PresignHTTP(b.Context(), c, req, "UNSIGNED-PAYLOAD", "s3", store.Region, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	if req, err = http.NewRequest(http.MethodPut, url, io.LimitReader(zeros{}, size)); err != nil {
		b.Fatal(err)
	}
	req.ContentLength = size
	start := time.Now()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		b.Fatalf("%s %s", resp.Status, answer)
	}
	return time.Since(start)
}
