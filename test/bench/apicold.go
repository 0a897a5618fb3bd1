package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/vodstack/vodstack/test/rig"
)

const (
	apiMemory = 128 // MB, whose share of a core is measured
	coldTries = 11
	warmCalls = 200
	coldLimit = 60 * time.Millisecond
	peakLimit = 20.0 // MiB
)

// apiCold times the function api by itself: from the moment its program is
// loaded until its first answer, which is that of POST /videos, and the memory
// it takes. Its table answers at once. Lambda gives a function whole cores
// while it starts, and from its first event on the share of its memory; an
// empty function shows what is left for ours where all of it is in the share.
func apiCold(ctx context.Context, b *bench) error {
	binary, err := apiBinary()
	if err != nil {
		return err
	}
	empty, err := emptyBinary(ctx, b)
	if err != nil {
		return err
	}
	table, err := newEmptyTable()
	if err != nil {
		return err
	}
	defer table.Close()
	say("%d cold starts of api, in three ways", coldTries)
	limited, refused := newShare(apiMemory)
	if refused != nil {
		say("no share of a core here: %v", refused)
	}
	defer limited.close()
	env, err := apiEnvironment("http://" + table.Addr)
	if err != nil {
		return err
	}
	whole, err := coldStarts(ctx, start{binary: binary, env: env, more: warmCalls})
	if err != nil {
		return err
	}
	b.report.add(fmt.Sprintf("api, a whole core: init + first call (POST /videos), median of %d", coldTries), whole.text())
	first, later := whole.peaks()
	b.report.promise("api: peak memory after the first call", fmt.Sprintf("%.1f MiB", first), "≤ 20 MB", first <= peakLimit)
	b.report.promise(fmt.Sprintf("api: peak memory after %d calls", warmCalls), fmt.Sprintf("%.1f MiB", later), "≤ 20 MB", later <= peakLimit)
	part := fmt.Sprintf("%d/%d of a core, as at %d MB", apiMemory, coreMB, apiMemory)
	if refused != nil {
		b.report.add("api, first call in "+part, "not measured: this user may not make control groups")
		return nil
	}
	return inShare(ctx, b, part, start{binary: binary, env: env, call: limited}, empty)
}

// inShare measures with a part of a core, as Lambda does, and more strictly
// than that.
func inShare(ctx context.Context, b *bench, part string, as start, empty string) error {
	lambda, err := coldStarts(ctx, as)
	if err != nil {
		return err
	}
	as.init = as.call
	strict, err := coldStarts(ctx, as)
	if err != nil {
		return err
	}
	as.binary, as.anyAnswer = empty, true
	nothing, err := coldStarts(ctx, as)
	if err != nil {
		return err
	}
	b.report.promise("api, init on a whole core + first call in "+part, lambda.text(), "≤ 60 ms", lambda.whole() <= coldLimit)
	b.report.add("  init in the share, too (Lambda does not)", strict.text())
	b.report.add("  an empty Go function, init in the share, too", nothing.text())
	return nil
}

// A start is how a function is started and called.
type start struct {
	binary     string
	env        []string
	init, call *share // nil: a whole core
	more       int    // calls after the first, in one of the runs
	anyAnswer  bool   // the answer isn't the API's
}

// A cold start is what one run of the function took.
type cold struct {
	init, call, cpu time.Duration
	first, later    float64 // MiB
}

type colds []cold

// whole is the median of init and first call together.
func (c colds) whole() time.Duration {
	return c.median(func(one cold) time.Duration { return one.init + one.call })
}

func (c colds) median(of func(cold) time.Duration) time.Duration {
	var all []time.Duration
	for _, one := range c {
		all = append(all, of(one))
	}
	return quantile(all, 0.5)
}

func (c colds) peaks() (first, later float64) {
	for _, one := range c {
		first, later = max(first, one.first), max(later, one.later)
	}
	return first, later
}

func (c colds) text() string {
	part := func(of func(cold) time.Duration) float64 { return float64(c.median(of).Microseconds()) / 1000 }
	return fmt.Sprintf("%.1f ms (init %.1f, call %.1f; processor time %.1f)", float64(c.whole().Microseconds())/1000,
		part(func(o cold) time.Duration { return o.init }), part(func(o cold) time.Duration { return o.call }), part(func(o cold) time.Duration { return o.cpu }))
}

func coldStarts(ctx context.Context, how start) (all colds, err error) {
	for i := range coldTries {
		if i > 0 {
			how.more = 0
		}
		one, err := how.run(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// run starts the function, sends it one call and then some more.
func (how start) run(ctx context.Context) (c cold, err error) {
	f, err := startFunction(ctx, how.binary, how.env, how.init)
	if err != nil {
		return c, err
	}
	defer func() {
		if stopped := f.stop(err); stopped != nil {
			err = stopped
		}
	}()
	c.init = f.ready.Sub(f.began)
	if err = f.limit(how.call); err != nil {
		return c, err
	}
	began := time.Now()
	answer, err := f.call(createEvent(0))
	if err != nil {
		return c, err
	}
	c.call = answer.at.Sub(began)
	if err = wantStatus(answer.body, http.StatusCreated); err != nil && !how.anyAnswer {
		return c, err
	}
	if c.cpu, err = f.cpu(); err != nil {
		return c, err
	}
	if c.first, err = f.peak(); err != nil {
		return c, err
	}
	for i := range how.more {
		if _, err = f.call(createEvent(i + 1)); err != nil {
			return c, err
		}
	}
	c.later, err = f.peak()
	return c, err
}

// wantStatus asks for the status of an answer to an HTTP API.
func wantStatus(body []byte, status int) error {
	var answer struct {
		StatusCode int    `json:"statusCode"`
		Body       string `json:"body"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("read the function's answer: %w", err)
	}
	if answer.StatusCode != status {
		return fmt.Errorf("the function answered %d %s, want %d", answer.StatusCode, answer.Body, status)
	}
	return nil
}

// apiBinary is the function as it is deployed on this machine.
func apiBinary() (string, error) {
	root, err := rig.Root()
	if err != nil {
		return "", err
	}
	return filepath.Join(root, "dist", "lambdas", runtime.GOARCH, "api", "bootstrap"), nil
}

// apiEnvironment is the function's in the template, with its services at this
// address and callers who prove themselves by a JWT.
func apiEnvironment(endpoint string, more ...string) ([]string, error) {
	deployed, err := deployments()
	if err != nil {
		return nil, err
	}
	env := append(deployed["api"].env,
		"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=000000000000", "AWS_SECRET_ACCESS_KEY=test", "AWS_ENDPOINT_URL="+endpoint,
		"WORK_QUEUE_URL="+endpoint+"/000000000000/work", "API_AUTH=JWT", "API_BASE_URL=",
	)
	return slices.Concat(env, more), nil
}

// newEmptyTable answers every call to DynamoDB with an empty object, at once.
func newEmptyTable() (*http.Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	answer := func(w http.ResponseWriter, request *http.Request) {
		_, _ = io.Copy(io.Discard, request.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write([]byte("{}"))
	}
	server := &http.Server{Addr: listener.Addr().String(), Handler: http.HandlerFunc(answer), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return server, nil
}

// createEvent is a POST /videos as an HTTP API hands it to the function.
func createEvent(i int) []byte {
	body := fmt.Sprintf(`{"fileName":"video %d.mp4","contentType":"video/mp4","size":1234567,"title":"Holiday","metadata":{"album":"sea"}}`, i)
	return httpEvent(http.MethodPost, "/videos", "", body, "bench")
}

// benchIssuer signs the tokens of the requests.
const benchIssuer = "https://issuer.example.com/bench"

// httpEvent is a request as an HTTP API with a JWT authorizer hands it on.
func httpEvent(method, path, query, body, subject string) []byte {
	event, _ := json.Marshal(map[string]any{
		"version": "2.0", "routeKey": method + " " + path, "rawPath": path, "rawQueryString": query,
		"headers": map[string]string{"content-type": "application/json", "host": "bench.execute-api.eu-central-1.amazonaws.com", "accept": "*/*"},
		"requestContext": map[string]any{
			"accountId": "000000000000", "apiId": "bench", "domainName": "bench.execute-api.eu-central-1.amazonaws.com", "domainPrefix": "bench",
			"requestId": "JKJaXmPLvHcESHA=", "routeKey": method + " " + path, "stage": "$default", "timeEpoch": 1583348638390,
			"http":       map[string]string{"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "bench"},
			"authorizer": map[string]any{"jwt": map[string]any{"claims": map[string]string{"iss": benchIssuer, "sub": subject}, "scopes": nil}},
		},
		"body": body, "isBase64Encoded": false,
	})
	return event
}
