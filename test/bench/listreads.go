package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	listedRows    = 10_000
	listedPage    = 50
	listedSubject = "bench-list"
	listedOwner   = "jwt:" + benchIssuer + "|" + listedSubject
)

// listReads counts what a list of 50 among 10,000 videos asks of the table:
// the function api runs under a Runtime API of ours, and its calls to
// DynamoDB go through a proxy that counts them.
func listReads(ctx context.Context, b *bench) error {
	if err := b.open(ctx); err != nil {
		return err
	}
	binary, err := apiBinary()
	if err != nil {
		return err
	}
	say("%d rows for the list", listedRows)
	if err := b.fill(ctx); err != nil {
		return err
	}
	proxy, err := newCounter(fmt.Sprintf("http://127.0.0.1:%d", b.engine.Port))
	if err != nil {
		return err
	}
	defer proxy.server.Close()
	keys, err := b.stack.S3.Options().Credentials.Retrieve(ctx) // those of `vod env`
	if err != nil {
		return err
	}
	env, err := apiEnvironment("http://"+proxy.server.Addr, "VIDEO_TABLE_NAME="+b.stack.Outputs["VideoTable"],
		"AWS_SECRET_ACCESS_KEY="+keys.SecretAccessKey)
	if err != nil {
		return err
	}
	f, err := startFunction(ctx, binary, env, nil)
	if err != nil {
		return err
	}
	defer func() { _ = f.stop(nil) }()
	for _, query := range []string{"limit=50", "limit=50&status=Complete"} {
		proxy.reset()
		began := time.Now()
		answer, err := f.call(httpEvent(http.MethodGet, "/videos", query, "", listedSubject))
		if err != nil {
			return err
		}
		took := answer.at.Sub(began)
		if err := fullPage(answer.body); err != nil {
			return err
		}
		calls := proxy.text()
		b.report.promise(fmt.Sprintf("GET /videos?%s among %d: reads of the table (answer in %d ms)", query, listedRows, took.Milliseconds()),
			calls, "1 Query, no Scan", calls == "1 Query")
	}
	return nil
}

// fullPage asks that an answer lists a whole page and says that there is more.
func fullPage(answer []byte) error {
	if err := wantStatus(answer, http.StatusOK); err != nil {
		return err
	}
	var http struct{ Body string }
	var list struct {
		Videos []struct{ ID string }
		Cursor string
	}
	if err := json.Unmarshal(answer, &http); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(http.Body), &list); err != nil {
		return fmt.Errorf("read the list: %w", err)
	}
	if len(list.Videos) != listedPage || list.Cursor == "" {
		return fmt.Errorf("the list has %d videos and the cursor %q, want %d and one", len(list.Videos), list.Cursor, listedPage)
	}
	return nil
}

// fill writes the rows of one owner, every other one Complete.
func (b *bench) fill(ctx context.Context) error {
	const batch = 25 // the most that DynamoDB takes in one call
	begun := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for from := 0; from < listedRows; from += batch {
		var writes []ddb.WriteRequest
		for i := from; i < from+batch; i++ {
			status := []string{"Complete", "Error"}[i%2]
			id, at := fmt.Sprintf("00000000-0000-4000-9000-%012d", i), begun.Add(time.Duration(i)*time.Second).Format("2006-01-02T15:04:05.000Z")
			item := map[string]ddb.AttributeValue{"version": &ddb.AttributeValueMemberN{Value: "1"}}
			for name, value := range map[string]string{
				"id": id, "s3key": "video/" + id + "/media.mp4", "encodingStatus": status, "ownerId": listedOwner, "ownerStatus": listedOwner + "#" + status,
				"title": "bench", "fileName": "media.mp4", "contentType": "video/mp4", "createdAt": at, "updatedAt": at,
			} {
				item[name] = &ddb.AttributeValueMemberS{Value: value}
			}
			writes = append(writes, ddb.WriteRequest{PutRequest: &ddb.PutRequest{Item: item}})
		}
		_, err := b.stack.DynamoDB.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]ddb.WriteRequest{b.stack.Outputs["VideoTable"]: writes},
		})
		if err != nil {
			return fmt.Errorf("write rows: %w", err)
		}
	}
	return nil
}

// A counter is a proxy that counts DynamoDB's operations by name.
type counter struct {
	server *http.Server
	mutex  sync.Mutex
	calls  map[string]int
}

func newCounter(target string) (*counter, error) {
	to, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &counter{calls: map[string]int{}}
	proxy := httputil.NewSingleHostReverseProxy(to)
	count := func(w http.ResponseWriter, request *http.Request) {
		_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
		c.mutex.Lock()
		c.calls[operation]++
		c.mutex.Unlock()
		proxy.ServeHTTP(w, request)
	}
	c.server = &http.Server{Addr: listener.Addr().String(), Handler: http.HandlerFunc(count), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = c.server.Serve(listener) }()
	return c, nil
}

func (c *counter) reset() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	clear(c.calls)
}

// text is the calls since reset: "1 Query, 2 GetItem".
func (c *counter) text() string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(c.calls)) {
		parts = append(parts, fmt.Sprintf("%d %s", c.calls[name], name))
	}
	return strings.Join(parts, ", ")
}
