package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// RecordVariable names the folder that runs are recorded into; without it
// nothing is recorded.
const RecordVariable = "VOD_TEST_RECORD"

// The files of a recorded run.
const (
	callsFile     = "calls.jsonl"
	templateFile  = "template.json"
	resourcesFile = "resources.json"
)

// RecordedServices are those that functions call, as the SDK writes them in
// AWS_ENDPOINT_URL_<service>. Each needs the variable, because the control
// plane overrides AWS_ENDPOINT_URL of a function by its own.
var RecordedServices = []string{"CLOUDFRONT", "DYNAMODB", "MEDIACONVERT", "S3", "SFN", "SNS", "SQS"}

// A Recorder writes down every AWS call that a stack's functions make. Each
// function has endpoints of its own, which pass requests on as they are, the
// Host header included, so that signatures stay valid. A URL that a function
// presigns leads to that function's endpoint, too: what a client does with it
// counts as the function's call.
type Recorder struct {
	Dir string // of the run; made by Attach

	mu       sync.Mutex
	calls    *os.File
	failed   error
	urls     map[string]map[string]string // of a function's logical id, by service
	servers  []*http.Server
	upstream map[string]*url.URL // by service
}

// A RecordedCall is one request as it was sent, and the status of its answer.
type RecordedCall struct {
	Function string            `json:"function"` // logical id
	Time     time.Time         `json:"time"`
	Method   string            `json:"method"`
	URI      string            `json:"uri"`     // path and query, as sent
	Headers  map[string]string `json:"headers"` // by name in small letters
	Body     string            `json:"body,omitempty"`
	Status   int               `json:"status"`
}

// Attach gives every function of the stack its endpoints, and notes what the
// stack is made of. A stack that was deployed anew is attached again.
func (r *Recorder) Attach(ctx context.Context, s *Stack) error {
	if err := r.open(s.Engine); err != nil {
		return fmt.Errorf("record the run: %w", err)
	}
	out, err := s.CloudFormation.DescribeStackResources(ctx, &cloudformation.DescribeStackResourcesInput{StackName: &s.Name})
	if err != nil {
		return fmt.Errorf("list the stack's resources: %w", err)
	}
	resources := map[string]string{}
	for _, resource := range out.StackResources {
		id, name := aws.ToString(resource.LogicalResourceId), aws.ToString(resource.PhysicalResourceId)
		resources[id] = name
		if aws.ToString(resource.ResourceType) != "AWS::Lambda::Function" {
			continue
		}
		if err := r.attachFunction(ctx, s.Lambda, id, name); err != nil {
			return fmt.Errorf("record the calls of %s: %w", id, err)
		}
	}
	return r.noteStack(s, resources)
}

func (r *Recorder) open(e *Engine) error {
	if r.calls != nil {
		return nil
	}
	r.upstream, r.urls = map[string]*url.URL{}, map[string]map[string]string{}
	for _, service := range RecordedServices {
		port := e.Port
		switch service {
		case "S3":
			port = e.Port + 1
		case "MEDIACONVERT":
			port = e.Port + 2
		}
		r.upstream[service] = &url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
	}
	if err := os.MkdirAll(r.Dir, 0o755); err != nil {
		return err
	}
	var err error
	r.calls, err = os.Create(filepath.Join(r.Dir, callsFile))
	return err
}

// attachFunction puts the endpoints into the function's environment.
func (r *Recorder) attachFunction(ctx context.Context, client *lambda.Client, id, name string) error {
	urls, err := r.endpoints(id)
	if err != nil {
		return err
	}
	current, err := client.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &name})
	if err != nil {
		return err
	}
	variables := map[string]string{}
	if current.Environment != nil {
		maps.Copy(variables, current.Environment.Variables)
	}
	for service, url := range urls {
		variables["AWS_ENDPOINT_URL_"+service] = url
	}
	_, err = client.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
		FunctionName: &name, Environment: &lambdatypes.Environment{Variables: variables},
	})
	return err
}

// endpoints are the function's URLs by service; services behind one port
// share one.
func (r *Recorder) endpoints(function string) (map[string]string, error) {
	if urls := r.urls[function]; urls != nil {
		return urls, nil
	}
	urls, byUpstream := map[string]string{}, map[string]string{}
	for _, service := range RecordedServices {
		upstream := r.upstream[service]
		if byUpstream[upstream.Host] == "" {
			address, err := r.listen(function, upstream)
			if err != nil {
				return nil, err
			}
			byUpstream[upstream.Host] = "http://" + address
		}
		urls[service] = byUpstream[upstream.Host]
	}
	r.urls[function] = urls
	return urls, nil
}

func (r *Recorder) listen(function string, upstream *url.URL) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: r.handler(function, upstream)}
	r.servers = append(r.servers, server)
	go func() { _ = server.Serve(listener) }()
	return listener.Addr().String(), nil
}

// handler passes requests on and writes them down.
func (r *Recorder) handler(function string, upstream *url.URL) http.Handler {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			// The Host header and the query as they were: both are signed.
			p.Out.URL.Scheme, p.Out.URL.Host = upstream.Scheme, upstream.Host
			p.Out.URL.RawQuery = p.In.URL.RawQuery
		},
		Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64},
		FlushInterval: -1,
		// The engine is down: so is this endpoint.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		call := RecordedCall{
			Function: function, Time: time.Now().UTC(), Method: request.Method, URI: request.RequestURI,
			Headers: map[string]string{"host": request.Host},
		}
		for name, values := range request.Header {
			call.Headers[strings.ToLower(name)] = strings.Join(values, ",")
		}
		if speaksOfParameters(request.Header.Get("Content-Type")) {
			body, err := io.ReadAll(request.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			call.Body, request.Body = string(body), io.NopCloser(bytes.NewReader(body))
		}
		answer := &statusWriter{ResponseWriter: w}
		proxy.ServeHTTP(answer, request)
		call.Status = answer.status
		r.write(call)
	})
}

// speaksOfParameters is false for the bytes of an object.
func speaksOfParameters(contentType string) bool {
	return slices.ContainsFunc([]string{"json", "xml", "x-www-form-urlencoded"}, func(kind string) bool {
		return strings.Contains(contentType, kind)
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets the proxy flush.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (r *Recorder) write(call RecordedCall) {
	line, err := json.Marshal(call)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		_, err = r.calls.Write(append(line, '\n'))
	}
	if err != nil && r.failed == nil {
		r.failed = err
	}
}

// noteStack keeps the template that was deployed, and the names that its
// resources got.
func (r *Recorder) noteStack(s *Stack, resources map[string]string) error {
	template, err := os.ReadFile(filepath.Join(s.Engine.Home, "cdk.out", s.Name, s.Name+".template.json"))
	if err != nil {
		return fmt.Errorf("record the run: %w", err)
	}
	names, err := json.MarshalIndent(resources, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(r.Dir, templateFile), template, 0o644),
		os.WriteFile(filepath.Join(r.Dir, resourcesFile), append(names, '\n'), 0o644),
	)
}

// Close ends the endpoints. An error means that the record is not complete.
func (r *Recorder) Close() error {
	failed := []error{r.failed}
	for _, server := range r.servers {
		failed = append(failed, server.Close())
	}
	if r.calls != nil {
		failed = append(failed, r.calls.Close())
	}
	return errors.Join(failed...)
}
