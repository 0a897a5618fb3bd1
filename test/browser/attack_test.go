package browser

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vodstack/vodstack/internal/local/engine"
	"github.com/vodstack/vodstack/test/rig"
)

// A hostile page that a developer has open in another tab, and a host name of
// the attacker that has become this machine's address.
func TestNoPageOfAnotherOriginGetsThroughAnyPort(t *testing.T) {
	machine := startEngine(t)
	doors := machine.doors(t)
	attacks := []Attack{{Doors: doors}}
	for _, d := range doors { // DNS rebinding: the page's own origin is the door's
		u, err := url.Parse(d.URL)
		if err != nil {
			t.Fatal(err)
		}
		u.Host = "evil.test:" + u.Port()
		d.URL = u.String()
		attacks = append(attacks, Attack{Rebound: true, Doors: []Door{d}})
	}
	results, err := RunAttacks(t.Context(), attacks)
	if err != nil {
		t.Fatal(err)
	}
	for i, result := range results {
		for _, d := range attacks[i].Doors {
			t.Run(fmt.Sprintf("%s, rebound %t", d.Name, attacks[i].Rebound), func(t *testing.T) { refused(t, d, attacks[i].Rebound, result) })
		}
	}
	t.Run("nothing was made", machine.isUntouched)
}

// The same attacks get through to a server that has no guard.
func TestTheAttacksReachAServerWithoutAGuard(t *testing.T) {
	open := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "*")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
		_, _ = w.Write([]byte("x = 1"))
	}))
	defer open.Close()
	door := Door{Name: "open", URL: open.URL + "/", Headers: map[string]string{"X-Amz-Target": "a.B"}}
	results, err := RunAttacks(t.Context(), []Attack{{Doors: []Door{door}}})
	if err != nil {
		t.Fatal(err)
	}
	answered := map[string]bool{}
	for _, a := range results[0].Answers {
		answered[a.Method+" "+a.Kind] = a.Status == http.StatusOK
	}
	for _, way := range []string{"GET fetch", "POST fetch", "PUT fetch", "POST ping", "POST document", "GET image", "GET script", "GET document", "GET media"} {
		if !answered[way] {
			t.Errorf("%s is not tried: %v", way, answered)
		}
	}
	if len(results[0].Read["open"]) < 4 {
		t.Errorf("the page could read %v", results[0].Read)
	}
}

// machine is a running engine.
type machine struct {
	*rig.Engine
	secret string
}

// startEngine runs an engine with a stack of which it only knows the name: its
// API is open, and so are its CORS settings, as they are by default.
func startEngine(t *testing.T) machine {
	t.Helper()
	e, err := rig.NewEngine(t.TempDir(), "vod")
	if err != nil {
		t.Fatal(err)
	}
	note := filepath.Join(e.Home, "stacks", "vod.json")
	if err := os.MkdirAll(filepath.Dir(note), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(note, []byte(`{"name":"vod","api":"a1b2","origin":{"bucket":"out","cors":{"origins":["*"]}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	report, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer report.Close()
	cmd := exec.Command(filepath.Join(e.Root, "bin", "vod"), "engine", "--report")
	cmd.Dir, cmd.Env, cmd.ExtraFiles = e.Root, append(os.Environ(), e.Variables()...), []*os.File{writer}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	err = cmd.Start()
	writer.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	if said, err := bufio.NewReader(report).ReadString('\n'); err != nil || strings.TrimSpace(said) != "ready" {
		t.Fatalf("the engine does not start: %s %v", said, err)
	}
	secret, err := engine.SecretKey(e.Home)
	if err != nil {
		t.Fatal(err)
	}
	return machine{e, secret}
}

func (m machine) url(part int) string { return fmt.Sprintf("http://127.0.0.1:%d", m.Port+part) }

// doors are the engine's ports, each with what would do most harm there.
func (m machine) doors(t *testing.T) []Door {
	function, err := json.Marshal(map[string]any{
		"FunctionName": "attack", "Runtime": "provided.al2023", "Handler": "bootstrap", "Role": "arn:aws:iam::000000000000:role/r",
		"Code": map[string]any{"ZipFile": base64.StdEncoding.EncodeToString(bundle(t, "#!/bin/sh\nid\n"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	queue := map[string]string{"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.CreateQueue"}
	forged := map[string]string{
		"Authorization": "AWS4-HMAC-SHA256 Credential=000000000000/20260101/eu-central-1/lambda/aws4_request, SignedHeaders=host, Signature=0",
	}
	return []Door{
		{Name: "a function", URL: m.url(0) + "/2015-03-31/functions", Body: string(function), Headers: forged},
		{Name: "a queue", URL: m.url(0) + "/", Body: `{"QueueName":"attack"}`, Headers: queue},
		{Name: "a reset", URL: m.url(0) + "/_ministack/reset"},
		{Name: "S3", URL: m.url(1) + "/attack"},
		{Name: "MediaConvert", URL: m.url(2) + "/2017-08-29/queues?X-Amz-Signature=1", Body: `{"name":"attack"}`},
		{Name: "delivery", URL: m.url(3) + "/attack.mp4"},
		{Name: "the API", URL: m.url(4) + "/vod/videos", Body: `{"fileName":"a.mp4"}`, Headers: map[string]string{"Content-Type": "application/json"}},
		{Name: "the page", URL: m.url(5) + "/?api=x"},
	}
}

func bundle(t *testing.T, bootstrap string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	header := &zip.FileHeader{Name: "bootstrap"}
	header.SetMode(0o755)
	f, err := z.CreateHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(bootstrap)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// refused expects that the guard has answered all that came to a door, and
// that the page learned nothing from it.
func refused(t *testing.T, d Door, rebound bool, seen Attacked) {
	tried := 0
	for _, a := range seen.Answers {
		if a.Door != d.Name {
			continue
		}
		tried++
		// Media may be shown anywhere, as a CDN's; but not by another name.
		shown := d.Name == "delivery" && !rebound && slices.Contains([]string{"image", "media"}, a.Kind)
		if !shown && (a.Status != http.StatusForbidden || !strings.HasPrefix(a.ContentType, "text/plain")) {
			t.Errorf("%s by %s is answered with %d %s", a.Method, a.Kind, a.Status, a.ContentType)
		}
	}
	if tried < 8 {
		t.Errorf("only %d requests were tried: %+v", tried, seen.Answers)
	}
	for _, read := range seen.Read[d.Name] {
		// A page of the host itself reads the refusal.
		if !rebound || !strings.Contains(read, "403 The host") {
			t.Errorf("the page could read %s", read)
		}
	}
}

// isUntouched asks every part what it holds.
func (m machine) isUntouched(t *testing.T) {
	keys, region := credentials.NewStaticCredentialsProvider(engine.AccessKey, m.secret, ""), engine.Region
	functions, err := lambda.New(lambda.Options{BaseEndpoint: aws.String(m.url(0)), Region: region, Credentials: keys}).
		ListFunctions(t.Context(), &lambda.ListFunctionsInput{})
	if err != nil || len(functions.Functions) > 0 {
		t.Errorf("functions: %+v %v", functions, err)
	}
	queues, err := sqs.New(sqs.Options{BaseEndpoint: aws.String(m.url(0)), Region: region, Credentials: keys}).ListQueues(t.Context(), &sqs.ListQueuesInput{})
	if err != nil || len(queues.QueueUrls) > 0 {
		t.Errorf("queues: %+v %v", queues, err)
	}
	encoders, err := mediaconvert.New(mediaconvert.Options{BaseEndpoint: aws.String(m.url(2)), Region: region, Credentials: keys}).
		ListQueues(t.Context(), &mediaconvert.ListQueuesInput{})
	if err != nil || len(encoders.Queues) != 1 {
		t.Errorf("MediaConvert's queues: %+v %v", encoders, err)
	}
	buckets, err := s3.New(s3.Options{BaseEndpoint: aws.String(m.url(1)), Region: region, Credentials: keys, UsePathStyle: true}).
		ListBuckets(t.Context(), &s3.ListBucketsInput{})
	if err != nil || len(buckets.Buckets) > 0 {
		t.Errorf("buckets: %+v %v", buckets, err)
	}
}
