package faults

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rig"
)

const (
	lostVideos = 200
	// lostShare of the functions' requests are carried out and not answered.
	lostShare = 0.05
)

// answersLost sends many videos while the functions' answers get lost.
func answersLost(tr *trial) error {
	videos := lostVideos
	if given := os.Getenv(losesVariable); given != "" {
		var err error
		if videos, err = strconv.Atoi(given); err != nil {
			return fmt.Errorf("%s is %q, want a number", losesVariable, given)
		}
	}
	line := &badLine{random: rand.New(rand.NewPCG(tr.random.Uint64(), 0))}
	defer line.close()
	restore, err := tr.throughLine(line)
	if err != nil {
		return errors.Join(err, restore())
	}
	err = tr.sendMany(clips.Second, videos, 16).wait()
	// The line stays bad until all is over, so that the ends are lost, too.
	found := tr.patiently(settlePatience, func() []string { return tr.unsettled(map[string]bool{}) })
	tr.healed = time.Now()
	tr.note("%d of %d answers lost", line.lost.Load(), line.all.Load())
	tr.note("%d uploads", tr.created())
	tr.note("%d finals said again", tr.saidAgain())
	if err := errors.Join(err, restore()); err != nil {
		return err
	}
	if len(found) > 0 {
		return fmt.Errorf("%d videos did not end while answers were lost, such as %s", len(found), found[0])
	}
	return nil
}

// saidAgain counts final messages beyond the first of each guid.
func (tr *trial) saidAgain() (n int) {
	finals := map[string]int{}
	for _, m := range tr.house.topic.Find(func(m rig.Message) bool { return ended(m.Text("workflowStatus")) }) {
		finals[m.Text("guid")]++
	}
	for _, times := range finals {
		n += times - 1
	}
	return n
}

// A badLine carries requests out and loses some of their answers.
type badLine struct {
	mutex     sync.Mutex
	random    *rand.Rand
	servers   []*http.Server
	all, lost atomic.Int64
}

var errLost = errors.New("the answer got lost")

// to is the URL of an endpoint in front of a port of the engine.
func (b *badLine) to(port int) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	upstream := &url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
	server := &http.Server{Handler: &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			// The Host header and the query as they were: both are signed.
			p.Out.URL.Scheme, p.Out.URL.Host = upstream.Scheme, upstream.Host
			p.Out.URL.RawQuery = p.In.URL.RawQuery
		},
		Transport:      &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64},
		FlushInterval:  -1,
		ModifyResponse: b.lose,
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}}
	b.servers = append(b.servers, server)
	go func() { _ = server.Serve(listener) }()
	return "http://" + listener.Addr().String(), nil
}

// lose is an error for an answer that its client never sees.
func (b *badLine) lose(answer *http.Response) error {
	b.all.Add(1)
	b.mutex.Lock()
	lost := b.random.Float64() < lostShare
	b.mutex.Unlock()
	if !lost {
		return nil
	}
	b.lost.Add(1)
	_, err := io.Copy(io.Discard, answer.Body) // carried out to its end
	return errors.Join(errLost, err)
}

func (b *badLine) close() {
	for _, server := range b.servers {
		_ = server.Close()
	}
}

// throughLine has every function of the stack speak through the line. restore
// gives them back what they had.
func (tr *trial) throughLine(line *badLine) (restore func() error, err error) {
	var before []lambda.UpdateFunctionConfigurationInput
	restore = func() error {
		var failed []error
		for _, function := range before {
			_, err := tr.house.stack.Lambda.UpdateFunctionConfiguration(tr.ctx, &function)
			failed = append(failed, err)
		}
		return errors.Join(failed...)
	}
	urls, err := line.endpoints(tr.house.engine)
	if err != nil {
		return restore, err
	}
	out, err := tr.house.stack.CloudFormation.DescribeStackResources(tr.ctx, &cloudformation.DescribeStackResourcesInput{StackName: &tr.house.stack.Name})
	if err != nil {
		return restore, err
	}
	for _, resource := range out.StackResources {
		if aws.ToString(resource.ResourceType) != "AWS::Lambda::Function" {
			continue
		}
		had, err := redirect(tr.ctx, tr.house.stack.Lambda, resource.PhysicalResourceId, urls)
		if err != nil {
			return restore, fmt.Errorf("give %s other endpoints: %w", aws.ToString(resource.LogicalResourceId), err)
		}
		before = append(before, had)
	}
	return restore, nil
}

// endpoints are the variables that lead every service through the line.
func (b *badLine) endpoints(engine *rig.Engine) (map[string]string, error) {
	byPort, urls := map[int]string{}, map[string]string{}
	for _, service := range rig.RecordedServices {
		port := engine.Port
		switch service {
		case "S3":
			port = engine.Port + 1
		case "MEDIACONVERT":
			port = engine.Port + 2
		}
		if byPort[port] == "" {
			var err error
			if byPort[port], err = b.to(port); err != nil {
				return nil, err
			}
		}
		urls["AWS_ENDPOINT_URL_"+service] = byPort[port]
	}
	return urls, nil
}

// redirect adds variables to a function's, and returns what it had.
func redirect(ctx context.Context, client *lambda.Client, function *string, urls map[string]string) (had lambda.UpdateFunctionConfigurationInput, err error) {
	current, err := client.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: function})
	if err != nil {
		return had, err
	}
	variables := map[string]string{}
	if current.Environment != nil {
		variables = current.Environment.Variables
	}
	had = lambda.UpdateFunctionConfigurationInput{FunctionName: function, Environment: &lambdatypes.Environment{Variables: maps.Clone(variables)}}
	maps.Copy(variables, urls)
	_, err = client.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{FunctionName: function, Environment: &lambdatypes.Environment{Variables: variables}})
	return had, err
}
